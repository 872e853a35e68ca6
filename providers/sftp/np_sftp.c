/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_sftp.c: the SFTP provider's table.
 *
 * Version 3 of SFTP with OpenSSH's extensions, over libssh. It runs in the
 * program's own process: a session has a thread of its own, and libssh keeps
 * nothing that two sessions share but what OpenSSL keeps. Nothing waits for a
 * server but in poll, so that neither a deadline nor a cancel needs a process
 * that can be killed.
 *
 * Where stat, open, truncate, chmod, chown, utimens and statvfs find a symbolic
 * link in the last place they follow it, as their POSIX namesakes do; the server
 * does that.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/sftp/sftp_attr.h"
#include "providers/sftp/sftp_browse.h"
#include "providers/sftp/sftp_dir.h"
#include "providers/sftp/sftp_file.h"

#define DRIVER_VERSION 0x00010000u
/* Windows has no number for SFTP; those up to 0x00480000 are given away. */
#define NET_TYPE       0x00530000u

/* Carries out a file operation between entering and leaving its session. */
#define WITHIN(session, operation)                                                                 \
    do {                                                                                           \
        struct sftp_op op;                                                                         \
        int rc = sftp_op_begin(session, call, &op);                                                \
                                                                                                   \
        return (int)sftp_op_end(&op, rc ? rc : (operation));                                       \
    } while (0)

/* The same for one on an open file. */
#define WITHIN_FILE(type, operation)                                                               \
    do {                                                                                           \
        struct sftp_op op;                                                                         \
                                                                                                   \
        sftp_op_begin_on(session, ((struct sftp_file *)file)->line, call, &op);                    \
        return (type)sftp_op_end(&op, (operation));                                                \
    } while (0)

static uint32_t sftp_init(const struct mpr_host *host, const struct mpr_option *options,
                          char *error, size_t error_size, void **ret_state) {
    struct sftp_state *state = calloc(1, sizeof *state);
    uint32_t code;

    if (!state)
        return ERROR_NOT_ENOUGH_MEMORY;
    state->host = host;
    code = sftp_option_read(options, &state->options, error, error_size);
    if (code != NO_ERROR)
        free(state);
    else
        *ret_state = state;
    return code;
}

static void sftp_fini(void *state) {
    free(state);
}

static int sftp_recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    struct sftp_name name;
    char key[MPR_KEY_MAX];

    (void)state;
    if (!sftp_name_parse(remote, &name) || !sftp_name_key(&name, key, sizeof key))
        return 0;
    ret->type = name.path[0] ? RESOURCETYPE_DISK : RESOURCETYPE_ANY;
    /* The least: how many components name what is connected to only the caller knows. */
    ret->depth = !name.path[0] ? 0 : name.path[1] ? 2 : 1;
    memcpy(ret->key, key, strlen(key) + 1);
    return 1;
}

static int sftp_endpoint(void *state, const char *remote, char *host, size_t size,
                         uint16_t *ret_port) {
    struct sftp_name name;

    (void)state;
    if (!sftp_name_parse(remote, &name) || strlen(name.host) >= size)
        return 0;
    memcpy(host, name.host, strlen(name.host) + 1);
    *ret_port = name.port;
    return 1;
}

/* Tells the host why, and returns the answer. Of a name that merely is another's there is
 * nothing to say. */
static enum mpr_answer explain(const struct sftp_state *state, const struct mpr_call *call,
                               const struct sftp_failure *failure, uint32_t *ret_code) {
    if (failure->text[0])
        state->host->set_error(call, failure->native, failure->text);
    *ret_code = failure->code;
    return failure->answer;
}

static enum mpr_answer sftp_connect(void *state, const struct mpr_call *call,
                                    const struct mpr_connect *args, void **ret_session,
                                    uint32_t *ret_code) {
    struct sftp_failure failure;
    struct sftp_session *session = sftp_session_connect(state, call, args, &failure);

    if (!session)
        return explain(state, call, &failure, ret_code);
    *ret_session = session;
    return MPR_DONE;
}

/* Every request that was answered is done: there is nothing to wait for. */
static uint32_t sftp_disconnect(void *session, const struct mpr_call *call, int force) {
    (void)call;
    (void)force;
    sftp_session_end(session);
    return NO_ERROR;
}

static void sftp_abort(void *session) {
    sftp_session_abort(session);
}

static uint32_t sftp_user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    const struct sftp_session *entered = session;
    size_t length = strlen(entered->user) + 1;

    (void)call;
    if (length > size)
        return ERROR_MORE_DATA;
    memcpy(buffer, entered->user, length);
    return NO_ERROR;
}

static enum mpr_answer sftp_list(void *state, const struct mpr_call *call, const char *container,
                                 uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                 uint32_t *ret_code) {
    struct sftp_failure failure;

    if (!sftp_browse_list(state, call, container, type, usage, fn, context, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static enum mpr_answer sftp_parent(void *state, const struct mpr_call *call, const char *remote,
                                   mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct sftp_failure failure;

    if (!sftp_browse_parent(remote, fn, context, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static enum mpr_answer sftp_information(void *state, const struct mpr_call *call,
                                        const char *remote, uint32_t type, mpr_resource_fn fn,
                                        void *context, size_t *ret_rest, uint32_t *ret_code) {
    struct sftp_failure failure;

    if (!sftp_browse_information(state, call, remote, type, fn, context, ret_rest, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static uint32_t sftp_performance(void *session, const struct mpr_call *call,
                                 struct mpr_performance *ret) {
    struct sftp_op op;
    int rc = sftp_op_begin(session, call, &op);

    if (rc)
        op.session->state->host->set_error(call, (uint32_t)-rc,
                                           "The connection to the SSH server is lost.");
    return (uint32_t)sftp_op_end(&op,
                                 rc ? ERROR_NETNAME_DELETED : sftp_session_performance(&op, ret));
}

static int sftp_op_open(void *session, const struct mpr_call *call, const char *path, int flags,
                        uint32_t mode, void **ret_file) {
    WITHIN(session, sftp_file_open(&op, path, flags, mode, ret_file));
}

static int sftp_op_close(void *session, const struct mpr_call *call, void *file) {
    WITHIN_FILE(int, sftp_file_close(&op, file));
}

static int64_t sftp_op_pread(void *session, const struct mpr_call *call, void *file, void *data,
                             size_t size, uint64_t offset) {
    WITHIN_FILE(int64_t, sftp_file_read(&op, file, data, size, offset));
}

static int64_t sftp_op_pwrite(void *session, const struct mpr_call *call, void *file,
                              const void *data, size_t size, uint64_t offset) {
    WITHIN_FILE(int64_t, sftp_file_write(&op, file, data, size, offset));
}

static int sftp_op_fsync(void *session, const struct mpr_call *call, void *file) {
    WITHIN_FILE(int, sftp_file_sync(&op, file));
}

static int sftp_op_truncate(void *session, const struct mpr_call *call, const char *path,
                            void *file, uint64_t size) {
    if (file)
        WITHIN_FILE(int, sftp_file_truncate(&op, file, size));
    WITHIN(session, sftp_attr_truncate(&op, path, size));
}

static int sftp_op_stat(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_stat *ret) {
    WITHIN(session, sftp_attr_stat(&op, path, ret));
}

static int sftp_op_lstat(void *session, const struct mpr_call *call, const char *path,
                         struct mpr_stat *ret) {
    WITHIN(session, sftp_attr_lstat(&op, path, ret));
}

static int sftp_op_fstat(void *session, const struct mpr_call *call, void *file,
                         struct mpr_stat *ret) {
    WITHIN_FILE(int, sftp_file_stat(&op, file, ret));
}

static int sftp_op_readdir(void *session, const struct mpr_call *call, const char *path,
                           mpr_dirent_fn fn, void *context) {
    WITHIN(session, sftp_dir_readdir(&op, path, fn, context));
}

static int sftp_op_mkdir(void *session, const struct mpr_call *call, const char *path,
                         uint32_t mode) {
    WITHIN(session, sftp_dir_mkdir(&op, path, mode));
}

static int sftp_op_rmdir(void *session, const struct mpr_call *call, const char *path) {
    WITHIN(session, sftp_dir_rmdir(&op, path));
}

static int sftp_op_unlink(void *session, const struct mpr_call *call, const char *path) {
    WITHIN(session, sftp_dir_unlink(&op, path));
}

static int sftp_op_rename(void *session, const struct mpr_call *call, const char *from,
                          const char *to) {
    WITHIN(session, sftp_dir_rename(&op, from, to));
}

static int sftp_op_link(void *session, const struct mpr_call *call, const char *from,
                        const char *to) {
    WITHIN(session, sftp_dir_link(&op, from, to));
}

static int sftp_op_symlink(void *session, const struct mpr_call *call, const char *target,
                           const char *path) {
    WITHIN(session, sftp_dir_symlink(&op, target, path));
}

static int sftp_op_readlink(void *session, const struct mpr_call *call, const char *path,
                            char *buffer, size_t size) {
    WITHIN(session, sftp_dir_readlink(&op, path, buffer, size));
}

static int sftp_op_chmod(void *session, const struct mpr_call *call, const char *path,
                         uint32_t mode) {
    WITHIN(session, sftp_attr_chmod(&op, path, mode));
}

static int sftp_op_chown(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                         uint32_t gid) {
    WITHIN(session, sftp_attr_chown(&op, path, uid, gid));
}

static int sftp_op_utimens(void *session, const struct mpr_call *call, const char *path,
                           int64_t atime_ns, int64_t mtime_ns) {
    WITHIN(session, sftp_attr_utimens(&op, path, atime_ns, mtime_ns));
}

static int sftp_op_statvfs(void *session, const struct mpr_call *call, const char *path,
                           struct mpr_statvfs *ret) {
    WITHIN(session, sftp_attr_statvfs(&op, path, ret));
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE | MPR_PROVIDER_CREDENTIALS,
    .name = "SFTP Network",
    .net_type = NET_TYPE,
    .driver_version = DRIVER_VERSION,
    .max_io = MPR_MAX_IO,
    .init = sftp_init,
    .fini = sftp_fini,
    .recognise = sftp_recognise,
    .connect = sftp_connect,
    .disconnect = sftp_disconnect,
    .abort = sftp_abort,
    .user = sftp_user,
    .list = sftp_list,
    .parent = sftp_parent,
    .information = sftp_information,
    .performance = sftp_performance,
    .open = sftp_op_open,
    .close = sftp_op_close,
    .pread = sftp_op_pread,
    .pwrite = sftp_op_pwrite,
    .fsync = sftp_op_fsync,
    .truncate = sftp_op_truncate,
    .stat = sftp_op_stat,
    .fstat = sftp_op_fstat,
    .readdir = sftp_op_readdir,
    .mkdir = sftp_op_mkdir,
    .rmdir = sftp_op_rmdir,
    .unlink = sftp_op_unlink,
    .rename = sftp_op_rename,
    .link = sftp_op_link,
    .symlink = sftp_op_symlink,
    .readlink = sftp_op_readlink,
    .chmod = sftp_op_chmod,
    .chown = sftp_op_chown,
    .utimens = sftp_op_utimens,
    .statvfs = sftp_op_statvfs,
    .lstat = sftp_op_lstat,
    .endpoint = sftp_endpoint,
};

MPR_PROVIDER_DEFINE(&table)
