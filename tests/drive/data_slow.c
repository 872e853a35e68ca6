/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * data_slow.c: writing to a drive's file over a line that needs longer for it than the
 * bound, and while other files have all the memory.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "service/drive_data.h"
#include "tests/drive/data_server.h"

#define BLOCK    MIB(1)
#define BOUND_MS 400

static struct drive drive;
static unsigned char block[BLOCK];
static unsigned tests;
static int failures;

static void tell(int well, const char *what) {
    printf("%sok %u - %s\n", well ? "" : "not ", ++tests, what);
    failures += !well;
}

static struct drive_handle *begin(void) {
    struct drive_handle *handle = NULL;

    data_server_start(&drive, BOUND_MS);
    atomic_store(&data_server.delay_us, 3000); /* it is far away */
    return drive_open(&drive, DATA_NUMBER, O_RDWR, &handle) == 0 ? handle : NULL;
}

static void end(struct drive_handle *handle) {
    drive_release(handle);
    tell(data_server_stop(&drive) == 0, "and nothing is left open");
}

/* --- a slow line --- */

static void test_slow(void) {
    const size_t count = 32;
    struct drive_handle *handle = begin();
    int64_t rc = (int64_t)BLOCK;

    atomic_store(&data_server.rate, MIB(16));
    for (size_t i = 0; i < count && rc == (int64_t)BLOCK; i++)
        rc = drive_write(handle, block, BLOCK, i * BLOCK);
    tell(rc == (int64_t)BLOCK && drive_flush(handle) == 0 && data_server_size() == count * BLOCK,
         "bytes that move are waited for, for longer than the bound");
    tell(atomic_load(&data_server.largest_write) <= MIB(8),
         "no write takes more along than the line carries in a moment");
    end(handle);
}

static void test_fast(void) {
    struct drive_handle *handle = begin();
    int64_t rc = (int64_t)BLOCK;

    for (size_t i = 0; i < 80 && rc == (int64_t)BLOCK; i++)
        rc = drive_write(handle, block, BLOCK, i * BLOCK);
    tell(rc == (int64_t)BLOCK && drive_flush(handle) == 0
             && atomic_load(&data_server.largest_write) > MIB(2),
         "they become large where the line is fast");
    end(handle);
}

/* --- no memory --- */

static size_t taken;

/* Other files have all that there is. */
static void take_memory(void) {
    struct drive_data *data = drive.data;

    mpr_lock(&data->lock);
    taken = DRIVE_PIECES_MAX - (data->bytes - data->spare_bytes);
    data->bytes += taken;
    mpr_unlock(&data->lock);
}

static void give_memory(void) {
    struct drive_data *data = drive.data;

    mpr_lock(&data->lock);
    data->bytes -= taken;
    pthread_cond_broadcast(&data->room);
    mpr_unlock(&data->lock);
}

/* They are written all the while, and then there is memory again. */
static void *write_others(void *context) {
    (void)context;
    for (int i = 0; i < 3 * BOUND_MS / 50; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        atomic_store(&((struct drive_data *)drive.data)->progress_ns, mpr_now_ns());
    }
    give_memory();
    return NULL;
}

static void test_memory(void) {
    struct drive_handle *handle = begin();
    int64_t begin_ns;
    pthread_t thread;

    take_memory();
    begin_ns = mpr_now_ns();
    tell(drive_write(handle, block, BLOCK, 0) == -ENOMEM
             && mpr_now_ns() - begin_ns >= BOUND_MS * MPR_NS_PER_MS
             && mpr_now_ns() - begin_ns < BOUND_MS * MPR_NS_PER_MS + 4 * MPR_NS_PER_S,
         "memory that others do not give back is waited for, but not for ever");
    pthread_create(&thread, NULL, write_others, NULL);
    tell(drive_write(handle, block, BLOCK, 0) == (int64_t)BLOCK && drive_flush(handle) == 0
             && data_server_is(block, BLOCK),
         "and for longer than the bound while the others get on");
    pthread_join(thread, NULL);
    take_memory();
    tell(drive_write(handle, block, BLOCK, BLOCK) == (int64_t)BLOCK && drive_flush(handle) == 0,
         "what is only kept for a crash makes room");
    give_memory();
    data_server_crash();
    tell(drive_fsync(handle) != 0, "and after one, fsync says that it was not kept");
    end(handle);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_slow();
    test_fast();
    test_memory();
    printf("1..%u\n", tests);
    return failures != 0;
}
