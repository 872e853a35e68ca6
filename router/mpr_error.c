/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_error.c: the last failure of each thread.
 */
#include "config.h"

#include "router/mpr_error.h"

#include <stdio.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winerror.h>

#include "router/mpr_status.h"
#include "router/mpr_utf.h"

/* Room for one character more, so that a text is cut by mpr_utf_copy, which knows characters. */
#define FORMATTED_MAX (MPR_ERROR_TEXT_MAX + 4)

static _Thread_local struct mpr_error_state last;

void mpr_error_set(DWORD code, const char *text, const char *provider) {
    last.code = code;
    mpr_utf_copy(last.text, sizeof last.text, text ? text : "");
    mpr_utf_copy(last.provider, sizeof last.provider, provider ? provider : "");
    last.explained = true;
}

DWORD mpr_error_explain(DWORD rc, DWORD code, const char *provider, const char *format, ...) {
    char text[FORMATTED_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mpr_error_set(code, text, provider ? provider : MPR_ERROR_SELF);
    return rc;
}

DWORD mpr_error_carry(DWORD rc, const struct mpr_failure *failure, const char *provider) {
    if (failure->set)
        mpr_error_set(failure->code, failure->text, provider);
    else if (rc == ERROR_EXTENDED_ERROR)
        mpr_error_set(0, "The provider gave no description.", provider);
    else
        mpr_error_set(rc, mpr_status_text(rc), provider);
    return rc;
}

DWORD mpr_error_carry_or(DWORD rc, const struct mpr_failure *failure, const char *provider,
                         const char *format, ...) {
    char text[FORMATTED_MAX];
    va_list arguments;

    mpr_error_carry(rc, failure, provider);
    if (failure->set && *failure->text)
        return rc;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mpr_error_set(last.code, text, provider);
    return rc;
}

void mpr_error_keep(struct mpr_error_state *ret) {
    *ret = last;
}

void mpr_error_put_back(const struct mpr_error_state *state) {
    last = *state;
}

void mpr_error_enter(void) {
    last.explained = false;
}

DWORD mpr_error_leave(DWORD rc) {
    last.win32 = rc;
    if (rc != NO_ERROR && !last.explained)
        mpr_error_set(rc, mpr_status_text(rc), MPR_ERROR_SELF);
    return rc;
}

void mpr_error_get(DWORD *ret_code, const char **ret_text, const char **ret_provider) {
    *ret_code = last.code;
    *ret_text = last.text;
    *ret_provider = last.provider;
}

void mpr_failure_set_text(struct mpr_failure *failure, uint32_t code, const char *text) {
    failure->set = true;
    failure->code = code;
    mpr_utf_copy(failure->text, sizeof failure->text, text ? text : "");
}

void mpr_failure_set(struct mpr_failure *failure, uint32_t code, const char *format, ...) {
    char text[FORMATTED_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mpr_failure_set_text(failure, code, text);
}

DWORD MprGetLastError(void) {
    return last.win32;
}

void MprSetLastError(DWORD code) {
    last.win32 = code;
}
