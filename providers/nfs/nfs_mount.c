/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_mount.c: which ports, which handle, and why not.
 */
#include "config.h"

#include "providers/nfs/nfs_mount.h"

#include <errno.h>
#include <nfsc/libnfs-raw-mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/common/np_time.h"

static enum mpr_answer answer_of(const struct nfs_attempt *attempt) {
    return attempt->answered ? MPR_MINE_FAILED : MPR_NOT_MINE;
}

/* Failures of this side, which say nothing about the server. Returns false if
 * error is none of them. */
static bool fail_here(struct nfs_attempt *attempt, int error) {
    uint32_t code;

    switch (error) {
    case ECANCELED:
    case ENOTCONN:
        nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_CANCELLED, (uint32_t)error,
                 "%s: cancelled by the caller.", attempt->task);
        return true;
    case ENOMEM:
        code = ERROR_NOT_ENOUGH_MEMORY;
        break;
    case EMFILE:
    case ENFILE:
        code = ERROR_TOO_MANY_OPEN_FILES;
        break;
    default:
        return false;
    }
    nfs_fail(attempt->failure, MPR_MINE_FAILED, code, (uint32_t)error, "%s: %s on this machine.",
             attempt->task,
             code == ERROR_NOT_ENOUGH_MEMORY ? "out of memory" : "too many open files");
    return true;
}

bool nfs_attempt_no_line(struct nfs_attempt *attempt, const char *what, uint16_t port,
                         const struct np_failure *failure) {
    char words[128];

    if (!failure->gai && fail_here(attempt, failure->error))
        return false;
    if (failure->error == ETIMEDOUT)
        snprintf(words, sizeof words, "no answer within %lld ms (ETIMEDOUT %d)",
                 (long long)((np_now_ns() - attempt->began_ns) / NP_MS), ETIMEDOUT);
    else
        nfs_words_of_failure(failure, words, sizeof words);
    return nfs_fail(attempt->failure, answer_of(attempt), ERROR_BAD_NETPATH,
                    (uint32_t)failure->error, "%s: no connection to %s at TCP port %u of %s: %s.",
                    attempt->task, what, (unsigned)port, attempt->name->host, words);
}

bool nfs_attempt_no_answer(struct nfs_attempt *attempt, const char *what, uint16_t port, int rc,
                           const char *detail) {
    char words[192];

    if (fail_here(attempt, -rc))
        return false;
    if (rc == -EACCES)
        return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_ACCESS_DENIED, EACCES,
                        "%s: %s at TCP port %u of %s denied the call. It may demand a reserved "
                        "port, which root alone can have, or another way to authenticate.",
                        attempt->task, what, (unsigned)port, attempt->name->host);
    if (rc == -ETIMEDOUT)
        snprintf(words, sizeof words, "accepted the connection but did not answer within %lld ms",
                 (long long)((np_now_ns() - attempt->began_ns) / NP_MS));
    else if (rc == -ECONNRESET || rc == -EIO)
        snprintf(words, sizeof words, "closed the connection instead of answering");
    else
        snprintf(words, sizeof words, "refused the call: %s", detail && *detail ? detail : "-");
    return nfs_fail(attempt->failure, answer_of(attempt), ERROR_BAD_NETPATH, (uint32_t)-rc,
                    "%s: %s at TCP port %u of %s %s.", attempt->task, what, (unsigned)port,
                    attempt->name->host, words);
}

static void take_port(void *context, const void *reply) {
    memcpy(context, reply, sizeof(uint32_t));
}

static bool is_port(uint32_t port) {
    return port && port <= UINT16_MAX;
}

static void add_hint(struct nfs_failure *failure) {
    size_t used = strlen(failure->text);

    snprintf(failure->text + used, sizeof failure->text - used,
             " An nfs:// name may say nfsport= and mountport= instead.");
}

/* Asks the port mapper; ports that are not 0 are known already. */
static bool ask_ports(struct nfs_attempt *attempt, uint32_t *nfs, uint32_t *mount) {
    struct nfs_line_setup setup = {.identity = *attempt->identity};
    struct nfs_getport want_nfs = {NFS_PROGRAM, NFS_V3}, want_mount = {MOUNT_PROGRAM, MOUNT_V3};
    struct nfs_call calls[2] = {{&nfs_proc_getport, &want_mount, take_port, mount, 0},
                                {&nfs_proc_getport, &want_nfs, take_port, nfs, 0}};
    size_t first = *mount ? 1 : 0, count = *mount || *nfs ? 1 : 2;
    struct np_failure failure;
    struct nfs_line *line;
    char detail[128];
    int rc;

    if (nfs_line_open(attempt->name->host, NFS_PORT_MAPPER, &setup, attempt->call, &line,
                      &failure)) {
        nfs_attempt_no_line(attempt, "the port mapper", NFS_PORT_MAPPER, &failure);
        if (failure.error == ECONNREFUSED)
            add_hint(attempt->failure);
        return false;
    }
    rc = nfs_call_all(line, attempt->call, calls + first, count);
    for (size_t i = first; i < first + count && !rc; i++)
        rc = calls[i].result;
    snprintf(detail, sizeof detail, "%s", line->text);
    nfs_line_free(line);
    return rc ? nfs_attempt_no_answer(attempt, "the port mapper", NFS_PORT_MAPPER, rc, detail)
              : true;
}

static bool find_ports(struct nfs_attempt *attempt, uint16_t *ret_nfs, uint16_t *ret_mount) {
    uint32_t nfs = attempt->name->nfs_port, mount = attempt->name->mount_port;

    if ((!nfs || !mount) && !ask_ports(attempt, &nfs, &mount))
        return false;
    if (!is_port(mount) || !is_port(nfs))
        return nfs_fail(attempt->failure, answer_of(attempt), ERROR_BAD_NETPATH, EPROTONOSUPPORT,
                        "%s: the port mapper of %s knows no %s of version 3 over TCP.",
                        attempt->task, attempt->name->host,
                        is_port(mount) ? "NFS service" : "mount service");
    *ret_nfs = (uint16_t)nfs;
    *ret_mount = (uint16_t)mount;
    return true;
}

static struct nfs_line *open_mount_line(struct nfs_attempt *attempt, uint16_t port) {
    struct nfs_line_setup setup = {.identity = *attempt->identity, .reserved = true};
    struct np_failure failure;
    struct nfs_line *line;

    if (nfs_line_open(attempt->name->host, port, &setup, attempt->call, &line, &failure) == 0)
        return line;
    nfs_attempt_no_line(attempt, "the mount service", port, &failure);
    return NULL;
}

/* What MNT gives. */
struct granted {
    struct nfs_handle handle;
    bool usable;     /* with AUTH_UNIX or AUTH_NONE */
    uint32_t flavor; /* that is demanded instead */
};

static void take_mnt(void *context, const void *reply) {
    const mountres3_ok *ok = &((const mountres3 *)reply)->mountres3_u.mountinfo;
    struct granted *granted = context;

    nfs_handle_set(&granted->handle, ok->fhandle.fhandle3_len, ok->fhandle.fhandle3_val);
    granted->usable = ok->auth_flavors.auth_flavors_len == 0;
    for (u_int i = 0; i < ok->auth_flavors.auth_flavors_len; i++) {
        uint32_t flavor = (uint32_t)ok->auth_flavors.auth_flavors_val[i];

        if (flavor == AUTH_UNIX || flavor == AUTH_NONE)
            granted->usable = true;
        granted->flavor = flavor;
    }
}

/* The list that is being copied. */
struct listing {
    struct nfs_export *first, **end;
    bool no_memory;
};

/* libnfs puts list nodes at addresses that suit 4 bytes only: they are copied
 * out before they are looked at. Returns false at the end of the list. */
static bool next_group(groups *at, struct groupnode *ret_node) {
    if (!*at)
        return false;
    memcpy(ret_node, *at, sizeof *ret_node);
    *at = ret_node->gr_next;
    return true;
}

static bool next_export(exports *at, struct exportnode *ret_node) {
    if (!*at)
        return false;
    memcpy(ret_node, *at, sizeof *ret_node);
    *at = ret_node->ex_next;
    return true;
}

static size_t groups_size(groups list) {
    size_t size = sizeof "everyone";
    struct groupnode group;

    while (next_group(&list, &group))
        size += strlen(group.gr_name ? group.gr_name : "") + 2;
    return size;
}

static void copy_groups(groups list, char *buffer) {
    struct groupnode group;
    char *at = buffer;

    memcpy(buffer, "everyone", sizeof "everyone");
    while (next_group(&list, &group)) {
        if (at != buffer)
            at = stpcpy(at, ", ");
        at = stpcpy(at, group.gr_name ? group.gr_name : "");
    }
}

static struct nfs_export *copy_export(const struct exportnode *node) {
    size_t length = strlen(node->ex_dir);
    struct nfs_export *export = malloc(sizeof *export + length + 1 + groups_size(node->ex_groups));

    if (!export)
        return NULL;
    memcpy(export->path, node->ex_dir, length + 1);
    export->groups = export->path + length + 1;
    while (length > 1 && export->path[length - 1] == '/')
        export->path[--length] = '\0';
    export->next = NULL;
    copy_groups(node->ex_groups, export->groups);
    return export;
}

static void take_exports(void *context, const void *reply) {
    struct listing *listing = context;
    struct exportnode node;
    exports at;

    memcpy(&at, reply, sizeof at);
    while (next_export(&at, &node)) {
        struct nfs_export *export;

        if (!node.ex_dir || !node.ex_dir[0])
            continue;
        export = copy_export(&node);
        if (!export) {
            listing->no_memory = true;
            return;
        }
        *listing->end = export;
        listing->end = &export->next;
    }
}

void nfs_exports_free(struct nfs_export *list) {
    while (list) {
        struct nfs_export *next = list->next;

        free(list);
        list = next;
    }
}

/* Returns 0 and the list, or -errno. */
static int call_export(struct nfs_line *line, const struct mpr_call *call,
                       struct nfs_export **ret_exports) {
    struct listing listing = {.end = &listing.first};
    int rc = nfs_call(line, call, &nfs_proc_export, NULL, take_exports, &listing);

    if (!rc && listing.no_memory)
        rc = -ENOMEM;
    if (rc)
        nfs_exports_free(listing.first);
    else
        *ret_exports = listing.first;
    return rc;
}

/* Length of export's path if path lies in it, else 0. */
static size_t covers(const char *export, const char *path) {
    size_t length = strlen(export);

    if (length == 1)
        return 1;
    if (strncmp(export, path, length) || (path[length] && path[length] != '/'))
        return 0;
    return length;
}

const struct nfs_export *nfs_exports_find(const struct nfs_export *list, const char *path) {
    const struct nfs_export *best = NULL;
    size_t most = 0;

    for (; list; list = list->next) {
        size_t length = covers(list->path, path);

        if (length > most) {
            best = list;
            most = length;
        }
    }
    return best;
}

/* One MNT. Returns false if there was no answer, else fills both. */
static bool call_mnt(struct nfs_attempt *attempt, struct nfs_line *line, char *path,
                     struct granted *ret_granted, uint32_t *ret_status) {
    int rc = nfs_call(line, attempt->call, &nfs_proc_mnt, path, take_mnt, ret_granted);

    if (rc < 0)
        return nfs_attempt_no_answer(attempt, "the mount service", line->port, rc, line->text);
    attempt->answered = true;
    *ret_status = (uint32_t)rc;
    return true;
}

static bool judge_flavor(struct nfs_attempt *attempt, const struct granted *granted) {
    if (granted->usable && granted->handle.length)
        return true;
    if (granted->usable)
        return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, EBADMSG,
                        "%s: the mount service gave a file handle of an impossible length.",
                        attempt->task);
    return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_NOT_SUPPORTED, granted->flavor,
                    "%s: the export demands security flavour %u%s; this provider has AUTH_UNIX.",
                    attempt->task, (unsigned)granted->flavor,
                    granted->flavor >= 390003 && granted->flavor <= 390005 ? " (Kerberos 5)" : "");
}

/* A server may answer MNT3ERR_ACCES for an export that it does not have. Its
 * list tells the two apart, unless it hides what this client may not have. */
static bool judge_refusal(struct nfs_attempt *attempt, uint32_t status, bool listed,
                          const struct nfs_export *found) {
    uint32_t code = nfs_mountstat_code(status);
    char buffer[32];
    const char *name = nfs_mountstat_name(status, buffer, sizeof buffer);

    if (code == ERROR_EXTENDED_ERROR || !listed)
        return nfs_fail(attempt->failure, MPR_MINE_FAILED, code, status,
                        "%s: the mount service answered %s (%u).", attempt->task, name,
                        (unsigned)status);
    if (!found)
        return nfs_fail(attempt->failure, MPR_MINE_FAILED, ERROR_BAD_NET_NAME, status,
                        "%s: the mount service answered %s (%u), and the server lists no export "
                        "that %s lies in, or not for this client.",
                        attempt->task, name, (unsigned)status, attempt->name->path);
    return nfs_fail(attempt->failure, MPR_MINE_FAILED, code, status,
                    "%s: the mount service answered %s (%u); the server exports %s to %s.",
                    attempt->task, name, (unsigned)status, found->path, found->groups);
}

/* The path was refused: tries the export that it lies in, or says why. */
static bool mount_above(struct nfs_attempt *attempt, struct nfs_line *line, uint32_t status,
                        struct granted *granted, struct nfs_mounted *ret) {
    const char *path = attempt->name->path;
    struct nfs_export *list = NULL;
    bool listed = call_export(line, attempt->call, &list) == 0, done = false;
    const struct nfs_export *found = nfs_exports_find(list, path);

    if (found && strcmp(found->path, path) && strlen(found->path) < sizeof ret->path) {
        memcpy(ret->path, found->path, strlen(found->path) + 1);
        ret->rest = path + strlen(found->path);
        ret->rest += strspn(ret->rest, "/");
        done = call_mnt(attempt, line, ret->path, granted, &status);
        if (!done) {
            nfs_exports_free(list);
            return false;
        }
        done = status == 0;
    }
    if (!done)
        judge_refusal(attempt, status, listed, found);
    nfs_exports_free(list);
    return done;
}

static bool mount_on(struct nfs_attempt *attempt, struct nfs_line *line, struct nfs_mounted *ret) {
    struct granted granted = {0};
    uint32_t status = 0;

    memcpy(ret->path, attempt->name->path, sizeof ret->path);
    memcpy(ret->address, line->host, sizeof ret->address);
    ret->rest = "";
    if (!call_mnt(attempt, line, ret->path, &granted, &status))
        return false;
    if (status && !mount_above(attempt, line, status, &granted, ret))
        return false;
    ret->handle = granted.handle;
    return judge_flavor(attempt, &granted);
}

bool nfs_mount_name(struct nfs_attempt *attempt, struct nfs_mounted *ret_mounted) {
    struct nfs_line *line;
    bool done;

    if (!find_ports(attempt, &ret_mounted->nfs_port, &ret_mounted->mount_port))
        return false;
    line = open_mount_line(attempt, ret_mounted->mount_port);
    if (!line)
        return false;
    done = mount_on(attempt, line, ret_mounted);
    nfs_line_free(line);
    return done;
}

bool nfs_mount_exports(struct nfs_attempt *attempt, struct nfs_export **ret_exports) {
    uint16_t nfs_port, mount_port;
    struct nfs_line *line;
    bool done = true;
    int rc;

    if (!find_ports(attempt, &nfs_port, &mount_port)
        || !(line = open_mount_line(attempt, mount_port)))
        return false;
    rc = call_export(line, attempt->call, ret_exports);
    if (rc)
        done = nfs_attempt_no_answer(attempt, "the mount service", mount_port, rc, line->text);
    nfs_line_free(line);
    return done;
}

void nfs_mount_undo(const char *address, uint16_t port, const struct nfs_identity *identity,
                    char *path, const struct mpr_call *call) {
    struct nfs_line_setup setup = {.identity = *identity, .reserved = true};
    struct np_failure failure;
    struct nfs_line *line;

    if (nfs_line_open(address, port, &setup, call, &line, &failure))
        return;
    nfs_call(line, call, &nfs_proc_umnt, path, NULL, NULL);
    nfs_line_free(line);
}
