/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_terminal.c: wnet on a terminal: what it asks there, that a password is not
 * shown, and that the terminal is afterwards as it was.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/pty.h"
#include "tests/unit/scratch.h"

static struct pty terminal;

/* A provider that wants user and password, and takes its time. */
static void provide(int latency_ms) {
    static char text[1024];

    snprintf(text, sizeof text,
             "{\"name\": \"memory\", \"module\": \"%s/memory.so\", \"order\": 90, \"options\": "
             "{\"shares\": \"pub\", \"user\": \"alice\", \"password\": \"geheim\", "
             "\"latency_ms\": %d}}",
             secure_getenv("MPR_TEST_MODULES"), latency_ms);
    scratch_write("providers.d/90-memory.json", text);
}

static void init(void) {
    scratch_new();
    provide(0);
    scratch_mkdir("config");
    cr_assert_eq(setenv("MPR_ROOT", scratch_path(""), 1), 0);
    cr_assert_eq(setenv("MPR_SESSION", "0", 1), 0);
    cr_assert_eq(setenv("TERM", "xterm", 1), 0);
    cr_assert_eq(unsetenv("NO_COLOR"), 0);
}

static void fini(void) {
    scratch_free();
}

TestSuite(wnet_terminal, .timeout = 120, .init = init, .fini = fini);

static int become(void *context) {
    char *program = NULL;

    if (asprintf(&program, "%s/wnet", secure_getenv("abs_top_builddir")) < 0)
        return 98;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(open("/dev/tty", O_RDWR | O_CLOEXEC), fd) < 0)
            return 98;
    execv(program, context);
    return 97;
}

static void start(const char *const *words) {
    pty_start(&terminal, become, (void *)(uintptr_t)words);
}

#define START(...) start((const char *const[]){"wnet", __VA_ARGS__, NULL})

#define EXPECT(text)                                                                               \
    cr_assert(pty_expect(&terminal, text), "no \"%s\" in \"%s\"", text, terminal.shown)

static bool echoes(void) {
    struct termios now;

    cr_assert_eq(tcgetattr(terminal.master, &now), 0);
    return (now.c_lflag & ECHO) != 0;
}

static void expect_end(int status) {
    int got = pty_end(&terminal);

    cr_expect_eq(got, status, "%d instead of %d: \"%s\"", got, status, terminal.shown);
    cr_expect_not(strstr(terminal.shown, "geheim"), "the password was shown");
}

Test(wnet_terminal, a_star_asks_first) {
    START("use", "Z:", "\\\\memory\\pub", "*", "/user:alice");
    EXPECT("Type the password for \\\\memory\\pub: ");
    cr_expect_not(echoes());
    pty_type(&terminal, "geheim\n");
    EXPECT("Z: is now connected to \\\\memory\\pub.");
    cr_expect(echoes());
    expect_end(0);
}

Test(wnet_terminal, what_is_needed_is_asked) {
    START("use", "Z:", "\\\\memory\\pub");
    EXPECT("User name for \\\\memory\\pub: ");
    cr_expect(echoes());
    pty_type(&terminal, "alice\n");
    EXPECT("Password for alice on \\\\memory\\pub: ");
    cr_expect_not(echoes());
    pty_type(&terminal, "geheim\n");
    EXPECT("The command completed successfully.");
    expect_end(0);
}

Test(wnet_terminal, interrupted) {
    START("use", "Z:", "\\\\memory\\pub", "*");
    EXPECT("Type the password");
    pty_type(&terminal, "gehei\x03");
    EXPECT("No password was typed, so nothing was connected.");
    cr_expect(echoes());
    expect_end(2);
}

Test(wnet_terminal, at_the_end) {
    START("use", "Z:", "\\\\memory\\pub", "*");
    EXPECT("Type the password");
    pty_type(&terminal, "\x04");
    EXPECT("No password was typed");
    cr_expect(echoes());
    expect_end(2);
}

Test(wnet_terminal, ended_by_a_signal) {
    START("use", "Z:", "\\\\memory\\pub", "*");
    EXPECT("Type the password");
    cr_expect_not(echoes());
    cr_assert_eq(kill(terminal.child, SIGTERM), 0);
    EXPECT("No password was typed");
    cr_expect(echoes());
    expect_end(2);
}

Test(wnet_terminal, too_long) {
    static char text[2100];

    memset(text, 'x', sizeof text - 2);
    text[sizeof text - 2] = '\n';
    START("use", "Z:", "\\\\memory\\pub", "*");
    EXPECT("Type the password");
    pty_type(&terminal, text);
    EXPECT("No password was typed");
    cr_expect(echoes());
    expect_end(2);
}

/* One of alice's, which nobody remembers the password of. */
static void remember(void) {
    scratch_write("config/profile.json",
                  "{\"version\": 1, \"generation\": \"1\", \"connections\": {\"Y:\": "
                  "{\"remote_path\": \"\\\\\\\\memory\\\\pub\", \"user_name\": \"alice\", "
                  "\"provider_name\": \"Memory Network\", \"connection_type\": 1}}}");
    cr_assert_eq(chmod(scratch_path("config/profile.json"), 0600), 0);
}

Test(wnet_terminal, restoring_asks) {
    remember();
    START("restore", "Y:");
    EXPECT("Password for alice on \\\\memory\\pub: ");
    cr_expect_not(echoes());
    pty_type(&terminal, "geheim\n");
    EXPECT("Y: is now connected to \\\\memory\\pub.");
    expect_end(0);
}

Test(wnet_terminal, progress) {
    provide(1500);
    START("use", "Z:", "\\\\memory\\pub", "--user", "alice", "--password-command", "echo geheim");
    EXPECT("Connecting to \\\\memory\\pub ... (1 s)");
    EXPECT("\r\033[K");
    EXPECT("Z: is now connected");
    pty_end(&terminal);
}

Test(wnet_terminal, questions) {
    START("use", "*", "/delete");
    EXPECT("There are no entries in the list.");
    expect_end(0);
    remember();
    START("use", "*", "/delete");
    EXPECT("Do you want to continue this operation? (Y/N) [N]: ");
    pty_type(&terminal, "\n");
    EXPECT("No operations were performed.");
    expect_end(2);
    START("use", "*", "/delete");
    EXPECT("(Y/N) [N]: ");
    pty_type(&terminal, "y\n");
    EXPECT("Y: was deleted successfully.");
    expect_end(0);
}

Test(wnet_terminal, colours) {
    START("explain", "\\\\memory\\nope");
    EXPECT("\033[32mok\033[0m");
    pty_end(&terminal);
    cr_assert_eq(setenv("NO_COLOR", "1", 1), 0);
    START("explain", "\\\\memory\\nope");
    EXPECT("The command completed successfully.");
    cr_expect_not(strstr(terminal.shown, "\033[3"));
    pty_end(&terminal);
}
