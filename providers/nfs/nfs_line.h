/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_line.h: one TCP connection to one RPC service, and the requests on it.
 *
 * There is no thread of its own behind a line. A thread that waits for a reply
 * and finds nobody else polling the socket becomes the leader: it polls for
 * all, without the lock, and carries out whatever arrives. Other threads that
 * wait follow: each sleeps until the leader has its replies, or until the
 * leader leaves and hands over. So a call costs no wake-up of another thread,
 * which is half as dear as a round trip to a near server.
 *
 * A line that may reconnect does so when somebody waits: at once after a loss,
 * then with growing pauses. Requests that may be replayed wait for it; others
 * fail with -EIO, because nobody knows whether they were carried out.
 *
 * libnfs never sees a name, a port, a time-out or a reconnect: it gets
 * connected sockets and codes and decodes. Requests are on the heap until
 * libnfs called back, whether anybody still waits for them or not.
 */
#ifndef NFS_LINE_H
#define NFS_LINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "providers/common/np_connect.h"
#include "providers/common/np_progress.h"
#include "providers/nfs/nfs_proc.h"

#define NFS_GROUPS_MAX 16 /**< of AUTH_UNIX */

/** Whom requests are sent as. */
struct nfs_identity {
    uint32_t uid, gid;
    uint32_t group_count;
    uint32_t groups[NFS_GROUPS_MAX];
};

/** What a line is to be. Copied, but for the context. */
struct nfs_line_setup {
    struct nfs_identity identity;
    bool reserved;      /**< from a reserved port, where possible */
    bool reconnect;     /**< after a loss; else every request fails from then on */
    int64_t connect_ns; /**< for one attempt to reconnect */
    int64_t io_ns;      /**< without progress; 0: deadlines are hard */
    /** Called, without any lock, after a loss that the server or the network caused. */
    void (*lost)(void *context);
    void *context;
};

struct nfs_line;
struct nfs_wait;

/** One call of a remote procedure. Allocated with malloc; freed by the line. */
struct nfs_request {
    struct nfs_request *next, **link; /**< in a list of the line */
    struct nfs_line *line;
    struct nfs_wait *wait; /**< who waits; NULL: nobody any more */
    const struct nfs_procedure *procedure;
    void *args; /**< valid as long as somebody waits */
    /**
     * Called with the line's lock held, when there is a reply or none will come.
     * result is 0 and data the reply; or a positive nfsstat and data the reply;
     * or -errno. data is gone afterwards. Returns true to be sent again with new
     * arguments; after false the request is freed.
     */
    bool (*reply)(struct nfs_request *request, int result, const void *data);
    void *context;
};

/** One thread that waits for one or more requests. */
struct nfs_wait {
    struct nfs_line *line;
    const struct mpr_call *call;
    struct np_progress progress;
    unsigned outstanding; /**< requests without a reply */
    bool leads;
    int event_fd; /**< written to when the last reply came, or to hand over the lead; or -1 */
    struct nfs_wait *next, **link; /**< among the line's followers */
};

struct nfs_requests {
    struct nfs_request *first, **end;
};

#define NFS_SPARE_EVENTS 8

struct nfs_line {
    /* constant */
    struct nfs_line_setup setup;
    char host[64]; /* numeric: handles are good with this server only */
    uint16_t port;
    int kick_fd;  /* eventfd: makes the leader look again */
    int abort_fd; /* eventfd: readable for ever after nfs_line_abort */
    atomic_bool aborted;

    pthread_mutex_t lock;          /* for all below; never held while polling or connecting */
    struct rpc_context *rpc;       /* NULL: not connected */
    int fd;                        /* rpc's, -1 without */
    bool leading;                  /* some thread polls */
    bool serving;                  /* inside rpc_service: callbacks only queue */
    bool broken;                   /* the leader is to drop the connection */
    bool report;                   /* setup.lost is to be called */
    bool answered;                 /* there was a reply on this connection */
    uint32_t generation;           /* counts connections that were lost */
    struct nfs_requests in_flight; /* libnfs will call back for these */
    struct nfs_requests queued;    /* to be sent when there is a connection */
    struct nfs_requests failed;    /* called back without a reply; to be sorted out */
    struct nfs_wait *followers;
    int64_t next_try_ns, pause_ns; /* to reconnect */
    char text[128];                /* why an RPC was refused on a working connection */
    int spare[NFS_SPARE_EVENTS];   /* eventfds for followers */
    unsigned spares;
};

/**
 * Connects. Returns 0 and the line; or -errno, with ret_failure (not NULL) saying why.
 */
int nfs_line_open(const char *host, uint16_t port, const struct nfs_line_setup *setup,
                  const struct mpr_call *call, struct nfs_line **ret_line,
                  struct np_failure *ret_failure);

/** Frees a line that nobody waits on; takes NULL. */
void nfs_line_free(struct nfs_line *line);

/** Every wait ends at once with -ENOTCONN, and later ones. From any thread. */
void nfs_line_abort(struct nfs_line *line);

/** How many connections were lost so far, this one included if it is dead. */
uint32_t nfs_line_generation(struct nfs_line *line);

/** Is the server on a network of this machine's own? False while there is no connection. */
bool nfs_line_is_direct(struct nfs_line *line);

/* The functions below are for nfs_wait.c; the lock is held. */

/** Sends, or queues until there is a connection. request->reply may run before the return. */
void nfs_line_send_locked(struct nfs_line *line, struct nfs_request *request);
/** Writes out what was sent, as far as the socket takes it. */
void nfs_line_flush_locked(struct nfs_line *line);
/** Reads and writes what the socket is ready for. */
void nfs_line_serve_locked(struct nfs_line *line, short revents);
/** Drops the connection: replayable requests are queued, others fail. */
void nfs_line_drop_locked(struct nfs_line *line);
/** The next attempt to connect is put off, longer each time. */
void nfs_line_pause_locked(struct nfs_line *line);
/** Hands a connected socket to libnfs and sends what is queued. Returns 0 or -errno. */
int nfs_line_attach_locked(struct nfs_line *line, int fd);
/** Nobody waits for wait's requests any more. */
void nfs_line_abandon_locked(struct nfs_line *line, const struct nfs_wait *wait);
/** Looks whether bytes move that wait has to wait for. */
void nfs_line_look_locked(const struct nfs_line *line, struct nfs_wait *wait);

#endif
