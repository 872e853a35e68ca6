/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_watch.c: see kit_watch.h. The program exports these functions, so the
 * dynamic linker binds every module's calls to them; they go on to the real ones.
 */
#include "config.h"

#include "tools/conformance/kit_watch.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/conformance/kit.h"

#define EXPORT __attribute__((visibility("default")))

static atomic_uint calls;
static char last[256]; /* for words only: two threads at once may garble it */

unsigned kit_network_calls(void) {
    return atomic_load(&calls);
}

const char *kit_network_call(void) {
    return last;
}

static void *real(const char *name) {
    void *symbol = dlsym(RTLD_NEXT, name);

    if (!symbol)
        kit_broken("the C library has no %s", name);
    return symbol;
}

static void saw(const char *name, const char *what) {
    atomic_fetch_add(&calls, 1);
    snprintf(last, sizeof last, "%s(%s)", name, what ? what : "");
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length) {
    int (*next)(int, const struct sockaddr *, socklen_t);
    void *symbol = real("connect");

    memcpy(&next, &symbol, sizeof next);
    saw("connect", "");
    return next(fd, address, length);
}

EXPORT ssize_t sendto(int fd, const void *data, size_t size, int flags,
                      const struct sockaddr *address, socklen_t length) {
    ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    void *symbol = real("sendto");

    memcpy(&next, &symbol, sizeof next);
    saw("sendto", "");
    return next(fd, data, size, flags, address, length);
}

EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
                       const struct addrinfo *restrict hints, struct addrinfo **restrict ret) {
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *symbol = real("getaddrinfo");

    memcpy(&next, &symbol, sizeof next);
    if (!hints || !(hints->ai_flags & AI_NUMERICHOST)) /* to take digits apart asks nobody */
        saw("getaddrinfo", node);
    return next(node, service, hints, ret);
}

EXPORT struct hostent *gethostbyname(const char *name) {
    struct hostent *(*next)(const char *);
    void *symbol = real("gethostbyname");

    memcpy(&next, &symbol, sizeof next);
    saw("gethostbyname", name);
    return next(name);
}
