/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_progress.c: looks at what a connection has carried, some times in a bound.
 */
#include "config.h"

#include "providers/common/np_progress.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "providers/common/np_time.h"

#define LOOKS             8 /* in a bound */
#define LOOK_LEAST_NS     (50 * NP_MS)
#define UNANSWERED_FACTOR 4 /* bytes may move without an answer for this many bounds */

static int64_t step_of(const struct np_progress *progress) {
    int64_t step = progress->bound_ns / LOOKS;

    return step > LOOK_LEAST_NS ? step : LOOK_LEAST_NS;
}

/* Most waits are over long before the first look. */
void np_progress_begin(struct np_progress *progress, int64_t deadline_ns, int64_t bound_ns,
                       size_t bytes) {
    int64_t now = np_now_ns();
    bool large = bytes > NP_PROGRESS_SHORT;

    if (!large && bound_ns > deadline_ns - now)
        bound_ns = deadline_ns - now;
    *progress = (struct np_progress){.deadline_ns = deadline_ns,
                                     .bound_ns = bound_ns > 0 ? bound_ns : 0,
                                     .large = large,
                                     .answered_ns = now};
    progress->look_ns = now + step_of(progress);
}

/* The answers of a few short requests take no longer than one. */
void np_progress_answered(struct np_progress *progress) {
    if (!progress->large || !progress->bound_ns)
        return;
    progress->answered_ns = progress->moved_ns = np_now_ns();
    progress->sent = false;
}

bool np_progress_is_due(const struct np_progress *progress) {
    return progress->bound_ns && np_now_ns() >= progress->look_ns;
}

/* The kernel knows when: a look comes later by up to its distance from the last. */
static int64_t time_of_last(const struct tcp_info *info, int64_t now, int64_t since) {
    uint32_t ago_ms = info->tcpi_last_ack_recv < info->tcpi_last_data_recv
                          ? info->tcpi_last_ack_recv
                          : info->tcpi_last_data_recv;
    int64_t at = now - ago_ms * NP_MS;

    return at > since ? at : since;
}

void np_progress_look(struct np_progress *progress, int fd, bool shared, bool sending) {
    int64_t now = np_now_ns(), last_look = progress->look_ns - step_of(progress);
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    bool known = fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
    bool moved = info.tcpi_bytes_received > progress->received
                 || (!progress->sent && info.tcpi_bytes_acked > progress->acknowledged);

    if (progress->looked && moved && (progress->large || shared)
        && now - progress->answered_ns < UNANSWERED_FACTOR * progress->bound_ns)
        progress->moved_ns = time_of_last(&info, now, last_look);
    if (known && !sending && !info.tcpi_unacked && !info.tcpi_notsent_bytes)
        progress->sent = true;
    progress->looked = true;
    progress->received = info.tcpi_bytes_received;
    progress->acknowledged = info.tcpi_bytes_acked;
    progress->look_ns = now + step_of(progress);
}

int64_t np_progress_end_ns(const struct np_progress *progress) {
    int64_t end = progress->deadline_ns;

    if (progress->bound_ns && progress->moved_ns && progress->moved_ns + progress->bound_ns > end)
        end = progress->moved_ns + progress->bound_ns;
    return end;
}

int64_t np_progress_wake_ns(const struct np_progress *progress) {
    int64_t end = np_progress_end_ns(progress);

    return progress->bound_ns && progress->look_ns < end ? progress->look_ns : end;
}
