/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_endpoint.c: the host and port that the names of our providers lead to first.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/provider.h>

TestSuite(endpoint, .timeout = 60);

static const struct {
    const char *module, *remote, *host; /* host NULL: it is no name of its */
    uint16_t port;
} names[] = {
    {"smb", "\\\\Server\\share", "server", 445},
    {"smb", "smb://server:1445/share", "server", 1445},
    {"smb", "//[fd00::1]/share", "fd00::1", 445},
    {"smb", "server:/export", NULL, 0},
    {"nfs", "server:/export", "server", 111},
    {"nfs", "nfs://server/export?nfsport=2049&mountport=20048", "server", 20048},
    {"nfs", "\\\\server\\export", "server", 111},
    {"nfs", "ftp://server/", NULL, 0},
    {"sftp", "sftp://server/", "server", 22},
    {"sftp", "sftp://anna@server:2222/home", "server", 2222},
    {"sftp", "\\\\server\\share", NULL, 0},
};

/* NULL: it was not built. */
static const struct mpr_provider *load(const char *name) {
    mpr_provider_query_fn query;
    char path[4096];
    void *module, *symbol;

    snprintf(path, sizeof path, "%s/%s.so", getenv("MPR_TEST_MODULES"), name);
    if (access(path, R_OK))
        return NULL;
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(module, "%s", dlerror());
    symbol = dlsym(module, MPR_PROVIDER_QUERY);
    memcpy(&query, &symbol, sizeof query);
    return query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
}

Test(endpoint, is_told_by_syntax_alone) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct mpr_provider *provider = load(names[i].module);
        char host[256] = "";
        uint16_t port = 0;
        int found;

        if (!provider)
            continue;
        cr_assert_not_null(provider->endpoint, "%s", names[i].module);
        found = provider->endpoint(NULL, names[i].remote, host, sizeof host, &port);
        cr_expect_eq(found, names[i].host != NULL, "%s", names[i].remote);
        cr_expect_eq(port, names[i].port, "%s: %u", names[i].remote, port);
        if (names[i].host)
            cr_expect_str_eq(host, names[i].host, "%s: %s", names[i].remote, host);
        if (names[i].host) /* what has no room is none */
            cr_expect_eq(provider->endpoint(NULL, names[i].remote, host, 3, &port), 0);
    }
}
