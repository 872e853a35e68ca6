/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_holders.c: which processes use a drive: its mount, as /proc tells, and channels.
 *
 * The mount itself is never asked: what a link in /proc says is made of the kernel's own
 * names. But the list of a process's mappings waits for whoever changes them, and he may
 * wait for this drive: so the look is a thread's, which is left behind if it takes too long.
 */
#include "config.h"

#include "service/drive.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/session.h>

#include "router/mpr_gate.h"
#include "router/mpr_lock.h"
#include "router/mpr_mount.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

#define LOOK_MS  1000
#define MOST     256 /* so many are counted */
#define CHANNELS 256
#define NAMES    1024 /* bytes of a path as it is shown; cut */
#define DELETED  " (deleted)"
#define STACK    0x40000

/** A look at all processes; freed by the last of the two who have it. */
struct look {
    struct mpr_lock lock;
    pthread_cond_t ended;
    /* never changed: */
    char *shown;     /* what paths begin with: "Z:", or the remote name */
    char *directory; /* NULL: it has no mount; then nor what follows */
    size_t length;   /* of it */
    int mount;       /* its mnt_id */
    char device[16]; /* the mount's, as mappings have it: "00:2f" */
    int64_t deadline_ns;
    /* under lock: */
    unsigned users;
    bool done;
    struct drive_holder holders[MOST];
    size_t count;
};

static void let_go(struct look *look) {
    bool last;

    mpr_lock(&look->lock);
    last = --look->users == 0;
    mpr_unlock(&look->lock);
    if (!last)
        return;
    pthread_cond_destroy(&look->ended);
    pthread_mutex_destroy(&look->lock.mutex);
    free(look->shown);
    free(look->directory);
    free(look);
}

/* ---- one process */

/* A line of what others have named is shown to people. */
static void make_harmless(char *text) {
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

static void read_command(int process, char *ret, size_t size) {
    char text[64];
    int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    mpr_utf_copy(ret, size, *text ? text : "?");
    make_harmless(ret);
}

/* Notes that a process uses files, one of which is called so, or more in the same way. */
static void note(struct look *look, int process, int pid, uint32_t kind, const char *path,
                 unsigned files) {
    struct drive_holder *holder = NULL;

    mpr_lock(&look->lock);
    for (size_t i = 0; i < look->count && !holder; i++)
        if (look->holders[i].pid == pid && look->holders[i].kind == kind)
            holder = &look->holders[i];
    if (holder) {
        holder->more += files;
    } else if (look->count < MOST) {
        holder = &look->holders[look->count++];
        *holder = (struct drive_holder){.kind = kind, .pid = pid, .more = files - 1};
        read_command(process, holder->command, sizeof holder->command);
        mpr_utf_copy(holder->path, sizeof holder->path, path);
        make_harmless(holder->path);
    }
    mpr_unlock(&look->lock);
}

/* The same of one that /proc has, by its path below the mount. */
static void note_one(struct look *look, int process, int pid, uint32_t kind, const char *path) {
    char whole[PATH_MAX + 32];
    size_t length = (size_t)snprintf(whole, sizeof whole, "%s%s", look->shown, *path ? path : "/");

    if (length > strlen(DELETED) && length < sizeof whole
        && strcmp(whole + length - strlen(DELETED), DELETED) == 0)
        whole[length - strlen(DELETED)] = '\0';
    note(look, process, pid, kind, whole, 1);
}

/* The path below the mount that a link leads to, in buffer; NULL: it leads elsewhere. */
static const char *follow(const struct look *look, int directory, const char *name,
                          char buffer[PATH_MAX]) {
    ssize_t length = readlinkat(directory, name, buffer, PATH_MAX - 1);

    if (length < (ssize_t)look->length)
        return NULL;
    buffer[length] = '\0';
    if (strncmp(buffer, look->directory, look->length) != 0
        || (buffer[look->length] && buffer[look->length] != '/'))
        return NULL;
    return buffer + look->length;
}

/*
 * Is the file of these facts, /proc/PID/fdinfo/FD, on the mount? A dead one may lie beneath
 * it under the same name. Who cannot tell may be.
 */
static bool is_on_mount(const struct look *look, int directory, const char *facts) {
    char line[128];
    int fd = openat(directory, facts, O_RDONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    int id = look->mount;

    if (!file && fd >= 0)
        close(fd);
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "mnt_id: %d", &id) == 1)
            break;
    if (file)
        fclose(file);
    return id == look->mount;
}

/* The same of a link to a directory; opening it so asks nobody. */
static bool leads_to_mount(const struct look *look, int process, const char *link) {
    char facts[64];
    int fd = openat(process, link, O_PATH | O_CLOEXEC);
    bool leads;

    if (fd < 0)
        return true;
    snprintf(facts, sizeof facts, "/proc/self/fdinfo/%d", fd);
    leads = is_on_mount(look, AT_FDCWD, facts);
    close(fd);
    return leads;
}

static void look_at_directories(struct look *look, int process, int pid) {
    static const char *const links[] = {"cwd", "root"};
    char buffer[PATH_MAX];

    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const char *path = follow(look, process, links[i], buffer);

        if (path && leads_to_mount(look, process, links[i]))
            note_one(look, process, pid, MPR_HOLDER_DIRECTORY, path);
    }
}

static DIR *open_directory(int process, const char *name) {
    int fd = openat(process, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);

    if (!directory && fd >= 0)
        close(fd);
    return directory;
}

static void look_at_files(struct look *look, int process, int pid) {
    DIR *files = open_directory(process, "fd");
    const struct dirent *entry;
    char buffer[PATH_MAX], facts[NAME_MAX + 16];

    while (files && (entry = readdir(files))) {
        const char *path = follow(look, dirfd(files), entry->d_name, buffer);

        snprintf(facts, sizeof facts, "fdinfo/%s", entry->d_name);
        if (path && is_on_mount(look, process, facts))
            note_one(look, process, pid, MPR_HOLDER_FILE, path);
    }
    if (files)
        closedir(files);
}

/* A line is "from-to rwxp offset device inode path"; a file may have several. */
static void look_at_mappings(struct look *look, int process, int pid) {
    char line[PATH_MAX + 128], last[PATH_MAX] = "";
    int fd = openat(process, "maps", O_RDONLY | O_CLOEXEC);
    FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");

    if (!maps && fd >= 0)
        close(fd);
    while (maps && fgets(line, sizeof line, maps)) {
        char device[16] = "";
        const char *path = strchr(line, '/');

        line[strcspn(line, "\n")] = '\0';
        if (!path || sscanf(line, "%*s %*s %*s %15s", device) != 1
            || strcmp(device, look->device) != 0 || strcmp(path, last) == 0)
            continue;
        snprintf(last, sizeof last, "%s", path);
        note_one(look, process, pid, MPR_HOLDER_MAPPING,
                 strncmp(path, look->directory, look->length) == 0 ? path + look->length : path);
    }
    if (maps)
        fclose(maps);
}

/* Others' processes cannot use the mount, and may not be looked at. */
static bool is_to_be_looked_at(int process, int pid) {
    struct stat facts;

    return pid != getpid() && fstat(process, &facts) == 0
           && (geteuid() == 0 || facts.st_uid == geteuid());
}

static void *look_at_all(void *context) {
    struct look *look = context;
    DIR *processes = opendir("/proc");
    const struct dirent *entry;

    while (processes && mpr_now_ns() < look->deadline_ns && (entry = readdir(processes))) {
        int pid = (int)strtol(entry->d_name, NULL, 10); /* 0: it is no process */
        int process =
            pid > 0 ? openat(dirfd(processes), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                    : -1;

        if (process >= 0 && is_to_be_looked_at(process, pid)) {
            look_at_directories(look, process, pid);
            look_at_files(look, process, pid);
            look_at_mappings(look, process, pid);
        }
        if (process >= 0)
            close(process);
    }
    if (processes)
        closedir(processes);
    mpr_lock(&look->lock);
    look->done = true;
    pthread_cond_signal(&look->ended);
    mpr_unlock(&look->lock);
    let_go(look);
    return NULL;
}

/* ---- channels */

/* "Z:/dir/file"; "\\server\share\dir\file" as names are written that begin so. */
static void name_file(const struct look *look, const char *path, char *ret, size_t size) {
    const char *separator = *look->shown == '\\' ? "\\" : "/";
    size_t length =
        (size_t)snprintf(ret, size, "%s%s%s", look->shown, *path ? separator : "", path);

    if (*separator == '/')
        return;
    for (size_t i = strlen(look->shown); i < length && i < size - 1; i++)
        if (ret[i] == '/')
            ret[i] = *separator;
}

static void look_at_channels(struct look *look) {
    static struct drive_channel_user users[CHANNELS]; /* one command at a time */
    size_t count = drive_channel_users(users, CHANNELS);

    for (size_t i = 0; i < count && i < CHANNELS; i++) {
        char path[NAMES], name[64];
        int process;

        name_file(look, users[i].path, path, sizeof path);
        snprintf(name, sizeof name, "/proc/%d", users[i].pid);
        process = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        note(look, process, users[i].pid, MPR_HOLDER_FILE, path, users[i].files);
        if (process >= 0)
            close(process);
    }
}

/* ---- all of them */

/* Without a mount of ours, or memory for it, only channels are looked at. */
static void find_mount(const struct drive *drive, struct look *look) {
    struct mpr_mount mount;

    if (!drive->directory || !mpr_mount_find(drive->directory, &mount) || !mount.ours)
        return;
    look->directory = strdup(drive->directory);
    look->length = strlen(drive->directory);
    look->mount = mount.id;
    snprintf(look->device, sizeof look->device, "%02x:%02x", mount.major, mount.minor);
}

static struct look *begin(const struct drive *drive) {
    struct look *look = calloc(1, sizeof *look);

    if (!look)
        return NULL;
    look->shown = strdup(drive->device ? drive->device : drive->name);
    if (!look->shown) {
        free(look);
        return NULL;
    }
    find_mount(drive, look);
    pthread_mutex_init(&look->lock.mutex, NULL);
    mpr_cond_init(&look->ended);
    look->deadline_ns = mpr_deadline_in_ms(LOOK_MS);
    look->users = 1;
    return look;
}

static bool start(struct look *look) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int rc;

    if (pthread_attr_init(&attributes))
        return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK);
    look->users++;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, &attributes, look_at_all, look);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (rc)
        look->users--; /* else the thread may be about to do so */
    return rc == 0;
}

size_t drive_holders_find(const struct drive *drive, struct drive_holder *ret, size_t max) {
    struct look *look = begin(drive);
    bool looking;
    size_t count;

    if (!look)
        return 0;
    look_at_channels(look);
    looking = look->directory && start(look);
    mpr_lock(&look->lock);
    while (looking && !look->done && mpr_cond_wait(&look->ended, &look->lock, look->deadline_ns))
        ;
    count = look->count;
    memcpy(ret, look->holders, (count < max ? count : max) * sizeof *ret);
    mpr_unlock(&look->lock);
    let_go(look);
    return count;
}
