/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fail_alloc.c: the C library's allocating functions, which fail when told to.
 */
#include "config.h"

#include "tests/unit/fail_alloc.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#define MOST_ALLOCATIONS 5000u

/* The linker sends calls of NAME to __wrap_NAME, and __real_NAME is the true one. */
#define WRAPPED(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

WRAPPED(void *, malloc, size_t size);
WRAPPED(void *, calloc, size_t count, size_t size);
WRAPPED(void *, realloc, void *block, size_t size);
WRAPPED(void *, reallocarray, void *block, size_t count, size_t size);
WRAPPED(char *, strdup, const char *text);
WRAPPED(char *, strndup, const char *text, size_t size);
WRAPPED(int, vasprintf, char **text, const char *format, va_list arguments);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
WRAPPED(char *, realpath, const char *path, char *resolved);
WRAPPED(DIR *, opendir, const char *path);
WRAPPED(DIR *, fdopendir, int fd);
WRAPPED(int, closedir, DIR *directory);
WRAPPED(void, free, void *block);

/* As cJSON's header declares it, which is for one file only. */
struct cjson_hooks {
    void *(*allocate)(size_t size);
    void (*release)(void *block);
};
void cJSON_InitHooks(struct cjson_hooks *hooks);

static _Atomic unsigned countdown; /* the allocation that brings it to 0 fails */
static _Atomic bool all_later, failed;
static _Atomic long live;

/* Is this the one? */
static bool shall_fail(void) {
    unsigned left = atomic_load(&countdown);

    if (left && !(failed && all_later))
        left = atomic_fetch_sub(&countdown, 1);
    if (left == 1 || (failed && all_later)) {
        failed = true;
        errno = ENOMEM;
        return true;
    }
    return false;
}

static void *count(void *block) {
    if (block)
        live++;
    return block;
}

void *__wrap_malloc(size_t size) {
    return shall_fail() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size) {
    return shall_fail() ? NULL : count(__real_calloc(number, size));
}

void *__wrap_realloc(void *block, size_t size) {
    void *moved = shall_fail() ? NULL : __real_realloc(block, size);

    return block ? moved : count(moved);
}

void *__wrap_reallocarray(void *block, size_t number, size_t size) {
    void *moved = shall_fail() ? NULL : __real_reallocarray(block, number, size);

    return block ? moved : count(moved);
}

char *__wrap_strdup(const char *text) {
    return shall_fail() ? NULL : count(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size) {
    return shall_fail() ? NULL : count(__real_strndup(text, size));
}

int __wrap_vasprintf(char **text, const char *format, va_list arguments) {
    int length = shall_fail() ? -1 : __real_vasprintf(text, format, arguments);

    if (length >= 0)
        live++;
    return length;
}

int __wrap_asprintf(char **text, const char *format, ...) {
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = __wrap_vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

char *__wrap_realpath(const char *path, char *resolved) {
    char *found = !resolved && shall_fail() ? NULL : __real_realpath(path, resolved);

    return resolved ? found : count(found);
}

DIR *__wrap_opendir(const char *path) {
    return shall_fail() ? NULL : count(__real_opendir(path));
}

DIR *__wrap_fdopendir(int fd) {
    return shall_fail() ? NULL : count(__real_fdopendir(fd));
}

int __wrap_closedir(DIR *directory) {
    live--;
    return __real_closedir(directory);
}

void __wrap_free(void *block) {
    if (block)
        live--;
    __real_free(block);
}

void fail_alloc_arm(unsigned nth, bool all) {
    static struct cjson_hooks hooks = {.allocate = __wrap_malloc, .release = __wrap_free};

    cJSON_InitHooks(&hooks);
    failed = false;
    all_later = all;
    atomic_store(&countdown, nth);
}

bool fail_alloc_disarm(void) {
    bool was = failed;

    atomic_store(&countdown, 0);
    all_later = false;
    failed = false;
    return was;
}

long fail_alloc_live(void) {
    return live;
}

/* One run with the nth allocation failing; false: there are not so many. */
static bool run_once(const struct fail_alloc_case *c, unsigned nth, bool all) {
    long before = fail_alloc_live();
    bool did_fail;
    DWORD rc;

    fail_alloc_arm(nth, all);
    rc = c->run(c->context);
    did_fail = fail_alloc_disarm();
    if (rc == NO_ERROR && c->clean)
        c->clean(c->context);
    cr_expect_eq(fail_alloc_live(), before, "allocation %u: %ld blocks are left", nth,
                 fail_alloc_live() - before);
    if (rc == NO_ERROR)
        return did_fail;
    cr_expect(did_fail, "allocation %u: failed with %u for no reason", nth, rc);
    cr_expect_eq(rc, (DWORD)ERROR_NOT_ENOUGH_MEMORY, "allocation %u: code %u", nth, rc);
    if (c->check)
        c->check(c->context);
    return did_fail;
}

unsigned fail_alloc_each(const struct fail_alloc_case *c) {
    unsigned nth = 0;

    while (nth++ < MOST_ALLOCATIONS && run_once(c, nth, false))
        ;
    cr_assert(nth < MOST_ALLOCATIONS, "it never ran to its end");
    for (unsigned again = 1; again < nth; again++)
        run_once(c, again, true);
    return nth - 1;
}
