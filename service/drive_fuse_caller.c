/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_caller.c: what the one who asks is about to do.
 *
 * Before the kernel renames a file it looks the new name up. If that leads to the same file,
 * as "NAME" does for "name" on many servers, it takes the renaming for done. It does
 * not say what it looks a name up for; what the thread is waiting in does.
 */
#include "config.h"

#include "service/drive_fuse.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "service/drive_fold.h"

/* Where in the thread's memory is the name of the file that it renames? 0: it does not. */
static uint64_t find_renamed(pid_t thread) {
    char path[64], line[256] = "";
    uint64_t first = 0, second = 0;
    FILE *file;
    long call;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)thread);
    file = thread > 0 ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    if (sscanf(line, "%ld %" SCNx64 " %" SCNx64, &call, &first, &second) != 3)
        return 0;
#ifdef SYS_rename
    if (call == SYS_rename)
        return first;
#endif
#ifdef SYS_renameat
    if (call == SYS_renameat)
        return second;
#endif
    return call == SYS_renameat2 ? second : 0;
}

/* Does this thread give a file a name that differs from the one before in its spelling alone? */
static bool respells(pid_t thread, const char *name) {
    uint64_t where = find_renamed(thread);
    char path[64], old[PATH_MAX];
    const char *last;
    ssize_t length;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)thread);
    fd = where ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    length = pread(fd, old, sizeof old - 1, (off_t)where);
    close(fd);
    old[length < 0 ? 0 : length] = '\0';
    length = (ssize_t)strlen(old);
    while (length > 1 && old[length - 1] == '/')
        old[--length] = '\0';
    last = strrchr(old, '/');
    last = last ? last + 1 : old;
    return strcmp(last, name) != 0 && drive_fold_same(last, name);
}

int drive_request_look_up(const struct drive_request *request, uint64_t parent, const char *name,
                          struct drive_entry *ret) {
    int rc = drive_lookup(request->drive, parent, name, ret);

    if (rc == 0 && ret->number && ret->any_case && respells(request->thread, name)) {
        drive_forget(request->drive, ret->number, 1);
        *ret = (struct drive_entry){0};
    }
    return rc;
}
