/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_mount.c: mounts a drive, and takes it away again if nobody uses it, or by force.
 */
#include "config.h"

#include "service/drive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <mpr/session.h>
#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_mount.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define CLOSING_MS 200 /* the kernel tells of a close a moment after close(2) has returned */
#define LOOK_NS    (5 * MPR_NS_PER_MS)
#define NAMED      3 /* so many holders are named */
#define GIVEN      64

/* ---- mounting */

/*
 * Over what a dead drive has left there: so whoever works in it meets the dead drive or the
 * new one, and never an empty directory that he could write to. Only root may. False: it is
 * to be done in another way.
 */
static bool mount_over(struct drive *drive, const char *directory) {
    struct mpr_mount dead;
    char beside[PATH_MAX], words[64];
    bool done;

    if (geteuid() != 0 || !mpr_mount_find(directory, &dead) || !dead.ours
        || snprintf(beside, sizeof beside, "%s.new", directory) >= (int)sizeof beside)
        return false;
    /* One dead drive to be met is enough. */
    while (dead.below && mpr_mount_remove(directory, true) == 0)
        if (!mpr_mount_find(directory, &dead) || !dead.ours)
            return false;
    mpr_mount_clear(beside);
    if (mkdir(beside, 0700) || drive_fuse_start(drive, beside, words, sizeof words)) {
        rmdir(beside);
        return false;
    }
    done = mount(beside, directory, NULL, MS_BIND, NULL) == 0;
    mpr_mount_clear(beside);
    if (done)
        drive->over = dead.id;
    else
        drive_fuse_stop(drive);
    return done;
}

/* What was written just before: it would be hidden, and in the way of the next drive. */
static void put_strays_aside(int point, const char *directory) {
    int copy = fcntl(point, F_DUPFD_CLOEXEC, 0);
    DIR *strays = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    char aside[PATH_MAX];
    int fd = -1;

    while (strays && (entry = readdir(strays))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fd < 0) {
            snprintf(aside, sizeof aside, "%s.strays-%lld", directory, (long long)time(NULL));
            mkdir(aside, 0700);
            fd = open(aside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (fd < 0 || renameat(point, entry->d_name, fd, entry->d_name) == 0)
            mpr_trace("drive", "%s was written while the drive was away, and is in %s",
                      entry->d_name, aside);
    }
    if (fd >= 0)
        close(fd);
    if (strays)
        closedir(strays);
    else if (copy >= 0)
        close(copy);
}

/* For fusermount3 the user must be able to write there: for as long as it takes he is. */
static int mount_on(struct drive *drive, const char *directory, char *words, size_t size) {
    int point = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = point < 0 || fchmod(point, 0700) ? -errno : 0;

    if (rc == 0) {
        rc = drive_fuse_start(drive, directory, words, size);
        put_strays_aside(point, directory);
        if (fchmod(point, MPR_MOUNT_BARE))
            mpr_trace("drive", "the mode of %s cannot be set: %m", directory);
    }
    if (point >= 0)
        close(point);
    if (rc != 0)
        rmdir(directory);
    return rc;
}

bool drive_is_mounted(struct drive *drive) {
    struct mpr_mount mount;

    if (!drive->directory || !mpr_mount_find(drive->directory, &mount))
        return false;
    /* Others may have mounted something over it. */
    return drive_fuse_is(drive, &mount) || (!mount.ours && mount.below > 0);
}

/* Somebody else has unmounted it: what root has written there since, taking it for the drive. */
static void clear_point(const char *directory) {
    struct mpr_mount mount;
    int point = -1;

    if (!mpr_mount_find(directory, &mount))
        point = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (point < 0)
        return;
    put_strays_aside(point, directory);
    close(point);
}

uint32_t drive_mount(struct drive *drive, const struct mpr_call *call, const char *directory) {
    struct mpr_failure failure = {.text = ""};
    char words[512] = "", *copy;
    uint32_t code;
    int rc;

    if (drive_is_mounted(drive))
        return NO_ERROR;
    if (drive->directory) { /* who has files open can go on with them */
        clear_point(drive->directory);
        free(drive->directory);
        drive->directory = NULL;
        drive->over = 0;
    }
    copy = strdup(directory);
    rc = copy ? 0 : -ENOMEM;
    if (rc == 0 && !drive->tree)
        rc = drive_tree_new(drive);
    if (rc == 0 && !mount_over(drive, directory)) {
        code = mpr_mount_prepare(directory, &failure);
        if (code != NO_ERROR) {
            free(copy);
            drive_explain(call, failure.code, "%s", failure.text);
            return code;
        }
        rc = mount_on(drive, directory, words, sizeof words);
    }
    if (rc == 0) {
        drive->directory = copy;
        mpr_mount_link(directory);
        return NO_ERROR;
    }
    free(copy);
    drive_explain(call, (uint32_t)-rc, "%s", *words ? words : strerror(-rc));
    return rc == -ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : ERROR_NOT_SUPPORTED;
}

/* ---- who uses it */

struct words {
    char text[MPR_ERROR_TEXT_MAX];
    size_t length;
};

static void add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct words *words, const char *format, ...) {
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(words->text + words->length, sizeof words->text - words->length, format,
                       arguments);
    va_end(arguments);
    if (length > 0)
        words->length += (size_t)length;
    if (words->length >= sizeof words->text)
        words->length = sizeof words->text - 1;
}

static const char *verb_of(uint32_t kind) {
    switch (kind) {
    case MPR_HOLDER_FILE:
        return "has open";
    case MPR_HOLDER_MAPPING:
        return "has mapped";
    default:
        return "works in";
    }
}

/* ": vi (process 12) has open Z:/a, and 2 more; sh (process 13) works in Z:/". */
static void add_holders(struct words *words, const struct drive_holder *holders, size_t given,
                        size_t count) {
    size_t named = given < NAMED ? given : NAMED;

    if (!count)
        add(words, ", and /proc does not say by whom");
    for (size_t i = 0; i < named; i++) {
        add(words, "%s %s (process %d) %s %s", i ? ";" : ":", holders[i].command, holders[i].pid,
            verb_of(holders[i].kind), holders[i].path);
        if (holders[i].more)
            add(words, ", and %u more", holders[i].more);
    }
    if (count > named)
        add(words, "; and %zu more", count - named);
}

/* Files by number: open ones, and those mapped, which need no handle. */
static unsigned count_kind(const struct drive_holder *holders, size_t count, uint32_t kind) {
    unsigned files = 0;

    for (size_t i = 0; i < count; i++)
        if (holders[i].kind == kind)
            files += 1 + holders[i].more;
    return files;
}

/* "Z: (REMOTE) has 2 open files". */
static void add_subject(struct words *words, const struct drive *drive, bool open, unsigned files) {
    if (drive->device)
        add(words, "%s (%s) ", drive->device, drive->name);
    else
        add(words, "%s ", drive->name);
    if (open && files)
        add(words, "has %u open file%s", files, files == 1 ? "" : "s");
    else
        add(words, open ? "has open files or directories" : "is in use");
}

/*
 * Explains who is in the way. A file that is only mapped still has its handle in the
 * kernel; if all of them are such ones nobody has a file open.
 */
static uint32_t explain_use(const struct drive *drive, const struct mpr_call *call, bool busy) {
    struct drive_holder holders[GIVEN];
    size_t count = drive_holders_find(drive, holders, GIVEN);
    size_t given = count < GIVEN ? count : GIVEN;
    unsigned files = atomic_load(&drive->open_files);
    unsigned mapped = count_kind(holders, given, MPR_HOLDER_MAPPING);
    bool open = count_kind(holders, given, MPR_HOLDER_FILE) != 0 || files > mapped;
    struct words words = {.length = 0};

    if (!files && !count && !busy)
        return NO_ERROR;
    add_subject(&words, drive, open, files);
    add_holders(&words, holders, given, count);
    add(&words, open ? ". Close them, or cancel with force." : ". End that, or cancel with force.");
    drive_explain(call, open ? ERROR_OPEN_FILES : ERROR_DEVICE_IN_USE, "%s", words.text);
    return open ? ERROR_OPEN_FILES : ERROR_DEVICE_IN_USE;
}

/* Returns whether the mount is used, also by those whom /proc does not show. */
static bool await_closing(const struct drive *drive) {
    const struct timespec moment = mpr_timespec(LOOK_NS);
    int64_t deadline_ns = mpr_deadline_in_ms(CLOSING_MS);
    bool busy;

    for (;;) {
        busy = atomic_load(&drive->under_way)
               || (drive->directory && mpr_mount_is_busy(drive->directory));
        if ((!busy && !atomic_load(&drive->open_files)) || mpr_now_ns() >= deadline_ns)
            return busy;
        nanosleep(&moment, NULL);
    }
}

uint32_t drive_hold(struct drive *drive, const struct mpr_call *call) {
    uint32_t code;

    atomic_store(&drive->held, true);
    code = explain_use(drive, call, await_closing(drive));
    if (code != NO_ERROR)
        drive_hold_release(drive);
    return code;
}

void drive_hold_release(struct drive *drive) {
    atomic_store(&drive->held, false);
}

/* ---- unmounting */

/* Its own mount is gone; with it goes what a dead drive had left under it. */
static void leave_directory(struct drive *drive) {
    struct mpr_mount dead;

    if (drive->over && mpr_mount_find(drive->directory, &dead) && dead.ours
        && dead.id == drive->over)
        mpr_mount_remove(drive->directory, true);
    drive->over = 0;
    mpr_mount_unlink(drive->directory);
    rmdir(drive->directory);
}

uint32_t drive_unmount(struct drive *drive, const struct mpr_call *call, bool force) {
    int rc = 0;

    if (drive->directory && !drive_is_mounted(drive))
        clear_point(drive->directory);
    else if (drive->directory)
        rc = mpr_mount_remove(drive->directory, force);
    if (rc == -EBUSY && !force)
        return explain_use(drive, call, true);
    /* Whatever else it says: if it is still mounted the service takes it away. */
    drive_fuse_stop(drive);
    if (drive->directory)
        leave_directory(drive);
    free(drive->directory);
    drive->directory = NULL;
    return NO_ERROR;
}
