/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse.h: what the files that know libfuse have in common.
 *
 *   drive_fuse.c      mounts, the threads that serve them, and what the kernel is told
 *   drive_fuse_ops.c  the kernel's requests
 *   drive_fuse_request.c  who answers a request, and when
 *   drive_fuse_open.c     what processes have open
 *   drive_fuse_known.c    which nodes the kernel knows
 *   drive_fuse_caller.c   what the one who asks is about to do
 */
#ifndef DRIVE_FUSE_H
#define DRIVE_FUSE_H

#include "service/drive.h"

struct fuse_conn_info;
struct fuse_lowlevel_ops;
struct fuse_req;
struct fuse_session;

/** What a process has open: a file, or a directory. */
struct drive_open {
    struct drive_link link; /* among its session's, by number */
    uint64_t number;        /* never used twice; what the kernel has of it */
    unsigned users;         /* under the session's lock: requests at work, and the opening */
    struct drive_session *session;
    struct drive_handle *handle;
    struct drive_dir *dir;
    bool used; /* a directory, from its beginning on: who goes back there wants it anew */
};

/** A mount that is served; the user data of libfuse. */
struct drive_session {
    struct drive_session *next;
    struct drive *drive;
    struct fuse_session *fuse;
    pthread_t thread;
    pthread_mutex_t lock;
    struct drive_hash opens; /* under lock: struct drive_open by number */
    uint64_t opened;         /* likewise: the last one's number */
    struct drive_hash known; /* likewise: what the kernel has looked up, if we have not mounted */
    bool mounted;            /* by us */
    unsigned major, minor;   /* of the mount, as the kernel has it; 0: not known */
    _Atomic bool raised;     /* the kernel was told to read further ahead */
    bool modes_count;        /* what they say of this machine's users is right */
    _Atomic bool ending;     /* everything is answered with ENOTCONN */
};

extern const struct fuse_lowlevel_ops drive_fuse_ops;
/** The kernel and we agree about what is used. */
void drive_fuse_init(void *session, struct fuse_conn_info *conn);

/** One of handle and dir is NULL. NULL: no memory. */
struct drive_open *drive_open_new(struct drive_session *session, struct drive_handle *handle,
                                  struct drive_dir *dir);
/** Nobody finds it any more; it goes with the last request that is at work with it. */
void drive_open_end(struct drive_session *session, uint64_t number);
/** No request is at work any more. */
void drive_open_end_all(struct drive_session *session);

/**
 * The kernel is about to learn of a node, looked up for it; number 0: of none. What a mount
 * of somebody else's knows is forgotten with it: that the kernel does not do.
 */
void drive_session_know(struct drive_session *session, uint64_t number);
void drive_session_forget(struct drive_session *session, uint64_t number, uint64_t lookups);
void drive_session_forget_all(struct drive_session *session);

/** A request, from its begin to its answer. */
struct drive_request {
    struct fuse_req *fuse; /* not to be looked into unless it is still to be answered */
    struct drive_session *session;
    struct drive *drive;
    pid_t thread; /* who asks */
    pthread_mutex_t lock;
    bool begun;
    bool killed;   /* who asks was, before it had begun */
    bool answered; /* or is about to be: by the one who has set this */
    bool watched;  /* who asks got a signal that did not kill it; others may follow */
    bool closes;   /* who asks may be at its end, and closes a file */
    bool left;     /* likewise: it was, and is answered; under the watch's lock */
    struct drive_request *next;
};

/** Every request begins so. False: it is answered. */
bool drive_request_begin(struct drive_request *request, struct fuse_req *fuse);
/** Is it still to be answered? Then by who calls this, and by nobody else. */
bool drive_request_claim(struct drive_request *request);
/** Begins a request about an open file, or directory, until drive_open_put. NULL: it is answered. */
struct drive_open *drive_open_begin(struct drive_request *request, struct fuse_req *fuse,
                                    uint64_t number, bool directory);
void drive_open_put(struct drive_open *open);
/**
 * The answer says that bytes were written. Who is at its end, and so does not look at it, gets
 * it as soon as that takes longer than a moment: if it was killed, always; if it ends by
 * itself, and others may rely on its bytes, when none have moved for a while.
 */
void drive_request_closes(struct drive_request *request);
/** As drive_lookup. But who is about to give a file a new spelling does not find that: the kernel
 * would see that it is the same file, and have nothing renamed. */
int drive_request_look_up(const struct drive_request *request, uint64_t parent, const char *name,
                          struct drive_entry *ret);
/** Answers with 0 or -errno. */
void drive_request_answer(struct drive_request *request, int rc);

#endif
