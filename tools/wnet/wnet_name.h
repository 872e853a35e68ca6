/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_name.h: what the words of a command line name.
 */
#ifndef WNET_NAME_H
#define WNET_NAME_H

#include <stdbool.h>

/** Is it "Z:", "LPT1" or "LPT1:", in any case? */
bool wnet_name_is_device(const char *word);

/** A device in capitals, as everybody writes it; other words are left alone. */
void wnet_name_tidy(char *word);

#endif
