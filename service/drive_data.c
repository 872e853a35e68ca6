/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data.c: which files are open, and by how many handles; opening, making and
 * releasing them; what the other parts of the drive may ask of open files.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct mpr_lock start_lock = MPR_LOCK_INIT; /* the first open makes drive->data */

static struct drive_data *have_data(struct drive *drive) {
    struct drive_data *data;

    mpr_lock(&start_lock);
    data = drive->data;
    if (!data && (data = calloc(1, sizeof *data))) {
        data->drive = drive;
        if (pthread_mutex_init(&data->lock.mutex, NULL) || drive_cond_init(&data->work)
            || drive_cond_init(&data->closed) || drive_cond_init(&data->room)) {
            free(data);
            data = NULL;
        }
        drive->data = data;
    }
    mpr_unlock(&start_lock);
    return data;
}

/* NULL until a file was opened. */
static struct drive_data *find_data(struct drive *drive) {
    struct drive_data *data;

    mpr_lock(&start_lock);
    data = drive->data;
    mpr_unlock(&start_lock);
    return data;
}

void drive_data_stop(struct drive *drive) {
    struct drive_data *data = find_data(drive);
    bool used;

    if (!data)
        return;
    mpr_lock(&data->lock);
    data->over = true;
    pthread_cond_broadcast(&data->work);
    while (data->threads > 0)
        pthread_cond_wait(&data->work, &data->lock.mutex);
    used = data->contents != NULL; /* by handles that nobody will release any more */
    mpr_unlock(&data->lock);
    drive_spare_free(data);
    if (used)
        return;
    mpr_lock(&start_lock);
    drive->data = NULL;
    mpr_unlock(&start_lock);
    pthread_cond_destroy(&data->room);
    pthread_cond_destroy(&data->closed);
    pthread_cond_destroy(&data->work);
    pthread_mutex_destroy(&data->lock.mutex);
    free(data);
}

/* --- contents --- */

static struct drive_content *new_content(struct drive_data *data, struct drive_node *node)
    REQUIRES(data->lock) {
    struct drive_content *content = calloc(1, sizeof *content);

    if (!content)
        return NULL;
    if (pthread_mutex_init(&content->lock.mutex, NULL) || drive_cond_init(&content->changed)) {
        free(content);
        return NULL;
    }
    content->drive = data->drive;
    content->data = data;
    content->node = node;
    content->next = data->contents;
    if (data->contents)
        data->contents->previous = content;
    data->contents = content;
    node->content = content;
    return content;
}

/* Takes the pin of the caller if it is new, else gives it back. */
static struct drive_content *have_content(struct drive *drive, struct drive_node *node) {
    struct drive_data *data = have_data(drive);
    struct drive_content *content = NULL;
    bool made = false;

    if (data) {
        mpr_lock(&data->lock);
        content = node->content;
        if (!content)
            made = (content = new_content(data, node)) != NULL;
        if (content)
            content->references++;
        mpr_unlock(&data->lock);
    }
    if (!made)
        drive_node_unpin(drive, node);
    return content;
}

struct drive_content *drive_content_find(struct drive *drive, struct drive_node *node) {
    struct drive_data *data;
    struct drive_content *content;

    mpr_lock(&start_lock);
    data = drive->data;
    mpr_unlock(&start_lock);
    if (!data)
        return NULL;
    mpr_lock(&data->lock);
    content = node->content;
    if (content)
        content->references++;
    mpr_unlock(&data->lock);
    return content;
}

static void remove_content(struct drive_data *data, struct drive_content *content)
    REQUIRES(data->lock) {
    if (content->previous)
        content->previous->next = content->next;
    else
        data->contents = content->next;
    if (content->next)
        content->next->previous = content->previous;
    content->node->content = NULL;
}

/* What the server has closed may have got its new time just then: older ones are not believed. */
static void tell_closed(struct drive *drive, struct drive_node *node) {
    drive_node_written(drive, node);
    drive_fuse_attributes_changed(drive, node->number);
}

static void begin_closing(struct drive_content *content) {
    mpr_lock(&content->data->lock);
    content->node->closing++;
    mpr_unlock(&content->data->lock);
}

static void end_closing(struct drive_content *content) {
    mpr_lock(&content->data->lock);
    if (--content->node->closing == 0)
        pthread_cond_broadcast(&content->data->closed);
    mpr_unlock(&content->data->lock);
}

static void free_content(struct drive_content *content) {
    mpr_lock(&content->lock);
    drive_fetched_forget(content, 0, UINT64_MAX / 2);
    drive_written_forget(content, true);
    mpr_unlock(&content->lock);
    drive_file_close_all(content);
    if (content->altered)
        tell_closed(content->drive, content->node);
    end_closing(content);
    drive_node_unpin(content->drive, content->node);
    pthread_cond_destroy(&content->changed);
    pthread_mutex_destroy(&content->lock.mutex);
    free(content);
}

void drive_content_unref(struct drive_content *content) {
    struct drive_data *data = content->data;
    bool last;

    mpr_lock(&data->lock);
    last = --content->references == 0;
    if (last) {
        content->node->closing++;
        remove_content(data, content);
    }
    mpr_unlock(&data->lock);
    if (last)
        free_content(content);
}

int drive_content_each(struct drive_data *data, int (*fn)(struct drive_content *, void *),
                       void *context) {
    struct drive_content *content, *next;
    int rc = 0;

    mpr_lock(&data->lock);
    content = data->contents;
    if (content)
        content->references++;
    mpr_unlock(&data->lock);
    for (; content; content = next) {
        if (!rc)
            rc = fn(content, context);
        mpr_lock(&data->lock);
        next = rc ? NULL : content->next;
        if (next)
            next->references++;
        mpr_unlock(&data->lock);
        drive_content_unref(content);
    }
    return rc;
}

/* --- opening --- */

static bool is_same(const struct drive_seen *seen, const struct mpr_stat *facts) {
    return seen->known && seen->mtime_ns == facts->mtime_ns && seen->ctime_ns == facts->ctime_ns
           && seen->size == facts->size && seen->ino == facts->ino;
}

/* What the server has now: do what was read, and the kernel's pages, agree with it? */
static bool take_facts(struct drive_content *content, const struct mpr_stat *facts)
    EXCLUDES(content->lock) {
    struct drive_data *data = content->data;
    struct drive_seen *seen = &content->node->seen;
    bool same, ours;

    mpr_lock(&content->lock);
    ours = content->handles > 0 && content->altered;
    mpr_lock(&data->lock);
    same = is_same(seen, facts);
    *seen = (struct drive_seen){.mtime_ns = facts->mtime_ns,
                                .ctime_ns = facts->ctime_ns,
                                .size = facts->size,
                                .ino = facts->ino,
                                .known = true};
    mpr_unlock(&data->lock);
    if (!same)
        drive_fetched_forget(content, 0, UINT64_MAX / 2);
    if (content->writing == 0)
        drive_size_take(content, facts->size);
    if (content->ino == 0)
        content->ino = facts->ino;
    mpr_unlock(&content->lock);
    return same || ours;
}

/* What was read is no longer what is there, once we have written. */
static void forget_seen(struct drive_content *content) {
    mpr_lock(&content->data->lock);
    content->node->seen.known = false;
    mpr_unlock(&content->data->lock);
}

/* Takes the reference. */
static struct drive_handle *new_handle(struct drive_content *content, int flags, bool keeps_pages) {
    struct drive_handle *handle = calloc(1, sizeof *handle);

    if (!handle) {
        drive_content_unref(content);
        return NULL;
    }
    handle->content = content;
    handle->flags = flags;
    handle->keeps_pages = keeps_pages;
    mpr_lock(&content->lock);
    if (flags & O_TRUNC) {
        content->altered = true;
        content->left = false;
    }
    content->handles++;
    handle->errors_told = content->errors;
    mpr_unlock(&content->lock);
    atomic_fetch_add(&content->drive->open_files, 1);
    return handle;
}

static int may_open(const struct drive *drive) {
    if (atomic_load(&drive->ended))
        return -ENOTCONN;
    return atomic_load(&drive->held) ? -EBUSY : 0;
}

/* With O_TRUNC: what was written before must not come after it. */
static int open_content(struct drive_content *content, int flags, struct mpr_stat *ret_facts) {
    if (flags & O_TRUNC) {
        drive_flush_all(content, 0);
        mpr_lock(&content->lock);
        drive_fetched_forget(content, 0, UINT64_MAX / 2);
        content->unsynced_end = 0;
        drive_written_forget(content, true);
        mpr_unlock(&content->lock);
    }
    return drive_file_open(content, flags, ret_facts);
}

int drive_open(struct drive *drive, uint64_t number, int flags, struct drive_handle **ret_handle) {
    struct drive_content *content;
    struct drive_handle *handle;
    struct drive_node *node;
    struct mpr_stat facts;
    int rc = may_open(drive);

    if (rc)
        return rc;
    node = drive_node_pin(drive, number);
    if (!node)
        return -ESTALE;
    content = have_content(drive, node);
    if (!content)
        return -ENOMEM;
    rc = open_content(content, flags, &facts);
    /* It was there when it was looked up: the kernel looks again, and makes it if it is to. */
    if (rc == -ENOENT) {
        drive_node_forget(drive, content->node);
        rc = -ESTALE;
    }
    if (rc) {
        drive_content_unref(content);
        return rc;
    }
    if (flags & O_TRUNC)
        drive_node_written(drive, content->node);
    else
        drive_node_attributes(drive, content->node, &facts);
    handle = new_handle(content, flags, take_facts(content, &facts));
    if (!handle)
        return -ENOMEM;
    *ret_handle = handle;
    return 0;
}

/* Opens what is not there, if it may be there: then as it is. */
static int make_at_server(struct drive *drive, const char *path, int flags, uint32_t mode,
                          struct drive_file **ret_file, bool *ret_made) {
    int rc = drive_remote_open(drive, path, flags | O_CREAT | O_EXCL, mode, ret_file);

    *ret_made = rc == 0;
    if (rc == -EEXIST && !(flags & O_EXCL))
        rc = drive_remote_open(drive, path, (flags & ~O_EXCL) | O_CREAT, mode, ret_file);
    return rc;
}

/* From a file at the server to a handle. The file is the caller's if it fails. */
static int adopt_new(struct drive *drive, struct drive_node *node, struct drive_file *file,
                     int flags, const struct mpr_stat *facts, struct drive_handle **ret_handle) {
    struct drive_content *content = have_content(drive, node);
    struct drive_handle *handle;

    if (!content)
        return -ENOMEM;
    handle = new_handle(content, flags, false);
    if (!handle)
        return -ENOMEM;
    if (!drive_file_adopt(content, file, flags)) {
        drive_release(handle);
        return -ENOMEM;
    }
    take_facts(content, facts);
    *ret_handle = handle;
    return 0;
}

/*
 * A file that was made this moment needs no asking: it is empty, and what else the server
 * says of it is asked when somebody wants to know. The kernel wants to know at once whose
 * it is, where it checks that itself: where the server has owners.
 */
static int find_facts(struct drive *drive, struct drive_file *file, uint32_t mode, bool *unasked,
                      struct mpr_stat *ret_facts) {
    struct drive_data *data = have_data(drive);
    struct timespec now;
    int64_t now_ns;

    if (!*unasked || !data || !atomic_load(&data->no_owners)) {
        int rc = drive_remote_fstat(drive, file, ret_facts);

        if (!rc && data)
            atomic_store(&data->no_owners, !(ret_facts->valid & MPR_STAT_OWNER));
        *unasked = false;
        return rc;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    now_ns = (int64_t)now.tv_sec * MPR_NS_PER_S + now.tv_nsec;
    *ret_facts = (struct mpr_stat){.mode = S_IFREG | (mode & 07777),
                                   .nlink = 1,
                                   .atime_ns = now_ns,
                                   .mtime_ns = now_ns,
                                   .ctime_ns = now_ns};
    return 0;
}

/* To the kernel, and to us, these facts are old at once. */
static void doubt_facts(struct drive *drive, struct drive_content *content,
                        struct drive_entry *entry) {
    drive_node_written(drive, content->node);
    forget_seen(content);
    entry->valid_ms = 0;
}

int drive_create(struct drive *drive, uint64_t parent, const char *name, int flags, uint32_t mode,
                 struct drive_entry *ret, struct drive_handle **ret_handle) {
    struct drive_file *file = NULL;
    struct drive_node *node = NULL;
    struct mpr_stat facts;
    char *path = NULL;
    bool made = false, unasked;
    int64_t took_ns = 0;
    int rc = may_open(drive);

    if (!rc)
        rc = drive_node_child_path(drive, parent, name, &path);
    if (!rc) {
        took_ns = -mpr_now_ns();
        rc = make_at_server(drive, path, flags, mode, &file, &made);
        took_ns += mpr_now_ns();
    }
    free(path);
    if (rc)
        return rc;
    unasked = made;
    rc = find_facts(drive, file, mode, &unasked, &facts);
    if (!rc)
        rc = drive_node_made(drive, parent, name, made, &facts, ret, &node);
    if (!rc) {
        rc = adopt_new(drive, node, file, flags, &facts, ret_handle);
        if (rc)
            drive_forget(drive, ret->number, 1);
    }
    if (rc) {
        drive_remote_close(drive, file);
        return rc;
    }
    drive_trip_note((*ret_handle)->content->data, took_ns);
    if (unasked)
        doubt_facts(drive, (*ret_handle)->content, ret);
    return 0;
}

bool drive_handle_keeps_pages(const struct drive_handle *handle) {
    return handle->keeps_pages;
}

bool drive_handle_is_unwritten(const struct drive_handle *handle) {
    struct drive_content *content = handle->content;
    bool unwritten;

    mpr_lock(&content->lock);
    unwritten = content->unwritten_count > 0;
    mpr_unlock(&content->lock);
    return unwritten;
}

void drive_release(struct drive_handle *handle) {
    struct drive_content *content = handle->content;
    bool altered;

    drive_flush(handle);
    mpr_lock(&content->lock);
    content->handles--;
    altered = content->altered;
    mpr_unlock(&content->lock);
    if (altered)
        forget_seen(content);
    atomic_fetch_sub(&content->drive->open_files, 1);
    free(handle);
    drive_content_unref(content);
}

/* --- for the other parts --- */

bool drive_content_is_open(struct drive *drive, struct drive_node *node) {
    struct drive_content *content = drive_content_find(drive, node);

    if (content)
        drive_content_unref(content);
    return content != NULL;
}

bool drive_content_news(struct drive *drive, struct drive_node *node, struct drive_news *ret) {
    struct drive_content *content = drive_content_find(drive, node);
    bool ours;

    if (!content)
        return false;
    mpr_lock(&content->lock);
    ours = content->altered && !content->size_doubtful;
    if (ours)
        *ret = (struct drive_news){.size = content->size,
                                   .unwritten = content->unwritten_count > 0,
                                   .unclosed = content->writer != NULL};
    mpr_unlock(&content->lock);
    drive_content_unref(content);
    return ours;
}

int drive_content_flush(struct drive *drive, struct drive_node *node) {
    struct drive_content *content = drive_content_find(drive, node);
    int rc;

    if (!content)
        return 0;
    rc = drive_flush_all(content, 0);
    drive_content_unref(content);
    return rc;
}

static void await_close(struct drive *drive, const struct drive_node *node) {
    int64_t deadline_ns = mpr_deadline_in_ms(drive->options.io_timeout_ms);
    struct drive_data *data = find_data(drive);

    if (!data)
        return;
    mpr_lock(&data->lock);
    while (node->closing > 0 && mpr_cond_wait(&data->closed, &data->lock, deadline_ns))
        ;
    mpr_unlock(&data->lock);
}

/* Closes the file that was written to, or only if a process has closed it since. */
static void settle(struct drive *drive, struct drive_node *node, bool left_only) {
    struct drive_content *content = drive_content_find(drive, node);
    bool wanted;

    if (content) {
        mpr_lock(&content->lock);
        wanted = content->altered && (content->left || !left_only);
        mpr_unlock(&content->lock);
        if (wanted) {
            begin_closing(content);
            drive_file_close_writer(content);
            end_closing(content);
        }
        drive_content_unref(content);
    }
    await_close(drive, node);
}

void drive_content_await_close(struct drive *drive, struct drive_node *node) {
    settle(drive, node, true);
}

void drive_content_settle(struct drive *drive, struct drive_node *node) {
    settle(drive, node, false);
}

void drive_content_forget(struct drive *drive, struct drive_node *node) {
    struct drive_content *content = drive_content_find(drive, node);

    if (!content)
        return;
    mpr_lock(&content->lock);
    drive_fetched_forget(content, 0, UINT64_MAX / 2);
    content->size_doubtful = true;
    mpr_unlock(&content->lock);
    forget_seen(content);
    drive_content_unref(content);
}

static int flush_one(struct drive_content *content, void *context) {
    return drive_flush_all(content, *(int64_t *)context);
}

int drive_content_flush_all(struct drive *drive, int64_t deadline_ns) {
    struct drive_data *data;

    mpr_lock(&start_lock);
    data = drive->data;
    mpr_unlock(&start_lock);
    return data ? drive_content_each(data, flush_one, &deadline_ns) : 0;
}
