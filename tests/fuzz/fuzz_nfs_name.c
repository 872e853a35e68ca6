/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_nfs_name.c: any text as the name of an NFS export. What is recognised has
 * a key that fits; its name written anew is the same resource; and a name with
 * one more component has the key with one more component.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/nfs/nfs_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static void write_anew(const struct nfs_name *name, const char *key) {
    char text[4 * MPR_KEY_MAX], again[MPR_KEY_MAX];
    struct nfs_name second;

    if (!nfs_name_format(name, name->path, text, sizeof text)) {
        /* Only UNC cannot say everything. */
        require(name->form == NFS_FORM_UNC);
        return;
    }
    if (name->nfs_port && name->nfs_port != NFS_PORT && name->form == NFS_FORM_COLON)
        return;
    require(nfs_name_parse(text, &second));
    require(nfs_name_key(&second, again, sizeof again));
    require(strcmp(key, again) == 0 && strcmp(name->path, second.path) == 0);
}

static void go_deeper(const struct nfs_name *name, const char *key) {
    char path[MPR_KEY_MAX + 8], text[4 * MPR_KEY_MAX], wanted[MPR_KEY_MAX + 8];
    char deeper[MPR_KEY_MAX];
    struct nfs_name second;

    snprintf(path, sizeof path, "%s/x", name->path[1] ? name->path : "");
    snprintf(wanted, sizeof wanted, "%s/x", key);
    if (!nfs_name_format(name, path, text, sizeof text) || !nfs_name_parse(text, &second)
        || !nfs_name_key(&second, deeper, sizeof deeper))
        return; /* too long now */
    require(strcmp(deeper, wanted) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), key[MPR_KEY_MAX];
    struct nfs_name name;

    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (nfs_name_parse(text, &name)) {
        require(name.host[0] && (!name.path[0] || name.path[0] == '/'));
        require(strlen(name.problem) < sizeof name.problem);
        if (nfs_name_key(&name, key, sizeof key)) {
            require(strlen(key) < sizeof key);
            write_anew(&name, key);
            go_deeper(&name, key);
        }
    }
    free(text);
    return 0;
}
