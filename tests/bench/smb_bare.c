/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_bare.c: bare libsmbclient, as one side of a comparison.
 */
#include <errno.h>
#include <fcntl.h>
#include <libsmbclient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static SMBCCTX *keeper; /* the last context must not go: that tears global state down */
static SMBCCTX *context;
static SMBCFILE *file;
static uint64_t position;

static void give_identity(SMBCCTX *ctx, const char *server, const char *share, char *workgroup,
                          int workgroup_size, char *user, int user_size, char *password,
                          int password_size) {
    (void)ctx;
    (void)server;
    (void)share;
    (void)workgroup;
    (void)workgroup_size;
    snprintf(user, (size_t)user_size, "%s", getenv("MPR_LAB_USER"));
    snprintf(password, (size_t)password_size, "%s", getenv("MPR_LAB_PASSWORD"));
}

static SMBCCTX *new_context(void) {
    SMBCCTX *made = smbc_new_context();

    bench_need(made != NULL, "smbc_new_context", errno);
    smbc_setFunctionAuthDataWithContext(made, give_identity);
    smbc_setOptionUseCCache(made, 0);
    smbc_setOptionNoAutoAnonymousLogin(made, 1);
    bench_need(smbc_init_context(made) != NULL, "smbc_init_context", errno);
    return made;
}

static const char *url(const char *path) {
    static char whole[512];

    snprintf(whole, sizeof whole, "smb://smbhost/pub/%s", path);
    return whole;
}

static long bare_connect(void) {
    struct stat facts;

    context = new_context();
    return smbc_getFunctionStat(context)(context, url(""), &facts);
}

static long bare_disconnect(void) {
    return smbc_free_context(context, 1);
}

static long bare_open(const char *path, bool create) {
    position = 0;
    file = smbc_getFunctionOpen(context)(context, url(path),
                                         create ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY, 0644);
    return file ? 0 : -errno;
}

static long bare_close(void) {
    return smbc_getFunctionClose(context)(context, file);
}

static long bare_unlink(const char *path) {
    return smbc_getFunctionUnlink(context)(context, url(path));
}

static long bare_stat(const char *path) {
    struct stat facts;

    return smbc_getFunctionStat(context)(context, url(path), &facts);
}

static void go_to(uint64_t offset) {
    if (position != offset)
        smbc_getFunctionLseek(context)(context, file, (off_t)offset, SEEK_SET);
    position = offset;
}

static ssize_t bare_read(void *data, size_t size, uint64_t offset) {
    ssize_t n;

    go_to(offset);
    n = smbc_getFunctionRead(context)(context, file, data, size);
    position += n > 0 ? (uint64_t)n : 0;
    return n;
}

static ssize_t bare_write(const void *data, size_t size, uint64_t offset) {
    ssize_t n;

    go_to(offset);
    n = smbc_getFunctionWrite(context)(context, file, data, size);
    position += n > 0 ? (uint64_t)n : 0;
    return n;
}

static long bare_list(const char *directory) {
    SMBCFILE *dir = smbc_getFunctionOpendir(context)(context, url(directory));
    const struct libsmb_file_info *entry;
    struct stat facts;
    long count = 0;

    if (!dir)
        return -errno;
    while ((entry = smbc_getFunctionReaddirPlus2(context)(context, dir, &facts)))
        count += entry->name[0] != '.';
    smbc_getFunctionClosedir(context)(context, dir);
    return count;
}

/* The library asks NetBIOS and broadcasts unless it is told not to; so that it starts level. */
static void configure(void) {
    char path[256];
    FILE *conf;

    snprintf(path, sizeof path, "%s/bare.conf", getenv("TMPDIR"));
    conf = fopen(path, "we");
    bench_need(conf != NULL, path, errno);
    fputs("[global]\nname resolve order = host\ndisable netbios = yes\n", conf);
    fclose(conf);
    keeper = new_context();
    smbc_setConfiguration(keeper, path);
    unlink(path);
}

const struct side *bench_bare_side(void) {
    static const struct side bare = {"libsmb",   bare_connect, bare_disconnect, bare_open,
                                     bare_close, bare_unlink,  bare_read,       bare_write,
                                     bare_list,  bare_stat};

    configure();
    return &bare;
}
