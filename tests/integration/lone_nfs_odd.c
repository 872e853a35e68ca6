/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lone_nfs_odd.c: the NFS provider and servers that answer oddly: refuse at every
 * stage, do half of what they are asked, are busy, forget, or talk nonsense.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/integration/fake_nfs.h"
#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define MOUNT 100005u
#define NFS   100003u
#define SIZE  300000u

static char remote[128], pattern[FAKE_FILE_MAX], buffer[FAKE_FILE_MAX];

static struct mpr_call *now(int ms) {
    static struct mpr_call call;

    call = table_call(ms);
    return &call;
}

static void refusal(const char *what, enum mpr_answer answer, uint32_t code, uint32_t native,
                    const char *words) {
    enum mpr_answer got;
    uint32_t got_code;
    void *session = table_connect(remote, NULL, native == 10008 ? 2000 : 20000, &got, &got_code);
    struct table_told told = table_told();

    tap_group("%s", what);
    tap_ok(!session && got == answer && got_code == code && told.native == native,
           "answer %d, %s, native %u", (int)answer, stage_code(code), native);
    tap_ok(strstr(told.text, words) != NULL, "says \"%s\"", words);
    if (got != answer || got_code != code || told.native != native || !strstr(told.text, words))
        printf("#   %d %u %u %s\n", (int)got, got_code, told.native, told.text);
    if (session)
        table_ops->disconnect(session, now(20000), 1);
    fake_behave();
}

static void refusals(void) {
    fake_orders.mount_status = 13;
    refusal("an export that is listed, and denied", MPR_MINE_FAILED, ERROR_ACCESS_DENIED, 13,
            "exports /fake to one, two");
    fake_orders.mount_status = 13;
    fake_orders.hidden = 1;
    refusal("an export that is not listed, and denied", MPR_MINE_FAILED, ERROR_BAD_NET_NAME, 13,
            "lists no export");
    fake_orders.mount_status = 2;
    refusal("an export that is listed, and is not there", MPR_MINE_FAILED, ERROR_BAD_NET_NAME, 2,
            "MNT3ERR_NOENT (2)");
    fake_orders.mount_status = 10006;
    refusal("a mount service that is broken", MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, 10006,
            "MNT3ERR_SERVERFAULT (10006)");
    fake_orders.mount_status = 4711;
    refusal("a mount status that nobody knows", MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, 4711,
            "mountstat 4711");
    fake_orders.mount_flavor = 390003;
    refusal("an export for Kerberos only", MPR_MINE_FAILED, ERROR_NOT_SUPPORTED, 390003,
            "security flavour 390003 (Kerberos 5)");
    fake_orders.deny = MOUNT;
    refusal("a mount service that denies the call", MPR_MINE_FAILED, ERROR_ACCESS_DENIED, EACCES,
            "mount service");
    fake_orders.deny = NFS;
    refusal("an NFS service that denies the call", MPR_MINE_FAILED, ERROR_ACCESS_DENIED, EACCES,
            "NFS service");
    fake_orders.unavailable = MOUNT;
    refusal("a port without mount service", MPR_NOT_MINE, ERROR_BAD_NETPATH, EPROTO,
            "refused the call");
    fake_orders.unavailable = NFS;
    refusal("a port without NFS service", MPR_MINE_FAILED, ERROR_BAD_NETPATH, EPROTO,
            "refused the call");
    fake_orders.busy = 1000;
    refusal("an NFS service that is busy", MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, 10008,
            "NFS3ERR_JUKEBOX (10008)");
    fake_orders.access = 0xffffffff;
    refusal("an NFS service that grants nothing", MPR_MINE_FAILED, ERROR_ACCESS_DENIED, 13,
            "neither reading nor writing");
    fake_orders.garbage = MOUNT;
    refusal("a mount service that talks nonsense", MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, INT32_MAX,
            "mountstat");
}

static void *connect_and_open(void **ret_file) {
    void *session = table_need(remote, NULL);

    tap_file(table_ops->open(session, now(20000), "file", O_RDWR, 0, ret_file), 0, "open");
    return session;
}

static void done(void *session, void *file) {
    tap_file(table_ops->close(session, now(20000), file), 0, "close");
    tap_ok(table_ops->disconnect(session, now(20000), 0) == 0, "disconnect");
    fake_behave();
}

static void half_measures(void) {
    void *file, *session = connect_and_open(&file);

    tap_group("a server that reads and writes less than it is asked");
    fake_orders.short_io = 7001;
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, SIZE, 0), SIZE, "write");
    tap_ok(fake_size == SIZE && memcmp(fake_file, pattern, SIZE) == 0, "it has all of it");
    tap_file(table_ops->pread(session, now(20000), file, buffer, SIZE, 0), SIZE, "read");
    tap_ok(memcmp(buffer, pattern, SIZE) == 0, "is right");
    tap_file(table_ops->pread(session, now(20000), file, buffer, SIZE, SIZE - 10), 10,
             "read over the end");
    fake_orders.io_error_at = 200000;
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, SIZE, 0), 203029,
             "a write is told how far it got");
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, 10, 250000), -ENOSPC,
             "and then why not farther");
    fake_behave();
    done(session, file);
}

static void busy(void) {
    void *file, *session = connect_and_open(&file);
    struct mpr_stat stat;

    tap_group("a server that is busy for a while");
    fake_orders.busy = 2;
    tap_file(table_ops->fstat(session, now(20000), file, &stat), 0, "fstat");
    fake_orders.busy = 2;
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, SIZE, 0), SIZE, "write");
    fake_orders.busy = 2;
    tap_file(table_ops->pread(session, now(20000), file, buffer, SIZE, 0), SIZE, "read");
    fake_orders.busy = 1000;
    tap_file(table_ops->fstat(session, now(2000), file, &stat), -EAGAIN, "fstat, too long");
    tap_file(table_ops->pread(session, now(2000), file, buffer, SIZE, 0), -EAGAIN,
             "read, too long");
    fake_behave();
    done(session, file);
}

static void forgetful(void) {
    void *file, *session = connect_and_open(&file);

    tap_group("a server that forgets twice");
    for (size_t i = 0; i < 4; i++)
        tap_file(
            table_ops->pwrite(session, now(20000), file, pattern + i * 100000, 100000, i * 100000),
            100000, "write");
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, 150000, 0), 150000, "overwrite");
    fake_orders.forgets = 2;
    tap_file(table_ops->fsync(session, now(20000), file), 0, "fsync");
    tap_ok(fake_size == 400000 && memcmp(fake_file, pattern, 400000) == 0, "it has all of it");
    tap_file(table_ops->pwrite(session, now(20000), file, pattern, 100000, 0), 100000, "write");
    fake_orders.forgets = 1000;
    tap_file(table_ops->fsync(session, now(20000), file), -EIO, "one that always forgets");
    fake_behave();
    done(session, file);
}

/* It sees no change in a size that stays, and is told the time as well. */
static void resized(void) {
    void *file, *again, *session = connect_and_open(&file);
    unsigned touches = fake_orders.touches;

    tap_group("a server that goes by sizes");
    tap_file(table_ops->truncate(session, now(20000), NULL, file, 0), 0, "truncate");
    tap_file(table_ops->truncate(session, now(20000), NULL, file, 0), 0, "to the same size");
    if (tap_file(table_ops->open(session, now(20000), "file", O_WRONLY | O_TRUNC, 0, &again), 0,
                 "open an empty one, to truncate it"))
        tap_file(table_ops->close(session, now(20000), again), 0, "close");
    tap_ok(fake_size == 0 && fake_orders.touches == touches + 3, "the time is new each time");
    done(session, file);
}

struct found {
    int count;
    char name[64];
    struct mpr_stat stat;
};

static int take_entry(void *context, const char *name, const struct mpr_stat *stat) {
    struct found *found = context;

    snprintf(found->name, sizeof found->name, "%s", name);
    found->stat = *stat;
    found->count++;
    return 0;
}

static void listing(const char *what, unsigned no_readdirplus, unsigned no_attributes, int wanted) {
    void *session = table_need(remote, NULL);
    struct found found = {0};

    tap_group("%s", what);
    fake_orders.no_readdirplus = no_readdirplus;
    fake_orders.no_attributes = no_attributes;
    tap_file(table_ops->readdir(session, now(20000), "", take_entry, &found), 0, "list");
    tap_ok(found.count == wanted && found.stat.ino == 2, "%d entries, with attributes (%d)", wanted,
           found.count);
    tap_ok(!strchr(found.name, '/'), "no name leads elsewhere");
    tap_ok(table_ops->disconnect(session, now(20000), 0) == 0, "disconnect");
    fake_behave();
}

/* Until it is too late, or as soon as the server gives what it has given before. */
static void endless(const char *what, unsigned leads_back, unsigned no_readdirplus, int wanted) {
    void *session = table_need(remote, NULL);
    struct found found = {0};
    unsigned calls = fake_orders.calls;

    tap_group("%s, by %s", what, no_readdirplus ? "READDIR" : "READDIRPLUS");
    fake_orders.no_readdirplus = no_readdirplus;
    fake_orders.leads_back = leads_back;
    tap_file(table_ops->readdir(session, now(20000), "", take_entry, &found), wanted, "list");
    calls = fake_orders.calls - calls;
    tap_ok(calls < 50, "at once (%u calls)", calls);
    tap_ok(wanted || found.count == (no_readdirplus ? 1 : 2), "each name once (%d)", found.count);
    tap_ok(table_ops->disconnect(session, now(20000), 0) == 0, "disconnect");
    fake_behave();
}

static void without_attributes(void) {
    struct mpr_stat stat;
    void *session, *file;

    tap_group("a server that sends no attributes along");
    fake_orders.no_attributes = 1;
    session = connect_and_open(&file);
    tap_file(table_ops->stat(session, now(20000), "file", &stat), 0, "stat");
    tap_ok(stat.ino == 2 && stat.size == fake_size, "is asked for them");
    done(session, file);
}

/* Nonsense on a working session must end calls, not the program. */
static void nonsense(void) {
    void *file, *session = connect_and_open(&file);
    struct mpr_stat stat;

    tap_group("a server that talks nonsense");
    fake_orders.garbage = NFS;
    tap_ok(table_ops->fstat(session, now(300), file, &stat) < 0, "fstat fails");
    tap_ok(table_ops->pread(session, now(300), file, buffer, SIZE, 0) < 0, "read fails");
    tap_ok(table_ops->readdir(session, now(300), "", take_entry, &(struct found){0}) < 0,
           "readdir fails");
    fake_behave();
    tap_file(table_ops->fstat(session, now(20000), file, &stat), 0, "sense again: fstat");
    done(session, file);
}

int main(void) {
    static const char *const options[] = {"io_timeout_ms", "1000", NULL};
    uint16_t port = fake_start();

    for (uint32_t i = 0, state = 1; i < sizeof pattern; i++) {
        state = state * 1664525 + 1013904223;
        pattern[i] = (char)(state >> 24);
    }
    snprintf(remote, sizeof remote, "nfs://127.0.0.1:%u/fake?mountport=%u", port, port);
    table_open("nfs", options);
    refusals();
    half_measures();
    busy();
    forgetful();
    resized();
    listing("a listing", 0, 0, 2);
    listing("a server without READDIRPLUS", 1, 0, 1);
    listing("a listing without attributes", 0, 1, 1);
    for (unsigned plain = 0; plain <= 1; plain++) {
        endless("a server that begins again from the first name", 2, plain, 0);
        endless("a server that begins again from another", 3, plain, -ELOOP);
        endless("a server that gives the last one for ever", 4, plain, -ELOOP);
    }
    without_attributes();
    nonsense();
    table_close();
    fake_stop();
    return tap_done();
}
