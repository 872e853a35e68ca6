/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_flush.c: what was written goes to the server: full pieces in the background
 * while the next is filled, everything at close, fsync and before the size is set.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define WRITERS 2u /* of one file; the second fills the line while the first waits */
#define BEHIND  4u /* how often a write may come too late for others' sake */

bool drive_content_wait(struct drive_content *content, int64_t deadline_ns) {
    struct timespec until = mpr_timespec(deadline_ns);

    return pthread_cond_timedwait(&content->changed, &content->lock.mutex, &until) != ETIMEDOUT;
}

/* --- the list --- */

static void remove_piece(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock) {
    struct drive_piece **at = &content->unwritten;

    while (*at != piece)
        at = &(*at)->next;
    *at = piece->next;
    drive_piece_free(piece);
}

/* No more to be written. It is at the server, and kept if all is that is not yet stable. */
static void settle(struct drive_content *content, struct drive_piece *piece, bool written)
    REQUIRES(content->lock) {
    content->unwritten_bytes -= piece->length;
    content->unwritten_count--;
    piece->state = PIECE_WRITTEN;
    piece->done = ++content->stamps;
    if (!written) {
        piece->length = 0; /* of no use to anybody */
    } else if (content->kept_bytes + piece->capacity > DRIVE_KEPT
               || content->kept_count >= DRIVE_KEPT_N) {
        content->beyond = true;
    } else if (!content->beyond) {
        piece->kept = true;
        content->kept_bytes += piece->capacity;
        content->kept_count++;
    }
    drive_written_drop(content);
}

void drive_written_drop(struct drive_content *content) {
    struct drive_piece *next;

    if (content->mixing > 0)
        return;
    for (struct drive_piece *piece = content->unwritten; piece; piece = next) {
        next = piece->next;
        if (piece->state == PIECE_WRITTEN && (!piece->kept || content->beyond))
            remove_piece(content, piece);
    }
    if (content->beyond)
        content->kept_bytes = content->kept_count = 0;
}

void drive_written_forget(struct drive_content *content, bool stable) {
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        piece->kept = false;
    content->kept_bytes = content->kept_count = 0;
    content->beyond = !stable;
    drive_written_drop(content);
}

static struct drive_piece *find_kept(struct drive_content *content, uint64_t after)
    REQUIRES(content->lock) {
    struct drive_piece *found = NULL;

    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->kept && piece->stamp > after && (!found || piece->stamp < found->stamp))
            found = piece;
    return found;
}

int drive_written_repeat(struct drive_content *content, struct drive_file *file) {
    struct drive_piece *piece;
    uint64_t after = 0;
    int64_t rc = 0;

    mpr_lock(&content->lock);
    content->mixing++;
    content->repeating++;
    while (rc >= 0 && (piece = find_kept(content, after))) {
        after = piece->stamp;
        mpr_unlock(&content->lock);
        for (size_t done = 0; rc >= 0 && done < piece->length; done += (size_t)rc) {
            rc = drive_pace_write(content, file, piece->data + done, piece->length - done,
                                  piece->offset + done);
            if (rc < 0)
                break;
        }
        mpr_lock(&content->lock);
    }
    content->repeating--;
    drive_fetched_forget(content, 0, UINT64_MAX / 2);
    if (rc >= 0)
        content->repeat = false;
    if (--content->mixing == 0)
        drive_written_drop(content);
    mpr_unlock(&content->lock);
    return rc < 0 ? (int)rc : 0;
}

static bool is_in_the_way(struct drive_content *content, const struct drive_piece *piece)
    REQUIRES(content->lock) {
    for (struct drive_piece *other = content->unwritten; other; other = other->next)
        if (other->state == PIECE_WRITING
            && drive_piece_overlaps(other, piece->offset, piece->length))
            return true;
    return false;
}

/* The next one to be written, in the order of the file. */
static struct drive_piece *pick(struct drive_content *content, bool all) REQUIRES(content->lock) {
    size_t enough = drive_pace_size(content->data);
    struct drive_piece *found = NULL;

    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->state == PIECE_DIRTY && (all || piece->full || piece->length >= enough)
            && (!found || piece->offset < found->offset) && !is_in_the_way(content, piece))
            found = piece;
    return found;
}

/* --- writing one piece --- */

/* It has waited behind others that got on: that is not the server's silence. */
static bool was_behind(struct drive_content *content, int rc, int64_t since_ns) {
    return rc == -ETIMEDOUT && atomic_load(&content->data->progress_ns) > since_ns;
}

static int send_piece(struct drive_content *content, const struct drive_piece *piece)
    EXCLUDES(content->lock) {
    struct drive_retry retry = drive_retry_begin(content->drive);
    unsigned behind = 0;

    for (size_t done = 0; done < piece->length;) {
        struct drive_server_file *file = NULL;
        int64_t since_ns = mpr_now_ns(), rc = drive_file_get(content, true, &file);
        bool again = true;

        if (rc == 0)
            rc = drive_pace_write(content, file->file, piece->data + done, piece->length - done,
                                  piece->offset + done);
        if (rc > 0) {
            done += (size_t)rc;
        } else {
            if (was_behind(content, (int)rc, since_ns) && behind++ < BEHIND)
                retry = drive_retry_begin(content->drive);
            again = drive_retry_again(&retry, content, file, (int)rc);
            done = 0; /* a file that was opened again has perhaps nothing of it */
        }
        if (file)
            drive_file_put(content, file);
        if (!again)
            return (int)rc;
    }
    return 0;
}

/* After a failure that took its time the others need not wait as long, one by one. */
static void give_up_all(struct drive_content *content) REQUIRES(content->lock) {
    struct drive_piece *next;

    for (struct drive_piece *piece = content->unwritten; piece; piece = next) {
        next = piece->next;
        if (piece->state == PIECE_DIRTY)
            settle(content, piece, false);
    }
}

static bool is_of_the_server(int rc) {
    return rc != -ENOSPC && rc != -EDQUOT && rc != -EFBIG;
}

static void write_piece(struct drive_content *content, struct drive_piece *piece)
    REQUIRES(content->lock) {
    uint64_t end = piece->offset + piece->length;
    int rc;

    piece->state = PIECE_WRITING;
    piece->stamp = ++content->stamps;
    content->writing++;
    mpr_unlock(&content->lock);
    rc = send_piece(content, piece);
    drive_node_written(content->drive, content->node); /* a part of it, perhaps, if it failed */
    mpr_lock(&content->lock);
    content->writing--;
    drive_fetched_forget(content, piece->offset, piece->length);
    if (!rc) {
        content->progress++;
        if (content->server_size < end)
            content->server_size = end;
        if (content->unsynced_end < end)
            content->unsynced_end = end;
    } else {
        drive_error_note(content, atomic_load(&content->drive->ended) ? -ENOTCONN : rc);
        if (is_of_the_server(rc))
            give_up_all(content);
        content->size_doubtful = true;
    }
    settle(content, piece, rc == 0);
    pthread_cond_broadcast(&content->changed);
}

/* --- in the background --- */

/* One piece after the other; but where other jobs wait, they come before the next. */
static void write_behind(struct drive_job *job) {
    struct drive_content *content = job->content;
    struct drive_piece *piece;
    bool moved = false;

    mpr_lock(&content->lock);
    while ((piece = pick(content, content->hurry || content->draining)) && !moved) {
        write_piece(content, piece);
        moved = drive_job_is_waiting(content->data) && drive_job_add(content, NULL, write_behind);
    }
    if (content->unwritten_count == 0)
        content->hurry = false;
    if (!moved)
        content->writers--;
    mpr_unlock(&content->lock);
}

void drive_flush_kick(struct drive_content *content, bool all) {
    content->hurry = content->hurry || all;
    if (content->writers < WRITERS && pick(content, content->hurry)
        && drive_job_add(content, NULL, write_behind))
        content->writers++;
}

void drive_flush_due(struct drive_content *content, int64_t now_ns) {
    bool old = false;

    mpr_lock(&content->lock);
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        old = old || piece->state == PIECE_DIRTY;
    if (old)
        drive_flush_kick(content, true);
    drive_fetched_expire(content, now_ns);
    mpr_unlock(&content->lock);
}

/* --- until it is done --- */

static bool has_older(struct drive_content *content, int64_t begin_ns) REQUIRES(content->lock) {
    for (struct drive_piece *piece = content->unwritten; piece; piece = piece->next)
        if (piece->state != PIECE_WRITTEN && piece->since_ns <= begin_ns)
            return true;
    return false;
}

/* Waits for who writes. False: until the deadline, or nothing was written for the bound. */
static bool await_others(struct drive_content *content, int64_t deadline_ns, int64_t begin_ns)
    REQUIRES(content->lock) {
    if (deadline_ns)
        return drive_content_wait(content, deadline_ns);
    return drive_pace_wait(content, begin_ns, 2 * content->drive->options.io_timeout_ms);
}

/* 0, or -ETIMEDOUT: nothing was written for as long as the bound, or until the deadline. */
static int drain(struct drive_content *content, int64_t deadline_ns) REQUIRES(content->lock) {
    int64_t begin_ns = mpr_now_ns();

    while (has_older(content, begin_ns)) {
        struct drive_piece *piece;

        if (deadline_ns && mpr_now_ns() >= deadline_ns)
            return -ETIMEDOUT;
        if (content->unwritten_count > 1)
            drive_flush_kick(content, true);
        piece = pick(content, true);
        if (piece)
            write_piece(content, piece);
        else if (!await_others(content, deadline_ns, begin_ns))
            return -ETIMEDOUT;
    }
    return 0;
}

/*
 * Memory for others: all goes to the server, and what is kept for the case that the server
 * forgets is not kept any more; then only fsync can say that it was lost.
 */
static int spare_memory(struct drive_content *content, void *context) {
    (void)context;
    mpr_lock(&content->lock);
    drive_flush_kick(content, true);
    if (content->kept_bytes > 0 && !content->repeat && content->repeating == 0)
        drive_written_forget(content, false);
    mpr_unlock(&content->lock);
    return 0;
}

void drive_flush_others(struct drive_data *data) {
    drive_content_each(data, spare_memory, NULL);
}

int drive_flush_all(struct drive_content *content, int64_t deadline_ns) {
    uint64_t errors;
    int rc;

    mpr_lock(&content->lock);
    errors = content->errors;
    content->draining++;
    rc = drain(content, deadline_ns);
    content->draining--;
    if (!rc && errors != content->errors)
        rc = content->error;
    mpr_unlock(&content->lock);
    return rc;
}

int drive_flush(struct drive_handle *handle) {
    struct drive_content *content = handle->content;
    bool left_now;
    int rc, told;

    if ((handle->flags & O_ACCMODE) == O_RDONLY)
        return 0;
    rc = drive_flush_all(content, 0);
    mpr_lock(&content->lock);
    left_now = content->altered && !content->left;
    content->left = true;
    /* Not taken: this may be the copy of a descriptor that a child process has closed. */
    told = drive_error_find(content, handle);
    mpr_unlock(&content->lock);
    if (left_now)
        drive_node_written(content->drive, content->node);
    return told ? told : rc == -ETIMEDOUT ? rc : 0;
}

static int do_fsync(struct drive_content *content, struct drive_file *file, void *context) {
    (void)context;
    return drive_remote_fsync(content->drive, file);
}

static int sync_server(struct drive_content *content) EXCLUDES(content->lock) {
    return drive_file_do(content, true, drive_retry_begin(content->drive), do_fsync, NULL);
}

int drive_fsync(struct drive_handle *handle) {
    struct drive_content *content = handle->content;
    uint64_t progress;
    bool needed;
    int rc = drive_flush_all(content, 0), told;

    mpr_lock(&content->lock);
    needed = !rc && (content->writer || content->unsynced_end || content->unsure);
    progress = content->progress;
    mpr_unlock(&content->lock);
    if (needed)
        rc = sync_server(content);
    mpr_lock(&content->lock);
    if (needed && !rc && content->unsure)
        rc = -EIO; /* what the server had in memory is perhaps lost */
    if (needed && rc)
        drive_error_note(content, rc);
    if (needed && progress == content->progress) {
        content->unsure = false;
        content->unsynced_end = 0;
        drive_written_forget(content, true);
    }
    told = drive_error_take(content, handle);
    mpr_unlock(&content->lock);
    return told ? told : rc == -ETIMEDOUT ? rc : 0;
}

/* --- the size --- */

static int do_truncate(struct drive_content *content, struct drive_file *file, void *size) {
    return drive_remote_ftruncate(content->drive, file, *(uint64_t *)size);
}

static int set_size(struct drive_content *content, uint64_t size) EXCLUDES(content->lock) {
    char *path = NULL;
    bool open;
    int rc;

    mpr_lock(&content->lock);
    open = content->writer != NULL;
    mpr_unlock(&content->lock);
    if (open)
        return drive_file_do(content, true, drive_retry_begin(content->drive), do_truncate, &size);
    rc = drive_node_path(content->drive, content->node, &path);
    if (!rc)
        rc = drive_remote_truncate(content->drive, path, size);
    free(path);
    return rc;
}

static int begin_pause(struct drive_content *content) REQUIRES(content->lock) {
    int64_t begin_ns = mpr_now_ns();

    while (content->paused)
        if (!drive_pace_wait(content, begin_ns, content->drive->options.io_timeout_ms))
            return -ETIMEDOUT;
    content->paused = true;
    return 0;
}

static int truncate_open(struct drive_content *content, uint64_t size) EXCLUDES(content->lock) {
    int rc;

    mpr_lock(&content->lock);
    rc = begin_pause(content);
    mpr_unlock(&content->lock);
    if (rc)
        return rc;
    rc = drive_flush_all(content, 0);
    if (!rc)
        rc = set_size(content, size);
    mpr_lock(&content->lock);
    if (!rc) {
        content->size = content->server_size = size;
        content->altered = true;
        if (content->unsynced_end > size)
            content->unsynced_end = size;
        drive_written_forget(content, size == 0);
    }
    drive_fetched_forget(content, 0, UINT64_MAX / 2);
    content->paused = false;
    pthread_cond_broadcast(&content->changed);
    mpr_unlock(&content->lock);
    return rc;
}

int drive_content_truncate(struct drive *drive, struct drive_node *node, uint64_t size) {
    struct drive_content *content = drive_content_find(drive, node);
    char *path = NULL;
    int rc;

    if (content) {
        rc = truncate_open(content, size);
        drive_content_unref(content);
    } else {
        rc = drive_node_path(drive, node, &path);
        if (!rc)
            rc = drive_remote_truncate(drive, path, size);
        free(path);
    }
    if (!rc)
        drive_node_written(drive, node);
    return rc;
}
