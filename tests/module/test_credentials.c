/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_credentials.c: where the passwords of remembered connections come from:
 * MprSetCredentials, and what restoring makes of it.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"user\": \"anna\", \"password\": \"geheim\"");
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    unsetenv("CREDENTIALS_DIRECTORY");
    world_start();
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"user_name\": \"anna\"}}}");
}

TestSuite(credentials, .timeout = 60, .init = begin, .fini = world_end);

static DWORD restore(void) {
    return WNetRestoreConnectionA(NULL, "Z:");
}

static DWORD set(DWORD source, const char *value) {
    return MprSetCredentials("Z:", source, value);
}

static void write_credentials(const char *text, mode_t mode) {
    world_write("credentials", "%s", text);
    cr_assert_eq(chmod(world_path("credentials"), mode), 0);
}

/* What is said to whom it may concern never has the password in it. */
static void expect_silence(void) {
    cr_expect_null(strstr(last_words(), "geheim"), "%s", last_words());
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "geheim"));
}

Test(credentials, a_file_has_the_password) {
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    write_credentials("\xEF\xBB\xBF# mine\r\nusername=anna\r\npassword=geheim\r\n", 0600);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
    EXPECT_CODE(NO_ERROR, restore());
    cr_expect_str_eq(remote_of("Z:"), "//memory/demo");
    expect_silence();
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"file\""));
    /* It stays when the connection is remembered anew, and goes when it is said so. */
    EXPECT_CODE(NO_ERROR, WNetSetConnectionA("Z:", 1, (DWORD[]){1}));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"file\""));
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_NONE, NULL));
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "credentials"));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
}

Test(credentials, the_user_of_the_file_is_for_who_has_none) {
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\"}}}");
    write_credentials("username=anna\npassword=geheim\n", 0400);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
    EXPECT_CODE(NO_ERROR, restore());
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"user_name\": \"bert\"}}}");
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
    EXPECT_CODE(ERROR_LOGON_FAILURE, restore());
}

Test(credentials, a_file_that_others_can_read_is_refused) {
    write_credentials("password=geheim\n", 0640);
    EXPECT_CODE(ERROR_ACCESS_DENIED, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
    EXPECT_WORDS("640");
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "credentials"));
    /* Also if it is opened up afterwards. */
    chmod(world_path("credentials"), 0600);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
    chmod(world_path("credentials"), 0604);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("604");
    expect_silence();
    unlink(world_path("credentials"));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("No such file");
    if (geteuid() == 0) {
        write_credentials("password=geheim\n", 0600);
        cr_assert_eq(chown(world_path("credentials"), 12345, 12345), 0);
        EXPECT_CODE(ERROR_ACCESS_DENIED, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
        EXPECT_WORDS("12345");
    }
}

Test(credentials, a_file_without_a_password_is_refused) {
    static const char *const texts[] = {"", "username=anna\n", "password\n", "geheim", "\xff\xfe"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_credentials(texts[i], 0600);
        EXPECT_CODE(ERROR_INVALID_DATA, set(MPR_CREDENTIALS_FILE, world_path("credentials")));
        expect_silence();
    }
    EXPECT_CODE(ERROR_FILE_NOT_FOUND, set(MPR_CREDENTIALS_FILE, world_path("none")));
    EXPECT_CODE(ERROR_ACCESS_DENIED, set(MPR_CREDENTIALS_FILE, world_path("providers.d")));
}

Test(credentials, a_command_prints_the_password) {
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_COMMAND, "echo geh\"\"eim; echo more"));
    EXPECT_CODE(NO_ERROR, restore());
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_COMMAND, "printf 'geh%s\\r\\n' eim"));
    EXPECT_CODE(NO_ERROR, restore());
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    /* What it leaves behind keeps nobody waiting. */
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_COMMAND, "sleep 77 & printf geh''eim"));
    EXPECT_CODE(NO_ERROR, restore());
    expect_silence();
}

static const struct {
    const char *command, *words;
} useless[] = {
    {"exit 3", "exit status 3"},
    {"echo geh''eim; exit 1", "exit status 1"},
    {"kill -9 $$", "signal 9"},
    {":", "printed nothing"},
    {"echo", "printed nothing"},
    {"yes", "prints too much"},
    {"head -c 2000 /dev/zero | tr '\\000' x", "no password"},
    {"printf 'a\\000b'", "no password"},
    {"printf '\\377'", "no UTF-8"},
    {"/no/such/program", "exit status 127"},
    {"cat", "printed nothing"},
};

Test(credentials, a_command_that_has_none) {
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_COMMAND, useless[i].command));
        EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
        EXPECT_WORDS(useless[i].words);
        expect_silence();
    }
}

/* Does a process run whose command line has this in it? */
static bool runs(const char *piece) {
    DIR *all = opendir("/proc");
    bool found = false;

    cr_assert_not_null(all);
    for (const struct dirent *entry; !found && (entry = readdir(all));) {
        char path[300], line[4096];
        size_t size;
        FILE *file;

        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        if (!(file = fopen(path, "re")))
            continue;
        size = fread(line, 1, sizeof line - 1, file);
        fclose(file);
        line[size] = '\0';
        found = memmem(line, size, piece, strlen(piece)) != NULL && atoi(entry->d_name) != getpid();
    }
    closedir(all);
    return found;
}

Test(credentials, a_command_that_hangs_is_ended) {
    unsigned descriptors = world_descriptors(), threads = world_threads();
    char command[64], mark[32];
    int64_t begun;

    world_config("{\"password_timeout_ms\": 1500}");
    world_restart();
    begun = world_ms();
    snprintf(mark, sizeof mark, "sleep 76543%d", (int)getpid()); /* nobody else's */
    snprintf(command, sizeof command, "%s; echo never", mark);
    EXPECT_CODE(NO_ERROR, set(MPR_CREDENTIALS_COMMAND, command));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("1500 ms");
    cr_expect_lt(world_ms() - begun, 1500 + 500 + 2000);
    for (int i = 0; runs(mark + 6) && i < 100; i++)
        world_sleep(20);
    cr_expect_not(runs(mark + 6), "nothing is left running");
    cr_expect_eq(world_descriptors(), descriptors);
    cr_expect_eq(world_threads(), threads);
}

Test(credentials, the_service_manager_gives_a_file) {
    setenv("CREDENTIALS_DIRECTORY", world_path("given"), 1);
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    cr_assert_eq(mkdir(world_path("given"), 0700), 0);
    world_write("given/mpr-Z", "password = geheim\n");
    chmod(world_path("given/mpr-Z"), 0440);
    EXPECT_CODE(NO_ERROR, restore());
    cr_assert_eq(WNetCancelConnection2A("Z:", 0, FALSE), NO_ERROR);
    world_write("given/mpr-Z", "geheim\n");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("line 1");
    expect_silence();
    unsetenv("CREDENTIALS_DIRECTORY");
}

Test(credentials, without_a_bus_there_is_no_keyring) {
    EXPECT_CODE(ERROR_NOT_SUPPORTED, set(MPR_CREDENTIALS_KEYRING, "geheim"));
    EXPECT_WORDS("DBUS_SESSION_BUS_ADDRESS");
    expect_silence();
    cr_expect_null(strstr(world_read(WORLD_PROFILE), "keyring"));
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"user_name\": \"anna\", \"credentials\": {\"source\": \"keyring\"}}}}");
    EXPECT_CODE(ERROR_INVALID_PASSWORD, restore());
    EXPECT_WORDS("no keyring");
}

Test(credentials, a_password_that_is_not_saved_is_said_and_the_connection_stands) {
    NETRESOURCEA resource = {.lpLocalName = (char[]){"Y:"}, .lpRemoteName = (char[]){DEMO}};

    EXPECT_CODE(NO_ERROR, WNetAddConnection2A(&resource, "geheim", "anna", CONNECT_CMD_SAVECRED));
    EXPECT_WORDS("not saved");
    cr_expect_eq(last_native(), ERROR_NOT_SUPPORTED);
    cr_expect_str_eq(remote_of("Y:"), DEMO);
    expect_silence();
}

Test(credentials, what_cannot_be_set) {
    EXPECT_CODE(ERROR_INVALID_PARAMETER, MprSetCredentials(NULL, MPR_CREDENTIALS_NONE, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, MprSetCredentials("ZZ", MPR_CREDENTIALS_NONE, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(99, "x"));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(MPR_CREDENTIALS_NONE, "x"));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(MPR_CREDENTIALS_FILE, NULL));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(MPR_CREDENTIALS_FILE, "here"));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(MPR_CREDENTIALS_COMMAND, ""));
    EXPECT_CODE(ERROR_INVALID_PARAMETER, set(MPR_CREDENTIALS_KEYRING, NULL));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION, set(MPR_CREDENTIALS_COMMAND, "\xff"));
    EXPECT_CODE(ERROR_NO_UNICODE_TRANSLATION,
                MprSetCredentials("\xff", MPR_CREDENTIALS_NONE, NULL));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprSetCredentials("Y:", MPR_CREDENTIALS_NONE, NULL));
    EXPECT_CODE(ERROR_NOT_CONNECTED, MprSetCredentials("Y:", MPR_CREDENTIALS_COMMAND, "x"));
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"credentials\": 7}}}");
    EXPECT_CODE(ERROR_BAD_PROFILE, set(MPR_CREDENTIALS_NONE, NULL));
    /* Of a newer version: not known, and left alone. */
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//memory/demo\", "
                  "\"credentials\": {\"source\": \"token\", \"value\": \"x\"}}}}");
    EXPECT_CODE(ERROR_LOGON_FAILURE, restore());
}
