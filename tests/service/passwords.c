/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * passwords.c: a service restores with the passwords of a file, of a command, and without
 * any; and a program sets where they come from.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define SOON_MS  10000
#define BOUND_MS 5000 /* of commands */

static void write_profile(void) {
    char text[2048];

    snprintf(text, sizeof text,
             "{\"connections\": {"
             "\"U:\": {\"remote_path\": \"//memory/u\", \"user_name\": \"anna\"}, "
             "\"V:\": {\"remote_path\": \"//memory/v\", \"credentials\": {\"source\": \"file\", "
             "\"value\": \"%s\"}}, "
             "\"W:\": {\"remote_path\": \"//memory/w\", \"user_name\": \"anna\", \"credentials\": "
             "{\"source\": \"command\", \"value\": \"echo geh''eim\"}}, "
             "\"X:\": {\"remote_path\": \"//memory/x\", \"user_name\": \"anna\", \"credentials\": "
             "{\"source\": \"command\", \"value\": \"sleep 612345\"}}}}\n",
             rig_path("secret"));
    rig_write("config/profile.json", text);
}

static void restore_at_start(void) {
    tap_group("at the start");
    rig_start();
    tap_ok(rig_is_soon("V:", "\"state\":1,", SOON_MS), "what has its password in a file is there");
    tap_ok(rig_is_soon("W:", "\"state\":1,", SOON_MS), "what has it from a command, too");
    tap_ok(rig_is_soon("U:", "\"state\":5,", SOON_MS), "what has none is Unavailable");
    tap_ok(rig_is_soon("X:", "\"state\":5,", BOUND_MS + SOON_MS),
           "and so is what waits for a command that does not end, after its bound");
    tap_ok(strstr(rig_status("X:"), "has not answered") != NULL, "which is said");
    tap_ok(!strstr(rig_status("V:"), "geheim") && !strstr(rig_status("X:"), "geheim"),
           "there is no password in it");
}

static int count_ok(void *context, const struct mpr_step *step) {
    unsigned *steps = context;

    printf("# %s: %s\n", step->step, step->words);
    *steps += step->outcome == MPR_STEP_OK;
    return 0;
}

static void set_by_a_program(void) {
    static char u[] = "U:";
    unsigned steps = 0;

    tap_group("by a program");
    setenv("MPR_SESSION", "1", 1);
    setenv("MPR_ROOT", rig_path("."), 1);
    tap_ok(MprExplain("U:", count_ok, &steps) == NO_ERROR && steps == 2,
           "the login is what it lacks");
    tap_ok(MprSetCredentials("U:", MPR_CREDENTIALS_KEYRING, "geheim") == ERROR_NOT_SUPPORTED,
           "there is no keyring here");
    tap_ok(MprSetCredentials("U:", MPR_CREDENTIALS_FILE, rig_path("secret")) == NO_ERROR,
           "it says where the password is");
    tap_ok(WNetRestoreConnectionA(NULL, u) == NO_ERROR, "and it is restored");
    tap_ok(rig_is_soon("U:", "\"state\":1,", SOON_MS), "in the service");
    steps = 0;
    tap_ok(MprExplain("U:", count_ok, &steps) == NO_ERROR && steps == 4, "nothing is in the way");
}

int main(void) {
    /* The service's, too. */
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    unsetenv("CREDENTIALS_DIRECTORY");
    rig_make("\"user\": \"anna\", \"password\": \"geheim\"");
    rig_write("config/mpr.json", "{\"password_timeout_ms\": 5000}\n");
    rig_write("secret", "username=anna\npassword=geheim\n");
    chmod(rig_path("secret"), 0600);
    write_profile();
    restore_at_start();
    set_by_a_program();
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    rig_remove();
    return tap_done();
}
