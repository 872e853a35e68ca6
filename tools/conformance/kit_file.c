/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_file.c: the session, the directory of a check, and paths. See kit_file.h.
 */
#include "config.h"

#include "tools/conformance/kit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"

#define PATHS   8
#define ROOM    8192 /* of a path: more than any provider takes */
#define IO_MS   20000
#define NOTE    "directory-on-server" /* in the check's own directory: its name on the server */
#define DEEPEST 256

void *kit_session;
static char scratch[64];

/* ---- paths in memory that can be read only */

static char *make_path_room(void) {
    char *start =
        mmap(NULL, ROOM + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (start == MAP_FAILED || mprotect(start + ROOM, 4096, PROT_NONE))
        kit_broken("there is no memory for a path");
    return start;
}

const char *kit_as_is(const char *path) {
    static _Thread_local char *rooms[PATHS];
    static _Thread_local unsigned turn;
    char **room = &rooms[turn++ % PATHS];
    size_t size = strlen(path) + 1;

    if (size > ROOM)
        kit_broken("a path of %zu bytes is too long for the kit", size);
    if (!*room)
        *room = make_path_room();
    mprotect(*room, ROOM, PROT_READ | PROT_WRITE);
    memcpy(*room + ROOM - size, path, size);
    mprotect(*room, ROOM, PROT_READ);
    return *room + ROOM - size;
}

const char *kit_in(const char *name) {
    char path[ROOM];

    snprintf(path, sizeof path, "%s%s%s", scratch, *scratch && *name ? "/" : "", name);
    return kit_as_is(path);
}

const struct mpr_call *kit_file_call(void) {
    static _Thread_local struct mpr_call call;

    if (!call.size)
        call = kit_call(0);
    call.deadline_ns = (kit_ms() + kit_limit(IO_MS)) * 1000000;
    return &call;
}

/* ---- what is left of a check on the server */

struct names {
    char **items;
    size_t count, room;
};

struct tree {
    struct names directories, others;
};

static void put(struct names *names, const char *name) {
    if (names->count == names->room) {
        names->room = names->room ? 2 * names->room : 64;
        names->items = reallocarray(names->items, names->room, sizeof *names->items);
    }
    if (!names->items || !(names->items[names->count++] = strdup(name)))
        kit_broken("there is no memory");
}

static int take_name(void *context, const char *name, const struct mpr_stat *attributes) {
    struct tree *tree = context;

    put(S_ISDIR(attributes->mode) ? &tree->directories : &tree->others, name);
    return 0;
}

static void clear_names(struct names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

/* Returns 0, or the first failure. */
static int remove_below(const char *path, unsigned depth) {
    struct tree tree = {.others = {.items = NULL}};
    char inner[ROOM];
    int rc = kit_table->readdir(kit_session, kit_file_call(), path, take_name, &tree);

    for (size_t i = 0; rc == 0 && i < tree.others.count; i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, tree.others.items[i]);
        rc = kit_table->unlink(kit_session, kit_file_call(), inner);
    }
    for (size_t i = 0; rc == 0 && i < tree.directories.count && depth < DEEPEST; i++) {
        snprintf(inner, sizeof inner, "%s/%s", path, tree.directories.items[i]);
        rc = remove_below(inner, depth + 1);
        if (rc == 0)
            rc = kit_table->rmdir(kit_session, kit_file_call(), inner);
    }
    clear_names(&tree.others);
    clear_names(&tree.directories);
    return rc;
}

static int remove_scratch(void) {
    int rc = remove_below(scratch, 0);

    return rc ? rc : kit_table->rmdir(kit_session, kit_file_call(), scratch);
}

bool kit_files_left(void) {
    return access(kit_path(NOTE), F_OK) == 0;
}

void kit_files_sweep(void) {
    FILE *note = fopen(kit_path(NOTE), "re");
    int rc;

    if (!note || !fgets(scratch, sizeof scratch, note))
        kit_broken("%s cannot be read", kit_path(NOTE));
    fclose(note);
    kit_native_open();
    kit_session = kit_connect_good(kit_good(0));
    rc = remove_scratch();
    if (rc && rc != -ENOENT)
        kit_broken("%s on %s cannot be removed: %s", scratch, kit_good(0), kit_result_name(rc));
}

/* ---- begin and end */

void kit_files_connect(void) {
    kit_native_open();
    KIT_NEEDS(open);
    KIT_NEEDS(close);
    KIT_NEEDS(stat);
    kit_session = kit_connect_good(kit_good(0));
}

void kit_files_begin(void) {
    uint64_t number;
    int rc;

    kit_files_connect();
    KIT_NEEDS(mkdir);
    KIT_NEEDS(rmdir);
    KIT_NEEDS(unlink);
    KIT_NEEDS(readdir);
    KIT_NEEDS(pread);
    KIT_NEEDS(pwrite);
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        kit_broken("there are no random numbers: %s", strerror(errno));
    snprintf(scratch, sizeof scratch, "mpr-conformance-%016llx", (unsigned long long)number);
    kit_write(NOTE, scratch);
    kit_doing("mkdir(\"%s\")", scratch);
    rc = kit_table->mkdir(kit_session, kit_file_call(), kit_as_is(scratch), 0755);
    if (rc)
        kit_fail(kit_text("a directory can be made in %s, the first good name", kit_good(0)), "%s",
                 kit_result_name(rc));
}

void kit_files_end(void) {
    int rc;

    kit_doing("removing everything in the directory %s", scratch);
    rc = remove_scratch();
    if (rc)
        kit_fail("what was made can be removed", "%s", kit_result_name(rc));
    unlink(kit_path(NOTE));
    kit_disconnect(kit_session);
}
