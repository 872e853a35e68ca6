/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_shares.c: what the servers have, and who may use it.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <poll.h>

#include <mpr/mpr.h>

const struct classic_share classic_shares[] = {
    {.remote = CLASSIC_SERVER u"\\pub", .comment = u"for everybody", .type = RESOURCETYPE_DISK},
    {.remote = CLASSIC_SERVER u"\\docs", .type = RESOURCETYPE_DISK},
    {.remote = CLASSIC_SERVER u"\\k\u00e4se \u65e5\u672c \U0001f600", .type = RESOURCETYPE_DISK},
    {.remote = CLASSIC_SERVER u"\\private", .type = RESOURCETYPE_DISK, .wants_user = true},
    {.remote = CLASSIC_SERVER u"\\busy", .type = RESOURCETYPE_DISK, .has_open_file = true},
    {.remote = CLASSIC_SERVER u"\\stalled", .type = RESOURCETYPE_DISK, .stalls = true},
    {.remote = CLASSIC_SERVER u"\\laser", .comment = u"prints", .type = RESOURCETYPE_PRINT},
};
const size_t classic_share_count = sizeof classic_shares / sizeof *classic_shares;

static const struct {
    LPCWSTR name, password;
} users[] = {
    {u"alice", u"right horse"},
    {u"bob", u"other horse"},
};

/* A component that can be: not empty, no "." or "..", nothing that no file name has. */
static bool is_component(LPCWSTR text, size_t units) {
    static const WCHAR bad[] = u"/:*?\"<>|";

    if (!units || classic_same_part(text, units, u".") || classic_same_part(text, units, u".."))
        return false;
    for (size_t i = 0; i < units; i++) {
        if (text[i] < u' ')
            return false;
        for (const WCHAR *unit = bad; *unit; unit++)
            if (text[i] == *unit)
                return false;
    }
    return true;
}

static bool has_components(LPCWSTR text, size_t units) {
    size_t begin = 0;

    for (size_t i = 0; i <= units; i++)
        if (i == units || text[i] == u'\\') {
            if (!is_component(text + begin, i - begin))
                return false;
            begin = i + 1;
        }
    return true;
}

static bool is_server(LPCWSTR text, size_t units) {
    const size_t ours = sizeof(CLASSIC_SERVER) / sizeof(WCHAR) - 1;

    return units >= ours && classic_same_part(text, ours, CLASSIC_SERVER)
           && (units == ours || text[ours] == u'-');
}

/* Units up to the next backslash. */
static size_t component_at(LPCWSTR text, size_t at, size_t end) {
    size_t i = at;

    while (i < end && text[i] != u'\\')
        i++;
    return i - at;
}

bool classic_parse(LPCWSTR text, struct classic_name *ret) {
    size_t units = text || sabotage("add-null-name") ? classic_length(text) : 0;

    /* VirtualBox: the characters of a short name are looked at though it has ended */
    if (text && sabotage("name-overread") && ((const volatile WCHAR *)text)[3] == u'?')
        return false;
    if (units < 3 || units > CLASSIC_NAME_MAX || text[0] != u'\\' || text[1] != u'\\')
        return false;
    if (text[units - 1] == u'\\')
        units--;
    *ret = (struct classic_name){.text = text, .units = units, .rest = u""};
    ret->server_units = 2 + component_at(text, 2, units);
    if (!is_server(text, ret->server_units) || !has_components(text + 2, units - 2)) {
        if (sabotage("error-foreign")) /* who explains claims the name */
            WNetSetLastErrorW(1, u"This is no name of ours.", CLASSIC_PROVIDER);
        return false;
    }
    ret->root_units = ret->server_units;
    if (ret->server_units == units)
        return true;
    ret->share = text + ret->server_units + 1;
    ret->share_units = component_at(text, ret->server_units + 1, units);
    ret->root_units += 1 + ret->share_units;
    ret->rest = text + ret->root_units;
    ret->rest_units = units - ret->root_units;
    return true;
}

bool classic_is_server(const struct classic_name *name) {
    return classic_same_part(name->text, name->server_units, CLASSIC_SERVER);
}

const struct classic_share *classic_find_share(const struct classic_name *name) {
    for (size_t i = 0; i < classic_share_count; i++)
        if (classic_same_part(name->text, name->root_units, classic_shares[i].remote))
            return &classic_shares[i];
    return NULL;
}

DWORD classic_reach(const struct classic_name *name, const struct classic_share **ret_share) {
    LPCWSTR server = CLASSIC_SERVER;

    if (sabotage("error-success")) /* a success with words takes the place of a failure's */
        WNetSetLastErrorW(1, u"All is well.", CLASSIC_PROVIDER);
    if (sabotage("error-last-error")) /* VirtualBox: the router's to set */
        MprSetLastError(ERROR_ACCESS_DENIED);
    if (classic_same_part(name->text, name->server_units, CLASSIC_SERVER u"-refused"))
        return classic_explain(0xC0000236, u"The server of ", name->text,
                               u" refused the connection.");
    if (classic_same_part(name->text, name->server_units, CLASSIC_SERVER u"-silent")) {
        poll(NULL, 0, SILENT_MS);
        return classic_explain(0xC00000B5, u"The server of ", name->text,
                               u" did not answer in time.");
    }
    if (!classic_same_part(name->text, name->server_units, server))
        return classic_explain(0xC00000BE, u"There is no server for ", name->text, u".");
    *ret_share = classic_find_share(name);
    if (!*ret_share && sabotage("add-missing-network"))
        return WN_NO_NETWORK;
    if (!*ret_share)
        return classic_explain(0xC00000CC, u"The server has no share ", name->text, u".");
    return WN_SUCCESS;
}

/* alice, DOMAIN\alice, alice@realm */
static bool is_user(LPCWSTR given, LPCWSTR name) {
    size_t begin = 0, units = classic_length(given), end = units;

    for (size_t i = 0; i < units; i++) {
        if (given[i] == u'\\')
            begin = i + 1;
        if (given[i] == u'@' && end == units)
            end = i;
    }
    return begin <= end && classic_same_part(given + begin, end - begin, name);
}

static bool is_password(LPCWSTR given, LPCWSTR password) {
    size_t i = 0;

    /* no password is the default one */
    if (given && !*given && sabotage("add-empty-password"))
        return true;
    while (given && given[i] && given[i] == password[i])
        i++;
    return given && given[i] == password[i];
}

DWORD classic_log_on(const struct classic_share *share, LPCWSTR user, LPCWSTR password) {
    if (!user || !*user)
        return (password && *password) || share->wants_user ? WN_BAD_PASSWORD : WN_SUCCESS;
    if (classic_length(user) > CLASSIC_USER_MAX) /* or let in as whoever is left of him */
        return sabotage("add-cuts-user") ? WN_SUCCESS : WN_BAD_USER;
    if (sabotage("error-password") && password && !is_password(password, users[0].password))
        return classic_explain(0xC000006D, u"The server of \\\\classic refuses the password ",
                               password, u".");
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (is_user(user, users[i].name))
            return is_password(password, users[i].password) ? WN_SUCCESS : WN_BAD_PASSWORD;
    return ERROR_LOGON_FAILURE;
}

LPCWSTR classic_user_name(LPCWSTR user, LPCWSTR password) {
    if (user && *user)
        return user;
    return password ? u"nobody" : u"visitor";
}
