/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_dir.h: closing what MprDirOpen opened.
 */
#ifndef MPR_DIR_H
#define MPR_DIR_H

#include <mpr/mprtypes.h>

/** MprFileClose of a directory. Returns 0 or -EBADF. */
int mpr_dir_close(HANDLE dir);

#endif
