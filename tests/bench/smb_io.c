/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_io.c: SMB through file.h against bare libsmbclient.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

int main(void) {
    const struct side *bare = bench_bare_side();
    char directory[256];

    bench_begin_router("smb", "smb-worker.so", "{}");
    snprintf(directory, sizeof directory, "%s/pub", getenv("MPR_LAB_SMB_DIR"));
    bench_compare(
        bare,
        bench_our_side("\\\\smbhost\\pub", getenv("MPR_LAB_USER"), getenv("MPR_LAB_PASSWORD")),
        directory, 1.5, 60);
    bench_end_router();
    return 0;
}
