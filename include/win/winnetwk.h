/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winnetwk.h: for sources that include <winnetwk.h>, as on Windows. They are compiled
 * with -I$(pkg-config --variable=winincludedir mpr). GetLastError, which windows.h
 * declares there, comes along.
 */
#ifndef MPR_WIN_WINNETWK_H
#define MPR_WIN_WINNETWK_H

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#endif
