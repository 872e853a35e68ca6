/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_run.c: "wnet run Z: -- command": a command with a drive, where nothing may be mounted.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <errno.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_login.h"
#include "tools/wnet/wnet_name.h"
#include "tools/wnet/wnet_namespace.h"
#include "tools/wnet/wnet_progress.h"

#define RESTORE_TIME_MS 10000
#define STEP_MS         50

static DWORD connect_to(const struct wnet_options *options, const char *name,
                        struct wnet_login *login) {
    NETRESOURCEA resource = {
        .lpRemoteName = (LPSTR)(uintptr_t)name,
        .lpProvider = (LPSTR)(uintptr_t)options->provider,
    };
    DWORD rc;

    wnet_login_answer(login);
    wnet_progress_begin("Connecting to %s", name);
    if (wnet_name_is_device(name))
        rc = WNetRestoreConnectionA(NULL, name);
    else
        rc = WNetAddConnection3A(NULL, &resource, login->password, login->user, login->flags);
    wnet_progress_end();
    return rc;
}

static bool is_there(const struct wnet_connections *connections) {
    for (size_t i = 0; i < connections->count; i++)
        if (connections->items[i].state == MPR_STATE_CONNECTED
            || connections->items[i].state == MPR_STATE_RECONNECTING)
            return true;
    return false;
}

/* The service may be restoring it at this moment. */
static DWORD wait_until_there(const char *name) {
    for (int waited = 0; waited < RESTORE_TIME_MS; waited += STEP_MS) {
        struct wnet_connections connections = {0};
        DWORD rc = wnet_connections_read(name, &connections);
        bool there = is_there(&connections);

        wnet_connections_clear(&connections);
        if (rc != NO_ERROR || there)
            return rc;
        poll(NULL, 0, STEP_MS);
    }
    return ERROR_ALREADY_ASSIGNED;
}

/* Connects it, unless it is; the directory that it has, to be freed, is "" if it has none. */
static DWORD prepare(const struct wnet_options *options, const char *name, struct wnet_login *login,
                     char **ret_directory) {
    struct wnet_connections connections = {0};
    DWORD rc = wnet_connections_read(name, &connections);

    if ((rc == NO_ERROR && !is_there(&connections))
        || (rc == ERROR_NOT_CONNECTED && !wnet_name_is_device(name))) {
        wnet_connections_clear(&connections);
        rc = connect_to(options, name, login);
        if (rc == ERROR_ALREADY_ASSIGNED)
            rc = wait_until_there(name);
        if (rc == NO_ERROR)
            rc = wnet_connections_read(name, &connections);
    }
    if (rc == NO_ERROR)
        *ret_directory = wnet_copy(connections.count ? connections.items[0].directory : "");
    wnet_connections_clear(&connections);
    return rc;
}

static char *make_directory(void) {
    const char *base = secure_getenv("XDG_RUNTIME_DIR");
    struct stat facts;
    bool ours = base && *base == '/' && stat(base, &facts) == 0 && facts.st_uid == geteuid();
    char *path = wnet_format("%s/wnet-XXXXXX", ours ? base : "/tmp");

    if (mkdtemp(path))
        return path;
    free(path);
    return NULL;
}

/* Where there is no namespace to be had, what is mounted for everybody does, too. */
static bool is_mounted(const char *directory) {
    struct statfs facts;

    return statfs(directory, &facts) == 0 && facts.f_type == FUSE_SUPER_MAGIC;
}

/* Does not return, unless the program cannot be run. */
static int become(const char *directory, char **program) {
    MprShutdown();
    setenv("MPR_DRIVE_DIR", directory, 1);
    execvp(program[0], program);
    fprintf(stderr, "%s: %s\n", program[0], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

static int run_in(const struct wnet_options *options, const char *directory) {
    struct wnet_namespace space = {.name = options->words[0],
                                   .directory = directory,
                                   .program = options->program,
                                   .options = options};
    char problem[1024];
    int status = WNET_FAILED;
    DWORD rc = wnet_namespace_run(&space, &status, problem, sizeof problem);

    if (rc == NO_ERROR)
        return status;
    if (rc == ERROR_NOT_SUPPORTED && *problem && is_mounted(directory))
        return become(directory, options->program);
    return *problem ? wnet_error_explained(rc, "%s", problem) : wnet_error_system(rc);
}

static int run(const struct wnet_options *options, const char *directory) {
    struct stat facts;
    char *fresh;
    int status;

    if (*directory && stat(directory, &facts) == 0)
        return run_in(options, directory);
    fresh = make_directory();
    if (!fresh)
        return wnet_error_say("There is no directory for the drive: %s.", strerror(errno));
    status = run_in(options, fresh);
    rmdir(fresh);
    free(fresh);
    return status;
}

int wnet_run(const struct wnet_options *options) {
    struct wnet_login login;
    char *directory = NULL;
    const char *name;
    DWORD rc;
    int status;

    if (options->count != 1 || !options->program)
        return wnet_error_syntax("wnet run takes a device or remote name, and a command.");
    name = options->words[0];
    status = wnet_login_read(options, name, false, &login);
    if (status != WNET_DONE)
        return status;
    rc = prepare(options, name, &login, &directory);
    wnet_login_clear(&login);
    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    status = run(options, directory);
    free(directory);
    return status;
}
