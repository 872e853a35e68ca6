/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_file_api.c: what file.h offers on paths, without a handle.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include <mpr/file.h>

#include "router/mpr_alloc.h"
#include "router/mpr_file_enter.h"
#include "router/mpr_files.h"
#include "router/mpr_utf.h"

/* One operation on one path. */
#define ON_PATH(path, slot, ...)                                                                   \
    __extension__({                                                                                \
        struct mpr_file_entry entry;                                                               \
        struct mpr_operation op;                                                                   \
        int64_t on_path_rc = mpr_file_enter(path, &entry, &op);                                    \
                                                                                                   \
        if (!on_path_rc) {                                                                         \
            on_path_rc = op.np->table->slot ? op.np->table->slot(op.session, &op.call,             \
                                                                 entry.target.path, ##__VA_ARGS__) \
                                            : -ENOTSUP;                                            \
            on_path_rc = mpr_operation_end(&op, 0, on_path_rc);                                    \
            mpr_file_leave(&entry);                                                                \
        }                                                                                          \
        (int)on_path_rc;                                                                           \
    })

int MprFileStat(LPCSTR path, struct mpr_stat *ret_stat) {
    struct mpr_stat got;
    int rc;

    if (!ret_stat)
        return -EINVAL;
    rc = ON_PATH(path, stat, &got);
    if (!rc)
        *ret_stat = got;
    return rc;
}

int MprFileTruncate(LPCSTR path, uint64_t size) {
    return ON_PATH(path, truncate, NULL, size);
}

int MprFileMkdir(LPCSTR path, DWORD mode) {
    return ON_PATH(path, mkdir, mode);
}

int MprFileRmdir(LPCSTR path) {
    return ON_PATH(path, rmdir);
}

int MprFileUnlink(LPCSTR path) {
    return ON_PATH(path, unlink);
}

int MprFileStatvfs(LPCSTR path, struct mpr_statvfs *ret_facts) {
    struct mpr_statvfs got;
    int rc;

    if (!ret_facts)
        return -EINVAL;
    rc = ON_PATH(path, statvfs, &got);
    if (!rc)
        *ret_facts = got;
    return rc;
}

int MprFileRename(LPCSTR from, LPCSTR to) {
    struct mpr_file_entry entry;
    struct mpr_operation op;
    struct mpr_target target = {0};
    int64_t rc = mpr_file_enter(from, &entry, &op);

    if (rc)
        return (int)rc;
    rc = to ? mpr_target_find(entry.instance, to, &target) : -EINVAL;
    if (!rc && target.conn != entry.target.conn)
        rc = -EXDEV;
    if (!rc)
        rc = op.np->table->rename
                 ? op.np->table->rename(op.session, &op.call, entry.target.path, target.path)
                 : -ENOTSUP;
    rc = mpr_operation_end(&op, 0, rc);
    mpr_target_clear(&target);
    mpr_file_leave(&entry);
    return (int)rc;
}
