/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_kerberos: logons of the SMB module with Kerberos tickets, and whose they are.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/smb_driver.h"
#include "tests/integration/smb_tap.h"

#define NAME "//kerbhost.lab.test/pub"

static const char *password(void) {
    const char *value = getenv("MPR_LAB_PASSWORD");

    return value ? value : "";
}

static void begin(const char *kerberos, bool ticket) {
    const struct mpr_option options[] = {{"kerberos", kerberos}, {NULL, NULL}};
    char path[512];

    snprintf(path, sizeof path, "%s/kdc/krb5.conf", getenv("MPR_LAB"));
    setenv("KRB5_CONFIG", path, 1);
    snprintf(path, sizeof path, "FILE:%s/kdc/%s", getenv("MPR_LAB"), ticket ? "tickets" : "none");
    setenv("KRB5CCNAME", path, 1);
    if (!smb_tap_check(driver_init(options) == NO_ERROR, __FILE__, __LINE__, "%s", driver.text))
        exit(1);
}

static void expect_user(const char *user, const char *word, const char *wanted) {
    void *session = driver_connect(NAME, user, word);
    char name[MPR_USER_MAX] = "";

    if (!smb_tap_check(session != NULL, __FILE__, __LINE__, "%s", driver.text))
        return;
    CHECK_EQ(driver.table->user(session, driver_call(1000), name, sizeof name), NO_ERROR);
    smb_tap_check(strcmp(name, wanted) == 0, __FILE__, __LINE__, "%s, not %s", name, wanted);
    driver_disconnect(session);
}

static void expect_refusal(const char *remote, const char *user, const char *word,
                           const char *text) {
    CHECK(!driver_connect(remote, user, word));
    CHECK_EQ(driver.answer, MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_LOGON_FAILURE);
    CHECK_TEXT(driver.text, text);
}

static void a_ticket_is_enough(void) {
    begin("auto", true);
    expect_user(NULL, NULL, "anna@LAB.TEST");
    expect_user("anna", NULL, "anna");
    expect_user("LAB\\anna", NULL, "LAB\\anna");
    expect_user("anna@lab.test", NULL, "anna@lab.test");
}

static void nobody_uses_anothers_ticket(void) {
    begin("auto", true);
    expect_refusal(NAME, "bert", NULL, "the Kerberos ticket is another user's");
    expect_refusal(NAME, "anna@other.test", NULL, "the Kerberos ticket is another user's");
    /* Nor is it gone for its owner afterwards. */
    expect_user("anna", NULL, "anna");
}

static void a_password_counts_more_than_a_ticket(void) {
    begin("auto", true);
    expect_user("anna", password(), "anna");
    expect_refusal(NAME, "anna", "wrong", "STATUS_LOGON_FAILURE");
}

static void without_a_ticket(void) {
    begin("auto", false);
    expect_refusal(NAME, "anna", NULL, "there is no Kerberos ticket");
    expect_user("anna", password(), "anna");
}

static void a_server_without_a_principal(void) {
    begin("auto", true);
    expect_refusal("//127.0.0.1/pub", "anna", NULL, "a password is needed");
}

static void switched_off(void) {
    begin("off", true);
    expect_refusal(NAME, "anna", NULL, "Kerberos is switched off");
    expect_user("anna", password(), "anna");
}

static void required(void) {
    begin("required", false);
    expect_user("anna@LAB.TEST", password(), "anna@LAB.TEST");
    expect_refusal(NAME, "anna@LAB.TEST", "wrong", "STATUS_LOGON_FAILURE");
    expect_refusal("//127.0.0.1/pub", "anna", password(), "a logon by password is not allowed");
}

static int count_share(void *context, const struct mpr_resource *entry) {
    (void)entry;
    ++*(int *)context;
    return 0;
}

static void expect_list(const char *server, enum mpr_answer wanted) {
    int shares = 0;

    driver.code = 0;
    CHECK_EQ(driver.table->list(driver.state, driver_call(5000), server, 0, 0, count_share, &shares,
                                &driver.code),
             wanted);
    CHECK_EQ(shares > 0, wanted == MPR_DONE);
}

/* To a ticket's owner; without a ticket, or where it is of no use, to nobody in particular. */
static void shares_are_listed(void) {
    begin("required", true);
    expect_list("//kerbhost.lab.test", MPR_DONE);
    expect_list("//smbhost", MPR_MINE_FAILED);
    expect_list("//127.0.0.1", MPR_MINE_FAILED);
    driver_fini();
    begin("required", false);
    expect_list("//kerbhost.lab.test", MPR_MINE_FAILED);
    driver_fini();
    begin("auto", true);
    expect_list("//kerbhost.lab.test", MPR_DONE);
    expect_list("//smbhost", MPR_DONE);
    expect_list("//127.0.0.1", MPR_DONE);
    driver_fini();
    begin("auto", false);
    expect_list("//kerbhost.lab.test", MPR_DONE);
}

int main(void) {
    static const struct smb_test tests[] = {
        {"a ticket is enough", a_ticket_is_enough},
        {"nobody uses another's ticket", nobody_uses_anothers_ticket},
        {"a password counts more than a ticket", a_password_counts_more_than_a_ticket},
        {"without a ticket", without_a_ticket},
        {"a server without a principal", a_server_without_a_principal},
        {"Kerberos switched off", switched_off},
        {"Kerberos required", required},
        {"shares are listed", shares_are_listed},
        {NULL, NULL},
    };
    const char *mode = getenv("MPR_LAB_MODE");

    if (system("PATH=$PATH:/usr/sbin:/sbin; command -v krb5kdc kinit kadmin.local >/dev/null") != 0
        || (mode && strcmp(mode, "none") == 0)) {
        puts("1..0 # SKIP no Kerberos server, or no namespace for it");
        return 77;
    }
    if (system("\"$top_srcdir\"/tests/integration/smb_kdc >\"$TMPDIR/kdc.log\" 2>&1 "
               "|| { cat \"$TMPDIR/kdc.log\" >&2; exit 1; }")
        != 0) {
        puts("Bail out! no Kerberos server");
        return 99;
    }
    driver_load();
    return smb_tap_run(tests);
}
