/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_path.c: coherence between those who come through channels, by path, and those
 * who come through the mount, by node.
 */
#include "config.h"

#include "service/drive.h"

#include <stdlib.h>
#include <string.h>

/* The node of a path that may have contents, pinned; or NULL. */
static struct drive_node *find(struct drive *drive, const char *path) {
    return drive->tree && drive->data ? drive_node_find(drive, path) : NULL;
}

void drive_path_sync(struct drive *drive, const char *path) {
    struct drive_node *node = find(drive, path);

    if (!node)
        return;
    drive_content_flush(drive, node);
    drive_node_unpin(drive, node);
}

void drive_path_release(struct drive *drive, const char *path) {
    struct drive_node *node = find(drive, path);

    if (!node)
        return;
    drive_content_release(drive, node);
    drive_node_unpin(drive, node);
}

/* The name of a path, and the node of the directory before it, pinned. */
static struct drive_node *find_parent(struct drive *drive, const char *path,
                                      const char **ret_name) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    struct drive_node *parent;
    char *above;

    *ret_name = slash ? slash + 1 : path;
    above = strndup(length ? path : "/", length ? length : 1);
    if (!above)
        return NULL;
    parent = drive_node_find(drive, above);
    free(above);
    return parent;
}

void drive_path_changed(struct drive *drive, const char *path) {
    struct drive_node *node, *parent;
    const char *name;

    if (!drive->tree)
        return;
    node = drive_node_find(drive, path);
    if (node) {
        drive_content_forget(drive, node);
        drive_node_forget(drive, node);
        drive_fuse_changed(drive, node->number);
        drive_node_unpin(drive, node);
    }
    parent = find_parent(drive, path, &name);
    if (parent) {
        drive_node_forget(drive, parent);
        if (*name)
            drive_fuse_entry_changed(drive, parent->number, name);
        drive_node_unpin(drive, parent);
    }
}
