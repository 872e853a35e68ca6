/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_service.h: the service that has the user's connections.
 */
#ifndef WNET_SERVICE_H
#define WNET_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/wnet/wnet_options.h"

/**
 * Sees to it that the router is the service's, before the first WNet function: starts it
 * if it does not run. Not with --no-service or MPR_SESSION=0: then the router is this
 * process's. With --no-start: the service if it runs, else this process.
 *
 * Returns false, with the reason in problem, if it cannot be started.
 */
bool wnet_service_prepare(const struct wnet_options *options, char *problem, size_t problem_size);

/** Is the router this process's, so that connections end with it? */
bool wnet_service_is_done_without(void);

#endif
