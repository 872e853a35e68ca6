/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * print_paths.c: prints what mpr_paths.h computes, for a test that runs it with
 * the rights of its file.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "router/mpr_paths.h"

int main(void) {
    struct mpr_paths *paths;

    if (mpr_paths_new(NULL, &paths) != NO_ERROR)
        return EXIT_FAILURE;
    printf("%s\n%s\n%s\n%s\n%s\n%s\n", paths->user_config, paths->system_config, paths->state,
           paths->runtime, paths->modules, paths->worker);
    for (char **at = paths->drop_ins; *at; at++)
        printf("%s\n", *at);
    mpr_paths_free(paths);
    return EXIT_SUCCESS;
}
