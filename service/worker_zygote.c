/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_zygote.c: the process that loads the module and forks workers. It has
 * one thread and calls nothing of the module. When the host closes its socket
 * or dies, it ends the workers and itself; when it dies, the kernel ends them.
 */
#include "config.h"

#include "service/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_loader.h"
#include "router/mpr_time.h"

#define SETUP_MS 10000
#define END_MS   300 /* workers that are ending anyway may finish that */
#define ENDED    64  /* so many of the dead are remembered */

struct child {
    pid_t pid;
    uint32_t serial;
};

struct ended {
    uint32_t serial, how, status;
};

struct zygote {
    int socket, host, signals; /* host: its pidfd */
    const struct mpr_provider *table;
    struct mpr_option *options;
    struct child *children;
    size_t count, room;
    struct ended ended[ENDED];
    size_t ended_at;
    struct worker_setup setup; /* of the worker that a child has become */
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
        code = mpr_loader_open(setup.module, &failure, &zygote->table);
    if (code == NO_ERROR)
        MPR_WIRE_SAY(&wire, ready, .version = MPR_WIRE_VERSION, .max_io = zygote->table->max_io,
                     .slots = worker_ops_of(zygote->table));
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

/* In the child. False: the zygote has died before the kernel could be told. */
static bool become_worker(struct zygote *zygote, pid_t parent) {
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "mpr-worker");
    mpr_wire_close(&zygote->socket, 1);
    mpr_wire_close(&zygote->host, 1);
    mpr_wire_close(&zygote->signals, 1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return getppid() == parent;
}

/* Returns 0 in the zygote, 1 in a new worker. */
static int spawn(struct zygote *zygote, struct mpr_wire *request, int *fds) {
    struct mpr_wire_spawn wanted = {0};
    unsigned char buffer[4096];
    struct mpr_wire wire = answer(&buffer);
    pid_t self = getpid(), pid = -1;
    int pidfd = -1;
    uint32_t error = EPROTO;

    MPR_WIRE_CODE(request, spawn, &wanted);
    if (mpr_wire_ended(request) && fds[2] >= 0) {
        pid = make_room(zygote) ? fork() : -1;
        error = pid < 0 ? ENOMEM : 0;
    }
    if (pid == 0) {
        zygote->setup = (struct worker_setup){zygote->table, zygote->options, {0}, 0};
        memcpy(zygote->setup.fds, fds, sizeof zygote->setup.fds);
        zygote->setup.shared_size = (size_t)wanted.shared_size;
        if (!become_worker(zygote, self))
            _exit(1);
        return 1;
    }
    if (pid > 0) {
        zygote->children[zygote->count++] = (struct child){pid, wanted.serial};
        pidfd = pidfd_open(pid, 0);
        error = pidfd < 0 ? (uint32_t)errno : 0;
    }
    MPR_WIRE_SAY(&wire, spawned, .serial = wanted.serial, .error = error, .pid = (uint32_t)pid);
    mpr_wire_send(zygote->socket, &wire, &pidfd, pidfd >= 0);
    mpr_wire_close(&pidfd, 1);
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

        if (poll(fds, 3, -1) < 0)
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
    int64_t deadline_ns = mpr_deadline_in_ms(END_MS);
    struct signalfd_siginfo info;

    reap(zygote);
    while (zygote->count && poll(&fds, 1, mpr_ms_until(deadline_ns)) > 0) {
        if (read(zygote->signals, &info, sizeof info) > 0)
            reap(zygote);
    }
    for (size_t i = 0; i < zygote->count; i++)
        kill(zygote->children[i].pid, SIGKILL);
}

int worker_zygote_run(int socket) {
    static struct zygote zygote = {.host = -1};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t children;

    zygote.socket = socket;
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "mpr-zygote");
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_SETMASK, &children, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    zygote.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fcntl(socket, F_SETFD, FD_CLOEXEC) || zygote.signals < 0 || !leave_terminal()
        || !load(&zygote))
        return 1;
    if (serve(&zygote) == 1)
        return worker_serve(&zygote.setup);
    end_workers(&zygote);
    _exit(0);
}
