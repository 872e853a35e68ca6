/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * world_router.c: the router of a test, for tests that link the library.
 */
#include "config.h"

#include "tests/module/world.h"

#include <stdio.h>
#include <stdlib.h>

#include <mpr/mpr.h>

static void need(DWORD rc, const char *what) {
    if (rc == NO_ERROR)
        return;
    fprintf(stderr, "the test cannot set itself up: %s gave %u\n", what, rc);
    abort();
}

void world_start(void) {
    need(MprInitialize(world_path("")), "MprInitialize");
}

void world_restart(void) {
    need(MprShutdown(), "MprShutdown");
    world_start();
}

void world_begin(const char *memory_options) {
    world_make();
    world_memory(memory_options);
    world_start();
}

void world_end(void) {
    MprShutdown();
    world_remove();
}
