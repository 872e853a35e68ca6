/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_tap.h: tests of smb-worker.so, each in a process of its own, as sessions
 * are, with its result in TAP.
 */
#ifndef SMB_TAP_H
#define SMB_TAP_H

#include <stdbool.h>

struct smb_test {
    const char *name;
    void (*run)(void);
};

/** Runs them all; returns the exit status of the program. Ends with a NULL name. */
int smb_tap_run(const struct smb_test *tests);

/** Says what was wrong; the test has failed, and goes on. Returns condition. */
bool smb_tap_check(bool condition, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The same for numbers that should be equal. */
bool smb_tap_equal(long long got, long long wanted, const char *file, int line,
                   const char *got_text, const char *wanted_text);

#define CHECK(condition) smb_tap_check((condition), __FILE__, __LINE__, "%s", #condition)
#define CHECK_EQ(got, wanted)                                                                      \
    smb_tap_equal((long long)(got), (long long)(wanted), __FILE__, __LINE__, #got, #wanted)
#define CHECK_TEXT(text, part)                                                                     \
    smb_tap_check(strstr((text), (part)) != NULL, __FILE__, __LINE__, "\"%s\" is not in: %s",      \
                  (part), (text))

#endif
