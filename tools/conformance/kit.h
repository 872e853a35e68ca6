/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit.h: what every check of the conformance kit finds.
 *
 * A check is one function without arguments that runs in a process of its own,
 * forked for it. It ends by returning (it holds), by kit_fail or one of the
 * expectations (a finding) or by kit_skip (it does not apply); the last two do
 * not return, from whatever thread. It need not clean up: the process ends, and
 * its descendants and files are removed. What the provider does to the process,
 * crash, hang or exit, is a finding with what kit_doing said last.
 */
#ifndef KIT_H
#define KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/mprtypes.h>
#include <mpr/winerror.h>

/** Of which modules a check asks what. */
enum kit_kind {
    KIT_NATIVE,  /* the table of a native module, called directly */
    KIT_CLASSIC, /* the NP functions of a classic module, called directly */
    KIT_ROUTED,  /* any module, through the real router and the public functions */
};

enum kit_level {
    KIT_MUST,
    KIT_SHOULD,
    KIT_CAPABILITY, /* must hold where the provider announces the capability */
};

struct kit_check {
    const char *id; /* "ADD-05"; NULL ends a list */
    enum kit_level level;
    void (*run)(void);
    const char *what; /* a sentence: what is required */
    const char *why;  /* a sentence: why */
    const char
        *source; /* where that comes from, and where to read on: "mpr-provider(7), connect" */
};

/** A family: checks that stand in one file. */
struct kit_family {
    const char *title; /* "Connect" */
    enum kit_kind kind;
    const struct kit_check *checks;
};

/** All of them, ended by a NULL title. */
extern const struct kit_family kit_families[];

/* ---- the report */

/** Says what is about to be called: "connect(\"//server/pub\")". Any thread; the last one counts. */
void kit_doing(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A finding. expected and got complete "expected: " and "came back: ". */
_Noreturn void kit_fail(const char *expected, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The check does not apply, because ... */
_Noreturn void kit_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The kit itself cannot go on: neither the provider's fault nor a skip. */
_Noreturn void kit_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A figure that was measured; shown beside the result. */
void kit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Unless holds: a finding. */
#define kit_expect(holds, expected, ...)                                                           \
    do {                                                                                           \
        if (!(holds))                                                                              \
            kit_fail((expected), __VA_ARGS__);                                                     \
    } while (0)

/** Unless code is one of those that follow: a finding that names them and it. */
#define KIT_CODES(code, ...)                                                                       \
    kit_codes((code), (const uint32_t[]){__VA_ARGS__},                                             \
              sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
void kit_codes(uint32_t code, const uint32_t *wanted, size_t count);

/** "ERROR_BAD_NET_NAME (67)", in one of eight buffers of the thread used in turn. */
const char *kit_code_name(uint32_t code);
/** Is it a code of this world: a Win32 code that is in the tables, not an NTSTATUS or an errno? */
bool kit_code_known(uint32_t code);

/** A text made like printf's in one of eight buffers of the thread, 1 KiB each, used in turn. */
const char *kit_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- time */

int64_t kit_ms(void);
void kit_sleep(int ms);
/** A limit times the patience that the user gave: limits hold on a quiet machine. */
int64_t kit_limit(int64_t ms);
/** Unless less than kit_limit(ms) passed since began: a finding. */
void kit_within(int64_t began, int64_t ms);

/** "At once": no I/O, no name looked up. */
#define KIT_AT_ONCE 50

/** So many rounds; fewer when the user is in a hurry (--quick). At least 1. */
unsigned kit_rounds(unsigned rounds);

/* ---- threads */

/** Runs fn(context, 0..count-1) in count threads that begin together; returns when all ended. */
void kit_threads(unsigned count, void (*fn)(void *context, unsigned number), void *context);

/* ---- the check's own directory */

/** A path in it, as kit_text. It is empty at first, and removed after the check. */
const char *kit_path(const char *name);
/** Writes a file there, 0600, and the directories that lead to it. */
void kit_write(const char *name, const char *text);

#endif
