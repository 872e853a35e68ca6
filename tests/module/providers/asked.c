/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asked.c: a provider that answers questions about names as its drop-in tells
 * it, well or badly. It connects to everything.
 *
 *   provider   lpProvider                             takes    as scripted.c
 *   log        file to which every question is appended: "lpProvider question name"
 *   absent     slots that are NULL
 *   slashes    true: a name with a backslash is none of its own
 *   one_thread true: it takes one call at a time
 *   hang       questions that wait until the deadline, or until the file PATH of "until" exists
 *   answer     of information and parent: done, not_mine, failed
 *   code, native, text   their code; what all questions say to a failure
 *   remote     what information and parent give; "" = NULL; without it the first
 *              two components of the name, or the name without its last one
 *   entries    how many they give                     (default: 1)
 *   type       of them                                (default: disk)
 *   rest       where the rest of the name starts      (default: where it does)
 *   prefix     what a universal name begins with instead of the remote name
 *   wants      bytes that a buffer must have for a name
 *   bad        "text": a name that is no UTF-8; "endless": one without a NUL;
 *              "empty"; "entry": an entry that is no UTF-8
 *   universal, format, performance   their codes
 *   flags, speed, delay, best        what performance tells
 */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

static struct mpr_provider table;

static struct {
    const struct mpr_host *host;
    char provider[64], takes[64], log[256], absent[64], hang[64], answer[16], text[256];
    char until[256], remote[64], prefix[64], bad[16];
    uint32_t one_thread, code, native, entries, type, rest, wants, universal, format, performance;
    uint32_t flags, speed, delay, best, slashes;
} script;

#define TEXT(field)                                                                                \
    { #field, script.field, sizeof script.field, NULL }
#define NUMBER(field)                                                                              \
    { #field, NULL, 0, &script.field }

static const struct field {
    const char *name;
    char *text;
    size_t size;
    uint32_t *number;
} fields[] = {
    TEXT(provider),  TEXT(takes),   TEXT(log),           TEXT(absent),       TEXT(hang),
    TEXT(answer),    TEXT(text),    TEXT(remote),        TEXT(prefix),       TEXT(bad),
    NUMBER(code),    NUMBER(type),  NUMBER(wants),       NUMBER(universal),  NUMBER(format),
    NUMBER(native),  NUMBER(flags), NUMBER(speed),       NUMBER(delay),      NUMBER(best),
    NUMBER(entries), NUMBER(rest),  NUMBER(performance), NUMBER(one_thread), NUMBER(slashes),
    TEXT(until),
};

static bool names(const char *list, const char *word) {
    return strstr(list, word) != NULL;
}

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What every question does first, and its words, should it fail. */
static void enter(const struct mpr_call *call, const char *question, const char *what) {
    char line[1024];
    int n = snprintf(line, sizeof line, "%s %s %.900s\n", script.provider, question, what);
    int fd = open(script.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd >= 0) {
        if (write(fd, line, (size_t)n) != n)
            abort();
        close(fd);
    }
    while (names(script.hang, question)
           && (script.until[0] ? access(script.until, F_OK) != 0 : now_ns() < call->deadline_ns))
        poll(NULL, 0, 10);
    if (script.text[0])
        script.host->set_error(call, script.native, script.text);
}

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    size_t n = 0;

    (void)state;
    if (script.slashes && strchr(remote, '\\'))
        return 0;
    for (; *remote && n < sizeof ret->key - 1; remote++) {
        char c = *remote == '\\' ? '/' : *remote;

        ret->key[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    while (n && ret->key[n - 1] == '/')
        n--;
    ret->key[n] = '\0';
    ret->depth = 2;
    return !*remote && strncmp(ret->key, script.takes, strlen(script.takes)) == 0;
}

static enum mpr_answer connect(void *state, const struct mpr_call *call,
                               const struct mpr_connect *args, void **ret_session,
                               uint32_t *ret_code) {
    (void)state, (void)call, (void)args;
    *ret_session = &script;
    *ret_code = NO_ERROR;
    return MPR_DONE;
}

static uint32_t disconnect(void *session, const struct mpr_call *call, int force) {
    (void)session, (void)call, (void)force;
    return NO_ERROR;
}

/* Bytes of the name up to a component's end: the server's is the first. */
static size_t end_of(const char *remote, unsigned components) {
    size_t at = 0;

    for (; components; components--) {
        at += strspn(remote + at, "/\\");
        at += strcspn(remote + at, "/\\");
    }
    return at;
}

static enum mpr_answer give(const char *remote, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code) {
    struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = RESOURCE_GLOBALNET,
        .type = script.type,
        .display_type = RESOURCEDISPLAYTYPE_SHARE,
        .usage = RESOURCEUSAGE_CONNECTABLE,
        .remote = names(script.bad, "entry") ? "\\\\caf\xe9\\x" : remote,
        .comment = "a comment that nobody gets",
    };

    *ret_code = script.code;
    if (strcmp(script.answer, "not_mine") == 0)
        return MPR_NOT_MINE;
    if (strcmp(script.answer, "failed") == 0)
        return MPR_MINE_FAILED;
    for (uint32_t i = 0; i < script.entries; i++) {
        fn(context, &entry);
        entry.type = RESOURCETYPE_PRINT;
        entry.remote = "another";
    }
    return MPR_DONE;
}

static const char *scripted_or(const char *remote) {
    if (strcmp(script.remote, "-") == 0)
        return remote;
    return script.remote[0] ? script.remote : NULL;
}

static enum mpr_answer information(void *state, const struct mpr_call *call, const char *remote,
                                   uint32_t type, mpr_resource_fn fn, void *context,
                                   size_t *ret_rest, uint32_t *ret_code) {
    char resource[1024];

    (void)state, (void)type;
    enter(call, "information", remote);
    snprintf(resource, sizeof resource, "%.*s", (int)end_of(remote, 2), remote);
    *ret_rest = script.rest != UINT32_MAX ? script.rest : end_of(remote, 2);
    return give(scripted_or(resource), fn, context, ret_code);
}

static enum mpr_answer parent(void *state, const struct mpr_call *call, const char *remote,
                              mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    char above[1024];
    size_t length = strlen(remote);

    (void)state;
    enter(call, "parent", remote);
    while (length && !strchr("/\\", remote[length - 1]))
        length--;
    snprintf(above, sizeof above, "%.*s", length ? (int)length - 1 : 0, remote);
    return give(scripted_or(above), fn, context, ret_code);
}

static uint32_t performance(void *session, const struct mpr_call *call,
                            struct mpr_performance *ret) {
    (void)session;
    enter(call, "performance", "");
    ret->flags = script.flags;
    ret->speed = script.speed;
    ret->delay_ms = script.delay;
    ret->opt_data_size = script.best;
    return script.performance;
}

/* A name of two parts. */
static uint32_t put(const char *head, const char *tail, char *buffer, size_t size) {
    if (strlen(head) + strlen(tail) >= size || size < script.wants)
        return ERROR_MORE_DATA;
    snprintf(buffer, size, "%s%s", head, tail);
    if (names(script.bad, "text"))
        memcpy(buffer, "\xff", 2);
    if (names(script.bad, "empty"))
        buffer[0] = '\0';
    if (names(script.bad, "endless"))
        memset(buffer, 'x', size);
    return NO_ERROR;
}

static uint32_t universal(void *state, const struct mpr_call *call, const char *device,
                          const char *remote, const char *path, char *buffer, size_t size) {
    char what[1024];

    (void)state;
    snprintf(what, sizeof what, "%s %.400s %.400s", device, remote, path);
    enter(call, "universal", what);
    if (script.universal)
        return script.universal;
    return put(script.prefix[0] ? script.prefix : remote, path, buffer, size);
}

static uint32_t format(void *state, const struct mpr_call *call, const char *remote, uint32_t flags,
                       uint32_t width, char *buffer, size_t size) {
    char tail[64];

    (void)state;
    enter(call, "format", remote);
    snprintf(tail, sizeof tail, " 0x%x %u", flags, width);
    return script.format ? script.format : put(remote, tail, buffer, size);
}

static void read_options(const struct mpr_option *options) {
    for (; options->name; options++)
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            if (strcmp(fields[i].name, options->name) != 0)
                continue;
            if (fields[i].text)
                snprintf(fields[i].text, fields[i].size, "%s", options->value);
            else
                *fields[i].number = strcmp(options->value, "true") == 0
                                        ? 1
                                        : (uint32_t)strtoul(options->value, NULL, 0);
        }
}

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    (void)error, (void)error_size;
    memset(&script, 0, sizeof script);
    script.host = host;
    script.entries = 1;
    script.type = RESOURCETYPE_DISK;
    script.rest = UINT32_MAX;
    snprintf(script.provider, sizeof script.provider, "Asked Network");
    snprintf(script.remote, sizeof script.remote, "-");
    read_options(options);
    table.name = script.provider;
    table.flags = script.one_thread ? 0 : MPR_PROVIDER_THREADSAFE;
    if (names(script.absent, "information"))
        table.information = NULL;
    if (names(script.absent, "parent"))
        table.parent = NULL;
    if (names(script.absent, "performance"))
        table.performance = NULL;
    if (names(script.absent, "universal"))
        table.universal = NULL;
    if (names(script.absent, "format"))
        table.format = NULL;
    *ret_state = NULL;
    return NO_ERROR;
}

static struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = "Asked Network",
    .net_type = 0x00A50000,
    .driver_version = 0x00010203,
    .init = init,
    .recognise = recognise,
    .connect = connect,
    .disconnect = disconnect,
    .parent = parent,
    .information = information,
    .performance = performance,
    .universal = universal,
    .format = format,
};

MPR_PROVIDER_DEFINE(&table)
