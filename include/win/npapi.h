/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * npapi.h: for sources that include <npapi.h>, as on Windows; see winnetwk.h.
 */
#ifndef MPR_WIN_NPAPI_H
#define MPR_WIN_NPAPI_H

#include <mpr/npapi.h>

#endif
