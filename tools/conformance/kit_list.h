/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_list.h: --list: what is checked, why, and what is held elsewhere.
 */
#ifndef KIT_LIST_H
#define KIT_LIST_H

#include <stdbool.h>

/** Prints it, for people or as JSON. Returns the exit status. */
int kit_list(bool json);

#endif
