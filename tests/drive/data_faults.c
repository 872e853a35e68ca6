/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * data_faults.c: contents of a drive's files when the server is full, silent, gone for a
 * while, or crashed; and what reading and writing cost it when it is well.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "router/mpr_time.h"
#include "service/drive_data.h"
#include "tests/drive/data_server.h"

#define BLOCK MIB(1)

static struct drive drive;
static unsigned char block[BLOCK], other[BLOCK];
static unsigned tests;
static int failures;

static void tell(int well, const char *what) {
    printf("%sok %u - %s\n", well ? "" : "not ", ++tests, what);
    failures += !well;
}

static void take(void *context, const void *data, size_t size) {
    memcpy(other, data, size);
    *(size_t *)context = size;
}

static struct drive_handle *open_file(int flags) {
    struct drive_handle *handle = NULL;

    return drive_open(&drive, DATA_NUMBER, flags, &handle) == 0 ? handle : NULL;
}

static void end(const char *what) {
    tell(data_server_stop(&drive) == 0, what);
}

/* Each block of a file is different, and none is right in another's place. */
static void fill(size_t number) {
    for (size_t i = 0; i < BLOCK; i += 8)
        memcpy(block + i, &(uint64_t){number << 32 | i}, 8);
}

static bool write_blocks(struct drive_handle *handle, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fill(i);
        if (drive_write(handle, block, BLOCK, i * BLOCK) != (int64_t)BLOCK)
            return false;
    }
    return true;
}

static bool read_blocks(struct drive_handle *handle, size_t count) {
    const size_t part = KIB(128);

    for (size_t i = 0; i < count; i++) {
        fill(i);
        for (size_t at = 0; at < BLOCK; at += part) {
            size_t got = 0;

            if (drive_read(handle, part, i * BLOCK + at, take, &got) || got != part
                || memcmp(other, block + at, part) != 0)
                return false;
        }
    }
    return true;
}

/* --- errors --- */

static void test_errors_told_once(void) {
    struct drive_handle *one, *two, *reader, *late;
    bool well;

    data_server_start(&drive, 2000);
    one = open_file(O_WRONLY);
    two = open_file(O_RDWR);
    reader = open_file(O_RDONLY);
    atomic_store(&data_server.write_error, ENOSPC);
    well = drive_write(one, block, 100, 0) == 100;
    tell(well && drive_flush(one) == -ENOSPC, "a full disk is told at close");
    tell(drive_flush(one) == -ENOSPC && drive_fsync(one) == -ENOSPC,
         "and still to who goes on, when the first close was a child's");
    tell(drive_flush(one) == 0 && drive_fsync(one) == 0, "then no more");
    tell(drive_fsync(two) == -ENOSPC && drive_fsync(two) == 0, "and at another handle's fsync");
    tell(drive_flush(reader) == 0, "not at the close of one who only reads");
    late = open_file(O_RDWR);
    tell(drive_fsync(late) == 0, "nor to one who came later");
    well = drive_write(late, block, 100, 0) == 100 && drive_fsync(one) == -ENOSPC;
    tell(well && drive_write(late, block, 100, 0) == -ENOSPC, "or at the next write");
    atomic_store(&data_server.write_error, 0);
    well = drive_write(late, block, 100, 0) == 100 && drive_flush(late) == 0;
    tell(well && data_server_is(block, 100), "after which all is well again");
    drive_release(one);
    drive_release(two);
    drive_release(reader);
    drive_release(late);
    end("errors leave nothing open");
}

/* --- a server that answers nothing --- */

static void test_silent(void) {
    struct drive_handle *handle;
    int64_t begin, written = 0, rc = 0;

    data_server_start(&drive, 500);
    handle = open_file(O_WRONLY);
    atomic_store(&data_server.silent, true);
    begin = mpr_now_ns();
    for (int i = 0; i < 200 && (rc = drive_write(handle, block, BLOCK, (uint64_t)written)) > 0; i++)
        written += rc;
    tell(rc == -ETIMEDOUT, "a writer is told that the server is silent");
    tell(written >= 1 << 20 && written <= 18 << 20, "after as much as one file may have in memory");
    tell(mpr_now_ns() - begin < 4 * MPR_NS_PER_S, "within the bound");
    begin = mpr_now_ns();
    drive_flush(handle);
    drive_release(handle);
    tell(mpr_now_ns() - begin < 4 * MPR_NS_PER_S, "closing is within the bound as well");
    atomic_store(&data_server.silent, false);
    end("a silent server leaves nothing open");
}

static void *end_soon(void *context) {
    (void)context;
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    atomic_store(&drive.ended, true);
    return NULL;
}

static void test_end(void) {
    struct drive_handle *handle;
    pthread_t thread;
    int64_t begin;
    int rc;

    data_server_start(&drive, 30000);
    handle = open_file(O_WRONLY);
    atomic_store(&data_server.gone, true);
    drive_write(handle, block, 100, 0);
    pthread_create(&thread, NULL, end_soon, NULL);
    begin = mpr_now_ns();
    rc = drive_flush(handle);
    tell(rc == -ENOTCONN && mpr_now_ns() - begin < 3 * MPR_NS_PER_S,
         "who waits for a server that is gone is told when the drive ends");
    tell(drive_write(handle, block, 1, 0) == -ENOTCONN
             && drive_read(handle, 1, 0, take, &(size_t){0}) != 0,
         "and nothing works after that");
    pthread_join(thread, NULL);
    drive_release(handle);
    end("the end leaves nothing open");
}

/* --- a server that comes back --- */

static void *outage(void *context) {
    (void)context;
    nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    atomic_store(&data_server.gone, true);
    data_server_lose();
    nanosleep(&(struct timespec){.tv_nsec = 700000000}, NULL);
    atomic_store(&data_server.gone, false);
    return NULL;
}

static void test_outage(void) {
    struct drive_handle *handle;
    pthread_t thread;
    bool well;

    data_server_start(&drive, 10000);
    handle = open_file(O_RDWR);
    atomic_store(&data_server.delay_us, 5000);
    pthread_create(&thread, NULL, outage, NULL);
    well = write_blocks(handle, 48) && drive_flush(handle) == 0;
    pthread_join(thread, NULL);
    tell(well && data_server_size() == 48 * BLOCK, "writing goes on after an outage");
    pthread_create(&thread, NULL, outage, NULL);
    well = read_blocks(handle, 48);
    pthread_join(thread, NULL);
    tell(well, "reading too, and all bytes are right");
    drive_release(handle);
    end("an outage leaves nothing open");
}

static void test_crash(void) {
    struct drive_handle *handle;
    bool well;

    data_server_start(&drive, 2000);
    handle = open_file(O_RDWR);
    fill(1);
    well = drive_write(handle, block, BLOCK, 0) == (int64_t)BLOCK && drive_flush(handle) == 0;
    data_server_crash();
    tell(well && data_server_size() == 0, "a crash takes what was not stable");
    well = drive_fsync(handle) == 0 && data_server_is(block, BLOCK);
    tell(well, "fsync writes it again");
    well = write_blocks(handle, 20) && drive_flush(handle) == 0;
    data_server_crash();
    tell(well && drive_fsync(handle) != 0, "more than is kept is lost, and fsync says so");
    drive_release(handle);
    end("a crash leaves nothing open");
}

/* --- others --- */

static void test_others(void) {
    struct drive_handle *handle = NULL;
    struct drive_entry entry;
    struct drive_node *node;
    size_t got = 0;
    int rc;

    data_server_start(&drive, 2000);
    data_server_put("first", 5, 0);
    handle = open_file(O_RDONLY);
    tell(!drive_handle_keeps_pages(handle), "the first open knows of no pages");
    rc = drive_read(handle, 100, 0, take, &got);
    tell(rc == 0 && got == 5 && memcmp(other, "first", 5) == 0, "what is there is read");
    drive_release(handle);
    handle = open_file(O_RDONLY);
    tell(drive_handle_keeps_pages(handle), "the next finds it as it was");
    drive_release(handle);
    data_server_put("second", 6, 0);
    handle = open_file(O_RDONLY);
    rc = drive_read(handle, 100, 0, take, &got);
    tell(!drive_handle_keeps_pages(handle) && rc == 0 && got == 6
             && memcmp(other, "second", 6) == 0,
         "what another has written is there after open");
    drive_release(handle);
    handle = open_file(O_WRONLY);
    data_server_put("-third", 6, 6);
    node = drive_node_pin(&drive, DATA_NUMBER);
    drive_content_forget(&drive, node);
    drive_node_unpin(&drive, node);
    rc = drive_append(handle, "!", 1, 6) == 1 ? drive_flush(handle) : -1;
    tell(rc == 0 && data_server_is("second-third!", 13), "what is appended is at the end");
    drive_release(handle);
    atomic_store(&drive.held, true);
    rc = drive_open(&drive, DATA_NUMBER, O_RDONLY, &handle);
    tell(rc == -EBUSY, "a drive that is held opens nothing");
    tell(drive_create(&drive, DRIVE_ROOT, "new", O_RDWR, 0644, &entry, &handle) == -EBUSY,
         "and makes nothing");
    end("others leave nothing open");
}

/* --- order --- */

/* What was written first is on its way for long, and what comes after it is not. */
static void test_order(void) {
    struct drive_handle *handle;
    bool well = true;

    data_server_start(&drive, 5000);
    handle = open_file(O_RDWR);
    atomic_store(&data_server.delay_us, 300000);
    fill(1);
    for (size_t i = 0; i < 4; i++)
        well = drive_write(handle, block, BLOCK, i * BLOCK) == (int64_t)BLOCK && well;
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    atomic_store(&data_server.delay_us, 0);
    fill(2);
    well = drive_write(handle, block, BLOCK, 0) == (int64_t)BLOCK && well;
    tell(well && drive_flush(handle) == 0, "a block is written over while it is on its way");
    drive_release(handle);
    handle = open_file(O_RDONLY);
    well = drive_read(handle, BLOCK, 0, take, &(size_t){0}) == 0;
    tell(well && memcmp(other, block, BLOCK) == 0, "and the later one is there in the end");
    drive_release(handle);
    end("order leaves nothing open");
}

/* --- the price --- */

static void test_requests(void) {
    struct drive_handle *handle = NULL;
    struct drive_entry entry;
    int64_t begin;
    size_t got = 0;
    int rc;

    data_server_start(&drive, 5000);
    rc = drive_create(&drive, DRIVE_ROOT, "first", O_WRONLY, 0644, &entry, &handle);
    drive_release(handle);
    atomic_store(&data_server.opens, 0);
    atomic_store(&data_server.closes, 0);
    atomic_store(&data_server.fstats, 0);
    rc |= drive_create(&drive, DRIVE_ROOT, "small", O_WRONLY | O_TRUNC, 0644, &entry, &handle);
    if (!rc && drive_write(handle, block, 4096, 0) == 4096)
        rc = drive_flush(handle);
    drive_release(handle);
    tell(rc == 0 && data_server_size() == 4096 && atomic_load(&data_server.opens) == 1
             && atomic_load(&data_server.writes) == 1 && atomic_load(&data_server.fstats) == 0,
         "a small file is one open, one write and one close");
    for (size_t i = 0; i < 64; i++) {
        fill(i);
        data_server_put(block, BLOCK, i * BLOCK);
    }
    handle = open_file(O_RDONLY);
    for (uint64_t at = 40; at > 8; at -= 4)
        rc |= drive_read(handle, 4096, at * BLOCK + 4096, take, &got);
    tell(rc == 0 && atomic_load(&data_server.read_bytes) == 8 * 4096,
         "reads here and there fetch what they ask for");
    drive_release(handle);
    drive_data_stop(&drive); /* it knows of a faster server */
    atomic_store(&data_server.delay_us, 20000);
    atomic_store(&data_server.reads, 0);
    handle = open_file(O_RDONLY);
    begin = mpr_now_ns();
    tell(read_blocks(handle, 64) && atomic_load(&data_server.reads) <= 10,
         "reading in order takes few requests");
    tell(mpr_now_ns() - begin < 2500 * MPR_NS_PER_MS, "and does not wait for each");
    drive_release(handle);
    drive_data_stop(&drive); /* nothing of it is there any more */
    atomic_store(&data_server.reads, 0);
    handle = open_file(O_RDONLY);
    for (uint64_t at = 0; at < 64; at++)
        rc |= drive_read(handle, BLOCK, (at ^ 3) * BLOCK, take, &got);
    tell(rc == 0 && atomic_load(&data_server.reads) <= 16,
         "also when the kernel's requests overtake each other");
    drive_release(handle);
    end("reading leaves nothing open");
}

static void *release(void *handle) {
    drive_release(handle);
    return NULL;
}

/* A server may set times when a file is closed: not after they were set by hand. */
static void test_settled(void) {
    struct drive_handle *handle;
    struct drive_node *node;
    pthread_t thread;
    unsigned fsyncs;

    data_server_start(&drive, 5000);
    node = drive_node_pin(&drive, DATA_NUMBER);
    drive_open(&drive, DATA_NUMBER, O_RDWR, &handle);
    tell(drive_write(handle, "first", 5, 0) == 5 && drive_content_flush(&drive, node) == 0,
         "a file is written");
    drive_content_settle(&drive, node);
    tell(atomic_load(&data_server.closes) == atomic_load(&data_server.opens),
         "settled, it is closed at the server");
    fsyncs = atomic_load(&data_server.fsyncs);
    tell(drive_fsync(handle) == 0 && atomic_load(&data_server.fsyncs) == fsyncs + 1,
         "which does not do for fsync");
    tell(drive_write(handle, "again", 5, 5) == 5 && drive_flush(handle) == 0
             && data_server_is("firstagain", 10),
         "and can be written to");
    atomic_store(&data_server.close_us, 200000);
    pthread_create(&thread, NULL, release, handle);
    while (drive_content_is_open(&drive, node))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    drive_content_settle(&drive, node);
    tell(atomic_load(&data_server.closes) == atomic_load(&data_server.opens),
         "a close that is under way is waited for");
    pthread_join(thread, NULL);
    atomic_store(&data_server.close_us, 0);
    drive_node_unpin(&drive, node);
    tell(data_server_stop(&drive) == 0, "and nothing is left open");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_errors_told_once();
    test_settled();
    test_silent();
    test_end();
    test_outage();
    test_crash();
    test_others();
    test_order();
    test_requests();
    printf("1..%u\n", tests);
    return failures != 0;
}
