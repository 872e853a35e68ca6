/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_outage.c: an SSH server that is silent, dies, comes back, changes its
 * keys in the middle of a transfer, or is far away. Whatever happens, SIGPIPE is left as it is.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/integration/proxy.h"
#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define BIG  (8u << 20)
#define SOON 10000 /* ms: at once, on a busy machine */

static char data[BIG], back[BIG];

static int stat_root(void *session, int ms) {
    struct mpr_call call = table_call(ms);
    struct mpr_stat stat;

    return table_ops->stat(session, &call, "", &stat);
}

static void *open_file(void *session, const char *name) {
    struct mpr_call call = table_call(10000);
    void *file = NULL;

    tap_file(table_ops->open(session, &call, name, O_RDWR | O_CREAT, 0644, &file), 0, "open");
    return file;
}

static int64_t transfer(void *session, void *file, bool writing, int ms) {
    struct mpr_call call = table_call(ms);

    return writing ? table_ops->pwrite(session, &call, file, data, BIG, 0)
                   : table_ops->pread(session, &call, file, back, BIG, 0);
}

static void end_session(void *session, int force) {
    struct mpr_call call = table_call(2000);
    double begun = stage_ms();

    tap_code(table_ops->disconnect(session, &call, force), NO_ERROR, "disconnect");
    tap_ok(stage_ms() - begun < SOON, "at once");
}

/* ---- a server that is silent */

struct later {
    void *session;
    int cancel_fd; /* -1: the session is aborted instead */
};

static void *act_later(void *argument) {
    const struct later *later = argument;
    uint64_t one = 1;

    usleep(300000);
    if (later->cancel_fd < 0)
        table_ops->abort(later->session);
    else if (write(later->cancel_fd, &one, sizeof one) != sizeof one)
        exit(99);
    return NULL;
}

/* An operation that has a minute is stopped from another thread. */
static void stop_from_outside(void *session, int cancel_fd, int wanted) {
    struct later later = {session, cancel_fd};
    struct mpr_call call = table_call_cancel(60000, cancel_fd);
    struct mpr_stat stat;
    double begun = stage_ms();
    pthread_t thread;

    if (pthread_create(&thread, NULL, act_later, &later))
        exit(99);
    tap_file(table_ops->stat(session, &call, "", &stat), wanted, "%s",
             cancel_fd < 0 ? "an aborted stat" : "a cancelled stat");
    tap_ok(stage_ms() - begun < SOON, "ends at once");
    pthread_join(thread, NULL);
}

static void silent(void) {
    void *session = table_need("sftp://sshhost/rw", NULL), *file = open_file(session, "silent");
    int cancel_fd = eventfd(0, EFD_CLOEXEC);
    double begun;

    tap_group("a server that is silent");
    tap_file(transfer(session, file, true, 20000), BIG, "write");
    stage_ctl("ssh", "stop", NULL);
    begun = stage_ms();
    tap_file(stat_root(session, 500), -ETIMEDOUT, "stat");
    tap_file(transfer(session, file, false, 500), -ETIMEDOUT, "read");
    tap_file(transfer(session, file, true, 500) != BIG, 1, "write");
    tap_ok(stage_ms() - begun >= 990 && stage_ms() - begun < SOON, "in their time");
    stop_from_outside(session, cancel_fd, -ECANCELED);
    stage_ctl("ssh", "cont", NULL);
    tap_file(stat_root(session, 20000), 0, "it answers again");
    tap_file(transfer(session, file, true, 20000), BIG, "the file is written");
    tap_file(transfer(session, file, false, 20000), BIG, "and read");
    tap_ok(memcmp(data, back, BIG) == 0, "is what was written");
    stage_ctl("ssh", "stop", NULL);
    stop_from_outside(session, -1, -ENOTCONN);
    tap_file(stat_root(session, 20000), -ENOTCONN, "and all that follow");
    end_session(session, 1);
    stage_ctl("ssh", "cont", NULL);
    tap_ok(table_told().lost == 0, "nothing was lost behind anybody's back");
    close(cancel_fd);
}

/* ---- one that dies */

static void dies(void) {
    void *session = table_need("sftp://sshhost/rw", NULL), *file = open_file(session, "dies");
    struct mpr_call call = table_call(20000);
    int before = table_told().lost;
    double end = stage_ms() + SOON;

    tap_group("a server that dies");
    tap_file(transfer(session, file, true, 20000), BIG, "write");
    stage_ctl("ssh", "kill", NULL);
    while (table_told().lost == before && stage_ms() < end)
        usleep(1000);
    tap_ok(table_told().lost == before + 1, "is told");
    tap_file(transfer(session, file, true, 5000), -EIO, "its file is not written");
    tap_file(stat_root(session, 5000), -ENOTCONN, "nobody is there");
    stage_ctl("ssh", "start", NULL);
    end = stage_ms() + SOON;
    while (stat_root(session, 5000) != 0 && stage_ms() < end)
        usleep(50000);
    tap_file(stat_root(session, 20000), 0, "it is connected again");
    tap_file(transfer(session, file, false, 5000), -EIO, "but its file is not open any more");
    tap_file(table_ops->close(session, &call, file), -EIO, "and what was written may be lost");
    stage_ctl("ssh", "restart", "DenyUsers root");
    end = stage_ms() + SOON;
    while (stat_root(session, 5000) == 0 && stage_ms() < end)
        usleep(1000);
    tap_file(stat_root(session, 5000), -ENOTCONN, "it lets us in no more");
    stage_ctl("ssh", "restart", NULL);
    sleep(2);
    tap_file(stat_root(session, 5000), -ENOTCONN, "and is not asked again");
    end_session(session, 0);
}

/* ---- keys that change underway */

static void rekeys(void) {
    void *session, *file;
    struct mpr_call call = table_call(20000);

    tap_group("a server that changes the keys of the session every megabyte");
    stage_ctl("ssh", "restart", "RekeyLimit 1M");
    session = table_need("sftp://sshhost/rw", NULL);
    file = open_file(session, "rekey");
    memset(back, 0, BIG);
    for (int i = 0; i < 3; i++) {
        tap_file(transfer(session, file, true, 20000), BIG, "write");
        tap_file(transfer(session, file, false, 20000), BIG, "read");
        tap_ok(memcmp(data, back, BIG) == 0, "is what was written");
    }
    tap_file(table_ops->close(session, &call, file), 0, "close");
    end_session(session, 0);
    stage_ctl("ssh", "restart", NULL);
}

/* ---- a line that needs longer for one request than the bound */

static struct proxy *proxy;

/* The server's key, as that of the proxy's port. */
static void know_proxy(const char *path) {
    char line[4096], from[512];
    FILE *in, *out;

    snprintf(from, sizeof from, "%s/known_hosts", stage_env("MPR_LAB_SSH_KEYS"));
    in = fopen(from, "re");
    out = fopen(path, "we");
    if (!in || !out)
        exit(99);
    while (fgets(line, sizeof line, in)) {
        const char *key = strchr(line, ' ');

        fprintf(out, "%s[sshhost]:%u%s", line, (unsigned)proxy->port, key ? key : "");
    }
    fclose(in);
    fclose(out);
}

static void slow(void) {
    char remote[64];
    struct mpr_call call;
    void *session, *file;
    double begun;

    tap_group("a slow line");
    snprintf(remote, sizeof remote, "sftp://sshhost:%u/rw", (unsigned)proxy->port);
    session = table_need(remote, NULL);
    file = open_file(session, "slow");
    call = table_call(20000);
    tap_file(table_ops->pwrite(session, &call, file, data, 200000, 0), 200000, "write");
    atomic_store(&proxy->bytes_per_ms, 100);
    call = table_call(1000);
    begun = stage_ms();
    tap_file(table_ops->pread(session, &call, file, back, 200000, 0), 200000,
             "a read of one piece goes on as long as bytes move");
    tap_ok(stage_ms() - begun > 1200, "beyond the bound (%.0f ms)", stage_ms() - begun);
    atomic_store(&proxy->bytes_per_ms, 0);
    call = table_call(20000);
    tap_file(table_ops->close(session, &call, file), 0, "close");
    end_session(session, 0);
}

int main(void) {
    const char *keys = stage_env("MPR_LAB_SSH_KEYS");
    char known[512], identity[512];
    const char *const options[] = {"known_hosts",   known,  "identity", identity,
                                   "io_timeout_ms", "1000", NULL};

    for (size_t i = 0; i < BIG; i++)
        data[i] = (char)(i * 2654435761u >> 24);
    proxy = proxy_start(22);
    snprintf(known, sizeof known, "%s/known_hosts.proxy", keys);
    know_proxy(known);
    snprintf(identity, sizeof identity, "%s/root_key", keys);
    table_open("sftp", options);
    silent();
    dies();
    rekeys();
    slow();
    proxy_stop(proxy);
    table_close();
    return tap_done();
}
