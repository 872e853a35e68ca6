/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_login.c: password, keyboard-interactive, keys and agent.
 */
#include "config.h"

#include "providers/sftp/sftp_login.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/sftp/sftp_shake.h"

#define ROUNDS_MOST 8 /* questions of a server, one after the other */

struct login {
    struct sftp_line *line;
    struct sftp_failure *failure;
    char tried[400]; /* "publickey (/home/u/.ssh/id_rsa: refused), ..." */
    bool password_used;
};

static void note(struct login *login, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct login *login, const char *format, ...) {
    size_t used = strlen(login->tried);
    va_list arguments;

    if (used)
        used += (size_t)snprintf(login->tried + used, sizeof login->tried - used, ", ");
    if (used >= sizeof login->tried)
        return;
    va_start(arguments, format);
    vsnprintf(login->tried + used, sizeof login->tried - used, format, arguments);
    va_end(arguments);
}

static const char *words_of(int rc) {
    switch (rc) {
    case SSH_AUTH_SUCCESS:
        return "accepted";
    case SSH_AUTH_PARTIAL:
        return "accepted, but more is wanted";
    case SSH_AUTH_DENIED:
        return "refused";
    default:
        return "no answer";
    }
}

static void allowed_words(const struct login *login, char *buffer, size_t size) {
    static const struct {
        int bit;
        const char *name;
    } methods[] = {{SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
                   {SSH_AUTH_METHOD_PASSWORD, "password"},
                   {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
                   {SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
                   {SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"}};
    int allowed = ssh_userauth_list(login->line->ssh, NULL);
    size_t used = 0;

    buffer[0] = '\0';
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (allowed & methods[i].bit && used < size)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "",
                                     methods[i].name);
}

static bool fail_login(struct login *login, const char *what) {
    struct sftp_line *line = login->line;
    char allowed[128];

    allowed_words(login, allowed, sizeof allowed);
    return sftp_fail(login->failure, MPR_MINE_FAILED, ERROR_LOGON_FAILURE, EACCES,
                     "%s: %s lets nobody in as \"%s\" with what there is. Tried: %s. The server "
                     "allows: %s. %s",
                     line->task, line->name.host, line->user,
                     login->tried[0] ? login->tried : "nothing", allowed[0] ? allowed : "nothing",
                     what);
}

/* The end of an attempt: true with what the server said in *rc, false if nothing was said. */
static bool is_answer(int rc) {
    return rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_PARTIAL || rc == SSH_AUTH_DENIED;
}

/* ---- password */

static int try_password(struct login *login) {
    struct sftp_line *line = login->line;
    int rc;

    while ((rc = ssh_userauth_password(line->ssh, NULL, line->password)) == SSH_AUTH_AGAIN
           && sftp_line_wait(line))
        ;
    note(login, "password (%s)", words_of(rc));
    return rc;
}

static int send_round(struct sftp_line *line) {
    int rc;

    while ((rc = ssh_userauth_kbdint(line->ssh, NULL, NULL)) == SSH_AUTH_AGAIN
           && sftp_line_wait(line))
        ;
    return rc;
}

/* One hidden question is the password's; any other cannot be answered from here. */
static int try_interactive(struct login *login) {
    struct sftp_line *line = login->line;
    bool answered = false;
    int rc = send_round(line);

    for (int round = 0; rc == SSH_AUTH_INFO && round < ROUNDS_MOST; round++) {
        int prompts = ssh_userauth_kbdint_getnprompts(line->ssh);
        const char *prompt;
        char echo = 1, shown[80];

        if (prompts > 0) {
            prompt = ssh_userauth_kbdint_getprompt(line->ssh, 0, &echo);
            if (prompts > 1 || echo || answered) {
                sftp_words_of_server(prompt ? prompt : "", prompt ? strlen(prompt) : 0, shown,
                                     sizeof shown);
                note(login, "keyboard-interactive (the server asks \"%s\")", shown);
                return SSH_AUTH_DENIED;
            }
            if (ssh_userauth_kbdint_setanswer(line->ssh, 0, line->password) < 0)
                return SSH_AUTH_ERROR;
            answered = true;
        }
        rc = send_round(line);
    }
    note(login, "keyboard-interactive (%s)", words_of(rc));
    return rc;
}

/* ---- keys */

static int offer_key(struct login *login, const char *file, ssh_key key) {
    struct sftp_line *line = login->line;
    int rc;

    while ((rc = ssh_userauth_publickey(line->ssh, NULL, key)) == SSH_AUTH_AGAIN
           && sftp_line_wait(line))
        ;
    note(login, "publickey (%s: %s)", file, words_of(rc));
    return rc;
}

/* Never asks for a passphrase: who has one has an agent. */
static int refuse_passphrase(const char *prompt, char *buffer, size_t length, int echo, int verify,
                             void *context) {
    bool *asked = context;

    (void)prompt, (void)buffer, (void)length, (void)echo, (void)verify;
    *asked = true;
    return -1;
}

/* A default key that is not there is not worth a word. */
static int try_file(struct login *login, const char *file, bool wanted) {
    bool locked = false;
    ssh_key key = NULL;
    int rc;

    if (access(file, F_OK) != 0 && !wanted)
        return SSH_AUTH_DENIED;
    rc = ssh_pki_import_privkey_file(file, NULL, refuse_passphrase, &locked, &key);
    if (rc != SSH_OK) {
        note(login, "publickey (%s: %s)", file,
             locked          ? "has a passphrase; add it to the agent"
             : rc == SSH_EOF ? "cannot be read"
                             : "is no private key");
        return SSH_AUTH_DENIED;
    }
    rc = offer_key(login, file, key);
    ssh_key_free(key);
    return rc;
}

/* The agent's socket, of our own: libssh waits for an agent without a bound. */
static int reach_agent(struct login *login) {
    const char *path = secure_getenv("SSH_AUTH_SOCK");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (!login->line->options.agent || !path || !*path || strlen(path) >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        note(login, "publickey (the agent at %s: %s)", path, strerrordesc_np(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static int try_agent(struct login *login) {
    struct sftp_line *line = login->line;
    int fd = reach_agent(login), rc;

    if (fd < 0)
        return SSH_AUTH_DENIED;
    sftp_line_set_agent(line, fd);
    atomic_store(&line->stage, SFTP_AT_AGENT);
    if (ssh_set_agent_socket(line->ssh, fd) != SSH_OK) {
        close(fd);
        return SSH_AUTH_DENIED;
    }
    while ((rc = ssh_userauth_agent(line->ssh, NULL)) == SSH_AUTH_AGAIN && sftp_line_wait(line))
        ;
    if (is_answer(rc))
        atomic_store(&line->stage, SFTP_AT_LOGIN);
    note(login, "publickey (keys of the agent: %s)", words_of(rc));
    return rc;
}

static int try_keys(struct login *login) {
    static const char *const names[] = {"id_ed25519", "id_ecdsa", "id_rsa"};
    struct sftp_line *line = login->line;
    char file[PATH_MAX + 32];
    int rc;

    if (line->options.identity[0])
        return try_file(login, line->options.identity, true);
    rc = try_agent(login);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && rc == SSH_AUTH_DENIED; i++) {
        snprintf(file, sizeof file, "%s/.ssh/%s", line->home, names[i]);
        rc = try_file(login, file, false);
    }
    return rc;
}

/* ---- the order */

static int allowed_now(const struct login *login) {
    return ssh_userauth_list(login->line->ssh, NULL);
}

/* The password, in the first way that the server offers, and in no other. */
static int use_password(struct login *login) {
    int allowed = allowed_now(login);

    if (allowed & SSH_AUTH_METHOD_PASSWORD) {
        login->password_used = true;
        return try_password(login);
    }
    if (allowed & SSH_AUTH_METHOD_INTERACTIVE) {
        login->password_used = true;
        return try_interactive(login);
    }
    return SSH_AUTH_DENIED;
}

static int use_both(struct login *login) {
    const int by_password = SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE;
    int rc;

    if (allowed_now(login) & by_password) {
        rc = use_password(login);
        return rc == SSH_AUTH_PARTIAL && allowed_now(login) & SSH_AUTH_METHOD_PUBLICKEY
                   ? try_keys(login)
                   : rc;
    }
    rc = try_keys(login);
    return rc == SSH_AUTH_PARTIAL ? use_password(login) : rc;
}

static int use_keys(struct login *login) {
    if (!(allowed_now(login) & SSH_AUTH_METHOD_PUBLICKEY))
        return SSH_AUTH_DENIED;
    return try_keys(login);
}

static bool conclude(struct login *login, int rc) {
    struct sftp_line *line = login->line;

    if (!is_answer(rc)) {
        if (!ssh_is_connected(line->ssh) && login->tried[0])
            return fail_login(login, "Then it closed the connection.");
        return sftp_shake_broken(line, login->failure);
    }
    if (rc == SSH_AUTH_SUCCESS && line->has_password && !login->password_used)
        return fail_login(login, "It did not ask for the password that was given; to connect with "
                                 "a key, give none.");
    if (rc == SSH_AUTH_SUCCESS)
        return true;
    if (rc == SSH_AUTH_PARTIAL)
        return fail_login(login, "It wants one more proof, and there is none.");
    return fail_login(login, line->has_password
                                 ? "The user name or the password is wrong, or it takes none."
                                 : "No password was given.");
}

bool sftp_login(struct sftp_line *line, struct sftp_failure *ret_failure) {
    struct login login = {.line = line, .failure = ret_failure};
    int rc;

    while ((rc = ssh_userauth_none(line->ssh, NULL)) == SSH_AUTH_AGAIN && sftp_line_wait(line))
        ;
    if (rc == SSH_AUTH_SUCCESS)
        login.password_used = true; /* the server wants nothing at all */
    else if (is_answer(rc))
        rc = line->has_password ? use_both(&login) : use_keys(&login);
    explicit_bzero(line->password, sizeof line->password);
    return conclude(&login, rc);
}
