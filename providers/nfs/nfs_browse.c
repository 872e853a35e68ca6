/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_browse.c: list, parent and information.
 *
 * NFS has no list of servers: the network contains those that the options name,
 * a server its exports, and an export is not browsed from here but connected to.
 */
#include "config.h"

#include "providers/nfs/nfs_browse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/common/np_time.h"
#include "providers/nfs/nfs_mount.h"
#include "providers/nfs/nfs_option.h"
#include "providers/nfs/nfs_user.h"

#define TEXT_MAX (3 * MPR_KEY_MAX + 512) /* a name with every byte escaped */

static bool take_name(const char *remote, struct nfs_name *name, struct nfs_failure *failure) {
    if (nfs_name_parse(remote, name))
        return true;
    /* Somebody else's: what he says of it counts, and we say nothing. */
    return nfs_fail(failure, MPR_NOT_MINE, ERROR_BAD_NET_NAME, EINVAL, "%s", "");
}

static struct mpr_resource describe(const char *remote, bool server) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_GLOBALNET,
        .type = server ? RESOURCETYPE_ANY : RESOURCETYPE_DISK,
        .display_type = server ? RESOURCEDISPLAYTYPE_SERVER : RESOURCEDISPLAYTYPE_SHARE,
        .usage = server ? RESOURCEUSAGE_CONTAINER : RESOURCEUSAGE_CONNECTABLE,
        .remote = remote,
    };
}

/* The exports of name's server, asked for as the caller. */
static bool fetch(const struct nfs_state *state, const struct mpr_call *call,
                  const struct nfs_name *name, struct nfs_export **ret_exports,
                  struct nfs_failure *failure) {
    struct mpr_call bounded = *call;
    struct nfs_identity identity;
    char task[NP_HOST_MAX + 64];
    struct nfs_attempt attempt = {.call = &bounded,
                                  .name = name,
                                  .identity = &identity,
                                  .task = task,
                                  .began_ns = np_now_ns(),
                                  .failure = failure};
    int64_t end = attempt.began_ns + (int64_t)state->options.connect_timeout_ms * NP_MS;

    if (bounded.deadline_ns > end)
        bounded.deadline_ns = end;
    if (nfs_user_identity(&state->options, name, &bounded, NULL, &identity) != NO_ERROR)
        identity = (struct nfs_identity){.uid = call->uid, .gid = call->gid};
    snprintf(task, sizeof task, "Asking %s for its exports as uid %u, gid %u", name->host,
             (unsigned)identity.uid, (unsigned)identity.gid);
    return nfs_mount_exports(&attempt, ret_exports);
}

/* Was it asked for? type and usage are those of list, 0: any. A server has no type. */
static bool is_wanted(const struct mpr_resource *entry, uint32_t type, uint32_t usage) {
    uint32_t types = type & (RESOURCETYPE_DISK | RESOURCETYPE_PRINT);

    if (usage && !(entry->usage & usage))
        return false;
    return !types || entry->type == RESOURCETYPE_ANY || (entry->type & types);
}

static void give_servers(const struct nfs_state *state, uint32_t type, uint32_t usage,
                         mpr_resource_fn fn, void *context) {
    const char *servers = state->options.servers;
    char remote[TEXT_MAX];
    struct nfs_name name;

    while (nfs_option_next_server(&servers, &name)) {
        struct mpr_resource entry = describe(remote, true);

        if (nfs_name_format(&name, "", remote, sizeof remote) && is_wanted(&entry, type, usage)
            && fn(context, &entry))
            break;
    }
}

static void give_exports(const struct nfs_export *list, const struct nfs_name *name, uint32_t type,
                         uint32_t usage, mpr_resource_fn fn, void *context) {
    char remote[TEXT_MAX], comment[256];

    for (const struct nfs_export *export = list; export; export = export->next) {
        struct mpr_resource entry = describe(remote, false);

        if (!nfs_name_format(name, export->path, remote, sizeof remote))
            continue; /* a name that cannot be said this way cannot be connected to */
        snprintf(comment, sizeof comment, "for %s", export->groups);
        entry.comment = comment;
        if (is_wanted(&entry, type, usage) && fn(context, &entry))
            break;
    }
}

bool nfs_browse_list(const struct nfs_state *state, const struct mpr_call *call,
                     const char *container, uint32_t type, uint32_t usage, mpr_resource_fn fn,
                     void *context, struct nfs_failure *failure) {
    struct nfs_export *list = NULL;
    struct nfs_name name;

    if (!container || !*container) {
        give_servers(state, type, usage, fn, context);
        return true;
    }
    if (!take_name(container, &name, failure))
        return false;
    if (name.path[0])
        return nfs_fail(failure, MPR_NOT_MINE, ERROR_NOT_CONTAINER, ENOTDIR,
                        "%s is an export, which contains no resources.", container);
    if (!fetch(state, call, &name, &list, failure))
        return false;
    give_exports(list, &name, type, usage, fn, context);
    nfs_exports_free(list);
    return true;
}

bool nfs_browse_parent(const char *remote, mpr_resource_fn fn, void *context,
                       struct nfs_failure *failure) {
    struct mpr_resource entry = describe(NULL, true);
    char text[TEXT_MAX];
    struct nfs_name name;
    char *last;

    if (!take_name(remote, &name, failure))
        return false;
    if (name.path[0]) {
        /* "/a/b" is in "/a"; "/a" and "/" are the server's. */
        last = strrchr(name.path, '/');
        *last = '\0';
        if (!nfs_name_format(&name, name.path, text, sizeof text))
            return nfs_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, EINVAL,
                            "%s: the name of its container is too long.", remote);
        entry = describe(text, !name.path[0]);
    }
    fn(context, &entry);
    return true;
}

/* Where remote goes on after the part that stands for keep bytes of its path:
 * found by counting components, as remote may be spelt with more separators. */
static size_t rest_of(const char *remote, const struct nfs_name *name, size_t keep) {
    static const char *const separators[] = {
        [NFS_FORM_COLON] = "/", [NFS_FORM_URL] = "/", [NFS_FORM_UNC] = "/\\"};
    const char *set = separators[name->form], *at = remote;
    size_t components = 0;

    for (size_t i = 0; i < keep; i++)
        components += name->path[i] == '/' && name->path[i + 1];
    if (name->form == NFS_FORM_COLON)
        at += *remote == '[' ? strcspn(remote, "]") : 0;
    else
        at += name->form == NFS_FORM_URL ? strlen("nfs://") : 2;
    at += strcspn(at, set);
    while (components--) {
        at += strspn(at, set);
        at += strcspn(at, name->form == NFS_FORM_URL ? "/?" : set);
    }
    /* Neither a separator at the end nor arguments are a rest. */
    if (*at == '?' || (*at && !at[1]))
        at += strlen(at);
    return (size_t)(at - remote);
}

bool nfs_browse_information(const struct nfs_state *state, const struct mpr_call *call,
                            const char *remote, uint32_t type, mpr_resource_fn fn, void *context,
                            size_t *ret_rest, struct nfs_failure *failure) {
    struct nfs_export *list = NULL;
    const struct nfs_export *found;
    struct mpr_resource entry;
    struct nfs_name name;
    char text[TEXT_MAX], comment[256];
    bool known = true;

    if (!take_name(remote, &name, failure))
        return false;
    if ((type & RESOURCETYPE_PRINT) && !(type & RESOURCETYPE_DISK))
        return nfs_fail(failure, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE, EINVAL,
                        "%s: an NFS server has no printers.", remote);
    if (!fetch(state, call, &name, &list, failure))
        return false;
    found = name.path[0] ? nfs_exports_find(list, name.path) : NULL;
    entry = describe(text, !name.path[0]);
    if (found) {
        snprintf(comment, sizeof comment, "for %s", found->groups);
        entry.comment = comment;
    }
    if (name.path[0] && !found)
        known = nfs_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, ENOENT,
                         "%s: the server lists no export that %s lies in, or not for this client.",
                         remote, name.path);
    else if (!nfs_name_format(&name, found ? found->path : "", text, sizeof text))
        known = nfs_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, EINVAL,
                         "%s: its export cannot be named this way.", remote);
    if (known) {
        *ret_rest = rest_of(remote, &name, found ? strlen(found->path) : 0);
        fn(context, &entry);
    }
    nfs_exports_free(list);
    return known;
}

bool nfs_browse_universal(const char *remote, const char *path, char *buffer, size_t size,
                          struct nfs_failure *failure) {
    struct nfs_name name;
    char text[TEXT_MAX];

    if (!take_name(remote, &name, failure))
        return false;
    if (name.form != NFS_FORM_UNC) {
        name.form = NFS_FORM_UNC;
        if (!nfs_name_format(&name, name.path, text, sizeof text))
            return nfs_fail(failure, MPR_MINE_FAILED, ERROR_NOT_SUPPORTED, EINVAL,
                            "%s has no name of the form \\\\server\\export.", remote);
        remote = text;
    }
    if (np_unc_join(remote, path, buffer, size))
        return true;
    return nfs_fail(failure, MPR_MINE_FAILED, ERROR_MORE_DATA, ERANGE,
                    "%s: the buffer is too small for the name of the file.", remote);
}
