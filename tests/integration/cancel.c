/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cancel: every case of WNetCancelConnection2, by the public functions alone,
 * on the provider that the program's name begins with: lone (memory), smb, nfs
 * or sftp. Twice: with "cancel_remote" all through the A functions, and deviceless
 * through the W functions.
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

/* What to connect to. */
struct place {
    const char *remote;  /* a share that can be written */
    const char *written; /* the same, written in another way */
    const char *other;   /* another share of that server */
    struct identity as;
    const char *server; /* for stage_ctl, or NULL */
};

static const struct place places[] = {
    {"\\\\memory\\demo", "memory://Demo/", "\\\\memory\\other", {NULL, NULL}, NULL},
    {"\\\\smbhost\\pub", "//SMBHOST/Pub/", "\\\\smbhost\\ro", {"anna", "secret-words"}, "smb"},
    {"nfshost:/rw", "nfs://nfshost/rw", "nfshost:/ro", {NULL, NULL}, "nfs"},
    {"sftp://sshhost/rw", "SFTP://root@SSHHOST:22//rw/", "sftp://sshhost/ro", {NULL, NULL}, "ssh"},
};
static const struct place *place;
static bool deviceless; /* the setting of cancel_remote; also: use the W functions */

/* ---- the calls, in short */

static DWORD add_to(const char *device, const char *remote, DWORD flags) {
    return call_add(device, remote, &place->as, flags);
}

static void must_add(const char *device, DWORD flags) {
    DWORD code = add_to(device, place->remote, flags);

    tap_code(code, NO_ERROR, "connect %s%s", device ? device : "without a device",
             flags ? " and remember" : "");
}

static DWORD cancel(const char *name, DWORD flags, BOOL force) {
    WCHAR wide[256];
    size_t i = 0;

    if (!deviceless)
        return WNetCancelConnection2A(name, flags, force);
    for (; name[i]; i++)
        wide[i] = (unsigned char)name[i];
    wide[i] = 0;
    return WNetCancelConnection2W(wide, flags, force);
}

static void expect_device(const char *device, DWORD wanted) {
    char remote[256] = "";
    DWORD size = sizeof(remote);
    DWORD code = WNetGetConnectionA(device, remote, &size);

    tap_code(code, wanted, "afterwards %s: %s", device, stage_code(wanted));
    if (code == wanted && wanted != ERROR_NOT_CONNECTED)
        tap_text(remote, place->remote, "and is what it was");
}

static void expect_counts(DWORD connected, DWORD remembered) {
    DWORD got = call_count(RESOURCE_CONNECTED);

    tap_ok(got == connected, "%u connected (%u)", connected, got);
    got = call_count(RESOURCE_REMEMBERED);
    tap_ok(got == remembered, "%u remembered (%u)", remembered, got);
}

static const char *file_path(const char *name) {
    static char path[512];

    snprintf(path, sizeof(path), "%s/cancel.txt", name);
    return path;
}

static HANDLE must_open(const char *on) {
    HANDLE file = NULL;

    tap_file(MprFileOpen(file_path(on), O_RDWR | O_CREAT | O_TRUNC, 0644, &file), 0, "open a file");
    tap_file(MprFileWrite(file, "words", 5), 5, "write to it");
    return file;
}

static void expect_usable(HANDLE file) {
    char text[8] = "";

    tap_file(MprFilePread(file, text, 5, 0), 5, "the file can be read");
    tap_text(text, "words", "and is what it was");
}

/* Back to nothing: between the cases. */
static void clear(void) {
    static const char *const devices[] = {"Y:", "Z:"};

    for (size_t i = 0; i < 2; i++)
        WNetCancelConnection2A(devices[i], 0, TRUE);
    WNetCancelConnection2A(place->remote, 0, TRUE);
    WNetCancelConnection2A(place->other, 0, TRUE);
    stage_write("config/profile.json", NULL);
    expect_counts(0, 0);
}

/* ---- the cases, by their letter in the documents */

static void case_a_b(DWORD flags) {
    char *profile;

    tap_group("%s, connected, not remembered, flags %u", flags ? "b" : "a", flags);
    must_add("Z:", 0);
    tap_code(cancel("Z:", flags, FALSE), NO_ERROR, "cancel");
    expect_device("Z:", ERROR_NOT_CONNECTED);
    profile = stage_read("config/profile.json");
    tap_text(profile, NULL, "and no profile was made");
    free(profile);
    clear();
}

static void case_c(void) {
    char *before, *after;

    tap_group("c, connected and remembered, flags 0");
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    before = stage_read("config/profile.json");
    tap_ok(before != NULL, "there is a profile");
    tap_code(cancel("z:", 0, FALSE), NO_ERROR, "cancel, in a small letter");
    after = stage_read("config/profile.json");
    tap_text(after, before, "the profile is as before");
    expect_device("Z:", ERROR_CONNECTION_UNAVAIL);
    expect_counts(0, 1);
    tap_code(add_to("Z:", place->other, 0), ERROR_DEVICE_ALREADY_REMEMBERED,
             "another resource on that device");
    must_add("Z:", 0);
    free(before);
    free(after);
    clear();
}

static void case_d(void) {
    tap_group("d, connected and remembered, CONNECT_UPDATE_PROFILE");
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    must_add("Y:", CONNECT_UPDATE_PROFILE);
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR, "cancel");
    expect_device("Z:", ERROR_NOT_CONNECTED);
    expect_device("Y:", NO_ERROR);
    expect_counts(1, 1);
    tap_code(add_to("Z:", place->other, 0), NO_ERROR, "the device is free for another resource");
    clear();
}

static void case_e_f(void) {
    tap_group("f, remembered only, flags 0");
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    tap_code(cancel("Z:", 0, FALSE), NO_ERROR, "made so");
    tap_code(cancel("Z:", 0, FALSE), ERROR_NOT_CONNECTED, "cancel");
    tap_code(cancel("Z:", 0, TRUE), ERROR_NOT_CONNECTED, "cancel by force");
    expect_device("Z:", ERROR_CONNECTION_UNAVAIL);
    tap_group("e, remembered only, CONNECT_UPDATE_PROFILE");
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR, "cancel");
    expect_device("Z:", ERROR_NOT_CONNECTED);
    expect_counts(0, 0);
    clear();
}

static void case_g(void) {
    static const char *const names[] = {"Z:", "LPT3", "Z:\\", "Z", "ZZ:", "", "nobody's name"};

    tap_group("g, neither connected nor remembered");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (DWORD flags = 0; flags <= CONNECT_UPDATE_PROFILE; flags++)
            tap_code(cancel(names[i], flags, FALSE), ERROR_NOT_CONNECTED, "\"%s\", flags %u",
                     names[i], flags);
    tap_code(cancel(place->remote, 0, FALSE), ERROR_NOT_CONNECTED, "a remote name");
    tap_code(WNetCancelConnection2A(NULL, 0, FALSE), ERROR_NOT_CONNECTED, "NULL, A");
    tap_code(WNetCancelConnection2W(NULL, 0, FALSE), ERROR_NOT_CONNECTED, "NULL, W");
    must_add("Z:", 0);
    tap_code(cancel("Z:", 0x40, FALSE), ERROR_INVALID_PARAMETER, "an unknown flag");
    expect_device("Z:", NO_ERROR);
    clear();
}

static void case_h(void) {
    tap_group("h, by remote name, connected with and without a device, and remembered");
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    must_add("Y:", 0);
    must_add(NULL, 0);
    tap_code(add_to(NULL, place->written, 0), NO_ERROR, "once more, written in another way");
    expect_counts(3, 1);
    tap_code(cancel(place->written, CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR, "cancel");
    expect_counts(deviceless ? 2 : 0, 1);
    expect_device("Z:", deviceless ? NO_ERROR : ERROR_CONNECTION_UNAVAIL);
    tap_group("h, by remote name, connected with a device only");
    must_add(deviceless ? "X:" : "Y:", 0);
    tap_code(cancel(place->remote, CONNECT_UPDATE_PROFILE, FALSE),
             deviceless ? ERROR_NOT_CONNECTED : NO_ERROR, "cancel");
    expect_counts(deviceless ? 3 : 0, 1);
    WNetCancelConnection2A("X:", 0, TRUE);
    clear();
}

static void case_i(DWORD flags) {
    HANDLE file;

    tap_group("i, a file is open, flags %u, not forced", flags);
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    file = must_open("Z:");
    tap_code(cancel("Z:", flags, FALSE), ERROR_OPEN_FILES, "cancel");
    expect_words("Z:", NULL);
    expect_device("Z:", NO_ERROR);
    expect_counts(1, 1);
    expect_usable(file);
    tap_file(MprFileClose(file), 0, "close");
    tap_code(cancel("Z:", flags, FALSE), NO_ERROR, "then cancel");
    clear();
}

static void case_i_remote(void) {
    HANDLE file;

    tap_group("i, by remote name, a file is open on one of them");
    must_add("Z:", 0);
    must_add(NULL, 0);
    file = must_open(place->remote);
    tap_code(cancel(place->remote, 0, FALSE), ERROR_OPEN_FILES, "cancel");
    expect_counts(2, 0);
    expect_usable(file);
    expect_device("Z:", NO_ERROR);
    tap_file(MprFileClose(file), 0, "close");
    if (!deviceless) {
        file = must_open("Z:");
        tap_code(cancel(place->remote, 0, FALSE), ERROR_OPEN_FILES, "all or nothing");
        expect_counts(2, 0);
        tap_file(MprFileClose(file), 0, "close");
    }
    tap_code(cancel(place->remote, 0, FALSE), NO_ERROR, "then cancel");
    expect_counts(deviceless, 0);
    clear();
}

static void case_j(DWORD flags) {
    HANDLE file, directory = NULL;
    struct mpr_stat attributes;
    char text[8];
    double begun;

    tap_group("j, a file is open, flags %u, forced", flags);
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    file = must_open("Z:");
    tap_file(MprDirOpen("Z:/", &directory), 0, "open a directory");
    begun = stage_ms();
    tap_code(cancel("Z:", flags, TRUE), NO_ERROR, "cancel");
    tap_ok(stage_ms() - begun < 10000, "within the bound");
    expect_device("Z:", flags ? ERROR_NOT_CONNECTED : ERROR_CONNECTION_UNAVAIL);
    tap_file(MprFilePread(file, text, 5, 0), -ENOTCONN, "read");
    tap_file(MprFileWrite(file, "x", 1), -ENOTCONN, "write");
    tap_file(MprFileFstat(file, &attributes), -ENOTCONN, "attributes");
    tap_file(MprFileStat("Z:/cancel.txt", &attributes), -ENOTCONN, "by path");
    tap_file(MprFileClose(file), -ENOTCONN, "close: what was written may be lost");
    tap_file(MprFileClose(file), -EBADF, "close once more");
    tap_file(MprFileClose(directory), 0, "close the directory");
    clear();
}

/* Only the memory provider can be told to fail. */
static void case_k_memory(void) {
    tap_group("k, the provider fails");
    place = &(const struct place){.remote = "\\\\memory\\stuck", .other = "\\\\memory\\other"};
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE), ERROR_EXTENDED_ERROR, "cancel");
    expect_words("\\\\memory\\stuck", NULL);
    expect_device("Z:", NO_ERROR);
    expect_counts(1, 1);
    tap_file(MprFileClose(must_open("Z:")), 0, "it is as before");
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, TRUE), NO_ERROR, "by force");
    expect_counts(0, 0);
    clear();
    place = &places[0];
}

/* A server that is gone is no reason to fail. */
static void case_k_server(const char *server) {
    double begun;

    tap_group("k, the server was killed");
    must_add("Z:", CONNECT_UPDATE_PROFILE);
    must_add("Y:", CONNECT_UPDATE_PROFILE);
    stage_ctl(server, "kill", NULL);
    begun = stage_ms();
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR, "cancel");
    tap_code(cancel("Y:", 0, TRUE), NO_ERROR, "by force");
    tap_ok(stage_ms() - begun < 20000, "within the bound");
    expect_counts(0, 1);
    stage_ctl(server, "start", NULL);
    clear();
}

static void case_l_m(const char *what, const char *profile, DWORD wanted) {
    char *after;

    tap_group("l, %s", what);
    must_add("Z:", 0);
    must_add("Y:", 0);
    if (profile)
        stage_write("config/profile.json", profile);
    else
        tap_ok(mkdir(stage_path("config/profile.json"), 0700) == 0, "a directory is in its place");
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, FALSE), wanted, "cancel");
    expect_device("Z:", NO_ERROR);
    tap_code(cancel("Z:", CONNECT_UPDATE_PROFILE, TRUE), wanted, "cancel by force");
    expect_device("Z:", NO_ERROR);
    tap_group("m, %s, but it is not asked for", what);
    tap_code(cancel("Z:", 0, FALSE), NO_ERROR, "cancel");
    tap_code(cancel(place->remote, CONNECT_UPDATE_PROFILE, FALSE),
             deviceless ? ERROR_NOT_CONNECTED : NO_ERROR, "by remote name");
    after = stage_read("config/profile.json");
    tap_text(after, profile, "it is left byte for byte");
    free(after);
    if (!profile)
        rmdir(stage_path("config/profile.json"));
    clear();
}

static void table(const char *server) {
    clear();
    case_a_b(0);
    case_a_b(CONNECT_UPDATE_PROFILE);
    case_c();
    case_d();
    case_e_f();
    case_g();
    case_h();
    case_i(0);
    case_i(CONNECT_UPDATE_PROFILE);
    case_i_remote();
    case_j(0);
    case_j(CONNECT_UPDATE_PROFILE);
    if (!server)
        case_k_memory();
    else
        case_k_server(server);
    case_l_m("the profile is malformed", "{\"version\": 1, \"dev", ERROR_BAD_PROFILE);
    case_l_m("the profile is something else", "[\"no profile\"]\n", ERROR_BAD_PROFILE);
    case_l_m("the profile cannot be opened", NULL, ERROR_CANNOT_OPEN_PROFILE);
}

int main(void) {
    static const char memory[] = "\"shares\": \"*\", \"fail\": \"disconnect@stuck=1208\"";
    const char *kind = program_invocation_short_name;

    if (strncmp(kind, "lt-", 3) == 0) /* a program that libtool has wrapped */
        kind += 3;
    place = &places[strncmp(kind, "smb", 3) == 0    ? 1
                    : strncmp(kind, "nfs", 3) == 0  ? 2
                    : strncmp(kind, "sftp", 4) == 0 ? 3
                                                    : 0];
    for (int setting = 0; setting < 2; setting++) {
        deviceless = setting;
        stage_set(memory, NULL,
                  deviceless ? "{\"cancel_remote\": \"deviceless\"}"
                             : "{\"cancel_remote\": \"all\"}");
        table(place->server);
        stage_strike();
    }
    return tap_done();
}
