/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_auth.c: the credentials of WNetAddConnection4.
 */
#include "config.h"

#include "router/wnet_auth.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/wnet_text.h"

/* Characters that a part may have; providers take far less. */
#define PART_MAX 32767u

/* The two forms differ in the type of what the pointers lead to, and in nothing else. */
_Static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W),
               "one layout");

/* A part, with a NUL of its own after its characters; "" is there, NULL is not. */
static DWORD take_part(bool is_wide, const char *name, const void *text, DWORD length, char **ret) {
    size_t unit = is_wide ? sizeof(WCHAR) : 1;
    size_t size = (length + (size_t)1) * unit;
    char *copy;
    DWORD rc;

    *ret = NULL;
    if (!text && length)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "%s of the credentials is NULL, but has a length.", name);
    if (!text)
        return NO_ERROR;
    if (length > PART_MAX)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "%s of the credentials has %u characters; at most %u are possible.",
                             name, length, PART_MAX);
    copy = calloc(1, size);
    if (!copy)
        return ERROR_NOT_ENOUGH_MEMORY;
    memcpy(copy, text, length * unit);
    for (size_t i = 0, zeros = 0; i < length * unit; i++) {
        zeros = copy[i] ? 0 : zeros + 1;
        if (zeros == unit && (i + 1) % unit == 0) {
            explicit_bzero(copy, size);
            free(copy);
            return mpr_error_say(ERROR_INVALID_PARAMETER,
                                 "%s of the credentials has a NUL in it: lengths are without one.",
                                 name);
        }
    }
    rc = wnet_text_in(is_wide, copy, ret);
    explicit_bzero(copy, size);
    free(copy);
    return rc;
}

static DWORD join(const char *domain, char **user) {
    size_t size = strlen(domain) + 1 + strlen(*user) + 1;
    char *both;

    if (!*domain)
        return NO_ERROR;
    both = malloc(size);
    if (!both)
        return ERROR_NOT_ENOUGH_MEMORY;
    snprintf(both, size, "%s\\%s", domain, *user);
    free(*user);
    *user = both;
    return NO_ERROR;
}

static DWORD take(const SEC_WINNT_AUTH_IDENTITY_W *identity, char **user, char **password) {
    bool is_wide = identity->Flags == SEC_WINNT_AUTH_IDENTITY_UNICODE;
    MPR_AUTOFREE char *domain = NULL;
    DWORD rc;

    if (!is_wide && identity->Flags != SEC_WINNT_AUTH_IDENTITY_ANSI)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The credentials' flags are 0x%x: SEC_WINNT_AUTH_IDENTITY_ANSI (1) "
                             "and _UNICODE (2) are possible.",
                             (DWORD)identity->Flags);
    rc = take_part(is_wide, "User", identity->User, (DWORD)identity->UserLength, user);
    if (rc == NO_ERROR)
        rc = take_part(is_wide, "Domain", identity->Domain, (DWORD)identity->DomainLength, &domain);
    if (rc == NO_ERROR && domain && *user && **user)
        rc = join(domain, user);
    if (rc == NO_ERROR)
        rc = take_part(is_wide, "Password", identity->Password, (DWORD)identity->PasswordLength,
                       password);
    return rc;
}

DWORD wnet_auth_in(const void *buffer, DWORD size, char **ret_user, char **ret_password) {
    SEC_WINNT_AUTH_IDENTITY_W identity;
    char *user = NULL, *password = NULL;
    DWORD rc;

    if (!buffer && size)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "pAuthBuffer is NULL, but cbAuthBuffer is %u.", size);
    *ret_user = *ret_password = NULL;
    if (!buffer)
        return NO_ERROR;
    if (size < sizeof identity)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "cbAuthBuffer is %u: pAuthBuffer has to be a SEC_WINNT_AUTH_IDENTITY, "
                             "of %zu bytes.",
                             size, sizeof identity);
    memcpy(&identity, buffer, sizeof identity);
    rc = take(&identity, &user, &password);
    explicit_bzero(&identity, sizeof identity);
    if (rc != NO_ERROR) {
        free(user);
        mpr_free_wiped(password);
        return rc;
    }
    *ret_user = user;
    *ret_password = password;
    return NO_ERROR;
}
