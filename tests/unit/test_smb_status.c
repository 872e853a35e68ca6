/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_smb_status.c: what a server's codes become, what the SMB library's log
 * tells, and how large requests grow.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/smb/smb_watch.h"
#include "providers/smb/smb_window.h"

TestSuite(smb_status, .timeout = 60);

Test(smb_status, codes_of_the_table) {
    static const struct {
        uint32_t status, code;
    } cases[] = {
        {0xc000006du, ERROR_LOGON_FAILURE},        {0xc000006au, ERROR_LOGON_FAILURE},
        {0xc0000064u, ERROR_LOGON_FAILURE},        {0xc0000072u, ERROR_ACCOUNT_DISABLED},
        {0xc0000234u, ERROR_ACCOUNT_LOCKED_OUT},   {0xc0000071u, ERROR_PASSWORD_EXPIRED},
        {0xc0000224u, ERROR_PASSWORD_MUST_CHANGE}, {0xc0000193u, ERROR_ACCOUNT_EXPIRED},
        {0xc000006eu, ERROR_ACCOUNT_RESTRICTION},  {0xc0000022u, ERROR_ACCESS_DENIED},
        {0xc00000ccu, ERROR_BAD_NET_NAME},         {0xc000000du, ERROR_INVALID_PARAMETER},
        {0xc00000bbu, ERROR_NOT_SUPPORTED},        {0xc0000203u, ERROR_NETNAME_DELETED},
        {0xc00000b5u, ERROR_SEM_TIMEOUT},          {0xc0000034u, ERROR_BAD_NET_NAME},
        {0xc0001234u, ERROR_EXTENDED_ERROR},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t code = 0;

        cr_expect_eq(smb_status_answer(cases[i].status, SMB_PHASE_NEGOTIATED, &code),
                     MPR_MINE_FAILED);
        cr_expect_eq(code, cases[i].code, "0x%08x is %u", cases[i].status, code);
        cr_expect_eq(smb_status_answer(cases[i].status, SMB_PHASE_NONE, &code), MPR_NOT_MINE);
        cr_expect_eq(code, ERROR_BAD_NETPATH);
    }
}

Test(smb_status, every_row_is_found) {
    uint32_t seen = 0;

    /* Only if the table is in order does the search find each of its rows. */
    for (uint32_t status = 0xc0000000u; status < 0xc0001000u; status++) {
        const struct smb_status *row = smb_status_find(status);

        if (!row)
            continue;
        seen++;
        cr_expect_eq(row->status, status);
        cr_expect(row->name[0] && row->sentence[0]);
        cr_expect_neq(row->sentence[strlen(row->sentence) - 1], '.');
    }
    cr_expect_gt(seen, 60);
    cr_expect_null(smb_status_find(0));
    cr_expect_null(smb_status_find(0xffffffffu));
}

Test(smb_status, a_cancelled_connect_is_nobody_elses) {
    uint32_t code = 0;

    cr_expect_eq(smb_status_answer(SMB_STATUS_CANCELLED, SMB_PHASE_NONE, &code), MPR_MINE_FAILED);
    cr_expect_eq(code, ERROR_CANCELLED);
}

Test(smb_status, errno_alone) {
    static const struct {
        int error;
        enum smb_phase least;
        uint32_t code;
    } cases[] = {
        {EACCES, SMB_PHASE_NEGOTIATED, ERROR_LOGON_FAILURE},
        {EPERM, SMB_PHASE_NEGOTIATED, ERROR_LOGON_FAILURE},
        {ENOENT, SMB_PHASE_NEGOTIATED, ERROR_BAD_NET_NAME},
        {ECONNREFUSED, SMB_PHASE_NONE, ERROR_BAD_NETPATH},
        {ETIMEDOUT, SMB_PHASE_NONE, ERROR_BAD_NETPATH},
        {ECONNABORTED, SMB_PHASE_NONE, ERROR_BAD_NETPATH},
        {EINVAL, SMB_PHASE_NONE, ERROR_BAD_NETPATH},
        {0, SMB_PHASE_NONE, ERROR_BAD_NETPATH},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum smb_phase phase = smb_status_least_phase(cases[i].error);
        uint32_t code = 0;

        cr_expect_eq(phase, cases[i].least);
        smb_status_answer(smb_status_from_errno(cases[i].error, phase), phase, &code);
        cr_expect_eq(code, cases[i].code, "errno %d", cases[i].error);
    }
    cr_expect_eq(smb_status_from_errno(EACCES, SMB_PHASE_SESSION), SMB_STATUS_ACCESS_DENIED);
    cr_expect_eq(smb_status_from_errno(ENOENT, SMB_PHASE_TREE), 0xc0000034u);
}

/* Lines as version 4.17 writes them. */
static const char negotiated[] =
    "cli_session_setup_spnego_send: Connect to srv as anna@LAB using SPNEGO";
static const char more[] = "gensec_update_done: spnego[0x55]: NT_STATUS_MORE_PROCESSING_REQUIRED "
                           "tevent_req[0x56/../../auth/gensec/spnego.c:1631]";
static const char authentic[] = "gensec_update_done: spnego[0x55]: NT_STATUS_OK tevent_req[0x56]";
static const char ntlm[] = "gensec_update_done: ntlmssp[0x55]: NT_STATUS_OK tevent_req[0x56]";

Test(smb_status, a_log_of_success) {
    struct smb_watch watch = {0};

    smb_watch_line(&watch, "Connecting to 127.0.0.1 at port 445");
    cr_expect_not(watch.connected);
    smb_watch_line(&watch, "socket options: SO_KEEPALIVE=0, SO_REUSEADDR=0, SO_BROADCAST=0");
    cr_expect(watch.connected);
    cr_expect_eq(watch.phase, SMB_PHASE_NONE);
    smb_watch_line(&watch, negotiated);
    cr_expect_eq(watch.phase, SMB_PHASE_NEGOTIATED);
    smb_watch_line(&watch, more);
    smb_watch_line(&watch, ntlm);
    cr_expect_not(watch.authentic);
    smb_watch_line(&watch, authentic);
    smb_watch_line(&watch, " session setup ok");
    cr_expect_eq(watch.phase, SMB_PHASE_SESSION);
    cr_expect_not(smb_watch_became_guest(&watch));
    smb_watch_line(&watch, " tconx ok");
    cr_expect_eq(watch.phase, SMB_PHASE_TREE);
    cr_expect_eq(watch.status, 0);
    cr_expect_not(watch.encrypted);
    smb_watch_line(&watch, "smb2_signing_encrypt_pdu: Encrypted SMB2 message");
    cr_expect(watch.encrypted);
}

static const char *described(const struct smb_watch *watch) {
    static char text[64];

    smb_watch_describe(watch, text, sizeof text);
    return text;
}

Test(smb_status, how_it_was_agreed_to_talk) {
    struct smb_watch watch = {0};

    cr_expect_str_eq(described(&watch), "SMB, neither signed nor encrypted");
    smb_watch_line(&watch, "signed SMB2 message (sign_algo_id=2)\n");
    cr_expect_str_eq(described(&watch), "SMB 3.1.1, neither signed nor encrypted",
                     "the logon is signed anyway");
    smb_watch_line(&watch, "signed SMB2 message (sign_algo_id=1)\n");
    smb_watch_line(&watch, " tconx ok\n");
    cr_expect_str_eq(described(&watch), "SMB 3, neither signed nor encrypted");
    smb_watch_line(&watch, "signed SMB2 message (sign_algo_id=0)\n");
    cr_expect_str_eq(described(&watch), "SMB 2, signed");
    smb_watch_line(&watch, "smb2_signing_encrypt_pdu: Encrypted SMB2 message");
    smb_watch_line(&watch, "signed SMB2 message (sign_algo_id=77)\n");
    cr_expect_str_eq(described(&watch), "SMB 2, encrypted");
}

Test(smb_status, a_log_of_failure) {
    struct smb_watch watch = {0};

    smb_watch_line(&watch, "SPNEGO login failed: {Access Denied}");
    smb_watch_line(&watch, "map_errno_from_nt_status: 32 bit codes: code=c000006d");
    cr_expect_eq(watch.status, 0xc000006du);
    cr_expect_eq(watch.phase, SMB_PHASE_NEGOTIATED);
    smb_watch_line(&watch, "map_errno_from_nt_status: 32 bit codes: code=c00000cc\n");
    cr_expect_eq(watch.status, 0xc00000ccu, "the last one counts");
}

Test(smb_status, a_log_of_kerberos_without_a_ticket) {
    struct smb_watch watch = {0};

    smb_watch_line(&watch,
                   "Kerberos auth with 'anna@LAB' (LAB\\anna) to access 'srv' not possible");
    cr_expect(watch.no_ticket);
    cr_expect_eq(watch.phase, SMB_PHASE_NEGOTIATED);
}

Test(smb_status, a_log_of_a_guest) {
    struct smb_watch watch = {0};

    smb_watch_line(&watch, more);
    smb_watch_line(&watch, " session setup ok");
    cr_expect(smb_watch_became_guest(&watch));
    watch = (struct smb_watch){0};
    smb_watch_line(&watch, " session setup ok");
    cr_expect_not(smb_watch_became_guest(&watch), "without the logon's lines nothing is known");
}

Test(smb_status, requests_grow_while_they_are_quick) {
    struct smb_window window = {.size = SMB_WINDOW_START};
    const int64_t bound = 30000000000, far = SMB_WINDOW_FAR_NS;

    smb_window_took(&window, 4096, 1000, bound);
    cr_expect_eq(window.size, SMB_WINDOW_START, "a small request tells nothing");
    cr_expect_eq(window.rate, 0);
    smb_window_took(&window, window.size, 1000000, bound);
    cr_expect_eq(window.size, 2 * SMB_WINDOW_START);
    cr_expect_eq(window.rate, SMB_WINDOW_START * 1000ull);
    smb_window_took(&window, window.size, bound / 10, bound);
    cr_expect_eq(window.rate, SMB_WINDOW_START * 1000ull, "the fastest counts");
    smb_window_took(&window, window.size, bound / 10, bound);
    cr_expect_eq(window.size, 2 * SMB_WINDOW_START, "not quick enough");
    for (int i = 0; i < 20; i++)
        smb_window_took(&window, window.size, far - 1, bound);
    cr_expect_eq(window.size, SMB_WINDOW_NEAR);
    for (int i = 0; i < 20; i++)
        smb_window_took(&window, window.size, far, bound);
    cr_expect_eq(window.size, SMB_WINDOW_FAR);
    for (int i = 0; i < 20; i++)
        smb_window_took(&window, window.size, bound / 2 + 1, bound);
    cr_expect_eq(window.size, SMB_WINDOW_MIN);
}
