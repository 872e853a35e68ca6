/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_file.c: files at the server: opened for what the handles ask, shared by
 * them, opened again when a session has taken them along, and what is tried again.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define RELEASE_MS     1000 /* how long operations under way are waited for */
#define OPEN_MS        1000 /* how long open tries to have a file again that was lost, at most */
#define RETRY_FIRST_NS (50 * MPR_NS_PER_MS)
#define RETRY_MOST_NS  (500 * MPR_NS_PER_MS)
#define RETRIES_OF_EIO 3u /* a disk that fails says the same, too */

static void finish(struct drive_content *content, struct drive_server_file *file)
    EXCLUDES(content->lock) {
    drive_remote_close(content->drive, file->file);
    free(file);
}

void drive_file_put(struct drive_content *content, struct drive_server_file *file) {
    bool last;

    mpr_lock(&content->lock);
    last = --file->users == 0 && file->dead;
    mpr_unlock(&content->lock);
    if (last)
        finish(content, file);
}

/* Nobody finds it any more; it is closed when nobody uses it. The caller is a user. */
static void give_up(struct drive_content *content, struct drive_server_file *file)
    REQUIRES(content->lock) {
    if (file->dead)
        return;
    file->dead = true;
    if (content->reader == file)
        content->reader = NULL;
    if (content->writer == file) {
        content->writer = NULL;
        content->repeat = true;
        content->unsure = content->unsure || (content->unsynced_end > 0 && content->beyond);
    }
}

static struct drive_server_file *find(struct drive_content *content, bool write)
    REQUIRES(content->lock) {
    if (write)
        return content->writer;
    if (content->reader)
        return content->reader;
    return content->writer && content->writer->reads ? content->writer : NULL;
}

bool drive_file_adopt(struct drive_content *content, struct drive_file *file, int flags) {
    struct drive_server_file *made = calloc(1, sizeof *made);
    int access = flags & O_ACCMODE;
    bool kept = true, old = false;

    if (!made)
        return false;
    *made = (struct drive_server_file){
        .file = file, .reads = access != O_WRONLY, .writes = access != O_RDONLY};
    mpr_lock(&content->lock);
    if (made->writes && (!content->writer || (made->reads && !content->writer->reads))) {
        if (content->writer && content->writer->users == 0) {
            struct drive_server_file *before = content->writer;

            content->writer = made;
            made = before;
            old = true;
        } else if (content->writer) {
            content->writer->dead = true;
            content->writer = made;
        } else {
            content->writer = made;
        }
    } else if (made->reads && !content->reader) {
        content->reader = made;
    } else {
        kept = false;
    }
    mpr_unlock(&content->lock);
    if (!kept || old)
        finish(content, made);
    return true;
}

static bool is_open_for(struct drive_content *content, int access) {
    bool found;

    mpr_lock(&content->lock);
    if (access == O_RDWR)
        found = content->writer && content->writer->reads;
    else
        found = find(content, access == O_WRONLY) != NULL;
    mpr_unlock(&content->lock);
    return found;
}

/*
 * The fastest answer is the round trip; others waited for something else on the way. If all
 * are slower for long, it has become longer.
 */
void drive_trip_note(struct drive_data *data, int64_t took_ns) {
    uint32_t took_us = (uint32_t)(took_ns / 1000), trip_us = atomic_load(&data->trip_us);
    uint32_t more_us = took_us - trip_us;

    if (trip_us == 0 || took_us <= trip_us)
        trip_us = took_us ? took_us : 1;
    else
        trip_us += (more_us < trip_us ? more_us : trip_us) / 32;
    atomic_store(&data->trip_us, trip_us);
}

/* Asks for attributes of an open file, and sees how long that takes. */
static int ask_facts(struct drive_content *content, struct drive_file *file,
                     struct mpr_stat *ret_facts) {
    int64_t begin = mpr_now_ns();
    int rc = drive_remote_fstat(content->drive, file, ret_facts);

    if (!rc)
        drive_trip_note(content->data, mpr_now_ns() - begin);
    return rc;
}

static int open_at_server(struct drive_content *content, int flags, struct drive_file **ret_file) {
    char *path = NULL;
    int rc = drive_node_path(content->drive, content->node, &path);

    if (rc)
        return rc;
    rc = drive_remote_open(content->drive, path, flags, 0, ret_file);
    free(path);
    return rc;
}

static int do_facts(struct drive_content *content, struct drive_file *file, void *facts) {
    return ask_facts(content, file, facts);
}

int drive_file_open(struct drive_content *content, int flags, struct mpr_stat *ret_facts) {
    struct drive_retry retry;
    int access = flags & O_ACCMODE, rc;
    struct drive_file *file;
    int64_t soon_ns;

    if (!is_open_for(content, access) || (flags & O_TRUNC)) {
        rc = open_at_server(content, flags & (O_ACCMODE | O_TRUNC), &file);
        if (rc)
            return rc;
        if (!drive_file_adopt(content, file, flags)) {
            drive_remote_close(content->drive, file);
            return -ENOMEM;
        }
    }
    retry = drive_retry_begin(content->drive);
    soon_ns = mpr_deadline_in_ms(OPEN_MS);
    if (retry.deadline_ns > soon_ns)
        retry.deadline_ns = soon_ns;
    return drive_file_do(content, access != O_RDONLY, retry, do_facts, ret_facts);
}

void drive_size_take(struct drive_content *content, uint64_t size) {
    content->size_doubtful = false;
    content->server_size = size;
    content->size = drive_unwritten_end(content);
    if (content->size < size)
        content->size = size;
}

/* Is it still the file that was opened first? Does it have what it was given? */
static int check_again(struct drive_content *content, struct drive_file *file, bool write) {
    struct mpr_stat facts;
    uint64_t given; /* before it is asked, as others write meanwhile */
    int rc;

    mpr_lock(&content->lock);
    given = content->beyond ? content->unsynced_end : 0;
    mpr_unlock(&content->lock);
    rc = ask_facts(content, file, &facts);
    if (rc)
        return rc;
    mpr_lock(&content->lock);
    if (content->ino && facts.ino && facts.ino != content->ino)
        rc = -ESTALE;
    else if (write && facts.size < given)
        rc = -ESTALE;
    mpr_unlock(&content->lock);
    return rc;
}

int drive_size_refresh(struct drive_content *content) {
    struct mpr_stat facts;
    int rc;

    mpr_unlock(&content->lock);
    rc = drive_file_do(content, false, drive_retry_begin(content->drive), do_facts, &facts);
    mpr_lock(&content->lock);
    if (rc)
        return rc;
    drive_size_take(content, facts.size);
    return 0;
}

/* Waits, but not for a drive that ends. */
static void pause_for(struct drive *drive, int64_t ns) {
    const int64_t step = 20 * MPR_NS_PER_MS;
    int64_t end = mpr_now_ns() + ns;

    for (int64_t now; (now = mpr_now_ns()) < end && !atomic_load(&drive->ended);) {
        struct timespec until = mpr_timespec(now + step < end ? now + step : end);

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
}

/* While it is being renamed, its name may be another file's. 0, or -ETIMEDOUT. */
static int wait_for_name(struct drive_content *content) EXCLUDES(content->lock) {
    int64_t deadline_ns = mpr_deadline_in_ms(content->drive->options.io_timeout_ms);
    bool held;

    mpr_lock(&content->lock);
    while (content->held && mpr_cond_wait(&content->changed, &content->lock, deadline_ns))
        ;
    held = content->held != 0;
    mpr_unlock(&content->lock);
    return held ? -ETIMEDOUT : 0;
}

static bool is_to_repeat(struct drive_content *content) EXCLUDES(content->lock) {
    bool repeat;

    mpr_lock(&content->lock);
    repeat = content->repeat;
    mpr_unlock(&content->lock);
    return repeat;
}

static int open_again(struct drive_content *content, bool write) EXCLUDES(content->lock) {
    int flags = write ? O_RDWR : O_RDONLY;
    struct drive_file *file;
    int rc = wait_for_name(content);

    if (rc)
        return rc;
    rc = open_at_server(content, flags, &file);
    if (rc == -EACCES && write)
        rc = open_at_server(content, flags = O_WRONLY, &file);
    if (rc)
        return rc;
    rc = check_again(content, file, write);
    if (!rc && write && is_to_repeat(content))
        rc = drive_written_repeat(content, file);
    if (!rc && !drive_file_adopt(content, file, flags))
        rc = -ENOMEM;
    if (rc)
        drive_remote_close(content->drive, file);
    return rc;
}

int drive_file_get(struct drive_content *content, bool write, struct drive_server_file **ret_file) {
    for (int turn = 0; turn < 3; turn++) {
        struct drive_server_file *file;
        int rc;

        mpr_lock(&content->lock);
        file = find(content, write);
        if (file)
            file->users++;
        mpr_unlock(&content->lock);
        if (file) {
            *ret_file = file;
            return 0;
        }
        rc = open_again(content, write);
        if (rc)
            return rc;
    }
    return -EIO;
}

void drive_file_close_all(struct drive_content *content) {
    struct drive_server_file *reader, *writer;

    mpr_lock(&content->lock);
    reader = content->reader;
    writer = content->writer;
    content->reader = content->writer = NULL;
    mpr_unlock(&content->lock);
    if (reader)
        finish(content, reader);
    if (writer)
        finish(content, writer);
}

/* Takes one that nobody uses; false: there is none. *ret_busy: there is one that is used. */
static bool take_idle(struct drive_content *content, struct drive_server_file **ret_file,
                      bool *ret_busy) {
    struct drive_server_file **places[] = {&content->reader, &content->writer};
    bool taken = false;

    *ret_busy = false;
    mpr_lock(&content->lock);
    for (int i = 0; i < 2 && !taken; i++) {
        if (*places[i] && (*places[i])->users == 0) {
            *ret_file = *places[i];
            *places[i] = NULL;
            taken = true;
        } else if (*places[i]) {
            *ret_busy = true;
        }
    }
    mpr_unlock(&content->lock);
    return taken;
}

void drive_content_release(struct drive *drive, struct drive_node *node) {
    struct drive_content *content = drive_content_find(drive, node);
    const struct timespec moment = mpr_timespec(2 * MPR_NS_PER_MS);
    int64_t deadline_ns = mpr_deadline_in_ms(RELEASE_MS);
    struct drive_server_file *file;
    bool busy = true;

    if (!content)
        return;
    while (busy && mpr_now_ns() < deadline_ns) {
        while (take_idle(content, &file, &busy))
            finish(content, file);
        if (busy)
            nanosleep(&moment, NULL);
    }
    drive_content_unref(content);
}

/* NULL: there is none, or it is used. */
static struct drive_server_file *take_writer(struct drive_content *content)
    REQUIRES(content->lock) {
    struct drive_server_file *file = content->writer;

    if (!file || file->users > 0)
        return NULL;
    content->writer = NULL;
    return file;
}

void drive_file_close_writer(struct drive_content *content) {
    const struct timespec moment = mpr_timespec(2 * MPR_NS_PER_MS);
    int64_t deadline_ns = mpr_deadline_in_ms(RELEASE_MS);
    struct drive_server_file *file;

    mpr_lock(&content->lock);
    while (!(file = take_writer(content)) && content->writer && mpr_now_ns() < deadline_ns) {
        mpr_unlock(&content->lock);
        nanosleep(&moment, NULL);
        mpr_lock(&content->lock);
    }
    mpr_unlock(&content->lock);
    /* What it has written is not stable by that: fsync opens the file again. */
    if (file)
        finish(content, file);
}

struct drive_content *drive_content_hold(struct drive *drive, struct drive_node *node) {
    struct drive_content *content = drive_content_find(drive, node);

    if (!content)
        return NULL;
    drive_content_flush(drive, node);
    mpr_lock(&content->lock);
    content->held++;
    mpr_unlock(&content->lock);
    return content;
}

void drive_content_unhold(struct drive_content *content) {
    if (!content)
        return;
    mpr_lock(&content->lock);
    content->held--;
    pthread_cond_broadcast(&content->changed);
    mpr_unlock(&content->lock);
    drive_content_unref(content);
}

struct drive_retry drive_retry_begin(const struct drive *drive) {
    /* The last attempt may take as long as the bound itself. */
    return (struct drive_retry){.deadline_ns = mpr_deadline_in_ms(drive->options.io_timeout_ms / 2),
                                .pause_ns = RETRY_FIRST_NS};
}

/* The file is of no use any more: its session is gone, or the server has forgotten it. */
static bool is_lost(int rc) {
    return rc == -EIO || rc == -ESTALE || rc == -EBADF || rc == -ENOTCONN || rc == -EPIPE;
}

static bool is_passing(int rc) {
    return is_lost(rc) || rc == -ETIMEDOUT || rc == -EHOSTUNREACH || rc == -ENETUNREACH
           || rc == -ECONNRESET || rc == -ECONNREFUSED || rc == -ECONNABORTED || rc == -ENETDOWN
           || rc == -EHOSTDOWN || rc == -EAGAIN || rc == -ENETRESET;
}

static bool is_over(const struct drive_retry *retry, const struct drive *drive, int64_t now) {
    int64_t lost_until = atomic_load(&drive->lost_until_ns);

    /* Others may have waited for the server as long as one may. */
    return atomic_load(&drive->ended) || now >= retry->deadline_ns
           || (lost_until && now >= lost_until);
}

bool drive_retry_again(struct drive_retry *retry, struct drive_content *content,
                       struct drive_server_file *file, int rc) {
    int64_t now = mpr_now_ns(), pause = retry->pause_ns;

    if (is_over(retry, content->drive, now) || !is_passing(rc))
        return false;
    if (file && rc == -EIO && ++retry->count > RETRIES_OF_EIO)
        return false;
    if (!file && rc == -ESTALE)
        return false; /* another file has its name, or it lacks what it was given */
    if (file && is_lost(rc)) {
        mpr_lock(&content->lock);
        give_up(content, file);
        mpr_unlock(&content->lock);
        if (retry->count == 1)
            return true; /* it is opened again at once */
    }
    pause_for(content->drive, now + pause > retry->deadline_ns ? retry->deadline_ns - now : pause);
    retry->pause_ns = pause * 2 > RETRY_MOST_NS ? RETRY_MOST_NS : pause * 2;
    return true;
}

int drive_file_do(struct drive_content *content, bool write, struct drive_retry retry,
                  drive_file_fn fn, void *context) {
    for (;;) {
        struct drive_server_file *file = NULL;
        int rc = drive_file_get(content, write, &file);
        bool again;

        if (!rc)
            rc = fn(content, file->file, context);
        again = rc && drive_retry_again(&retry, content, file, rc);
        if (file)
            drive_file_put(content, file);
        if (!again)
            return rc;
    }
}
