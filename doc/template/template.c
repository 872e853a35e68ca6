/* SPDX-License-Identifier: 0BSD */
/* template.c: a provider to start from. template://docs is the directory docs in its option "root".
 * Put your protocol in its place: mpr-provider-guide(7). One call comes at a time: no locks. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <mpr/provider.h>
#include <mpr/winnetwk.h>

struct network {
    const struct mpr_host *host;
    char root[4096];
};
struct session {
    int dir;
    atomic_bool aborted; /* abort comes from any thread, as recognise does */
    fd_set files;        /* the descriptors of open files, which end with the session */
};

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    struct network *network = calloc(1, sizeof *network);
    if (!network) return ERROR_NOT_ENOUGH_MEMORY;
    network->host = host;
    for (; options->name; options++)
        if (strcmp(options->name, "root") == 0)
            snprintf(network->root, sizeof network->root, "%s", options->value);
    if (network->root[0] == '/') return *ret_state = network, NO_ERROR;
    snprintf(error, error_size, "the option root, \"%s\", is no absolute path", network->root);
    return free(network), ERROR_INVALID_PARAMETER;
}

/* Is this UTF-8 without control characters? */
static int is_text(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        int two = c[0] << 8 | c[1], more = *c < 0x80 ? 0 : *c > 0xc1 && *c < 0xe0 ? 1
            : two >= 0xe0a0 && two <= 0xefbf && two >> 5 != 0xeda0 >> 5 ? 2
            : two >= 0xf090 && two <= 0xf48f ? 3 : -1;
        if (more < 0 || *c < ' ' || *c == 0x7f) return 0;
        while (more-- > 0) if ((*++c & 0xc0) != 0x80) return 0;
    }
    return 1;
}

/* By syntax alone: template://share[/directory...]. What begins with a dot is no resource. */
static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    const char *key = strncmp(remote, "template://", 11) == 0 ? remote + 11 : "";
    (void)state;
    if (strchr("/.", *key) || strstr(key, "//") || strstr(key, "/.") || strchr(key, '\\')
        || strlen(key) >= sizeof ret->key || !is_text(key))
        return 0;
    ret->type = RESOURCETYPE_DISK;
    ret->depth = 1;
    strcpy(ret->key, key);
    if (key[strlen(key) - 1] == '/') ret->key[strlen(key) - 1] = '\0'; /* the same resource */
    return 1;
}

#define NS(time) ((time).tv_sec * 1000000000 + (time).tv_nsec)
/* Is the call to end? Who waits for a server polls its socket beside cancel_fd, to deadline_ns. */
static int check(struct session *session, const struct mpr_call *call) {
    struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return atomic_load(&session->aborted) ? -ENOTCONN : poll(&cancel, 1, 0) > 0 ? -ECANCELED
        : NS(now) >= call->deadline_ns ? -ETIMEDOUT : 0;
}
static int64_t result(int64_t value) { return value < 0 ? -errno : value; }
#define CHECKED(value) (check(session, call) ? check(session, call) : result(value))
#define DIR_OF(session) (((struct session *)(session))->dir)
#define FILE_OF(file) ((int)(intptr_t)(file))

/* Proves that the directory is there, or says why not: in words, in errno, in Win32 codes. */
static enum mpr_answer connect_dir(void *state, const struct mpr_call *call,
                                   const struct mpr_connect *args, void **ret_session,
                                   uint32_t *ret_code) {
    const uint32_t codes[][2] = {{ENETDOWN, ERROR_BAD_NETPATH}, {ETIMEDOUT, ERROR_BAD_NETPATH},
        {ENOENT, ERROR_BAD_NET_NAME}, {ENOTDIR, ERROR_BAD_NET_NAME}, {EACCES, ERROR_ACCESS_DENIED},
        {EUSERS, ERROR_BAD_USERNAME}, {ECANCELED, ERROR_CANCELLED}, {ENODEV, ERROR_BAD_DEV_TYPE},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY}};
    struct mpr_recognised is = {.key = ""};
    struct network *network = state;
    struct session *session = calloc(1, sizeof *session);
    int root = open(network->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = !session ? ENOMEM : root < 0 ? ENETDOWN : args->user ? EUSERS : 0;
    char text[8192];
    recognise(state, args->remote, &is); /* the router asks for names that it took */
    if (!error) error = args->type == RESOURCETYPE_PRINT ? ENODEV : -check(session, call);
    if (!error && (session->dir = openat(root, is.key, O_DIRECTORY | O_CLOEXEC)) < 0) error = errno;
    close(root);
    if (!error) return *ret_session = session, MPR_DONE;
    free(session);
    snprintf(text, sizeof text, "Template Network could not connect to %s as %s (%s in %s): %s.",
             args->remote, args->user ? args->user : "the default user", is.key, network->root,
             error == EUSERS ? "it knows no users" : strerrordesc_np(error));
    network->host->set_error(call, (uint32_t)error, text);
    *ret_code = ERROR_EXTENDED_ERROR;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i][0] == (uint32_t)error) *ret_code = codes[i][1];
    return *ret_code == ERROR_BAD_NETPATH ? MPR_NOT_MINE : MPR_MINE_FAILED; /* others are asked */
}

static uint32_t disconnect(void *data, const struct mpr_call *call, int force) {
    struct session *session = data;
    (void)call, (void)force; /* nothing here waits for a server */
    for (int fd = 0; fd < FD_SETSIZE; fd++)
        if (FD_ISSET(fd, &session->files)) close(fd);
    close(session->dir);
    free(session);
    return NO_ERROR;
}
static void abort_all(void *session) { atomic_store(&((struct session *)session)->aborted, 1); }

static int get_stat(void *session, const struct mpr_call *call, int dir, const char *path,
                    int flags, struct mpr_stat *ret) {
    struct stat is;
    int rc = check(session, call);
    if (rc || fstatat(dir, path, &is, flags)) return rc ? rc : -errno;
    *ret = (struct mpr_stat){
        .ino = is.st_ino, .size = (uint64_t)is.st_size, .mode = is.st_mode,
        .nlink = (uint32_t)is.st_nlink, .valid = MPR_STAT_INO | MPR_STAT_MODE,
        .atime_ns = NS(is.st_atim), .mtime_ns = NS(is.st_mtim), .ctime_ns = NS(is.st_ctim)};
    return 0;
}

static int stat_path(void *session, const struct mpr_call *call, const char *path,
                     struct mpr_stat *ret) {
    return get_stat(session, call, DIR_OF(session), path, AT_EMPTY_PATH, ret);
}

static int open_file(void *session, const struct mpr_call *call, const char *path, int flags,
                     uint32_t mode, void **ret_file) {
    struct mpr_stat is = {.mode = 0};
    int rc, fd = !*path ? -EISDIR /* O_NONBLOCK: no FIFO waits for its other end */
        : (int)CHECKED(openat(DIR_OF(session), path, flags | O_NONBLOCK | O_CLOEXEC, mode));
    rc = fd < 0 ? fd : get_stat(session, call, fd, "", AT_EMPTY_PATH, &is);
    rc = rc ? rc : S_ISDIR(is.mode) ? -EISDIR : fd >= FD_SETSIZE ? -EMFILE : 0;
    if (rc) return close(fd), rc;
    FD_SET(fd, &((struct session *)session)->files);
    *ret_file = (void *)(intptr_t)fd;
    return 0;
}
static int close_file(void *session, const struct mpr_call *call, void *file) {
    (void)call;
    FD_CLR(FILE_OF(file), &((struct session *)session)->files);
    return close(FILE_OF(file)) ? -errno : 0;
}

static int64_t read_file(void *session, const struct mpr_call *call, void *file, void *data,
                         size_t size, uint64_t offset) {
    return CHECKED(pread(FILE_OF(file), data, size, (off_t)offset));
}
static int64_t write_file(void *session, const struct mpr_call *call, void *file,
                          const void *data, size_t size, uint64_t offset) {
    return CHECKED(pwrite(FILE_OF(file), data, size, (off_t)offset));
}
static int make_dir(void *session, const struct mpr_call *call, const char *path, uint32_t mode) {
    return (int)CHECKED(mkdirat(DIR_OF(session), path, mode));
}
static int remove_dir(void *session, const struct mpr_call *call, const char *path) {
    return (int)CHECKED(unlinkat(DIR_OF(session), path, AT_REMOVEDIR));
}
static int remove_file(void *session, const struct mpr_call *call, const char *path) {
    return (int)CHECKED(unlinkat(DIR_OF(session), path, 0));
}

static int list_dir(void *session, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                    void *context) {
    int fd = openat(DIR_OF(session), *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    int rc = dir ? 0 : -errno;
    struct mpr_stat is;
    for (struct dirent *at; !rc && (errno = 0, at = readdir(dir), rc = at ? 0 : -errno, at);) {
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0) continue;
        rc = get_stat(session, call, fd, at->d_name, AT_SYMLINK_NOFOLLOW, &is);
        if (!rc && fn(context, at->d_name, &is)) break;
        if (rc == -ENOENT) rc = 0; /* it was removed meanwhile */
    }
    if (dir) closedir(dir); else close(fd);
    return rc;
}

static const struct mpr_provider provider = {
    .magic = MPR_PROVIDER_MAGIC, .abi_major = MPR_PROVIDER_ABI_MAJOR, .size = sizeof provider,
    .abi_minor = MPR_PROVIDER_ABI_MINOR, .name = "Template Network", .net_type = 0x00ff0000,
    .max_io = 1048576, .init = init, .fini = free, .recognise = recognise, .connect = connect_dir,
    .disconnect = disconnect, .abort = abort_all, .open = open_file, .close = close_file,
    .pread = read_file, .pwrite = write_file, .stat = stat_path, .readdir = list_dir,
    .mkdir = make_dir, .rmdir = remove_dir, .unlink = remove_file};
MPR_PROVIDER_DEFINE(&provider)
