/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_explain.c: looks for the reason of a failure.
 */
#include "config.h"

#include "providers/sftp/sftp_explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/sftp/sftp_attr.h"
#include "providers/sftp/sftp_dir.h"

#define NAME_LONGEST 255u
#define PATH_LONGEST 4095u

/* What is at a path: a type of <sys/stat.h>, 0 for nothing, or -1 if that cannot be seen. */
static int type_at(const struct sftp_op *op, enum sftp_type how, const char *path) {
    struct sftp_attrs attrs;
    int rc = sftp_attr_get(op, how, path, &attrs);

    if (rc == SFTP_NO_SUCH_FILE)
        return 0;
    return rc || !(attrs.flags & SFTP_ATTR_MODE) ? -1 : (int)(attrs.mode & S_IFMT);
}

static bool is_dir(const struct sftp_op *op, const char *path) {
    return type_at(op, SFTP_STAT, path) == S_IFDIR;
}

/* The directory that path is in, to be freed; NULL for the root, or without memory. */
static char *parent_of(const char *path) {
    const char *slash = strrchr(path, '/');

    return *path ? strndup(path, slash ? (size_t)(slash - path) : 0) : NULL;
}

/* Something on the way to path is no directory, or not there. */
static int why_missing(const struct sftp_op *op, const char *path) {
    char *above = parent_of(path);
    int type = 0;

    while (above && type == 0) {
        char *last = strrchr(above, '/');

        if (!*above)
            break;
        type = type_at(op, SFTP_STAT, above);
        *(last ? last : above) = '\0';
    }
    free(above);
    return type > 0 && type != S_IFDIR ? -ENOTDIR : -ENOENT;
}

static int missing(const struct sftp_op *op, enum sftp_did did, const char *path,
                   const char *other) {
    int type;

    if (did == SFTP_DID_RMDIR || did == SFTP_DID_LIST) {
        type = type_at(op, did == SFTP_DID_RMDIR ? SFTP_LSTAT : SFTP_STAT, path);
        if (type > 0 && type != S_IFDIR)
            return -ENOTDIR;
    }
    if (other && type_at(op, SFTP_LSTAT, path) > 0) {
        /* A directory that was to take the place of something else, or the way there is wrong. */
        type = type_at(op, SFTP_LSTAT, other);
        return type > 0 && type != S_IFDIR ? -ENOTDIR : why_missing(op, other);
    }
    return why_missing(op, path);
}

static int denied(const struct sftp_op *op, enum sftp_did did, const char *path) {
    /* Who can look at a file, but not change its attributes, does not own it. */
    if (did == SFTP_DID_SET && type_at(op, SFTP_STAT, path) > 0)
        return -EPERM;
    if (did == SFTP_DID_LINK && is_dir(op, path))
        return -EPERM;
    if (did == SFTP_DID_REMOVE && type_at(op, SFTP_LSTAT, path) == S_IFDIR)
        return -EISDIR;
    return -EACCES;
}

static int bad_name(const char *path) {
    if (strlen(path) > PATH_LONGEST)
        return -ENAMETOOLONG;
    while (*path) {
        size_t length = strcspn(path, "/");

        if (length > NAME_LONGEST)
            return -ENAMETOOLONG;
        path += length + (path[length] ? 1 : 0);
    }
    return -EINVAL;
}

static int note_any(void *context, const char *name, const struct mpr_stat *attributes) {
    bool *any = context;

    (void)name, (void)attributes;
    *any = true;
    return 1;
}

static bool has_entries(const struct sftp_op *op, const char *path) {
    bool any = false;

    sftp_dir_readdir(op, path, note_any, &any);
    return any;
}

/* Nothing can be written where nothing may be, or where no space is left. */
static int why_not_written(const struct sftp_op *op, const char *path, const char *other) {
    struct sftp_space space, there;
    char *above = parent_of(path), *beyond = other ? parent_of(other) : NULL;
    int rc = -EIO;

    if (sftp_attr_space(op, above ? above : "", &space) == 0) {
        if (space.facts.read_only)
            rc = -EROFS;
        else if (!space.facts.blocks_avail || (space.facts.files && !space.facts.files_free))
            rc = -ENOSPC;
        else if (other && sftp_attr_space(op, beyond ? beyond : "", &there) == 0
                 && there.id != space.id)
            rc = -EXDEV;
    }
    free(above);
    free(beyond);
    return rc;
}

/* For RENAME and LINK: what is at the new name? */
static int why_not_moved(const struct sftp_op *op, enum sftp_did did, const char *path,
                         const char *other) {
    int to = type_at(op, SFTP_LSTAT, other), from = type_at(op, SFTP_LSTAT, path);

    if (to <= 0)
        return why_not_written(op, path, other);
    if (did == SFTP_DID_LINK)
        return -EEXIST;
    if (to == S_IFDIR && from != S_IFDIR)
        return -EISDIR;
    if (to == S_IFDIR && has_entries(op, other))
        return -ENOTEMPTY;
    return op->line->extensions & SFTP_CAN_RENAME ? why_not_written(op, path, other) : -EEXIST;
}

static int failed(const struct sftp_op *op, enum sftp_did did, const char *path,
                  const char *other) {
    switch (did) {
    case SFTP_DID_LOOK:
    case SFTP_DID_SET:
    case SFTP_DID_LIST:
        return -EIO;
    case SFTP_DID_READ:
        return is_dir(op, path) ? -EISDIR : -EIO;
    case SFTP_DID_WRITE:
        return is_dir(op, path) ? -EISDIR : why_not_written(op, path, NULL);
    case SFTP_DID_MAKE:
        return type_at(op, SFTP_LSTAT, path) > 0 ? -EEXIST : why_not_written(op, path, NULL);
    case SFTP_DID_REMOVE:
        return type_at(op, SFTP_LSTAT, path) == S_IFDIR ? -EISDIR : why_not_written(op, path, NULL);
    case SFTP_DID_RMDIR:
        return has_entries(op, path) ? -ENOTEMPTY : why_not_written(op, path, NULL);
    case SFTP_DID_RENAME:
    case SFTP_DID_LINK:
        return why_not_moved(op, did, path, other);
    }
    return -EIO;
}

int sftp_explain(const struct sftp_op *op, enum sftp_did did, const char *path, const char *other,
                 int result) {
    int rc;

    switch (result) {
    case SFTP_NO_SUCH_FILE:
        return missing(op, did, path, other);
    case SFTP_PERMISSION_DENIED:
        return denied(op, did, path);
    case SFTP_BAD_MESSAGE:
        rc = bad_name(path);
        return rc == -EINVAL && other ? bad_name(other) : rc;
    case SFTP_FAILURE:
        return failed(op, did, path, other);
    default:
        return sftp_errno(result);
    }
}
