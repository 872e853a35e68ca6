/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_notify.h: connecting and cancelling, with the notification modules told
 * before and after. They run in the calling process and thread.
 *
 * Before the operation they are told in the opposite order of registration, after
 * it the other way round. Who leaves no context behind is not told afterwards. A
 * failure before ends it; after a failed operation each may have it tried again, or
 * put another failure in its place. What the router itself refuses nobody hears of.
 */
#ifndef WNET_NOTIFY_H
#define WNET_NOTIFY_H

#include <mpr/winnetwk.h>

#include "router/mpr_ops.h"

/** Connects; may change args, which are its own. */
typedef DWORD (*wnet_connect_fn)(struct mpr_add_args *args, struct mpr_add_ret *ret);

/** Carries an add out through connect. Returns its code, or a notification module's. */
DWORD wnet_notify_add(MPR_HWND owner, const struct mpr_add_args *args, wnet_connect_fn connect,
                      struct mpr_add_ret *ret);

/** Carries a cancel out. Returns its code, or a notification module's. */
DWORD wnet_notify_cancel(const struct mpr_cancel_args *args);

#endif
