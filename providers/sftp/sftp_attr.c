/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_attr.c: STAT, SETSTAT and statvfs@openssh.com.
 */
#include "config.h"

#include "providers/sftp/sftp_attr.h"

#include <errno.h>
#include <stdlib.h>

#include "providers/sftp/sftp_explain.h"

#define NS_PER_S       1000000000
#define ST_RDONLY_FLAG 1u /* of statvfs@openssh.com */

static int take_attrs(struct sftp_request *request, int rc, struct sftp_attrs *ret) {
    struct sftp_in reply = sftp_reply(request, SFTP_ATTRS);
    struct sftp_attrs attrs = {0};

    if (!rc) {
        sftp_in_attrs(&reply, &attrs);
        rc = reply.bad ? -EIO : 0;
    }
    if (!rc)
        *ret = attrs;
    free(request->reply);
    return rc;
}

int sftp_attr_get(const struct sftp_op *op, enum sftp_type type, const char *path,
                  struct sftp_attrs *ret) {
    struct sftp_request request;
    struct sftp_out packet;

    sftp_call_begin(op->line, &request, &packet, type, sftp_path_size(op->session, path));
    sftp_out_path(&packet, op->session, path);
    return take_attrs(&request, sftp_call(op->line, op->call, &request, &packet), ret);
}

int sftp_attr_get_open(const struct sftp_op *op, const struct sftp_handle *handle,
                       struct sftp_attrs *ret) {
    struct sftp_request request;
    struct sftp_out packet;

    sftp_call_begin(op->line, &request, &packet, SFTP_FSTAT, SFTP_HANDLE_MAX + 4);
    sftp_out_handle(&packet, handle);
    return take_attrs(&request, sftp_call(op->line, op->call, &request, &packet), ret);
}

static int look(const struct sftp_op *op, enum sftp_type type, const char *path,
                struct mpr_stat *ret) {
    struct sftp_attrs attrs;
    int rc = sftp_attr_get(op, type, path, &attrs);

    if (rc)
        return sftp_explain(op, SFTP_DID_LOOK, path, NULL, rc);
    sftp_attrs_to_stat(&attrs, ret);
    return 0;
}

int sftp_attr_stat(const struct sftp_op *op, const char *path, struct mpr_stat *ret) {
    return look(op, SFTP_STAT, path, ret);
}

int sftp_attr_lstat(const struct sftp_op *op, const char *path, struct mpr_stat *ret) {
    return look(op, SFTP_LSTAT, path, ret);
}

static int set(const struct sftp_op *op, enum sftp_did did, const char *path,
               const struct sftp_attrs *attrs) {
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_SETSTAT,
                    sftp_path_size(op->session, path) + 32);
    sftp_out_path(&packet, op->session, path);
    sftp_out_attrs(&packet, attrs);
    rc = sftp_call(op->line, op->call, &request, &packet);
    free(request.reply);
    return rc ? sftp_explain(op, did, path, NULL, rc) : 0;
}

int sftp_attr_truncate(const struct sftp_op *op, const char *path, uint64_t size) {
    struct sftp_attrs attrs = {.flags = SFTP_ATTR_SIZE, .size = size};

    return set(op, SFTP_DID_WRITE, path, &attrs);
}

int sftp_attr_chmod(const struct sftp_op *op, const char *path, uint32_t mode) {
    struct sftp_attrs attrs = {.flags = SFTP_ATTR_MODE, .mode = mode & 07777};

    return set(op, SFTP_DID_SET, path, &attrs);
}

/* Owner and group go together: what is to stay is asked for first. */
int sftp_attr_chown(const struct sftp_op *op, const char *path, uint32_t uid, uint32_t gid) {
    struct sftp_attrs attrs = {.flags = SFTP_ATTR_UIDGID, .uid = uid, .gid = gid};
    struct sftp_attrs now;

    if (uid == UINT32_MAX || gid == UINT32_MAX) {
        int rc = sftp_attr_get(op, SFTP_STAT, path, &now);

        if (rc)
            return sftp_explain(op, SFTP_DID_LOOK, path, NULL, rc);
        if (!(now.flags & SFTP_ATTR_UIDGID))
            return -ENOTSUP;
        attrs.uid = uid == UINT32_MAX ? now.uid : uid;
        attrs.gid = gid == UINT32_MAX ? now.gid : gid;
        if (uid == UINT32_MAX && gid == UINT32_MAX)
            return 0;
    }
    return set(op, SFTP_DID_SET, path, &attrs);
}

/*
 * Version 3 has whole seconds in 32 bits, from 1970 to 2106. Who copies files of another age
 * is not to fail: they get the first or the last of these times.
 */
static uint32_t to_seconds(int64_t time_ns) {
    if (time_ns < 0)
        return 0;
    return time_ns / NS_PER_S > UINT32_MAX ? UINT32_MAX : (uint32_t)(time_ns / NS_PER_S);
}

int sftp_attr_utimens(const struct sftp_op *op, const char *path, int64_t atime_ns,
                      int64_t mtime_ns) {
    struct sftp_attrs attrs = {
        .flags = SFTP_ATTR_TIMES, .atime = to_seconds(atime_ns), .mtime = to_seconds(mtime_ns)};
    bool keep_atime = atime_ns == MPR_TIME_OMIT, keep_mtime = mtime_ns == MPR_TIME_OMIT;
    struct sftp_attrs now;

    if (keep_atime || keep_mtime) {
        int rc = sftp_attr_get(op, SFTP_STAT, path, &now);

        if (rc)
            return sftp_explain(op, SFTP_DID_LOOK, path, NULL, rc);
        if (!(now.flags & SFTP_ATTR_TIMES))
            return -ENOTSUP;
        if (keep_atime && keep_mtime)
            return 0;
        attrs.atime = keep_atime ? now.atime : attrs.atime;
        attrs.mtime = keep_mtime ? now.mtime : attrs.mtime;
    }
    return set(op, SFTP_DID_SET, path, &attrs);
}

static void read_space(struct sftp_in *reply, struct sftp_space *ret) {
    struct mpr_statvfs *facts = &ret->facts;
    uint64_t block = sftp_in_u64(reply), unit = sftp_in_u64(reply);

    *ret = (struct sftp_space){.facts.block_size = unit ? unit : block};
    facts->blocks = sftp_in_u64(reply);
    facts->blocks_free = sftp_in_u64(reply);
    facts->blocks_avail = sftp_in_u64(reply);
    facts->files = sftp_in_u64(reply);
    facts->files_free = sftp_in_u64(reply);
    sftp_in_u64(reply); /* files for this user */
    ret->id = sftp_in_u64(reply);
    facts->read_only = sftp_in_u64(reply) & ST_RDONLY_FLAG ? 1 : 0;
    facts->name_max = (uint32_t)sftp_in_u64(reply);
}

int sftp_attr_space(const struct sftp_op *op, const char *path, struct sftp_space *ret) {
    static const char name[] = "statvfs@openssh.com";
    struct sftp_request request;
    struct sftp_space space;
    struct sftp_out packet;
    struct sftp_in reply;
    int rc;

    if (!(op->line->extensions & SFTP_CAN_SPACE))
        return SFTP_UNSUPPORTED;
    sftp_call_begin(op->line, &request, &packet, SFTP_EXTENDED,
                    sftp_path_size(op->session, path) + sizeof name + 4);
    sftp_out_string(&packet, name);
    sftp_out_path(&packet, op->session, path);
    rc = sftp_call(op->line, op->call, &request, &packet);
    reply = sftp_reply(&request, SFTP_EXTENDED_REPLY);
    if (!rc) {
        read_space(&reply, &space);
        rc = reply.bad ? -EIO : 0;
    }
    if (!rc)
        *ret = space;
    free(request.reply);
    return rc;
}

int sftp_attr_statvfs(const struct sftp_op *op, const char *path, struct mpr_statvfs *ret) {
    struct sftp_space space;
    int rc = sftp_attr_space(op, path, &space);

    if (rc)
        return sftp_explain(op, SFTP_DID_LOOK, path, NULL, rc);
    *ret = space.facts;
    return 0;
}
