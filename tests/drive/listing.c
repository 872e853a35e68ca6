/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listing.c: what a drive makes of the listings of its directories, on a server that
 * is a plain directory.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/drive/tree_rig.h"
#include "tests/lab/tap.h"

static void listed(void) {
    struct drive_entry made, entry;
    struct drive_dir *dir;
    const char *name;
    uint64_t before;
    char text[32];
    size_t i;

    rig_begin("listing", LONG_MS);
    for (i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "file-%zu", i);
        rig_put(text, "x");
    }
    tap_ok(rig_list(DRIVE_ROOT, false, NULL) == 3000, "all names");
    before = rig_calls(POSIX_STAT);
    tap_ok(rig_list(DRIVE_ROOT, true, NULL) == 3000, "all names with attributes");
    for (i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "file-%zu", i);
        rig_look(DRIVE_ROOT, text);
    }
    tap_ok(rig_calls(POSIX_STAT) == before, "which tells what is asked for next");
    tap_ok(rig_look(DRIVE_ROOT, "none").number == 0 && rig_calls(POSIX_STAT) == before,
           "and what is not there");
    tap_ok(rig_calls(POSIX_READDIR) == 1, "from one listing");
    tap_ok(rig_list(DRIVE_ROOT, true, "file-2999") >= 2999, "one goes while it is read");
    tap_ok(rig_list(DRIVE_ROOT, true, NULL) == 2999, "and is not there any more");
    drive_opendir(&rig_drive, DRIVE_ROOT, &dir);
    for (i = 0; drive_dir_get(&rig_drive, dir, i, true, &name, &entry) && i < 9000; i++) {
        snprintf(text, sizeof text, "new-%zu", i);
        if (i < 5 && drive_mkdir(&rig_drive, DRIVE_ROOT, text, 0755, &made) != 0)
            tap_ok(false, "mkdir");
    }
    tap_ok(i == 3000, "what is made while it is read does not make it longer: %zu", i);
    drive_releasedir(&rig_drive, dir);
    tap_ok(rig_list(DRIVE_ROOT, true, NULL) == 3004 && rig_calls(POSIX_READDIR) == 1,
           "who opens it next sees it, without the server");
    before = rig_calls(POSIX_STAT);
    tap_ok(rig_look(made.number, "x").number == 0 && rig_calls(POSIX_STAT) == before,
           "a new directory is known to be empty");
    tap_file(drive_opendir(&rig_drive, 4711 * 4711, &dir), -ESTALE, "opendir of nothing");
    tap_file(drive_opendir(&rig_drive, rig_look(DRIVE_ROOT, "file-1").number, &dir), -ENOTDIR,
             "of a file");
    rig_end();
}

/* Names in vain, as who makes many files asks for them; each is then made. */
static unsigned make_many(const char *prefix, unsigned count) {
    uint64_t before = rig_calls(POSIX_STAT);
    struct drive_handle *handle;
    struct drive_entry made;
    char text[32];

    for (unsigned i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s-%u", prefix, i);
        if (rig_look(DRIVE_ROOT, text).number
            || drive_create(&rig_drive, DRIVE_ROOT, text, O_WRONLY | O_CREAT, 0644, &made, &handle))
            tap_ok(false, "%s is made", text);
        else
            drive_release(handle);
    }
    return (unsigned)(rig_calls(POSIX_STAT) - before);
}

static void missed(void) {
    uint64_t before;
    unsigned asked;

    rig_begin("names in vain", LONG_MS);
    rig_put("There", "x");
    atomic_store(&posix_control()->delay_us, 1000);
    asked = make_many("file", 200);
    tap_ok(asked < 100 && rig_calls(POSIX_READDIR) == 1, "a listing tells the rest: %u look-ups",
           asked);
    atomic_store(&posix_control()->delay_us, 0);
    tap_ok(rig_look(DRIVE_ROOT, "There").number && rig_look(DRIVE_ROOT, "file-199").number,
           "what is there is found");
    before = rig_calls(POSIX_STAT);
    rig_look(DRIVE_ROOT, "there");
    rig_look(DRIVE_ROOT, "file~1");
    rig_look(DRIVE_ROOT, "There.");
    rig_look(DRIVE_ROOT, "\xc3\xa4");
    tap_ok(rig_calls(POSIX_STAT) == before + 4,
           "a server may have its own idea of names: it is asked");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "file-7"), 0, "unlink");
    before = rig_calls(POSIX_STAT);
    tap_ok(rig_look(DRIVE_ROOT, "file-7").number == 0 && rig_calls(POSIX_STAT) == before,
           "what was removed is known not to be there");
    rig_end();

    rig_begin("names in vain in a directory that may not be listed", LONG_MS);
    atomic_store(&posix_control()->fault[POSIX_READDIR], EACCES);
    atomic_store(&posix_control()->delay_us, 1000);
    asked = make_many("file", 100);
    tap_ok(asked >= 100 && rig_calls(POSIX_READDIR) == 1, "it is tried once: %u look-ups, %u lists",
           asked, (unsigned)rig_calls(POSIX_READDIR));
    rig_end();

    rig_begin("names in vain, no cache", 0);
    asked = make_many("file", 40);
    tap_ok(asked >= 40 && rig_calls(POSIX_READDIR) == 0, "each is asked for");
    rig_end();
}

/* Names that are there, as who looks at a whole directory asks for them. */
static void followed(void) {
    struct drive_handle *handle;
    struct drive_entry entry;
    char text[32];

    rig_begin("names that are there", LONG_MS);
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "there-%d", i);
        rig_put(text, "x");
    }
    atomic_store(&posix_control()->delay_us, 1000);
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "there-%d", i);
        if (rig_look(DRIVE_ROOT, text).attributes.size != 1)
            tap_ok(false, "%s is found", text);
    }
    tap_ok(rig_calls(POSIX_STAT) < 100 && rig_calls(POSIX_READDIR) == 1,
           "a listing tells the rest: %u look-ups", (unsigned)rig_calls(POSIX_STAT));
    atomic_store(&posix_control()->delay_us, 0);
    entry = rig_look(DRIVE_ROOT, "there-199");
    if (drive_open(&rig_drive, entry.number, O_WRONLY, &handle) == 0) {
        tap_ok(drive_write(handle, "xyz", 3, 0) == 3 && drive_flush(handle) == 0, "one is changed");
        drive_release(handle);
    }
    drive_forget(&rig_drive, entry.number, 2);
    tap_ok(!drive_node_pin(&rig_drive, entry.number)
               && rig_look(DRIVE_ROOT, "there-199").attributes.size == 3,
           "forgotten and looked up again it is as it was changed");
    rig_end();
}

static void *list_held(void *context) {
    (void)context;
    rig_list(DRIVE_ROOT, false, NULL);
    return NULL;
}

/* What we change between the server's listing and its arrival. */
static void overtaken(void) {
    struct drive_entry made, file;
    struct drive_handle *handle;
    pthread_t thread;
    uint64_t before;

    rig_begin("overtaken", LONG_MS);
    rig_put("removed", "x");
    rig_put("moved", "x");
    rig_put("written", "x");
    file = rig_look(DRIVE_ROOT, "written");
    rig_look(DRIVE_ROOT, "removed");
    rig_look(DRIVE_ROOT, "moved");
    atomic_store(&posix_control()->hold_lists, 1);
    pthread_create(&thread, NULL, list_held, NULL);
    while (!atomic_load(&posix_control()->held))
        usleep(1000);
    tap_file(drive_mkdir(&rig_drive, DRIVE_ROOT, "made", 0755, &made), 0, "mkdir");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "removed"), 0, "unlink");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "moved", DRIVE_ROOT, "there", 0), 0, "rename");
    tap_file(drive_open(&rig_drive, file.number, O_WRONLY, &handle), 0, "open");
    tap_ok(drive_write(handle, "xyz", 3, 0) == 3 && drive_flush(handle) == 0, "write");
    drive_release(handle);
    drive_forget(&rig_drive, file.number, 1);
    drive_forget(&rig_drive, made.number, 1);
    atomic_store(&posix_control()->hold_lists, 0);
    pthread_join(thread, NULL);
    before = rig_calls(POSIX_STAT);
    tap_ok(!rig_look(DRIVE_ROOT, "removed").number && !rig_look(DRIVE_ROOT, "moved").number
               && !rig_look(DRIVE_ROOT, "none").number && rig_calls(POSIX_STAT) == before,
           "what was removed or moved is known to be gone");
    tap_ok(rig_look(DRIVE_ROOT, "made").number && rig_look(DRIVE_ROOT, "there").number,
           "what was made is there");
    tap_ok(rig_look(DRIVE_ROOT, "written").attributes.size == 3, "what was written has its size");
    rig_end();
}

int main(void) {
    listed();
    missed();
    followed();
    overtaken();
    return tap_done();
}
