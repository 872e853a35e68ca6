/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_name.c: takes names of SFTP directories apart and puts them together.
 */
#include "config.h"

#include "providers/sftp/sftp_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char scheme[] = "sftp://";
#define SCHEME_LENGTH (sizeof scheme - 1)

/* Appends /component, decoded. "." and ".." are refused, escaped or not: a name never climbs. */
static bool add_component(struct sftp_name *name, size_t *used, struct np_span text) {
    char *at = name->path + *used + 1;
    int length;

    if (*used + 2 >= sizeof name->path)
        return false;
    length = np_percent_decode(text, at, sizeof name->path - *used - 1);
    if (length < 0 || memchr(at, '/', (size_t)length) || !np_text_is_clean(at, (size_t)length)
        || strcmp(at, ".") == 0 || strcmp(at, "..") == 0)
        return false;
    at[-1] = '/';
    *used += (size_t)length + 1;
    return true;
}

/* Fills name->path from text, which begins with '/'; slashes in a row are one. */
static bool set_path(struct sftp_name *name, const char *text) {
    size_t used = 0;

    while (*text) {
        size_t length = strcspn(text, "/");

        if (length && !add_component(name, &used, (struct np_span){text, length}))
            return false;
        text += length + (text[length] ? 1 : 0);
    }
    if (!used)
        memcpy(name->path, "/", 2);
    return true;
}

static bool set_user(struct sftp_name *name, struct np_span text) {
    int length;

    if (!text.length || memchr(text.text, ':', text.length))
        return false;
    length = np_percent_decode(text, name->user, sizeof name->user);
    return length > 0 && np_text_is_clean(name->user, (size_t)length);
}

bool sftp_name_parse(const char *text, struct sftp_name *ret_name) {
    size_t length = strnlen(text, 4 * MPR_KEY_MAX), server;
    struct np_span host, user;
    const char *at;

    /* Longer than this, even a name full of escapes has no key that fits. */
    if (length == 4 * MPR_KEY_MAX || strncasecmp(text, scheme, SCHEME_LENGTH) != 0
        || !np_text_is_clean(text, length))
        return false;
    ret_name->port = 0;
    ret_name->user[0] = ret_name->path[0] = '\0';
    text += SCHEME_LENGTH;
    server = strcspn(text, "/");
    at = memrchr(text, '@', server);
    user = (struct np_span){text, at ? (size_t)(at - text) : 0};
    if (at) {
        if (!set_user(ret_name, user))
            return false;
        text += user.length + 1;
        server -= user.length + 1;
    }
    if (!np_host_split(text, server, &host, &ret_name->port)
        || !np_host_copy(host, ret_name->host, sizeof ret_name->host))
        return false;
    if (!ret_name->port)
        ret_name->port = SFTP_PORT;
    return !text[server] || set_path(ret_name, text + server);
}

static bool host_and_port(const struct sftp_name *name, char *buffer, size_t size) {
    bool literal = strchr(name->host, ':') != NULL;
    char port[8] = "";
    int used;

    if (name->port != SFTP_PORT)
        snprintf(port, sizeof port, ":%u", (unsigned)name->port);
    used = snprintf(buffer, size, literal ? "[%s]%s" : "%s%s", name->host, port);
    return used >= 0 && (size_t)used < size;
}

bool sftp_name_key(const struct sftp_name *name, char *buffer, size_t size) {
    size_t used, length = strlen(name->path);

    if (!host_and_port(name, buffer, size))
        return false;
    used = strlen(buffer);
    if (length == 1)
        length = 0; /* the root: its children are host/child */
    if (length >= size - used)
        return false;
    memcpy(buffer + used, name->path, length);
    buffer[used + length] = '\0';
    return true;
}

/* Appends text, with escapes for bytes that mean something in a URL or may not stand in one. */
static bool append_escaped(const char *text, const char *special, char *buffer, size_t size) {
    static const char digits[] = "0123456789ABCDEF";
    size_t used = strlen(buffer);

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (size - used < 4)
            return false;
        if (c <= 0x20 || c >= 0x7f || strchr(special, c)) {
            buffer[used++] = '%';
            buffer[used++] = digits[c >> 4];
            buffer[used++] = digits[c & 15];
        } else {
            buffer[used++] = (char)c;
        }
    }
    buffer[used] = '\0';
    return true;
}

bool sftp_name_format(const struct sftp_name *name, const char *path, char *buffer, size_t size) {
    size_t used;

    if (size <= SCHEME_LENGTH)
        return false;
    memcpy(buffer, scheme, sizeof scheme);
    if (name->user[0]) {
        if (!append_escaped(name->user, "%:@/?#[]<>\"\\^`{|}", buffer, size))
            return false;
        used = strlen(buffer);
        if (size - used < 2)
            return false;
        memcpy(buffer + used, "@", 2);
    }
    used = strlen(buffer);
    return host_and_port(name, buffer + used, size - used)
           && append_escaped(path, "%?#[]<>\"\\^`{|}", buffer, size);
}

size_t sftp_name_rest(const char *text, size_t components) {
    const char *at = text + SCHEME_LENGTH;

    at += strcspn(at, "/");
    while (components--) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
    }
    /* Separators at the end are no rest. */
    return (size_t)(at - text) + (at[strspn(at, "/")] ? 0 : strlen(at));
}
