/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_vault.c: what is in a credentials file, and notes of failed connects.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_failures.h"
#include "router/mpr_vault_file.h"

TestSuite(vault, .timeout = 20);

static const struct {
    const char *text, *user, *password; /* user NULL: none */
} files[] = {
    {"password=geheim", NULL, "geheim"},
    {"password=geheim\n", NULL, "geheim"},
    {"password=geheim\r\nusername=anna\r\n", "anna", "geheim"},
    {"\xEF\xBB\xBFusername=anna\npassword=geheim\n", "anna", "geheim"},
    {"# of the office\n; and so on\n\n \t\nuser=anna\npass=geheim\n", "anna", "geheim"},
    {"  Username=anna\n\tPASSWORD=geheim\n", "anna", "geheim"},
    {"username=anna\npassword=x\ndomain=OFFICE\n", "OFFICE\\anna", "x"},
    {"dom = OFFICE \nuser =  anna \npass = x\n", "OFFICE\\anna", "x"},
    {"username=OTHER\\anna\npassword=x\ndomain=OFFICE\n", "OTHER\\anna", "x"},
    {"username=anna@office\npassword=x\ndomain=OFFICE\n", "anna@office", "x"},
    {"domain=OFFICE\npassword=x\n", NULL, "x"},
    {"username=\npassword=\n", NULL, ""},
    /* All of it is the password. */
    {"password= a=b#c;d \n", NULL, " a=b#c;d "},
    {"password =  a b \n", NULL, "a b "},
    {"password=p\xC3\xA4ss\n", NULL, "p\xC3\xA4ss"},
    {"password=first\npassword=second\n", NULL, "second"},
    {"color=blue\npassword=x\nusernames=y\n", NULL, "x"},
};

Test(vault, a_file_that_has_a_password) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct mpr_vault_found found = {0};
        DWORD rc = mpr_vault_file_parse(files[i].text, strlen(files[i].text), "/x", &found);

        cr_assert_eq(rc, NO_ERROR, "file %zu", i);
        cr_expect_str_eq(found.password, files[i].password, "file %zu", i);
        cr_expect_eq(found.user == NULL, files[i].user == NULL, "file %zu", i);
        if (found.user && files[i].user)
            cr_expect_str_eq(found.user, files[i].user, "file %zu", i);
        mpr_vault_found_clear(&found);
    }
}

static void refuse(const char *text, size_t size, const char *piece) {
    struct mpr_vault_found found = {0};
    const char *words, *provider;
    DWORD code;

    cr_expect_eq(mpr_vault_file_parse(text, size, "/the/file", &found), ERROR_INVALID_DATA);
    cr_expect_null(found.password);
    mpr_error_get(&code, &words, &provider);
    cr_expect_not_null(strstr(words, piece), "%s", words);
    cr_expect_not_null(strstr(words, "/the/file"), "%s", words);
    cr_expect_null(strstr(words, "geheim"), "%s", words);
}

Test(vault, a_file_that_has_none) {
    char longest[2100] = "password=";

    refuse("", 0, "password=");
    refuse("username=anna\n", 14, "password=");
    refuse("password=x\ngeheim\n", 18, "line 2");
    refuse("password=x\0\n", 12, "UTF-8");
    refuse("password=\xff\n", 11, "UTF-8");
    memset(longest + 9, 'x', 2000);
    refuse(longest, strlen(longest), "too long");
}

static void note(const char *remote, DWORD code) {
    const struct mpr_failed failed = {(char *)(uintptr_t)remote,
                                      (char *)(uintptr_t) "Some Network",
                                      (char *)(uintptr_t) "No.",
                                      code,
                                      7,
                                      8};

    mpr_failures_note(&failed);
}

Test(failures, sixteen_are_kept_the_newest_first) {
    struct mpr_failed *items;
    size_t count;
    char name[16];

    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "//s/%d", i);
        note(name, ERROR_BAD_NETPATH);
    }
    note("//s/10", ERROR_LOGON_FAILURE); /* in place of the older one */
    mpr_failures_forget("//s/11");
    mpr_failures_forget("//s/0"); /* long gone */
    cr_assert_eq(mpr_failures_list(&items, &count), NO_ERROR);
    cr_assert_eq(count, MPR_FAILURES_MAX - 1);
    cr_expect_str_eq(items[0].remote, "//s/10");
    cr_expect_eq(items[0].code, ERROR_LOGON_FAILURE);
    cr_expect_eq(items[0].ms, 7);
    cr_expect_str_eq(items[1].remote, "//s/19");
    cr_expect_str_eq(items[count - 1].remote, "//s/4");
    mpr_failures_free(items, count);
    mpr_failures_clear();
    cr_assert_eq(mpr_failures_list(&items, &count), NO_ERROR);
    cr_expect_eq(count, 0);
    mpr_failures_free(items, count);
}
