/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_error.h: what this thread's last failure was, in a code and in words.
 *
 * Each thread has a Win32 code (MprGetLastError) and an extended error: a code
 * of the failing side's own world, a text and a provider's name
 * (WNetGetLastError). Fixed storage: nothing to allocate, so nothing that can
 * fail for want of memory, and nothing to free when the thread ends.
 */
#ifndef MPR_ERROR_H
#define MPR_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#include <mpr/mprtypes.h>

#define MPR_ERROR_TEXT_MAX 1024
#define MPR_ERROR_NAME_MAX 128

/** An explained failure, away from any thread: to be carried about. */
struct mpr_failure {
    bool set;                      /* false: nobody has explained anything */
    uint32_t code;                 /* of the failing side's own world */
    char text[MPR_ERROR_TEXT_MAX]; /* UTF-8 */
};

/** Name under which the router's own failures are reported. */
#define MPR_ERROR_SELF "Multiple Provider Router"

/**
 * Explains this thread's failure and returns rc, so that a function can end
 * with it. code is what WNetGetLastError gives; provider NULL = the router.
 */
DWORD mpr_error_explain(DWORD rc, DWORD code, const char *provider, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The same for the router's own failures, whose code is rc. */
#define mpr_error_say(rc, ...) mpr_error_explain((rc), (rc), NULL, __VA_ARGS__)

/** Explains this thread's failure by one that was carried about. Returns rc. */
DWORD mpr_error_carry(DWORD rc, const struct mpr_failure *failure, const char *provider);

/** The same, with words of the router's own if it was carried about without any. */
DWORD mpr_error_carry_or(DWORD rc, const struct mpr_failure *failure, const char *provider,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/** All that a thread knows about its last failure. */
struct mpr_error_state {
    DWORD win32;    /* MprGetLastError */
    bool explained; /* since the public function under way began */
    DWORD code;     /* WNetGetLastError */
    char text[MPR_ERROR_TEXT_MAX];
    char provider[MPR_ERROR_NAME_MAX];
};

/** What this thread knows, and back to it: round what may fail without anybody being told. */
void mpr_error_keep(struct mpr_error_state *ret);
void mpr_error_put_back(const struct mpr_error_state *state);

/** A public function begins: touches the thread's storage, forgets nothing. */
void mpr_error_enter(void);

/**
 * A public function ends: sets the thread's code, and for a failure that
 * nobody explained its own code and standard sentence. Returns rc.
 */
DWORD mpr_error_leave(DWORD rc);

/** This thread's extended error; the strings live as long as the thread. */
void mpr_error_get(DWORD *ret_code, const char **ret_text, const char **ret_provider);

/** Sets this thread's extended error as WNetSetLastError does; NULL texts are "". */
void mpr_error_set(DWORD code, const char *text, const char *provider);

/** Writes a text to a failure that is carried about, cut at a character's border. */
void mpr_failure_set(struct mpr_failure *failure, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mpr_failure_set_text(struct mpr_failure *failure, uint32_t code, const char *text);

#endif
