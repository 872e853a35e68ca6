/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * errors.c: a program as it is written for Windows, in C with A and W functions: an
 * error handler that asks WNetGetLastError for code and words of the provider. It is
 * compiled unchanged for Windows and here.
 *
 *   errors REMOTE [USER PASSWORD]
 */
#ifdef _WIN32
#include <windows.h>
#endif
#include <stdio.h>
#include <string.h>
#include <winnetwk.h>

/* The usual handler: says what function failed, and how. Returns whether it could. */
static BOOL handle_error(HWND owner, DWORD code, LPCSTR function) {
    DWORD result, provider_code;
    char words[512], provider[128];

    (void)owner;
    if (code != ERROR_EXTENDED_ERROR) {
        printf("%s failed with code %lu\n", function, (unsigned long)code);
        return TRUE;
    }
    result = WNetGetLastErrorA(&provider_code, words, sizeof words, provider, sizeof provider);
    if (result != NO_ERROR) {
        printf("WNetGetLastError failed; error %lu\n", (unsigned long)result);
        return FALSE;
    }
    printf("%s failed with the provider's code %lu\n", function, (unsigned long)provider_code);
    printf("%s: %s\n", provider, words);
    return TRUE;
}

/* The same words through the W function, as long as the A function's if they are ASCII. */
static BOOL same_words(void) {
    DWORD narrow_code, wide_code;
    char narrow[512], narrow_name[128];
    WCHAR wide[512], wide_name[128];
    unsigned i;

    if (WNetGetLastErrorA(&narrow_code, narrow, 512, narrow_name, 128) != NO_ERROR
        || WNetGetLastErrorW(&wide_code, wide, 512, wide_name, 128) != NO_ERROR
        || narrow_code != wide_code)
        return FALSE;
    for (i = 0; narrow[i] && wide[i] == (unsigned char)narrow[i]; i++)
        ;
    return narrow[i] == 0 && wide[i] == 0 && i > 0;
}

int main(int argc, char **argv) {
    NETRESOURCEA resource;
    DWORD code;

    if (argc != 2 && argc != 4)
        return 2;
    memset(&resource, 0, sizeof resource);
    resource.dwType = RESOURCETYPE_ANY;
    resource.lpRemoteName = argv[1];
    code = WNetAddConnection3A(NULL, &resource, argc == 4 ? argv[3] : NULL,
                               argc == 4 ? argv[2] : NULL, CONNECT_TEMPORARY);
    if (code == NO_ERROR)
        return WNetCancelConnectionA(argv[1], TRUE) == NO_ERROR ? 0 : 1;
    if (code != GetLastError())
        printf("GetLastError has another code\n");
    if (!handle_error(NULL, code, "WNetAddConnection3"))
        return 1;
    printf("A and W %s\n", same_words() ? "agree" : "differ");
    return 1;
}
