/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench_drives.h: a drive against the bare library, and against others' drives on the
 * same server, as far as they are installed.
 */
#ifndef BENCH_DRIVES_H
#define BENCH_DRIVES_H

#include "tests/bench/bench.h"

struct drive_bench {
    const char *kind;   /* "smb" or "nfs", as tests/bench/rival knows it */
    const char *remote; /* what the drive connects to */
    const char *user, *password;
    const char *directory; /* where the files of that lie here */
    const char *far;       /* a remote name with the ports of a far server for its numbers */
    const char *ports[2];  /* of the near one; the second may be NULL */
    /* Goals: MiB/s, microseconds, seconds, MB/s at 20 ms. */
    double read, write, stat, list, small, far_read, far_write;
};

void bench_drives(const struct side *bare, const struct drive_bench *bench);

#endif
