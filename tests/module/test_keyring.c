/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_keyring.c: passwords in the desktop's keyring, for which a library of the tests'
 * own stands.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

static char keyring[512];

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    world_module("fakesecret", "fakesecret");
    cr_assert_eq(rename(world_path("fakesecret.so"), world_path("libsecret-1.so.0")), 0);
    snprintf(keyring, sizeof keyring, "%s", world_path("keyring"));
    setenv("LD_LIBRARY_PATH", world_path("."), 1);
    setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1);
    setenv("FAKE_KEYRING", keyring, 1);
    unsetenv("FAKE_KEYRING_DOES");
    unsetenv("CREDENTIALS_DIRECTORY");
    world_start();
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"user_name\": \"anna\"}}}");
}

TestSuite(keyring, .timeout = 60, .init = begin, .fini = world_end);

static DWORD restore(void) {
    return WNetRestoreConnectionA(NULL, "Z:");
}

static void expect_restored(void) {
    EXPECT_CODE(NO_ERROR, restore());
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
}

Test(keyring, keeps_a_password_for_a_remembered_connection) {
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_CODE(NO_ERROR, MprSetCredentials("Z:", MPR_CREDENTIALS_KEYRING, "geheim"));
    cr_expect_str_eq(world_read("keyring"), "//memory/demo\nanna\ngeheim");
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"keyring\""));
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "geheim"));
    expect_restored();
    /* It is found without the profile's saying so, too. */
    EXPECT_CODE(NO_ERROR, MprSetCredentials("Z:", MPR_CREDENTIALS_NONE, NULL));
    expect_restored();
    unlink(keyring);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
}

Test(keyring, of_another_user_has_no_password) {
    world_write("keyring", "//memory/demo\nbert\ngeheim");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"user_name\": \"anna\", \"credentials\": {\"source\": \"keyring\"}}}}");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("The keyring has no password");
}

Test(keyring, whose_password_is_wrong_is_named) {
    world_write("keyring", "//memory/demo\nanna\nfalsch");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("The password was that of the keyring.");
}

Test(keyring, keeps_the_password_of_a_connect) {
    NETRESOURCEA resource = {.lpLocalName = (char[]){"Y:"}, .lpRemoteName = (char[]){DEMO}};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, "geheim", "anna",
                                              CONNECT_CMD_SAVECRED | CONNECT_UPDATE_PROFILE));
    cr_expect_str_eq(world_read("keyring"), DEMO "\nanna\ngeheim");
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"keyring\""));
    cr_assert_eq(WNetCancelConnection2A("Y:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Y:"));
}

Test(keyring, that_refuses_is_said) {
    setenv("FAKE_KEYRING_DOES", "fail", 1);
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MprSetCredentials("Z:", MPR_CREDENTIALS_KEYRING, "geheim"));
    EXPECT_WORDS("it is locked");
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "keyring"));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("it is locked");
}

Test(keyring, that_is_locked_has_not_none) {
    EXPECT_CODE(NO_ERROR, MprSetCredentials("Z:", MPR_CREDENTIALS_KEYRING, "geheim"));
    setenv("FAKE_KEYRING_DOES", "keep", 1);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("The keyring gave no password: it is locked.");
}

Test(keyring, that_hangs_keeps_nobody_waiting_for_long) {
    unsigned descriptors = world_descriptors();
    int64_t begun;

    world_config("{\"password_timeout_ms\": 1000}");
    world_restart();
    begun = world_ms();
    setenv("FAKE_KEYRING_DOES", "hang", 1);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("has not answered within 1000 ms");
    cr_expect_lt(world_ms() - begun, 1000 + 500 + 2000);
    cr_expect_eq(world_descriptors(), descriptors);
}

Test(keyring, without_its_library_is_none) {
    unlink(world_path("libsecret-1.so.0"));
    world_write("libsecret-1.so.0", "this is no library");
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MprSetCredentials("Z:", MPR_CREDENTIALS_KEYRING, "geheim"));
}

Test(keyring, without_the_program_is_none) {
    setenv("MPR_PASSWORD_PROGRAM", "/nowhere/mpr-password", 1);
    world_restart();
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MprSetCredentials("Z:", MPR_CREDENTIALS_KEYRING, "geheim"));
    EXPECT_WORDS("/nowhere/mpr-password");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
}
