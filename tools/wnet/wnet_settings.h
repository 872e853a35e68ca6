/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_settings.h: what wnet itself remembers: whether new connections are.
 */
#ifndef WNET_SETTINGS_H
#define WNET_SETTINGS_H

#include <stdbool.h>

/** The default, as long as nothing was said, is that they are. */
bool wnet_settings_persistent(void);

/** Returns 0 or -errno. */
int wnet_settings_set_persistent(bool persistent);

#endif
