/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_walk.c: name by name, link by link.
 */
#include "config.h"

#include "providers/nfs/nfs_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MAX 40

static void take_lookup(void *context, const void *reply) {
    const LOOKUP3resok *ok = &((const LOOKUP3res *)reply)->LOOKUP3res_u.resok;
    struct nfs_node *node = context;

    nfs_handle_set(&node->handle, ok->object.data.data_len, ok->object.data.data_val);
    nfs_node_set_stat(node, &ok->obj_attributes);
}

int nfs_lookup(struct nfs_session *session, const struct mpr_call *call,
               struct nfs_handle *directory, char *name, struct nfs_node *ret_node) {
    LOOKUP3args args = {.what = {.dir = nfs_handle_fh3(directory), .name = name}};
    uint64_t clock = nfs_known_clock(&session->known);
    struct nfs_node node;
    int rc = nfs_call(session->line, call, &nfs_proc_lookup, &args, take_lookup, &node);

    if (rc)
        return rc;
    if (!node.handle.length)
        return NFS3ERR_BADHANDLE;
    if (!node.has_stat && (rc = nfs_getattr(session, call, &node.handle, &node.stat)))
        return rc;
    node.has_stat = true;
    if (S_ISDIR(node.stat.mode))
        nfs_known_add(&session->known, directory, name, &node.handle, clock,
                      session->state->options.attribute_ms);
    *ret_node = node;
    return 0;
}

static void take_attributes(void *context, const void *reply) {
    nfs_stat_set(context, &((const GETATTR3res *)reply)->GETATTR3res_u.resok.obj_attributes);
}

int nfs_getattr(struct nfs_session *session, const struct mpr_call *call, struct nfs_handle *handle,
                struct mpr_stat *ret_stat) {
    GETATTR3args args = {.object = nfs_handle_fh3(handle)};

    return nfs_call(session->line, call, &nfs_proc_getattr, &args, take_attributes, ret_stat);
}

static void take_link(void *context, const void *reply) {
    const char *text = ((const READLINK3res *)reply)->READLINK3res_u.resok.data;
    char **target = context;

    *target = strdup(text ? text : "");
}

int nfs_get_link(struct nfs_session *session, const struct mpr_call *call,
                 struct nfs_handle *handle, char **ret_target) {
    READLINK3args args = {.symlink = nfs_handle_fh3(handle)};
    char *target = NULL;
    int rc = nfs_call(session->line, call, &nfs_proc_readlink, &args, take_link, &target);

    if (rc) {
        free(target);
        return rc;
    }
    if (!target)
        return -ENOMEM;
    *ret_target = target;
    return 0;
}

/* A walk under way. */
struct walk {
    struct nfs_session *session;
    const struct mpr_call *call;
    struct nfs_handle *stack; /* directories from the root down to here */
    size_t depth, room;
    char *text; /* owned; what is left begins at rest */
    char *rest;
    unsigned links;
};

static int push(struct walk *walk, const struct nfs_handle *handle) {
    if (walk->depth == walk->room) {
        size_t room = walk->room + 16;
        struct nfs_handle *stack = reallocarray(walk->stack, room, sizeof *stack);

        if (!stack)
            return -ENOMEM;
        walk->stack = stack;
        walk->room = room;
    }
    walk->stack[walk->depth++] = *handle;
    return 0;
}

static int begin(struct walk *walk, struct nfs_session *session, const struct mpr_call *call,
                 const char *path) {
    *walk = (struct walk){.session = session, .call = call, .text = strdup(path)};
    walk->rest = walk->text;
    return walk->text ? push(walk, &session->root) : -ENOMEM;
}

static void end(struct walk *walk) {
    free(walk->stack);
    free(walk->text);
}

static struct nfs_handle *here(const struct walk *walk) {
    return &walk->stack[walk->depth - 1];
}

/* Cuts the next name off. Returns NULL if there is none. */
static char *next_name(struct walk *walk, bool *ret_last) {
    char *name = walk->rest + strspn(walk->rest, "/");
    char *after = name + strcspn(name, "/");
    char *left = after + strspn(after, "/");

    if (!*name)
        return NULL;
    *ret_last = !*left;
    *after = '\0';
    walk->rest = left;
    return name;
}

/* The part of an absolute target below the session's root, or NULL. */
static const char *below_root(const struct nfs_session *session, const char *target) {
    const char *root = session->name.path;
    size_t length = strlen(root);

    if (length == 1)
        return target;
    if (strncmp(target, root, length) || (target[length] && target[length] != '/'))
        return NULL;
    return target + length;
}

/* Goes on with the target of the link in place of its name. */
static int follow_link(struct walk *walk, struct nfs_handle *link) {
    const char *inside;
    char *target, *text;
    int rc;

    if (++walk->links > LINKS_MAX)
        return -ELOOP;
    rc = nfs_get_link(walk->session, walk->call, link, &target);
    if (rc)
        return rc;
    inside = target;
    if (target[0] == '/') {
        inside = below_root(walk->session, target);
        walk->depth = 1;
    }
    if (!inside || !target[0]) {
        free(target);
        return inside ? -ENOENT : -EXDEV;
    }
    text = malloc(strlen(inside) + strlen(walk->rest) + 2);
    if (text) {
        char *end_of_link = stpcpy(text, inside);

        *end_of_link++ = '/';
        memcpy(end_of_link, walk->rest, strlen(walk->rest) + 1);
        free(walk->text);
        walk->text = walk->rest = text;
    }
    free(target);
    return text ? 0 : -ENOMEM;
}

/* "." and ".." come from links only. Returns 1 if name was one of them, 0 or -errno. */
static int take_dots(struct walk *walk, const char *name) {
    if (strcmp(name, ".") == 0)
        return 1;
    if (strcmp(name, ".."))
        return 0;
    if (walk->depth == 1)
        return -EXDEV;
    walk->depth--;
    return 1;
}

/* Goes into a directory on the way that is known. False: it has to be looked up. */
static bool pass_known(struct walk *walk, const char *name) {
    struct nfs_handle handle;

    return nfs_known_find(&walk->session->known, here(walk), name, &handle)
           && push(walk, &handle) == 0;
}

/* Goes through a node that is not the goal: into a directory, along a link. */
static int pass(struct walk *walk, struct nfs_node *node) {
    if (S_ISLNK(node->stat.mode))
        return follow_link(walk, &node->handle);
    return S_ISDIR(node->stat.mode) ? push(walk, &node->handle) : -ENOTDIR;
}

static int find_node(struct walk *walk, bool follow, struct nfs_node *ret_node) {
    char *name;
    bool last;
    int rc;

    while ((name = next_name(walk, &last))) {
        struct nfs_node node;

        if ((rc = take_dots(walk, name)) < 0)
            return rc;
        if (rc == 1 || (!last && pass_known(walk, name)))
            continue;
        if ((rc = nfs_lookup(walk->session, walk->call, here(walk), name, &node)))
            return rc;
        if (last && (!follow || !S_ISLNK(node.stat.mode))) {
            *ret_node = node;
            return 0;
        }
        if ((rc = pass(walk, &node)))
            return rc;
    }
    ret_node->handle = *here(walk);
    ret_node->has_stat = true;
    return nfs_getattr(walk->session, walk->call, &ret_node->handle, &ret_node->stat);
}

/* What was known led to a directory that is no more: then all is asked for again, once. */
static bool is_to_repeat(struct nfs_session *session, int rc, bool *repeated) {
    if (rc != NFS3ERR_STALE || *repeated)
        return false;
    return *repeated = nfs_known_forget_all(&session->known);
}

int nfs_walk(struct nfs_session *session, const struct mpr_call *call, const char *path,
             bool follow, struct nfs_node *ret_node) {
    bool repeated = false;
    struct walk walk;
    int rc;

    do {
        rc = begin(&walk, session, call, path);
        if (!rc)
            rc = find_node(&walk, follow, ret_node);
        end(&walk);
    } while (is_to_repeat(session, rc, &repeated));
    return rc;
}

static int set_place(const struct walk *walk, const char *name, struct nfs_place *ret_place) {
    ret_place->directory = *here(walk);
    ret_place->name = strdup(name);
    return ret_place->name ? 0 : -ENOMEM;
}

static int find_place(struct walk *walk, bool follow, int root, struct nfs_place *ret_place) {
    char *name;
    bool last;
    int rc;

    while ((name = next_name(walk, &last))) {
        struct nfs_node node;

        if ((rc = take_dots(walk, name)) < 0)
            return rc;
        if (rc == 1 || (!last && pass_known(walk, name)))
            continue;
        if (last && !follow)
            return set_place(walk, name, ret_place);
        rc = nfs_lookup(walk->session, walk->call, here(walk), name, &node);
        if (last && (rc == NFS3ERR_NOENT || (rc == 0 && !S_ISLNK(node.stat.mode))))
            return set_place(walk, name, ret_place);
        if (rc || (rc = pass(walk, &node)))
            return rc;
    }
    return root;
}

int nfs_walk_place(struct nfs_session *session, const struct mpr_call *call, const char *path,
                   bool follow, int root, struct nfs_place *ret_place) {
    bool repeated = false;
    struct walk walk;
    int rc;

    do {
        rc = begin(&walk, session, call, path);
        if (!rc)
            rc = find_place(&walk, follow, root, ret_place);
        end(&walk);
    } while (is_to_repeat(session, rc, &repeated));
    return rc;
}

void nfs_place_clear(struct nfs_place *place) {
    free(place->name);
    place->name = NULL;
}
