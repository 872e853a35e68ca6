/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_unc.c: spells SMB names. No I/O, no memory of its own.
 */
#include "config.h"

#include "providers/smb/smb_unc.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

static void turn_separators(char *text) {
    for (; *text; text++)
        if (*text == '/')
            *text = '\\';
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
    turn_separators(buffer);
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

/* Length of what comes before the server: "\\", "//" or "smb://". */
static size_t begin_of(const char *remote) {
    return remote[0] == '\\' || remote[0] == '/' ? 2 : sizeof "smb://" - 1;
}

size_t smb_unc_rest(const char *remote) {
    const char *separators = remote[0] == '\\' || remote[0] == '/' ? "\\/" : "/";
    const char *at = remote + begin_of(remote);

    at += strcspn(at, separators);
    if (*at)
        at += 1 + strcspn(at + 1, separators);
    /* a separator at the end stands for nothing */
    if (*at && !at[1])
        at++;
    return (size_t)(at - remote);
}

/* remote itself, if it is spelt with separators; else as smb_unc_format has it. */
static int spell(const char *remote, char *buffer, size_t size) {
    struct smb_name name;
    int length;

    if (!smb_name_parse(remote, &name))
        return -1;
    if (remote[0] != '\\' && remote[0] != '/')
        return smb_unc_format(&name, buffer, size);
    length = snprintf(buffer, size, "%s", remote);
    if (length < 0 || (size_t)length >= size)
        return -1;
    turn_separators(buffer);
    if (buffer[length - 1] == '\\')
        buffer[--length] = '\0';
    return length;
}

uint32_t smb_unc_of_file(const char *remote, const char *path, char *buffer, size_t size) {
    char name[4 * MPR_KEY_MAX];
    bool joined = !path[0] || path[0] == '\\' || path[0] == '/';

    if (spell(remote, name, sizeof name) < 0)
        return ERROR_BAD_NET_NAME;
    if (strlen(name) + (joined ? 0 : 1) + strlen(path) >= size)
        return ERROR_MORE_DATA;
    snprintf(buffer, size, "%s%s%s", name, joined ? "" : "\\", path);
    turn_separators(buffer);
    return NO_ERROR;
}
