/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_browse.c: list, parent and information.
 *
 * SSH has no list of servers: the network contains those that the options name.
 * A server contains the directories of its root, and each of them its own: every
 * directory can be connected to. To look there is to log in, as whoever asks.
 */
#include "config.h"

#include "providers/sftp/sftp_browse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/sftp/sftp_attr.h"
#include "providers/sftp/sftp_dir.h"

#define TEXT_MAX (3 * MPR_KEY_MAX + 2048) /* a name with every byte escaped */

static bool take_name(const char *remote, struct sftp_name *name, struct sftp_failure *failure) {
    if (sftp_name_parse(remote, name))
        return true;
    return sftp_fail_foreign(failure);
}

static struct mpr_resource describe(const char *remote, bool server) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_GLOBALNET,
        .type = server ? RESOURCETYPE_ANY : RESOURCETYPE_DISK,
        .display_type = server ? RESOURCEDISPLAYTYPE_SERVER : RESOURCEDISPLAYTYPE_SHARE,
        .usage =
            server ? RESOURCEUSAGE_CONTAINER : RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER,
        .remote = remote,
    };
}

/* Was it asked for? type and usage are those of list, 0: any. A server has no type. */
static bool is_wanted(const struct mpr_resource *entry, uint32_t type, uint32_t usage) {
    uint32_t types = type & (RESOURCETYPE_DISK | RESOURCETYPE_PRINT);
    uint32_t uses = usage & (RESOURCEUSAGE_CONNECTABLE | RESOURCEUSAGE_CONTAINER);

    if (uses && !(entry->usage & uses))
        return false;
    return !types || entry->type == RESOURCETYPE_ANY || (entry->type & types);
}

static void give_servers(const struct sftp_state *state, uint32_t type, uint32_t usage,
                         mpr_resource_fn fn, void *context) {
    const char *servers = state->options.servers;
    char remote[TEXT_MAX];
    struct sftp_name name;

    while (sftp_option_next_server(&servers, &name)) {
        struct mpr_resource entry = describe(remote, true);

        if (sftp_name_format(&name, "", remote, sizeof remote) && is_wanted(&entry, type, usage)
            && fn(context, &entry))
            break;
    }
}

struct giving {
    const struct sftp_name *name;
    uint32_t type, usage;
    mpr_resource_fn fn;
    void *context;
};

static int give_directory(void *context, const char *entry_name, const struct mpr_stat *attrs) {
    const struct giving *giving = context;
    const char *above = giving->name->path;
    char remote[TEXT_MAX], path[2 * MPR_KEY_MAX];
    struct mpr_resource entry = describe(remote, false);
    int length =
        snprintf(path, sizeof path, "%s/%s", above[0] && above[1] ? above : "", entry_name);

    /* A name that is too long to be said cannot be connected to. */
    if (!S_ISDIR(attrs->mode) || length >= (int)MPR_KEY_MAX
        || !sftp_name_format(giving->name, path, remote, sizeof remote)
        || !is_wanted(&entry, giving->type, giving->usage))
        return 0;
    return giving->fn(giving->context, &entry);
}

static bool fail_operation(const struct sftp_session *session, const char *remote,
                           const char *doing, const char *path, int rc,
                           struct sftp_failure *failure) {
    uint32_t code = rc == -ENOENT || rc == -ENOTDIR ? ERROR_BAD_NET_NAME
                    : rc == -EACCES                 ? ERROR_ACCESS_DENIED
                    : rc == -ECANCELED              ? ERROR_CANCELLED
                                                    : ERROR_EXTENDED_ERROR;

    return sftp_fail(failure, MPR_MINE_FAILED, code, (uint32_t)-rc, "%s as %s: %s %s: %s.", remote,
                     session->user, doing, path, strerror(-rc));
}

bool sftp_browse_list(const struct sftp_state *state, const struct mpr_call *call,
                      const char *container, uint32_t type, uint32_t usage, mpr_resource_fn fn,
                      void *context, struct sftp_failure *failure) {
    struct sftp_name name;
    struct giving giving = {
        .name = &name, .type = type, .usage = usage, .fn = fn, .context = context};
    struct sftp_session *session;
    struct sftp_op op;
    int rc;

    if (!container || !*container) {
        give_servers(state, type, usage, fn, context);
        return true;
    }
    if (!take_name(container, &name, failure))
        return false;
    session = sftp_session_visit(state, call, &name, container, failure);
    if (!session)
        return false;
    op = (struct sftp_op){.session = session, .line = session->line, .call = call};
    rc = sftp_dir_readdir(&op, name.path[0] ? name.path + 1 : "", give_directory, &giving);
    if (rc)
        fail_operation(session, container, "listing", name.path[0] ? name.path : "/", rc, failure);
    sftp_session_end(session);
    return rc == 0;
}

bool sftp_browse_parent(const char *remote, mpr_resource_fn fn, void *context,
                        struct sftp_failure *failure) {
    struct mpr_resource entry = describe(NULL, true);
    char text[TEXT_MAX];
    struct sftp_name name;

    if (!take_name(remote, &name, failure))
        return false;
    if (name.path[0]) {
        /* "/a/b" is in "/a"; "/a" and "/" are the server's. */
        *strrchr(name.path, '/') = '\0';
        if (!sftp_name_format(&name, name.path, text, sizeof text))
            return sftp_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, EINVAL,
                             "%s: the name of its container is too long.", remote);
        entry = describe(text, !name.path[0]);
    }
    fn(context, &entry);
    return true;
}

/* Cuts path to the longest part of it that is a directory, of one component at least. */
static int find_directory(const struct sftp_op *op, char *path) {
    for (;;) {
        char *slash = strrchr(path, '/');
        struct sftp_attrs attrs;
        int rc = sftp_attr_get(op, SFTP_STAT, path, &attrs);

        if (rc == 0 && (!(attrs.flags & SFTP_ATTR_MODE) || S_ISDIR(attrs.mode)))
            return 0;
        if ((rc && rc != SFTP_NO_SUCH_FILE) || !slash)
            return rc ? sftp_errno(rc) : -ENOTDIR;
        *slash = '\0';
    }
}

static size_t count_components(const char *path) {
    size_t count = *path ? 1 : 0;

    for (; *path; path++)
        count += *path == '/';
    return count;
}

bool sftp_browse_information(const struct sftp_state *state, const struct mpr_call *call,
                             const char *remote, uint32_t type, mpr_resource_fn fn, void *context,
                             size_t *ret_rest, struct sftp_failure *failure) {
    char text[TEXT_MAX], path[MPR_KEY_MAX];
    struct mpr_resource entry;
    struct sftp_session *session;
    struct sftp_name name;
    struct sftp_op op;
    int rc;

    if (!take_name(remote, &name, failure))
        return false;
    if ((type & RESOURCETYPE_PRINT) && !(type & RESOURCETYPE_DISK))
        return sftp_fail(failure, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE, EINVAL,
                         "%s: an SSH server has no printers.", remote);
    session = sftp_session_visit(state, call, &name, remote, failure);
    if (!session)
        return false;
    snprintf(path, sizeof path, "%s", name.path[0] ? name.path + 1 : "");
    op = (struct sftp_op){.session = session, .line = session->line, .call = call};
    rc = find_directory(&op, path);
    if (rc)
        fail_operation(session, remote, "looking for", name.path, rc, failure);
    sftp_session_end(session);
    if (rc)
        return false;
    if (name.path[0])
        snprintf(name.path, sizeof name.path, "/%.*s", (int)sizeof name.path - 2, path);
    if (!sftp_name_format(&name, name.path, text, sizeof text))
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, EINVAL,
                         "%s: its directory has too long a name.", remote);
    entry = describe(text, !name.path[0]);
    *ret_rest = sftp_name_rest(remote, name.path[0] ? count_components(path) : 0);
    fn(context, &entry);
    return true;
}
