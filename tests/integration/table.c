/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.c: see table.h.
 */
#include "config.h"

#include "tests/integration/table.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/lab/stage.h"

const char *table_password, *table_user_says;
const struct mpr_provider *table_ops;
void *table_state;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table_told told;

static void set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    pthread_mutex_lock(&lock);
    told.native = code;
    snprintf(told.text, sizeof told.text, "%s", text);
    pthread_mutex_unlock(&lock);
}

static void log_line(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void log_line(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    printf("# log %d: ", (int)level);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

static int give_secret(const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    if (!table_password)
        return 0;
    snprintf(buffer, size, "%s", table_password);
    return 1;
}

static uint32_t ask_user(const struct mpr_call *call, const char *question, int echo, char *buffer,
                         size_t size) {
    (void)call;
    (void)echo;
    pthread_mutex_lock(&lock);
    snprintf(told.question, sizeof told.question, "%s", question);
    pthread_mutex_unlock(&lock);
    if (!table_user_says)
        return ERROR_NOT_SUPPORTED;
    snprintf(buffer, size, "%s", table_user_says);
    return NO_ERROR;
}

static void note_loss(void *host_connection, uint32_t code) {
    (void)host_connection;
    (void)code;
    pthread_mutex_lock(&lock);
    told.lost++;
    pthread_mutex_unlock(&lock);
}

static const struct mpr_host host = {
    .size = sizeof host,
    .set_error = set_error,
    .log = log_line,
    .secret = give_secret,
    .prompt = ask_user,
    .connection_lost = note_loss,
};

struct table_told table_told(void) {
    struct table_told copy;

    pthread_mutex_lock(&lock);
    copy = told;
    pthread_mutex_unlock(&lock);
    return copy;
}

static void give_up(const char *what, const char *why) {
    printf("Bail out! %s: %s\n", what, why);
    exit(99);
}

void table_open(const char *module, const char *const *options) {
    struct mpr_option pairs[16] = {{NULL, NULL}};
    mpr_provider_query_fn query;
    char path[512], error[256] = "";
    void *handle, *symbol;

    for (size_t i = 0; options && options[2 * i] && i < 15; i++)
        pairs[i] = (struct mpr_option){options[2 * i], options[2 * i + 1]};
    snprintf(path, sizeof path, "%s/%s.so", stage_env("MPR_TEST_MODULES"), module);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        give_up(path, dlerror());
    symbol = dlsym(handle, MPR_PROVIDER_QUERY);
    memcpy(&query, &symbol, sizeof query);
    table_ops = query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
    if (!table_ops || table_ops->init(&host, pairs, error, sizeof error, &table_state))
        give_up(path, error);
}

void table_close(void) {
    table_ops->fini(table_state);
}

struct mpr_call table_call_cancel(int ms, int cancel_fd) {
    return (struct mpr_call){
        .size = sizeof(struct mpr_call),
        .uid = geteuid(),
        .gid = getegid(),
        .cancel_fd = cancel_fd,
        .deadline_ns = (int64_t)(stage_ms() * 1e6) + (int64_t)ms * 1000000,
    };
}

struct mpr_call table_call(int ms) {
    return table_call_cancel(ms, -1);
}

void *table_connect(const char *remote, const char *user, int ms, enum mpr_answer *ret_answer,
                    uint32_t *ret_code) {
    static char connection;
    struct mpr_connect args = {
        .size = sizeof args,
        .type = 1,
        .remote = remote,
        .device = "N:",
        .user = user,
        .flags = table_user_says ? CONNECT_INTERACTIVE : 0,
        .host_connection = &connection,
    };
    struct mpr_call call = table_call(ms);
    void *session = NULL;

    *ret_code = 0;
    *ret_answer = table_ops->connect(table_state, &call, &args, &session, ret_code);
    return *ret_answer == MPR_DONE ? session : NULL;
}

void *table_need(const char *remote, const char *user) {
    enum mpr_answer answer;
    uint32_t code;
    void *session = table_connect(remote, user, 10000, &answer, &code);

    if (!session)
        give_up(remote, table_told().text);
    return session;
}
