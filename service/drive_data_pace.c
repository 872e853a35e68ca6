/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_pace.c: how much one write at the server takes along, and how long one waits
 * for others' writes.
 *
 * A small write leaves a long line empty most of the time, a large one keeps a slow line
 * from everything else for minutes. So the size begins small, and follows what a write of
 * that size has taken, with all that it had to wait for. And the line is the drive's: who
 * waits for a file goes on waiting as long as any file of the drive gets on.
 */
#include "config.h"

#include "service/drive_data.h"

#include <errno.h>

#define LEAST      KIB(256)
#define MOST_NEAR  MIB(4) /* where the server is near, more gains nothing */
#define MOST_FAR   MIB(16)
#define FAR_US     2000
#define FLEET_NS   (100 * MPR_NS_PER_MS)
#define QUICK_NS   (500 * MPR_NS_PER_MS)
#define SLOW_NS    (2 * MPR_NS_PER_S)
#define LOOK_AT_MS 250 /* whether a write that takes longer than the bound has ended */

size_t drive_pace_size(struct drive_data *data) {
    size_t size = atomic_load(&data->write_size);
    size_t most = atomic_load(&data->trip_us) < FAR_US ? MOST_NEAR : MOST_FAR;

    if (size < LEAST)
        return LEAST;
    return size < most ? size : most;
}

/* Only what is as large as it is meant to be says something, and several at a time say it once. */
static void learn(struct drive_data *data, size_t size, int64_t took_ns) {
    size_t now = drive_pace_size(data);

    if (size >= now && took_ns < FLEET_NS)
        atomic_store(&data->write_size, now * 4 < MOST_FAR ? now * 4 : MOST_FAR);
    else if (size >= now && took_ns < QUICK_NS)
        atomic_store(&data->write_size, now * 2 < MOST_FAR ? now * 2 : MOST_FAR);
    else if (size / 2 < now && size >= now / 2 && took_ns > SLOW_NS)
        atomic_store(&data->write_size, size / 2);
}

int64_t drive_pace_write(struct drive_content *content, struct drive_file *file, const void *bytes,
                         size_t size, uint64_t offset) {
    struct drive_data *data = content->data;
    int64_t begin_ns = mpr_now_ns(), now_ns;
    int64_t rc = drive_remote_pwrite(content->drive, file, bytes, size, offset);

    if (rc > 0) {
        now_ns = mpr_now_ns();
        learn(data, (size_t)rc, now_ns - begin_ns);
        atomic_store(&data->progress_ns, now_ns);
    }
    return rc ? rc : -EIO;
}

int64_t drive_pace_end(struct drive_data *data, int64_t since_ns, uint32_t bound_ms) {
    int64_t progress_ns = atomic_load(&data->progress_ns);

    return (progress_ns > since_ns ? progress_ns : since_ns) + bound_ms * MPR_NS_PER_MS;
}

/* A write of this file that is under way has a bound of its own, which bytes that move extend. */
bool drive_pace_wait(struct drive_content *content, int64_t since_ns, uint32_t bound_ms) {
    int64_t end_ns = drive_pace_end(content->data, since_ns, bound_ms);

    if (mpr_now_ns() >= end_ns) {
        if (content->writing == 0)
            return false;
        end_ns = mpr_deadline_in_ms(LOOK_AT_MS);
    }
    drive_content_wait(content, end_ns);
    return true;
}
