/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scripted.c: a provider that does what its drop-in tells it, for tests of the
 * router: it answers anything, calls the router back, and breaks the contract.
 *
 *   provider    lpProvider                        (default: Scripted Network)
 *   takes       what its names begin with, in small letters and with '/';
 *               nothing = every name
 *   answer      of connect: done, not_mine, failed, or a number
 *   code        Win32 code of connect             native, text: its words
 *   disconnect  Win32 code of an unforced disconnect, with words of its own
 *   user        Win32 code of user
 *   log         file to which every call is appended: "lpProvider operation name"
 *   calls_back  operations that call WNetGetUser and return its code
 *   absent      slots that are NULL
 *   one_thread  true: one call at a time; the log says "overlap" if that is not kept
 *   kind        RESOURCETYPE_ of its names
 *   credentials true: it takes user name and password
 *   defers      true: it understands CONNECT_DEFERRED
 *   tells       true: connect also logs "as USER", "options BYTES", "deferred NAME", and
 *               init "told NAME VALUE" of the timeouts
 *   asks        true: connect asks the user, and fails with the code of that
 *   latency_ms  that connect, user and pread take
 *   hang        operations that wait for the cancel descriptor or the deadline
 *   stuck       operations that wait for the file PATH of "until" to exist, whatever happens
 *   session     null: connect says done and gives no session
 *   max_io      of pread and pwrite
 *   lists       resources that there are, with ',' between them: //a,//a/x. Servers are
 *               listed at the top, the others below their servers; nothing = it cannot list
 *   list_code   Win32 code of list, which then fails after its entries; answered as
 *   list_answer not_mine or failed (the default)
 *   odd         true: list gives entries that it must not give, too; 2: without end
 *   endpoint    "HOST:PORT" of what it connects to
 *   surplus     bytes that pread and pwrite claim to have done too many
 *
 * A file has the size that was written, and reads as the low byte of the offset.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

struct script {
    const struct mpr_host *host;
    char provider[64], takes[64], answer[16], text[256], log[256];
    char calls_back[64], absent[64], hang[64], stuck[64], until[256], session[16];
    uint32_t code, native, disconnect, user, latency_ms, one_thread, max_io, surplus, asks;
    uint32_t kind, list_code, odd, credentials, defers, tells;
    char lists[512], list_answer[16], endpoint[64];
};

struct file {
    struct file *next;
    uint64_t size;
};

struct session {
    struct file *files; /* under lock */
    char remote[];
};

/* A module has one table; a test that wants several providers loads several copies of it. */
static struct mpr_provider table;
static struct script script;
static _Atomic int inside;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct field {
    const char *name;
    char *text;
    size_t size;
    uint32_t *number;
};

#define TEXT(field)                                                                                \
    { #field, script.field, sizeof script.field, NULL }
#define NUMBER(field)                                                                              \
    { #field, NULL, 0, &script.field }

static const struct field fields[] = {
    TEXT(provider),      TEXT(takes),        TEXT(answer),      TEXT(text),         TEXT(log),
    TEXT(calls_back),    TEXT(absent),       TEXT(hang),        TEXT(stuck),        TEXT(until),
    TEXT(session),       NUMBER(code),       NUMBER(native),    NUMBER(disconnect), NUMBER(user),
    NUMBER(latency_ms),  NUMBER(one_thread), NUMBER(max_io),    NUMBER(surplus),    NUMBER(asks),
    NUMBER(kind),        TEXT(lists),        TEXT(list_answer), NUMBER(list_code),  NUMBER(odd),
    NUMBER(credentials), NUMBER(defers),     NUMBER(tells),     TEXT(endpoint),
};

static bool names(const char *list, const char *word) {
    size_t length = strlen(word);

    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && memcmp(at, word, length) == 0)
            return true;
    return false;
}

static void note(const char *operation, const char *what) {
    char line[1024];
    int n = snprintf(line, sizeof line, "%s %s %s\n", script.provider, operation, what);
    int fd;

    if (!script.log[0])
        return;
    fd = open(script.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        if (write(fd, line, (size_t)n) != n)
            abort();
        close(fd);
    }
}

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t call_back(const char *operation) {
    DWORD (*get_user)(LPCSTR, LPSTR, LPDWORD);
    void *symbol = dlsym(RTLD_DEFAULT, "WNetGetUserA");
    char user[256];
    DWORD size = sizeof user;

    if (!names(script.calls_back, operation))
        return NO_ERROR;
    if (!symbol)
        return ERROR_PROC_NOT_FOUND;
    memcpy(&get_user, &symbol, sizeof get_user);
    return get_user(NULL, user, &size);
}

/* What every operation does first. Returns a Win32 code: NO_ERROR, or ERROR_CANCELLED. */
static uint32_t enter(const struct mpr_call *call, const char *operation, const char *what) {
    note(operation, what);
    if (script.one_thread && atomic_fetch_add(&inside, 1) != 0)
        note("overlap", operation);
    if (script.latency_ms)
        poll(NULL, 0, (int)script.latency_ms);
    while (names(script.stuck, operation) && access(script.until, F_OK))
        poll(NULL, 0, 5);
    if (names(script.hang, operation)) {
        struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};

        while (now_ns() < call->deadline_ns)
            if (poll(&cancel, 1, 10) > 0)
                return ERROR_CANCELLED;
    }
    return NO_ERROR;
}

static void leave(void) {
    if (script.one_thread)
        atomic_fetch_sub(&inside, 1);
}

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    size_t n = 0;

    (void)state;
    for (; *remote && n < sizeof ret->key - 1; remote++) {
        char c = *remote == '\\' ? '/' : *remote;

        ret->key[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    while (n && ret->key[n - 1] == '/')
        n--;
    ret->key[n] = '\0';
    ret->depth = 2;
    ret->type = script.kind;
    return strncmp(ret->key, script.takes, strlen(script.takes)) == 0;
}

static int endpoint(void *state, const char *remote, char *host, size_t size, uint16_t *ret_port) {
    const char *port = strrchr(script.endpoint, ':');

    (void)state;
    (void)remote;
    if (!port)
        return 0;
    snprintf(host, size, "%.*s", (int)(port - script.endpoint), script.endpoint);
    *ret_port = (uint16_t)atoi(port + 1);
    return 1;
}

static enum mpr_answer answer_of(const char *text) {
    if (strcmp(text, "done") == 0)
        return MPR_DONE;
    if (strcmp(text, "not_mine") == 0)
        return MPR_NOT_MINE;
    if (strcmp(text, "failed") == 0)
        return MPR_MINE_FAILED;
    return (enum mpr_answer)atoi(text);
}

static struct session *make_session(const char *remote) {
    size_t length = strlen(remote) + 1;
    struct session *session = malloc(sizeof *session + length);

    if (session) {
        session->files = NULL;
        memcpy(session->remote, remote, length);
    }
    return session;
}

static void free_session(struct session *session) {
    while (session->files) {
        struct file *next = session->files->next;

        free(session->files);
        session->files = next;
    }
    free(session);
}

/* Of the options the number, and the first and the last byte. */
static void tell(const struct mpr_connect *args) {
    const unsigned char *options = args->use_options;
    char words[64];

    if (!script.tells)
        return;
    note("as", args->user ? args->user : "nobody");
    if (args->use_options_size) {
        snprintf(words, sizeof words, "%zu:%02x..%02x", args->use_options_size, options[0],
                 options[args->use_options_size - 1]);
        note("options", words);
    }
    if (args->flags & CONNECT_DEFERRED)
        note("deferred", args->remote);
}

static enum mpr_answer connect(void *state, const struct mpr_call *call,
                               const struct mpr_connect *args, void **ret_session,
                               uint32_t *ret_code) {
    uint32_t code = enter(call, "connect", args->remote);
    enum mpr_answer answer = MPR_MINE_FAILED;
    char words[64];

    (void)state;
    tell(args);
    if (code == NO_ERROR)
        code = call_back("connect");
    if (code == NO_ERROR && script.asks)
        code = script.host->prompt(call, "Well?", 1, words, sizeof words);
    if (code == NO_ERROR) {
        answer = answer_of(script.answer);
        code = script.code;
    }
    if (script.text[0])
        script.host->set_error(call, script.native, script.text);
    if (answer == MPR_DONE && strcmp(script.session, "null") != 0)
        *ret_session = make_session(args->remote);
    *ret_code = code;
    leave();
    return answer;
}

static uint32_t disconnect(void *data, const struct mpr_call *call, int force) {
    struct session *session = data;
    uint32_t code = enter(call, force ? "forced" : "disconnect", session->remote);

    if (code == NO_ERROR)
        code = call_back("disconnect");
    if (code == NO_ERROR && !force) {
        code = script.disconnect;
        if (code && !strstr(session->remote, "silent"))
            script.host->set_error(call, 4711, "It does not want to end.");
    }
    if (code == NO_ERROR || force)
        free_session(session);
    leave();
    return code;
}

static void abort_session(void *data) {
    struct session *session = data;

    note("abort", session->remote);
}

static uint32_t user(void *data, const struct mpr_call *call, char *buffer, size_t size) {
    struct session *session = data;
    uint32_t code = enter(call, "user", session->remote);

    if (code == NO_ERROR)
        code = script.user;
    if (code == NO_ERROR)
        snprintf(buffer, size, "somebody");
    leave();
    return code;
}

/* How much of a name is above its last component; 0 for a server. */
static size_t above(const char *name, size_t length) {
    while (length && name[length - 1] != '/')
        length--;
    return length > 2 ? length - 1 : 0;
}

static struct mpr_resource describe(const char *remote, bool server) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_CONNECTED, /* which it is not */
        .type = server ? RESOURCETYPE_ANY : RESOURCETYPE_DISK,
        .display_type = server ? RESOURCEDISPLAYTYPE_SERVER : RESOURCEDISPLAYTYPE_SHARE,
        .usage = server ? RESOURCEUSAGE_CONTAINER : RESOURCEUSAGE_CONNECTABLE,
        .remote = remote,
        .comment = server ? "a server" : NULL,
    };
}

static void give_odd(const char *container, mpr_resource_fn fn, void *context) {
    static const char *const names[] = {NULL, "", "//\xff\xff"};
    struct mpr_resource entry;
    int stop = 0;

    for (size_t i = 0; i < 3; i++) {
        entry = describe(names[i], true);
        fn(context, &entry);
    }
    entry = describe(container ? container : "//odd", true);
    entry.comment = "\xff";
    entry.size = offsetof(struct mpr_resource, comment);
    while (!stop && script.odd) {
        stop = fn(context, &entry);
        if (script.odd == 1)
            break;
    }
}

static enum mpr_answer list(void *state, const struct mpr_call *call, const char *container,
                            uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code) {
    size_t length = container ? strlen(container) : 0;
    char what[64 + MPR_SECRET_MAX], name[256], secret[MPR_SECRET_MAX] = "";

    (void)state;
    snprintf(what, sizeof what, "%s %u 0x%x", container ? container : "top", type, usage);
    *ret_code = enter(call, "list", what);
    if (script.host->secret(call, secret, sizeof secret) > 0 || call->user) {
        snprintf(what, sizeof what, "%s %s", call->user ? call->user : "-", secret);
        note("lister", what);
    }
    if (*ret_code == NO_ERROR)
        *ret_code = call_back("list");
    for (const char *at = script.lists; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t size = strcspn(at, ","), parent = above(at, size);
        struct mpr_resource entry = describe(name, !parent);

        snprintf(name, sizeof name, "%.*s", (int)size, at);
        if (parent == length && (!container || strncmp(at, container, length) == 0))
            fn(context, &entry);
    }
    if (script.odd)
        give_odd(container, fn, context);
    if (script.list_code) {
        script.host->set_error(call, 4712, "It does not want to list.");
        *ret_code = script.list_code;
    }
    leave();
    return !*ret_code                                    ? MPR_DONE
           : strcmp(script.list_answer, "not_mine") == 0 ? MPR_NOT_MINE
                                                         : MPR_MINE_FAILED;
}

static enum mpr_answer parent_of(void *state, const struct mpr_call *call, const char *remote,
                                 mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    size_t length = above(remote, strlen(remote));
    struct mpr_resource entry;
    char name[256];

    (void)state;
    *ret_code = enter(call, "parent", remote);
    snprintf(name, sizeof name, "%.*s", (int)length, remote);
    entry = describe(length ? name : NULL, !above(name, length));
    fn(context, &entry);
    leave();
    return MPR_DONE;
}

static int open_file(void *data, const struct mpr_call *call, const char *path, int flags,
                     uint32_t mode, void **ret_file) {
    struct session *session = data;
    uint32_t code = enter(call, "open", path);
    struct file *file = code ? NULL : calloc(1, sizeof *file);

    (void)flags;
    (void)mode;
    leave();
    if (!file)
        return code ? -ECANCELED : -ENOMEM;
    pthread_mutex_lock(&lock);
    file->next = session->files;
    session->files = file;
    pthread_mutex_unlock(&lock);
    *ret_file = file;
    return 0;
}

static int close_file(void *data, const struct mpr_call *call, void *file) {
    struct session *session = data;
    struct file **at = &session->files;

    enter(call, "close", "");
    pthread_mutex_lock(&lock);
    while (*at != file)
        at = &(*at)->next;
    *at = (*at)->next;
    pthread_mutex_unlock(&lock);
    free(file);
    leave();
    return 0;
}

static int64_t pread_file(void *session, const struct mpr_call *call, void *handle, void *data,
                          size_t size, uint64_t offset) {
    const struct file *file = handle;
    size_t left = offset < file->size ? file->size - offset : 0;
    size_t n = size < left ? size : left;
    char words[64];
    uint32_t code;

    (void)session;
    snprintf(words, sizeof words, "%zu at %llu", size, (unsigned long long)offset);
    code = enter(call, "pread", words);
    for (size_t i = 0; i < n; i++)
        ((char *)data)[i] = (char)(offset + i);
    leave();
    return code ? -ECANCELED : (int64_t)(n + script.surplus);
}

static int64_t pwrite_file(void *session, const struct mpr_call *call, void *handle,
                           const void *data, size_t size, uint64_t offset) {
    struct file *file = handle;

    (void)session;
    (void)data;
    enter(call, "pwrite", "");
    if (offset + size > file->size)
        file->size = offset + size;
    leave();
    return (int64_t)(size + script.surplus);
}

static void remove_slots(void) {
    if (names(script.absent, "abort"))
        table.abort = NULL;
    if (names(script.absent, "user"))
        table.user = NULL;
    if (!script.lists[0])
        table.list = NULL;
    if (!script.lists[0] || names(script.absent, "parent"))
        table.parent = NULL;
    if (names(script.absent, "close"))
        table.close = NULL;
    if (names(script.absent, "pread"))
        table.pread = NULL;
    if (names(script.absent, "pwrite"))
        table.pwrite = NULL;
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

static void tell_timeouts(const struct mpr_option *options) {
    char words[64];

    for (; script.tells && options->name; options++) {
        if (!strstr(options->name, "_timeout_ms"))
            continue;
        snprintf(words, sizeof words, "%s %s", options->name, options->value);
        note("told", words);
    }
}

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    (void)error;
    (void)error_size;
    script = (struct script){
        .host = host,
        .provider = "Scripted Network",
        .answer = "done",
        .max_io = 1u << 20,
    };
    read_options(options);
    tell_timeouts(options);
    table.name = script.provider;
    table.flags = (script.one_thread ? 0 : MPR_PROVIDER_THREADSAFE)
                  | (script.credentials ? MPR_PROVIDER_CREDENTIALS : 0)
                  | (script.defers ? MPR_PROVIDER_DEFERS : 0);
    table.max_io = script.max_io;
    remove_slots();
    *ret_state = NULL;
    return call_back("init");
}

static void fini(void *state) {
    (void)state;
    note("fini", "");
}

static struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = "Scripted Network",
    .max_io = 1u << 20,
    .init = init,
    .fini = fini,
    .recognise = recognise,
    .endpoint = endpoint,
    .connect = connect,
    .disconnect = disconnect,
    .abort = abort_session,
    .user = user,
    .list = list,
    .parent = parent_of,
    .open = open_file,
    .close = close_file,
    .pread = pread_file,
    .pwrite = pwrite_file,
};

MPR_PROVIDER_DEFINE(&table)
