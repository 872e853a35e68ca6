/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_dialog.h: disconnecting with a question to the user, and what has no place on Linux.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_DIALOG_H
#define MPR_WNET_DIALOG_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
