/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_ahead.c: fetching, and fetching before it is asked for. The kernel reads
 * ahead too, but 128 KiB only. Who reads in order has two requests before him, as large
 * as the round trip asks for and the speed of the server allows; who does not has none.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST   KIB(256) /* fetched for the first read of a file */
#define WHOLE   MIB(1)   /* a file up to this is fetched whole */
#define SLACK   8        /* so many of the kernel's requests overtake each other ... */
#define NEAR    MIB(2)   /* ... and small ones by this */
#define SLOW_NS (250 * MPR_NS_PER_MS)

/* What keeps the line full. */
static size_t find_chunk_max(struct drive_data *data) {
    uint32_t trip_us = atomic_load(&data->trip_us);

    if (trip_us < 2000)
        return MIB(4);
    return trip_us < 8000 ? MIB(8) : DRIVE_REQUEST_MAX;
}

static void set_next_chunk(struct drive_content *content) REQUIRES(content->lock) {
    size_t most = find_chunk_max(content->data);

    if (content->chunk == 0)
        content->chunk = most / 4;
    else if (content->fetch_ns > 2 * SLOW_NS)
        content->chunk /= 2;
    else if (content->fetch_ns < SLOW_NS)
        content->chunk *= 2;
    if (content->chunk < FIRST)
        content->chunk = FIRST;
    if (content->chunk > most)
        content->chunk = most;
}

bool drive_ahead_note(struct drive_content *content, struct drive_handle *handle, size_t size,
                      uint64_t offset) {
    uint64_t slack = SLACK * size > NEAR ? SLACK * size : NEAR;
    bool follows = offset + slack >= handle->high && offset <= handle->high + slack
                   && offset >= handle->run_start;

    if (!follows) {
        for (struct drive_piece *piece = content->fetched; piece; piece = piece->next)
            if (piece->background && piece->offset < handle->ahead
                && piece->offset >= handle->run_start)
                piece->since_ns = 0;
        drive_fetched_expire(content, mpr_now_ns());
        handle->run_start = handle->high = offset;
        handle->ahead = 0;
        content->chunk = 0;
    }
    if (handle->high < offset + size)
        handle->high = offset + size;
    return follows;
}

size_t drive_ahead_first(struct drive_content *content, size_t size, uint64_t offset) {
    uint64_t left = content->server_size - offset; /* the caller has looked */
    size_t wanted = size;

    if (offset == 0 && left <= WHOLE)
        wanted = (size_t)left;
    else if (wanted < FIRST)
        wanted = FIRST;
    return wanted > left ? (size_t)left : wanted;
}

static struct drive_piece *add_piece(struct drive_content *content, uint64_t offset, size_t size)
    REQUIRES(content->lock) {
    struct drive_piece *piece;

    if (content->fetched_bytes + size > DRIVE_AHEAD_MAX
        || atomic_load(&content->data->room_wanted) > 0)
        return NULL;
    piece = drive_piece_new(content, offset, size);
    if (!piece)
        return NULL;
    piece->state = PIECE_LOADING;
    piece->background = true;
    piece->length = size;
    piece->pins = 1; /* of who fetches it */
    piece->next = content->fetched;
    content->fetched = piece;
    content->fetched_bytes += piece->capacity;
    return piece;
}

static void fetch_behind(struct drive_job *job) {
    drive_fetch(job->content, job->piece);
}

void drive_ahead_more(struct drive_content *content, struct drive_handle *handle,
                      uint64_t position) {
    if (handle->ahead < handle->high)
        handle->ahead = handle->high;
    while (handle->ahead < content->server_size) {
        uint64_t left = content->server_size - handle->ahead;
        struct drive_piece *piece;
        size_t size;

        if (handle->ahead > position + content->chunk && content->chunk)
            return;
        set_next_chunk(content);
        size = left < content->chunk ? (size_t)left : content->chunk;
        piece = add_piece(content, handle->ahead, size);
        if (!piece)
            return;
        if (!drive_job_add(content, piece, fetch_behind)) {
            piece->state = PIECE_FAILED;
            piece->stale = true;
            drive_fetched_unpin(content, piece);
            return;
        }
        handle->ahead += size;
    }
}

int64_t drive_fetch_bytes(struct drive_content *content, void *data, size_t size, uint64_t offset) {
    struct drive_retry retry = drive_retry_begin(content->drive);

    for (;;) {
        struct drive_server_file *file = NULL;
        int64_t got = drive_file_get(content, false, &file);
        bool again;

        if (got == 0)
            got = drive_remote_pread(content->drive, file->file, data, size, offset);
        again = got < 0 && drive_retry_again(&retry, content, file, (int)got);
        if (file)
            drive_file_put(content, file);
        if (!again)
            return got;
    }
}

void drive_fetch(struct drive_content *content, struct drive_piece *piece) {
    int64_t begin = mpr_now_ns(), got;

    got = drive_fetch_bytes(content, piece->data, piece->length, piece->offset);
    mpr_lock(&content->lock);
    piece->state = got < 0 ? PIECE_FAILED : PIECE_READY;
    if (got < 0) {
        piece->rc = (int)got;
        piece->stale = true;
    } else {
        piece->length = (size_t)got;
        content->fetch_ns = mpr_now_ns() - begin;
    }
    piece->since_ns = mpr_now_ns();
    drive_content_due(content, piece->since_ns + DRIVE_IDLE_MS * MPR_NS_PER_MS);
    drive_fetched_unpin(content, piece);
    pthread_cond_broadcast(&content->changed);
    mpr_unlock(&content->lock);
}

static void remove_piece(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock) {
    struct drive_piece **at = &content->fetched;

    while (*at != piece)
        at = &(*at)->next;
    *at = piece->next;
    content->fetched_bytes -= piece->capacity;
    drive_piece_free(piece);
}

void drive_fetched_unpin(struct drive_content *content, struct drive_piece *piece) {
    if (--piece->pins == 0 && (piece->stale || piece->served >= piece->length))
        remove_piece(content, piece);
}

static void forget(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock) {
    piece->stale = true;
    if (piece->pins == 0)
        remove_piece(content, piece);
}

void drive_fetched_forget(struct drive_content *content, uint64_t offset, uint64_t size) {
    struct drive_piece *next;

    for (struct drive_piece *piece = content->fetched; piece; piece = next) {
        next = piece->next;
        if (drive_piece_overlaps(piece, offset, size))
            forget(content, piece);
    }
}

void drive_fetched_expire(struct drive_content *content, int64_t now_ns) {
    struct drive_piece *next;

    for (struct drive_piece *piece = content->fetched; piece; piece = next) {
        next = piece->next;
        if (piece->state != PIECE_LOADING && piece->pins == 0
            && now_ns - piece->since_ns >= DRIVE_IDLE_MS * MPR_NS_PER_MS)
            forget(content, piece);
    }
    if (content->fetched)
        drive_content_due(content, now_ns + DRIVE_IDLE_MS * MPR_NS_PER_MS);
}
