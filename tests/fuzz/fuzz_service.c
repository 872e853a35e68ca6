/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_service.c: what a client may send to the service. The first byte says in how large
 * pieces it comes. Every operation fails; each reply must be a JSON text with a NUL.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_json.h"
#include "service/mprd.h"

#define INPUT_MAX 65536u

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Instead of threads: the router is not what is looked at. */
void mprd_calls_submit(struct mprd_call *call) {
    struct mpr_session_message message;
    DWORD rc = mpr_error_say(ERROR_NOT_SUPPORTED, "Nothing is carried out.");

    if (call->subscribes || call->call->oneway)
        return;
    rc = mpr_session_wire_reply(call->call, rc, &message);
    if (rc != NO_ERROR
        || !mprd_buffer_add(&call->reply, message.text, message.size + 1, MPR_SESSION_REPLY_MAX))
        abort();
    mpr_session_message_clear(&message);
}

void mprd_call_free(struct mprd_call *call) {
    mpr_session_call_free(call->call);
    for (size_t i = 0; i < call->fd_count; i++)
        close(call->fds[i]);
    mprd_buffer_clear(&call->reply);
    free(call);
}

void mprd_restore_yield(const char *name) {
    (void)name;
}

static void check_replies(const struct mprd_buffer *replies) {
    size_t at = replies->at;

    while (at < replies->size) {
        const char *start = replies->bytes + at;
        const char *nul = memchr(start, '\0', replies->size - at);
        struct mpr_json_fault fault;
        struct mpr_json *document;

        if (!nul || mpr_json_parse(start, (size_t)(nul - start), &fault, &document) != NO_ERROR)
            abort();
        mpr_json_free(document);
        at += (size_t)(nul - start) + 1;
    }
}

/* What the loop does with a client. */
static void turn(struct mprd_client *client) {
    mprd_client_read(client);
    while (client->call)
        mprd_client_answered(client);
    check_replies(&client->out);
    client->out.size = client->out.at = 0;
    client->gone |= client->ending;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    struct mprd_client *client;
    size_t piece, at = 1;
    int ends[2];

    if (size < 2 || size > INPUT_MAX
        || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
        return 0;
    client = mprd_client_new(ends[0]);
    if (!client)
        abort();
    piece = data[0] ? (size_t)data[0] : size;
    while (at < size && !client->gone && !client->subscribed) {
        size_t length = size - at < piece ? size - at : piece;

        if (send(ends[1], data + at, length, MSG_NOSIGNAL) != (ssize_t)length)
            abort();
        at += length;
        turn(client);
    }
    close(ends[1]);
    mprd_client_free(client);
    return 0;
}
