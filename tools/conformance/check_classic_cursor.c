/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_cursor.c: handles, sizes and counts of NPEnumResource. What is listed
 * is in check_classic_enum.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_entries.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_state.h"

#define ALL   0xFFFFFFFF
#define ROOM  16384
#define SLACK sizeof(uint64_t)

/* Every size is tried in a buffer that is aligned, and seen to be left at its end. */
struct shot {
    DWORD code, count, size;
    unsigned char *room;
};

static struct shot shoot(HANDLE handle, DWORD wanted, DWORD size) {
    size_t whole = (size + SLACK - 1) / SLACK * SLACK;
    struct shot shot = {.count = wanted, .size = size, .room = kit_room(whole)};

    shot.code = kit_enum_next(handle, &shot.count, shot.room, &shot.size);
    if (!kit_room_intact(shot.room))
        kit_fail("nothing written before the buffer", "something was");
    for (size_t i = size; i < whole; i++)
        kit_expect(shot.room[i] == 0xA5, "nothing written behind the buffer", "byte %zu of %u was",
                   i, (unsigned)size);
    if (shot.code == WN_SUCCESS)
        kit_entries_inside(shot.room, size, shot.count);
    return shot;
}

static void open_connected(void) {
    kit_enum_needs(WNNC_ENUM_LOCAL, "what is connected");
}

static HANDLE open_handle(void) {
    return kit_enum_open(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL);
}

/* Three connections, as a large buffer shows them. */
static void open_three(struct kit_entries *ret) {
    open_connected();
    kit_np_connect_some(3);
    kit_enum_connected(ret);
    kit_expect(ret->count >= 3, "the three connections listed", "%zu entries", ret->count);
}

static DWORD needed_next(HANDLE handle) {
    struct shot shot = shoot(handle, ALL, 0);

    KIT_CODES(shot.code, WN_MORE_DATA);
    kit_expect(shot.size >= sizeof(NETRESOURCEW), "the size of one entry, in bytes", "%u",
               (unsigned)shot.size);
    return shot.size;
}

static void expect_entry(const struct shot *shot, DWORD number, const struct kit_entry *wanted,
                         DWORD size) {
    struct kit_entry got;

    kit_entry_take(&((const NETRESOURCEW *)(const void *)shot->room)[number], &got);
    kit_entry_same(wanted, &got, kit_text("in a buffer of %u bytes", (unsigned)size));
}

static void one_entry_sizes(void) {
    struct kit_entries entries;
    HANDLE handle;
    DWORD needed;

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    kit_enum_connected(&entries);
    handle = open_handle();
    needed = needed_next(handle);
    for (DWORD size = 0; size < needed; size++) {
        struct shot shot = shoot(handle, ALL, size);

        KIT_CODES(shot.code, WN_MORE_DATA);
        kit_expect(shot.size == needed, kit_text("the same size each time: %u", (unsigned)needed),
                   "%u for a buffer of %u", (unsigned)shot.size, (unsigned)size);
    }
    for (DWORD size = needed; size < needed + 4; size++) {
        HANDLE fresh = open_handle();
        struct shot shot = shoot(fresh, 1, size);

        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(shot.count == 1, "one entry", "%u", (unsigned)shot.count);
        expect_entry(&shot, 0, &entries.items[0], size);
        kit_enum_close(fresh);
    }
}

/* The largest size that one of the entries needs. */
static DWORD largest(void) {
    HANDLE handle = open_handle();
    DWORD most = 0;

    for (;;) {
        struct shot probe = shoot(handle, ALL, 0), one;

        if (probe.code == WN_NO_MORE_ENTRIES)
            break;
        KIT_CODES(probe.code, WN_MORE_DATA);
        most = probe.size > most ? probe.size : most;
        one = shoot(handle, 1, probe.size);
        KIT_CODES(one.code, WN_SUCCESS);
    }
    kit_enum_close(handle);
    return most;
}

static void read_with(DWORD size, const struct kit_entries *wanted) {
    HANDLE handle = open_handle();
    size_t got = 0;

    for (size_t calls = 0;; calls++) {
        struct shot shot = shoot(handle, ALL, size);

        if (shot.code == WN_NO_MORE_ENTRIES)
            break;
        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(calls <= wanted->count, "an end after as many calls as there are entries",
                   "%zu calls", calls + 1);
        for (DWORD i = 0; i < shot.count; i++, got++) {
            kit_expect(got < wanted->count, kit_text("%zu entries", wanted->count), "more");
            expect_entry(&shot, i, &wanted->items[got], size);
        }
    }
    kit_expect(got == wanted->count,
               kit_text("%zu entries with a buffer of %u bytes", wanted->count, (unsigned)size),
               "%zu", got);
    kit_enum_close(handle);
}

static void every_size(void) {
    struct kit_entries entries;
    DWORD needed;

    open_three(&entries);
    needed = largest();
    for (DWORD size = needed; size <= 4 * needed; size++)
        read_with(size, &entries);
}

static void retry_with_the_size(void) {
    struct kit_entries entries;
    HANDLE handle;

    open_three(&entries);
    handle = open_handle();
    for (size_t i = 0; i < entries.count; i++) {
        DWORD needed = needed_next(handle);
        struct shot shot = shoot(handle, ALL, needed);

        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(shot.count == 1, "the one entry that fits", "%u", (unsigned)shot.count);
        expect_entry(&shot, 0, &entries.items[i], needed);
    }
}

static void counts(void) {
    struct kit_entries entries;
    HANDLE handle;
    struct shot shot;

    open_three(&entries);
    handle = open_handle();
    shot = shoot(handle, 1, ROOM);
    KIT_CODES(shot.code, WN_SUCCESS);
    kit_expect(shot.count == 1, "one entry, as wanted", "%u", (unsigned)shot.count);
    shot = shoot(handle, 0, ROOM);
    KIT_CODES(shot.code, WN_SUCCESS, WN_BAD_VALUE);
    kit_expect(shot.code != WN_SUCCESS || shot.count == 0, "no entry, as wanted", "%u",
               (unsigned)shot.count);
    shot = shoot(handle, ALL, ROOM);
    KIT_CODES(shot.code, WN_SUCCESS);
    kit_expect(shot.count == entries.count - 1, kit_text("the other %zu", entries.count - 1), "%u",
               (unsigned)shot.count);
    expect_entry(&shot, 0, &entries.items[1], ROOM);
}

/* shoot looks at the layout itself. */
static void layout(void) {
    struct kit_entries entries;
    DWORD needed, all = 0;

    open_three(&entries);
    needed = largest();
    for (size_t i = 0; i < entries.count; i++)
        all += needed;
    for (DWORD size = all; size < all + 9; size++) {
        HANDLE handle = open_handle();
        struct shot shot = shoot(handle, ALL, size);

        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(shot.count == entries.count,
                   kit_text("all %zu entries in %u bytes", entries.count, (unsigned)size), "%u",
                   (unsigned)shot.count);
        kit_enum_close(handle);
    }
}

static void handle_nowhere(void) {
    open_connected();
    kit_doing("NPOpenEnum(lphEnum NULL)");
    KIT_CODES(kit_np.OpenEnum(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, NULL), WN_BAD_VALUE,
              WN_BAD_POINTER);
}

static void close_twice(void) {
    HANDLE handle;

    open_connected();
    handle = open_handle();
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
    KIT_CODES(kit_enum_close(handle), WN_BAD_HANDLE);
}

static void read_after_close(void) {
    HANDLE handle;

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    handle = open_handle();
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
    KIT_CODES(shoot(handle, ALL, ROOM).code, WN_BAD_HANDLE);
}

static void no_handles(void) {
    static uint64_t zeros[64], ones[64];
    const HANDLE handles[] = {
        NULL, (HANDLE)(uintptr_t)1, (HANDLE)(uintptr_t)77, (HANDLE)(uintptr_t)0x1000, zeros,
        ones, (HANDLE)UINTPTR_MAX};

    open_connected();
    memset(ones, 0xFF, sizeof ones);
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        DWORD count = ALL, size = ROOM;
        unsigned char *room = kit_room(ROOM);

        kit_doing("NPEnumResource(handle %p, which is none)", handles[i]);
        KIT_CODES(kit_np.EnumResource(handles[i], &count, room, &size), WN_BAD_HANDLE);
        kit_doing("NPCloseEnum(handle %p, which is none)", handles[i]);
        KIT_CODES(kit_np.CloseEnum(handles[i]), WN_BAD_HANDLE);
    }
}

static void two_at_a_time(void) {
    struct kit_entries entries;
    HANDLE first, second;

    open_three(&entries);
    first = open_handle();
    second = open_handle();
    for (size_t i = 0; i < entries.count; i++) {
        struct shot a = shoot(first, 1, ROOM), b = shoot(second, 1, ROOM);

        KIT_CODES(a.code, WN_SUCCESS);
        KIT_CODES(b.code, WN_SUCCESS);
        expect_entry(&a, 0, &entries.items[i], ROOM);
        expect_entry(&b, 0, &entries.items[i], ROOM);
    }
    KIT_CODES(kit_enum_close(first), WN_SUCCESS);
    KIT_CODES(shoot(second, ALL, ROOM).code, WN_NO_MORE_ENTRIES);
}

/* Cancels a connection that was not read yet; the others come, each once. */
static void cancel_between(void) {
    struct kit_entries before, got = {NULL, 0};
    const char *gone;
    HANDLE handle;

    open_three(&before);
    handle = open_handle();
    kit_enum_read(handle, 1, &got);
    gone = before.items[2].local;
    KIT_CODES(kit_np_cancel(gone, FALSE), WN_SUCCESS);
    for (size_t calls = 0;; calls++) {
        struct shot shot = shoot(handle, ALL, ROOM);

        if (shot.code == WN_NO_MORE_ENTRIES) {
            kit_expect(shot.count == 0 || shot.count == ALL, "no entries with the end",
                       "%u of them, which nobody reads", (unsigned)shot.count);
            break;
        }
        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(calls <= before.count, "an end", "%zu calls", calls + 1);
        for (DWORD i = 0; i < shot.count; i++) {
            struct kit_entry entry;

            kit_entry_take(&((const NETRESOURCEW *)(void *)shot.room)[i], &entry);
            got.items = realloc(got.items, (got.count + 1) * sizeof *got.items);
            got.items[got.count++] = entry;
        }
    }
    for (size_t i = 0; i < before.count; i++)
        if (i != 2)
            kit_expect(kit_entries_find(&got, before.items[i].local, before.items[i].remote) == 1,
                       kit_text("\"%s\", which is connected still, once", before.items[i].remote),
                       "%zu times",
                       kit_entries_find(&got, before.items[i].local, before.items[i].remote));
}

static void open_and_close(void *context) {
    HANDLE handle = NULL;

    (void)context;
    KIT_CODES(kit_enum_try(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle), WN_SUCCESS);
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
}

static void never_read(void) {
    struct kit_state before;
    size_t left;

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    open_and_close(NULL);
    before = kit_state();
    left = kit_leak(open_and_close, NULL, kit_rounds(1000));
    kit_expect(left == 0, "nothing left of an enumeration that was closed", "%zu bytes each time",
               left);
    kit_state_same(&before, "after enumerations that were opened and closed");
}

static void pointers_to_nothing(void) {
    DWORD count = ALL, size = ROOM;
    HANDLE handle;
    unsigned char *room = kit_room(ROOM);

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    handle = open_handle();
    KIT_CODES(kit_enum_next(handle, NULL, room, &size), WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(kit_enum_next(handle, &count, room, NULL), WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(kit_enum_next(handle, &count, NULL, &size), WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(shoot(handle, ALL, ROOM).code, WN_SUCCESS);
}

static void what_is_left_alone(void) {
    struct kit_entries entries;
    struct shot shot;
    HANDLE handle;

    open_three(&entries);
    handle = open_handle();
    shot = shoot(handle, ALL, sizeof(NETRESOURCEW) / 2);
    KIT_CODES(shot.code, WN_MORE_DATA);
    kit_expect(shot.count == ALL || shot.count == 0, "a count unchanged, or 0", "%u",
               (unsigned)shot.count);
    shot = shoot(handle, ALL, ROOM);
    KIT_CODES(shot.code, WN_SUCCESS);
    kit_expect(shot.size == ROOM, kit_text("a size unchanged: %d", ROOM), "%u",
               (unsigned)shot.size);
}

static void read_elsewhere(void *context, unsigned number) {
    (void)number;
    KIT_CODES(shoot(context, 1, ROOM).code, WN_SUCCESS);
}

static void other_threads(void) {
    struct kit_entries entries;
    HANDLE handle;

    open_three(&entries);
    handle = open_handle();
    for (size_t i = 0; i < entries.count; i++)
        kit_threads(1, read_elsewhere, handle);
    KIT_CODES(shoot(handle, ALL, ROOM).code, WN_NO_MORE_ENTRIES);
    KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
}

/* What fits is given, whatever becomes of the entry behind it. */
static void first_fits(void) {
    struct kit_entries entries;
    HANDLE handle;
    DWORD first;

    open_three(&entries);
    handle = open_handle();
    first = needed_next(handle);
    for (DWORD size = first; size < first + sizeof(NETRESOURCEW); size += 7) {
        HANDLE fresh = open_handle();
        struct shot shot = shoot(fresh, ALL, size);

        KIT_CODES(shot.code, WN_SUCCESS);
        kit_expect(shot.count == 1, "the one entry that fits", "%u", (unsigned)shot.count);
        expect_entry(&shot, 0, &entries.items[0], size);
        kit_expect(shot.size == size, "a size unchanged with success", "%u", (unsigned)shot.size);
        kit_enum_close(fresh);
    }
}

static void not_started(void) {
    DWORD count = ALL, size = ROOM;
    unsigned char *room = kit_room(ROOM);
    HANDLE handle = NULL;

    kit_enum_needs(0, "anything");
    if (kit_np.GetCaps(WNNC_START) == WNNC_WAIT_FOR_START)
        kit_skip("the module says that it is started");
    KIT_CODES(kit_enum_try(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle), WN_NO_NETWORK);
    KIT_CODES(kit_enum_next(NULL, &count, room, &size), WN_NO_NETWORK);
    KIT_CODES(kit_enum_close(NULL), WN_NO_NETWORK);
}

/* Takes all memory that this process may have. */
static void starve(void) {
    struct rlimit limit = {1, 1};

    if (setrlimit(RLIMIT_AS, &limit))
        kit_skip("this process cannot be forbidden to grow");
    for (size_t size = 1 << 20; size >= 16; size -= size > 2048 ? size / 2 : 16)
        for (void **block = malloc(size); block; block = malloc(size))
            block[0] = block; /* kept until the process ends */
}

static void without_memory(void) {
    HANDLE handle = NULL;
    DWORD code;

    open_connected();
    kit_np_add_good("Z:", kit_good(0));
    if (kit_state().heap == 0)
        kit_skip("this build's allocator cannot be starved");
    kit_enum_close(open_handle());
    starve();
    code = kit_enum_try(RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL, &handle);
    KIT_CODES(code, WN_OUT_OF_MEMORY, WN_SUCCESS);
    if (code == WN_SUCCESS)
        KIT_CODES(kit_enum_close(handle), WN_SUCCESS);
    else
        kit_expect(handle == NULL || kit_enum_close(handle) == WN_BAD_HANDLE,
                   "no handle where there is no memory", "one that can be closed");
}

const struct kit_check kit_checks_classic_cursor[] = {
    {"ENU-03", KIT_CAPABILITY, one_entry_sizes,
     "A buffer too small for one entry is WN_MORE_DATA with the bytes of that entry",
     "The caller tries again with them, and gets the entry.", "Windows: NPEnumResource"},
    {"ENU-04", KIT_CAPABILITY, every_size,
     "With every size of buffer each entry comes once, whole and in the same order",
     "Lists without end and with only the first entry right have been seen.",
     "Windows: NPEnumResource"},
    {"ENU-05", KIT_CAPABILITY, retry_with_the_size,
     "After WN_MORE_DATA the same handle gives the same entry, as with a large buffer",
     "Nothing is taken off the list before it fits.", "Windows: NPEnumResource"},
    {"ENU-06", KIT_CAPABILITY, counts, "Not more entries come than are wanted, and none is lost",
     "*lpcCount says how many the caller can take; 0xFFFFFFFF is all.", "Windows: NPEnumResource"},
    {"ENU-07", KIT_CAPABILITY, layout,
     "The entries stand at the head of the buffer, their strings behind them, at even addresses",
     "The buffer is all that the caller keeps; its size may be odd.", "Windows: NPEnumResource"},
    {"ENU-15", KIT_CAPABILITY, handle_nowhere, "NPOpenEnum without a place for the handle fails",
     "A NULL pointer is the caller's mistake, no reason to crash.", "Windows: NPOpenEnum"},
    {"ENU-16", KIT_CAPABILITY, close_twice, "To close a handle twice is WN_BAD_HANDLE",
     "A pointer that is freed twice breaks the whole process.", "Windows: NPCloseEnum"},
    {"ENU-17", KIT_CAPABILITY, read_after_close, "To read a closed handle is WN_BAD_HANDLE",
     "Its memory is somebody else's by then.", "Windows: NPEnumResource"},
    {"ENU-18", KIT_CAPABILITY, no_handles, "What was never a handle is WN_BAD_HANDLE",
     "A handle is looked up, not followed.", "Windows: NPEnumResource, NPCloseEnum"},
    {"ENU-19", KIT_CAPABILITY, two_at_a_time,
     "Two enumerations at a time know nothing of each other", "Two windows list the same things.",
     "own decision"},
    {"ENU-20", KIT_CAPABILITY, cancel_between,
     "When a connection is cancelled between two calls, each other one is listed once",
     "A list that was read anew by number skips one, or ends with entries that nobody reads.",
     "own decision"},
    {"ENU-21", KIT_CAPABILITY, never_read,
     "An enumeration that is opened and closed leaves nothing behind",
     "Programs open many that they do not read.", "own decision"},
    {"ENU-22", KIT_CAPABILITY, pointers_to_nothing,
     "NULL for count, size or buffer is refused, and moves nothing",
     "A NULL pointer is the caller's mistake, no reason to crash.", "Windows: NPEnumResource"},
    {"ENU-23", KIT_CAPABILITY, what_is_left_alone,
     "Success leaves the size alone, and WN_MORE_DATA tells of no entries",
     "The router counts what it is told.", "Windows: NPEnumResource"},
    {"ENU-24", KIT_CAPABILITY, other_threads, "A handle can be read and closed in other threads",
     "An enumeration belongs to the process.", "own decision"},
    {"ENU-30", KIT_CAPABILITY, first_fits,
     "Entries that fit are given with success, though the next one does not fit",
     "WN_MORE_DATA after entries were copied loses them, or has them twice.",
     "Windows: NPEnumResource"},
    {"ENU-31", KIT_SHOULD, not_started,
     "A module that is not started answers WN_NO_NETWORK, whatever the handle",
     "That is looked at before the handle.", "Windows: NPEnumResource, NPCloseEnum"},
    {"ENU-32", KIT_CAPABILITY, without_memory,
     "Without memory NPOpenEnum is WN_OUT_OF_MEMORY, and leaves no handle",
     "Want of memory is an ordinary failure.", "own decision"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
