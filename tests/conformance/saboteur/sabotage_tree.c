/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_tree.c: faults of directories, names, links and attributes.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "tests/conformance/saboteur/saboteur.h"

/* ---- readdir */

struct listing {
    mpr_dirent_fn fn;
    void *context;
    unsigned count;
};

static int give_all_but_one(void *context, const char *name, const struct mpr_stat *attributes) {
    struct listing *listing = context;

    return ++listing->count == 33 ? 0 : listing->fn(listing->context, name, attributes);
}

static int readdir_32(void *session, const struct mpr_call *call, const char *path,
                      mpr_dirent_fn fn, void *context) {
    struct listing listing = {.fn = fn, .context = context};

    return honest->readdir(session, call, path, give_all_but_one, &listing);
}

static void drop_33rd(struct mpr_provider *table) {
    table->readdir = readdir_32;
}

static int give_without_end(void *context, const char *name, const struct mpr_stat *attributes) {
    struct listing *listing = context;

    listing->fn(listing->context, name, attributes);
    return 0;
}

static int readdir_deaf(void *session, const struct mpr_call *call, const char *path,
                        mpr_dirent_fn fn, void *context) {
    struct listing listing = {.fn = fn, .context = context};

    return honest->readdir(session, call, path, give_without_end, &listing);
}

static void never_stop(struct mpr_provider *table) {
    table->readdir = readdir_deaf;
}

static int readdir_dots(void *session, const struct mpr_call *call, const char *path,
                        mpr_dirent_fn fn, void *context) {
    struct mpr_stat root = {.mode = S_IFDIR | 0755, .nlink = 1};

    if (!*path && (fn(context, ".", &root) || fn(context, "..", &root)))
        return 0;
    return honest->readdir(session, call, path, fn, context);
}

static void give_dots(struct mpr_provider *table) {
    table->readdir = readdir_dots;
}

static int give_timeless(void *context, const char *name, const struct mpr_stat *attributes) {
    struct listing *listing = context;
    struct mpr_stat changed = *attributes;

    changed.mtime_ns = 0;
    return listing->fn(listing->context, name, &changed);
}

static int readdir_timeless(void *session, const struct mpr_call *call, const char *path,
                            mpr_dirent_fn fn, void *context) {
    struct listing listing = {.fn = fn, .context = context};

    return honest->readdir(session, call, path, give_timeless, &listing);
}

static void list_without_times(struct mpr_provider *table) {
    table->readdir = readdir_timeless;
}

static int readdir_of_files(void *session, const struct mpr_call *call, const char *path,
                            mpr_dirent_fn fn, void *context) {
    int rc = honest->readdir(session, call, path, fn, context);

    return rc == -ENOTDIR ? 0 : rc;
}

static void list_files(struct mpr_provider *table) {
    table->readdir = readdir_of_files;
}

/* ---- making and removing */

static int mkdir_again(void *session, const struct mpr_call *call, const char *path,
                       uint32_t mode) {
    int rc = honest->mkdir(session, call, path, mode);

    return rc == -EEXIST ? 0 : rc;
}

static void mkdir_is_done(struct mpr_provider *table) {
    table->mkdir = mkdir_again;
}

static int rmdir_full(void *session, const struct mpr_call *call, const char *path) {
    int rc = honest->rmdir(session, call, path);

    return rc == -ENOTEMPTY ? 0 : rc;
}

static void rmdir_is_done(struct mpr_provider *table) {
    table->rmdir = rmdir_full;
}

static int rmdir_root(void *session, const struct mpr_call *call, const char *path) {
    return *path ? honest->rmdir(session, call, path) : 0;
}

static void remove_root(struct mpr_provider *table) {
    table->rmdir = rmdir_root;
}

static int unlink_any(void *session, const struct mpr_call *call, const char *path) {
    int rc = honest->unlink(session, call, path);

    return rc == -EISDIR ? honest->rmdir(session, call, path) : rc;
}

static void unlink_directories(struct mpr_provider *table) {
    table->unlink = unlink_any;
}

static int unlink_followed(void *session, const struct mpr_call *call, const char *path) {
    char target[256], other[1024];
    const char *slash = strrchr(path, '/');

    if (honest->readlink(session, call, path, target, sizeof target) == 0) {
        snprintf(other, sizeof other, "%.*s/%s", slash ? (int)(slash - path) : 0, path, target);
        honest->unlink(session, call, other);
    }
    return honest->unlink(session, call, path);
}

static void unlink_target(struct mpr_provider *table) {
    table->unlink = unlink_followed;
}

/* ---- names */

static int open_decoded(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    char copy[4096];
    char *percent;

    snprintf(copy, sizeof copy, "%s", path);
    percent = strstr(copy, "%20");
    if (percent) {
        *percent = ' ';
        memmove(percent + 1, percent + 3, strlen(percent + 3) + 1);
    }
    return honest->open(session, call, copy, flags, mode, ret_file);
}

static void decode_names(struct mpr_provider *table) {
    table->open = open_decoded;
}

static int open_trimmed(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    char copy[4096];

    snprintf(copy, sizeof copy, "%s", path);
    for (size_t length = strlen(copy); length && copy[length - 1] == '.'; length--)
        copy[length - 1] = '\0';
    return honest->open(session, call, copy, flags, mode, ret_file);
}

static void trim_names(struct mpr_provider *table) {
    table->open = open_trimmed;
}

static int stat_cut(void *session, const struct mpr_call *call, const char *path,
                    struct mpr_stat *ret) {
    char copy[1024];

    if (strlen(path) >= sizeof copy) {
        snprintf(copy, sizeof copy, "%.*s", (int)strcspn(path, "/"), path);
        path = copy;
    }
    return honest->stat(session, call, path, ret);
}

static void cut_paths(struct mpr_provider *table) {
    table->stat = stat_cut;
}

/* ---- rename, link, readlink */

static int rename_new(void *session, const struct mpr_call *call, const char *from,
                      const char *to) {
    struct mpr_stat there;

    if (strcasecmp(from, to) != 0 && honest->stat(session, call, to, &there) == 0)
        return -EEXIST;
    return honest->rename(session, call, from, to);
}

static void never_replace(struct mpr_provider *table) {
    table->rename = rename_new;
}

static int rename_case(void *session, const struct mpr_call *call, const char *from,
                       const char *to) {
    return strcasecmp(from, to) == 0 ? 0 : honest->rename(session, call, from, to);
}

static void keep_case(struct mpr_provider *table) {
    table->rename = rename_case;
}

static int rename_missing(void *session, const struct mpr_call *call, const char *from,
                          const char *to) {
    int rc = honest->rename(session, call, from, to);

    return rc == -ENOENT ? 0 : rc;
}

static void rename_nothing(struct mpr_provider *table) {
    table->rename = rename_missing;
}

static int rename_linked(void *session, const struct mpr_call *call, const char *from,
                         const char *to) {
    int rc = honest->link(session, call, from, to);

    return rc ? honest->rename(session, call, from, to) : 0;
}

static void keep_old_name(struct mpr_provider *table) {
    table->rename = rename_linked;
}

static int link_copied(void *session, const struct mpr_call *call, const char *from,
                       const char *to) {
    char data[4096];
    void *in, *out;
    int64_t got = 0;
    int rc = honest->open(session, call, from, O_RDONLY, 0, &in);

    if (rc)
        return rc;
    rc = honest->open(session, call, to, O_WRONLY | O_CREAT | O_EXCL, 0644, &out);
    if (rc == 0) {
        got = honest->pread(session, call, in, data, sizeof data, 0);
        honest->pwrite(session, call, out, data, got > 0 ? (size_t)got : 0, 0);
        honest->close(session, call, out);
    }
    honest->close(session, call, in);
    return rc;
}

static void copy_for_link(struct mpr_provider *table) {
    table->link = link_copied;
}

static int readlink_cut(void *session, const struct mpr_call *call, const char *path, char *buffer,
                        size_t size) {
    char target[4096];
    int rc = honest->readlink(session, call, path, target, sizeof target);

    if (rc == 0)
        memcpy(buffer, target, strlen(target) < size ? strlen(target) + 1 : size);
    return rc;
}

static void cut_target(struct mpr_provider *table) {
    table->readlink = readlink_cut;
}

/* ---- attributes */

static int fstat_empty(void *session, const struct mpr_call *call, void *file,
                       struct mpr_stat *ret) {
    int rc = honest->fstat(session, call, file, ret);

    if (rc == 0)
        ret->size = 0;
    return rc;
}

static void empty_fstat(struct mpr_provider *table) {
    table->fstat = fstat_empty;
}

static int stat_stale(void *session, const struct mpr_call *call, const char *path,
                      struct mpr_stat *ret) {
    static _Thread_local char last[512];
    static _Thread_local uint64_t size;
    int rc = honest->stat(session, call, path, ret);

    if (rc == 0 && strcmp(last, path) == 0)
        ret->size = size;
    else if (rc == 0)
        size = ret->size;
    if (rc == 0)
        snprintf(last, sizeof last, "%s", path);
    return rc;
}

static void stale_stat(struct mpr_provider *table) {
    table->stat = stat_stale;
}

static int stat_cleared(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_stat *ret) {
    memset(ret, 0, sizeof *ret);
    return honest->stat(session, call, path, ret);
}

static void clear_first(struct mpr_provider *table) {
    table->stat = stat_cleared;
}

static int stat_of_access(void *session, const struct mpr_call *call, const char *path,
                          struct mpr_stat *ret) {
    int rc = honest->stat(session, call, path, ret);

    if (rc == 0)
        ret->mtime_ns = ret->atime_ns;
    return rc;
}

static void swap_times(struct mpr_provider *table) {
    table->stat = stat_of_access;
}

static int chmod_nothing(void *session, const struct mpr_call *call, const char *path,
                         uint32_t mode) {
    struct mpr_stat found;

    (void)mode;
    return honest->stat(session, call, path, &found);
}

static void ignore_chmod(struct mpr_provider *table) {
    table->chmod = chmod_nothing;
}

static int chown_nobody(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                        uint32_t gid) {
    return honest->chown(session, call, path, uid == UINT32_MAX ? 65534 : uid,
                         gid == UINT32_MAX ? 65534 : gid);
}

static void chown_all(struct mpr_provider *table) {
    table->chown = chown_nobody;
}

static int utimens_all(void *session, const struct mpr_call *call, const char *path,
                       int64_t atime_ns, int64_t mtime_ns) {
    return honest->utimens(session, call, path, atime_ns == MPR_TIME_OMIT ? 0 : atime_ns,
                           mtime_ns == MPR_TIME_OMIT ? 0 : mtime_ns);
}

static void set_omitted(struct mpr_provider *table) {
    table->utimens = utimens_all;
}

static int statvfs_free(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_statvfs *ret) {
    int rc = honest->statvfs(session, call, path, ret);

    if (rc == 0)
        ret->blocks_free = ret->blocks * 2 + 1;
    return rc;
}

static void more_than_all(struct mpr_provider *table) {
    table->statvfs = statvfs_free;
}

const struct sabotage sabotage_tree[] = {
    {"dir-33rd", "dokany #737: the 33rd entry is lost in a table of 32", drop_33rd},
    {"dir-no-stop", "a listing goes on after it was told to stop", never_stop},
    {"dir-dots", "\".\" and \"..\" are listed", give_dots},
    {"dir-times", "a listing's attributes are not those of stat", list_without_times},
    {"dir-of-file", "a file is listed as an empty directory", list_files},
    {"dir-mkdir", "mkdir of what is there succeeds", mkdir_is_done},
    {"dir-rmdir", "rmdir of a full directory says it is done", rmdir_is_done},
    {"dir-root", "the root can be removed", remove_root},
    {"dir-unlink", "libsmbclient: unlink removes an empty directory", unlink_directories},
    {"names-percent", "%20 in a file's name becomes a blank", decode_names},
    {"names-dot", "smbd: a name that ends with a dot is kept under another", trim_names},
    {"names-long", "a long path is cut to the length of a buffer", cut_paths},
    {"rename-replace", "rename never replaces a file", never_replace},
    {"rename-case", "a change of letters' case is taken for nothing", keep_case},
    {"rename-missing", "a rename of nothing succeeds", rename_nothing},
    {"rename-old-name", "the old name stays", keep_old_name},
    {"link-copy", "a link is a copy", copy_for_link},
    {"link-unlink", "removing a symbolic link removes its target", unlink_target},
    {"link-target", "OpenAFS 31d80e646: a text is cut to the buffer, and that is success",
     cut_target},
    {"stat-fstat", "fstat knows no size", empty_fstat},
    {"stat-stale", "a size is that of the last look", stale_stat},
    {"stat-written", "the result is written before it is known", clear_first},
    {"stat-times", "mtime is the time of the last access", swap_times},
    {"stat-chmod", "chmod does nothing and succeeds", ignore_chmod},
    {"stat-chown", "an owner that is to stay becomes nobody", chown_all},
    {"stat-omit", "a time that is to stay becomes 1970", set_omitted},
    {"stat-free", "more blocks are free than there are", more_than_all},
    {NULL, NULL, NULL},
};
