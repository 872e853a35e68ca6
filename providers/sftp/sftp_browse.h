/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_browse.h: list, parent and information. All return true, or false with
 * *failure filled.
 */
#ifndef SFTP_BROWSE_H
#define SFTP_BROWSE_H

#include "providers/sftp/sftp_session.h"

bool sftp_browse_list(const struct sftp_state *state, const struct mpr_call *call,
                      const char *container, uint32_t type, uint32_t usage, mpr_resource_fn fn,
                      void *context, struct sftp_failure *failure);
bool sftp_browse_parent(const char *remote, mpr_resource_fn fn, void *context,
                        struct sftp_failure *failure);
bool sftp_browse_information(const struct sftp_state *state, const struct mpr_call *call,
                             const char *remote, uint32_t type, mpr_resource_fn fn, void *context,
                             size_t *ret_rest, struct sftp_failure *failure);

#endif
