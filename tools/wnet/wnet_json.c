/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_json.c: writes JSON, in one line.
 */
#include "config.h"

#include "tools/wnet/wnet_json.h"

#include <inttypes.h>
#include <string.h>

#include "tools/wnet/wnet_text.h"

static const char replacement[] = "\xEF\xBF\xBD";

static void put_character(FILE *to, const char *text, size_t length, bool valid,
                          uint32_t character) {
    if (!valid)
        fputs(replacement, to);
    else if (character == '"' || character == '\\')
        fprintf(to, "\\%c", (int)character);
    else if (character < 0x20 || (character >= 0x7F && character < 0xA0))
        fprintf(to, "\\u%04x", (unsigned)character);
    else
        fwrite(text, 1, length, to);
}

static void put_string(FILE *to, const char *text) {
    putc('"', to);
    while (*text) {
        uint32_t character;
        size_t length;
        bool valid = wnet_text_next(text, &character, &length);

        put_character(to, text, length, valid, character);
        text += length;
    }
    putc('"', to);
}

static void put_key(struct wnet_json *json, const char *key) {
    if (json->second)
        fputs(", ", json->to);
    json->second = true;
    if (key) {
        put_string(json->to, key);
        fputs(": ", json->to);
    }
}

void wnet_json_begin(struct wnet_json *json, FILE *to) {
    *json = (struct wnet_json){.to = to};
    wnet_json_open(json, NULL, '{');
}

void wnet_json_end(struct wnet_json *json) {
    wnet_json_close(json, '}');
    putc('\n', json->to);
}

void wnet_json_open(struct wnet_json *json, const char *key, char bracket) {
    put_key(json, key);
    putc(bracket, json->to);
    json->second = false;
}

void wnet_json_close(struct wnet_json *json, char bracket) {
    putc(bracket, json->to);
    json->second = true;
}

void wnet_json_text(struct wnet_json *json, const char *key, const char *text) {
    put_key(json, key);
    put_string(json->to, text);
}

void wnet_json_name(struct wnet_json *json, const char *key, const char *text) {
    if (text && *text) {
        wnet_json_text(json, key, text);
    } else {
        put_key(json, key);
        fputs("null", json->to);
    }
}

void wnet_json_number(struct wnet_json *json, const char *key, uint64_t number) {
    put_key(json, key);
    fprintf(json->to, "%" PRIu64, number);
}

void wnet_json_flag(struct wnet_json *json, const char *key, bool flag) {
    put_key(json, key);
    fputs(flag ? "true" : "false", json->to);
}
