/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_server.c: see kit_server.h.
 */
#include "config.h"

#include "tools/conformance/kit_server.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_report.h"
#include "tools/conformance/kit_routed.h"
#include "tools/conformance/kit_run.h"

#define NOT_THERE  "a server"
#define CONNECT_MS 2000

/* The host in //host/share, \\host\share or scheme://user@host:port/path; "" if it has none. */
static const char *host_of(const char *remote) {
    const char *begin = strstr(remote, "://") ? strstr(remote, "://") + 3 : remote;
    const char *end, *at;

    begin += strspn(begin, "/\\");
    end = begin + strcspn(begin, "/\\");
    at = memchr(begin, '@', (size_t)(end - begin));
    begin = at ? at + 1 : begin;
    if (*begin == '[') {
        begin++;
        end = begin + strcspn(begin, "]/\\");
    } else {
        end = begin + strcspn(begin, ":/\\");
    }
    return kit_text("%.*s", (int)(end - begin), begin);
}

static bool accepts(const struct addrinfo *address) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct pollfd connecting = {.fd = fd, .events = POLLOUT};
    socklen_t size = sizeof(int);
    int error = -1;

    if (fd < 0)
        return false;
    connect(fd, address->ai_addr, address->ai_addrlen);
    if (poll(&connecting, 1, (int)kit_limit(CONNECT_MS)) == 1)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    close(fd);
    return error == 0;
}

static bool any_port_accepts(const char *host) {
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    bool found = false;

    for (size_t i = 0; i < kit_lab.port_count && !found; i++) {
        struct addrinfo *addresses = NULL;

        if (getaddrinfo(host, kit_text("%u", kit_lab.ports[i]), &hints, &addresses) != 0)
            continue;
        for (const struct addrinfo *it = addresses; it && !found; it = it->ai_next)
            found = accepts(it);
        freeaddrinfo(addresses);
    }
    return found;
}

static bool says_no_server(DWORD code) {
    const DWORD codes[] = {ERROR_BAD_NETPATH, ERROR_CONNECTION_REFUSED, ERROR_NETWORK_UNREACHABLE,
                           ERROR_HOST_UNREACHABLE, ERROR_HOST_DOWN};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code)
            return true;
    return false;
}

static void connect_once(void) {
    const char *remote = kit_lab.good.items[0], *host, *words;
    DWORD code;

    kit_routed_start(KIT_ALONE, NULL);
    code = kit_add(NULL, remote);
    if (code == NO_ERROR)
        return;
    words = kit_words(NULL, NULL);
    host = host_of(remote);
    if (kit_lab.port_count && *host ? !any_port_accepts(host) : says_no_server(code))
        kit_fail(NOT_THERE, "%s", *words ? words : kit_code_name(code));
}

bool kit_server_there(char *error, size_t error_size) {
    static struct kit_report report;
    size_t length;

    kit_run("server", connect_once, &report);
    if (atomic_load(&report.outcome) != KIT_FAILED || strcmp(report.expected, NOT_THERE) != 0)
        return true;
    length = strlen(report.got);
    snprintf(error, error_size, "The server of %s is not there: %s%s", kit_lab.good.items[0],
             report.got, length && report.got[length - 1] == '.' ? "" : ".");
    return false;
}
