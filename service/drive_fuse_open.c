/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_open.c: what processes have open, by the number that the kernel has of it. It
 * stays for as long as a request is at work with it: one that was answered before its end,
 * as who asked was killed, may come to it after the file is closed.
 */
#include "config.h"

#include "service/drive_fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "router/mpr_trace.h"

#define READ_AHEAD_KB 4096u

/*
 * Only root may, and only where there is sysfs; without it the kernel reads ahead 128 KiB.
 * It takes that once it has agreed with us about everything: it has when files are opened.
 */
static void raise_read_ahead(struct drive_session *session) {
    char path[64], text[16];
    int fd, length;

    snprintf(path, sizeof path, "/sys/class/bdi/%u:%u/read_ahead_kb", session->major,
             session->minor);
    if (!session->minor || atomic_exchange(&session->raised, true))
        return;
    fd = geteuid() == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    length = snprintf(text, sizeof text, "%u", READ_AHEAD_KB);
    if (write(fd, text, (size_t)length) < 0)
        mpr_trace("drive", "%s: %m", path);
    close(fd);
}

struct drive_open *drive_open_new(struct drive_session *session, struct drive_handle *handle,
                                  struct drive_dir *dir) {
    struct drive_open *open = calloc(1, sizeof *open);
    int rc;

    if (!open)
        return NULL;
    raise_read_ahead(session);
    open->session = session;
    open->handle = handle;
    open->dir = dir;
    open->users = 1;
    pthread_mutex_lock(&session->lock);
    open->number = ++session->opened;
    rc = drive_hash_add(&session->opens, &open->link, drive_hash_of_number(open->number));
    pthread_mutex_unlock(&session->lock);
    if (rc == 0)
        return open;
    free(open);
    return NULL;
}

static struct drive_open *find_locked(const struct drive_session *session, uint64_t number) {
    struct drive_link *link = drive_hash_first(&session->opens, drive_hash_of_number(number));

    /* The hash of a number is no other one's. */
    return DRIVE_HASH_ENTRY(link, struct drive_open, link);
}

static struct drive_open *get(struct drive_session *session, uint64_t number, bool directory) {
    struct drive_open *open;

    pthread_mutex_lock(&session->lock);
    open = find_locked(session, number);
    if (open && directory != (open->dir != NULL))
        open = NULL;
    if (open)
        open->users++;
    pthread_mutex_unlock(&session->lock);
    return open;
}

struct drive_open *drive_open_begin(struct drive_request *request, struct fuse_req *fuse,
                                    uint64_t number, bool directory) {
    struct drive_open *open;

    if (!drive_request_begin(request, fuse))
        return NULL;
    open = get(request->session, number, directory);
    if (!open)
        drive_request_answer(request, -EBADF);
    return open;
}

void drive_open_put(struct drive_open *open) {
    struct drive_session *session = open->session;
    bool last;

    pthread_mutex_lock(&session->lock);
    last = --open->users == 0;
    pthread_mutex_unlock(&session->lock);
    if (!last)
        return;
    if (open->handle)
        drive_release(open->handle);
    if (open->dir)
        drive_releasedir(session->drive, open->dir);
    free(open);
}

void drive_open_end(struct drive_session *session, uint64_t number) {
    struct drive_open *open;

    pthread_mutex_lock(&session->lock);
    open = find_locked(session, number);
    if (open)
        drive_hash_remove(&session->opens, &open->link);
    pthread_mutex_unlock(&session->lock);
    if (open)
        drive_open_put(open);
}

void drive_open_end_all(struct drive_session *session) {
    for (size_t i = 0; i < session->opens.size; i++)
        for (struct drive_link *link; (link = session->opens.slots[i]);)
            drive_open_end(session, DRIVE_HASH_ENTRY(link, struct drive_open, link)->number);
    drive_hash_free(&session->opens);
}
