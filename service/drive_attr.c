/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_attr.c: attributes of files: what the server said, for how long that is
 * believed, and what the kernel is told.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "service/drive_tree.h"

#define FACTS_NS (5 * MPR_NS_PER_S) /* statvfs is believed for so long */

int64_t drive_attr_until_ns(const struct drive *drive) {
    return drive->options.attribute_ms ? mpr_deadline_in_ms(drive->options.attribute_ms) : 0;
}

uint32_t drive_attr_left_ms(int64_t until_ns) {
    return until_ns ? (uint32_t)mpr_ms_until(until_ns) : 0;
}

bool drive_attr_fits_locked(const struct drive_tree *tree, const struct drive_node *node,
                            const struct mpr_stat *attributes) {
    const struct mpr_stat *known = &node->attributes;

    /* The root has no other name: it is what the server has there now. */
    if (node == tree->root)
        return S_ISDIR(attributes->mode);
    if (!known->mode) /* nothing is known of it */
        return true;
    if ((known->mode & S_IFMT) != (attributes->mode & S_IFMT))
        return false;
    return !(known->valid & attributes->valid & MPR_STAT_INO) || known->ino == attributes->ino;
}

/* Files with several names are found by the server's number, so that these lead to one node. */
static void note_file_locked(struct drive_tree *tree, struct drive_node *node)
    REQUIRES(tree->lock) {
    const struct mpr_stat *attributes = &node->attributes;
    bool wanted =
        attributes->valid & MPR_STAT_INO && attributes->nlink > 1 && !S_ISDIR(attributes->mode);

    if (wanted && !node->in_files)
        node->in_files =
            drive_hash_add(&tree->files, &node->by_file, drive_hash_of_number(attributes->ino))
            == 0;
}

void drive_attr_set_locked(struct drive_tree *tree, struct drive_node *node,
                           const struct mpr_stat *attributes, uint64_t clock, int64_t until_ns) {
    if (node->attributes.mode && (node->changed > clock || until_ns < node->attributes_until_ns))
        return; /* older than what we did since, or know already */
    node->attributes = *attributes;
    node->attributes_until_ns = node->changed > clock ? 0 : until_ns;
    note_file_locked(tree, node);
}

void drive_attr_forget_locked(struct drive_tree *tree, struct drive_node *node) {
    node->attributes_until_ns = 0;
    node->changed = ++tree->clock;
    drive_listing_changed_locked(tree, node);
}

void drive_node_written(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;

    mpr_lock(&tree->lock);
    drive_attr_forget_locked(tree, node);
    mpr_unlock(&tree->lock);
}

void drive_node_attributes(struct drive *drive, struct drive_node *node,
                           const struct mpr_stat *attributes) {
    struct drive_tree *tree = drive->tree;
    int64_t until_ns = drive_attr_until_ns(drive);

    mpr_lock(&tree->lock);
    if (drive_attr_fits_locked(tree, node, attributes))
        drive_attr_set_locked(tree, node, attributes, tree->clock, until_ns);
    mpr_unlock(&tree->lock);
}

void drive_node_forget(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;

    mpr_lock(&tree->lock);
    drive_attr_forget_locked(tree, node);
    drive_listing_drop_locked(tree, node);
    drive_absent_drop_locked(tree, node, NULL);
    for (struct drive_name *name = node->names; name; name = name->next)
        name->until_ns = 0;
    mpr_unlock(&tree->lock);
}

static bool is_known(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    bool known;

    mpr_lock(&tree->lock);
    known = drive_attr_left_ms(node->attributes_until_ns) != 0;
    mpr_unlock(&tree->lock);
    return known;
}

/* Permissions for a server that has none. Programs can be run from there, as elsewhere; what it
 * marks as read-only shows so. */
static uint32_t sensible_mode(uint32_t mode) {
    uint32_t type = mode & S_IFMT;

    return type | (type == S_IFREG && !(mode & 0222) ? 0555 : 0755);
}

/*
 * What is not yet written is part of the file. The server's times will change by it; and where
 * there are no modes, by the close of what was written.
 */
static void fill_news(struct drive *drive, struct drive_node *node, struct drive_entry *entry) {
    struct mpr_stat *attributes = &entry->attributes;
    struct drive_news news;

    if (!drive_content_news(drive, node, &news))
        return;
    if (news.unwritten || (news.unclosed && !(attributes->valid & MPR_STAT_MODE)))
        entry->valid_ms = 0;
    if (news.size > attributes->size)
        attributes->space += news.size - attributes->size;
    attributes->size = news.size;
}

void drive_attr_fill(struct drive *drive, struct drive_node *node, int64_t until_ns,
                     struct drive_entry *ret) {
    struct drive_tree *tree = drive->tree;
    struct drive_entry entry;
    struct mpr_stat *attributes = &entry.attributes;
    uint32_t names = 0;

    mpr_lock(&tree->lock);
    entry.number = node->number;
    *attributes = node->attributes;
    if (until_ns > node->attributes_until_ns)
        until_ns = node->attributes_until_ns;
    if (node->removed && attributes->nlink)
        attributes->nlink--;
    /* Not every server counts links; the kernel does, and links no file that has none left. */
    for (const struct drive_name *name = node->removed ? NULL : node->names; name;
         name = name->next)
        names++;
    if (names > 1 && attributes->nlink < names)
        attributes->nlink = names;
    mpr_unlock(&tree->lock);
    entry.valid_ms = drive_attr_left_ms(until_ns);
    if (!(attributes->valid & MPR_STAT_INO))
        attributes->ino = entry.number;
    if (!(attributes->valid & MPR_STAT_MODE))
        attributes->mode = sensible_mode(attributes->mode);
    if (!(attributes->valid & MPR_STAT_OWNER)) {
        attributes->uid = geteuid();
        attributes->gid = getegid();
    }
    if (S_ISREG(attributes->mode))
        fill_news(drive, node, &entry);
    if (!attributes->space)
        attributes->space = attributes->size;
    *ret = entry;
}

int drive_attr_ask(struct drive *drive, const char *path, void *ret_attributes) {
    return drive_remote_stat(drive, path, ret_attributes);
}

/* The server has another file there, or none: the name leads nowhere now. */
static void drop_names_locked(struct drive_tree *tree, struct drive_node *node)
    REQUIRES(tree->lock) {
    if (node == tree->root || !node->names)
        return;
    drive_listing_drop_locked(tree, node->names->parent);
    drive_name_drop_locked(tree, node->names);
}

/* A server that is no Unix has none; and it sets the time of writing when a file is closed. */
static bool has_modes(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    bool has;

    mpr_lock(&tree->lock);
    has = node->attributes.valid & MPR_STAT_MODE;
    mpr_unlock(&tree->lock);
    return has;
}

void drive_attr_await(struct drive *drive, struct drive_node *node) {
    if (!has_modes(drive, node))
        drive_content_await_close(drive, node);
}

/* Asks the server about a pinned node. 0: its attributes are as new as can be. */
static int refresh(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    struct mpr_stat attributes;
    int64_t until_ns;
    uint64_t clock;
    bool open;
    int rc;

    drive_attr_await(drive, node);
    clock = drive_tree_clock(drive);
    until_ns = drive_attr_until_ns(drive);
    rc = drive_node_call(drive, node, NULL, drive_attr_ask, &attributes);
    open = drive_content_is_open(drive, node);
    mpr_lock(&tree->lock);
    if (rc == 0 && !drive_attr_fits_locked(tree, node, &attributes))
        rc = -ESTALE;
    if (rc == 0) {
        if (node->changed > clock)
            node->attributes = attributes; /* newer than what we had, but not to be believed */
        drive_attr_set_locked(tree, node, &attributes, clock, until_ns);
    } else if (rc == -ENOENT || rc == -ESTALE || rc == -ENOTDIR) {
        if (node->changed <= clock)
            drop_names_locked(tree, node);
        /* Somebody else removed it while we have it open: what was known last. */
        rc = open && node->attributes.mode ? 0 : node == tree->root ? -EIO : -ESTALE;
        node->attributes_until_ns = 0;
    }
    mpr_unlock(&tree->lock);
    return rc;
}

int drive_getattr(struct drive *drive, uint64_t number, struct drive_entry *ret) {
    struct drive_node *node = drive_node_pin(drive, number);
    int rc = 0;

    if (!node)
        return -ESTALE;
    if (!is_known(drive, node))
        rc = refresh(drive, node);
    if (rc == 0)
        drive_attr_fill(drive, node, INT64_MAX, ret);
    drive_node_unpin(drive, node);
    return rc;
}

static int set_mode(struct drive *drive, const char *path, void *context) {
    const struct drive_change *change = context;

    return drive_remote_chmod(drive, path, change->mode & 07777);
}

static int set_owner(struct drive *drive, const char *path, void *context) {
    const struct drive_change *change = context;

    return drive_remote_chown(drive, path, change->uid, change->gid);
}

static int set_times(struct drive *drive, const char *path, void *context) {
    const struct drive_change *change = context;

    return drive_remote_utimens(drive, path, change->atime_ns, change->mtime_ns);
}

/* Does the server have no such thing, so that what the node shows of it was made up? */
static bool is_made_up(struct drive *drive, struct drive_node *node, int rc, uint32_t valid) {
    struct drive_tree *tree = drive->tree;
    bool made_up;

    mpr_lock(&tree->lock);
    made_up = !(node->attributes.valid & valid);
    mpr_unlock(&tree->lock);
    return made_up && (rc == -ENOTSUP || rc == -ENOSYS);
}

/* Permissions that the server does not have: to set them changes nothing. */
static int change_mode(struct drive *drive, struct drive_node *node, struct drive_change *change) {
    int rc = drive_node_call(drive, node, NULL, set_mode, change);

    return is_made_up(drive, node, rc, MPR_STAT_MODE) ? 0 : rc;
}

/* The same for the owner, if it is to be who it seems to be. */
static int change_owner(struct drive *drive, struct drive_node *node, struct drive_change *change) {
    bool same = (change->uid == UINT32_MAX || change->uid == geteuid())
                && (change->gid == UINT32_MAX || change->gid == getegid());
    int rc = drive_node_call(drive, node, NULL, set_owner, change);

    if (is_made_up(drive, node, rc, MPR_STAT_OWNER))
        return same ? 0 : -EPERM;
    return rc;
}

/* The server's operations follow symbolic links, and would change what they lead to. */
static int change_link(struct drive *drive, struct drive_node *node,
                       const struct drive_change *change) {
    struct drive_entry entry;

    drive_attr_fill(drive, node, 0, &entry);
    if (change->what & (DRIVE_SET_MODE | DRIVE_SET_SIZE))
        return -EOPNOTSUPP;
    if (change->what & DRIVE_SET_OWNER
        && ((change->uid != UINT32_MAX && change->uid != entry.attributes.uid)
            || (change->gid != UINT32_MAX && change->gid != entry.attributes.gid)))
        return -EOPNOTSUPP;
    return 0; /* it keeps its times: nobody who copies files is to fail for that */
}

static bool is_link(struct drive *drive, struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    bool link;

    mpr_lock(&tree->lock);
    link = S_ISLNK(node->attributes.mode);
    mpr_unlock(&tree->lock);
    return link;
}

/* What is unwritten would set the time again; and so might the close of what was written. */
static int change_times(struct drive *drive, struct drive_node *node, struct drive_change *change) {
    int rc = drive_content_flush(drive, node);

    if (rc)
        return rc;
    if (!has_modes(drive, node))
        drive_content_settle(drive, node);
    return drive_node_call(drive, node, NULL, set_times, change);
}

static int change_node(struct drive *drive, struct drive_node *node,
                       const struct drive_change *change) {
    struct drive_change copy = *change;
    int rc = 0;

    if (is_link(drive, node))
        return change_link(drive, node, change);
    if (change->what & DRIVE_SET_SIZE)
        rc = drive_content_truncate(drive, node, change->size);
    if (rc == 0 && change->what & DRIVE_SET_MODE)
        rc = change_mode(drive, node, &copy);
    if (rc == 0 && change->what & DRIVE_SET_OWNER)
        rc = change_owner(drive, node, &copy);
    if (rc == 0 && change->what & DRIVE_SET_TIMES)
        rc = change_times(drive, node, &copy);
    drive_node_written(drive, node);
    return rc;
}

int drive_setattr(struct drive *drive, uint64_t number, const struct drive_change *change,
                  struct drive_entry *ret) {
    struct drive_node *node = drive_node_pin(drive, number);
    int rc;

    if (!node)
        return -ESTALE;
    rc = change_node(drive, node, change);
    drive_node_unpin(drive, node);
    return rc ? rc : drive_getattr(drive, number, ret);
}

int drive_statvfs(struct drive *drive, struct mpr_statvfs *ret) {
    struct drive_tree *tree = drive->tree;
    struct mpr_statvfs facts;
    bool known;
    int rc;

    mpr_lock(&tree->lock);
    facts = tree->facts;
    known = tree->facts_until_ns > mpr_now_ns();
    mpr_unlock(&tree->lock);
    if (!known) {
        rc = drive_remote_statvfs(drive, "/", &facts);
        if (rc != 0)
            return rc;
        mpr_lock(&tree->lock);
        tree->facts = facts;
        tree->facts_until_ns = mpr_now_ns() + FACTS_NS;
        mpr_unlock(&tree->lock);
    }
    *ret = facts;
    return 0;
}
