/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_settings.c: a file "wnet" in the state directory, "persistent=no" in it.
 */
#include "config.h"

#include "tools/wnet/wnet_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/wnet/wnet_alloc.h"

#define SAYS_NO "persistent=no"

static const char *get_absolute(const char *variable) {
    const char *value = secure_getenv(variable);

    return value && *value == '/' ? value : NULL;
}

/* The router's state directory, to be freed. */
static char *find_directory(void) {
    const struct passwd *user;

    if (get_absolute("MPR_ROOT"))
        return wnet_format("%s/state", get_absolute("MPR_ROOT"));
    if (get_absolute("XDG_STATE_HOME"))
        return wnet_format("%s/mpr", get_absolute("XDG_STATE_HOME"));
    if (get_absolute("HOME"))
        return wnet_format("%s/.local/state/mpr", get_absolute("HOME"));
    user = getpwuid(geteuid());
    return wnet_format("%s/.local/state/mpr", user ? user->pw_dir : "/nonexistent");
}

bool wnet_settings_persistent(void) {
    char *directory = find_directory(), *path = wnet_format("%s/wnet", directory);
    FILE *file = fopen(path, "re");
    char line[64] = "";

    if (file) {
        if (!fgets(line, sizeof line, file))
            *line = '\0';
        fclose(file);
    }
    free(directory);
    free(path);
    return strncmp(line, SAYS_NO, strlen(SAYS_NO)) != 0;
}

static void make_directories(char *path) {
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    mkdir(path, 0700);
}

/* Under another name first, so that there is always the old file or the new one. */
static int replace(const char *path, const char *text) {
    char *draft = wnet_format("%s.XXXXXX", path);
    int fd = mkostemp(draft, O_CLOEXEC), error = 0;

    if (fd < 0) {
        error = errno;
    } else {
        if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
            error = errno ? errno : ENOSPC;
        if (close(fd) && !error)
            error = errno;
        if (!error && rename(draft, path))
            error = errno;
        if (error)
            unlink(draft);
    }
    free(draft);
    return -error;
}

int wnet_settings_set_persistent(bool persistent) {
    char *directory = find_directory(), *path = wnet_format("%s/wnet", directory);
    int result;

    make_directories(directory);
    result = replace(path, persistent ? "persistent=yes\n" : SAYS_NO "\n");
    free(directory);
    free(path);
    return result;
}
