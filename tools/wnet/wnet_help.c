/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_help.c: explains the commands, and codes.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mpr/mpr.h>

#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_options.h"

static const struct wnet_command *find(const char *name) {
    const struct wnet_command *command = wnet_commands;

    while (command->name && strcasecmp(command->name, name) != 0)
        command++;
    return command->name ? command : NULL;
}

/* A continued line is indented in the table, and a new form of the command is not. */
static void put_usage(const struct wnet_command *command) {
    const char *line = command->usage;

    puts("The syntax of this command is:\n");
    while (*line) {
        size_t length = strcspn(line, "\n");

        printf("%s%.*s\n", *line == ' ' ? "     " : "wnet ", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static int help_with(const struct wnet_command *command) {
    put_usage(command);
    printf("\n%s\n", command->summary);
    printf("\n\"man wnet\" has the details. All commands take --no-service and --no-start%s.\n",
           command->bit & (WNET_IN_RUN | WNET_IN_HELP) ? "" : ", and most --json");
    return WNET_DONE;
}

static int list(void) {
    puts("The syntax of this command is:\n\nwnet command [option | name]...\n");
    for (const struct wnet_command *command = wnet_commands; command->name; command++)
        printf("    %-10s %.*s\n", command->name, (int)strcspn(command->summary, "\n"),
               command->summary);
    puts("\nOptions are written as \"/user:name\" or as \"--user name\".");
    puts("\"wnet help command\" has more, and \"man wnet\" has all.");
    return WNET_DONE;
}

/* All others have one sentence. */
static bool is_known(DWORD code) {
    return strcmp(MprErrorText(code), MprErrorText(UINT32_MAX)) != 0;
}

static int help_with_code(const char *word) {
    char *end;
    unsigned long code = strtoul(word, &end, 10);

    if (*end || code > UINT32_MAX)
        return wnet_error_syntax("\"%s\" is neither a command nor a code.", word);
    if (!is_known((DWORD)code))
        return wnet_error_syntax("%lu is no code that is known here.", code);
    printf("%lu: %s\n", code, MprErrorText((DWORD)code));
    return WNET_DONE;
}

int wnet_help(const struct wnet_options *options) {
    const struct wnet_command *command = options->command;
    const char *word = options->count ? options->words[0] : NULL;

    if (command && command->bit != WNET_IN_HELP)
        return help_with(command);
    if (!command && !options->help && options->json)
        return wnet_error_syntax("The command is missing.");
    if (!word) {
        list();
        return command || options->help ? WNET_DONE : WNET_SYNTAX;
    }
    if (isdigit((unsigned char)*word))
        return help_with_code(word);
    command = find(word);
    if (!command)
        return wnet_error_syntax("There is no command \"%s\".", word);
    return help_with(command);
}
