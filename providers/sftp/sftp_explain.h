/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_explain.h: the errno behind a status.
 *
 * Version 3 has four statuses for all that can go wrong with a file: OpenSSH
 * says NO_SUCH_FILE for ENOENT, ENOTDIR and ELOOP, PERMISSION_DENIED for EACCES
 * and EPERM, BAD_MESSAGE for EINVAL and ENAMETOOLONG, and FAILURE for the rest.
 * Which one it was is found out afterwards, by looking at what is there: only
 * after a failure, and a failure to look changes nothing of it.
 */
#ifndef SFTP_EXPLAIN_H
#define SFTP_EXPLAIN_H

#include "providers/sftp/sftp_session.h"

/** What was tried. */
enum sftp_did {
    SFTP_DID_LOOK,   /* stat, statvfs */
    SFTP_DID_LIST,   /* readdir */
    SFTP_DID_READ,   /* open without writing, readlink */
    SFTP_DID_WRITE,  /* open to write, write, truncate */
    SFTP_DID_SET,    /* chmod, chown, utimens */
    SFTP_DID_MAKE,   /* what must not be there yet: O_EXCL, mkdir, symlink */
    SFTP_DID_REMOVE, /* unlink */
    SFTP_DID_RMDIR,
    SFTP_DID_RENAME, /* path to other */
    SFTP_DID_LINK,   /* path to other */
};

/** result is a status or -errno, never 0. Returns -errno, never 0. */
int sftp_explain(const struct sftp_op *op, enum sftp_did did, const char *path, const char *other,
                 int result);

#endif
