/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_memory.c: see kit_memory.h.
 */
#include "config.h"

#include "tools/conformance/kit_memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"

#define FILL      0xA5
#define CANARY    64
#define SWEEP_MAX 70000u /* what needs more is measured by its ends only */

/* So many bytes that end at a page that cannot be touched, canary before them. */
static unsigned char *make_room(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (size + CANARY + page - 1) / page;
    unsigned char *start =
        mmap(NULL, (pages + 1) * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (start == MAP_FAILED || mprotect(start + pages * page, page, PROT_NONE))
        kit_broken("there is no memory for a buffer of %zu bytes", size);
    memset(start, FILL, pages * page);
    return start + pages * page - size;
}

static void drop_room(unsigned char *room, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (size + CANARY + page - 1) / page;

    munmap(room + size - pages * page, (pages + 1) * page);
}

/* Copies that were made: a check that repeats itself must not run out of mappings. */
struct copy {
    const struct copy *next;
    const void *data;
    size_t size;
};
static const struct copy *copies;
static pthread_mutex_t copies_lock = PTHREAD_MUTEX_INITIALIZER;

static const void *find_copy(const void *data, size_t size) {
    for (const struct copy *copy = copies; copy; copy = copy->next)
        if (copy->size == size && memcmp(copy->data, data, size) == 0)
            return copy->data;
    return NULL;
}

static const void *make_copy(const void *data, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (size + CANARY + page - 1) / page;
    unsigned char *room = make_room(size);

    memcpy(room, data, size);
    if (mprotect(room + size - pages * page, pages * page, PROT_READ))
        kit_broken("memory cannot be made read-only");
    return room;
}

const void *kit_read_only(const void *data, size_t size) {
    const void *found;

    pthread_mutex_lock(&copies_lock);
    found = find_copy(data, size);
    if (!found) {
        struct copy *copy = malloc(sizeof *copy);

        found = make_copy(data, size);
        if (copy) {
            *copy = (struct copy){.next = copies, .data = found, .size = size};
            copies = copy;
        }
    }
    pthread_mutex_unlock(&copies_lock);
    return found;
}

char *kit_ro(const char *text) {
    return text ? (char *)(uintptr_t)kit_read_only(text, strlen(text) + 1) : NULL;
}

LPWSTR kit_wide(const char *text) {
    size_t size = text ? mpr_utf_wide_size(text) : 0;
    LPWSTR wide = text ? calloc(size, sizeof *wide) : NULL;
    LPWSTR ret;

    if (!wide)
        return NULL;
    mpr_utf_to_wide(text, wide, size);
    ret = (LPWSTR)(uintptr_t)kit_read_only(wide, size * sizeof *wide);
    free(wide);
    return ret;
}

const char *kit_narrow(LPCWSTR text, size_t max) {
    size_t n = 0;
    char *narrow;
    const char *ret;

    if (!text)
        return NULL;
    while (n < max && text[n])
        n++;
    if (n == max)
        return "(not terminated)";
    if (mpr_utf_from_wide(text, &narrow))
        return "(no UTF-16)";
    ret = kit_text("%s", narrow);
    free(narrow);
    return ret;
}

void *kit_room(size_t size) {
    return make_room(size);
}

int kit_room_intact(const void *room) {
    const unsigned char *before = (const unsigned char *)room - CANARY;

    for (int i = 0; i < CANARY; i++)
        if (before[i] != FILL)
            return 0;
    return 1;
}

void *kit_poison(void) {
    static void *poison;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (!poison)
        poison = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (poison == MAP_FAILED)
        kit_broken("there is no memory");
    return poison;
}

static bool untouched(const unsigned char *room, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (room[i] != FILL)
            return false;
    return true;
}

/* A structure stands at an aligned address, so its buffer ends a little before the page. */
static size_t aligned(size_t bytes, size_t unit) {
    return unit == 1 ? (bytes + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *) : bytes;
}

/* One size of buffer, where n are needed. */
static void try_size(kit_sized_fn fn, kit_filled_fn check, void *context, size_t unit, DWORD size,
                     DWORD n) {
    size_t bytes = size * unit, whole = aligned(bytes, unit);
    unsigned char *room = make_room(whole);
    DWORD said = size;
    uint32_t code = fn(context, room, &said);

    if (!kit_room_intact(room))
        kit_fail("nothing written before the buffer", "with a size of %u something was",
                 (unsigned)size);
    if (!untouched(room + bytes, whole - bytes))
        kit_fail("nothing written behind the buffer", "with a size of %u something was",
                 (unsigned)size);
    if (size < n) {
        if (code != ERROR_MORE_DATA)
            kit_fail(
                kit_text("%s for a size of %u", kit_code_name(ERROR_MORE_DATA), (unsigned)size),
                "%s", kit_code_name(code));
        if (said != n)
            kit_fail(kit_text("the same size needed each time: %u", (unsigned)n),
                     "%u for a buffer of %u", (unsigned)said, (unsigned)size);
        if (!untouched(room, bytes))
            kit_fail("a buffer that is too small left alone",
                     "it was written to, with a size of %u of %u", (unsigned)size, (unsigned)said);
    } else {
        if (code != NO_ERROR)
            kit_fail(kit_text("success with a size of %u, as %u was asked for", (unsigned)size,
                              (unsigned)n),
                     "%s", kit_code_name(code));
        if (check)
            check(context, room, bytes);
    }
    drop_room(room, whole);
}

DWORD kit_sweep(kit_sized_fn fn, kit_filled_fn check, void *context, size_t unit) {
    DWORD size = 0, n = 0;
    uint32_t code = fn(context, NULL, &size);

    if (code != ERROR_MORE_DATA || size == 0)
        kit_fail(kit_text("%s and the size needed, for a size of 0 and no buffer",
                          kit_code_name(ERROR_MORE_DATA)),
                 "%s and a size of %u", kit_code_name(code), (unsigned)size);
    if (size > SWEEP_MAX)
        kit_fail("a size that is not absurd", "%u", (unsigned)size);
    n = size;
    for (DWORD i = 0; i <= n + 1; i++)
        try_size(fn, check, context, unit, i, n);
    return n;
}
