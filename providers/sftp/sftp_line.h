/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_line.h: one SSH connection with one SFTP server behind it, and the
 * requests on it.
 *
 * A thread of its own has the line and is the only one that calls libssh with
 * it: libssh allows one thread per session. The thread begins with the
 * handshake, and from then on sends what others queue and carries out what
 * arrives; it never blocks but in poll. It blocks every signal, so that no
 * SIGPIPE of libssh's agent code reaches the program. Other threads queue
 * packets, and wait with poll for their replies, for their cancel descriptor
 * and for their deadline (sftp_call.h), so that a silent server holds nobody.
 *
 * libssh's own SFTP functions are not used: they take one request at a time,
 * block without a bound, and lose the place in the stream when one gives up.
 * Here a request that nobody waits for any more is forgotten, its late reply
 * has an id that nobody knows, and the line goes on.
 */
#ifndef SFTP_LINE_H
#define SFTP_LINE_H

#include <libssh/libssh.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "providers/common/np_progress.h"
#include "providers/sftp/sftp_error.h"
#include "providers/sftp/sftp_option.h"
#include "providers/sftp/sftp_packet.h"

/** Extensions that a server announced. */
#define SFTP_CAN_RENAME 0x01u /**< posix-rename@openssh.com */
#define SFTP_CAN_LINK   0x02u /**< hardlink@openssh.com */
#define SFTP_CAN_FSYNC  0x04u /**< fsync@openssh.com */
#define SFTP_CAN_SPACE  0x08u /**< statvfs@openssh.com */
#define SFTP_CAN_LIMITS 0x10u /**< limits@openssh.com */

/** How far the handshake is. */
enum sftp_stage {
    SFTP_AT_BANNER,  /**< nothing has said yet that SSH is spoken */
    SFTP_AT_KEYS,    /**< keys are exchanged */
    SFTP_AT_HOSTKEY, /**< is it the right server? */
    SFTP_AT_LOGIN,
    SFTP_AT_AGENT,   /**< the agent's keys are tried */
    SFTP_AT_CHANNEL, /**< the subsystem sftp is started */
    SFTP_AT_VERSION,
    SFTP_AT_WORK,
};

#define SFTP_SPARES 8

/** One thread that waits for requests. */
struct sftp_wait {
    int event_fd;         /**< rung when one of them is done */
    unsigned outstanding; /**< not done */
    struct np_progress progress;
};

/** A request on its way. Lies with the thread that waits. */
struct sftp_request {
    struct sftp_request *next, **link; /**< among the line's; link NULL: not on its way */
    struct sftp_wait *wait;
    bool done;
    uint32_t id;
    uint8_t *into;  /**< READ: where the bytes go */
    size_t room;    /**< of into */
    int result;     /**< when done: 0, a status, or -errno */
    uint8_t type;   /**< of the reply */
    size_t length;  /**< bytes of the reply after its id, or bytes read */
    uint8_t *reply; /**< free it; NULL for STATUS and DATA */
};

/** A packet that waits to be sent. */
struct sftp_parcel {
    struct sftp_parcel *next;
    uint8_t *data;
    size_t size, sent;
};

/** What has arrived of a packet. The line's thread alone uses it. */
struct sftp_arrival {
    uint8_t header[13]; /* length, type, id, and the length of DATA */
    size_t header_used;
    uint32_t length, id; /* length: of all after type and id */
    uint8_t type;
    uint8_t *body;    /* but of DATA */
    size_t body_used; /* of DATA: bytes that have arrived */
};

struct sftp_line {
    /* constant after the handshake */
    const struct mpr_host *host;
    void *host_connection;
    struct sftp_options options;
    struct sftp_name name;
    char task[400]; /* "Connecting to sftp://...", for texts */
    uint32_t uid;
    int64_t began_ns;
    bool interactive, has_password;
    bool target_first; /* the server takes the arguments of SYMLINK in OpenSSH's order */
    char home[PATH_MAX - 32], known_hosts[PATH_MAX];
    uint32_t extensions;
    pthread_t thread;
    int fd;       /* the socket; libssh has a duplicate, and closes that when it likes */
    int wake_fd;  /* the thread is to look */
    int ready_fd; /* whoever opens the line is to look */
    atomic_int references;
    atomic_bool aborted;
    atomic_uint next_id;
    atomic_int stage;
    atomic_uint_least64_t moved; /* bytes that arrived */

    /* the line's thread alone */
    ssh_session ssh;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct *callbacks;
    struct sftp_arrival arrival;
    bool broken; /* the peer does not keep to the protocol */
    char password[MPR_SECRET_MAX];
    int64_t deadline_ns; /* of the handshake */
    int ssh_fd;          /* the duplicate that libssh was given, or -1 */

    pthread_mutex_t lock; /* for all below; never held while waiting or calling libssh */
    pthread_cond_t change;
    bool done;              /* the handshake is over */
    bool working;           /* and it went well */
    bool asking;            /* question is to be put to the user */
    bool lost;              /* no request is taken any more */
    int agent_fd;           /* a duplicate of the socket to the agent, or -1 */
    int spare[SFTP_SPARES]; /* event descriptors for those who wait */
    unsigned spares;
    char user[MPR_USER_MAX];     /* as whom; "" before it is known */
    struct sftp_failure failure; /* of the handshake */
    const char *question;        /* for the user */
    char answer[16];
    uint32_t answer_code;
    struct sftp_request *requests, **requests_end;
    struct sftp_parcel *parcels, **parcels_end;
};

/** What a line is to be. Copied, but for what host_connection points to. */
struct sftp_line_setup {
    const struct mpr_host *host;
    const struct sftp_options *options;
    const struct sftp_name *name; /**< with the user to be, or "" for the local user's name */
    const char *remote;           /**< for texts */
    void *host_connection;        /**< for connection_lost; NULL: nobody is to be told */
    bool interactive;             /**< the user may be asked */
};

/**
 * Connects, proves the server's identity and ours, and starts SFTP. The host's
 * secret is the password. Returns the line; or NULL with *ret_failure filled.
 */
struct sftp_line *sftp_line_open(const struct sftp_line_setup *setup, const struct mpr_call *call,
                                 struct sftp_failure *ret_failure);

/** Every request ends at once, and no later one is taken. From any thread. */
void sftp_line_abort(struct sftp_line *line);

/** Aborts the line, lets its thread end, and is done with it. Takes NULL. */
void sftp_line_close(struct sftp_line *line);

/**
 * Queues a packet for a request that is filled in but for what the line knows.
 * The lock is held. Takes data, of size bytes, whatever comes: returns 0, or
 * -errno and the request is not on its way.
 */
int sftp_line_send_locked(struct sftp_line *line, struct sftp_request *request,
                          struct sftp_out *packet);
/** An id for the next packet. */
uint32_t sftp_line_id(struct sftp_line *line);
/** One more has the line, until sftp_line_drop. Returns line. */
struct sftp_line *sftp_line_keep(struct sftp_line *line);
void sftp_line_drop(struct sftp_line *line);
/** Is the line good for nothing any more? */
bool sftp_line_is_lost(struct sftp_line *line);
/** From now on another agent's answers are waited for: an abort ends that. */
void sftp_line_set_agent(struct sftp_line *line, int fd);
/** Nobody waits for request any more. The lock is held. */
void sftp_line_forget_locked(struct sftp_line *line, struct sftp_request *request);
/** Tells the thread that there is something to send. */
void sftp_line_wake(struct sftp_line *line);
/** The request has its result. The lock is held. */
void sftp_line_finish_locked(struct sftp_line *line, struct sftp_request *request, int result);

/* For the handshake, in the line's thread. */

/** Waits for the socket. Returns false when the line was aborted or its time is over. */
bool sftp_line_wait(struct sftp_line *line);
/** Sends and receives what there is, after waiting until until_ns at most. False: the line is dead. */
bool sftp_line_pump(struct sftp_line *line, int64_t until_ns);
/**
 * Has the user asked, by the thread that opens the line, and returns NO_ERROR
 * and the answer, or a Win32 code. The time that this takes does not count.
 */
uint32_t sftp_line_ask(struct sftp_line *line, const char *question, char *answer, size_t size);

#endif
