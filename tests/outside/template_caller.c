/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template_caller.c: a program outside the tree that uses the template provider:
 * connects, reads, writes, lists, is refused in words, and cancels.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

static int failures;

static void check(bool holds, const char *what) {
    if (holds)
        return;
    failures++;
    printf("not so: %s\n", what);
}
#define CHECK(holds) check(holds, #holds)

static DWORD add(const char *device, const char *remote, const char *user) {
    NETRESOURCEA r = {.lpLocalName = (char *)device, .lpRemoteName = (char *)remote};

    return WNetAddConnection2A(&r, NULL, user, 0);
}

static void check_files(void) {
    struct mpr_stat is;
    char data[16] = "";
    HANDLE file, dir;
    const char *name;
    int seen = 0;

    CHECK(MprFileOpen("T:\\hello", O_RDONLY, 0, &file) == 0);
    CHECK(MprFileRead(file, data, sizeof data) == 6 && memcmp(data, "hello\n", 6) == 0);
    CHECK(WNetCancelConnection2A("T:", 0, FALSE) == ERROR_OPEN_FILES);
    CHECK(MprFileClose(file) == 0);
    CHECK(MprFileOpen("T:\\new", O_RDWR | O_CREAT | O_EXCL, 0600, &file) == 0);
    CHECK(MprFilePwrite(file, "written", 7, 0) == 7 && MprFilePread(file, data, 16, 0) == 7);
    CHECK(MprFileClose(file) == 0 && memcmp(data, "written", 7) == 0);
    CHECK(MprFileStat("T:\\new", &is) == 0 && is.size == 7 && is.mode == 0100600);
    CHECK(MprFileStat("T:\\missing", &is) == -ENOENT);
    CHECK(MprFileOpen("T:\\old", O_RDONLY, 0, &file) == -EISDIR);
    CHECK(MprFileOpen("T:\\", O_RDONLY, 0, &file) == -EISDIR);
    CHECK(MprDirOpen("T:\\", &dir) == 0);
    while (MprDirRead(dir, &name, &is) == 1)
        seen |= strcmp(name, "hello") == 0 ? 1
                : strcmp(name, "new") == 0 ? 2
                : strcmp(name, "old") == 0 ? 4
                                           : 8;
    CHECK(seen == 7);
    CHECK(MprFileClose(dir) == 0);
}

/* A failure has the code, the provider's own code, and words with the name in them. */
static void check_refused(const char *remote, const char *user, DWORD expected, DWORD native) {
    char text[512] = "", provider[128] = "";
    DWORD code = 0;

    CHECK(add(NULL, remote, user) == expected);
    CHECK(WNetGetLastErrorA(&code, text, sizeof text, provider, sizeof provider) == NO_ERROR);
    CHECK(code == native && strcmp(provider, "Template Network") == 0 && strstr(text, remote));
    if (failures)
        printf("%s as %s: %u, \"%s\"\n", remote, user ? user : "the default user", code, text);
}

int main(int argc, char **argv) {
    HANDLE file;

    CHECK(argc == 2 && MprInitialize(argv[1]) == NO_ERROR);
    CHECK(add("T:", "template://docs", NULL) == NO_ERROR);
    check_files();
    check_refused("template://nowhere", NULL, ERROR_BAD_NET_NAME, ENOENT);
    check_refused("template://docs/hello", NULL, ERROR_BAD_NET_NAME, ENOTDIR);
    check_refused("template://docs", "anna", ERROR_BAD_USERNAME, EUSERS);
    CHECK(MprFileOpen("T:\\hello", O_RDONLY, 0, &file) == 0);
    CHECK(WNetCancelConnection2A("template://docs/", 0, TRUE) == NO_ERROR);
    CHECK(MprFileClose(file) == 0);
    CHECK(WNetCancelConnection2A("T:", 0, FALSE) == ERROR_NOT_CONNECTED);
    CHECK(MprShutdown() == NO_ERROR);
    return failures != 0;
}
