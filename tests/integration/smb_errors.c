/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_errors: what goes wrong with an SMB server, by code and by words.
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

#define PUB                     "\\\\smbhost\\pub"

#define STATUS_ACCESS_DENIED    0xC0000022u
#define STATUS_BAD_NETWORK_NAME 0xC00000CCu
#define STATUS_LOGON_FAILURE    0xC000006Du

static const struct identity anna = {"anna", "secret-words"};
static const struct identity bert = {"bert", "other-words"};
/* ms; 2 s are allowed for connecting, by SMB and then by NFS, which knows such names, too */
static const double at_once = 1900, bound = 10000;

static void users(void) {
    DWORD native;
    const struct identity wrong = {"anna", "wrong-words"},
                          unknown = {"nobody-knows", "wrong-words"},
                          disabled = {"carl", "disabled-words"}, nothing = {"anna", ""},
                          realm = {"LAB\\anna", "wrong-words"};

    tap_group("a wrong password");
    native = expect_refusal(PUB, &wrong, ERROR_LOGON_FAILURE, PUB, "anna", at_once);
    tap_ok(native == STATUS_LOGON_FAILURE, "the native code is the server's");
    tap_group("a wrong password of a user in a domain");
    expect_refusal(PUB, &realm, ERROR_LOGON_FAILURE, PUB, "LAB\\anna", at_once);
    tap_group("an unknown user");
    expect_refusal(PUB, &unknown, ERROR_LOGON_FAILURE, PUB, "nobody-knows", at_once);
    tap_group("an empty password");
    expect_refusal(PUB, &nothing, ERROR_LOGON_FAILURE, PUB, "anna", at_once);
    tap_group("a disabled account");
    expect_refusal(PUB, &disabled, ERROR_ACCOUNT_DISABLED, PUB, "carl", at_once);
}

static void shares(void) {
    DWORD native;

    tap_group("no such share");
    native = expect_refusal("\\\\smbhost\\nothing", &anna, ERROR_BAD_NET_NAME,
                            "\\\\smbhost\\nothing", "anna", at_once);
    tap_ok(native == STATUS_BAD_NETWORK_NAME, "the native code is the server's");
    tap_group("another user's share");
    native = expect_refusal("//smbhost/private", &anna, ERROR_ACCESS_DENIED, "//smbhost/private",
                            "anna", at_once);
    tap_ok(native == STATUS_ACCESS_DENIED, "the native code is the server's");
    tap_code(call_add("X:", "//smbhost/private", &bert, 0), NO_ERROR, "its owner may");
    tap_code(WNetCancelConnection2A("X:", 0, FALSE), NO_ERROR, "and may cancel");
    tap_group("no such directory");
    expect_refusal(PUB "\\nothing", &anna, ERROR_BAD_NET_NAME, PUB "\\nothing", "anna", at_once);
}

static void hosts(void) {
    tap_group("no such host");
    expect_refusal("\\\\nohost.invalid\\pub", &anna, ERROR_BAD_NETPATH, "nohost.invalid", NULL,
                   at_once);
    tap_group("a host that refuses");
    expect_refusal("\\\\refused\\pub", &anna, ERROR_BAD_NETPATH, "\\\\refused\\pub", "refused",
                   at_once);
    tap_group("a port that nobody serves");
    expect_refusal("smb://smbhost:4459/pub", &anna, ERROR_BAD_NETPATH, "smbhost:4459", NULL,
                   at_once);
    tap_group("a host that is silent");
    expect_refusal("\\\\silent\\pub", &anna, ERROR_BAD_NETPATH, "\\\\silent\\pub", NULL, bound);
    tap_group("a host that swallows every packet");
    expect_refusal("\\\\dropped\\pub", &anna, ERROR_BAD_NETPATH, "\\\\dropped\\pub", NULL, bound);
}

static void read_only(void) {
    HANDLE file = NULL;
    int rc;

    tap_group("a read-only share");
    tap_code(call_add("Z:", "\\\\smbhost\\ro", &anna, 0), NO_ERROR, "connect");
    rc = MprFileOpen("Z:\\new", O_WRONLY | O_CREAT, 0644, &file);
    tap_ok(rc == -EACCES || rc == -EROFS, "a new file: %d", rc);
    rc = MprFileOpen("Z:\\readme", O_RDWR, 0, &file);
    tap_ok(rc == -EACCES || rc == -EROFS, "an old one, to write: %d", rc);
    rc = MprFileUnlink("Z:\\readme");
    tap_ok(rc == -EACCES || rc == -EROFS, "remove: %d", rc);
    tap_file(MprFileOpen("Z:\\readme", O_RDONLY, 0, &file), 0, "to read");
    tap_file(MprFileClose(file), 0, "close");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void full_disk(void) {
    char *data = calloc(1, 2000000);
    HANDLE file = NULL;
    ssize_t got;

    tap_group("a full disk");
    tap_code(call_add("Z:", "\\\\smbhost\\full", &anna, 0), NO_ERROR, "connect");
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

    snprintf(path, sizeof(path), "%s/pub/big", stage_env("MPR_LAB_SMB_DIR"));
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    tap_ok(fd >= 0 && fchmod(fd, 0666) == 0 && ftruncate(fd, 64 << 20) == 0,
           "a file is on the server");
    close(fd);
    tap_code(call_add("Z:", PUB, &anna, 0), NO_ERROR, "connect");
    tap_file(MprFileOpen("Z:\\big", O_RDWR, 0, ret_file), 0, "open");
    traffic = traffic_start(*ret_file, writing);
    for (int i = 0; i < 2000 && traffic_blocks(traffic) < 4; i++)
        usleep(10000);
    tap_ok(traffic_blocks(traffic) >= 4, "the transfer goes on");
    return traffic;
}

static void expect_works_again(void) {
    struct mpr_stat attributes;
    int rc = -1;

    for (int i = 0; i < 200 && rc; i++) {
        rc = MprFileStat("Z:\\big", &attributes);
        usleep(rc ? 100000 : 0);
    }
    tap_file(rc, 0, "the connection works again");
}

static void killed(int writing) {
    struct traffic *traffic;
    HANDLE file = NULL;
    double begun;
    int rc;

    tap_group("the server is killed while it %s", writing ? "is written to" : "is read from");
    traffic = begin_traffic(&file, writing);
    stage_ctl("smb", "kill", NULL);
    begun = stage_ms();
    rc = traffic_end(traffic, 20000);
    tap_ok(rc < 0 && rc != -1000, "the transfer fails: %s", strerror(-rc));
    tap_ok(stage_ms() - begun < 10000, "soon (%.0f ms)", stage_ms() - begun);
    stage_ctl("smb", "start", NULL);
    expect_works_again();
    rc = MprFileClose(file);
    tap_ok(writing ? rc < 0 : 1, "close tells of what may be lost: %d", rc);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void stopped(void) {
    struct traffic *traffic;
    HANDLE file = NULL;
    double begun;
    int rc;

    tap_group("the server is stopped while it is read from");
    traffic = begin_traffic(&file, 0);
    stage_ctl("smb", "stop", NULL);
    begun = stage_ms();
    rc = traffic_end(traffic, 30000);
    tap_ok(rc == -ETIMEDOUT || rc == -EIO, "the transfer fails: %s", strerror(-rc));
    tap_ok(stage_ms() - begun > 1500 && stage_ms() - begun < 20000,
           "when nothing has moved for the bound (%.0f ms)", stage_ms() - begun);
    stage_ctl("smb", "cont", NULL);
    expect_works_again();
    MprFileClose(file);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void stopped_and_cancelled(void) {
    struct traffic *traffic;
    HANDLE file = NULL;
    double begun;
    DWORD code;
    int rc;

    tap_group("the server is stopped, and the connection cancelled by force");
    traffic = begin_traffic(&file, 0);
    stage_ctl("smb", "stop", NULL);
    usleep(200000);
    begun = stage_ms();
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), ERROR_OPEN_FILES, "not by force");
    tap_ok(stage_ms() - begun < 1900, "at once");
    begun = stage_ms();
    code = WNetCancelConnection2A("Z:", 0, TRUE);
    tap_code(code, NO_ERROR, "by force");
    tap_ok(stage_ms() - begun < 10000, "within the bound (%.0f ms)", stage_ms() - begun);
    rc = traffic_end(traffic, 20000);
    tap_file(rc, -ENOTCONN, "the transfer ends");
    tap_file(MprFileClose(file), 0, "close");
    stage_ctl("smb", "cont", NULL);
    tap_ok(call_count(RESOURCE_CONNECTED) == 0, "nothing is connected");
}

int main(void) {
    stage_set(NULL, "\"connect_timeout_ms\": 2000, \"io_timeout_ms\": 2000", NULL);
    users();
    shares();
    hosts();
    read_only();
    full_disk();
    killed(0);
    killed(1);
    stopped();
    stopped_and_cancelled();
    stage_strike();
    return tap_done();
}
