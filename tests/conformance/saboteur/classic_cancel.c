/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_cancel.c: connections are broken.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a cancel is about: a device's connection, or all to a resource that have none. */
struct target {
    WCHAR device[5];
    struct classic_name name;
};

static bool is_meant(const struct target *target, const struct classic_connection *connection) {
    const struct classic_name *name = &target->name;
    size_t units = classic_length(connection->remote);

    if (*target->device)
        return classic_same(connection->local, target->device);
    if (*connection->local)
        return false;
    /* ms-nfs41: wcscmp, though its servers' names have no case */
    if (sabotage("cancel-exact-name"))
        return name->units == units
               && memcmp(name->text, connection->remote, units * sizeof(WCHAR)) == 0;
    /* as long as the shorter of them: a name below it ends it too */
    if (sabotage("cancel-beginning") && name->units > units)
        return classic_same_part(name->text, units, connection->remote);
    return classic_leads_to(connection, name);
}

/* All or nothing: first everything is looked at. */
static DWORD examine(const struct target *target, bool force) {
    DWORD code = WN_NOT_CONNECTED;

    for (const struct classic_connection *it = classic_connections; it; it = it->next) {
        if (!is_meant(target, it))
            continue;
        /* VirtualBox: always forced. ms-nfs41: open files even then */
        if (it->open_file
            && ((!force && !sabotage("cancel-forced"))
                || (force && sabotage("cancel-never-forced"))))
            return WN_OPEN_FILES;
        /* ms-nfs41: the driver is asked, which asks the server, and waits */
        if (it->stalled && sabotage("cancel-waits"))
            return ERROR_SEM_TIMEOUT;
        code = WN_SUCCESS;
    }
    return code;
}

static void break_all(const struct target *target) {
    struct classic_connection **at = &classic_connections;
    size_t number = 0;

    for (; *at; number++) {
        struct classic_connection *it = *at;

        if (is_meant(target, it)) {
            *at = it->next;
            classic_drop(it);
            classic_gap = number;
        } else {
            at = &it->next;
        }
    }
}

/* winfsp #90: the file system is torn down after success was told. */
static void *break_later(void *context) {
    struct target target = {.device = {0}};

    memcpy(target.device, context, sizeof target.device);
    free(context);
    poll(NULL, 0, 200);
    classic_lock();
    break_all(&target);
    classic_unlock();
    return NULL;
}

static bool is_put_off(const struct target *target) {
    pthread_t thread;
    void *copy;

    if (!*target->device || !sabotage("cancel-later"))
        return false;
    copy = malloc(sizeof target->device);
    if (copy)
        memcpy(copy, target->device, sizeof target->device);
    if (copy && pthread_create(&thread, NULL, break_later, copy) == 0)
        pthread_detach(thread);
    return true;
}

/* ms-nfs41, VirtualBox: the driver's part fails, and the device is gone already. */
static bool is_halved(const struct target *target) {
    bool halved = false;

    for (struct classic_connection *it = classic_connections; it && sabotage("cancel-half");
         it = it->next)
        if (it->stalled && is_meant(target, it)) {
            it->local[0] = 0;
            halved = true;
        }
    return halved;
}

static DWORD break_meant(const struct target *target, bool force) {
    DWORD code;

    classic_lock();
    code = is_halved(target) ? WN_NET_ERROR : examine(target, force);
    /* looked at and done in two steps */
    if (code == WN_SUCCESS && sabotage("cancel-two-steps")) {
        classic_unlock();
        poll(NULL, 0, 1);
        classic_lock();
    }
    if (code == WN_SUCCESS && !is_put_off(target))
        break_all(target);
    classic_unlock();
    return code;
}

/* False: no name of ours. */
static bool find_target(LPCWSTR name, struct target *ret) {
    const WCHAR letter[] = {name[0], u':', 0};

    if (classic_device(name, ret->device))
        return true;
    /* Dokany, OpenAFS: "Cat" is C: */
    if (sabotage("cancel-first-letter") && classic_device(letter, ret->device))
        return true;
    /* VirtualBox: a UNC name is never found */
    return !sabotage("cancel-no-names") && classic_parse(name, &ret->name);
}

static DWORD cancel(LPWSTR name, bool force) {
    struct target target = {.device = {0}};
    DWORD code = WN_NOT_CONNECTED;
    size_t units;

    if (!name)
        return WN_BAD_VALUE;
    units = classic_length(name);
    if (units && sabotage("cancel-writes") && name[units - 1] == u'\\')
        name[units - 1] = 0; /* ms-nfs41 rewrites its inputs */
    /* OpenAFS: one buffer is lost per call */
    if (sabotage("cancel-leaks") && !classic_copy(name, units))
        return WN_OUT_OF_MEMORY;
    if (classic_under_way && sabotage("cancel-busy"))
        return WN_FUNCTION_BUSY;
    if (find_target(name, &target))
        code = break_meant(&target, force);
    /* dokany #1284, winfsp #17: success for everything */
    if (code == WN_NOT_CONNECTED && sabotage("cancel-everything"))
        return WN_SUCCESS;
    /* sshfs-win #178: "network not present" for what is merely not connected */
    if (code == WN_NOT_CONNECTED && sabotage("caps-no-network"))
        return WN_NO_NETWORK;
    return code;
}

DWORD NPCancelConnection(LPWSTR lpName, BOOL fForce) {
    return cancel(lpName, sabotage("cancel-force-is-one") ? fForce == 1 : fForce != 0);
}

DWORD NPCancelConnection2(LPWSTR lpName, BOOL fForce, DWORD dwFlags) {
    (void)dwFlags;
    return cancel(lpName, fForce != 0);
}
