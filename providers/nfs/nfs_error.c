/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_error.c: the tables of NFS and mount statuses.
 */
#include "config.h"

#include "providers/nfs/nfs_error.h"

#include <errno.h>
#include <netdb.h>
#include <nfsc/libnfs-raw-mount.h>
#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <mpr/winerror.h>

struct status {
    uint32_t status;
    int error;     /* for file operations */
    uint32_t code; /* for connect */
    const char *name;
};

#define ROW(status, error, code)                                                                   \
    { status, error, code, #status }

static const struct status nfs_statuses[] = {
    ROW(NFS3ERR_PERM, EPERM, ERROR_ACCESS_DENIED),
    ROW(NFS3ERR_NOENT, ENOENT, ERROR_BAD_NET_NAME),
    ROW(NFS3ERR_IO, EIO, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NXIO, ENXIO, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_ACCES, EACCES, ERROR_ACCESS_DENIED),
    ROW(NFS3ERR_EXIST, EEXIST, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_XDEV, EXDEV, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NODEV, ENODEV, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NOTDIR, ENOTDIR, ERROR_BAD_NET_NAME),
    ROW(NFS3ERR_ISDIR, EISDIR, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_INVAL, EINVAL, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_FBIG, EFBIG, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NOSPC, ENOSPC, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_ROFS, EROFS, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_MLINK, EMLINK, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NAMETOOLONG, ENAMETOOLONG, ERROR_BAD_NET_NAME),
    ROW(NFS3ERR_NOTEMPTY, ENOTEMPTY, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_DQUOT, EDQUOT, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_STALE, ESTALE, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_REMOTE, EREMOTE, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_BADHANDLE, ESTALE, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NOT_SYNC, EAGAIN, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_BAD_COOKIE, ESTALE, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_NOTSUPP, EOPNOTSUPP, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_TOOSMALL, EIO, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_SERVERFAULT, EREMOTEIO, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_BADTYPE, EINVAL, ERROR_EXTENDED_ERROR),
    ROW(NFS3ERR_JUKEBOX, EAGAIN, ERROR_EXTENDED_ERROR),
};

static const struct status mount_statuses[] = {
    ROW(MNT3ERR_PERM, EPERM, ERROR_ACCESS_DENIED),
    ROW(MNT3ERR_NOENT, ENOENT, ERROR_BAD_NET_NAME),
    ROW(MNT3ERR_IO, EIO, ERROR_EXTENDED_ERROR),
    ROW(MNT3ERR_ACCES, EACCES, ERROR_ACCESS_DENIED),
    ROW(MNT3ERR_NOTDIR, ENOTDIR, ERROR_BAD_NET_NAME),
    ROW(MNT3ERR_INVAL, EINVAL, ERROR_EXTENDED_ERROR),
    ROW(MNT3ERR_NAMETOOLONG, ENAMETOOLONG, ERROR_BAD_NET_NAME),
    ROW(MNT3ERR_NOTSUPP, EOPNOTSUPP, ERROR_EXTENDED_ERROR),
    ROW(MNT3ERR_SERVERFAULT, EREMOTEIO, ERROR_EXTENDED_ERROR),
};

static const struct status *find(const struct status *rows, size_t count, uint32_t status) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].status == status)
            return &rows[i];
    return NULL;
}

static const struct status *find_nfs(uint32_t status) {
    return find(nfs_statuses, sizeof nfs_statuses / sizeof nfs_statuses[0], status);
}

static const struct status *find_mount(uint32_t status) {
    return find(mount_statuses, sizeof mount_statuses / sizeof mount_statuses[0], status);
}

int nfs_errno(int result) {
    const struct status *row;

    if (result <= 0)
        return result;
    row = find_nfs((uint32_t)result);
    return row ? -row->error : -EREMOTEIO;
}

const char *nfs_stat_name(uint32_t status, char *buffer, size_t size) {
    const struct status *row = find_nfs(status);

    if (row)
        return row->name;
    snprintf(buffer, size, "nfsstat %u", (unsigned)status);
    return buffer;
}

const char *nfs_mountstat_name(uint32_t status, char *buffer, size_t size) {
    const struct status *row = find_mount(status);

    if (row)
        return row->name;
    snprintf(buffer, size, "mountstat %u", (unsigned)status);
    return buffer;
}

uint32_t nfs_stat_code(uint32_t status) {
    const struct status *row = find_nfs(status);

    return row ? row->code : ERROR_EXTENDED_ERROR;
}

uint32_t nfs_mountstat_code(uint32_t status) {
    const struct status *row = find_mount(status);

    return row ? row->code : ERROR_EXTENDED_ERROR;
}

static void words_of_errno(int error, char *buffer, size_t size) {
    const char *name = strerrorname_np(error), *words = strerrordesc_np(error);

    if (name && words)
        snprintf(buffer, size, "%s (%s %d)", words, name, error);
    else
        snprintf(buffer, size, "error %d", error);
}

void nfs_words_of_failure(const struct np_failure *failure, char *buffer, size_t size) {
    if (failure->gai)
        snprintf(buffer, size, "the name could not be resolved: %s", gai_strerror(failure->gai));
    else
        words_of_errno(failure->error, buffer, size);
}

bool nfs_fail(struct nfs_failure *ret, enum mpr_answer answer, uint32_t code, uint32_t native,
              const char *format, ...) {
    va_list arguments;

    ret->answer = answer;
    ret->code = code;
    ret->native = native;
    va_start(arguments, format);
    vsnprintf(ret->text, sizeof ret->text, format, arguments);
    va_end(arguments);
    return false;
}
