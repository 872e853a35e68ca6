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

#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_name.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_service.h"

const struct wnet_command wnet_commands[] = {
    {
        "use",
        WNET_IN_USE,
        "use\n"
        "use device\n"
        "use [device | *] remote-name [*] [/user:name] [/persistent:yes | no]\n"
        "    [--password-stdin | --password-fd N | --credentials FILE |\n"
        "    --password-command CMD | --use-kerberos[=required] | --guest]\n"
        "    [/savecred] [/requireintegrity] [/requireprivacy] [/writethrough]\n"
        "    [/provider:name] [/y | /n]\n"
        "use device | remote-name | * /delete [/y | /n]\n"
        "use /persistent:yes | no",
        "Connects to a share or an export, lists connections, and cancels them.",
        wnet_use,
    },
    {
        "cancel",
        WNET_IN_CANCEL,
        "cancel device | remote-name [--force] [--forget]",
        "Cancels connections, and asks nothing.",
        wnet_cancel,
    },
    {
        "view",
        WNET_IN_VIEW,
        "view [\\\\server] [/provider:name]",
        "Lists servers, or what a server shares.",
        wnet_view,
    },
    {
        "status",
        WNET_IN_STATUS,
        "status [device | remote-name]",
        "Tells state, traffic and latency of connections, and who uses them.",
        wnet_status,
    },
    {
        "restore",
        WNET_IN_RESTORE,
        "restore [device] [/user:name] [--password-stdin | ...]",
        "Connects what is remembered, and asks for what is needed.",
        wnet_restore,
    },
    {
        "providers",
        WNET_IN_PROVIDERS,
        "providers",
        "Lists the providers, failed ones too.",
        wnet_providers,
    },
    {
        "explain",
        WNET_IN_EXPLAIN,
        "explain [device | remote-name]",
        "Goes the way to a resource step by step, or that of the last failure.",
        wnet_explain,
    },
    {
        "monitor",
        WNET_IN_MONITOR,
        "monitor",
        "Tells what happens to connections, until ^C.",
        wnet_monitor,
    },
    {
        "run",
        WNET_IN_RUN,
        "run device | remote-name [option...] [--] command [argument...]",
        "Runs a command that finds the files of a connection below $MPR_DRIVE_DIR, also where\n"
        "nothing may be mounted.",
        wnet_run,
    },
    {
        "help",
        WNET_IN_HELP,
        "help [command | code]",
        "Explains a command, or a code.",
        wnet_help,
    },
    {0},
};

static int run(const struct wnet_options *options) {
    char problem[1024];
    int status;

    for (size_t i = 0; i < options->count; i++)
        wnet_name_tidy(options->words[i]);
    if (!wnet_service_prepare(options, problem, sizeof problem))
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
