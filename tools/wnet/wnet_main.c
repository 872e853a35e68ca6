/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_main.c: the command "wnet": reads the command line, sees to the service, and runs
 * one of its commands.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mpr/mpr.h>

#include "router/mpr_standard.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_name.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_service.h"

static int run(const struct wnet_options *options) {
    char problem[4096];
    bool prepared;
    int status;

    for (size_t i = 0; i < options->count; i++)
        wnet_name_tidy(options->words[i]);
    wnet_progress_begin("Starting the service of your connections");
    prepared = wnet_service_prepare(options, problem, sizeof problem);
    wnet_progress_end();
    if (!prepared)
        return wnet_error_say("%s", problem);
    status = options->command->run(options);
    MprShutdown();
    return status;
}

static int start(const struct wnet_options *options) {
    if (options->version) {
        puts("wnet (mpr) " PACKAGE_VERSION);
        return WNET_DONE;
    }
    if (!options->command || options->help || options->command->bit == WNET_IN_HELP)
        return wnet_help(options);
    return run(options);
}

/* What could not be written was not done. */
static int finish(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "wnet: standard output cannot be written: %s\n", strerror(errno));
    return status ? status : WNET_FAILED;
}

int main(int argc, char **argv) {
    struct wnet_options options;
    char problem[512];
    int status;

    if (!mpr_standard_open())
        return WNET_FAILED;
    if (wnet_options_read(argc, argv, &options, problem, sizeof problem)) {
        wnet_error_in_json(options.json);
        status = start(&options);
    } else {
        wnet_error_in_json(options.json);
        status = wnet_error_syntax("%s", problem);
    }
    wnet_options_clear(&options);
    return finish(status);
}
