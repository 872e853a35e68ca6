/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_channel.c: channels: the worker protocol for other processes of the user, who
 * find on it what they would find in a worker of the provider. Each has a thread of its
 * own, and one that watches over it.
 *
 * Files that are open through a channel count as the drive's, and what is done there and
 * through the mount is one file system: before a look what the mount has not yet written
 * is written, after a change its caches forget.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <mpr/winerror.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"
#include "service/drive_provider.h"
#include "service/drive_remote.h"

#define CHANNELS_MAX 256
#define STOP_MS      500

struct channel_file;

struct drive_channel {
    struct drive_channel *next;
    struct drive *drive;
    struct worker *worker;
    struct worker_channel ends;
    struct channel_file *files; /* under channels.lock */
};

/* The drive is the one of its process. */
static struct {
    struct mpr_lock lock;
    pthread_cond_t ended; /* CLOCK_MONOTONIC */
    bool ready;
    bool closed; /* there are to be no more */
    struct drive_channel *first;
    unsigned count;
} channels = {.lock = MPR_LOCK_INIT};

/** A file that is open through a channel. */
struct channel_file {
    struct channel_file *next; /* under channels.lock */
    struct drive_file *file;
    bool writes;
    char path[];
};

/* ---- one operation */

/* Before it looks at a path, if that is not NULL. */
static struct drive *begin(void *session, const struct mpr_call *call, const char *path) {
    const struct drive_channel *channel = session;

    drive_turn_for(call);
    atomic_fetch_add(&channel->drive->under_way, 1);
    if (path && channel->drive->tree)
        drive_path_sync(channel->drive, path);
    return channel->drive;
}

static int end(struct drive *drive, int rc) {
    drive_turn_for(NULL);
    atomic_fetch_sub(&drive->under_way, 1);
    return rc;
}

/* After it has changed something there; even if it failed, who knows. */
static int end_change(struct drive *drive, int rc, const char *path) {
    if (drive->tree)
        drive_path_changed(drive, path);
    return end(drive, rc);
}

/* ---- the session */

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    (void)remote;
    (void)ret;
    return 0;
}

/* The drive is connected; there is nothing to do. */
static enum mpr_answer connect_channel(void *state, const struct mpr_call *call,
                                       const struct mpr_connect *args, void **ret_session,
                                       uint32_t *ret_code) {
    (void)call;
    (void)args;
    (void)ret_code;
    *ret_session = state;
    return MPR_DONE;
}

static uint32_t disconnect(void *session, const struct mpr_call *call, int force) {
    (void)session;
    (void)call;
    (void)force;
    return NO_ERROR;
}

static uint32_t user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    const struct drive_channel *channel = session;

    return drive_remote_user(channel->drive, call, buffer, size);
}

static uint32_t performance(void *session, const struct mpr_call *call,
                            struct mpr_performance *ret) {
    const struct drive_channel *channel = session;

    return drive_remote_performance(channel->drive, call, ret);
}

/* ---- open files */

static struct channel_file *make_file(const char *path, bool writes) {
    size_t size = strlen(path) + 1;
    struct channel_file *file = malloc(sizeof *file + size);

    if (!file)
        return NULL;
    file->writes = writes;
    memcpy(file->path, path, size);
    return file;
}

static void note_file(struct drive_channel *channel, struct channel_file *file) {
    mpr_lock(&channels.lock);
    file->next = channel->files;
    channel->files = file;
    mpr_unlock(&channels.lock);
}

static void forget_file(struct drive_channel *channel, const struct channel_file *file) {
    struct channel_file **at = &channel->files;

    mpr_lock(&channels.lock);
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    mpr_unlock(&channels.lock);
}

/* Counts it, and keeps what open_remote opens. */
static int open_file(struct drive_channel *channel, struct channel_file *file, int rc,
                     void **ret_file) {
    if (rc) {
        drive_count_close(channel->drive);
        free(file);
    } else {
        note_file(channel, file);
        *ret_file = file;
    }
    return rc;
}

static int channel_open(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    struct drive *drive = begin(session, call, path);
    bool changes = (flags & (O_CREAT | O_TRUNC)) != 0;
    struct channel_file *file = make_file(path, (flags & O_ACCMODE) != O_RDONLY);
    int rc = file ? drive_count_open(drive) : -ENOMEM;

    if (rc) {
        free(file);
        return end(drive, rc);
    }
    rc = drive_remote_open(drive, path, flags, mode, &file->file);
    rc = open_file(session, file, rc, ret_file);
    return changes ? end_change(drive, rc, path) : end(drive, rc);
}

static int channel_print(void *session, const struct mpr_call *call, const char *document,
                         void **ret_file) {
    struct drive *drive = begin(session, call, NULL);
    struct channel_file *file = make_file("", false);
    int rc = file ? drive_count_open(drive) : -ENOMEM;

    if (rc) {
        free(file);
        return end(drive, rc);
    }
    rc = drive_remote_print(drive, document, &file->file);
    return end(drive, open_file(session, file, rc, ret_file));
}

static int channel_close(void *session, const struct mpr_call *call, void *file_) {
    struct drive *drive = begin(session, call, NULL);
    struct channel_file *file = file_;
    int rc = drive_remote_close(drive, file->file);

    forget_file(session, file);
    drive_count_close(drive);
    rc = file->writes ? end_change(drive, rc, file->path) : end(drive, rc);
    free(file);
    return rc;
}

static int64_t channel_pread(void *session, const struct mpr_call *call, void *file_, void *data,
                             size_t size, uint64_t offset) {
    struct channel_file *file = file_;
    struct drive *drive = begin(session, call, file->path);
    int64_t rc = drive_remote_pread(drive, file->file, data, size, offset);

    end(drive, 0);
    return rc;
}

static int64_t channel_pwrite(void *session, const struct mpr_call *call, void *file_,
                              const void *data, size_t size, uint64_t offset) {
    struct channel_file *file = file_;
    struct drive *drive = begin(session, call, file->path);
    int64_t rc = drive_remote_pwrite(drive, file->file, data, size, offset);

    end_change(drive, 0, file->path);
    return rc;
}

static int channel_fsync(void *session, const struct mpr_call *call, void *file_) {
    struct channel_file *file = file_;
    struct drive *drive = begin(session, call, file->path);

    return end(drive, drive_remote_fsync(drive, file->file));
}

static int channel_fstat(void *session, const struct mpr_call *call, void *file_,
                         struct mpr_stat *ret) {
    struct channel_file *file = file_;
    struct drive *drive = begin(session, call, file->path);

    return end(drive, drive_remote_fstat(drive, file->file, ret));
}

static int channel_truncate(void *session, const struct mpr_call *call, const char *path,
                            void *file_, uint64_t size) {
    struct channel_file *file = file_;
    struct drive *drive = begin(session, call, file ? file->path : path);

    if (file)
        return end_change(drive, drive_remote_ftruncate(drive, file->file, size), file->path);
    return end_change(drive, drive_remote_truncate(drive, path, size), path);
}

/* ---- names */

static int channel_stat(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_stat *ret) {
    struct drive *drive = begin(session, call, path);

    return end(drive, drive_remote_stat_target(drive, path, ret));
}

static int channel_lstat(void *session, const struct mpr_call *call, const char *path,
                         struct mpr_stat *ret) {
    struct drive *drive = begin(session, call, path);

    return end(drive, drive_remote_stat(drive, path, ret));
}

static int channel_readdir(void *session, const struct mpr_call *call, const char *path,
                           mpr_dirent_fn fn, void *context) {
    struct drive *drive = begin(session, call, path);

    return end(drive, drive_remote_readdir(drive, path, fn, context));
}

static int channel_mkdir(void *session, const struct mpr_call *call, const char *path,
                         uint32_t mode) {
    struct drive *drive = begin(session, call, NULL);

    return end_change(drive, drive_remote_mkdir(drive, path, mode), path);
}

static int channel_rmdir(void *session, const struct mpr_call *call, const char *path) {
    struct drive *drive = begin(session, call, NULL);

    return end_change(drive, drive_remote_rmdir(drive, path), path);
}

static int channel_unlink(void *session, const struct mpr_call *call, const char *path) {
    struct drive *drive = begin(session, call, NULL);

    return end_change(drive, drive_remote_unlink(drive, path), path);
}

static int channel_rename(void *session, const struct mpr_call *call, const char *from,
                          const char *to) {
    struct drive *drive = begin(session, call, from);
    int rc = drive_remote_rename(drive, from, to);

    if (drive->tree)
        drive_path_changed(drive, from);
    return end_change(drive, rc, to);
}

static int channel_link(void *session, const struct mpr_call *call, const char *from,
                        const char *to) {
    struct drive *drive = begin(session, call, from);
    int rc = drive_remote_link(drive, from, to);

    if (drive->tree)
        drive_path_changed(drive, from);
    return end_change(drive, rc, to);
}

static int channel_symlink(void *session, const struct mpr_call *call, const char *target,
                           const char *path) {
    struct drive *drive = begin(session, call, NULL);

    return end_change(drive, drive_remote_symlink(drive, target, path), path);
}

static int channel_readlink(void *session, const struct mpr_call *call, const char *path,
                            char *buffer, size_t size) {
    struct drive *drive = begin(session, call, NULL);

    return end(drive, drive_remote_readlink(drive, path, buffer, size));
}

static int channel_chmod(void *session, const struct mpr_call *call, const char *path,
                         uint32_t mode) {
    struct drive *drive = begin(session, call, path);

    return end_change(drive, drive_remote_chmod(drive, path, mode), path);
}

static int channel_chown(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                         uint32_t gid) {
    struct drive *drive = begin(session, call, path);

    return end_change(drive, drive_remote_chown(drive, path, uid, gid), path);
}

static int channel_utimens(void *session, const struct mpr_call *call, const char *path,
                           int64_t atime_ns, int64_t mtime_ns) {
    struct drive *drive = begin(session, call, path);

    return end_change(drive, drive_remote_utimens(drive, path, atime_ns, mtime_ns), path);
}

static int channel_statvfs(void *session, const struct mpr_call *call, const char *path,
                           struct mpr_statvfs *ret) {
    struct drive *drive = begin(session, call, NULL);

    return end(drive, drive_remote_statvfs(drive, path, ret));
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = "channel",
    .recognise = recognise,
    .connect = connect_channel,
    .disconnect = disconnect,
    .user = user,
    .performance = performance,
    .open = channel_open,
    .close = channel_close,
    .pread = channel_pread,
    .pwrite = channel_pwrite,
    .fsync = channel_fsync,
    .truncate = channel_truncate,
    .stat = channel_stat,
    .fstat = channel_fstat,
    .readdir = channel_readdir,
    .mkdir = channel_mkdir,
    .rmdir = channel_rmdir,
    .unlink = channel_unlink,
    .rename = channel_rename,
    .link = channel_link,
    .symlink = channel_symlink,
    .readlink = channel_readlink,
    .chmod = channel_chmod,
    .chown = channel_chown,
    .utimens = channel_utimens,
    .statvfs = channel_statvfs,
    .print = channel_print,
    .lstat = channel_lstat,
};

/* ---- who has files open */

/* The process that has made the channel's sockets. */
static int process_of(const struct drive_channel *channel) {
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof peer;

    if (getsockopt(channel->ends.fds[0], SOL_SOCKET, SO_PEERCRED, &peer, &size))
        return 0;
    return peer.pid;
}

size_t drive_channel_users(struct drive_channel_user *ret, size_t max) {
    size_t count = 0;

    mpr_lock(&channels.lock);
    for (const struct drive_channel *at = channels.first; at; at = at->next) {
        if (!at->files)
            continue;
        if (count < max) {
            ret[count] = (struct drive_channel_user){.pid = process_of(at)};
            mpr_utf_copy(ret[count].path, sizeof ret->path, at->files->path);
            for (const struct channel_file *file = at->files; file; file = file->next)
                ret[count].files++;
        }
        count++;
    }
    mpr_unlock(&channels.lock);
    return count;
}

/* ---- life */

/* An operation keeps to its bound itself, and is under way until it returns. */
static uint64_t count_looks(struct worker *worker) {
    static _Atomic uint64_t looks;

    (void)worker;
    return atomic_fetch_add(&looks, 1);
}

static const struct worker_kind kind = {.alive = count_looks};

static void forget(struct drive_channel *channel) {
    struct drive_channel **at = &channels.first;

    mpr_lock(&channels.lock);
    while (*at != channel)
        at = &(*at)->next;
    *at = channel->next;
    mpr_unlock(&channels.lock);
}

static void *run(void *context) {
    struct drive_channel *channel = context;

    worker_serve(channel->worker, &channel->ends);
    /* From here on nobody shuts its sockets down, and they may be closed. */
    forget(channel);
    worker_free(channel->worker);
    free(channel);
    mpr_lock(&channels.lock);
    channels.count--;
    pthread_cond_broadcast(&channels.ended);
    mpr_unlock(&channels.lock);
    return NULL;
}

/* Memory that its owner could cut off under our reading would end this process. */
static bool is_sound(int memory, size_t size) {
    const int seals = F_SEAL_SHRINK;
    struct stat facts;

    return size > MPR_WIRE_SHARED_HEAD && size <= MPR_WIRE_SHARED_HEAD + (size_t)MPR_MAX_IO
           && fstat(memory, &facts) == 0 && facts.st_size >= 0 && (size_t)facts.st_size >= size
           && (fcntl(memory, F_GET_SEALS) & seals) == seals;
}

static int start_thread(struct drive_channel *channel) {
    sigset_t all, before;
    pthread_t thread;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, NULL, run, channel);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        pthread_detach(thread);
    return -rc;
}

static struct drive_channel *make_channel(struct drive *drive, const int fds[3],
                                          size_t shared_size) {
    const struct worker_module module = {
        .table = &table,
        .ops = (drive_provider_ops() & worker_ops_of(&table)) | UINT64_C(1) << MPR_WIRE_OP_connect
               | UINT64_C(1) << MPR_WIRE_OP_disconnect,
        .max_io = drive->np->table->max_io,
    };
    struct drive_channel *channel = calloc(1, sizeof *channel);

    if (!channel)
        return NULL;
    channel->drive = drive;
    channel->ends.shared_size = shared_size;
    memcpy(channel->ends.fds, fds, sizeof channel->ends.fds);
    channel->worker = worker_new(&kind, &module, NULL);
    if (!channel->worker) {
        free(channel);
        return NULL;
    }
    channel->worker->state = channel;
    return channel;
}

/* Takes its place among the others, and its thread begins. */
static int add_channel(struct drive *drive, struct drive_channel *channel) {
    int rc = -EMFILE;

    mpr_lock(&channels.lock);
    if (!channels.ready)
        mpr_cond_init(&channels.ended);
    channels.ready = true;
    if (channels.closed || atomic_load(&drive->ended))
        rc = -ENOTCONN;
    else if (channels.count < CHANNELS_MAX)
        rc = start_thread(channel);
    if (rc == 0) {
        channel->next = channels.first;
        channels.first = channel;
        channels.count++;
    }
    mpr_unlock(&channels.lock);
    return rc;
}

int drive_channel_start(struct drive *drive, const int fds[3], size_t shared_size) {
    struct drive_channel *channel;
    int rc = -EINVAL, mine[MPR_WIRE_FDS];

    memcpy(mine, fds, sizeof mine);
    if (mine[0] >= 0 && mine[1] >= 0 && mine[2] >= 0 && is_sound(mine[2], shared_size)) {
        channel = make_channel(drive, fds, shared_size);
        rc = channel ? add_channel(drive, channel) : -ENOMEM;
        if (rc && channel) {
            worker_free(channel->worker);
            free(channel);
        }
    }
    if (rc)
        mpr_wire_close(mine, MPR_WIRE_FDS);
    return rc;
}

void drive_channel_stop_all(void) {
    int64_t deadline_ns = mpr_deadline_in_ms(STOP_MS);

    mpr_lock(&channels.lock);
    channels.closed = true;
    for (const struct drive_channel *at = channels.first; at; at = at->next) {
        shutdown(at->ends.fds[0], SHUT_RDWR);
        shutdown(at->ends.fds[1], SHUT_RDWR);
    }
    while (channels.count && mpr_cond_wait(&channels.ended, &channels.lock, deadline_ns))
        ;
    mpr_unlock(&channels.lock);
}

void drive_channel_allow(void) {
    mpr_lock(&channels.lock);
    channels.closed = false;
    mpr_unlock(&channels.lock);
}
