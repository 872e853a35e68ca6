/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expect.c: what tests of the public functions say again and again.
 */
#include "config.h"

#include "tests/module/expect.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tests/lab/asleep.h"

static struct {
    DWORD code;
    char words[2048], provider[256];
} last;

static void fetch(void) {
    DWORD code = MprGetLastError();

    WNetGetLastErrorA(&last.code, last.words, sizeof last.words, last.provider,
                      sizeof last.provider);
    MprSetLastError(code);
}

const char *last_words(void) {
    fetch();
    return last.words;
}

DWORD last_native(void) {
    fetch();
    return last.code;
}

const char *last_provider(void) {
    fetch();
    return last.provider;
}

void expect_code(DWORD got, DWORD wanted, const char *call, const char *file, int line) {
    DWORD left = MprGetLastError();

    cr_expect_eq(got, wanted, "%s:%d: %s gave %u, not %u (%s)", file, line, call, got, wanted,
                 got ? last_words() : "");
    cr_expect_eq(left, got, "%s:%d: %s gave %u, but MprGetLastError %u", file, line, call, got,
                 left);
    if (got != NO_ERROR) {
        cr_expect(*last_words(), "%s:%d: %s gave %u without words", file, line, call, got);
        cr_expect(*last_provider(), "%s:%d: %s gave %u without a name", file, line, call, got);
    }
}

/* Of valid UTF-8: a test's own, so that it does not believe the router's. */
static size_t put_wide(const unsigned char *in, WCHAR *out) {
    size_t n = 0;

    while (*in) {
        unsigned c = *in++;
        int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;

        c &= more ? 0x3Fu >> more : 0x7Fu;
        while (more--)
            c = c << 6 | (*in++ & 0x3Fu);
        if (c >= 0x10000) {
            out[n++] = (WCHAR)(0xD7C0 + (c >> 10));
            c = 0xDC00 | (c & 0x3FF);
        }
        out[n++] = (WCHAR)c;
    }
    out[n] = 0;
    return n;
}

LPWSTR wide(const char *text) {
    static WCHAR *buffers[8];
    static unsigned turn;
    WCHAR **buffer = &buffers[turn++ % 8];

    if (!text)
        return NULL;
    free(*buffer);
    *buffer = malloc((strlen(text) + 1) * sizeof **buffer);
    cr_assert(*buffer);
    put_wide((const unsigned char *)text, *buffer);
    return *buffer;
}

DWORD add(const char *device, const char *remote, DWORD flags) {
    NETRESOURCEA resource = {
        .dwType = RESOURCETYPE_ANY,
        .lpLocalName = (LPSTR)(uintptr_t)device,
        .lpRemoteName = (LPSTR)(uintptr_t)remote,
    };

    return WNetAddConnection2A(&resource, NULL, NULL, flags);
}

unsigned listed(DWORD scope) {
    static char buffer[65536] __attribute__((aligned(16)));
    unsigned total = 0;
    HANDLE list;

    cr_assert_eq(WNetOpenEnumA(scope, RESOURCETYPE_ANY, 0, NULL, &list), NO_ERROR);
    for (;;) {
        DWORD count = UINT32_MAX, size = sizeof buffer;
        DWORD rc = WNetEnumResourceA(list, &count, buffer, &size);

        if (rc == ERROR_NO_MORE_ITEMS)
            break;
        cr_assert_eq(rc, NO_ERROR);
        total += count;
    }
    cr_assert_eq(WNetCloseEnum(list), NO_ERROR);
    return total;
}

const char *remote_of(const char *device) {
    static char name[2048];
    DWORD size = sizeof name;
    DWORD rc = WNetGetConnectionA(device, name, &size);

    if (rc != NO_ERROR)
        snprintf(name, sizeof name, "%u", rc);
    return name;
}

int write_file(const char *path, const char *text) {
    HANDLE file;
    int rc = MprFileOpen(path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &file);
    ssize_t n;

    if (rc)
        return rc;
    n = MprFileWrite(file, text, strlen(text));
    rc = MprFileClose(file);
    return n < 0 ? (int)n : rc;
}

struct background {
    pthread_t thread;
    DWORD (*run)(void *);
    void *context;
    DWORD result;
    atomic_int id;
    atomic_bool finished;
};

static void *run(void *context) {
    struct background *running = context;

    atomic_store(&running->id, gettid());
    running->result = running->run(running->context);
    atomic_store(&running->finished, true);
    return NULL;
}

struct background *background(DWORD (*fn)(void *), void *context) {
    struct background *running = calloc(1, sizeof *running);

    cr_assert(running);
    running->run = fn;
    running->context = context;
    cr_assert_eq(pthread_create(&running->thread, NULL, run, running), 0);
    return running;
}

DWORD wait_for(struct background *running) {
    DWORD result;

    pthread_join(running->thread, NULL);
    result = running->result;
    free(running);
    return result;
}

bool is_finished(const struct background *running) {
    return atomic_load(&running->finished);
}

void let_it_wait(const struct background *running) {
    cr_assert(asleep_wait(&running->id));
    cr_expect(!is_finished(running));
}
