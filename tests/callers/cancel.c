/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cancel.c: a program as it is written for Windows, in C with UNICODE and the names
 * without a suffix: remembers a connection, cancels it in the ways there are, and
 * says what each returned. It is compiled unchanged for Windows and here.
 *
 *   cancel           cancels Z:, \\memory\demo and what is not connected
 */
#define UNICODE
#ifdef _WIN32
#include <windows.h>
#endif
#include <stdio.h>
#include <string.h>
#include <uchar.h>
#include <winnetwk.h>

static void say(const char *what, DWORD code) {
    printf("%s: %lu\n", what, (unsigned long)code);
}

static DWORD connect_device(LPCWSTR device, DWORD flags) {
    NETRESOURCE resource;
    WCHAR local[8];
    WCHAR remote[] = u"\\\\memory\\demo";
    unsigned i;

    memset(&resource, 0, sizeof resource);
    memset(local, 0, sizeof local);
    for (i = 0; device && device[i] && i < 7; i++)
        local[i] = device[i];
    resource.dwType = RESOURCETYPE_DISK;
    resource.lpLocalName = device ? local : NULL;
    resource.lpRemoteName = remote;
    return WNetAddConnection2(&resource, NULL, NULL, flags);
}

/* How many connections a listing has. */
static int count_entries(DWORD scope) {
    union {
        NETRESOURCE entries[128];
        char bytes[16384];
    } buffer;
    DWORD size = sizeof buffer, count = 0xFFFFFFFF;
    HANDLE list;
    int found = -1;

    if (WNetOpenEnum(scope, RESOURCETYPE_DISK, 0, NULL, &list) != NO_ERROR)
        return -1;
    switch (WNetEnumResource(list, &count, &buffer, &size)) {
    case NO_ERROR:
        found = (int)count;
        break;
    case ERROR_NO_MORE_ITEMS:
        found = 0;
        break;
    }
    WNetCloseEnum(list);
    return found;
}

int main(void) {
    say("connect Z: and remember", connect_device(u"Z:", CONNECT_UPDATE_PROFILE));
    say("connect without a device", connect_device(NULL, 0));
    say("connect Z: once more", connect_device(u"Z:", 0));
    say("last error", GetLastError());
    printf("connected: %d\n", count_entries(RESOURCE_CONNECTED));
    printf("remembered: %d\n", count_entries(RESOURCE_REMEMBERED));
    say("cancel z:", WNetCancelConnection2(u"z:", 0, FALSE));
    say("cancel z: again", WNetCancelConnection2(u"z:", 0, TRUE));
    printf("remembered: %d\n", count_entries(RESOURCE_REMEMBERED));
    say("forget z:", WNetCancelConnection(u"z:", FALSE));
    printf("remembered: %d\n", count_entries(RESOURCE_REMEMBERED));
    say("cancel the share", WNetCancelConnection2(u"\\\\MEMORY\\Demo", 0, TRUE));
    say("cancel Y:", WNetCancelConnection2(u"Y:", 0, FALSE));
    say("cancel with a flag there is not", WNetCancelConnection2(u"Y:", 0x10000000, FALSE));
    say("last error", GetLastError());
    printf("connected: %d\n", count_entries(RESOURCE_CONNECTED));
    return 0;
}
