/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_errand.c: the thread behind an errand.
 */
#include "config.h"

#include "providers/common/np_errand.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_time.h"

void np_errand_drop(struct np_errand *errand) {
    if (atomic_fetch_sub(&errand->references, 1) != 1)
        return;
    if (errand->done_fd >= 0)
        close(errand->done_fd);
    errand->destroy(errand);
}

static void *run_errand(void *argument) {
    struct np_errand *errand = argument;
    uint64_t one = 1;
    ssize_t written;

    errand->run(errand);
    written = write(errand->done_fd, &one, sizeof one);
    (void)written; /* an eventfd that was never written takes a 1 */
    np_errand_drop(errand);
    return NULL;
}

/* A detached thread that no signal of the host program reaches. */
static int start_thread(struct np_errand *errand) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int error;

    if ((error = pthread_attr_init(&attributes)))
        return -error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, run_errand, errand);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* Reading, more than polling, makes the thread's writes visible here. */
static int take_done(const struct np_errand *errand) {
    uint64_t count;

    return read(errand->done_fd, &count, sizeof count) == sizeof count ? 0 : -EIO;
}

static int wait_for(const struct np_errand *errand, const struct mpr_call *call) {
    for (;;) {
        struct pollfd fds[2] = {{.fd = errand->done_fd, .events = POLLIN},
                                {.fd = call->cancel_fd, .events = POLLIN}};
        int ready = poll(fds, 2, np_poll_ms(call->deadline_ns));

        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && fds[0].revents)
            return take_done(errand);
        if (ready > 0 && fds[1].revents)
            return -ECANCELED;
        if (ready == 0 && np_now_ns() >= call->deadline_ns)
            return -ETIMEDOUT;
    }
}

int np_errand_run(struct np_errand *errand, const struct mpr_call *call) {
    int rc;

    atomic_init(&errand->references, 1);
    errand->done_fd = eventfd(0, EFD_CLOEXEC);
    if (errand->done_fd < 0)
        return -errno;
    atomic_fetch_add(&errand->references, 1);
    rc = start_thread(errand);
    if (rc) {
        atomic_fetch_sub(&errand->references, 1);
        return rc;
    }
    return wait_for(errand, call);
}
