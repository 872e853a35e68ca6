/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_refusals.c: the NFS provider's error table, row by row, on real servers and
 * on hosts that are none: answer, Win32 code, native code and the words.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

struct row {
    const char *what;
    const char *remote; /* %s is the lab's host that the next member names */
    const char *host;   /* environment variable, or NULL */
    const char *user;
    enum mpr_answer answer;
    uint32_t code;
    uint32_t native;
    const char *words[4]; /* each is in the text */
};

static const struct row rows[] = {
    {"no such export",
     "nfshost:/nothing",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     13,
     {"nfshost:/nothing", "as uid 0, gid 0", "MNT3ERR_ACCES (13)", "lists no export"}},
    {"no such export, as UNC",
     "\\\\nfshost\\nothing",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     13,
     {"\\\\nfshost\\nothing", "MNT3ERR_ACCES (13)"}},
    {"no such directory in an export",
     "nfshost:/rw/none",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     2,
     {"NFS3ERR_NOENT (2)", "LOOKUP of none"}},
    {"a file",
     "nfshost:/ro/readme",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     20,
     {"readme is not a directory"}},
    {"an export that this server hides from other clients",
     "nfshost:/denied",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     13,
     {"MNT3ERR_ACCES (13)", "or not for this client"}},
    {"a directory that is not for this user",
     "nfshost:/rw/secret",
     NULL,
     "4000:4000",
     MPR_MINE_FAILED,
     ERROR_ACCESS_DENIED,
     13,
     {"as uid 4000, gid 4000", "neither reading nor writing"}},
    {"no such host",
     "%s:/rw",
     "MPR_LAB_NOHOST",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ENXIO,
     {"nohost.invalid", "could not be resolved"}},
    {"a host that refuses",
     "%s:/rw",
     "MPR_LAB_REFUSED",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ECONNREFUSED,
     {"port mapper at TCP port 111 of refused", "ECONNREFUSED 111", "nfsport="}},
    {"a mount port that refuses",
     "nfs://%s:2049/rw?mountport=20048",
     "MPR_LAB_REFUSED",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ECONNREFUSED,
     {"mount service at TCP port 20048", "ECONNREFUSED 111"}},
    {"a host that accepts and is silent",
     "%s:/rw",
     "MPR_LAB_SILENT",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ETIMEDOUT,
     {"port mapper", "did not answer within"}},
    {"a mount service that is silent",
     "nfs://%s/rw?mountport=20048&nfsport=2049",
     "MPR_LAB_SILENT",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ETIMEDOUT,
     {"mount service at TCP port 20048", "did not answer within"}},
    {"a host that drops everything",
     "%s:/rw",
     "MPR_LAB_DROPPED",
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NETPATH,
     ETIMEDOUT,
     {"no answer within"}},
    {"an NFS port that refuses",
     "nfs://nfshost:7/rw",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NETPATH,
     ECONNREFUSED,
     {"NFS service at TCP port 7", "ECONNREFUSED"}},
    {"version 4",
     "nfs://nfshost/rw?version=4",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_NOT_SUPPORTED,
     EPROTONOSUPPORT,
     {"NFS version 4", "3940 bytes", "mixes up open files"}},
    {"an argument that does not exist",
     "nfs://nfshost/rw?udi=7",
     NULL,
     NULL,
     MPR_MINE_FAILED,
     ERROR_BAD_NET_NAME,
     EINVAL,
     {"\"udi=7\" is not understood"}},
    {"a server without an export",
     "\\\\nfshost",
     NULL,
     NULL,
     MPR_NOT_MINE,
     ERROR_BAD_NET_NAME,
     EINVAL,
     {"names an NFS server"}},
    {"a user that does not exist",
     "nfshost:/rw",
     NULL,
     "nobody-knows",
     MPR_NOT_MINE,
     ERROR_BAD_USERNAME,
     ENOENT,
     {"\"nobody-knows\" is neither"}},
    {"a user that is no number",
     "nfshost:/rw",
     NULL,
     "1:2:3",
     MPR_NOT_MINE,
     ERROR_BAD_USERNAME,
     ENOENT,
     {"\"1:2:3\""}},
};

static void check_row(const struct row *row) {
    enum mpr_answer answer;
    char remote[256];
    uint32_t code;
    double began;
    void *session;

    /* Every format is one of the rows above. */
    snprintf(remote, sizeof remote, "%s", row->remote);
    if (row->host) {
        const char *at = strstr(row->remote, "%s");

        if (!secure_getenv(row->host))
            return; /* a laboratory without namespaces */
        snprintf(remote, sizeof remote, "%.*s%s%s", (int)(at - row->remote), row->remote,
                 stage_env(row->host), at + 2);
    }
    tap_group("%s", row->what);
    began = stage_ms();
    session =
        table_connect(remote, row->user, row->native == ETIMEDOUT ? 2500 : 20000, &answer, &code);
    tap_ok(!session, "fails");
    tap_ok(stage_ms() - began < 10000, "within its time");
    tap_ok(answer == row->answer && code == row->code, "answer %d, %s", (int)row->answer,
           stage_code(row->code));
    tap_ok(table_told().native == row->native, "native code %u", row->native);
    for (size_t i = 0; i < sizeof row->words / sizeof row->words[0] && row->words[i]; i++)
        tap_ok(strstr(table_told().text, row->words[i]) != NULL, "says \"%s\"", row->words[i]);
    if (answer != row->answer || code != row->code || table_told().native != row->native)
        printf("#   %d %u %u %s\n", (int)answer, code, table_told().native, table_told().text);
    if (session) {
        struct mpr_call call = table_call(1000);

        table_ops->disconnect(session, &call, 1);
    }
}

static int open_file(void *session, const char *path, int flags, void **ret_file) {
    struct mpr_call call = table_call(5000);

    return table_ops->open(session, &call, path, flags, 0644, ret_file);
}

static int64_t write_file(void *session, void *file, const void *data, size_t size) {
    struct mpr_call call = table_call(5000);

    return table_ops->pwrite(session, &call, file, data, size, 0);
}

static int close_file(void *session, void *file) {
    struct mpr_call call = table_call(5000);

    return table_ops->close(session, &call, file);
}

static void check_read_only(void) {
    void *session = table_need("nfshost:/ro", NULL), *file;
    struct mpr_call call = table_call(5000);
    struct mpr_statvfs facts;

    tap_group("a read-only export");
    tap_file(open_file(session, "readme", O_RDWR, &file), -EROFS, "open to write");
    tap_file(open_file(session, "new", O_RDWR | O_CREAT, &file), -EROFS, "create");
    tap_file(table_ops->mkdir(session, &call, "dir", 0755), -EROFS, "mkdir");
    tap_file(table_ops->unlink(session, &call, "readme"), -EROFS, "unlink");
    tap_file(table_ops->truncate(session, &call, "readme", NULL, 0), -EROFS, "truncate");
    tap_file(table_ops->statvfs(session, &call, "", &facts), 0, "statvfs");
    tap_ok(facts.read_only == 1, "says so");
    if (tap_file(open_file(session, "readme", O_RDONLY, &file), 0, "open to read")) {
        tap_file(write_file(session, file, "x", 1), -EBADF, "a write through it");
        tap_file(close_file(session, file), 0, "close");
    }
    table_ops->disconnect(session, &call, 0);
}

static void check_full(void) {
    void *session = table_need("nfshost:/full", NULL), *file;
    struct mpr_call call = table_call(5000);
    static char data[4 << 20];
    struct mpr_statvfs facts;
    int64_t written;

    tap_group("a full disk");
    tap_file(table_ops->statvfs(session, &call, "", &facts), 0, "statvfs");
    tap_ok(facts.block_size * facts.blocks == 1u << 20 && !facts.read_only, "1 MiB");
    if (tap_file(open_file(session, "big", O_RDWR | O_CREAT, &file), 0, "create")) {
        written = write_file(session, file, data, sizeof data);
        tap_ok(written == -ENOSPC || (written > 0 && written < (int64_t)sizeof data),
               "a part is written, or nothing for want of space (%lld)", (long long)written);
        tap_file(table_ops->pwrite(session, &call, file, data, 65536, 3 << 20), -ENOSPC,
                 "more is refused");
        close_file(session, file);
    }
    tap_file(table_ops->unlink(session, &call, "big"), 0, "unlink");
    table_ops->disconnect(session, &call, 0);
}

static void check_user(void) {
    void *session = table_need("nfshost:/rw", "4000:4001"), *file;
    struct mpr_call call = table_call(5000);
    struct mpr_stat stat;
    char user[64];

    tap_group("another user");
    tap_ok(table_ops->user(session, &call, user, sizeof user) == 0, "user");
    tap_text(user, "4000:4001", "is uid:gid");
    tap_file(open_file(session, "secret/file", O_RDONLY, &file), -EACCES, "a locked directory");
    tap_file(open_file(session, "of-root", O_RDONLY, &file), -EACCES, "a file not to be read");
    tap_file(open_file(session, "for-all", O_RDWR, &file), -EACCES, "a file not to be written");
    if (tap_file(open_file(session, "mine", O_RDWR | O_CREAT, &file), 0, "create")) {
        tap_file(table_ops->fstat(session, &call, file, &stat), 0, "fstat");
        tap_ok(stat.uid == 4000 && stat.gid == 4001, "is owned by that user");
        close_file(session, file);
    }
    tap_file(table_ops->chown(session, &call, "for-all", 4000, 4000), -EPERM, "chown");
    table_ops->disconnect(session, &call, 0);
    session = table_need("nfs://nfshost/rw?uid=4002&gid=4003", NULL);
    tap_ok(table_ops->user(session, &call, user, sizeof user) == 0, "user of a URL");
    tap_text(user, "4002:4003", "is what it says");
    table_ops->disconnect(session, &call, 0);
    session = table_need("nfshost:/rw", "anna");
    tap_ok(table_ops->user(session, &call, user, sizeof user) == 0, "user by name");
    tap_text(user, "3001:3001", "is looked up");
    table_ops->disconnect(session, &call, 0);
}

/* What other users must not reach. */
static void furnish(void) {
    void *session = table_need("nfshost:/rw", NULL), *file;
    struct mpr_call call = table_call(5000);

    tap_group("furnishing");
    tap_file(table_ops->mkdir(session, &call, "secret", 0700), 0, "a locked directory");
    tap_file(table_ops->mkdir(session, &call, "secret/inside", 0777), 0, "and one in it");
    if (tap_file(open_file(session, "of-root", O_RDWR | O_CREAT, &file), 0, "a file"))
        close_file(session, file);
    if (tap_file(open_file(session, "for-all", O_RDWR | O_CREAT, &file), 0, "another"))
        close_file(session, file);
    tap_file(table_ops->chmod(session, &call, "of-root", 0600), 0, "chmod");
    table_ops->disconnect(session, &call, 0);
}

int main(void) {
    table_open("nfs", NULL);
    furnish();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
    check_read_only();
    check_full();
    check_user();
    table_close();
    return tap_done();
}
