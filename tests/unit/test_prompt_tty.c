/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_prompt_tty.c: asking on a terminal: what is shown, what counts as an
 * answer, and that terminal and process are afterwards as they were.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_prompt.h"
#include "tests/unit/pty.h"

#define ANSWER_MAX 16

/* What the child found; in memory that both see. */
static struct {
    bool echo;
    DWORD rc, second_rc;
    char answer[ANSWER_MAX], second[ANSWER_MAX];
    bool same_terminal, same_signals, stopped;
} * told;

static struct pty terminal;

static void begin(void) {
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(told, MAP_FAILED);
}

TestSuite(prompt_tty, .timeout = 60, .init = begin);

static bool is_same_terminal(const struct termios *a, const struct termios *b) {
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag
           && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

static bool is_same_signals(const sigset_t *a, const sigset_t *b) {
    for (int number = 1; number <= SIGRTMAX; number++)
        if (sigismember(a, number) != sigismember(b, number))
            return false;
    return true;
}

static int ask(void *context) {
    struct termios before, after;
    sigset_t signals_before, signals_after;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    (void)context;
    tcgetattr(fd, &before);
    pthread_sigmask(SIG_SETMASK, NULL, &signals_before);
    memset(told->answer, 'x', ANSWER_MAX);
    told->rc = mpr_prompt_tty("Well? ", told->echo, told->answer, ANSWER_MAX);
    pthread_sigmask(SIG_SETMASK, NULL, &signals_after);
    tcgetattr(fd, &after);
    told->same_terminal = is_same_terminal(&before, &after);
    told->same_signals = is_same_signals(&signals_before, &signals_after);
    return 42;
}

/* One question, one answer. */
static void expect_answer(bool echo, const char *typed, DWORD rc, const char *answer) {
    told->echo = echo;
    pty_start(&terminal, ask, NULL);
    cr_assert(pty_expect(&terminal, "Well? "), "nothing was asked");
    pty_type(&terminal, typed);
    cr_expect_eq(pty_end(&terminal), 42);
    cr_expect_eq(told->rc, rc, "%s: %u", answer, told->rc);
    cr_expect_str_eq(told->answer, answer);
    cr_expect(told->same_terminal, "the terminal is not as it was");
    cr_expect(told->same_signals);
}

Test(prompt_tty, name_is_shown_while_it_is_typed) {
    expect_answer(true, "alice\n", NO_ERROR, "alice");
    cr_expect_not_null(strstr(terminal.shown, "alice"));
}

Test(prompt_tty, password_is_not_shown) {
    expect_answer(false, "geheim\n", NO_ERROR, "geheim");
    cr_expect_null(strstr(terminal.shown, "g"), "%s", terminal.shown);
    cr_expect_str_eq(terminal.shown, "Well? \r\n");
}

Test(prompt_tty, nothing_is_an_answer) {
    expect_answer(true, "\n", NO_ERROR, "");
    expect_answer(false, "\r", NO_ERROR, "");
}

Test(prompt_tty, interrupt_and_end_give_up) {
    static const char *const keys[] = {"ab\x03", "ab\x04", "\x03", "\x04", "ab\x1c"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        expect_answer(i % 2, keys[i], ERROR_CANCELLED, "");
        for (size_t at = 0; at < ANSWER_MAX; at++)
            cr_expect_eq(told->answer[at], 0, "a part of the answer is left");
    }
}

Test(prompt_tty, whole_characters_are_taken_back) {
    expect_answer(true,
                  "A\xc3\xa9\x7f"
                  "B\n",
                  NO_ERROR, "AB");
    expect_answer(false,
                  "\xe2\x82\xac\xf0\x9f\x98\x80\x7f\x7f"
                  "C\n",
                  NO_ERROR, "C");
    expect_answer(false,
                  "\x7f\x08\x7f"
                  "D\n",
                  NO_ERROR, "D");
    expect_answer(true,
                  "all of it\x15"
                  "E\n",
                  NO_ERROR, "E");
}

Test(prompt_tty, arrows_and_other_keys_are_no_text) {
    expect_answer(false,
                  "a\x1b[A"
                  "b\x1bOP"
                  "c\x1b[15~d\x01\x1a"
                  "e\n",
                  NO_ERROR, "abcde");
}

Test(prompt_tty, as_much_as_fits_and_no_part_of_more) {
    expect_answer(false, "123456789012345\n", NO_ERROR, "123456789012345");
    expect_answer(false, "1234567890123456\n", ERROR_CANCELLED, "");
    expect_answer(false, "12345678901234567\x15short\n", NO_ERROR, "short");
}

/* --- nobody to ask --- */

Test(prompt_tty, without_a_terminal_nobody_is_asked) {
    pid_t child = fork();
    int status;

    if (child == 0) {
        setsid(); /* of which no terminal is */
        _exit(ask(NULL));
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    cr_expect_eq(told->rc, ERROR_NOT_SUPPORTED);
    cr_expect(told->same_signals);
}

/* Another process group of the session: whoever reads or writes there is stopped, but not by us. */
static int ask_in_background(void *context) {
    int status;
    pid_t child = fork();

    if (child == 0) {
        setpgid(0, 0);
        _exit(ask(context));
    }
    waitpid(child, &status, WUNTRACED);
    told->stopped = WIFSTOPPED(status);
    if (told->stopped)
        kill(child, SIGKILL);
    return 42;
}

Test(prompt_tty, in_the_background_nobody_is_asked) {
    pty_start(&terminal, ask_in_background, NULL);
    cr_expect_eq(pty_end(&terminal), 42);
    cr_expect(!told->stopped, "it was stopped");
    cr_expect_eq(told->rc, ERROR_NOT_SUPPORTED);
    cr_expect_str_eq(terminal.shown, "");
}

static int ask_and_outlive(void *context) {
    sigset_t hang_up;

    sigemptyset(&hang_up);
    sigaddset(&hang_up, SIGHUP);
    sigprocmask(SIG_BLOCK, &hang_up, NULL);
    return ask(context);
}

Test(prompt_tty, who_hangs_up_gives_up) {
    pty_start(&terminal, ask_and_outlive, NULL);
    cr_assert(pty_expect(&terminal, "Well? "));
    pty_type(&terminal, "hal");
    pty_hang_up(&terminal);
    cr_expect_eq(pty_end(&terminal), 42);
    cr_expect_eq(told->rc, ERROR_CANCELLED);
    cr_expect_str_eq(told->answer, "");
    cr_expect(told->same_signals);
}

/* --- two at a time --- */

static void *ask_second(void *context) {
    (void)context;
    told->second_rc = mpr_prompt_tty("Second? ", true, told->second, ANSWER_MAX);
    return NULL;
}

static int ask_twice(void *context) {
    pthread_t thread;

    (void)context;
    pthread_create(&thread, NULL, ask_second, NULL);
    poll(NULL, 0, 50); /* either may be first */
    told->rc = mpr_prompt_tty("First? ", true, told->answer, ANSWER_MAX);
    pthread_join(thread, NULL);
    return 42;
}

Test(prompt_tty, questions_wait_for_each_other) {
    pty_start(&terminal, ask_twice, NULL);
    cr_assert(pty_expect(&terminal, "? "));
    pty_type(&terminal, "one\n");
    cr_assert(pty_expect(&terminal, "? "));
    pty_type(&terminal, "two\n");
    cr_expect_eq(pty_end(&terminal), 42);
    cr_expect(strstr(terminal.shown, "one") < strrchr(terminal.shown, '?'), "%s", terminal.shown);
    cr_expect_eq(told->rc, NO_ERROR);
    cr_expect_eq(told->second_rc, NO_ERROR);
    cr_expect_neq(strcmp(told->answer, told->second), 0);
}
