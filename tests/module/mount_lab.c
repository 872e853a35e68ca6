/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_lab.c: drives as the service has them, and who uses them.
 */
#include "config.h"

#include "tests/module/mount_lab.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "router/mpr_conntab.h"
#include "router/mpr_drive_watch.h"
#include "router/mpr_mount.h"
#include "router/mpr_providers.h"
#include "router/mpr_time.h"
#include "tests/module/worker_lab.h"
#include "tests/module/world.h"

#define MOST_HOLDERS 64
#define START_MS     10000
#define FACTS_MS     10000

static pid_t holders[MOST_HOLDERS];

/* A drive that is ended by force frees nothing, and nobody needs to hear of that. */
static void let_drives_leak(void) {
    const char *before = secure_getenv("ASAN_OPTIONS");
    char options[4096];

    snprintf(options, sizeof options, "%s%sdetect_leaks=0", before ? before : "",
             before ? ":" : "");
    setenv("ASAN_OPTIONS", options, 1);
}

void mount_lab_make(const char *memory_options) {
    let_drives_leak();
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
        || access("/dev/fuse", R_OK | W_OK))
        cr_skip_test("mounting is not allowed here");
    world_make();
    world_memory(memory_options);
    mpr_providers_run_in_drives(true);
}

const char *mounted(const char *device, const char *name) {
    static char paths[4][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, PATH_MAX, "%s/%s%s%s", world_path("run/drives"), device, *name ? "/" : "", name);
    return path;
}

bool is_mounted(const char *device) {
    struct mpr_mount found;

    return mpr_mount_find(mounted(device, ""), &found);
}

static struct mpr_conn *find(const char *device) {
    return mpr_conntab_find_device(device[0] - 'A');
}

pid_t drive_process(const char *device) {
    struct mpr_conn *conn = find(device);
    struct mpr_drive *drive = conn ? mpr_drive_find(conn) : NULL;
    int fd = drive ? mpr_worker_drive_process(drive->session) : -1;
    pid_t pid = fd < 0 ? 0 : lab_pid_of(fd);

    if (fd >= 0)
        close(fd);
    if (drive)
        mpr_drive_unref(drive);
    if (conn)
        mpr_conntab_unref(conn);
    return pid;
}

struct mpr_drive_facts drive_facts(const char *device) {
    static char directory[PATH_MAX], reason[1024];
    struct mpr_conn *conn = find(device);
    struct mpr_drive_facts facts;

    cr_assert(conn
              && mpr_drive_get_facts(conn, mpr_now_ns(), mpr_deadline_in_ms(FACTS_MS), &facts));
    mpr_conntab_unref(conn);
    snprintf(directory, sizeof directory, "%s", facts.directory);
    snprintf(reason, sizeof reason, "%s", facts.reason);
    mpr_drive_facts_clear(&facts);
    facts.directory = directory;
    facts.reason = reason;
    return facts;
}

int put_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    int rc = 0;

    if (!file)
        return errno;
    if (fputs(text, file) < 0)
        rc = errno;
    if (fclose(file))
        rc = errno;
    return rc;
}

/* ---- processes; they have none of this one's descriptors */

static void remember(pid_t pid) {
    size_t i = 0;

    while (i < MOST_HOLDERS && holders[i])
        i++;
    cr_assert_lt(i, MOST_HOLDERS);
    holders[i] = pid;
}

static bool is_called(pid_t pid, const char *name) {
    char path[64], text[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    file = fopen(path, "re");
    if (file && !fgets(text, sizeof text, file))
        text[0] = '\0';
    if (file)
        fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, name) == 0;
}

/* Until it has become the program that sleeps. */
static pid_t start(const char *program, char *const *arguments, const char *name) {
    int64_t end_ms = world_ms() + START_MS;
    pid_t pid;

    cr_assert_eq(posix_spawn(&pid, program, NULL, NULL, arguments, environ), 0, "%s", program);
    remember(pid);
    while (!is_called(pid, name) && world_ms() < end_ms)
        world_sleep(2);
    cr_assert(is_called(pid, name), "%s", program);
    return pid;
}

static pid_t run_shell(const char *script, const char *path) {
    char shell[] = "sh", option[] = "-c", dash[] = "sh";
    char *script_copy = strdup(script), *path_copy = strdup(path);
    char *arguments[] = {shell, option, script_copy, dash, path_copy, NULL};
    pid_t pid = start("/bin/sh", arguments, "sleep");

    free(script_copy);
    free(path_copy);
    return pid;
}

pid_t hold_file(const char *path) {
    return run_shell("exec sleep 1000 <\"$1\"", path);
}

pid_t hold_directory(const char *path) {
    return run_shell("cd \"$1\" && exec sleep 1000", path);
}

pid_t hold_program(const char *device) {
    const char *path = mounted(device, "snooze");
    char name[] = "snooze", duration[] = "1000";
    char *arguments[] = {name, duration, NULL};
    int in = open("/bin/sleep", O_RDONLY | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    struct stat facts;

    cr_assert(in >= 0 && out >= 0 && fstat(in, &facts) == 0);
    for (off_t at = 0; at < facts.st_size;)
        cr_assert_gt(sendfile(out, in, &at, (size_t)(facts.st_size - at)), 0);
    fchmod(out, 0755);
    cr_assert_eq(close(out), 0);
    close(in);
    return start(path, arguments, "snooze");
}

void let_go(pid_t pid) {
    for (size_t i = 0; i < MOST_HOLDERS; i++)
        if (holders[i] == pid)
            holders[i] = 0;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

void mount_lab_end(void) {
    for (size_t i = 0; i < MOST_HOLDERS; i++)
        if (holders[i])
            let_go(holders[i]);
    world_end();
}
