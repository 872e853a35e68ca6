/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_routed.c: faults that show in a program: to its process, to its
 * threads, to other providers.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

/* connect, after something that should not be done there. */
#define CONNECT_AFTER(name, ...)                                                                   \
    static enum mpr_answer connect_##name(void *state, const struct mpr_call *call,                \
                                          const struct mpr_connect *args, void **ret_session,      \
                                          uint32_t *ret_code) {                                    \
        __VA_ARGS__                                                                                \
        return honest->connect(state, call, args, ret_session, ret_code);                          \
    }                                                                                              \
    static void use_connect_##name(struct mpr_provider *table) {                                   \
        table->connect = connect_##name;                                                           \
    }

static bool is_missing(const char *remote) {
    return strstr(remote, "missing") != NULL;
}

CONNECT_AFTER(umask, umask(0777);)

CONNECT_AFTER(exit, if (is_missing(args->remote)) _exit(0);)

CONNECT_AFTER(crash, if (is_missing(args->remote)) raise(SIGSEGV);)

CONNECT_AFTER(hang, while (is_missing(args->remote)) poll(NULL, 0, 1000);)

static void write_home(void) {
    static atomic_uint records;
    const char *home = secure_getenv("HOME");
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/.record-%u", home ? home : "/nonexistent",
             atomic_fetch_add(&records, 1));
    fd = home ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
}

CONNECT_AFTER(remember, write_home();)

CONNECT_AFTER(ask, char word[MPR_SECRET_MAX];
              saboteur_host->prompt(call, "Really?", 1, word, sizeof word);)

/* A table of fixed size. */
static atomic_int sessions;

static enum mpr_answer connect_few(void *state, const struct mpr_call *call,
                                   const struct mpr_connect *args, void **ret_session,
                                   uint32_t *ret_code) {
    enum mpr_answer answer;

    if (atomic_load(&sessions) >= 20) {
        *ret_code = ERROR_NOT_ENOUGH_MEMORY;
        return MPR_MINE_FAILED;
    }
    answer = honest->connect(state, call, args, ret_session, ret_code);
    atomic_fetch_add(&sessions, answer == MPR_DONE);
    return answer;
}

static uint32_t disconnect_counting(void *session, const struct mpr_call *call, int force) {
    atomic_fetch_sub(&sessions, 1);
    return honest->disconnect(session, call, force);
}

static void have_few(struct mpr_provider *table) {
    table->connect = connect_few;
    table->disconnect = disconnect_counting;
}

/* The session of a device outlives it. */
static uint32_t disconnect_later(void *session, const struct mpr_call *call, int force) {
    (void)call;
    (void)force;
    if (fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100) < 0)
        honest->disconnect(session, call, force);
    return NO_ERROR;
}

static void tear_down_later(struct mpr_provider *table) {
    table->disconnect = disconnect_later;
}

/* One text for all threads. */
static enum mpr_answer connect_one_text(void *state, const struct mpr_call *call,
                                        const struct mpr_connect *args, void **ret_session,
                                        uint32_t *ret_code) {
    static char text[512];

    if (!is_missing(args->remote))
        return honest->connect(state, call, args, ret_session, ret_code);
    snprintf(text, sizeof text, "%s is not there", args->remote);
    poll(NULL, 0, 2);
    saboteur_host->set_error(call, 2, text);
    *ret_code = ERROR_BAD_NET_NAME;
    return MPR_MINE_FAILED;
}

static void share_one_text(struct mpr_provider *table) {
    table->connect = connect_one_text;
}

static int recognise_all(void *state, const char *remote, struct mpr_recognised *ret) {
    if (honest->recognise(state, remote, ret))
        return 1;
    if (strncmp(remote, "decoy:", 6))
        return 0;
    ret->type = RESOURCETYPE_DISK;
    ret->depth = 1;
    snprintf(ret->key, sizeof ret->key, "%s", remote);
    return 1;
}

static enum mpr_answer connect_all(void *state, const struct mpr_call *call,
                                   const struct mpr_connect *args, void **ret_session,
                                   uint32_t *ret_code) {
    if (strncmp(args->remote, "decoy:", 6))
        return honest->connect(state, call, args, ret_session, ret_code);
    *ret_code = ERROR_BAD_NET_NAME;
    return MPR_MINE_FAILED;
}

static void take_the_decoys(struct mpr_provider *table) {
    table->recognise = recognise_all;
    table->connect = connect_all;
}

/* Which program runs it shows. */
static enum mpr_answer connect_here_only(void *state, const struct mpr_call *call,
                                         const struct mpr_connect *args, void **ret_session,
                                         uint32_t *ret_code) {
    char name[16] = "";

    prctl(PR_GET_NAME, name);
    if (strncmp(name, "mpr-worker", 10))
        return honest->connect(state, call, args, ret_session, ret_code);
    *ret_code = ERROR_NOT_SUPPORTED;
    return MPR_MINE_FAILED;
}

static void work_here_only(struct mpr_provider *table) {
    table->connect = connect_here_only;
}

/* The names of a list lead back to where it was. */
static enum mpr_answer list_itself(void *state, const struct mpr_call *call, const char *container,
                                   uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                   uint32_t *ret_code) {
    struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = RESOURCE_GLOBALNET,
        .type = RESOURCETYPE_ANY,
        .display_type = RESOURCEDISPLAYTYPE_SERVER,
        .usage = RESOURCEUSAGE_CONTAINER,
        .remote = container,
    };

    if (!container)
        return honest->list(state, call, container, type, usage, fn, context, ret_code);
    fn(context, &entry);
    return MPR_DONE;
}

static void list_in_circles(struct mpr_provider *table) {
    table->list = list_itself;
}

static uint32_t tell_nobody(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    (void)session;
    (void)call;
    if (size < 7)
        return ERROR_MORE_DATA;
    memcpy(buffer, "nobody", 7);
    return NO_ERROR;
}

static void forget_the_user(struct mpr_provider *table) {
    table->user = tell_nobody;
}

/* Every file is read through one position, whoever reads. */
static int64_t pread_together(void *session, const struct mpr_call *call, void *file, void *data,
                              size_t size, uint64_t offset) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static atomic_uint inside;
    int64_t n;

    if (atomic_fetch_add(&inside, 1))
        offset = 0;
    poll(NULL, 0, 1);
    pthread_mutex_lock(&lock);
    n = honest->pread(session, call, file, data, size, offset);
    pthread_mutex_unlock(&lock);
    if (n > 0 && atomic_load(&inside) > 1)
        memset(data, 0, (size_t)n);
    atomic_fetch_sub(&inside, 1);
    return n;
}

static void mix_threads(struct mpr_provider *table) {
    table->pread = pread_together;
}

const struct sabotage sabotage_routed[] = {
    {"changes-umask", "a provider that changes what is the program's", use_connect_umask},
    {"exits", "a provider that ends the process when something fails", use_connect_exit},
    {"crashes", "winfsp #162: a provider that takes the program with it", use_connect_crash},
    {"hangs", "sshfs-win #155: a provider without a bound", use_connect_hang},
    {"remembers", "a provider that keeps records of its own", use_connect_remember},
    {"asks", "a provider that asks where nobody can answer", use_connect_ask},
    {"has-20-slots", "dokany #737: from the 33rd drive on none works", have_few},
    {"tears-down-later", "winfsp #90: cancel returns, and the file system stays", tear_down_later},
    {"shares-a-text", "a text that all threads share", share_one_text},
    {"takes-the-decoys", "dokany #952: a provider that answers for every name", take_the_decoys},
    {"works-here-only", "a provider that depends on the program that loads it", work_here_only},
    {"lists-in-circles", "a walk through the network that never ends", list_in_circles},
    {"forgets-the-user", "a connection whose user is told wrong", forget_the_user},
    {"mixes-threads", "a provider marked for threads that is not made for them", mix_threads},
    {NULL, NULL, NULL},
};
