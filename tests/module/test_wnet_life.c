/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_life.c: starting and ending the router, forking, threads that come
 * and go, and a library that is unloaded.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define UPDATE CONNECT_UPDATE_PROFILE

static void begin(void) {
    world_make();
    world_config("{\"cancel_timeout_ms\": 300, \"connect_timeout_ms\": 20000}");
    world_memory("\"shares\": \"fine,slow,hung\", \"hang\": \"connect@slow,pread@hung\"");
}

TestSuite(life, .timeout = 90, .init = begin, .fini = world_end);

Test(life, roots_that_are_none) {
    static const char *const bad[] = {"", ".", "relative/path", "Z:\\"};
    char file[512];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_CODE(ERROR_INVALID_PARAMETER, MprInitialize(bad[i]));
    EXPECT_CODE(ERROR_PATH_NOT_FOUND, MprInitialize(world_path("nothing/here")));
    snprintf(file, sizeof file, "%s", world_path("config/mpr.json"));
    EXPECT_CODE(ERROR_PATH_NOT_FOUND, MprInitialize(file));
    EXPECT_CODE(NO_ERROR, MprInitialize(world_path("")));
    EXPECT_CODE(ERROR_ALREADY_INITIALIZED, MprInitialize(world_path("")));
    EXPECT_CODE(ERROR_ALREADY_INITIALIZED, MprInitialize(NULL));
    EXPECT_CODE(ERROR_ALREADY_INITIALIZED, MprInitialize("relative"));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
}

/* Nothing needs to be called first; MPR_ROOT leads to the test's directory. */
Test(life, starts_by_itself) {
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\fine", 0));
    EXPECT_CODE(ERROR_ALREADY_INITIALIZED, MprInitialize(NULL));
    EXPECT_CODE(NO_ERROR, MprShutdown());
    EXPECT_CODE(NO_ERROR, MprShutdown());
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Z:", 0, FALSE));
}

/* A root that is not absolute is told at every call, not only at the first. */
Test(life, starts_by_itself_or_says_why) {
    setenv("MPR_ROOT", "relative", 1);
    EXPECT_CODE(ERROR_INVALID_PARAMETER, add("Z:", "\\\\memory\\fine", 0));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_WORDS("relative");
    EXPECT_CODE(NO_ERROR, MprInitialize(world_path("")));
}

static DWORD add_slow(void *context) {
    return add(context, "\\\\memory\\slow", UPDATE);
}

static DWORD read_hung(void *context) {
    char byte;

    return (DWORD)MprFilePread(context, &byte, 1, 0);
}

/* With everything open that can be: connections, files, listings, calls under way. */
Test(life, ends_with_everything_open) {
    struct background *adding, *reading;
    char room[512] __attribute__((aligned(8)));
    struct mpr_stat facts;
    HANDLE file, hung, dir, list;
    DWORD count = 1, size = sizeof room;
    const char *name;
    int64_t start;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", UPDATE));
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\hung", 0));
    EXPECT_CODE(NO_ERROR, add(NULL, "\\\\memory\\fine", 0));
    cr_assert_eq(MprFileOpen("Y:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    cr_assert_eq(MprFileOpen("Z:\\f", O_RDWR | O_CREAT, 0644, &hung), 0);
    cr_assert_eq(MprDirOpen("Y:\\", &dir), 0);
    cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list), NO_ERROR);
    adding = background(add_slow, (char[]){"X:"});
    reading = background(read_hung, hung);
    let_it_wait(adding);
    let_it_wait(reading);
    start = world_ms();
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect_lt(world_ms() - start, 10000);
    cr_expect_eq(wait_for(adding), ERROR_CANCELLED);
    cr_expect_eq(wait_for(reading), (DWORD)-ENOTCONN);
    cr_expect_eq(MprFileWrite(file, "x", 1), -ENOTCONN);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_END), -ENOTCONN);
    cr_expect_eq(MprFileFstat(file, &facts), -ENOTCONN);
    cr_expect_eq(MprDirRead(dir, &name, NULL), -ENOTCONN);
    EXPECT_CODE(NO_ERROR, MprInitialize(world_path("")));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    cr_expect_eq(MprFileStat("Y:\\f", &facts), -ENOENT, "a new router, a new memory");
    cr_expect_eq(MprFileWrite(file, "x", 1), -ENOTCONN);
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(MprFileClose(hung), 0);
    cr_expect_eq(MprFileClose(dir), 0);
    EXPECT_CODE(NO_ERROR, WNetEnumResourceA(list, &count, room, &size));
    EXPECT_CODE(NO_ERROR, WNetCloseEnum(list));
}

/* What is closed after the end does not start the router again. */
Test(life, closing_late_starts_nothing) {
    HANDLE file, dir;
    char byte;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    cr_assert_eq(MprFileOpen("Y:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    cr_assert_eq(MprDirOpen("Y:\\", &dir), 0);
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect_eq(MprFileRead(file, &byte, 1), -ENOTCONN);
    cr_expect_eq(MprFileClose(file), 0);
    cr_expect_eq(MprFileClose(dir), 0);
    EXPECT_CODE(NO_ERROR, MprInitialize(world_path(""))); /* not ERROR_ALREADY_INITIALIZED */
}

static DWORD add_anywhere(void *context) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = context};
    DWORD rc = WNetUseConnectionA(NULL, &resource, NULL, NULL, CONNECT_REDIRECT, NULL, NULL, NULL);

    return rc == ERROR_CANCELLED || rc == ERROR_NO_NETWORK ? NO_ERROR : rc;
}

static DWORD shut_down(void *context) {
    (void)context;
    return MprShutdown();
}

/* A profile that takes its time to be read: who connects is in a call, and has nothing yet. */
static void write_long_profile(void) {
    FILE *file = fopen(world_path(WORLD_PROFILE), "we");

    cr_assert_not_null(file);
    fprintf(file, "{\"version\": 1, \"connections\": {}, \"newer\": [0");
    for (int i = 0; i < 50000; i++)
        fprintf(file, ",1");
    fprintf(file, "]}");
    fclose(file);
    cr_assert_eq(chmod(world_path(WORLD_PROFILE), 0600), 0);
}

/* Whatever comes while it ends: afterwards nothing is connected, and it starts again. */
Test(life, ending_while_others_begin) {
    static char remote[] = "//s/x";
    struct background *adding[4], *ending[2];
    unsigned connects, forced;

    world_scripted("10-late", "\"takes\": \"//s/\", \"latency_ms\": 5, \"absent\": \"abort\"");
    write_long_profile();
    for (int round = 0; round < 20; round++) {
        world_start();
        for (size_t i = 0; i < 4; i++)
            adding[i] = background(add_anywhere, remote);
        world_sleep(round * 3);
        for (size_t i = 0; i < 2; i++)
            ending[i] = background(shut_down, NULL);
        for (size_t i = 0; i < 2; i++)
            cr_expect_eq(wait_for(ending[i]), NO_ERROR);
        for (size_t i = 0; i < 4; i++)
            cr_expect_eq(wait_for(adding[i]), NO_ERROR);
        MprShutdown(); /* who came late may have started it again */
        connects = world_count(world_read("log"), "connect");
        forced = world_count(world_read("log"), "forced");
        cr_assert_eq(connects, forced, "%u sessions, %u were ended", connects, forced);
    }
}

/* A call that cannot be made to end keeps its own router, and no later one waits for it. */
Test(life, ending_with_a_call_that_does_not_end) {
    static char remote[] = "//s/x";
    char options[512];
    struct background *stuck;
    int64_t begun;

    snprintf(options, sizeof options,
             "\"takes\": \"//s/\", \"stuck\": \"connect\", \"until\": \"%s\"", world_path("go"));
    world_scripted("10-late", options);
    world_start();
    stuck = background(add_anywhere, remote);
    while (!world_count(world_read("log"), "connect"))
        world_sleep(5);
    EXPECT_CODE(NO_ERROR, MprShutdown());
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    begun = world_ms();
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect_lt(world_ms() - begun, 10000);
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    world_write("go", "%s", "");
    wait_for(stuck);
    cr_expect_eq(world_count(world_read("log"), "forced"), 1, "its session was not ended");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, FALSE));
}

/* --- forking --- */

/* Runs fn in a child; what it returns is the child's status. */
static void in_child(int (*fn)(HANDLE file), HANDLE file) {
    pid_t child = fork();
    int status;

    cr_assert_neq(child, -1);
    if (child == 0) {
        alarm(20);
        _exit(fn(file));
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child: line %d, signal %d",
              WIFEXITED(status) ? WEXITSTATUS(status) + 100 : 0,
              WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

#define CHILD_NEEDS(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return (__LINE__ - 100) % 256;                                                         \
    } while (0)

static DWORD get_user(void) {
    char text[256];
    DWORD size = sizeof text;

    return WNetGetUserA(NULL, text, &size);
}

static int count_providers(void *context, const struct mpr_provider_info *info) {
    (void)info;
    ++*(int *)context;
    return 0;
}

/* Every call there is ERROR_NO_NETWORK, and every handle dead. */
static int is_forked(HANDLE file) {
    char text[256] __attribute__((aligned(8)));
    DWORD size = sizeof text, count = 1;
    struct mpr_stat facts;
    HANDLE list;
    int providers = 0;

    CHILD_NEEDS(add("X:", "\\\\memory\\fine", 0) == ERROR_NO_NETWORK);
    CHILD_NEEDS(MprGetLastError() == ERROR_NO_NETWORK);
    CHILD_NEEDS(WNetCancelConnection2A("Y:", UPDATE, TRUE) == ERROR_NO_NETWORK);
    CHILD_NEEDS(WNetGetConnectionA("Y:", text, &size) == ERROR_NO_NETWORK);
    CHILD_NEEDS(get_user() == ERROR_NO_NETWORK);
    CHILD_NEEDS(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list) == ERROR_NO_NETWORK);
    CHILD_NEEDS(WNetEnumResourceA(file, &count, text, &size) == ERROR_NO_NETWORK);
    CHILD_NEEDS(WNetCloseEnum(file) == ERROR_NO_NETWORK);
    CHILD_NEEDS(MprListProviders(count_providers, &providers) == ERROR_NO_NETWORK);
    CHILD_NEEDS(providers == 0);
    CHILD_NEEDS(MprFileStat("Y:\\f", &facts) == -ENOTCONN);
    CHILD_NEEDS(MprFileRead(file, text, 1) == -ENOTCONN);
    CHILD_NEEDS(MprShutdown() == NO_ERROR);
    CHILD_NEEDS(get_user() == ERROR_NO_NETWORK);
    return 0;
}

static int start_in_child(HANDLE file) {
    char byte;
    int rc = is_forked(file);

    if (rc)
        return rc;
    CHILD_NEEDS(MprInitialize(world_path("")) == NO_ERROR);
    CHILD_NEEDS(listed(RESOURCE_CONNECTED) == 0);
    CHILD_NEEDS(MprFileRead(file, &byte, 1) == -ENOTCONN);
    CHILD_NEEDS(MprFileClose(file) == 0);
    CHILD_NEEDS(MprFileClose(file) == -EBADF);
    CHILD_NEEDS(add("Y:", "\\\\memory\\fine", 0) == NO_ERROR);
    CHILD_NEEDS(write_file("Y:\\child", "text") == 0);
    CHILD_NEEDS(WNetCancelConnection2A("Y:", 0, FALSE) == NO_ERROR);
    CHILD_NEEDS(MprShutdown() == NO_ERROR);
    return 0;
}

Test(life, children) {
    struct mpr_stat facts;
    HANDLE file;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", UPDATE));
    cr_assert_eq(MprFileOpen("Y:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    in_child(is_forked, file);
    in_child(start_in_child, file);
    cr_expect_eq(MprFileWrite(file, "x", 1), 1, "the parent notices nothing");
    cr_expect_eq(MprFileStat("Y:\\child", &facts), -ENOENT);
    cr_expect_eq(MprFileClose(file), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", UPDATE, FALSE));
}

static int grandchild(HANDLE file) {
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(start_in_child(file));
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

Test(life, grandchildren) {
    HANDLE file;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    cr_assert_eq(MprFileOpen("Y:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    in_child(grandchild, file);
    cr_expect_eq(MprFileClose(file), 0);
}

static int use_it(HANDLE file) {
    (void)file;
    CHILD_NEEDS(add("Y:", "\\\\memory\\fine", 0) == NO_ERROR);
    CHILD_NEEDS(MprShutdown() == NO_ERROR);
    return 0;
}

/* Who forks before the router was ever used has a child like any other process. */
Test(life, a_child_of_nobody) {
    in_child(use_it, NULL);
    world_start();
    MprShutdown();
    in_child(use_it, NULL);
}

static atomic_bool enough;

static DWORD keep_busy(void *context) {
    while (!atomic_load(&enough)) {
        DWORD rc = add(context, "\\\\memory\\fine", 0);
        char byte;
        HANDLE file;

        cr_expect(rc == NO_ERROR || rc == ERROR_ALREADY_ASSIGNED, "%u", rc);
        listed(RESOURCE_CONNECTED);
        if (MprFileOpen("\\\\memory\\fine\\f", O_RDWR | O_CREAT, 0644, &file) == 0) {
            MprFilePread(file, &byte, 1, 0);
            MprFileClose(file);
        }
        WNetCancelConnection2A(context, 0, TRUE);
    }
    return NO_ERROR;
}

/* AddressSanitizer's allocator itself may be locked for ever in the child of a busy process. */
#ifdef __SANITIZE_ADDRESS__
#define CHILD_MAY_ALLOCATE false
#else
#define CHILD_MAY_ALLOCATE true
#endif

static int start_among_others(HANDLE file) {
    return CHILD_MAY_ALLOCATE ? start_in_child(file) : 0;
}

/* Whatever other threads held at that moment, the child can start anew. */
Test(life, forking_among_busy_threads) {
    static char devices[4][3] = {"C:", "D:", "E:", "F:"};
    struct background *running[4];
    HANDLE file;

    world_start();
    EXPECT_CODE(NO_ERROR, add("Y:", "\\\\memory\\fine", 0));
    cr_assert_eq(MprFileOpen("Y:\\f", O_RDWR | O_CREAT, 0644, &file), 0);
    for (size_t i = 0; i < 4; i++)
        running[i] = background(keep_busy, devices[i]);
    for (int i = 0; i < 20; i++)
        in_child(start_among_others, file);
    atomic_store(&enough, true);
    for (size_t i = 0; i < 4; i++)
        wait_for(running[i]);
    cr_expect_eq(MprFileClose(file), 0);
}

static DWORD begin_and_end(void *context) {
    (void)context;
    while (!atomic_load(&enough)) {
        MprInitialize(world_path(""));
        MprShutdown();
    }
    return NO_ERROR;
}

/* In the child: what is started there is its own, whatever became of the parent's. */
static int start_over(HANDLE file) {
    (void)file;
    return MprInitialize(world_path("")) == NO_ERROR && MprShutdown() == NO_ERROR ? 0 : 1;
}

static int start_over_among_others(HANDLE file) {
    return CHILD_MAY_ALLOCATE ? start_over(file) : 0;
}

/* A fork may come when the router was just ended, and not all of it is forgotten. */
Test(life, forking_while_it_ends) {
    struct background *running = background(begin_and_end, NULL);

    for (int i = 0; i < 300; i++)
        in_child(start_over_among_others, NULL);
    atomic_store(&enough, true);
    wait_for(running);
}
