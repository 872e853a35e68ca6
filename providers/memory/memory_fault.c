/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_fault.c: the switches that make operations slow, hang or fail, and
 * the one place where this provider waits.
 *
 * It also shows how to wait: never without a bound, always with an eye on the
 * call's cancel descriptor and on abort.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "providers/common/np_time.h"

static const char *const op_names[MEMORY_OPS] = {
    [MEMORY_CONNECT] = "connect",
    [MEMORY_DISCONNECT] = "disconnect",
    [MEMORY_USER] = "user",
    [MEMORY_LIST] = "list",
    [MEMORY_PARENT] = "parent",
    [MEMORY_INFORMATION] = "information",
    [MEMORY_PERFORMANCE] = "performance",
    [MEMORY_OPEN] = "open",
    [MEMORY_CLOSE] = "close",
    [MEMORY_PREAD] = "pread",
    [MEMORY_PWRITE] = "pwrite",
    [MEMORY_FSYNC] = "fsync",
    [MEMORY_TRUNCATE] = "truncate",
    [MEMORY_STAT] = "stat",
    [MEMORY_FSTAT] = "fstat",
    [MEMORY_READDIR] = "readdir",
    [MEMORY_MKDIR] = "mkdir",
    [MEMORY_RMDIR] = "rmdir",
    [MEMORY_UNLINK] = "unlink",
    [MEMORY_RENAME] = "rename",
    [MEMORY_LINK] = "link",
    [MEMORY_SYMLINK] = "symlink",
    [MEMORY_READLINK] = "readlink",
    [MEMORY_CHMOD] = "chmod",
    [MEMORY_CHOWN] = "chown",
    [MEMORY_UTIMENS] = "utimens",
    [MEMORY_STATVFS] = "statvfs",
    [MEMORY_PRINT] = "print",
};

enum memory_op memory_op_find(const char *name, size_t length) {
    enum memory_op op = MEMORY_CONNECT;

    while (op < MEMORY_OPS
           && (strlen(op_names[op]) != length || memcmp(op_names[op], name, length) != 0))
        op++;
    return op;
}

void memory_explain(const struct memory_state *state, const struct mpr_call *call, uint32_t code,
                    const char *format, ...) {
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    state->host->set_error(call, code, text);
}

/*
 * The descriptor by which abort wakes a session's waiters. It is made when
 * somebody waits for the first time: a hundred thousand idle sessions must not
 * need as many descriptors. Returns -1 if there is none to be had; then abort
 * is seen a little later.
 */
static int wake_descriptor(struct memory_session *session) {
    int none = -1;
    int made;

    if (!session)
        return -1;
    if (atomic_load(&session->wake_fd) >= 0)
        return atomic_load(&session->wake_fd);
    made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made >= 0 && !atomic_compare_exchange_strong(&session->wake_fd, &none, made)) {
        close(made); /* another thread was faster */
        made = none;
    }
    return made;
}

/* Waits until at_ns. Returns 0, -ETIMEDOUT (the deadline came first), -ECANCELED or -ENOTCONN. */
static int wait_until(struct memory_session *session, const struct mpr_call *call, int64_t at_ns) {
    int64_t end = at_ns < call->deadline_ns ? at_ns : call->deadline_ns;
    struct pollfd fds[2] = {
        {.fd = call->cancel_fd, .events = POLLIN},
        {.fd = wake_descriptor(session), .events = POLLIN},
    };

    for (;;) {
        int left = np_poll_ms(end);

        if (session && atomic_load(&session->aborted))
            return -ENOTCONN;
        if (session && fds[1].fd < 0 && left > 10)
            left = 10;
        if (poll(fds, 2, left) < 0 && errno != EINTR)
            return -errno;
        if (fds[0].revents)
            return -ECANCELED;
        if (np_now_ns() >= end)
            return at_ns <= call->deadline_ns ? 0 : -ETIMEDOUT;
    }
}

static const struct memory_fault *find_fault(const struct memory_state *state, enum memory_op op,
                                             const char *share) {
    const struct memory_fault *fault = state->options.faults;

    while (fault && (fault->op != op || (fault->share[0] && strcmp(fault->share, share) != 0)))
        fault = fault->next;
    return fault;
}

/* Carries out what a switch says. Returns what the operation is to return. */
static int64_t strike(const struct memory_fault *fault, struct memory_session *session,
                      const struct mpr_call *call) {
    switch (fault->effect) {
    case MEMORY_EFFECT_FAIL:
        return fault->value;
    case MEMORY_EFFECT_HANG:
        return wait_until(session, call, INT64_MAX);
    case MEMORY_EFFECT_HANG_HARD:
        for (;;)
            pause();
    case MEMORY_EFFECT_CRASH:
        raise(SIGSEGV);
        break;
    case MEMORY_EFFECT_EXIT:
        _exit(0);
    }
    return 0;
}

/* Is the call over before it began? Ending something is possible all the same. */
static int64_t check_call(const struct mpr_call *call, enum memory_op op) {
    struct pollfd cancel = {.fd = call->cancel_fd, .events = POLLIN};

    if (op == MEMORY_DISCONNECT || op == MEMORY_CLOSE)
        return 0;
    if (np_now_ns() >= call->deadline_ns)
        return -ETIMEDOUT;
    return call->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0 ? -ECANCELED : 0;
}

static int64_t enter(struct memory_state *state, struct memory_session *session,
                     const struct mpr_call *call, enum memory_op op, const char *share) {
    const struct memory_fault *fault = find_fault(state, op, share);
    int64_t result = check_call(call, op);

    if (op != MEMORY_DISCONNECT && session && atomic_load(&session->aborted))
        return -ENOTCONN;
    if (!result && state->options.latency_ms)
        result = wait_until(session, call, np_now_ns() + state->options.latency_ms * NP_MS);
    return result || !fault ? result : strike(fault, session, call);
}

int memory_enter_file(struct memory_session *session, const struct mpr_call *call,
                      enum memory_op op) {
    struct memory_share *share = session->share;

    return (int)enter(share->state, session, call, op, share->name);
}

uint32_t memory_enter_network(struct memory_state *state, struct memory_session *session,
                              const struct mpr_call *call, enum memory_op op, const char *share) {
    int64_t result = enter(state, session, call, op, share);
    const char *name = op_names[op];

    if (result == 0)
        return NO_ERROR;
    if (op == MEMORY_DISCONNECT && (result == -ENOTCONN || result == -ETIMEDOUT))
        return NO_ERROR; /* a server that is silent or gone is no reason to keep a session */
    if (result > 0) {
        memory_explain(state, call, (uint32_t)result,
                       "%s on \\\\memory\\%s failed with code %u, as the option \"fail\" asks.",
                       name, share, (uint32_t)result);
        return (uint32_t)result;
    }
    if (result == -ECANCELED) {
        memory_explain(state, call, ECANCELED, "%s on \\\\memory\\%s was cancelled.", name, share);
        return ERROR_CANCELLED;
    }
    if (result == -ETIMEDOUT) {
        memory_explain(state, call, ETIMEDOUT, "%s: \\\\memory\\%s gave no answer in time.", name,
                       share);
        return op == MEMORY_CONNECT || op == MEMORY_LIST ? ERROR_BAD_NETPATH : ERROR_EXTENDED_ERROR;
    }
    memory_explain(state, call, (uint32_t)-result, "%s on \\\\memory\\%s: %s.", name, share,
                   result == -ENOTCONN ? "the connection was ended" : "cannot wait");
    return result == -ENOTCONN ? ERROR_NOT_CONNECTED : ERROR_EXTENDED_ERROR;
}
