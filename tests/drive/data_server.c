/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * data_server.c: the server with one file.
 */
#include "tests/drive/data_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct drive_file {
    unsigned generation;
    bool writes;
};

struct data_server data_server;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t line = PTHREAD_MUTEX_INITIALIZER; /* of whose bytes are on their way */
static unsigned char *now, *stable; /* the file, and what a crash leaves of it */
static size_t size_now, size_stable;
static int64_t changes;
static unsigned generation;
static struct drive_node node;

static void sleep_us(uint32_t us) {
    struct timespec span = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

    nanosleep(&span, NULL);
}

/* Bytes on a line that others use as well. */
static void carry(size_t size) {
    uint32_t rate = atomic_load(&data_server.rate);

    if (!rate)
        return;
    pthread_mutex_lock(&line);
    sleep_us((uint32_t)(size * 1000000 / rate));
    pthread_mutex_unlock(&line);
}

/* Before each operation, without the lock. 0 or -errno. */
static int travel(struct drive *drive) {
    uint32_t delay = atomic_load(&data_server.delay_us);

    if (delay)
        sleep_us(delay);
    for (uint32_t waited = 0; atomic_load(&data_server.silent); waited++) {
        if (atomic_load(&drive->ended))
            return -ENOTCONN;
        if (waited >= drive->options.io_timeout_ms)
            return -ETIMEDOUT;
        sleep_us(1000);
    }
    if (atomic_load(&drive->ended))
        return -ENOTCONN;
    return atomic_load(&data_server.gone) ? -EHOSTUNREACH : 0;
}

/* With the lock: is this file still open? */
static int check(struct drive_file *file) {
    static uint32_t state = 2463534242u;
    unsigned one_in = atomic_load(&data_server.lose_one_in);

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    if (one_in && state % one_in == 0)
        file->generation = UINT32_MAX;
    return file->generation == generation ? 0 : -EIO;
}

/* As travel; then the lock is held if it returns 0. */
static int arrive(struct drive *drive, struct drive_file *file) {
    int rc = travel(drive);

    if (rc)
        return rc;
    pthread_mutex_lock(&lock);
    rc = file ? check(file) : 0;
    if (rc)
        pthread_mutex_unlock(&lock);
    return rc;
}

static void get_facts(struct mpr_stat *ret) {
    *ret = (struct mpr_stat){.ino = 77,
                             .size = size_now,
                             .mtime_ns = changes,
                             .ctime_ns = changes,
                             .mode = S_IFREG | 0644,
                             .nlink = 1,
                             .valid = MPR_STAT_INO};
}

static void set_size(size_t size) {
    if (size > size_now)
        memset(now + size_now, 0, size - size_now);
    size_now = size;
    changes++;
}

int drive_remote_open(struct drive *drive, const char *path, int flags, uint32_t mode,
                      struct drive_file **ret_file) {
    struct drive_file *file;
    int rc = arrive(drive, NULL);

    (void)path;
    (void)mode;
    if (rc)
        return rc;
    atomic_fetch_add(&data_server.opens, 1);
    file = calloc(1, sizeof *file);
    file->generation = generation;
    file->writes = (flags & O_ACCMODE) != O_RDONLY;
    if (flags & O_TRUNC)
        set_size(0);
    pthread_mutex_unlock(&lock);
    *ret_file = file;
    return 0;
}

int drive_remote_close(struct drive *drive, struct drive_file *file) {
    (void)drive;
    nanosleep(&(struct timespec){.tv_nsec = atomic_load(&data_server.close_us) * 1000L}, NULL);
    atomic_fetch_add(&data_server.closes, 1);
    free(file);
    return 0;
}

int64_t drive_remote_pread(struct drive *drive, struct drive_file *file, void *data, size_t size,
                           uint64_t offset) {
    int rc = arrive(drive, file);

    if (rc)
        return rc;
    atomic_fetch_add(&data_server.reads, 1);
    if (size > atomic_load(&data_server.largest_read))
        atomic_store(&data_server.largest_read, size);
    if (offset >= size_now)
        size = 0;
    else if (offset + size > size_now)
        size = (size_t)(size_now - offset);
    if (size)
        memcpy(data, now + offset, size);
    atomic_fetch_add(&data_server.read_bytes, size);
    pthread_mutex_unlock(&lock);
    return (int64_t)size;
}

int64_t drive_remote_pwrite(struct drive *drive, struct drive_file *file, const void *data,
                            size_t size, uint64_t offset) {
    int rc;

    carry(size);
    rc = arrive(drive, file);
    if (rc)
        return rc;
    atomic_fetch_add(&data_server.writes, 1);
    if (size > atomic_load(&data_server.largest_write))
        atomic_store(&data_server.largest_write, size);
    rc = file->writes ? atomic_load(&data_server.write_error) : EBADF;
    if (offset + size > DATA_MAX)
        rc = EFBIG;
    if (!rc) {
        if (offset + size > size_now)
            set_size(offset + size);
        memcpy(now + offset, data, size);
        changes++;
    }
    pthread_mutex_unlock(&lock);
    return rc ? -rc : (int64_t)size;
}

int drive_remote_fsync(struct drive *drive, struct drive_file *file) {
    int rc = arrive(drive, file);

    if (rc)
        return rc;
    atomic_fetch_add(&data_server.fsyncs, 1);
    memcpy(stable, now, size_now);
    size_stable = size_now;
    pthread_mutex_unlock(&lock);
    return 0;
}

int drive_remote_ftruncate(struct drive *drive, struct drive_file *file, uint64_t size) {
    int rc = arrive(drive, file);

    if (rc)
        return rc;
    set_size(size);
    pthread_mutex_unlock(&lock);
    return 0;
}

int drive_remote_truncate(struct drive *drive, const char *path, uint64_t size) {
    (void)path;
    return drive_remote_ftruncate(drive, NULL, size);
}

int drive_remote_fstat(struct drive *drive, struct drive_file *file, struct mpr_stat *ret) {
    int rc = arrive(drive, file);

    if (rc)
        return rc;
    atomic_fetch_add(&data_server.fstats, 1);
    get_facts(ret);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* --- the tree of one file --- */

struct drive_node *drive_node_pin(struct drive *drive, uint64_t number) {
    (void)drive;
    if (number != DATA_NUMBER)
        return NULL;
    pthread_mutex_lock(&lock);
    node.pins++;
    pthread_mutex_unlock(&lock);
    return &node;
}

void drive_node_unpin(struct drive *drive, struct drive_node *pinned) {
    (void)drive;
    pthread_mutex_lock(&lock);
    pinned->pins--;
    pthread_mutex_unlock(&lock);
}

int drive_node_path(struct drive *drive, struct drive_node *pinned, char **ret_path) {
    (void)drive;
    (void)pinned;
    *ret_path = strdup("/file");
    return *ret_path ? 0 : -ENOMEM;
}

int drive_node_child_path(struct drive *drive, uint64_t parent, const char *name, char **ret_path) {
    (void)parent;
    (void)name;
    return drive_node_path(drive, &node, ret_path);
}

int drive_node_made(struct drive *drive, uint64_t parent, const char *name, bool made,
                    const struct mpr_stat *attributes, struct drive_entry *ret,
                    struct drive_node **ret_node) {
    (void)parent;
    (void)name;
    (void)made;
    *ret_node = drive_node_pin(drive, DATA_NUMBER);
    *ret = (struct drive_entry){.number = DATA_NUMBER, .attributes = *attributes};
    return 0;
}

void drive_node_attributes(struct drive *drive, struct drive_node *of,
                           const struct mpr_stat *attributes) {
    (void)drive;
    (void)of;
    (void)attributes;
}

void drive_node_forget(struct drive *drive, struct drive_node *of) {
    (void)drive;
    (void)of;
}

void drive_node_written(struct drive *drive, struct drive_node *of) {
    (void)drive;
    (void)of;
}

void drive_forget(struct drive *drive, uint64_t number, uint64_t lookups) {
    (void)drive;
    (void)number;
    (void)lookups;
}

void drive_fuse_changed(struct drive *drive, uint64_t number) {
    (void)drive;
    (void)number;
}

void drive_fuse_attributes_changed(struct drive *drive, uint64_t number) {
    (void)drive;
    (void)number;
}

/* --- for the tests --- */

void data_server_start(struct drive *drive, uint32_t io_timeout_ms) {
    memset(&data_server, 0, sizeof data_server);
    memset(drive, 0, sizeof *drive);
    drive->options.io_timeout_ms = io_timeout_ms;
    now = malloc(DATA_MAX);
    stable = malloc(DATA_MAX);
    if (!now || !stable) {
        printf("Bail out! no memory\n");
        exit(99);
    }
    size_now = size_stable = 0;
    node = (struct drive_node){.number = DATA_NUMBER};
}

unsigned data_server_stop(struct drive *drive) {
    unsigned left;

    drive_data_stop(drive);
    pthread_mutex_lock(&lock);
    left = node.pins + atomic_load(&data_server.opens) - atomic_load(&data_server.closes);
    pthread_mutex_unlock(&lock);
    free(now);
    free(stable);
    return left;
}

void data_server_lose(void) {
    pthread_mutex_lock(&lock);
    generation++;
    pthread_mutex_unlock(&lock);
}

void data_server_crash(void) {
    pthread_mutex_lock(&lock);
    generation++;
    memcpy(now, stable, size_stable);
    size_now = size_stable;
    pthread_mutex_unlock(&lock);
}

void data_server_put(const void *data, size_t size, uint64_t offset) {
    pthread_mutex_lock(&lock);
    if (offset + size > size_now)
        set_size(offset + size);
    memcpy(now + offset, data, size);
    changes++;
    pthread_mutex_unlock(&lock);
}

size_t data_server_size(void) {
    size_t size;

    pthread_mutex_lock(&lock);
    size = size_now;
    pthread_mutex_unlock(&lock);
    return size;
}

bool data_server_is(const void *data, size_t size) {
    bool is;

    pthread_mutex_lock(&lock);
    is = size == size_now && memcmp(now, data, size) == 0;
    pthread_mutex_unlock(&lock);
    return is;
}
