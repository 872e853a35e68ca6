/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_files.c: paths, JSON, configuration, registry and profile, with every
 * allocation failing once: ERROR_NOT_ENOUGH_MEMORY, nothing changed, nothing
 * leaked.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_config.h"
#include "router/mpr_json.h"
#include "router/mpr_option.h"
#include "router/mpr_profile.h"
#include "router/mpr_recent.h"
#include "router/mpr_registry.h"
#include "tests/unit/fail_alloc.h"
#include "tests/unit/scratch.h"

#define PROFILE "config/profile.json"

static struct mpr_paths *paths;
static struct mpr_config *config;
static struct mpr_registry *registry;
static char *complaint;

static void set_up(void) {
    scratch_new();
    setenv("MPR_PROVIDER_PATH", "/nonexistent/a:/nonexistent/b", 1);
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
}

static void tear_down(void) {
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(oom_files, .timeout = 120, .init = set_up, .fini = tear_down);

static struct mpr_paths *other_paths;

static DWORD run_paths(void *context) {
    return mpr_paths_new(context, &other_paths);
}

static void clean_paths(void *context) {
    (void)context;
    mpr_paths_free(other_paths);
    other_paths = NULL;
}

static void check_paths(void *context) {
    (void)context;
    cr_expect_null(other_paths, "results are untouched on failure");
}

Test(oom_files, computing_the_directories) {
    struct fail_alloc_case c = {.run = run_paths, .clean = clean_paths, .check = check_paths};
    char root[] = "/some/root";

    cr_expect_gt(fail_alloc_each(&c), 10);
    unsetenv("HOME");
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_RUNTIME_DIR");
    cr_expect_gt(fail_alloc_each(&c), 12);
    c.context = root;
    cr_expect_gt(fail_alloc_each(&c), 8);
}

static const char document_text[] =
    "{\"a\":{\"b\":[1,2.50,\"x\",true,null]},\"c\":12345678901234567890,\"d\":\"e\"}";
static struct mpr_json *document;

static DWORD run_parse(void *context) {
    struct mpr_json_fault fault;
    DWORD rc = mpr_json_parse(document_text, strlen(document_text), &fault, &document);

    (void)context;
    if (rc == NO_ERROR) {
        const struct mpr_json *c = mpr_json_next(mpr_json_first(document));
        char buffer[MPR_JSON_NUMBER_MAX];

        cr_expect_str_eq(mpr_json_as_text(c, buffer), "12345678901234567890");
    }
    return rc;
}

static void clean_document(void *context) {
    (void)context;
    mpr_json_free(document);
    document = NULL;
}

static void check_document(void *context) {
    (void)context;
    cr_expect_null(document);
}

Test(oom_files, reading_a_document) {
    struct fail_alloc_case c = {.run = run_parse, .clean = clean_document, .check = check_document};

    cr_expect_gt(fail_alloc_each(&c), 15);
}

static char *printed;

static DWORD run_print(void *context) {
    size_t size;

    (void)context;
    return mpr_json_print(document, &printed, &size);
}

static void clean_print(void *context) {
    (void)context;
    free(printed);
    printed = NULL;
}

/* Each puts once more; what was there stays when it cannot. */
static DWORD run_put(void *context) {
    struct mpr_json *child;
    DWORD rc = run_parse(context);

    if (rc != NO_ERROR)
        return rc;
    rc = mpr_json_put_string(document, "d", "new");
    if (rc == NO_ERROR)
        rc = mpr_json_put_string(document, "new", "new");
    if (rc == NO_ERROR)
        rc = mpr_json_put_u64(document, "c", 1);
    if (rc == NO_ERROR)
        rc = mpr_json_open_object(document, "opened", &child);
    if (rc == NO_ERROR)
        rc = mpr_json_put_object(document, "a", &child);
    if (rc != NO_ERROR) {
        const char *text;

        cr_expect_eq(mpr_json_get_string(document, "d", &text), MPR_JSON_FOUND);
        clean_document(context);
    }
    return rc;
}

Test(oom_files, writing_and_changing_a_document) {
    struct fail_alloc_case print = {.run = run_print, .clean = clean_print};
    struct fail_alloc_case put = {.run = run_put, .clean = clean_document};

    fail_alloc_arm(0, false);
    cr_assert_eq(run_parse(NULL), NO_ERROR);
    cr_expect_eq(fail_alloc_each(&print), 1);
    clean_document(NULL);
    cr_expect_gt(fail_alloc_each(&put), 20);
}

static DWORD run_config(void *context) {
    (void)context;
    return mpr_config_new(paths, &config, &complaint);
}

static void clean_config(void *context) {
    (void)context;
    free(complaint);
    complaint = NULL;
    mpr_config_free(config);
    config = NULL;
}

static void check_config(void *context) {
    (void)context;
    cr_expect(!config && !complaint);
}

Test(oom_files, reading_the_configuration) {
    struct fail_alloc_case c = {.run = run_config, .clean = clean_config, .check = check_config};

    scratch_write("etc/mpr.json", "{\"cancel_remote\":\"all\",\"providers\":{"
                                  "\"smb\":{\"order\":1,\"options\":{\"a\":1,\"b\":\"x\"}}}}");
    scratch_write("config/mpr.json", "{\"io_timeout_ms\":0,\"providers\":{"
                                     "\"smb\":{\"options\":{\"b\":2}},\"nfs\":{}}}");
    cr_expect_gt(fail_alloc_each(&c), 30);
}

static DWORD run_registry(void *context) {
    (void)context;
    return mpr_registry_new(paths, config, &registry);
}

static void clean_registry(void *context) {
    (void)context;
    cr_expect_eq(registry->count, 5);
    mpr_registry_free(registry);
    registry = NULL;
}

static void check_registry(void *context) {
    (void)context;
    cr_expect_null(registry);
}

Test(oom_files, reading_the_registry) {
    struct fail_alloc_case c = {
        .run = run_registry, .clean = clean_registry, .check = check_registry};

    scratch_write("config/mpr.json", "{\"providers\":{\"off\":{\"enabled\":false},"
                                     "\"smb\":{\"options\":{\"b\":2}}}}");
    scratch_write("providers.d/10-smb.json",
                  "{\"name\":\"smb\",\"module\":\"smb.so\",\"worker_module\":\"/x.so\","
                  "\"options\":{\"a\":1,\"b\":1}}");
    scratch_write("providers.d/20-off.json", "{\"name\":\"off\",\"module\":\"x\"}");
    scratch_write("providers.d/30-bad.json", "{");
    scratch_write("providers.d/40-twin.json", "{\"name\":\"smb\",\"module\":\"x\"}");
    scratch_write("providers.d/50-bad.json", "{\"name\":\"bad\",\"module\":\"x\",\"order\":\"\"}");
    scratch_write("providers.d/bad.json", "{}");
    cr_assert_eq(mpr_config_new(paths, &config, &complaint), NO_ERROR);
    cr_expect_gt(fail_alloc_each(&c), 50);
    clean_config(NULL);
}

static const char profile_text[] =
    "{\"version\":1,\"keep\":1.50,\"connections\":{\"Y:\":{\"remote_path\":\"\\\\\\\\s\\\\y\","
    "\"own\":[1]},\"Z:\":{\"remote_path\":\"\\\\\\\\s\\\\z\",\"user_name\":\"bob\"}}}";

/* A failure leaves the file byte for byte and nothing beside it but the lock. */
static void check_profile(void *context) {
    char *text = scratch_read(PROFILE);

    (void)context;
    cr_expect_str_eq(text, profile_text);
    cr_expect_leq(scratch_count("config"), 2);
    free(text);
}

static DWORD run_read(void *context) {
    struct mpr_profile_list list = {.count = 42};
    DWORD rc = mpr_profile_read(paths, &list);

    (void)context;
    if (rc == NO_ERROR) {
        cr_expect_eq(list.count, 2);
        mpr_profile_list_clear(&list);
    } else {
        cr_expect_eq(list.count, 42, "results are untouched on failure");
    }
    return rc;
}

static DWORD run_find(void *context) {
    struct mpr_profile_entry entry = {.type = 42};
    bool found = false;
    DWORD rc = mpr_profile_find(paths, "Z:", &found, &entry);

    (void)context;
    if (rc == NO_ERROR) {
        cr_expect(found);
        cr_expect_str_eq(entry.user, "bob");
        mpr_profile_entry_clear(&entry);
    } else {
        cr_expect(!found && entry.type == 42);
    }
    return rc;
}

static DWORD run_check(void *context) {
    return mpr_profile_check(paths, context != NULL);
}

static DWORD run_remember(void *context) {
    char device[] = "X:", remote[] = "\\\\s\\x", user[] = "", provider[] = "SMB Network";
    struct mpr_profile_entry entry = {.device = device,
                                      .remote = remote,
                                      .user = user,
                                      .provider = provider,
                                      .type = RESOURCETYPE_DISK};

    (void)context;
    return mpr_profile_remember(paths, NULL, &entry);
}

static DWORD run_forget(void *context) {
    bool there = false;
    DWORD rc = mpr_profile_forget(paths, "Z:", &there);

    (void)context;
    cr_expect_eq(there, rc == NO_ERROR);
    return rc;
}

/* After a change the next run is to find everything as before. */
static void write_profile(void *context) {
    (void)context;
    cr_expect_leq(scratch_count("config"), 2);
    scratch_write(PROFILE, profile_text);
}

Test(oom_files, reading_the_profile) {
    struct fail_alloc_case c = {.run = run_read, .check = check_profile};

    scratch_write(PROFILE, profile_text);
    cr_expect_gt(fail_alloc_each(&c), 30);
    c.run = run_find;
    cr_expect_gt(fail_alloc_each(&c), 30);
}

Test(oom_files, checking_the_profile) {
    struct fail_alloc_case c = {.run = run_check, .check = check_profile};

    scratch_write(PROFILE, profile_text);
    cr_expect_gt(fail_alloc_each(&c), 30);
}

Test(oom_files, changing_the_profile) {
    struct fail_alloc_case c = {
        .run = run_remember, .clean = write_profile, .check = check_profile};

    scratch_write(PROFILE, profile_text);
    cr_expect_gt(fail_alloc_each(&c), 60);
    c.run = run_forget;
    cr_expect_gt(fail_alloc_each(&c), 60);
}

static void expect_no_profile(void *context) {
    (void)context;
    cr_expect_null(scratch_read(PROFILE));
}

static void remove_profile(void *context) {
    (void)context;
    cr_expect_eq(remove(scratch_path(PROFILE)), 0);
}

Test(oom_files, making_the_profile) {
    struct fail_alloc_case c = {
        .run = run_remember, .clean = remove_profile, .check = expect_no_profile};

    cr_expect_gt(fail_alloc_each(&c), 20);
}

static DWORD run_recent(void *context) {
    const struct mpr_recent_entry *entry = context;

    return mpr_recent_add(paths, entry);
}

static DWORD run_read_recent(void *context) {
    struct mpr_recent_list list;
    DWORD rc = mpr_recent_read(paths, &list);

    (void)context;
    if (rc == NO_ERROR) {
        cr_expect_eq(list.count, 2);
        mpr_recent_list_clear(&list);
    }
    return rc;
}

/* A list that is not the whole one is worse than none. */
Test(oom_files, recent_connections) {
    char remote[] = "//a", provider[] = "SMB Network", key[] = "a", none[] = "";
    struct mpr_recent_entry entry = {remote, provider, key, none, none, RESOURCETYPE_DISK};
    struct fail_alloc_case add = {.run = run_recent, .context = &entry};
    struct fail_alloc_case read = {.run = run_read_recent};

    cr_expect_gt(fail_alloc_each(&add), 10);
    key[0] = 'b';
    cr_expect_gt(fail_alloc_each(&add), 20);
    cr_expect_gt(fail_alloc_each(&read), 10);
}
