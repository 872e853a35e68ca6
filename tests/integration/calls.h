/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h: the public functions in short, for the integration tests.
 */
#ifndef CALLS_H
#define CALLS_H

#include <mpr/mprtypes.h>

/** Whom to be, and where. user and password may be NULL. */
struct identity {
    const char *user;
    const char *password;
};

/** WNetAddConnection2 for a disk; device may be NULL. */
DWORD call_add(const char *device, const char *remote, const struct identity *as, DWORD flags);

/** How many entries RESOURCE_CONNECTED or RESOURCE_REMEMBERED has. */
DWORD call_count(DWORD scope);

/**
 * The last failure's words: three results of TAP. They name each of the parts
 * (may be NULL), and hold no password of the laboratory. Returns the native code.
 */
DWORD expect_words(const char *part, const char *second);

/**
 * Connects, and expects to fail: with this code, words that name the parts,
 * within so many milliseconds, and nothing connected afterwards. Returns the
 * native code.
 */
DWORD expect_refusal(const char *remote, const struct identity *as, DWORD wanted, const char *part,
                     const char *second, double within_ms);

/** A file operation that goes on in a thread until it fails. */
struct traffic;

/** Begins to write to (or to read from) a file in blocks of 1 MiB, again and again. */
struct traffic *traffic_start(HANDLE file, int writing);

/** Megabytes so far. */
long traffic_blocks(struct traffic *traffic);

/** Waits for the failure. Returns -errno, or 0 after so many milliseconds without one. */
int traffic_end(struct traffic *traffic, double within_ms);

#endif
