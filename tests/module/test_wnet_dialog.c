/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_dialog.c: WNetDisconnectDialog1 and its question, and what is exported
 * only to say that it is not supported.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define DEMO "\\\\memory\\demo"

static struct {
    const char *answer; /* NULL: gives up */
    unsigned asked;
    char question[1024];
    BOOL echo;
} user;

static HANDLE file;

static DWORD prompt(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    (void)context;
    user.asked++;
    user.echo = echo;
    snprintf(user.question, sizeof user.question, "%s", question);
    if (!user.answer)
        return ERROR_CANCELLED;
    snprintf(buffer, size, "%s", user.answer);
    return NO_ERROR;
}

static void begin(void) {
    world_begin("\"shares\": \"demo\"");
    cr_assert_eq(MprSetPrompt(prompt, NULL), NO_ERROR);
    cr_assert_eq(add("Z:", DEMO, CONNECT_UPDATE_PROFILE), NO_ERROR);
}

TestSuite(dialog, .timeout = 60, .init = begin, .fini = world_end);

static void open_file(void) {
    cr_assert_eq(MprFileOpen("Z:\\file", O_RDWR | O_CREAT, 0644, &file), 0);
}

static DWORD part(const char *local, const char *remote, DWORD flags) {
    DISCDLGSTRUCTA structure = {
        .cbStructure = sizeof structure,
        .lpLocalName = (LPSTR)(uintptr_t)local,
        .lpRemoteName = (LPSTR)(uintptr_t)remote,
        .dwFlags = flags,
    };

    return WNetDisconnectDialog1A(&structure);
}

Test(dialog, nothing_is_asked_where_nothing_is_open) {
    DISCDLGSTRUCTW wide_one = {.cbStructure = sizeof wide_one, .lpLocalName = wide("z:")};
    DISCDLGSTRUCTA bare = {.cbStructure = sizeof bare, .lpLocalName = (LPSTR)(uintptr_t) "Z:"};

    EXPECT_CODE(NO_ERROR, part("Z:", NULL, 0));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, part("", DEMO, DISC_NO_FORCE));
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetDisconnectDialog1W(&wide_one));
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, WNetDisconnectDialog1(&bare));
    cr_assert_eq(add("Z:", DEMO, 0), NO_ERROR);
    EXPECT_CODE(NO_ERROR, part("Z:", "ignored then", DISC_UPDATE_PROFILE));
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 0);
    EXPECT_CODE(ERROR_NOT_CONNECTED, part("Z:", NULL, 0));
    EXPECT_CODE(ERROR_NOT_CONNECTED, part(NULL, DEMO, 0));
    cr_expect_eq(user.asked, 0);
}

Test(dialog, open_files_are_asked_about) {
    static const char *const refusals[] = {NULL, "", "n", "no", "yesterday", "j", "yes "};
    static const char *const consents[] = {"y", "Y", "yes", "YES"};

    for (size_t i = 0; i < sizeof consents / sizeof *consents; i++) {
        open_file();
        for (size_t r = 0; r < sizeof refusals / sizeof *refusals; r++) {
            user.answer = refusals[r];
            EXPECT_CODE(ERROR_CANCELLED, part("Z:", NULL, DISC_UPDATE_PROFILE));
            cr_expect_str_eq(remote_of("Z:"), DEMO);
            cr_expect_eq(listed(RESOURCE_REMEMBERED), 1);
        }
        user.answer = consents[i];
        EXPECT_CODE(NO_ERROR, part("Z:", NULL, DISC_UPDATE_PROFILE));
        cr_expect_eq(MprFileWrite(file, "x", 1), -ENOTCONN);
        MprFileClose(file);
        cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
        cr_assert_eq(add("Z:", DEMO, CONNECT_UPDATE_PROFILE), NO_ERROR);
    }
    cr_expect(user.echo);
    cr_expect_not_null(strstr(user.question, "Z:"));
    cr_expect_not_null(strstr(user.question, "1 open file"), "%s", user.question);
    cr_expect_not_null(strstr(user.question, "\nDisconnect anyway? (y/n) "), "%s", user.question);
}

Test(dialog, by_remote_name_too) {
    open_file();
    user.answer = "y";
    EXPECT_CODE(NO_ERROR, part(NULL, DEMO, 0));
    cr_expect_eq(user.asked, 1);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 0);
    MprFileClose(file);
}

Test(dialog, no_force_asks_nobody) {
    open_file();
    user.answer = "y";
    EXPECT_CODE(ERROR_OPEN_FILES, part("Z:", NULL, DISC_NO_FORCE));
    cr_expect_eq(user.asked, 0);
    cr_expect_eq(MprFileClose(file), 0);
}

Test(dialog, where_nobody_can_be_asked_it_is_the_code) {
    open_file();
    MprSetPrompt(NULL, NULL);
    EXPECT_CODE(ERROR_OPEN_FILES, part("Z:", NULL, 0));
    EXPECT_WORDS("1 open file");
    cr_expect_eq(MprFileClose(file), 0);
}

/* --- what is not supported --- */

Test(dialog, what_has_no_place_here_says_so) {
    CONNECTDLGSTRUCTA a = {.cbStructure = sizeof a};
    CONNECTDLGSTRUCTW w = {.cbStructure = sizeof w};
    DWORD size = 4, name_size = 4;
    WCHAR wide_text[4] = u"abc";
    char text[4] = "abc";
    int type = 4711;

    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetConnectionDialog(NULL, RESOURCETYPE_DISK));
    EXPECT_WORDS("WNetConnectionDialog");
    EXPECT_WORDS("WNetUseConnection");
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetConnectionDialog1A(&a));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetConnectionDialog1W(&w));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetConnectionDialog1(&a));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetDisconnectDialog(NULL, RESOURCETYPE_PRINT));
    EXPECT_WORDS("WNetDisconnectDialog1");
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetDirectoryNotifyA(NULL, "Z:\\x", 1));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetDirectoryNotifyW(NULL, u"Z:\\x", 2));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetDirectoryNotify(NULL, "Z:\\x", 3));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetGetDirectoryTypeA("Z:\\x", &type, FALSE));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetGetDirectoryTypeW(u"Z:\\x", &type, TRUE));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, WNetGetDirectoryType("Z:\\x", &type, TRUE));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MultinetGetErrorTextA(text, &size, text, &name_size));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MultinetGetErrorTextW(wide_text, &size, NULL, &name_size));
    EXPECT_CODE(ERROR_NOT_SUPPORTED, MultinetGetErrorText(NULL, &size, NULL, &name_size));
    cr_expect_eq(type, 4711);
    cr_expect_str_eq(text, "abc");
    cr_expect_eq(wide_text[0], u'a');
    cr_expect_eq(size, 4);
    cr_expect_eq(user.asked, 0);
}
