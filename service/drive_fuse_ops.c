/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_ops.c: the kernel's requests are taken apart, given to drive_*, and
 * answered.
 */
#include "config.h"

#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "service/drive_fuse.h"

#define BLOCK_SIZE 0x20000 /* what programs are told to read and write at a time */

/* ---- attributes and entries */

static struct timespec time_of(int64_t ns) {
    int64_t seconds = ns / MPR_NS_PER_S - (ns % MPR_NS_PER_S < 0);

    return (struct timespec){.tv_sec = seconds, .tv_nsec = ns - seconds * MPR_NS_PER_S};
}

static struct stat stat_of(const struct mpr_stat *attributes) {
    return (struct stat){
        .st_ino = attributes->ino,
        .st_mode = attributes->mode,
        .st_nlink = attributes->nlink,
        .st_uid = attributes->uid,
        .st_gid = attributes->gid,
        .st_rdev = attributes->rdev,
        .st_size = (off_t)attributes->size,
        .st_blksize = BLOCK_SIZE,
        .st_blocks = (blkcnt_t)((attributes->space + 511) / 512),
        .st_atim = time_of(attributes->atime_ns),
        .st_mtim = time_of(attributes->mtime_ns),
        .st_ctim = time_of(attributes->ctime_ns),
    };
}

static struct fuse_entry_param param_of(const struct drive_entry *entry) {
    return (struct fuse_entry_param){
        .ino = entry->number,
        .attr = stat_of(&entry->attributes),
        .attr_timeout = entry->valid_ms / 1000.0,
        .entry_timeout = entry->valid_ms / 1000.0,
    };
}

static void answer_entry(struct drive_request *request, int rc, const struct drive_entry *entry) {
    struct drive_session *session = request->session;
    struct fuse_entry_param param;

    if (rc != 0) {
        drive_request_answer(request, rc);
        return;
    }
    param = param_of(entry);
    drive_session_know(session, entry->number);
    if (!drive_request_claim(request) || fuse_reply_entry(request->fuse, &param) != 0)
        drive_session_forget(session, entry->number, 1);
}

static void answer_attributes(struct drive_request *request, int rc,
                              const struct drive_entry *entry) {
    struct stat st;

    if (rc != 0) {
        drive_request_answer(request, rc);
        return;
    }
    st = stat_of(&entry->attributes);
    if (drive_request_claim(request))
        fuse_reply_attr(request->fuse, &st, entry->valid_ms / 1000.0);
}

static void serve_lookup(fuse_req_t fuse, fuse_ino_t parent, const char *name) {
    struct drive_entry entry;
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        answer_entry(&request, drive_request_look_up(&request, parent, name, &entry), &entry);
}

static struct drive_session *session_of(fuse_req_t fuse) {
    return fuse_req_userdata(fuse);
}

static void serve_forget(fuse_req_t fuse, fuse_ino_t number, uint64_t lookups) {
    drive_session_forget(session_of(fuse), number, lookups);
    fuse_reply_none(fuse);
}

static void serve_forget_multi(fuse_req_t fuse, size_t count, struct fuse_forget_data *forgets) {
    for (size_t i = 0; i < count; i++)
        drive_session_forget(session_of(fuse), forgets[i].ino, forgets[i].nlookup);
    fuse_reply_none(fuse);
}

static void serve_getattr(fuse_req_t fuse, fuse_ino_t number, struct fuse_file_info *file) {
    struct drive_entry entry;
    struct drive_request request;

    (void)file;
    if (drive_request_begin(&request, fuse))
        answer_attributes(&request, drive_getattr(request.drive, number, &entry), &entry);
}

static struct drive_change change_of(const struct stat *st, int to_set) {
    struct drive_change change = {
        .mode = st->st_mode,
        .uid = to_set & FUSE_SET_ATTR_UID ? st->st_uid : UINT32_MAX,
        .gid = to_set & FUSE_SET_ATTR_GID ? st->st_gid : UINT32_MAX,
        .size = (uint64_t)st->st_size,
        .atime_ns = MPR_TIME_OMIT,
        .mtime_ns = MPR_TIME_OMIT,
    };
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (to_set & FUSE_SET_ATTR_ATIME)
        change.atime_ns = mpr_ns_of(to_set & FUSE_SET_ATTR_ATIME_NOW ? now : st->st_atim);
    if (to_set & FUSE_SET_ATTR_MTIME)
        change.mtime_ns = mpr_ns_of(to_set & FUSE_SET_ATTR_MTIME_NOW ? now : st->st_mtim);
    change.what = (to_set & FUSE_SET_ATTR_SIZE ? DRIVE_SET_SIZE : 0)
                  | (to_set & FUSE_SET_ATTR_MODE ? DRIVE_SET_MODE : 0)
                  | (to_set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID) ? DRIVE_SET_OWNER : 0)
                  | (to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME) ? DRIVE_SET_TIMES : 0);
    return change;
}

static void serve_setattr(fuse_req_t fuse, fuse_ino_t number, struct stat *st, int to_set,
                          struct fuse_file_info *file) {
    struct drive_change change = change_of(st, to_set);
    struct drive_entry entry;
    struct drive_request request;

    (void)file;
    if (drive_request_begin(&request, fuse))
        answer_attributes(&request, drive_setattr(request.drive, number, &change, &entry), &entry);
}

static bool is_in_group(fuse_req_t fuse, gid_t group) {
    gid_t groups[64];
    int count = fuse_req_getgroups(fuse, 64, groups);

    for (int i = 0; i < count && i < 64; i++) {
        if (groups[i] == group)
            return true;
    }
    return fuse_req_ctx(fuse)->gid == group;
}

/* For access(2): what the server is likely to say. It is the one who decides. */
static int check_access(fuse_req_t fuse, const struct mpr_stat *attributes, unsigned mask) {
    const struct fuse_ctx *who = fuse_req_ctx(fuse);
    unsigned shift = 0;

    if (who->uid == 0)
        return mask & X_OK && S_ISREG(attributes->mode) && !(attributes->mode & 0111) ? -EACCES : 0;
    if (who->uid == attributes->uid)
        shift = 6;
    else if (is_in_group(fuse, attributes->gid))
        shift = 3;
    return mask & 7 & ~(attributes->mode >> shift) ? -EACCES : 0;
}

static void serve_access(fuse_req_t fuse, fuse_ino_t number, int mask) {
    struct drive_entry entry;
    struct drive_request request;
    int rc;

    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_getattr(request.drive, number, &entry);
    if (!drive_request_claim(&request))
        return;
    if (rc == 0 && (request.session->modes_count || !(entry.attributes.valid & MPR_STAT_OWNER)))
        rc = check_access(fuse, &entry.attributes, (unsigned)mask);
    fuse_reply_err(fuse, -rc);
}

static void serve_readlink(fuse_req_t fuse, fuse_ino_t number) {
    struct drive_request request;
    char *target;
    int rc;

    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_readlink(request.drive, number, &target);
    if (rc != 0) {
        drive_request_answer(&request, rc);
        return;
    }
    if (drive_request_claim(&request))
        fuse_reply_readlink(fuse, target);
    free(target);
}

static void serve_statfs(fuse_req_t fuse, fuse_ino_t number) {
    struct mpr_statvfs facts;
    struct drive_request request;
    struct statvfs answered;
    int rc;

    (void)number;
    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_statvfs(request.drive, &facts);
    if (rc != 0) {
        drive_request_answer(&request, rc);
        return;
    }
    answered = (struct statvfs){
        .f_bsize = facts.block_size,
        .f_frsize = facts.block_size,
        .f_blocks = facts.blocks,
        .f_bfree = facts.blocks_free,
        .f_bavail = facts.blocks_avail,
        .f_files = facts.files,
        .f_ffree = facts.files_free,
        .f_favail = facts.files_free,
        .f_namemax = facts.name_max ? facts.name_max : NAME_MAX,
    };
    if (drive_request_claim(&request))
        fuse_reply_statfs(fuse, &answered);
}

/* ---- names */

static void serve_mkdir(fuse_req_t fuse, fuse_ino_t parent, const char *name, mode_t mode) {
    struct drive_entry entry;
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        answer_entry(&request, drive_mkdir(request.drive, parent, name, mode, &entry), &entry);
}

static void serve_unlink(fuse_req_t fuse, fuse_ino_t parent, const char *name) {
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        drive_request_answer(&request, drive_unlink(request.drive, parent, name));
}

static void serve_rmdir(fuse_req_t fuse, fuse_ino_t parent, const char *name) {
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        drive_request_answer(&request, drive_rmdir(request.drive, parent, name));
}

static void serve_symlink(fuse_req_t fuse, const char *target, fuse_ino_t parent,
                          const char *name) {
    struct drive_entry entry;
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        answer_entry(&request, drive_symlink(request.drive, target, parent, name, &entry), &entry);
}

static void serve_rename(fuse_req_t fuse, fuse_ino_t from_parent, const char *from,
                         fuse_ino_t to_parent, const char *to, unsigned flags) {
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        drive_request_answer(&request,
                             drive_rename(request.drive, from_parent, from, to_parent, to, flags));
}

static void serve_link(fuse_req_t fuse, fuse_ino_t number, fuse_ino_t parent, const char *name) {
    struct drive_entry entry;
    struct drive_request request;

    if (drive_request_begin(&request, fuse))
        answer_entry(&request, drive_link(request.drive, number, parent, name, &entry), &entry);
}

/* ---- contents */

/* A new handle as libfuse keeps it. 0, or -ENOMEM, and it is released. */
static int keep(struct drive_session *session, struct drive_handle *handle,
                struct fuse_file_info *file) {
    struct drive_open *open = drive_open_new(session, handle, NULL);

    if (!open) {
        drive_release(handle);
        return -ENOMEM;
    }
    file->fh = open->number;
    file->keep_cache = drive_handle_keeps_pages(handle);
    return 0;
}

static void serve_open(fuse_req_t fuse, fuse_ino_t number, struct fuse_file_info *file) {
    struct drive_session *session = session_of(fuse);
    struct drive_handle *handle;
    struct drive_request request;
    int rc;

    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_open(request.drive, number, file->flags, &handle);
    if (rc == 0)
        rc = keep(session, handle, file);
    if (rc != 0)
        drive_request_answer(&request, rc);
    else if (!drive_request_claim(&request) || fuse_reply_open(fuse, file) != 0)
        drive_open_end(session, file->fh);
}

static void serve_create(fuse_req_t fuse, fuse_ino_t parent, const char *name, mode_t mode,
                         struct fuse_file_info *file) {
    struct drive_session *session = session_of(fuse);
    struct fuse_entry_param param;
    struct drive_handle *handle;
    struct drive_entry entry;
    struct drive_request request;
    int rc;

    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_create(request.drive, parent, name, file->flags, mode, &entry, &handle);
    if (rc == 0 && (rc = keep(session, handle, file)) != 0)
        drive_forget(request.drive, entry.number, 1);
    if (rc != 0) {
        drive_request_answer(&request, rc);
        return;
    }
    param = param_of(&entry);
    drive_session_know(session, entry.number);
    if (!drive_request_claim(&request) || fuse_reply_create(fuse, &param, file) != 0) {
        drive_open_end(session, file->fh);
        drive_session_forget(session, entry.number, 1);
    }
}

static void serve_mknod(fuse_req_t fuse, fuse_ino_t parent, const char *name, mode_t mode,
                        dev_t device) {
    struct drive_handle *handle;
    struct drive_entry entry;
    struct drive_request request;
    int rc = -EPERM;

    (void)device;
    if (!drive_request_begin(&request, fuse))
        return;
    if (S_ISREG(mode))
        rc = drive_create(request.drive, parent, name, O_WRONLY | O_CREAT | O_EXCL, mode, &entry,
                          &handle);
    if (rc == 0)
        drive_release(handle);
    answer_entry(&request, rc, &entry);
}

static void send_data(void *context, const void *data, size_t size) {
    struct drive_request *request = context;

    if (drive_request_claim(request))
        fuse_reply_buf(request->fuse, data, size);
}

static void serve_read(fuse_req_t fuse, fuse_ino_t number, size_t size, off_t offset,
                       struct fuse_file_info *file) {
    struct drive_request request;
    struct drive_open *open = drive_open_begin(&request, fuse, file->fh, false);
    int rc;

    (void)number;
    if (!open)
        return;
    rc = drive_read(open->handle, size, (uint64_t)offset, send_data, &request);
    if (rc != 0)
        drive_request_answer(&request, rc);
    drive_open_put(open);
}

/* O_APPEND is what it is now, as fcntl(2) changes it; never with pages that were mapped. */
static void serve_write(fuse_req_t fuse, fuse_ino_t number, const char *data, size_t size,
                        off_t offset, struct fuse_file_info *file) {
    struct drive_request request;
    struct drive_open *open = drive_open_begin(&request, fuse, file->fh, false);
    int64_t rc;

    (void)number;
    if (!open)
        return;
    if (file->flags & O_APPEND)
        rc = drive_append(open->handle, data, size, (uint64_t)offset);
    else
        rc = drive_write(open->handle, data, size, (uint64_t)offset);
    if (rc < 0)
        drive_request_answer(&request, (int)rc);
    else if (drive_request_claim(&request))
        fuse_reply_write(fuse, (size_t)rc);
    drive_open_put(open);
}

static void serve_flush(fuse_req_t fuse, fuse_ino_t number, struct fuse_file_info *file) {
    struct drive_request request;
    struct drive_open *open = drive_open_begin(&request, fuse, file->fh, false);

    (void)number;
    if (!open)
        return;
    if (drive_handle_is_unwritten(open->handle))
        drive_request_closes(&request);
    drive_request_answer(&request, drive_flush(open->handle));
    drive_open_put(open);
}

static void serve_fsync(fuse_req_t fuse, fuse_ino_t number, int data_only,
                        struct fuse_file_info *file) {
    struct drive_request request;
    struct drive_open *open = drive_open_begin(&request, fuse, file->fh, false);

    (void)number;
    (void)data_only;
    if (!open)
        return;
    drive_request_answer(&request, drive_fsync(open->handle));
    drive_open_put(open);
}

static void serve_release(fuse_req_t fuse, fuse_ino_t number, struct fuse_file_info *file) {
    (void)number;
    drive_open_end(session_of(fuse), file->fh);
    fuse_reply_err(fuse, 0);
}

/* ---- directories */

static void serve_opendir(fuse_req_t fuse, fuse_ino_t number, struct fuse_file_info *file) {
    struct drive_session *session = session_of(fuse);
    struct drive_open *open = NULL;
    struct drive_request request;
    struct drive_dir *dir;
    int rc;

    if (!drive_request_begin(&request, fuse))
        return;
    rc = drive_opendir(request.drive, number, &dir);
    if (rc == 0 && !(open = drive_open_new(session, NULL, dir))) {
        drive_releasedir(request.drive, dir);
        rc = -ENOMEM;
    }
    if (rc != 0) {
        drive_request_answer(&request, rc);
        return;
    }
    file->fh = open->number;
    if (!drive_request_claim(&request) || fuse_reply_open(fuse, file) != 0)
        drive_open_end(session, file->fh);
}

static void serve_fsyncdir(fuse_req_t fuse, fuse_ino_t number, int data_only,
                           struct fuse_file_info *file) {
    (void)number;
    (void)data_only;
    (void)file;
    fuse_reply_err(fuse, 0); /* names are the server's at once */
}

static bool get_entry(struct drive *drive, struct drive_open *open, size_t index, bool plus,
                      const char **ret_name, struct drive_entry *ret) {
    if (index < 2) { /* the kernel knows where they lead */
        *ret_name = &".."[1 - index];
        *ret = (struct drive_entry){.attributes = {.mode = S_IFDIR, .ino = UINT32_MAX}};
        return true;
    }
    if (!drive_dir_get(drive, open->dir, index - 2, plus, ret_name, ret))
        return false;
    if (!ret->attributes.ino)
        ret->attributes.ino = UINT32_MAX; /* as libfuse has it; 0 would hide the entry */
    return true;
}

/** Entries on their way to the kernel. */
struct filling {
    char *buffer;
    size_t size, used;
    uint64_t *looked_up;
    size_t count;
};

static void fill(struct drive_request *request, struct drive_open *open, size_t index, bool plus,
                 struct filling *filling) {
    struct fuse_entry_param param;
    struct drive_entry entry;
    const char *name;
    size_t needed;

    for (; get_entry(request->drive, open, index, false, &name, &entry); index++) {
        if (!*name)
            continue;
        param = param_of(&entry);
        needed = plus ? fuse_add_direntry_plus(request->fuse, NULL, 0, name, NULL, 0)
                      : fuse_add_direntry(request->fuse, NULL, 0, name, NULL, 0);
        if (needed > filling->size - filling->used)
            break;
        if (!plus) {
            fuse_add_direntry(request->fuse, filling->buffer + filling->used, needed, name,
                              &param.attr, (off_t)index + 1);
        } else {
            if (!get_entry(request->drive, open, index, true, &name, &entry) || !*name)
                continue;
            param = param_of(&entry);
            fuse_add_direntry_plus(request->fuse, filling->buffer + filling->used, needed, name,
                                   &param, (off_t)index + 1);
            drive_session_know(request->session, entry.number);
            if (entry.number)
                filling->looked_up[filling->count++] = entry.number;
        }
        filling->used += needed;
    }
}

static void read_dir(fuse_req_t fuse, size_t size, off_t offset, bool plus, fuse_ino_t number,
                     struct fuse_file_info *file) {
    struct filling filling = {.size = size};
    struct drive_dir *anew;
    struct drive_request request;
    struct drive_open *open = drive_open_begin(&request, fuse, file->fh, true);
    int rc = 0;

    if (!open)
        return;
    if (offset == 0 && open->used && (rc = drive_opendir(request.drive, number, &anew)) == 0) {
        drive_releasedir(request.drive, open->dir);
        open->dir = anew;
    }
    open->used = true;
    filling.buffer = malloc(size);
    filling.looked_up = malloc((size / sizeof(struct mpr_stat) + 1) * sizeof *filling.looked_up);
    if (rc == 0 && (!filling.buffer || !filling.looked_up))
        rc = -ENOMEM;
    if (rc == 0)
        fill(&request, open, (size_t)offset, plus, &filling);
    if (rc != 0)
        drive_request_answer(&request, rc);
    else if (!drive_request_claim(&request)
             || fuse_reply_buf(fuse, filling.buffer, filling.used) != 0)
        for (size_t i = 0; i < filling.count; i++)
            drive_session_forget(request.session, filling.looked_up[i], 1);
    free(filling.buffer);
    free(filling.looked_up);
    drive_open_put(open);
}

static void serve_readdir(fuse_req_t fuse, fuse_ino_t number, size_t size, off_t offset,
                          struct fuse_file_info *file) {
    read_dir(fuse, size, offset, false, number, file);
}

static void serve_readdirplus(fuse_req_t fuse, fuse_ino_t number, size_t size, off_t offset,
                              struct fuse_file_info *file) {
    read_dir(fuse, size, offset, true, number, file);
}

/* What has no line here is not to be had: locks are the kernel's, so local to this machine. */
const struct fuse_lowlevel_ops drive_fuse_ops = {
    .init = drive_fuse_init,
    .lookup = serve_lookup,
    .forget = serve_forget,
    .forget_multi = serve_forget_multi,
    .getattr = serve_getattr,
    .setattr = serve_setattr,
    .access = serve_access,
    .readlink = serve_readlink,
    .mknod = serve_mknod,
    .mkdir = serve_mkdir,
    .unlink = serve_unlink,
    .rmdir = serve_rmdir,
    .symlink = serve_symlink,
    .rename = serve_rename,
    .link = serve_link,
    .open = serve_open,
    .create = serve_create,
    .read = serve_read,
    .write = serve_write,
    .flush = serve_flush,
    .fsync = serve_fsync,
    .release = serve_release,
    .opendir = serve_opendir,
    .readdir = serve_readdir,
    .readdirplus = serve_readdirplus,
    .fsyncdir = serve_fsyncdir,
    .releasedir = serve_release,
    .statfs = serve_statfs,
};
