/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_native.c: see kit_native.h.
 */
#include "config.h"

#include "tools/conformance/kit_native.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "router/mpr_loader.h"
#include "router/mpr_option.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_subject.h"

#define LOG_MAX 65536

const struct mpr_provider *kit_front, *kit_table;
void *kit_front_state, *kit_state_of_table;
const char *kit_secret;
bool (*kit_give_secret)(char *buffer, size_t size);
const char *const *kit_answers;

static _Thread_local struct kit_told told;
static atomic_uint prompts, secrets, losses, errors;
static char last_question[1024];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the log */
static char logged[LOG_MAX];
static size_t logged_size;

static void set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    if (!call || !text)
        kit_fail("set_error with a call and a text", "call %p, text %p", (const void *)call,
                 (const void *)text);
    told.errors++;
    told.host_data = call->host_data;
    atomic_fetch_add(&errors, 1);
    told.code = code;
    snprintf(told.text, sizeof told.text, "%s", text);
}

static void log_line(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void log_line(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    (void)level;
    va_start(arguments, format);
    pthread_mutex_lock(&lock);
    if (logged_size < LOG_MAX - 1024) {
        vsnprintf(logged + logged_size, 1023, format, arguments);
        logged_size += strlen(logged + logged_size);
        logged[logged_size++] = '\n';
    }
    pthread_mutex_unlock(&lock);
    va_end(arguments);
}

static int give_secret(const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    atomic_fetch_add(&secrets, 1);
    if (size < MPR_SECRET_MAX)
        kit_fail("a buffer of MPR_SECRET_MAX bytes for a secret", "%zu bytes", size);
    if (kit_give_secret)
        return kit_give_secret(buffer, size);
    if (!kit_secret)
        return 0;
    snprintf(buffer, size, "%s", kit_secret);
    return 1;
}

static uint32_t answer_prompt(const struct mpr_call *call, const char *question, int echo,
                              char *buffer, size_t size) {
    unsigned turn = atomic_fetch_add(&prompts, 1);

    (void)call;
    (void)echo;
    if (!question || !*question)
        kit_fail("a question in words", "prompt without one");
    snprintf(last_question, sizeof last_question, "%s", question);
    for (unsigned i = 0; kit_answers && i <= turn && kit_answers[i]; i++)
        if (i == turn) {
            snprintf(buffer, size, "%s", kit_answers[i]);
            return NO_ERROR;
        }
    return ERROR_CANCELLED;
}

static void note_loss(void *host_connection, uint32_t code) {
    (void)host_connection;
    (void)code;
    atomic_fetch_add(&losses, 1);
}

const struct mpr_host kit_host = {
    .size = sizeof kit_host,
    .set_error = set_error,
    .log = log_line,
    .secret = give_secret,
    .prompt = answer_prompt,
    .connection_lost = note_loss,
};

struct kit_told kit_told(void) {
    struct kit_told copy = told;

    copy.anywhere = atomic_load(&errors);
    copy.prompts = atomic_load(&prompts);
    copy.secrets = atomic_load(&secrets);
    copy.lost = atomic_load(&losses);
    return copy;
}

void kit_told_clear(void) {
    memset(&told, 0, sizeof told);
    atomic_store(&errors, 0);
    atomic_store(&prompts, 0);
    atomic_store(&secrets, 0);
    atomic_store(&losses, 0);
}

const char *kit_question(void) {
    return last_question;
}

const char *kit_logged(void) {
    return logged;
}

static const struct mpr_provider *load(const char *path) {
    struct mpr_failure failure = {0};
    const struct mpr_provider *table;

    kit_doing("loading %s", path);
    if (mpr_loader_open(path, &failure, &table))
        kit_fail("a module that the router loads", "%s", failure.text);
    return table;
}

static void *init(const struct mpr_provider *table) {
    static const struct mpr_option none[] = {{NULL, NULL}};
    const struct mpr_option *options = kit_subject.options ? kit_subject.options : none;
    char error[512] = "";
    void *state = NULL;
    uint32_t code;

    if (!table->init)
        return NULL;
    kit_doing("init of \"%s\"", table->name);
    code = table->init(&kit_host, options, error, sizeof error, &state);
    if (code)
        kit_fail("init succeeds with the lab's options", "%s: %s", kit_code_name(code), error);
    return state;
}

void kit_native_load(void) {
    kit_front = kit_table = load(kit_subject.module);
    if (kit_subject.worker_module)
        kit_table = load(kit_subject.worker_module);
}

void kit_native_open(void) {
    kit_native_load();
    kit_front_state = kit_state_of_table = init(kit_front);
    if (kit_table != kit_front)
        kit_state_of_table = init(kit_table);
    kit_told_clear();
}

struct mpr_call kit_call(int ms) {
    struct mpr_call call = {
        .size = sizeof call,
        .uid = geteuid(),
        .gid = getegid(),
        .cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .deadline_ns = kit_ms() * 1000000 + (int64_t)ms * 1000000,
    };

    if (call.cancel_fd < 0)
        kit_broken("no descriptor can be made: %s", strerror(errno));
    return call;
}

void kit_call_cancel(const struct mpr_call *call) {
    if (eventfd_write(call->cancel_fd, 1))
        kit_broken("a descriptor cannot be written: %s", strerror(errno));
}

int kit_connect_ms(void) {
    const char *value = mpr_option_get(kit_subject.options, "connect_timeout_ms");

    long ms = value ? strtol(value, NULL, 10) : 0;

    return ms > 0 && ms <= INT_MAX ? (int)ms : 5000;
}

struct kit_connected kit_connect_with(const struct mpr_connect *args, const struct mpr_call *call) {
    struct kit_connected ret = {.code = 0};
    int64_t began = kit_ms();

    kit_doing("connect(\"%s\"%s%s)", args->remote, args->user ? ", user " : "",
              args->user ? args->user : "");
    kit_told_clear();
    ret.answer = kit_table->connect(kit_state_of_table, call, args, &ret.session, &ret.code);
    ret.ms = kit_ms() - began;
    return ret;
}

struct kit_connected kit_connect(const char *remote, const char *user, const char *password) {
    static char connection;
    struct mpr_connect args = {
        .size = sizeof args,
        .type = RESOURCETYPE_ANY,
        .remote = kit_ro(remote),
        .user = kit_ro(user),
        .host_connection = &connection,
    };
    struct mpr_call call = kit_call(kit_connect_ms());
    struct kit_connected ret;

    kit_secret = password;
    ret = kit_connect_with(&args, &call);
    close(call.cancel_fd);
    return ret;
}

void *kit_connect_good(const char *remote) {
    struct kit_connected got = kit_connect(remote, kit_lab.user, kit_lab.password);

    if (got.answer != MPR_DONE || !got.session)
        kit_fail("MPR_DONE and a session", "answer %d, session %p, %s, and the words: %s",
                 (int)got.answer, got.session, kit_code_name(got.code), told.text);
    return got.session;
}

void kit_disconnect(void *session) {
    struct mpr_call call = kit_call(kit_connect_ms());
    uint32_t code;

    kit_doing("disconnect, not forced");
    code = kit_table->disconnect(session, &call, 0);
    close(call.cancel_fd);
    KIT_CODES(code, NO_ERROR);
}

void kit_answer_sound(enum mpr_answer answer, uint32_t code) {
    if (answer < MPR_DONE || answer > MPR_MINE_FAILED)
        kit_fail("one of the answers MPR_DONE, MPR_NOT_MINE, MPR_MINE_FAILED", "%d", (int)answer);
    if (answer == MPR_DONE)
        return;
    if (code == NO_ERROR)
        kit_fail("a failure with its code", "answer %d and NO_ERROR", (int)answer);
    if (!kit_code_known(code))
        kit_fail("a Win32 code", "%s", kit_code_name(code));
}
