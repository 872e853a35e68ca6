/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_universal.c: names for other machines and for people. The provider
 * may have words of its own for both; it gives them to a buffer.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_format.h"
#include "router/mpr_secret.h"
#include "router/mpr_time.h"
#include "router/mpr_utf.h"

/* Bytes more than the arguments that an answer gets at first, and all that it ever gets. */
#define TEXT_ROOM 1024
#define TEXT_MAX  (1u << 20)

/* Asks a slot of np that writes to a buffer. Returns a Win32 code. */
typedef uint32_t (*text_fn)(const struct mpr_np *np, const struct mpr_call *call,
                            const void *context, char *buffer, size_t size);

static DWORD say_unusable(const struct mpr_np *np, struct mpr_failure *failure) {
    mpr_failure_set(failure, ERROR_UNEXP_NET_ERR, "%s gave a name that cannot be used.", np->name);
    return ERROR_UNEXP_NET_ERR;
}

/* Once more with a larger buffer, as long as it wants one. */
static DWORD fill_text(struct mpr_np *np, const struct mpr_call *call, text_fn fn,
                       const void *context, size_t size, struct mpr_failure *failure,
                       char **ret_text) {
    DWORD rc;

    for (;; size *= 2) {
        MPR_AUTOFREE char *text = calloc(1, size);

        if (!text)
            return ERROR_NOT_ENOUGH_MEMORY;
        rc = fn(np, call, context, text, size);
        if (rc == ERROR_MORE_DATA && size < TEXT_MAX)
            continue;
        if (rc == ERROR_MORE_DATA || (rc == NO_ERROR && !memchr(text, '\0', size)))
            return say_unusable(np, failure);
        if (rc == NO_ERROR && (!*text || !mpr_utf_valid(text)))
            return say_unusable(np, failure);
        if (rc == NO_ERROR)
            *ret_text = MPR_TAKE(text);
        return rc;
    }
}

/* *ret_failure has what the provider said to a failure; the thread has no words yet. */
static DWORD ask_text(struct mpr_np *np, text_fn fn, const void *context, size_t length,
                      struct mpr_failure *ret_failure, char **ret_text) {
    struct mpr_call_data data;
    struct mpr_call call;
    DWORD rc = ERROR_BUSY;

    mpr_call_begin(&call, &data, np->name, mpr_deadline_in_ms(np->connect_timeout_ms), -1,
                   MPR_SECRET_NONE);
    if (mpr_np_enter(np, &call)) {
        rc = fill_text(np, &call, fn, context, length + TEXT_ROOM, &data.failure, ret_text);
        mpr_np_leave(np);
    }
    *ret_failure = data.failure;
    return rc;
}

/* --- the name of a path --- */

static bool is_separator(char c) {
    return c == '/' || c == '\\';
}

/* A copy with backslashes. */
static char *with_backslashes(const char *text) {
    char *copy = strdup(text);

    for (char *at = copy; at && *at; at++)
        if (*at == '/')
            *at = '\\';
    return copy;
}

static void cut_separators(char *name) {
    size_t length = strlen(name);

    while (length > 2 && is_separator(name[length - 1]))
        name[--length] = '\0';
}

struct place {
    const struct mpr_conn *conn;
    const char *path; /* "", or with a backslash before it */
};

static uint32_t ask_universal(const struct mpr_np *np, const struct mpr_call *call,
                              const void *context, char *buffer, size_t size) {
    const struct place *place = context;

    return np->table->universal(np->state, call, place->conn->device.name,
                                place->conn->facts.remote, place->path, buffer, size);
}

/* Two slashes are as good as two backslashes, if they mean the same to the provider. */
static bool is_same(const struct mpr_conn *conn, const char *name) {
    struct mpr_recognised recognised;

    return strcmp(conn->facts.remote, name) == 0
           || (mpr_np_recognise(conn->facts.np, name, &recognised)
               && strcmp(recognised.key, conn->facts.key) == 0);
}

/* What the router makes of the remote name by itself; *ret_name NULL: nothing. */
static DWORD build_universal(const struct place *place, char **ret_name) {
    const char *remote = place->conn->facts.remote;
    MPR_AUTOFREE char *head = NULL;
    size_t size;
    char *name;

    *ret_name = NULL;
    if (!is_separator(remote[0]) || remote[1] != remote[0])
        return NO_ERROR;
    head = with_backslashes(remote);
    if (!head)
        return ERROR_NOT_ENOUGH_MEMORY;
    cut_separators(head);
    if (!is_same(place->conn, head))
        return NO_ERROR;
    size = strlen(head);
    name = malloc(size + strlen(place->path) + 1);
    if (!name)
        return ERROR_NOT_ENOUGH_MEMORY;
    memcpy(name, head, size);
    memcpy(name + size, place->path, strlen(place->path) + 1);
    *ret_name = name;
    return NO_ERROR;
}

/* *ret_name NULL: there is no such name, which may be a failure or not. */
static DWORD find_universal(const struct place *place, struct mpr_failure *ret_failure,
                            char **ret_name) {
    struct mpr_np *np = place->conn->facts.np;
    DWORD rc;

    ret_failure->set = false;
    if (!np->table->universal)
        return build_universal(place, ret_name);
    rc = ask_text(np, ask_universal, place, strlen(place->conn->facts.remote) + strlen(place->path),
                  ret_failure, ret_name);
    if (rc == ERROR_NOT_SUPPORTED) {
        *ret_name = NULL;
        return NO_ERROR;
    }
    return rc == NO_ERROR || rc == ERROR_NOT_ENOUGH_MEMORY
               ? rc
               : mpr_error_carry(rc, ret_failure, np->name);
}

/* The universal name is the connection's and the path, where there is one. */
static char *connection_of(const struct place *place, const char *universal) {
    size_t path = strlen(place->path), length = universal ? strlen(universal) : 0;
    char *name;

    if (universal && length > path && strcmp(universal + length - path, place->path) == 0)
        name = strndup(universal, length - path);
    else
        name = strdup(place->conn->facts.remote);
    if (name)
        cut_separators(name);
    return name;
}

static DWORD fill_universal(struct mpr_conn *conn, const char *rest, uint32_t level,
                            struct mpr_universal_ret *ret) {
    struct mpr_universal_ret got = {.remaining = with_backslashes(rest)};
    const struct place place = {.conn = conn, .path = got.remaining};
    struct mpr_failure failure;
    DWORD rc =
        got.remaining ? find_universal(&place, &failure, &got.universal) : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR && !got.universal && level == UNIVERSAL_NAME_INFO_LEVEL) {
        if (!failure.set)
            mpr_failure_set(&failure, ERROR_NOT_SUPPORTED,
                            "%s is connected to %s, which has no name of the form "
                            "\\\\server\\share.",
                            conn->device.name, conn->facts.remote);
        rc = mpr_error_carry(ERROR_NOT_SUPPORTED, &failure, conn->facts.np->name);
    }
    if (rc == NO_ERROR) {
        got.connection = connection_of(&place, got.universal);
        rc = got.connection ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
    }
    if (rc == NO_ERROR)
        *ret = got;
    else
        mpr_universal_ret_clear(&got);
    return rc;
}

/* A device, or a path on one; a printer has no paths. */
static DWORD parse_path(const char *path, struct mpr_device *ret_device, const char **ret_rest) {
    if (mpr_name_device_path(path, ret_device, ret_rest))
        return NO_ERROR;
    if (mpr_name_device(path, ret_device)) {
        *ret_rest = "";
        return NO_ERROR;
    }
    return mpr_error_say(ERROR_BAD_DEVICE,
                         "\"%s\" is no path on a device: Z: and Z:\\dir\\file are.", path);
}

/* Of a connection that a classic provider has of its own. */
static DWORD fill_foreign(struct mpr_np *np, const struct mpr_device *device, char *remote,
                          const char *rest, uint32_t level, struct mpr_universal_ret *ret) {
    struct mpr_recognised recognised;
    struct mpr_conn conn = {
        .device = *device,
        .facts = {.np = np, .remote = remote, .key = recognised.key},
    };

    if (!mpr_np_recognise(np, remote, &recognised))
        conn.facts.key = remote;
    return fill_universal(&conn, rest, level, ret);
}

/* Of a device without a connection of ours. */
static DWORD find_elsewhere(struct mpr_router *router, const struct mpr_device *device,
                            const char *rest, uint32_t level, struct mpr_universal_ret *ret) {
    struct mpr_connection_ret got = {0};
    struct mpr_np *np;
    DWORD rc =
        mpr_router_connection(router, &(struct mpr_connection_args){.local = device->name}, &got);

    if (rc != NO_ERROR)
        return rc;
    np = mpr_providers_find(router->providers, got.provider);
    if (got.remembered)
        rc = mpr_error_say(ERROR_CONNECTION_UNAVAIL, "%s is remembered for %s, but not connected.",
                           device->name, got.remote);
    else if (np && np->classic)
        rc = fill_foreign(np, device, got.remote, rest, level, ret);
    else
        rc = mpr_router_say_unconnected(router, device->name);
    mpr_connection_ret_clear(&got);
    return rc;
}

DWORD mpr_router_universal(struct mpr_router *router, const struct mpr_universal_args *args,
                           struct mpr_universal_ret *ret) {
    struct mpr_device device;
    struct mpr_conn *conn;
    const char *rest;
    DWORD rc;

    if (args->level != UNIVERSAL_NAME_INFO_LEVEL && args->level != REMOTE_NAME_INFO_LEVEL)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The level %u is neither UNIVERSAL_NAME_INFO_LEVEL nor "
                             "REMOTE_NAME_INFO_LEVEL.",
                             args->level);
    rc = parse_path(args->path, &device, &rest);
    if (rc != NO_ERROR)
        return rc;
    conn = mpr_conntab_find_device(device.index);
    if (conn && mpr_conntab_is_connected(conn))
        rc = fill_universal(conn, rest, args->level, ret);
    else
        rc = find_elsewhere(router, &device, rest, args->level, ret);
    if (conn)
        mpr_conntab_unref(conn);
    return rc;
}

/* --- names as they are shown --- */

static uint32_t ask_format(const struct mpr_np *np, const struct mpr_call *call,
                           const void *context, char *buffer, size_t size) {
    const struct mpr_format_args *args = context;

    return np->table->format(np->state, call, args->remote, args->flags, args->width, buffer, size);
}

/* Whose name it is, by lpProvider or else by syntax; *ret_np NULL: nobody's. */
static DWORD find_owner(const struct mpr_router *router, const struct mpr_format_args *args,
                        struct mpr_np **ret_np) {
    struct mpr_recognised recognised;

    *ret_np = NULL;
    if (args->provider && *args->provider)
        return mpr_router_pick(router, args->provider, ret_np);
    for (size_t i = 0; i < router->providers->count && !*ret_np; i++) {
        struct mpr_np *np = &router->providers->items[i];

        if (np->table && mpr_np_recognise(np, args->remote, &recognised))
            *ret_np = np;
    }
    return NO_ERROR;
}

DWORD mpr_router_format(struct mpr_router *router, const struct mpr_format_args *args,
                        struct mpr_format_ret *ret) {
    const uint32_t one = WNFMT_MULTILINE | WNFMT_ABBREVIATED;
    struct mpr_failure failure;
    struct mpr_np *np;
    DWORD rc;

    if ((args->flags & ~(one | WNFMT_INENUM | WNFMT_CONNECTION)) != 0 || (args->flags & one) == one)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The flags 0x%x are not made of WNFMT_INENUM, WNFMT_CONNECTION and "
                             "one of WNFMT_MULTILINE and WNFMT_ABBREVIATED.",
                             args->flags);
    rc = find_owner(router, args, &np);
    if (rc != NO_ERROR)
        return rc;
    if (np && np->table->format) {
        rc = ask_text(np, ask_format, args, strlen(args->remote), &failure, &ret->text);
        /* What is only to be looked at fails for want of memory only. */
        if (rc == NO_ERROR || rc == ERROR_NOT_ENOUGH_MEMORY)
            return rc;
    }
    return mpr_format_name(args->remote, args->flags, args->width, &ret->text);
}
