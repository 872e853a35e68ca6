/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_drive_faults, nfs_drive_faults: whatever happens to server, network or the
 * processes behind a drive, each operation of a program ends within its bound, and the
 * drive works again when the fault is over.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/integration/proxy.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/session/attempt.h"
#include "tests/session/drive.h"

/* The bound by configuration, and what a busy machine adds to it. */
#define BOUND_MS 1000
#define SLACK_MS 4000
#define BACK_MS  20000

static const char *protocol; /* "smb" or "nfs" */
static struct proxy *proxy;
static double worst;
static const char *worst_operation, *worst_fault;
static char mounted[4000];

static void connect_drive(void) {
    static const struct identity anna = {"anna", "secret-words"};
    char remote[128];

    if (strcmp(protocol, "smb") == 0)
        snprintf(remote, sizeof remote, "smb://127.0.0.1:%u/pub", proxy->port);
    else
        snprintf(remote, sizeof remote, "nfs://127.0.0.1/rw?nfsport=%u&mountport=20048",
                 proxy->port);
    tap_code(call_add("Z:", remote, strcmp(protocol, "smb") == 0 ? &anna : NULL, 0), NO_ERROR,
             "connect");
    snprintf(mounted, sizeof mounted, "%s", drive_directory("Z:"));
    tap_ok(*mounted != '\0', "it is mounted on %s", mounted);
}

/* ---- faults, and their ends */

static void stop_server(void) {
    stage_ctl(protocol, "stop", NULL);
}

static void let_server_go_on(void) {
    stage_ctl(protocol, "cont", NULL);
}

static void kill_server(void) {
    stage_ctl(protocol, "kill", NULL);
}

static void start_server(void) {
    stage_ctl(protocol, "start", NULL);
}

static void restart_server(void) {
    stage_ctl(protocol, "restart", NULL);
}

static void stall(void) {
    atomic_store(&proxy->stalled, 1);
}

static void cut_early(void) {
    atomic_store(&proxy->cut_after, 1);
}

static void cut_in_the_middle(void) {
    atomic_store(&proxy->cut_after, 20000);
}

static void refuse(void) {
    atomic_store(&proxy->refusing, 1);
    atomic_store(&proxy->cut_after, 1);
}

static void drip(void) {
    atomic_store(&proxy->bytes_per_ms, 2);
}

static void delay(void) {
    atomic_store(&proxy->pause_ms, 50);
}

static void mend_network(void) {
    atomic_store(&proxy->cut_after, 0);
    atomic_store(&proxy->refusing, 0);
    atomic_store(&proxy->bytes_per_ms, 0);
    atomic_store(&proxy->pause_ms, 0);
    atomic_store(&proxy->stalled, 0);
}

static void signal_all(const char *name, int signal) {
    pid_t pids[64];
    size_t count = drive_processes(name, pids, 64);

    for (size_t i = 0; i < count && i < 64; i++)
        kill(pids[i], signal);
}

static void kill_workers(void) {
    signal_all("mpr-worker", SIGKILL);
}

static void stop_workers(void) {
    signal_all("mpr-worker", SIGSTOP);
}

static void let_workers_go_on(void) {
    signal_all("mpr-worker", SIGCONT);
}

static void kill_drive(void) {
    signal_all("mpr-drive", SIGKILL);
}

static void do_nothing(void) {
}

static void set_mode(mode_t mode) {
    bool smb = strcmp(protocol, "smb") == 0;
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", stage_env(smb ? "MPR_LAB_SMB_DIR" : "MPR_LAB_NFS_DIR"),
             smb ? "pub" : "rw");
    chmod(path, mode);
}

static void take_directory_away(void) {
    set_mode(0);
}

static void give_directory_back(void) {
    set_mode(0777);
}

static const struct fault {
    const char *name;
    void (*begin)(void), (*end)(void);
    bool in_short; /* also in runs that are to be short */
} faults[] = {
    {"a stopped server", stop_server, let_server_go_on, true},
    {"a dead server", kill_server, start_server, true},
    {"a server that was restarted", restart_server, do_nothing, false},
    {"a network that is silent", stall, mend_network, true},
    {"connections that are reset", cut_early, mend_network, false},
    {"connections that are reset in the middle of an answer", cut_in_the_middle, mend_network,
     false},
    {"a server that refuses", refuse, mend_network, true},
    {"a network of 2 KB a second", drip, mend_network, false},
    {"a round trip of 100 ms", delay, mend_network, false},
    {"a worker that was killed", kill_workers, do_nothing, true},
    {"a worker that is stopped", stop_workers, let_workers_go_on, true},
    {"a drive's process that was killed", kill_drive, do_nothing, true},
    {"a directory that nobody may use", take_directory_away, give_directory_back, false},
};

static void judge(const struct fault *fault, const struct attempt *attempts) {
    double longest = 0;
    const char *longest_name = "";
    unsigned late = 0, failed = 0;

    for (size_t i = 0; i < attempt_count(); i++) {
        const struct attempt *attempt = &attempts[i];

        if (attempt->hung || attempt->wedged || attempt->ms > BOUND_MS + SLACK_MS) {
            printf("# %s: %s took %.0f ms%s%s\n", fault->name, attempt->name, attempt->ms,
                   attempt->hung ? " and had not ended" : "",
                   attempt->wedged ? ", and could not be killed" : "");
            late++;
        }
        failed += attempt->error != 0;
        if (attempt->ms > longest) {
            longest = attempt->ms;
            longest_name = attempt->name;
        }
    }
    tap_ok(late == 0, "each of %zu operations ended in time; %u failed; the longest: %s, %.0f ms",
           attempt_count(), failed, longest_name, longest);
    if (longest > worst) {
        worst = longest;
        worst_operation = longest_name;
        worst_fault = fault->name;
    }
}

static void try_fault(const struct fault *fault) {
    struct attempt attempts[64];
    char directory[4096];
    unsigned number = (unsigned)(fault - faults);
    int rc;

    tap_group("%s", fault->name);
    snprintf(directory, sizeof directory, "%s/%u", mounted, number);
    rc = mkdir(directory, 0777) < 0 ? errno : attempt_prepare(directory);
    if (!tap_ok(rc == 0, "files are made in %s: %s", directory, strerror(rc)))
        return;
    fault->begin();
    attempt_all(directory, BOUND_MS + 2 * SLACK_MS, attempts);
    judge(fault, attempts);
    fault->end();
    tap_ok(drive_works(mounted, BACK_MS), "then it works again");
}

int main(int argc, char **argv) {
    const char *name = strrchr(argv[0], '/');

    (void)argc;
    drive_need_fuse();
    setenv("MPR_SESSION", "1", 1);
    protocol = strstr(name ? name : argv[0], "nfs") ? "nfs" : "smb";
    stage_set(NULL, "\"io_timeout_ms\": 1000, \"connect_timeout_ms\": 1000", NULL);
    proxy = proxy_start(strcmp(protocol, "smb") == 0 ? 445 : 2049);
    connect_drive();
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].in_short || secure_getenv("MPR_TEST_LONG"))
            try_fault(&faults[i]);
    printf("# the worst of all: %s, %.0f ms, with %s\n", worst_operation, worst, worst_fault);
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel");
    proxy_stop(proxy);
    stage_strike();
    return tap_done();
}
