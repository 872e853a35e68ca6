/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_driver.c: a worker process in small.
 */
#include "config.h"

#include "tests/integration/smb_driver.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct driver driver;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct mpr_call current = {.size = sizeof(struct mpr_call), .cancel_fd = -1};
static pthread_t watcher;
static pid_t watched; /* the process that has it: not its children */
static bool armed, watching, stopping;

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t driver_now_ms(void) {
    return now_ns() / 1000000;
}

static void set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    driver.status = code;
    snprintf(driver.text, sizeof driver.text, "%s", text);
}

static void write_log(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void write_log(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    (void)level;
    va_start(arguments, format);
    vsnprintf(driver.line, sizeof driver.line, format, arguments);
    va_end(arguments);
}

static int give_secret(const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    if (!driver.password)
        return 0;
    snprintf(buffer, size, "%s", driver.password);
    return 1;
}

static uint32_t refuse_prompt(const struct mpr_call *call, const char *question, int echo,
                              char *buffer, size_t size) {
    (void)call;
    (void)question;
    (void)echo;
    (void)buffer;
    (void)size;
    return ERROR_NOT_SUPPORTED;
}

static void note_loss(void *host_connection, uint32_t code) {
    (void)code;
    if (host_connection == &driver)
        driver.lost++;
}

static const struct mpr_host host = {
    .size = sizeof host,
    .set_error = set_error,
    .log = write_log,
    .secret = give_secret,
    .prompt = refuse_prompt,
    .connection_lost = note_loss,
};

static void shut_down_sockets(void) {
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        int fd = (int)strtol(entry->d_name, NULL, 10), protocol = 0;
        socklen_t size = sizeof protocol;

        if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0
            && protocol == IPPROTO_TCP)
            shutdown(fd, SHUT_RDWR);
    }
    if (directory)
        closedir(directory);
}

/* The second thread of a worker. */
static void *watch(void *unused) {
    (void)unused;
    for (bool over = false; !over;) {
        struct pollfd cancel = {.events = POLLIN};
        bool late;

        poll(NULL, 0, 5);
        pthread_mutex_lock(&lock);
        cancel.fd = current.cancel_fd;
        late = armed && (now_ns() >= current.deadline_ns || poll(&cancel, 1, 0) > 0);
        if (late)
            armed = false;
        over = stopping;
        pthread_mutex_unlock(&lock);
        if (late)
            shut_down_sockets();
    }
    return NULL;
}

/* Before a sanitizer looks at the process for the last time. */
static void stop_watching(void) {
    if (watched != getpid())
        return;
    pthread_mutex_lock(&lock);
    stopping = true;
    pthread_mutex_unlock(&lock);
    pthread_join(watcher, NULL);
}

static void start_watching(void) {
    if (watching && watched == getpid())
        return;
    watched = getpid();
    watching = pthread_create(&watcher, NULL, watch, NULL) == 0 && atexit(stop_watching) == 0;
}

void driver_load(void) {
    char path[4096];
    const char *folder = getenv("MPR_TEST_MODULES");
    mpr_provider_query_fn query = NULL;
    void *module, *symbol;

    snprintf(path, sizeof path, "%s/smb-worker.so", folder ? folder : ".libs");
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    symbol = module ? dlsym(module, MPR_PROVIDER_QUERY) : NULL;
    if (symbol) {
        memcpy(&query, &symbol, sizeof query);
        driver.table = query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
    }
    if (!driver.table) {
        printf("Bail out! %s\n", module ? "no provider" : dlerror());
        exit(99);
    }
}

uint32_t driver_init(const struct mpr_option *options) {
    static const struct mpr_option none = {NULL, NULL};

    return driver.table->init(&host, options ? options : &none, driver.text, sizeof driver.text,
                              &driver.state);
}

void driver_fini(void) {
    driver.table->fini(driver.state);
    driver.state = NULL;
}

const struct mpr_call *driver_call_with(unsigned ms, int cancel_fd) {
    pthread_mutex_lock(&lock);
    current.uid = getuid();
    current.gid = getgid();
    current.cancel_fd = cancel_fd;
    current.deadline_ns = now_ns() + (int64_t)ms * 1000000;
    armed = true;
    start_watching();
    pthread_mutex_unlock(&lock);
    return &current;
}

const struct mpr_call *driver_call(unsigned ms) {
    return driver_call_with(ms, -1);
}

void *driver_connect_as(const struct mpr_connect *args, const struct mpr_call *call,
                        const char *password) {
    void *session = NULL;

    driver.password = password;
    driver.code = driver.status = 0;
    driver.text[0] = '\0';
    driver.lost = 0;
    driver.answer = driver.table->connect(driver.state, call, args, &session, &driver.code);
    driver.password = NULL;
    return driver.answer == MPR_DONE ? session : NULL;
}

void *driver_connect(const char *remote, const char *user, const char *password) {
    const struct mpr_connect args = {
        .size = sizeof args, .remote = remote, .user = user, .host_connection = &driver};

    return driver_connect_as(&args, driver_call(5000), password);
}

void driver_disconnect(void *session) {
    driver.table->disconnect(session, driver_call(2000), 0);
}
