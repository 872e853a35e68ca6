/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_sftp_name.c: any text as the name of an SFTP directory. What is recognised
 * has a key that fits; its name written anew is the same resource; and a name with
 * one more component has the key with one more component.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/sftp/sftp_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static void write_anew(const struct sftp_name *name, const char *key) {
    char text[4 * MPR_KEY_MAX], again[MPR_KEY_MAX];
    struct sftp_name second;

    if (!sftp_name_format(name, name->path, text, sizeof text) || strlen(text) > 4000)
        return;
    require(sftp_name_parse(text, &second));
    require(sftp_name_key(&second, again, sizeof again));
    require(strcmp(key, again) == 0 && strcmp(name->path, second.path) == 0);
    require(strcmp(name->user, second.user) == 0);
}

static void go_deeper(const struct sftp_name *name, const char *key) {
    char path[MPR_KEY_MAX + 8], text[4 * MPR_KEY_MAX], wanted[MPR_KEY_MAX + 8];
    char deeper[MPR_KEY_MAX];
    struct sftp_name second;

    snprintf(path, sizeof path, "%s/x", name->path[0] && name->path[1] ? name->path : "");
    snprintf(wanted, sizeof wanted, "%s/x", key);
    if (!sftp_name_format(name, path, text, sizeof text) || !sftp_name_parse(text, &second)
        || !sftp_name_key(&second, deeper, sizeof deeper))
        return; /* too long now */
    require(strcmp(deeper, wanted) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), key[MPR_KEY_MAX];
    struct sftp_name name;

    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (sftp_name_parse(text, &name)) {
        require(name.host[0] && name.port && (!name.path[0] || name.path[0] == '/'));
        for (size_t components = 0; components < 8; components++)
            require(sftp_name_rest(text, components) <= strlen(text));
        if (sftp_name_key(&name, key, sizeof key)) {
            require(strlen(key) < sizeof key);
            write_anew(&name, key);
            go_deeper(&name, key);
        }
    }
    free(text);
    return 0;
}
