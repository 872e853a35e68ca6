/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_dir.c: names.
 */
#include "config.h"

#include "providers/sftp/sftp_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/sftp/sftp_explain.h"

/* Sends what is put together, and frees its reply. */
static int carry_out(const struct sftp_op *op, struct sftp_request *request,
                     struct sftp_out *packet) {
    int rc = sftp_call(op->line, op->call, request, packet);

    free(request->reply);
    return rc;
}

/* A request with a path and nothing else. */
static int carry_out_on(const struct sftp_op *op, enum sftp_type type, enum sftp_did did,
                        const char *path) {
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, type, sftp_path_size(op->session, path));
    sftp_out_path(&packet, op->session, path);
    rc = carry_out(op, &request, &packet);
    return rc ? sftp_explain(op, did, path, NULL, rc) : 0;
}

/* One with two. name is an extension's, or NULL. */
static int carry_out_two(const struct sftp_op *op, const char *name, enum sftp_did did,
                         const char *from, const char *to) {
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, name ? SFTP_EXTENDED : SFTP_RENAME,
                    64 + sftp_path_size(op->session, from) + sftp_path_size(op->session, to));
    if (name)
        sftp_out_string(&packet, name);
    sftp_out_path(&packet, op->session, from);
    sftp_out_path(&packet, op->session, to);
    rc = carry_out(op, &request, &packet);
    return rc ? sftp_explain(op, did, from, to, rc) : 0;
}

int sftp_dir_rmdir(const struct sftp_op *op, const char *path) {
    return carry_out_on(op, SFTP_RMDIR, SFTP_DID_RMDIR, path);
}

int sftp_dir_unlink(const struct sftp_op *op, const char *path) {
    return carry_out_on(op, SFTP_REMOVE, SFTP_DID_REMOVE, path);
}

int sftp_dir_mkdir(const struct sftp_op *op, const char *path, uint32_t mode) {
    struct sftp_attrs attrs = {.flags = SFTP_ATTR_MODE, .mode = mode & 07777};
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_MKDIR,
                    sftp_path_size(op->session, path) + 32);
    sftp_out_path(&packet, op->session, path);
    sftp_out_attrs(&packet, &attrs);
    rc = carry_out(op, &request, &packet);
    return rc ? sftp_explain(op, SFTP_DID_MAKE, path, NULL, rc) : 0;
}

int sftp_dir_rename(const struct sftp_op *op, const char *from, const char *to) {
    bool can = op->line->extensions & SFTP_CAN_RENAME;

    return carry_out_two(op, can ? "posix-rename@openssh.com" : NULL, SFTP_DID_RENAME, from, to);
}

int sftp_dir_link(const struct sftp_op *op, const char *from, const char *to) {
    if (!(op->line->extensions & SFTP_CAN_LINK))
        return -ENOTSUP;
    return carry_out_two(op, "hardlink@openssh.com", SFTP_DID_LINK, from, to);
}

/* The protocol says path, target; OpenSSH took them the other way round from the beginning
 * on, and will for ever. */
int sftp_dir_symlink(const struct sftp_op *op, const char *target, const char *path) {
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_SYMLINK,
                    sftp_path_size(op->session, path) + strlen(target) + 4);
    if (op->line->target_first)
        sftp_out_string(&packet, target);
    sftp_out_path(&packet, op->session, path);
    if (!op->line->target_first)
        sftp_out_string(&packet, target);
    rc = carry_out(op, &request, &packet);
    return rc ? sftp_explain(op, SFTP_DID_MAKE, path, NULL, rc) : 0;
}

int sftp_dir_readlink(const struct sftp_op *op, const char *path, char *buffer, size_t size) {
    struct sftp_request request;
    struct sftp_out packet;
    struct sftp_text target;
    struct sftp_in reply;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_READLINK, sftp_path_size(op->session, path));
    sftp_out_path(&packet, op->session, path);
    rc = sftp_call(op->line, op->call, &request, &packet);
    if (rc) {
        free(request.reply);
        return sftp_explain(op, SFTP_DID_READ, path, NULL, rc);
    }
    reply = sftp_reply(&request, SFTP_NAME);
    if (sftp_in_u32(&reply) != 1)
        reply.bad = true;
    target = sftp_in_string(&reply);
    if (reply.bad || memchr(target.text, '\0', target.length))
        rc = -EIO;
    else if (target.length >= size)
        rc = -ERANGE;
    else {
        memcpy(buffer, target.text, target.length);
        buffer[target.length] = '\0';
    }
    free(request.reply);
    return rc;
}
