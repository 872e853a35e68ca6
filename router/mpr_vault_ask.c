/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault_ask.c: one question to mpr-password.
 */
#include "config.h"

#include "router/mpr_vault_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_time.h"
#include "router/mpr_zygote.h"

/* It ends by itself in time; this is for one that does not. */
#define GRACE_MS 500

static bool send_question(int socket, enum mpr_vault_what what, uint32_t timeout_ms,
                          const char *const texts[MPR_VAULT_TEXTS], char *buffer) {
    const struct mpr_vault_request request = {MPR_VAULT_VERSION, what, timeout_ms};
    size_t size = sizeof request;
    bool sent;

    memcpy(buffer, &request, sizeof request);
    for (int i = 0; i < MPR_VAULT_TEXTS; i++) {
        const char *text = texts[i] ? texts[i] : "";
        size_t length = strlen(text) + 1;

        if (length > MPR_VAULT_TEXT_MAX - (size - sizeof request)) {
            errno = EMSGSIZE;
            return false;
        }
        memcpy(buffer + size, text, length);
        size += length;
    }
    sent = send(socket, buffer, size, MSG_NOSIGNAL) == (ssize_t)size;
    explicit_bzero(buffer, size);
    return sent;
}

/* 0: it is late; -1: it has gone, or has never been there. */
static ssize_t receive(int socket, uint32_t timeout_ms, char *buffer, size_t size) {
    int64_t late_ns = mpr_deadline_in_ms(timeout_ms);
    int64_t deadline_ns = mpr_deadline_in_ms(timeout_ms + GRACE_MS);
    struct pollfd wait = {.fd = socket, .events = POLLIN};
    int ready;

    do {
        ready = poll(&wait, 1, mpr_ms_until(deadline_ns));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return ready;
    ready = (int)recv(socket, buffer, size, 0);
    /* Who could not be started has not read the question, but has said why. */
    if (ready < 0 && errno == ECONNRESET)
        ready = (int)recv(socket, buffer, size, 0);
    if (ready > 0)
        return ready;
    return mpr_now_ns() >= late_ns ? 0 : -1; /* it ends by itself when it is late */
}

static DWORD take_answer(const char *buffer, ssize_t size, const char *program,
                         struct mpr_vault_answer *ret) {
    struct mpr_vault_answer answer = {.outcome = MPR_VAULT_FAILED};
    struct mpr_vault_reply reply = {0};
    const char *text = "ended without an answer";

    if (size == 0)
        answer.outcome = MPR_VAULT_LATE;
    if (size >= (ssize_t)sizeof reply)
        memcpy(&reply, buffer, sizeof reply);
    if (size == (ssize_t)sizeof reply && reply.version == MPR_WIRE_no_program)
        return mpr_error_say(ERROR_NOT_SUPPORTED,
                             "%s, which asks for passwords, could not be started: %s.", program,
                             strerror((int)reply.outcome));
    if (size > (ssize_t)sizeof reply && !buffer[size - 1]) {
        answer.outcome = reply.outcome;
        text = buffer + sizeof reply;
    }
    answer.text = strdup(text);
    if (!answer.text)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret = answer;
    return NO_ERROR;
}

static DWORD say_cannot(const char *program, int error) {
    return error == ENOMEM ? ERROR_NOT_ENOUGH_MEMORY
                           : mpr_error_say(ERROR_NOT_SUPPORTED,
                                           "%s, which asks for passwords, cannot be asked: %s.",
                                           program, strerror(error));
}

DWORD mpr_vault_ask(const char *program, enum mpr_vault_what what, uint32_t timeout_ms,
                    const char *const texts[MPR_VAULT_TEXTS], struct mpr_vault_answer *ret) {
    const size_t room = sizeof(struct mpr_vault_request) + MPR_VAULT_TEXT_MAX;
    MPR_AUTOFREE char *buffer = malloc(room);
    char name[] = "mpr-password";
    char *arguments[] = {name, NULL};
    int ends[2], error;
    DWORD rc;

    if (!buffer)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return say_cannot(program, errno);
    error = -mpr_zygote_launch(program, arguments, ends[1]);
    close(ends[1]);
    if (!error && !send_question(ends[0], what, timeout_ms, texts, buffer))
        error = errno == EPIPE || errno == ECONNRESET ? 0 : errno;
    if (error) {
        close(ends[0]);
        return say_cannot(program, error);
    }
    rc = take_answer(buffer, receive(ends[0], timeout_ms, buffer, room), program, ret);
    explicit_bzero(buffer, room);
    close(ends[0]);
    return rc;
}
