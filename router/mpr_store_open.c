/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_store_open.c: finds the directory of a small file of the user's.
 *
 * The way is gone name by name, since who may put a symbolic link there decides which
 * file is read and replaced, and with whose rights: root may have another user's HOME. So
 * a link must be root's or the user's own, and so must the directory of the file, and that
 * of each link that stands in its place; nobody else may write there.
 */
#include "config.h"

#include "router/mpr_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_paths.h"
#include "router/mpr_smallfile.h"

#define MOST_LINKS 40
#define NEW_MODE   0600
#define DISTRUSTED EKEYREJECTED /* and the thread has the words */

struct way {
    const struct mpr_store *store;
    int at;     /* the directory that was reached */
    char *rest; /* the names from there */
    unsigned links;
};

static int distrust(const struct mpr_store *store, const char *subject, const char *words) {
    mpr_error_say(ERROR_CANNOT_OPEN_PROFILE,
                  "The %s %s is not trusted, for %s: %s. Nothing was changed. Set HOME to your own "
                  "home directory; if that is your own, set its owner and mode right.",
                  store->what, store->path, subject, words);
    return -DISTRUSTED;
}

/* In a directory like /tmp nobody replaces what is another's. */
static int check_directory(const struct mpr_store *store, int fd) {
    char words[MPR_SMALLFILE_WORDS_MAX];
    struct stat facts;

    if (fstat(fd, &facts))
        return -errno;
    if (facts.st_mode & S_ISVTX)
        facts.st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
    return mpr_smallfile_trusted(&facts, words) ? 0 : distrust(store, "its directory", words);
}

/* The mode of a link says nothing; in a user namespace root has another number. */
static int check_link(const struct mpr_store *store, struct stat facts) {
    char words[MPR_SMALLFILE_WORDS_MAX];
    struct stat root;

    facts.st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
    if (mpr_smallfile_trusted(&facts, words)
        || (stat("/", &root) == 0 && root.st_uid == facts.st_uid))
        return 0;
    return distrust(store, "a symbolic link leads there", words);
}

/* An empty name is that of the link that directory itself is. Returns 0 or -errno. */
static int read_link(int directory, const char *name, char target[PATH_MAX]) {
    ssize_t length = readlinkat(directory, name, target, PATH_MAX);

    if (length < 0)
        return -errno;
    if (length == PATH_MAX)
        return -ENAMETOOLONG;
    target[length] = '\0';
    return 0;
}

/* Best effort: that a new directory outlives a power failure. */
static void sync_directory(int directory) {
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Not in another user's directory: it would be in his way. Returns 0 or -errno. */
static int make_directory(const struct way *way, const char *name) {
    int error = check_directory(way->store, way->at);

    if (error)
        return error;
    if (mkdirat(way->at, name, 0700))
        return errno == EEXIST ? 0 : -errno;
    sync_directory(way->at);
    return 0;
}

static void move_to(struct way *way, int fd) {
    close(way->at);
    way->at = fd;
}

/* Goes on where an open link leads. Returns 0 or -errno. */
static int follow(struct way *way, int link, const struct stat *facts, const char *rest) {
    char target[PATH_MAX];
    int error = check_link(way->store, *facts);
    char *joined;

    if (!error && ++way->links > MOST_LINKS)
        error = -ELOOP;
    if (!error)
        error = read_link(link, "", target);
    if (error)
        return error;
    if (*target == '/') {
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0)
            return -errno;
        move_to(way, root);
    }
    if (asprintf(&joined, "%s/%s", target, rest) < 0)
        return -ENOMEM;
    free(way->rest);
    way->rest = joined;
    return 0;
}

/* Returns a descriptor of what bears the name, which need be no directory, or -errno. */
static int open_name(const struct way *way, const char *name, bool create) {
    int fd = openat(way->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), error;

    if (fd >= 0 || errno != ENOENT || !create)
        return fd < 0 ? -errno : fd;
    error = make_directory(way, name);
    if (error)
        return error;
    fd = openat(way->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Goes one name on. Returns 0 or -errno. */
static int step(struct way *way, bool create) {
    char *name = way->rest, *rest = name + strcspn(name, "/");
    struct stat facts;
    int fd, error;

    if (*rest)
        *rest++ = '\0';
    fd = open_name(way, name, create);
    if (fd < 0)
        return fd;
    error = fstat(fd, &facts) ? -errno : 0;
    if (!error && !S_ISLNK(facts.st_mode)) {
        move_to(way, fd);
        memmove(way->rest, rest, strlen(rest) + 1);
        return 0;
    }
    if (!error)
        error = follow(way, fd, &facts, rest);
    close(fd);
    return error;
}

/* Goes the way to its end; there it is opened for all purposes. Returns the descriptor or -errno. */
static int walk(struct way *way, bool create) {
    int error = 0, fd;

    while (*way->rest && !error) {
        size_t slashes = strspn(way->rest, "/");

        if (slashes)
            memmove(way->rest, way->rest + slashes, strlen(way->rest + slashes) + 1);
        else
            error = step(way, create);
    }
    if (error)
        return error;
    fd = openat(way->at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Opens the directory of the store's path. Returns the descriptor or -errno. */
static int open_directory(const struct mpr_store *store, bool create) {
    struct way way = {.store = store,
                      .rest = strndup(store->path, (size_t)(store->name - store->path))};
    int fd;

    if (!way.rest)
        return -ENOMEM;
    way.at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    fd = way.at < 0 ? -errno : walk(&way, create);
    if (way.at >= 0)
        close(way.at);
    free(way.rest);
    return fd;
}

/* Puts what a link in the place of the file leads to into the path. Returns 0 or -errno;
 * -EINVAL: it is no link. */
static int replace_path(struct mpr_store *store, int directory) {
    char target[PATH_MAX];
    struct stat facts;
    char *joined;
    int error;

    if (fstatat(directory, store->name, &facts, AT_SYMLINK_NOFOLLOW))
        return -errno;
    if (!S_ISLNK(facts.st_mode))
        return -EINVAL;
    error = check_link(store, facts);
    if (!error)
        error = read_link(directory, store->name, target);
    if (error)
        return error;
    if (asprintf(&joined, "%.*s%s", *target == '/' ? 0 : (int)(store->name - store->path),
                 store->path, target)
        < 0)
        return -ENOMEM;
    free(store->path);
    store->path = joined;
    store->linked = true;
    return 0;
}

/* Finds the directory of the real file, which need not be there. Returns its descriptor or -errno. */
static int find_directory(struct mpr_store *store, bool create) {
    for (int i = 0; i < MOST_LINKS; i++) {
        int fd, error;

        store->name = strrchr(store->path, '/') + 1;
        fd = open_directory(store, create && !store->linked);
        if (fd < 0)
            return fd;
        error = check_directory(store, fd);
        if (!error)
            error = replace_path(store, fd);
        if (error == -EINVAL || error == -ENOENT)
            return fd;
        close(fd);
        if (error)
            return error;
    }
    return -ELOOP;
}

DWORD mpr_store_open(const char *directory, const char *name, const char *what, bool create,
                     struct mpr_store *ret_store) {
    struct mpr_store store = {.what = what, .directory = -1, .lock = -1, .mode = NEW_MODE};
    DWORD rc = ERROR_CANNOT_OPEN_PROFILE;
    int fd;

    store.path = mpr_paths_join(directory, name);
    if (!store.path)
        return ERROR_NOT_ENOUGH_MEMORY;
    fd = find_directory(&store, create);
    if (fd >= 0) {
        store.directory = fd;
    } else if (fd != -ENOENT || create || store.linked) {
        if (fd != -DISTRUSTED)
            rc = mpr_store_cannot(&store, "opened", -fd);
        free(store.path);
        return rc;
    }
    *ret_store = store;
    return NO_ERROR;
}
