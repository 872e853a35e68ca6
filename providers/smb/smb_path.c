/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_path.c: operations on paths.
 *
 * Each path operation of the library first sees whether the name is a link,
 * so a stat takes four round trips; opening and closing takes two. The library
 * also takes some requests further than POSIX allows (it would delete an empty
 * directory to give its name to a file); those are looked at before they are
 * sent.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_stat.h"
#include "providers/smb/smb_url.h"

#define MODE_BITS 07777
#define MARK_BITS 0111 /* as which the library shows archive, system and hidden of a file */

struct mpr_stat smb_stat_convert(const struct smb_session *session, const struct stat *from) {
    uint32_t permissions = S_ISDIR(from->st_mode) ? 0755 : 0644;

    if (!(from->st_mode & S_IWUSR))
        permissions &= ~0222u;
    return (struct mpr_stat){
        .ino = from->st_ino,
        .size = S_ISDIR(from->st_mode) ? 0 : (uint64_t)from->st_size,
        .space = (uint64_t)from->st_blocks * 512,
        .atime_ns = from->st_atim.tv_sec * INT64_C(1000000000) + from->st_atim.tv_nsec,
        .mtime_ns = from->st_mtim.tv_sec * INT64_C(1000000000) + from->st_mtim.tv_nsec,
        .ctime_ns = from->st_ctim.tv_sec * INT64_C(1000000000) + from->st_ctim.tv_nsec,
        .mode = (from->st_mode & ~(mode_t)MODE_BITS) | permissions,
        .nlink = from->st_nlink ? (uint32_t)from->st_nlink : 1,
        .uid = session->uid,
        .gid = session->gid,
        .valid = from->st_ino ? MPR_STAT_INO : 0,
    };
}

/* Begins an operation on path; its URL comes out. */
static int begin_on(struct smb_session *session, const struct mpr_call *call, const char *path,
                    int which, const char **ret_url) {
    int rc = smb_session_begin(session, call);

    return rc ? rc : smb_session_url(session, path, which, ret_url);
}

/* The library failed: errno, made more exact by what is known of the path. */
static int path_error(struct smb_session *session, const struct mpr_call *call, const char *path) {
    int error = errno;

    if (error == EINVAL && smb_url_has_long_name(path))
        error = ENAMETOOLONG;
    return smb_session_error(session, call, error);
}

static int stat_path(struct smb_session *session, const struct mpr_call *call, const char *path,
                     struct stat *ret) {
    SMBCCTX *context = session->state->context;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    if (smbc_getFunctionStat(context)(context, url, ret) < 0)
        return path_error(session, call, path);
    return 0;
}

/*
 * All marks of a file or directory anew, as a mode that was found has them: read-only,
 * and of files archive, system and hidden.
 */
static int set_marks(struct smb_session *session, const struct mpr_call *call, const char *path,
                     mode_t mode) {
    SMBCCTX *context = session->state->context;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    mode &= S_ISDIR(mode) ? S_IWUSR : MODE_BITS;
    if (smbc_getFunctionChmod(context)(context, url, mode) < 0)
        return path_error(session, call, path);
    return 0;
}

int smb_stat(void *opaque, const struct mpr_call *call, const char *path, struct mpr_stat *ret) {
    struct stat found;
    int rc = stat_path(opaque, call, path, &found);

    if (rc == 0)
        *ret = smb_stat_convert(opaque, &found);
    return rc;
}

int smb_readdir(void *opaque, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                void *data) {
    struct smb_session *session = opaque;
    SMBCCTX *context = session->state->context;
    const struct libsmb_file_info *entry;
    struct stat found;
    SMBCFILE *directory;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    /* The whole listing comes with this call. */
    directory = smbc_getFunctionOpendir(context)(context, url);
    if (!directory)
        return path_error(session, call, path);
    while ((entry = smbc_getFunctionReaddirPlus2(context)(context, directory, &found))) {
        struct mpr_stat attributes = smb_stat_convert(session, &found);

        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
            continue;
        if (fn(data, entry->name, &attributes))
            break;
    }
    smbc_getFunctionClosedir(context)(context, directory);
    return 0;
}

int smb_mkdir(void *opaque, const struct mpr_call *call, const char *path, uint32_t mode) {
    struct smb_session *session = opaque;
    SMBCCTX *context = session->state->context;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc == 0)
        rc = smb_url_check_new(path);
    if (rc)
        return rc;
    if (smbc_getFunctionMkdir(context)(context, url, mode & MODE_BITS) < 0)
        return path_error(session, call, path);
    return 0;
}

/* What stands at a path. */
struct found {
    bool exists;
    bool directory;
    uint64_t ino; /* of a file; 0 = unknown */
};

/* By opening it, which is cheaper than a stat; by a stat where that is forbidden. */
static int look_at(struct smb_session *session, const struct mpr_call *call, const char *path,
                   bool want_ino, struct found *ret) {
    struct mpr_stat attributes = {0};
    void *file;
    int rc = smb_open(session, call, path, O_RDONLY, 0, &file);

    *ret = (struct found){.exists = rc == 0 || rc == -EISDIR, .directory = rc == -EISDIR};
    if (rc == -EISDIR || rc == -ENOENT)
        return 0;
    if (rc == 0) {
        rc = want_ino ? smb_fstat(session, call, file, &attributes) : 0;
        smb_close(session, call, file);
    } else if (rc == -EACCES || rc == -EBUSY) {
        rc = smb_stat(session, call, path, &attributes);
        ret->exists = rc == 0;
        ret->directory = S_ISDIR(attributes.mode);
        if (rc == -ENOENT)
            rc = 0;
    }
    ret->ino = attributes.ino;
    return rc;
}

/*
 * Marks path as read-only, or takes that away, if it is of this type. Returns 1 if
 * that changed it, 0 if there was nothing to change, or -errno.
 */
static int mark_read_only(struct smb_session *session, const struct mpr_call *call,
                          const char *path, mode_t type, bool read_only) {
    struct stat found;
    int rc = stat_path(session, call, path, &found);

    if (rc)
        return rc;
    if ((found.st_mode & S_IFMT) != type || !(found.st_mode & S_IWUSR) == read_only)
        return 0;
    rc = set_marks(session, call, path,
                   (found.st_mode & ~(mode_t)S_IWUSR) | (read_only ? 0 : S_IWUSR));
    return rc ? rc : 1;
}

/* STATUS_CANNOT_DELETE, of what is read-only, is no more to the library: the name is valid. */
static int removal_error(struct smb_session *session, const struct mpr_call *call,
                         const char *path) {
    int rc = path_error(session, call, path);

    return rc == -EINVAL ? -EACCES : rc;
}

static int remove_directory(struct smb_session *session, const struct mpr_call *call,
                            const char *path) {
    SMBCCTX *context = session->state->context;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    if (smbc_getFunctionRmdir(context)(context, url) < 0)
        return removal_error(session, call, path);
    return 0;
}

static int remove_file(struct smb_session *session, const struct mpr_call *call, const char *path) {
    SMBCCTX *context = session->state->context;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    if (smbc_getFunctionUnlink(context)(context, url) < 0)
        return removal_error(session, call, path);
    return 0;
}

/*
 * A server removes nothing that is marked read-only. In POSIX the rights to the directory
 * count: so the mark is taken away, and given back if that did not help.
 */
static int remove_any(struct smb_session *session, const struct mpr_call *call, const char *path,
                      mode_t type) {
    int (*remove_it)(struct smb_session *, const struct mpr_call *, const char *) =
        type == S_IFDIR ? remove_directory : remove_file;
    int rc = remove_it(session, call, path);

    if (rc == -EACCES && mark_read_only(session, call, path, type, false) > 0) {
        rc = remove_it(session, call, path);
        if (rc)
            mark_read_only(session, call, path, type, true);
    }
    return rc;
}

int smb_rmdir(void *opaque, const struct mpr_call *call, const char *path) {
    return remove_any(opaque, call, path, S_IFDIR);
}

int smb_unlink(void *opaque, const struct mpr_call *call, const char *path) {
    struct smb_session *session = opaque;
    struct found found;
    /* The library deletes an empty directory and says nothing of a full one. */
    int rc = look_at(session, call, path, false, &found);

    if (rc == 0 && !found.exists)
        rc = -ENOENT;
    if (rc == 0 && found.directory)
        rc = -EISDIR;
    if (rc == 0)
        rc = remove_any(session, call, path, S_IFREG);
    return rc;
}

/* May from take to's place? 0, 1 if there is nothing to do, or -errno. */
static int prepare_target(struct smb_session *session, const struct mpr_call *call,
                          const char *from, const char *to) {
    struct found source, target;
    int rc = look_at(session, call, to, true, &target);

    if (rc || !target.exists)
        return rc;
    if (strcmp(from, to) == 0)
        return 1;
    rc = look_at(session, call, from, true, &source);
    if (rc)
        return rc;
    if (!source.exists)
        return -ENOENT;
    if (target.directory != source.directory)
        return target.directory ? -EISDIR : -ENOTDIR;
    if (target.directory)
        return smb_rmdir(session, call, to);
    /* Two names of one file: POSIX leaves both. The library would delete it. */
    return source.ino && source.ino == target.ino;
}

static int move_name(struct smb_session *session, const struct mpr_call *call, const char *from,
                     const char *to) {
    SMBCCTX *context = session->state->context;
    const char *from_url, *to_url;
    int rc = begin_on(session, call, from, 0, &from_url);

    if (rc == 0)
        rc = smb_session_url(session, to, 1, &to_url);
    if (rc)
        return rc;
    if (smbc_getFunctionRename(context)(context, from_url, context, to_url) < 0)
        return path_error(session, call, strlen(from) > strlen(to) ? from : to);
    return 0;
}

/*
 * The library could not remove the file at to, and does not say why. One that is
 * read-only goes as by unlink; of another it is found out by removing it.
 */
static int move_over(struct smb_session *session, const struct mpr_call *call, const char *from,
                     const char *to) {
    bool marked = mark_read_only(session, call, to, S_IFREG, false) > 0;
    int rc = marked ? move_name(session, call, from, to) : -EEXIST;

    if (rc == -EEXIST) {
        rc = remove_file(session, call, to);
        if (rc == 0 || rc == -ENOENT)
            rc = move_name(session, call, from, to);
    }
    if (rc && marked)
        mark_read_only(session, call, to, S_IFREG, true);
    return rc;
}

int smb_rename(void *opaque, const struct mpr_call *call, const char *from, const char *to) {
    struct smb_session *session = opaque;
    char old_name[SMB_PATH_MAX], new_name[SMB_PATH_MAX];
    const char *url;
    bool apart;
    int rc = begin_on(session, call, from, 0, &url);

    if (rc == 0)
        rc = smb_session_url(session, to, 1, &url);
    if (rc == 0)
        rc = smb_url_check_new(to);
    if (rc)
        return rc;
    /* Of names that differ in letters' case alone, both may be one file: just rename. */
    if (smb_fold_copy(&session->state->fold, from, old_name, sizeof old_name) < 0
        || smb_fold_copy(&session->state->fold, to, new_name, sizeof new_name) < 0)
        return -ENAMETOOLONG;
    apart = strcmp(old_name, new_name) != 0;
    if (apart || strcmp(from, to) == 0)
        rc = prepare_target(session, call, from, to);
    if (rc)
        return rc > 0 ? 0 : rc;
    rc = move_name(session, call, from, to);
    return rc == -EEXIST && apart ? move_over(session, call, from, to) : rc;
}

/*
 * Of permissions SMB has one: read-only, for files. Who asks for any write
 * permission takes the mark away; what else is asked for is not to be had, and
 * that is no error, as a copy of a file would else never succeed.
 */
int smb_chmod(void *opaque, const struct mpr_call *call, const char *path, uint32_t mode) {
    int rc = mark_read_only(opaque, call, path, S_IFREG, !(mode & 0222));

    return rc < 0 ? rc : 0;
}

static struct timeval to_timeval(int64_t ns) {
    int64_t seconds = ns / 1000000000, rest = ns % 1000000000;

    if (rest < 0) {
        seconds--;
        rest += 1000000000;
    }
    return (struct timeval){.tv_sec = seconds, .tv_usec = rest / 1000};
}

/* By opening it, which is cheaper than a stat; by a stat where that is forbidden. */
static int stat_any(struct smb_session *session, const struct mpr_call *call, const char *path,
                    struct stat *ret) {
    SMBCCTX *context = session->state->context;
    const struct smb_file *file;
    void *opaque;
    int rc = smb_open(session, call, path, O_RDONLY, 0, &opaque);

    if (rc == -EISDIR || rc == -EACCES || rc == -EBUSY)
        return stat_path(session, call, path, ret);
    if (rc)
        return rc;
    file = opaque;
    if (smbc_getFunctionFstat(context)(context, file->handle, ret) < 0)
        rc = smb_session_error(session, call, errno);
    smb_close(session, call, opaque);
    return rc;
}

int smb_utimens(void *opaque, const struct mpr_call *call, const char *path, int64_t atime_ns,
                int64_t mtime_ns) {
    struct smb_session *session = opaque;
    SMBCCTX *context = session->state->context;
    struct timeval times[2];
    struct mpr_stat known;
    struct stat found;
    const char *url;
    /*
     * Where this request fails once, the library takes another way ever after,
     * which knows no directories: so it must not fail for want of the file.
     */
    int rc = stat_any(session, call, path, &found);

    if (rc == 0)
        rc = begin_on(session, call, path, 0, &url);
    if (rc)
        return rc;
    known = smb_stat_convert(session, &found);
    times[0] = to_timeval(atime_ns == MPR_TIME_OMIT ? known.atime_ns : atime_ns);
    times[1] = to_timeval(mtime_ns == MPR_TIME_OMIT ? known.mtime_ns : mtime_ns);
    if (smbc_getFunctionUtimes(context)(context, url, times) < 0) {
        if (errno == EISDIR)
            errno = EOPNOTSUPP;
        return path_error(session, call, path);
    }
    /* It takes all marks away. */
    if (!S_ISDIR(found.st_mode) && (!(found.st_mode & S_IWUSR) || found.st_mode & MARK_BITS))
        return set_marks(session, call, path, found.st_mode);
    return 0;
}

int smb_statvfs(void *opaque, const struct mpr_call *call, const char *path,
                struct mpr_statvfs *ret) {
    struct smb_session *session = opaque;
    SMBCCTX *context = session->state->context;
    struct statvfs found;
    const char *url;
    int rc = begin_on(session, call, path, 0, &url);

    if (rc)
        return rc;
    memset(&found, 0, sizeof found);
    /* It takes no constant, though it changes nothing. */
    if (smbc_getFunctionStatVFS(context)(context, session->urls[0], &found) < 0)
        return path_error(session, call, path);
    /* The library gives sectors per unit as the "fragment", and counts in units. */
    *ret = (struct mpr_statvfs){
        .block_size = (uint64_t)found.f_bsize * (found.f_frsize ? found.f_frsize : 1),
        .blocks = found.f_blocks,
        .blocks_free = found.f_bfree,
        .blocks_avail = found.f_bavail,
        .files = found.f_files,
        .files_free = found.f_ffree,
        .name_max = found.f_namemax ? (uint32_t)found.f_namemax : 255,
        .read_only = (found.f_flag & SMBC_VFS_FEATURE_RDONLY) != 0,
    };
    return 0;
}
