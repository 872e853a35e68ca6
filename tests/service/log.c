/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log.c: what an administrator is told, a line each.
 */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/mprd.h"
#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define SOON_MS 15000
#define FLOOD   100
#define MOST    61 /* the last one says that it is the last */
#define ADD                                                                                        \
    "{\"local\":\"Z:\",\"remote\":\"//memory/pub\",\"type\":1,\"flags\":0,\"no_room\":false,"      \
    "\"check_only\":false,\"asked\":false}"

/* --- a line --- */

/* Standard error is a pipe meanwhile. Returns its other end, to be closed. */
static int hear_myself(int *ret_before) {
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        exit(99);
    *ret_before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    return ends[0];
}

static void speak_as_before(int before) {
    dup2(before, STDERR_FILENO);
    close(before);
}

static unsigned count_lines(const char *text) {
    unsigned count = 0;

    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

static void say_lines(void) {
    static char said[0x10000];
    char many[2000];
    int before, ear = hear_myself(&before);
    ssize_t got;

    tap_group("lines");
    memset(many, 'x', sizeof many);
    many[sizeof many - 1] = '\0';
    mprd_log("what a server\nsays");
    mprd_log("%s", many);
    for (int i = 0; i < FLOOD; i++)
        mprd_log("flood %d", i);
    speak_as_before(before);
    got = read(ear, said, sizeof said - 1);
    said[got > 0 ? got : 0] = '\0';
    close(ear);
    tap_ok(strncmp(said, "mprd: what a server says\nmprd: xxx", 34) == 0, "each is one line");
    tap_ok(count_lines(said) == MOST && strstr(said, "is left out.\n"), "a flood has an end (%u)",
           count_lines(said));
}

/* Nobody reads. */
static void wait_for_nobody(void) {
    static const char line[256] = "";
    int before, ear = hear_myself(&before), enough = 0;

    alarm(20);
    for (; enough < 0x4000; enough++)
        mprd_log_write(line, sizeof line);
    alarm(0);
    speak_as_before(before);
    close(ear);
    tap_ok(enough == 0x4000, "a line that nobody takes is left out");
}

/* --- what is said --- */

static bool is_said_soon(const char *text) {
    for (int64_t deadline = rig_ms() + SOON_MS; rig_ms() < deadline; poll(NULL, 0, 10))
        if (rig_logged(text))
            return true;
    return false;
}

static void tell_of_a_drive(void) {
    char end[64];

    tap_group("a drive");
    rig_make(NULL);
    rig_start_logged();
    tap_ok(rig_says("Add", ADD, "{\"parameters\":"), "there is one");
    tap_ok(rig_logged("") == 0, "nothing is said where all is well");
    if (geteuid() == 0) { /* whom else its environment is hidden from */
        tap_ok(rig_kill("mpr-drive") == 1, "its process is killed");
        tap_ok(is_said_soon("mprd: Z: (//memory/pub) is back."), "it is replaced");
        tap_ok(rig_logged("mprd: Z: (//memory/pub): The drive's process has ended, and is being ")
                       == 1
                   && rig_logged("") == 2,
               "both is said");
    }
    snprintf(end, sizeof end, "mprd: The service ends: process %d sent SIGTERM.\n", (int)getpid());
    tap_ok(rig_end(SIGTERM) >= 0 && rig_logged(end) == 1, "and why the service ends");
    rig_remove();
}

int main(void) {
    say_lines();
    wait_for_nobody();
    tell_of_a_drive();
    return tap_done();
}
