/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * password_main.c: takes a question, has it answered, and ends.
 */
#include "config.h"

#include "service/password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "router/mpr_standard.h"

/* Over a command's own bound, which is kept by whoever runs it. */
#define GRACE_MS 250u

static char message[sizeof(struct mpr_vault_request) + MPR_VAULT_TEXT_MAX + 1];

/* The text of a number; "" if the message has none. */
static const char *text_at(const char *texts, size_t size, int number) {
    while (number-- && size) {
        size_t length = strlen(texts) + 1;

        if (length >= size)
            return "";
        texts += length;
        size -= length;
    }
    return texts;
}

static enum mpr_vault_outcome answer(const struct mpr_vault_request *request, const char *texts,
                                     size_t size, char text[PASSWORD_MAX]) {
    switch (request->what) {
    case MPR_VAULT_COMMAND:
        return password_command(text_at(texts, size, 0), request->timeout_ms, text);
    case MPR_VAULT_LOOKUP:
        return password_lookup(text_at(texts, size, 0), text_at(texts, size, 1), text);
    case MPR_VAULT_STORE:
        return password_store(text_at(texts, size, 0), text_at(texts, size, 1),
                              text_at(texts, size, 2), text);
    default:
        snprintf(text, PASSWORD_MAX, "was asked what it does not know");
        return MPR_VAULT_FAILED;
    }
}

/* A library that waits for ever is ended with this process. */
static void bound_life(uint32_t ms) {
    const struct itimerval end = {.it_value = {.tv_sec = (time_t)(ms / 1000),
                                               .tv_usec = (suseconds_t)(ms % 1000) * 1000 + 1}};

    setitimer(ITIMER_REAL, &end, NULL);
}

static void use_nothing(int descriptor, int flags) {
    int nothing = open("/dev/null", flags | O_CLOEXEC);

    if (nothing >= 0) {
        dup2(nothing, descriptor);
        close(nothing);
    }
}

static void send_answer(enum mpr_vault_outcome outcome, const char *text) {
    const struct mpr_vault_reply reply = {MPR_VAULT_VERSION, outcome};
    char buffer[sizeof reply + PASSWORD_MAX];
    size_t length = strlen(text) + 1;

    memcpy(buffer, &reply, sizeof reply);
    memcpy(buffer + sizeof reply, text, length);
    send(PASSWORD_SOCKET, buffer, sizeof reply + length, MSG_NOSIGNAL);
    explicit_bzero(buffer, sizeof buffer);
}

int main(void) {
    struct mpr_vault_request request;
    char text[PASSWORD_MAX] = "";
    enum mpr_vault_outcome outcome;
    ssize_t size;

    prctl(PR_SET_DUMPABLE, 0);
    if (!mpr_standard_open())
        return EXIT_FAILURE;
    use_nothing(STDIN_FILENO, O_RDONLY);
    use_nothing(STDOUT_FILENO, O_WRONLY);
    use_nothing(STDERR_FILENO, O_WRONLY);
    fcntl(PASSWORD_SOCKET, F_SETFD, FD_CLOEXEC);
    size = recv(PASSWORD_SOCKET, message, sizeof message - 1, 0);
    if (size <= (ssize_t)sizeof request)
        return EXIT_FAILURE;
    memcpy(&request, message, sizeof request);
    if (request.version != MPR_VAULT_VERSION)
        return EXIT_FAILURE;
    bound_life(request.timeout_ms + GRACE_MS);
    outcome = answer(&request, message + sizeof request, (size_t)size - sizeof request, text);
    send_answer(outcome, text);
    explicit_bzero(text, sizeof text);
    explicit_bzero(message, sizeof message);
    return EXIT_SUCCESS;
}
