/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_nfs.c: the NFS provider's table.
 *
 * Version 3 over TCP with AUTH_UNIX, on libnfs's asynchronous raw interface.
 * Where stat, open, truncate, chmod, chown, utimens, statvfs and readdir find a
 * symbolic link in the last place they follow it, as their POSIX namesakes do;
 * nfs_walk.h says how far.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>
#include <mpr/wnnc.h>

#include "providers/nfs/nfs_attr.h"
#include "providers/nfs/nfs_browse.h"
#include "providers/nfs/nfs_dir.h"
#include "providers/nfs/nfs_file.h"
#include "providers/nfs/nfs_option.h"
#include "providers/nfs/nfs_walk.h"

#define DRIVER_VERSION 0x00010000u

/* Carries out a file operation between entering and leaving its session. */
#define WITHIN(session, operation)                                                                 \
    do {                                                                                           \
        struct nfs_session *within = nfs_session_enter(session);                                   \
        int rc = (operation);                                                                      \
                                                                                                   \
        return nfs_session_leave(within, rc);                                                      \
    } while (0)

/* The same for one that makes or removes names in a directory. If what was known of that was
 * too old, the server has done nothing yet. */
#define WITHIN_DIRECTORY(session, operation)                                                       \
    do {                                                                                           \
        struct nfs_session *within = nfs_session_enter(session);                                   \
        int rc = (operation);                                                                      \
                                                                                                   \
        if (rc == -ESTALE && nfs_known_forget_all(&within->known))                                 \
            rc = (operation);                                                                      \
        return nfs_session_leave(within, rc);                                                      \
    } while (0)

static uint32_t nfs_init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                         size_t error_size, void **ret_state) {
    struct nfs_state *state = calloc(1, sizeof *state);
    uint32_t code;

    if (!state)
        return ERROR_NOT_ENOUGH_MEMORY;
    state->host = host;
    code = nfs_option_read(options, &state->options, error, error_size);
    if (code != NO_ERROR)
        free(state);
    else
        *ret_state = state;
    return code;
}

static void nfs_fini(void *state) {
    free(state);
}

static int nfs_recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    struct nfs_name name;
    char key[MPR_KEY_MAX];

    (void)state;
    if (!nfs_name_parse(remote, &name) || !nfs_name_key(&name, key, sizeof key))
        return 0;
    ret->type = name.path[0] ? RESOURCETYPE_DISK : RESOURCETYPE_ANY;
    /* The least: how many components name the export only the server knows. */
    ret->depth = !name.path[0] ? 0 : name.path[1] ? 2 : 1;
    memcpy(ret->key, key, strlen(key) + 1);
    return 1;
}

/* Whoever must be asked for the ports is spoken to first. */
static int nfs_endpoint(void *state, const char *remote, char *host, size_t size,
                        uint16_t *ret_port) {
    struct nfs_name name;

    (void)state;
    if (!nfs_name_parse(remote, &name) || strlen(name.host) >= size)
        return 0;
    memcpy(host, name.host, strlen(name.host) + 1);
    *ret_port = name.nfs_port && name.mount_port ? name.mount_port : NFS_PORT_MAPPER;
    return 1;
}

/* Tells the host why, if there is more to say than the code, and returns the answer. */
static enum mpr_answer explain(const struct nfs_state *state, const struct mpr_call *call,
                               const struct nfs_failure *failure, uint32_t *ret_code) {
    if (failure->text[0])
        state->host->set_error(call, failure->native, failure->text);
    *ret_code = failure->code;
    return failure->answer;
}

static enum mpr_answer nfs_connect(void *state, const struct mpr_call *call,
                                   const struct mpr_connect *args, void **ret_session,
                                   uint32_t *ret_code) {
    struct nfs_failure failure;
    struct nfs_session *session = nfs_session_connect(state, call, args, &failure);

    if (!session)
        return explain(state, call, &failure, ret_code);
    *ret_session = session;
    return MPR_DONE;
}

/* The mount service is told by way of politeness: nothing depends on it. */
static uint32_t nfs_disconnect(void *session, const struct mpr_call *call, int force) {
    struct nfs_session *ending = session;

    if (!force)
        nfs_session_unmount(ending, call);
    nfs_line_abort(ending->line);
    nfs_session_leave(ending, 0);
    return NO_ERROR;
}

static void nfs_abort(void *session) {
    nfs_line_abort(((struct nfs_session *)session)->line);
}

static uint32_t nfs_user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    return nfs_session_user(session, buffer, size);
}

static enum mpr_answer nfs_list(void *state, const struct mpr_call *call, const char *container,
                                uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                uint32_t *ret_code) {
    struct nfs_failure failure;

    if (!nfs_browse_list(state, call, container, type, usage, fn, context, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static enum mpr_answer nfs_parent(void *state, const struct mpr_call *call, const char *remote,
                                  mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct nfs_failure failure;

    if (!nfs_browse_parent(remote, fn, context, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static enum mpr_answer nfs_information(void *state, const struct mpr_call *call, const char *remote,
                                       uint32_t type, mpr_resource_fn fn, void *context,
                                       size_t *ret_rest, uint32_t *ret_code) {
    struct nfs_failure failure;

    if (!nfs_browse_information(state, call, remote, type, fn, context, ret_rest, &failure))
        return explain(state, call, &failure, ret_code);
    return MPR_DONE;
}

static uint32_t nfs_universal(void *state, const struct mpr_call *call, const char *device,
                              const char *remote, const char *path, char *buffer, size_t size) {
    struct nfs_failure failure;
    uint32_t code = NO_ERROR;

    (void)device;
    if (!nfs_browse_universal(remote, path, buffer, size, &failure))
        explain(state, call, &failure, &code);
    return code;
}

static uint32_t nfs_performance(void *session, const struct mpr_call *call,
                                struct mpr_performance *ret) {
    struct nfs_session *entered = nfs_session_enter(session);
    uint32_t code = nfs_session_performance(entered, call, ret);

    nfs_session_leave(entered, 0);
    return code;
}

static int nfs_op_open(void *session, const struct mpr_call *call, const char *path, int flags,
                       uint32_t mode, void **ret_file) {
    WITHIN_DIRECTORY(session, nfs_file_open(within, call, path, flags, mode, ret_file));
}

static int nfs_op_close(void *session, const struct mpr_call *call, void *file) {
    WITHIN(session, nfs_file_close(file, call));
}

static int64_t nfs_op_pread(void *session, const struct mpr_call *call, void *file, void *data,
                            size_t size, uint64_t offset) {
    struct nfs_session *entered = nfs_session_enter(session);
    int64_t got = nfs_file_read(file, call, data, size, offset);

    nfs_session_leave(entered, 0);
    return got;
}

static int64_t nfs_op_pwrite(void *session, const struct mpr_call *call, void *file,
                             const void *data, size_t size, uint64_t offset) {
    struct nfs_session *entered = nfs_session_enter(session);
    int64_t written = nfs_file_write(file, call, data, size, offset);

    nfs_session_leave(entered, 0);
    return written;
}

/* With nothing to commit nobody is asked; but a session that was aborted is of no more use. */
static int commit(const struct nfs_session *session, const struct mpr_call *call,
                  const struct nfs_file *file) {
    return atomic_load(&session->line->aborted) ? -ENOTCONN : nfs_inode_commit(file->inode, call);
}

static int nfs_op_fsync(void *session, const struct mpr_call *call, void *file) {
    WITHIN(session, commit(within, call, file));
}

static int nfs_op_truncate(void *session, const struct mpr_call *call, const char *path, void *file,
                           uint64_t size) {
    WITHIN(session, file ? nfs_file_truncate(file, call, size)
                         : nfs_attr_truncate(within, call, path, size));
}

static int nfs_op_stat(void *session, const struct mpr_call *call, const char *path,
                       struct mpr_stat *ret) {
    WITHIN(session, nfs_attr_stat(within, call, path, true, ret));
}

static int nfs_op_lstat(void *session, const struct mpr_call *call, const char *path,
                        struct mpr_stat *ret) {
    WITHIN(session, nfs_attr_stat(within, call, path, false, ret));
}

static int nfs_op_fstat(void *session, const struct mpr_call *call, void *file,
                        struct mpr_stat *ret) {
    WITHIN(session, nfs_file_stat(file, call, ret));
}

static int nfs_op_readdir(void *session, const struct mpr_call *call, const char *path,
                          mpr_dirent_fn fn, void *context) {
    WITHIN(session, nfs_dir_read(within, call, path, fn, context));
}

static int nfs_op_mkdir(void *session, const struct mpr_call *call, const char *path,
                        uint32_t mode) {
    WITHIN_DIRECTORY(session, nfs_dir_mkdir(within, call, path, mode));
}

static int nfs_op_rmdir(void *session, const struct mpr_call *call, const char *path) {
    WITHIN_DIRECTORY(session, nfs_dir_rmdir(within, call, path));
}

static int nfs_op_unlink(void *session, const struct mpr_call *call, const char *path) {
    WITHIN_DIRECTORY(session, nfs_dir_unlink(within, call, path));
}

static int nfs_op_rename(void *session, const struct mpr_call *call, const char *from,
                         const char *to) {
    WITHIN_DIRECTORY(session, nfs_dir_rename(within, call, from, to));
}

static int nfs_op_link(void *session, const struct mpr_call *call, const char *from,
                       const char *to) {
    WITHIN_DIRECTORY(session, nfs_dir_link(within, call, from, to));
}

static int nfs_op_symlink(void *session, const struct mpr_call *call, const char *target,
                          const char *path) {
    WITHIN_DIRECTORY(session, nfs_dir_symlink(within, call, target, path));
}

static int nfs_op_readlink(void *session, const struct mpr_call *call, const char *path,
                           char *buffer, size_t size) {
    WITHIN(session, nfs_dir_readlink(within, call, path, buffer, size));
}

static int nfs_op_chmod(void *session, const struct mpr_call *call, const char *path,
                        uint32_t mode) {
    WITHIN(session, nfs_attr_chmod(within, call, path, mode));
}

static int nfs_op_chown(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                        uint32_t gid) {
    WITHIN(session, nfs_attr_chown(within, call, path, uid, gid));
}

static int nfs_op_utimens(void *session, const struct mpr_call *call, const char *path,
                          int64_t atime_ns, int64_t mtime_ns) {
    WITHIN(session, nfs_attr_utimens(within, call, path, atime_ns, mtime_ns));
}

static int nfs_op_statvfs(void *session, const struct mpr_call *call, const char *path,
                          struct mpr_statvfs *ret) {
    WITHIN(session, nfs_attr_statvfs(within, call, path, ret));
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE | MPR_PROVIDER_RECONNECTS,
    .name = "NFS Network",
    .net_type = WNNC_NET_MS_NFS,
    .driver_version = DRIVER_VERSION,
    .max_io = MPR_MAX_IO,
    .init = nfs_init,
    .fini = nfs_fini,
    .recognise = nfs_recognise,
    .connect = nfs_connect,
    .disconnect = nfs_disconnect,
    .abort = nfs_abort,
    .user = nfs_user,
    .list = nfs_list,
    .parent = nfs_parent,
    .information = nfs_information,
    .performance = nfs_performance,
    .open = nfs_op_open,
    .close = nfs_op_close,
    .pread = nfs_op_pread,
    .pwrite = nfs_op_pwrite,
    .fsync = nfs_op_fsync,
    .truncate = nfs_op_truncate,
    .stat = nfs_op_stat,
    .fstat = nfs_op_fstat,
    .readdir = nfs_op_readdir,
    .mkdir = nfs_op_mkdir,
    .rmdir = nfs_op_rmdir,
    .unlink = nfs_op_unlink,
    .rename = nfs_op_rename,
    .link = nfs_op_link,
    .symlink = nfs_op_symlink,
    .readlink = nfs_op_readlink,
    .chmod = nfs_op_chmod,
    .chown = nfs_op_chown,
    .utimens = nfs_op_utimens,
    .statvfs = nfs_op_statvfs,
    .universal = nfs_universal,
    .lstat = nfs_op_lstat,
    .endpoint = nfs_endpoint,
};

MPR_PROVIDER_DEFINE(&table)
