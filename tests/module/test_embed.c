/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_embed.c: a program that embeds the library, and what it must not notice:
 * children that are not its own, descriptors, threads, memory and signal
 * handlers that stay behind; and that it may unload the library.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

/* The functions, as a program finds them that does not link the library. */
static struct {
    void *handle;
    __typeof__(MprInitialize) *initialize;
    __typeof__(MprShutdown) *shutdown;
    __typeof__(MprGetLastError) *last_error;
    __typeof__(WNetAddConnection2A) *add;
    __typeof__(WNetCancelConnection2A) *cancel;
    __typeof__(MprFileOpen) *open;
    __typeof__(MprFileWrite) *write;
    __typeof__(MprFileClose) *close;
} mpr;

#define FIND(slot, name)                                                                           \
    do {                                                                                           \
        void *symbol = dlsym(mpr.handle, #name);                                                   \
        cr_assert(symbol, "%s", #name);                                                            \
        memcpy(&mpr.slot, &symbol, sizeof symbol);                                                 \
    } while (0)

static void load(void) {
    char path[512];

    snprintf(path, sizeof path, "%s/.libs/libmpr.so", secure_getenv("abs_top_builddir"));
    mpr.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(mpr.handle, "%s", dlerror());
    FIND(initialize, MprInitialize);
    FIND(shutdown, MprShutdown);
    FIND(last_error, MprGetLastError);
    FIND(add, WNetAddConnection2A);
    FIND(cancel, WNetCancelConnection2A);
    FIND(open, MprFileOpen);
    FIND(write, MprFileWrite);
    FIND(close, MprFileClose);
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\"");
    load();
}

static void end(void) {
    if (mpr.handle)
        mpr.shutdown();
    world_remove();
}

TestSuite(embed, .timeout = 60, .init = begin, .fini = end);

static DWORD add(const char *device, const char *remote) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t)device,
                             .lpRemoteName = (LPSTR)(uintptr_t)remote};

    return mpr.add(&resource, "secret", "anna", 0);
}

/* One round of what a program does with it; 0, or the line that failed. */
static int use(void) {
    HANDLE file;

#define NEEDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)
    NEEDS(add("Z:", DEMO) == NO_ERROR);
    NEEDS(add(NULL, DEMO) == NO_ERROR);
    NEEDS(add("Y:", "\\\\memory\\nosuch") == ERROR_BAD_NET_NAME);
    NEEDS(mpr.open("Z:\\f", O_RDWR | O_CREAT, 0644, &file) == 0);
    NEEDS(mpr.write(file, "text", 4) == 4);
    NEEDS(mpr.cancel("Z:", 0, FALSE) == ERROR_OPEN_FILES);
    NEEDS(mpr.cancel("Z:", 0, TRUE) == NO_ERROR);
    NEEDS(mpr.close(file) == -ENOTCONN);
    NEEDS(mpr.cancel(DEMO, 0, FALSE) == NO_ERROR);
    return 0;
}

static sem_t failed_once, may_end;

static void *fail_and_wait(void *context) {
    DWORD rc = mpr.cancel("Q:", 0, FALSE);

    (void)context;
    sem_post(&failed_once);
    sem_wait(&may_end);
    return (void *)(uintptr_t)rc;
}

/* A thread that used the library ends when the library is gone. */
Test(embed, a_thread_outlives_the_library) {
    pthread_t thread;
    void *result;

    sem_init(&failed_once, 0, 0);
    sem_init(&may_end, 0, 0);
    cr_assert_eq(pthread_create(&thread, NULL, fail_and_wait, NULL), 0);
    sem_wait(&failed_once);
    cr_expect_eq(use(), 0);
    cr_expect_eq(mpr.shutdown(), NO_ERROR);
    cr_expect_eq(dlclose(mpr.handle), 0);
    mpr.handle = NULL;
    sem_post(&may_end);
    cr_assert_eq(pthread_join(thread, &result), 0);
    cr_expect_eq((uintptr_t)result, ERROR_NOT_CONNECTED);
    load();
    cr_expect_eq(use(), 0);
}

static void *fail(void *context) {
    (void)context;
    return (void *)(uintptr_t)mpr.cancel("Q:", 0, FALSE);
}

static void run_threads(int count) {
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        void *result;

        cr_assert_eq(pthread_create(&thread, NULL, fail, NULL), 0);
        cr_assert_eq(pthread_join(thread, &result), 0);
        cr_assert_eq((uintptr_t)result, ERROR_NOT_CONNECTED);
    }
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void) {
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    return mallinfo2().uordblks;
}

/* What a thread was told about its failure goes with it. */
Test(embed, a_thousand_threads_leave_nothing) {
    unsigned threads = world_threads();
    size_t before;

    run_threads(20);
    before = allocated();
    run_threads(1000);
    cr_expect_leq(allocated(), before + 4096, "%zu bytes more", allocated() - before);
    for (int i = 0; i < 1000 && world_threads() > threads; i++)
        world_sleep(10); /* joined is not yet gone */
    cr_expect_eq(world_threads(), threads);
}

/* Joined is not yet gone. */
static unsigned settled_threads(void) {
    unsigned threads = world_threads();

    for (int i = 0; i < 10; i++) {
        world_sleep(10);
        if (world_threads() != threads)
            i = 0;
        threads = world_threads();
    }
    return threads;
}

Test(embed, nothing_stays_open) {
    unsigned descriptors, threads;
    size_t before = 0;

    for (int round = 0; round < 6; round++) {
        cr_assert_eq(mpr.initialize(world_path("")), NO_ERROR);
        cr_assert_eq(use(), 0);
        cr_assert_eq(add("X:", DEMO), NO_ERROR);
        cr_assert_eq(mpr.shutdown(), NO_ERROR);
        if (round == 1) { /* what is made once is made */
            descriptors = world_descriptors();
            threads = settled_threads();
            before = allocated();
        }
    }
    cr_expect_eq(world_descriptors(), descriptors);
    cr_expect_eq(settled_threads(), threads);
    cr_expect_leq(allocated(), before + 4096, "%zu bytes more", allocated() - before);
}

/* --- what belongs to the whole process --- */

struct process_state {
    char directory[512], locale[256];
    struct sigaction actions[65];
    sigset_t mask;
    mode_t umask;
    char **environment;
};

extern char **environ;

static void look(struct process_state *state) {
    memset(state, 0, sizeof *state);
    cr_assert(getcwd(state->directory, sizeof state->directory));
    snprintf(state->locale, sizeof state->locale, "%s", setlocale(LC_ALL, NULL));
    for (int i = 1; i <= 64; i++)
        sigaction(i, NULL, &state->actions[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &state->mask);
    state->umask = umask(0);
    umask(state->umask);
    state->environment = environ;
}

static void expect_same(const struct process_state *before, const struct process_state *after) {
    cr_expect_str_eq(before->directory, after->directory);
    cr_expect_str_eq(before->locale, after->locale);
    cr_expect_eq(before->umask, after->umask);
    cr_expect_eq(before->environment, after->environment);
    for (int i = 1; i <= 64; i++) {
        cr_expect_eq(before->actions[i].sa_handler, after->actions[i].sa_handler, "signal %d", i);
        cr_expect_eq(sigismember(&before->mask, i), sigismember(&after->mask, i), "signal %d", i);
    }
}

static atomic_int children_gone;

static void on_child(int number) {
    (void)number;
    atomic_fetch_add(&children_gone, 1);
}

static void run_own_child(int status) {
    pid_t child = fork();
    int got;

    cr_assert_neq(child, -1);
    if (child == 0)
        _exit(status);
    while (waitpid(-1, &got, 0) != child)
        cr_assert_fail("another's child");
    cr_expect_eq(WEXITSTATUS(got), status);
}

/* The worker processes are nobody's business: no signal, no status, no zombie. */
Test(embed, children_of_ones_own) {
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    struct process_state before, after;
    pid_t none;

    world_isolated_memory("\"shares\": \"demo\"");
    sigaction(SIGCHLD, &action, NULL);
    look(&before);
    cr_assert_eq(mpr.initialize(world_path("")), NO_ERROR);
    cr_expect_eq(use(), 0);
    cr_expect_eq(add("Z:", DEMO), NO_ERROR);
    run_own_child(7);
    cr_expect_eq(children_gone, 1);
    cr_expect_eq(mpr.cancel("Z:", 0, FALSE), NO_ERROR);
    cr_expect_eq(use(), 0);
    cr_expect_eq(mpr.shutdown(), NO_ERROR);
    world_sleep(200);
    none = waitpid(-1, NULL, WNOHANG);
    cr_expect(none == -1 && errno == ECHILD, "%d", (int)none);
    cr_expect_eq(children_gone, 1);
    look(&after);
    expect_same(&before, &after);
}

/* A child of the program has the library's descriptors, and holds nothing up by that. */
Test(embed, a_child_that_lives_long) {
    int alive[2], status;
    pid_t child;
    char byte;

    world_isolated_memory("\"shares\": \"demo\"");
    cr_assert_eq(mpr.initialize(world_path("")), NO_ERROR);
    cr_assert_eq(add("Z:", DEMO), NO_ERROR);
    cr_assert_eq(pipe2(alive, O_CLOEXEC), 0);
    child = fork();
    cr_assert_neq(child, -1);
    if (child == 0) {
        close(alive[1]);
        _exit(read(alive[0], &byte, 1) != 0 || add("X:", DEMO) != ERROR_NO_NETWORK);
    }
    close(alive[0]);
    cr_expect_eq(mpr.cancel("Z:", 0, FALSE), NO_ERROR);
    cr_expect_eq(use(), 0);
    cr_expect_eq(mpr.shutdown(), NO_ERROR);
    cr_assert_eq(mpr.initialize(world_path("")), NO_ERROR);
    cr_expect_eq(use(), 0);
    close(alive[1]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
}

/* Threads of the library, if it has any, take no signal of the program's. */
Test(embed, threads_block_all_signals) {
    char self[16];
    struct dirent *entry;
    DIR *tasks;

    world_isolated_memory("\"shares\": \"demo\"");
    cr_assert_eq(mpr.initialize(world_path("")), NO_ERROR);
    cr_assert_eq(add("Z:", DEMO), NO_ERROR);
    snprintf(self, sizeof self, "%d", (int)gettid());
    tasks = opendir("/proc/self/task");
    cr_assert(tasks);
    while ((entry = readdir(tasks))) {
        char path[300], line[256];
        unsigned long long blocked = 0;
        FILE *file;

        if (entry->d_name[0] == '.' || strcmp(entry->d_name, self) == 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        file = fopen(path, "re");
        while (file && fgets(line, sizeof line, file))
            sscanf(line, "SigBlk: %llx", &blocked);
        if (file)
            fclose(file);
        cr_expect(blocked >> (SIGUSR1 - 1) & blocked >> (SIGCHLD - 1) & blocked >> (SIGTERM - 1)
                      & 1,
                  "thread %s blocks %llx", entry->d_name, blocked);
    }
    closedir(tasks);
}
