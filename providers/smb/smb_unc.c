/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_unc.c: spells SMB names. No I/O, no memory of its own.
 */
#include "config.h"

#include "providers/smb/smb_unc.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

/* Is it spelt \\server\share or //server/share, and not as a URL? */
static bool has_separators(const char *remote) {
    return remote[0] == '\\' || remote[0] == '/';
}

int smb_unc_format(const struct smb_name *name, char *buffer, size_t size) {
    bool address = strchr(name->host, ':') != NULL;
    char port[8] = "";
    int length;

    if (name->port != SMB_PORT)
        snprintf(port, sizeof port, ":%u", (unsigned)name->port);
    length = snprintf(buffer, size, "\\\\%s%s%s%s%s%s%s%s", address ? "[" : "", name->host,
                      address ? "]" : "", port, name->share[0] ? "\\" : "", name->share,
                      name->dir[0] ? "\\" : "", name->dir);
    if (length < 0 || (size_t)length >= size)
        return -1;
    for (char *at = buffer; *at; at++)
        if (*at == '/')
            *at = '\\';
    return length;
}

bool smb_unc_rise(struct smb_name *name) {
    char *last = strrchr(name->dir, '/');

    if (last)
        *last = '\0';
    else if (name->dir[0])
        name->dir[0] = '\0';
    else if (name->share[0])
        name->share[0] = '\0';
    else
        return false;
    return true;
}

size_t smb_unc_rest(const char *remote) {
    bool unc = has_separators(remote);
    const char *separators = unc ? "\\/" : "/";
    const char *at = remote + (unc ? 2 : sizeof "smb://" - 1);

    at += strcspn(at, separators);
    if (*at)
        at += 1 + strcspn(at + 1, separators);
    /* a separator at the end stands for nothing */
    if (*at && !at[1])
        at++;
    return (size_t)(at - remote);
}

uint32_t smb_unc_of_file(const char *remote, const char *path, char *buffer, size_t size) {
    char text[SMB_UNC_MAX];
    struct smb_name name;

    if (!smb_name_parse(remote, &name))
        return ERROR_BAD_NET_NAME;
    if (!has_separators(remote)) {
        if (smb_unc_format(&name, text, sizeof text) < 0)
            return ERROR_BAD_NET_NAME;
        remote = text;
    }
    return np_unc_join(remote, path, buffer, size) ? NO_ERROR : ERROR_MORE_DATA;
}
