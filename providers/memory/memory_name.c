/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_name.c: which names are ours, by syntax alone.
 *
 *   \\memory\share\dir   //memory/share/dir   memory://share/dir
 *
 * The server's name is part of the syntax, so no other provider's names are
 * taken. Names of shares, directories and files are found without regard to
 * the case of ASCII letters.
 */
#include "config.h"

#include "memory.h"

#include <stdio.h>
#include <string.h>

#include "providers/common/np_unc.h"

static const char server[] = "memory";

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void memory_lower_text(char *text) {
    for (; *text; text++)
        *text = lower(*text);
}

int memory_compare(const char *a, const char *b) {
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

static bool is_separator(char c) {
    return c == '\\' || c == '/';
}

static bool starts_with(const char *text, const char *prefix) {
    for (; *prefix; prefix++, text++)
        if (lower(*text) != *prefix)
            return false;
    return true;
}

/* What follows the server's name: NULL if this is no name of ours. */
static const char *skip_server(const char *remote) {
    if (is_separator(remote[0]) && is_separator(remote[1]) && starts_with(remote + 2, server))
        return remote + 2 + strlen(server);
    if (starts_with(remote, "memory://"))
        return remote[9] ? remote + 8 : remote + 9; /* with the last '/' as separator */
    return NULL;
}

static bool is_component(const char *text, size_t length) {
    if (length == 0 || length > MEMORY_NAME_MAX)
        return false;
    if (text[0] == '.' && (length == 1 || (length == 2 && text[1] == '.')))
        return false;
    return np_text_is_clean(text, length);
}

/* Adds "/component" in small letters to the key. */
static bool append(char *key, const char *text, size_t length) {
    size_t at = strlen(key);

    if (!is_component(text, length) || at + 1 + length >= MPR_KEY_MAX)
        return false;
    key[at++] = '/';
    memcpy(key + at, text, length);
    key[at + length] = '\0';
    memory_lower_text(key + at);
    return true;
}

int memory_name_parse(const char *remote, struct memory_name *ret) {
    const char *at = skip_server(remote);

    if (!at || (*at && !is_separator(*at)))
        return 0;
    snprintf(ret->key, sizeof(ret->key), "%s", server);
    ret->share[0] = '\0';
    ret->path = "";
    ret->depth = 0;
    ret->share_end = (size_t)(at - remote);
    while (is_separator(*at) && at[1]) { /* one separator at the end means nothing */
        const char *component = at + 1;
        size_t length = strcspn(component, "\\/");
        size_t key_end = strlen(ret->key);

        if (!append(ret->key, component, length))
            return 0;
        at = component + length;
        if (!ret->share[0]) {
            memcpy(ret->share, ret->key + key_end + 1, length + 1);
            ret->depth = 2;
            ret->share_end = (size_t)(at - remote);
        } else if (!*ret->path) {
            ret->path = ret->key + key_end + 1;
        }
    }
    return 1;
}

int memory_recognise(void *data, const char *remote, struct mpr_recognised *ret) {
    const struct memory_state *state = data;
    struct memory_name name;

    if (!memory_name_parse(remote, &name))
        return 0;
    ret->type = RESOURCETYPE_ANY;
    if (name.share[0])
        ret->type = memory_setting_find(state->options.printers, name.share) ? RESOURCETYPE_PRINT
                                                                             : RESOURCETYPE_DISK;
    ret->depth = name.depth;
    snprintf(ret->key, sizeof(ret->key), "%s", name.key);
    return 1;
}
