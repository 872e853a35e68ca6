/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_commands.c: the commands that there are.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

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
        "Runs a command with the files of a connection in $MPR_DRIVE_DIR.",
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
