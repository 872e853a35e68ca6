/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_json_scan.c: a strict reader of JSON that builds nothing.
 *
 * cJSON takes control characters in strings, numbers like 01 or 1., bytes that
 * are no UTF-8 and a thousand levels, and does not say where it stumbled.
 */
#include "config.h"

#include "router/mpr_json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "router/mpr_utf.h"

#define PLAIN_DIGITS 15

struct scan {
    const char *at;
    const char *what; /* why it ended */
    size_t values;
    const struct mpr_json_limits *limits;
};

static bool scan_value(struct scan *s, unsigned depth);

static bool stop(struct scan *s, const char *what) {
    s->what = what;
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static void skip_space(struct scan *s) {
    s->at += strspn(s->at, " \t\r\n");
}

static bool skip_digits(struct scan *s) {
    const char *begin = s->at;

    while (is_digit(*s->at))
        s->at++;
    return s->at > begin;
}

static bool scan_number(struct scan *s) {
    if (*s->at == '-')
        s->at++;
    if (*s->at == '0' && is_digit(s->at[1]))
        return stop(s, "a number starts with 0");
    if (!skip_digits(s))
        return stop(s, "a digit is missing");
    if (*s->at == '.') {
        s->at++;
        if (!skip_digits(s))
            return stop(s, "a digit is missing after '.'");
    }
    if (*s->at == 'e' || *s->at == 'E') {
        s->at++;
        if (*s->at == '+' || *s->at == '-')
            s->at++;
        if (!skip_digits(s))
            return stop(s, "a digit is missing after 'e'");
    }
    return true;
}

/* The unit of "\uXXXX" at s->at, which is moved behind it; -1 if there is none. */
static int32_t scan_unit(struct scan *s) {
    int32_t unit = 0;

    if (s->at[0] != '\\' || s->at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        char c = s->at[i];

        if (!is_hex(c))
            return -1;
        unit = unit * 16 + (is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    s->at += 6;
    return unit;
}

static bool scan_unicode_escape(struct scan *s) {
    const char *begin = s->at;
    int32_t unit = scan_unit(s);

    if (unit > 0 && (unit < 0xD800 || unit > 0xDFFF))
        return true;
    if (unit >= 0xD800 && unit < 0xDC00) {
        unit = scan_unit(s);
        if (unit >= 0xDC00 && unit <= 0xDFFF)
            return true;
        s->at = begin;
        return stop(s, "an escaped surrogate has no partner");
    }
    s->at = begin;
    if (unit < 0)
        return stop(s, "four hexadecimal digits are missing after \\u");
    return stop(s, unit ? "an escaped surrogate has no partner" : "an escaped NUL");
}

static bool scan_string(struct scan *s) {
    s->at++;
    while (*s->at != '"') {
        if (!*s->at)
            return stop(s, "a string does not end");
        if ((unsigned char)*s->at < 0x20)
            return stop(s, "a control character in a string");
        if (*s->at != '\\') {
            s->at++;
        } else if (s->at[1] == 'u') {
            if (!scan_unicode_escape(s))
                return false;
        } else if (s->at[1] && strchr("\"\\/bfnrt", s->at[1])) {
            s->at += 2;
        } else {
            return stop(s, "an unknown escape in a string");
        }
    }
    s->at++;
    return true;
}

static bool scan_word(struct scan *s, const char *word) {
    size_t length = strlen(word);

    if (strncmp(s->at, word, length) != 0)
        return stop(s, "a value is missing here");
    s->at += length;
    return true;
}

static bool scan_members(struct scan *s, unsigned depth) {
    s->at++;
    skip_space(s);
    if (*s->at == '}') {
        s->at++;
        return true;
    }
    for (;;) {
        skip_space(s);
        if (*s->at != '"')
            return stop(s, "a key in double quotes is missing");
        if (!scan_string(s))
            return false;
        skip_space(s);
        if (*s->at != ':')
            return stop(s, "a ':' is missing after a key");
        s->at++;
        if (!scan_value(s, depth))
            return false;
        skip_space(s);
        if (*s->at == '}')
            break;
        if (*s->at != ',')
            return stop(s, "a ',' or '}' is missing");
        s->at++;
    }
    s->at++;
    return true;
}

static bool scan_elements(struct scan *s, unsigned depth) {
    s->at++;
    skip_space(s);
    if (*s->at == ']') {
        s->at++;
        return true;
    }
    for (;;) {
        if (!scan_value(s, depth))
            return false;
        skip_space(s);
        if (*s->at == ']')
            break;
        if (*s->at != ',')
            return stop(s, "a ',' or ']' is missing");
        s->at++;
    }
    s->at++;
    return true;
}

static bool scan_value(struct scan *s, unsigned depth) {
    skip_space(s);
    if (++s->values > s->limits->values)
        return stop(s, "too many values");
    if (*s->at == '{' || *s->at == '[') {
        if (depth == MPR_JSON_MAX_DEPTH)
            return stop(s, "too many levels of objects and arrays");
        return *s->at == '{' ? scan_members(s, depth + 1) : scan_elements(s, depth + 1);
    }
    switch (*s->at) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    case '\0':
        return stop(s, "the text ends before its time");
    default:
        if (*s->at != '-' && !is_digit(*s->at))
            return stop(s, "a value is missing here");
        return scan_number(s);
    }
}

static bool scan_document(struct scan *s) {
    skip_space(s);
    if (!*s->at)
        return stop(s, "there is nothing in it");
    if (*s->at != '{')
        return stop(s, "it does not start with '{'");
    if (!scan_value(s, 0))
        return false;
    skip_space(s);
    return *s->at ? stop(s, "something follows the end") : true;
}

void mpr_json_scan_fault(struct mpr_json_fault *fault, const char *text, const char *at,
                         const char *format, ...) {
    va_list arguments;

    fault->line = 1;
    fault->column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            fault->line++;
            fault->column = 1;
        } else if ((*text & 0xC0) != 0x80) {
            fault->column++;
        }
    }
    va_start(arguments, format);
    vsnprintf(fault->what, sizeof fault->what, format, arguments);
    va_end(arguments);
}

bool mpr_json_scan(const char *text, size_t size, const struct mpr_json_limits *limits,
                   struct mpr_json_fault *ret_fault) {
    static const char mark[] = "\xEF\xBB\xBF";
    size_t valid = mpr_utf_valid_prefix(text);
    struct scan s = {.at = text, .limits = limits};

    if (size > limits->size) {
        mpr_json_scan_fault(ret_fault, text, text, "over %zu bytes", limits->size);
        return false;
    }
    if (valid < size) {
        mpr_json_scan_fault(ret_fault, text, text + valid, "%s",
                            text[valid] ? "bytes that are no UTF-8" : "a NUL");
        return false;
    }
    if (strncmp(text, mark, sizeof mark - 1) == 0)
        s.at += sizeof mark - 1;
    if (scan_document(&s))
        return true;
    mpr_json_scan_fault(ret_fault, text, s.at, "%s", s.what);
    return false;
}

/* Behind a string that starts at at. */
static const char *skip_string(const char *at) {
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at + 1;
}

const char *mpr_json_scan_number(const char *at, size_t *ret_length) {
    while (*at && *at != '-' && !is_digit(*at))
        at = *at == '"' ? skip_string(at) : at + 1;
    *ret_length = strspn(at, "+-.0123456789eE");
    return at;
}

const char *mpr_json_scan_key(const char *text, size_t number) {
    for (const char *at = text; *at;) {
        const char *begin = at;

        if (*at != '"') {
            at++;
            continue;
        }
        at = skip_string(at);
        at += strspn(at, " \t\r\n");
        if (*at == ':' && number-- == 0)
            return begin;
    }
    return text;
}

bool mpr_json_scan_is_plain(const char *number, size_t length) {
    size_t sign = *number == '-';

    return length - sign <= PLAIN_DIGITS && strspn(number + sign, "0123456789") >= length - sign
           && !(sign && number[1] == '0');
}
