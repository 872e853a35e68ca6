/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_name.c: takes names of NFS exports apart and puts them together.
 */
#include "config.h"

#include "providers/nfs/nfs_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Appends /component to path. "." and ".." are refused: a name never climbs. */
static bool add_component(struct nfs_name *name, size_t *used, const char *text, size_t length) {
    if (length == 1 && text[0] == '.')
        return false;
    if (length == 2 && text[0] == '.' && text[1] == '.')
        return false;
    if (length + 2 > sizeof name->path - *used)
        return false;
    name->path[(*used)++] = '/';
    memcpy(name->path + *used, text, length);
    *used += length;
    name->path[*used] = '\0';
    return true;
}

/* Fills name->path from text, which begins with '/'; slashes in a row are one. */
static bool set_path(struct nfs_name *name, const char *text, size_t length) {
    size_t used = 0, at = 0;

    while (at < length) {
        size_t end;

        if (text[at] == '/') {
            at++;
            continue;
        }
        for (end = at; end < length && text[end] != '/';)
            end++;
        if (!add_component(name, &used, text + at, end - at))
            return false;
        at = end;
    }
    if (!used)
        memcpy(name->path, "/", 2);
    return true;
}

/* LPT1: is a device and may not be taken for a bare server. */
static bool is_printer_port(const char *text, size_t length) {
    return length == 4 && strncasecmp(text, "lpt", 3) == 0 && text[3] >= '1' && text[3] <= '9';
}

/* Where the colon is that ends the host, or length. */
static size_t find_colon(const char *text, size_t length) {
    const char *bracket = text[0] == '[' ? memchr(text, ']', length) : NULL;
    size_t at = bracket ? (size_t)(bracket - text) + 1 : 0;

    while (at < length && text[at] != ':')
        at++;
    return at;
}

/* Whether the text up to a colon, and what follows it, can be a host's at all:
 * Z: and LPT1: are devices, and scheme://... is somebody else's URL. */
static bool may_be_host(const char *text, size_t colon, const char *after) {
    if (colon == 1 && is_letter(text[0]))
        return false;
    if (!*after)
        return !is_printer_port(text, colon);
    return after[0] == '/' && after[1] != '/';
}

static bool parse_colon(const char *text, size_t length, struct nfs_name *name) {
    size_t colon = find_colon(text, length);
    struct np_span host;
    uint16_t port;

    if (colon == length || !may_be_host(text, colon, text + colon + 1))
        return false;
    if (!np_host_split(text, colon, &host, &port) || port
        || !np_host_copy(host, name->host, sizeof name->host))
        return false;
    name->form = NFS_FORM_COLON;
    return colon + 1 == length || set_path(name, text + colon + 1, length - colon - 1);
}

static bool parse_unc(const char *text, struct nfs_name *name) {
    struct np_unc unc;
    struct np_span part;
    size_t used = 0;

    if (!np_unc_split(text, &unc) || !np_host_copy(unc.server, name->host, sizeof name->host))
        return false;
    name->form = NFS_FORM_UNC;
    name->nfs_port = unc.port;
    if (!unc.share.length)
        return true;
    if (!add_component(name, &used, unc.share.text, unc.share.length))
        return false;
    while (np_unc_next(&unc.rest, &part)) {
        if (!add_component(name, &used, part.text, part.length))
            return false;
    }
    return true;
}

static bool parse_number(struct np_span text, uint64_t most, uint64_t *ret_value) {
    uint64_t value = 0;

    if (!text.length || text.length > 10)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.text[i] - '0');
    }
    if (value > most)
        return false;
    *ret_value = value;
    return true;
}

static bool is_word(struct np_span text, const char *word) {
    return text.length == strlen(word) && memcmp(text.text, word, text.length) == 0;
}

/* One key=value. What is not understood must not be ignored: a mistyped uid
 * would connect as somebody else. */
static bool set_argument(struct nfs_name *name, struct np_span key, struct np_span value) {
    uint64_t number;

    if (!parse_number(value, UINT32_MAX - 1, &number))
        return false;
    if (is_word(key, "uid")) {
        name->uid = (uint32_t)number;
        return name->has_uid = true;
    }
    if (is_word(key, "gid")) {
        name->gid = (uint32_t)number;
        return name->has_gid = true;
    }
    if (!number)
        return false;
    if (is_word(key, "version")) {
        name->version = (uint32_t)number;
        return true;
    }
    if (number > UINT16_MAX)
        return false;
    if (is_word(key, "mountport")) {
        name->mount_port = (uint16_t)number;
        return true;
    }
    if (!is_word(key, "nfsport") || (name->nfs_port && name->nfs_port != number))
        return false;
    name->nfs_port = (uint16_t)number;
    return true;
}

static void parse_arguments(struct nfs_name *name, const char *text) {
    while (*text) {
        size_t whole = strcspn(text, "&");
        const char *equals = memchr(text, '=', whole);
        size_t left = equals ? (size_t)(equals - text) : whole;
        struct np_span key = {text, left};
        struct np_span value = {text + left + (equals ? 1 : 0), whole - left - (equals ? 1 : 0)};

        if (!set_argument(name, key, value) && !name->problem[0]) {
            size_t shown = whole < sizeof name->problem - 1 ? whole : sizeof name->problem - 1;

            /* cut at a character's boundary */
            while (shown < whole && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
                shown--;
            memcpy(name->problem, text, shown);
            name->problem[shown] = '\0';
        }
        text += whole + (text[whole] ? 1 : 0);
    }
}

static bool parse_url(const char *text, struct nfs_name *name) {
    size_t server = strcspn(text, "/?");
    size_t path = strcspn(text + server, "?");
    char decoded[MPR_KEY_MAX];
    struct np_span host;
    int length;

    if (!np_host_split(text, server, &host, &name->nfs_port)
        || !np_host_copy(host, name->host, sizeof name->host))
        return false;
    name->form = NFS_FORM_URL;
    if (path) {
        length = np_percent_decode((struct np_span){text + server, path}, decoded, sizeof decoded);
        if (length < 0 || !np_text_is_clean(decoded, (size_t)length)
            || !set_path(name, decoded, (size_t)length))
            return false;
    }
    if (text[server + path])
        parse_arguments(name, text + server + path + 1);
    return true;
}

bool nfs_name_parse(const char *text, struct nfs_name *ret_name) {
    size_t length = strnlen(text, 4 * MPR_KEY_MAX);

    /* Longer than this, even a URL full of escapes has no key that fits. */
    if (!length || length == 4 * MPR_KEY_MAX || !np_text_is_clean(text, length))
        return false;
    memset(ret_name, 0, offsetof(struct nfs_name, path) + 1);
    if (strncasecmp(text, "nfs://", 6) == 0)
        return parse_url(text + 6, ret_name);
    if (text[0] == '\\')
        return text[1] == '\\' && parse_unc(text, ret_name);
    return parse_colon(text, length, ret_name);
}

static bool host_text(const struct nfs_name *name, char *buffer, size_t size) {
    bool literal = strchr(name->host, ':') != NULL;
    int used = snprintf(buffer, size, literal ? "[%s]" : "%s", name->host);

    return used >= 0 && (size_t)used < size;
}

static bool host_and_port(const struct nfs_name *name, char *buffer, size_t size) {
    size_t used;
    int more;

    if (!host_text(name, buffer, size))
        return false;
    if (!name->nfs_port || name->nfs_port == NFS_PORT)
        return true;
    used = strlen(buffer);
    more = snprintf(buffer + used, size - used, ":%u", (unsigned)name->nfs_port);
    return more >= 0 && (size_t)more < size - used;
}

bool nfs_name_key(const struct nfs_name *name, char *buffer, size_t size) {
    size_t used, length = strlen(name->path);

    if (!host_and_port(name, buffer, size))
        return false;
    used = strlen(buffer);
    if (length == 1)
        length = 0; /* the root export: its children are host/child */
    if (length >= size - used)
        return false;
    memcpy(buffer + used, name->path, length);
    buffer[used + length] = '\0';
    return true;
}

/* Bytes that mean something in a URL, or may not stand in one. */
static bool needs_escape(unsigned char c) {
    return c <= 0x20 || c >= 0x7f || strchr("%?#[]<>\"\\^`{|}", c);
}

static bool append_path(const struct nfs_name *name, const char *path, char *buffer, size_t size) {
    static const char digits[] = "0123456789ABCDEF";
    size_t used = strlen(buffer);

    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;

        if (size - used < 4)
            return false;
        if (name->form == NFS_FORM_UNC && c == '\\')
            return false;
        if (name->form == NFS_FORM_UNC && c == '/') {
            buffer[used++] = '\\';
        } else if (name->form == NFS_FORM_URL && needs_escape(c)) {
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

bool nfs_name_format(const struct nfs_name *name, const char *path, char *buffer, size_t size) {
    static const char *const before[] = {
        [NFS_FORM_COLON] = "", [NFS_FORM_URL] = "nfs://", [NFS_FORM_UNC] = "\\\\"};
    size_t used = strlen(before[name->form]);

    if (used >= size)
        return false;
    memcpy(buffer, before[name->form], used + 1);
    if (name->form == NFS_FORM_UNC && strcmp(path, "/") == 0)
        return false;
    if (name->form == NFS_FORM_COLON) {
        if (!host_text(name, buffer, size) || size - strlen(buffer) < 2)
            return false;
        memcpy(buffer + strlen(buffer), ":", 2);
    } else if (!host_and_port(name, buffer + used, size - used)) {
        return false;
    }
    return append_path(name, path, buffer, size);
}
