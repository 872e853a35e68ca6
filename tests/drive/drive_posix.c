/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_posix.c: drive-posix DIRECTORY MOUNTPOINT [ATTRIBUTE_MS [IO_TIMEOUT_MS]]: a drive
 * on a plain directory, until SIGTERM or SIGINT.
 */
#include "config.h"

#include "service/drive.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_time.h"
#include "tests/drive/posix_remote.h"

static int fail(const char *what, int rc) {
    fprintf(stderr, "drive-posix: %s: %s\n", what, strerror(-rc));
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    static char name[] = "posix:,\\drive";
    static struct drive drive = {.options = {.attribute_ms = 1000, .io_timeout_ms = 5000}};
    char error[512] = "";
    sigset_t signals;
    int rc, number;

    if (argc < 3) {
        fprintf(stderr, "usage: drive-posix DIRECTORY MOUNTPOINT [ATTRIBUTE_MS [IO_TIMEOUT_MS]]\n");
        return EXIT_FAILURE;
    }
    if (argc > 3)
        drive.options.attribute_ms = (uint32_t)strtoul(argv[3], NULL, 10);
    if (argc > 4)
        drive.options.io_timeout_ms = (uint32_t)strtoul(argv[4], NULL, 10);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    drive.name = name;
    drive.any_case = atomic_load(&posix_control()->any_case);
    rc = posix_remote_start(&drive, argv[1]);
    if (rc != 0)
        return fail(argv[1], rc);
    rc = drive_tree_new(&drive);
    if (rc == 0)
        rc = drive_fuse_start(&drive, argv[2], error, sizeof error);
    if (rc != 0)
        return fail(error[0] ? error : "the tree", rc);
    puts("mounted");
    fflush(stdout);
    sigwait(&signals, &number);
    rc = drive_content_flush_all(&drive, mpr_deadline_in_ms(drive.options.io_timeout_ms));
    drive_fuse_stop(&drive);
    drive_data_stop(&drive);
    drive_tree_free(&drive);
    posix_remote_stop(&drive);
    return rc == 0 ? EXIT_SUCCESS : fail("what was written last", rc);
}
