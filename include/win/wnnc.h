/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnnc.h: for sources that include <wnnc.h>, as on Windows; see winnetwk.h.
 */
#ifndef MPR_WIN_WNNC_H
#define MPR_WIN_WNNC_H

#include <mpr/wnnc.h>

#endif
