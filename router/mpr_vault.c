/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault.c: where passwords are looked for, and what is said when there is none.
 */
#include "config.h"

#include "router/mpr_vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include <mpr/provider.h>
#include <mpr/session.h>
#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_utf.h"
#include "router/mpr_vault_ask.h"

/* Without a bus there is no keyring, and its library would try to start one. */
static bool has_bus(void) {
    const char *address = secure_getenv("DBUS_SESSION_BUS_ADDRESS");

    return address && *address;
}

static DWORD ask(const struct mpr_vault *vault, enum mpr_vault_what what, const char *first,
                 const char *second, const char *third, struct mpr_vault_answer *ret) {
    const char *const texts[MPR_VAULT_TEXTS] = {first, second, third};

    return mpr_vault_ask(vault->paths->password, what, vault->config->password_timeout_ms, texts,
                         ret);
}

/* Takes a password that was found, if it can be one. */
static DWORD take_password(const char *source, struct mpr_vault_answer *answer,
                           struct mpr_vault_found *ret) {
    if (strlen(answer->text) >= MPR_SECRET_MAX || !mpr_utf_valid(answer->text))
        return mpr_error_say(ERROR_INVALID_DATA,
                             "%s gave what can be no password: it is too long, or no UTF-8.",
                             source);
    ret->user = NULL;
    ret->password = MPR_TAKE(answer->text);
    return NO_ERROR;
}

/* What else there was. */
static DWORD explain_answer(const struct mpr_vault *vault, const char *source,
                            const struct mpr_vault_answer *answer) {
    switch (answer->outcome) {
    case MPR_VAULT_NONE:
        return mpr_error_say(ERROR_NOT_FOUND, "%s has no password for this connection.", source);
    case MPR_VAULT_NO_KEYRING:
        return mpr_error_say(ERROR_NOT_SUPPORTED, "There is no keyring: %s.", answer->text);
    case MPR_VAULT_LATE:
        return mpr_error_say(ERROR_TIMEOUT, "%s has not answered within %u ms.", source,
                             vault->config->password_timeout_ms);
    default:
        return mpr_error_say(ERROR_INVALID_DATA, "%s gave no password: it %s.", source,
                             answer->text);
    }
}

static DWORD find_by(const struct mpr_vault *vault, enum mpr_vault_what what, const char *source,
                     const char *first, const char *second, struct mpr_vault_found *ret) {
    struct mpr_vault_answer answer;
    DWORD rc = ask(vault, what, first, second, NULL, &answer);

    if (rc != NO_ERROR)
        return rc;
    if (answer.outcome == MPR_VAULT_FOUND)
        rc = take_password(source, &answer, ret);
    else
        rc = explain_answer(vault, source, &answer);
    if (rc == NO_ERROR)
        ret->from = what == MPR_VAULT_COMMAND ? "the command that is remembered" : "the keyring";
    mpr_free_wiped(answer.text);
    return rc;
}

/* The command is the user's; a program with another's rights does not run it. */
static DWORD run_command(const struct mpr_vault *vault, const char *command,
                         struct mpr_vault_found *ret) {
    char source[256];

    if (getauxval(AT_SECURE))
        return mpr_error_say(ERROR_ACCESS_DENIED,
                             "This program has rights that its user has not: it runs no command "
                             "for passwords.");
    snprintf(source, sizeof source, "The command \"%.200s\"", command);
    return find_by(vault, MPR_VAULT_COMMAND, source, command, NULL, ret);
}

static DWORD look_up(const struct mpr_vault *vault, const struct mpr_profile_entry *entry,
                     struct mpr_vault_found *ret) {
    if (!has_bus())
        return mpr_error_say(ERROR_NOT_SUPPORTED,
                             "There is no keyring: no session bus (DBUS_SESSION_BUS_ADDRESS).");
    return find_by(vault, MPR_VAULT_LOOKUP, "The keyring", entry->remote, entry->user, ret);
}

DWORD mpr_vault_find(const struct mpr_vault *vault, const struct mpr_profile_entry *entry,
                     struct mpr_vault_found *ret) {
    switch (entry->credentials) {
    case MPR_CREDENTIALS_FILE:
        return mpr_vault_file_read(entry->credentials_value, false, ret);
    case MPR_CREDENTIALS_COMMAND:
        return run_command(vault, entry->credentials_value, ret);
    case MPR_CREDENTIALS_KEYRING:
        return look_up(vault, entry, ret);
    default:
        return ERROR_NOT_FOUND;
    }
}

/* The service manager guards the directory, with modes of its own. */
static DWORD read_given(const struct mpr_profile_entry *entry, struct mpr_vault_found *ret) {
    const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
    MPR_AUTOFREE char *path = NULL;
    int length = (int)strcspn(entry->device, ":");

    if (!directory || *directory != '/')
        return ERROR_FILE_NOT_FOUND;
    if (asprintf(&path, "%s/mpr-%.*s", directory, length, entry->device) < 0) {
        path = NULL;
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return mpr_vault_file_read(path, true, ret);
}

DWORD mpr_vault_guess(const struct mpr_vault *vault, const struct mpr_profile_entry *entry,
                      struct mpr_vault_found *ret) {
    DWORD rc = read_given(entry, ret);

    if (rc != ERROR_FILE_NOT_FOUND)
        return rc;
    if (!has_bus() || entry->credentials == MPR_CREDENTIALS_KEYRING)
        return ERROR_NOT_FOUND;
    return look_up(vault, entry, ret);
}

DWORD mpr_vault_keep(const struct mpr_vault *vault, const char *remote, const char *user,
                     const char *password) {
    struct mpr_vault_answer answer;
    DWORD rc;

    if (!has_bus())
        return mpr_error_say(ERROR_NOT_SUPPORTED,
                             "The password was not saved: there is no keyring, since there is no "
                             "session bus (DBUS_SESSION_BUS_ADDRESS).");
    rc = ask(vault, MPR_VAULT_STORE, remote, user, password, &answer);
    if (rc != NO_ERROR)
        return rc;
    if (answer.outcome == MPR_VAULT_LATE)
        rc = mpr_error_say(ERROR_TIMEOUT,
                           "The password was not saved: the keyring has not answered within %u ms.",
                           vault->config->password_timeout_ms);
    else if (answer.outcome != MPR_VAULT_FOUND)
        rc = mpr_error_say(ERROR_NOT_SUPPORTED, "The password was not saved: %s.", answer.text);
    mpr_free_wiped(answer.text);
    return rc;
}
