/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remote_help.c: what a drive does in the background: one more session, so that
 * nobody waits for its making, and asking a server that is lost.
 */
#include "config.h"

#include "service/drive_remote.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

#include <mpr/winerror.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"
#include "router/mpr_trace.h"

#define AGAIN_MS       30000 /* a server that did not want one more session is not asked at once */
#define PAUSE_LEAST_MS 50    /* between questions to a lost server that says no at once */
#define PAUSE_MOST_MS  1000
#define QUICK_NS       (300 * MPR_NS_PER_MS)

static bool start_locked(struct drive *drive, struct drive_helper *helper, void *(*run)(void *))
    REQUIRES(drive->remote->lock) {
    sigset_t all, before;

    if (helper->busy)
        return true;
    if (helper->there)
        pthread_join(helper->thread, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    helper->there = helper->busy = pthread_create(&helper->thread, NULL, run, drive) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return helper->busy;
}

/* The last that a helper does; who joins it then waits for nothing. */
static void finish_locked(struct drive *drive, struct drive_helper *helper)
    REQUIRES(drive->remote->lock) {
    helper->busy = false;
    pthread_cond_broadcast(&drive->remote->changed);
}

/* ---- more sessions */

static void *make_session(void *context) {
    struct drive *drive = context;
    struct drive_remote *remote = drive->remote;
    struct mpr_call_data data;
    struct mpr_call call;
    enum mpr_answer answer;
    uint32_t code = NO_ERROR;

    mpr_call_begin(&call, &data, drive->np->name,
                   mpr_deadline_in_ms(drive->options.connect_timeout_ms), remote->abort_fd,
                   remote->secret_fd);
    answer = drive_remote_connect_again(drive, &call, &code);
    mpr_trace("drive", "one more session for %s: %u %s", remote->name,
              answer == MPR_DONE ? NO_ERROR : code, data.failure.set ? data.failure.text : "");
    mpr_lock(&drive->remote->lock);
    if (answer != MPR_DONE)
        remote->not_before_ns = mpr_deadline_in_ms(AGAIN_MS);
    finish_locked(drive, &remote->maker);
    mpr_unlock(&drive->remote->lock);
    return NULL;
}

void drive_remote_grow(struct drive *drive) {
    struct drive_remote *remote = drive->remote;

    if (remote->count < drive->options.sessions && !atomic_load(&drive->lost)
        && !atomic_load(&drive->ended) && mpr_now_ns() >= remote->not_before_ns)
        start_locked(drive, &remote->maker, make_session);
}

/* ---- a server that is lost */

static void ask(struct drive *drive) {
    struct mpr_stat facts;
    struct drive_turn turn;

    if (drive_turn_probe(drive, &turn) == 0)
        drive_turn_end(&turn, drive->np->table->stat(turn.handle, &turn.call, "", &facts));
}

/* Until it is time for the next question, or somebody waits for it. */
static void pause_locked(struct drive *drive, uint32_t pause_ms) REQUIRES(drive->remote->lock) {
    struct drive_remote *remote = drive->remote;
    int64_t soon_ns = mpr_deadline_in_ms(PAUSE_LEAST_MS), next_ns = mpr_deadline_in_ms(pause_ms);

    for (;;) {
        int64_t until_ns = remote->wanted ? soon_ns : next_ns;

        if (!atomic_load(&drive->lost) || atomic_load(&drive->ended) || mpr_now_ns() >= until_ns)
            return;
        mpr_cond_wait(&remote->changed, &drive->remote->lock, until_ns);
    }
}

static void *ask_until_it_answers(void *context) {
    struct drive *drive = context;
    struct drive_remote *remote = drive->remote;
    uint32_t pause_ms = PAUSE_LEAST_MS;

    mpr_trace("drive", "%s does not answer", remote->name);
    mpr_lock(&drive->remote->lock);
    while (atomic_load(&drive->lost) && !atomic_load(&drive->ended)) {
        int64_t begun_ns = mpr_now_ns();

        mpr_unlock(&drive->remote->lock);
        ask(drive);
        mpr_lock(&drive->remote->lock);
        remote->wanted = false;
        remote->quick = mpr_now_ns() - begun_ns < QUICK_NS;
        remote->answers = remote->answers == UINT_MAX ? 1 : remote->answers + 1;
        pthread_cond_broadcast(&remote->changed);
        pause_locked(drive, pause_ms);
        pause_ms = pause_ms * 2 < PAUSE_MOST_MS ? pause_ms * 2 : PAUSE_MOST_MS;
    }
    finish_locked(drive, &remote->prober);
    mpr_unlock(&drive->remote->lock);
    mpr_trace("drive", "%s %s", remote->name,
              atomic_load(&drive->ended) ? "is not asked any more" : "answers again");
    return NULL;
}

bool drive_remote_probe(struct drive *drive) {
    return drive->np->table->stat
           && start_locked(drive, &drive->remote->prober, ask_until_it_answers);
}

/* ---- the end */

/* It is aborted, but a module may take its time. */
static void end_helper(struct drive_remote *remote, struct drive_helper *helper,
                       int64_t deadline_ns) {
    bool join;

    mpr_lock(&remote->lock);
    while (helper->busy && mpr_cond_wait(&remote->changed, &remote->lock, deadline_ns))
        ;
    join = helper->there && !helper->busy;
    if (join)
        helper->there = false;
    mpr_unlock(&remote->lock);
    if (join)
        pthread_join(helper->thread, NULL);
}

void drive_remote_end_helpers(struct drive_remote *remote, int64_t deadline_ns) {
    end_helper(remote, &remote->maker, deadline_ns);
    end_helper(remote, &remote->prober, deadline_ns);
}
