/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winerror.h: for sources that include <winerror.h>, as on Windows; see winnetwk.h.
 */
#ifndef MPR_WIN_WINERROR_H
#define MPR_WIN_WINERROR_H

#include <mpr/winerror.h>

#endif
