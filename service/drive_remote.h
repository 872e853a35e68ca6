/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remote.h: the sessions of a drive, and one operation in one of them.
 *
 *   drive_remote.c       the sessions: connecting, more of them, the end
 *   drive_remote_help.c  what is done in the background
 *   drive_remote_turn.c  one operation: which session, how long, what it came to
 *   drive_remote_ops.c   the operations
 */
#ifndef DRIVE_REMOTE_H
#define DRIVE_REMOTE_H

#include "router/mpr_call.h"
#include "router/mpr_lock.h"
#include "service/drive.h"

#define DRIVE_SESSIONS_MAX MPR_NP_SESSIONS

/** One session of the provider. Under the remote's lock, but for session itself. */
struct drive_session {
    void *session;      /* the provider's; NULL: it has ended */
    unsigned busy;      /* operations under way */
    unsigned transfers; /* of them those of contents, which take long */
    unsigned files;     /* open in it */
};

/** A thread that does something in the background. Under the remote's lock. */
struct drive_helper {
    pthread_t thread;
    bool there; /* it is to be joined */
    bool busy;  /* and still at it */
};

struct drive_remote {
    struct mpr_lock lock;
    pthread_cond_t changed; /* a session is idle; the server is there again, or is not */
    struct drive_session sessions[DRIVE_SESSIONS_MAX];
    unsigned count;
    struct drive_helper maker, prober;
    int64_t not_before_ns; /* no more sessions earlier */
    int64_t heard_ns;      /* when the server gave an answer last; in any session */
    unsigned answers;      /* of the lost server, that it is not there; from 1 on */
    bool quick;            /* such an answer comes at once */
    bool wanted;           /* somebody waits for the next one */
    _Atomic bool no_lstat; /* the module turned out not to have it */

    /* never changed: */
    int abort_fd; /* an eventfd, readable once the drive is cancelled */
    uint32_t type, flags;
    char *name, *device, *user;
    void *use_options; /* or NULL */
    size_t use_options_size;
    int secret_fd;
};

struct drive_file {
    struct drive_session *session;
    void *file;
};

/** One operation. */
struct drive_turn {
    struct drive *drive;
    struct drive_session *session;
    void *handle; /* the provider's session */
    struct mpr_call call;
    struct mpr_call_data data;
    int64_t begun_ns;
    bool transfer, probe;
    bool queued; /* behind another one, in a session that serves one call at a time */
};

/**
 * From now on this thread's operations are carried out for this call of another process:
 * they end with it, and words about failures go there. NULL: for the drive itself.
 */
void drive_turn_for(const struct mpr_call *call);

/**
 * Begins an operation in a session, any one if that is NULL. transfer: of contents.
 * Returns 0, or -errno, and then there is nothing to end.
 */
int drive_turn_begin(struct drive *drive, struct drive_session *session, bool transfer,
                     struct drive_turn *turn);
/** The same for the one that finds out whether a lost server is there again. */
int drive_turn_probe(struct drive *drive, struct drive_turn *turn);
/** Ends it; result is what the provider returned. Returns what it comes to. */
int64_t drive_turn_end(struct drive_turn *turn, int64_t result);

/** Has one more session made in the background, if that would help. Under the lock. */
void drive_remote_grow(struct drive *drive) REQUIRES(drive->remote->lock);

/**
 * Has the server asked, in the background, until it answers: then it is not lost any more.
 * False: there is no way to. Under the lock.
 */
bool drive_remote_probe(struct drive *drive) REQUIRES(drive->remote->lock);

/** Waits for what is done in the background, but not for ever. The drive has ended. */
void drive_remote_end_helpers(struct drive_remote *remote, int64_t deadline_ns);

/** One more session, with the arguments of the first. */
enum mpr_answer drive_remote_connect_again(struct drive *drive, struct mpr_call *call,
                                           uint32_t *ret_code);

/** After the disconnect. False: something is still under way, and nothing was freed. */
bool drive_remote_free(struct drive *drive);

/** As the provider's slots of these names, in the first session. */
uint32_t drive_remote_user(struct drive *drive, const struct mpr_call *call, char *buffer,
                           size_t size);
uint32_t drive_remote_performance(struct drive *drive, const struct mpr_call *call,
                                  struct mpr_performance *ret);

#endif
