/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_zygote.c: the process that loads the module and forks workers. It has
 * one thread and calls nothing of the module. When the host closes its socket
 * or dies, it ends the workers and itself; when it dies, the kernel ends them.
 *
 * Connections often come several at a time, and a module's init may take longer
 * than all the rest of making a worker. So after each worker one more is made in
 * advance, the spare, which waits a while for the next request.
 */
#include "config.h"

#include "service/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_filesize.h"
#include "router/mpr_standard.h"
#include "router/mpr_time.h"

#define SETUP_MS  10000
#define SOCKET_FD 3
#define SPARE_MS  10000
#define ENDED     64 /* so many of the dead are remembered */

struct child {
    pid_t pid;
    uint32_t serial;
};

struct ended {
    uint32_t serial, how, status;
};

struct zygote {
    int socket, host, signals; /* host: its pidfd */
    const struct worker_program *program;
    struct worker_module module;
    struct mpr_option *options;
    struct child *children;
    size_t count, room;
    struct ended ended[ENDED];
    size_t ended_at;
    pid_t spare; /* 0: there is none */
    int spare_socket;
    int64_t spare_end_ns;
    bool want_spare;
    struct worker_channel channel; /* in a new worker */
    unsigned char message[MPR_WIRE_MAX];
};

static struct mpr_wire answer(unsigned char (*buffer)[4096]) {
    return mpr_wire_into(*buffer, sizeof *buffer);
}

/* ---- setting up */

/* The host's standard descriptors are its own; only a trace goes to its standard error. */
static bool leave_terminal(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool ok;

    if (null < 0)
        return false;
    ok = dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0
         && (secure_getenv("MPR_DEBUG") || dup2(null, STDERR_FILENO) >= 0);
    if (null > STDERR_FILENO)
        close(null);
    return ok;
}

static bool read_options(struct zygote *zygote, struct mpr_wire *wire, uint32_t count) {
    if (count > MPR_WIRE_MAX / 8)
        return false;
    zygote->options = calloc(count + 1, sizeof *zygote->options);
    for (uint32_t i = 0; zygote->options && i < count; i++) {
        struct mpr_wire_option option = {.name = NULL};

        MPR_WIRE_CODE(wire, option, &option);
        if (!option.name || !option.value)
            return false;
        zygote->options[i].name = option.name;
        zygote->options[i].value = option.value;
    }
    return zygote->options && mpr_wire_ended(wire);
}

/* The texts stay in zygote->message, which is not used again. */
static bool read_setup(struct zygote *zygote, struct mpr_wire_setup *setup) {
    struct pollfd end = {.fd = zygote->socket, .events = POLLIN};
    int fds[MPR_WIRE_FDS];
    struct mpr_wire wire;
    ssize_t size = -EPIPE;

    if (poll(&end, 1, SETUP_MS) > 0)
        size =
            mpr_wire_receive(zygote->socket, zygote->message, sizeof zygote->message, fds, false);
    if (size < 0)
        return false;
    zygote->host = fds[0];
    wire = mpr_wire_from(zygote->message, (size_t)size, 0);
    if (mpr_wire_get_kind(&wire) != MPR_WIRE_setup || zygote->host < 0)
        return false;
    MPR_WIRE_CODE(&wire, setup, setup);
    if (setup->version != MPR_WIRE_VERSION)
        return !wire.bad;
    return setup->module && read_options(zygote, &wire, setup->options);
}

static bool load(struct zygote *zygote) {
    struct mpr_wire_setup setup = {0};
    struct mpr_failure failure = {.text = ""};
    unsigned char buffer[4096];
    struct mpr_wire wire = answer(&buffer);
    int self = pidfd_open(getpid(), 0);
    uint32_t code = ERROR_BAD_FORMAT;
    bool sent;

    if (self < 0 || !read_setup(zygote, &setup))
        return false;
    if (setup.version == MPR_WIRE_VERSION)
        code = zygote->program->load(setup.module, zygote->options, &failure, &zygote->module);
    if (code == NO_ERROR)
        MPR_WIRE_SAY(&wire, ready, .version = MPR_WIRE_VERSION, .max_io = zygote->module.max_io,
                     .slots = zygote->module.ops);
    else
        MPR_WIRE_SAY(&wire, ready, .version = MPR_WIRE_VERSION, .code = code,
                     .failure_code = failure.code, .text = failure.text);
    sent = mpr_wire_send(zygote->socket, &wire, &self, 1) == 0;
    close(self);
    return sent && code == NO_ERROR;
}

/* ---- workers */

static bool make_room(struct zygote *zygote) {
    struct child *more;

    if (zygote->count < zygote->room)
        return true;
    more = reallocarray(zygote->children, zygote->room + 16, sizeof *more);
    if (!more)
        return false;
    zygote->children = more;
    zygote->room += 16;
    return true;
}

/* In the child. */
static void become_worker(struct zygote *zygote, pid_t parent, const char *name) {
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, name);
    mpr_wire_close(&zygote->socket, 1);
    mpr_wire_close(&zygote->host, 1);
    mpr_wire_close(&zygote->signals, 1);
    mpr_wire_close(&zygote->spare_socket, 1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* It has died before the kernel could be told. */
    if (getppid() != parent)
        _exit(1);
}

/* Returns the pid, 0 in the child, or -1. */
static pid_t fork_child(struct zygote *zygote, uint32_t serial, const char *name) {
    pid_t self = getpid();
    pid_t pid = make_room(zygote) ? fork() : -1;

    if (pid == 0)
        become_worker(zygote, self, name);
    else if (pid > 0)
        zygote->children[zygote->count++] = (struct child){pid, serial};
    return pid;
}

/* Gives the request and its descriptors to the spare. Returns its pid, or -1. */
static pid_t use_spare(struct zygote *zygote, uint32_t serial, struct mpr_wire *request,
                       const int *fds) {
    pid_t pid = zygote->spare;
    bool given;

    if (!pid)
        return -1;
    given = mpr_wire_send(zygote->spare_socket, request, fds, MPR_WIRE_FDS) == 0;
    mpr_wire_close(&zygote->spare_socket, 1);
    zygote->spare = 0;
    for (size_t i = 0; i < zygote->count; i++)
        if (zygote->children[i].pid == pid)
            zygote->children[i].serial = serial;
    return given ? pid : -1;
}

/* Returns 0 in the zygote, 1 in a new worker. */
static int spawn(struct zygote *zygote, struct mpr_wire *request, const int *fds) {
    struct mpr_wire_spawn wanted = {0};
    unsigned char buffer[4096];
    struct mpr_wire wire = answer(&buffer);
    pid_t pid = -1;
    int pidfd = -1;
    uint32_t error = EPROTO;

    MPR_WIRE_CODE(request, spawn, &wanted);
    if (mpr_wire_ended(request) && fds[2] >= 0) {
        pid = use_spare(zygote, wanted.serial, request, fds);
        if (pid < 0)
            pid = fork_child(zygote, wanted.serial, zygote->program->name);
        error = pid < 0 ? (uint32_t)errno : 0;
    }
    if (pid == 0) {
        memcpy(zygote->channel.fds, fds, sizeof zygote->channel.fds);
        zygote->channel.shared_size = (size_t)wanted.shared_size;
        return 1;
    }
    if (pid > 0) {
        pidfd = pidfd_open(pid, 0);
        error = pidfd < 0 ? (uint32_t)errno : 0;
    }
    MPR_WIRE_SAY(&wire, spawned, .serial = wanted.serial, .error = error, .pid = (uint32_t)pid);
    mpr_wire_send(zygote->socket, &wire, &pidfd, pidfd >= 0);
    mpr_wire_close(&pidfd, 1);
    zygote->want_spare = true;
    return 0;
}

static void reap(struct zygote *zygote) {
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        size_t i = 0;

        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) || !info.si_pid)
            return;
        while (i < zygote->count && zygote->children[i].pid != info.si_pid)
            i++;
        if (i == zygote->count)
            continue;
        if (info.si_pid == zygote->spare) {
            zygote->spare = 0;
            mpr_wire_close(&zygote->spare_socket, 1);
        }
        zygote->ended[zygote->ended_at] = (struct ended){
            zygote->children[i].serial, (uint32_t)info.si_code, (uint32_t)info.si_status};
        zygote->ended_at = (zygote->ended_at + 1) % ENDED;
        zygote->children[i] = zygote->children[--zygote->count];
    }
}

static void tell(struct zygote *zygote, struct mpr_wire *request) {
    struct mpr_wire_ask wanted = {0};
    struct mpr_wire_told told = {0};
    unsigned char buffer[4096];
    struct mpr_wire wire = answer(&buffer);

    MPR_WIRE_CODE(request, ask, &wanted);
    reap(zygote);
    for (size_t i = 0; i < ENDED; i++)
        if (zygote->ended[i].serial == wanted.worker && wanted.worker) {
            told.how = zygote->ended[i].how;
            told.status = zygote->ended[i].status;
        }
    MPR_WIRE_SAY(&wire, told, .serial = wanted.serial, .how = told.how, .status = told.status);
    mpr_wire_send(zygote->socket, &wire, NULL, 0);
}

/* Returns -1 when the host is gone, 1 in a new worker, else 0. */
static int take_request(struct zygote *zygote) {
    unsigned char buffer[4096];
    int fds[MPR_WIRE_FDS];
    ssize_t size = mpr_wire_receive(zygote->socket, buffer, sizeof buffer, fds, false);
    struct mpr_wire wire;
    int rc = 0;

    if (size < 0)
        return size == -EAGAIN ? 0 : -1;
    wire = mpr_wire_from(buffer, (size_t)size, 0);
    switch ((int)mpr_wire_get_kind(&wire)) {
    case MPR_WIRE_spawn:
        rc = spawn(zygote, &wire, fds);
        break;
    case MPR_WIRE_ask:
        tell(zygote, &wire);
        break;
    default:
        rc = -1;
    }
    if (rc != 1)
        mpr_wire_close(fds, MPR_WIRE_FDS);
    return rc;
}

/* ---- the spare */

/* Returns 1 in the child, else 0. Without one the next worker just takes longer. */
static int make_spare(struct zygote *zygote) {
    int ends[2];
    pid_t pid;

    zygote->want_spare = false;
    if (zygote->spare || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return 0;
    pid = fork_child(zygote, 0, "mpr-spare");
    if (pid == 0) {
        close(ends[1]);
        zygote->spare_socket = ends[0];
        return 1;
    }
    close(ends[0]);
    zygote->spare_socket = ends[1];
    zygote->spare = pid > 0 ? pid : 0;
    zygote->spare_end_ns = mpr_deadline_in_ms(SPARE_MS);
    return 0;
}

/* It notices that its socket is closed. */
static void end_spare(struct zygote *zygote) {
    zygote->spare = 0;
    mpr_wire_close(&zygote->spare_socket, 1);
}

/* In the spare: waits to be wanted. */
static void await_request(struct zygote *zygote) {
    unsigned char buffer[64];
    struct mpr_wire_spawn wanted = {0};
    ssize_t size =
        mpr_wire_receive(zygote->spare_socket, buffer, sizeof buffer, zygote->channel.fds, true);
    struct mpr_wire wire;

    if (size < 0)
        _exit(0);
    wire = mpr_wire_from(buffer, (size_t)size, 0);
    mpr_wire_get_kind(&wire);
    MPR_WIRE_CODE(&wire, spawn, &wanted);
    zygote->channel.shared_size = (size_t)wanted.shared_size;
    mpr_wire_close(&zygote->spare_socket, 1);
    prctl(PR_SET_NAME, zygote->program->name);
}

/* ---- life */

/* For poll: when there is something to do though nobody wants it. */
static int next_ms(const struct zygote *zygote) {
    if (zygote->want_spare)
        return 0;
    return zygote->spare ? mpr_ms_until(zygote->spare_end_ns) : -1;
}

/* Returns as take_request. */
static int serve(struct zygote *zygote) {
    struct pollfd fds[] = {
        {.fd = zygote->socket, .events = POLLIN},
        {.fd = zygote->host, .events = POLLIN},
        {.fd = zygote->signals, .events = POLLIN},
    };
    int rc = 0;

    while (rc == 0) {
        struct signalfd_siginfo info;
        int ready = poll(fds, 3, next_ms(zygote));

        if (ready == 0 && zygote->want_spare)
            rc = make_spare(zygote);
        else if (ready == 0)
            end_spare(zygote);
        if (ready <= 0)
            continue;
        if (fds[2].revents && read(zygote->signals, &info, sizeof info) > 0)
            reap(zygote);
        if (fds[1].revents)
            rc = -1;
        else if (fds[0].revents)
            rc = take_request(zygote);
    }
    return rc;
}

/* Workers notice by themselves that the host is gone. Those that do not are ended. */
static void end_workers(struct zygote *zygote) {
    struct pollfd fds = {.fd = zygote->signals, .events = POLLIN};
    int64_t deadline_ns = mpr_deadline_in_ms(zygote->program->end_ms);
    struct signalfd_siginfo info;

    end_spare(zygote);
    reap(zygote);
    while (zygote->count && mpr_now_ns() < deadline_ns)
        if (poll(&fds, 1, mpr_ms_until(deadline_ns)) > 0
            && read(zygote->signals, &info, sizeof info) > 0)
            reap(zygote);
    for (size_t i = 0; i < zygote->count; i++)
        kill(zygote->children[i].pid, SIGKILL);
}

static int become(struct zygote *zygote) {
    struct worker *worker = worker_new(zygote->program->kind, &zygote->module, zygote->options);
    int status;

    if (!worker)
        _exit(1);
    if (zygote->spare_socket >= 0) {
        if (worker->init_code != NO_ERROR)
            _exit(1);
        await_request(zygote);
    }
    status = worker_serve(worker, &zygote->channel);
    worker_free(worker);
    return status;
}

static int run(const struct worker_program *program, int socket) {
    static struct zygote zygote = {.host = -1, .spare_socket = -1};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t children;

    zygote.program = program;
    zygote.socket = socket;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "mpr-zygote");
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_SETMASK, &children, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    mpr_filesize_prepare();
    zygote.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fcntl(socket, F_SETFD, FD_CLOEXEC) || zygote.signals < 0 || !leave_terminal()
        || !load(&zygote))
        return 1;
    if (serve(&zygote) == 1)
        return become(&zygote);
    end_workers(&zygote);
    _exit(0);
}

static bool is_socket(int fd) {
    int type;
    socklen_t size = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int worker_zygote_main(const struct worker_program *program, int argc, char **argv,
                       const char *usage) {
    if (!mpr_standard_open())
        return 2;
    if (argc == 2 && strcmp(argv[1], "--zygote") == 0 && is_socket(SOCKET_FD))
        return run(program, SOCKET_FD);
    fprintf(stderr, "%s\n", usage);
    return 2;
}
