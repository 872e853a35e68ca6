/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_paths.c: the directories, from the environment and the way it was built.
 *
 * A variable that must be absolute and is not counts as unset, as the XDG base
 * directory specification demands. Without HOME the home is that of the user
 * database; a user without one has /nonexistent, where nothing is found.
 *
 * A program that has rights which its user has not ignores the variables and has
 * no home: what lies there is the user's, and a drop-in of his would be code of
 * his that runs with the program's rights.
 */
#include "config.h"

#include "router/mpr_paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"

#define NO_HOME         "/nonexistent"
#define NO_PLACE        "/proc/nonexistent" /* where root can make nothing either */
#define FIRST_USER_SIZE 1024u
#define MOST_USER_SIZE  0x100000u

static const char *get_absolute(const char *variable) {
    const char *value = secure_getenv(variable);

    return value && *value == '/' ? value : NULL;
}

char *mpr_paths_join(const char *directory, const char *name) {
    size_t length = strlen(directory), size;
    char *path;

    while (length && directory[length - 1] == '/')
        length--;
    size = length + 1 + strlen(name) + 1;
    path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s/%s", (int)length, directory, name);
    return path;
}

static DWORD join(const char *directory, const char *name, char **ret_path) {
    char *path = mpr_paths_join(directory, name);

    if (!path)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret_path = path;
    return NO_ERROR;
}

static DWORD copy(const char *path, char **ret_path) {
    char *same = strdup(path);

    if (!same)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret_path = same;
    return NO_ERROR;
}

/* The home in the user database, for programs that were started without HOME. */
static DWORD find_home(char **ret_home) {
    for (size_t size = FIRST_USER_SIZE; size <= MOST_USER_SIZE; size *= 2) {
        MPR_AUTOFREE char *buffer = malloc(size);
        struct passwd facts, *user = NULL;
        int error;

        if (!buffer)
            return ERROR_NOT_ENOUGH_MEMORY;
        error = getpwuid_r(geteuid(), &facts, buffer, size, &user);
        if (error == ERANGE)
            continue;
        if (error == ENOMEM)
            return ERROR_NOT_ENOUGH_MEMORY;
        return copy(user && user->pw_dir && *user->pw_dir == '/' ? user->pw_dir : NO_HOME,
                    ret_home);
    }
    return copy(NO_HOME, ret_home);
}

/* The product's directory below an XDG base directory, which has a default below the home. */
static DWORD find_base(const char *variable, const char *below_home, char **ret_path) {
    MPR_AUTOFREE char *home = NULL;
    const char *base = get_absolute(variable);
    DWORD rc;

    if (base)
        return join(base, "mpr", ret_path);
    base = get_absolute("HOME");
    if (base)
        return join(base, below_home, ret_path);
    rc = find_home(&home);
    return rc == NO_ERROR ? join(home, below_home, ret_path) : rc;
}

static bool is_ours(const char *directory) {
    struct stat facts;

    return stat(directory, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
}

/* A program that was started with the variables of another user, by su, would take that user's
 * directory and lock him out of it. Of the temporary directory only the name is computed: who makes it there checks its owner. */
static DWORD find_runtime(char **ret_path) {
    const char *base = get_absolute("XDG_RUNTIME_DIR");
    char name[64];

    if (base && is_ours(base))
        return join(base, "mpr", ret_path);
    snprintf(name, sizeof name, "/run/user/%u", (unsigned)geteuid());
    if (is_ours(name))
        return join(name, "mpr", ret_path);
    base = get_absolute("TMPDIR");
    snprintf(name, sizeof name, "mpr-%u", (unsigned)geteuid());
    return join(base ? base : "/tmp", name, ret_path);
}

/* The absolute directories of MPR_PROVIDER_PATH to list, which has room; others are no directories. */
static DWORD split_provider_path(const char *path, char **list, size_t *count) {
    for (const char *at = path; at && *at; at += *at == ':') {
        size_t length = strcspn(at, ":");

        if (*at == '/') {
            list[*count] = strndup(at, length);
            if (!list[*count])
                return ERROR_NOT_ENOUGH_MEMORY;
            ++*count;
        }
        at += length;
    }
    return NO_ERROR;
}

static size_t count_parts(const char *path) {
    size_t count = 1;

    for (; path && *path; path++)
        count += *path == ':';
    return count;
}

static DWORD list_drop_ins(const char *root, struct mpr_paths *paths) {
    const char *path = secure_getenv("MPR_PROVIDER_PATH");
    size_t count = 0;
    DWORD rc;

    paths->drop_ins = calloc(count_parts(path) + 4, sizeof *paths->drop_ins);
    if (!paths->drop_ins)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = split_provider_path(path, paths->drop_ins, &count);
    if (rc != NO_ERROR)
        return rc;
    if (root)
        return join(root, "providers.d", &paths->drop_ins[count]);
    rc = join(paths->user_config, "providers.d", &paths->drop_ins[count++]);
    if (rc == NO_ERROR)
        rc = join(MPR_SYSCONFDIR, "providers.d", &paths->drop_ins[count++]);
    if (rc == NO_ERROR)
        rc = copy(MPR_PROVIDERCONFDIR, &paths->drop_ins[count]);
    return rc;
}

static DWORD place_below_root(const char *root, struct mpr_paths *paths) {
    DWORD rc = join(root, "config", &paths->user_config);

    if (rc == NO_ERROR)
        rc = join(root, "etc", &paths->system_config);
    if (rc == NO_ERROR)
        rc = join(root, "state", &paths->state);
    if (rc == NO_ERROR)
        rc = join(root, "run", &paths->runtime);
    return rc;
}

static DWORD place_nowhere(struct mpr_paths *paths) {
    DWORD rc = join(NO_PLACE, ".config/mpr", &paths->user_config);

    if (rc == NO_ERROR)
        rc = copy(MPR_SYSCONFDIR, &paths->system_config);
    if (rc == NO_ERROR)
        rc = join(NO_PLACE, ".local/state/mpr", &paths->state);
    if (rc == NO_ERROR)
        rc = join(NO_PLACE, "run/mpr", &paths->runtime);
    return rc;
}

static DWORD place_by_default(struct mpr_paths *paths) {
    DWORD rc = find_base("XDG_CONFIG_HOME", ".config/mpr", &paths->user_config);

    if (rc == NO_ERROR)
        rc = copy(MPR_SYSCONFDIR, &paths->system_config);
    if (rc == NO_ERROR)
        rc = find_base("XDG_STATE_HOME", ".local/state/mpr", &paths->state);
    if (rc == NO_ERROR)
        rc = find_runtime(&paths->runtime);
    return rc;
}

static DWORD place(const char *root, struct mpr_paths *paths) {
    if (root)
        return place_below_root(root, paths);
    return getauxval(AT_SECURE) ? place_nowhere(paths) : place_by_default(paths);
}

/* Code is never below the root. */
static DWORD place_program(const char *variable, const char *name, char **ret_path) {
    const char *program = get_absolute(variable);

    return program ? copy(program, ret_path) : join(MPR_LIBEXECDIR, name, ret_path);
}

static DWORD place_code(struct mpr_paths *paths) {
    DWORD rc = copy(MPR_PROVIDERDIR, &paths->modules);

    if (rc == NO_ERROR)
        rc = place_program("MPR_WORKER_PROGRAM", "mpr-worker", &paths->worker);
    if (rc == NO_ERROR)
        rc = place_program("MPR_DRIVE_PROGRAM", "mpr-drive", &paths->drive);
    if (rc == NO_ERROR)
        rc = place_program("MPR_PASSWORD_PROGRAM", "mpr-password", &paths->password);
    return rc;
}

DWORD mpr_paths_new(const char *root, struct mpr_paths **ret_paths) {
    struct mpr_paths *paths;
    DWORD rc;

    if (!root) {
        root = secure_getenv("MPR_ROOT");
        if (root && !*root)
            root = NULL;
    }
    if (root && *root != '/')
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The root directory \"%s\" is not absolute. Give it (MPR_ROOT, or "
                             "the argument of MprInitialize) as a path that starts with '/'.",
                             root);
    paths = calloc(1, sizeof *paths);
    if (!paths)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = place(root, paths);
    if (rc == NO_ERROR && root)
        rc = copy(root, &paths->root);
    if (rc == NO_ERROR)
        rc = list_drop_ins(root, paths);
    if (rc == NO_ERROR)
        rc = place_code(paths);
    if (rc != NO_ERROR) {
        mpr_paths_free(paths);
        return rc;
    }
    *ret_paths = paths;
    return NO_ERROR;
}

void mpr_paths_free(struct mpr_paths *paths) {
    if (!paths)
        return;
    for (char **at = paths->drop_ins; at && *at; at++)
        free(*at);
    free(paths->drop_ins);
    free(paths->user_config);
    free(paths->system_config);
    free(paths->state);
    free(paths->runtime);
    free(paths->modules);
    free(paths->worker);
    free(paths->drive);
    free(paths->password);
    free(paths->root);
    free(paths);
}
