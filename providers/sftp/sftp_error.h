/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_error.h: what an SFTP server answered, in the words of this world.
 *
 * Inside the provider a result is 0, a positive SFTP status (SSH_FX_), or -errno
 * when there was no answer.
 */
#ifndef SFTP_ERROR_H
#define SFTP_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "providers/common/np_connect.h"

/** Statuses of SFTP version 3. */
enum sftp_status {
    SFTP_OK = 0,
    SFTP_EOF = 1,
    SFTP_NO_SUCH_FILE = 2,
    SFTP_PERMISSION_DENIED = 3,
    SFTP_FAILURE = 4,
    SFTP_BAD_MESSAGE = 5,
    SFTP_NO_CONNECTION = 6,
    SFTP_CONNECTION_LOST = 7,
    SFTP_UNSUPPORTED = 8,
};

/** A result as a file operation returns it, if nothing more is known: 0 or -errno. */
int sftp_errno(int result);

/** "SSH_FX_FAILURE", or "status 99" to buffer. */
const char *sftp_status_name(uint32_t status, char *buffer, size_t size);

/** Win32 code of a status that a server answered while connecting. */
uint32_t sftp_status_code(uint32_t status);

/** Names the reason that there is no connection: "Connection refused (ECONNREFUSED 111)". */
void sftp_words_of_failure(const struct np_failure *failure, char *buffer, size_t size);

/** Copies a text of the server's to buffer: without control characters, and cut at size. */
void sftp_words_of_server(const char *text, size_t length, char *buffer, size_t size);

/** What connect, list and information answer, until it is told to the host. */
struct sftp_failure {
    enum mpr_answer answer;
    uint32_t code;   /**< Win32 */
    uint32_t native; /**< SFTP status or errno */
    char text[1024];
};

/** The name is another's: nothing is said. Always returns false. */
bool sftp_fail_foreign(struct sftp_failure *ret);

/** Fills *ret; always returns false. */
bool sftp_fail(struct sftp_failure *ret, enum mpr_answer answer, uint32_t code, uint32_t native,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
