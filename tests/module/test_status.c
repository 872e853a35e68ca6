/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_status.c: what MprStatus, MprHolders, MprSubscribe and MprServeDrive say of the
 * connections of this process.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO  "\\\\memory\\demo"
#define OTHER "\\\\memory\\other"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,other\", \"printers\": \"laser\"");
    world_scripted("10-slow", "\"takes\": \"//slow/\", \"hang\": \"connect\"");
    world_start();
}

TestSuite(status, .timeout = 60, .init = begin, .fini = world_end);

/* What was told, one line each: "Z: \\memory\demo OK". */
static char told[4096];
static struct mpr_connection_status last;
static unsigned stop_after;

static int tell(void *context, const struct mpr_connection_status *status) {
    static const char *const words[] = {
        "?", "OK", "connecting", "cancelling", "reconnecting", "unavailable", "remembered"};
    size_t length = strlen(told);

    cr_expect_eq(context, &last);
    cr_expect_eq(status->size, sizeof *status);
    cr_assert_lt(status->state, sizeof words / sizeof *words);
    snprintf(told + length, sizeof told - length, "%s %s %s\n", status->device, status->remote,
             words[status->state]);
    last = *status;
    return stop_after && --stop_after == 0;
}

static const char *status_of(const char *name) {
    told[0] = '\0';
    EXPECT_CODE(NO_ERROR, MprStatus(name, tell, &last));
    return told;
}

Test(status, first_devices_then_others_then_nothing_else) {
    cr_expect_str_eq(status_of(NULL), "");
    cr_assert_eq(add(NULL, OTHER, 0), NO_ERROR);
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    cr_assert_eq(add("LPT1", "\\\\memory\\laser", 0), NO_ERROR);
    cr_assert_eq(add("B:", DEMO, 0), NO_ERROR);
    cr_expect_str_eq(status_of(NULL), "B: " DEMO " OK\nZ: " DEMO " OK\nLPT1 \\\\memory\\laser OK\n"
                                      " " OTHER " OK\n");
    cr_expect_str_eq(status_of("z:"), "Z: " DEMO " OK\n");
    cr_expect_eq(last.type, RESOURCETYPE_DISK);
    cr_expect_eq(last.persistent, 0);
    cr_expect_eq(last.open_files, 0);
    cr_expect_eq(last.code, NO_ERROR);
    cr_expect_eq(last.retry_s, 0);
    cr_expect_str_eq(status_of("LPT1:"), "LPT1 \\\\memory\\laser OK\n");
    cr_expect_eq(last.type, RESOURCETYPE_PRINT);
    /* As the provider reads names, not by their letters. */
    cr_expect_str_eq(status_of("\\\\MEMORY\\Demo\\"), "B: " DEMO " OK\nZ: " DEMO " OK\n");
    stop_after = 2;
    cr_expect_str_eq(status_of(NULL), "B: " DEMO " OK\nZ: " DEMO " OK\n");
    cr_assert_eq(WNetCancelConnection2A(DEMO, 0, FALSE), NO_ERROR);
    cr_expect_str_eq(status_of(NULL), "LPT1 \\\\memory\\laser OK\n " OTHER " OK\n");
}

/* The strings are good during the callback only. */
static int check_texts(void *context, const struct mpr_connection_status *status) {
    const char *user = context;

    cr_expect_str_eq(status->user, user);
    cr_expect_str_eq(status->provider, "Memory Network");
    cr_expect_str_eq(status->directory, "");
    cr_expect_str_eq(status->reason, "");
    return 0;
}

Test(status, has_user_persistence_and_open_files) {
    NETRESOURCEA resource = {.lpLocalName = (char[]){"Z:"}, .lpRemoteName = (char[]){DEMO}};
    HANDLE file;

    cr_assert_eq(WNetAddConnection2A(&resource, NULL, "anna", CONNECT_UPDATE_PROFILE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, MprStatus("Z:", check_texts, (char[]){"anna"}));
    cr_assert_eq(MprFileOpen("Z:/a", O_CREAT | O_RDWR, 0600, &file), 0);
    status_of("Z:");
    cr_expect_eq(last.open_files, 1);
    cr_expect_eq(last.persistent, 1);
    MprFileClose(file);
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    cr_expect_str_eq(status_of("Z:"), "Z: " DEMO " remembered\n");
    cr_expect_str_eq(status_of(DEMO), "Z: " DEMO " remembered\n");
    cr_expect_eq(last.persistent, 1);
    EXPECT_CODE(NO_ERROR, MprStatus("Z:", check_texts, (char[]){"anna"}));
    /* Remembered for this, connected to that: not the same connection. */
    world_profile("{\"connections\": {\"B:\": {\"remote_path\": \"//memory/other\"}}}");
    cr_assert_eq(add("Y:", OTHER, 0), NO_ERROR);
    cr_expect_str_eq(status_of(OTHER), "B: //memory/other remembered\nY: " OTHER " OK\n");
    cr_expect_eq(last.persistent, 0);
}

static DWORD connect_slow(void *device) {
    return add(device, "//slow/x", 0);
}

Test(status, shows_what_is_on_its_way_without_waiting) {
    struct background *slow = background(connect_slow, (char[]){"S:"});
    int64_t begun;

    let_it_wait(slow);
    begun = world_ms();
    cr_expect_str_eq(status_of(NULL), "S:  connecting\n");
    cr_expect_lt(world_ms() - begun, 2000);
    cr_assert_eq(WNetCancelConnection2A("S:", 0, TRUE), NO_ERROR);
    cr_expect_eq(wait_for(slow), ERROR_CANCELLED);
    /* One without a device has no name yet. */
    slow = background(connect_slow, NULL);
    let_it_wait(slow);
    cr_expect_str_eq(status_of(NULL), "");
    EXPECT_CODE(NO_ERROR, MprShutdown());
    cr_expect_eq(wait_for(slow), ERROR_CANCELLED);
    world_start();
}

Test(status, what_could_not_be_restored_is_unavailable_with_the_reason) {
    world_scripted("11-gone", "\"takes\": \"//gone/\", \"answer\": \"not_mine\", \"code\": 53, "
                              "\"text\": \"The machine is off.\"");
    world_restart();
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//gone/x\"}}}");
    cr_expect_str_eq(status_of(NULL), "Z: //gone/x remembered\n");
    cr_expect_neq(WNetRestoreConnectionA(NULL, "Z:"), NO_ERROR);
    cr_expect_str_eq(status_of(NULL), "Z: //gone/x unavailable\n");
    cr_expect_eq(last.code, ERROR_BAD_NETPATH);
}

Test(status, of_nothing_and_with_nothing) {
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprStatus(NULL, NULL, NULL));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprStatus("Q:", tell, &last));
    EXPECT_WORDS("Q:");
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprStatus("", tell, &last));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprStatus(DEMO, tell, &last));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, MprStatus("\xff", tell, &last));
    world_profile("{");
    EXPECT_CODE(ERROR_BAD_PROFILE, MprStatus(NULL, tell, &last));
    EXPECT_CODE(ERROR_BAD_PROFILE, MprStatus("Z:", tell, &last));
    EXPECT_WORDS("profile.json is malformed");
}

Test(status, a_bad_profile_hides_no_connection) {
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    world_profile("{");
    cr_expect_str_eq(status_of(NULL), "Z: " DEMO " OK\n");
    cr_expect_str_eq(status_of("Z:"), "Z: " DEMO " OK\n");
    EXPECT_CODE(ERROR_BAD_PROFILE, MprStatus("Y:", tell, &last));
}

static int call_back(void *context, const struct mpr_connection_status *status) {
    (void)context;
    (void)status;
    cr_expect_eq(WNetCancelConnection2A("Z:", 0, TRUE), ERROR_BUSY);
    cr_expect_eq(MprStatus(NULL, tell, &last), ERROR_BUSY);
    return 0;
}

Test(status, a_callback_calls_nothing) {
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, MprStatus(NULL, call_back, NULL));
    cr_expect_str_eq(remote_of("Z:"), DEMO);
}

Test(status, not_in_the_child_of_a_fork) {
    pid_t child;
    int status = 0;

    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    child = fork();
    if (child == 0)
        _exit(MprStatus(NULL, tell, &last) == ERROR_NO_NETWORK ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
}

/* --- holders --- */

static unsigned holders;

static int take_holder(void *context, const struct mpr_holder *holder) {
    unsigned *more = context;

    cr_expect_eq(holder->size, sizeof *holder);
    cr_expect_eq(holder->kind, MPR_HOLDER_FILE);
    cr_expect_eq(holder->pid, getpid());
    cr_expect_str_eq(holder->command, program_invocation_short_name);
    cr_expect_not_null(holder->path);
    *more = holder->more;
    holders++;
    return 0;
}

static unsigned holders_of(const char *name, unsigned *more) {
    holders = 0;
    EXPECT_CODE(NO_ERROR, MprHolders(name, take_holder, more));
    return holders;
}

Test(status, who_has_files_open_holds_them) {
    HANDLE files[3];
    unsigned more = 9;

    cr_assert_eq(add("Z:", DEMO, CONNECT_UPDATE_PROFILE), NO_ERROR);
    cr_expect_eq(holders_of("Z:", &more), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(MprFileOpen("Z:/a", O_CREAT | O_RDWR, 0600, &files[i]), 0);
    cr_expect_eq(holders_of("Z:", &more), 1);
    cr_expect_eq(more, 2);
    cr_expect_eq(holders_of("//memory/demo", &more), 1);
    for (int i = 0; i < 3; i++)
        MprFileClose(files[i]);
    cr_expect_eq(holders_of("Z:", &more), 0);
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    cr_expect_eq(holders_of("Z:", &more), 0); /* remembered */
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprHolders("Y:", take_holder, &more));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprHolders(NULL, take_holder, &more));
    world_profile("{");
    EXPECT_CODE(ERROR_BAD_PROFILE, MprHolders("Y:", take_holder, &more));
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprHolders("Z:", NULL, &more));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, MprHolders("\xff", take_holder, &more));
}

/* --- what only the service has --- */

static int take_event(void *context, const struct mpr_event *event) {
    (void)context;
    (void)event;
    return 1;
}

Test(status, events_and_drives_are_the_services) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprSubscribe(NULL, -1, NULL));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MprSubscribe(take_event, -1, NULL));
    EXPECT_WORDS("service");
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprServeDrive(NULL, nothing));
    EXPECT_CODE(ERROR_INVALID_HANDLE, MprServeDrive("Z:", -1));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, MprServeDrive("\xff", nothing));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprServeDrive("Z:", nothing));
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MprServeDrive("Z:", nothing));
    close(nothing);
}
