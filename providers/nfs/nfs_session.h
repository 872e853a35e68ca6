/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_session.h: a connected export, and what the files of this folder share.
 */
#ifndef NFS_SESSION_H
#define NFS_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "providers/common/np_words.h"
#include "providers/nfs/nfs_error.h"
#include "providers/nfs/nfs_known.h"
#include "providers/nfs/nfs_name.h"
#include "providers/nfs/nfs_node.h"
#include "providers/nfs/nfs_pool.h"
#include "providers/nfs/nfs_wait.h"

/** What the drop-in says. */
struct nfs_options {
    uint32_t connect_timeout_ms;
    uint32_t io_timeout_ms;
    uint32_t read_size, write_size; /**< bytes of one request at most */
    uint32_t in_flight;             /**< requests of one pread or pwrite at a time */
    uint32_t attribute_ms;          /**< directories on the way are believed for so long */
    uint32_t uid, gid;              /**< UINT32_MAX: the caller's */
    char servers[NP_SERVERS_MAX];   /**< for nfs_option_next_server */
};

/** What init makes. */
struct nfs_state {
    const struct mpr_host *host;
    struct nfs_options options;
};

/** Why version 4 is not to be had. */
#define NFS_WHY_VERSION_3                                                                          \
    "This provider speaks version 3 only: libnfs 4.0 loses writes of more than 3940 bytes and "    \
    "mixes up open files with version 4."

struct nfs_file;
struct nfs_inode;

struct nfs_session {
    atomic_int references; /**< calls under way, and one until disconnect */
    const struct nfs_state *state;
    void *host_connection;
    struct nfs_line *line;
    struct nfs_name name;
    struct nfs_identity identity;
    struct nfs_handle root;
    char mounted[MPR_KEY_MAX]; /**< what was asked of the mount service */
    uint16_t mount_port;
    uint32_t read_size, write_size, list_size; /**< bytes of one request */
    struct nfs_pool pool;
    struct nfs_known known;
    atomic_size_t budget;          /**< bytes in flight of one transfer */
    atomic_uint_least64_t speed;   /**< bytes per second, best of the long transfers */
    atomic_uint_least64_t changes; /**< counted by nfs_session_changed */

    pthread_mutex_t lock; /**< for the lists */
    struct nfs_file *files;
    struct nfs_inode *inodes;
};

/**
 * Connects. Returns the session; or NULL with *ret_failure filled.
 */
struct nfs_session *nfs_session_connect(const struct nfs_state *state, const struct mpr_call *call,
                                        const struct mpr_connect *args,
                                        struct nfs_failure *ret_failure);

/** A call begins: the session stays until nfs_session_leave. */
struct nfs_session *nfs_session_enter(void *session);
/** A call ends with rc, which is returned. */
int nfs_session_leave(struct nfs_session *session, int rc);

/** Attributes of a file have changed, or may: what was said of a new file does not count. */
void nfs_session_changed(struct nfs_session *session);

/** Tells the mount service that the export is not used any more; never waits long. */
void nfs_session_unmount(struct nfs_session *session, const struct mpr_call *call);

/** The user of the session to buffer: "uid:gid". Returns a Win32 code. */
uint32_t nfs_session_user(const struct nfs_session *session, char *buffer, size_t size);

/** Measures round trips. Returns a Win32 code. */
uint32_t nfs_session_performance(struct nfs_session *session, const struct mpr_call *call,
                                 struct mpr_performance *ret);

#endif
