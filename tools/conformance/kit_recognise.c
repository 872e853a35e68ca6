/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_recognise.c: see kit_recognise.h. Names are asked about by the thousand, so
 * each thread has its pages once.
 */
#include "config.h"

#include "tools/conformance/kit_recognise.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define NAME_ROOM 65536 /* the longest name that is asked about, with its NUL */
#define FILL      0xA5

bool kit_is_utf8(const char *text) {
    return mpr_utf_valid(text);
}

/* The end of a part of the thread's memory, behind which nothing can be touched. */
static char *thread_room(size_t *ret_page) {
    static _Thread_local char *room;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    *ret_page = page;
    if (room)
        return room;
    room = mmap(NULL, NAME_ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED || mprotect(room + NAME_ROOM, page, PROT_NONE))
        kit_broken("there is no memory for names");
    return room;
}

/* The name where it can only be read. What stands before it is one's own. */
static const char *place_name(const char *remote) {
    size_t size = strlen(remote) + 1, page;
    char *room = thread_room(&page);
    size_t span = (size + page - 1) / page * page;
    char *pages = room + NAME_ROOM - span;

    if (size > NAME_ROOM)
        kit_broken("a name of %zu bytes is longer than the kit can ask about", size);
    mprotect(room, NAME_ROOM, PROT_READ | PROT_WRITE);
    memcpy(room + NAME_ROOM - size, remote, size);
    mprotect(pages, span, PROT_READ);
    return room + NAME_ROOM - size;
}

static struct mpr_recognised *place_answer(void) {
    static _Thread_local struct mpr_recognised *place;

    if (!place)
        place = kit_room(sizeof *place);
    memset(place, FILL, sizeof *place);
    place->size = sizeof *place;
    return place;
}

static unsigned components(const char *key) {
    unsigned count = 1;

    for (; *key; key++)
        count += *key == '/';
    return count;
}

static void check_taken(const struct mpr_recognised *as) {
    size_t length = strnlen(as->key, sizeof as->key);

    kit_expect(length < sizeof as->key, "a key that is terminated", "%zu bytes without a NUL",
               length);
    kit_expect(length > 0, "a key", "an empty one");
    kit_expect(kit_is_utf8(as->key), "a key in UTF-8", "\"%s\"", as->key);
    kit_expect(as->key[length - 1] != '/', "a key without a separator at its end", "\"%s\"",
               as->key);
    kit_expect(as->depth <= components(as->key), "a depth of the key's components at most",
               "%u of \"%s\"", (unsigned)as->depth, as->key);
    kit_expect(as->type == RESOURCETYPE_ANY || as->type == RESOURCETYPE_DISK
                   || as->type == RESOURCETYPE_PRINT,
               "RESOURCETYPE_ANY, _DISK or _PRINT", "type %u", (unsigned)as->type);
}

static void check_left(const struct mpr_recognised *as) {
    const unsigned char *at = (const unsigned char *)as;

    for (size_t i = sizeof as->size; i < sizeof *as; i++)
        if (at[i] != FILL)
            kit_fail("nothing written, since the name was not taken",
                     "byte %zu of the answer was written", i);
}

struct kit_seen kit_recognise_by(const struct mpr_provider *table, void *state,
                                 const char *remote) {
    struct mpr_recognised *place = place_answer();
    struct kit_seen seen;

    kit_doing("recognise(\"%.400s\"), %zu bytes", remote, strlen(remote));
    seen.taken = table->recognise(state, place_name(remote), place);
    kit_expect(seen.taken == 0 || seen.taken == 1, "1 or 0", "%d", seen.taken);
    kit_expect(kit_room_intact(place), "nothing written before the answer", "something was");
    kit_expect(place->size == sizeof *place, "the size of the answer as the host said it", "%u",
               (unsigned)place->size);
    if (seen.taken)
        check_taken(place);
    else
        check_left(place);
    seen.as = *place;
    return seen;
}

struct kit_seen kit_recognise(const char *remote) {
    return kit_recognise_by(kit_front, kit_front_state, remote);
}

const char *kit_below(const char *remote, const char *component) {
    size_t length = strlen(remote);
    bool ended = length && (remote[length - 1] == '/' || remote[length - 1] == '\\');

    if (strpbrk(remote, "?#"))
        return NULL;
    return kit_text("%s%s%s", remote, ended ? "" : strchr(remote, '/') ? "/" : "\\", component);
}
