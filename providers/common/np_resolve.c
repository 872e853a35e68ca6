/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_resolve.c: getaddrinfo as an errand.
 */
#include "config.h"

#include "providers/common/np_resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/common/np_errand.h"

struct request {
    struct np_errand errand;
    int gai;
    struct addrinfo *addresses;
    char port[6];
    char host[];
};

static const struct addrinfo hints = {
    .ai_family = AF_UNSPEC,
    .ai_socktype = SOCK_STREAM,
    .ai_protocol = IPPROTO_TCP,
};

static void run_request(struct np_errand *errand) {
    struct request *request = (struct request *)(void *)errand;

    request->gai = getaddrinfo(request->host, request->port, &hints, &request->addresses);
    if (request->gai)
        request->addresses = NULL;
}

static void destroy_request(struct np_errand *errand) {
    struct request *request = (struct request *)(void *)errand;

    if (request->addresses)
        freeaddrinfo(request->addresses);
    free(request);
}

static struct request *make_request(const char *host, const char *port) {
    size_t length = strlen(host) + 1;
    struct request *request = calloc(1, sizeof *request + length);

    if (!request)
        return NULL;
    request->errand.run = run_request;
    request->errand.destroy = destroy_request;
    memcpy(request->host, host, length);
    memcpy(request->port, port, sizeof request->port);
    return request;
}

/* EAI_MEMORY is this machine's failure, not the name's. */
static int result_of(int gai, int *ret_gai) {
    if (!gai)
        return 0;
    if (gai == EAI_MEMORY)
        return -ENOMEM;
    *ret_gai = gai;
    return -ENXIO;
}

int np_resolve(const char *host, uint16_t port, const struct mpr_call *call,
               struct addrinfo **ret_addresses, int *ret_gai) {
    struct addrinfo numeric = hints;
    struct request *request;
    char service[6] = "";
    int gai, rc;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    numeric.ai_flags = AI_NUMERICHOST;
    gai = getaddrinfo(host, service, &numeric, ret_addresses);
    if (gai != EAI_NONAME)
        return result_of(gai, ret_gai);
    if (!(request = make_request(host, service)))
        return -ENOMEM;
    rc = np_errand_run(&request->errand, call);
    if (rc == 0 && (rc = result_of(request->gai, ret_gai)) == 0) {
        *ret_addresses = request->addresses;
        request->addresses = NULL;
    }
    np_errand_drop(&request->errand);
    return rc;
}
