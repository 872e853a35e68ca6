/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_json.h: writes JSON, in one line.
 *
 * Values stand in objects, with a key, or in arrays, where the key is NULL. What is not
 * UTF-8 in a text becomes U+FFFD.
 */
#ifndef WNET_JSON_H
#define WNET_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct wnet_json {
    FILE *to;
    bool second; /* a value stands before this one */
};

void wnet_json_begin(struct wnet_json *json, FILE *to);
/** Ends the line. */
void wnet_json_end(struct wnet_json *json);

void wnet_json_open(struct wnet_json *json, const char *key, char bracket);
void wnet_json_close(struct wnet_json *json, char bracket);

void wnet_json_text(struct wnet_json *json, const char *key, const char *text);
/** "" and NULL become null. */
void wnet_json_name(struct wnet_json *json, const char *key, const char *text);
void wnet_json_number(struct wnet_json *json, const char *key, uint64_t number);
void wnet_json_flag(struct wnet_json *json, const char *key, bool flag);

#endif
