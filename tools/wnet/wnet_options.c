/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_options.c: the command line, in both of its dialects, from one table.
 */
#include "config.h"

#include "tools/wnet/wnet_options.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/wnet/wnet.h"
#include "tools/wnet/wnet_alloc.h"

#define COUNT(array)  (sizeof(array) / sizeof *(array))
#define MOST_FD       0xfffff

#define IN_CONNECTING (WNET_IN_USE | WNET_IN_RESTORE | WNET_IN_RUN)
#define IN_JSON       (WNET_IN_ALL & ~(WNET_IN_RUN | WNET_IN_HELP))

/* What an option takes, and so what is stored. */
enum kind { FLAG, TEXT, NUMBER, YES_OR_NO, KERBEROS };

struct option {
    const char *name;
    char letter; /* 0 = none */
    enum kind kind;
    size_t offset; /* in struct wnet_options */
    unsigned commands;
};

#define ROW(name, letter, kind, member, commands)                                                  \
    { name, letter, kind, offsetof(struct wnet_options, member), commands }

static const struct option options_known[] = {
    ROW("credentials", 'c', TEXT, credentials, IN_CONNECTING),
    ROW("delete", 'd', FLAG, delete, WNET_IN_USE),
    ROW("force", 'f', FLAG, force, WNET_IN_CANCEL),
    ROW("forget", 0, FLAG, forget, WNET_IN_CANCEL),
    ROW("guest", 0, FLAG, guest, IN_CONNECTING),
    ROW("help", 'h', FLAG, help, WNET_IN_ALL),
    ROW("json", 'j', FLAG, json, IN_JSON),
    ROW("no", 'n', FLAG, no, WNET_IN_USE),
    ROW("no-service", 0, FLAG, no_service, WNET_IN_ALL),
    ROW("no-start", 0, FLAG, no_start, WNET_IN_ALL),
    ROW("password-command", 0, TEXT, password_command, IN_CONNECTING),
    ROW("password-fd", 0, NUMBER, password_fd, IN_CONNECTING),
    ROW("password-stdin", 0, FLAG, password_stdin, IN_CONNECTING),
    ROW("persistent", 'p', YES_OR_NO, persistent, WNET_IN_USE),
    ROW("provider", 0, TEXT, provider, WNET_IN_USE | WNET_IN_VIEW | WNET_IN_RUN),
    ROW("requireintegrity", 0, FLAG, integrity, WNET_IN_USE),
    ROW("requireprivacy", 0, FLAG, privacy, WNET_IN_USE),
    ROW("savecred", 0, FLAG, savecred, WNET_IN_USE),
    ROW("use-kerberos", 0, KERBEROS, kerberos, IN_CONNECTING),
    ROW("user", 'u', TEXT, user, IN_CONNECTING),
    ROW("version", 'V', FLAG, version, WNET_IN_ALL),
    ROW("writethrough", 0, FLAG, write_through, WNET_IN_USE),
    ROW("yes", 'y', FLAG, yes, WNET_IN_USE),
};

/* What "net use" has besides: refused by name, so that nobody takes it for a mistake of his. */
static const struct {
    const char *name, *why;
} foreign[] = {
    {"blockntlm", "--use-kerberos=required connects with a ticket only"},
    {"global", "connections are the user's own"},
    {"home", "no directory knows the home of a user; name the share"},
    {"quicport", "SMB goes over TCP"},
    {"rdmaport", "SMB goes over TCP"},
    {"requestcompression", "what goes over the network is not compressed"},
    {"skipcertcheck", "SMB goes over TCP, without certificates"},
    {"smartcard", "kinit takes a ticket by the card, and --use-kerberos takes the ticket"},
    {"tcpport", "the port stands in the name, as in smb://server:port/share"},
    {"transport", "SMB goes over TCP"},
};

/* A command line that is being read. */
struct reader {
    struct wnet_options *options;
    char **words;
    int at, count;
    bool early[COUNT(options_known)]; /* which options stood before the command */
    char *problem;
    size_t problem_size;
};

/* An option as it was written: its name, and its value if that is in the same word. */
struct written {
    const char *word;
    const char *name;
    size_t length;
    const char *value; /* or NULL */
    bool slash;
};

static bool complain(const struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(const struct reader *reader, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reader->problem, reader->problem_size, format, arguments);
    va_end(arguments);
    return false;
}

/* --- values --- */

static bool means(const char *value, const char *word) {
    return *value && strncasecmp(value, word, strlen(value)) == 0;
}

static bool read_choice(const struct reader *reader, const char *value, enum wnet_choice *ret) {
    if (!means(value, "yes") && !means(value, "no"))
        return complain(reader, "\"%s\" is neither yes nor no.", value);
    *ret = means(value, "yes") ? WNET_YES : WNET_NO;
    return true;
}

static bool read_number(const struct reader *reader, const char *value, int *ret) {
    char *end;
    long number = strtol(value, &end, 10);

    if (!isdigit((unsigned char)*value) || *end || number > MOST_FD)
        return complain(reader, "\"%s\" is no number of a descriptor.", value);
    *ret = (int)number;
    return true;
}

static bool read_kerberos(const struct reader *reader, const char *value, enum wnet_kerberos *ret) {
    if (value && strcasecmp(value, "required") != 0)
        return complain(
            reader, "\"%s\" is not what --use-kerberos takes: \"required\", or nothing.", value);
    *ret = value ? WNET_KERBEROS_REQUIRED : WNET_KERBEROS_WANTED;
    return true;
}

static bool store(const struct reader *reader, const struct option *option, const char *value) {
    void *member = (char *)reader->options + option->offset;

    switch (option->kind) {
    case TEXT:
        *(const char **)member = value;
        return true;
    case NUMBER:
        return read_number(reader, value, member);
    case YES_OR_NO:
        return read_choice(reader, value, member);
    case KERBEROS:
        return read_kerberos(reader, value, member);
    case FLAG:
    default:
        *(bool *)member = true;
        return true;
    }
}

/* --- options --- */

static bool fits(const struct option *option, const struct written *written, bool whole) {
    size_t length = strlen(option->name);

    if (written->length > length || (whole && written->length != length))
        return false;
    return written->slash ? strncasecmp(option->name, written->name, written->length) == 0
                          : strncmp(option->name, written->name, written->length) == 0;
}

static bool has_letter(const struct option *option, const struct written *written) {
    char letter = written->slash ? (char)tolower((unsigned char)*written->name) : *written->name;

    return option->letter && written->length == 1 && letter == option->letter;
}

static bool is_here(const struct reader *reader, const struct option *option) {
    const struct wnet_command *command = reader->options->command;

    return !command || (option->commands & command->bit) != 0;
}

/* By its whole name, whatever the command, or by a letter that it has in this one. */
static const struct option *find_named(const struct reader *reader, const struct written *written) {
    for (size_t i = 0; i < COUNT(options_known); i++) {
        const struct option *option = &options_known[i];

        if (fits(option, written, true) || (has_letter(option, written) && is_here(reader, option)))
            return option;
    }
    return NULL;
}

static bool begins(const struct written *written, const char *name, size_t least) {
    return written->length >= least && strncasecmp(written->name, name, written->length) == 0;
}

/* NULL, and it is said what this option would be elsewhere. */
static const struct option *refuse(const struct reader *reader, const struct written *written) {
    const struct wnet_command *command = reader->options->command;
    int length = (int)strcspn(written->word, "=:");

    for (size_t i = 0; i < COUNT(foreign) && command && command->bit == WNET_IN_USE; i++)
        if (begins(written, foreign[i].name, 2)) {
            complain(reader, "The switch /%s of \"net use\" has no meaning here: %s.",
                     foreign[i].name, foreign[i].why);
            return NULL;
        }
    complain(reader, "There is no option %.*s%s%s.%s", length, written->word,
             command ? " of wnet " : "", command ? command->name : "",
             written->slash && command && command->bit == WNET_IN_RUN
                 ? " If it is the command to be run, write \"--\" before it."
                 : "");
    return NULL;
}

/* The beginning of one name, and of no other that this command has. NULL: said. */
static const struct option *find_begun(const struct reader *reader, const struct written *written) {
    const struct option *found = NULL;

    if (begins(written, "password", 4)) {
        complain(reader, WNET_NO_PASSWORD_HERE);
        return NULL;
    }
    for (size_t i = 0; i < COUNT(options_known); i++) {
        const struct option *option = &options_known[i];

        if (!fits(option, written, false) || !is_here(reader, option))
            continue;
        if (found) {
            complain(reader, "The option %.*s may mean %s or %s.",
                     (int)strcspn(written->word, "=:"), written->word, found->name, option->name);
            return NULL;
        }
        found = option;
    }
    return found ? found : refuse(reader, written);
}

static const struct option *find(const struct reader *reader, const struct written *written) {
    const struct option *option = find_named(reader, written);

    return option ? option : find_begun(reader, written);
}

static bool may_lack_value(const struct option *option) {
    return option->kind == FLAG || option->kind == KERBEROS;
}

static bool complain_of_place(const struct reader *reader, const struct option *option) {
    return complain(reader, "The option %s does not belong to wnet %s.", option->name,
                    reader->options->command->name);
}

static bool read_option(struct reader *reader, const struct written *written) {
    const struct option *option = find(reader, written);
    const struct wnet_command *command = reader->options->command;
    const char *value = written->value;

    if (!option)
        return false;
    if (command && !is_here(reader, option))
        return complain_of_place(reader, option);
    if (!command)
        reader->early[option - options_known] = true;
    if (option->kind == FLAG && value)
        return complain(reader, "The option %s takes no value.", option->name);
    if (!may_lack_value(option) && !value) {
        if (written->slash || reader->at == reader->count)
            return complain(reader, "The option %s needs a value.", option->name);
        value = reader->words[reader->at++];
    }
    return store(reader, option, value);
}

/* "/user:alice". A name of a file or directory is nothing that wnet takes. */
static struct written split_slash(const char *word) {
    struct written written = {.word = word, .name = word + 1, .slash = true};

    written.length = strcspn(written.name, ":");
    if (written.name[written.length])
        written.value = written.name + written.length + 1;
    return written;
}

static struct written split_dashes(const char *word) {
    struct written written = {.word = word, .name = word + 2};

    written.length = strcspn(written.name, "=");
    if (written.name[written.length])
        written.value = written.name + written.length + 1;
    return written;
}

/* "-u", "-ualice". */
static struct written split_letter(const char *word) {
    return (struct written){
        .word = word, .name = word + 1, .length = 1, .value = word[2] ? word + 2 : NULL};
}

static bool read_letter(struct reader *reader, const char *word) {
    struct written written = split_letter(word);

    if (!isalpha((unsigned char)word[1]))
        return complain(reader, "There is no option %.2s.", word);
    return read_option(reader, &written);
}

/* --- words --- */

static const struct wnet_command *find_command(const char *word) {
    for (const struct wnet_command *command = wnet_commands; command->name; command++)
        if (strcasecmp(command->name, word) == 0)
            return command;
    return NULL;
}

/* What stood before the command must be the command's, too. */
static bool check_early(const struct reader *reader) {
    for (size_t i = 0; i < COUNT(options_known); i++)
        if (reader->early[i] && !is_here(reader, &options_known[i]))
            return complain_of_place(reader, &options_known[i]);
    return true;
}

static bool take_word(struct reader *reader, char *word) {
    struct wnet_options *options = reader->options;

    if (!options->command) {
        options->command = find_command(word);
        if (!options->command)
            return complain(reader, "There is no command \"%s\".", word);
        return check_early(reader);
    }
    options->words[options->count++] = word;
    return true;
}

/* Of "run", what comes after the name is another command line. */
static bool begins_program(const struct reader *reader) {
    const struct wnet_options *options = reader->options;

    return options->command && options->command->bit == WNET_IN_RUN && options->count == 1;
}

static bool take_rest(struct reader *reader) {
    bool good = true;

    if (begins_program(reader) && reader->at < reader->count) {
        reader->options->program = &reader->words[reader->at];
        reader->at = reader->count;
    }
    while (good && reader->at < reader->count)
        good = take_word(reader, reader->words[reader->at++]);
    return good;
}

static bool take_next(struct reader *reader) {
    char *word = reader->words[reader->at];
    struct written written;

    if (word[0] == '/' && isalpha((unsigned char)word[1])) {
        reader->at++;
        written = split_slash(word);
        return read_option(reader, &written);
    }
    if (word[0] == '/' && (word[1] == '?' && !word[2])) {
        reader->at++;
        return reader->options->help = true;
    }
    if (strcmp(word, "--") == 0) {
        reader->at++;
        return take_rest(reader);
    }
    if (word[0] == '-' && word[1] == '-') {
        reader->at++;
        written = split_dashes(word);
        return read_option(reader, &written);
    }
    if (word[0] == '-' && word[1]) {
        reader->at++;
        return read_letter(reader, word);
    }
    if (begins_program(reader))
        return take_rest(reader);
    reader->at++;
    return take_word(reader, word);
}

/* What is wrong with a command line is said as it asks for, be it in what comes later. */
static void look_for_json(struct reader *reader) {
    for (; reader->at < reader->count && strcmp(reader->words[reader->at], "--") != 0; reader->at++)
        if (strcmp(reader->words[reader->at], "--json") == 0
            || strcasecmp(reader->words[reader->at], "/json") == 0)
            reader->options->json = true;
}

bool wnet_options_read(int argc, char **argv, struct wnet_options *ret_options, char *problem,
                       size_t problem_size) {
    struct reader reader = {
        .options = ret_options,
        .words = argv,
        .at = 1,
        .count = argc,
        .problem = problem,
        .problem_size = problem_size,
    };
    bool good = true;

    *ret_options = (struct wnet_options){.password_fd = -1};
    ret_options->words = wnet_grow(NULL, (size_t)argc, sizeof *ret_options->words);
    if (problem_size)
        *problem = '\0';
    while (good && reader.at < reader.count)
        good = take_next(&reader);
    if (!good) {
        reader.at--; /* it may be this one */
        look_for_json(&reader);
    }
    return good;
}

void wnet_options_clear(struct wnet_options *options) {
    free(options->words);
    options->words = NULL;
}
