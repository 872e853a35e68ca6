/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_store_save.c: replaces a file of the user's so that at every moment, also after
 * a power failure, there is the old one or the new one.
 *
 * A temporary file in the same directory is written and made stable, takes the
 * place of the old one by its name, and then the directory is made stable. An
 * fsync that failed is never tried again: the next one would say that all is
 * well. What a process that was killed left behind is swept by the next that
 * saves; nobody else is at work then, for it holds the lock.
 */
#include "config.h"

#include "router/mpr_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_filesize.h"
#include "router/mpr_time.h"

/* Between the name of the file and a number; also how the sweep knows its own. */
#define TEMPORARY_MARK ".mpr-"

struct temporary {
    char name[NAME_MAX + 1];
    struct stat facts; /* of the file, whatever name it bears */
};

static bool is_temporary(const char *name, const char *of) {
    size_t length = strlen(of);

    return *name == '.' && strncmp(name + 1, of, length) == 0
           && strncmp(name + 1 + length, TEMPORARY_MARK, sizeof TEMPORARY_MARK - 1) == 0;
}

/* What cannot be swept hurts nobody: the names never meet. */
static void sweep(const struct mpr_store *store) {
    int fd = openat(store->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!directory) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(directory)))
        if (is_temporary(entry->d_name, store->name))
            unlinkat(store->directory, entry->d_name, 0);
    closedir(directory);
}

/* Returns 0 or -errno. */
static int write_all(int fd, const char *text, size_t size) {
    while (size) {
        ssize_t n = write(fd, text, size);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

/* Returns 0 or -errno. */
static int fill(int fd, mode_t mode, const char *text, size_t size, bool stable,
                struct stat *ret_facts) {
    int error = write_all(fd, text, size);

    if (error)
        return error;
    if (fchmod(fd, mode) || (stable && fsync(fd)) || fstat(fd, ret_facts))
        return -errno;
    return 0;
}

/* Writes a temporary file; on failure there is none afterwards. Returns 0 or -errno. */
static int write_temporary(const struct mpr_store *store, const char *text, size_t size,
                           bool stable, struct temporary *ret) {
    int fd, error;

    if (size > mpr_filesize_most())
        return -EFBIG;
    if (snprintf(ret->name, sizeof ret->name, ".%s" TEMPORARY_MARK "%d-%llx", store->name,
                 (int)getpid(), (unsigned long long)mpr_now_ns())
        >= (int)sizeof ret->name)
        return -ENAMETOOLONG;
    fd = openat(store->directory, ret->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                0600);
    if (fd < 0)
        return -errno;
    error = fill(fd, store->mode, text, size, stable, &ret->facts);
    /* A network file system may report only now that there is no room. */
    if (close(fd) && !error && errno != EINTR)
        error = -errno;
    if (error)
        unlinkat(store->directory, ret->name, 0);
    return error;
}

/* A network file system may do it and then say that it failed. Returns 0 or -errno. */
static int take_place(const struct mpr_store *store, const struct temporary *temporary) {
    struct stat facts;
    int error;

    if (renameat(store->directory, temporary->name, store->directory, store->name) == 0)
        return 0;
    error = -errno;
    if (fstatat(store->directory, store->name, &facts, AT_SYMLINK_NOFOLLOW) == 0
        && facts.st_dev == temporary->facts.st_dev && facts.st_ino == temporary->facts.st_ino)
        return 0;
    unlinkat(store->directory, temporary->name, 0);
    return error;
}

DWORD mpr_store_save(struct mpr_store *store, const char *text, size_t size) {
    struct temporary temporary;
    int error;

    sweep(store);
    error = write_temporary(store, text, size, true, &temporary);
    if (!error)
        error = take_place(store, &temporary);
    if (error)
        return mpr_store_cannot(store, "saved", -error);
    /* Some file systems have no such thing for a directory. */
    if (fsync(store->directory) && errno != EINVAL && errno != ENOTSUP)
        return mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                             "The %s %s was replaced, but may be the old one again after a "
                             "power failure: its directory cannot be made stable: %s.",
                             store->what, store->path, strerror(errno));
    return NO_ERROR;
}

DWORD mpr_store_set_aside(struct mpr_store *store) {
    char name[NAME_MAX + 1];
    struct stat facts;

    if (fstatat(store->directory, store->name, &facts, AT_SYMLINK_NOFOLLOW))
        return mpr_store_cannot(store, "set aside", errno);
    if (store->linked || !S_ISREG(facts.st_mode) || facts.st_uid != geteuid())
        return mpr_store_cannot(store, "set aside", EPERM);
    if (snprintf(name, sizeof name, "%s.bad", store->name) >= (int)sizeof name)
        return mpr_store_cannot(store, "set aside", ENAMETOOLONG);
    if (renameat(store->directory, store->name, store->directory, name))
        return mpr_store_cannot(store, "set aside", errno);
    return NO_ERROR;
}

DWORD mpr_store_probe(struct mpr_store *store, const char *text, size_t size) {
    struct temporary temporary;
    int error;

    sweep(store);
    error = write_temporary(store, text, size, false, &temporary);
    if (!error && unlinkat(store->directory, temporary.name, 0))
        error = -errno;
    return error ? mpr_store_cannot(store, "saved", -error) : NO_ERROR;
}
