/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scratch.c: a directory of the test's own.
 */
#include "config.h"

#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATHS 8

static char root[PATH_MAX / 2];

void scratch_new(void) {
    const char *above = getenv("TMPDIR");

    snprintf(root, sizeof root, "%s/mpr-test-XXXXXX", above ? above : "/tmp");
    cr_assert(mkdtemp(root), "%s: %m", root);
    cr_assert_eq(chmod(root, 0711), 0);
    umask(022);
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *where) {
    (void)facts;
    (void)where;
    return kind == FTW_DP || kind == FTW_DNR ? rmdir(path) : unlink(path);
}

void scratch_free(void) {
    if (*root)
        nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    *root = '\0';
}

const char *scratch_path(const char *name) {
    static char paths[PATHS][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % PATHS];

    cr_assert(*root);
    snprintf(path, PATH_MAX, "%s%s%s", root, *name ? "/" : "", name);
    return path;
}

static void make_above(const char *name) {
    const char *slash = strrchr(name, '/');
    char above[PATH_MAX];

    if (!slash)
        return;
    snprintf(above, sizeof above, "%.*s", (int)(slash - name), name);
    scratch_mkdir(above);
}

void scratch_mkdir(const char *name) {
    const char *path = scratch_path(name);

    if (access(path, F_OK) == 0)
        return;
    make_above(name);
    path = scratch_path(name);
    cr_assert_eq(mkdir(path, 0755), 0, "%s: %m", path);
}

void scratch_write(const char *name, const char *text) {
    FILE *file;

    make_above(name);
    file = fopen(scratch_path(name), "we");
    cr_assert(file, "%s: %m", name);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
}

char *scratch_read(const char *name) {
    FILE *file = fopen(scratch_path(name), "re");
    char *text = NULL;
    size_t room = 0;
    ssize_t length;

    if (!file)
        return NULL;
    length = getdelim(&text, &room, '\0', file);
    if (length < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

unsigned scratch_count(const char *name) {
    DIR *directory = opendir(scratch_path(name));
    unsigned count = 0;
    struct dirent *entry;

    cr_assert(directory, "%s: %m", name);
    while ((entry = readdir(directory)))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

int scratch_fork(uid_t uid, int (*function)(void *context), void *context) {
    pid_t child = fork();
    int status = -1;

    cr_assert_geq(child, 0);
    if (child == 0) {
        if (uid != geteuid()
            && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
            _exit(99);
        _exit(function(context));
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}
