/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_browse: what the SMB module finds on a real server: its shares and
 * printers, whether a name is one of them, and what it says when it cannot.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tests/integration/smb_driver.h"
#include "tests/integration/smb_tap.h"

#define SERVER        "\\\\smbhost"
#define ACCESS_DENIED 0xc0000022u

static void restart(const char *lines) {
    char command[4096];

    snprintf(command, sizeof command, "\"$MPR_LAB_CTL\" smb restart %s >&2", lines);
    CHECK_EQ(system(command), 0);
}

static void begin(const char *name, const char *value) {
    const struct mpr_option options[] = {{name, value}, {NULL, NULL}};

    if (!smb_tap_check(driver_init(name ? options : NULL) == NO_ERROR, __FILE__, __LINE__, "%s",
                       driver.text))
        exit(1);
}

/* The entries of the last question: a line for each. */
static char found[4096];

static int take(void *context, const struct mpr_resource *entry) {
    size_t used = strlen(found);
    int *left = context;

    snprintf(found + used, sizeof found - used, "%s type %u display %u usage %u '%s'\n",
             entry->remote, entry->type, entry->display_type, entry->usage,
             entry->comment ? entry->comment : "");
    return left && --*left == 0;
}

static enum mpr_answer list(const char *container, uint32_t type, uint32_t usage) {
    found[0] = driver.text[0] = '\0';
    driver.code = 0;
    driver.answer = driver.table->list(driver.state, driver_call(5000), container, type, usage,
                                       take, NULL, &driver.code);
    return driver.answer;
}

static size_t rest;

static enum mpr_answer examine(const char *remote, uint32_t type) {
    found[0] = driver.text[0] = '\0';
    driver.code = 0;
    rest = 4711;
    driver.answer = driver.table->information(driver.state, driver_call(5000), remote, type, take,
                                              NULL, &rest, &driver.code);
    return driver.answer;
}

static int lines(void) {
    int count = 0;

    for (const char *at = found; *at; at++)
        count += *at == '\n';
    return count;
}

#define HAS(text)     CHECK_TEXT(found, text)
#define HAS_NOT(text) CHECK(!strstr(found, text))

static void shares(void) {
    begin(NULL, NULL);
    CHECK_EQ(list("//SMBHOST/", 0, 0), MPR_DONE);
    HAS("\\\\smbhost\\pub type 1 display 3 usage 1 'read and write'\n");
    HAS("\\\\smbhost\\sealed type 1 display 3 usage 1 ''\n");
    HAS("\\\\smbhost\\queue type 2 display 3 usage 1 ''\n");
    HAS("\\\\smbhost\\IPC$ type 0 display 8 usage 5 'IPC Service (laboratory)'\n");
    CHECK_EQ(lines(), 7);
    CHECK_EQ(list("smb://smbhost:4455", 0, 0), MPR_DONE);
    HAS("\\\\smbhost:4455\\pub type 1 ");
}

static void filters(void) {
    begin(NULL, NULL);
    CHECK_EQ(list(SERVER, RESOURCETYPE_PRINT, 0), MPR_DONE);
    CHECK_EQ(lines(), 1);
    HAS("\\\\smbhost\\queue");
    CHECK_EQ(list(SERVER, RESOURCETYPE_DISK, RESOURCEUSAGE_CONNECTABLE), MPR_DONE);
    CHECK_EQ(lines(), 5);
    CHECK_EQ(list(SERVER, RESOURCETYPE_DISK | RESOURCETYPE_PRINT, RESOURCEUSAGE_ALL), MPR_DONE);
    CHECK_EQ(lines(), 6);
    CHECK_EQ(list(SERVER, 0, RESOURCEUSAGE_CONTAINER), MPR_DONE);
    CHECK_EQ(lines(), 0);
}

static void hidden_shares(void) {
    restart("'[secret$]' 'path = /' 'comment = H\xc3\xa4lt er' '[unlisted]' 'path = /' "
            "'browseable = no'");
    begin(NULL, NULL);
    CHECK_EQ(list(SERVER, RESOURCETYPE_DISK, 0), MPR_DONE);
    HAS("\\\\smbhost\\secret$ type 1 display 8 usage 1 'H\xc3\xa4lt er'\n");
    HAS_NOT("unlisted");
    /* It is in no list, but it is there. */
    CHECK_EQ(examine(SERVER "\\unlisted\\dir", RESOURCETYPE_DISK), MPR_DONE);
    HAS("\\\\smbhost\\unlisted type 1 display 3 ");
    CHECK_EQ(rest, strlen(SERVER "\\unlisted"));
    restart("");
}

static void stops_when_told(void) {
    int left = 2;

    begin(NULL, NULL);
    found[0] = '\0';
    CHECK_EQ(driver.table->list(driver.state, driver_call(5000), SERVER, 0, 0, take, &left,
                                &driver.code),
             MPR_DONE);
    CHECK_EQ(lines(), 2);
    CHECK_EQ(list(SERVER, 0, 0), MPR_DONE);
    CHECK_EQ(lines(), 7);
}

static void the_network(void) {
    begin("servers", "SmbHost, files.example:4455,[::1]");
    CHECK_EQ(list(NULL, RESOURCETYPE_DISK, 0), MPR_DONE);
    CHECK_EQ(lines(), 3);
    HAS("\\\\smbhost type 0 display 2 usage 2 ''\n");
    HAS("\\\\files.example:4455 type");
    HAS("\\\\[::1] type");
    CHECK_EQ(list(NULL, 0, RESOURCEUSAGE_CONNECTABLE), MPR_DONE);
    CHECK_EQ(lines(), 0);
    driver_fini();
    begin(NULL, NULL);
    CHECK_EQ(list(NULL, 0, 0), MPR_DONE);
    CHECK_EQ(lines(), 0);
}

static void what_has_nothing_below(void) {
    begin(NULL, NULL);
    CHECK_EQ(list(SERVER "\\pub", 0, 0), MPR_NOT_MINE);
    CHECK_EQ(driver.code, ERROR_NOT_CONTAINER);
    CHECK_TEXT(driver.text, "\\\\smbhost\\pub");
    CHECK_EQ(list("srv:/export", 0, 0), MPR_NOT_MINE);
    CHECK_EQ(driver.code, ERROR_BAD_NET_NAME);
    CHECK_EQ(examine("srv:/export", 0), MPR_NOT_MINE);
    CHECK_EQ(driver.code, ERROR_BAD_NET_NAME);
    CHECK_EQ(rest, 4711);
}

static void information(void) {
    static const struct {
        const char *remote, *entry, *rest;
        uint32_t type;
    } rows[] = {
        {"\\\\SMBHOST\\PUB\\Dir\\x", "\\\\smbhost\\pub type 1 display 3 usage 1 'read and write'\n",
         "\\Dir\\x", 0},
        {"smb://smbhost/pub/a%20b", "\\\\smbhost\\pub type 1 ", "/a%20b", RESOURCETYPE_DISK},
        {"//smbhost/pub/", "\\\\smbhost\\pub type 1 ", "", 0},
        {"//smbhost/queue", "\\\\smbhost\\queue type 2 ", "", RESOURCETYPE_PRINT},
        {"//smbhost/ipc$", "\\\\smbhost\\IPC$ type 0 display 8 usage 5 ", "", 0},
        {"//smbhost/private", "\\\\smbhost\\private type 1 ", "", 0},
        {"//smbhost/", "\\\\smbhost type 0 display 2 usage 2 ''\n", "", 0},
        {"smb://smbhost:4455", "\\\\smbhost:4455 type 0 display 2 ", "", 0},
    };

    begin(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!CHECK_EQ(examine(rows[i].remote, rows[i].type), MPR_DONE))
            continue;
        CHECK_EQ(lines(), 1);
        HAS(rows[i].entry);
        CHECK(strcmp(rows[i].remote + rest, rows[i].rest) == 0);
    }
}

static void names_of_nothing(void) {
    begin(NULL, NULL);
    CHECK_EQ(examine(SERVER "\\nothing\\x", 0), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_BAD_NET_NAME);
    CHECK_TEXT(driver.text, "\\\\smbhost\\nothing\\x");
    CHECK_EQ(rest, 4711);
    CHECK_EQ(examine(SERVER "\\queue", RESOURCETYPE_DISK), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_BAD_DEV_TYPE);
    CHECK_TEXT(driver.text, "print queue");
    CHECK_EQ(examine(SERVER "\\pub", RESOURCETYPE_PRINT), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_BAD_DEV_TYPE);
    CHECK_EQ(lines(), 0);
}

/* A server that tells nobody what it has. */
static void a_shy_server(void) {
    restart("'restrict anonymous = 2'");
    begin(NULL, NULL);
    CHECK_EQ(list(SERVER, 0, 0), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_ACCESS_DENIED);
    CHECK_EQ(driver.status, ACCESS_DENIED);
    CHECK_TEXT(driver.text, SERVER);
    CHECK_TEXT(driver.text, "nobody");
    /* It is there all the same, and so is a share of it; what is not is not. */
    CHECK_EQ(examine(SERVER, 0), MPR_DONE);
    CHECK_EQ(examine(SERVER "\\PUB\\x", 0), MPR_DONE);
    HAS("\\\\smbhost\\PUB type 0 display 3 usage 1 ''\n");
    CHECK_EQ(examine(SERVER "\\queue", RESOURCETYPE_PRINT), MPR_DONE);
    HAS("\\\\smbhost\\queue type 2 ");
    CHECK_EQ(examine(SERVER "\\nothing", 0), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_BAD_NET_NAME);
    restart("");
}

/* Who has a password is asked for by it. */
static void as_somebody(void) {
    restart("'restrict anonymous = 2'");
    begin(NULL, NULL);
    driver.password = getenv("MPR_LAB_PASSWORD");
    CHECK_EQ(list(SERVER, 0, 0), MPR_MINE_FAILED);
    CHECK_EQ(driver.code, ERROR_LOGON_FAILURE);
    CHECK(!strstr(driver.text, "words"));
    driver.password = NULL;
    restart("");
}

static void wrong_servers(void) {
    static const struct {
        const char *host, *words;
        int64_t ms;
    } rows[] = {
        {"refused", "refused", 4500},         {"nohost.invalid", "not found", 4500},
        {"smbhost:4459", "4459", 4500},       {"silent", "did not answer in SMB", 20000},
        {"dropped", "did not answer", 20000},
    };
    char server[64], share[80];

    begin(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t begun = driver_now_ms();

        snprintf(server, sizeof server, "\\\\%s", rows[i].host);
        CHECK_EQ(list(server, 0, 0), MPR_NOT_MINE);
        CHECK_EQ(driver.code, ERROR_BAD_NETPATH);
        CHECK_TEXT(driver.text, server);
        CHECK_TEXT(driver.text, rows[i].words);
        CHECK(driver_now_ms() - begun < rows[i].ms);
        snprintf(share, sizeof share, "%s\\pub", server);
        CHECK_EQ(examine(share, 0), MPR_NOT_MINE);
        CHECK_EQ(driver.code, ERROR_BAD_NETPATH);
        CHECK(driver_now_ms() - begun < 2 * rows[i].ms);
    }
}

/* What is under way ends with its call, and the next question finds everything in order. */
static void cancelled(void) {
    int64_t begun = driver_now_ms();
    uint32_t code = 0;

    begin(NULL, NULL);
    found[0] = '\0';
    CHECK_EQ(
        driver.table->list(driver.state, driver_call(300), "\\\\silent", 0, 0, take, NULL, &code),
        MPR_NOT_MINE);
    CHECK_EQ(code, ERROR_BAD_NETPATH);
    CHECK(driver_now_ms() - begun < 10000);
    CHECK_EQ(list(SERVER, 0, 0), MPR_DONE);
    CHECK_EQ(lines(), 7);
}

/* As far as the library tells; the line goes to who asks for a trace. */
static void what_was_agreed_on(void) {
    static const struct {
        const char *option, *value, *share, *facts;
    } rows[] = {
        {NULL, NULL, "pub", "SMB 3.1.1, neither signed nor encrypted"},
        {NULL, NULL, "sealed", "SMB 3.1.1, encrypted"},
        {"signing", "required", "pub", "SMB 3.1.1, signed"},
        {"encryption", "required", "pub", "encrypted"},
        {"max_protocol", "SMB2_10", "pub", "SMB"},
    };
    char remote[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *session;

        begin(rows[i].option, rows[i].value);
        snprintf(remote, sizeof remote, SERVER "\\%s", rows[i].share);
        session = driver_connect(remote, getenv("MPR_LAB_USER"), getenv("MPR_LAB_PASSWORD"));
        if (!CHECK(session != NULL))
            continue;
        CHECK_TEXT(driver.line, remote);
        CHECK_TEXT(driver.line, rows[i].facts);
        driver_disconnect(session);
        driver_fini();
    }
}

int main(void) {
    static const struct smb_test tests[] = {
        {"shares", shares},
        {"filters", filters},
        {"hidden shares", hidden_shares},
        {"stops when told", stops_when_told},
        {"the network", the_network},
        {"what has nothing below", what_has_nothing_below},
        {"information", information},
        {"names of nothing", names_of_nothing},
        {"a shy server", a_shy_server},
        {"as somebody", as_somebody},
        {"wrong servers", wrong_servers},
        {"cancelled", cancelled},
        {"what was agreed on", what_was_agreed_on},
        {NULL, NULL},
    };

    driver_load();
    return smb_tap_run(tests);
}
