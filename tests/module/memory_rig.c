/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_rig.c: see memory_rig.h.
 */
#include "config.h"

#include "memory_rig.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

/* ---- a host that remembers what it was told */

uint32_t error_code;
char error_text[1024];
const char *secret_text, *prompt_text;

static void host_set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    error_code = code;
    snprintf(error_text, sizeof(error_text), "%s", text);
}

static void host_log(enum mpr_log_level level, const char *format, ...) {
    (void)level;
    (void)format;
}

static int host_secret(const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    if (secret_text)
        snprintf(buffer, size, "%s", secret_text);
    return secret_text != NULL;
}

static uint32_t host_prompt(const struct mpr_call *call, const char *question, int echo,
                            char *buffer, size_t size) {
    (void)call;
    cr_expect(strstr(question, "anna"));
    cr_expect_eq(echo, 0);
    if (!prompt_text)
        return ERROR_NOT_SUPPORTED;
    snprintf(buffer, size, "%s", prompt_text);
    return NO_ERROR;
}

static void host_lost(void *host_connection, uint32_t code) {
    (void)host_connection;
    (void)code;
}

static const struct mpr_host host = {
    .size = sizeof(host),
    .set_error = host_set_error,
    .log = host_log,
    .secret = host_secret,
    .prompt = host_prompt,
    .connection_lost = host_lost,
};

/* ---- the module */

const struct mpr_provider *provider;
void *state;

int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct mpr_call call_for(int ms) {
    return (struct mpr_call){
        .size = sizeof(struct mpr_call),
        .uid = 1000,
        .gid = 100,
        .cancel_fd = -1,
        .deadline_ns = now_ns() + ms * 1000000ll,
    };
}

static const struct mpr_provider *load(void) {
    const char *directory = secure_getenv("MPR_TEST_MODULES");
    char path[4096];
    mpr_provider_query_fn query;
    void *module;

    cr_assert(directory, "MPR_TEST_MODULES is not set");
    snprintf(path, sizeof(path), "%s/memory.so", directory);
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(module, "%s", dlerror());
    query = (mpr_provider_query_fn)dlsym(module, MPR_PROVIDER_QUERY);
    cr_assert(query);
    cr_expect_null(query(2u << 16), "another major version is refused");
    return query(MPR_PROVIDER_ABI_MAJOR << 16);
}

uint32_t start(const struct mpr_option *options, char *error, size_t size) {
    provider = load();
    cr_assert(provider);
    return provider->init(&host, options, error, size, &state);
}

void must_start(const struct mpr_option *options) {
    char error[256] = "";
    uint32_t code = start(options, error, sizeof(error));

    cr_assert_eq(code, NO_ERROR, "init: %u %s", code, error);
}

enum mpr_answer try_connect(const char *remote, const char *user, uint32_t type, void **ret_session,
                            uint32_t *ret_code) {
    struct mpr_call call = call_for(5000);
    struct mpr_connect args = {.size = sizeof(args), .type = type, .remote = remote, .user = user};

    return provider->connect(state, &call, &args, ret_session, ret_code);
}

void *must_connect(const char *remote) {
    void *session = NULL;
    uint32_t code = NO_ERROR;
    enum mpr_answer answer = try_connect(remote, NULL, RESOURCETYPE_ANY, &session, &code);

    cr_assert_eq(answer, MPR_DONE, "%s: %u %s", remote, code, error_text);
    return session;
}

void must_fail(const char *remote, uint32_t type, uint32_t wanted) {
    void *session = &state;
    uint32_t code = NO_ERROR;

    error_text[0] = '\0';
    cr_expect_eq(try_connect(remote, NULL, type, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, wanted, "%s: %u", remote, code);
    cr_expect(error_text[0], "%s: the failure has words", remote);
    cr_expect_eq(session, &state, "results are untouched on failure");
}

void leave(void *session) {
    struct mpr_call call = call_for(5000);

    cr_expect_eq(provider->disconnect(session, &call, 0), NO_ERROR);
}

void stop(void) {
    provider->fini(state);
}

/* ---- files, in short */

int open_file(void *session, const char *path, int flags, void **ret_file) {
    struct mpr_call call = call_for(5000);

    return provider->open(session, &call, path, flags, 0640, ret_file);
}

int close_file(void *session, void *file) {
    struct mpr_call call = call_for(5000);

    return provider->close(session, &call, file);
}

int64_t write_at(void *session, void *file, const char *text, uint64_t offset) {
    struct mpr_call call = call_for(5000);

    return provider->pwrite(session, &call, file, text, strlen(text), offset);
}

int64_t read_at(void *session, void *file, void *data, size_t size, uint64_t offset) {
    struct mpr_call call = call_for(5000);

    return provider->pread(session, &call, file, data, size, offset);
}

int write_file(void *session, const char *path, const char *text) {
    void *file;
    int64_t written;
    int rc = open_file(session, path, O_WRONLY | O_CREAT | O_TRUNC, &file);

    if (rc)
        return rc;
    written = write_at(session, file, text, 0);
    rc = close_file(session, file);
    return written < 0 ? (int)written : rc;
}

int read_file(void *session, const char *path, char *buffer, size_t size) {
    void *file;
    int64_t got;
    int rc = open_file(session, path, O_RDONLY, &file);

    if (rc)
        return rc;
    got = read_at(session, file, buffer, size - 1, 0);
    buffer[got > 0 ? got : 0] = '\0';
    close_file(session, file);
    return got < 0 ? (int)got : 0;
}

void expect_file(void *session, const char *path, const char *text) {
    char buffer[256] = "";
    int rc = read_file(session, path, buffer, sizeof(buffer));

    cr_expect_eq(rc, 0, "%s: %d", path, rc);
    cr_expect_str_eq(buffer, text, "%s: %s", path, buffer);
}

int stat_path(void *session, const char *path, struct mpr_stat *ret) {
    struct mpr_call call = call_for(5000);

    return provider->stat(session, &call, path, ret);
}

static char names[1024];

static int collect_name(void *context, const char *name, const struct mpr_stat *attributes) {
    size_t length = strlen(names);

    (void)context;
    snprintf(names + length, sizeof(names) - length, "%s%s ", name,
             S_ISDIR(attributes->mode) ? "/" : "");
    return 0;
}

int list_into_names(void *session, const char *path) {
    names[0] = '\0';
    return PATH_OP(readdir, session, path, collect_name, NULL);
}

const char *list_names(void *session, const char *path) {
    int rc = list_into_names(session, path);

    cr_expect_eq(rc, 0, "%s: %d", path, rc);
    return names;
}
