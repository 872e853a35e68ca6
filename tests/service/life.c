/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * life.c: how a service begins, that there is one, and what is left of it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define RACERS 20
#define NOBODY 65534
#define FEW    48
#define MANY   70

static const char *const background[] = {"--background", "--idle", "60", NULL};
static const char *const foreground[] = {"--foreground", NULL};

static bool is_there(const char *name) {
    struct stat facts;

    return lstat(rig_path(name), &facts) == 0;
}

/* --- one service --- */

static pid_t race(int number) {
    char said[256], name[32];
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child)
        return child;
    snprintf(name, sizeof name, "said%d", number);
    if (rig_run(background, said, sizeof said) != 0)
        _exit(1);
    rig_write(name, said);
    _exit(0);
}

static void start_at_once(void) {
    pid_t racers[RACERS];
    int good = 0, late = 0;

    tap_group("%d at once", RACERS);
    rig_make(NULL);
    for (int i = 0; i < RACERS; i++)
        racers[i] = race(i);
    for (int i = 0; i < RACERS; i++) {
        int status = -1;

        waitpid(racers[i], &status, 0);
        good += status == 0;
    }
    for (int i = 0; i < RACERS; i++) {
        char name[32], said[64] = "";
        FILE *file;

        snprintf(name, sizeof name, "said%d", i);
        file = fopen(rig_path(name), "re");
        if (file && fgets(said, sizeof said, file))
            late += strstr(said, "running already") != NULL;
        if (file)
            fclose(file);
    }
    tap_ok(good == RACERS, "each is content (%d)", good);
    tap_ok(late == RACERS - 1, "one serves, the others say that it does (%d)", late);
    tap_ok(rig_pid() > 0, "it can be reached");
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    tap_ok(rig_pid() == 0 && !is_there("run/session"), "and there was no other");
    rig_remove();
}

static void start_after_a_kill(void) {
    pid_t first, second;

    tap_group("killed");
    rig_make(NULL);
    tap_ok(rig_run(background, NULL, 0) == 0, "it starts");
    first = rig_pid();
    tap_ok(rig_end(SIGKILL) >= 0 && is_there("run/session"), "a socket is left of it");
    tap_ok(rig_run(background, NULL, 0) == 0, "the next one starts");
    second = rig_pid();
    tap_ok(second > 0 && second != first, "and serves");
    tap_ok(rig_says("org.varlink.service.GetInfo", "{}", "org.libmpr.Session"), "with answers");
    kill(second, SIGTERM);
    tap_ok(rig_run(background, NULL, 0) == 0, "one starts while another one ends");
    tap_ok(rig_says("org.varlink.service.GetInfo", "{}", "org.libmpr.Session")
               || rig_run(background, NULL, 0) == 0,
           "and serves in its place");
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    rig_remove();
}

/* The exit status of one that is started without the standard descriptors of these bits. */
static int start_without(unsigned closed) {
    int status = -1;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        for (int fd = 0; fd < 3; fd++)
            if (closed & 1u << fd)
                close(fd);
        execl(stage_env("MPR_MPRD_PROGRAM"), "mprd", "--background", "--idle", "60", "--root",
              rig_path(""), NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static bool is_locked(const char *name) {
    int fd = open(rig_path(name), O_RDWR | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return locked;
}

static void start_without_standard_descriptors(void) {
    tap_group("standard descriptors that are closed");
    rig_make(NULL);
    for (unsigned closed = 1; closed < 8; closed++) {
        tap_ok(start_without(closed) == 0, "it starts without %u", closed);
        tap_ok(is_locked("run/session.lock"), "it keeps its lock");
        tap_ok(rig_end(SIGTERM) >= 0 && !is_there("run/session"), "it ends, with its socket");
    }
    rig_remove();
}

/* --- the directory --- */

static void expect_refusal(const char *what, const char *word) {
    char said[1024];
    int status = rig_run(foreground, said, sizeof said);

    said[strcspn(said, "\n")] = '\0';
    tap_ok(status == 1 && strstr(said, word), "%s: %s", what, said);
    status = rig_run(background, said, sizeof said);
    tap_ok(status == 1 && strstr(said, word), "%s, in the background", what);
}

static void refuse_directories(void) {
    tap_group("a directory");
    rig_make(NULL);
    mkdir(rig_path("run"), 0700);
    chmod(rig_path("run"), 0755);
    expect_refusal("that others may enter", "chmod 0700");
    if (geteuid() == 0) {
        chmod(rig_path("run"), 0700);
        if (chown(rig_path("run"), NOBODY, NOBODY) == 0)
            expect_refusal("of somebody else", "65534");
    }
    rmdir(rig_path("run"));
    mkdir(rig_path("real"), 0700);
    if (symlink("real", rig_path("run")) == 0)
        expect_refusal("that is a symbolic link", "no directory of its own");
    unlink(rig_path("run"));
    rig_write("run/session", "a file");
    chmod(rig_path("run"), 0700);
    expect_refusal("where a file lies in the way", "is no socket");
    tap_ok(is_there("run/session"), "the file is left alone");
    rig_remove();
}

static void serve_below_a_long_path(void) {
    tap_group("a long path");
    rig_make_long(NULL);
    tap_ok(rig_run(background, NULL, 0) == 0, "it starts");
    tap_ok(rig_says("Providers", "{}", "Memory Network"), "it serves");
    tap_ok(rig_end(SIGTERM) >= 0 && !is_there("run/session"), "it ends, and its socket is gone");
    rig_remove();
}

static void refuse_arguments(void) {
    static const char *const wrong[][3] = {
        {"--nothing", NULL},           {"--idle", "-1", NULL}, {"--idle", "soon", NULL},
        {"--load-timeout", "0", NULL}, {"more", NULL},
    };

    tap_group("arguments");
    rig_make(NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        tap_ok(rig_run(wrong[i], NULL, 0) == 2, "%s", wrong[i][0]);
    rig_remove();
}

/* --- a module that ends or hangs whoever loads it --- */

static bool says_all(const char *said, const char *how) {
    return strstr(said, how) && strstr(said, "/fatal.so")
           && strstr(said, rig_path("providers.d/50-fatal.json"));
}

static void expect_fatal(const char *what, const char *how) {
    static const char *const start[] = {"--background", "--load-timeout", "1", NULL};
    char said[2048];
    int64_t begin = rig_ms(), took;
    int status;

    setenv("MPR_TEST_FATAL", what, 1);
    status = rig_run(start, said, sizeof said);
    took = rig_ms() - begin;
    said[strcspn(said, "\n")] = '\0';
    tap_ok(status == 3 && says_all(said, how), "%s: %d, %s", what, status, said);
    tap_ok(took < 5000, "that is known after %d ms", (int)took);
    tap_ok(rig_processes() == 0, "and nothing is left");
}

static void name_a_fatal_module(void) {
    static const char *const start[] = {"--foreground", "--load-timeout", "1", NULL};
    char text[2048], said[2048];
    int status;

    tap_group("a fatal module");
    rig_make(NULL);
    snprintf(text, sizeof text,
             "{\"name\": \"fatal\", \"module\": \"%s/tests/module/providers/.libs/fatal.so\"}\n",
             stage_env("abs_top_builddir"));
    rig_write("providers.d/50-fatal.json", text);
    expect_fatal("crash", "was ended by signal 6 (Aborted)");
    expect_fatal("exit", "ended with status 5");
    expect_fatal("hang", "hung for 1 s");
    status = rig_run(start, said, sizeof said);
    said[strcspn(said, "\n")] = '\0';
    tap_ok(status == -1 && says_all(said, "for 1 s"), "hang, in the foreground: %s", said);
    unsetenv("MPR_TEST_FATAL");
    tap_ok(rig_run(background, NULL, 0) == 0, "one that is merely none does not matter");
    setenv("MPR_TEST_FATAL", "crash", 1);
    tap_ok(rig_says("Providers", "{}", "is no provider"), "that is said");
    unsetenv("MPR_TEST_FATAL");
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    rig_remove();
}

/* --- who may --- */

/* As somebody else, for whom all doors were opened. Exit status 0: hung up without an answer. */
static _Noreturn void knock(void) {
    static const char call[] = "{\"method\":\"org.varlink.service.GetInfo\"}";
    int fd;

    if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
        _exit(2);
    fd = rig_connect();
    if (fd < 0)
        _exit(3);
    rig_send(fd, call, sizeof call);
    _exit(rig_receive(fd, 20000) ? 1 : rig_is_hung_up(fd, 1000) ? 0 : 4);
}

static void refuse_others(void) {
    int status = -1;
    pid_t child;

    if (geteuid() != 0)
        return;
    tap_group("another user");
    rig_make(NULL);
    rig_start();
    chmod(rig_path("."), 0755);
    chmod(rig_path("run"), 0755);
    chmod(rig_path("run/session"), 0666);
    fflush(stdout);
    child = fork();
    if (child == 0)
        knock();
    waitpid(child, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "is hung up on unheard (%d)",
           WEXITSTATUS(status));
    tap_ok(rig_says("org.varlink.service.GetInfo", "{}", "libmpr"), "the user himself is heard");
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    rig_remove();
}

/* --- few descriptors --- */

static void serve_with_few_files(void) {
    int fds[MANY];

    tap_group("room for %d files", FEW);
    rig_make(NULL);
    rig_start_with_files(FEW);
    for (int i = 0; i < MANY; i++)
        fds[i] = rig_connect();
    tap_ok(rig_says("org.varlink.service.GetInfo", "{}", "libmpr"),
           "%d who are silent make room for one who is not", MANY);
    tap_ok(rig_says("Providers", "{}", "Memory Network"), "and for the next one");
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    rig_remove();
}

/* --- a service manager --- */

static int make_listener(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    mkdir(rig_path("run"), 0700);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", rig_path("run/session"));
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) || listen(fd, 5))
        exit(99);
    return fd;
}

static int make_ear(char *name, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(name, size, "%s", rig_path("ear"));
    snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address))
        exit(99);
    return fd;
}

static bool hears(int ear, const char *begin, const char *text) {
    struct pollfd input = {.fd = ear, .events = POLLIN};
    char said[4096] = "";

    return poll(&input, 1, 20000) == 1 && recv(ear, said, sizeof said - 1, 0) > 0
           && strncmp(said, begin, strlen(begin)) == 0 && strstr(said, text);
}

static pid_t start_managed(int listener, const char *ear) {
    char pid[16];
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child)
        return child;
    dup2(listener, 3);
    if (listener != 3)
        close(listener);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("NOTIFY_SOCKET", ear, 1);
    execl(stage_env("MPR_MPRD_PROGRAM"), "mprd", "--foreground", "--root", rig_path(""), NULL);
    _exit(127);
}

static void serve_a_manager(void) {
    static const char *const by_itself[] = {"--background", NULL};
    char name[108];
    int listener, ear, status = -1, fd;
    pid_t child;

    tap_group("a service manager");
    rig_make(NULL);
    listener = make_listener();
    ear = make_ear(name, sizeof name);
    fd = rig_connect(); /* before it is there: that is what the manager's socket is for */
    tap_ok(rig_run(by_itself, NULL, 0) == 0, "who starts one leaves that to the manager");
    child = start_managed(listener, name);
    close(listener);
    tap_ok(hears(ear, "STATUS=Loading ", "/90-memory.json"), "it says what it loads");
    tap_ok(hears(ear, "STATUS=", ""), "and that it has");
    tap_ok(hears(ear, "READY=1", ""), "it says that it serves");
    tap_ok(rig_call(fd, "org.varlink.service.GetInfo", "{}") != NULL, "who waited is answered");
    kill(child, SIGTERM);
    tap_ok(hears(ear, "STOPPING=1", ""), "it says that it ends");
    tap_ok(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "it ends well");
    tap_ok(is_there("run/session"), "the manager's socket stays");
    close(fd);
    close(ear);
    rig_remove();
}

/* --- the end --- */

static const char connect_q[] =
    "{\"local\":\"Q:\",\"remote\":\"//memory/a\",\"type\":1,\"flags\":0,"
    "\"no_room\":false,\"check_only\":false,\"asked\":false}";

/* As when the user logs out: what is in his runtime directory goes, but not what he has started. */
static void end_when_lost(void) {
    int64_t took;

    tap_group("the lock is gone");
    rig_make(NULL);
    rig_start();
    tap_ok(rig_says("Add", connect_q, "\"Q:\""), "a connection is made");
    if (unlink(rig_path("run/session.lock")))
        exit(99);
    took = rig_end(0);
    tap_ok(took >= 0, "nobody can find it: it ends (%d ms)", (int)took);
    tap_ok(rig_mounts() == 0, "no mount is left (%u)", rig_mounts());
    tap_ok(rig_processes() == 0, "nor a process");
    rig_remove();
}

static bool ends_by_itself(pid_t pid, int within_ms) {
    for (int64_t deadline = rig_ms() + within_ms; rig_ms() < deadline; poll(NULL, 0, 20))
        if (!is_there("run/session") && pid > 0)
            return true;
    return false;
}

static void end_when_idle(void) {
    static const char *const soon[] = {"--background", "--idle", "1", NULL};
    int64_t begin;

    tap_group("idle");
    rig_make(NULL);
    begin = rig_ms();
    tap_ok(rig_run(soon, NULL, 0) == 0, "it starts");
    tap_ok(ends_by_itself(rig_pid(), 15000), "nobody needs it: it ends");
    tap_ok(rig_ms() - begin >= 900, "but not at once");
    tap_ok(rig_run(soon, NULL, 0) == 0, "it starts again");
    tap_ok(rig_says("Add", connect_q, "\"Q:\""), "a connection is made");
    tap_ok(!ends_by_itself(1, 2500), "it is needed, though nobody speaks");
    begin = rig_end(SIGTERM);
    tap_ok(begin >= 0, "it ends when told to (%d ms)", (int)begin);
    tap_ok(!is_there("run/session") && rig_pid() == 0, "and leaves no socket");
    tap_ok(rig_mounts() == 0, "no mount (%u)", rig_mounts());
    tap_ok(rig_processes() == 0, "no process");
    rig_remove();
}

int main(void) {
    start_at_once();
    start_after_a_kill();
    start_without_standard_descriptors();
    refuse_directories();
    serve_below_a_long_path();
    refuse_arguments();
    name_a_fatal_module();
    refuse_others();
    serve_with_few_files();
    serve_a_manager();
    end_when_idle();
    end_when_lost();
    return tap_done();
}
