/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_sftp_error.c: the statuses of SFTP in the words of this world, each of
 * version 3 once, and what a server says, made fit to be shown.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/sftp/sftp_error.h"

TestSuite(sftp_error, .timeout = 30);

Test(sftp_error, every_status_has_an_errno_a_code_and_a_name) {
    static const struct {
        int status, error;
        uint32_t code;
        const char *name;
    } rows[] = {
        {1, EIO, ERROR_EXTENDED_ERROR, "SSH_FX_EOF"},
        {2, ENOENT, ERROR_BAD_NET_NAME, "SSH_FX_NO_SUCH_FILE"},
        {3, EACCES, ERROR_ACCESS_DENIED, "SSH_FX_PERMISSION_DENIED"},
        {4, EIO, ERROR_EXTENDED_ERROR, "SSH_FX_FAILURE"},
        {5, EINVAL, ERROR_BAD_NET_NAME, "SSH_FX_BAD_MESSAGE"},
        {6, ENOTCONN, ERROR_EXTENDED_ERROR, "SSH_FX_NO_CONNECTION"},
        {7, ENOTCONN, ERROR_EXTENDED_ERROR, "SSH_FX_CONNECTION_LOST"},
        {8, ENOTSUP, ERROR_EXTENDED_ERROR, "SSH_FX_OP_UNSUPPORTED"},
        {9, EREMOTEIO, ERROR_EXTENDED_ERROR, "status 9"},
        {INT32_MAX, EREMOTEIO, ERROR_EXTENDED_ERROR, "status 2147483647"},
    };
    char buffer[32];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(sftp_errno(rows[i].status), -rows[i].error, "%s", rows[i].name);
        cr_expect_eq(sftp_status_code((uint32_t)rows[i].status), rows[i].code, "%s", rows[i].name);
        cr_expect_str_eq(sftp_status_name((uint32_t)rows[i].status, buffer, sizeof buffer),
                         rows[i].name);
    }
    cr_expect_eq(sftp_errno(0), 0);
    cr_expect_eq(sftp_errno(-ETIMEDOUT), -ETIMEDOUT);
}

Test(sftp_error, what_a_server_says_is_made_fit_to_be_shown) {
    static const struct {
        const char *text, *shown;
        size_t size;
    } rows[] = {
        {"Password: ", "Password:", 20},
        {"\x1b[31mred\n", "[31mred", 20},
        {"a\xff\xfe b", "a b", 20},
        {"gr\xc3\xbc\xc3\x9f"
         "e",
         "gr\xc3\xbc\xc3\x9f"
         "e",
         20},
        {"gr\xc3\xbc\xc3\x9f", "gr", 4},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc", 5},
        {"long enough", "long", 5},
        {"", "", 1},
    };
    char buffer[32];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sftp_words_of_server(rows[i].text, strlen(rows[i].text), buffer, rows[i].size);
        cr_expect_str_eq(buffer, rows[i].shown);
    }
}

Test(sftp_error, the_reason_that_there_is_no_connection_has_words) {
    char buffer[128];

    sftp_words_of_failure(&(struct np_failure){.error = ECONNREFUSED}, buffer, sizeof buffer);
    cr_expect(strstr(buffer, "ECONNREFUSED"), "%s", buffer);
    sftp_words_of_failure(&(struct np_failure){.error = ENXIO, .gai = EAI_NONAME}, buffer,
                          sizeof buffer);
    cr_expect(strstr(buffer, "could not be resolved"), "%s", buffer);
}
