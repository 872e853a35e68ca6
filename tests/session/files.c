/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_files, nfs_drive_files, sftp_drive_files: random operations of programs on a drive, against
 * a model, and at the end against what the server has.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"
#include "tests/session/model.h"

static const struct server {
    const char *name;      /* what the program's name holds */
    const char *remote;    /* variable with the begin of remote names */
    const char *directory; /* variable with the directory of the server's directories */
    const char *share;
    bool anna, links;
} servers[] = {
    {"smb", "MPR_LAB_SMB", "MPR_LAB_SMB_DIR", "pub", true, false},
    {"nfs", "MPR_LAB_NFS", "MPR_LAB_NFS_DIR", "rw", false, true},
    {"sftp", "MPR_LAB_SSH", "MPR_LAB_SSH_DIR", "rw", false, true},
};

static const struct server *find_server(const char *program) {
    const char *name = strrchr(program, '/');

    for (size_t i = 1; i < sizeof servers / sizeof *servers; i++)
        if (strstr(name ? name : program, servers[i].name))
            return &servers[i];
    return &servers[0];
}

static void run(const struct server *server, const char *drive, unsigned count, uint32_t seed) {
    const struct model_rules rules = {.mapped = true, .links = server->links};
    char mine[8300], theirs[8300];
    const char *words;

    snprintf(mine, sizeof mine, "%s/run%u", drive, seed);
    snprintf(theirs, sizeof theirs, "%s/%s/run%u", stage_env(server->directory), server->share,
             seed);
    if (!tap_ok(mkdir(mine, 0777) == 0, "a directory"))
        return;
    words = model_run(mine, theirs, &rules, count, seed);
    tap_ok(!words, "%u operations, seed %u: %s", count, seed, words ? words : "as the model says");
}

#define CROWD 100000u

/* A directory that is made at the server, as programs see it on the drive. */
static void list_crowd(const struct server *server, const char *drive) {
    char theirs[4096], mine[4200];
    struct dirent *entry;
    unsigned made = 0, found = 0, sized = 0;
    struct stat facts;
    DIR *stream;
    int fd;

    snprintf(theirs, sizeof theirs, "%s/%s/crowd", stage_env(server->directory), server->share);
    snprintf(mine, sizeof mine, "%s/crowd", drive);
    mkdir(theirs, 0777);
    fd = open(theirs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (char name[32]; fd >= 0 && made < CROWD; made++) {
        int file;

        snprintf(name, sizeof name, "one of many %06u", made);
        file = openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (file < 0 || write(file, name, made % 8) != (ssize_t)(made % 8) || close(file))
            break;
    }
    tap_ok(made == CROWD, "%u files are made at the server", made);
    stream = opendir(mine);
    while (stream && (entry = readdir(stream))) {
        unsigned number;

        if (sscanf(entry->d_name, "one of many %6u", &number) != 1)
            continue;
        found++;
        sized += fstatat(dirfd(stream), entry->d_name, &facts, 0) == 0
                 && facts.st_size == (off_t)(number % 8);
    }
    if (stream)
        closedir(stream);
    tap_ok(found == CROWD && sized == CROWD, "the drive lists %u of them, %u with their sizes",
           found, sized);
    for (char name[32]; fd >= 0 && made-- > 0;) {
        snprintf(name, sizeof name, "one of many %06u", made);
        unlinkat(fd, name, 0);
    }
    close(fd);
    rmdir(theirs);
}

int main(int argc, char **argv) {
    static const struct identity anna = {"anna", "secret-words"};
    const struct server *server = find_server(argv[0]);
    bool is_long = secure_getenv("MPR_TEST_LONG") != NULL;
    char remote[128], drive[4096];

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    snprintf(remote, sizeof remote, "%s/%s", stage_env(server->remote), server->share);
    tap_code(call_add("Z:", remote, server->anna ? &anna : NULL, 0), NO_ERROR, "connect");
    snprintf(drive, sizeof drive, "%s", drive_directory("Z:"));
    tap_ok(*drive != '\0', "it is mounted");
    for (uint32_t seed = 1; seed <= (is_long ? 20 : 2); seed++)
        run(server, drive, is_long ? 5000 : 1000, seed);
    if (is_long)
        list_crowd(server, drive);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    stage_strike();
    return tap_done();
}
