/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * connect.c: a program as it is written for Windows, in C with the A functions:
 *
 *   connect DEVICE REMOTE [USER PASSWORD]
 *
 * connects a device, or "*" for one that is free, tells what it leads to, and cancels it. It is
 * compiled unchanged for Windows and here.
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <stdio.h>
#include <string.h>
#include <winnetwk.h>

/* Shows what a device leads to; the buffer grows as the function says. */
static DWORD show_connection(LPCSTR device) {
    char remote[1024];
    DWORD size = 1, code;

    code = WNetGetConnectionA(device, remote, &size);
    printf("room for one character: error %lu, and %s is needed\n", (unsigned long)code,
           size > 1 && size <= sizeof remote ? "more" : "nothing");
    if (code != ERROR_MORE_DATA || size > sizeof remote)
        return code;
    code = WNetGetConnectionA(device, remote, &size);
    if (code == NO_ERROR)
        printf("%s is %s\n", device, remote);
    return code;
}

int main(int argc, char **argv) {
    NETRESOURCEA resource;
    char access[16];
    DWORD size = sizeof access, result = 0, code;
    BOOL any = argc > 1 && strcmp(argv[1], "*") == 0;

    if (argc != 3 && argc != 5)
        return 2;
    memset(&resource, 0, sizeof resource);
    resource.dwType = RESOURCETYPE_DISK;
    resource.lpLocalName = any ? NULL : argv[1];
    resource.lpRemoteName = argv[2];

    code =
        WNetUseConnectionA(NULL, &resource, argc == 5 ? argv[4] : NULL, argc == 5 ? argv[3] : NULL,
                           any ? CONNECT_REDIRECT : CONNECT_TEMPORARY, access, &size, &result);
    if (code != NO_ERROR) {
        printf("System error %lu has occurred.\n", (unsigned long)code);
        return 1;
    }
    printf("%s is now connected to %s (%s)\n", access, argv[2],
           result & CONNECT_LOCALDRIVE ? "a device" : "no device");
    code = show_connection(access);
    if (code != NO_ERROR)
        printf("WNetGetConnection: error %lu\n", (unsigned long)code);
    code = WNetCancelConnection2A(access, 0, FALSE);
    if (code == NO_ERROR)
        printf("%s was deleted successfully.\n", access);
    else
        printf("WNetCancelConnection2: error %lu\n", (unsigned long)code);
    return code == NO_ERROR ? 0 : 1;
}
