/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_restore.c: connecting what is remembered: one, all at the same time,
 * and what is said about those that fail.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,other\", \"printers\": \"laser\"");
    world_scripted("10-tells", "\"takes\": \"//tells/\", \"tells\": true, \"credentials\": true");
    world_start();
}

TestSuite(restore, .timeout = 60, .init = begin, .fini = world_end);

/* Entries of the profile: device, remote name, and what else there is to say. */
static char profile[8192];

static void remember(const char *device, const char *remote, const char *more) {
    size_t length = strlen(profile);

    for (const char *at = remote; *at; at++) /* as JSON has it */
        cr_assert(*at != '"');
    snprintf(profile + length, sizeof profile - length, "%s\"%s\": {\"remote_path\": \"",
             length ? ", " : "", device);
    for (const char *at = remote; *at; at++) {
        length = strlen(profile);
        snprintf(profile + length, sizeof profile - length, *at == '\\' ? "\\\\" : "%c", *at);
    }
    length = strlen(profile);
    snprintf(profile + length, sizeof profile - length, "\"%s%s}", *more ? ", " : "", more);
}

static void write_profile(void) {
    world_write(WORLD_PROFILE, "{\"version\": 1, \"generation\": \"7\", \"connections\": {%s}}\n",
                profile);
}

/* The profile is the user's: to restore is no reason to write it. */
static void expect_profile_untouched(void) {
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), profile));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"generation\": \"7\""));
}

static unsigned logged(const char *line) {
    return world_count(world_read("log"), line);
}

/* --- one --- */

Test(restore, one_device_in_every_form) {
    remember("Z:", DEMO, "");
    remember("LPT1", "\\\\memory\\laser", "\"connection_type\": 2");
    write_profile();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "z:"));
    cr_expect_str_eq(remote_of("Z:"), DEMO);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionW(NULL, u"lpt1:"));
    cr_expect_str_eq(remote_of("LPT1"), "\\\\memory\\laser");
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetRestoreConnection(NULL, "Z:"));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetRestoreSingleConnectionW(NULL, u"Z:", FALSE));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetRestoreSingleConnectionW(NULL, u"Z:", TRUE));
    expect_profile_untouched();
}

Test(restore, what_is_connected_already) {
    remember("Z:", DEMO, "");
    write_profile();
    EXPECT_CODE(NO_ERROR, add("Z:", "//MEMORY/Demo/", 0));
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    cr_assert_eq(WNetCancelConnection2A("Z:", CONNECT_UPDATE_PROFILE, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, add("Z:", "\\\\memory\\other", 0));
    write_profile();
    EXPECT_CODE(ERROR_ALREADY_ASSIGNED, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_WORDS("\\\\memory\\other");
    EXPECT_WORDS(DEMO);
    cr_expect_str_eq(remote_of("Z:"), "\\\\memory\\other");
}

Test(restore, what_is_not_remembered) {
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, NULL));
    EXPECT_CODE(NO_ERROR, WNetRestoreAllConnectionsW(NULL));
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_WORDS("not remembered");
}

Test(restore, by_whom_and_as_whom_it_was) {
    remember("Z:", "//tells/a", "\"user_name\": \"anna\", \"provider_name\": \"Scripted Network\"");
    remember("Y:", "//tells/b", "\"provider_name\": \"Gone Network\"");
    remember("X:", "//tells/c", "\"provider_name\": \"Memory Network\"");
    write_profile();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    cr_expect_eq(logged(" as anna\n"), 1);
    EXPECT_CODE(ERROR_BAD_PROVIDER, WNetRestoreConnectionA(NULL, "Y:"));
    EXPECT_WORDS("Gone Network");
    EXPECT_WORDS("Y:");
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetRestoreConnectionA(NULL, "X:"));
    cr_expect_eq(logged(" connect "), 1, "another provider is not asked");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 3, "what failed stays remembered");
    expect_profile_untouched();
}

/* Flags that a hand has put there do nothing that a restore would not. */
Test(restore, only_flags_for_providers_are_used) {
    remember("Z:", "//tells/a", "\"connect_flags\": 4294967295");
    write_profile();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    cr_expect_eq(logged("deferred"), 0);
    expect_profile_untouched();
}

Test(restore, a_bad_profile_restores_nothing) {
    world_profile("{\"connections\": 7}");
    EXPECT_CODE(ERROR_BAD_PROFILE, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_CODE(ERROR_BAD_PROFILE, WNetRestoreConnectionA(NULL, NULL));
    EXPECT_CODE(ERROR_BAD_PROFILE, WNetRestoreAllConnectionsW(NULL));
}

/* --- all --- */

Test(restore, all_and_what_is_said_of_those_that_fail) {
    remember("D:", DEMO, "");
    remember("E:", "\\\\memory\\nosuch", "");
    remember("F:", "\\\\memory\\other", "");
    remember("G:", "//tells/x", "\"provider_name\": \"Gone Network\"");
    remember("H:", "nobody's", "");
    write_profile();
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetRestoreConnectionA(NULL, NULL));
    EXPECT_WORDS("3 of 5");
    EXPECT_WORDS(": E:, G:, H:.");
    EXPECT_WORDS("E: Cannot connect to \\\\memory\\nosuch");
    EXPECT_WORDS(" G: is remembered for"); /* as the reason itself begins */
    cr_expect_null(strstr(last_words(), "G: G:"));
    EXPECT_WORDS("Gone Network");
    EXPECT_WORDS("nobody's");
    cr_expect_str_eq(last_provider(), "Memory Network", "that of the first failure");
    cr_expect_str_eq(remote_of("D:"), DEMO);
    cr_expect_str_eq(remote_of("F:"), "\\\\memory\\other");
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 5);
    EXPECT_CODE(ERROR_BAD_NET_NAME, WNetRestoreAllConnectionsW(NULL));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    expect_profile_untouched();
}

Test(restore, every_device_there_is) {
    unsigned threads = world_threads();
    char device[8], remote[32];

    for (int i = 0; i < 35; i++) {
        snprintf(device, sizeof device, i < 26 ? "%c:" : "LPT%c", i < 26 ? 'A' + i : '1' + i - 26);
        snprintf(remote, sizeof remote, "//tells/%d", i);
        remember(device, remote, i < 26 ? "" : "\"connection_type\": 2");
    }
    write_profile();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, NULL));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 35);
    for (int waited = 0; world_threads() > threads && waited < 5000; waited += 5)
        world_sleep(5); /* the kernel's idea of "gone" may be a moment late */
    cr_expect_eq(world_threads(), threads, "its threads are gone");
}

Test(restore, deferred_where_the_provider_can) {
    world_scripted("20-later", "\"takes\": \"//later/\", \"tells\": true, \"defers\": true, "
                               "\"provider\": \"Later Network\"");
    world_restart();
    remember("Y:", "//later/a", "");
    remember("Z:", "//tells/a", "");
    write_profile();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Y:"));
    cr_expect_eq(logged("deferred"), 0, "one that is wanted is wanted now");
    cr_assert_eq(WNetCancelConnection2A("Y:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetRestoreAllConnectionsW(NULL));
    cr_expect_eq(logged("deferred"), 1);
    cr_expect_eq(logged("Later Network deferred //later/a\n"), 1);
}

/* --- a server that is silent --- */

static DWORD restore_all(void *context) {
    (void)context;
    return WNetRestoreConnectionA(NULL, NULL);
}

/* Until a device is connected; 10 s are not to be had here. */
static bool comes_up(const char *device, const char *remote) {
    for (int waited = 0; waited < 10000; waited += 5) {
        if (strcmp(remote_of(device), remote) == 0)
            return true;
        world_sleep(5);
    }
    return false;
}

static bool is_asked(const char *line) {
    for (int waited = 0; waited < 10000; waited += 5) {
        if (logged(line))
            return true;
        world_sleep(5);
    }
    return false;
}

/* The silent ones say nothing until all others are there: nobody waits for them. */
Test(restore, a_dead_server_delays_nobody) {
    struct background *running;
    char options[512];
    DWORD rc;

    snprintf(options, sizeof options,
             "\"takes\": \"//dead/\", \"stuck\": \"connect\", \"until\": \"%s\", \"answer\": "
             "\"not_mine\", \"code\": 53, \"provider\": \"Dead Network\"",
             world_path("awake"));
    world_scripted("05-dead", options);
    world_restart();
    for (char letter = 'D'; letter < 'P'; letter++) /* before and after the living ones */
        remember((char[]){letter, ':', 0}, "//dead/a", "");
    remember("P:", DEMO, "");
    remember("Q:", "//tells/b", "");
    remember("R:", "//dead/b", "");
    remember("S:", "\\\\memory\\other", "");
    write_profile();
    running = background(restore_all, NULL);
    cr_expect(comes_up("P:", DEMO));
    cr_expect(comes_up("Q:", "//tells/b"));
    cr_expect(comes_up("S:", "\\\\memory\\other"));
    cr_expect(is_asked("Dead Network connect //dead/b\n"), "nor do they wait for each other");
    cr_expect(!is_finished(running));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("S:", 0, FALSE));
    world_write("awake", "%s", "");
    rc = wait_for(running);
    cr_expect_eq(rc, ERROR_BAD_NETPATH, "%u", rc);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
}

/* One that is being restored can be given up as any that is being connected. */
Test(restore, a_forced_cancel_ends_waiting_for_one) {
    struct background *running;

    world_scripted("05-slow", "\"takes\": \"//slow/\", \"hang\": \"connect\", \"provider\": "
                              "\"Slow Network\"");
    world_restart();
    remember("Y:", "//slow/a", "");
    remember("Z:", DEMO, "");
    write_profile();
    running = background(restore_all, NULL);
    cr_expect(is_asked("Slow Network connect //slow/a\n"));
    cr_expect(comes_up("Z:", DEMO));
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Y:", 0, TRUE));
    cr_expect_eq(wait_for(running), ERROR_CANCELLED);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
}

/* --- signals are the program's --- */

static volatile sig_atomic_t handled_by_thread;
static pthread_t main_thread;

static void handle(int number) {
    (void)number;
    handled_by_thread += !pthread_equal(pthread_self(), main_thread);
}

Test(restore, its_threads_take_no_signals) {
    struct sigaction action = {.sa_handler = handle};
    sigset_t alarm_only, before;
    struct background *running;
    char options[256];

    main_thread = pthread_self();
    snprintf(options, sizeof options,
             "\"takes\": \"//dead/\", \"stuck\": \"connect\", \"until\": "
             "\"%s\"",
             world_path("awake"));
    world_scripted("05-dead", options);
    world_restart();
    remember("Y:", "//dead/a", "");
    remember("Z:", "//dead/b", "");
    write_profile();
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &alarm_only, &before);
    running =
        background(restore_all, NULL); /* it and main block it: theirs would be the only ones */
    cr_expect(is_asked(" connect //dead/b\n"));
    kill(getpid(), SIGUSR1);
    world_sleep(50);
    cr_expect_eq(handled_by_thread, 0);
    world_write("awake", "%s", "");
    cr_expect_eq(wait_for(running), NO_ERROR);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    cr_expect_eq(handled_by_thread, 0);
}

/* --- asking --- */

static struct {
    const char *answers[4];
    unsigned asked;
    char questions[2048];
} user;

static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    const char *answer = user.answers[user.asked++];
    size_t length = strlen(user.questions);

    (void)context;
    (void)echo;
    snprintf(user.questions + length, sizeof user.questions - length, "%s|", question);
    if (!answer)
        return ERROR_CANCELLED;
    snprintf(buffer, size, "%s", answer);
    return NO_ERROR;
}

static void begin_asking(void) {
    world_make();
    world_isolated_memory("\"shares\": \"demo,other\", \"user\": \"anna\", \"password\": "
                          "\"geheim\"");
    world_start();
    remember("Y:", DEMO, "\"user_name\": \"anna\"");
    remember("Z:", "\\\\memory\\other", "\"user_name\": \"anna\"");
    write_profile();
    cr_assert_eq(MprSetPrompt(prompt, NULL), NO_ERROR);
}

TestSuite(restore_asking, .timeout = 60, .init = begin_asking, .fini = world_end);

Test(restore_asking, no_password_is_remembered_so_it_is_asked_for) {
    user.answers[0] = "geheim";
    EXPECT_CODE(ERROR_INVALID_PASSWORD, WNetRestoreSingleConnectionW(NULL, u"Y:", FALSE));
    cr_expect_eq(user.asked, 0);
    EXPECT_CODE(NO_ERROR, WNetRestoreSingleConnectionW(NULL, u"Y:", TRUE));
    cr_expect_eq(user.asked, 1);
    cr_expect_not_null(strstr(user.questions, "\nPassword for anna on " DEMO ": |"), "%s",
                       user.questions);
    user.answers[1] = "falsch";
    user.answers[2] = "geheim";
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    cr_expect_eq(user.asked, 3);
    expect_profile_untouched();
}

Test(restore_asking, all_one_after_the_other) {
    user.answers[0] = "geheim";
    user.answers[1] = "geheim";
    EXPECT_CODE(ERROR_INVALID_PASSWORD, WNetRestoreAllConnectionsW(NULL));
    cr_expect_eq(user.asked, 0);
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionW(NULL, NULL));
    cr_expect_eq(user.asked, 2);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
}

Test(restore_asking, giving_up_is_giving_up_all_of_them) {
    EXPECT_CODE(ERROR_CANCELLED, WNetRestoreConnectionA(NULL, NULL));
    cr_expect_eq(user.asked, 1);
    EXPECT_WORDS(": Y:, Z:.");
    EXPECT_WORDS("given up at the prompt");
    EXPECT_WORDS("the password is wrong");
    EXPECT_CODE(ERROR_CANCELLED, WNetRestoreConnectionA(NULL, "Z:"));
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 2);
}

Test(restore_asking, nobody_to_ask) {
    MprSetPrompt(NULL, NULL);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_WORDS("Nobody can be asked");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, WNetRestoreConnectionA(NULL, NULL));
    EXPECT_WORDS("2 of 2");
}
