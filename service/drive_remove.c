/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_remove.c: removing and renaming names.
 *
 * A file that is open keeps its data when its last name goes: it gets a hidden name,
 * and is removed with the last handle.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "router/mpr_alloc.h"
#include "router/mpr_time.h"
#include "service/drive_fold.h"
#include "service/drive_tree.h"

/* A file that nobody uses any more may be on its way to be closed at the server. */
#define BUSY_TRIES   7
#define HIDDEN_TRIES 9

static void wait_a_moment(int turn) {
    const struct timespec moment = mpr_timespec((MPR_NS_PER_MS << turn) - MPR_NS_PER_MS);

    nanosleep(&moment, NULL);
}

/* The kernel may have the name in the spelling that it was told first, and does not know that
 * this one is the same. Of directories it has one name only. */
static void tell_respelled_locked(struct drive_tree *tree, struct drive *drive,
                                  const struct drive_name *name, const char *text)
    REQUIRES(tree->lock) {
    (void)tree;
    if (strcmp(name->text, text) != 0 && !S_ISDIR(name->node->attributes.mode))
        drive_fuse_entry_later(drive, name->parent->number, name->text);
}

/* A name of ours is no more: its node, and those of both directories, are not what they were. */
static void note_removed(struct drive *drive, struct drive_node *parent, const char *text) {
    struct drive_tree *tree = drive->tree;
    struct drive_name *name;

    mpr_lock(&tree->lock);
    drive_attr_forget_locked(tree, parent);
    drive_listing_gone_locked(tree, parent, text);
    name = drive_name_find_locked(tree, parent, text);
    if (name) {
        tell_respelled_locked(tree, drive, name, text);
        drive_attr_forget_locked(tree, name->node);
        drive_name_drop_locked(tree, name);
    }
    mpr_unlock(&tree->lock);
}

/* What is there, or was in it, may be on its way to be closed at the server. */
static int remove_unless_busy(struct drive *drive, const char *path,
                              int (*remove)(struct drive *drive, const char *path)) {
    int rc = remove(drive, path);

    for (int i = 0; i < BUSY_TRIES && rc == -EBUSY; i++) {
        drive_path_release(drive, path);
        wait_a_moment(i);
        rc = remove(drive, path);
    }
    return rc;
}

static int remove_directory(struct drive *drive, const char *path, void *context) {
    (void)context;
    return remove_unless_busy(drive, path, drive_remote_rmdir);
}

/* Does a directory have files that were removed while they were open? */
static bool has_hidden(struct drive *drive, const struct drive_node *parent, const char *text) {
    struct drive_tree *tree = drive->tree;
    const struct drive_name *name;
    bool found = false;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    for (size_t i = 0; name && !found && i < tree->names.size; i++)
        for (struct drive_link *link = tree->names.slots[i]; link && !found; link = link->next) {
            const struct drive_name *other = DRIVE_HASH_ENTRY(link, struct drive_name, link);

            found = other->parent == name->node && drive_hidden_is(tree, other->text);
        }
    mpr_unlock(&tree->lock);
    return found;
}

/* That a file is closed the kernel says a moment later: till then it is in its directory. */
int drive_rmdir(struct drive *drive, uint64_t parent, const char *name) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    int rc;

    if (!directory)
        return -ESTALE;
    rc = drive_node_call(drive, directory, name, remove_directory, NULL);
    for (int i = 0; i < HIDDEN_TRIES && rc == -ENOTEMPTY && has_hidden(drive, directory, name);
         i++) {
        wait_a_moment(i);
        rc = drive_node_call(drive, directory, name, remove_directory, NULL);
    }
    if (rc == 0)
        note_removed(drive, directory, name);
    drive_node_unpin(drive, directory);
    return rc;
}

/* The node of a name, pinned, if it has handles open and no other name. */
static struct drive_node *pin_if_open(struct drive *drive, const struct drive_node *parent,
                                      const char *text) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node = NULL;
    struct drive_name *name;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, parent, text);
    if (name && !name->node->names->next) {
        node = name->node;
        node->pins++;
    }
    mpr_unlock(&tree->lock);
    if (node && !drive_content_is_open(drive, node)) {
        drive_node_unpin(drive, node);
        node = NULL;
    }
    return node;
}

static int link_to(struct drive *drive, const char *path, void *from) {
    return drive_remote_link(drive, from, path);
}

static int move_to(struct drive *drive, const char *path, void *from) {
    int rc = drive_remote_rename(drive, from, path);

    for (int i = 0; i < BUSY_TRIES && rc == -EBUSY; i++) {
        drive_path_release(drive, from);
        drive_path_release(drive, path);
        wait_a_moment(i);
        rc = drive_remote_rename(drive, from, path);
    }
    return rc;
}

/* The name that is moved is no more; what was its node has the name to, unless it is NULL. */
static int set_moved_locked(struct drive_tree *tree, struct drive_name *name,
                            struct drive_node *to_parent, const char *to, int64_t until_ns)
    REQUIRES(tree->lock) {
    struct drive_node *node = name->node;
    bool any_case =
        to && name->any_case && name->parent == to_parent && drive_fold_same(name->text, to);
    int rc = 0;

    node->pins++;
    drive_attr_forget_locked(tree, node);
    drive_name_drop_locked(tree, name);
    if (to)
        rc = drive_name_set_locked(tree, to_parent, to, node, until_ns);
    if (to && rc == 0)
        drive_name_find_locked(tree, to_parent, to)->any_case = any_case;
    drive_node_unpin_locked(tree, node);
    return rc;
}

/*
 * In the tree: the name from in from_parent is now the name to in to_parent. If that was another
 * spelling, the kernel takes the file to have its old name, too: unless it is open, it becomes
 * another node, so that whoever comes by the old name learns that this is gone.
 */
static int note_moved(struct drive *drive, struct drive_node *from_parent, const char *from,
                      struct drive_node *to_parent, const char *to, bool open) {
    struct drive_tree *tree = drive->tree;
    int64_t until_ns = drive_attr_until_ns(drive);
    struct drive_name *name, *replaced;
    bool anew;
    int rc = 0;

    mpr_lock(&tree->lock);
    tree->moves++;
    drive_attr_forget_locked(tree, from_parent);
    drive_attr_forget_locked(tree, to_parent);
    drive_listing_gone_locked(tree, from_parent, from);
    drive_listing_made_locked(tree, to_parent, to);
    replaced = drive_name_find_locked(tree, to_parent, to);
    if (replaced && replaced != drive_name_find_locked(tree, from_parent, from)) {
        tell_respelled_locked(tree, drive, replaced, to);
        drive_attr_forget_locked(tree, replaced->node);
        drive_name_drop_locked(tree, replaced);
    }
    name = drive_name_find_locked(tree, from_parent, from);
    if (name) {
        tell_respelled_locked(tree, drive, name, from);
        anew = !open && strcmp(name->text, from) != 0 && !S_ISDIR(name->node->attributes.mode);
        rc = set_moved_locked(tree, name, to_parent, anew ? NULL : to, until_ns);
    }
    mpr_unlock(&tree->lock);
    return rc;
}

/* Gives a file that is open and about to go a hidden name in its directory, so that its handles
 * keep it. With linked its own name stays, too, if the server has links: then nobody sees a
 * moment without it. ret_hidden is to be freed. */
static int hide(struct drive *drive, struct drive_node *parent, const char *text, bool *linked,
                char **ret_hidden) {
    const struct drive_tree *tree = drive->tree;
    MPR_AUTOFREE char *from = NULL;
    MPR_AUTOFREE char *hidden = NULL;
    int rc;

    if (asprintf(&hidden, "%s%" PRIx64, tree->hidden, drive_hidden_serial()) < 0) {
        hidden = NULL;
        return -ENOMEM;
    }
    rc = drive_node_path_of(drive, parent, text, &from);
    if (rc != 0)
        return rc;
    if (linked)
        *linked = drive_node_call(drive, parent, hidden, link_to, from) == 0;
    if (!linked || !*linked)
        rc = drive_node_call(drive, parent, hidden, move_to, from);
    if (rc == 0)
        *ret_hidden = MPR_TAKE(hidden);
    return rc;
}

static int remove_file(struct drive *drive, const char *path, void *context) {
    (void)context;
    return remove_unless_busy(drive, path, drive_remote_unlink);
}

/*
 * In the tree: the file has its hidden name only, and goes with its last pin. Which file that
 * is the name says: meanwhile it may have become another one's, which nobody has open.
 */
static void note_hidden(struct drive *drive, struct drive_node *parent, const char *text,
                        const char *hidden) {
    struct drive_tree *tree = drive->tree;
    struct drive_node *node = NULL;
    struct drive_name *name;

    note_moved(drive, parent, text, parent, hidden, true);
    mpr_lock(&tree->lock);
    drive_listing_gone_locked(tree, parent, hidden);
    name = drive_name_find_locked(tree, parent, hidden);
    if (name) {
        node = name->node;
        node->pins++;
        node->removed = true;
    }
    mpr_unlock(&tree->lock);
    if (node)
        drive_node_unpin(drive, node);
    else
        drive_node_call(drive, parent, hidden, remove_file, NULL);
}

/* The content of a name that is about to change, held, if it is open; else NULL. */
static struct drive_content *hold_if_open(struct drive *drive, const struct drive_node *parent,
                                          const char *text) {
    struct drive_node *node = drive_name_pin(drive, parent, text);
    struct drive_content *content;

    if (!node)
        return NULL;
    content = drive_content_hold(drive, node); /* pins it by itself */
    drive_node_unpin(drive, node);
    return content;
}

static int unlink_held(struct drive *drive, struct drive_node *directory, const char *name) {
    struct drive_node *open = pin_if_open(drive, directory, name);
    MPR_AUTOFREE char *hidden = NULL;
    int rc;

    if (open) {
        rc = hide(drive, directory, name, NULL, &hidden);
        if (rc == 0)
            note_hidden(drive, directory, name, hidden);
        drive_node_unpin(drive, open);
        if (rc == 0)
            return 0;
    }
    rc = drive_node_call(drive, directory, name, remove_file, NULL);
    if (rc == 0)
        note_removed(drive, directory, name);
    return rc;
}

static int unlink_name(struct drive *drive, struct drive_node *directory, const char *name) {
    struct drive_content *held = hold_if_open(drive, directory, name);
    int rc = unlink_held(drive, directory, name);

    drive_content_unhold(held);
    return rc;
}

int drive_unlink(struct drive *drive, uint64_t parent, const char *name) {
    struct drive_node *directory = drive_node_pin(drive, parent);
    int rc;

    if (!directory)
        return -ESTALE;
    rc = unlink_name(drive, directory, name);
    drive_node_unpin(drive, directory);
    return rc;
}

/* ---- renaming */

/* Are both one name, in two spellings? */
static bool is_one_name(struct drive *drive, const struct drive_node *from_parent, const char *from,
                        const struct drive_node *to_parent, const char *to) {
    struct drive_tree *tree = drive->tree;
    const struct drive_name *name;
    bool one;

    mpr_lock(&tree->lock);
    name = drive_name_find_locked(tree, from_parent, from);
    one = name && name == drive_name_find_locked(tree, to_parent, to);
    mpr_unlock(&tree->lock);
    return one;
}

/* The file keeps its own name after all. */
static void unhide(struct drive *drive, struct drive_node *parent, const char *text, bool linked,
                   const char *hidden) {
    MPR_AUTOFREE char *path = NULL;

    if (drive_node_path_of(drive, parent, hidden, &path) != 0)
        return;
    if (linked)
        drive_remote_unlink(drive, path);
    else
        drive_node_call(drive, parent, text, move_to, path);
}

static int rename_held(struct drive *drive, struct drive_node *from_parent, const char *from,
                       struct drive_node *to_parent, const char *to, bool open) {
    struct drive_node *replaced = NULL;
    MPR_AUTOFREE char *hidden = NULL, *path = NULL;
    bool linked = false;
    int rc = drive_node_path_of(drive, from_parent, from, &path);

    if (!is_one_name(drive, from_parent, from, to_parent, to))
        replaced = pin_if_open(drive, to_parent, to);
    if (rc == 0 && replaced && hide(drive, to_parent, to, &linked, &hidden) != 0)
        hidden = NULL; /* then the server decides what becomes of it */
    if (rc == 0)
        rc = drive_node_call(drive, to_parent, to, move_to, path);
    if (hidden && rc != 0)
        unhide(drive, to_parent, to, linked, hidden);
    if (hidden && rc == 0)
        note_hidden(drive, to_parent, to, hidden);
    if (rc == 0)
        rc = note_moved(drive, from_parent, from, to_parent, to, open);
    if (replaced)
        drive_node_unpin(drive, replaced);
    return rc;
}

static int rename_name(struct drive *drive, struct drive_node *from_parent, const char *from,
                       struct drive_node *to_parent, const char *to) {
    bool one = is_one_name(drive, from_parent, from, to_parent, to);
    struct drive_content *moved = hold_if_open(drive, from_parent, from);
    struct drive_content *replaced = one ? NULL : hold_if_open(drive, to_parent, to);
    int rc = rename_held(drive, from_parent, from, to_parent, to, moved != NULL);

    drive_content_unhold(replaced);
    drive_content_unhold(moved);
    return rc;
}

int drive_rename(struct drive *drive, uint64_t from_parent, const char *from, uint64_t to_parent,
                 const char *to, unsigned flags) {
    struct drive_node *source, *target;
    int rc = -ESTALE;

    /* Servers cannot promise either, and to look first would let two win. */
    if (flags)
        return -ENOSYS;
    source = drive_node_pin(drive, from_parent);
    target = drive_node_pin(drive, to_parent);
    if (source && target)
        rc = rename_name(drive, source, from, target, to);
    if (source)
        drive_node_unpin(drive, source);
    if (target)
        drive_node_unpin(drive, target);
    return rc;
}
