/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_rig.c: a drive's tree without a kernel.
 */
#include "config.h"

#include "tests/drive/tree_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lab/tap.h"

struct drive rig_drive;
char rig_directory[64];

char *rig_inside(const char *name) {
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", rig_directory, name);
    return path;
}

void rig_put(const char *name, const char *text) {
    FILE *file = fopen(rig_inside(name), "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        tap_ok(false, "%s is written", name);
}

void rig_begin(const char *group, uint32_t attribute_ms) {
    tap_group("%s", group);
    snprintf(rig_directory, sizeof rig_directory, "/tmp/mpr-tree-XXXXXX");
    memset(posix_control(), 0, sizeof *posix_control());
    memset(&rig_drive, 0, sizeof rig_drive);
    rig_drive.options =
        (struct drive_options){.io_timeout_ms = 20000, .attribute_ms = attribute_ms};
    if (!mkdtemp(rig_directory) || posix_remote_start(&rig_drive, rig_directory) != 0
        || drive_tree_new(&rig_drive) != 0) {
        printf("Bail out! no tree in %s\n", rig_directory);
        exit(99);
    }
}

void rig_end(void) {
    char command[128];

    drive_data_stop(&rig_drive);
    drive_tree_free(&rig_drive);
    posix_remote_stop(&rig_drive);
    snprintf(command, sizeof command, "rm -rf '%s'", rig_directory);
    if (system(command) != 0)
        tap_ok(false, "%s", command);
}

uint64_t rig_calls(enum posix_op op) {
    return atomic_load(&posix_control()->calls[op]);
}

struct drive_entry rig_look(uint64_t parent, const char *name) {
    struct drive_entry entry = {0};
    int rc = drive_lookup(&rig_drive, parent, name, &entry);

    if (rc != 0)
        tap_file(rc, 0, "%s is looked up", name);
    return entry;
}

size_t rig_list(uint64_t number, bool plus, const char *remove) {
    struct drive_dir *dir;
    struct drive_entry entry;
    const char *name;
    size_t count = 0;

    if (drive_opendir(&rig_drive, number, &dir) != 0)
        return 0;
    for (size_t i = 0; drive_dir_get(&rig_drive, dir, i, plus, &name, &entry); i++) {
        if (i == 0 && remove)
            tap_file(drive_unlink(&rig_drive, number, remove), 0, "%s is removed meanwhile",
                     remove);
        count += *name && (!plus || entry.number);
    }
    drive_releasedir(&rig_drive, dir);
    return count;
}
