/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restore: SMB connections that are remembered come back, with a password that is
 * asked for; one whose server is silent keeps nobody waiting. The password of a new
 * connection is typed on a terminal.
 */
#include "config.h"

#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define PUB     "\\\\smbhost\\pub"
#define PRIVATE "\\\\smbhost\\private"

static const struct identity anna = {"anna", "secret-words"};
static const struct identity bert = {"bert", "other-words"};

static struct {
    unsigned calls;
    char last[2048];
} asked;

/* Each says his own. */
static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    const char *line = strrchr(question, '\n');

    (void)context;
    asked.calls++;
    snprintf(asked.last, sizeof(asked.last), "%s", question);
    tap_ok(!echo, "what is asked for is not shown");
    line = line ? line : question;
    snprintf(buffer, size, "%s", strstr(line, " anna ") ? anna.password : bert.password);
    return NO_ERROR;
}

static void one(void) {
    char remote[64] = "";
    DWORD size = sizeof(remote);

    tap_group("one");
    tap_code(call_add("Z:", PUB, &anna, CONNECT_UPDATE_PROFILE), NO_ERROR, "connect");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "disconnect; it is remembered");
    tap_code(WNetRestoreSingleConnectionW(NULL, u"Z:", FALSE), ERROR_LOGON_FAILURE,
             "without a password, and nobody may be asked");
    expect_words(PUB, "anna");
    tap_code(WNetRestoreSingleConnectionW(NULL, u"Z:", TRUE), NO_ERROR, "the user is asked");
    tap_ok(asked.calls == 1, "once");
    tap_ok(strstr(asked.last, "\nPassword for anna on " PUB ": ") != NULL, "for his password");
    tap_code(WNetGetConnectionA("Z:", remote, &size), NO_ERROR, "it is there");
    tap_text(remote, PUB, "and what it was");
    tap_code(WNetRestoreConnectionA(NULL, "Z:"), NO_ERROR, "once more");
    tap_ok(asked.calls == 1, "it was there already");
}

/* Into the profile, as if by hand: a server that was there once. */
static void remember_silent(void) {
    char *text = stage_read("config/profile.json");
    char *at = text ? strstr(text, "\"connections\":\t{") : NULL;
    char *more = NULL;

    if (at
        && asprintf(&more, "%.*s\"connections\": {\"E:\": {\"remote_path\": \"//silent/pub\"},%s",
                    (int)(at - text), text, at + strlen("\"connections\":\t{"))
               > 0)
        stage_write("config/profile.json", more);
    free(more);
    free(text);
}

static void several(void) {
    double start;

    tap_group("several, one of a silent server");
    asked.calls = 0;
    tap_code(call_add("Y:", PRIVATE, &bert, CONNECT_UPDATE_PROFILE), NO_ERROR, "connect another");
    tap_code(WNetClearConnections(NULL), NO_ERROR, "break all");
    tap_ok(call_count(RESOURCE_CONNECTED) == 0, "they are gone");
    remember_silent();
    tap_ok(call_count(RESOURCE_REMEMBERED) == 3, "and remembered, with a third");
    start = stage_ms();
    tap_code(WNetRestoreConnectionW(NULL, NULL), ERROR_BAD_NETPATH, "restore all");
    tap_ok(stage_ms() - start < 20000, "in time (%.0f ms)", stage_ms() - start);
    expect_words(": E:.", "1 of 3");
    tap_ok(asked.calls == 2, "for the others was asked (%u)", asked.calls);
    tap_ok(call_count(RESOURCE_CONNECTED) == 2, "and they are there");
    tap_code(WNetClearConnections(NULL), NO_ERROR, "break all");
}

/* --- on a terminal --- */

static int connect_on_terminal(void) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "X:",
                             .lpRemoteName = (LPSTR)(uintptr_t)PUB};
    DWORD rc;

    if (MprInitialize(NULL) != NO_ERROR)
        return 99;
    MprSetPrompt(NULL, NULL);
    rc = WNetAddConnection2A(&resource, NULL, "anna", CONNECT_INTERACTIVE | CONNECT_COMMANDLINE);
    if (rc == NO_ERROR) /* in the user's service it would outlive this process */
        WNetCancelConnection2A("X:", 0, FALSE);
    MprShutdown();
    return (int)(rc & 0xff);
}

/* Reads until a text is shown. False: not within 10 s. */
static int read_until(int fd, const char *text, char *shown, size_t size) {
    size_t length = 0;

    while (!strstr(shown, text)) {
        struct pollfd terminal = {.fd = fd, .events = POLLIN};
        ssize_t n;

        if (length == size - 1 || poll(&terminal, 1, 10000) <= 0)
            return 0;
        n = read(fd, shown + length, size - 1 - length);
        if (n <= 0)
            return 0;
        length += (size_t)n;
        shown[length] = '\0';
    }
    return 1;
}

static void type_on_terminal(const char *typed, DWORD wanted, const char *what) {
    char shown[4096] = "", rest[4096] = "";
    int terminal, status = -1;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);

    if (child == 0)
        _exit(connect_on_terminal());
    tap_ok(child > 0
               && read_until(terminal, "Password for anna on " PUB ": ", shown, sizeof(shown)),
           "the question is shown");
    tap_ok(write(terminal, typed, strlen(typed)) == (ssize_t)strlen(typed), "an answer is typed");
    read_until(terminal, "\n", rest, sizeof(rest));
    tap_ok(strstr(rest, "words") == NULL, "and not shown");
    waitpid(child, &status, 0);
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == (int)(wanted & 0xff), "%s (%d)", what,
           WEXITSTATUS(status));
    close(terminal);
}

int main(void) {
    const char *root = stage_set(NULL, "\"connect_timeout_ms\": 4000", NULL);

    setenv("MPR_ROOT", root, 1);
    MprSetPrompt(prompt, NULL);
    one();
    several();
    tap_group("on a terminal");
    type_on_terminal("secret-words\n", NO_ERROR, "the password lets in");
    type_on_terminal("secret\x03", ERROR_CANCELLED, "^C gives up");
    stage_strike();
    return tap_done();
}
