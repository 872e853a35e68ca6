/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_memory.c: the memory provider by itself, without the router: the module
 * is opened with dlopen and called through its table.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

TestSuite(memory, .timeout = 20);

/* ---- a host that remembers what it was told */

static uint32_t error_code;
static char error_text[1024];
static const char *secret_text, *prompt_text;

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

static const struct mpr_provider *provider;
static void *state;

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct mpr_call call_for(int ms) {
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

static uint32_t start(const struct mpr_option *options, char *error, size_t size) {
    provider = load();
    cr_assert(provider);
    return provider->init(&host, options, error, size, &state);
}

static void must_start(const struct mpr_option *options) {
    char error[256] = "";
    uint32_t code = start(options, error, sizeof(error));

    cr_assert_eq(code, NO_ERROR, "init: %u %s", code, error);
}

static enum mpr_answer try_connect(const char *remote, const char *user, uint32_t type,
                                   void **ret_session, uint32_t *ret_code) {
    struct mpr_call call = call_for(5000);
    struct mpr_connect args = {.size = sizeof(args), .type = type, .remote = remote, .user = user};

    return provider->connect(state, &call, &args, ret_session, ret_code);
}

static void *must_connect(const char *remote) {
    void *session = NULL;
    uint32_t code = NO_ERROR;
    enum mpr_answer answer = try_connect(remote, NULL, RESOURCETYPE_ANY, &session, &code);

    cr_assert_eq(answer, MPR_DONE, "%s: %u %s", remote, code, error_text);
    return session;
}

static void must_fail(const char *remote, uint32_t type, uint32_t wanted) {
    void *session = &state;
    uint32_t code = NO_ERROR;

    error_text[0] = '\0';
    cr_expect_eq(try_connect(remote, NULL, type, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, wanted, "%s: %u", remote, code);
    cr_expect(error_text[0], "%s: the failure has words", remote);
    cr_expect_eq(session, &state, "results are untouched on failure");
}

static void leave(void *session) {
    struct mpr_call call = call_for(5000);

    cr_expect_eq(provider->disconnect(session, &call, 0), NO_ERROR);
}

static void stop(void) {
    provider->fini(state);
}

/* ---- files, in short */

static int open_file(void *session, const char *path, int flags, void **ret_file) {
    struct mpr_call call = call_for(5000);

    return provider->open(session, &call, path, flags, 0640, ret_file);
}

static int close_file(void *session, void *file) {
    struct mpr_call call = call_for(5000);

    return provider->close(session, &call, file);
}

static int64_t write_at(void *session, void *file, const char *text, uint64_t offset) {
    struct mpr_call call = call_for(5000);

    return provider->pwrite(session, &call, file, text, strlen(text), offset);
}

static int64_t read_at(void *session, void *file, void *data, size_t size, uint64_t offset) {
    struct mpr_call call = call_for(5000);

    return provider->pread(session, &call, file, data, size, offset);
}

static int write_file(void *session, const char *path, const char *text) {
    void *file;
    int64_t written;
    int rc = open_file(session, path, O_WRONLY | O_CREAT | O_TRUNC, &file);

    if (rc)
        return rc;
    written = write_at(session, file, text, 0);
    rc = close_file(session, file);
    return written < 0 ? (int)written : rc;
}

static int read_file(void *session, const char *path, char *buffer, size_t size) {
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

static void expect_file(void *session, const char *path, const char *text) {
    char buffer[256] = "";
    int rc = read_file(session, path, buffer, sizeof(buffer));

    cr_expect_eq(rc, 0, "%s: %d", path, rc);
    cr_expect_str_eq(buffer, text, "%s: %s", path, buffer);
}

static int stat_path(void *session, const char *path, struct mpr_stat *ret) {
    struct mpr_call call = call_for(5000);

    return provider->stat(session, &call, path, ret);
}

#define PATH_OP(op, session, ...)                                                                  \
    __extension__({                                                                                \
        struct mpr_call call_ = call_for(5000);                                                    \
        provider->op(session, &call_, __VA_ARGS__);                                                \
    })

/* ---- names */

static void expect_name(const char *remote, const char *key, uint32_t depth) {
    struct mpr_recognised got = {.size = sizeof(got)};

    cr_assert_eq(provider->recognise(state, remote, &got), 1, "%s", remote);
    cr_expect_str_eq(got.key, key, "%s: %s", remote, got.key);
    cr_expect_eq(got.depth, depth, "%s: %u", remote, got.depth);
}

Test(memory, recognises_its_names) {
    static const char *const foreign[] = {"",
                                          "memory",
                                          "\\memory",
                                          "\\\\memoryx\\demo",
                                          "\\\\mem",
                                          "\\\\server\\demo",
                                          "memory:/demo",
                                          "\\\\memory\\\\demo",
                                          "memory:demo",
                                          "//memory/demo/..",
                                          "//memory/./demo",
                                          "//memory/de\nmo",
                                          "memory:///demo"};
    struct mpr_recognised got = {.size = sizeof(got)};
    char overlong[2000] = "//memory/";

    must_start(NULL);
    expect_name("\\\\memory", "memory", 0);
    expect_name("memory://", "memory", 0);
    expect_name("\\\\memory\\", "memory", 0);
    expect_name("\\\\memory\\demo", "memory/demo", 2);
    expect_name("//MEMORY/Demo/", "memory/demo", 2);
    expect_name("memory://DEMO", "memory/demo", 2);
    expect_name("\\\\memory\\demo\\Dir/file", "memory/demo/dir/file", 2);
    expect_name("memory://demo/dir", "memory/demo/dir", 2);
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        cr_expect_eq(provider->recognise(state, foreign[i], &got), 0, "%s", foreign[i]);
    memset(overlong + 9, 'a', 256);
    cr_expect_eq(provider->recognise(state, overlong, &got), 0, "a component of 256 bytes");
    for (size_t i = 0; i < 1200; i++)
        overlong[9 + i] = i % 100 == 99 ? '/' : 'a';
    cr_expect_eq(provider->recognise(state, overlong, &got), 0, "a key of 1200 bytes");
    overlong[1000] = '\0';
    cr_expect_eq(provider->recognise(state, overlong, &got), 1);
    stop();
}

Test(memory, tells_printers_by_name) {
    static const struct mpr_option options[] = {{"printers", "queue"}, {NULL, NULL}};
    struct mpr_recognised got = {.size = sizeof(got)};

    must_start(options);
    cr_assert(provider->recognise(state, "\\\\memory\\Queue", &got));
    cr_expect_eq(got.type, (uint32_t)RESOURCETYPE_PRINT);
    cr_assert(provider->recognise(state, "\\\\memory\\demo", &got));
    cr_expect_eq(got.type, (uint32_t)RESOURCETYPE_DISK);
    stop();
}

/* ---- options */

Test(memory, refuses_bad_options) {
    static const struct mpr_option bad[] = {
        {"latency_ms", "soon"}, {"latency_ms", "-1"},      {"fail", "connect"},
        {"fail", "connect=-5"}, {"fail", "pread=5"},       {"fail", "pread=-5x"},
        {"fail", "eat=-5"},     {"hang", "pread=1"},       {"hang", "prea"},
        {"crash", "eat"},       {"size_limit", "plenty"},  {"size_limit", "demo="},
        {"shares", "a=b"},      {"read_only", "demo=yes"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mpr_option options[] = {bad[i], {NULL, NULL}};
        char error[256] = "";

        cr_expect_eq(start(options, error, sizeof(error)), (uint32_t)ERROR_INVALID_DATA, "%s=%s",
                     bad[i].name, bad[i].value);
        cr_expect(strstr(error, bad[i].name), "the text names the option: %s", error);
    }
}

Test(memory, ignores_unknown_options) {
    static const struct mpr_option options[] = {{"colour", "blue"}, {NULL, NULL}};

    must_start(options);
    stop();
}

/* ---- connections */

Test(memory, connects_to_shares_that_are_there) {
    static const struct mpr_option options[] = {
        {"shares", "demo,Second"}, {"printers", "queue"}, {NULL, NULL}};
    void *session;

    must_start(options);
    leave(must_connect("\\\\memory\\demo"));
    leave(must_connect("memory://second"));
    leave(must_connect("\\\\memory\\queue"));
    must_fail("\\\\memory\\third", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory\\demo\\nodir", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    must_fail("\\\\memory\\queue", RESOURCETYPE_DISK, ERROR_BAD_DEV_TYPE);
    must_fail("\\\\memory\\demo", RESOURCETYPE_PRINT, ERROR_BAD_DEV_TYPE);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "Dir", 0755), 0);
    cr_expect_eq(write_file(session, "dir/file", "inside"), 0);
    leave(session);
    session = must_connect("\\\\MEMORY\\DEMO\\DIR");
    expect_file(session, "file", "inside");
    leave(session);
    must_fail("\\\\memory\\demo\\dir\\file", RESOURCETYPE_ANY, ERROR_BAD_NET_NAME);
    stop();
}

Test(memory, makes_shares_on_the_spot) {
    static const struct mpr_option options[] = {{"shares", "*"}, {NULL, NULL}};
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\anything");
    cr_expect_eq(write_file(session, "file", "kept"), 0);
    leave(session);
    leave(must_connect("\\\\memory\\else"));
    session = must_connect("\\\\memory\\ANYTHING");
    expect_file(session, "file", "kept");
    leave(session);
    stop();
}

Test(memory, wants_user_and_password) {
    static const struct mpr_option options[] = {
        {"user", "anna"}, {"password", "secret-words"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    struct mpr_connect args = {.size = sizeof(args),
                               .remote = "\\\\memory\\demo",
                               .user = "anna",
                               .flags = CONNECT_INTERACTIVE};
    void *session;
    uint32_t code;

    must_start(options);
    must_fail("\\\\memory\\demo", RESOURCETYPE_ANY, ERROR_LOGON_FAILURE);
    cr_expect_eq(try_connect("\\\\memory\\demo", "bert", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_LOGON_FAILURE);
    cr_expect(strstr(error_text, "bert"), "%s", error_text);
    secret_text = "wrong-words";
    cr_expect_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_INVALID_PASSWORD);
    cr_expect(strstr(error_text, "anna"), "%s", error_text);
    cr_expect_null(strstr(error_text, "words"), "no password in a text: %s", error_text);
    secret_text = NULL;
    cr_expect_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_MINE_FAILED,
                 "nobody can be asked");
    prompt_text = "secret-words";
    cr_assert_eq(provider->connect(state, &call, &args, &session, &code), MPR_DONE);
    leave(session);
    prompt_text = NULL;
    secret_text = "secret-words";
    cr_assert_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_DONE);
    leave(session);
    stop();
}

Test(memory, tells_its_user) {
    struct mpr_call call = call_for(1000);
    char user[MPR_USER_MAX] = "";
    void *session;
    uint32_t code;

    must_start(NULL);
    cr_assert_eq(try_connect("\\\\memory\\demo", "anna", 0, &session, &code), MPR_DONE);
    cr_expect_eq(provider->user(session, &call, user, sizeof(user)), NO_ERROR);
    cr_expect_str_eq(user, "anna");
    cr_expect_eq(provider->user(session, &call, user, 4), (uint32_t)ERROR_MORE_DATA);
    leave(session);
    call.uid = 0;
    {
        struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\demo"};

        cr_assert_eq(provider->connect(state, &call, &args, &session, &code), MPR_DONE);
    }
    cr_expect_eq(provider->user(session, &call, user, sizeof(user)), NO_ERROR);
    cr_expect_str_eq(user, "root");
    leave(session);
    stop();
}

Test(memory, connects_a_hundred_thousand_times) {
    enum { many = 100000 };
    static const struct mpr_option options[] = {{"shares", "*"}, {NULL, NULL}};
    void **sessions = calloc(many, sizeof(*sessions));
    char remote[64];
    int64_t begun;

    must_start(options);
    cr_assert(sessions);
    begun = now_ns();
    for (int i = 0; i < many; i++) {
        snprintf(remote, sizeof(remote), "\\\\memory\\share%d", i);
        sessions[i] = must_connect(remote);
    }
    for (int i = 0; i < many; i++)
        leave(sessions[i]);
    cr_log_info("%d connects and disconnects: %lld ms", many,
                (long long)(now_ns() - begun) / 1000000);
    free(sessions);
    stop();
}

/* ---- browsing */

static char listing[1024];

static int collect(void *context, const struct mpr_resource *entry) {
    size_t length = strlen(listing);

    snprintf(listing + length, sizeof(listing) - length, "%s:%u:%u:%u ",
             entry->remote ? entry->remote : "(none)", entry->type, entry->display_type,
             entry->usage);
    return context != NULL;
}

static void expect_list(const char *container, uint32_t type, uint32_t usage, const char *wanted) {
    struct mpr_call call = call_for(1000);
    uint32_t code = NO_ERROR;

    listing[0] = '\0';
    cr_expect_eq(provider->list(state, &call, container, type, usage, collect, NULL, &code),
                 MPR_DONE, "%u", code);
    cr_expect_str_eq(listing, wanted, "%s", listing);
}

Test(memory, lists_server_shares_and_printers) {
    static const struct mpr_option options[] = {
        {"shares", "demo,*,second"}, {"printers", "queue"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    uint32_t code;

    must_start(options);
    expect_list(NULL, 0, 0, "\\\\memory:0:2:2 ");
    expect_list(NULL, 0, RESOURCEUSAGE_CONNECTABLE, "");
    expect_list("\\\\memory", RESOURCETYPE_ANY, 0,
                "\\\\memory\\demo:1:3:1 \\\\memory\\second:1:3:1 \\\\memory\\queue:2:3:1 ");
    expect_list("memory://", RESOURCETYPE_PRINT, 0, "\\\\memory\\queue:2:3:1 ");
    expect_list("\\\\memory", RESOURCETYPE_DISK, RESOURCEUSAGE_CONTAINER, "");
    cr_expect_eq(provider->list(state, &call, "\\\\memory\\demo", 0, 0, collect, NULL, &code),
                 MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_NOT_CONTAINER);
    cr_expect_eq(provider->list(state, &call, "\\\\other", 0, 0, collect, NULL, &code),
                 MPR_NOT_MINE);
    listing[0] = '\0';
    provider->list(state, &call, "\\\\memory", 0, 0, collect, &code, &code);
    cr_expect_str_eq(listing, "\\\\memory\\demo:1:3:1 ", "stops when it is told to");
    stop();
}

static void expect_parent(const char *remote, const char *wanted) {
    struct mpr_call call = call_for(1000);
    uint32_t code;

    listing[0] = '\0';
    cr_expect_eq(provider->parent(state, &call, remote, collect, NULL, &code), MPR_DONE);
    cr_expect_str_eq(listing, wanted, "%s: %s", remote, listing);
}

Test(memory, knows_parents) {
    must_start(NULL);
    expect_parent("\\\\memory", "(none):0:2:2 ");
    expect_parent("\\\\memory\\demo", "\\\\memory:0:2:2 ");
    expect_parent("\\\\memory\\demo\\dir", "\\\\memory\\demo:1:3:1 ");
    expect_parent("memory://demo/dir/sub/", "memory://demo/dir:1:3:1 ");
    stop();
}

Test(memory, tells_resource_and_rest) {
    struct mpr_call call = call_for(1000);
    uint32_t code;
    size_t rest;

    must_start(NULL);
    listing[0] = '\0';
    cr_expect_eq(provider->information(state, &call, "\\\\memory\\Demo\\dir\\file", 0, collect,
                                       NULL, &rest, &code),
                 MPR_DONE);
    cr_expect_str_eq(listing, "\\\\memory\\Demo:1:3:1 ");
    cr_expect_eq(rest, strlen("\\\\memory\\Demo"));
    cr_expect_eq(
        provider->information(state, &call, "memory://no/dir", 0, collect, NULL, &rest, &code),
        MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NET_NAME);
    stop();
}

/* ---- files */

Test(memory, opens_as_posix_does) {
    void *session, *file, *other;
    struct mpr_stat attributes;
    char byte;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(open_file(session, "a", O_RDONLY, &file), -ENOENT);
    cr_expect_eq(open_file(session, "no/a", O_RDWR | O_CREAT, &file), -ENOENT);
    cr_expect_eq(open_file(session, "", O_RDONLY, &file), -EISDIR);
    cr_assert_eq(open_file(session, "a", O_WRONLY | O_CREAT | O_EXCL, &file), 0);
    cr_expect_eq(open_file(session, "A", O_WRONLY | O_CREAT | O_EXCL, &other), -EEXIST);
    cr_expect_eq(open_file(session, "a/b", O_RDONLY, &other), -ENOTDIR);
    cr_expect_eq(read_at(session, file, &byte, 1, 0), -EBADF, "open for writing only");
    cr_expect_eq(write_at(session, file, "hello", 0), 5);
    cr_assert_eq(open_file(session, "a", O_RDONLY, &other), 0);
    cr_expect_eq(write_at(session, other, "x", 0), -EBADF, "open for reading only");
    cr_expect_eq(PATH_OP(unlink, session, "a"), 0);
    cr_expect_eq(read_at(session, other, &byte, 1, 4), 1, "removed, but still open");
    cr_expect_eq(byte, 'o');
    cr_expect_eq(PATH_OP(fstat, session, other, &attributes), 0);
    cr_expect_eq(attributes.size, 5u);
    cr_expect_eq(attributes.uid, 1000u);
    cr_expect_eq(attributes.gid, 100u);
    cr_expect_eq(attributes.mode, (uint32_t)(S_IFREG | 0640));
    close_file(session, other);
    close_file(session, file);
    cr_expect_eq(stat_path(session, "a", &attributes), -ENOENT);
    leave(session);
    stop();
}

Test(memory, keeps_holes_and_truncates) {
    struct mpr_stat attributes;
    void *session, *file;
    char buffer[8];

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "sparse", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(write_at(session, file, "end", 5368709120ull), 3, "beyond 4 GiB");
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709119ull), 4);
    cr_expect_arr_eq(buffer, "\0end", 4);
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709122ull), 1, "short at the end only");
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709123ull), 0);
    cr_expect_eq(PATH_OP(fstat, session, file, &attributes), 0);
    cr_expect_eq(attributes.size, 5368709123ull);
    cr_expect_eq(attributes.space, 4096u, "a hole takes no space");
    cr_expect_eq(PATH_OP(truncate, session, NULL, file, 2), 0);
    cr_expect_eq(write_at(session, file, "abcdef", 0), 6);
    cr_expect_eq(PATH_OP(truncate, session, "sparse", NULL, 3), 0);
    cr_expect_eq(PATH_OP(truncate, session, "sparse", NULL, 6), 0);
    cr_expect_eq(read_at(session, file, buffer, 8, 0), 6);
    cr_expect_arr_eq(buffer, "abc\0\0\0", 6, "what was cut off does not come back");
    cr_expect_eq(write_at(session, file, "x", UINT64_MAX), -EFBIG);
    cr_expect_eq(PATH_OP(truncate, session, NULL, file, 1ull << 40), -EFBIG);
    cr_expect_eq(PATH_OP(fsync, session, file), 0);
    close_file(session, file);
    leave(session);
    stop();
}

Test(memory, keeps_to_its_size) {
    static const struct mpr_option options[] = {
        {"shares", "demo,wide"}, {"size_limit", "demo=8192"}, {NULL, NULL}};
    struct mpr_statvfs facts;
    char page[4096] = "";
    void *session, *file;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 0), 4096);
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_eq(facts.blocks, 2u);
    cr_expect_eq(facts.blocks_avail, 1u);
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 6144), 2048,
                 "a part, then the disk is full");
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 8192), -ENOSPC);
    cr_expect_eq(write_file(session, "b", "x"), -ENOSPC);
    close_file(session, file);
    cr_expect_eq(PATH_OP(unlink, session, "a"), 0);
    cr_expect_eq(write_file(session, "b", "x"), 0, "there is room again");
    leave(session);
    session = must_connect("\\\\memory\\wide");
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_gt(facts.blocks, 1000u);
    leave(session);
    stop();
}

Test(memory, can_be_read_only) {
    static const struct mpr_option options[] = {
        {"shares", "demo,ro"}, {"read_only", "ro"}, {NULL, NULL}};
    struct mpr_statvfs facts;
    void *session, *file;

    must_start(options);
    session = must_connect("\\\\memory\\ro");
    cr_expect_eq(open_file(session, "a", O_WRONLY | O_CREAT, &file), -EROFS);
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), -EROFS);
    cr_expect_eq(PATH_OP(symlink, session, "a", "b"), -EROFS);
    cr_expect_eq(PATH_OP(unlink, session, "a"), -ENOENT);
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_eq(facts.read_only, 1u);
    leave(session);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "x"), 0);
    leave(session);
    stop();
}

static char names[1024];

static int collect_name(void *context, const char *name, const struct mpr_stat *attributes) {
    size_t length = strlen(names);

    (void)context;
    snprintf(names + length, sizeof(names) - length, "%s%s ", name,
             S_ISDIR(attributes->mode) ? "/" : "");
    return 0;
}

static const char *list_names(void *session, const char *path) {
    int rc;

    names[0] = '\0';
    rc = PATH_OP(readdir, session, path, collect_name, NULL);
    cr_expect_eq(rc, 0, "%s: %d", path, rc);
    return names;
}

Test(memory, makes_and_removes_directories) {
    void *session, *inside;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "D", 0755), -EEXIST);
    cr_expect_eq(PATH_OP(mkdir, session, "d/e", 0755), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "x/y", 0755), -ENOENT);
    cr_expect_eq(write_file(session, "d/f", "x"), 0);
    cr_expect_eq(write_file(session, "b", "x"), 0);
    cr_expect_str_eq(list_names(session, ""), "b d/ ");
    cr_expect_str_eq(list_names(session, "d"), "e/ f ");
    cr_expect_eq(PATH_OP(readdir, session, "b", collect_name, NULL), -ENOTDIR);
    cr_expect_eq(PATH_OP(readdir, session, "c", collect_name, NULL), -ENOENT);
    cr_expect_eq(PATH_OP(rmdir, session, "d"), -ENOTEMPTY);
    cr_expect_eq(PATH_OP(rmdir, session, "b"), -ENOTDIR);
    cr_expect_eq(PATH_OP(unlink, session, "d"), -EISDIR);
    cr_expect_eq(PATH_OP(rmdir, session, ""), -EBUSY);
    inside = must_connect("\\\\memory\\demo\\d\\e");
    cr_expect_eq(PATH_OP(rmdir, session, "d/e"), 0);
    cr_expect_eq(write_file(inside, "f", "x"), -ENOENT, "the directory is gone");
    leave(inside);
    cr_expect_str_eq(list_names(session, "d"), "f ");
    leave(session);
    stop();
}

Test(memory, renames_as_posix_does) {
    void *session;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "one"), 0);
    cr_expect_eq(write_file(session, "b", "two"), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(PATH_OP(rename, session, "a", "b"), 0, "replaces");
    expect_file(session, "b", "one");
    cr_expect_eq(PATH_OP(rename, session, "b", "d"), -EISDIR);
    cr_expect_eq(PATH_OP(rename, session, "d", "b"), -ENOTDIR);
    cr_expect_eq(PATH_OP(rename, session, "b", "d/c"), 0);
    expect_file(session, "d/c", "one");
    cr_expect_eq(PATH_OP(rename, session, "d", "d/e"), -EINVAL, "not into itself");
    cr_expect_eq(PATH_OP(rename, session, "nothing", "x"), -ENOENT);
    cr_expect_eq(PATH_OP(rename, session, "d/c", "d/C"), 0);
    cr_expect_str_eq(list_names(session, "d"), "C ");
    cr_expect_eq(PATH_OP(mkdir, session, "e", 0755), 0);
    cr_expect_eq(PATH_OP(rename, session, "e", "d"), -ENOTEMPTY);
    cr_expect_eq(PATH_OP(rename, session, "d", "e"), 0);
    cr_expect_str_eq(list_names(session, ""), "e/ ");
    leave(session);
    stop();
}

Test(memory, links) {
    struct mpr_stat attributes;
    void *session;
    char target[32];

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(write_file(session, "d/a", "one"), 0);
    cr_expect_eq(PATH_OP(link, session, "d/a", "hard"), 0);
    cr_expect_eq(PATH_OP(link, session, "d", "dir"), -EPERM);
    cr_expect_eq(PATH_OP(link, session, "d/a", "hard"), -EEXIST);
    cr_expect_eq(PATH_OP(unlink, session, "d/a"), 0);
    expect_file(session, "hard", "one");
    cr_expect_eq(PATH_OP(rename, session, "hard", "d/a"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "a", "d/soft"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "./d/../d", "dir"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "../out", "out"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "/d/a", "absolute"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "loop", "loop"), 0);
    expect_file(session, "d/soft", "one");
    expect_file(session, "dir/soft", "one");
    cr_expect_eq(read_file(session, "out", target, sizeof(target)), -EXDEV);
    cr_expect_eq(read_file(session, "absolute", target, sizeof(target)), -EXDEV);
    cr_expect_eq(read_file(session, "loop", target, sizeof(target)), -ELOOP);
    cr_expect_eq(stat_path(session, "dir", &attributes), 0);
    cr_expect(S_ISLNK(attributes.mode), "stat means the link itself");
    cr_expect_eq(PATH_OP(readlink, session, "d/soft", target, sizeof(target)), 0);
    cr_expect_str_eq(target, "a");
    cr_expect_eq(PATH_OP(readlink, session, "d/soft", target, 1), -ERANGE);
    cr_expect_eq(PATH_OP(readlink, session, "d/a", target, sizeof(target)), -EINVAL);
    leave(session);
    stop();
}

Test(memory, sets_attributes) {
    struct mpr_stat attributes;
    void *session;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "one"), 0);
    cr_expect_eq(PATH_OP(chmod, session, "a", 0600), 0);
    cr_expect_eq(PATH_OP(chown, session, "a", 7, UINT32_MAX), 0);
    cr_expect_eq(PATH_OP(utimens, session, "a", MPR_TIME_OMIT, 1234567890123456789), 0);
    cr_expect_eq(stat_path(session, "a", &attributes), 0);
    cr_expect_eq(attributes.mode, (uint32_t)(S_IFREG | 0600));
    cr_expect_eq(attributes.uid, 7u);
    cr_expect_eq(attributes.gid, 100u);
    cr_expect_eq(attributes.mtime_ns, 1234567890123456789);
    cr_expect_neq(attributes.atime_ns, MPR_TIME_OMIT);
    cr_expect_eq(PATH_OP(chmod, session, "b", 0600), -ENOENT);
    leave(session);
    stop();
}

Test(memory, prints) {
    static const struct mpr_option options[] = {{"printers", "queue"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    void *session, *job, *file;

    must_start(options);
    session = must_connect("\\\\memory\\queue");
    cr_assert_eq(provider->print(session, &call, "report/1", &job), 0);
    cr_expect_eq(write_at(session, job, "page", 0), 4);
    cr_expect_str_eq(list_names(session, ""), "", "printed when it is closed");
    cr_expect_eq(close_file(session, job), 0);
    cr_expect_str_eq(list_names(session, ""), "00001 report_1 ");
    expect_file(session, "00001 report_1", "page");
    cr_expect_eq(open_file(session, "file", O_WRONLY | O_CREAT, &file), -EACCES);
    cr_assert_eq(provider->print(session, &call, "given up", &job), 0);
    cr_expect_eq(provider->disconnect(session, &call, 1), NO_ERROR);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(provider->print(session, &call, "report", &job), -ENOTSUP);
    leave(session);
    session = must_connect("\\\\memory\\queue");
    cr_expect_str_eq(list_names(session, ""), "00001 report_1 ");
    leave(session);
    stop();
}

/* ---- switches */

Test(memory, fails_as_told) {
    static const struct mpr_option options[] = {
        {"shares", "demo,locked,gone"},
        {"fail", "connect@locked=5,connect@gone=53,pread=-5,list=59"},
        {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    uint32_t code = NO_ERROR;
    void *session, *file;
    char byte;

    must_start(options);
    must_fail("\\\\memory\\locked", 0, ERROR_ACCESS_DENIED);
    cr_expect_eq(error_code, (uint32_t)ERROR_ACCESS_DENIED);
    cr_expect(strstr(error_text, "\\\\memory\\locked"), "%s", error_text);
    cr_expect_eq(try_connect("\\\\memory\\gone", NULL, 0, &session, &code), MPR_NOT_MINE);
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NETPATH);
    cr_expect_eq(provider->list(state, &call, "\\\\memory", 0, 0, collect, NULL, &code),
                 MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_UNEXP_NET_ERR);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(write_at(session, file, "x", 0), 1);
    cr_expect_eq(read_at(session, file, &byte, 1, 0), -EIO);
    close_file(session, file);
    leave(session);
    stop();
}

Test(memory, keeps_the_session_when_disconnect_fails) {
    static const struct mpr_option options[] = {{"fail", "disconnect=1208"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(provider->disconnect(session, &call, 0), (uint32_t)ERROR_EXTENDED_ERROR);
    cr_expect_eq(write_file(session, "a", "still there"), 0);
    cr_expect_eq(provider->disconnect(session, &call, 1), (uint32_t)ERROR_EXTENDED_ERROR);
    stop();
}

static void expect_between(int64_t begun, int64_t least_ms, int64_t most_ms) {
    int64_t ms = (now_ns() - begun) / 1000000;

    cr_expect(ms >= least_ms && ms <= most_ms, "took %lld ms", (long long)ms);
}

Test(memory, hangs_until_the_deadline) {
    static const struct mpr_option options[] = {
        {"shares", "demo,silent"}, {"hang", "stat,connect@silent,disconnect"}, {NULL, NULL}};
    struct mpr_call call = call_for(100);
    struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\silent"};
    struct mpr_stat attributes;
    int64_t begun = now_ns();
    void *session;
    uint32_t code;

    must_start(options);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_NOT_MINE,
                 "as silent as a server that is not there");
    cr_expect_eq(code, (uint32_t)ERROR_BAD_NETPATH);
    expect_between(begun, 90, 1000);
    session = must_connect("\\\\memory\\demo");
    begun = now_ns();
    call = call_for(100);
    cr_expect_eq(provider->stat(session, &call, "", &attributes), -ETIMEDOUT);
    expect_between(begun, 90, 1000);
    begun = now_ns();
    call = call_for(100);
    cr_expect_eq(provider->disconnect(session, &call, 0), NO_ERROR, "silent is no reason to fail");
    expect_between(begun, 90, 1000);
    session = must_connect("\\\\memory\\demo");
    begun = now_ns();
    call = call_for(5000);
    cr_expect_eq(provider->disconnect(session, &call, 1), NO_ERROR);
    expect_between(begun, 0, 50);
    stop();
}

Test(memory, hangs_until_it_is_cancelled) {
    static const struct mpr_option options[] = {{"hang", "stat,connect,disconnect"}, {NULL, NULL}};
    struct mpr_call call = call_for(5000);
    struct mpr_connect args = {.size = sizeof(args), .remote = "\\\\memory\\demo"};
    int64_t begun = now_ns();
    void *session;
    uint32_t code;

    must_start(options);
    call.cancel_fd = eventfd(1, EFD_CLOEXEC);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, (uint32_t)ERROR_CANCELLED);
    expect_between(begun, 0, 1000);
    stop();
}

/* A thread that stats, and one that aborts: both ways of waiting are ended. */
static void *stat_thread(void *session) {
    struct mpr_call call = call_for(5000);
    struct mpr_stat attributes;

    return (void *)(intptr_t)provider->stat(session, &call, "", &attributes);
}

Test(memory, abort_ends_what_is_under_way) {
    static const struct mpr_option options[] = {{"hang", "stat"}, {NULL, NULL}};
    int64_t begun = now_ns();
    void *session, *result, *file;
    pthread_t threads[2];

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, stat_thread, session), 0);
    usleep(50000);
    provider->abort(session);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &result);
        cr_expect_eq((intptr_t)result, -ENOTCONN);
    }
    expect_between(begun, 50, 1000);
    cr_expect_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), -ENOTCONN, "and later ones");
    leave(session);
    stop();
}

Test(memory, is_as_slow_as_told) {
    static const struct mpr_option options[] = {{"latency_ms", "30"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    struct mpr_performance got = {.size = sizeof(got)};
    int64_t begun = now_ns();
    void *session;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    expect_between(begun, 30, 500);
    cr_expect_eq(provider->performance(session, &call, &got), NO_ERROR);
    cr_expect(got.delay_ms >= 30 && got.delay_ms < 500, "%u", got.delay_ms);
    cr_expect_eq(got.opt_data_size, provider->max_io);
    leave(session);
    stop();
}

/* Stats in a child, whose end is looked at. Returns its wait status, or -1 if it had to be killed. */
static int stat_in_child(const char *option) {
    const struct mpr_option options[] = {{option, "stat"}, {NULL, NULL}};
    int status = -1, waited = 0;
    pid_t child = fork();

    if (child == 0) {
        struct mpr_call call = call_for(50);
        struct mpr_stat attributes;

        must_start(options);
        signal(SIGSEGV, SIG_DFL);
        provider->stat(must_connect("\\\\memory\\demo"), &call, "", &attributes);
        _exit(9);
    }
    cr_assert_gt(child, 0);
    for (int i = 0; i < 50 && !waited; i++) {
        usleep(10000);
        waited = waitpid(child, &status, WNOHANG) == child;
    }
    if (waited)
        return status;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

Test(memory, crashes_exits_and_hangs_hard) {
    int status = stat_in_child("crash");

    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "%x", (unsigned)status);
    status = stat_in_child("exit");
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
    cr_expect_eq(stat_in_child("hang_hard"), -1, "neither deadline nor cancel ends it");
}

/* ---- several threads in one session */

static void *worker_thread(void *session) {
    char path[32], text[32];

    snprintf(path, sizeof(path), "file%lx", (unsigned long)pthread_self());
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof(text), "round %d", i);
        if (write_file(session, path, text))
            return (void *)1;
        if (read_file(session, path, text, sizeof(text)) || atol(text + 6) != i)
            return (void *)2;
        PATH_OP(rename, session, path, "common");
        PATH_OP(unlink, session, "common");
    }
    return NULL;
}

Test(memory, serves_threads_in_one_session) {
    pthread_t threads[4];
    void *session, *result;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, worker_thread, session), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        cr_expect_null(result, "failed at step %ld", (long)(intptr_t)result);
    }
    cr_expect_str_eq(list_names(session, ""), "");
    leave(session);
    stop();
}
