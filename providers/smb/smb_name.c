/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_name.c: the syntax of SMB names. No I/O, no memory of its own.
 */
#include "config.h"

#include "providers/smb/smb_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <mpr/winnetwk.h>

int smb_name_is_component(const char *text, size_t length) {
    static const char forbidden[] = "\"*/:<>?\\|";

    if (!length || (length <= 2 && memcmp(text, "..", length) == 0))
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (memchr(forbidden, text[i], sizeof forbidden - 1))
            return 0;
    }
    return np_text_is_clean(text, length);
}

static bool set_share(struct smb_name *name, const char *text, size_t length) {
    if (!smb_name_is_component(text, length) || strlen(name->host) + length > SMB_NAME_MAX
        || length >= sizeof name->share)
        return false;
    memcpy(name->share, text, length);
    name->share[length] = '\0';
    return true;
}

static bool add_dir(struct smb_name *name, const char *text, size_t length) {
    size_t used = strlen(name->dir);

    if (!smb_name_is_component(text, length) || used + length + 2 > sizeof name->dir)
        return false;
    if (used)
        name->dir[used++] = '/';
    memcpy(name->dir + used, text, length);
    name->dir[used + length] = '\0';
    return true;
}

static bool add_component(struct smb_name *name, const char *text, size_t length) {
    return name->share[0] ? add_dir(name, text, length) : set_share(name, text, length);
}

static bool set_server(struct smb_name *name, struct np_span host, uint16_t port) {
    name->port = port ? port : SMB_PORT;
    return np_host_copy(host, name->host, sizeof name->host);
}

static bool parse_unc(const char *remote, struct smb_name *name) {
    struct np_unc unc;
    struct np_span part;

    if (!np_unc_split(remote, &unc) || !set_server(name, unc.server, unc.port))
        return false;
    if (unc.share.length && !set_share(name, unc.share.text, unc.share.length))
        return false;
    while (np_unc_next(&unc.rest, &part)) {
        if (!add_dir(name, part.text, part.length))
            return false;
    }
    return true;
}

/* Only an address in brackets may hold escapes: its scope is written %25eth0. */
static bool parse_authority(struct np_span text, struct smb_name *name) {
    char decoded[NP_HOST_MAX + 16];
    struct np_span host;
    uint16_t port;

    if (text.length && text.text[0] == '[') {
        int length = np_percent_decode(text, decoded, sizeof decoded);

        if (length < 0)
            return false;
        text = (struct np_span){decoded, (size_t)length};
    }
    return np_host_split(text.text, text.length, &host, &port) && set_server(name, host, port);
}

static bool parse_url(const char *text, struct smb_name *name) {
    size_t length = strcspn(text, "/");

    if (text[strcspn(text, "?#\\")] || !parse_authority((struct np_span){text, length}, name))
        return false;
    text += length;
    /* "/" alone, and one at the end, stand for nothing. */
    while (text[0] == '/' && text[1]) {
        char part[MPR_KEY_MAX];
        int decoded;

        text++;
        length = strcspn(text, "/");
        decoded = np_percent_decode((struct np_span){text, length}, part, sizeof part);
        if (decoded < 0 || !add_component(name, part, (size_t)decoded))
            return false;
        text += length;
    }
    return true;
}

int smb_name_parse(const char *remote, struct smb_name *ret_name) {
    static const char scheme[] = "smb://";
    struct smb_name name;

    name.share[0] = name.dir[0] = '\0';
    if (strncasecmp(remote, scheme, sizeof scheme - 1) == 0) {
        if (!parse_url(remote + sizeof scheme - 1, &name))
            return 0;
    } else if (!parse_unc(remote, &name)) {
        return 0;
    }
    *ret_name = name;
    return 1;
}

/* Returns the key's length, or -1 if it does not fit. */
static int make_key(const struct smb_fold *fold, const struct smb_name *name, char *buffer,
                    size_t size) {
    char plain[NP_HOST_MAX + SMB_NAME_MAX + MPR_KEY_MAX + 16], port[8] = "";
    bool address = strchr(name->host, ':') != NULL;

    if (name->port != SMB_PORT)
        snprintf(port, sizeof port, ":%u", (unsigned)name->port);
    snprintf(plain, sizeof plain, "%s%s%s%s%s%s%s%s", address ? "[" : "", name->host,
             address ? "]" : "", port, name->share[0] ? "/" : "", name->share,
             name->dir[0] ? "/" : "", name->dir);
    return smb_fold_copy(fold, plain, buffer, size);
}

int smb_name_recognise(const struct smb_fold *fold, const char *remote,
                       struct mpr_recognised *ret) {
    struct smb_name name;
    char key[MPR_KEY_MAX];
    int length;

    if (!smb_name_parse(remote, &name))
        return 0;
    length = make_key(fold, &name, key, sizeof key);
    if (length < 0)
        return 0;
    ret->type = RESOURCETYPE_ANY;
    ret->depth = name.share[0] ? 2 : 0;
    memcpy(ret->key, key, (size_t)length + 1);
    return 1;
}
