/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_gate.c: waits that end, and one thread at a time.
 */
#include "config.h"

#include "router/mpr_worker_gate.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "router/mpr_time.h"

int mpr_worker_wait_for(const struct mpr_worker_wait *wait, int fd) {
    struct pollfd fds[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = wait->cancel_fd, .events = POLLIN},
        {.fd = wait->abort_fd, .events = POLLIN},
    };

    for (;;) {
        int ready = poll(fds, 3, mpr_ms_until(wait->deadline_ns));

        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && fds[2].revents)
            return -ENOTCONN;
        if (ready > 0)
            return fds[1].revents ? -ECANCELED : 0;
        if (ready == 0 && mpr_now_ns() >= wait->deadline_ns)
            return -ETIMEDOUT;
    }
}

int mpr_worker_gate_init(struct mpr_worker_gate *gate) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);

    if (fd < 0)
        return -errno;
    *gate = (struct mpr_worker_gate){.lock = MPR_LOCK_INIT, .token_fd = fd};
    return 0;
}

void mpr_worker_gate_clear(struct mpr_worker_gate *gate) {
    close(gate->token_fd);
    pthread_mutex_destroy(&gate->lock.mutex);
}

static bool take_token(const struct mpr_worker_gate *gate) {
    eventfd_t value;

    return eventfd_read(gate->token_fd, &value) == 0;
}

/*
 * While somebody waits the gate stays busy when it is left, and a token says
 * that it is free for one of them. If he for whom it was has given up, it is
 * there for who comes next.
 */
int mpr_worker_gate_enter(struct mpr_worker_gate *gate, const struct mpr_worker_wait *wait) {
    bool in;
    int rc = 0;

    mpr_lock(&gate->lock);
    in = !gate->busy;
    gate->busy = true;
    gate->waiting += !in;
    mpr_unlock(&gate->lock);
    if (in)
        return 0;
    while (!in && rc == 0) {
        rc = mpr_worker_wait_for(wait, gate->token_fd);
        in = rc == 0 && take_token(gate);
    }
    mpr_lock(&gate->lock);
    gate->waiting--;
    mpr_unlock(&gate->lock);
    return rc;
}

void mpr_worker_gate_leave(struct mpr_worker_gate *gate) {
    mpr_lock(&gate->lock);
    if (gate->waiting && eventfd_write(gate->token_fd, 1) == 0)
        ; /* handed over: it stays busy */
    else
        gate->busy = false;
    mpr_unlock(&gate->lock);
}
