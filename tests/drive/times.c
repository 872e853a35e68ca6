/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * times.c: the time of the last write, on a server that sets it when a file is closed.
 * Between a process's close(2), which is a flush, and the release that the kernel sends
 * later, somebody may ask.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "tests/drive/tree_rig.h"
#include "tests/lab/tap.h"

static struct drive_handle *handle;
static uint64_t number;

static void start(const char *group, uint32_t without) {
    rig_begin(group, LONG_MS);
    posix_control()->without = without;
    posix_control()->late_times = 1;
    rig_put("file", "first");
    number = rig_look(DRIVE_ROOT, "file").number;
    tap_file(drive_open(&rig_drive, number, O_WRONLY, &handle), 0, "open");
}

static void stop(void) {
    drive_release(handle);
    drive_forget(&rig_drive, number, 1);
    rig_end();
}

static void write_at_end(const char *text) {
    struct drive_entry entry = {0};
    int rc = drive_getattr(&rig_drive, number, &entry);
    size_t size = strlen(text);

    tap_ok(rc == 0 && drive_write(handle, text, size, entry.attributes.size) == (int64_t)size,
           "write");
}

static bool shows(bool new_time, bool believed) {
    struct drive_entry entry = {0};
    int rc = drive_getattr(&rig_drive, number, &entry);

    return rc == 0 && (entry.attributes.mtime_ns > 0) == new_time
           && (entry.valid_ms > 0) == believed;
}

static void closed(void) {
    struct drive_node *node;
    uint64_t opens;

    start("a file is closed", MPR_STAT_MODE | MPR_STAT_OWNER);
    write_at_end(" one");
    tap_ok(shows(false, false), "unwritten, its time is not believed");
    node = drive_node_pin(&rig_drive, number);
    tap_file(drive_content_flush(&rig_drive, node), 0, "written in the background");
    drive_node_unpin(&rig_drive, node);
    tap_ok(shows(false, false), "written and open it is not believed either");
    tap_file(drive_flush(handle), 0, "close");
    tap_ok(shows(true, true), "who asks for it next gets the new one");
    opens = rig_calls(POSIX_OPEN);
    tap_file(drive_flush(handle), 0, "a copy of the descriptor is closed");
    tap_ok(shows(true, true) && rig_calls(POSIX_OPEN) == opens, "nothing changes");
    write_at_end(" two");
    tap_file(drive_flush(handle), 0, "written again, and closed");
    tap_ok(rig_look(DRIVE_ROOT, "file").attributes.mtime_ns > 0, "who looks the name up gets it");
    drive_forget(&rig_drive, number, 1);
    tap_ok(rig_look(DRIVE_ROOT, "file").attributes.size == strlen("first one two"), "and the size");
    drive_forget(&rig_drive, number, 1);
    stop();
}

/* A server with modes is a Unix, where writing sets the time. */
static void of_unix(void) {
    start("a server with modes", 0);
    write_at_end(" one");
    tap_file(drive_flush(handle), 0, "close");
    tap_ok(shows(false, true) && posix_control()->open_files == 1, "is not closed for its time");
    stop();
}

int main(void) {
    closed();
    of_unix();
    return tap_done();
}
