/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_letters: all letters are drives at once, and gone again.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

static void connect_all(void) {
    static const struct identity anna = {"anna", "secret-words"};
    char remote[128];

    for (char letter = 'A'; letter <= 'Z'; letter++) {
        const char device[] = {letter, ':', '\0'};
        bool smb = letter % 2;

        snprintf(remote, sizeof remote, "%s/%s", stage_env(smb ? "MPR_LAB_SMB" : "MPR_LAB_NFS"),
                 smb ? "pub" : "rw");
        tap_code(call_add(device, remote, smb ? &anna : NULL, 0), NO_ERROR, "%s is %s", device,
                 remote);
    }
}

static void use_all(void) {
    for (char letter = 'A'; letter <= 'Z'; letter++) {
        const char device[] = {letter, ':', '\0'};

        tap_ok(drive_works(drive_directory(device), 20000), "%s works", device);
    }
}

int main(void) {
    pid_t pids[64];

    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    tap_group("connect");
    connect_all();
    tap_ok(drive_processes("mpr-drive", pids, 64) == 26, "a process for each");
    tap_group("use");
    use_all();
    tap_group("cancel");
    for (char letter = 'A'; letter <= 'Z'; letter++) {
        const char device[] = {letter, ':', '\0'};

        tap_code(WNetCancelConnection2A(device, 0, FALSE), NO_ERROR, "%s", device);
    }
    tap_ok(call_count(RESOURCE_CONNECTED) == 0, "nothing is connected");
    for (int i = 0; i < 200 && drive_processes("mpr-drive", pids, 64); i++)
        usleep(50000);
    tap_ok(drive_processes("mpr-drive", pids, 64) == 0, "no process is left");
    stage_strike();
    return tap_done();
}
