/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stage.c: see stage.h.
 */
#include "config.h"

#include "tests/lab/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mpr/mpr.h>

extern char **environ;

static char directory[2048];

static _Noreturn void give_up(const char *what, const char *on) {
    printf("Bail out! %s %s: %s\n", what, on, strerror(errno));
    fflush(stdout);
    _exit(99);
}

const char *stage_env(const char *name) {
    const char *value = secure_getenv(name);

    if (!value) {
        errno = ENOENT;
        give_up("environment variable", name);
    }
    return value;
}

double stage_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

const char *stage_path(const char *name) {
    static char path[4096];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

void stage_write(const char *name, const char *text) {
    const char *path = stage_path(name);
    size_t length = text ? strlen(text) : 0;
    int fd;

    if (!text) {
        if (unlink(path) < 0 && errno != ENOENT)
            give_up("unlink", path);
        return;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length || close(fd) < 0)
        give_up("write", path);
}

char *stage_read(const char *name) {
    char *text = calloc(1, 65536);
    int fd = open(stage_path(name), O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;

    if (fd >= 0) {
        got = read(fd, text, 65535);
        close(fd);
    }
    if (got < 0) {
        free(text);
        return NULL;
    }
    return text;
}

int stage_has(const char *name) {
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.so", stage_env("MPR_TEST_MODULES"), name);
    return access(path, F_OK) == 0;
}

/*
 * The module's path. The router loads what belongs to root or to this user, so
 * what somebody else has built is copied.
 */
static void find_module(const char *name, char *path, size_t size) {
    struct stat attributes;
    char file[64];
    int from, to;

    snprintf(path, size, "%s/%s.so", stage_env("MPR_TEST_MODULES"), name);
    if (stat(path, &attributes) < 0)
        give_up("stat", path);
    if (attributes.st_uid == 0 || attributes.st_uid == geteuid())
        return;
    snprintf(file, sizeof(file), "%s.so", name);
    from = open(path, O_RDONLY | O_CLOEXEC);
    to = open(stage_path(file), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    if (from < 0 || to < 0 || sendfile(to, from, NULL, (size_t)attributes.st_size) < 0)
        give_up("copy", path);
    close(from);
    close(to);
    snprintf(path, size, "%s", stage_path(file));
}

static void drop_in(const char *name, int order, const char *worker, const char *options) {
    char file[64], path[4096], text[16384], second[4200] = "";

    if (!stage_has(name))
        return;
    if (worker) {
        find_module(worker, path, sizeof(path));
        snprintf(second, sizeof(second), "\"worker_module\": \"%s\",", path);
    }
    find_module(name, path, sizeof(path));
    snprintf(file, sizeof(file), "providers.d/%02d-%s.json", order, name);
    snprintf(text, sizeof(text),
             "{\"name\": \"%s\", \"module\": \"%s\", %s \"order\": %d, \"options\": {%s}}\n", name,
             path, second, order, options ? options : "");
    stage_write(file, text);
}

/* The SFTP provider is told what the laboratory's server and its users are known by. */
static const char *with_ssh_keys(const char *options) {
    const char *keys = secure_getenv("MPR_LAB_SSH_KEYS");
    static char text[8192];

    if (!keys)
        return options;
    snprintf(text, sizeof(text),
             "\"known_hosts\": \"%s/known_hosts\", \"identity\": \"%s/root_key\"%s%s", keys, keys,
             options ? ", " : "", options ? options : "");
    return text;
}

/* ---- with MPR_SESSION=1 the router runs in a service of its own */

#define SERVICE_END_MS 20000

static int has_service(void) {
    const char *session = secure_getenv("MPR_SESSION");

    return session && strcmp(session, "1") == 0;
}

void stage_service_start(void) {
    const char *program = stage_env("MPR_MPRD_PROGRAM");
    char name[] = "mprd", background[] = "--background", root[] = "--root";
    char *const arguments[] = {name, background, root, directory, NULL};
    pid_t pid;
    int status = 0;

    errno = posix_spawn(&pid, program, NULL, NULL, arguments, environ);
    if (errno || waitpid(pid, &status, 0) != pid)
        give_up("spawn", program);
    if (status != 0) {
        printf("Bail out! %s --background: status %d\n", program, status);
        exit(99);
    }
}

pid_t stage_service(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof peer;
    int run = open(stage_path("run"), O_PATH | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* The directory's own path may be too long for a socket. */
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/session", run);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address)
        || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        peer.pid = 0;
    close(fd);
    close(run);
    return peer.pid;
}

void stage_service_kill(void) {
    pid_t pid = stage_service();

    if (pid > 0)
        kill(pid, SIGKILL);
}

/* A service that does not end when it is told to is a failure of the test. */
static void end_service(void) {
    pid_t pid = stage_service();
    struct pollfd end = {.fd = pid > 0 ? pidfd_open(pid, 0) : -1, .events = POLLIN};

    if (end.fd < 0)
        return;
    kill(pid, SIGTERM);
    if (poll(&end, 1, SERVICE_END_MS) != 1) {
        kill(pid, SIGKILL);
        printf("Bail out! The service %d does not end.\n", (int)pid);
        exit(99);
    }
    close(end.fd);
}

const char *stage_set(const char *memory, const char *options, const char *config) {
    const char *temporary = secure_getenv("TMPDIR");
    DWORD code;

    snprintf(directory, sizeof(directory), "%s/mpr-stage.XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(directory) || mkdir(stage_path("providers.d"), 0700) < 0
        || mkdir(stage_path("config"), 0700) < 0)
        give_up("mkdir", directory);
    drop_in("smb", 10, "smb-worker", options);
    drop_in("nfs", 20, NULL, options);
    drop_in("sftp", 30, NULL, with_ssh_keys(options));
    drop_in("memory", 90, NULL, memory);
    if (config)
        stage_write("config/mpr.json", config);
    if (has_service())
        stage_service_start();
    code = MprInitialize(directory);
    if (code != NO_ERROR) {
        printf("Bail out! MprInitialize: %s\n", stage_code(code));
        exit(99);
    }
    return directory;
}

static int remove_one(const char *path, const struct stat *attributes, int type,
                      struct FTW *where) {
    (void)attributes;
    (void)type;
    (void)where;
    return remove(path);
}

void stage_strike(void) {
    MprShutdown();
    if (has_service())
        end_service();
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void stage_ctl(const char *server, const char *action, const char *line) {
    const char *script = stage_env("MPR_LAB_CTL");
    char *const arguments[] = {strdup(script), strdup(server), strdup(action),
                               line ? strdup(line) : NULL, NULL};
    pid_t pid;
    int status = 0;

    errno = posix_spawn(&pid, script, NULL, NULL, arguments, environ);
    if (errno || waitpid(pid, &status, 0) != pid)
        give_up("spawn", script);
    if (status != 0) {
        printf("Bail out! %s %s %s: status %d\n", script, server, action, status);
        exit(99);
    }
    for (int i = 0; i < 4; i++)
        free(arguments[i]);
}

static const struct {
    DWORD code;
    const char *name;
    const char *sentence;
} codes[] = {
#define CODE(name, sentence)                                                                       \
    { name, #name, sentence }
    CODE(NO_ERROR, "The operation completed successfully."),
    CODE(ERROR_ACCESS_DENIED, "Access is denied."),
    CODE(ERROR_NOT_ENOUGH_MEMORY, "Not enough memory resources are available."),
    CODE(ERROR_WRITE_PROTECT, "The media is write protected."),
    CODE(ERROR_NOT_SUPPORTED, "The request is not supported."),
    CODE(ERROR_BAD_NETPATH, "The network path was not found."),
    CODE(ERROR_DEV_NOT_EXIST, "The specified network resource or device is no longer available."),
    CODE(ERROR_UNEXP_NET_ERR, "An unexpected network error occurred."),
    CODE(ERROR_BAD_DEV_TYPE, "The network resource type is not correct."),
    CODE(ERROR_BAD_NET_NAME, "The network name cannot be found."),
    CODE(ERROR_ALREADY_ASSIGNED, "The local device name is already in use."),
    CODE(ERROR_INVALID_PASSWORD, "The specified network password is not correct."),
    CODE(ERROR_INVALID_PARAMETER, "The parameter is incorrect."),
    CODE(ERROR_BUSY, "The requested resource is in use."),
    CODE(ERROR_MORE_DATA, "More data is available."),
    CODE(ERROR_NO_MORE_ITEMS, "No more data is available."),
    CODE(ERROR_BAD_DEVICE, "The specified device name is invalid."),
    CODE(ERROR_CONNECTION_UNAVAIL,
         "The device is not currently connected but it is a remembered connection."),
    CODE(ERROR_DEVICE_ALREADY_REMEMBERED,
         "The local device name has a remembered connection to another network resource."),
    CODE(ERROR_CANNOT_OPEN_PROFILE, "Unable to open the network connection profile."),
    CODE(ERROR_BAD_PROFILE, "The network connection profile is corrupted."),
    CODE(ERROR_EXTENDED_ERROR, "An extended error has occurred."),
    CODE(ERROR_NO_NETWORK, "The network is not present or not started."),
    CODE(ERROR_CANCELLED, "The operation was canceled by the user."),
    CODE(ERROR_LOGON_FAILURE, "The user name or password is incorrect."),
    CODE(ERROR_ACCOUNT_DISABLED, "This user can't sign in because this account is disabled."),
    CODE(ERROR_NOT_CONNECTED, "This network connection does not exist."),
    CODE(ERROR_OPEN_FILES, "This network connection has files open or requests pending."),
    CODE(ERROR_DEVICE_IN_USE,
         "The device is in use by an active process and cannot be disconnected."),
#undef CODE
};

#define CODES (sizeof(codes) / sizeof(codes[0]))

const char *stage_code(DWORD code) {
    static char number[32];

    for (size_t i = 0; i < CODES; i++)
        if (codes[i].code == code)
            return codes[i].name;
    snprintf(number, sizeof(number), "code %u", code);
    return number;
}

const char *stage_sentence(DWORD code) {
    for (size_t i = 0; i < CODES; i++)
        if (codes[i].code == code)
            return codes[i].sentence;
    return "(see winerror.h)";
}
