/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enumerate.c: a program as it is written for Windows, in C with the W functions:
 * lists the network from its root through providers and servers to the shares, as
 * deep as it goes, and then the connections. It is compiled unchanged for Windows
 * and here.
 *
 *   enumerate [REMOTE]     the second lists with one connection, without a device
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winnetwk.h>

/* Prints a text; what is not ASCII, as numbers. */
static void print_text(LPCWSTR text) {
    for (; text && *text; text++)
        if (*text < 0x80)
            putchar(*text);
        else
            printf("\\u%04x", *text);
}

static void show(const NETRESOURCEW *resource, int depth) {
    static const char *const kinds[] = {"generic", "domain", "server",  "share",
                                        "file",    "group",  "network", "root"};

    printf("%*s", depth * 2, "");
    printf("%s ", resource->dwDisplayType < 8 ? kinds[resource->dwDisplayType] : "other");
    print_text(resource->lpLocalName);
    printf("[");
    print_text(resource->lpRemoteName);
    printf("] by [");
    print_text(resource->lpProvider);
    printf("]%s\n", resource->dwUsage & RESOURCEUSAGE_CONTAINER ? " +" : "");
}

/* One level, and what is below each of its containers. Returns FALSE for a failure. */
static BOOL enumerate(LPNETRESOURCEW container, DWORD scope, int depth) {
    HANDLE list;
    DWORD size = 16384, count, code, i;
    LPNETRESOURCEW entries = malloc(size);

    if (!entries || depth > 8)
        return FALSE;
    code = WNetOpenEnumW(scope, RESOURCETYPE_ANY, 0, container, &list);
    if (code != NO_ERROR) {
        printf("%*sWNetOpenEnum: error %lu\n", depth * 2, "", (unsigned long)code);
        free(entries);
        return FALSE;
    }
    for (;;) {
        count = (DWORD)-1;
        memset(entries, 0, size);
        code = WNetEnumResourceW(list, &count, entries, &size);
        if (code != NO_ERROR)
            break;
        for (i = 0; i < count; i++) {
            show(&entries[i], depth);
            if (scope == RESOURCE_GLOBALNET && (entries[i].dwUsage & RESOURCEUSAGE_CONTAINER))
                enumerate(&entries[i], scope, depth + 1);
        }
    }
    free(entries);
    if (code != ERROR_NO_MORE_ITEMS)
        printf("%*sWNetEnumResource: error %lu\n", depth * 2, "", (unsigned long)code);
    return WNetCloseEnum(list) == NO_ERROR && code == ERROR_NO_MORE_ITEMS;
}

int main(int argc, char **argv) {
    NETRESOURCEA resource;
    BOOL good;

    if (argc > 1) {
        memset(&resource, 0, sizeof resource);
        resource.dwType = RESOURCETYPE_DISK;
        resource.lpRemoteName = argv[1];
        if (WNetAddConnection2A(&resource, NULL, NULL, 0) != NO_ERROR)
            return 1;
    }
    printf("The network:\n");
    good = enumerate(NULL, RESOURCE_GLOBALNET, 1);
    printf("Connections:\n");
    if (!enumerate(NULL, RESOURCE_CONNECTED, 1))
        good = FALSE;
    if (argc > 1 && WNetCancelConnection2A(argv[1], 0, FALSE) != NO_ERROR)
        good = FALSE;
    return good ? 0 : 1;
}
