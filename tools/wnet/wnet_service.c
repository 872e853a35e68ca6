/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_service.c: starts the service if none answers. If two commands do so at once, the
 * second one is told by its exit status that there is one already.
 */
#include "config.h"

#include "tools/wnet/wnet_service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpr/mpr.h>

/* It waits for one that ends, loads modules, and has bounds of its own for both. */
#define START_TIME_S  40
#define STEP_MS       5
#define MODULE_STATUS 3 /* a module has ended it, or hung */

static const char *find_program(void) {
    const char *program = secure_getenv("MPR_MPRD_PROGRAM");

    return program && *program == '/' ? program : MPR_LIBEXECDIR "/mprd";
}

/* The child. What it says goes to words, and nothing of ours into the service. */
static void become(const char *program, int words) {
    sigset_t none;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(words, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    execl(program, program, "--background", (char *)NULL);
    dprintf(STDERR_FILENO, "%s", strerror(errno));
    _exit(127);
}

/* Its exit status; -1: it was killed, or took too long. */
static int wait_for(pid_t child) {
    struct timespec now, begin;
    int status;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (waitpid(child, &status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > START_TIME_S) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        poll(NULL, 0, STEP_MS);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The first line, without the full stop that a sentence ends with. */
static void read_words(int fd, char *words, size_t size) {
    ssize_t got = pread(fd, words, size - 1, 0);
    size_t length;

    words[got > 0 ? got : 0] = '\0';
    length = strcspn(words, "\n");
    if (length && words[length - 1] == '.')
        length--;
    words[length] = '\0';
}

static bool start(char *problem, size_t problem_size) {
    const char *program = find_program();
    char said[2048] = "";
    int words = memfd_create("mprd", MFD_CLOEXEC), status = -1;
    pid_t child = words < 0 ? -1 : fork();

    if (child == 0)
        become(program, words);
    if (child > 0)
        status = wait_for(child);
    if (words >= 0) {
        read_words(words, said, sizeof said);
        close(words);
    }
    if (status == 0)
        return true;
    snprintf(problem, problem_size,
             "The service of your connections, %s, cannot be started: %s. %s", program,
             *said ? said : "it does not say why",
             status == MODULE_STATUS
                 ? "With --no-service the same would become of this command."
                 : "With --no-service the connections are this command's own, and end with it.");
    return false;
}

bool wnet_service_is_done_without(void) {
    const char *session = secure_getenv("MPR_SESSION");

    return session && strcmp(session, "0") == 0;
}

bool wnet_service_prepare(const struct wnet_options *options, char *problem, size_t problem_size) {
    if (options->no_service || wnet_service_is_done_without()) {
        setenv("MPR_SESSION", "0", 1);
        return true;
    }
    if (options->no_start)
        return true;
    setenv("MPR_SESSION", "1", 1);
    /* Of one that answers its program need not be there, as while its package is replaced. */
    return MprInitialize(NULL) == NO_ERROR || start(problem, problem_size);
}
