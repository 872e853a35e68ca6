/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_file.c: open files and print jobs.
 *
 * The library keeps a position in each handle and has no request that names an
 * offset; setting the position costs no round trip. Large transfers are asked
 * for in pieces that grow with the link (smb_window.h); inside one piece the
 * library keeps several requests under way.
 *
 * There is no way to have the library flush a file on the server. What a write
 * returned for is in the server's hands; fsync proves that this same server,
 * with this same handle, is still there. Whether its disk has the data is a
 * matter of its configuration.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/common/np_time.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_stat.h"
#include "providers/smb/smb_url.h"

#define CREATE_MODE 0644 /* the server makes of it what it likes */

/*
 * The library cannot tell the size of a file that is open for writing alone,
 * and so neither can it prove that the file is still there: where the server
 * allows it, such a file is opened for reading, too.
 */
static SMBCFILE *open_handle(struct smb_session *session, const char *url, int flags) {
    SMBCCTX *context = session->state->context;
    SMBCFILE *handle = NULL;
    bool alone = (flags & O_ACCMODE) == O_WRONLY && !session->printer;

    if (alone)
        handle =
            smbc_getFunctionOpen(context)(context, url, (flags & ~O_ACCMODE) | O_RDWR, CREATE_MODE);
    if (!handle && (!alone || errno == EACCES))
        handle = smbc_getFunctionOpen(context)(context, url, flags, CREATE_MODE);
    return handle;
}

static int open_url(struct smb_session *session, const struct mpr_call *call, const char *path,
                    const char *url, int flags, struct smb_file **ret_file) {
    struct smb_file *file = calloc(1, sizeof *file);
    int access = flags & O_ACCMODE;

    if (!file)
        return -ENOMEM;
    file->handle = open_handle(session, url, flags);
    if (!file->handle) {
        int error = errno;

        free(file);
        if (error == EINVAL && smb_url_has_long_name(path))
            error = ENAMETOOLONG;
        return smb_session_error(session, call, error);
    }
    file->readable = access != O_WRONLY;
    file->writable = access != O_RDONLY;
    file->next = session->files;
    session->files = file;
    *ret_file = file;
    return 0;
}

int smb_open(void *opaque, const struct mpr_call *call, const char *path, int flags, uint32_t mode,
             void **ret_file) {
    struct smb_session *session = opaque;
    struct smb_file *file = NULL;
    const char *url;
    int rc = smb_session_begin(session, call);

    (void)mode;
    if (rc == 0)
        rc = smb_session_url(session, path, 0, &url);
    if (rc == 0 && (flags & O_CREAT))
        rc = smb_url_check_new(path);
    if (rc == 0)
        rc = open_url(session, call, path, url, flags & (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC),
                      &file);
    if (rc == 0)
        *ret_file = file;
    return rc;
}

int smb_close(void *opaque, const struct mpr_call *call, void *file) {
    struct smb_session *session = opaque;
    int error = smb_session_close_file(session, file);

    return error ? smb_session_error(session, call, error) : 0;
}

/* How long it is believed that another client has not shortened a file. */
#define END_MS 1000

/* Puts the library's position where the next request is to begin. */
static int seek_to(struct smb_session *session, const struct mpr_call *call, struct smb_file *file,
                   uint64_t offset) {
    SMBCCTX *context = session->state->context;

    if (offset > INT64_MAX)
        return -EFBIG;
    if (file->position == (int64_t)offset)
        return 0;
    if (smbc_getFunctionLseek(context)(context, file->handle, (off_t)offset, SEEK_SET) < 0) {
        file->position = -1;
        return smb_session_error(session, call, errno);
    }
    file->position = (int64_t)offset;
    return 0;
}

/* One transfer under way. Just one of the two data pointers is set. */
struct transfer {
    struct smb_session *session;
    const struct mpr_call *call;
    struct smb_file *file;
    char *into;
    const char *from;
    struct smb_window *window;
    bool last;  /* the piece under way goes up to the end of the file */
    bool ended; /* the end of the file was read */
};

/*
 * The library makes several requests of a large read, and leaves those behind that are
 * under way when it meets the end of the file: their answers make it break with the
 * server. So what it is asked for does not go beyond the end.
 */
static int stop_at_end(struct transfer *transfer, uint64_t offset, size_t *piece) {
    struct smb_file *file = transfer->file;
    struct mpr_stat now;
    int rc;

    if (*piece <= SMB_WINDOW_MIN
        || (offset + *piece <= file->end && np_now_ns() < file->end_until_ns))
        return 0;
    rc = smb_fstat(transfer->session, transfer->call, file, &now);
    if (rc)
        return rc;
    file->end = now.size;
    file->end_until_ns = np_now_ns() + END_MS * NP_MS;
    if (offset >= file->end) {
        *piece = SMB_WINDOW_MIN;
    } else if (offset + *piece > file->end) {
        *piece = (size_t)(file->end - offset);
        transfer->last = true;
    }
    return 0;
}

/* One request of at most the window's size. Returns the bytes moved, or -errno. */
static int64_t move_piece(struct transfer *transfer, uint64_t offset, size_t done, size_t left) {
    SMBCCTX *context = transfer->session->state->context;
    struct smb_file *file = transfer->file;
    size_t piece = left < transfer->window->size ? left : transfer->window->size;
    int rc = transfer->into ? stop_at_end(transfer, offset, &piece) : 0;
    int64_t begun_ns = np_now_ns();
    ssize_t moved;

    if (rc)
        return rc;
    if (transfer->into)
        moved = smbc_getFunctionRead(context)(context, file->handle, transfer->into + done, piece);
    else
        moved = smbc_getFunctionWrite(context)(context, file->handle, transfer->from + done, piece);
    if (moved < 0) {
        file->position = -1;
        return smb_session_error(transfer->session, transfer->call, errno);
    }
    if (moved == 0 && transfer->from)
        return -EIO;
    file->position += moved;
    transfer->ended = transfer->into && (transfer->last || (size_t)moved < piece);
    smb_window_took(transfer->window, (uint64_t)moved, np_now_ns() - begun_ns,
                    transfer->session->state->options.io_timeout_ms * NP_MS);
    return moved;
}

/* All pieces. What was moved before a failure counts for a write only. */
static int64_t move_all(struct transfer *transfer, size_t size, uint64_t offset) {
    size_t done = 0;

    while (done < size && !transfer->ended) {
        int64_t rc = smb_session_begin(transfer->session, transfer->call);

        if (rc == 0)
            rc = seek_to(transfer->session, transfer->call, transfer->file, offset + done);
        if (rc == 0)
            rc = move_piece(transfer, offset + done, done, size - done);
        if (rc < 0)
            return done && transfer->from ? (int64_t)done : rc;
        done += (size_t)rc;
    }
    return (int64_t)done;
}

int64_t smb_pread(void *opaque, const struct mpr_call *call, void *file, void *data, size_t size,
                  uint64_t offset) {
    struct smb_session *session = opaque;
    struct transfer transfer = {
        .session = session, .call = call, .file = file, .into = data, .window = &session->reading};

    return transfer.file->readable ? move_all(&transfer, size, offset) : -EBADF;
}

int64_t smb_pwrite(void *opaque, const struct mpr_call *call, void *file, const void *data,
                   size_t size, uint64_t offset) {
    struct smb_session *session = opaque;
    struct transfer transfer = {
        .session = session, .call = call, .file = file, .from = data, .window = &session->writing};

    return transfer.file->writable ? move_all(&transfer, size, offset) : -EBADF;
}

int smb_fstat(void *opaque, const struct mpr_call *call, void *opaque_file, struct mpr_stat *ret) {
    struct smb_session *session = opaque;
    struct smb_file *file = opaque_file;
    SMBCCTX *context = session->state->context;
    struct stat found;
    int rc = smb_session_begin(session, call);

    if (rc)
        return rc;
    if (smbc_getFunctionFstat(context)(context, file->handle, &found) < 0)
        return smb_session_error(session, call, errno);
    *ret = smb_stat_convert(session, &found);
    return 0;
}

int smb_fsync(void *opaque, const struct mpr_call *call, void *file) {
    struct mpr_stat ignored;

    return smb_fstat(opaque, call, file, &ignored);
}

static int truncate_file(struct smb_session *session, const struct mpr_call *call,
                         struct smb_file *file, uint64_t size) {
    SMBCCTX *context = session->state->context;
    int rc = smb_session_begin(session, call);

    if (rc)
        return rc;
    if (size > INT64_MAX)
        return -EFBIG;
    /* A server lets a handle that may not write "set" the size that is there already. */
    if (!file->writable)
        return -EINVAL;
    file->end_until_ns = 0;
    if (smbc_getFunctionFtruncate(context)(context, file->handle, (off_t)size) < 0)
        return smb_session_error(session, call, errno);
    return 0;
}

int smb_truncate(void *opaque, const struct mpr_call *call, const char *path, void *file,
                 uint64_t size) {
    void *opened;
    int rc, closed;

    if (file)
        return truncate_file(opaque, call, file, size);
    rc = smb_open(opaque, call, path, O_WRONLY, 0, &opened);
    if (rc)
        return rc;
    rc = truncate_file(opaque, call, opened, size);
    closed = smb_close(opaque, call, opened);
    return rc ? rc : closed;
}

/* A queue takes any name, but not what would be a path or no name at all. */
static void name_job(const char *document, char *buffer, size_t size) {
    size_t used = 0;

    for (; document && *document && used + 1 < size && used < 64; document++) {
        unsigned char c = (unsigned char)*document;
        bool plain = c > ' ' && c < 0x7f && !strchr("\"*/:<>?\\|", c);

        buffer[used++] = plain ? (char)c : '_';
    }
    buffer[used] = '\0';
    if (!smb_name_is_component(buffer, used) || smb_url_check_new(buffer))
        snprintf(buffer, size, "document");
}

int smb_print(void *opaque, const struct mpr_call *call, const char *document, void **ret_file) {
    struct smb_session *session = opaque;
    char name[80];

    if (!session->printer)
        return -ENOTSUP;
    name_job(document, name, sizeof name);
    return smb_open(session, call, name, O_WRONLY | O_CREAT, 0, ret_file);
}
