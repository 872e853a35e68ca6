/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_file.c: open, close and what goes by handle, but for data.
 */
#include "config.h"

#include "providers/sftp/sftp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/sftp/sftp_attr.h"

static uint32_t open_flags(int flags) {
    int access = flags & O_ACCMODE;
    uint32_t result = access == O_RDONLY   ? SFTP_FXF_READ
                      : access == O_WRONLY ? SFTP_FXF_WRITE
                                           : SFTP_FXF_READ | SFTP_FXF_WRITE;

    if (flags & O_CREAT)
        result |= SFTP_FXF_CREAT;
    if (flags & O_TRUNC)
        result |= SFTP_FXF_TRUNC;
    if ((flags & O_CREAT) && (flags & O_EXCL))
        result |= SFTP_FXF_EXCL;
    return result;
}

static enum sftp_did open_did(int flags) {
    if ((flags & O_CREAT) && (flags & O_EXCL))
        return SFTP_DID_MAKE;
    return (flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC)) ? SFTP_DID_READ
                                                                             : SFTP_DID_WRITE;
}

/* Nobody waits for the answer. */
static void close_handle(struct sftp_line *line, const struct sftp_handle *handle) {
    struct sftp_request request;
    struct sftp_out packet;

    sftp_call_begin(line, &request, &packet, SFTP_CLOSE, SFTP_HANDLE_MAX + 4);
    sftp_out_handle(&packet, handle);
    pthread_mutex_lock(&line->lock);
    sftp_line_send_locked(line, NULL, &packet);
    pthread_mutex_unlock(&line->lock);
    sftp_line_wake(line);
}

/* OPEN, and with it, on the same way, STAT: a server opens directories too. */
static int open_and_look(const struct sftp_op *op, const char *path, int flags, uint32_t mode,
                         struct sftp_handle *ret_handle, bool *ret_is_dir) {
    struct sftp_attrs attrs = {.flags = flags & O_CREAT ? SFTP_ATTR_MODE : 0, .mode = mode & 07777};
    struct sftp_request requests[2];
    struct sftp_out packets[2];
    struct sftp_in reply;
    int rc;

    sftp_call_begin(op->line, &requests[0], &packets[0], SFTP_STAT,
                    sftp_path_size(op->session, path));
    sftp_out_path(&packets[0], op->session, path);
    sftp_call_begin(op->line, &requests[1], &packets[1], SFTP_OPEN,
                    sftp_path_size(op->session, path) + 32);
    sftp_out_path(&packets[1], op->session, path);
    sftp_out_u32(&packets[1], open_flags(flags));
    sftp_out_attrs(&packets[1], &attrs);
    rc = sftp_call_all(op->line, op->call, requests, packets, 2);
    if (!rc)
        rc = requests[1].result;
    reply = sftp_reply(&requests[1], SFTP_HANDLE);
    sftp_in_handle(&reply, ret_handle);
    if (!rc && reply.bad)
        rc = -EIO;
    if (rc && !reply.bad)
        close_handle(op->line, ret_handle); /* STAT was not answered in time */
    reply = sftp_reply(&requests[0], SFTP_ATTRS);
    sftp_in_attrs(&reply, &attrs);
    *ret_is_dir = !reply.bad && (attrs.flags & SFTP_ATTR_MODE) && S_ISDIR(attrs.mode);
    free(requests[0].reply);
    free(requests[1].reply);
    return rc;
}

static void list_file(struct sftp_session *session, struct sftp_file *file) {
    pthread_mutex_lock(&session->lock);
    file->next = session->files;
    file->link = &session->files;
    if (file->next)
        file->next->link = &file->next;
    session->files = file;
    pthread_mutex_unlock(&session->lock);
}

static void unlist_file(struct sftp_session *session, struct sftp_file *file) {
    pthread_mutex_lock(&session->lock);
    *file->link = file->next;
    if (file->next)
        file->next->link = file->link;
    pthread_mutex_unlock(&session->lock);
}

static void free_file(struct sftp_file *file) {
    sftp_line_drop(file->line);
    free(file);
}

void sftp_file_free_all(struct sftp_session *session) {
    while (session->files) {
        struct sftp_file *file = session->files;

        session->files = file->next;
        free_file(file);
    }
}

int sftp_file_open(const struct sftp_op *op, const char *path, int flags, uint32_t mode,
                   void **ret_file) {
    size_t length = strlen(path) + 1;
    struct sftp_file *file = calloc(1, sizeof *file + length);
    bool is_dir = false;
    int rc;

    if (!file)
        return -ENOMEM;
    rc = open_and_look(op, path, flags, mode, &file->handle, &is_dir);
    if (rc == 0 && is_dir) {
        close_handle(op->line, &file->handle);
        rc = -EISDIR;
    } else if (rc > 0) {
        rc = is_dir && rc == SFTP_FAILURE && open_did(flags) != SFTP_DID_MAKE
                 ? -EISDIR
                 : sftp_explain(op, open_did(flags), path, NULL, rc);
    }
    if (rc) {
        free(file);
        return rc;
    }
    memcpy(file->path, path, length);
    file->line = sftp_line_keep(op->line);
    list_file(op->session, file);
    *ret_file = file;
    return 0;
}

int sftp_file_errno(const struct sftp_op *op, enum sftp_did did, const struct sftp_file *file,
                    int result) {
    if (result == SFTP_NO_SUCH_FILE)
        return -EBADF; /* OpenSSH's word for a handle that is not open in this way */
    if (result == SFTP_FAILURE)
        return sftp_explain(op, did, file->path, NULL, result);
    /* The session may be connected again; this handle is not. */
    if (result == -ENOTCONN && !sftp_session_is_over(op->session))
        return -EIO;
    return sftp_errno(result);
}

int sftp_file_close(const struct sftp_op *op, struct sftp_file *file) {
    struct sftp_request request;
    struct sftp_out packet;
    bool dirty = atomic_load(&file->dirty);
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_CLOSE, SFTP_HANDLE_MAX + 4);
    sftp_out_handle(&packet, &file->handle);
    rc = sftp_call(op->line, op->call, &request, &packet);
    free(request.reply);
    /* A connection that is gone takes its handles along: only what was written may be lost. */
    if (rc < 0 && !dirty)
        rc = 0;
    if (rc)
        rc = sftp_file_errno(op, SFTP_DID_WRITE, file, rc);
    unlist_file(op->session, file);
    free_file(file);
    return rc;
}

int sftp_file_sync(const struct sftp_op *op, struct sftp_file *file) {
    static const char name[] = "fsync@openssh.com";
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    if (!(op->line->extensions & SFTP_CAN_FSYNC))
        return -ENOTSUP;
    atomic_store(&file->dirty, false);
    sftp_call_begin(op->line, &request, &packet, SFTP_EXTENDED, sizeof name + SFTP_HANDLE_MAX + 8);
    sftp_out_string(&packet, name);
    sftp_out_handle(&packet, &file->handle);
    rc = sftp_call(op->line, op->call, &request, &packet);
    free(request.reply);
    if (rc)
        atomic_store(&file->dirty, true);
    return rc ? sftp_file_errno(op, SFTP_DID_WRITE, file, rc) : 0;
}

int sftp_file_truncate(const struct sftp_op *op, struct sftp_file *file, uint64_t size) {
    struct sftp_attrs attrs = {.flags = SFTP_ATTR_SIZE, .size = size};
    struct sftp_request request;
    struct sftp_out packet;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_FSETSTAT, SFTP_HANDLE_MAX + 32);
    sftp_out_handle(&packet, &file->handle);
    sftp_out_attrs(&packet, &attrs);
    rc = sftp_call(op->line, op->call, &request, &packet);
    free(request.reply);
    return rc ? sftp_file_errno(op, SFTP_DID_WRITE, file, rc) : 0;
}

int sftp_file_stat(const struct sftp_op *op, struct sftp_file *file, struct mpr_stat *ret) {
    struct sftp_attrs attrs;
    int rc = sftp_attr_get_open(op, &file->handle, &attrs);

    if (rc)
        return sftp_file_errno(op, SFTP_DID_LOOK, file, rc);
    sftp_attrs_to_stat(&attrs, ret);
    return 0;
}
