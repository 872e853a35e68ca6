/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_measure.c: how fast a connection is.
 *
 * The library has no request that does nothing. Looking at the root of the share
 * takes a few, one after the other; how many, the kernel's count of segments
 * tells. So a round trip is measured as it is for a program: server included.
 */
#include "config.h"

#include <errno.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_route.h"
#include "providers/common/np_time.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_session.h"
#include "providers/smb/smb_socket.h"

#define LOOKS 4

/* Hundreds of bits a second; 1 says "faster than can be said". */
static uint32_t speed_of(uint64_t bytes_per_second) {
    uint64_t speed = bytes_per_second * 8 / 100;

    if (speed > UINT32_MAX)
        return 1;
    return speed == 1 ? 2 : (uint32_t)speed;
}

/* One look at the root: nanoseconds of one round trip, 0 if there was none, or -errno. */
static int64_t look(struct smb_session *session, const struct mpr_call *call) {
    SMBCCTX *context = session->state->context;
    uint32_t before = smb_socket_requests(session->socket), requests;
    int rc = smb_session_begin(session, call);
    int64_t begun_ns = np_now_ns(), took_ns;
    struct stat ignored;

    if (rc)
        return rc;
    rc = smbc_getFunctionStat(context)(context, session->base, &ignored) < 0 ? errno : 0;
    took_ns = np_now_ns() - begun_ns;
    requests = smb_socket_requests(session->socket) - before;
    /* A printer has no root: the answer that it has none took as long. */
    if (rc)
        rc = smb_session_error(session, call, rc);
    if (rc == -ENOTCONN || rc == -ETIMEDOUT || rc == -ECANCELED)
        return rc;
    return requests ? took_ns / requests : 0;
}

static uint32_t code_of(int64_t rc) {
    switch (rc) {
    case -ECANCELED:
        return ERROR_CANCELLED;
    case -ETIMEDOUT:
        return ERROR_SEM_TIMEOUT;
    default:
        return ERROR_NETNAME_DELETED;
    }
}

uint32_t smb_performance(void *opaque, const struct mpr_call *call, struct mpr_performance *ret) {
    struct smb_session *session = opaque;
    const struct smb_window *best =
        session->reading.rate > session->writing.rate ? &session->reading : &session->writing;
    int64_t shortest_ns = INT64_MAX;

    for (int i = 0; i < LOOKS; i++) {
        int64_t took_ns = look(session, call);

        if (took_ns < 0)
            return code_of(took_ns);
        if (took_ns && took_ns < shortest_ns)
            shortest_ns = took_ns;
    }
    ret->flags = WNCON_DYNAMIC | (np_route_is_direct(session->socket) ? WNCON_NOTROUTED : 0);
    ret->speed = speed_of(best->rate);
    ret->delay_ms = shortest_ns == INT64_MAX ? 0 : (uint32_t)((shortest_ns + NP_MS - 1) / NP_MS);
    ret->opt_data_size = best->size;
    return NO_ERROR;
}
