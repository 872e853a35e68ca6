/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * witness.c: a notification module that does what a file beside it says, which has
 * its name with ".txt" behind it: a line "key=value" each.
 *
 *   log      file to which every call is appended
 *   pre      what it returns before the operation    post   and after it
 *   again    what it returns before another try
 *   once     1: it does so once only, and returns WN_SUCCESS from then on
 *   context  0: it leaves none behind
 *   words    what it tells WNetSetLastError before it returns something else than WN_SUCCESS
 *   always   1: ... or WN_SUCCESS
 *   calls    1: it calls WNetGetUser, and returns the code of that
 *   spoils   1: it overwrites everything that it was given
 */
#include "config.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/npapi.h>

static char own_path[512];
static unsigned calls;

/* The value of a key, or "". */
static const char *setting(const char *key) {
    static char text[4096], value[512];
    size_t length = strlen(key);
    char name[600];
    FILE *file;
    size_t size = 0;

    snprintf(name, sizeof name, "%s.txt", own_path);
    file = fopen(name, "re");
    if (file) {
        size = fread(text, 1, sizeof text - 1, file);
        fclose(file);
    }
    text[size] = '\0';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            snprintf(value, sizeof value, "%s", line + length + 1);
            return value;
        }
    return "";
}

static DWORD number(const char *key) {
    return (DWORD)strtoul(setting(key), NULL, 0);
}

static const char *narrow(const WCHAR *text, char buffer[64]) {
    size_t n = 0;

    if (!text)
        return "-";
    for (; text[n] && n < 63; n++)
        buffer[n] = (char)text[n];
    buffer[n] = '\0';
    return buffer;
}

static void note(const char *operation, const NOTIFYINFO *info, const WCHAR *local,
                 const WCHAR *remote, const WCHAR *provider, DWORD flags) {
    const char *name = strrchr(own_path, '/') + 1;
    char a[64], b[64], c[64];
    FILE *file = fopen(setting("log"), "ae");

    if (!file)
        return;
    fprintf(file, "%.*s %s %s %u %s %s %s 0x%x\n", (int)strcspn(name, "."), name, operation,
            info->dwNotifyStatus == NOTIFY_PRE ? "pre" : "post", info->dwOperationStatus,
            narrow(local, a), narrow(remote, b), narrow(provider, c), flags);
    fclose(file);
}

static DWORD call_back(void) {
    DWORD (*get_user)(LPCSTR, LPSTR, LPDWORD);
    void *symbol = dlsym(RTLD_DEFAULT, "WNetGetUserA");
    char user[64];
    DWORD size = sizeof user;

    memcpy(&get_user, &symbol, sizeof symbol);
    return get_user(NULL, user, &size);
}

static void say(const char *words) {
    void (*set_last_error)(DWORD, LPCSTR, LPCSTR);
    void *symbol = dlsym(RTLD_DEFAULT, "WNetSetLastErrorA");

    memcpy(&set_last_error, &symbol, sizeof symbol);
    set_last_error(4713, words, "Witness");
}

/* What to return, and what to leave behind. */
static DWORD decide(NOTIFYINFO *info) {
    DWORD code = number(info->dwNotifyStatus == NOTIFY_PRE ? "pre" : "post");

    if (info->dwNotifyStatus == NOTIFY_PRE && info->dwOperationStatus == WN_RETRY)
        code = number("again");
    if (info->dwNotifyStatus == NOTIFY_POST && info->lpContext != &own_path)
        code = 9999; /* not what was left behind */
    if (info->dwNotifyStatus == NOTIFY_PRE && strcmp(setting("context"), "0") != 0)
        info->lpContext = &own_path;
    if (code && number("once") && calls++)
        code = WN_SUCCESS;
    if (number("calls"))
        code = call_back();
    if (*setting("words") && (code || number("always")))
        say(setting("words"));
    return code;
}

static void spoil(WCHAR *text) {
    for (; text && *text; text++)
        *text = u'x';
}

#ifndef CANCEL_ONLY
DWORD AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo) {
    NETRESOURCEW *resource = &lpAddInfo->NetResource;

    note("add", lpNotifyInfo, resource->lpLocalName, resource->lpRemoteName, resource->lpProvider,
         lpAddInfo->dwAddFlags);
    if (number("spoils")) {
        spoil(resource->lpLocalName);
        spoil(resource->lpRemoteName);
        memset(lpAddInfo, 0xff, sizeof *lpAddInfo);
    }
    return decide(lpNotifyInfo);
}
#endif

DWORD CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo) {
    note(lpCancelInfo->fForce ? "force" : "cancel", lpNotifyInfo, NULL, lpCancelInfo->lpName,
         lpCancelInfo->lpProvider, lpCancelInfo->dwFlags);
    if (number("spoils")) {
        spoil(lpCancelInfo->lpName);
        memset(lpCancelInfo, 0xff, sizeof *lpCancelInfo);
    }
    return decide(lpNotifyInfo);
}

__attribute__((constructor)) static void find_own_path(void) {
    Dl_info facts;

    if (dladdr(own_path, &facts))
        snprintf(own_path, sizeof own_path, "%s", facts.dli_fname);
}
