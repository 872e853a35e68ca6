/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_add.c: connections are made.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

atomic_int classic_under_way;

/* What is asked for, after it was looked at. */
struct request {
    struct classic_name name;
    DWORD type;
    WCHAR local[5];
    LPCWSTR user, password;
    bool deferred;
};

static bool is_used(LPCWSTR device) {
    bool used;

    classic_lock();
    used = classic_of_device(device) != NULL;
    classic_unlock();
    return used;
}

static DWORD look_at_device(LPCWSTR local, struct request *ret) {
    if (!local)
        return WN_SUCCESS;
    /* VirtualBox, ms-nfs41: a device is demanded */
    if (!*local && sabotage("add-empty-device"))
        return WN_BAD_LOCALNAME;
    if (*local && !classic_device(local, ret->local)) {
        /* VirtualBox, ms-nfs41: two characters are looked at */
        const WCHAR begin[] = {local[0], local[1], 0};

        if (!sabotage("add-device-prefix") || !classic_device(begin, ret->local))
            return WN_BAD_LOCALNAME;
    }
    if (!is_used(ret->local) || sabotage("add-cancels-old") || sabotage("add-takes-used"))
        return WN_SUCCESS;
    return WN_ALREADY_CONNECTED;
}

static DWORD look_at_type(DWORD type) {
    /* the types of the header's comments, and no other */
    if (type == RESOURCETYPE_ANY)
        return sabotage("add-no-any") ? WN_BAD_VALUE : WN_SUCCESS;
    if (type == RESOURCETYPE_DISK || type == RESOURCETYPE_PRINT)
        return WN_SUCCESS;
    return sabotage("add-any-type") ? WN_SUCCESS : WN_BAD_VALUE; /* what is no printer is a disk */
}

/* Whose is it? */
static DWORD look_at_name(LPCWSTR remote, struct classic_name *ret) {
    static atomic_bool slow; /* once is enough */
    struct addrinfo *found = NULL;

    if ((remote || sabotage("add-null-name")) && classic_parse(remote, ret) && ret->share_units)
        return WN_SUCCESS;
    /* winfsp #87: the server of somebody else's name is looked for in the network */
    if (sabotage("add-resolves") && getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    /* winfsp #87: 20 seconds until it is known that nobody has it */
    if (sabotage("add-slow") && !slow)
        poll(NULL, 0, 700);
    slow = true;
    /* WinFsp: a class that is not known is a network that is missing */
    if (sabotage("add-no-network"))
        return WN_NO_NETWORK;
    /* dokany #952: every UNC name is ours */
    if (sabotage("add-takes-foreign") && remote && classic_length(remote) > 5 && remote[1] == u'\\')
        return classic_explain(0xC00000BE, u"There is no server for ", remote, u".");
    return WN_BAD_NETNAME;
}

/* First whose it is, then everything else. */
static DWORD look_at(const NETRESOURCEW *resource, struct request *ret) {
    DWORD code;

    if (!resource && !sabotage("add-null"))
        return WN_BAD_VALUE;
    /* WinFsp, VirtualBox, Dokany: 85 or 1200 before anybody knows whose the name is */
    if (sabotage("add-device-first")) {
        code = look_at_device(resource->lpLocalName, ret);
        if (code != WN_SUCCESS)
            return code;
    }
    code = look_at_name(resource->lpRemoteName, &ret->name);
    ret->type = resource->dwType;
    if (code == WN_SUCCESS)
        code = look_at_type(ret->type);
    return code == WN_SUCCESS ? look_at_device(resource->lpLocalName, ret) : code;
}

/* Does a share go with the type and the device? */
static bool suits(const struct classic_share *share, const struct request *request) {
    /* nobody asks what it is to be */
    if (sabotage("add-takes-print") && request->type == RESOURCETYPE_PRINT)
        return true;
    if ((request->type == RESOURCETYPE_DISK || request->type == RESOURCETYPE_PRINT)
        && request->type != share->type)
        return false;
    return !*request->local
           || (share->type == RESOURCETYPE_PRINT) == (classic_length(request->local) > 2);
}

/* The name as it is listed and given. */
static LPWSTR name_to_keep(const struct classic_name *name) {
    size_t units = name->units;
    LPWSTR copy;

    /* VirtualBox: 128 units for a name */
    if (sabotage("add-cuts-name") && units > 127)
        units = 127;
    if (sabotage("add-keeps-backslash") && name->text[units])
        units++;
    copy = classic_copy(name->text, units);
    /* sshfs-win #384: by way of the code page */
    for (size_t i = 0; copy && i < units && sabotage("add-ascii"); i++)
        if (copy[i] > 0x7E)
            copy[i] = u'?';
    return copy;
}

static LPWSTR user_to_keep(const struct request *request) {
    LPCWSTR user = classic_user_name(request->user, request->password);
    size_t units = classic_length(user);
    LPWSTR copy = NULL;

    if (sabotage("add-cuts-user") && units > 20)
        units = 20;
    if (sabotage("add-first-user")) { /* one session per server, whoever asks */
        classic_lock();
        if (classic_connections)
            copy =
                classic_copy(classic_connections->user, classic_length(classic_connections->user));
        classic_unlock();
    }
    return copy ? copy : classic_copy(user, units);
}

static struct classic_connection *make(const struct request *request,
                                       const struct classic_share *share) {
    struct classic_connection *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->type = share ? share->type : RESOURCETYPE_DISK;
    made->deferred = request->deferred;
    made->open_file = share && share->has_open_file;
    made->stalled = share && share->stalls;
    memcpy(made->local, request->local, sizeof made->local);
    made->remote = name_to_keep(&request->name);
    made->user = user_to_keep(request);
    if (made->remote && made->user)
        return made;
    free(made->remote);
    free(made->user);
    free(made);
    return NULL;
}

/* The same once more, without a device: it is there already. */
static bool is_there(const struct classic_connection *made, const struct request *request) {
    for (const struct classic_connection *it = classic_connections; it; it = it->next)
        if (!*made->local && !*it->local && classic_leads_to(it, &request->name)
            && classic_same(it->user, made->user))
            return true;
    return false;
}

/* OpenAFS: the new record is cleaned up by the letter, which finds the old one first. */
static void cut_old(LPCWSTR device) {
    struct classic_connection **at = &classic_connections, *old = classic_of_device(device);

    while (*at && *at != old)
        at = &(*at)->next;
    *at = old->next;
    classic_drop(old);
}

/* With the lock held: may it be entered? */
static DWORD judge(const struct classic_connection *made, const struct request *request,
                   bool *ret_keep) {
    bool used = classic_of_device(made->local) != NULL;

    *ret_keep = false;
    if (used && sabotage("add-cancels-old"))
        cut_old(made->local);
    if (used && !sabotage("add-takes-used"))
        return WN_ALREADY_CONNECTED;
    /* dokany #836: announced, and not written yet */
    if (sabotage("add-nothing"))
        return WN_SUCCESS;
    if (is_there(made, request)) {
        /* before winfsp f021496: an error */
        if (sabotage("add-again-fails"))
            return WN_ALREADY_CONNECTED;
        if (!sabotage("add-again-twice"))
            return WN_SUCCESS;
    }
    *ret_keep = true;
    return WN_SUCCESS;
}

static DWORD enter(struct classic_connection *made, const struct request *request) {
    struct classic_connection **last = &classic_connections;
    DWORD code;
    bool keep;

    classic_lock();
    code = judge(made, request, &keep);
    while (*last)
        last = &(*last)->next;
    if (keep)
        *last = made;
    classic_gap = SIZE_MAX;
    classic_unlock();
    if (!keep)
        classic_drop(made);
    return code;
}

/* sshfs-win #155: after the time-out was told the drive appears. */
static void *enter_later(void *made) {
    struct classic_connection **last = &classic_connections;

    poll(NULL, 0, SILENT_MS / 10);
    classic_lock();
    while (*last)
        last = &(*last)->next;
    *last = made;
    classic_unlock();
    return NULL;
}

/* What goes wrong after something went wrong. */
static DWORD spoil_failure(const struct request *request, bool silent, DWORD code) {
    pthread_t thread;

    if (silent && sabotage("add-appears-later")
        && pthread_create(&thread, NULL, enter_later, make(request, NULL)) == 0)
        pthread_detach(thread);
    /* VirtualBox, OpenAFS: the driver's record stays */
    if (*request->local && code == WN_BAD_PASSWORD && sabotage("add-leaves-entry"))
        enter(make(request, NULL), request);
    if (sabotage("add-leaves-file"))
        (void)open("/dev/null", O_RDONLY | O_CLOEXEC);
    /* sshfs-win #17, #34, #192, #193, #467: every cause is error 67 */
    if (sabotage("add-collapses"))
        return WN_BAD_NETNAME;
    return code;
}

/* Goes to the server. */
static DWORD arrive(const struct request *request, const struct classic_share **ret_share) {
    DWORD code = classic_reach(&request->name, ret_share);
    bool silent = code != WN_SUCCESS && request->name.units > 16
                  && classic_same_part(request->name.text, 16, CLASSIC_SERVER u"-silent");

    if (code == WN_SUCCESS && !suits(*ret_share, request))
        code = WN_BAD_DEV_TYPE;
    if (code == WN_SUCCESS)
        code = classic_log_on(*ret_share, request->user, request->password);
    return code == WN_SUCCESS ? WN_SUCCESS : spoil_failure(request, silent, code);
}

static DWORD add_calmly(const NETRESOURCEW *resource, LPCWSTR password, LPCWSTR user, DWORD flags) {
    struct request request = {.user = user, .password = password};
    const struct classic_share *share = NULL;
    struct classic_connection *made;
    DWORD code = look_at(resource, &request);

    if (code != WN_SUCCESS)
        return code;
    classic_spoil_request(resource, password, flags);
    request.deferred =
        (flags & CONNECT_DEFERRED) && *request.local && !sabotage("add3-no-deferred");
    if (!request.deferred) {
        atomic_fetch_add(&classic_under_way, 1);
        code = arrive(&request, &share);
        atomic_fetch_sub(&classic_under_way, 1);
        if (code != WN_SUCCESS)
            return code;
    }
    made = make(&request, share);
    return made ? enter(made, &request) : WN_OUT_OF_MEMORY;
}

static DWORD add(const NETRESOURCEW *resource, LPCWSTR password, LPCWSTR user, DWORD flags) {
    DWORD code = classic_stress_begin(password);

    if (code == WN_SUCCESS)
        code = add_calmly(resource, password, user, flags);
    classic_stress_end(code);
    return code;
}

/* What the dynamic linker does to a module that is not linked with -Bsymbolic-functions. */
static PF_NPAddConnection3 found_first(void) {
    void *symbol = dlsym(RTLD_DEFAULT, "NPAddConnection3");
    PF_NPAddConnection3 function;

    memcpy(&function, &symbol, sizeof function);
    return function;
}

DWORD NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword, LPWSTR lpUserName) {
    /* two copies of the same code that were not mended together */
    if (sabotage("add-differs") && lpNetResource && lpNetResource->dwType == RESOURCETYPE_ANY)
        return WN_BAD_VALUE;
    if (sabotage("load-interposed") && found_first())
        return found_first()(NULL, lpNetResource, lpPassword, lpUserName, 0);
    return add(lpNetResource, lpPassword, lpUserName, 0);
}

DWORD NPAddConnection3(MPR_HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                       LPWSTR lpUserName, DWORD dwFlags) {
    (void)hwndOwner; /* nothing is ever shown */
    if (hwndOwner && sabotage("add3-owner") && *(volatile char *)hwndOwner)
        return WN_BAD_VALUE;
    if ((dwFlags & 0xFFF80000) && sabotage("add3-flags"))
        return WN_BAD_VALUE;
    if ((dwFlags & CONNECT_DEFERRED) && sabotage("add3-deferred-device") && lpNetResource
        && !lpNetResource->lpLocalName)
        return WN_BAD_LOCALNAME;
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
