/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * in_service.c: a test that has this has its router in a service (tests/lab/stage.h).
 */
#include "config.h"

#include <stdlib.h>

static void choose_service(void) __attribute__((constructor));
static void choose_service(void) {
    setenv("MPR_SESSION", "1", 1);
}
