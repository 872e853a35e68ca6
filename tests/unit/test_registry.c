/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_registry.c: drop-ins are found, trusted or not, ordered; a broken one
 * hurts no other.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_registry.h"
#include "tests/unit/scratch.h"

static struct mpr_paths *paths;
static struct mpr_config *config;

/* Three directories of drop-ins, of falling precedence: a, b and providers.d. */
static void set_up(void) {
    char *complaint;
    char list[8192];

    scratch_new();
    snprintf(list, sizeof list, "%s:%s", scratch_path("a"), scratch_path("b"));
    setenv("MPR_PROVIDER_PATH", list, 1);
    cr_assert_eq(mpr_paths_new(scratch_path(""), &paths), NO_ERROR);
    cr_assert_eq(mpr_config_new(paths, &config, &complaint), NO_ERROR);
}

static void tear_down(void) {
    mpr_config_free(config);
    mpr_paths_free(paths);
    scratch_free();
}

TestSuite(registry, .timeout = 60, .init = set_up, .fini = tear_down);

static void configure(const char *text) {
    char *complaint;

    mpr_config_free(config);
    scratch_write("config/mpr.json", text);
    cr_assert_eq(mpr_config_new(paths, &config, &complaint), NO_ERROR);
    cr_assert_null(complaint, "%s", complaint);
}

static struct mpr_registry *read_registry(void) {
    struct mpr_registry *registry = NULL;

    cr_assert_eq(mpr_registry_new(paths, config, &registry), NO_ERROR);
    return registry;
}

/* The names in order, each followed by a blank; of broken ones with '!'. */
static void expect_names(const struct mpr_registry *registry, const char *wanted) {
    char names[512] = "";
    size_t length = 0;

    for (size_t i = 0; i < registry->count; i++)
        length +=
            (size_t)snprintf(names + length, sizeof names - length, "%s%s ",
                             registry->drop_ins[i].broken ? "!" : "", registry->drop_ins[i].name);
    cr_expect_str_eq(names, wanted, "\"%s\", not \"%s\"", names, wanted);
}

static const struct mpr_drop_in *find(const struct mpr_registry *registry, const char *name) {
    for (size_t i = 0; i < registry->count; i++)
        if (strcmp(registry->drop_ins[i].name, name) == 0)
            return &registry->drop_ins[i];
    cr_assert_fail("%s is missing", name);
    return NULL;
}

static void expect_broken(const struct mpr_registry *registry, const char *name, const char *why) {
    const struct mpr_drop_in *drop_in = find(registry, name);

    cr_expect(drop_in->broken);
    cr_expect(drop_in->failure.set && drop_in->failure.code != 0);
    cr_expect(strstr(drop_in->failure.text, drop_in->file), "%s", drop_in->failure.text);
    cr_expect(strstr(drop_in->failure.text, why), "\"%s\" is not in \"%s\"", why,
              drop_in->failure.text);
}

Test(registry, without_directories_is_empty) {
    struct mpr_registry *registry = read_registry();

    cr_expect_eq(registry->count, 0);
    mpr_registry_free(registry);
    mpr_registry_free(NULL);
}

Test(registry, reads_every_key) {
    struct mpr_registry *registry;
    const struct mpr_drop_in *smb;

    scratch_write("a/10-smb.json",
                  "{\"name\":\"smb\",\"module\":\"smb.so\",\"worker_module\":\"/w/smb-worker.so\","
                  "\"order\":10,\"isolate\":true,\"unknown\":{},"
                  "\"options\":{\"connect_timeout_ms\":5000,\"flag\":true,\"text\":\"abc\"}}");
    registry = read_registry();
    cr_assert_eq(registry->count, 1);
    smb = &registry->drop_ins[0];
    cr_expect_not(smb->broken, "%s", smb->failure.text);
    cr_expect_str_eq(smb->name, "smb");
    cr_expect_str_eq(smb->file, scratch_path("a/10-smb.json"));
    cr_expect_str_eq(smb->module, MPR_PROVIDERDIR "/smb.so");
    cr_expect_str_eq(smb->worker_module, "/w/smb-worker.so");
    cr_expect_eq(smb->order, 10);
    cr_expect(smb->isolate);
    cr_expect_str_eq(smb->options[0].name, "connect_timeout_ms");
    cr_expect_str_eq(smb->options[0].value, "5000");
    cr_expect_str_eq(smb->options[1].value, "true");
    cr_expect_str_eq(smb->options[2].value, "abc");
    cr_expect_null(smb->options[3].name);
    mpr_registry_free(registry);
}

Test(registry, needs_a_name_and_a_module_only) {
    struct mpr_registry *registry;

    scratch_write("providers.d/77-x.json", "{\"name\":\"x\",\"module\":\"/m/x.so\"}");
    registry = read_registry();
    expect_names(registry, "x ");
    cr_expect_str_eq(registry->drop_ins[0].module, "/m/x.so");
    cr_expect_null(registry->drop_ins[0].worker_module);
    cr_expect_eq(registry->drop_ins[0].order, MPR_REGISTRY_ORDER);
    cr_expect_not(registry->drop_ins[0].isolate);
    cr_expect_null(registry->drop_ins[0].options[0].name);
    mpr_registry_free(registry);
}

Test(registry, a_notification_module_needs_no_provider) {
    struct mpr_registry *registry;

    scratch_write("a/10-x.json", "{\"name\":\"x\",\"notify_module\":\"x.so\",\"order\":3}");
    scratch_write("a/20-y.json",
                  "{\"name\":\"y\",\"notify_module\":\"/n/y.so\",\"module\":\"/m/y.so\"}");
    registry = read_registry();
    expect_names(registry, "x y ");
    cr_expect_str_eq(registry->drop_ins[0].notify_module, MPR_PROVIDERDIR "/x.so");
    cr_expect_null(registry->drop_ins[0].module);
    cr_expect_eq(registry->drop_ins[0].order, 3);
    cr_expect_str_eq(registry->drop_ins[1].notify_module, "/n/y.so");
    cr_expect_str_eq(registry->drop_ins[1].module, "/m/y.so");
    mpr_registry_free(registry);
}

Test(registry, is_ordered_by_number_and_then_by_file_name) {
    struct mpr_registry *registry;

    scratch_write("a/90-a.json", "{\"name\":\"late\",\"module\":\"x\",\"order\":60}");
    scratch_write("a/30-a.json", "{\"name\":\"c\",\"module\":\"x\"}");
    scratch_write("b/20-a.json", "{\"name\":\"b\",\"module\":\"x\"}");
    scratch_write("providers.d/10-a.json", "{\"name\":\"a\",\"module\":\"x\"}");
    scratch_write("providers.d/99-a.json", "{\"name\":\"first\",\"module\":\"x\",\"order\":-5}");
    registry = read_registry();
    expect_names(registry, "first a b c late ");
    mpr_registry_free(registry);
}

Test(registry, takes_a_file_name_from_the_directory_of_highest_precedence) {
    struct mpr_registry *registry;

    scratch_write("a/10-x.json", "{\"name\":\"mine\",\"module\":\"x\"}");
    scratch_write("b/10-x.json", "{\"name\":\"theirs\",\"module\":\"x\"}");
    scratch_write("b/20-y.json", "{\"broken");
    scratch_write("providers.d/20-y.json", "{\"name\":\"whole\",\"module\":\"x\"}");
    registry = read_registry();
    expect_names(registry, "mine !20-y.json ");
    mpr_registry_free(registry);
}

Test(registry, gives_a_name_to_the_first_that_has_it) {
    struct mpr_registry *registry;

    scratch_write("b/90-x.json", "{\"name\":\"x\",\"module\":\"b\"}");
    scratch_write("providers.d/10-x.json", "{\"name\":\"x\",\"module\":\"p\",\"order\":1}");
    scratch_write("providers.d/20-x.json", "{\"name\":\"X\",\"module\":\"p\"}");
    registry = read_registry();
    expect_names(registry, "!10-x.json X x ");
    expect_broken(registry, "10-x.json", "/b/90-x.json has the name \"x\" already");
    mpr_registry_free(registry);
}

Test(registry, ignores_what_is_no_drop_in_and_names_what_nearly_is) {
    struct mpr_registry *registry;

    scratch_write("a/10-x.json~", "{}");
    scratch_write("a/.10-x.json", "{}");
    scratch_write("a/README", "{}");
    scratch_write("a/10-x.json.dpkg-new", "{}");
    scratch_write("a/x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("a/1-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("a/10-.json", "{\"name\":\"x\",\"module\":\"x\"}");
    registry = read_registry();
    expect_names(registry, "!1-x.json !10-.json !x.json ");
    expect_broken(registry, "x.json", "is not of the form NN-name.json");
    mpr_registry_free(registry);
}

Test(registry, breaks_a_malformed_drop_in_alone) {
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "line 1, column 1: there is nothing in it"},
        {"{\n\"name\":\"x\" \"module\":\"x\"}", "line 2, column 12: a ',' or '}' is missing"},
        {"{\"module\":\"x\"}", "\"name\" is missing"},
        {"{\"name\":\"\",\"module\":\"x\"}", "\"name\" is missing"},
        {"{\"name\":1,\"module\":\"x\"}", "\"name\" is no string"},
        {"{\"name\":\"a b\",\"module\":\"x\"}", "\"name\" has other than letters"},
        {"{\"name\":\"x\"}", "\"module\" is missing"},
        {"{\"name\":\"x\",\"module\":\"\"}", "\"module\" is missing"},
        {"{\"name\":\"x\",\"module\":[]}", "\"module\" is no string"},
        {"{\"name\":\"x\",\"module\":\"x\",\"worker_module\":null}",
         "\"worker_module\" is no string"},
        {"{\"name\":\"x\",\"module\":\"x\",\"worker_module\":\"\"}",
         "\"worker_module\" is missing"},
        {"{\"name\":\"x\",\"notify_module\":\"\"}", "\"notify_module\" is missing"},
        {"{\"name\":\"x\",\"notify_module\":7,\"module\":\"x\"}", "\"notify_module\" is no string"},
        {"{\"name\":\"x\",\"notify_module\":\"n\",\"module\":\"\"}", "\"module\" is missing"},
        {"{\"name\":\"x\",\"notify_module\":\"n\",\"worker_module\":\"w\"}",
         "\"worker_module\" is there without a \"module\""},
        {"{\"name\":\"x\",\"module\":\"x\",\"order\":\"1\"}", "\"order\" is no whole number"},
        {"{\"name\":\"x\",\"module\":\"x\",\"order\":1.5}", "\"order\" is no whole number"},
        {"{\"name\":\"x\",\"module\":\"x\",\"isolate\":1}",
         "\"isolate\" is neither true nor false"},
        {"{\"name\":\"x\",\"module\":\"x\",\"options\":1}", "\"options\" is no object"},
        {"{\"name\":\"x\",\"module\":\"x\",\"options\":{\"a\":1,\"b\":{}}}",
         "\"b\" of \"options\""},
        {"{\"name\":\"x\",\"name\":\"y\",\"module\":\"x\"}", "a key occurs twice"},
    };

    scratch_write("a/20-good.json", "{\"name\":\"good\",\"module\":\"x\"}");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mpr_registry *registry;

        scratch_write("a/10-bad.json", cases[i].text);
        registry = read_registry();
        cr_expect_eq(registry->count, 2);
        cr_expect_not(find(registry, "good")->broken);
        expect_broken(registry, "10-bad.json", cases[i].why);
        mpr_registry_free(registry);
    }
}

Test(registry, breaks_a_name_that_is_too_long) {
    struct mpr_registry *registry;
    char text[128];

    snprintf(text, sizeof text, "{\"name\":\"%063d\",\"module\":\"x\"}", 1);
    scratch_write("a/10-a.json", text);
    snprintf(text, sizeof text, "{\"name\":\"%064d\",\"module\":\"x\"}", 2);
    scratch_write("a/20-b.json", text);
    registry = read_registry();
    cr_assert_eq(registry->count, 2);
    cr_expect_not(registry->drop_ins[0].broken);
    expect_broken(registry, "20-b.json", "over 63 of them");
    mpr_registry_free(registry);
}

Test(registry, breaks_what_others_may_write) {
    struct mpr_registry *registry;

    scratch_write("a/10-group.json", "{\"name\":\"g\",\"module\":\"x\"}");
    scratch_write("a/20-all.json", "{\"name\":\"a\",\"module\":\"x\"}");
    scratch_write("b/30-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("providers.d/40-good.json", "{\"name\":\"good\",\"module\":\"x\"}");
    cr_assert_eq(chmod(scratch_path("a/10-group.json"), 0664), 0);
    cr_assert_eq(chmod(scratch_path("a/20-all.json"), 0602), 0);
    cr_assert_eq(chmod(scratch_path("b"), 01777), 0);
    registry = read_registry();
    expect_names(registry, "!10-group.json !20-all.json good !b ");
    expect_broken(registry, "10-group.json", "others than its owner may write it (mode 664)");
    expect_broken(registry, "20-all.json", "(mode 602)");
    expect_broken(registry, "b", "others than its owner may write it");
    mpr_registry_free(registry);
}

Test(registry, breaks_what_belongs_to_somebody_else) {
    struct mpr_registry *registry;

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write("a/10-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("b/20-x.json", "{\"name\":\"y\",\"module\":\"x\"}");
    cr_assert_eq(chown(scratch_path("a/10-x.json"), 65534, 0), 0);
    cr_assert_eq(chown(scratch_path("b"), 65534, 0), 0);
    registry = read_registry();
    expect_names(registry, "!10-x.json !b ");
    expect_broken(registry, "10-x.json", "it belongs to user 65534, not to root or to user 0");
    expect_broken(registry, "b", "it belongs to user 65534");
    mpr_registry_free(registry);
}

static int read_as_nobody(void *context) {
    struct mpr_registry *registry = NULL;
    int status = 0;

    (void)context;
    if (mpr_registry_new(paths, config, &registry) != NO_ERROR || registry->count != 4)
        return 1;
    for (size_t i = 0; i < registry->count; i++) {
        const struct mpr_drop_in *at = &registry->drop_ins[i];
        bool good = strcmp(at->name, "own") == 0 || strcmp(at->name, "roots") == 0;

        if (at->broken == good)
            status = 2;
        if (!good && !strstr(at->failure.text, "Permission denied"))
            status = 3;
    }
    mpr_registry_free(registry);
    return status;
}

Test(registry, is_read_by_a_user_from_roots_files_and_their_own) {
    if (geteuid() != 0)
        cr_skip_test("it takes root");
    scratch_write("a/10-own.json", "{\"name\":\"own\",\"module\":\"x\"}");
    scratch_write("a/20-roots.json", "{\"name\":\"roots\",\"module\":\"x\"}");
    scratch_write("a/30-secret.json", "{\"name\":\"secret\",\"module\":\"x\"}");
    scratch_write("b/40-x.json", "{\"name\":\"hidden\",\"module\":\"x\"}");
    cr_assert_eq(chown(scratch_path("a/10-own.json"), 65534, 65534), 0);
    cr_assert_eq(chmod(scratch_path("a/30-secret.json"), 0600), 0);
    cr_assert_eq(chmod(scratch_path("b"), 0700), 0);
    cr_expect_eq(scratch_fork(65534, read_as_nobody, NULL), 0);
}

Test(registry, breaks_what_is_no_file_without_waiting) {
    struct mpr_registry *registry;

    scratch_mkdir("a/10-directory.json");
    scratch_mkdir("b");
    cr_assert_eq(mkfifo(scratch_path("b/20-fifo.json"), 0600), 0);
    cr_assert_eq(symlink("/dev/null", scratch_path("b/30-device.json")), 0);
    cr_assert_eq(symlink("nowhere", scratch_path("b/40-dangling.json")), 0);
    scratch_write("providers.d", "a file");
    registry = read_registry();
    expect_names(registry, "!10-directory.json !20-fifo.json !30-device.json !40-dangling.json "
                           "!providers.d ");
    expect_broken(registry, "10-directory.json", "it is a directory");
    expect_broken(registry, "20-fifo.json", "it is no regular file");
    expect_broken(registry, "30-device.json", "it is no regular file");
    expect_broken(registry, "40-dangling.json", "No such file");
    expect_broken(registry, "providers.d", "Not a directory");
    mpr_registry_free(registry);
}

Test(registry, follows_a_link_to_a_file_that_is_trusted) {
    struct mpr_registry *registry;

    scratch_write("elsewhere.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_mkdir("a");
    cr_assert_eq(symlink("../elsewhere.json", scratch_path("a/10-x.json")), 0);
    registry = read_registry();
    expect_names(registry, "x ");
    mpr_registry_free(registry);
    cr_assert_eq(chmod(scratch_path("elsewhere.json"), 0666), 0);
    registry = read_registry();
    expect_names(registry, "!10-x.json ");
    mpr_registry_free(registry);
}

Test(registry, leaves_out_disabled_providers_whichever_file_has_them) {
    struct mpr_registry *registry;

    configure("{\"providers\":{\"x\":{\"enabled\":false},\"y\":{\"enabled\":true}}}");
    scratch_write("a/10-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("b/20-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    scratch_write("b/30-y.json", "{\"name\":\"y\",\"module\":\"x\"}");
    registry = read_registry();
    expect_names(registry, "y ");
    mpr_registry_free(registry);
}

Test(registry, takes_order_and_options_from_the_configuration) {
    struct mpr_registry *registry;
    const struct mpr_option *options;

    configure("{\"providers\":{\"x\":{\"order\":99,\"options\":{\"b\":2,\"c\":\"new\"}}}}");
    scratch_write("a/10-x.json",
                  "{\"name\":\"x\",\"module\":\"x\",\"order\":1,\"options\":{\"a\":1,\"b\":1}}");
    scratch_write("a/20-y.json", "{\"name\":\"y\",\"module\":\"x\"}");
    registry = read_registry();
    expect_names(registry, "y x ");
    cr_expect_eq(registry->drop_ins[1].order, 99);
    options = registry->drop_ins[1].options;
    cr_expect_str_eq(mpr_option_get(options, "a"), "1");
    cr_expect_str_eq(mpr_option_get(options, "b"), "2");
    cr_expect_str_eq(mpr_option_get(options, "c"), "new");
    cr_expect_null(mpr_option_get(options, "d"));
    cr_expect_null(mpr_option_get(NULL, "d"));
    mpr_registry_free(registry);
}

Test(registry, breaks_a_directory_of_too_many) {
    struct mpr_registry *registry;
    char name[32];

    scratch_write("b/10-x.json", "{\"name\":\"x\",\"module\":\"x\"}");
    for (unsigned i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "a/10-%u.json", i);
        scratch_write(name, "{}");
    }
    registry = read_registry();
    cr_expect_eq(registry->count, 257);
    mpr_registry_free(registry);
    scratch_write("a/10-one-more.json", "{}");
    registry = read_registry();
    expect_names(registry, "x !a ");
    expect_broken(registry, "a", "there are over 256 of them");
    mpr_registry_free(registry);
}
