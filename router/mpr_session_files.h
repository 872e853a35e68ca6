/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_files.h: connections of the service in the table of this process, so that
 * file.h finds them there as it finds others.
 *
 * Such a connection is one without a device, of a provider whose workers come from the
 * service: drives, to which each process has a channel of its own. Its key is the number
 * that the service has given it.
 */
#ifndef MPR_SESSION_FILES_H
#define MPR_SESSION_FILES_H

#include "router/mpr_config.h"
#include "router/mpr_conntab.h"
#include "router/mpr_ops.h"

struct mpr_session_files;

/** session is what the operations of mpr_session_driver are given. */
DWORD mpr_session_files_new(void *session, const struct mpr_config *config,
                            struct mpr_session_files **ret_files);

/** Ends all channels by force; what is under way on them ends. */
void mpr_session_files_clear(struct mpr_session_files *files, bool connecting);

/** Takes NULL. The channels must have been ended. */
void mpr_session_files_free(struct mpr_session_files *files);

/** As mpr_session_find; ret_inner NULL: as mpr_session_find_resource. */
int mpr_session_files_find(struct mpr_session_files *files, const char *path,
                           struct mpr_conn **ret_conn, char **ret_inner);

/** What names lead to may have changed. */
void mpr_session_files_forget_names(struct mpr_session_files *files);

#endif
