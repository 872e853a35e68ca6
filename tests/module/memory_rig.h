/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_rig.h: the memory provider by itself, without the router: the module
 * is opened with dlopen and called through its table.
 */
#ifndef MEMORY_RIG_H
#define MEMORY_RIG_H

#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

/* What the provider told its host last, and what the host will tell it. */
extern uint32_t error_code;
extern char error_text[1024];
extern const char *secret_text, *prompt_text;

extern const struct mpr_provider *provider;
extern void *state;

/** CLOCK_MONOTONIC. */
int64_t now_ns(void);
/** A call with so many milliseconds. */
struct mpr_call call_for(int ms);
/** Loads the module and starts it. */
uint32_t start(const struct mpr_option *options, char *error, size_t size);
/** The same; the test fails if it does not start. options may be NULL. */
void must_start(const struct mpr_option *options);
enum mpr_answer try_connect(const char *remote, const char *user, uint32_t type, void **ret_session,
                            uint32_t *ret_code);
/** A session; the test fails if there is none. */
void *must_connect(const char *remote);
/** Expects a refusal with this code, in words. */
void must_fail(const char *remote, uint32_t type, uint32_t wanted);
/** Disconnects. */
void leave(void *session);
/** Ends the module. */
void stop(void);
int open_file(void *session, const char *path, int flags, void **ret_file);
int close_file(void *session, void *file);
int64_t write_at(void *session, void *file, const char *text, uint64_t offset);
int64_t read_at(void *session, void *file, void *data, size_t size, uint64_t offset);
int write_file(void *session, const char *path, const char *text);
int read_file(void *session, const char *path, char *buffer, size_t size);
void expect_file(void *session, const char *path, const char *text);
int stat_path(void *session, const char *path, struct mpr_stat *ret);
/** Lists, for the result only. */
int list_into_names(void *session, const char *path);
/** Names in a directory, "file dir/ ", until the next call. */
const char *list_names(void *session, const char *path);

/** Calls an operation of the table with five seconds. */
#define PATH_OP(op, session, ...)                                                                  \
    __extension__({                                                                                \
        struct mpr_call call_ = call_for(5000);                                                    \
        provider->op(session, &call_, __VA_ARGS__);                                                \
    })

#endif
