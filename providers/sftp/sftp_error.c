/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_error.c: the table of statuses.
 */
#include "config.h"

#include "providers/sftp/sftp_error.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/common/np_unc.h"

/* Version 3 has few statuses, and servers answer FAILURE to most of what can go
 * wrong; sftp_explain.h finds out more where a file operation failed. */
static const struct {
    const char *name;
    int error;
    uint32_t code; /* for connect */
} statuses[] = {
    [SFTP_OK] = {"SSH_FX_OK", 0, NO_ERROR},
    [SFTP_EOF] = {"SSH_FX_EOF", EIO, ERROR_EXTENDED_ERROR},
    [SFTP_NO_SUCH_FILE] = {"SSH_FX_NO_SUCH_FILE", ENOENT, ERROR_BAD_NET_NAME},
    [SFTP_PERMISSION_DENIED] = {"SSH_FX_PERMISSION_DENIED", EACCES, ERROR_ACCESS_DENIED},
    [SFTP_FAILURE] = {"SSH_FX_FAILURE", EIO, ERROR_EXTENDED_ERROR},
    [SFTP_BAD_MESSAGE] = {"SSH_FX_BAD_MESSAGE", EINVAL, ERROR_BAD_NET_NAME},
    [SFTP_NO_CONNECTION] = {"SSH_FX_NO_CONNECTION", ENOTCONN, ERROR_EXTENDED_ERROR},
    [SFTP_CONNECTION_LOST] = {"SSH_FX_CONNECTION_LOST", ENOTCONN, ERROR_EXTENDED_ERROR},
    [SFTP_UNSUPPORTED] = {"SSH_FX_OP_UNSUPPORTED", ENOTSUP, ERROR_EXTENDED_ERROR},
};

#define STATUSES (sizeof statuses / sizeof statuses[0])

int sftp_errno(int result) {
    if (result <= 0)
        return result;
    return (size_t)result < STATUSES ? -statuses[result].error : -EREMOTEIO;
}

const char *sftp_status_name(uint32_t status, char *buffer, size_t size) {
    if (status < STATUSES)
        return statuses[status].name;
    snprintf(buffer, size, "status %u", (unsigned)status);
    return buffer;
}

uint32_t sftp_status_code(uint32_t status) {
    return status < STATUSES ? statuses[status].code : ERROR_EXTENDED_ERROR;
}

void sftp_words_of_failure(const struct np_failure *failure, char *buffer, size_t size) {
    const char *name = strerrorname_np(failure->error);
    const char *words = strerrordesc_np(failure->error);

    if (failure->gai)
        snprintf(buffer, size, "the name could not be resolved: %s", gai_strerror(failure->gai));
    else if (name && words)
        snprintf(buffer, size, "%s (%s %d)", words, name, failure->error);
    else
        snprintf(buffer, size, "error %d", failure->error);
}

void sftp_words_of_server(const char *text, size_t length, char *buffer, size_t size) {
    size_t used = 0;

    if (!np_text_is_clean(text, length)) {
        /* Whatever it is, letters of ASCII can be shown. */
        for (size_t i = 0; i < length && used + 1 < size; i++)
            if (text[i] >= ' ' && text[i] <= '~')
                buffer[used++] = text[i];
    } else {
        used = length < size ? length : size - 1;
        while (used < length && used && ((unsigned char)text[used] & 0xc0) == 0x80)
            used--;
        memcpy(buffer, text, used);
    }
    while (used && buffer[used - 1] == ' ')
        used--;
    buffer[used] = '\0';
}

bool sftp_fail_foreign(struct sftp_failure *ret) {
    *ret =
        (struct sftp_failure){.answer = MPR_NOT_MINE, .code = ERROR_BAD_NET_NAME, .native = EINVAL};
    return false;
}

bool sftp_fail(struct sftp_failure *ret, enum mpr_answer answer, uint32_t code, uint32_t native,
               const char *format, ...) {
    va_list arguments;

    ret->answer = answer;
    ret->code = code;
    ret->native = native;
    va_start(arguments, format);
    vsnprintf(ret->text, sizeof ret->text, format, arguments);
    va_end(arguments);
    return false;
}
