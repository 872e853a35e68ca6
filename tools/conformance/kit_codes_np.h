/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_codes_np.h: which codes the functions of a classic module may return.
 */
#ifndef KIT_CODES_NP_H
#define KIT_CODES_NP_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/** Is it listed for the function, "NPGetUser", or for all of them? */
bool kit_np_code_listed(const char *function, DWORD code);

#endif
