/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_connect: how the SMB module connects to a real server, and what it says
 * when it cannot.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tests/integration/smb_driver.h"
#include "tests/integration/smb_tap.h"

#define STATUS_LOGON_FAILURE 0xc000006du

static const char *env(const char *name) {
    const char *value = getenv(name);

    return value ? value : "";
}

/* A name on the laboratory's server. */
static const char *on(const char *share) {
    static char name[256];

    snprintf(name, sizeof name, "%s/%s", env("MPR_LAB_SMB"), share);
    return name;
}

/* A name on another host of the laboratory. */
static const char *at(const char *variable) {
    static char name[256];

    snprintf(name, sizeof name, "//%s/pub", env(variable));
    return name;
}

/* Restarts the server with lines for its configuration, each its own argument. */
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

static void *connect_anna(const char *share) {
    return driver_connect(on(share), env("MPR_LAB_USER"), env("MPR_LAB_PASSWORD"));
}

static void expect_failure(void *session, enum mpr_answer answer, uint32_t code) {
    CHECK(!session);
    CHECK_EQ(driver.answer, answer);
    CHECK_EQ(driver.code, code);
    CHECK_TEXT(driver.text, "SMB Network could not connect to ");
    CHECK(!strstr(driver.text, env("MPR_LAB_PASSWORD")));
}

static bool expect_success(void *session) {
    return smb_tap_check(session != NULL, __FILE__, __LINE__, "%s", driver.text);
}

static void a_share(void) {
    char user[MPR_USER_MAX];
    void *session;

    begin(NULL, NULL);
    session = connect_anna("pub");
    if (!expect_success(session))
        return;
    CHECK_EQ(driver.table->user(session, driver_call(20000), user, sizeof user), NO_ERROR);
    CHECK(strcmp(user, env("MPR_LAB_USER")) == 0);
    CHECK_EQ(driver.table->user(session, driver_call(20000), user, 2), ERROR_MORE_DATA);
    /* What the kernel says of it: dead servers are noticed. */
    CHECK_EQ(system("ss -Htno state established dport = :${MPR_LAB_SMB_PORTS%% *} "
                    "| grep -q keepalive"),
             0);
    driver_disconnect(session);
    CHECK_EQ(driver.lost, 0);
    driver_fini();
}

static void again_in_one_process(void) {
    begin(NULL, NULL);
    for (int i = 0; i < 5; i++) {
        void *session = connect_anna("pub");

        if (!expect_success(session))
            return;
        if (i == 2) {
            CHECK(!connect_anna("ro"));
            CHECK_EQ(driver.code, ERROR_BUSY);
        }
        driver_disconnect(session);
        CHECK(!driver_connect(on("pub"), "anna", "wrong"));
        CHECK_EQ(driver.code, ERROR_LOGON_FAILURE);
    }
    driver_fini();
}

static void every_spelling(void) {
    const char *host = env("MPR_LAB_SMB") + 2, *ports = env("MPR_LAB_SMB_PORTS");
    int first = (int)strcspn(ports, " ");
    char names[5][128];

    begin(NULL, NULL);
    snprintf(names[0], sizeof names[0], "\\\\%s\\pub", host);
    snprintf(names[1], sizeof names[1], "SMB://%s/Pub/", host);
    snprintf(names[2], sizeof names[2], "smb://localhost:%.*s/pub", first, ports);
    snprintf(names[3], sizeof names[3], "smb://127.0.0.1:%.*s/%%70ub", first, ports);
    snprintf(names[4], sizeof names[4], "smb://127.0.0.1:%s/pub", ports + first + 1);
    for (int i = 0; i < 5; i++) {
        void *session = driver_connect(names[i], env("MPR_LAB_USER"), env("MPR_LAB_PASSWORD"));

        if (expect_success(session))
            driver_disconnect(session);
    }
}

static void an_ipv6_address(void) {
    char name[64];
    void *session;

    restart("'interfaces = 127.0.0.1 ::1'");
    begin(NULL, NULL);
    snprintf(name, sizeof name, "smb://[::1]:%.*s/pub", (int)strcspn(env("MPR_LAB_SMB_PORTS"), " "),
             env("MPR_LAB_SMB_PORTS"));
    session = driver_connect(name, env("MPR_LAB_USER"), env("MPR_LAB_PASSWORD"));
    if (expect_success(session))
        driver_disconnect(session);
}

static void a_directory(void) {
    struct mpr_stat facts;
    char path[512];
    void *session;

    begin(NULL, NULL);
    snprintf(path, sizeof path, "%s/pub/one", env("MPR_LAB_SMB_DIR"));
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/pub/one/two words", env("MPR_LAB_SMB_DIR"));
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/pub/one/two words/file", env("MPR_LAB_SMB_DIR"));
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    session = connect_anna("pub/one/two words");
    if (expect_success(session)) {
        CHECK_EQ(driver.table->stat(session, driver_call(20000), "file", &facts), 0);
        CHECK_EQ(driver.table->stat(session, driver_call(20000), "", &facts), 0);
        CHECK(S_ISDIR(facts.mode));
        driver_disconnect(session);
    }
    expect_failure(connect_anna("pub/one/three"), MPR_MINE_FAILED, ERROR_BAD_NET_NAME);
    CHECK_TEXT(driver.text, "no such directory");
    expect_failure(connect_anna("pub/one/two words/file"), MPR_MINE_FAILED, ERROR_BAD_NET_NAME);
    CHECK_TEXT(driver.text, "not that of a directory");
}

static void wrong_password(void) {
    begin(NULL, NULL);
    expect_failure(driver_connect(on("pub"), "LAB\\anna", "none-of-these"), MPR_MINE_FAILED,
                   ERROR_LOGON_FAILURE);
    CHECK_EQ(driver.status, STATUS_LOGON_FAILURE);
    CHECK_TEXT(driver.text, " as LAB\\anna: the server answered STATUS_LOGON_FAILURE (0xC000006D)");
    CHECK(!strstr(driver.text, "none-of-these"));
}

static void accounts_in_every_state(void) {
    static const struct {
        const char *user, *password;
        uint32_t code, status;
    } cases[] = {
        {"nobody-knows", "words", ERROR_LOGON_FAILURE, 0xc000006du},
        {"carl", "disabled-words", ERROR_ACCOUNT_DISABLED, 0xc0000072u},
        {"locked", "words", ERROR_ACCOUNT_LOCKED_OUT, 0xc0000234u},
        {"expired", "words", ERROR_ACCOUNT_EXPIRED, 0xc0000193u},
        {"must", "words", ERROR_PASSWORD_MUST_CHANGE, 0xc0000224u},
    };

    if (strcmp(env("MPR_LAB_MODE"), "none") == 0)
        return;
    CHECK_EQ(system("\"$top_srcdir\"/tests/integration/smb_accounts >&2"), 0);
    begin(NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_failure(driver_connect(on("pub"), cases[i].user, cases[i].password), MPR_MINE_FAILED,
                       cases[i].code);
        CHECK_EQ(driver.status, cases[i].status);
        CHECK_TEXT(driver.text, cases[i].user);
    }
    restart("");
}

static void shares_that_are_not_for_us(void) {
    begin(NULL, NULL);
    expect_failure(connect_anna("nothing"), MPR_MINE_FAILED, ERROR_BAD_NET_NAME);
    CHECK_TEXT(driver.text, "STATUS_BAD_NETWORK_NAME (0xC00000CC): there is no such share.");
    expect_failure(connect_anna("private"), MPR_MINE_FAILED, ERROR_ACCESS_DENIED);
    expect_failure(connect_anna(""), MPR_NOT_MINE, ERROR_BAD_NET_NAME);
}

static void two_identities_at_once(void) {
    pid_t other;
    int status = -1;
    void *session;

    begin(NULL, NULL);
    session = connect_anna("pub");
    expect_success(session);
    other = fork();
    if (other == 0) {
        begin(NULL, NULL);
        _exit(driver_connect(on("private"), env("MPR_LAB_USER2"), env("MPR_LAB_PASSWORD2")) ? 0
                                                                                            : 1);
    }
    CHECK_EQ(waitpid(other, &status, 0), other);
    CHECK_EQ(status, 0);
    CHECK_EQ(driver.table->mkdir(session, driver_call(20000), "by-anna", 0755), 0);
}

static void hosts_that_do_not_serve(void) {
    struct mpr_connect args = {.size = sizeof args, .user = "anna"};
    int64_t begun;

    begin(NULL, NULL);
    expect_failure(driver_connect(at("MPR_LAB_NOHOST"), "anna", "x"), MPR_NOT_MINE,
                   ERROR_BAD_NETPATH);
    CHECK_TEXT(driver.text, "was not found");
    if (strcmp(env("MPR_LAB_MODE"), "none") == 0)
        return;
    expect_failure(driver_connect(at("MPR_LAB_REFUSED"), "anna", "x"), MPR_NOT_MINE,
                   ERROR_BAD_NETPATH);
    CHECK_TEXT(driver.text, "Connection refused");
    CHECK_EQ(driver.status, 0xc0000236u);
    begun = driver_now_ms();
    args.remote = at("MPR_LAB_DROPPED");
    expect_failure(driver_connect_as(&args, driver_call(300), "x"), MPR_NOT_MINE,
                   ERROR_BAD_NETPATH);
    CHECK_TEXT(driver.text, "did not answer on port 445 within");
    CHECK(driver_now_ms() - begun < 10000);
}

static void a_host_that_accepts_and_is_silent(void) {
    struct mpr_connect args = {.size = sizeof args, .remote = at("MPR_LAB_SILENT"), .user = "anna"};
    int64_t begun = driver_now_ms();

    if (strcmp(env("MPR_LAB_MODE"), "none") == 0)
        return;
    begin(NULL, NULL);
    expect_failure(driver_connect_as(&args, driver_call(2500), "x"), MPR_NOT_MINE,
                   ERROR_BAD_NETPATH);
    CHECK_TEXT(driver.text, "did not answer in SMB");
    CHECK(driver_now_ms() - begun < 10000);
}

static void a_cancelled_connect(void) {
    struct mpr_connect args = {.size = sizeof args, .user = "anna"};
    int64_t begun;
    int ends[2];

    if (strcmp(env("MPR_LAB_MODE"), "none") == 0)
        return;
    begin(NULL, NULL);
    CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();

        if (child == 0) {
            usleep(200000);
            _exit(write(ends[1], "", 1) == 1 ? 0 : 1);
        }
        args.remote = at(i ? "MPR_LAB_SILENT" : "MPR_LAB_DROPPED");
        begun = driver_now_ms();
        expect_failure(driver_connect_as(&args, driver_call_with(20000, ends[0]), "x"),
                       MPR_MINE_FAILED, ERROR_CANCELLED);
        CHECK(driver_now_ms() - begun < 10000);
        CHECK(waitpid(child, NULL, 0) == child);
        CHECK(read(ends[0], &(char){0}, 1) == 1);
    }
}

static void guests_only_by_name(void) {
    void *session;

    begin(NULL, NULL);
    restart("'map to guest = bad user' 'guest ok = yes'");
    expect_failure(driver_connect(on("pub"), "nobody-knows", "words"), MPR_MINE_FAILED,
                   ERROR_LOGON_FAILURE);
    CHECK_TEXT(driver.text, "guest");
    session = driver_connect(on("pub"), "guest", NULL);
    if (expect_success(session))
        driver_disconnect(session);
    session = connect_anna("pub");
    if (expect_success(session))
        driver_disconnect(session);
    restart("");
    expect_failure(driver_connect(on("pub"), "guest", NULL), MPR_MINE_FAILED, ERROR_LOGON_FAILURE);
}

static void no_password(void) {
    begin(NULL, NULL);
    setenv("KRB5CCNAME", "FILE:/nowhere", 1);
    expect_failure(driver_connect(on("pub"), "anna", NULL), MPR_MINE_FAILED, ERROR_LOGON_FAILURE);
    CHECK_TEXT(driver.text,
               "a password is needed: none was given, and there is no Kerberos ticket");
    CHECK(strcmp(getenv("KRB5CCNAME"), "FILE:/nowhere") == 0);
    expect_failure(driver_connect(at("MPR_LAB_NOHOST"), "anna", NULL), MPR_NOT_MINE,
                   ERROR_BAD_NETPATH);
    expect_failure(driver_connect(on("pub"), "a/b", "x"), MPR_MINE_FAILED, ERROR_BAD_USERNAME);
}

static void a_password_that_is_too_long(void) {
    char password[300];

    begin(NULL, NULL);
    memset(password, 'x', sizeof password - 1);
    password[sizeof password - 1] = '\0';
    expect_failure(driver_connect(on("pub"), "anna", password), MPR_MINE_FAILED,
                   ERROR_INVALID_PASSWORD);
}

static void kerberos_that_cannot_be(void) {
    begin("kerberos", "required");
    setenv("KRB5CCNAME", "FILE:/nowhere", 1);
    expect_failure(connect_anna("pub"), MPR_MINE_FAILED, ERROR_NO_LOGON_SERVERS);
    expect_failure(driver_connect(on("pub"), "anna", NULL), MPR_MINE_FAILED, ERROR_LOGON_FAILURE);
}

static void encryption(void) {
    void *session;

    begin("encryption", "required");
    session = connect_anna("pub");
    if (expect_success(session))
        driver_disconnect(session);
    restart("'server smb encrypt = off'");
    expect_failure(connect_anna("pub"), MPR_MINE_FAILED, ERROR_NOT_SUPPORTED);
    CHECK_TEXT(driver.text, "does not encrypt");
    restart("");
}

static void a_share_that_demands_encryption(void) {
    void *session;

    begin(NULL, NULL);
    session = connect_anna("sealed");
    if (expect_success(session))
        driver_disconnect(session);
}

static void signing(void) {
    void *session;

    restart("'server signing = mandatory'");
    begin("signing", "required");
    session = connect_anna("pub");
    if (expect_success(session))
        driver_disconnect(session);
    restart("");
}

static void no_common_protocol(void) {
    restart("'server min protocol = SMB3_11'");
    begin("max_protocol", "SMB2_10");
    expect_failure(connect_anna("pub"), MPR_NOT_MINE, ERROR_BAD_NETPATH);
    CHECK_TEXT(driver.text, "SMB2_02 to SMB2_10");
    restart("");
}

static void printers(void) {
    struct mpr_connect args = {.size = sizeof args, .user = env("MPR_LAB_USER")};
    struct mpr_stat facts;
    void *session, *job;

    begin(NULL, NULL);
    args.type = RESOURCETYPE_PRINT;
    args.remote = on("pub");
    expect_failure(driver_connect_as(&args, driver_call(5000), env("MPR_LAB_PASSWORD")),
                   MPR_MINE_FAILED, ERROR_BAD_DEV_TYPE);
    args.type = RESOURCETYPE_ANY;
    args.device = "LPT1";
    args.remote = on("queue");
    session = driver_connect_as(&args, driver_call(5000), env("MPR_LAB_PASSWORD"));
    if (!expect_success(session))
        return;
    CHECK_EQ(driver.table->print(session, driver_call(5000), "a/b: c", &job), 0);
    CHECK_EQ(driver.table->pwrite(session, driver_call(5000), job, "hello", 5, 0), 5);
    CHECK_EQ(driver.table->pwrite(session, driver_call(5000), job, " world\n", 7, 5), 7);
    CHECK_EQ(driver.table->close(session, driver_call(5000), job), 0);
    CHECK_EQ(driver.table->stat(session, driver_call(5000), "", &facts), -EACCES);
    CHECK_EQ(system("for i in $(seq 100); do grep -qsx 'hello world' \"$MPR_LAB_SMB_DIR\"/jobs/* "
                    "&& exit 0; sleep 0.05; done; exit 1"),
             0);
    driver_disconnect(session);
    session = connect_anna("pub");
    CHECK_EQ(driver.table->print(session, driver_call(5000), "x", &job), -ENOTSUP);
}

/* A connection without files, to be logged on. */
static void the_share_of_pipes(void) {
    struct mpr_stat facts;
    void *session;

    begin(NULL, NULL);
    session = connect_anna("IPC$");
    if (!expect_success(session))
        return;
    CHECK(driver.table->stat(session, driver_call(20000), "", &facts) < 0);
    CHECK_EQ(driver.lost, 0);
    driver_disconnect(session);
}

/* What the user's or the system's configuration says has no effect. */
static void a_configuration_of_its_own(void) {
    char home[512], path[600];
    FILE *file;
    void *session;

    snprintf(home, sizeof home, "%s/home", env("TMPDIR"));
    snprintf(path, sizeof path, "%s/.smb", home);
    mkdir(home, 0700);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/.smb/smb.conf", home);
    file = fopen(path, "we");
    fputs("[global]\nclient min protocol = NT1\nclient max protocol = NT1\n", file);
    fclose(file);
    setenv("HOME", home, 1);
    begin(NULL, NULL);
    session = connect_anna("pub");
    if (expect_success(session))
        driver_disconnect(session);
    CHECK(strcmp(getenv("HOME"), home) == 0);
    driver_fini();
    CHECK_EQ(system("! ls \"$TMPDIR\" | grep mpr-smb >&2"), 0);
}

static void performance(void) {
    struct mpr_performance facts = {.size = sizeof facts, .speed = 7};
    void *session;

    begin(NULL, NULL);
    session = connect_anna("pub");
    if (!expect_success(session))
        return;
    CHECK_EQ(driver.table->performance(session, driver_call(20000), &facts), NO_ERROR);
    CHECK_EQ(facts.speed, 0);
    CHECK(facts.delay_ms >= 1 && facts.delay_ms < 10000);
    CHECK(facts.opt_data_size >= 65536);
    driver_disconnect(session);
}

int main(void) {
    static const struct smb_test tests[] = {
        {"a share", a_share},
        {"several sessions, one after the other", again_in_one_process},
        {"every spelling of a name", every_spelling},
        {"an IPv6 address", an_ipv6_address},
        {"a directory of a share", a_directory},
        {"a wrong password", wrong_password},
        {"accounts that may not log on", accounts_in_every_state},
        {"shares that are not there, or not for this user", shares_that_are_not_for_us},
        {"two identities at once", two_identities_at_once},
        {"hosts that do not serve", hosts_that_do_not_serve},
        {"a host that accepts and is silent", a_host_that_accepts_and_is_silent},
        {"a connect that is cancelled", a_cancelled_connect},
        {"guests only by name", guests_only_by_name},
        {"no password", no_password},
        {"a password that is too long", a_password_that_is_too_long},
        {"Kerberos that is required and not there", kerberos_that_cannot_be},
        {"encryption that is required", encryption},
        {"a share that demands encryption", a_share_that_demands_encryption},
        {"signing that is required", signing},
        {"no protocol in common", no_common_protocol},
        {"printers", printers},
        {"IPC$", the_share_of_pipes},
        {"nobody else's configuration", a_configuration_of_its_own},
        {"performance", performance},
        {NULL, NULL},
    };

    driver_load();
    return smb_tap_run(tests);
}
