/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_unc.c: the syntax of \\server\share\dir and of host[:port].
 */
#include "config.h"

#include "providers/common/np_unc.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The strings below are compared byte by byte, whatever the locale. */
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char to_small(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    c = to_small(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_separator(char c) {
    return c == '\\' || c == '/';
}

/* Length of the UTF-8 character at text, 0 if it is none or a control character. */
static size_t character_length(const unsigned char *text, size_t length) {
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

    if (text[0] < 0x80)
        return text[0] >= 0x20 && text[0] != 0x7f;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        uint32_t value = text[0] & (unsigned char)~forms[i].mask;

        if ((text[0] & forms[i].mask) != forms[i].lead)
            continue;
        if (length < i + 2)
            return 0;
        for (size_t k = 1; k < i + 2; k++) {
            if ((text[k] & 0xc0) != 0x80)
                return 0;
            value = value << 6 | (text[k] & 0x3f);
        }
        if (value < forms[i].least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)
            || value < 0xa0)
            return 0;
        return i + 2;
    }
    return 0;
}

int np_text_is_clean(const char *text, size_t length) {
    const unsigned char *at = (const unsigned char *)text;

    while (length) {
        size_t step = character_length(at, length);

        if (!step)
            return 0;
        at += step;
        length -= step;
    }
    return 1;
}

static bool parse_port(const char *text, size_t length, uint16_t *ret_port) {
    uint32_t value = 0;

    if (!length || length > 5)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    if (!value || value > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)value;
    return true;
}

static bool is_host_name(const char *text, size_t length) {
    bool label = false;

    if (!length || length >= NP_HOST_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (c == '.') {
            if (!label)
                return false;
            label = false;
            continue;
        }
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_' && (unsigned char)c < 0x80)
            return false;
        label = true;
    }
    return np_text_is_clean(text, length);
}

/* An IPv6 address, with or without a %scope. */
static bool parse_address(const char *text, size_t length, char *buffer, size_t size) {
    char literal[INET6_ADDRSTRLEN], shortest[INET6_ADDRSTRLEN];
    const char *scope = memchr(text, '%', length);
    size_t digits = scope ? (size_t)(scope - text) : length;
    size_t rest = length - digits, used;
    struct in6_addr address;

    if (digits >= sizeof literal || (scope && !is_host_name(scope + 1, rest - 1)))
        return false;
    memcpy(literal, text, digits);
    literal[digits] = '\0';
    if (inet_pton(AF_INET6, literal, &address) != 1
        || !inet_ntop(AF_INET6, &address, shortest, sizeof shortest))
        return false;
    used = strlen(shortest);
    if (used + rest >= size)
        return false;
    memcpy(buffer, shortest, used);
    memcpy(buffer + used, text + digits, rest);
    buffer[used + rest] = '\0';
    return true;
}

int np_host_split(const char *text, size_t length, struct np_span *ret_host, uint16_t *ret_port) {
    const char *colon = memchr(text, ':', length);
    struct np_span host = {text, length};
    size_t used = length;
    uint16_t port = 0;

    if (length && text[0] == '[') {
        const char *end = memchr(text, ']', length);
        char address[NP_HOST_MAX];

        if (!end)
            return 0;
        host = (struct np_span){text + 1, (size_t)(end - text) - 1};
        used = (size_t)(end - text) + 1;
        if (!parse_address(host.text, host.length, address, sizeof address))
            return 0;
    } else {
        if (colon)
            used = host.length = (size_t)(colon - text);
        if (!is_host_name(host.text, host.length))
            return 0;
    }
    if (used < length
        && (text[used] != ':' || !parse_port(text + used + 1, length - used - 1, &port)))
        return 0;
    *ret_host = host;
    *ret_port = port;
    return 1;
}

/* fe80--1s4.ipv6-literal.net: what Windows writes where a colon may not stand. */
static bool expand_literal(struct np_span host, char *buffer, size_t size, bool *ret_valid) {
    static const char suffix[] = ".ipv6-literal.net";
    size_t stem = host.length - (sizeof suffix - 1);
    char text[INET6_ADDRSTRLEN + 16];

    if (host.length < sizeof suffix)
        return false;
    for (size_t i = 0; i < sizeof suffix - 1; i++) {
        if (to_small(host.text[stem + i]) != suffix[i])
            return false;
    }
    *ret_valid = false;
    if (stem >= sizeof text)
        return true;
    for (size_t i = 0; i < stem; i++) {
        char c = to_small(host.text[i]);

        text[i] = c == '-' ? ':' : c == 's' ? '%' : c;
    }
    *ret_valid = parse_address(text, stem, buffer, size);
    return true;
}

int np_host_copy(struct np_span host, char *buffer, size_t size) {
    bool valid;

    if (memchr(host.text, ':', host.length))
        return parse_address(host.text, host.length, buffer, size);
    if (expand_literal(host, buffer, size, &valid))
        return valid;
    if (!is_host_name(host.text, host.length) || host.length >= size)
        return 0;
    for (size_t i = 0; i < host.length; i++)
        buffer[i] = to_small(host.text[i]);
    buffer[host.length] = '\0';
    return 1;
}

int np_unc_next(struct np_span *rest, struct np_span *ret_component) {
    size_t length = 0;

    if (!rest->length)
        return 0;
    while (length < rest->length && !is_separator(rest->text[length]))
        length++;
    *ret_component = (struct np_span){rest->text, length};
    if (length < rest->length)
        length++;
    rest->text += length;
    rest->length -= length;
    return 1;
}

static bool is_component(struct np_span part) {
    bool dots = (part.length == 1 && part.text[0] == '.')
                || (part.length == 2 && part.text[0] == '.' && part.text[1] == '.');

    return part.length && !dots;
}

int np_unc_split(const char *text, struct np_unc *ret_unc) {
    struct np_span all = {text, strlen(text)}, part;
    struct np_unc unc = {0};

    if (all.length < 3 || !is_separator(text[0]) || !is_separator(text[1]))
        return 0;
    all = (struct np_span){text + 2, all.length - 2};
    if (is_separator(all.text[all.length - 1]))
        all.length--;
    /* From here on a separator at the end would be an empty component. */
    if (!all.length || is_separator(all.text[all.length - 1])
        || !np_text_is_clean(all.text, all.length) || !np_unc_next(&all, &part)
        || !np_host_split(part.text, part.length, &unc.server, &unc.port))
        return 0;
    unc.share = (struct np_span){all.text, 0};
    if (np_unc_next(&all, &unc.share) && !is_component(unc.share))
        return 0;
    unc.rest = all;
    while (np_unc_next(&all, &part)) {
        if (!is_component(part))
            return 0;
    }
    *ret_unc = unc;
    return 1;
}

int np_percent_decode(struct np_span text, char *buffer, size_t size) {
    size_t used = 0;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];

        if (c == '%') {
            bool whole = text.length - i > 2;
            int high = whole ? hex_value(text.text[i + 1]) : -1;
            int low = whole ? hex_value(text.text[i + 2]) : -1;

            if (high < 0 || low < 0 || !(high | low))
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (used + 1 >= size)
            return -1;
        buffer[used++] = c;
    }
    if (!size)
        return -1;
    buffer[used] = '\0';
    return (int)used;
}

int np_unc_join(const char *name, const char *path, char *buffer, size_t size) {
    size_t used = strlen(name), more = strlen(path);
    const char *between = more && !is_separator(path[0]) ? "\\" : "";

    if (used && is_separator(name[used - 1]))
        used--;
    if (used + strlen(between) + more >= size)
        return 0;
    snprintf(buffer, size, "%.*s%s%s", (int)used, name, between, path);
    for (; *buffer; buffer++)
        if (*buffer == '/')
            *buffer = '\\';
    return 1;
}
