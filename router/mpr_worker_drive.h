/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_worker_drive.h: what a drive can be asked beside a provider's operations: a session
 * whose worker process is mpr-drive.
 *
 * Each takes its turn as any operation of the session does. A process that is gone is
 * replaced first, where that is not said otherwise. Codes are Win32's, explained to call.
 */
#ifndef MPR_WORKER_DRIVE_H
#define MPR_WORKER_DRIVE_H

#include "router/mpr_worker_session.h"

/** Keeps the session's memory until it is unpinned, whoever ends the session meanwhile. */
void mpr_worker_drive_pin(struct mpr_worker_session *session);
void mpr_worker_drive_unpin(struct mpr_worker_session *session);

/** A descriptor of its own of the process, readable when it has ended; -1: there is none. */
int mpr_worker_drive_process(struct mpr_worker_session *session);

uint32_t mpr_worker_drive_mount(struct mpr_worker_session *session, const struct mpr_call *call,
                                const char *directory, const char *device);
uint32_t mpr_worker_drive_hold(struct mpr_worker_session *session, const struct mpr_call *call);
/** A process that is gone holds nothing, and is not replaced. */
uint32_t mpr_worker_drive_release(struct mpr_worker_session *session, const struct mpr_call *call);
uint32_t mpr_worker_drive_attach(struct mpr_worker_session *session, const struct mpr_call *call,
                                 const int fds[MPR_WIRE_FDS], uint64_t shared_size);
uint32_t mpr_worker_drive_serve(struct mpr_worker_session *session, const struct mpr_call *call,
                                int fuse_fd);
/** ERROR_NOT_CONNECTED if the process is gone, and is not to be replaced. */
uint32_t mpr_worker_drive_facts(struct mpr_worker_session *session, const struct mpr_call *call,
                                bool replace, struct mpr_wire_facts_ret *ret);

/** Takes one holder; its texts are valid during the call. 0 = go on. */
typedef int (*mpr_worker_holder_fn)(void *context, const struct mpr_wire_holder *holder);
uint32_t mpr_worker_drive_holders(struct mpr_worker_session *session, const struct mpr_call *call,
                                  mpr_worker_holder_fn fn, void *context);

#endif
