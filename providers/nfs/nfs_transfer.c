/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_transfer.c: cuts a range into requests and keeps some of them in flight.
 *
 * How many bytes are in flight is learnt: it grows while a request is answered
 * in a small part of the bound and shrinks when it is not, so that a slow link
 * is not filled for minutes with data that every other call has to wait behind.
 */
#include "config.h"

#include "providers/nfs/nfs_transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/common/np_time.h"

#define BUDGET_LEAST 65536u
#define SMALL        65536u   /* a copy of so much needs no block of the pool */
#define SLOW_PART    10       /* a request should take no more than this part of the bound */
#define MEASURED     1048576u /* bytes that say something about the speed of the line */

struct transfer {
    struct nfs_session *session;
    struct nfs_handle *handle;
    struct nfs_wait wait;
    char *into;       /* READ */
    const char *from; /* WRITE */
    uint64_t offset;  /* in the file */
    size_t size;
    size_t next;      /* up to here it was cut into requests */
    size_t in_flight; /* bytes */
    unsigned pieces;  /* requests */
    size_t end;       /* READ: the end of the file if it came sooner than size */
    size_t failed_at; /* lowest place of an error */
    int error;        /* result of the request there */
    bool keep;
    struct nfs_kept_list kept; /* WRITE */
};

/* One request. The line frees it through its first member. */
struct piece {
    struct nfs_request request;
    struct transfer *transfer;
    size_t at, length; /* what is left of it */
    int64_t sent_ns;
    struct nfs_kept *kept;
    union {
        READ3args read;
        WRITE3args write;
    } args;
};

void nfs_kept_free(struct nfs_kept *kept) {
    if (kept->pool)
        nfs_pool_give(kept->pool, kept->data);
    free(kept);
}

void nfs_kept_clear(struct nfs_kept_list *list) {
    while (list->first) {
        struct nfs_kept *kept = list->first;

        list->first = kept->next;
        nfs_kept_free(kept);
    }
    list->end = &list->first;
    list->bytes = 0;
}

static void note_error(struct transfer *transfer, size_t at, int result) {
    if (transfer->error && at >= transfer->failed_at)
        return;
    transfer->error = result;
    transfer->failed_at = at;
}

/* Room for a copy, for the case that the server forgets. Without memory for it
 * the server has to promise at once. */
static struct nfs_kept *keep(struct transfer *transfer, size_t at, size_t length) {
    bool pooled = length > SMALL && length <= NFS_BLOCK;
    struct nfs_kept *kept;

    if (!transfer->keep || !(kept = malloc(sizeof *kept + (pooled ? 0 : length))))
        return NULL;
    *kept = (struct nfs_kept){.offset = transfer->offset + at, .length = length};
    kept->data = (char *)(kept + 1);
    if (pooled) {
        kept->pool = &transfer->session->pool;
        kept->data = nfs_pool_take(kept->pool);
    }
    if (!kept->data) {
        free(kept);
        return NULL;
    }
    *transfer->kept.end = kept;
    transfer->kept.end = &kept->next;
    transfer->kept.bytes += length;
    return kept;
}

/* libnfs has its own copy in the request by now. */
static void copy_kept(const struct piece *piece) {
    if (piece->kept)
        memcpy(piece->kept->data, piece->transfer->from + piece->at, piece->length);
}

static void set_arguments(struct piece *piece) {
    struct transfer *transfer = piece->transfer;

    piece->sent_ns = np_now_ns();
    if (transfer->into) {
        piece->args.read = (READ3args){.file = nfs_handle_fh3(transfer->handle),
                                       .offset = transfer->offset + piece->at,
                                       .count = (count3)piece->length};
        return;
    }
    piece->args.write = (WRITE3args){.file = nfs_handle_fh3(transfer->handle),
                                     .offset = transfer->offset + piece->at,
                                     .count = (count3)piece->length,
                                     .stable = piece->kept ? UNSTABLE : FILE_SYNC};
    piece->args.write.data.data_len = (u_int)piece->length;
    /* libnfs takes char * and only reads. */
    memcpy(&piece->args.write.data.data_val, &(const char *){transfer->from + piece->at},
           sizeof(char *));
}

/* Gives piece the next part of the range. Returns false if nothing is left. */
static bool cut(struct transfer *transfer, struct piece *piece) {
    struct nfs_session *session = transfer->session;
    size_t most = transfer->into ? session->read_size : session->write_size;
    size_t budget = atomic_load(&session->budget);

    if (transfer->error || transfer->next >= transfer->size || transfer->next >= transfer->end)
        return false;
    if (transfer->pieces && transfer->in_flight + (most < budget ? most : budget) > budget)
        return false;
    if (most > budget)
        most = budget;
    piece->at = transfer->next;
    piece->length = transfer->size - piece->at < most ? transfer->size - piece->at : most;
    transfer->next += piece->length;
    transfer->in_flight += piece->length;
    transfer->pieces++;
    piece->kept = keep(transfer, piece->at, piece->length);
    set_arguments(piece);
    return true;
}

static void learn(struct transfer *transfer, const struct piece *piece, size_t moved) {
    const struct nfs_options *options = &transfer->session->state->options;
    size_t budget = atomic_load(&transfer->session->budget);
    size_t most = (size_t)options->in_flight
                  * (transfer->into ? transfer->session->read_size : transfer->session->write_size);
    int64_t took = np_now_ns() - piece->sent_ns;

    if (took > (int64_t)options->io_timeout_ms * NP_MS / SLOW_PART)
        budget = budget / 2 > BUDGET_LEAST ? budget / 2 : BUDGET_LEAST;
    else if (budget < most)
        budget = budget + moved < most ? budget + moved : most;
    atomic_store(&transfer->session->budget, budget);
}

/* The piece is done. Returns true if it has been given the next part. */
static bool recycle(struct transfer *transfer, struct piece *piece) {
    transfer->pieces--;
    transfer->in_flight -= piece->length;
    return cut(transfer, piece);
}

static bool take_read(struct nfs_request *request, int result, const void *data);
static bool take_write(struct nfs_request *request, int result, const void *data);

/* Sends as many pieces as the budget allows. */
static void fill_locked(struct transfer *transfer) {
    for (;;) {
        struct piece *piece = calloc(1, sizeof *piece), copy;

        if (!piece) {
            if (!transfer->pieces)
                note_error(transfer, transfer->next, -ENOMEM);
            return;
        }
        piece->transfer = transfer;
        if (!cut(transfer, piece)) {
            free(piece);
            return;
        }
        piece->request.procedure = transfer->into ? &nfs_proc_read : &nfs_proc_write;
        piece->request.args = &piece->args;
        piece->request.reply = transfer->into ? take_read : take_write;
        piece->request.context = piece;
        copy = *piece;
        nfs_wait_add_locked(&transfer->wait, &piece->request);
        nfs_line_flush_locked(transfer->session->line);
        copy_kept(&copy);
    }
}

static bool go_on(struct transfer *transfer, struct piece *piece) {
    bool again = recycle(transfer, piece);

    if (again) {
        copy_kept(piece);
        fill_locked(transfer);
    }
    return again;
}

static bool take_read(struct nfs_request *request, int result, const void *data) {
    struct piece *piece = request->context;
    struct transfer *transfer = piece->transfer;
    const READ3resok *ok = data ? &((const READ3res *)data)->READ3res_u.resok : NULL;
    size_t got;

    if (result || !ok) {
        note_error(transfer, piece->at, result ? result : -EIO);
        return recycle(transfer, piece);
    }
    got = ok->data.data_len < piece->length ? ok->data.data_len : piece->length;
    memcpy(transfer->into + piece->at, ok->data.data_val, got);
    learn(transfer, piece, got);
    if (got == piece->length)
        return go_on(transfer, piece);
    if (ok->eof || got == 0) {
        if (piece->at + got < transfer->end)
            transfer->end = piece->at + got;
        return recycle(transfer, piece);
    }
    /* Less than asked for, and not at the end: ask for the rest. */
    piece->at += got;
    piece->length -= got;
    transfer->in_flight -= got;
    set_arguments(piece);
    return true;
}

static void note_kept(struct nfs_kept *kept, const WRITE3resok *ok, size_t got) {
    if (kept->answered && memcmp(kept->verifier, ok->verf, NFS_VERIFIER))
        kept->torn = true;
    memcpy(kept->verifier, ok->verf, NFS_VERIFIER);
    kept->stable = ok->committed != UNSTABLE && (kept->stable || !kept->answered);
    kept->answered += got;
}

static bool take_write(struct nfs_request *request, int result, const void *data) {
    struct piece *piece = request->context;
    struct transfer *transfer = piece->transfer;
    const WRITE3resok *ok = data ? &((const WRITE3res *)data)->WRITE3res_u.resok : NULL;
    size_t got = !result && ok ? ok->count : 0;

    if (result || !got) {
        note_error(transfer, piece->at, result ? result : -EIO);
        return recycle(transfer, piece);
    }
    if (got > piece->length)
        got = piece->length;
    if (piece->kept)
        note_kept(piece->kept, ok, got);
    learn(transfer, piece, got);
    if (got == piece->length)
        return go_on(transfer, piece);
    piece->at += got;
    piece->length -= got;
    transfer->in_flight -= got;
    set_arguments(piece);
    return true;
}

/* Sends all of it and waits. Returns 0 or -errno of the waiting itself. */
static int run(struct transfer *transfer, const struct mpr_call *call) {
    struct nfs_session *session = transfer->session;
    int rc = nfs_wait_may_start(session->line, call);

    if (rc)
        return rc;
    nfs_wait_init(&transfer->wait, session->line, call, transfer->size);
    pthread_mutex_lock(&session->line->lock);
    fill_locked(transfer);
    rc = nfs_wait_run_locked(&transfer->wait);
    pthread_mutex_unlock(&session->line->lock);
    return rc;
}

static void note_speed(struct nfs_session *session, size_t bytes, int64_t took_ns) {
    uint64_t speed;

    if (bytes < MEASURED || took_ns <= 0)
        return;
    speed = (uint64_t)((double)bytes * 1e9 / (double)took_ns);
    if (speed > atomic_load(&session->speed))
        atomic_store(&session->speed, speed);
}

/* Runs it; again, as long as the call lasts, if the server says "not now". */
static int64_t carry_out(struct transfer *transfer, const struct mpr_call *call) {
    int64_t began = np_now_ns();
    size_t done;
    int rc;

    for (;;) {
        transfer->next = transfer->in_flight = transfer->pieces = 0;
        transfer->error = 0;
        transfer->end = transfer->size;
        rc = run(transfer, call);
        if (rc || transfer->error != NFS3ERR_JUKEBOX
            || nfs_wait_pause(transfer->session->line, call, NFS_JUKEBOX_NS))
            break;
        nfs_kept_clear(&transfer->kept);
    }
    if (rc)
        return rc;
    done = transfer->end;
    if (transfer->error && transfer->failed_at <= done) {
        if (!transfer->failed_at)
            return nfs_errno(transfer->error);
        done = transfer->failed_at;
    }
    note_speed(transfer->session, done, np_now_ns() - began);
    return (int64_t)done;
}

int64_t nfs_transfer_read(struct nfs_session *session, const struct mpr_call *call,
                          struct nfs_handle *handle, void *data, size_t size, uint64_t offset) {
    struct transfer transfer = {
        .session = session, .handle = handle, .into = data, .size = size, .offset = offset};

    if (!size)
        return 0;
    nfs_kept_clear(&transfer.kept);
    return carry_out(&transfer, call);
}

/* Hands over what was answered; a write that failed was reported and is forgotten. */
static void hand_over(struct nfs_kept_list *from, struct nfs_kept_list *to) {
    while (from->first) {
        struct nfs_kept *kept = from->first;

        from->first = kept->next;
        kept->next = NULL;
        if (!kept->answered || (kept->stable && !kept->torn)) {
            nfs_kept_free(kept);
            continue;
        }
        kept->length = kept->answered;
        *to->end = kept;
        to->end = &kept->next;
        to->bytes += kept->length;
    }
    nfs_kept_clear(from);
}

int64_t nfs_transfer_write(struct nfs_session *session, const struct mpr_call *call,
                           struct nfs_handle *handle, const void *data, size_t size,
                           uint64_t offset, struct nfs_kept_list *keep) {
    struct transfer transfer = {.session = session,
                                .handle = handle,
                                .from = data,
                                .size = size,
                                .offset = offset,
                                .keep = keep != NULL};
    int64_t rc;

    if (!size)
        return 0;
    nfs_kept_clear(&transfer.kept);
    rc = carry_out(&transfer, call);
    if (keep)
        hand_over(&transfer.kept, keep);
    else
        nfs_kept_clear(&transfer.kept);
    return rc;
}
