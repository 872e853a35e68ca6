/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_write.c: what processes have written and the server does not have yet,
 * and the errors that this led to.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define FIRST_ROOM KIB(64) /* of a piece; it grows with what is added */
#define TRIES      64u     /* to have memory of a system that has none */
#define IN_A_ROW   MIB(1)  /* from here on a writer is taken for one who goes on */

void drive_error_note(struct drive_content *content, int rc) {
    content->error = rc;
    content->errors++;
}

int drive_error_find(const struct drive_content *content, const struct drive_handle *handle) {
    return handle->errors_told == content->errors ? 0 : content->error;
}

int drive_error_take(struct drive_content *content, struct drive_handle *handle) {
    int rc = drive_error_find(content, handle);

    handle->errors_told = content->errors;
    return rc;
}

bool drive_unwritten_overlaps(struct drive_content *content, uint64_t offset, uint64_t size) {
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->state != PIECE_WRITTEN && drive_piece_overlaps(piece, offset, size))
            return true;
    return false;
}

uint64_t drive_unwritten_end(struct drive_content *content) {
    uint64_t end = 0;

    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->state != PIECE_WRITTEN && piece->offset + piece->length > end)
            end = piece->offset + piece->length;
    return end;
}

static void lay_over(const struct drive_piece *piece, unsigned char *data, size_t size,
                     uint64_t offset) {
    uint64_t from = piece->offset > offset ? piece->offset : offset;
    uint64_t to = piece->offset + piece->length;

    if (to > offset + size)
        to = offset + size;
    if (from < to)
        memcpy(data + (from - offset), piece->data + (from - piece->offset), (size_t)(to - from));
}

/* The written and those being written in the order in which they began, then the dirty ones. */
void drive_unwritten_overlay(struct drive_content *content, unsigned char *data, size_t size,
                             uint64_t offset, uint64_t since) {
    uint64_t after = 0;
    struct drive_piece *next;

    do {
        next = NULL;
        for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
            if (piece->state != PIECE_DIRTY && piece->stamp > after
                && (piece->state == PIECE_WRITING || piece->done > since)
                && (!next || piece->stamp < next->stamp))
                next = piece;
        if (next) {
            lay_over(next, data, size, offset);
            after = next->stamp;
        }
    } while (next);
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->state == PIECE_DIRTY)
            lay_over(piece, data, size, offset);
}

/* A dirty piece that a write at offset can go into; and where the next one begins. */
static struct drive_piece *find_dirty(struct drive_content *content, uint64_t offset, size_t target,
                                      uint64_t *ret_next) REQUIRES(content->lock) {
    struct drive_piece *found = NULL;

    *ret_next = UINT64_MAX;
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next) {
        uint64_t end = piece->offset + piece->length;

        if (piece->state != PIECE_DIRTY)
            continue;
        if (piece->offset > offset) {
            if (piece->offset < *ret_next)
                *ret_next = piece->offset;
        } else if (offset < end || (offset == end && piece->length < target && !found)) {
            found = piece;
        }
    }
    return found;
}

/* Puts a part of a write into a piece. Returns its size, 0: there is no memory. */
static size_t put_part(struct drive_content *content, const unsigned char *data, size_t size,
                       uint64_t offset) REQUIRES(content->lock) {
    size_t target = drive_pace_size(content->data), inside, room;
    uint64_t next;
    struct drive_piece *piece = find_dirty(content, offset, target, &next);

    if (next - offset < size)
        size = (size_t)(next - offset);
    if (!piece) {
        room = content->write_run >= IN_A_ROW ? target : size < FIRST_ROOM ? size : FIRST_ROOM;
        piece = drive_piece_new(content, offset, room < target ? room : target);
        if (!piece)
            return 0;
        piece->state = PIECE_DIRTY;
        piece->next = content->unwritten;
        content->unwritten = piece;
        content->unwritten_count++;
    }
    inside = (size_t)(offset - piece->offset);
    room = piece->length > target ? piece->length - inside : target - inside;
    if (size > room)
        size = room;
    if (!drive_piece_grow(piece, inside + size)) {
        size = piece->capacity - inside;
        if (size == 0)
            return 0;
    }
    memcpy(piece->data + inside, data, size);
    if (piece->length < inside + size) {
        content->unwritten_bytes += inside + size - piece->length;
        piece->length = inside + size;
        piece->full = piece->length >= target;
    }
    return size;
}

/* Two pieces are on their way, one is full, and one is being filled. */
static bool is_full(struct drive_content *content) REQUIRES(content->lock) {
    size_t most = 4 * drive_pace_size(content->data);

    return content->unwritten_bytes >= (most < DRIVE_UNWRITTEN ? most : DRIVE_UNWRITTEN)
           || content->unwritten_count >= DRIVE_UNWRITTEN_N;
}

/* Waits until a write may begin. 0 or -errno. */
static int wait_for_room(struct drive_content *content, struct drive_handle *handle)
    REQUIRES(content->lock) {
    int64_t begin_ns = mpr_now_ns();
    int rc;

    while (!(rc = drive_error_take(content, handle)) && (content->paused || is_full(content))) {
        if (atomic_load(&content->drive->ended))
            return -ENOTCONN;
        drive_flush_kick(content, true);
        if (!drive_pace_wait(content, begin_ns, content->drive->options.io_timeout_ms))
            return -ETIMEDOUT;
    }
    return rc;
}

static void note_write(struct drive_content *content, size_t size, uint64_t offset)
    REQUIRES(content->lock) {
    content->write_run = offset == content->write_end ? content->write_run + size : size;
    content->write_end = offset + size;
    content->altered = true;
    content->left = false;
    if (content->size < offset + size)
        content->size = offset + size;
}

/*
 * What there is goes to the server: that of this file, then that of the others, until one of
 * them has given memory back. 0, or -errno: there will be none.
 */
static int await_memory(struct drive_content *content, struct drive_handle *handle,
                        int64_t begin_ns) REQUIRES(content->lock) {
    struct drive_data *data = content->data;
    size_t size = drive_pace_size(data);
    int rc;

    mpr_unlock(&content->lock);
    drive_flush_all(content, 0);
    if (drive_memory_is_short(data, size)) {
        atomic_fetch_add(&data->room_wanted, 1);
        drive_flush_others(data);
        drive_memory_wait(data, size);
        atomic_fetch_sub(&data->room_wanted, 1);
    } else {
        drive_spare_free(data);
    }
    mpr_lock(&content->lock);
    rc = drive_error_take(content, handle);
    if (!rc && atomic_load(&content->drive->ended))
        rc = -ENOTCONN;
    if (!rc && drive_pace_end(data, begin_ns, content->drive->options.io_timeout_ms) < mpr_now_ns())
        rc = -ENOMEM;
    return rc;
}

/* All of it into pieces, as soon as there is memory for them. */
static int64_t put_all(struct drive_content *content, struct drive_handle *handle,
                       const unsigned char *data, size_t size, uint64_t offset)
    REQUIRES(content->lock) {
    int64_t begin_ns = mpr_now_ns();
    size_t done = 0;
    int rc = 0;

    for (unsigned tries = 0; done < size && !rc;) {
        size_t n = put_part(content, data + done, size - done, offset + done);

        done += n;
        if (n > 0)
            continue;
        /* Where the drive may have more, it is the system that has none. */
        if (!drive_memory_is_short(content->data, drive_pace_size(content->data))
            && ++tries == TRIES)
            rc = -ENOMEM;
        else
            rc = await_memory(content, handle, begin_ns);
    }
    return done ? (int64_t)done : rc;
}

static void tell_kernel(struct drive_job *job) {
    drive_fuse_changed(job->content->drive, job->content->node->number);
}

/* Where it goes: at the end as we know it, which the kernel may not know yet. */
static uint64_t find_end(struct drive_content *content, uint64_t offset) REQUIRES(content->lock) {
    if (offset != content->size)
        drive_job_add(content, NULL, tell_kernel);
    return content->size;
}

static int64_t put(struct drive_handle *handle, const void *data, size_t size, uint64_t offset,
                   bool append) {
    struct drive_content *content = handle->content;
    int64_t rc = 0;

    if ((handle->flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (atomic_load(&content->drive->ended))
        return -ENOTCONN;
    if (size == 0)
        return 0;
    mpr_lock(&content->lock);
    if (content->size_doubtful && append)
        rc = drive_size_refresh(content);
    if (!rc)
        rc = wait_for_room(content, handle);
    if (!rc) {
        if (append)
            offset = find_end(content, offset);
        drive_fetched_forget(content, offset, size);
        rc = put_all(content, handle, data, size, offset);
    }
    if (rc > 0) {
        note_write(content, (size_t)rc, offset);
        drive_flush_kick(content, false);
        drive_content_due(content, mpr_deadline_in_ms(DRIVE_UNWRITTEN_MS));
    }
    mpr_unlock(&content->lock);
    return rc;
}

int64_t drive_write(struct drive_handle *handle, const void *data, size_t size, uint64_t offset) {
    return put(handle, data, size, offset, false);
}

int64_t drive_append(struct drive_handle *handle, const void *data, size_t size,
                     uint64_t expected) {
    return put(handle, data, size, expected, true);
}
