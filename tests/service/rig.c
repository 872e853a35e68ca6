/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rig.c: see rig.h.
 */
#include "config.h"

#include "tests/service/rig.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/stage.h"

#define PATIENCE_MS 20000
#define MESSAGE_MAX 0x100000u
#define LONG_NAME   120
#define MARK        "MPR_TEST_SERVICE" /* in the environment of all that begin here */
#define GONE_MS     10000
#define LOG_FLAGS   (O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC)

static char directory[1024], top[1024];
static pid_t started; /* in the foreground */
static pid_t owner;   /* of the directory */
static unsigned most_files;
static bool logs;

static _Noreturn void give_up(const char *what, const char *on) {
    printf("Bail out! %s %s: %s\n", what, on, strerror(errno));
    fflush(stdout);
    exit(99);
}

int64_t rig_ms(void) {
    return (int64_t)stage_ms();
}

const char *rig_path(const char *name) {
    static _Thread_local char paths[4][2048];
    static _Thread_local unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void rig_write(const char *name, const char *text) {
    const char *path = rig_path(name), *slash = strchr(name, '/');
    char parent[64];
    int fd;

    if (slash) {
        snprintf(parent, sizeof parent, "%.*s", (int)(slash - name), name);
        mkdir(rig_path(parent), 0700);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
        give_up("write", path);
}

static void fill(const char *options) {
    char text[4096];

    snprintf(text, sizeof text,
             "{\"name\": \"memory\", \"module\": \"%s/memory.so\", \"order\": 90, \"options\": "
             "{\"shares\": \"*\"%s%s}}\n",
             stage_env("MPR_TEST_MODULES"), options ? ", " : "", options ? options : "");
    rig_write("providers.d/90-memory.json", text);
    rig_write("config/mpr.json", "{}\n");
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *where) {
    (void)facts;
    (void)type;
    (void)where;
    return remove(path);
}

void rig_remove(void) {
    if (*top)
        nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    *top = '\0';
}

/* A test that gives up leaves nothing, either. */
static void remove_at_exit(void) {
    if (getpid() == owner)
        rig_remove();
}

static void make_top(void) {
    const char *temporary = secure_getenv("TMPDIR");

    if (!owner)
        atexit(remove_at_exit);
    owner = getpid();
    snprintf(top, sizeof top, "%s/mpr-service.XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(top))
        give_up("mkdtemp", top);
    snprintf(directory, sizeof directory, "%s", top);
    setenv(MARK, top, 1);
}

void rig_make(const char *options) {
    make_top();
    fill(options);
}

void rig_make_long(const char *options) {
    size_t length;

    make_top();
    length = strlen(directory);
    snprintf(directory + length, sizeof directory - length, "/%0*d", LONG_NAME, 0);
    if (mkdir(directory, 0700))
        give_up("mkdir", directory);
    fill(options);
}

/* In a new process, which ends with the test. */
static _Noreturn void become(pid_t parent, const char *const *arguments, int output) {
    const char *program = stage_env("MPR_MPRD_PROGRAM");
    char *all[16] = {(char[]){"mprd"}, (char[]){"--root"}, directory};
    size_t count = 3;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    if (most_files) {
        const struct rlimit files = {.rlim_cur = most_files, .rlim_max = most_files};

        setrlimit(RLIMIT_NOFILE, &files);
    }
    for (; arguments && *arguments && count < 15; arguments++)
        all[count++] = (char *)(uintptr_t)*arguments;
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
    }
    execv(program, all);
    _exit(127);
}

int rig_run(const char *const *arguments, char *said, size_t size) {
    int ends[2], status = -1;
    size_t length = 0;
    ssize_t got = 1;
    pid_t child, parent = getpid();

    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC))
        give_up("pipe", "");
    child = fork();
    if (child == 0)
        become(parent, arguments, ends[1]);
    close(ends[1]);
    /* Whoever keeps the pipe open would keep a shell waiting. */
    while (got > 0) {
        char bytes[512];
        struct pollfd end = {.fd = ends[0], .events = POLLIN};

        got = poll(&end, 1, PATIENCE_MS) > 0 ? read(ends[0], bytes, sizeof bytes) : -1;
        for (ssize_t i = 0; said && i < got && length + 1 < size; i++)
            said[length++] = bytes[i];
    }
    if (said)
        said[length] = '\0';
    close(ends[0]);
    if (got < 0)
        give_up("its output stays open", "mprd");
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

void rig_start(void) {
    int64_t deadline = rig_ms() + PATIENCE_MS;
    pid_t parent = getpid();

    fflush(stdout);
    started = fork();
    if (started == 0)
        become(parent, NULL, logs ? open(rig_path("log"), LOG_FLAGS, 0600) : -1);
    while (!rig_says("org.varlink.service.GetInfo", "{}", "libmpr")) {
        if (rig_ms() > deadline)
            give_up("start", "mprd");
        poll(NULL, 0, 5);
    }
}

void rig_start_with_files(unsigned most) {
    most_files = most;
    rig_start();
    most_files = 0;
}

void rig_start_logged(void) {
    logs = true;
    rig_start();
}

/* Counts lines, and shows them if that is wanted. */
static unsigned read_log(const char *text, bool show) {
    FILE *log = fopen(rig_path("log"), "re");
    char line[2048];
    unsigned count = 0;

    while (log && fgets(line, sizeof line, log)) {
        count += strstr(line, text) != NULL;
        if (show)
            printf("# %s", line);
    }
    if (log)
        fclose(log);
    return count;
}

unsigned rig_logged(const char *text) {
    return read_log(text, false);
}

int64_t rig_end(int signal) {
    int64_t begin = rig_ms();
    pid_t pid = started ? started : rig_pid();
    struct pollfd end = {.fd = pid > 0 ? pidfd_open(pid, 0) : -1, .events = POLLIN};
    bool ended;

    if (end.fd < 0)
        return -1;
    pidfd_send_signal(end.fd, signal, NULL, 0);
    ended = poll(&end, 1, PATIENCE_MS) == 1;
    if (!ended)
        pidfd_send_signal(end.fd, SIGKILL, NULL, 0);
    close(end.fd);
    if (started)
        waitpid(started, NULL, 0);
    started = 0;
    if (logs)
        read_log("", true);
    logs = false;
    return ended ? rig_ms() - begin : -1;
}

unsigned rig_mounts(void) {
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096];
    unsigned count = 0;

    while (file && fgets(line, sizeof line, file))
        count += strstr(line, top) != NULL;
    if (file)
        fclose(file);
    return count;
}

static bool has_mark(const char *pid) {
    char path[320], environment[65536], mark[sizeof top + sizeof MARK];
    ssize_t got;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    snprintf(mark, sizeof mark, "%s=%s", MARK, top);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    got = fd < 0 ? -1 : read(fd, environment, sizeof environment);
    if (fd >= 0)
        close(fd);
    return got > 0 && memmem(environment, (size_t)got, mark, strlen(mark));
}

static bool has_name(const char *pid, const char *name) {
    char path[320], comm[64] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    file = fopen(path, "re");
    if (file && fgets(comm, sizeof comm, file))
        comm[strcspn(comm, "\n")] = '\0';
    if (file)
        fclose(file);
    return strcmp(comm, name) == 0;
}

/* Those of a name, or all; with a signal for each. */
static unsigned count_processes(const char *name, int signal) {
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    while (processes && (entry = readdir(processes))) {
        const char *pid = entry->d_name;

        if (!isdigit((unsigned char)*pid) || (name && !has_name(pid, name)) || !has_mark(pid))
            continue;
        count++;
        if (signal)
            kill((pid_t)strtol(pid, NULL, 10), signal);
    }
    if (processes)
        closedir(processes);
    return count;
}

unsigned rig_kill(const char *name) {
    return count_processes(name, SIGKILL);
}

unsigned rig_processes(void) {
    int64_t deadline = rig_ms() + GONE_MS;
    unsigned count;

    while ((count = count_processes(NULL, 0)) && rig_ms() < deadline)
        poll(NULL, 0, 20);
    return count;
}

int rig_connect(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int run = open(rig_path("run"), O_PATH | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/session", run);
    rc = run < 0 ? -1 : connect(fd, (const struct sockaddr *)&address, sizeof address);
    if (run >= 0)
        close(run);
    if (rc) {
        close(fd);
        return -1;
    }
    return fd;
}

pid_t rig_pid(void) {
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof peer;
    int fd = rig_connect();

    if (fd < 0)
        return 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        peer.pid = 0;
    close(fd);
    return peer.pid;
}

bool rig_send(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* A byte at a time: what follows stays where it is. */
const char *rig_receive(int fd, int timeout_ms) {
    static _Thread_local char message[MESSAGE_MAX];
    int64_t deadline = rig_ms() + timeout_ms;
    size_t length = 0;

    while (length < sizeof message) {
        struct pollfd input = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - rig_ms();
        const char *end;
        ssize_t got;

        if (left < 0 || poll(&input, 1, (int)left) != 1)
            return NULL;
        got = recv(fd, message + length, sizeof message - length, MSG_PEEK);
        if (got <= 0)
            return NULL;
        end = memchr(message + length, '\0', (size_t)got);
        if (end)
            got = end + 1 - (message + length);
        if (recv(fd, message + length, (size_t)got, 0) != got)
            return NULL;
        length += (size_t)got;
        if (end)
            return message;
    }
    return NULL;
}

const char *rig_call(int fd, const char *method, const char *parameters) {
    char call[4096];
    int length = snprintf(call, sizeof call, "{\"method\":\"%s%s\",\"parameters\":%s}",
                          strchr(method, '.') ? "" : "org.libmpr.Session.", method, parameters);

    if (fd < 0 || !rig_send(fd, call, (size_t)length + 1))
        return NULL;
    return rig_receive(fd, PATIENCE_MS);
}

bool rig_says(const char *method, const char *parameters, const char *text) {
    int fd = rig_connect();
    const char *reply = rig_call(fd, method, parameters);
    bool says = reply && strstr(reply, text);

    if (fd >= 0)
        close(fd);
    return says;
}

bool rig_is_hung_up(int fd, int timeout_ms) {
    int64_t deadline = rig_ms() + timeout_ms;
    char bytes[4096];

    for (;;) {
        struct pollfd input = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - rig_ms();

        if (left < 0 || poll(&input, 1, (int)left) != 1)
            return false;
        if (recv(fd, bytes, sizeof bytes, 0) <= 0)
            return true;
    }
}

const char *rig_status(const char *device) {
    static char item[2048];
    char parameters[64];
    const char *reply;
    int fd = rig_connect();

    snprintf(parameters, sizeof parameters, "{\"name\":\"%s\"}", device);
    reply = rig_call(fd, "Status", parameters);
    snprintf(item, sizeof item, "%s", reply ? reply : "");
    close(fd);
    return item;
}

bool rig_is_soon(const char *device, const char *words, int within_ms) {
    for (int64_t deadline = rig_ms() + within_ms; rig_ms() < deadline; poll(NULL, 0, 10))
        if (strstr(rig_status(device), words))
            return true;
    printf("# %s: %s\n", device, rig_status(device));
    return false;
}
