/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_run.c: see kit_run.h. Whatever the provider starts becomes a child of
 * this process when its parents are gone (a subreaper), so all of it is found.
 */
#include "config.h"

#include "tools/conformance/kit_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/conformance/kit_file.h"

static char base[PATH_MAX];
static pid_t owner, running;

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk) {
    (void)facts;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The parent of a process, or 0. */
static pid_t parent_of(const char *pid) {
    char path[64], line[512] = "";
    int fd, parent = 0;

    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (read(fd, line, sizeof line - 1) > 0) {
        /* A name may hold blanks and parentheses: its end is the last one. */
        const char *end = strrchr(line, ')');

        if (!end || sscanf(end + 1, " %*c %d", &parent) != 1)
            parent = 0;
    }
    close(fd);
    return parent;
}

/* Kills every child; false when there is none. */
static bool kill_children(void) {
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    bool found = false;

    while (processes && (entry = readdir(processes)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9'
            && parent_of(entry->d_name) == getpid()) {
            kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
            found = true;
        }
    if (processes)
        closedir(processes);
    return found;
}

/* Takes leave of those that ended; true when there are none left. */
static bool all_ended(void) {
    pid_t child;

    do
        child = waitpid(-1, NULL, WNOHANG);
    while (child > 0);
    return child < 0;
}

/* Their children become ours in turn, so this goes on until there are none. */
static void end_family(void) {
    for (int i = 0; i < 1000 && !all_ended(); i++)
        if (!kill_children())
            kit_sleep(1);
}

static const int endings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void handle(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};

    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* A signal that is ignored stays so: whoever started the kit wanted that. */
static void handle_endings(void (*handler)(int)) {
    struct sigaction now;

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (sigaction(endings[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            handle(endings[i], handler);
}

static void end_by_signal(int number) {
    if (getpid() == owner) {
        if (running > 0)
            kill(running, SIGKILL);
        end_family();
        remove_tree(base);
    }
    handle(number, SIG_DFL);
    raise(number);
}

/*
 * From here on the kit is a child, and this process waits for it: whichever of the
 * two is killed, the other one removes what is left. Returns in the child only.
 */
static bool guard(void) {
    int status = 0;
    pid_t kit;

    owner = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    handle_endings(end_by_signal);
    fflush(NULL);
    kit = fork();
    if (kit < 0)
        return false;
    if (kit == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != owner)
            raise(SIGKILL);
        owner = getpid();
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        return true;
    }
    while (waitpid(kit, &status, 0) < 0 && errno == EINTR)
        ;
    end_family();
    remove_tree(base);
    if (WIFSIGNALED(status)) {
        handle(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

bool kit_run_begin(char *error, size_t error_size) {
    const char *given = secure_getenv("TMPDIR");
    const char *temporary = given && *given ? given : "/tmp";
    char *absolute = realpath(temporary, NULL); /* a check may go elsewhere */
    int length =
        snprintf(base, sizeof base, "%s/mpr-conformance-XXXXXX", absolute ? absolute : temporary);

    free(absolute);
    if (length >= (int)sizeof base || !mkdtemp(base)) {
        snprintf(error, error_size, "%s cannot be made: %s.", base, strerror(errno));
        base[0] = '\0';
        return false;
    }
    if (!guard()) {
        snprintf(error, error_size, "No process can be started: %s.", strerror(errno));
        remove_tree(base);
        return false;
    }
    kit_report =
        mmap(NULL, sizeof *kit_report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (kit_report == MAP_FAILED) {
        snprintf(error, error_size, "There is no memory: %s.", strerror(errno));
        return false;
    }
    return true;
}

void kit_run_end(void) {
    end_family();
    if (base[0])
        remove_tree(base);
    base[0] = '\0';
}

_Noreturn static void be_the_check(void (*fn)(void)) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int passed = KIT_PASSED, was = KIT_RUNNING;

    setsid(); /* no terminal: a provider that asks there by itself finds none */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != owner)
        _exit(0);
    handle_endings(SIG_DFL);
    umask(S_IWGRP | S_IWOTH); /* whatever the user's is: checks look at permissions */
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO); /* the report is the kit's alone */
    close(null);
    fn();
    atomic_compare_exchange_strong(&kit_report->outcome, &was, passed);
    _exit(0);
}

/* Waits for the check's process, for as long as it may take. False: it did not end. */
static bool wait_for(pid_t child, int *ret_status) {
    int bound = kit_manner.bound_ms;
    struct pollfd process = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    int64_t end = kit_ms() + bound;
    bool ended = false;

    while (!ended && kit_ms() < end) {
        if (process.fd >= 0)
            poll(&process, 1, (int)(end - kit_ms()));
        else
            kit_sleep(5);
        ended = waitpid(child, ret_status, WNOHANG) == child;
    }
    if (process.fd >= 0)
        close(process.fd);
    if (!ended) {
        kill(child, SIGKILL);
        waitpid(child, ret_status, 0);
    }
    return ended;
}

/* A process that did not say how the check ended is a finding itself. */
static void judge(struct kit_report *report, bool ended, int status) {
    int outcome = atomic_load(&report->outcome);

    if (outcome == KIT_FAILED || outcome == KIT_BROKEN
        || (outcome != KIT_RUNNING && ended && !WIFSIGNALED(status)))
        return;
    atomic_store(&report->outcome, KIT_FAILED);
    snprintf(report->expected, sizeof report->expected, "a return");
    if (!ended)
        snprintf(report->got, sizeof report->got, "it hung: nothing came back within %lld s",
                 (long long)kit_manner.bound_ms / 1000);
    else if (WIFSIGNALED(status))
        snprintf(report->got, sizeof report->got, "it crashed: signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(report->got, sizeof report->got, "it ended the process: exit(%d)",
                 WEXITSTATUS(status));
}

/* What a check left on the server, because it did not come to its end, is removed by another. */
static void sweep(void) {
    struct kit_report found;
    int status = 0;

    if (!kit_files_left())
        return;
    memcpy(&found, kit_report, sizeof found);
    memset(kit_report, 0, sizeof *kit_report);
    fflush(NULL);
    running = fork();
    if (running == 0)
        be_the_check(kit_files_sweep);
    if (running > 0)
        wait_for(running, &status);
    running = 0;
    end_family();
    if (atomic_load(&kit_report->outcome) != KIT_PASSED)
        snprintf(found.note, sizeof found.note, "files are left on the server: %.200s",
                 kit_report->got);
    memcpy(kit_report, &found, sizeof found);
}

void kit_run(const char *name, void (*fn)(void), struct kit_report *ret) {
    static char directory[PATH_MAX + 64];
    int64_t began = kit_ms();
    int status = 0;
    bool ended;

    memset(kit_report, 0, sizeof *kit_report);
    snprintf(directory, sizeof directory, "%s/%s", base, name);
    mkdir(directory, 0700);
    kit_manner.directory = directory;
    fflush(NULL);
    running = fork();
    if (running == 0)
        be_the_check(fn);
    if (running < 0) {
        atomic_store(&kit_report->outcome, KIT_BROKEN);
        snprintf(kit_report->got, sizeof kit_report->got, "no process can be started: %s",
                 strerror(errno));
    } else {
        ended = wait_for(running, &status);
        judge(kit_report, ended, status);
    }
    running = 0;
    end_family();
    sweep();
    remove_tree(directory);
    kit_report->ms = kit_ms() - began;
    memcpy(ret, kit_report, sizeof *ret);
}
