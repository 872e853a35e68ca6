/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_prompt.c: asking the user: whom, and what counts as an answer.
 */
#include "config.h"

#include "router/mpr_prompt.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_call.h"
#include "router/mpr_utf.h"

struct mpr_lock mpr_prompt_lock = MPR_LOCK_INIT;
static DWORD (*prompt_fn)(void *, const char *, int, char *, size_t) GUARDED_BY(mpr_prompt_lock);
static void *prompt_context GUARDED_BY(mpr_prompt_lock);

void mpr_prompt_set(DWORD (*prompt)(void *, const char *, int, char *, size_t), void *context) {
    mpr_lock(&mpr_prompt_lock);
    prompt_fn = prompt;
    prompt_context = context;
    mpr_unlock(&mpr_prompt_lock);
}

/* The program's own way goes before the terminal. */
static DWORD ask(uint32_t flags, const char *question, bool echo, char *buffer, size_t size) {
    DWORD (*fn)(void *, const char *, int, char *, size_t);
    void *context;
    DWORD rc;

    mpr_lock(&mpr_prompt_lock);
    fn = prompt_fn;
    context = prompt_context;
    mpr_unlock(&mpr_prompt_lock);
    if (!fn && (flags & CONNECT_COMMANDLINE) == 0)
        return ERROR_NOT_SUPPORTED;
    if (!fn)
        return mpr_prompt_tty(question, echo, buffer, size);
    mpr_call_enter();
    rc = fn(context, question, echo, buffer, size);
    mpr_call_leave();
    return rc == NO_ERROR ? rc : ERROR_CANCELLED;
}

DWORD mpr_prompt_ask(uint32_t flags, const char *question, bool echo, char *buffer, size_t size) {
    DWORD rc;

    if ((flags & CONNECT_INTERACTIVE) == 0)
        return ERROR_NOT_SUPPORTED;
    buffer[0] = '\0';
    rc = ask(flags, question, echo, buffer, size);
    buffer[size - 1] = '\0';
    if (rc == NO_ERROR && !mpr_utf_valid(buffer))
        rc = ERROR_CANCELLED;
    if (rc != NO_ERROR)
        explicit_bzero(buffer, size);
    return rc;
}
