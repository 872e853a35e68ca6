/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_use.c: "wnet use": what its words ask for, and the lists.
 */
#include "config.h"

#include "tools/wnet/wnet_use.h"

#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>

#include "tools/wnet/wnet.h"
#include "tools/wnet/wnet_connections.h"
#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_name.h"
#include "tools/wnet/wnet_settings.h"
#include "tools/wnet/wnet_table.h"

static const struct wnet_table table = {
    .columns = 4,
    .titles = {"Status", "Local", "Remote", "Network"},
    .widths = {13, 10, 26},
};

/* --- lists --- */

static void put_json(const struct wnet_connections *connections, const char *sticky) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    if (sticky)
        wnet_json_flag(&json, "remember", strcmp(sticky, "yes") == 0);
    wnet_connections_json(&json, connections, NULL);
    wnet_json_end(&json);
}

static void put_sticky(void) {
    printf("New connections will %sbe remembered.\n", wnet_settings_persistent() ? "" : "not ");
}

static void put_list(const struct wnet_connections *connections) {
    put_sticky();
    putchar('\n');
    if (!connections->count) {
        puts("There are no entries in the list.\n");
        return;
    }
    putchar('\n');
    wnet_table_head(&table);
    for (size_t i = 0; i < connections->count; i++) {
        const struct mpr_connection_status *item = &connections->items[i];
        const char *const cells[] = {wnet_connection_state(item), item->device, item->remote,
                                     item->provider};

        wnet_table_row(&table, cells);
    }
}

static int list(const struct wnet_options *options) {
    struct wnet_connections connections = {0};
    DWORD rc = wnet_connections_read(NULL, &connections);

    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    if (options->json)
        put_json(&connections, wnet_settings_persistent() ? "yes" : "no");
    else
        put_list(&connections);
    wnet_connections_clear(&connections);
    wnet_connections_warn();
    return wnet_error_none();
}

static void put_details(const struct mpr_connection_status *item) {
    wnet_table_fact("Local name", item->device);
    wnet_table_fact("Remote name", item->remote);
    wnet_table_fact("Resource type", wnet_connection_type(item));
    wnet_table_fact("Status", wnet_connection_state(item));
    wnet_table_count("# Opens", item->open_files);
    wnet_table_count("# Connections",
                     item->state == MPR_STATE_CONNECTED || item->state == MPR_STATE_RECONNECTING);
    wnet_table_fact("Network", item->provider);
    if (*item->user)
        wnet_table_fact("User name", item->user);
    if (*item->directory)
        wnet_table_fact("Directory", item->directory);
    wnet_table_fact("Remembered", item->persistent ? "Yes" : "No");
    if (*item->reason)
        wnet_table_fact("Reason", item->reason);
}

static int tell(const struct wnet_options *options, const char *name) {
    struct wnet_connections connections = {0};
    DWORD rc = wnet_connections_read(name, &connections);

    if (rc != NO_ERROR)
        return wnet_error_system(rc);
    if (options->json)
        put_json(&connections, NULL);
    for (size_t i = 0; !options->json && i < connections.count; i++) {
        put_details(&connections.items[i]);
        if (i + 1 < connections.count)
            putchar('\n');
    }
    wnet_connections_clear(&connections);
    return wnet_error_none();
}

/* --- what is asked for --- */

static int set_sticky(const struct wnet_options *options) {
    int result = wnet_settings_set_persistent(options->persistent == WNET_YES);

    if (result)
        return wnet_error_say("The setting cannot be saved: %s.", strerror(-result));
    if (options->json) {
        put_json(&(struct wnet_connections){0}, options->persistent == WNET_YES ? "yes" : "no");
    } else {
        put_sticky();
    }
    return wnet_error_none();
}

/* Any process can read it where it stands; at least not for long. */
static int refuse_password(char *word) {
    explicit_bzero(word, strlen(word));
    return wnet_error_syntax(WNET_NO_PASSWORD_HERE);
}

/* "ZZ: //server/share", "z //server/share": what is behind it is no password. */
static bool is_misspelt_device(const struct wnet_options *options) {
    const char *word = options->words[0];

    return options->count > 1 && strlen(word) <= 5 && strpbrk(word, "/\\") == NULL
           && strpbrk(options->words[1], "/\\:") != NULL;
}

/* The status, or -1: *ret_target is filled. */
static int sort_words(const struct wnet_options *options, struct wnet_target *ret_target) {
    struct wnet_target target = {0};
    size_t at = 0;

    if (strcmp(options->words[0], "*") == 0 || wnet_name_is_device(options->words[0]))
        target.device = options->words[at++];
    else if (is_misspelt_device(options))
        return wnet_error_syntax(
            "\"%s\" is no device: that is A: to Z:, LPT1 to LPT9, or * for the "
            "next free letter.",
            options->words[0]);
    if (at < options->count)
        target.remote = options->words[at++];
    if (at < options->count) {
        if (strcmp(options->words[at], "*") != 0)
            return refuse_password(options->words[at]);
        target.ask = true;
        at++;
    }
    if (at < options->count)
        return wnet_error_syntax("There are too many words.");
    *ret_target = target;
    return -1;
}

static int delete (const struct wnet_options *options) {
    if (options->count != 1)
        return wnet_error_syntax("/delete takes one device or remote name, or *.");
    if (strcmp(options->words[0], "*") == 0)
        return wnet_delete_all(options);
    return wnet_delete(options, options->words[0]);
}

/* Has anything been said that is of use only when connecting? */
static bool says_how(const struct wnet_options *options) {
    return options->user || options->credentials || options->password_command || options->guest
           || options->password_stdin || options->password_fd >= 0 || options->savecred
           || options->kerberos != WNET_KERBEROS_UNSAID || options->provider || options->integrity
           || options->privacy || options->write_through;
}

static int list_or_set(const struct wnet_options *options) {
    if (says_how(options))
        return wnet_error_syntax("There is no remote name to connect to.");
    return options->persistent != WNET_UNSAID ? set_sticky(options) : list(options);
}

int wnet_use(const struct wnet_options *options) {
    struct wnet_target target;
    int status;

    if (options->yes && options->no)
        return wnet_error_syntax("/yes and /no contradict each other.");
    if (options->delete)
        return delete (options);
    if (!options->count)
        return list_or_set(options);
    status = sort_words(options, &target);
    if (status >= 0)
        return status;
    if (target.remote)
        return wnet_add(options, &target);
    if (strcmp(target.device, "*") == 0 || says_how(options) || options->persistent != WNET_UNSAID)
        return wnet_error_syntax("There is no remote name to connect %s to.", target.device);
    return tell(options, target.device);
}
