/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drives.c: an SMB drive against libsmbclient and other SMB drives.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench_drives.h"

int main(void) {
    static char directory[256];
    struct drive_bench bench = {.kind = "smb",
                                .remote = "\\\\smbhost\\pub",
                                .user = getenv("MPR_LAB_USER"),
                                .password = getenv("MPR_LAB_PASSWORD"),
                                .directory = directory,
                                .far = "smb://127.0.0.1:%u/pub",
                                .ports = {"445", NULL},
                                .read = 1000,
                                .write = 700,
                                .stat = 450,
                                .list = 0.3,
                                .small = 1.0,
                                .far_read = 250,
                                .far_write = 200};

    snprintf(directory, sizeof directory, "%s/pub", getenv("MPR_LAB_SMB_DIR"));
    bench_drives(bench_bare_side(), &bench);
    return 0;
}
