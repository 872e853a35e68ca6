/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_login.c: as whom one connects, by the options of the command line.
 */
#include "config.h"

#include "tools/wnet/wnet_login.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/session.h>
#include <mpr/winnetwk.h>

#include "tools/wnet/wnet.h"
#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_ask.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_text.h"

/* The user without a password that SMB servers know. */
#define GUEST "guest"

static int count_sources(const struct wnet_options *options, bool ask) {
    return ask + options->password_stdin + (options->password_fd >= 0)
           + (options->credentials != NULL) + (options->password_command != NULL) + options->guest
           + (options->kerberos != WNET_KERBEROS_UNSAID);
}

static bool read_fd(const struct wnet_options *options, struct wnet_login *login, char *problem,
                    size_t size) {
    char where[64];

    if (options->password_stdin)
        return wnet_secret_read_line(login->secret, 0, "standard input", problem, size);
    snprintf(where, sizeof where, "descriptor %d", options->password_fd);
    return wnet_secret_read_line(login->secret, options->password_fd, where, problem, size);
}

static bool ask_password(const char *remote, struct wnet_login *login, char *problem, size_t size) {
    char *question;
    DWORD rc;

    if (!wnet_ask_possible()) {
        snprintf(problem, size,
                 "There is no terminal to ask for the password on. --password-stdin, "
                 "--password-fd, --credentials and --password-command do without.");
        return false;
    }
    question = wnet_format("Type the password for %s: ", remote);
    rc = wnet_ask_line(question, false, login->secret->password, sizeof login->secret->password);
    free(question);
    login->secret->has_password = rc == NO_ERROR;
    if (rc != NO_ERROR)
        snprintf(problem, size, "No password was typed, so nothing was connected.");
    return rc == NO_ERROR;
}

static bool read_source(const struct wnet_options *options, const char *remote, bool ask,
                        struct wnet_login *login, char *problem, size_t size) {
    if (options->password_stdin || options->password_fd >= 0)
        return read_fd(options, login, problem, size);
    if (options->credentials)
        return wnet_secret_read_file(login->secret, options->credentials, problem, size);
    if (options->password_command)
        return wnet_secret_run(login->secret, options->password_command, problem, size);
    return !ask || ask_password(remote, login, problem, size);
}

int wnet_login_read(const struct wnet_options *options, const char *remote, bool ask,
                    struct wnet_login *ret_login) {
    struct wnet_login login = {.secret = wnet_secret_new(), .user = options->user};
    char problem[1024] = "";

    if (!login.secret)
        return wnet_error_say("There is not enough memory.");
    if (count_sources(options, ask) > 1) {
        wnet_login_clear(&login);
        return wnet_error_syntax("The password may come from one place only.");
    }
    if (options->user && (options->guest || options->kerberos != WNET_KERBEROS_UNSAID)) {
        wnet_login_clear(&login);
        return wnet_error_syntax("With --guest and --use-kerberos there is no --user.");
    }
    if (!read_source(options, remote, ask, &login, problem, sizeof problem)) {
        wnet_login_clear(&login);
        return wnet_error_say("%s", problem);
    }
    if (!login.user && login.secret->has_user)
        login.user = login.secret->user;
    if (options->guest)
        login.user = GUEST;
    if (login.secret->has_password)
        login.password = login.secret->password;
    if (options->guest)
        login.password = "";
    if (!count_sources(options, ask) && wnet_ask_possible())
        login.flags = CONNECT_INTERACTIVE;
    *ret_login = login;
    return WNET_DONE;
}

void wnet_login_clear(struct wnet_login *login) {
    MprSetPrompt(NULL, NULL);
    wnet_secret_free(login->secret);
    *login = (struct wnet_login){0};
}

/* --- what the library asks --- */

static DWORD answer_with(const char *text, LPSTR buffer, size_t size) {
    if (strlen(text) >= size)
        return ERROR_CANCELLED;
    memcpy(buffer, text, strlen(text) + 1);
    return NO_ERROR;
}

static DWORD MPRCALL answer(void *context, LPCSTR question, BOOL echo, LPSTR buffer, size_t size) {
    struct wnet_login *login = context;
    const char *password = login->password, *user = login->user;

    /* Each is an answer once: the second time it was the wrong one. */
    if (echo && user) {
        login->user = NULL;
        return answer_with(user, buffer, size);
    }
    if (!echo && password) {
        login->password = NULL;
        return answer_with(password, buffer, size);
    }
    if ((login->flags & CONNECT_INTERACTIVE) == 0)
        return ERROR_CANCELLED;
    return wnet_ask_line(question, echo, buffer, size);
}

void wnet_login_answer(struct wnet_login *login) {
    if (login->password || (login->flags & CONNECT_INTERACTIVE) != 0)
        MprSetPrompt(answer, login);
}

/* --- the next time --- */

static DWORD remember(const struct wnet_options *options, const char *device) {
    char *path;
    DWORD rc;

    if (options->password_command)
        return MprSetCredentials(device, MPR_CREDENTIALS_COMMAND, options->password_command);
    if (!options->credentials)
        return NO_ERROR;
    path = realpath(options->credentials, NULL);
    rc = MprSetCredentials(device, MPR_CREDENTIALS_FILE, path ? path : options->credentials);
    free(path);
    return rc;
}

void wnet_login_remember(const struct wnet_options *options, const char *device) {
    char words[1024] = "";
    DWORD native;

    if (remember(options, device) == NO_ERROR)
        return;
    WNetGetLastErrorA(&native, words, sizeof words, NULL, 0);
    wnet_error_warn("%s is connected, but where its password comes from is not remembered: %s",
                    device, words);
}
