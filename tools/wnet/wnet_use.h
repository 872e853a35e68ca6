/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_use.h: what "wnet use" consists of.
 */
#ifndef WNET_USE_H
#define WNET_USE_H

#include <stdbool.h>

#include "tools/wnet/wnet_options.h"

/** What is to be connected: each NULL if it is not said. device may be "*". */
struct wnet_target {
    const char *device;
    const char *remote;
    bool ask; /* "*" where a password would stand */
};

/** Connects. Return the exit status, as all of these. */
int wnet_add(const struct wnet_options *options, const struct wnet_target *target);

/** Breaks one connection, and forgets it; asks if it is in use. */
int wnet_delete(const struct wnet_options *options, const char *name);

/** Says in JSON that this one was broken. */
void wnet_delete_json(const char *name);

/** Breaks all of them, and asks first. */
int wnet_delete_all(const struct wnet_options *options);

#endif
