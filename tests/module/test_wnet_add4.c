/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_add4.c: WNetAddConnection4 and WNetUseConnection4: credentials in a
 * buffer, and options that reach the provider, the profile, and the provider again.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO        "\\\\memory\\demo"
#define OPTIONS_MAX 65536u

static BYTE options[OPTIONS_MAX + 1];

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"user\": \"DOM\\\\anna\", \"password\": \"geheim\"");
    world_scripted("10-tells", "\"takes\": \"//tells/\", \"tells\": true");
    world_start();
    memset(options, 'o', sizeof options);
    options[0] = 0x01;
}

TestSuite(add4, .timeout = 60, .init = begin, .fini = world_end);

static NETRESOURCEA resource_a(const char *device, const char *remote) {
    return (NETRESOURCEA){.lpLocalName = (LPSTR)(uintptr_t)device,
                          .lpRemoteName = (LPSTR)(uintptr_t)remote};
}

static NETRESOURCEW resource_w(const char *device, const char *remote) {
    return (NETRESOURCEW){.lpLocalName = wide(device), .lpRemoteName = wide(remote)};
}

static SEC_WINNT_AUTH_IDENTITY_A identity_a(const char *user, const char *domain,
                                            const char *password) {
    return (SEC_WINNT_AUTH_IDENTITY_A){
        .User = (unsigned char *)(uintptr_t)user,
        .UserLength = user ? (DWORD)strlen(user) : 0,
        .Domain = (unsigned char *)(uintptr_t)domain,
        .DomainLength = domain ? (DWORD)strlen(domain) : 0,
        .Password = (unsigned char *)(uintptr_t)password,
        .PasswordLength = password ? (DWORD)strlen(password) : 0,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
}

/* None of the three has a NUL where its length says that it ends. */
static SEC_WINNT_AUTH_IDENTITY_W identity_w(void) {
    static WCHAR user[] = u"annaXXX", domain[] = u"DOMXXX", password[] = u"geheimXXX";

    return (SEC_WINNT_AUTH_IDENTITY_W){
        .User = user,
        .UserLength = 4,
        .Domain = domain,
        .DomainLength = 3,
        .Password = password,
        .PasswordLength = 6,
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
    };
}

static void forget(const char *name) {
    cr_assert_eq(WNetCancelConnection2A(name, CONNECT_UPDATE_PROFILE, TRUE), NO_ERROR);
}

/* Which of the two forms the buffer has is its own business. */
Test(add4, either_form_of_the_credentials_in_every_form_of_the_function) {
    NETRESOURCEA a = resource_a("Z:", DEMO);
    NETRESOURCEW w = resource_w("Z:", DEMO);
    SEC_WINNT_AUTH_IDENTITY_A narrow = identity_a("anna", "DOM", "geheim");
    SEC_WINNT_AUTH_IDENTITY_W full = identity_w();
    struct {
        void *buffer;
        DWORD size;
    } rows[] = {{&narrow, sizeof narrow}, {&full, sizeof full}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *buffer = rows[i].buffer;
        DWORD size = rows[i].size;

        EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &a, buffer, size, 0, NULL, 0));
        forget("Z:");
        EXPECT_CODE(NO_ERROR, WNetAddConnection4W(NULL, &w, buffer, size, 0, NULL, 0));
        forget("Z:");
        EXPECT_CODE(NO_ERROR, WNetAddConnection4(NULL, &a, buffer, size, 0, NULL, 0));
        forget("Z:");
        EXPECT_CODE(NO_ERROR,
                    WNetUseConnection4A(NULL, &a, buffer, size, 0, NULL, 0, NULL, NULL, NULL));
        forget("Z:");
        EXPECT_CODE(NO_ERROR,
                    WNetUseConnection4W(NULL, &w, buffer, size, 0, NULL, 0, NULL, NULL, NULL));
        forget("Z:");
        EXPECT_CODE(NO_ERROR,
                    WNetUseConnection4(NULL, &a, buffer, size, 0, NULL, 0, NULL, NULL, NULL));
        forget("Z:");
    }
}

static DWORD add_as(const char *user, const char *domain, const char *password) {
    NETRESOURCEA a = resource_a(NULL, DEMO);
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a(user, domain, password);

    return WNetAddConnection4A(NULL, &a, &identity, sizeof identity, 0, NULL, 0);
}

Test(add4, what_the_credentials_say_is_what_counts) {
    NETRESOURCEA a = resource_a(NULL, DEMO);

    EXPECT_CODE(ERROR_LOGON_FAILURE, add_as("anna", NULL, "geheim"));
    EXPECT_CODE(ERROR_LOGON_FAILURE, add_as("anna", "", "geheim"));
    EXPECT_CODE(ERROR_LOGON_FAILURE, add_as("DOM\\anna", "DOM", "geheim"));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as("anna", "DOM", "Geheim"));
    cr_expect_null(strstr(last_words(), "eheim"));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as("anna", "DOM", NULL));
    EXPECT_CODE(ERROR_INVALID_PASSWORD, add_as("anna", "DOM", ""));
    EXPECT_CODE(ERROR_LOGON_FAILURE, add_as(NULL, "DOM", "geheim"));
    EXPECT_WORDS("the default user");
    EXPECT_CODE(ERROR_LOGON_FAILURE, add_as("", "DOM", "geheim"));
    EXPECT_CODE(ERROR_LOGON_FAILURE, WNetAddConnection4A(NULL, &a, NULL, 0, 0, NULL, 0));
    EXPECT_WORDS("the default user");
    EXPECT_CODE(NO_ERROR, add_as("DOM\\anna", NULL, "geheim"));
    forget(DEMO);
    EXPECT_CODE(NO_ERROR, add_as("DOM\\anna", "", "geheim"));
}

/* A structure in the middle of something else, at an odd place. */
Test(add4, the_buffer_need_not_be_aligned_and_may_be_longer) {
    NETRESOURCEA a = resource_a(NULL, DEMO);
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("anna", "DOM", "geheim");
    char buffer[sizeof identity + 16];

    memcpy(buffer + 1, &identity, sizeof identity);
    EXPECT_CODE(NO_ERROR, WNetAddConnection4A(NULL, &a, buffer + 1, sizeof buffer - 1, 0, NULL, 0));
}

/* --- options --- */

static DWORD add_with(const char *device, const char *remote, DWORD flags, DWORD size) {
    NETRESOURCEA a = resource_a(device, remote);

    options[size - 1] = 0xfe;
    return WNetAddConnection4A(NULL, &a, NULL, 0, flags, options, size);
}

Test(add4, options_reach_the_provider) {
    EXPECT_CODE(NO_ERROR, add_with("Z:", "//tells/a", 0, 3));
    cr_expect_eq(world_count(world_read("log"), "options 3:01..fe\n"), 1);
    EXPECT_CODE(NO_ERROR, add("Y:", "//tells/b", 0));
    cr_expect_eq(world_count(world_read("log"), "options "), 1, "nobody gave the second any");
    EXPECT_CODE(NO_ERROR, add_with(NULL, "//tells/c", 0, OPTIONS_MAX));
    cr_expect_eq(world_count(world_read("log"), "options 65536:01..fe\n"), 1);
}

Test(add4, options_are_remembered_and_used_again) {
    EXPECT_CODE(NO_ERROR, add_with("Z:", "//tells/a", CONNECT_UPDATE_PROFILE, 4));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"AW9v/g==\""));
    EXPECT_CODE(NO_ERROR, add_with("Y:", "//tells/b", CONNECT_UPDATE_PROFILE, OPTIONS_MAX));
    world_restart();
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_CODE(NO_ERROR, WNetRestoreConnectionA(NULL, "Y:"));
    cr_expect_eq(world_count(world_read("log"), "options 4:01..fe\n"), 2);
    cr_expect_eq(world_count(world_read("log"), "options 65536:01..fe\n"), 2);
}

Test(add4, options_of_a_connection_that_is_remembered_later) {
    DWORD yes = TRUE;

    EXPECT_CODE(NO_ERROR, add_with("Z:", "//tells/a", 0, 4));
    EXPECT_CODE(NO_ERROR, WNetSetConnectionA("Z:", NETPROPERTY_PERSISTENT, &yes));
    cr_expect_not_null(strstr(world_read(WORLD_PROFILE), "\"AW9v/g==\""));
}

Test(add4, options_that_are_none_make_a_bad_profile) {
    world_profile("{\"connections\": {\"Z:\": {\"remote_path\": \"//tells/a\", "
                  "\"use_options\": \"=\"}}}");
    EXPECT_CODE(ERROR_BAD_PROFILE, WNetRestoreConnectionA(NULL, "Z:"));
    EXPECT_WORDS("use_options");
}

/* The same in a worker process: over the wire, also when it is made anew. */
Test(add4, options_reach_a_worker) {
    const char *build = secure_getenv("abs_top_builddir");
    char log[512];

    snprintf(log, sizeof log, "%s", world_path("log"));
    world_write(
        "providers.d/20-worker.json",
        "{\"name\": \"worker\", \"module\": \"%s/tests/module/providers/.libs/scripted.so\", "
        "\"order\": 20, \"isolate\": true, \"options\": {\"log\": \"%s\", \"takes\": "
        "\"//worker/\", \"provider\": \"Worker Network\", \"tells\": true}}\n",
        build, log);
    world_restart();
    EXPECT_CODE(NO_ERROR, add_with("Z:", "//worker/a", 0, OPTIONS_MAX));
    cr_expect_eq(world_count(world_read("log"), "options 65536:01..fe\n"), 1);
    EXPECT_CODE(NO_ERROR, add_with("Y:", "//worker/b", 0, 2));
    cr_expect_eq(world_count(world_read("log"), "options 2:01..fe\n"), 1);
    EXPECT_CODE(NO_ERROR, add("X:", "//worker/c", 0));
    cr_expect_eq(world_count(world_read("log"), "options "), 2);
}

/* --- WNetUseConnection4 is a WNetUseConnection --- */

Test(add4, use_chooses_a_device_and_tells) {
    NETRESOURCEA a = resource_a(NULL, "//tells/a");
    NETRESOURCEW w = resource_w(NULL, "//tells/b");
    char access[4] = "";
    WCHAR wide_access[4] = u"";
    DWORD size = 2, result = 0;

    a.dwType = w.dwType = RESOURCETYPE_DISK;
    EXPECT_CODE(ERROR_MORE_DATA, WNetUseConnection4A(NULL, &a, NULL, 0, CONNECT_REDIRECT, NULL, 0,
                                                     access, &size, &result));
    cr_expect_eq(size, 3);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    EXPECT_CODE(NO_ERROR, WNetUseConnection4A(NULL, &a, NULL, 0, CONNECT_REDIRECT, options, 1,
                                              access, &size, &result));
    cr_expect_str_eq(access, "Z:");
    cr_expect_eq(result, CONNECT_LOCALDRIVE);
    EXPECT_CODE(NO_ERROR, WNetUseConnection4W(NULL, &w, NULL, 0, CONNECT_REDIRECT, options, 1,
                                              wide_access, &size, &result));
    cr_expect_eq(wide_access[0], u'Y');
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetAddConnection4A(NULL, &a, NULL, 0, CONNECT_REDIRECT, NULL, 0));
    EXPECT_CODE(ERROR_INVALID_ADDRESS,
                WNetAddConnection4W(NULL, &w, NULL, 0, CONNECT_REDIRECT, NULL, 0));
}
