/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse.c: mounts, the threads that serve them, and what the kernel is told.
 */
#include "config.h"

#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "router/mpr_lock.h"
#include "router/mpr_mount.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"
#include "service/drive_fuse.h"

#define MAX_THREADS   128u /* what is more waits in the kernel, and then for its bound */
#define MAX_IDLE      8u
#define MAX_WRITE     0x100000u
#define IN_BACKGROUND 64u
#define WAKE          SIGUSR2 /* for a thread that is to see that it is over */

/* Held while the kernel is told of changes; no thread that serves takes it. */
static struct mpr_lock sessions_lock = MPR_LOCK_INIT;
static struct drive_session *sessions GUARDED_BY(sessions_lock);
static unsigned leaving GUARDED_BY(sessions_lock); /* end by themselves at this moment */
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static pthread_mutex_t words_lock = PTHREAD_MUTEX_INITIALIZER;
static char words[256]; /* libfuse's last ones */

static void take_words(enum fuse_log_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void take_words(enum fuse_log_level level, const char *format, va_list arguments) {
    pthread_mutex_lock(&words_lock);
    vsnprintf(words, sizeof words, format, arguments);
    words[strcspn(words, "\n")] = '\0';
    if (level <= FUSE_LOG_NOTICE)
        mpr_trace("drive", "%s", words);
    pthread_mutex_unlock(&words_lock);
}

static void wake_up(int number) {
    (void)number;
}

static void prepare(void) {
    const struct sigaction action = {.sa_handler = wake_up}; /* no SA_RESTART: it interrupts */

    fuse_set_log_func(take_words);
    sigaction(WAKE, &action, NULL);
}

void drive_fuse_init(void *session, struct fuse_conn_info *conn) {
    (void)session;
    /* Every listing has attributes: the kernel is not to guess when they are wanted. */
    conn->want &= ~(unsigned)FUSE_CAP_READDIRPLUS_AUTO;
    conn->max_write = MAX_WRITE;
    conn->max_background = IN_BACKGROUND;
    conn->congestion_threshold = IN_BACKGROUND * 3 / 4;
}

/* Do modes tell who may do what? Not where users log on with a name of the server's: there
 * owners are the server's, too, and not this machine's. */
static bool modes_count(const struct drive *drive) {
    return !(drive->np && drive->np->table && drive->np->table->flags & MPR_PROVIDER_CREDENTIALS);
}

static struct fuse_session *new_session(struct drive *drive, struct drive_session *session) {
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    struct fuse_session *fuse = NULL;
    char *source = NULL, *options = NULL;

    if (asprintf(&source, "fsname=%s", drive->name ? drive->name : "mpr") < 0)
        return NULL;
    /* Without default_permissions: the server decides, and the kernel need not know the mode of a
     * directory anew after each change in it. */
    if (fuse_opt_add_opt_escaped(&options, source) == 0
        && fuse_opt_add_opt(&options, "subtype=mpr,nosuid,nodev") == 0
        && fuse_opt_add_arg(&args, "mpr-drive") == 0 && fuse_opt_add_arg(&args, "-o") == 0
        && fuse_opt_add_arg(&args, options) == 0)
        fuse = fuse_session_new(&args, &drive_fuse_ops, sizeof drive_fuse_ops, session);
    fuse_opt_free_args(&args);
    free(options);
    free(source);
    return fuse;
}

/* After its loop. Nobody else knows it any more. */
static void free_session(struct drive_session *session) {
    if (session->mounted)
        fuse_session_unmount(session->fuse);
    fuse_session_destroy(session->fuse);
    drive_open_end_all(session); /* what processes still have, and the kernel has not yet said */
    drive_session_forget_all(session);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

/* False: somebody else ends it. */
static bool take_out_locked(struct drive_session *session) REQUIRES(sessions_lock) {
    struct drive_session **where = &sessions;

    while (*where && *where != session)
        where = &(*where)->next;
    if (!*where)
        return false;
    *where = session->next;
    return true;
}

/* Whoever has mounted it, or may unmount it, takes it away when he likes; then nothing of it is
 * to stay. */
static void leave(struct drive_session *session) {
    bool mine;

    mpr_lock(&sessions_lock);
    mine = take_out_locked(session);
    leaving += mine;
    mpr_unlock(&sessions_lock);
    if (!mine)
        return;
    pthread_detach(pthread_self());
    session->ending = true;
    free_session(session);
    mpr_lock(&sessions_lock);
    leaving--;
    pthread_cond_broadcast(&left);
    mpr_unlock(&sessions_lock);
}

static void loop(struct drive_session *session) {
#if FUSE_VERSION >= FUSE_MAKE_VERSION(3, 12)
    struct fuse_loop_config *config = fuse_loop_cfg_create();

    if (!config)
        return;
    fuse_loop_cfg_set_clone_fd(config, 1);
    fuse_loop_cfg_set_idle_threads(config, MAX_IDLE);
    fuse_loop_cfg_set_max_threads(config, MAX_THREADS);
    fuse_session_loop_mt(session->fuse, config);
    fuse_loop_cfg_destroy(config);
#else
    struct fuse_loop_config config = {.clone_fd = 1, .max_idle_threads = MAX_IDLE};

    fuse_session_loop_mt(session->fuse, &config);
#endif
}

static void *serve(void *context) {
    loop(context);
    leave(context);
    return NULL;
}

static int start_thread(struct drive_session *session) {
    sigset_t ours, before;
    int rc;

    sigfillset(&ours);
    sigdelset(&ours, WAKE);
    pthread_sigmask(SIG_SETMASK, &ours, &before);
    mpr_lock(&sessions_lock); /* till it is known, so that it does not leave before */
    rc = pthread_create(&session->thread, NULL, serve, session);
    if (rc == 0) {
        session->next = sessions;
        sessions = session;
    }
    mpr_unlock(&sessions_lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -rc;
}

/* Returns -errno. */
static int explain(const char *directory, int rc, char *error, size_t error_size) {
    pthread_mutex_lock(&words_lock);
    if (access("/dev/fuse", R_OK | W_OK) != 0) {
        rc = -errno;
        snprintf(error, error_size, "FUSE is not to be had here: /dev/fuse: %s.", strerror(-rc));
    } else {
        snprintf(error, error_size, "Mounting at %s failed: %s.", directory,
                 words[0] ? words : strerror(-rc));
    }
    pthread_mutex_unlock(&words_lock);
    return rc;
}

int drive_fuse_start(struct drive *drive, const char *directory, char *error, size_t error_size) {
    bool served = strncmp(directory, "/dev/fd/", strlen("/dev/fd/")) == 0;
    struct drive_session *session = calloc(1, sizeof *session);
    struct mpr_mount mount;
    int rc;

    pthread_once(&prepared, prepare);
    pthread_mutex_lock(&words_lock);
    words[0] = '\0';
    pthread_mutex_unlock(&words_lock);
    if (session) {
        session->drive = drive;
        session->modes_count = modes_count(drive);
        pthread_mutex_init(&session->lock, NULL);
        session->fuse = new_session(drive, session);
    }
    if (!session || !session->fuse) {
        free(session);
        return explain(directory, -ENOMEM, error, error_size);
    }
    errno = 0;
    rc = fuse_session_mount(session->fuse, directory) == 0 ? 0 : errno ? -errno : -EPERM;
    session->mounted = rc == 0 && !served;
    if (session->mounted && mpr_mount_find(directory, &mount)) {
        session->major = mount.major;
        session->minor = mount.minor;
    }
    if (rc == 0)
        rc = start_thread(session);
    if (rc != 0) {
        rc = explain(directory, rc, error, error_size);
        if (session->mounted)
            fuse_session_unmount(session->fuse);
        fuse_session_destroy(session->fuse);
        free(session);
        return rc;
    }
    /*
     * The mount is asked nothing here: killed before it had answered itself, a process
     * would wait for its own answer for ever, and no signal would end it.
     */
    return 0;
}

static void end_session(struct drive_session *session) {
    struct timespec until;

    session->ending = true;
    fuse_session_exit(session->fuse);
    do { /* it may be just before it waits: then once more */
        pthread_kill(session->thread, WAKE);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 5 * MPR_NS_PER_MS;
        if (until.tv_nsec >= MPR_NS_PER_S) {
            until.tv_sec++;
            until.tv_nsec -= MPR_NS_PER_S;
        }
    } while (pthread_timedjoin_np(session->thread, NULL, &until) != 0);
    free_session(session);
}

void drive_fuse_stop(struct drive *drive) {
    struct drive_session *mine = NULL, **where, *session;

    mpr_lock(&sessions_lock);
    for (where = &sessions; (session = *where);) {
        if (session->drive == drive) {
            *where = session->next;
            session->next = mine;
            mine = session;
            session->ending = true;
        } else {
            where = &session->next;
        }
    }
    while (leaving)
        mpr_cond_wait(&left, &sessions_lock, mpr_deadline_in_ms(drive->options.io_timeout_ms));
    mpr_unlock(&sessions_lock);
    while ((session = mine)) {
        mine = session->next;
        end_session(session);
    }
}

bool drive_fuse_is(struct drive *drive, const struct mpr_mount *mount) {
    bool found = false;

    mpr_lock(&sessions_lock);
    for (struct drive_session *session = sessions; session; session = session->next)
        found = found
                || (session->drive == drive && session->major == mount->major
                    && session->minor == mount->minor);
    mpr_unlock(&sessions_lock);
    return found;
}

/* With a negative offset only the attributes are forgotten. */
static void forget_inode(struct drive *drive, uint64_t number, off_t offset) {
    mpr_lock(&sessions_lock);
    for (struct drive_session *session = sessions; session; session = session->next) {
        if (session->drive == drive && !fuse_session_exited(session->fuse))
            fuse_lowlevel_notify_inval_inode(session->fuse, number, offset, 0);
    }
    mpr_unlock(&sessions_lock);
}

void drive_fuse_changed(struct drive *drive, uint64_t number) {
    forget_inode(drive, number, 0);
}

void drive_fuse_attributes_changed(struct drive *drive, uint64_t number) {
    forget_inode(drive, number, -1);
}

void drive_fuse_entry_changed(struct drive *drive, uint64_t parent, const char *name) {
    mpr_lock(&sessions_lock);
    for (struct drive_session *session = sessions; session; session = session->next) {
        if (session->drive == drive && !fuse_session_exited(session->fuse))
            fuse_lowlevel_notify_inval_entry(session->fuse, parent, name, strlen(name));
    }
    mpr_unlock(&sessions_lock);
}

/* ---- later: not by a thread that serves */

struct later {
    struct later *next;
    struct drive *drive;
    uint64_t parent;
    char name[];
};

static pthread_mutex_t later_lock = PTHREAD_MUTEX_INITIALIZER;
static struct later *laters; /* under later_lock */
static bool telling;         /* there is a thread for them; likewise */

static struct later *next_later(void) {
    struct later *later;

    pthread_mutex_lock(&later_lock);
    later = laters;
    if (later)
        laters = later->next;
    telling = later != NULL;
    pthread_mutex_unlock(&later_lock);
    return later;
}

static void *tell_later(void *context) {
    struct later *later;

    (void)context;
    while ((later = next_later())) {
        drive_fuse_entry_changed(later->drive, later->parent, later->name);
        free(later);
    }
    return NULL;
}

void drive_fuse_entry_later(struct drive *drive, uint64_t parent, const char *name) {
    size_t size = strlen(name) + 1;
    struct later *later = malloc(sizeof *later + size);
    sigset_t all, before;
    pthread_t thread;

    if (!later)
        return;
    *later = (struct later){.drive = drive, .parent = parent};
    memcpy(later->name, name, size);
    pthread_mutex_lock(&later_lock);
    later->next = laters;
    laters = later;
    if (!telling) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        telling = pthread_create(&thread, NULL, tell_later, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (telling)
            pthread_detach(thread);
    }
    pthread_mutex_unlock(&later_lock);
}
