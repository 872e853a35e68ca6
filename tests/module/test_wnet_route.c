/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_route.c: which of several providers is asked, whose failure counts,
 * and providers that break their contract.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define UPDATE CONNECT_UPDATE_PROFILE

/* A provider by the options that matter; each has its own name. */
static void provide(const char *file, const char *options) {
    char all[1024];

    snprintf(all, sizeof all, "\"provider\": \"%c%s Network\", %s", file[3] - 'a' + 'A', file + 4,
             options);
    world_scripted(file, all);
}

#define NOT_MINE(code, text)                                                                       \
    "\"answer\": \"not_mine\", \"code\": " #code ", \"native\": 1, \"text\": \"" text "\""
#define FAILED(code, text)                                                                         \
    "\"answer\": \"failed\", \"code\": " #code ", \"native\": 2, \"text\": \"" text "\""
#define TAKES(names) "\"takes\": \"" names "\", "

TestSuite(route, .timeout = 60, .init = world_make, .fini = world_end);

/* How often a provider was asked to connect. */
static unsigned asked(const char *provider) {
    char line[128];

    snprintf(line, sizeof line, "%s Network connect", provider);
    return world_count(world_read("log"), line);
}

Test(route, in_order_until_one_takes_it) {
    provide("30-third", TAKES("//s/") "\"answer\": \"done\"");
    provide("10-first", TAKES("//other/") "\"answer\": \"done\"");
    provide("20-second", TAKES("//s/") NOT_MINE(53, "second: nobody there"));
    provide("40-fourth", TAKES("//s/") "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cr_expect_eq(asked("First"), 0, "who does not recognise a name is not asked");
    cr_expect_eq(asked("Second"), 1);
    cr_expect_eq(asked("Third"), 1);
    cr_expect_eq(asked("Fourth"), 0);
}

/* "Mine, and it failed" ends the asking; its code and words are the answer. */
Test(route, the_first_that_failed_counts) {
    provide("10-first", NOT_MINE(53, "first: nobody there"));
    provide("20-second", FAILED(1326, "second: who are you"));
    provide("30-third", FAILED(5, "third: no"));
    provide("40-fourth", "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(ERROR_LOGON_FAILURE, add("Z:", "//s/x", UPDATE));
    cr_expect_str_eq(last_words(), "second: who are you");
    cr_expect_str_eq(last_provider(), "Second Network");
    cr_expect_eq(last_native(), 2);
    cr_expect_eq(asked("Third"), 0);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
}

/* Nobody's: the first of those that said so, with its own words, not the last. */
Test(route, of_those_it_is_not_the_first_counts) {
    provide("10-first", NOT_MINE(53, "first: nobody there"));
    provide("20-second", NOT_MINE(53, "second: nobody there"));
    provide("30-third", NOT_MINE(67, "third: no such name"));
    world_start();
    EXPECT_CODE(ERROR_BAD_NETPATH, add("Z:", "//s/x", 0));
    cr_expect_str_eq(last_words(), "first: nobody there");
    cr_expect_str_eq(last_provider(), "First Network");
    cr_expect_eq(asked("Third"), 1);
}

Test(route, nobodys_name) {
    provide("10-first", TAKES("//a/") "\"answer\": \"done\"");
    provide("20-second", TAKES("//b/") "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(ERROR_BAD_NET_NAME, add("Z:", "//c/x", 0));
    EXPECT_WORDS("//c/x");
    cr_expect_str_eq(last_provider(), "Multiple Provider Router");
    cr_expect_str_eq(world_read("log"), "");
}

Test(route, a_named_provider_alone_is_asked) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t) "//s/x",
                             .lpProvider = (LPSTR)(uintptr_t) "second network"};

    provide("10-first", "\"answer\": \"done\"");
    provide("20-second", NOT_MINE(53, "second: nobody there"));
    provide("30-third", "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(ERROR_BAD_NETPATH, WNetAddConnection2A(&resource, NULL, NULL, 0));
    cr_expect_eq(asked("First") + asked("Third"), 0);
    resource.lpProvider = (LPSTR)(uintptr_t) "30-third";
    EXPECT_CODE(ERROR_BAD_PROVIDER, WNetAddConnection2A(&resource, NULL, NULL, 0));
    resource.lpProvider = (LPSTR)(uintptr_t) "third";
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    cr_expect_eq(asked("Third"), 1);
}

/* The owner is known, whoever is first in order and says that everything is his. */
Test(route, a_cancel_goes_to_the_owner) {
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t) "Z:",
                             .lpRemoteName = (LPSTR)(uintptr_t) "//s/x",
                             .lpProvider = (LPSTR)(uintptr_t) "Owner Network"};

    provide("10-greedy", "\"answer\": \"done\"");
    provide("20-owner", TAKES("//s/") "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    resource.lpLocalName = NULL;
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("\\\\S\\X", 0, FALSE));
    cr_expect_eq(world_count(world_read("log"), "Owner Network disconnect //s/x"), 2);
    cr_expect_eq(world_count(world_read("log"), "Greedy Network"), 0);
}

/* Two providers have a connection to one name: the first in order owns it. */
Test(route, the_first_that_has_a_connection_owns_the_name) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t) "//s/x",
                             .lpProvider = (LPSTR)(uintptr_t) "Second Network"};

    provide("10-first", "\"answer\": \"done\"");
    provide("20-second", "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, NULL, NULL, 0));
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//s/x", 0, FALSE));
    cr_expect_eq(world_count(world_read("log"), "First Network disconnect"), 1);
    cr_expect_eq(world_count(world_read("log"), "Second Network disconnect"), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("//s/x", 0, FALSE));
    cr_expect_eq(world_count(world_read("log"), "Second Network disconnect"), 1);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("//s/x", 0, FALSE));
}

static int count_failed(void *context, const struct mpr_provider_info *info) {
    unsigned *failed = context;
    HANDLE list;

    cr_expect_eq(info->size, sizeof *info);
    cr_expect_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &list), ERROR_BUSY);
    if (info->state == MPR_PROVIDER_LOADED) {
        cr_expect_str_eq(info->name, "good");
        cr_expect_str_eq(info->provider, "Good Network");
        cr_expect_str_eq(info->error, "");
        cr_expect_eq(info->order, 50);
        cr_expect_eq(info->capabilities, MPR_CAN_USER | MPR_CAN_READ | MPR_CAN_WRITE);
    } else {
        cr_expect(*info->error && *info->drop_in, "%s", info->name);
        ++*failed;
    }
    return 0;
}

static int expect_bad_option(void *context, const struct mpr_provider_info *info) {
    cr_expect_eq(info->state, MPR_PROVIDER_FAILED, "%s", (const char *)context);
    cr_expect_not_null(strstr(info->error, context), "%s", info->error);
    cr_expect_not_null(strstr(info->error, "must be a number from "), "%s", info->error);
    cr_expect_not_null(strstr(info->error, info->drop_in), "%s", info->error);
    return 0;
}

/* Those of the router itself as those of a provider. */
Test(route, options_that_cannot_be_are_refused) {
    static const struct {
        const char *option, *words;
    } cases[] = {
        {"\"sessions\": 9", "The option sessions is \"9\", but must be a number from 1 to 4."},
        {"\"sessions\": 0", "sessions"},
        {"\"attribute_timeout_ms\": \"x\"", "attribute_timeout_ms is \"x\""},
        {"\"attribute_timeout_ms\": -9", "attribute_timeout_ms is \"-9\""},
        {"\"attribute_timeout_ms\": 3600001", "attribute_timeout_ms"},
        {"\"connect_timeout_ms\": 0", "connect_timeout_ms"},
        {"\"io_timeout_ms\": \"1 s\"", "io_timeout_ms is \"1 s\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        provide("10-first", cases[i].option);
        world_restart();
        EXPECT_CODE(NO_ERROR,
                    MprListProviders(expect_bad_option, (void *)(uintptr_t)cases[i].words));
    }
}

static int stop_at_first(void *context, const struct mpr_provider_info *info) {
    (void)info;
    ++*(unsigned *)context;
    return 1;
}

/* One that cannot be loaded hurts no other, though it comes first. */
Test(route, broken_ones_are_skipped_and_told) {
    unsigned failed = 0, calls = 0;

    world_write("providers.d/00-gone.json", "{\"name\": \"gone\", \"module\": \"/nowhere.so\"}");
    world_write("providers.d/01-bad.json", "{\"name\": \"bad\"");
    world_write("providers.d/02-none.json",
                "{\"name\": \"none\", \"module\": \"%s/.libs/libmpr.so\"}",
                secure_getenv("abs_top_builddir"));
    provide("03-back", "\"calls_back\": \"init\"");
    provide("50-good", "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    EXPECT_CODE(NO_ERROR, MprListProviders(count_failed, &failed));
    cr_expect_eq(failed, 4);
    EXPECT_CODE(NO_ERROR, MprListProviders(stop_at_first, &calls));
    cr_expect_eq(calls, 1);
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprListProviders(NULL, NULL));
}

static int expect_capabilities(void *context, const struct mpr_provider_info *info) {
    cr_expect_str_eq(info->error, "");
    cr_expect_eq(info->isolated, true);
    cr_expect_eq(info->capabilities, MPR_CAN_USER | MPR_CAN_READ | MPR_CAN_WRITE, "0x%x",
                 info->capabilities);
    ++*(unsigned *)context;
    return 0;
}

/* What a module lacks it lacks in worker processes too. */
Test(route, capabilities_are_the_modules_wherever_it_runs) {
    unsigned calls = 0;

    world_module("scripted", "worker");
    world_write("providers.d/50-worker.json",
                "{\"name\": \"worker\", \"module\": \"%s\", \"order\": 50, \"isolate\": true}",
                world_path("worker.so"));
    world_start();
    EXPECT_CODE(NO_ERROR, MprListProviders(expect_capabilities, &calls));
    cr_expect_eq(calls, 1);
}

/* How often a module was told this timeout. */
static unsigned told(const char *provider, const char *timeout) {
    char line[128];

    snprintf(line, sizeof line, "%s Network told %s\n", provider, timeout);
    return world_count(world_read("log"), line);
}

/* The bounds for all reach the module, here and in a worker; what its drop-in says comes before. */
Test(route, modules_are_told_the_bounds_in_force) {
    char log[512];

    snprintf(log, sizeof log, "%s", world_path("log"));
    world_config("{\"connect_timeout_ms\": 54321, \"io_timeout_ms\": 8765}");
    provide("10-plain", "\"tells\": true");
    provide("20-other", "\"tells\": true, \"io_timeout_ms\": 99");
    world_module("scripted", "worker");
    world_write("providers.d/05-worker.json",
                "{\"name\": \"worker\", \"module\": \"%s\", \"order\": 5, \"isolate\": true, "
                "\"options\": {\"log\": \"%s\", \"provider\": \"Worker Network\", "
                "\"tells\": true}}",
                world_path("worker.so"), log);
    world_start();
    cr_expect_eq(told("Plain", "connect_timeout_ms 54321"), 1);
    cr_expect_eq(told("Plain", "io_timeout_ms 8765"), 1);
    cr_expect_eq(told("Other", "io_timeout_ms 99"), 1);
    cr_expect_eq(told("Other", "io_timeout_ms 8765"), 0);
    cr_expect_eq(told("Worker", "io_timeout_ms 8765"), 1);
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cr_expect_geq(told("Worker", "connect_timeout_ms 54321"), 2);
    cr_expect_geq(told("Worker", "io_timeout_ms 8765"), 2);
}

/* A provider must not call WNet functions; it is told so, and nothing hangs. */
Test(route, a_provider_that_calls_back_is_told_busy) {
    provide("10-back", TAKES("//back/") "\"calls_back\": \"connect\"");
    provide("20-later", TAKES("//later/") "\"calls_back\": \"disconnect\"");
    world_start();
    EXPECT_CODE(ERROR_BUSY, add("Z:", "//back/x", 0));
    cr_expect_str_eq(last_provider(), "Back Network");
    EXPECT_CODE(NO_ERROR, add("Z:", "//later/x", 0));
    EXPECT_CODE(ERROR_BUSY, WNetCancelConnection2A("Z:", 0, FALSE));
    cr_expect_str_eq(remote_of("Z:"), "//later/x");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
}

static void expect_no_connection(DWORD code, const char *options) {
    provide("10-liar", options);
    world_start();
    EXPECT_CODE(code, add("Z:", "//s/x", UPDATE));
    EXPECT_CODE(code, add(NULL, "//s/x", 0));
    cr_expect_str_eq(last_provider(), "Liar Network");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    MprShutdown();
}

/* Answers that contradict themselves are failures, not successes and not crashes. */
Test(route, liars) {
    expect_no_connection(ERROR_UNEXP_NET_ERR, "\"answer\": \"failed\", \"code\": 0");
    expect_no_connection(ERROR_UNEXP_NET_ERR, "\"answer\": \"failed\", \"code\": 2109");
    expect_no_connection(ERROR_UNEXP_NET_ERR, "\"answer\": \"not_mine\", \"code\": 0");
    expect_no_connection(ERROR_UNEXP_NET_ERR, "\"answer\": \"77\", \"code\": 0");
    expect_no_connection(ERROR_ACCESS_DENIED, "\"answer\": \"77\", \"code\": 5");
    expect_no_connection(ERROR_UNEXP_NET_ERR, "\"answer\": \"done\", \"session\": \"null\"");
    expect_no_connection(ERROR_MORE_DATA, "\"answer\": \"failed\", \"code\": 234");
}

/* Success with information is success. */
Test(route, done_with_information) {
    provide("10-first", "\"answer\": \"done\", \"code\": 2109");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

/* Counts that cannot be are errors, not more bytes than there is room for. */
Test(route, counts_that_cannot_be) {
    char data[64];
    HANDLE file;

    provide("10-boaster", "\"answer\": \"done\", \"surplus\": 100, \"max_io\": 16");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cr_assert_eq(MprFileOpen("Z:\\f", O_RDWR | O_CREAT, 0, &file), 0);
    cr_expect_eq(MprFileWrite(file, data, sizeof data), -EIO);
    cr_expect_eq(MprFilePread(file, data, sizeof data, 0), -EIO);
    cr_expect_eq(MprFileSeek(file, 0, SEEK_CUR), 0);
    cr_expect_eq(MprFileClose(file), 0);
}

/* A provider that changes its mind and cannot move a byte is no endless loop. */
Test(route, no_room_for_a_byte) {
    HANDLE file;

    provide("10-tiny", "\"answer\": \"done\", \"max_io\": 0");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/x", 0));
    cr_assert_eq(MprFileOpen("Z:\\f", O_RDWR | O_CREAT, 0, &file), 0);
    cr_expect_eq(MprFileWrite(file, "x", 1), -EIO);
    cr_expect_eq(MprFileWrite(file, "x", 0), 0);
    cr_expect_eq(MprFileClose(file), 0);
}

struct adding {
    const char *device, *remote;
};

static DWORD add_in_background(void *context) {
    const struct adding *adding = context;

    return add(adding->device, adding->remote, 0);
}

/* A module that takes one call at a time gets one call at a time. */
Test(route, one_thread_means_one_thread) {
    static struct adding adding[4] = {
        {"W:", "//s/w"}, {"X:", "//s/x"}, {"Y:", "//s/y"}, {"Z:", "//s/z"}};
    struct background *running[4];

    provide("10-lone", "\"answer\": \"done\", \"one_thread\": true, \"latency_ms\": 50");
    world_start();
    for (size_t i = 0; i < 4; i++)
        running[i] = background(add_in_background, &adding[i]);
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(wait_for(running[i]), NO_ERROR);
    cr_expect_eq(asked("Lone"), 4);
    cr_expect_eq(world_count(world_read("log"), "overlap"), 0);
}

/* And who comes when it is busy for too long is told so. */
Test(route, one_thread_that_stays_busy) {
    static struct adding slow = {"Y:", "//s/y"};
    char options[512];
    struct background *running;

    snprintf(options, sizeof options,
             "\"answer\": \"done\", \"one_thread\": true, \"connect_timeout_ms\": 200, "
             "\"stuck\": \"connect\", \"until\": \"%s\"",
             world_path("go"));
    provide("10-lone", options);
    world_start();
    running = background(add_in_background, &slow);
    while (!asked("Lone"))
        world_sleep(5);
    EXPECT_CODE(ERROR_BUSY, add("Z:", "//s/z", 0));
    EXPECT_WORDS("one call at a time");
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(running), NO_ERROR);
}

/* A session that must end while its module is busy ends when that comes out. */
Test(route, one_thread_ends_what_was_cancelled_meanwhile) {
    static struct adding slow = {"Y:", "//s/y"};
    char options[512];
    struct background *running;

    world_config("{\"cancel_timeout_ms\": 100}");
    snprintf(
        options, sizeof options,
        "\"answer\": \"done\", \"one_thread\": true, \"stuck\": \"connect\", \"until\": \"%s\"",
        world_path("go"));
    provide("10-lone", options);
    world_write("go", "%s", "");
    world_start();
    EXPECT_CODE(NO_ERROR, add("Z:", "//s/z", 0));
    cr_assert_eq(unlink(world_path("go")), 0);
    running = background(add_in_background, &slow);
    while (asked("Lone") < 2)
        world_sleep(5);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, TRUE));
    cr_expect_eq(world_count(world_read("log"), "forced"), 0);
    world_write("go", "%s", "");
    cr_expect_eq(wait_for(running), NO_ERROR);
    cr_expect_eq(world_count(world_read("log"), "forced"), 1);
}

/* By syntax a name can be of a kind that is not wanted; another provider's need not be. */
Test(route, a_name_of_another_kind_is_left_to_others) {
    provide("10-disks", TAKES("//s/") "\"answer\": \"done\", \"kind\": 1");
    provide("20-printers", TAKES("//s/") "\"answer\": \"done\"");
    world_start();
    EXPECT_CODE(NO_ERROR, add("LPT1:", "//s/queue", 0));
    cr_expect_eq(asked("Disks"), 0);
    cr_expect_eq(asked("Printers"), 1);
}
