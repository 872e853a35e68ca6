/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rogue.c: a provider that does what one must not do: it crashes, exits, hangs,
 * and writes to its host's sockets, when the name of a share or a file says so.
 * For the tests of worker processes.
 *
 *   \\rogue\NAME   connects. crash, exit, hang, lost do that in connect; locked
 *                  wants the password "sesame"; once lets nobody in again; barred and
 *                  shut have nobody in the second time, for other reasons than that
 *   options        log=FILE gets a line for each connect; port=N is a TCP server
 *                  for the file socket; refuse and crash act in init
 *   files          crash, exit-N, hang, nap, garbage, forged, severed, lost, liar, socket;
 *                  frail-N: crashes unless there were N connects by then;
 *                  endless: of a pattern; steady, changing: of 1000 bytes of it
 *   directories    many-N
 *   statvfs        says in files how many are open
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

#define LENGTH 1000

struct file {
    struct file *next;
    char name[64];
    int socket;
};

struct session {
    char share[64];
    void *host_connection;
    struct file *files;
};

static const struct mpr_host *host;
static bool severed; /* the server is lost, for good in this process */
static char log_path[4096];
static int port;

static uint32_t rogue_init(const struct mpr_host *given, const struct mpr_option *options,
                           char *error, size_t error_size, void **ret_state) {
    host = given;
    for (; options && options->name; options++) {
        if (strcmp(options->name, "log") == 0)
            snprintf(log_path, sizeof log_path, "%s", options->value);
        if (strcmp(options->name, "port") == 0)
            port = (int)strtol(options->value, NULL, 10);
        if (strcmp(options->name, "crash") == 0)
            kill(getpid(), SIGSEGV);
        if (strcmp(options->name, "refuse") == 0) {
            snprintf(error, error_size, "the option %s says so.", options->name);
            return ERROR_INVALID_DATA;
        }
    }
    *ret_state = NULL;
    return NO_ERROR;
}

static int rogue_recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    if (strncmp(remote, "\\\\rogue\\", 8) != 0)
        return 0;
    ret->depth = 2;
    snprintf(ret->key, sizeof ret->key, "rogue/%s", remote + 8);
    return 1;
}

/* Writes to everything that might lead to the host. */
static void write_everywhere(const void *data, size_t size) {
    for (int fd = 3; fd < 64; fd++) {
        int type;
        socklen_t type_size = sizeof type;

        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_SEQPACKET)
            send(fd, data, size, MSG_NOSIGNAL);
    }
}

static int count_connects(void) {
    int fd = open(log_path, O_RDONLY | O_CLOEXEC);
    int count = 0;
    char byte;

    while (fd >= 0 && read(fd, &byte, 1) == 1)
        count++;
    if (fd >= 0)
        close(fd);
    return count;
}

static void misbehave(const char *name) {
    static const unsigned char garbage[] = "This is no message of yours.";
    static const uint32_t forged[32] = {10, 4711};

    if (strcmp(name, "crash") == 0)
        kill(getpid(), SIGSEGV);
    if (strncmp(name, "frail-", 6) == 0 && count_connects() < strtol(name + 6, NULL, 10))
        kill(getpid(), SIGKILL);
    if (strncmp(name, "exit", 4) == 0)
        _exit(name[4] ? (int)strtol(name + 5, NULL, 10) : 0);
    while (strcmp(name, "hang") == 0)
        pause();
    if (strcmp(name, "nap") == 0)
        sleep(3);
    if (strcmp(name, "garbage") == 0)
        write_everywhere(garbage, sizeof garbage);
    if (strcmp(name, "forged") == 0)
        write_everywhere(forged, sizeof forged);
}

/* ---- sessions */

/* Returns how many there were before. */
static int note_connect(void) {
    int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int count = count_connects();

    if (fd < 0)
        return 0;
    if (write(fd, "+", 1) != 1)
        count = 0;
    close(fd);
    return count;
}

/* Not this time. */
static uint32_t refuse(const char *share, int connects) {
    if (connects != 1)
        return NO_ERROR;
    if (strcmp(share, "barred") == 0)
        return ERROR_ACCESS_DENIED;
    return strcmp(share, "shut") == 0 ? ERROR_NETNAME_DELETED : NO_ERROR;
}

static int is_welcome(const struct mpr_call *call, const char *share, int connects) {
    char secret[MPR_SECRET_MAX] = "";
    int right;

    if (strcmp(share, "once") == 0)
        return connects == 0;
    if (strcmp(share, "locked") != 0)
        return 1;
    right = host->secret(call, secret, sizeof secret) == 1 && strcmp(secret, "sesame") == 0;
    explicit_bzero(secret, sizeof secret);
    return right;
}

static enum mpr_answer rogue_connect(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    const char *share = args->remote + 8;
    struct session *session;
    int connects;

    (void)state;
    misbehave(share);
    if (strcmp(share, "lost") == 0)
        host->connection_lost(args->host_connection, 77);
    connects = note_connect();
    *ret_code = refuse(share, connects);
    if (*ret_code != NO_ERROR)
        return MPR_MINE_FAILED;
    if (!is_welcome(call, share, connects)) {
        host->set_error(call, 0xc000006du, "The password is wrong.");
        *ret_code = ERROR_LOGON_FAILURE;
        return MPR_MINE_FAILED;
    }
    session = calloc(1, sizeof *session);
    if (!session) {
        *ret_code = ERROR_NOT_ENOUGH_MEMORY;
        return MPR_MINE_FAILED;
    }
    snprintf(session->share, sizeof session->share, "%s", share);
    session->host_connection = args->host_connection;
    *ret_session = session;
    return MPR_DONE;
}

static void free_file(struct session *session, struct file *file) {
    struct file **at = &session->files;

    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    if (file->socket >= 0)
        close(file->socket);
    free(file);
}

static uint32_t rogue_disconnect(void *session_, const struct mpr_call *call, int force) {
    struct session *session = session_;

    (void)call;
    if (strcmp(session->share, "sticky") == 0 && !force)
        return ERROR_DEVICE_IN_USE;
    if (strcmp(session->share, "slow-end") == 0)
        misbehave("hang");
    while (session->files)
        free_file(session, session->files);
    free(session);
    return NO_ERROR;
}

static uint32_t rogue_user(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    (void)session;
    snprintf(buffer, size, "%u:%u", call->uid, call->gid);
    return NO_ERROR;
}

static enum mpr_answer rogue_list(void *state, const struct mpr_call *call, const char *container,
                                  uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                  uint32_t *ret_code) {
    char remote[64];
    struct mpr_resource entry = {.size = sizeof entry, .type = type, .usage = usage};

    (void)state;
    if (!container) {
        host->set_error(call, 5, "No network below nothing.");
        *ret_code = ERROR_NOT_CONTAINER;
        return MPR_NOT_MINE;
    }
    entry.remote = remote;
    for (int i = 0; i < 5000; i++) {
        snprintf(remote, sizeof remote, "\\\\rogue\\%s%d", container, i);
        if (fn(context, &entry))
            break;
    }
    return MPR_DONE;
}

/* ---- files */

static void pattern(unsigned char *data, size_t size, uint64_t offset) {
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)((offset + i) * 2654435761u >> 13);
}

static int rogue_open(void *session_, const struct mpr_call *call, const char *path, int flags,
                      uint32_t mode, void **ret_file) {
    struct session *session = session_;
    struct file *file;

    (void)call;
    (void)flags;
    (void)mode;
    if (strcmp(path, "absent") == 0)
        return -ENOENT;
    file = calloc(1, sizeof *file);
    if (!file)
        return -ENOMEM;
    snprintf(file->name, sizeof file->name, "%s", path);
    file->socket = -1;
    file->next = session->files;
    session->files = file;
    *ret_file = file;
    return 0;
}

static int rogue_close(void *session, const struct mpr_call *call, void *file) {
    (void)call;
    free_file(session, file);
    return 0;
}

/* From the server of the option port: until all is there, or the connection is cut. */
static int64_t read_socket(struct file *file, void *data, size_t size) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    ssize_t got;

    if (file->socket < 0) {
        file->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(file->socket, (struct sockaddr *)&to, sizeof to))
            return -ECONNREFUSED;
    }
    got = recv(file->socket, data, size, MSG_WAITALL);
    return got == (ssize_t)size ? got : -ECONNABORTED;
}

static int64_t rogue_pread(void *session, const struct mpr_call *call, void *file_, void *data,
                           size_t size, uint64_t offset) {
    struct file *file = file_;

    (void)session;
    (void)call;
    misbehave(file->name);
    if (severed)
        return -ENOTCONN;
    if (strcmp(file->name, "liar") == 0)
        return (int64_t)size + 1;
    if (strcmp(file->name, "socket") == 0)
        return read_socket(file, data, size);
    if (strcmp(file->name, "endless") != 0) {
        if (offset >= LENGTH)
            return 0;
        if (size > LENGTH - offset)
            size = LENGTH - (size_t)offset;
    }
    pattern(data, size, offset);
    return (int64_t)size;
}

static int64_t rogue_pwrite(void *session, const struct mpr_call *call, void *file,
                            const void *data, size_t size, uint64_t offset) {
    const unsigned char *bytes = data;
    unsigned char right;

    (void)session;
    (void)call;
    (void)file;
    for (size_t i = 0; i < size; i++) {
        pattern(&right, 1, offset + i);
        if (bytes[i] != right)
            return -EILSEQ;
    }
    return (int64_t)size;
}

static int rogue_stat(void *session_, const struct mpr_call *call, const char *path,
                      struct mpr_stat *ret) {
    struct session *session = session_;

    misbehave(path);
    if (severed)
        return -ENOTCONN;
    if (strcmp(path, "severed") == 0)
        severed = true;
    if (strcmp(path, "lost") == 0)
        host->connection_lost(session->host_connection, 77);
    if (strcmp(path, "absent") == 0)
        return -ENOENT;
    if (strcmp(path, "explained") == 0)
        host->set_error(call, 99, "It was explained.");
    if (strcmp(path, "explained") == 0)
        return -EXDEV;
    *ret = (struct mpr_stat){
        .ino = 7,
        .size = LENGTH,
        .mtime_ns = strcmp(path, "changing") == 0 ? getpid() : 1,
        .mode = S_IFREG | 0644,
        .nlink = 1,
        .valid = MPR_STAT_INO,
    };
    return 0;
}

static int rogue_fstat(void *session, const struct mpr_call *call, void *file_,
                       struct mpr_stat *ret) {
    const struct file *file = file_;

    return rogue_stat(session, call, file->name, ret);
}

static int rogue_truncate(void *session, const struct mpr_call *call, const char *path, void *file,
                          uint64_t size) {
    (void)session;
    (void)call;
    if (file)
        return size == 42 ? 0 : -EFBIG;
    return path && size == 43 ? 0 : -EFBIG;
}

static int rogue_readdir(void *session, const struct mpr_call *call, const char *path,
                         mpr_dirent_fn fn, void *context) {
    struct mpr_stat facts = {.mode = S_IFREG | 0644, .nlink = 1};
    long count = strncmp(path, "many-", 5) == 0 ? strtol(path + 5, NULL, 10) : -1;
    char name[64];

    (void)session;
    (void)call;
    misbehave(path);
    if (count < 0)
        return -ENOENT;
    for (long i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%ld: one name of the many that there are here", i);
        facts.ino = (uint64_t)i;
        facts.size = (uint64_t)i * 3;
        if (fn(context, name, &facts))
            return 0;
    }
    return 0;
}

static int rogue_rename(void *session, const struct mpr_call *call, const char *from,
                        const char *to) {
    (void)session;
    (void)call;
    misbehave(from);
    if (severed)
        return -ENOTCONN;
    return strcmp(from, "from") == 0 && strcmp(to, "to") == 0 ? 0 : -EXDEV;
}

static int rogue_utimens(void *session, const struct mpr_call *call, const char *path,
                         int64_t atime_ns, int64_t mtime_ns) {
    (void)session;
    (void)call;
    (void)path;
    return atime_ns == MPR_TIME_OMIT && mtime_ns == -5 ? 0 : -ERANGE;
}

static int rogue_readlink(void *session, const struct mpr_call *call, const char *path,
                          char *buffer, size_t size) {
    size_t length = strlen(path);

    (void)session;
    (void)call;
    if (length >= size)
        return -ERANGE;
    memcpy(buffer, path, length + 1);
    return 0;
}

static int rogue_statvfs(void *session_, const struct mpr_call *call, const char *path,
                         struct mpr_statvfs *ret) {
    const struct session *session = session_;

    (void)call;
    (void)path;
    *ret = (struct mpr_statvfs){.block_size = 512, .blocks = 1u << 20, .name_max = 255};
    for (const struct file *file = session->files; file; file = file->next)
        ret->files++;
    return 0;
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_OWN_PROCESS,
    .name = "Rogue Network",
    .net_type = 0x00990000,
    .max_io = MPR_MAX_IO,
    .init = rogue_init,
    .recognise = rogue_recognise,
    .connect = rogue_connect,
    .disconnect = rogue_disconnect,
    .user = rogue_user,
    .list = rogue_list,
    .open = rogue_open,
    .close = rogue_close,
    .pread = rogue_pread,
    .pwrite = rogue_pwrite,
    .truncate = rogue_truncate,
    .stat = rogue_stat,
    .fstat = rogue_fstat,
    .readdir = rogue_readdir,
    .rename = rogue_rename,
    .utimens = rogue_utimens,
    .readlink = rogue_readlink,
    .statvfs = rogue_statvfs,
};

MPR_PROVIDER_DEFINE(&table)
