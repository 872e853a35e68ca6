/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_smb.c: smb.so, the half of the SMB provider that applications load: it
 * knows names and options, connects to nothing, and brings nothing of Samba.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

static const struct mpr_provider *provider;
static char said[2048];
static uint32_t said_code;

static void note(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    said_code = code;
    snprintf(said, sizeof said, "%s", text);
}

static const struct mpr_host host = {.size = sizeof host, .set_error = note};

static void load(void) {
    mpr_provider_query_fn query;
    char path[4096];
    void *module, *symbol;

    snprintf(path, sizeof path, "%s/smb.so", getenv("MPR_TEST_MODULES"));
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    cr_assert(module, "%s", dlerror());
    symbol = dlsym(module, MPR_PROVIDER_QUERY);
    memcpy(&query, &symbol, sizeof query);
    cr_assert_null(query((MPR_PROVIDER_ABI_MAJOR + 1) << 16));
    provider = query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
    cr_assert_not_null(provider);
}

TestSuite(smb, .init = load, .timeout = 60);

Test(smb, tells_its_facts) {
    cr_expect_eq(provider->magic, MPR_PROVIDER_MAGIC);
    cr_expect_eq(provider->size, sizeof *provider);
    cr_expect_str_eq(provider->name, "SMB Network");
    cr_expect_eq(provider->net_type, 0x00020000);
    cr_expect_eq(provider->flags,
                 MPR_PROVIDER_OWN_PROCESS | MPR_PROVIDER_CREDENTIALS | MPR_PROVIDER_ANY_CASE);
    cr_expect_eq(provider->max_io, MPR_MAX_IO);
    cr_expect_null(provider->open, "files are served by a worker");
}

Test(smb, checks_its_options) {
    const struct mpr_option bad[] = {{"signing", "perhaps"}, {NULL, NULL}};
    char error[256] = "";
    void *state = &error;

    cr_expect_eq(provider->init(&host, bad, error, sizeof error, &state), ERROR_INVALID_PARAMETER);
    cr_expect(strstr(error, "signing") && strstr(error, "perhaps"), "%s", error);
    cr_expect_eq(state, &error, "untouched");
}

Test(smb, knows_its_names_and_connects_to_none) {
    const struct mpr_connect args = {.size = sizeof args, .remote = "\\\\srv\\pub"};
    const struct mpr_call call = {.size = sizeof call, .cancel_fd = -1};
    struct mpr_recognised found = {.size = sizeof found};
    uint32_t code = 0;
    void *state, *session = &code;
    char error[256];

    cr_assert_eq(provider->init(&host, NULL, error, sizeof error, &state), NO_ERROR);
    cr_expect_eq(provider->recognise(state, "\\\\SRV\\Pub\\Dir", &found), 1);
    cr_expect_str_eq(found.key, "srv/pub/dir");
    cr_expect_eq(provider->recognise(state, "srv:/export", &found), 0);
    cr_expect_eq(provider->connect(state, &call, &args, &session, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, ERROR_NOT_SUPPORTED);
    cr_expect_eq(said_code, ERROR_NOT_SUPPORTED);
    cr_expect(strstr(said, "\\\\srv\\pub") && strstr(said, "worker_module"), "%s", said);
    cr_expect_eq(session, &code, "untouched");
    cr_expect_eq(provider->disconnect(session, &call, 1), ERROR_NOT_SUPPORTED);
    provider->fini(state);
}

static char parent_name[256];
static uint32_t parent_display;

static int take_parent(void *context, const struct mpr_resource *entry) {
    (void)context;
    snprintf(parent_name, sizeof parent_name, "%s", entry->remote ? entry->remote : "none");
    parent_display = entry->display_type;
    return 0;
}

Test(smb, knows_what_a_name_is_in) {
    static const struct {
        const char *remote, *parent;
        uint32_t display;
    } rows[] = {
        {"\\\\SRV\\Pub\\a\\b", "\\\\srv\\Pub\\a", RESOURCEDISPLAYTYPE_DIRECTORY},
        {"//srv/pub$/a", "\\\\srv\\pub$", RESOURCEDISPLAYTYPE_SHAREADMIN},
        {"smb://srv:4455/pub", "\\\\srv:4455", RESOURCEDISPLAYTYPE_SERVER},
        {"\\\\srv\\", "none", RESOURCEDISPLAYTYPE_SERVER},
    };
    const struct mpr_call call = {.size = sizeof call, .cancel_fd = -1};
    uint32_t code = 4711;
    char error[256];
    void *state;

    cr_assert_eq(provider->init(&host, NULL, error, sizeof error, &state), NO_ERROR);
    said[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(provider->parent(state, &call, rows[i].remote, take_parent, NULL, &code),
                     MPR_DONE);
        cr_expect_str_eq(parent_name, rows[i].parent);
        cr_expect_eq(parent_display, rows[i].display, "%s", rows[i].remote);
    }
    cr_expect_eq(code, 4711, "untouched");
    cr_expect_eq(provider->parent(state, &call, "srv:/export", take_parent, NULL, &code),
                 MPR_NOT_MINE);
    cr_expect_eq(code, ERROR_BAD_NET_NAME);
    cr_expect_str_empty(said, "the owner of the name has the word: %s", said);
    provider->fini(state);
}

Test(smb, names_files_for_others) {
    const struct mpr_call call = {.size = sizeof call, .cancel_fd = -1};
    char error[256], name[64] = "untouched";
    void *state;

    cr_assert_eq(provider->init(&host, NULL, error, sizeof error, &state), NO_ERROR);
    cr_expect_eq(provider->universal(state, &call, "Z:", "//srv/pub", "\\dir\\f", name, 15),
                 ERROR_MORE_DATA);
    cr_expect_str_eq(name, "untouched");
    cr_expect_eq(provider->universal(state, &call, "Z:", "//srv/pub", "\\dir\\f", name, 16),
                 NO_ERROR);
    cr_expect_str_eq(name, "\\\\srv\\pub\\dir\\f");
    cr_expect_eq(provider->universal(state, &call, "Z:", "srv:/x", "", name, sizeof name),
                 ERROR_BAD_NET_NAME);
    cr_expect(strstr(said, "srv:/x"), "%s", said);
    provider->fini(state);
}

Test(smb, brings_nothing_of_samba) {
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4096];

    cr_assert_not_null(maps);
    while (fgets(line, sizeof line, maps))
        cr_expect(!strstr(line, "libsmbclient") && !strstr(line, "samba"), "%s", line);
    fclose(maps);
}
