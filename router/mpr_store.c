/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_store.c: a small file of the user's: locked, loaded.
 * Finding it is in mpr_store_open.c, replacing it in mpr_store_save.c.
 */
#include "config.h"

#include "router/mpr_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_json.h"
#include "router/mpr_smallfile.h"
#include "router/mpr_time.h"

#define LOCK_WAIT_MS     5000
#define FIRST_PAUSE_NS   MPR_NS_PER_MS
#define LONGEST_PAUSE_NS (20 * MPR_NS_PER_MS)
#define NEW_MODE         0600

DWORD mpr_store_cannot(const struct mpr_store *store, const char *done, int error) {
    const char *advice = "";

    if (error == ENOMEM)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (error == ENOSPC || error == EDQUOT)
        advice = " Make room there and try again.";
    else if (error == EFBIG)
        advice = " Raise the limit for the size of files (ulimit -f) and try again.";
    else if (error == EACCES || error == EPERM || error == EROFS)
        advice = " Give yourself the right to write the file and its directory.";
    return mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                         "The %s %s cannot be %s: %s. Nothing was changed.%s", store->what,
                         store->path, done, mpr_smallfile_reason(error), advice);
}

void mpr_store_close(struct mpr_store *store) {
    if (store->lock >= 0) {
        /* A child that was forked meanwhile has the descriptor too. */
        flock(store->lock, LOCK_UN);
        close(store->lock);
    }
    if (store->directory >= 0)
        close(store->directory);
    free(store->path);
}

/* Opens the lock file: beside the real file and of its name, so that whoever comes by another
 * link takes the same one. Returns the descriptor or -errno. */
static int open_lock_file(const struct mpr_store *store, struct stat *ret_facts,
                          char name[NAME_MAX + 1]) {
    const char *dot = strrchr(store->name, '.');
    int length = dot && strcmp(dot, ".json") == 0 ? (int)(dot - store->name) : NAME_MAX;
    int fd, error = 0;

    if (snprintf(name, NAME_MAX + 1, "%.*s.lock", length, store->name) > NAME_MAX)
        return -ENAMETOOLONG;
    fd = openat(store->directory, name,
                O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, NEW_MODE);
    if (fd < 0)
        return -errno;
    if (fstat(fd, ret_facts))
        error = -errno;
    else if (!S_ISREG(ret_facts->st_mode))
        error = -EMEDIUMTYPE;
    if (error)
        close(fd);
    return error ? error : fd;
}

/* Returns 0, -EWOULDBLOCK after the deadline, or -errno. */
static int wait_for_lock(int fd, int64_t deadline_ns) {
    int64_t pause_ns = FIRST_PAUSE_NS;

    while (flock(fd, LOCK_EX | LOCK_NB)) {
        struct timespec pause = mpr_timespec(pause_ns);

        if (errno != EWOULDBLOCK && errno != EINTR)
            return -errno;
        if (mpr_now_ns() >= deadline_ns)
            return -EWOULDBLOCK;
        nanosleep(&pause, NULL);
        if (pause_ns < LONGEST_PAUSE_NS)
            pause_ns *= 2;
    }
    return 0;
}

/* Is the file that was locked still the one of that name? */
static bool is_there(int directory, const char *name, const struct stat *locked) {
    struct stat facts;

    return fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0
           && facts.st_dev == locked->st_dev && facts.st_ino == locked->st_ino;
}

DWORD mpr_store_lock(struct mpr_store *store) {
    int64_t deadline_ns = mpr_deadline_in_ms(LOCK_WAIT_MS);
    char name[NAME_MAX + 1];
    int error;

    do {
        struct stat facts;
        int fd = open_lock_file(store, &facts, name);

        if (fd < 0)
            return mpr_store_cannot(store, "locked", -fd);
        error = wait_for_lock(fd, deadline_ns);
        if (error == 0 && is_there(store->directory, name, &facts)) {
            store->lock = fd;
            return NO_ERROR;
        }
        close(fd);
    } while (error == 0 && mpr_now_ns() < deadline_ns);
    if (error && error != -EWOULDBLOCK)
        return mpr_store_cannot(store, "locked", -error);
    return mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                         "The %s %s cannot be locked: another program has held %s for over %d "
                         "seconds. Nothing was changed. Try again, or end that program.",
                         store->what, store->path, name, LOCK_WAIT_MS / 1000);
}

DWORD mpr_store_load(struct mpr_store *store, char **ret_text, size_t *ret_size) {
    char words[MPR_SMALLFILE_WORDS_MAX];
    MPR_AUTOFREE char *text = NULL;
    struct stat facts;
    size_t size = 0;
    int error = -ENOENT;

    if (store->directory >= 0)
        error = mpr_smallfile_read(store->directory, store->name, MPR_JSON_MAX_SIZE, &facts, &text,
                                   &size);
    if (error == -EFBIG)
        return mpr_error_say(ERROR_BAD_PROFILE,
                             "The %s %s is none: it has over %u bytes. Nothing was changed. Move "
                             "it away to start with an empty one.",
                             store->what, store->path, MPR_JSON_MAX_SIZE);
    if (error && error != -ENOENT)
        return mpr_store_cannot(store, "opened", -error);
    if (!error && !mpr_smallfile_trusted(&facts, words))
        return mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                             "The %s %s is not trusted: %s. Nothing was changed. Set its owner and "
                             "mode right if its contents are yours.",
                             store->what, store->path, words);
    if (!error)
        store->mode = facts.st_mode & 0777;
    *ret_text = MPR_TAKE(text);
    *ret_size = size;
    return NO_ERROR;
}
