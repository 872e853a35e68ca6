/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remote_turn.c: one operation on the server.
 *
 * A server that does not answer must not collect threads that wait for it. The first
 * operation waits for the bound; then the server is lost. From then on one thread of the
 * drive's own asks it whether it is there again, and operations wait for that, but not
 * longer than the bound after the server was heard last: then they fail at once.
 */
#include "config.h"

#include "service/drive_remote.h"

#include <errno.h>

#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "service/worker.h"

#define EARLY_NS     (250 * MPR_NS_PER_MS) /* before another process loses its patience */
#define ONCE_MORE_MS 300
#define IDLE_PART    8 /* of the bound, for a session that is idle */
#define SMOOTH       8 /* the newest operation's share in the latency: one part of so many */

static _Thread_local const struct mpr_call *asked; /* on whose behalf */

void drive_turn_for(const struct mpr_call *call) {
    asked = call;
}

static int64_t deadline_of(const struct drive *drive) {
    int64_t now_ns = mpr_now_ns();
    int64_t own_ns = now_ns + drive->options.io_timeout_ms * MPR_NS_PER_MS;
    int64_t left_ns;

    if (!asked)
        return own_ns;
    left_ns = asked->deadline_ns - now_ns;
    left_ns -= left_ns / 8 < EARLY_NS ? left_ns / 8 : EARLY_NS;
    return now_ns + left_ns < own_ns ? now_ns + left_ns : own_ns;
}

/* ---- which session */

/* Less is better: one that is idle, else one that is not moving contents. */
static unsigned load_of(const struct drive_session *session) {
    return session->transfers * 16 + session->busy * 4 + (session->files ? 1 : 0);
}

static struct drive_session *pick_locked(struct drive_remote *remote) REQUIRES(remote->lock) {
    struct drive_session *best = NULL;

    for (unsigned i = 0; i < remote->count; i++) {
        struct drive_session *session = &remote->sessions[i];

        if (session->session && (!best || load_of(session) < load_of(best)))
            best = session;
    }
    return best;
}

/*
 * Any session will do. Where one serves one call at a time, the one that is idle first is
 * waited for, be it one that is only being made. But each of them may have somebody who
 * waits for his turn, and never be idle: then this one waits for his, like them.
 */
static void pick_idle_locked(struct drive_turn *turn, int64_t deadline_ns)
    REQUIRES(turn->drive->remote->lock) {
    struct drive *drive = turn->drive;
    int64_t now_ns = mpr_now_ns();
    int64_t end_ns = now_ns + (deadline_ns - now_ns) / IDLE_PART;

    for (;;) {
        turn->session = pick_locked(turn->drive->remote);
        if (!turn->session || !turn->session->busy || drive->options.sessions < 2)
            return;
        drive_remote_grow(turn->drive);
        if (!mpr_cond_wait(&drive->remote->changed, &turn->drive->remote->lock, end_ns))
            return;
    }
}

/* Without one there is -ENOTCONN. */
static int take_locked(struct drive_turn *turn, int64_t deadline_ns)
    REQUIRES(turn->drive->remote->lock) {
    if (!turn->session)
        pick_idle_locked(turn, deadline_ns);
    if (atomic_load(&turn->drive->ended) || !turn->session || !turn->session->session)
        return -ENOTCONN;
    if (turn->session->busy)
        drive_remote_grow(turn->drive);
    turn->queued = turn->session->busy && turn->drive->options.sessions > 1;
    turn->handle = turn->session->session;
    turn->session->busy++;
    turn->session->transfers += turn->transfer;
    return 0;
}

/* ---- a server that is lost */

/* A server that says no at once is asked once more for whoever comes. */
static int64_t ask_once_more_locked(struct drive_remote *remote) REQUIRES(remote->lock) {
    if (!remote->quick)
        return 0;
    remote->wanted = true;
    pthread_cond_broadcast(&remote->changed);
    return mpr_deadline_in_ms(ONCE_MORE_MS);
}

/* Waits until it is there again; who finds that out does not. */
static int await_server_locked(const struct drive_turn *turn, int64_t deadline_ns)
    REQUIRES(turn->drive->remote->lock) {
    const struct drive *drive = turn->drive;
    struct drive_remote *remote = drive->remote;
    int64_t end_ns = atomic_load(&drive->lost_until_ns);
    unsigned answers = remote->answers ? remote->answers : 1;

    if (!atomic_load(&drive->lost) || turn->probe)
        return 0;
    if (mpr_now_ns() >= end_ns)
        end_ns = ask_once_more_locked(turn->drive->remote);
    else
        answers = 0;
    if (end_ns > deadline_ns)
        end_ns = deadline_ns;
    while (atomic_load(&drive->lost) && !atomic_load(&drive->ended)) {
        if (answers && remote->answers != answers)
            return -EHOSTUNREACH;
        if (mpr_now_ns() >= end_ns
            || !mpr_cond_wait(&remote->changed, &turn->drive->remote->lock, end_ns))
            return -EHOSTUNREACH;
    }
    return 0;
}

static bool says_lost(int64_t result) {
    switch (-result) {
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENOTCONN:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return true;
    default:
        return false;
    }
}

/* Of these nobody knows where they come from. */
static bool says_nothing(int64_t result) {
    return result == -EIO || result == -ECANCELED || result == -ENOMEM;
}

static void judge_locked(struct drive_turn *turn, int64_t result)
    REQUIRES(turn->drive->remote->lock) {
    struct drive *drive = turn->drive;
    struct drive_remote *remote = drive->remote;

    if (turn->queued && result == -ETIMEDOUT)
        return; /* those before it were slow; if the server is, they say so */
    if (!says_lost(result)) {
        if (says_nothing(result))
            return;
        remote->heard_ns = mpr_now_ns();
        atomic_store(&drive->lost, false);
        atomic_store(&drive->lost_until_ns, 0);
    } else if (!atomic_load(&drive->lost) && drive_remote_probe(turn->drive)) {
        /* It may be this session's process that hangs, while others get their answers. */
        int64_t since_ns = remote->heard_ns > turn->begun_ns ? remote->heard_ns : turn->begun_ns;

        atomic_store(&drive->lost, true);
        atomic_store(&drive->lost_until_ns,
                     since_ns + drive->options.io_timeout_ms * MPR_NS_PER_MS);
    }
}

/* ---- an operation */

static void leave_locked(struct drive_turn *turn) REQUIRES(turn->drive->remote->lock) {
    turn->session->busy--;
    turn->session->transfers -= turn->transfer;
    pthread_cond_broadcast(&turn->drive->remote->changed);
}

static int begin(struct drive *drive, struct drive_session *session, bool transfer,
                 struct drive_turn *turn) {
    int64_t deadline_ns = deadline_of(drive);
    int rc;

    if (!drive->remote)
        return -ENOTCONN;
    turn->drive = drive;
    turn->session = session;
    turn->transfer = transfer;
    mpr_lock(&turn->drive->remote->lock);
    rc = await_server_locked(turn, deadline_ns);
    if (rc == 0)
        rc = take_locked(turn, deadline_ns);
    mpr_unlock(&turn->drive->remote->lock);
    if (rc)
        return rc;
    mpr_call_begin(&turn->call, &turn->data, drive->np->name, deadline_ns,
                   asked ? asked->cancel_fd : -1, MPR_SECRET_NONE);
    turn->begun_ns = mpr_now_ns();
    if (mpr_np_enter(drive->np, &turn->call))
        return 0;
    mpr_lock(&turn->drive->remote->lock);
    judge_locked(turn, -ENOMEM);
    leave_locked(turn);
    mpr_unlock(&turn->drive->remote->lock);
    return -ETIMEDOUT;
}

int drive_turn_begin(struct drive *drive, struct drive_session *session, bool transfer,
                     struct drive_turn *turn) {
    turn->probe = false;
    return begin(drive, session, transfer, turn);
}

int drive_turn_probe(struct drive *drive, struct drive_turn *turn) {
    turn->probe = true;
    return begin(drive, NULL, false, turn);
}

static void measure(struct drive_turn *turn, int64_t result) {
    struct drive *drive = turn->drive;
    uint32_t took_us = (uint32_t)((mpr_now_ns() - turn->begun_ns) / 1000);
    uint32_t before_us = atomic_load(&drive->latency_us);

    atomic_fetch_add(&drive->operations, 1);
    /* Two at a time may lose one of them, which is no harm. */
    if (!turn->transfer && result >= 0)
        atomic_store(&drive->latency_us,
                     before_us ? before_us - before_us / SMOOTH + took_us / SMOOTH : took_us);
}

/* What a file system may show. */
static int64_t show(const struct drive *drive, int64_t result) {
    if (result >= 0)
        return result;
    if (atomic_load(&drive->ended))
        return -ENOTCONN;
    return says_lost(result) && result != -ETIMEDOUT ? -EHOSTUNREACH : result;
}

int64_t drive_turn_end(struct drive_turn *turn, int64_t result) {
    struct drive *drive = turn->drive;

    mpr_np_leave(drive->np);
    measure(turn, result);
    if (result < 0 && asked && turn->data.failure.set)
        drive_explain(asked, turn->data.failure.code, "%s", turn->data.failure.text);
    mpr_lock(&turn->drive->remote->lock);
    judge_locked(turn, result);
    leave_locked(turn);
    mpr_unlock(&turn->drive->remote->lock);
    return show(drive, result);
}
