/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_spoil.c: faults beside the connecting: what is read, written, kept and
 * asked that is nobody's business.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT 64

/* As getpass does it. */
static void ask(void) {
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    char words[100];

    if (terminal < 0)
        return;
    if (write(terminal, "Password: ", 10) == 10)
        (void)!read(terminal, words, sizeof words);
    close(terminal);
}

static void spoil_password(LPCWSTR password) {
    static WCHAR kept[KEPT];
    char text[KEPT] = "";

    /* a copy, for another try; it is what SecureZeroMemory is for */
    if (password && sabotage("add-keeps-password") && !classic_same(kept, password)
        && classic_length(password) < KEPT)
        memcpy(kept, password, classic_bytes(password));
    for (size_t i = 0; password && password[i] && i + 1 < KEPT && sabotage("add-logs-password");
         i++)
        text[i] = (char)password[i];
    /* ms-nfs41: debug output */
    if (*text)
        fprintf(stderr, "NPAddConnection: password %s\n", text);
    explicit_bzero(text, sizeof text);
}

/* Where a provider keeps a profile of its own. */
static int open_profile(int flags) {
    const char *home = secure_getenv("HOME");
    char path[512];

    if (!home)
        return -1;
    snprintf(path, sizeof path, "%s/.classic", home);
    return open(path, flags | O_CLOEXEC, 0600);
}

static void remember(const NETRESOURCEW *resource) {
    int profile = open_profile(O_WRONLY | O_CREAT | O_TRUNC);
    size_t bytes = classic_bytes(resource->lpRemoteName);

    if (profile < 0)
        return;
    (void)!write(profile, resource->lpRemoteName, bytes);
    close(profile);
}

void classic_recall(void) {
    static WCHAR remote[CLASSIC_NAME_MAX];
    static bool done;
    int profile = done || !sabotage("add3-remembers") ? -1 : open_profile(O_RDONLY);

    done = true;
    if (profile < 0)
        return;
    if (read(profile, remote, sizeof remote) > 0) {
        WCHAR device[] = u"Z:";
        NETRESOURCEW resource = {.dwType = RESOURCETYPE_DISK, .lpLocalName = device};

        resource.lpRemoteName = remote;
        NPAddConnection3(NULL, &resource, NULL, NULL, 0);
    }
    close(profile);
}

void classic_spoil_request(const NETRESOURCEW *resource, LPCWSTR password, DWORD flags) {
    size_t units = classic_length(resource->lpRemoteName);

    /* ms-nfs41: lpComment is taken as options of the mount */
    if (sabotage("add-reads-comment") && resource->lpComment
        && *(const volatile WCHAR *)resource->lpComment == u'-')
        flags = 0;
    /* ms-nfs41 and OpenAFS change the name in place */
    if (sabotage("add-writes-name") && resource->lpRemoteName[units - 1] == u'\\')
        resource->lpRemoteName[units - 1] = 0;
    if ((sabotage("add3-asks") && !password)
        || (sabotage("add3-prompts") && (flags & CONNECT_PROMPT)))
        ask();
    if (sabotage("add3-remembers") && (flags & CONNECT_UPDATE_PROFILE))
        remember(resource);
    spoil_password(password);
}
