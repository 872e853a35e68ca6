/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_transfer.c: reading and writing, in pieces of which several are under
 * way at a time: as many as fill a window of SSH's some times over.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/common/np_time.h"
#include "providers/sftp/sftp_file.h"

#define FLIGHT_MOST  16
#define FLIGHT_BYTES 4194304u /* under way at most */
#define MEASURED     1048576u /* bytes of a transfer that says something of the speed */

struct piece {
    size_t at, length; /* in the whole */
    bool used;
};

struct transfer {
    const struct sftp_op *op;
    struct sftp_file *file;
    uint8_t *into;       /* reading */
    const uint8_t *from; /* writing */
    size_t size, piece_size;
    uint64_t offset;
    size_t next;   /* where the next piece begins */
    size_t end;    /* nothing beyond it counts: an error or the end of the file is there */
    int error;     /* what ended it there: 0 (end of file), a status or -errno */
    size_t flight; /* pieces at a time */
    struct sftp_wait wait;
    struct piece pieces[FLIGHT_MOST];
    struct sftp_request requests[FLIGHT_MOST];
};

static int send_piece(struct transfer *transfer, size_t i) {
    const struct piece *piece = &transfer->pieces[i];
    struct sftp_line *line = transfer->op->line;
    struct sftp_out packet;

    sftp_call_begin(line, &transfer->requests[i], &packet, transfer->into ? SFTP_READ : SFTP_WRITE,
                    SFTP_HANDLE_MAX + 32 + (transfer->into ? 0 : piece->length));
    sftp_out_handle(&packet, &transfer->file->handle);
    sftp_out_u64(&packet, transfer->offset + piece->at);
    if (transfer->into) {
        sftp_out_u32(&packet, (uint32_t)piece->length);
        transfer->requests[i].into = transfer->into + piece->at;
        transfer->requests[i].room = piece->length;
    } else {
        sftp_out_bytes(&packet, transfer->from + piece->at, piece->length);
    }
    return sftp_wait_send(line, &transfer->wait, &transfer->requests[i], &packet);
}

/* Something ends the whole at this place. What lies before it may still come. */
static void end_at(struct transfer *transfer, size_t at, int error) {
    if (at >= transfer->end)
        return;
    transfer->end = at;
    transfer->error = error;
}

static int fill(struct transfer *transfer) {
    for (size_t i = 0; i < transfer->flight; i++) {
        struct piece *piece = &transfer->pieces[i];
        size_t left = transfer->end > transfer->next ? transfer->end - transfer->next : 0;
        int rc;

        if (piece->used || !left)
            continue;
        *piece = (struct piece){.at = transfer->next, .used = true};
        piece->length = left < transfer->piece_size ? left : transfer->piece_size;
        transfer->next += piece->length;
        rc = send_piece(transfer, i);
        if (rc)
            return rc;
    }
    return 0;
}

/* A piece was answered. A part of one is asked for again from where it ended. */
static int take_piece(struct transfer *transfer, size_t i) {
    struct sftp_request *request = &transfer->requests[i];
    struct piece *piece = &transfer->pieces[i];

    piece->used = false;
    free(request->reply);
    request->reply = NULL;
    if (request->result == SFTP_EOF && transfer->into) {
        end_at(transfer, piece->at, 0);
    } else if (request->result) {
        end_at(transfer, piece->at, request->result);
    } else if (transfer->into && (request->type != SFTP_DATA || !request->length)) {
        end_at(transfer, piece->at, request->type == SFTP_DATA ? 0 : -EIO);
    } else if (transfer->into && request->length < piece->length) {
        piece->at += request->length;
        piece->length -= request->length;
        piece->used = true;
        return send_piece(transfer, i);
    }
    return 0;
}

/* Takes what is done. Returns 1 if pieces are under way, 0 if none is, or -errno. */
static int collect(struct transfer *transfer) {
    struct sftp_line *line = transfer->op->line;
    int under_way = 0;

    for (size_t i = 0; i < transfer->flight; i++) {
        bool done;
        int rc;

        if (!transfer->pieces[i].used)
            continue;
        pthread_mutex_lock(&line->lock);
        done = transfer->requests[i].done;
        pthread_mutex_unlock(&line->lock);
        if (done) {
            rc = take_piece(transfer, i);
            if (rc)
                return rc;
        }
        under_way |= transfer->pieces[i].used;
    }
    return under_way;
}

static int run(struct transfer *transfer) {
    const struct sftp_op *op = transfer->op;
    int rc = fill(transfer);

    while (!rc) {
        rc = sftp_wait_more(op->line, op->call, &transfer->wait);
        if (rc)
            return rc;
        rc = collect(transfer);
        if (rc < 0)
            return rc;
        if (!rc && transfer->next >= transfer->end)
            return 0;
        rc = fill(transfer);
    }
    return rc;
}

static void note_speed(struct sftp_session *session, size_t bytes, int64_t took_ns) {
    uint64_t speed;

    if (bytes < MEASURED || took_ns <= 0)
        return;
    speed = (uint64_t)((double)bytes * 1e9 / (double)took_ns);
    if (speed > atomic_load(&session->speed))
        atomic_store(&session->speed, speed);
}

static int64_t carry_out(struct transfer *transfer) {
    const struct sftp_op *op = transfer->op;
    int64_t began = np_now_ns();
    int rc;

    transfer->end = transfer->size;
    transfer->flight = FLIGHT_BYTES / transfer->piece_size;
    if (transfer->flight > FLIGHT_MOST)
        transfer->flight = FLIGHT_MOST;
    rc = sftp_wait_begin(op->line, op->call, transfer->size, &transfer->wait);
    if (rc)
        return rc;
    rc = run(transfer);
    sftp_wait_end(op->line, &transfer->wait, transfer->requests, FLIGHT_MOST);
    for (size_t i = 0; i < FLIGHT_MOST; i++)
        free(transfer->requests[i].reply);
    /* Less than was asked for is the end of the file to who reads: an error is none. */
    if (!rc && (transfer->into || !transfer->end))
        rc = transfer->error;
    if (rc)
        return sftp_file_errno(op, transfer->into ? SFTP_DID_READ : SFTP_DID_WRITE, transfer->file,
                               rc);
    note_speed(op->session, transfer->end, np_now_ns() - began);
    return (int64_t)transfer->end;
}

int64_t sftp_file_read(const struct sftp_op *op, struct sftp_file *file, void *data, size_t size,
                       uint64_t offset) {
    struct transfer transfer = {.op = op,
                                .file = file,
                                .into = data,
                                .size = size,
                                .piece_size = op->session->read_size,
                                .offset = offset};

    return size ? carry_out(&transfer) : 0;
}

int64_t sftp_file_write(const struct sftp_op *op, struct sftp_file *file, const void *data,
                        size_t size, uint64_t offset) {
    struct transfer transfer = {.op = op,
                                .file = file,
                                .from = data,
                                .size = size,
                                .piece_size = op->session->write_size,
                                .offset = offset};

    if (!size)
        return 0;
    atomic_store(&file->dirty, true);
    return carry_out(&transfer);
}
