/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_session.h: the one SMB session of this process.
 *
 * The library keeps its options, its log and its stack of temporary memory per
 * process and crashes when two threads use it. So a process has one session,
 * one thread calls these functions, and nothing here is locked.
 *
 * A session that lost its TCP connection, or waited in vain for an answer, does
 * not connect anew: every operation answers -ENOTCONN from then on, and the host
 * is told once. The password is not kept, so there is nothing to log on with a
 * second time.
 */
#ifndef SMB_SESSION_H
#define SMB_SESSION_H

#include <libsmbclient.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <mpr/provider.h>

#include "providers/smb/smb_fold.h"
#include "providers/smb/smb_identity.h"
#include "providers/smb/smb_name.h"
#include "providers/smb/smb_options.h"
#include "providers/smb/smb_provider.h"
#include "providers/smb/smb_watch.h"
#include "providers/smb/smb_window.h"

#define SMB_PATH_MAX 4096u /**< bytes of a path below the share with its NUL */
/** Bytes of the URL of any path of any name: every byte may need three. */
#define SMB_URL_MAX  (3 * (NP_HOST_MAX + SMB_NAME_MAX + MPR_KEY_MAX + SMB_PATH_MAX) + 32)

struct smb_session;

/** Who logs on, and with what. */
struct smb_logon {
    struct smb_identity identity;
    char password[MPR_SECRET_MAX]; /**< wiped when connect ends */
    bool has_password;
    bool kerberos;
};

/** What init makes. */
struct smb_state {
    const struct mpr_host *host;
    struct smb_options options;
    struct smb_fold fold;
    SMBCCTX *context;
    struct smb_session *session;             /**< the one that is connected, or NULL */
    struct smb_watch watch;                  /**< fed while a connect runs */
    struct smb_logon *logon;                 /**< what the library is told when it asks */
    smbc_remove_cached_srv_fn remove_server; /**< the library's own */
    bool dropped;                            /**< the library gave the connection up */
};

/** An open file or print job. */
struct smb_file {
    SMBCFILE *handle;
    struct smb_file *next;
    int64_t position;     /**< where the library would go on; -1 = unknown */
    uint64_t end;         /**< its size when the server was asked last */
    int64_t end_until_ns; /**< how long that is believed */
    bool readable;
    bool writable;
};

struct smb_session {
    struct smb_state *state;
    void *host_connection;
    struct smb_file *files;
    int socket; /**< a descriptor of our own of the TCP connection, or -1 */
    uint32_t uid, gid;
    bool lost;    /**< said so to the host */
    bool printer; /**< a print queue: no files, only jobs */
    struct smb_window reading, writing;
    char user[2 * SMB_FIELD_MAX]; /**< as connect would take it */
    struct smb_logon logon;       /**< without the password */
    size_t base_length;
    char base[SMB_URL_MAX];    /**< URL of the connection's root */
    char urls[2][SMB_URL_MAX]; /**< of the paths of the operation under way */
};

/**
 * Begins an operation: 0, or -ECANCELED, -ETIMEDOUT, or -ENOTCONN if the
 * connection is gone.
 */
int smb_session_begin(struct smb_session *session, const struct mpr_call *call);

/**
 * The -errno of an operation that the library failed with error (positive).
 * Notices a lost connection and tells the host.
 */
int smb_session_error(struct smb_session *session, const struct mpr_call *call, int error);

/**
 * Checks path and makes its URL in urls[which]. Returns 0, -EINVAL for a name
 * that SMB does not have, or -ENAMETOOLONG.
 */
int smb_session_url(struct smb_session *session, const char *path, int which, const char **ret_url);

/** Takes a file out of the session's list, closes it and frees it. Returns 0 or errno. */
int smb_session_close_file(struct smb_session *session, struct smb_file *file);

/** Shuts the TCP connection down: whatever waits for it ends at once. */
void smb_session_shutdown(struct smb_session *session);

#endif
