/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_io.c: NFS through file.h against bare libnfs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

int main(void) {
    char directory[256];

    snprintf(directory, sizeof directory, "%s/rw", getenv("MPR_LAB_NFS_DIR"));
    bench_begin_router("nfs", NULL, "{}");
    bench_compare(bench_bare_side(), bench_our_side("nfshost:/rw", NULL, NULL), directory, 1.1, 15);
    bench_end_router();
    return 0;
}
