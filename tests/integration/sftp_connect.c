/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_connect.c: who is let in to an SSH server, and who is not: keys, agent,
 * passwords, host keys, and hosts that are none.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "tests/integration/table.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define RW "sftp://sshhost/rw"

extern char **environ;

/* The path of a file among the laboratory's keys. */
static const char *key_path(const char *name) {
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", stage_env("MPR_LAB_SSH_KEYS"), name);
    return path;
}

/* The provider anew: with these known hosts, this identity (or NULL), and perhaps an agent. */
static void provider(const char *known_hosts, const char *identity, const char *agent) {
    const char *options[] = {"known_hosts", known_hosts, "connect_timeout_ms",         "10000",
                             "agent",       agent,       identity ? "identity" : NULL, identity,
                             NULL,          NULL};

    if (table_state)
        table_close();
    table_open("sftp", options);
}

static void let_in(const char *remote, const char *user, const char *password, const char *is) {
    struct mpr_call call = table_call(10000);
    enum mpr_answer answer;
    char name[64] = "";
    uint32_t code;
    void *session;

    table_password = password;
    session = table_connect(remote, user, 20000, &answer, &code);
    tap_ok(session != NULL, "%s as %s is connected%s%s", remote,
           user ? user : "nobody in particular", session ? "" : ": ",
           session ? "" : table_told().text);
    table_password = NULL;
    if (!session)
        return;
    tap_ok(table_ops->user(session, &call, name, sizeof name) == NO_ERROR, "user");
    tap_text(name, is, "is %s", is);
    tap_ok(table_ops->disconnect(session, &call, 0) == NO_ERROR, "disconnect");
}

/* A refusal, with the words that it must hold. */
static void refuse(const char *remote, const char *user, const char *password,
                   enum mpr_answer wanted, uint32_t wanted_code, const char *const *words) {
    enum mpr_answer answer;
    uint32_t code;
    void *session;
    double begun = stage_ms();

    table_password = password;
    session = table_connect(remote, user, 20000, &answer, &code);
    table_password = NULL;
    tap_ok(!session && answer == wanted, "%s as %s: answer %d (%d)", remote, user ? user : "-",
           (int)wanted, (int)answer);
    tap_code(code, wanted_code, "%s", stage_code(wanted_code));
    for (; *words; words++)
        tap_ok(strstr(table_told().text, *words) != NULL, "the words have \"%s\"", *words);
    tap_ok(!strstr(table_told().text, "-words"), "and no password");
    tap_ok(stage_ms() - begun < 19000, "before its time was over");
    printf("# %s\n", table_told().text);
}

#define WORDS(...)                                                                                 \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

static void keys(void) {
    tap_group("keys");
    provider(key_path("known_hosts"), key_path("root_key"), "false");
    let_in(RW, NULL, NULL, "root");
    let_in("sftp://127.0.0.1:22/", NULL, NULL, "root");
    let_in("sftp://bert@sshhost/rw", "root", NULL, "root");
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("root_key: refused"));
    refuse(RW, "bert", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("sshhost", "\"bert\"", "root_key: refused", "publickey, password"));
    provider(key_path("known_hosts"), key_path("anna_key"), "false");
    let_in(RW, "anna", NULL, "anna");
    let_in("sftp://anna@sshhost/rw", NULL, NULL, "anna");
    provider(key_path("known_hosts"), key_path("stranger_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("stranger_key: refused"));
    provider(key_path("known_hosts"), key_path("no_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("no_key: cannot be read"));
    provider(key_path("known_hosts"), key_path("known_hosts"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("is no private key"));
    provider(key_path("known_hosts"), key_path("locked_key"), "false");
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("has a passphrase; add it to the agent"));
}

/* ---- the agent */

static pid_t run(const char *const *arguments) {
    pid_t pid = 0;

    errno =
        posix_spawnp(&pid, arguments[0], NULL, NULL, (char *const *)(uintptr_t)arguments, environ);
    if (errno) {
        printf("Bail out! %s: %s\n", arguments[0], strerror(errno));
        exit(99);
    }
    return pid;
}

static void wait_until_there(const char *path) {
    for (int i = 0; access(path, F_OK) != 0 && i < 1000; i++)
        usleep(10000);
}

static void agent(void) {
    const char *socket = key_path("agent");
    const char *const start[] = {"ssh-agent", "-D", "-a", socket, NULL};
    const char *const add[] = {"ssh-add", "-q", key_path("anna_key"), NULL};
    pid_t pid;
    int status = 0;

    tap_group("the agent");
    provider(key_path("known_hosts"), NULL, "true");
    unsetenv("SSH_AUTH_SOCK");
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("Tried: nothing"));
    setenv("SSH_AUTH_SOCK", socket, 1);
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("Tried: publickey (the agent at", socket, "No such file"));
    pid = run(start);
    wait_until_there(socket);
    waitpid(run(add), &status, 0);
    tap_ok(status == 0, "it has a key");
    let_in(RW, "anna", NULL, "anna");
    refuse(RW, "bert", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("keys of the agent: refused"));
    provider(key_path("known_hosts"), key_path("stranger_key"), "true");
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("stranger_key: refused"));
    provider(key_path("known_hosts"), NULL, "false");
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("Tried: nothing"));
    provider(key_path("known_hosts"), NULL, "true");
    kill(pid, SIGSTOP);
    {
        enum mpr_answer answer;
        uint32_t code;
        double begun = stage_ms();

        tap_ok(!table_connect(RW, "anna", 1000, &answer, &code), "an agent that does not answer");
        tap_code(code, ERROR_EXTENDED_ERROR, "ERROR_EXTENDED_ERROR");
        tap_ok(strstr(table_told().text, "agent at SSH_AUTH_SOCK") != NULL, "it is named: %s",
               table_told().text);
        tap_ok(stage_ms() - begun < 8000, "in time");
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unsetenv("SSH_AUTH_SOCK");
}

/* ---- passwords */

static void passwords(void) {
    static const char *const demands[] = {
        "PasswordAuthentication no\nKbdInteractiveAuthentication no",
        "AuthenticationMethods publickey,password", "AuthenticationMethods password,publickey"};

    tap_group("passwords");
    provider(key_path("known_hosts"), key_path("anna_key"), "false");
    let_in(RW, "anna", "secret-words", "anna");
    let_in("sftp://bert@sshhost/private", NULL, "other-words", "bert");
    refuse(RW, "anna", "wrong-words", MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("\"anna\"", "password (refused)", "sshhost"));
    refuse(RW, "anna", "", MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("password (refused)"));
    refuse(RW, "nobody-here", "secret-words", MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("\"nobody-here\""));
    stage_ctl("ssh", "restart", demands[0]);
    refuse(RW, "anna", "secret-words", MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("did not ask for the password", "give none", "publickey"));
    let_in(RW, "anna", NULL, "anna");
    stage_ctl("ssh", "restart", demands[1]);
    let_in(RW, "anna", "secret-words", "anna");
    refuse(RW, "anna", "wrong-words", MPR_MINE_FAILED, ERROR_LOGON_FAILURE,
           WORDS("anna_key: accepted, but more is wanted", "password (refused)"));
    refuse(RW, "anna", NULL, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, WORDS("one more proof"));
    stage_ctl("ssh", "restart", demands[2]);
    let_in(RW, "anna", "secret-words", "anna");
    stage_ctl("ssh", "restart", NULL);
}

/* ---- host keys */

static char *contents(const char *path) {
    char *text = calloc(1, 4096);
    FILE *stream = fopen(path, "re");

    if (!stream || !text || fread(text, 1, 4095, stream) == 0)
        text[0] = '\0';
    if (stream)
        fclose(stream);
    return text;
}

static void write_to(const char *path, const char *text) {
    FILE *stream = fopen(path, "we");

    if (!stream || fputs(text, stream) < 0 || fclose(stream) != 0) {
        printf("Bail out! %s cannot be written\n", path);
        exit(99);
    }
}

static void host_keys(void) {
    char *good = contents(key_path("known_hosts")), *other = contents(key_path("other_key.pub"));
    char *written, text[8192];

    tap_group("host keys");
    provider(key_path("none"), key_path("root_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR,
           WORDS("not known", "ssh-ed25519 SHA256:", "ssh-keyscan -p 22 sshhost", "known_hosts"));
    tap_ok(table_told().native == ENOKEY, "ENOKEY");
    tap_ok(access(key_path("none"), F_OK) != 0, "and nothing was written");
    tap_ok(!strstr(table_told().text, "mkdir"), "a directory that is there is not to be made");
    table_user_says = "no";
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, WORDS("was not confirmed"));
    tap_ok(strstr(table_told().question, "SHA256:") && strstr(table_told().question, "sshhost"),
           "the user was asked");
    tap_ok(access(key_path("none"), F_OK) != 0, "and nothing was written");
    table_user_says = "yes";
    let_in(RW, NULL, NULL, "root");
    table_user_says = NULL;
    written = contents(key_path("none"));
    tap_ok(strstr(written, "ssh-ed25519") && strstr(written, "sshhost"), "the key was added");
    let_in(RW, NULL, NULL, "root");
    snprintf(text, sizeof text, "sshhost %s", other);
    write_to(key_path("changed"), text);
    provider(key_path("changed"), key_path("root_key"), "false");
    table_user_says = "yes";
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR,
           WORDS("HAS CHANGED", "SHA256:", "ssh-keygen -f", "changed"));
    table_user_says = NULL;
    tap_ok(table_told().native == EKEYREJECTED, "EKEYREJECTED");
    snprintf(text, sizeof text, "%s@revoked * %s", good, strchr(good, ' ') + 1);
    write_to(key_path("revoked"), text);
    provider(key_path("revoked"), key_path("root_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, WORDS("REVOKED"));
    free(good);
    free(other);
    free(written);
}

/* Known hosts that are not there, and such that cannot be read. */
static void odd_files(void) {
    tap_group("odd files of known hosts");
    provider(key_path("away/known"), key_path("root_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR,
           WORDS("not known", "mkdir -m 700 -p /", "/away && ssh-keyscan -p 22"));
    provider(stage_env("MPR_LAB_SSH_KEYS"), key_path("root_key"), "false");
    table_user_says = "yes";
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR,
           WORDS("cannot be read", "EISDIR", "SHA256:"));
    table_user_says = NULL;
    tap_ok(table_told().native == EISDIR, "EISDIR");
    tap_ok(!strstr(table_told().text, "ssh-keyscan"), "and no advice that would not help");
    provider(key_path("root_key/known"), key_path("root_key"), "false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR,
           WORDS("cannot be read", "ENOTDIR"));
}

/* ---- what is no SSH server, and what is no directory */

static void elsewhere(void) {
    tap_group("elsewhere");
    provider(key_path("known_hosts"), key_path("root_key"), "false");
    refuse("sftp://nohost.invalid/rw", NULL, NULL, MPR_NOT_MINE, ERROR_BAD_NETPATH,
           WORDS("nohost.invalid", "could not be resolved"));
    refuse("sftp://refused/rw", NULL, NULL, MPR_NOT_MINE, ERROR_BAD_NETPATH,
           WORDS("TCP port 22 of refused", "ECONNREFUSED"));
    refuse("sftp://silent/rw", NULL, NULL, MPR_NOT_MINE, ERROR_BAD_NETPATH,
           WORDS("silent", "greeting", "no answer came within"));
    refuse("sftp://sshhost/none", NULL, NULL, MPR_MINE_FAILED, ERROR_BAD_NET_NAME,
           WORDS("SSH_FX_NO_SUCH_FILE", "/none", "as root"));
    refuse("sftp://sshhost/ro/readme", NULL, NULL, MPR_MINE_FAILED, ERROR_BAD_NET_NAME,
           WORDS("is no directory"));
    refuse("sftp://sshhost", NULL, NULL, MPR_NOT_MINE, ERROR_BAD_NET_NAME,
           WORDS("a directory is needed"));
    refuse("sftp://sshhost/private/x", "anna", "secret-words", MPR_MINE_FAILED, ERROR_ACCESS_DENIED,
           WORDS("SSH_FX_PERMISSION_DENIED"));
    refuse("sftp://sshhost/private", "anna", "secret-words", MPR_MINE_FAILED, ERROR_ACCESS_DENIED,
           WORDS("SSH_FX_PERMISSION_DENIED", "/private", "may not be entered"));
    stage_ctl("ssh", "restart", "ForceCommand /bin/false");
    refuse(RW, NULL, NULL, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, WORDS("SFTP server's version"));
    stage_ctl("ssh", "restart", NULL);
    let_in(RW, NULL, NULL, "root");
}

int main(void) {
    keys();
    agent();
    passwords();
    host_keys();
    odd_files();
    elsewhere();
    table_close();
    return tap_done();
}
