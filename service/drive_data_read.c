/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_read.c: reading. What lies in one piece is sent from there; what lies in
 * several, or is partly not yet written, is put together first.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* Bytes of a read on their way to who asked. */
struct reading {
    struct drive_handle *handle;
    size_t size;
    uint64_t offset;
    drive_reply_fn reply;
    void *context;
};

static struct drive_piece *find_piece(struct drive_content *content, uint64_t offset)
    REQUIRES(content->lock) {
    for (struct drive_piece *piece = content->fetched; piece; piece = piece->next)
        if (!piece->stale && piece->offset <= offset && offset < piece->offset + piece->length)
            return piece;
    return NULL;
}

/* Fetches for a reader who found nothing. The piece is pinned for him. */
static struct drive_piece *fetch_now(struct drive_content *content, uint64_t offset, size_t size)
    REQUIRES(content->lock) {
    struct drive_piece *piece = drive_piece_new(content, offset, size);

    if (!piece)
        return NULL;
    piece->state = PIECE_LOADING;
    piece->length = size;
    piece->pins = 2; /* of the fetching, and of the reader */
    piece->next = content->fetched;
    content->fetched = piece;
    content->fetched_bytes += piece->capacity;
    mpr_unlock(&content->lock);
    drive_fetch(content, piece);
    mpr_lock(&content->lock);
    return piece;
}

/* Waits until a pinned piece is there. 0, -EAGAIN: it is of no use; or -errno. */
static int wait_for(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock) {
    int64_t deadline = mpr_deadline_in_ms(2 * content->drive->options.io_timeout_ms + 1000);

    while (piece->state == PIECE_LOADING)
        if (!drive_content_wait(content, deadline))
            return -ETIMEDOUT;
    if (piece->state == PIECE_FAILED)
        return piece->background ? -EAGAIN : piece->rc;
    return piece->stale ? -EAGAIN : 0;
}

/* The piece with the byte at offset, pinned, there or fetched. 0 or as wait_for. */
static int have_piece(struct drive_content *content, struct reading *reading, uint64_t offset,
                      bool in_order, struct drive_piece **ret_piece) REQUIRES(content->lock) {
    struct drive_handle *handle = reading->handle;
    struct drive_piece *piece = find_piece(content, offset);
    size_t size = (size_t)(reading->offset + reading->size - offset);
    int rc;

    if (piece) {
        piece->pins++;
    } else {
        if (in_order)
            size = drive_ahead_first(content, size, offset);
        piece = fetch_now(content, offset, size);
        if (!piece)
            return -ENOMEM;
        if (in_order && handle->ahead < offset + size)
            handle->ahead = offset + size;
    }
    rc = wait_for(content, piece);
    if (rc)
        drive_fetched_unpin(content, piece);
    else
        *ret_piece = piece;
    return rc;
}

static size_t bytes_from(const struct drive_piece *piece, uint64_t offset, size_t wanted) {
    size_t left = (size_t)(piece->offset + piece->length - offset);

    return left < wanted ? left : wanted;
}

static void leave_piece(struct drive_content *content, struct drive_piece *piece, size_t served)
    REQUIRES(content->lock) {
    piece->served += served;
    piece->since_ns = mpr_now_ns();
    drive_fetched_unpin(content, piece);
}

/* From several pieces. A short one is the end of the file. */
static int64_t gather(struct drive_content *content, struct reading *reading, bool in_order,
                      unsigned char *data) REQUIRES(content->lock) {
    size_t done = 0;

    while (done < reading->size && reading->offset + done < content->server_size) {
        struct drive_piece *piece = NULL;
        uint64_t offset = reading->offset + done;
        size_t n;
        int rc = have_piece(content, reading, offset, in_order, &piece);

        if (rc)
            return rc;
        if (offset >= piece->offset + piece->length) { /* shorter than the server said */
            leave_piece(content, piece, 0);
            break;
        }
        n = bytes_from(piece, offset, reading->size - done);
        memcpy(data + done, piece->data + (offset - piece->offset), n);
        leave_piece(content, piece, n);
        done += n;
    }
    return (int64_t)done;
}

/* What the server has is only a part: the rest is what was written, and zeros before it. */
static int64_t read_mixed(struct drive_content *content, struct reading *reading,
                          unsigned char *data) REQUIRES(content->lock) {
    uint64_t server_size = content->server_size;
    uint64_t since = content->repeating ? 0 : content->stamps;
    size_t from_server = 0;
    int64_t got = 0;

    if (reading->offset < server_size) {
        from_server = reading->size;
        if (server_size - reading->offset < from_server)
            from_server = (size_t)(server_size - reading->offset);
        content->mixing++;
        mpr_unlock(&content->lock);
        got = drive_fetch_bytes(content, data, from_server, reading->offset);
        mpr_lock(&content->lock);
    }
    if (got >= 0) {
        memset(data + got, 0, reading->size - (size_t)got);
        drive_unwritten_overlay(content, data, reading->size, reading->offset, since);
    }
    if (from_server && --content->mixing == 0)
        drive_written_drop(content);
    return got < 0 ? got : (int64_t)reading->size;
}

static int read_copied(struct drive_content *content, struct reading *reading, bool mixed,
                       bool in_order) REQUIRES(content->lock) {
    unsigned char *data;
    int64_t got;

    data = malloc(reading->size);
    if (!data)
        return -ENOMEM;
    got = mixed ? read_mixed(content, reading, data) : gather(content, reading, in_order, data);
    mpr_unlock(&content->lock);
    if (got >= 0)
        reading->reply(reading->context, data, (size_t)got);
    free(data);
    mpr_lock(&content->lock);
    return got < 0 ? (int)got : 0;
}

/* One piece has it all. 1: none has. */
static int read_pinned(struct drive_content *content, struct reading *reading, bool in_order)
    REQUIRES(content->lock) {
    struct drive_piece *piece = NULL;
    int rc = have_piece(content, reading, reading->offset, in_order, &piece);

    if (rc)
        return rc;
    if (reading->offset + reading->size > piece->offset + piece->length) {
        drive_fetched_unpin(content, piece);
        return 1;
    }
    mpr_unlock(&content->lock);
    reading->reply(reading->context, piece->data + (reading->offset - piece->offset),
                   reading->size);
    mpr_lock(&content->lock);
    leave_piece(content, piece, reading->size);
    return 0;
}

/* The file may have become longer: the server is asked for these very bytes. */
static int read_beyond(struct drive_content *content, struct reading *reading)
    REQUIRES(content->lock) {
    unsigned char *data;
    int64_t got;

    data = malloc(reading->size);
    if (!data)
        return -ENOMEM;
    mpr_unlock(&content->lock);
    got = drive_fetch_bytes(content, data, reading->size, reading->offset);
    if (got >= 0)
        reading->reply(reading->context, data, (size_t)got);
    free(data);
    mpr_lock(&content->lock);
    if (got > 0 && content->server_size < reading->offset + (uint64_t)got) {
        content->server_size = reading->offset + (uint64_t)got;
        if (content->size < content->server_size)
            content->size = content->server_size;
    }
    return got < 0 ? (int)got : 0;
}

static int read_inside(struct drive_content *content, struct reading *reading)
    REQUIRES(content->lock) {
    struct drive_handle *handle = reading->handle;
    bool in_order;
    int rc;

    if (reading->offset + reading->size > content->size)
        reading->size = (size_t)(content->size - reading->offset);
    in_order = drive_ahead_note(content, handle, reading->size, reading->offset);
    if (in_order && handle->run_start < reading->offset)
        drive_ahead_more(content, handle, reading->offset);
    if (content->repeating || drive_unwritten_overlaps(content, reading->offset, reading->size)
        || reading->offset + reading->size > content->server_size)
        return read_copied(content, reading, true, in_order);
    rc = read_pinned(content, reading, in_order);
    if (rc > 0)
        rc = read_copied(content, reading, false, in_order);
    /* Somebody wrote there meanwhile, or there is no memory: without pieces, then. */
    return rc == -EAGAIN || rc == -ENOMEM ? read_copied(content, reading, true, in_order) : rc;
}

int drive_read(struct drive_handle *handle, size_t size, uint64_t offset, drive_reply_fn reply,
               void *context) {
    struct drive_content *content = handle->content;
    struct reading reading = {
        .handle = handle, .size = size, .offset = offset, .reply = reply, .context = context};
    int rc;

    if ((handle->flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    if (atomic_load(&content->drive->ended))
        return -ENOTCONN;
    if (size == 0) {
        reply(context, "", 0);
        return 0;
    }
    /* Who has got his bytes may close the file before we are out of here. */
    content = drive_content_find(content->drive, content->node);
    mpr_lock(&content->lock);
    rc = content->size_doubtful ? drive_size_refresh(content) : 0;
    if (!rc)
        rc = offset >= content->size ? read_beyond(content, &reading)
                                     : read_inside(content, &reading);
    mpr_unlock(&content->lock);
    drive_content_unref(content);
    return rc;
}
