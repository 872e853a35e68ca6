/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_kerberos: a drive that is there by a ticket, which expires, and is there again
 * with a new one.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/drive.h"

#define REMOTE    "//kerbhost.lab.test/pub"
#define LIFE_S    2  /* of the first ticket, on a machine that is not busy */
#define LIVES_S   32 /* on one that is */
#define EXPIRE_MS 60000
#define WORKS_MS  20000

static char directory[PATH_MAX];

/* With the KDC's programs, or without the test. */
static void start_realm(void) {
    char path[PATH_MAX];
    int status = system("PATH=$PATH:/usr/sbin:/sbin; "
                        "[ \"$MPR_LAB_MODE\" != none ] || exit 77; "
                        "command -v krb5kdc kinit kadmin.local >/dev/null || exit 77; "
                        "\"$top_srcdir\"/tests/integration/smb_kdc >\"$TMPDIR/kdc.log\" 2>&1 "
                        "|| { sed 's/^/# /' \"$TMPDIR/kdc.log\"; exit 99; }");

    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        puts(WEXITSTATUS(status) == 77 ? "1..0 # SKIP no Kerberos server, or no namespace for it"
                                       : "Bail out! no Kerberos server");
        exit(WEXITSTATUS(status));
    }
    snprintf(path, sizeof path, "%s/kdc/krb5.conf", stage_env("MPR_LAB"));
    setenv("KRB5_CONFIG", path, 1);
    snprintf(path, sizeof path, "FILE:%s/kdc/tickets", stage_env("MPR_LAB"));
    setenv("KRB5CCNAME", path, 1);
}

static void get_ticket(int life_s) {
    char command[128];

    snprintf(command, sizeof command,
             "echo \"$MPR_LAB_PASSWORD\" | kinit -l %ds anna >\"$TMPDIR/kinit.log\"", life_s);
    if (system(command) != 0)
        tap_ok(false, "anna gets a ticket");
}

/* Within the life of a ticket that is short, but not shorter than a connect. */
static void connect_drive(void) {
    DWORD rc = ERROR_LOGON_FAILURE;

    for (int life_s = LIFE_S; rc == ERROR_LOGON_FAILURE && life_s <= LIVES_S; life_s *= 2) {
        get_ticket(life_s);
        rc = call_add("Z:", REMOTE, NULL, 0);
    }
    tap_code(rc, NO_ERROR, "Z: is " REMOTE ", by a ticket");
    snprintf(directory, sizeof directory, "%s", drive_directory("Z:"));
    tap_ok(*directory != '\0', "it is mounted on %s", directory);
}

static int await_error(double within_ms) {
    double end = stage_ms() + within_ms;
    struct stat facts;
    int error = 0;

    while (!error && stage_ms() < end) {
        error = stat(directory, &facts) ? errno : 0;
        usleep(50000);
    }
    return error;
}

static void let_ticket_expire(void) {
    int error = await_error(EXPIRE_MS);

    tap_ok(error == EACCES, "when the ticket has expired nothing is allowed: %s", strerror(error));
    tap_code(call_add("Y:", REMOTE, NULL, 0), ERROR_LOGON_FAILURE, "nor another drive");
    expect_words("Kerberos ticket", "expired");
}

int main(void) {
    drive_need_fuse();
    start_realm();
    setenv("MPR_SESSION", "1", 1);
    stage_set(NULL, NULL, NULL);
    connect_drive();
    let_ticket_expire();
    get_ticket(3600);
    tap_ok(drive_works(directory, WORKS_MS), "with a new ticket the drive works again");
    tap_code(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR, "it is cancelled");
    stage_strike();
    return tap_done();
}
