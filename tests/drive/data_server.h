/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * data_server.h: a server with one file, in memory, for the contents of drives: slow,
 * silent, full, gone for a while, or crashed with what it had not yet made stable.
 * It also stands in for the tree of nodes, which here has that file only.
 */
#ifndef DATA_SERVER_H
#define DATA_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "service/drive.h"

#define DATA_NUMBER 2u /* of the file's node */
#define DATA_MAX    ((size_t)96 << 20)

struct data_server {
    _Atomic uint32_t delay_us;    /* of each operation */
    _Atomic uint32_t rate;        /* bytes a second that can be written; 0: any */
    _Atomic uint32_t close_us;    /* until a file is closed */
    _Atomic bool silent;          /* answers nothing; -ETIMEDOUT after the bound */
    _Atomic bool gone;            /* -EHOSTUNREACH at once; open files are lost with it */
    _Atomic int write_error;      /* of pwrite, as long as it is not 0 */
    _Atomic unsigned lose_one_in; /* so often an operation finds its open file lost; 0: never */
    _Atomic unsigned opens, closes, reads, writes, fsyncs, fstats;
    _Atomic uint64_t read_bytes;
    _Atomic size_t largest_read, largest_write;
};
extern struct data_server data_server;

/** A drive on it, and an empty file. */
void data_server_start(struct drive *drive, uint32_t io_timeout_ms);
/** Frees everything. Returns how many files and pins are left, which should be none. */
unsigned data_server_stop(struct drive *drive);
/** All open files are lost, as when a session ends. */
void data_server_lose(void);
/** As that, and the file is as it was when it was last made stable. */
void data_server_crash(void);
/** The file as the server has it. Somebody else's change counts as one. */
void data_server_put(const void *data, size_t size, uint64_t offset);
size_t data_server_size(void);
bool data_server_is(const void *data, size_t size);

#endif
