/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_add.c: "wnet use Z: \\server\share": connects.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/npapi.h>
#include <mpr/winnetwk.h>

#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_ask.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_login.h"
#include "tools/wnet/wnet_progress.h"
#include "tools/wnet/wnet_service.h"
#include "tools/wnet/wnet_settings.h"
#include "tools/wnet/wnet_text.h"
#include "tools/wnet/wnet_use.h"

#define ACCESS_NAME_MAX 1024

/* A word of the command line, for a structure that does not say const. */
static LPSTR unconst(const char *text) {
    return (LPSTR)(uintptr_t)text;
}

static DWORD flags_of(const struct wnet_options *options, const struct wnet_target *target) {
    DWORD flags = 0;
    bool persistent = options->persistent == WNET_UNSAID ? wnet_settings_persistent()
                                                         : options->persistent == WNET_YES;

    if (target->device)
        flags |= persistent ? CONNECT_UPDATE_PROFILE : CONNECT_TEMPORARY;
    if (target->device && strcmp(target->device, "*") == 0)
        flags |= CONNECT_REDIRECT;
    if (options->savecred)
        flags |= CONNECT_CMD_SAVECRED;
    if (options->integrity)
        flags |= CONNECT_REQUIRE_INTEGRITY;
    if (options->privacy)
        flags |= CONNECT_REQUIRE_PRIVACY;
    if (options->write_through)
        flags |= CONNECT_WRITE_THROUGH_SEMANTICS;
    return flags;
}

static DWORD connect_once(const struct wnet_options *options, const struct wnet_target *target,
                          struct wnet_login *login, char *access_name) {
    DWORD flags = flags_of(options, target) | login->flags;
    bool chooses = (flags & CONNECT_REDIRECT) != 0;
    NETRESOURCEA resource = {
        .dwType = chooses ? RESOURCETYPE_DISK : RESOURCETYPE_ANY,
        .lpLocalName = chooses ? NULL : unconst(target->device),
        .lpRemoteName = unconst(target->remote),
        .lpProvider = unconst(options->provider),
    };
    DWORD size = ACCESS_NAME_MAX, rc;

    wnet_progress_begin("Connecting to %s", target->remote);
    rc = WNetUseConnectionA(NULL, &resource, login->password, login->user, flags, access_name,
                            &size, NULL);
    wnet_progress_end();
    return rc;
}

/* What a device is remembered for, to be freed; NULL: nobody knows. */
static char *remembered_for(const char *device) {
    struct wnet_connections connections = {0};
    char *remote = NULL;

    if (wnet_connections_read(device, &connections) == NO_ERROR && connections.count)
        remote = wnet_copy(connections.items[0].remote);
    wnet_connections_clear(&connections);
    return remote;
}

/*
 * ERROR_DEVICE_ALREADY_REMEMBERED: forgets it, if the user agrees, and says for what it was
 * remembered, to be freed. NULL: it still is.
 */
static char *forget_remembered(const struct wnet_options *options, const char *device) {
    char *remote = remembered_for(device), *question;
    bool agreed;

    if (!remote)
        return NULL;
    question = wnet_format("%s has a remembered connection to %s.\n"
                           "Do you want to overwrite the remembered connection?",
                           device, remote);
    agreed = wnet_ask_whether(options, true, question);
    free(question);
    if (agreed && WNetCancelConnection2A(device, CONNECT_UPDATE_PROFILE, FALSE) == NO_ERROR)
        return remote;
    free(remote);
    return NULL;
}

static DWORD connect_instead(const struct wnet_options *options, const struct wnet_target *target,
                             struct wnet_login *login, char *access_name) {
    char *forgotten = forget_remembered(options, target->device);
    DWORD rc;

    if (!forgotten)
        return ERROR_DEVICE_ALREADY_REMEMBERED;
    rc = connect_once(options, target, login, access_name);
    if (rc != NO_ERROR)
        wnet_error_warn("%s is no longer remembered for %s.", target->device, forgotten);
    free(forgotten);
    return rc;
}

static DWORD connect_to(const struct wnet_options *options, const struct wnet_target *target,
                        struct wnet_login *login, char *access_name) {
    DWORD rc;

    wnet_login_answer(login);
    WNetSetLastErrorA(NO_ERROR, "", "");
    rc = connect_once(options, target, login, access_name);
    if (rc == ERROR_DEVICE_ALREADY_REMEMBERED && !options->no && !wnet_error_is_in_json())
        rc = connect_instead(options, target, login, access_name);
    MprSetPrompt(NULL, NULL);
    return rc;
}

/* --kerberos=required: whoever the server took us for, it was by a ticket, which has a realm. */
static bool has_ticket(const char *name) {
    char user[WNET_USER_MAX] = "";
    DWORD size = sizeof user;

    return WNetGetUserA(name, user, &size) == NO_ERROR && strchr(user, '@');
}

/* By its remote name others would go with it, so then it goes only if there are none. */
static void take_back(const struct wnet_target *target, const char *access_name) {
    struct wnet_connections connections = {0};

    if (target->device
        || (wnet_connections_read(access_name, &connections) == NO_ERROR && connections.count == 1))
        WNetCancelConnection2A(access_name, CONNECT_UPDATE_PROFILE, TRUE);
    wnet_connections_clear(&connections);
}

static void put_made(const struct wnet_target *target, const char *access_name,
                     const struct wnet_connections *connections) {
    if (target->device) {
        wnet_text_put(stdout, access_name);
        fputs(" is now connected to ", stdout);
        wnet_text_put(stdout, target->remote);
        puts(".");
    }
    if (connections->count && *connections->items[0].directory) {
        fputs("Its files are in ", stdout);
        wnet_text_put(stdout, connections->items[0].directory);
        puts(".");
    }
    if (wnet_service_is_done_without())
        puts("Without the service the connection ends with this command.");
    if (target->device)
        putchar('\n');
}

static void put_made_json(const struct wnet_connections *connections) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_connections_json(&json, connections, NULL);
    wnet_json_end(&json);
}

static int tell(const struct wnet_options *options, const struct wnet_target *target,
                const char *access_name) {
    struct wnet_connections connections = {0};

    /* It is connected, whether more can be told about it or not. */
    (void)wnet_connections_read(access_name, &connections);
    if (options->json)
        put_made_json(&connections);
    else
        put_made(target, access_name, &connections);
    if (connections.count && *connections.items[0].reason)
        wnet_error_warn("%s", connections.items[0].reason);
    wnet_connections_clear(&connections);
    return wnet_error_none();
}

/* That the password could not be saved is no failure of the connection. */
static void warn_of_password(const struct wnet_options *options, const char *access_name) {
    char words[1024] = "";
    DWORD native = NO_ERROR;

    if (options->savecred && WNetGetLastErrorA(&native, words, sizeof words, NULL, 0) == NO_ERROR
        && native != NO_ERROR)
        wnet_error_warn("%s is connected. %s", access_name, words);
}

static int add(const struct wnet_options *options, const struct wnet_target *target,
               struct wnet_login *login) {
    char access_name[ACCESS_NAME_MAX] = "";
    DWORD rc = connect_to(options, target, login, access_name);

    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    warn_of_password(options, access_name);
    if (options->kerberos == WNET_KERBEROS_REQUIRED && !has_ticket(access_name)) {
        take_back(target, access_name);
        return wnet_error_explained(ERROR_NOT_AUTHENTICATED,
                                    "The server did not take a Kerberos ticket, which "
                                    "--use-kerberos=required asks for. \"klist\" says which there "
                                    "are.");
    }
    if (target->device && (flags_of(options, target) & CONNECT_UPDATE_PROFILE) != 0)
        wnet_login_remember(options, access_name);
    return tell(options, target, access_name);
}

int wnet_add(const struct wnet_options *options, const struct wnet_target *target) {
    struct wnet_login login;
    int status = wnet_login_read(options, target->remote, target->ask, &login);

    if (status != WNET_DONE)
        return status;
    status = add(options, target, &login);
    wnet_login_clear(&login);
    return status;
}
