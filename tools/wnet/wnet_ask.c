/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_ask.c: asking whoever sits at the terminal.
 *
 * While a password is typed the terminal shows nothing, and must never stay so: the
 * signals that would end or stop the command are kept back and read as what they are.
 */
#include "config.h"

#include "tools/wnet/wnet_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_text.h"

struct terminal {
    int fd, signals;
    struct termios before;
    sigset_t blocked; /* before */
};

static bool is_in_foreground(int fd) {
    return tcgetpgrp(fd) == getpgrp();
}

static int open_terminal(void) {
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0 && !is_in_foreground(fd)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool wnet_ask_possible(void) {
    int fd = open_terminal();

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void keep_signals(struct terminal *terminal) {
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        sigaddset(&set, ending[i]);
    pthread_sigmask(SIG_BLOCK, &set, &terminal->blocked);
    terminal->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void release_signals(const struct terminal *terminal) {
    close(terminal->signals);
    pthread_sigmask(SIG_SETMASK, &terminal->blocked, NULL);
}

static bool set_echo(struct terminal *terminal, bool echo) {
    struct termios now;

    if (tcgetattr(terminal->fd, &terminal->before))
        return false;
    now = terminal->before;
    now.c_lflag |= ICANON | ISIG;
    if (!echo)
        now.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    /* What was typed before was not meant as an answer. */
    return tcsetattr(terminal->fd, echo ? TCSADRAIN : TCSAFLUSH, &now) == 0;
}

/* The end of a question by a signal is the end of the command, as without the question. */
static DWORD take_signal(const struct terminal *terminal) {
    struct signalfd_siginfo info;

    if (read(terminal->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return NO_ERROR;
    return ERROR_CANCELLED;
}

static DWORD read_line(const struct terminal *terminal, char *buffer, size_t size) {
    struct pollfd ready[] = {{.fd = terminal->signals, .events = POLLIN},
                             {.fd = terminal->fd, .events = POLLIN}};
    ssize_t length;

    for (;;) {
        if (poll(ready, 2, -1) < 0 && errno != EINTR)
            return ERROR_CANCELLED;
        if (ready[0].revents && take_signal(terminal) != NO_ERROR)
            return ERROR_CANCELLED;
        if (ready[1].revents)
            break;
    }
    length = read(terminal->fd, buffer, size);
    if (length <= 0 || buffer[length - 1] != '\n')
        return ERROR_CANCELLED;
    buffer[length - 1] = '\0';
    return strlen(buffer) == (size_t)length - 1 ? NO_ERROR : ERROR_CANCELLED;
}

/* Lines before the last say why it is asked. */
static void put_question(FILE *to, const char *question) {
    const char *last = strrchr(question, '\n');

    if (last) {
        char *why = wnet_format("%.*s", (int)(last - question), question);

        wnet_text_put_lines(to, "", why);
        free(why);
        question = last + 1;
    }
    wnet_text_put(to, question);
}

static void show(const struct terminal *terminal, const char *question) {
    FILE *file = fdopen(fcntl(terminal->fd, F_DUPFD_CLOEXEC, 0), "w");

    if (!file)
        return;
    put_question(file, question);
    fclose(file);
}

static DWORD ask(struct terminal *terminal, const char *question, bool echo, char *buffer,
                 size_t size) {
    DWORD rc = ERROR_CANCELLED;

    if (!set_echo(terminal, echo))
        return rc;
    show(terminal, question);
    rc = read_line(terminal, buffer, size);
    /* The end of an answer that was too long is no command for a shell. */
    if (rc != NO_ERROR)
        tcflush(terminal->fd, TCIFLUSH);
    if (!echo || rc != NO_ERROR)
        (void)!write(terminal->fd, "\n", 1);
    tcsetattr(terminal->fd, TCSADRAIN, &terminal->before);
    return rc;
}

DWORD wnet_ask_line(const char *question, bool echo, char *buffer, size_t size) {
    struct terminal terminal = {.fd = open_terminal()};
    DWORD rc;

    if (terminal.fd < 0)
        return ERROR_CANCELLED;
    wnet_progress_pause();
    keep_signals(&terminal);
    rc = terminal.signals < 0 ? ERROR_CANCELLED : ask(&terminal, question, echo, buffer, size);
    release_signals(&terminal);
    wnet_progress_resume();
    close(terminal.fd);
    if (rc != NO_ERROR)
        explicit_bzero(buffer, size);
    return rc;
}

bool wnet_ask_whether(const struct wnet_options *options, bool standard, const char *question) {
    char answer[64];

    if (options->yes || options->no)
        return options->yes;
    if (wnet_error_is_in_json())
        return false;
    put_question(stdout, question);
    printf(" (Y/N) [%c]: ", standard ? 'Y' : 'N');
    fflush(stdout);
    if (!fgets(answer, sizeof answer, stdin)) {
        putchar('\n');
        return false;
    }
    if (!isatty(STDIN_FILENO))
        putchar('\n');
    answer[strcspn(answer, "\r\n")] = '\0';
    if (!*answer)
        return standard;
    return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
