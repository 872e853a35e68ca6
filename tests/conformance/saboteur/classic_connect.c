/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_connect.c: connections are made and broken.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

struct classic_connection *classic_connections;

bool classic_device(LPCWSTR text, WCHAR ret_device[5]) {
    WCHAR first = text ? classic_fold(text[0]) : 0;

    if (first >= u'a' && first <= u'z' && text[1] == u':' && !text[2]) {
        memcpy(ret_device, (const WCHAR[]){(WCHAR)(first - u'a' + u'A'), u':', 0},
               3 * sizeof *ret_device);
        return true;
    }
    if (!text || classic_length(text) < 4 || !classic_same_part(text, 3, u"LPT") || text[3] < u'1'
        || text[3] > u'9' || (text[4] && (text[4] != u':' || text[5])))
        return false;
    memcpy(ret_device, (const WCHAR[]){u'L', u'P', u'T', text[3], 0}, 5 * sizeof *ret_device);
    return true;
}

struct classic_connection *classic_of_device(LPCWSTR device) {
    for (struct classic_connection *it = classic_connections; it; it = it->next)
        if (*device && classic_same(it->local, device))
            return it;
    return NULL;
}

bool classic_leads_to(const struct classic_connection *connection,
                      const struct classic_name *name) {
    return classic_same_part(name->text, name->units, connection->remote);
}

struct classic_connection *classic_of_name(LPCWSTR name) {
    struct classic_name parsed;
    WCHAR device[5];

    if (classic_device(name, device))
        return classic_of_device(device);
    if (classic_parse(name, &parsed))
        for (struct classic_connection *it = classic_connections; it; it = it->next)
            if (classic_leads_to(it, &parsed))
                return it;
    return NULL;
}

/* What is asked for, after it was looked at. */
struct request {
    struct classic_name name;
    DWORD type;
    WCHAR local[5];
    LPCWSTR user, password;
    bool deferred;
};

/* First whose it is, then everything else. */
static DWORD look_at(const NETRESOURCEW *resource, struct request *ret) {
    if (!resource)
        return WN_BAD_VALUE;
    if (!classic_parse(resource->lpRemoteName, &ret->name) || !ret->name.share_units)
        return WN_BAD_NETNAME;
    ret->type = resource->dwType;
    if (ret->type != RESOURCETYPE_ANY && ret->type != RESOURCETYPE_DISK
        && ret->type != RESOURCETYPE_PRINT)
        return WN_BAD_VALUE;
    if (resource->lpLocalName && *resource->lpLocalName
        && !classic_device(resource->lpLocalName, ret->local))
        return WN_BAD_LOCALNAME;
    return WN_SUCCESS;
}

static bool is_used(LPCWSTR device) {
    bool used;

    classic_lock();
    used = classic_of_device(device) != NULL;
    classic_unlock();
    return used;
}

/* Does a share go with the type and the device? */
static bool suits(const struct classic_share *share, const struct request *request) {
    if (request->type != RESOURCETYPE_ANY && request->type != share->type)
        return false;
    return !*request->local
           || (share->type == RESOURCETYPE_PRINT) == (classic_length(request->local) > 2);
}

static struct classic_connection *make(const struct request *request, DWORD type, bool open_file) {
    struct classic_connection *made = calloc(1, sizeof *made);
    LPCWSTR user = classic_user_name(request->user, request->password);

    if (!made)
        return NULL;
    made->type = type;
    made->deferred = request->deferred;
    made->open_file = open_file;
    memcpy(made->local, request->local, sizeof made->local);
    made->remote = classic_copy(request->name.text, request->name.units);
    made->user = classic_copy(user, classic_length(user));
    if (made->remote && made->user)
        return made;
    free(made->remote);
    free(made->user);
    free(made);
    return NULL;
}

static void drop(struct classic_connection *connection) {
    free(connection->remote);
    free(connection->user);
    free(connection);
}

/* The same once more, without a device: it is there already. */
static bool is_there(const struct classic_connection *made, const struct request *request) {
    for (const struct classic_connection *it = classic_connections; it; it = it->next)
        if (!*made->local && !*it->local && classic_leads_to(it, &request->name)
            && classic_same(it->user, made->user))
            return true;
    return false;
}

static DWORD enter(struct classic_connection *made, const struct request *request) {
    struct classic_connection **last = &classic_connections;
    DWORD code = WN_SUCCESS;

    classic_lock();
    while (*last)
        last = &(*last)->next;
    if (classic_of_device(made->local))
        code = WN_ALREADY_CONNECTED;
    else if (is_there(made, request))
        drop(made);
    else
        *last = made;
    classic_unlock();
    if (code != WN_SUCCESS)
        drop(made);
    return code;
}

static DWORD add(const NETRESOURCEW *resource, LPCWSTR password, LPCWSTR user, DWORD flags) {
    struct request request = {.user = user, .password = password};
    const struct classic_share *share = NULL;
    struct classic_connection *made;
    DWORD code = look_at(resource, &request);

    if (code != WN_SUCCESS)
        return code;
    if (is_used(request.local))
        return WN_ALREADY_CONNECTED;
    request.deferred = (flags & CONNECT_DEFERRED) && *request.local;
    if (!request.deferred) {
        code = classic_reach(&request.name, &share);
        if (code == WN_SUCCESS && !suits(share, &request))
            code = WN_BAD_DEV_TYPE;
        if (code == WN_SUCCESS)
            code = classic_log_on(share, user, password);
        if (code != WN_SUCCESS)
            return code;
    }
    made = make(&request, share ? share->type : RESOURCETYPE_DISK, share && share->has_open_file);
    return made ? enter(made, &request) : WN_OUT_OF_MEMORY;
}

/* What the dynamic linker does to a module that is not linked with -Bsymbolic-functions. */
static PF_NPAddConnection3 found_first(void) {
    void *symbol = dlsym(RTLD_DEFAULT, "NPAddConnection3");
    PF_NPAddConnection3 function;

    memcpy(&function, &symbol, sizeof function);
    return function;
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    if (sabotage("load-interposed") && found_first())
        return found_first()(NULL, lpNetResource, lpPassword, lpUserName, 0);
    return add(lpNetResource, lpPassword, lpUserName, 0);
}

DWORD NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                       LPWSTR lpUserName, DWORD dwFlags) {
    (void)hwndOwner; /* nothing is ever shown */
    /* announced, and never connects, as all of dokany's NPAddConnection3 (#836) */
    if ((dwFlags & CONNECT_DEFERRED) && sabotage("caps-defer-dead"))
        return WN_BAD_NETNAME;
    return add(lpNetResource, lpPassword, lpUserName, dwFlags);
}

DWORD NPAddConnection4(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPVOID lpAuthBuffer,
                       DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions, DWORD cbUseOptions) {
    const SEC_WINNT_AUTH_IDENTITY_W *identity = lpAuthBuffer;

    (void)hwndOwner;
    (void)lpUseOptions; /* none is known, and unknown ones are ignored */
    (void)cbUseOptions;
    if (identity && cbAuthBuffer < sizeof *identity)
        return WN_BAD_VALUE;
    return add(lpNetResource, identity ? identity->Password : NULL,
               identity ? identity->User : NULL, dwFlags);
}

/* What a cancel is about: a device's connection, or all to a resource that have none. */
struct target {
    WCHAR device[5];
    struct classic_name name;
};

static bool is_meant(const struct target *target, const struct classic_connection *connection) {
    if (*target->device)
        return classic_same(connection->local, target->device);
    return !*connection->local && classic_leads_to(connection, &target->name);
}

/* All or nothing: first everything is looked at. */
static DWORD examine(const struct target *target, bool force) {
    DWORD code = WN_NOT_CONNECTED;

    for (const struct classic_connection *it = classic_connections; it; it = it->next) {
        if (!is_meant(target, it))
            continue;
        if (it->open_file && !force)
            return WN_OPEN_FILES;
        code = WN_SUCCESS;
    }
    return code;
}

static void break_all(const struct target *target) {
    struct classic_connection **at = &classic_connections;

    while (*at) {
        struct classic_connection *it = *at;

        if (is_meant(target, it)) {
            *at = it->next;
            drop(it);
        } else {
            at = &it->next;
        }
    }
}

static DWORD cancel(LPCWSTR name, bool force) {
    struct target target = {.device = {0}};
    DWORD code;

    if (!name)
        return WN_BAD_VALUE;
    if (!classic_device(name, target.device) && !classic_parse(name, &target.name))
        return WN_NOT_CONNECTED;
    classic_lock();
    code = examine(&target, force);
    if (code == WN_SUCCESS)
        break_all(&target);
    classic_unlock();
    /* sshfs-win #178: "network not present" for what is merely not connected */
    if (code == WN_NOT_CONNECTED && sabotage("caps-no-network"))
        return WN_NO_NETWORK;
    return code;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    return cancel(lpName, fForce != 0);
}

DWORD NPCancelConnection2(LPWSTR lpName, BOOL fForce, DWORD dwFlags) {
    (void)dwFlags;
    return cancel(lpName, fForce != 0);
}
