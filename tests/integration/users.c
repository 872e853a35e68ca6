/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * users: what a fresh, ordinary user may and may not, on SMB and NFS servers.
 * Begins as root, who prepares the servers, and goes on as somebody else.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define ANNA_UID 3001

static const struct identity anna = {"anna", "secret-words"};

/* Makes a file or directory ("/" at its end) on a server, of that mode and owner. */
static void prepare(const char *name, mode_t mode, uid_t owner) {
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", stage_env("MPR_LAB_NFS_DIR"), name);
    if (name[strlen(name) - 1] == '/') {
        mkdir(path, 0700);
    } else {
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        tap_ok(fd >= 0 && write(fd, "content", 7) == 7, "%s is made", name);
        close(fd);
    }
    tap_ok(chmod(path, mode) == 0 && chown(path, owner, owner) == 0, "%s is prepared", name);
}

static int open_path(const char *path, int flags) {
    HANDLE file = NULL;
    int rc = MprFileOpen(path, flags, 0600, &file);

    if (rc == 0)
        rc = MprFileClose(file);
    return rc;
}

static void root_on_nfs(void) {
    struct mpr_stat attributes = {0};

    tap_group("root on an export for reserved ports");
    tap_code(call_add("Z:", "nfshost:/reserved", NULL, 0), NO_ERROR, "connect");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    tap_group("root, whom the export does not trust");
    prepare("squash/private", 0600, 0);
    tap_code(call_add("Z:", "nfshost:/squash", NULL, 0), NO_ERROR, "connect");
    tap_file(open_path("Z:/private", O_RDONLY), -EACCES, "a file of root alone");
    tap_file(open_path("Z:/new", O_WRONLY | O_CREAT), 0, "a new file");
    tap_file(MprFileStat("Z:/new", &attributes), 0, "it is there");
    tap_ok(attributes.uid != 0, "and not root's (%u)", attributes.uid);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void user_on_nfs(void) {
    struct mpr_stat attributes = {0};
    HANDLE directory = NULL;

    tap_group("a user on an export for reserved ports");
    expect_refusal("nfshost:/reserved", NULL, ERROR_ACCESS_DENIED, "nfshost:/reserved", "uid 3001",
                   3000);
    tap_group("a user on NFS");
    tap_code(call_add("Z:", "nfshost:/rw", NULL, 0), NO_ERROR, "connect");
    tap_file(open_path("Z:/private", O_RDONLY), -EACCES, "a file of root alone");
    tap_file(open_path("Z:/public", O_RDONLY), 0, "a file for all, to read");
    tap_file(open_path("Z:/public", O_RDWR), -EACCES, "to write");
    tap_file(open_path("Z:/closed/new", O_WRONLY | O_CREAT), -EACCES,
             "a new file where one may not");
    tap_file(MprFileMkdir("Z:/closed/new", 0755), -EACCES, "a new directory");
    tap_file(MprDirOpen("Z:/secret", &directory), -EACCES, "a directory of root alone");
    tap_file(open_path("Z:/own/new", O_WRONLY | O_CREAT), 0, "a new file in the own directory");
    tap_file(MprFileStat("Z:/own/new", &attributes), 0, "it is there");
    tap_ok(attributes.uid == ANNA_UID && (attributes.mode & 0777) == 0600,
           "and the user's (%u, %o)", attributes.uid, attributes.mode & 0777);
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
}

static void user_on_smb(void) {
    tap_group("a user on SMB");
    tap_code(call_add("Z:", "\\\\smbhost\\pub", &anna, 0), NO_ERROR, "connect");
    tap_file(open_path("Z:/new", O_WRONLY | O_CREAT), 0, "a new file");
    tap_file(MprFileUnlink("Z:/new"), 0, "remove it");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "cancel");
    tap_group("a user without a name or a password on SMB");
    expect_refusal("\\\\smbhost\\pub", NULL, ERROR_LOGON_FAILURE, "\\\\smbhost\\pub", NULL, 3000);
}

/* The profile of a user who has none yet. */
static void fresh_profile(void) {
    struct stat attributes;

    tap_group("the first thing that is remembered");
    tap_ok(rmdir(stage_path("config")) == 0, "there is no directory");
    tap_code(call_add("Z:", "nfshost:/rw", NULL, 0), NO_ERROR, "connect, without remembering it");
    tap_code(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR, "cancel");
    tap_ok(access(stage_path("config"), F_OK) < 0, "none was made");
    tap_code(call_add("Z:", "nfshost:/rw", NULL, CONNECT_UPDATE_PROFILE), NO_ERROR, "connect");
    tap_ok(stat(stage_path("config"), &attributes) == 0 && (attributes.st_mode & 0777) == 0700,
           "the directory is the user's alone");
    tap_ok(stat(stage_path("config/profile.json"), &attributes) == 0
               && (attributes.st_mode & 0777) == 0600,
           "and so is the profile");
}

static void closed_profile(void) {
    char *before, *after;

    tap_group("a profile that may be read but not written");
    before = stage_read("config/profile.json");
    tap_ok(chmod(stage_path("config"), 0500) == 0, "so it is");
    tap_code(call_add("Y:", "nfshost:/rw", NULL, CONNECT_UPDATE_PROFILE), ERROR_CANNOT_OPEN_PROFILE,
             "connect and remember");
    tap_ok(call_count(RESOURCE_CONNECTED) == 1, "nothing more is connected");
    tap_code(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE), ERROR_CANNOT_OPEN_PROFILE,
             "cancel and forget");
    expect_words("config", NULL);
    tap_ok(call_count(RESOURCE_CONNECTED) == 1, "it is still connected");
    tap_group("a profile that may not even be read");
    tap_ok(chmod(stage_path("config"), 0700) == 0
               && chmod(stage_path("config/profile.json"), 0) == 0,
           "so it is");
    tap_code(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, TRUE), ERROR_CANNOT_OPEN_PROFILE,
             "cancel and forget");
    tap_ok(call_count(RESOURCE_CONNECTED) == 1, "it is still connected");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "only cancel");
    chmod(stage_path("config/profile.json"), 0600);
    after = stage_read("config/profile.json");
    tap_text(after, before, "the profile is as before");
    tap_code(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR,
             "forget, now that one may");
    free(before);
    free(after);
}

static int find_refused(void *context, const struct mpr_provider_info *info) {
    if (strstr(info->drop_in, "90-memory.json") && info->state == MPR_PROVIDER_FAILED)
        snprintf(context, 512, "%s", info->error);
    return 0;
}

/* A drop-in that others may write is not believed. */
static void open_drop_in(void) {
    char error[512] = "";

    tap_group("a drop-in that others may write");
    MprShutdown();
    tap_ok(chmod(stage_path("providers.d/90-memory.json"), 0666) == 0, "so it is");
    tap_code(MprInitialize(stage_path("")), NO_ERROR, "start again");
    tap_code(MprListProviders(find_refused, error), NO_ERROR, "the providers");
    tap_ok(error[0] != '\0', "it is refused: %s", error);
    tap_code(call_add("Z:", "memory://demo", NULL, 0), ERROR_BAD_NET_NAME, "and not used");
    tap_code(call_add("Z:", "nfshost:/rw", NULL, 0), NO_ERROR, "others are");
}

int main(void) {
    if (geteuid() != 0) {
        printf("1..0 # SKIP not root\n");
        return 77;
    }
    stage_set(NULL, NULL, NULL);
    root_on_nfs();
    prepare("rw/private", 0600, 0);
    prepare("rw/public", 0644, 0);
    prepare("rw/closed/", 0755, 0);
    prepare("rw/secret/", 0700, 0);
    prepare("rw/own/", 0700, ANNA_UID);
    stage_strike();
    if (setgroups(0, NULL) < 0 || setresgid(ANNA_UID, ANNA_UID, ANNA_UID) < 0
        || setresuid(ANNA_UID, ANNA_UID, ANNA_UID) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0) {
        printf("Bail out! cannot become another user\n");
        return 99;
    }
    stage_set(NULL, NULL, NULL);
    fresh_profile();
    closed_profile();
    user_on_nfs();
    user_on_smb();
    open_drop_in();
    stage_strike();
    return tap_done();
}
