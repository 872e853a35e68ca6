/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_namespace.h: a command in mounts of its own, one of which is a drive.
 */
#ifndef WNET_NAMESPACE_H
#define WNET_NAMESPACE_H

#include <stddef.h>

#include <mpr/mprtypes.h>

#include "tools/wnet/wnet_options.h"

struct wnet_namespace {
    const char *name;                   /**< of the connection */
    const char *directory;              /**< where its files are to be; exists */
    char **program;                     /**< with its arguments, NULL-ended */
    const struct wnet_options *options; /**< whether a service may be started */
};

/**
 * Runs the program and waits for it; signals are handed on. *ret_status is an exit
 * status: the program's, 128 and the signal that killed it, 126 or 127 if it cannot
 * be run. A drive that ends meanwhile is mounted again once there is another.
 *
 * Returns NO_ERROR, or a code; problem has a sentence, or "": then WNetGetLastError has.
 */
DWORD wnet_namespace_run(const struct wnet_namespace *space, int *ret_status, char *problem,
                         size_t problem_size);

#endif
