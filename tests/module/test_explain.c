/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_explain.c: MprExplain goes the way to a resource and says where it ends, in time.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

/* Of a connect; short where it is waited for to its end. */
#define SHORT_MS 600
static int timeout_ms = 10000;

static int listener = -1, crowd[8];

/* A port of this machine where somebody listens, and does no more than that. */
static unsigned listen_somewhere(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(listener, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(listener, 64), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

/* From now on nobody else gets an answer there. */
static void crowd_out(unsigned port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(listen(listener, 0), 0);
    for (size_t i = 0; i < sizeof crowd / sizeof *crowd; i++) {
        crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(crowd[i], (struct sockaddr *)&address, sizeof address);
    }
    world_sleep(50);
}

static void leave(void) {
    for (size_t i = 0; i < sizeof crowd / sizeof *crowd; i++)
        if (crowd[i] > 0)
            close(crowd[i]);
    if (listener >= 0)
        close(listener);
    world_end();
}

TestSuite(explain, .timeout = 60, .init = world_make, .fini = leave);

/* A provider at that place whose connects come to that. */
static void place(const char *host, unsigned port, const char *more) {
    char options[512];

    snprintf(options, sizeof options,
             "\"takes\": \"//srv/\", \"endpoint\": \"%s:%u\", \"connect_timeout_ms\": %d%s%s", host,
             port, timeout_ms, *more ? ", " : "", more);
    world_scripted("10-first", options);
    world_start();
}

/* What was told: a letter for each step's outcome, and the words of the one that failed. */
static char outcomes[16], words[1024], all_words[8192];
static uint32_t failed_code;

static int tell(void *context, const struct mpr_step *step) {
    static const char *const names[] = {"provider", "name", "tcp", "protocol", "login", "share"};
    size_t number = strlen(outcomes), length = strlen(all_words);

    cr_expect_eq(context, outcomes);
    cr_expect_eq(step->size, sizeof *step);
    cr_assert_lt(number, 6);
    cr_expect_str_eq(step->step, names[number]);
    cr_expect(*step->words);
    cr_expect_eq(step->code != NO_ERROR, step->outcome == MPR_STEP_FAILED);
    outcomes[number] = "?+-."[step->outcome];
    outcomes[number + 1] = '\0';
    snprintf(all_words + length, sizeof all_words - length, "%s\n", step->words);
    if (step->outcome == MPR_STEP_FAILED) {
        failed_code = step->code;
        snprintf(words, sizeof words, "%s", step->words);
    }
    return 0;
}

static const char *explain(const char *name) {
    int64_t begun = world_ms();

    outcomes[0] = words[0] = all_words[0] = '\0';
    failed_code = NO_ERROR;
    EXPECT_CODE(NO_ERROR, MprExplain(name, tell, outcomes));
    cr_expect_lt(world_ms() - begun, timeout_ms + 1000 + 2000, "within its bound");
    return outcomes;
}

#define EXPECT_STEP(piece) cr_expect_not_null(strstr(words, (piece)), "%s", words)

static unsigned connects(void) {
    return world_count(world_read("log"), " connect ");
}

Test(explain, a_way_that_is_free) {
    place("127.0.0.1", listen_somewhere(), "\"answer\": \"done\"");
    cr_expect_str_eq(explain("//srv/x"), "++++++", "%s", all_words);
    cr_expect_not_null(strstr(all_words, "127.0.0.1 is an address"));
    cr_expect_eq(connects(), 1);
    cr_expect_eq(world_count(world_read("log"), " forced "), 1, "it is broken again");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    /* What is connected is not connected once more. */
    cr_assert_eq(add("Z:", "//srv/x", 0), NO_ERROR);
    cr_expect_str_eq(explain("Z:"), "++++++");
    cr_expect_str_eq(explain("//SRV/x"), "++++++");
    cr_expect_eq(connects(), 2);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
}

Test(explain, a_name_that_nobody_knows) {
    place("no-such-host.invalid", 1, "\"answer\": \"done\"");
    cr_expect_str_eq(explain("//srv/x"), "+-....");
    cr_expect_eq(failed_code, ERROR_BAD_NETPATH);
    EXPECT_STEP("no-such-host.invalid");
    cr_expect_eq(connects(), 0);
}

Test(explain, a_port_that_is_closed) {
    unsigned port = listen_somewhere();

    close(listener);
    listener = -1;
    place("localhost", port, "\"answer\": \"done\"");
    cr_expect_str_eq(explain("//srv/x"), "++-...");
    cr_expect_eq(failed_code, ERROR_CONNECTION_REFUSED);
    EXPECT_STEP("Connection refused");
    cr_expect_eq(connects(), 0);
}

Test(explain, a_port_that_is_silent) {
    unsigned port = listen_somewhere();

    crowd_out(port);
    timeout_ms = SHORT_MS;
    place("127.0.0.1", port, "\"answer\": \"done\"");
    cr_expect_str_eq(explain("//srv/x"), "++-...");
    cr_expect_eq(failed_code, ERROR_TIMEOUT);
    EXPECT_STEP("Nobody answers");
}

Test(explain, another_protocol_is_tried_anew_each_time) {
    place("127.0.0.1", listen_somewhere(),
          "\"answer\": \"not_mine\", \"code\": 53, \"text\": \"No such talk.\"");
    cr_assert_eq(add("Z:", "//srv/x", 0), ERROR_BAD_NETPATH);
    cr_expect_str_eq(explain("//srv/x"), "+++-..");
    EXPECT_STEP("No such talk.");
    cr_expect_eq(connects(), 2);
}

Test(explain, a_login_that_failed_is_not_tried_anew) {
    place("127.0.0.1", listen_somewhere(),
          "\"answer\": \"failed\", \"code\": 1326, \"text\": \"Not you.\"");
    EXPECT_CODE(ERROR_NOT_FOUND, MprExplain(NULL, tell, outcomes));
    cr_assert_eq(add("Z:", "//srv/x", 0), ERROR_LOGON_FAILURE);
    cr_expect_str_eq(explain(NULL), "++++-.");
    cr_expect_eq(failed_code, ERROR_LOGON_FAILURE);
    EXPECT_STEP("Not you.");
    EXPECT_STEP("password");
    cr_expect_str_eq(explain("//SRV/x/"), "++++-.");
    cr_expect_eq(connects(), 1);
    /* Another one has not been tried. */
    cr_expect_str_eq(explain("//srv/y"), "++++-.");
    cr_expect_eq(connects(), 2);
}

/* What failed here, or nobody knows where, claims nothing of the server. */
static void expect_no_claim(const char *options, const char *wanted) {
    place("127.0.0.1", listen_somewhere(), options);
    cr_expect_str_eq(explain("//srv/x"), wanted, "%s", all_words);
    cr_expect_null(strstr(all_words, "answers in this protocol"), "%s", all_words);
    cr_expect_null(strstr(all_words, "let the user in"), "%s", all_words);
}

Test(explain, a_provider_that_cannot_be_run) {
    expect_no_claim("\"answer\": \"not_mine\", \"code\": 1114, \"text\": \"It is ill.\"", "+++-..");
    EXPECT_STEP("It is ill. The fault is on this machine");
}

Test(explain, what_this_machine_lacks) {
    expect_no_claim("\"answer\": \"failed\", \"code\": 4, \"text\": \"Too many.\"", "+++-..");
    EXPECT_STEP("The fault is on this machine");
    EXPECT_STEP("ulimit");
    /* It may be over: that is tried anew. */
    cr_assert_eq(add("Z:", "//srv/x", 0), ERROR_TOO_MANY_OPEN_FILES);
    explain("//srv/x");
    cr_expect_eq(connects(), 3);
}

Test(explain, a_failure_that_does_not_say_where) {
    expect_no_claim("\"answer\": \"failed\", \"code\": 1208, \"text\": \"Odd.\"", "+++..-");
    EXPECT_STEP("Odd.");
}

Test(explain, a_share_that_is_not_there) {
    place("127.0.0.1", listen_somewhere(), "\"answer\": \"failed\", \"code\": 67");
    cr_assert_eq(add("Z:", "//srv/x", 0), ERROR_BAD_NET_NAME);
    cr_expect_str_eq(explain(NULL), "+++++-");
    cr_expect_eq(failed_code, ERROR_BAD_NET_NAME);
    EXPECT_STEP("name of the share");
}

Test(explain, a_connect_that_hangs_ends_in_time) {
    timeout_ms = SHORT_MS;
    place("127.0.0.1", listen_somewhere(),
          "\"hang\": \"connect\", \"answer\": \"not_mine\", \"code\": 53");
    cr_expect_str_eq(explain("//srv/x"), "+++-..");
    EXPECT_STEP("silent then");
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
}

Test(explain, without_a_server) {
    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    world_start();
    cr_expect_str_eq(explain("\\\\memory\\demo"), "+..+-.");
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/none\"}}}");
    cr_expect_str_eq(explain("z:"), "+..+-.");
}

Test(explain, what_cannot_be_explained) {
    world_memory("");
    world_start();
    EXPECT_CODE(ERROR_INVALID_ADDRESS, MprExplain("//srv/x", NULL, NULL));
    EXPECT_CODE(ERROR_BAD_NET_NAME, MprExplain("what is this", tell, outcomes));
    EXPECT_CODE(ERROR_BAD_NET_NAME, MprExplain("", tell, outcomes));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprExplain("Q:", tell, outcomes));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, MprExplain("\xff", tell, outcomes));
    EXPECT_CODE(ERROR_NOT_FOUND, MprExplain(NULL, tell, outcomes));
}

/* As somebody with another password, to a resource that is connected. */
static DWORD fail_to_log_in(const char *device, const char *remote) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK,
                             .lpLocalName = (char *)(uintptr_t)device,
                             .lpRemoteName = (char *)(uintptr_t)remote};

    return WNetAddConnection2A(&resource, "falsch", "anna", 0);
}

Test(explain, what_failed_last_though_it_is_connected) {
    NETRESOURCEA resource = {.dwType = RESOURCETYPE_DISK,
                             .lpLocalName = (char[]){"Z:"},
                             .lpRemoteName = (char[]){"//memory/demo"}};

    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    world_start();
    EXPECT_CODE(ERROR_INVALID_PASSWORD, fail_to_log_in(NULL, "//Memory/demo"));
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, "geheim", "anna", 0));
    EXPECT_CODE(ERROR_NOT_FOUND, MprExplain(NULL, tell, outcomes)); /* that is over */
    cr_expect_str_eq(explain("//Memory/demo"), "+..+++", "%s", all_words);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, fail_to_log_in("Y:", "//MEMORY/demo"));
    cr_expect_str_eq(explain(NULL), "+..+-.", "%s", all_words);
    cr_expect_eq(failed_code, ERROR_INVALID_PASSWORD, "%u: %s", failed_code, words);
    cr_expect_str_eq(explain("//memory/demo"), "+..+-.", "%s", all_words);
    cr_expect_str_eq(explain("Z:"), "+..+++", "the device itself is well: %s", all_words);
}

/* Sixteen are kept; the newest is the last one. */
Test(explain, the_last_failure_is_the_newest) {
    char name[32];

    place("127.0.0.1", listen_somewhere(), "\"answer\": \"failed\", \"code\": 1326");
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "//srv/%d", i % 20);
        cr_assert_eq(add("Z:", name, 0), ERROR_LOGON_FAILURE);
    }
    cr_expect_str_eq(explain("//srv/19"), "++++-.");
    cr_expect_str_eq(explain("//srv/4"), "++++-.");
    cr_expect_eq(connects(), 40);
    cr_expect_str_eq(explain("//srv/3"), "++++-.");
    cr_expect_eq(connects(), 41, "its note has gone");
}
