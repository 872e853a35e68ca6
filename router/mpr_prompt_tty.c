/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_prompt_tty.c: asking on the terminal.
 *
 * Characters come one by one and without the terminal's own signals: ^C must end
 * the question, not the program, and no library sets handlers. A process in
 * the background is not stopped for wanting the terminal: it goes without.
 */
#include "config.h"

#include "router/mpr_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_gate.h"
#include "router/mpr_time.h"

/* How long one waits for another thread's question to be answered. */
#define TURN_MS   3600000u

#define BACKSPACE 0x08
#define ESCAPE    0x1b
#define DELETE    0x7f

/* One terminal, one question. */
static struct mpr_gate turn;
static pid_t turn_pid GUARDED_BY(mpr_prompt_lock); /* the process that turn is of */

struct terminal {
    int fd;
    struct termios before;
    sigset_t signals; /* as they were blocked */
};

/* What is being typed. */
struct line {
    const struct terminal *terminal;
    bool echo;
    char *text; /* the caller's buffer */
    size_t size, length;
    bool too_long;
    int escape; /* in a sequence that a key sends: 1 after ESC, 2 after ESC [ */
};

/* --- the terminal --- */

/* A fork may have left the parent's question open in the child. */
static bool enter_turn(void) {
    mpr_lock(&mpr_prompt_lock);
    if (turn_pid != getpid()) {
        mpr_gate_init(&turn);
        turn_pid = getpid();
    }
    mpr_unlock(&mpr_prompt_lock);
    return mpr_gate_enter(&turn, mpr_deadline_in_ms(TURN_MS));
}

static bool is_in_foreground(int fd) {
    return tcgetpgrp(fd) == getpgrp();
}

static bool set_up(struct terminal *terminal) {
    struct termios now;

    if (!is_in_foreground(terminal->fd) || tcgetattr(terminal->fd, &terminal->before))
        return false;
    now = terminal->before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
    now.c_iflag |= ICRNL;
    now.c_iflag &= ~(tcflag_t)(INLCR | IGNCR);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    /* What was typed before was not meant as an answer. */
    tcflush(terminal->fd, TCIFLUSH);
    return tcsetattr(terminal->fd, TCSANOW, &now) == 0;
}

/* With these two blocked, a process that is in the background gets errors instead of stopping. */
static void block_stops(sigset_t *ret_before) {
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTTIN);
    sigaddset(&stops, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops, ret_before);
}

static bool open_terminal(struct terminal *terminal) {
    terminal->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->fd < 0)
        return false;
    block_stops(&terminal->signals);
    if (set_up(terminal))
        return true;
    pthread_sigmask(SIG_SETMASK, &terminal->signals, NULL);
    close(terminal->fd);
    return false;
}

/* Whoever took the terminal meanwhile has set it up for himself. */
static void close_terminal(const struct terminal *terminal) {
    if (is_in_foreground(terminal->fd))
        tcsetattr(terminal->fd, TCSANOW, &terminal->before);
    pthread_sigmask(SIG_SETMASK, &terminal->signals, NULL);
    close(terminal->fd);
}

static void show(const struct terminal *terminal, const char *text, size_t size) {
    while (size) {
        ssize_t n = write(terminal->fd, text, size);

        if (n < 0 && errno != EINTR)
            return; /* then reading fails, too */
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
}

/* False: the terminal is gone, or no longer ours. */
static bool read_byte(const struct terminal *terminal, unsigned char *ret) {
    ssize_t n;

    do
        n = read(terminal->fd, ret, 1);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

/* --- the line --- */

static bool is_key(const struct line *line, int which, unsigned char byte) {
    return line->terminal->before.c_cc[which] == byte && byte != _POSIX_VDISABLE;
}

static bool gives_up(const struct line *line, unsigned char byte) {
    return is_key(line, VINTR, byte) || is_key(line, VQUIT, byte) || is_key(line, VEOF, byte);
}

/* Takes back the last character, however many bytes it has. */
static void erase(struct line *line) {
    if (!line->length)
        return;
    do
        line->length--;
    while (line->length && ((unsigned char)line->text[line->length] & 0xC0) == 0x80);
    if (line->echo)
        show(line->terminal, "\b \b", 3);
}

static void append(struct line *line, unsigned char byte) {
    if (line->length == line->size - 1) {
        line->too_long = true;
        return;
    }
    line->text[line->length++] = (char)byte;
    if (line->echo)
        show(line->terminal, &line->text[line->length - 1], 1);
}

/* An arrow and its like are no text. True: the byte belongs to one. */
static bool skip_escape(struct line *line, unsigned char byte) {
    int was = line->escape;

    if (byte == ESCAPE)
        line->escape = 1;
    else if (was == 1)
        line->escape = byte == '[' || byte == 'O' ? 2 : 0;
    else if (was == 2)
        line->escape = byte >= '@' && byte <= '~' ? 0 : 2;
    return was || byte == ESCAPE;
}

static void edit(struct line *line, unsigned char byte) {
    if (skip_escape(line, byte))
        return;
    if (byte == BACKSPACE || byte == DELETE || is_key(line, VERASE, byte)) {
        erase(line);
    } else if (is_key(line, VKILL, byte)) {
        while (line->length)
            erase(line);
        line->too_long = false;
    } else if (byte >= ' ') {
        append(line, byte);
    }
}

static DWORD read_line(struct line *line) {
    unsigned char byte;
    bool done = false;

    while (!done) {
        if (!read_byte(line->terminal, &byte) || gives_up(line, byte))
            return ERROR_CANCELLED;
        done = byte == '\n' || byte == '\r';
        if (!done)
            edit(line, byte);
    }
    line->text[line->length] = '\0';
    return line->too_long ? ERROR_CANCELLED : NO_ERROR;
}

DWORD mpr_prompt_tty(const char *question, bool echo, char *buffer, size_t size) {
    struct terminal terminal;
    struct line line = {.terminal = &terminal, .echo = echo, .text = buffer, .size = size};
    DWORD rc = ERROR_NOT_SUPPORTED;

    if (!enter_turn())
        return ERROR_NOT_SUPPORTED;
    if (open_terminal(&terminal)) {
        show(&terminal, question, strlen(question));
        rc = read_line(&line);
        show(&terminal, "\n", 1);
        close_terminal(&terminal);
    }
    mpr_gate_leave(&turn);
    if (rc != NO_ERROR)
        explicit_bzero(buffer, size);
    return rc;
}
