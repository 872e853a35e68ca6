/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_file.c: open files, and print jobs, which are files that appear in
 * the printer's directory when they are closed.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PERMISSIONS  07777u
#define DOCUMENT_MAX 200u /**< bytes of a print job's name */

static struct memory_file *new_file(struct memory_session *session, struct memory_node *node,
                                    int flags) {
    struct memory_file *file = calloc(1, sizeof(*file));

    if (!file)
        return NULL;
    file->node = memory_node_ref(node);
    file->may_read = (flags & O_ACCMODE) != O_WRONLY;
    file->may_write = (flags & O_ACCMODE) != O_RDONLY;
    file->next = session->files;
    session->files = file;
    return file;
}

void memory_file_drop(struct memory_session *session, struct memory_file *file) {
    struct memory_file **link = &session->files;

    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    memory_node_unref(session->share, file->node);
    free(file->document);
    free(file);
}

static int create(struct memory_share *share, const struct mpr_call *call,
                  struct memory_place *place, uint32_t mode) {
    struct memory_node *node;
    int rc;

    if (share->read_only)
        return -EROFS;
    if (share->printer)
        return -EACCES;
    if (!place->parent->links)
        return -ENOENT; /* the directory was removed */
    node = memory_node_new(share, S_IFREG | (mode & PERMISSIONS), call->uid, call->gid);
    if (!node)
        return -ENOMEM;
    rc = memory_dir_add(place->parent, place->name, node);
    if (!rc)
        place->node = node;
    memory_node_unref(share, node);
    return rc;
}

/* May what is at this place be opened so? */
static int check_open(const struct memory_share *share, const struct memory_place *place,
                      int flags) {
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

    if (!place->node)
        return flags & O_CREAT ? 0 : -ENOENT;
    if ((flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if (S_ISDIR(place->node->mode))
        return -EISDIR;
    if (S_ISLNK(place->node->mode))
        return -ELOOP;
    if (writes && share->read_only)
        return -EROFS;
    return writes && share->printer ? -EACCES : 0;
}

/* What open does once the place is known. */
static int open_place(struct memory_session *session, const struct mpr_call *call,
                      struct memory_place *place, int flags, uint32_t mode,
                      struct memory_file **ret_file) {
    struct memory_share *share = session->share;
    int rc = check_open(share, place, flags);

    if (rc)
        return rc;
    if (!place->node)
        rc = create(share, call, place, mode);
    else if (flags & O_TRUNC)
        rc = memory_data_resize(share, place->node, 0);
    if (rc)
        return rc;
    *ret_file = new_file(session, place->node, flags);
    return *ret_file ? 0 : -ENOMEM;
}

int memory_open(void *data, const struct mpr_call *call, const char *path, int flags, uint32_t mode,
                void **ret_file) {
    struct memory_session *session = data;
    struct memory_place place;
    struct memory_file *file;
    int rc = memory_enter_file(session, call, MEMORY_OPEN);

    if (rc)
        return rc;
    pthread_mutex_lock(&session->share->lock);
    rc = memory_walk(session->root, path, !(flags & O_EXCL), &place);
    if (!rc)
        rc = open_place(session, call, &place, flags, mode, &file);
    pthread_mutex_unlock(&session->share->lock);
    if (!rc)
        *ret_file = file;
    return rc;
}

/* The job becomes a file "00001 document" of the printer. */
static int print_job(struct memory_share *share, struct memory_file *job) {
    char name[MEMORY_NAME_MAX + 1];

    snprintf(name, sizeof(name), "%05u %.*s", ++share->jobs, (int)DOCUMENT_MAX, job->document);
    return memory_dir_add(share->root, name, job->node);
}

int memory_close(void *data, const struct mpr_call *call, void *data_file) {
    struct memory_session *session = data;
    struct memory_file *file = data_file;
    int rc = memory_enter_file(session, call, MEMORY_CLOSE);

    /* Gone afterwards whatever is returned. */
    pthread_mutex_lock(&session->share->lock);
    if (!rc && file->document)
        rc = print_job(session->share, file);
    memory_file_drop(session, file);
    pthread_mutex_unlock(&session->share->lock);
    return rc;
}

int64_t memory_pread(void *data, const struct mpr_call *call, void *data_file, void *buffer,
                     size_t size, uint64_t offset) {
    struct memory_session *session = data;
    struct memory_file *file = data_file;
    int64_t rc = memory_enter_file(session, call, MEMORY_PREAD);

    if (rc)
        return rc;
    if (!file->may_read)
        return -EBADF;
    pthread_mutex_lock(&session->share->lock);
    rc = (int64_t)memory_data_read(file->node, buffer, size, offset);
    file->node->atime_ns = memory_now_ns();
    pthread_mutex_unlock(&session->share->lock);
    return rc;
}

int64_t memory_pwrite(void *data, const struct mpr_call *call, void *data_file, const void *buffer,
                      size_t size, uint64_t offset) {
    struct memory_session *session = data;
    struct memory_file *file = data_file;
    int64_t rc = memory_enter_file(session, call, MEMORY_PWRITE);

    if (rc)
        return rc;
    if (!file->may_write)
        return -EBADF;
    pthread_mutex_lock(&session->share->lock);
    rc = memory_data_write(session->share, file->node, buffer, size, offset);
    if (rc > 0)
        file->node->mtime_ns = file->node->ctime_ns = memory_now_ns();
    pthread_mutex_unlock(&session->share->lock);
    return rc;
}

/* Nothing is more stable than it already is. */
int memory_fsync(void *data, const struct mpr_call *call, void *data_file) {
    struct memory_session *session = data;

    (void)data_file;
    return memory_enter_file(session, call, MEMORY_FSYNC);
}

static int truncate_node(struct memory_share *share, struct memory_node *node, uint64_t size) {
    int rc;

    if (!node)
        return -ENOENT;
    if (S_ISDIR(node->mode))
        return -EISDIR;
    if (share->read_only)
        return -EROFS;
    rc = memory_data_resize(share, node, size);
    if (!rc)
        node->mtime_ns = node->ctime_ns = memory_now_ns();
    return rc;
}

int memory_truncate(void *data, const struct mpr_call *call, const char *path, void *data_file,
                    uint64_t size) {
    struct memory_session *session = data;
    struct memory_file *file = data_file;
    struct memory_place place = {.node = file ? file->node : NULL};
    int rc = memory_enter_file(session, call, MEMORY_TRUNCATE);

    if (rc)
        return rc;
    if (file && !file->may_write)
        return -EBADF;
    pthread_mutex_lock(&session->share->lock);
    if (!file)
        rc = memory_walk(session->root, path, true, &place);
    if (!rc && !file && session->share->printer)
        rc = -EACCES;
    if (!rc)
        rc = truncate_node(session->share, place.node, size);
    pthread_mutex_unlock(&session->share->lock);
    return rc;
}

int memory_fstat(void *data, const struct mpr_call *call, void *data_file, struct mpr_stat *ret) {
    struct memory_session *session = data;
    struct memory_file *file = data_file;
    int rc = memory_enter_file(session, call, MEMORY_FSTAT);

    if (rc)
        return rc;
    pthread_mutex_lock(&session->share->lock);
    memory_node_stat(file->node, ret);
    pthread_mutex_unlock(&session->share->lock);
    return 0;
}

/* A name that a directory can hold, with a number before it. */
static char *copy_document(const char *document) {
    char *copy = strdup(*document ? document : "document");
    size_t length = copy ? strlen(copy) : 0;

    for (char *c = copy; c && *c; c++)
        if (*c == '/' || *c == '\\')
            *c = '_';
    if (length > DOCUMENT_MAX) { /* cut between two characters */
        for (length = DOCUMENT_MAX; ((unsigned char)copy[length] & 0xc0) == 0x80; length--)
            ;
        copy[length] = '\0';
    }
    return copy;
}

int memory_print(void *data, const struct mpr_call *call, const char *document, void **ret_file) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    struct memory_node *node;
    struct memory_file *job = NULL;
    char *name;
    int rc = memory_enter_file(session, call, MEMORY_PRINT);

    if (rc)
        return rc;
    if (!share->printer)
        return -ENOTSUP;
    name = copy_document(document);
    if (!name)
        return -ENOMEM;
    pthread_mutex_lock(&share->lock);
    node = memory_node_new(share, S_IFREG | 0600, call->uid, call->gid);
    if (node) {
        job = new_file(session, node, O_WRONLY);
        memory_node_unref(share, node);
    }
    if (job)
        job->document = name;
    pthread_mutex_unlock(&share->lock);
    if (!job) {
        free(name);
        return -ENOMEM;
    }
    *ret_file = job;
    return 0;
}
