/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_node.c: the tree of known files: their paths, numbers and life times.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "service/drive_fold.h"
#include "service/drive_tree.h"

static uint64_t hash_of(const struct drive_tree *tree, const struct drive_node *parent,
                        const char *text) {
    uint64_t seed = drive_hash_of_number(parent->number);

    return tree->any_case ? drive_fold_hash(seed, text) : drive_hash_of_name(seed, text);
}

struct drive_name *drive_name_find_locked(struct drive_tree *tree, const struct drive_node *parent,
                                          const char *text) {
    struct drive_link *link = drive_hash_first(&tree->names, hash_of(tree, parent, text));
    struct drive_name *name, *found = NULL;

    for (; link; link = drive_hash_next(link)) {
        name = DRIVE_HASH_ENTRY(link, struct drive_name, link);
        if (name->parent == parent && strcmp(name->text, text) == 0)
            return name;
        if (name->parent == parent && name->any_case && drive_fold_same(name->text, text))
            found = name;
    }
    return found;
}

struct drive_name *drive_name_like_locked(struct drive_tree *tree, const struct drive_node *parent,
                                          const char *text, struct drive_name *name) {
    struct drive_link *link = name ? drive_hash_next(&name->link)
                                   : drive_hash_first(&tree->names, hash_of(tree, parent, text));

    for (; link && tree->any_case; link = drive_hash_next(link)) {
        name = DRIVE_HASH_ENTRY(link, struct drive_name, link);
        if (name->parent == parent && drive_fold_same(name->text, text))
            return name;
    }
    return NULL;
}

uint64_t drive_tree_clock(struct drive *drive) {
    struct drive_tree *tree = drive->tree;
    uint64_t clock;

    mpr_lock(&tree->lock);
    clock = tree->clock;
    mpr_unlock(&tree->lock);
    return clock;
}

static struct drive_node *find_locked(struct drive_tree *tree, uint64_t number)
    REQUIRES(tree->lock) {
    struct drive_link *link = drive_hash_first(&tree->numbers, drive_hash_of_number(number));
    struct drive_node *node;

    for (; link; link = drive_hash_next(link)) {
        node = DRIVE_HASH_ENTRY(link, struct drive_node, by_number);
        if (node->number == number)
            return node;
    }
    return NULL;
}

struct drive_node *drive_node_new_locked(struct drive_tree *tree) {
    struct drive_node *node = calloc(1, sizeof *node);

    if (!node)
        return NULL;
    node->number = tree->next_number++;
    if (drive_hash_add(&tree->numbers, &node->by_number, drive_hash_of_number(node->number)) != 0) {
        free(node);
        return NULL;
    }
    return node;
}

/* Takes a name from its node and out of the table. Returns its directory, still pinned by it. */
static struct drive_node *unlink_name_locked(struct drive_tree *tree, struct drive_name *name)
    REQUIRES(tree->lock) {
    struct drive_node *parent = name->parent;
    struct drive_name **where = &name->node->names;

    while (*where != name)
        where = &(*where)->next;
    *where = name->next;
    drive_hash_remove(&tree->names, &name->link);
    free(name);
    return parent;
}

/* Frees it if nothing keeps it any more, and then what it kept. */
static void settle_locked(struct drive_tree *tree, struct drive_node *node) REQUIRES(tree->lock) {
    while (node && !node->lookups && !node->pins) {
        struct drive_node *parent = NULL;

        if (node->names) {
            parent = unlink_name_locked(tree, node->names);
            parent->pins--;
            if (node->names) { /* the next name's directory comes when this node comes again */
                settle_locked(tree, parent);
                continue;
            }
        }
        drive_hash_remove(&tree->numbers, &node->by_number);
        if (node->in_files)
            drive_hash_remove(&tree->files, &node->by_file);
        drive_listing_drop_locked(tree, node);
        free(node);
        node = parent;
    }
}

void drive_node_unpin_locked(struct drive_tree *tree, struct drive_node *node) {
    node->pins--;
    settle_locked(tree, node);
}

void drive_name_drop_locked(struct drive_tree *tree, struct drive_name *name) {
    struct drive_node *node = name->node, *parent;

    node->pins++; /* it may have nothing else that keeps it */
    parent = unlink_name_locked(tree, name);
    drive_node_unpin_locked(tree, parent);
    drive_node_unpin_locked(tree, node);
}

struct drive_node *drive_name_pin(struct drive *drive, const struct drive_node *parent,
                                  const char *text) {
    struct drive_tree *tree = drive->tree;
    const struct drive_name *name;
    struct drive_node *node = NULL;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    if (name) {
        node = name->node;
        node->pins++;
    }
    mpr_unlock(&tree->lock);
    return node;
}

int drive_name_set_locked(struct drive_tree *tree, struct drive_node *parent, const char *text,
                          struct drive_node *node, int64_t until_ns) {
    struct drive_name *name = drive_name_find_locked(tree, parent, text);
    size_t size = strlen(text) + 1;

    if (name && name->node == node) {
        name->until_ns = until_ns;
        return 0;
    }
    if (name)
        drive_name_drop_locked(tree, name);
    name = malloc(sizeof *name + size);
    if (!name)
        return -ENOMEM;
    *name = (struct drive_name){
        .parent = parent, .node = node, .next = node->names, .until_ns = until_ns};
    memcpy(name->text, text, size);
    if (drive_hash_add(&tree->names, &name->link, hash_of(tree, parent, text)) != 0) {
        free(name);
        return -ENOMEM;
    }
    node->names = name;
    parent->pins++;
    return 0;
}

int drive_tree_new(struct drive *drive) {
    struct drive_tree *tree = calloc(1, sizeof *tree);
    int rc;

    if (!tree)
        return -ENOMEM;
    tree->lock = (struct mpr_lock)MPR_LOCK_INIT;
    tree->any_case = drive->any_case;
    drive_hidden_begin(tree->hidden, sizeof tree->hidden);
    mpr_lock(&tree->lock);
    tree->next_number = DRIVE_ROOT;
    tree->root = drive_node_new_locked(tree);
    if (tree->root)
        tree->root->lookups = 1; /* nobody takes it away */
    mpr_unlock(&tree->lock);
    drive->tree = tree;
    if (tree->root) {
        struct drive_entry entry;

        rc = drive_getattr(drive, DRIVE_ROOT, &entry);
        if (rc == 0 && !S_ISDIR(entry.attributes.mode))
            rc = -ENOTDIR;
    } else {
        rc = -ENOMEM;
    }
    if (rc != 0)
        drive_tree_free(drive);
    return rc;
}

/* The next link of a table that is being emptied, out of it; or NULL. */
static struct drive_link *take_any(struct drive_hash *hash, size_t *slot) {
    struct drive_link *link;

    while (*slot < hash->size && !hash->slots[*slot])
        ++*slot;
    if (*slot == hash->size)
        return NULL;
    link = hash->slots[*slot];
    hash->slots[*slot] = link->next;
    return link;
}

/* Nobody has it open any more: now it goes, indeed. */
static void remove_hidden(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    char *path;

    if (drive_node_path(drive, node, &path) != 0)
        return;
    drive_remote_unlink(drive, path);
    free(path);
    mpr_lock(&tree->lock);
    if (node->names) {
        drive_attr_forget_locked(tree, node->names->parent);
        drive_name_drop_locked(tree, node->names);
    }
    mpr_unlock(&tree->lock);
}

/* A node that was removed while it was open, and still is, pinned; or NULL. */
static struct drive_node *any_removed(struct drive_tree *tree) {
    struct drive_node *node = NULL, *found = NULL;

    mpr_lock(&tree->lock);
    for (size_t i = 0; i < tree->numbers.size && !found; i++) {
        for (struct drive_link *link = tree->numbers.slots[i]; link && !found; link = link->next) {
            node = DRIVE_HASH_ENTRY(link, struct drive_node, by_number);
            found = node->removed ? node : NULL;
        }
    }
    if (found) {
        found->removed = false;
        found->pins++;
    }
    mpr_unlock(&tree->lock);
    return found;
}

void drive_tree_free(struct drive *drive) {
    struct drive_tree *tree = drive->tree;
    struct drive_link *link;
    struct drive_node *node;
    size_t slot;

    if (!tree)
        return;
    drive_dir_ahead_end(drive);
    while (!drive->ended && (node = any_removed(tree))) {
        remove_hidden(drive, node);
        drive_node_unpin(drive, node);
    }
    mpr_lock(&tree->lock);
    for (slot = 0; (link = take_any(&tree->names, &slot));)
        free(DRIVE_HASH_ENTRY(link, struct drive_name, link));
    for (slot = 0; (link = take_any(&tree->numbers, &slot));) {
        node = DRIVE_HASH_ENTRY(link, struct drive_node, by_number);
        drive_listing_drop_locked(tree, node);
        free(node);
    }
    drive_hash_free(&tree->numbers);
    drive_hash_free(&tree->names);
    drive_hash_free(&tree->files);
    mpr_unlock(&tree->lock);
    pthread_mutex_destroy(&tree->lock.mutex);
    free(tree);
    drive->tree = NULL;
}

struct drive_node *drive_node_pin(struct drive *drive, uint64_t number) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node;

    mpr_lock(&tree->lock);
    node = find_locked(tree, number);
    if (node)
        node->pins++;
    mpr_unlock(&tree->lock);
    return node;
}

void drive_node_unpin(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    bool last;

    mpr_lock(&tree->lock);
    last = node->removed && node->pins == 1;
    if (last)
        node->removed = false;
    else
        drive_node_unpin_locked(tree, node);
    mpr_unlock(&tree->lock);
    if (!last)
        return;
    remove_hidden(drive, node);
    drive_node_unpin(drive, node);
}

struct drive_node *drive_node_find(struct drive *drive, const char *path) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node;
    char part[NAME_MAX + 1];

    if (!tree)
        return NULL;
    mpr_lock(&tree->lock);
    node = tree->root;
    for (;;) {
        struct drive_name *name;
        size_t length;

        path += strspn(path, "/");
        length = strcspn(path, "/");
        if (!length || !node)
            break;
        name = NULL;
        if (length < sizeof part) {
            memcpy(part, path, length);
            part[length] = '\0';
            name = drive_name_find_locked(tree, node, part);
            if (!name)
                name = drive_name_like_locked(tree, node, part, NULL);
        }
        node = name ? name->node : NULL;
        path += length;
    }
    if (node)
        node->pins++;
    mpr_unlock(&tree->lock);
    return node;
}

void drive_forget(struct drive *drive, uint64_t number, uint64_t lookups) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node;

    mpr_lock(&tree->lock);
    node = number == DRIVE_ROOT ? NULL : find_locked(tree, number);
    if (node) {
        node->lookups -= lookups < node->lookups ? lookups : node->lookups;
        settle_locked(tree, node);
    }
    mpr_unlock(&tree->lock);
}

/* The bytes of a path from the root, or 0: it does not lead there. */
static size_t measure_locked(const struct drive_tree *tree, const struct drive_node *node)
    REQUIRES(tree->lock) {
    size_t length = 0;

    for (; node != tree->root; node = node->names->parent) {
        if (!node->names)
            return 0;
        length += strlen(node->names->text) + 1;
    }
    return length + 1;
}

static int path_locked(const struct drive_tree *tree, const struct drive_node *node,
                       const char *name, char **ret_path) REQUIRES(tree->lock) {
    size_t length = measure_locked(tree, node), extra = name ? strlen(name) + 1 : 0, used;
    char *path, *end;

    if (!length)
        return -ESTALE;
    path = malloc(length + extra + 1);
    if (!path)
        return -ENOMEM;
    end = path + length - 1;
    *end = '\0';
    for (; node != tree->root; node = node->names->parent) {
        used = strlen(node->names->text);
        end -= used;
        memcpy(end, node->names->text, used);
        *--end = '/';
    }
    if (extra) {
        path[length - 1] = '/';
        memcpy(path + length, name, extra);
    } else if (length == 1) {
        memcpy(path, "/", 2);
    }
    *ret_path = path;
    return 0;
}

int drive_node_path_of(struct drive *drive, struct drive_node *directory, const char *name,
                       char **ret_path) {
    struct drive_tree *tree = drive->tree;
    int rc;

    if (name && strlen(name) > NAME_MAX)
        return -ENAMETOOLONG;
    mpr_lock(&tree->lock);
    rc = path_locked(tree, directory, name, ret_path);
    mpr_unlock(&tree->lock);
    return rc;
}

int drive_node_path(struct drive *drive, struct drive_node *node, char **ret_path) {
    return drive_node_path_of(drive, node, NULL, ret_path);
}

int drive_node_child_path(struct drive *drive, uint64_t parent, const char *name, char **ret_path) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    int rc;

    if (!directory)
        return -ESTALE;
    rc = drive_node_path_of(drive, directory, name, ret_path);
    drive_node_unpin(drive, directory);
    return rc;
}

static uint64_t moves_of(struct drive_tree *tree) {
    uint64_t moves;

    mpr_lock(&tree->lock);
    moves = tree->moves;
    mpr_unlock(&tree->lock);
    return moves;
}

int drive_node_call(struct drive *drive, struct drive_node *node, const char *name,
                    drive_path_fn fn, void *context) {
    int rc = -ENOENT;

    for (int i = 0; i < 3 && (rc == -ENOENT || rc == -ESTALE || rc == -ENOTDIR); i++) {
        uint64_t moves = moves_of(drive->tree);
        char *path;

        rc = drive_node_path_of(drive, node, name, &path);
        if (rc != 0)
            return rc;
        rc = fn(drive, path, context);
        free(path);
        if (moves == moves_of(drive->tree))
            break;
    }
    return rc;
}
