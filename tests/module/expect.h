/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expect.h: what tests of the public functions say again and again.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <criterion/criterion.h>
#include <stddef.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

/**
 * The call returns the code; MprGetLastError gives the same; and a failure has
 * words and a name, whatever it is.
 */
#define EXPECT_CODE(code, call) expect_code((call), (code), #call, __FILE__, __LINE__)
void expect_code(DWORD got, DWORD wanted, const char *call, const char *file, int line);

/** The words of this thread's last failure, in a buffer that the next call overwrites. */
const char *last_words(void);
DWORD last_native(void);
const char *last_provider(void);

/** The words have this in them. */
#define EXPECT_WORDS(piece)                                                                        \
    cr_expect(strstr(last_words(), (piece)) != NULL, "\"%s\" lacks \"%s\"", last_words(), (piece))

/** A text in UTF-16, in one of eight buffers that are used in turn; NULL for NULL. */
LPWSTR wide(const char *text);

/** The simplest connection; device may be NULL. */
DWORD add(const char *device, const char *remote, DWORD flags);

/** How many entries a scope lists. */
unsigned listed(DWORD scope);

/** The remote name of a device, or the code as a text. */
const char *remote_of(const char *device);

/** Writes a small file through a path; 0 or -errno. */
int write_file(const char *path, const char *text);

/** Runs a function in a thread; its result is what wait_for gives. */
struct background *background(DWORD (*run)(void *), void *context);
DWORD wait_for(struct background *running);
bool is_finished(const struct background *running);
/** Until it waits for somebody else; a failed test if it never does. */
void let_it_wait(const struct background *running);

#endif
