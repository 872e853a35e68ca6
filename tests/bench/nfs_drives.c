/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_drives.c: an NFS drive against libnfs and other NFS drives.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench_drives.h"

int main(void) {
    static char directory[256];
    struct drive_bench bench = {.kind = "nfs",
                                .remote = "nfshost:/rw",
                                .directory = directory,
                                .far = "nfs://127.0.0.1:%u/rw?mountport=%u",
                                .ports = {getenv("MPR_LAB_NFS_PORT"), getenv("MPR_LAB_MOUNT_PORT")},
                                .read = 1200,
                                .write = 700,
                                .stat = 130,
                                .list = 0.05,
                                .small = 0.45,
                                .far_read = 250,
                                .far_write = 200};

    snprintf(directory, sizeof directory, "%s/rw", getenv("MPR_LAB_NFS_DIR"));
    bench_drives(bench_bare_side(), &bench);
    return 0;
}
