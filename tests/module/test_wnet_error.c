/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_error.c: whose words WNetGetLastError gives, and for how long.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim-4711\"");
    world_scripted("10-mute", "\"provider\": \"Mute Network\", \"takes\": \"//mute/\", "
                              "\"answer\": \"failed\", \"code\": 1219");
    world_scripted("20-vague", "\"provider\": \"Vague Network\", \"takes\": \"//vague/\", "
                               "\"answer\": \"failed\", \"code\": 1208");
    world_scripted("30-exact", "\"provider\": \"Exact Network\", \"takes\": \"//exact/\", "
                               "\"answer\": \"failed\", \"code\": 1208, \"native\": 3221225506, "
                               "\"text\": \"Connecting //exact/x as nobody: go away.\"");
    world_start();
}

TestSuite(error, .timeout = 60, .init = begin, .fini = world_end);

static DWORD look_at_nothing(void *context) {
    char text[16] = "x", name[16] = "x";
    DWORD code = 4711;

    (void)context;
    EXPECT_CODE(NO_ERROR, MprGetLastError());
    EXPECT_CODE(NO_ERROR, WNetGetLastErrorA(&code, text, sizeof text, name, sizeof name));
    cr_expect_str_eq(text, "");
    cr_expect_str_eq(name, "");
    return code;
}

Test(error, a_new_thread_has_none) {
    WNetSetLastErrorA(1, "mine", "me");
    cr_expect_eq(wait_for(background(look_at_nothing, NULL)), NO_ERROR);
    cr_expect_str_eq(last_words(), "mine");
}

Test(error, stays_until_the_next_failure) {
    char user[64];
    DWORD size = sizeof user;

    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("Q:", 0, FALSE));
    EXPECT_WORDS("Q:");
    cr_expect_eq(last_native(), ERROR_NOT_CONNECTED);
    EXPECT_CODE(NO_ERROR, WNetGetUserA(NULL, user, &size));
    EXPECT_WORDS("Q:");
    EXPECT_WORDS("Q:"); /* reading it clears nothing */
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A("R:", 0, FALSE));
    EXPECT_WORDS("R:");
    cr_expect_null(strstr(last_words(), "Q:"));
}

static DWORD fail(void *context) {
    EXPECT_CODE(ERROR_NOT_CONNECTED, WNetCancelConnection2A(context, 0, FALSE));
    EXPECT_WORDS((const char *)context);
    return MprGetLastError();
}

Test(error, belongs_to_its_thread) {
    EXPECT_CODE(ERROR_BAD_DEVICE, add("nothing", "\\\\memory\\demo", 0));
    cr_expect_eq(wait_for(background(fail, (char[]){"S:"})), ERROR_NOT_CONNECTED);
    cr_expect_eq(MprGetLastError(), ERROR_BAD_DEVICE);
    EXPECT_WORDS("nothing");
}

/* A failure that nobody explains has its own sentence, not the one before. */
Test(error, stale_words_are_never_anothers) {
    char user[4];
    DWORD size = 1;

    WNetSetLastErrorA(4711, "stale", "somebody");
    EXPECT_CODE(ERROR_MORE_DATA, WNetGetUserA(NULL, user, &size));
    cr_expect_eq(last_native(), ERROR_MORE_DATA);
    cr_expect_str_eq(last_provider(), "Multiple Provider Router");
    cr_expect_null(strstr(last_words(), "stale"));
}

/* Asking with a bad pointer is a failure of the asking: what happened before is kept. */
Test(error, asking_wrongly_loses_nothing) {
    DWORD code;

    WNetSetLastErrorA(4711, "kept", "somebody");
    cr_expect_eq(WNetGetLastErrorA(NULL, NULL, 0, NULL, 0), ERROR_INVALID_ADDRESS);
    cr_expect_eq(MprGetLastError(), ERROR_INVALID_ADDRESS);
    cr_expect_eq(WNetGetLastErrorA(&code, NULL, 0, NULL, 0), NO_ERROR);
    cr_expect_eq(code, 4711);
    cr_expect_str_eq(last_words(), "kept");
}

Test(error, set_and_got) {
    char text[] = "text", name[] = "name";

    WNetSetLastErrorA(1, "text", "name");
    cr_expect_eq(last_native(), 1);
    cr_expect_str_eq(last_words(), "text");
    cr_expect_str_eq(last_provider(), "name");
    WNetSetLastErrorW(2, u"text\u00e9", u"name");
    cr_expect_str_eq(last_words(), "text\xc3\xa9");
    WNetSetLastError(3, NULL, NULL);
    cr_expect_eq(last_native(), 3);
    cr_expect_str_eq(last_words(), "");
    cr_expect_str_eq(last_provider(), "");
    MprSetLastError(42);
    WNetSetLastErrorA(4, text, name);
    memset(text, 'x', sizeof text - 1); /* it was copied */
    memset(name, 'x', sizeof name - 1);
    cr_expect_str_eq(last_words(), "text");
    cr_expect_str_eq(last_provider(), "name");
    cr_expect_eq(MprGetLastError(), 42, "WNetSetLastError leaves it alone");
    SetLastError(43);
    cr_expect_eq(GetLastError(), 43);
}

Test(error, standard_sentences) {
    MprSetLastError(42);
    cr_expect_str_eq(MprErrorText(ERROR_BAD_NET_NAME), "The network name cannot be found.");
    cr_expect_str_eq(MprErrorText(0xFFFFFFFF), "The operation failed.");
    cr_expect_eq(MprGetLastError(), 42, "MprErrorText leaves it alone");
}

/* What was tried, on what, as whom; and never the password. */
Test(error, of_a_provider) {
    NETRESOURCEA resource = {.lpRemoteName = (LPSTR)(uintptr_t) "\\\\memory\\demo"};

    EXPECT_CODE(ERROR_INVALID_PASSWORD,
                WNetAddConnection2A(&resource, "falsch-4711", "anna", CONNECT_UPDATE_PROFILE));
    cr_expect_eq(last_native(), EACCES);
    cr_expect_str_eq(last_provider(), "Memory Network");
    EXPECT_WORDS("\\\\memory\\demo");
    EXPECT_WORDS("anna");
    cr_expect_null(strstr(last_words(), "4711"));
    EXPECT_CODE(ERROR_LOGON_FAILURE, WNetAddConnection2A(&resource, "geheim-4711", "otto", 0));
    EXPECT_WORDS("otto");
    cr_expect_null(strstr(last_words(), "4711"));
    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, "geheim-4711", "anna", 0));
}

Test(error, of_a_provider_that_says_nothing) {
    EXPECT_CODE(ERROR_SESSION_CREDENTIAL_CONFLICT, add("Z:", "//mute/x", 0));
    cr_expect_eq(last_native(), ERROR_SESSION_CREDENTIAL_CONFLICT);
    cr_expect_str_eq(last_provider(), "Mute Network");
    EXPECT_WORDS("Mute Network cannot connect to //mute/x. The server is connected under another "
                 "user name. Cancel the connections");
    EXPECT_CODE(ERROR_EXTENDED_ERROR, add("Z:", "//vague/x", 0));
    cr_expect_str_eq(last_provider(), "Vague Network");
    EXPECT_WORDS("Vague Network cannot connect to //vague/x. The provider gave no description. ");
    EXPECT_CODE(ERROR_EXTENDED_ERROR, add("Z:", "//exact/x", 0));
    cr_expect_eq(last_native(), 0xC0000022);
    cr_expect_str_eq(last_provider(), "Exact Network");
    cr_expect_str_eq(last_words(), "Connecting //exact/x as nobody: go away.");
}
