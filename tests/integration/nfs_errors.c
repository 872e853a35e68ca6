/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_errors: what goes wrong with an NFS server, by code and by words.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define RW "nfshost:/rw"

static const double at_once = 1900, bound = 10000; /* ms; 2 s are allowed for connecting */

static void exports(void) {
    tap_group("no such export");
    expect_refusal("nfshost:/nothing", NULL, ERROR_BAD_NET_NAME, "nfshost:/nothing", "uid",
                   at_once);
    tap_group("another client's export: the server says the same as if there were none");
    expect_refusal("nfshost:/denied", NULL, ERROR_BAD_NET_NAME, "nfshost:/denied",
                   "not for this client", at_once);
    tap_group("no such directory in an export");
    expect_refusal("nfshost:/rw/nothing", NULL, ERROR_BAD_NET_NAME, "nfshost:/rw/nothing", NULL,
                   at_once);
    tap_group("version 4");
    expect_refusal("nfs://nfshost/rw?version=4", NULL, ERROR_NOT_SUPPORTED, "version 4", "libnfs",
                   at_once);
}

static void hosts(void) {
    tap_group("no such host");
    expect_refusal("nohost.invalid:/rw", NULL, ERROR_BAD_NETPATH, "nohost.invalid", NULL, at_once);
    tap_group("a host that refuses");
    expect_refusal("refused:/rw", NULL, ERROR_BAD_NETPATH, "refused:/rw", "refused", at_once);
    tap_group("a port that nobody serves");
    expect_refusal("nfs://nfshost:2050/rw", NULL, ERROR_BAD_NETPATH, "2050", "refused", at_once);
    tap_group("a host that is silent");
    expect_refusal("silent:/rw", NULL, ERROR_BAD_NETPATH, "silent:/rw", NULL, bound);
    tap_group("a host that swallows every packet");
    expect_refusal("dropped:/rw", NULL, ERROR_BAD_NETPATH, "dropped:/rw", NULL, bound);
}

/* A name that may be SMB's, on a host where nobody speaks SMB. */
static void both(void) {
    double begun = stage_ms();

    tap_group("\\\\server\\export where there is no SMB server");
    tap_code(call_add("Z:", "\\\\nfshost\\rw", NULL, 0), NO_ERROR, "connect");
    tap_ok(stage_ms() - begun < at_once, "at once (%.0f ms)", stage_ms() - begun);
    tap_code(WNetCancelConnection2A("\\\\NFSHOST\\rw", 0, FALSE), NO_ERROR, "cancel");
    tap_group("\\\\server\\export, and there is no such export");
    expect_refusal("\\\\nfshost\\nothing", NULL, ERROR_BAD_NET_NAME, "nothing", NULL, at_once);
}

static void read_only(void) {
    HANDLE file = NULL;

    tap_group("a read-only export");
    tap_code(call_add("Z:", "nfshost:/ro", NULL, 0), NO_ERROR, "connect");
    tap_file(MprFileOpen("Z:\\new", O_WRONLY | O_CREAT, 0644, &file), -EROFS, "a new file");
    tap_file(MprFileUnlink("Z:\\readme"), -EROFS, "remove");
    tap_file(MprFileMkdir("Z:\\new", 0755), -EROFS, "a new directory");
    tap_file(MprFileOpen("Z:\\readme", O_RDONLY, 0, &file), 0, "to read");
    tap_file(MprFileClose(file), 0, "close");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void full_disk(void) {
    char *data = calloc(1, 2000000);
    HANDLE file = NULL;
    ssize_t got;

    tap_group("a full disk");
    tap_code(call_add("Z:", "nfshost:/full", NULL, 0), NO_ERROR, "connect");
    tap_file(MprFileOpen("Z:\\big", O_RDWR | O_CREAT, 0644, &file), 0, "open");
    got = MprFileWrite(file, data, 2000000);
    tap_ok(got == -ENOSPC || (got > 0 && got < 2000000), "2 MB on a disk of 1 MiB: %zd", got);
    if (got > 0)
        tap_file(MprFileWrite(file, data, 2000000), -ENOSPC, "and more");
    MprFileClose(file);
    tap_file(MprFileUnlink("Z:\\big"), 0, "remove it");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    free(data);
}

/* A file of 64 MiB on the server, a connection to it, and traffic on it. */
static struct traffic *begin_traffic(HANDLE *ret_file, int writing) {
    char path[4096];
    struct traffic *traffic;
    int fd;

    snprintf(path, sizeof(path), "%s/rw/big", stage_env("MPR_LAB_NFS_DIR"));
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    tap_ok(fd >= 0 && ftruncate(fd, 64 << 20) == 0, "a file is on the server");
    close(fd);
    tap_code(call_add("Z:", RW, NULL, 0), NO_ERROR, "connect");
    tap_file(MprFileOpen("Z:\\big", O_RDWR, 0, ret_file), 0, "open");
    traffic = traffic_start(*ret_file, writing);
    for (int i = 0; i < 2000 && traffic_blocks(traffic) < 4; i++)
        usleep(10000);
    tap_ok(traffic_blocks(traffic) >= 4, "the transfer goes on");
    return traffic;
}

static void end_connection(HANDLE file) {
    MprFileClose(file);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

/* The transfer goes on from where it was: what has no answer is asked again. */
static void interrupted(const char *how, const char *action, const char *undo, int writing) {
    struct traffic *traffic;
    HANDLE file = NULL;
    long blocks = 0;
    int rc;

    tap_group("the server is %s for a second while it is %s", how,
              writing ? "written to" : "read from");
    traffic = begin_traffic(&file, writing);
    stage_ctl("nfs", action, NULL);
    usleep(1000000);
    blocks = traffic_blocks(traffic);
    stage_ctl("nfs", undo, NULL);
    for (int i = 0; i < 2000 && traffic_blocks(traffic) < blocks + 4; i++)
        usleep(10000);
    tap_ok(traffic_blocks(traffic) >= blocks + 4, "the transfer goes on");
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel by force");
    rc = traffic_end(traffic, 20000);
    tap_file(rc, -ENOTCONN, "that alone ends it");
    MprFileClose(file);
}

static void gone(const char *how, const char *action, const char *undo) {
    struct mpr_stat attributes;
    struct traffic *traffic;
    HANDLE file = NULL;
    double begun;
    int rc;

    tap_group("the server is %s for good while it is read from", how);
    traffic = begin_traffic(&file, 0);
    stage_ctl("nfs", action, NULL);
    begun = stage_ms();
    rc = traffic_end(traffic, 30000);
    tap_ok(rc == -ETIMEDOUT || rc == -EIO || rc == -ECONNREFUSED, "the transfer fails: %s",
           strerror(-rc));
    tap_ok(stage_ms() - begun < 20000, "within the bound (%.0f ms)", stage_ms() - begun);
    stage_ctl("nfs", undo, NULL);
    rc = -1;
    for (int i = 0; i < 200 && rc; i++) {
        rc = MprFileStat("Z:\\big", &attributes);
        usleep(rc ? 100000 : 0);
    }
    tap_file(rc, 0, "the connection works again");
    end_connection(file);
}

static void stopped_and_cancelled(void) {
    struct traffic *traffic;
    HANDLE file = NULL;
    double begun;

    tap_group("the server is stopped, and the connection cancelled by force");
    traffic = begin_traffic(&file, 1);
    stage_ctl("nfs", "stop", NULL);
    usleep(200000);
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_OPEN_FILES, "not by force");
    tap_ok(stage_ms() - begun < 2900, "at once");
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "by force");
    tap_ok(stage_ms() - begun < 10000, "within the bound (%.0f ms)", stage_ms() - begun);
    tap_file(traffic_end(traffic, 20000), -ENOTCONN, "the transfer ends");
    tap_file(MprFileClose(file), -ENOTCONN, "close: what was written may be lost");
    stage_ctl("nfs", "cont", NULL);
    tap_ok(call_count(RESOURCE_CONNECTED) == 0, "nothing is connected");
}

int main(void) {
    stage_set(NULL, "\"connect_timeout_ms\": 2000, \"io_timeout_ms\": 3000", NULL);
    exports();
    hosts();
    both();
    read_only();
    full_disk();
    interrupted("killed", "kill", "start", 0);
    interrupted("killed", "kill", "start", 1);
    interrupted("stopped", "stop", "cont", 0);
    gone("killed", "kill", "start");
    gone("stopped", "stop", "cont");
    stopped_and_cancelled();
    stage_strike();
    return tap_done();
}
