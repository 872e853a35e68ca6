/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_conntab.c: the connection table and the states of its connections.
 */
#include "config.h"

#include "router/mpr_conntab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_secret.h"

struct mpr_lock mpr_table_lock = MPR_LOCK_INIT;

static pthread_cond_t changed; /* a state, or the end of an operation */
static pthread_once_t changed_once = PTHREAD_ONCE_INIT;
static struct mpr_conn *by_device[MPR_DEVICE_COUNT] GUARDED_BY(mpr_table_lock);
static struct mpr_conn **buckets GUARDED_BY(mpr_table_lock);
static size_t bucket_count GUARDED_BY(mpr_table_lock); /* a power of two, or 0 */
static size_t hashed GUARDED_BY(mpr_table_lock);       /* connections in buckets */
static struct mpr_conn *oldest GUARDED_BY(mpr_table_lock);
static struct mpr_conn *youngest GUARDED_BY(mpr_table_lock);
static size_t total GUARDED_BY(mpr_table_lock);
static uint64_t next_age GUARDED_BY(mpr_table_lock);

static void init_changed(void) {
    mpr_cond_init(&changed);
}

static void free_conn(struct mpr_conn *conn) {
    int fd = atomic_load(&conn->cancel_fd);

    if (fd >= 0)
        close(fd);
    mpr_secret_close(conn->facts.secret_fd);
    free(conn->facts.key);
    free(conn);
}

/* FNV-1a; the provider is part of the key. */
static size_t hash_of(const struct mpr_np *np, const char *key) {
    uint64_t hash = 0xCBF29CE484222325u ^ (uintptr_t)np;

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 0x100000001B3u;
    return (size_t)(hash ^ hash >> 32);
}

static struct mpr_conn **bucket_locked(size_t hash) REQUIRES(mpr_table_lock) {
    return &buckets[hash & (bucket_count - 1)];
}

/* The first connection that may be to this resource; the rest is its chain. */
static struct mpr_conn *first_locked(size_t hash) REQUIRES(mpr_table_lock) {
    return bucket_count ? *bucket_locked(hash) : NULL;
}

/* Room for one more in the buckets. */
static bool grow_locked(void) REQUIRES(mpr_table_lock) {
    size_t count = bucket_count ? bucket_count * 2 : 64;
    struct mpr_conn **more;

    if (hashed < bucket_count)
        return true;
    more = calloc(count, sizeof *more);
    if (!more)
        return bucket_count != 0; /* longer chains will do */
    free(buckets);
    buckets = more;
    bucket_count = count;
    for (struct mpr_conn *conn = oldest; conn; conn = conn->next) {
        struct mpr_conn **bucket;

        if (!conn->facts.key)
            continue;
        bucket = bucket_locked(conn->hash);
        conn->next_same_bucket = *bucket;
        *bucket = conn;
    }
    return true;
}

static void append_locked(struct mpr_conn *conn) REQUIRES(mpr_table_lock) {
    conn->age = next_age++;
    conn->previous = youngest;
    if (youngest)
        youngest->next = conn;
    else
        oldest = conn;
    youngest = conn;
    total++;
    if (conn->device.index >= 0)
        by_device[conn->device.index] = conn;
}

static void unlink_locked(struct mpr_conn *conn) REQUIRES(mpr_table_lock) {
    if (conn->facts.key) {
        struct mpr_conn **at = bucket_locked(conn->hash);

        while (*at != conn)
            at = &(*at)->next_same_bucket;
        *at = conn->next_same_bucket;
        hashed--;
    }
    *(conn->previous ? &conn->previous->next : &oldest) = conn->next;
    *(conn->next ? &conn->next->previous : &youngest) = conn->previous;
    if (conn->device.index >= 0)
        by_device[conn->device.index] = NULL;
    total--;
}

static bool unref_locked(struct mpr_conn *conn) REQUIRES(mpr_table_lock) {
    return --conn->references == 0;
}

static struct mpr_conn *new_conn(void) {
    struct mpr_conn *conn = calloc(1, sizeof *conn);

    pthread_once(&changed_once, init_changed);
    if (conn) {
        conn->references = 2;
        conn->facts.secret_fd = MPR_SECRET_NONE;
        conn->device.index = -1;
        atomic_init(&conn->cancel_fd, -1);
    }
    return conn;
}

DWORD mpr_conntab_reserve(const struct mpr_device *device, struct mpr_conn **ret_conn) {
    struct mpr_conn *conn = new_conn();
    bool taken;

    if (!conn)
        return ERROR_NOT_ENOUGH_MEMORY;
    conn->device = *device;
    mpr_lock(&mpr_table_lock);
    taken = device->index >= 0 && by_device[device->index];
    if (!taken)
        append_locked(conn);
    mpr_unlock(&mpr_table_lock);
    if (taken) {
        free_conn(conn);
        return ERROR_ALREADY_ASSIGNED;
    }
    *ret_conn = conn;
    return NO_ERROR;
}

DWORD mpr_conntab_reserve_free(int first, int last, uint64_t skip, struct mpr_conn **ret_conn) {
    struct mpr_conn *conn = new_conn();
    int step = first <= last ? 1 : -1;
    int found = -1;

    if (!conn)
        return ERROR_NOT_ENOUGH_MEMORY;
    mpr_lock(&mpr_table_lock);
    for (int at = first; at != last + step && found < 0; at += step)
        if (!by_device[at] && !(skip >> at & 1))
            found = at;
    if (found >= 0) {
        conn->device = mpr_name_device_at(found);
        append_locked(conn);
    }
    mpr_unlock(&mpr_table_lock);
    if (found < 0) {
        free_conn(conn);
        return ERROR_NO_MORE_ITEMS;
    }
    *ret_conn = conn;
    return NO_ERROR;
}

static bool is_to(const struct mpr_conn *conn, size_t hash, const struct mpr_np *np,
                  const char *key) {
    return conn->hash == hash && conn->facts.np == np && strcmp(conn->facts.key, key) == 0;
}

static bool has_deviceless_locked(const struct mpr_np *np, const char *key, const char *user)
    REQUIRES(mpr_table_lock) {
    size_t hash = hash_of(np, key);

    for (struct mpr_conn *at = first_locked(hash); at; at = at->next_same_bucket) {
        const char *theirs = at->facts.user;

        if (at->device.index < 0 && at->state == MPR_CONN_CONNECTED && is_to(at, hash, np, key)
            && (!user || (theirs && strcmp(user, theirs) == 0)))
            return true;
    }
    return false;
}

bool mpr_conntab_commit(struct mpr_conn *conn, const struct mpr_conn_facts *facts, void *session,
                        bool *ret_exists) {
    bool done = false;

    *ret_exists = false;
    mpr_lock(&mpr_table_lock);
    if (conn->device.index < 0)
        *ret_exists = has_deviceless_locked(facts->np, facts->key, facts->user);
    if (!*ret_exists && !conn->forced && grow_locked()) {
        struct mpr_conn **bucket;

        conn->facts = *facts;
        conn->hash = hash_of(facts->np, facts->key);
        bucket = bucket_locked(conn->hash);
        conn->session = session;
        conn->state = MPR_CONN_CONNECTED;
        conn->next_same_bucket = *bucket;
        *bucket = conn;
        hashed++;
        pthread_cond_broadcast(&changed);
        done = true;
    }
    mpr_unlock(&mpr_table_lock);
    return done;
}

static bool is_connected_locked(const struct mpr_conn *conn) REQUIRES(mpr_table_lock) {
    return conn->state == MPR_CONN_CONNECTED || conn->state == MPR_CONN_CANCELLING;
}

bool mpr_conntab_is_connected(struct mpr_conn *conn) {
    bool connected;

    mpr_lock(&mpr_table_lock);
    connected = is_connected_locked(conn);
    mpr_unlock(&mpr_table_lock);
    return connected;
}

enum mpr_conn_state mpr_conntab_state(struct mpr_conn *conn) {
    enum mpr_conn_state state;

    mpr_lock(&mpr_table_lock);
    state = conn->state;
    mpr_unlock(&mpr_table_lock);
    return state;
}

bool mpr_conntab_was_forced(struct mpr_conn *conn) {
    bool forced;

    mpr_lock(&mpr_table_lock);
    forced = conn->forced;
    mpr_unlock(&mpr_table_lock);
    return forced;
}

/* Takes it out of the table, once. True: nobody has a reference any more. */
static bool take_out_locked(struct mpr_conn *conn) REQUIRES(mpr_table_lock) {
    if (conn->state == MPR_CONN_GONE)
        return false;
    unlink_locked(conn);
    conn->state = MPR_CONN_GONE;
    pthread_cond_broadcast(&changed);
    return unref_locked(conn);
}

void mpr_conntab_remove(struct mpr_conn *conn) {
    bool last;

    mpr_lock(&mpr_table_lock);
    last = take_out_locked(conn);
    mpr_unlock(&mpr_table_lock);
    if (last)
        free_conn(conn);
}

void mpr_conntab_unref(struct mpr_conn *conn) {
    bool last;

    mpr_lock(&mpr_table_lock);
    last = unref_locked(conn);
    mpr_unlock(&mpr_table_lock);
    if (last)
        free_conn(conn);
}

struct mpr_conn *mpr_conntab_find_device(int index) {
    struct mpr_conn *conn;

    mpr_lock(&mpr_table_lock);
    conn = by_device[index];
    if (conn)
        conn->references++;
    mpr_unlock(&mpr_table_lock);
    return conn;
}

bool mpr_conntab_has_deviceless(const struct mpr_np *np, const char *key, const char *user) {
    bool has;

    mpr_lock(&mpr_table_lock);
    has = has_deviceless_locked(np, key, user);
    mpr_unlock(&mpr_table_lock);
    return has;
}

/* Is a the better one to serve a path by remote name? */
static bool is_better(const struct mpr_conn *a, const struct mpr_conn *b) {
    if ((a->device.index < 0) != (b->device.index < 0))
        return a->device.index < 0;
    return a->age < b->age;
}

struct mpr_conn *mpr_conntab_find_remote(const struct mpr_np *np, const char *key) {
    size_t hash = hash_of(np, key);
    struct mpr_conn *best = NULL;

    mpr_lock(&mpr_table_lock);
    for (struct mpr_conn *at = first_locked(hash); at; at = at->next_same_bucket)
        if (is_to(at, hash, np, key) && (!best || is_better(at, best)))
            best = at;
    if (best)
        best->references++;
    mpr_unlock(&mpr_table_lock);
    return best;
}

static size_t count_remote_locked(const struct mpr_np *np, const char *key)
    REQUIRES(mpr_table_lock) {
    size_t hash = hash_of(np, key);
    size_t count = 0;

    for (struct mpr_conn *at = first_locked(hash); at; at = at->next_same_bucket)
        count += is_to(at, hash, np, key);
    return count;
}

static int compare_age(const void *left, const void *right) {
    struct mpr_conn *const *a = left, *const *b = right;

    return ((*a)->age > (*b)->age) - ((*a)->age < (*b)->age);
}

DWORD mpr_conntab_list_remote(const struct mpr_np *np, const char *key, bool deviceless_only,
                              struct mpr_conn ***ret_conns, size_t *ret_count) {
    size_t hash = hash_of(np, key);
    struct mpr_conn **conns = NULL;
    size_t room, count = 0;

    mpr_lock(&mpr_table_lock);
    room = count_remote_locked(np, key);
    if (room)
        conns = calloc(room, sizeof *conns);
    if (conns)
        for (struct mpr_conn *at = first_locked(hash); at; at = at->next_same_bucket)
            if (is_to(at, hash, np, key) && (!deviceless_only || at->device.index < 0)) {
                at->references++;
                conns[count++] = at;
            }
    mpr_unlock(&mpr_table_lock);
    if (room && !conns)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (count > 1)
        qsort(conns, count, sizeof *conns, compare_age);
    *ret_conns = conns;
    *ret_count = count;
    return NO_ERROR;
}

static bool is_listed_locked(const struct mpr_conn *conn, bool connecting,
                             const struct mpr_providers *of) REQUIRES(mpr_table_lock) {
    if (!is_connected_locked(conn))
        return connecting;
    return !of || (conn->facts.np >= of->items && conn->facts.np < of->items + of->count);
}

DWORD mpr_conntab_list(bool connecting, const struct mpr_providers *of,
                       struct mpr_conn ***ret_conns, size_t *ret_count) {
    struct mpr_conn **conns;
    size_t count = 0;

    mpr_lock(&mpr_table_lock);
    conns = calloc(total + 1, sizeof *conns);
    for (struct mpr_conn *at = oldest; conns && at; at = at->next)
        if (is_listed_locked(at, connecting, of)) {
            at->references++;
            conns[count++] = at;
        }
    mpr_unlock(&mpr_table_lock);
    if (!conns)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret_conns = conns;
    *ret_count = count;
    return NO_ERROR;
}

void mpr_conntab_list_free(struct mpr_conn **conns, size_t count) {
    for (size_t i = 0; i < count; i++)
        mpr_conntab_unref(conns[i]);
    free(conns);
}

int mpr_conn_cancel_fd(struct mpr_conn *conn) {
    int fd = atomic_load(&conn->cancel_fd);
    int none = -1;

    if (fd >= 0)
        return fd;
    fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd >= 0 && !atomic_compare_exchange_strong(&conn->cancel_fd, &none, fd)) {
        close(fd);
        fd = none;
    }
    return fd;
}

void mpr_conn_signal_cancel(struct mpr_conn *conn) {
    int fd = mpr_conn_cancel_fd(conn);

    if (fd >= 0)
        eventfd_write(fd, 1);
}

/* Takes back a signal that was meant for one call, not for the connection. */
static void clear_cancel_signal(struct mpr_conn *conn) {
    int fd = atomic_load(&conn->cancel_fd);
    eventfd_t ignored;

    if (fd >= 0)
        eventfd_read(fd, &ignored);
}

/* One look at the state; false: wait for it to change. */
static bool try_hold_locked(struct mpr_conn *conn, bool force, enum mpr_hold *ret_result)
    REQUIRES(mpr_table_lock) {
    switch (conn->state) {
    case MPR_CONN_GONE:
        *ret_result = MPR_HOLD_GONE;
        return true;
    case MPR_CONN_CONNECTING:
        if (force && !conn->forced) {
            conn->forced = true;
            mpr_conn_signal_cancel(conn);
        }
        *ret_result = MPR_HOLD_IN_USE;
        return !force;
    case MPR_CONN_CANCELLING:
        /* The other's disconnect gives up, and lets go of the connection. */
        if (force && !conn->forced) {
            conn->forced = true;
            mpr_conn_signal_cancel(conn);
        }
        return false;
    case MPR_CONN_CONNECTED:
        break;
    }
    if (!force && conn->open_files) {
        *ret_result = MPR_HOLD_OPEN_FILES;
        return true;
    }
    *ret_result = !force && conn->in_flight ? MPR_HOLD_IN_USE : MPR_HOLD_HELD;
    if (*ret_result == MPR_HOLD_HELD) {
        conn->state = MPR_CONN_CANCELLING;
        conn->forced = conn->held_by_force = force;
    }
    return true;
}

enum mpr_hold mpr_conntab_hold(struct mpr_conn *conn, bool force, int64_t deadline_ns) {
    enum mpr_hold result = MPR_HOLD_TIMEOUT;

    mpr_lock(&mpr_table_lock);
    while (!try_hold_locked(conn, force, &result)) {
        if (mpr_cond_wait(&changed, &mpr_table_lock, deadline_ns))
            continue;
        result = MPR_HOLD_TIMEOUT;
        /* A forced cancel has a bound of its own, and ends the session itself. */
        if (force && deadline_ns && !conn->held_by_force) {
            take_out_locked(conn); /* the caller has a reference, so it is not the last */
            result = MPR_HOLD_GONE;
        }
        break;
    }
    mpr_unlock(&mpr_table_lock);
    return result;
}

void *mpr_conntab_release(struct mpr_conn *conn) {
    void *session = NULL;

    mpr_lock(&mpr_table_lock);
    if (conn->state == MPR_CONN_GONE) {
        session = MPR_TAKE(conn->session);
    } else {
        conn->state = MPR_CONN_CONNECTED;
        conn->forced = conn->held_by_force = false;
        clear_cancel_signal(conn);
        pthread_cond_broadcast(&changed);
    }
    mpr_unlock(&mpr_table_lock);
    return session;
}

bool mpr_conntab_drain(struct mpr_conn *conn, int64_t deadline_ns) {
    bool empty;

    mpr_lock(&mpr_table_lock);
    while (conn->in_flight && mpr_cond_wait(&changed, &mpr_table_lock, deadline_ns))
        ;
    empty = !conn->in_flight;
    mpr_unlock(&mpr_table_lock);
    return empty;
}

void *mpr_conntab_detach(struct mpr_conn *conn) {
    void *session = NULL;
    bool last;

    mpr_lock(&mpr_table_lock);
    if (!conn->in_flight)
        session = MPR_TAKE(conn->session);
    last = take_out_locked(conn);
    mpr_unlock(&mpr_table_lock);
    if (last)
        free_conn(conn);
    return session;
}

int mpr_conntab_begin(struct mpr_conn *conn, int64_t deadline_ns, void **ret_session) {
    int rc;

    mpr_lock(&mpr_table_lock);
    while (conn->state == MPR_CONN_CANCELLING && !conn->forced
           && mpr_cond_wait(&changed, &mpr_table_lock, deadline_ns))
        ;
    if (conn->state == MPR_CONN_CONNECTED) {
        conn->in_flight++;
        conn->references++;
        *ret_session = conn->session;
        rc = 0;
    } else {
        rc = conn->state == MPR_CONN_CANCELLING && !conn->forced ? -ETIMEDOUT : -ENOTCONN;
    }
    mpr_unlock(&mpr_table_lock);
    return rc;
}

void *mpr_conntab_end(struct mpr_conn *conn, int files) {
    void *session = NULL;
    bool last;

    mpr_lock(&mpr_table_lock);
    conn->open_files = (unsigned)((int)conn->open_files + files);
    if (--conn->in_flight == 0 && conn->state != MPR_CONN_CONNECTED) {
        if (conn->state == MPR_CONN_GONE)
            session = MPR_TAKE(conn->session);
        pthread_cond_broadcast(&changed);
    }
    /* With a session to disconnect the caller still needs the connection. */
    last = !session && unref_locked(conn);
    mpr_unlock(&mpr_table_lock);
    if (last)
        free_conn(conn);
    return session;
}

void mpr_conntab_forget_file(struct mpr_conn *conn) {
    mpr_lock(&mpr_table_lock);
    conn->open_files--;
    mpr_unlock(&mpr_table_lock);
}

unsigned mpr_conntab_open_files(struct mpr_conn *conn) {
    unsigned count;

    mpr_lock(&mpr_table_lock);
    count = conn->open_files;
    mpr_unlock(&mpr_table_lock);
    return count;
}

/* Handles of the parent's files stay, and answer as after a forced cancel. */
void mpr_conntab_forget_all(void) {
    struct mpr_conn *conn;

    mpr_lock(&mpr_table_lock);
    mpr_cond_init(&changed);
    while ((conn = oldest)) {
        unlink_locked(conn);
        conn->state = MPR_CONN_GONE;
        conn->session = NULL;
        if (unref_locked(conn))
            free_conn(conn);
    }
    free(buckets);
    buckets = NULL;
    bucket_count = 0;
    mpr_unlock(&mpr_table_lock);
}
