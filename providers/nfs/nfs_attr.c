/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_attr.c: SETATTR, ACCESS, FSSTAT and PATHCONF.
 */
#include "config.h"

#include "providers/nfs/nfs_attr.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/nfs/nfs_inode.h"
#include "providers/nfs/nfs_walk.h"

#define BLOCK_SIZE 4096u /* the protocol counts bytes; statvfs wants a unit */
#define NS_PER_S   1000000000

static sattr3 no_attributes(void) {
    sattr3 attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.atime.set_it = DONT_CHANGE;
    attributes.mtime.set_it = DONT_CHANGE;
    return attributes;
}

sattr3 nfs_attr_mode(uint32_t mode) {
    sattr3 attributes = no_attributes();

    attributes.mode.set_it = 1;
    attributes.mode.set_mode3_u.mode = mode & 07777;
    return attributes;
}

static int set_handle(struct nfs_session *session, const struct mpr_call *call,
                      struct nfs_handle *handle, const sattr3 *attributes) {
    SETATTR3args args = {.object = nfs_handle_fh3(handle), .new_attributes = *attributes};
    int rc = nfs_call(session->line, call, &nfs_proc_setattr, &args, NULL, NULL);

    nfs_session_changed(session);
    return rc;
}

int nfs_attr_set_size(struct nfs_session *session, const struct mpr_call *call,
                      struct nfs_handle *handle, uint64_t size) {
    sattr3 attributes = no_attributes();
    int rc = nfs_inode_commit_handle(session, call, handle);

    if (rc)
        return rc;
    attributes.size.set_it = 1;
    attributes.size.set_size3_u.size = size;
    /* Where the size stays as it was, a server may see no change. */
    attributes.mtime.set_it = SET_TO_SERVER_TIME;
    return set_handle(session, call, handle, &attributes);
}

static int set_path(struct nfs_session *session, const struct mpr_call *call, const char *path,
                    const sattr3 *attributes) {
    struct nfs_node node;
    int rc = nfs_walk(session, call, path, true, &node);

    if (!rc)
        rc = set_handle(session, call, &node.handle, attributes);
    return nfs_errno(rc);
}

int nfs_attr_stat(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  bool follow, struct mpr_stat *ret_stat) {
    struct nfs_node node;
    int rc = nfs_walk(session, call, path, follow, &node);

    if (!rc)
        *ret_stat = node.stat;
    return nfs_errno(rc);
}

int nfs_attr_chmod(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   uint32_t mode) {
    sattr3 attributes = nfs_attr_mode(mode);

    return set_path(session, call, path, &attributes);
}

int nfs_attr_chown(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   uint32_t uid, uint32_t gid) {
    sattr3 attributes = no_attributes();

    attributes.uid.set_it = uid != UINT32_MAX;
    attributes.uid.set_uid3_u.uid = uid;
    attributes.gid.set_it = gid != UINT32_MAX;
    attributes.gid.set_gid3_u.gid = gid;
    return set_path(session, call, path, &attributes);
}

/*
 * Seconds are 32 bits without sign in version 3. A time before or after them becomes the
 * first or the last of them, as on any file system whose times have such bounds: who copies
 * files of another age is not to fail.
 */
static void set_time(int64_t ns, time_how *how, nfstime3 *time) {
    const int64_t last_ns = (int64_t)UINT32_MAX * NS_PER_S;

    *how = DONT_CHANGE;
    if (ns == MPR_TIME_OMIT)
        return;
    if (ns < 0)
        ns = 0;
    if (ns > last_ns)
        ns = last_ns;
    *how = SET_TO_CLIENT_TIME;
    time->seconds = (u_int)(ns / NS_PER_S);
    time->nseconds = (u_int)(ns % NS_PER_S);
}

int nfs_attr_utimens(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     int64_t atime_ns, int64_t mtime_ns) {
    sattr3 attributes = no_attributes();

    set_time(atime_ns, &attributes.atime.set_it, &attributes.atime.set_atime_u.atime);
    set_time(mtime_ns, &attributes.mtime.set_it, &attributes.mtime.set_mtime_u.mtime);
    return set_path(session, call, path, &attributes);
}

int nfs_attr_truncate(struct nfs_session *session, const struct mpr_call *call, const char *path,
                      uint64_t size) {
    struct nfs_node node;
    int rc = nfs_walk(session, call, path, true, &node);

    /* A server may call a size of a directory just an invalid argument. */
    if (!rc && S_ISDIR(node.stat.mode))
        return -EISDIR;
    if (!rc)
        rc = nfs_attr_set_size(session, call, &node.handle, size);
    return nfs_errno(rc);
}

void nfs_attr_take_access(void *context, const void *reply) {
    uint32_t *granted = context;

    *granted = ((const ACCESS3res *)reply)->ACCESS3res_u.resok.access;
}

int nfs_attr_access(struct nfs_session *session, const struct mpr_call *call,
                    struct nfs_handle *handle, uint32_t wanted, uint32_t *ret_granted) {
    ACCESS3args args = {.object = nfs_handle_fh3(handle), .access = wanted};

    return nfs_call(session->line, call, &nfs_proc_access, &args, nfs_attr_take_access,
                    ret_granted);
}

/* The protocol has no flag for it. A SETATTR of nothing changes nothing, and is
 * refused with a status of its own where nothing may be changed. */
bool nfs_attr_is_read_only(struct nfs_session *session, const struct mpr_call *call,
                           struct nfs_handle *handle) {
    sattr3 nothing = no_attributes();

    return set_handle(session, call, handle, &nothing) == NFS3ERR_ROFS;
}

static void take_fsstat(void *context, const void *reply) {
    const FSSTAT3resok *ok = &((const FSSTAT3res *)reply)->FSSTAT3res_u.resok;
    struct mpr_statvfs *facts = context;

    facts->block_size = BLOCK_SIZE;
    facts->blocks = ok->tbytes / BLOCK_SIZE;
    facts->blocks_free = ok->fbytes / BLOCK_SIZE;
    facts->blocks_avail = ok->abytes / BLOCK_SIZE;
    facts->files = ok->tfiles;
    facts->files_free = ok->ffiles;
}

static void take_pathconf(void *context, const void *reply) {
    uint32_t name_max = ((const PATHCONF3res *)reply)->PATHCONF3res_u.resok.name_max;
    struct mpr_statvfs *facts = context;

    /* Servers tell what their protocol could say; what they store on takes less. */
    if (name_max && name_max < facts->name_max)
        facts->name_max = name_max;
}

int nfs_attr_statvfs(struct nfs_session *session, const struct mpr_call *call, const char *path,
                     struct mpr_statvfs *ret_facts) {
    struct mpr_statvfs facts = {.name_max = NAME_MAX};
    const uint32_t changes = ACCESS3_MODIFY | ACCESS3_EXTEND;
    uint32_t granted = changes;
    struct nfs_node node;
    FSSTAT3args fsstat;
    PATHCONF3args pathconf;
    ACCESS3args access;
    struct nfs_call calls[] = {
        {&nfs_proc_fsstat, &fsstat, take_fsstat, &facts, 0},
        {&nfs_proc_pathconf, &pathconf, take_pathconf, &facts, 0},
        {&nfs_proc_access, &access, nfs_attr_take_access, &granted, 0},
    };
    int rc = nfs_walk(session, call, path, true, &node);

    if (rc)
        return nfs_errno(rc);
    fsstat.fsroot = pathconf.object = access.object = nfs_handle_fh3(&node.handle);
    access.access = changes;
    rc = nfs_call_all(session->line, call, calls, sizeof calls / sizeof calls[0]);
    if (rc || (rc = calls[0].result))
        return nfs_errno(rc);
    if (!(granted & changes))
        facts.read_only = nfs_attr_is_read_only(session, call, &node.handle);
    *ret_facts = facts;
    return 0;
}
