/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_reply.c: what a service answers, as the library reads it. The first byte chooses
 * the operation that was called, 'a' the first; any other is an event.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_session_wire.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What was read must be whole: results after a success, and something to clear always. */
#define READ(id, op, ARGS, RET)                                                                    \
    case MPR_OP_##op: {                                                                            \
        struct mpr_##op##_ret ret = {0};                                                           \
        DWORD rc = mpr_session_wire_result(MPR_OP_##op, text, size, &ret);                         \
                                                                                                   \
        mpr_##op##_ret_clear(&ret);                                                                \
        return rc;                                                                                 \
    }

static DWORD read_reply(unsigned op, const char *text, size_t size) {
    switch (op) { MPR_OPS(READ) }
    return ERROR_NO_NETWORK;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    struct mpr_session_event event = {0};
    char *text;
    bool last;

    if (size < 1)
        return 0;
    text = malloc(size);
    if (!text)
        abort();
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    read_reply(data[0] - 'a' + 1u, text, size - 1);
    mpr_session_wire_event(text, size - 1, &event, &last);
    mpr_session_event_clear(&event);
    free(text);
    return 0;
}
