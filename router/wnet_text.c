/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_text.c: strings in and out of the public functions.
 */
#include "config.h"

#include "router/wnet_text.h"

#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_utf.h"

static DWORD say_invalid(const char *encoding) {
    return mpr_error_say(ERROR_NO_UNICODE_TRANSLATION, "A string is not valid %s.", encoding);
}

DWORD wnet_text_in(bool is_wide, const void *text, char **ret) {
    DWORD rc;

    if (is_wide) {
        rc = mpr_utf_from_wide(text, ret);
        return rc == ERROR_NO_UNICODE_TRANSLATION ? say_invalid("UTF-16") : rc;
    }
    if (!text) {
        *ret = NULL;
        return NO_ERROR;
    }
    if (!mpr_utf_valid(text))
        return say_invalid("UTF-8");
    *ret = strdup(text);
    return *ret ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

DWORD wnet_text_size(bool is_wide, const char *text) {
    return (DWORD)(is_wide ? mpr_utf_wide_size(text) : strlen(text) + 1);
}

DWORD wnet_text_say_null(DWORD size) {
    return mpr_error_say(ERROR_INVALID_ADDRESS, "The buffer is NULL, but its size is %u.", size);
}

DWORD wnet_text_out(bool is_wide, const char *text, void *buffer, LPDWORD size) {
    DWORD needed = wnet_text_size(is_wide, text);

    if (!buffer && *size)
        return wnet_text_say_null(*size);
    if (*size < needed) {
        *size = needed;
        return ERROR_MORE_DATA;
    }
    wnet_text_cut(is_wide, text, buffer, *size);
    return NO_ERROR;
}

void wnet_text_cut(bool is_wide, const char *text, void *buffer, DWORD size) {
    if (is_wide)
        mpr_utf_to_wide(text, buffer, size);
    else
        mpr_utf_copy(buffer, size, text);
}
