/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_bare.c: bare libnfs, as one side of a comparison.
 */
#include "config.h"

#include <fcntl.h>
#include <nfsc/libnfs.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

static struct nfs_context *nfs;
static struct nfsfh *file;

/* Without libnfs's cache of listings: with it the second one asks nobody. */
static long bare_connect(void) {
    nfs = nfs_init_context();
    if (nfs)
        nfs_set_dircache(nfs, 0);
    return nfs ? nfs_mount(nfs, "nfshost", "/rw") : -1;
}

static long bare_disconnect(void) {
    nfs_umount(nfs);
    nfs_destroy_context(nfs);
    return 0;
}

static long bare_open(const char *path, bool create) {
    return create ? nfs_open2(nfs, path, O_RDWR | O_CREAT | O_TRUNC, 0644, &file)
                  : nfs_open(nfs, path, O_RDONLY, &file);
}

/* With file.h a close is a promise, so here it is preceded by an fsync. */
static long bare_close(void) {
    int rc = nfs_fsync(nfs, file);

    nfs_close(nfs, file);
    return rc;
}

static long bare_unlink(const char *path) {
    return nfs_unlink(nfs, path);
}

static ssize_t bare_read(void *data, size_t size, uint64_t offset) {
    return nfs_pread(nfs, file, offset, size, data);
}

static ssize_t bare_write(const void *data, size_t size, uint64_t offset) {
    return nfs_pwrite(nfs, file, offset, size, (void *)(uintptr_t)data);
}

static long bare_list(const char *directory) {
    struct nfsdirent *entry;
    struct nfsdir *dir;
    long count = 0;
    int rc = nfs_opendir(nfs, directory, &dir);

    if (rc)
        return rc;
    while ((entry = nfs_readdir(nfs, dir)))
        count += entry->name[0] != '.';
    nfs_closedir(nfs, dir);
    return count;
}

static long bare_stat(const char *path) {
    struct nfs_stat_64 facts;

    return nfs_lstat64(nfs, path, &facts);
}

const struct side *bench_bare_side(void) {
    static const struct side bare = {"libnfs",   bare_connect, bare_disconnect, bare_open,
                                     bare_close, bare_unlink,  bare_read,       bare_write,
                                     bare_list,  bare_stat};

    return &bare;
}
