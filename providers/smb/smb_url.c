/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_url.c: builds the SMB library's URLs and checks what goes into them.
 */
#include "config.h"

#include "providers/smb/smb_url.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PATH_BYTES_MAX 4095u
#define NAME_UNITS_MAX 255u

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_' || c == '.' || c == '~';
}

/* Escapes all but plain characters; '/' too unless it separates. */
static int escape(char *url, size_t size, const char *text, bool separates) {
    static const char digits[] = "0123456789ABCDEF";
    size_t used = strlen(url);

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = is_plain(*text) || (separates && c == '/');

        if (used + (plain ? 1 : 3) >= size)
            return -1;
        if (plain) {
            url[used++] = *text;
            continue;
        }
        url[used++] = '%';
        url[used++] = digits[c >> 4];
        url[used++] = digits[c & 15];
    }
    url[used] = '\0';
    return 0;
}

int smb_url_append(char *url, size_t size, const char *path) {
    size_t used = strlen(url);

    if (!path[0])
        return 0;
    if (used + 1 >= size)
        return -1;
    url[used] = '/';
    url[used + 1] = '\0';
    return escape(url, size, path, true);
}

int smb_url_of_name(const struct smb_name *name, char *buffer, size_t size) {
    char port[8];

    if (size < sizeof "smb://")
        return -1;
    memcpy(buffer, "smb://", sizeof "smb://");
    snprintf(port, sizeof port, ":%u", (unsigned)name->port);
    if (escape(buffer, size, name->host, false) || strlen(buffer) + strlen(port) >= size)
        return -1;
    memcpy(buffer + strlen(buffer), port, strlen(port) + 1);
    if (smb_url_append(buffer, size, name->share) || smb_url_append(buffer, size, name->dir))
        return -1;
    return (int)strlen(buffer);
}

/* UTF-16 units of valid UTF-8: one per character, two for those of four bytes. */
static size_t count_units(const char *text, size_t length) {
    size_t units = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        units += (c & 0xc0) != 0x80;
        units += c >= 0xf0;
    }
    return units;
}

int smb_url_check_path(const char *path) {
    if (strlen(path) > PATH_BYTES_MAX)
        return -ENAMETOOLONG;
    while (*path) {
        size_t length = strcspn(path, "/");

        if (!smb_name_is_component(path, length))
            return -EINVAL;
        if (count_units(path, length) > NAME_UNITS_MAX)
            return -ENAMETOOLONG;
        path += length;
        if (*path == '/' && !*++path)
            return -EINVAL;
    }
    return 0;
}

/* CON, com1, NUL.txt: what DOS took for devices. */
static bool is_device(const char *name) {
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM", "LPT"};
    size_t length = strcspn(name, ".");

    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        bool numbered = i >= 4;

        if (strncasecmp(name, devices[i], 3) == 0 && length == (numbered ? 4 : 3))
            return !numbered || (name[3] >= '1' && name[3] <= '9');
    }
    return false;
}

int smb_url_check_new(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    bool cut = length && (name[length - 1] == '.' || name[length - 1] == ' ');

    return cut || is_device(name) ? -EINVAL : 0;
}

bool smb_url_has_long_name(const char *path) {
    while (*path) {
        size_t length = strcspn(path, "/");

        if (length > NAME_UNITS_MAX)
            return true;
        path += length;
        path += *path == '/';
    }
    return false;
}
