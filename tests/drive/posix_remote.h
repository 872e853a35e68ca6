/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * posix_remote.h: a server that is a plain directory of this machine: all of
 * drive_remote_*, with delays and faults as a test asks for them.
 */
#ifndef POSIX_REMOTE_H
#define POSIX_REMOTE_H

#include <stdatomic.h>
#include <stdint.h>

struct drive;

enum posix_op {
    POSIX_OPEN,
    POSIX_CLOSE,
    POSIX_PREAD,
    POSIX_PWRITE,
    POSIX_FSYNC,
    POSIX_FTRUNCATE,
    POSIX_FSTAT,
    POSIX_STAT,
    POSIX_TRUNCATE,
    POSIX_READDIR,
    POSIX_MKDIR,
    POSIX_RMDIR,
    POSIX_UNLINK,
    POSIX_RENAME,
    POSIX_LINK,
    POSIX_SYMLINK,
    POSIX_READLINK,
    POSIX_CHMOD,
    POSIX_CHOWN,
    POSIX_UTIMENS,
    POSIX_STATVFS,
    POSIX_OPS
};

/**
 * What a test tells the server, and what the server counts. It is all zero at the
 * start. A program has it in the file that MPR_POSIX_CONTROL names, so that others
 * can map it.
 */
struct posix_control {
    _Atomic uint32_t delay_us;               /* before each operation: a round trip */
    _Atomic uint32_t bytes_per_ms;           /* of pread and pwrite; 0: as fast as it goes */
    _Atomic uint32_t silent;                 /* not 0: nothing is answered till it is 0 again */
    _Atomic uint32_t hold_lists;             /* not 0: neither is a listing, which is read before */
    _Atomic uint32_t held;                   /* listings that are held */
    _Atomic uint32_t without;                /* MPR_STAT_ bits that it does not have */
    _Atomic uint32_t one_link;               /* not 0: links are not counted */
    _Atomic uint32_t any_case;               /* not 0: spellings of ASCII letters are one name */
    _Atomic uint32_t late_times;             /* not 0: as long as any file is open, all are old */
    _Atomic int32_t fault[POSIX_OPS];        /* errno that an operation fails with ... */
    _Atomic uint32_t fault_after[POSIX_OPS]; /* ... after so many more that do not, ... */
    _Atomic uint32_t fault_count[POSIX_OPS]; /* ... so many times; 0: always */
    _Atomic uint64_t calls[POSIX_OPS];       /* operations so far */
    _Atomic uint64_t open_files;
};

/** That of this process. */
struct posix_control *posix_control(void);

/** Connects a drive, all zero, to a directory. 0 or -errno. */
int posix_remote_start(struct drive *drive, const char *directory);
void posix_remote_stop(struct drive *drive);

#endif
