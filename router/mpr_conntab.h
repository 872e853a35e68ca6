/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_conntab.h: the connections of this process, by device and by remote name.
 *
 * The one guarded table. Its lock is held for moments only, never while a
 * provider is called: whoever works on a connection marks it with a state, and
 * others wait for the state to change, with a bound.
 */
#ifndef MPR_CONNTAB_H
#define MPR_CONNTAB_H

#include <stdatomic.h>
#include <stdbool.h>

#include "router/mpr_name.h"
#include "router/mpr_providers.h"

enum mpr_conn_state {
    MPR_CONN_CONNECTING, /* its device is reserved */
    MPR_CONN_CONNECTED,
    MPR_CONN_CANCELLING, /* held by a cancel */
    MPR_CONN_GONE,       /* no longer in the table */
};

/** What a connection is made of; set before it is CONNECTED, constant afterwards. */
struct mpr_conn_facts {
    struct mpr_np *np;
    char *key;          /* canonical, of np; the block that what follows lies in as well */
    const char *user;   /* as the caller gave it, or NULL */
    const char *remote; /* as the caller wrote it */
    uint32_t type;      /* RESOURCETYPE_ */
    int secret_fd;      /* mpr_secret */
    uint32_t flags;     /* CONNECT_ flags that its provider was given */
    uint32_t use_options_size;
    const void *use_options; /* or NULL */
};

/*
 * What a look-up touches stands first, to lie in few cache lines: with many
 * connections that is what a look-up costs.
 */
struct mpr_conn {
    struct mpr_conn *next_same_bucket; /* under mpr_table_lock */
    size_t hash;                       /* of np and key */
    struct mpr_conn_facts facts;
    struct mpr_device device; /* index -1: deviceless */
    uint64_t age;             /* small = old */
    /* All below under mpr_table_lock. */
    enum mpr_conn_state state;
    bool forced;                      /* a forced cancel works on it, or wants to */
    bool held_by_force;               /* it is CANCELLING by a forced one from the start */
    unsigned references;              /* the table's included */
    unsigned open_files;              /* handles and print jobs */
    unsigned in_flight;               /* operations under way */
    void *session;                    /* the provider's; NULL once disconnected */
    struct mpr_conn *next, *previous; /* all connections, by age */
    atomic_int cancel_fd;             /* eventfd, made on demand, without the lock; -1 */
};

/**
 * Reserves a device, or starts a deviceless connection: CONNECTING.
 *
 * Returns NO_ERROR with a reference, ERROR_ALREADY_ASSIGNED, ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_conntab_reserve(const struct mpr_device *device, struct mpr_conn **ret_conn)
    EXCLUDES(mpr_table_lock);

/** Reserves the first free device of first..last (either direction) but those in skip, a bit each. */
DWORD mpr_conntab_reserve_free(int first, int last, uint64_t skip, struct mpr_conn **ret_conn)
    EXCLUDES(mpr_table_lock);

/**
 * Makes a reserved connection CONNECTED; facts and session become its own. False,
 * and nothing has changed: a forced cancel came in between, or, for a
 * deviceless one, an equal connection is there already (*ret_exists).
 */
bool mpr_conntab_commit(struct mpr_conn *conn, const struct mpr_conn_facts *facts, void *session,
                        bool *ret_exists) EXCLUDES(mpr_table_lock);

/** Its state at this moment. Once it is not CONNECTING its facts may be read. */
enum mpr_conn_state mpr_conntab_state(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** Is it connected, or being cancelled; not on its way in or out. */
bool mpr_conntab_is_connected(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** Was an add aborted by a forced cancel of its device? */
bool mpr_conntab_was_forced(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** Takes a connection that never was connected out of the table, if it is there: GONE. */
void mpr_conntab_remove(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** Gives a reference back; the last one frees. */
void mpr_conntab_unref(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** The connection of a device in any state, with a reference; or NULL. */
struct mpr_conn *mpr_conntab_find_device(int index) EXCLUDES(mpr_table_lock);

/** Is there a deviceless connection to this resource that user (NULL = any) can share? */
bool mpr_conntab_has_deviceless(const struct mpr_np *np, const char *key, const char *user)
    EXCLUDES(mpr_table_lock);

/** The best connection to a resource: deviceless before others, then the oldest; or NULL. */
struct mpr_conn *mpr_conntab_find_remote(const struct mpr_np *np, const char *key)
    EXCLUDES(mpr_table_lock);

/**
 * All connections to a resource, oldest first, so that two who hold them all do not
 * wait for each other; with a reference each, in an array to be freed.
 * Returns NO_ERROR (also for none) or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_conntab_list_remote(const struct mpr_np *np, const char *key, bool deviceless_only,
                              struct mpr_conn ***ret_conns, size_t *ret_count)
    EXCLUDES(mpr_table_lock);

/**
 * All connections of the table, likewise, oldest first: of some providers (NULL:
 * of all), and only if asked those on their way in, which have no provider yet.
 */
DWORD mpr_conntab_list(bool connecting, const struct mpr_providers *of,
                       struct mpr_conn ***ret_conns, size_t *ret_count) EXCLUDES(mpr_table_lock);

/** Gives back what a list function gave. */
void mpr_conntab_list_free(struct mpr_conn **conns, size_t count) EXCLUDES(mpr_table_lock);

/* --- cancelling --- */

enum mpr_hold {
    MPR_HOLD_HELD,       /* CANCELLING, by the caller now */
    MPR_HOLD_GONE,       /* it is out of the table: another's cancel, or our force */
    MPR_HOLD_OPEN_FILES, /* nothing changed */
    MPR_HOLD_IN_USE,     /* nothing changed: an operation, or an add, is under way */
    MPR_HOLD_TIMEOUT,    /* another's cancel has not ended in time */
};

/**
 * Holds a connection for being cancelled: no new operation begins. Unforced, it
 * must have no open files and nothing under way, and another's cancel is waited
 * for. Forced, it takes over from an unforced cancel, and aborts an add; who of
 * them does not listen until the deadline loses the connection to nobody: it
 * is GONE, and he ends the session when his provider lets him. Another forced
 * cancel is waited for; with deadline 0 nobody is.
 */
enum mpr_hold mpr_conntab_hold(struct mpr_conn *conn, bool force, int64_t deadline_ns)
    EXCLUDES(mpr_table_lock);

/**
 * Lets go of a connection that could not be cancelled. If it is GONE meanwhile
 * gives its session, which the caller disconnects.
 */
void *mpr_conntab_release(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** Waits until nothing is under way on a held connection. False: not in time. */
bool mpr_conntab_drain(struct mpr_conn *conn, int64_t deadline_ns) EXCLUDES(mpr_table_lock);

/**
 * Takes a held connection out of the table: GONE. Gives its session, for
 * disconnecting, unless something is still under way: then the last operation
 * to end disconnects it.
 */
void *mpr_conntab_detach(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/* --- using --- */

/** Begins an operation. 0, -ENOTCONN, or -ETIMEDOUT: a cancel under way is waited for. */
int mpr_conntab_begin(struct mpr_conn *conn, int64_t deadline_ns, void **ret_session)
    EXCLUDES(mpr_table_lock);

/** Ends it; files: change of the count of open files. Gives the session if the
 * connection is gone and this was the last operation: the caller disconnects it. */
void *mpr_conntab_end(struct mpr_conn *conn, int files) EXCLUDES(mpr_table_lock);

/** A handle of a connection that is gone was closed. */
void mpr_conntab_forget_file(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** How many files are open on it now. */
unsigned mpr_conntab_open_files(struct mpr_conn *conn) EXCLUDES(mpr_table_lock);

/** The descriptor that becomes readable when the connection is cancelled by force; -1 if none can
 * be made. */
int mpr_conn_cancel_fd(struct mpr_conn *conn);

/** Makes it readable. */
void mpr_conn_signal_cancel(struct mpr_conn *conn);

/** Forgets every connection without telling its provider: the child of a fork has none. */
void mpr_conntab_forget_all(void) EXCLUDES(mpr_table_lock);

#endif
