/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault_file.c: credentials files: who may have written them, and what is in them.
 */
#include "config.h"

#include "router/mpr_vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_smallfile.h"
#include "router/mpr_utf.h"

#define LARGEST_FILE 65536u

/* The three that count. They are the text's own; length -1: the line is not there. */
struct values {
    const char *user, *password, *domain;
    int user_length, password_length, domain_length;
};

void mpr_vault_found_clear(struct mpr_vault_found *found) {
    mpr_free_wiped(found->password);
    free(found->user);
    *found = (struct mpr_vault_found){0};
}

/* --- what is in it --- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_key(const char *line, size_t length, const char *name, const char *short_name) {
    return (strlen(name) == length && strncasecmp(line, name, length) == 0)
           || (strlen(short_name) == length && strncasecmp(line, short_name, length) == 0);
}

static void trim(const char **value, int *length) {
    while (*length && is_blank(**value)) {
        ++*value;
        --*length;
    }
    while (*length && is_blank((*value)[*length - 1]))
        --*length;
}

/* Keeps a value under its key, if that is one of ours. */
static void keep(const char *line, size_t key, const char *value, int length,
                 struct values *values) {
    if (is_key(line, key, "password", "pass")) {
        values->password = value;
        values->password_length = length;
        return;
    }
    trim(&value, &length);
    if (is_key(line, key, "username", "user")) {
        values->user = value;
        values->user_length = length;
    } else if (is_key(line, key, "domain", "dom")) {
        values->domain = value;
        values->domain_length = length;
    }
}

/* False: it is no line of such a file. */
static bool read_line(const char *line, size_t length, struct values *values) {
    const char *value;
    size_t key;
    int rest;

    for (; length && is_blank(*line); length--)
        line++;
    if (!length || *line == '#' || *line == ';')
        return true;
    value = memchr(line, '=', length);
    if (!value)
        return false;
    key = (size_t)(value - line);
    rest = (int)(length - key - 1);
    value++;
    if (key && is_blank(line[key - 1]))
        for (; rest && is_blank(*value); rest--)
            value++;
    while (key && is_blank(line[key - 1]))
        key--;
    keep(line, key, value, rest, values);
    return true;
}

static DWORD refuse(const char *path, const char *why) {
    return mpr_error_say(ERROR_INVALID_DATA, "The credentials file %s %s.", path, why);
}

static DWORD read_lines(const char *text, size_t size, const char *path, struct values *values) {
    unsigned number = 1;
    char why[64];

    for (const char *at = text; at < text + size; number++) {
        const char *end = memchr(at, '\n', (size_t)(text + size - at));
        size_t length = (size_t)((end ? end : text + size) - at);
        bool fits = read_line(at, length && at[length - 1] == '\r' ? length - 1 : length, values);

        if (!fits) {
            snprintf(why, sizeof why, "has no \"key=value\" in line %u", number);
            return refuse(path, why);
        }
        at += length + 1;
    }
    if (values->password_length < 0)
        return refuse(path, "has no line \"password=\"");
    if (values->password_length >= (int)MPR_SECRET_MAX || values->user_length >= (int)MPR_USER_MAX)
        return refuse(path, "has a user name or a password that is too long");
    return NO_ERROR;
}

/* "user@realm" and "DOMAIN\user" have their domain already. */
static bool name_user(const struct values *values, char **ret_user) {
    *ret_user = NULL;
    if (values->user_length <= 0)
        return true;
    if (values->domain_length <= 0 || memchr(values->user, '\\', (size_t)values->user_length)
        || memchr(values->user, '@', (size_t)values->user_length))
        *ret_user = strndup(values->user, (size_t)values->user_length);
    else if (asprintf(ret_user, "%.*s\\%.*s", values->domain_length, values->domain,
                      values->user_length, values->user)
             < 0)
        *ret_user = NULL;
    return *ret_user != NULL;
}

DWORD mpr_vault_file_parse(const char *text, size_t size, const char *path,
                           struct mpr_vault_found *ret) {
    static const char mark[] = "\xEF\xBB\xBF";
    struct values values = {.user_length = -1, .password_length = -1, .domain_length = -1};
    struct mpr_vault_found found = {0};
    DWORD rc;

    if (memchr(text, '\0', size) || !mpr_utf_valid(text))
        return refuse(path, "is no text in UTF-8");
    if (size >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0) {
        text += sizeof mark - 1;
        size -= sizeof mark - 1;
    }
    rc = read_lines(text, size, path, &values);
    if (rc != NO_ERROR)
        return rc;
    found.from = "the credentials file";
    found.password = strndup(values.password, (size_t)values.password_length);
    if (!found.password || !name_user(&values, &found.user)) {
        mpr_vault_found_clear(&found);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret = found;
    return NO_ERROR;
}

/* --- whose it is --- */

/* Whoever else can read it has the password. */
static DWORD check_owner(const char *path, const struct stat *facts) {
    char words[MPR_SMALLFILE_WORDS_MAX];

    if (!mpr_smallfile_trusted(facts, words))
        return mpr_error_say(ERROR_ACCESS_DENIED, "The credentials file %s is not used: %s.", path,
                             words);
    if (facts->st_mode & 077)
        return mpr_error_say(ERROR_ACCESS_DENIED,
                             "The credentials file %s is not used: others than its owner may read "
                             "it (mode %03o). Make it private (chmod 600).",
                             path, (unsigned)(facts->st_mode & 0777));
    return NO_ERROR;
}

static DWORD say_unreadable(const char *path, int error) {
    DWORD rc = error == ENOENT || error == ENOTDIR ? ERROR_FILE_NOT_FOUND
               : error == ENOMEM                   ? ERROR_NOT_ENOUGH_MEMORY
               : error == EFBIG                    ? ERROR_INVALID_DATA
                                                   : ERROR_ACCESS_DENIED;

    return mpr_error_say(rc, "The credentials file %s cannot be read: %s.", path,
                         mpr_smallfile_reason(error));
}

DWORD mpr_vault_file_read(const char *path, bool guarded, struct mpr_vault_found *ret) {
    struct stat facts;
    char *text;
    size_t size;
    int error = mpr_smallfile_read(AT_FDCWD, path, LARGEST_FILE, &facts, &text, &size);
    DWORD rc;

    if (error)
        return say_unreadable(path, -error);
    rc = guarded ? NO_ERROR : check_owner(path, &facts);
    if (rc == NO_ERROR)
        rc = mpr_vault_file_parse(text, size, path, ret);
    explicit_bzero(text, size);
    free(text);
    return rc;
}
