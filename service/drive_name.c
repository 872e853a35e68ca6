/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_name.c: looking names up, and making them.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"
#include "service/drive_tree.h"

/* The node that has other names of the same file, or NULL. */
static struct drive_node *find_file_locked(struct drive_tree *tree,
                                           const struct mpr_stat *attributes) REQUIRES(tree->lock) {
    struct drive_link *link;
    struct drive_node *node;

    if (!(attributes->valid & MPR_STAT_INO) || attributes->nlink < 2 || S_ISDIR(attributes->mode))
        return NULL;
    link = drive_hash_first(&tree->files, drive_hash_of_number(attributes->ino));
    for (; link; link = drive_hash_next(link)) {
        node = DRIVE_HASH_ENTRY(link, struct drive_node, by_file);
        /* ino alone is not enough: below one export there may be several file systems. */
        if (node->attributes.ino == attributes->ino
            && node->attributes.ctime_ns == attributes->ctime_ns
            && node->attributes.size == attributes->size)
            return node;
    }
    return NULL;
}

/* The name in this directory that is the same file in another spelling, as the server's number
 * tells; or NULL. Of several links to one file it tells nothing. */
static struct drive_name *find_respelled_locked(struct drive_tree *tree, struct drive_node *parent,
                                                const char *text, const struct mpr_stat *attributes)
    REQUIRES(tree->lock) {
    struct drive_name *name = NULL;

    if (!(attributes->valid & MPR_STAT_INO) || !attributes->ino
        || (attributes->nlink > 1 && !S_ISDIR(attributes->mode)))
        return NULL;
    while ((name = drive_name_like_locked(tree, parent, text, name))) {
        if (name->node->attributes.valid & MPR_STAT_INO
            && drive_attr_fits_locked(tree, name->node, attributes)) {
            name->any_case = true;
            return name;
        }
    }
    return NULL;
}

int64_t drive_name_until_locked(struct drive_tree *tree, const struct drive_node *parent,
                                const char *text, int64_t until_ns) {
    const struct drive_name *name = drive_name_find_locked(tree, parent, text);

    return name && strcmp(name->text, text) != 0 ? 0 : until_ns;
}

int drive_name_enter_locked(struct drive_tree *tree, struct drive_node *parent, const char *text,
                            const struct mpr_stat *attributes, uint64_t clock, int64_t until_ns,
                            struct drive_node *known, struct drive_node **ret_node) {
    struct drive_name *name = drive_name_find_locked(tree, parent, text);
    struct drive_node *node = known;

    if (!name)
        name = find_respelled_locked(tree, parent, text, attributes);
    if (!node && name && drive_attr_fits_locked(tree, name->node, attributes))
        node = name->node;
    if (!node)
        node = find_file_locked(tree, attributes);
    if (!node)
        node = drive_node_new_locked(tree);
    if (!node)
        return -ENOMEM;
    node->pins++;
    if (drive_name_set_locked(tree, parent, text, node, until_ns) != 0) {
        drive_node_unpin_locked(tree, node);
        return -ENOMEM;
    }
    drive_attr_set_locked(tree, node, attributes, clock, until_ns);
    *ret_node = node;
    return 0;
}

/* Until when it is known that there is no such name; or 0. */
static int64_t lacks_locked(struct drive_tree *tree, const struct drive_node *parent,
                            const char *text) REQUIRES(tree->lock) {
    int64_t listed_ns = drive_listing_lacks_locked(tree, parent, text);

    return listed_ns ? listed_ns : drive_absent_until_locked(tree, parent, text);
}

/* What is known of a name without the server. True: *ret_node is it, pinned and looked up, or
 * NULL: it is not there. */
static bool look_up_known(struct drive *drive, struct drive_node *parent, const char *text,
                          struct drive_node **ret_node, int64_t *ret_until_ns) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node = NULL;
    struct drive_name *name;
    int64_t until_ns;
    bool known;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    until_ns = name ? name->until_ns : lacks_locked(tree, parent, text);
    if (name && until_ns > name->node->attributes_until_ns)
        until_ns = name->node->attributes_until_ns;
    known = drive_attr_left_ms(until_ns) != 0;
    if (known && name) {
        node = name->node;
        node->pins++;
    } else if (!known) {
        node = drive_listing_enter_locked(tree, parent, text, &until_ns);
        known = node != NULL;
    }
    if (node)
        node->lookups++;
    mpr_unlock(&tree->lock);
    *ret_node = node;
    *ret_until_ns = until_ns;
    return known;
}

static void fill_absent(const struct drive *drive, int64_t until_ns, struct drive_entry *ret) {
    *ret = (struct drive_entry){.valid_ms = drive->any_case ? 0 : drive_attr_left_ms(until_ns)};
}

/* What the kernel is told of a name that leads to a pinned node. */
static void fill(struct drive *drive, struct drive_node *parent, const char *text,
                 struct drive_node *node, int64_t until_ns, struct drive_entry *ret) {
    struct drive_tree *tree = drive->tree;
    const struct drive_name *name;
    bool any_case;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    any_case = name && name->any_case;
    until_ns = drive_name_until_locked(tree, parent, text, until_ns);
    mpr_unlock(&tree->lock);
    drive_attr_fill(drive, node, until_ns, ret);
    ret->any_case = any_case;
}

/* Enters what the server said, for one look-up, and tells it. */
static int enter(struct drive *drive, struct drive_node *parent, const char *text,
                 const struct mpr_stat *attributes, uint64_t clock, struct drive_node *known,
                 struct drive_entry *ret, struct drive_node **ret_node) {
    struct drive_tree *tree = drive->tree;
    int64_t until_ns = drive_attr_until_ns(drive);
    struct drive_node *node;
    int rc;

    mpr_lock(&tree->lock);
    rc = drive_name_enter_locked(tree, parent, text, attributes, clock, until_ns, known, &node);
    if (rc == 0)
        node->lookups++;
    mpr_unlock(&tree->lock);
    if (rc != 0)
        return rc;
    fill(drive, parent, text, node, until_ns, ret);
    if (ret_node)
        *ret_node = node;
    else
        drive_node_unpin(drive, node);
    return 0;
}

/* The server does not have it: if there was a node, it has lost this name. */
static void note_absent(struct drive *drive, struct drive_node *parent, const char *text,
                        uint64_t clock) {
    struct drive_tree *tree = drive->tree;
    struct drive_name *name;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    if (name && name->node->changed <= clock && parent->changed <= clock) {
        drive_listing_drop_locked(tree, parent);
        drive_name_drop_locked(tree, name);
    }
    if (parent->changed <= clock)
        drive_absent_note_locked(tree, parent, text, drive_attr_until_ns(drive));
    mpr_unlock(&tree->lock);
}

/* A name that may be the same in another spelling: to tell, the server's number of that one is
 * needed, which it was not asked for when we made the file. */
static void ask_alike(struct drive *drive, struct drive_node *parent, const char *text) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node = NULL;
    struct mpr_stat attributes;
    struct drive_name *name;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text)
               ? NULL
               : drive_name_like_locked(tree, parent, text, NULL);
    while (name && name->node->attributes.valid & MPR_STAT_INO)
        name = drive_name_like_locked(tree, parent, text, name);
    if (name) {
        node = name->node;
        node->pins++;
    }
    mpr_unlock(&tree->lock);
    if (!node)
        return;
    if (drive_node_call(drive, node, NULL, drive_attr_ask, &attributes) == 0)
        drive_node_attributes(drive, node, &attributes);
    drive_node_unpin(drive, node);
}

/* A name that is known already is asked for when its file has its last times. */
static void await_times(struct drive *drive, struct drive_node *parent, const char *text) {
    struct drive_node *node = drive_name_pin(drive, parent, text);

    if (!node)
        return;
    drive_attr_await(drive, node);
    drive_node_unpin(drive, node);
}

static int look_up(struct drive *drive, struct drive_node *parent, const char *text,
                   struct drive_entry *ret) {
    struct mpr_stat attributes;
    struct drive_node *node;
    int64_t until_ns, begun_ns;
    uint64_t clock;
    int rc;

    if (drive_hidden_is(drive->tree, text))
        return -ENOENT;
    if (look_up_known(drive, parent, text, &node, &until_ns)) {
        if (!node) {
            fill_absent(drive, until_ns, ret);
            return 0;
        }
        fill(drive, parent, text, node, until_ns, ret);
        drive_node_unpin(drive, node);
        return 0;
    }
    await_times(drive, parent, text);
    clock = drive_tree_clock(drive);
    begun_ns = mpr_now_ns();
    rc = drive_node_call(drive, parent, text, drive_attr_ask, &attributes);
    if (rc == 0 || rc == -ENOENT)
        drive_dir_asked(drive, parent, mpr_now_ns() - begun_ns);
    if (rc == 0) {
        ask_alike(drive, parent, text);
        return enter(drive, parent, text, &attributes, clock, NULL, ret, NULL);
    }
    if (rc != -ENOENT)
        return rc;
    note_absent(drive, parent, text, clock);
    fill_absent(drive, drive_attr_until_ns(drive), ret);
    return 0;
}

int drive_lookup(struct drive *drive, uint64_t parent, const char *name, struct drive_entry *ret) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    int rc;

    if (!directory)
        return -ESTALE;
    rc = look_up(drive, directory, name, ret);
    drive_node_unpin(drive, directory);
    return rc;
}

int drive_node_made(struct drive *drive, uint64_t parent, const char *name, bool made,
                    const struct mpr_stat *attributes, struct drive_entry *ret,
                    struct drive_node **ret_node) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    struct drive_tree *tree = drive->tree;
    uint64_t clock;
    int rc;

    if (!directory)
        return -ESTALE;
    mpr_lock(&tree->lock);
    if (made) {
        drive_attr_forget_locked(tree, directory);
        drive_listing_made_locked(tree, directory, name);
    }
    clock = tree->clock;
    mpr_unlock(&tree->lock);
    rc = enter(drive, directory, name, attributes, clock, NULL, ret, ret_node);
    drive_node_unpin(drive, directory);
    return rc;
}

/* What was made, as the server has it. known: another name of that node. */
static int enter_made(struct drive *drive, struct drive_node *parent, const char *text,
                      struct drive_node *known, struct drive_entry *ret) {
    struct drive_tree *tree = drive->tree;
    struct mpr_stat attributes;
    uint64_t clock;
    int rc;

    mpr_lock(&tree->lock);
    drive_attr_forget_locked(tree, parent);
    if (known)
        drive_attr_forget_locked(tree, known);
    drive_listing_made_locked(tree, parent, text);
    clock = tree->clock;
    mpr_unlock(&tree->lock);
    rc = drive_node_call(drive, parent, text, drive_attr_ask, &attributes);
    return rc ? rc : enter(drive, parent, text, &attributes, clock, known, ret, NULL);
}

static int make_directory(struct drive *drive, const char *path, void *mode) {
    return drive_remote_mkdir(drive, path, *(uint32_t *)mode);
}

int drive_mkdir(struct drive *drive, uint64_t parent, const char *name, uint32_t mode,
                struct drive_entry *ret) {
    struct drive_node *directory = drive_node_pin(drive, parent), *made;
    struct drive_tree *tree = drive->tree;
    int64_t until_ns = drive_attr_until_ns(drive);
    int rc;

    if (!directory)
        return -ESTALE;
    rc = drive_node_call(drive, directory, name, make_directory, &mode);
    if (rc == 0)
        rc = enter_made(drive, directory, name, NULL, ret);
    drive_node_unpin(drive, directory);
    if (rc == 0 && (made = drive_node_pin(drive, ret->number))) {
        mpr_lock(&tree->lock);
        drive_listing_empty_locked(tree, made, until_ns);
        mpr_unlock(&tree->lock);
        drive_node_unpin(drive, made);
    }
    return rc;
}

static int make_symlink(struct drive *drive, const char *path, void *target) {
    return drive_remote_symlink(drive, target, path);
}

int drive_symlink(struct drive *drive, const char *target, uint64_t parent, const char *name,
                  struct drive_entry *ret) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    MPR_AUTOFREE char *copy = strdup(target);
    int rc = -ENOMEM;

    if (!directory)
        return -ESTALE;
    if (copy)
        rc = drive_node_call(drive, directory, name, make_symlink, copy);
    if (rc == 0)
        rc = enter_made(drive, directory, name, NULL, ret);
    drive_node_unpin(drive, directory);
    return rc;
}

static int make_link(struct drive *drive, const char *path, void *from) {
    return drive_remote_link(drive, from, path);
}

/* A second name, text in directory, for node. */
static int link_node(struct drive *drive, struct drive_node *node, struct drive_node *directory,
                     const char *text) {
    struct drive_tree *tree = drive->tree;
    MPR_AUTOFREE char *from = NULL;
    int rc;

    mpr_lock(&tree->lock);
    rc = node->removed ? -ENOENT : 0;
    mpr_unlock(&tree->lock);
    if (rc == 0)
        rc = drive_node_path(drive, node, &from);
    return rc ? rc : drive_node_call(drive, directory, text, make_link, from);
}

int drive_link(struct drive *drive, uint64_t number, uint64_t parent, const char *name,
               struct drive_entry *ret) {
    struct drive_node *node = drive_node_pin(drive, number);
    struct drive_node *directory = drive_node_pin(drive, parent);
    int rc = -ESTALE;

    if (node && directory) {
        rc = link_node(drive, node, directory, name);
        if (rc == 0)
            rc = enter_made(drive, directory, name, node, ret);
    }
    if (node)
        drive_node_unpin(drive, node);
    if (directory)
        drive_node_unpin(drive, directory);
    return rc;
}

static int read_link(struct drive *drive, const char *path, void *context) {
    return drive_remote_readlink(drive, path, context, PATH_MAX);
}

int drive_readlink(struct drive *drive, uint64_t number, char **ret_target) {
    struct drive_node *node = drive_node_pin(drive, number);
    char *target = node ? malloc(PATH_MAX) : NULL;
    int rc;

    if (!node)
        return -ESTALE;
    rc = target ? drive_node_call(drive, node, NULL, read_link, target) : -ENOMEM;
    drive_node_unpin(drive, node);
    if (rc == 0)
        *ret_target = target;
    else
        free(target);
    return rc == -ERANGE ? -ENAMETOOLONG : rc;
}
