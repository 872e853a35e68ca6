/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_tree.c: shares, and the directories, files and links in them.
 *
 * Each share has a tree of nodes. A node lives as long as an entry of a
 * directory, an open file or a session refers to it, as on a POSIX system.
 * The caller holds the share's lock.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 16 /* symbolic links that are followed in one path */

int64_t memory_now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- nodes */

struct memory_node *memory_node_new(struct memory_share *share, uint32_t mode, uint32_t uid,
                                    uint32_t gid) {
    struct memory_node *node = calloc(1, sizeof(*node));

    if (!node)
        return NULL;
    node->references = 1;
    node->ino = share->next_ino++;
    node->mode = mode;
    node->uid = uid;
    node->gid = gid;
    node->atime_ns = node->mtime_ns = node->ctime_ns = memory_now_ns();
    return node;
}

struct memory_node *memory_node_ref(struct memory_node *node) {
    node->references++;
    return node;
}

static void free_content(struct memory_share *share, struct memory_node *node) {
    if (S_ISREG(node->mode)) {
        memory_data_resize(share, node, 0);
        free(node->u.file.blocks);
    } else if (S_ISLNK(node->mode)) {
        free(node->u.target);
    } else {
        while (node->u.dir.count > 0) /* only the end of the whole share comes here */
            memory_dir_remove(share, node, node->u.dir.entries[node->u.dir.count - 1].name);
        free(node->u.dir.entries);
    }
}

void memory_node_unref(struct memory_share *share, struct memory_node *node) {
    if (--node->references > 0)
        return;
    free_content(share, node);
    free(node);
}

void memory_node_stat(const struct memory_node *node, struct mpr_stat *ret) {
    *ret = (struct mpr_stat){
        .ino = node->ino,
        .atime_ns = node->atime_ns,
        .mtime_ns = node->mtime_ns,
        .ctime_ns = node->ctime_ns,
        .mode = node->mode,
        .nlink = node->links ? node->links : 1,
        .uid = node->uid,
        .gid = node->gid,
        .valid = MPR_STAT_INO | MPR_STAT_MODE | MPR_STAT_OWNER,
    };
    if (S_ISREG(node->mode)) {
        ret->size = node->u.file.size;
        ret->space = node->u.file.used * MEMORY_BLOCK;
    } else if (S_ISLNK(node->mode)) {
        ret->size = strlen(node->u.target);
    }
}

/* ---- directories */

/* Where name is, or would be. */
static size_t find_slot(const struct memory_node *dir, const char *name) {
    size_t low = 0, high = dir->u.dir.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memory_compare(dir->u.dir.entries[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct memory_entry *memory_dir_find(const struct memory_node *dir, const char *name) {
    size_t slot = find_slot(dir, name);

    if (slot < dir->u.dir.count && memory_compare(dir->u.dir.entries[slot].name, name) == 0)
        return &dir->u.dir.entries[slot];
    return NULL;
}

static void touch_dir(struct memory_node *dir, struct memory_node *node) {
    dir->mtime_ns = dir->ctime_ns = node->ctime_ns = memory_now_ns();
}

int memory_dir_add(struct memory_node *dir, const char *name, struct memory_node *node) {
    size_t slot = find_slot(dir, name);
    char *copy = strdup(name);

    if (!copy)
        return -ENOMEM;
    if (dir->u.dir.count == dir->u.dir.room) {
        size_t room = dir->u.dir.room ? 2 * dir->u.dir.room : 8;
        struct memory_entry *entries = reallocarray(dir->u.dir.entries, room, sizeof(*entries));

        if (!entries) {
            free(copy);
            return -ENOMEM;
        }
        dir->u.dir.entries = entries;
        dir->u.dir.room = room;
    }
    memmove(dir->u.dir.entries + slot + 1, dir->u.dir.entries + slot,
            (dir->u.dir.count - slot) * sizeof(struct memory_entry));
    dir->u.dir.entries[slot] = (struct memory_entry){copy, memory_node_ref(node)};
    dir->u.dir.count++;
    node->links++;
    touch_dir(dir, node);
    return 0;
}

void memory_dir_remove(struct memory_share *share, struct memory_node *dir, const char *name) {
    size_t slot = find_slot(dir, name);
    struct memory_entry gone = dir->u.dir.entries[slot];

    dir->u.dir.count--;
    memmove(dir->u.dir.entries + slot, dir->u.dir.entries + slot + 1,
            (dir->u.dir.count - slot) * sizeof(struct memory_entry));
    gone.node->links--;
    touch_dir(dir, gone.node);
    memory_node_unref(share, gone.node);
    free(gone.name);
}

/* ---- paths */

/* Takes the first component off *path. Returns 1, 0 at the end, or -errno. */
static int next_component(const char **path, char name[MEMORY_NAME_MAX + 1]) {
    size_t length;

    *path += strspn(*path, "/");
    length = strcspn(*path, "/");
    if (length == 0)
        return 0;
    if (length > MEMORY_NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(name, *path, length);
    name[length] = '\0';
    *path += length;
    *path += strspn(*path, "/");
    return 1;
}

/*
 * Goes along path as far as directories and plain names lead. Stops at the
 * last component, or before: then *ret_rest is not empty and ret->node is a
 * link in the middle.
 */
static int walk_plain(struct memory_node *root, const char *path, struct memory_place *ret,
                      const char **ret_rest) {
    int got;

    ret->parent = NULL;
    ret->name[0] = '\0';
    ret->node = root;
    while ((got = next_component(&path, ret->name)) > 0) {
        const struct memory_entry *entry;

        if (!ret->node)
            return -ENOENT;
        if (!S_ISDIR(ret->node->mode))
            return -ENOTDIR;
        ret->parent = ret->node;
        entry = memory_dir_find(ret->parent, ret->name);
        ret->node = entry ? entry->node : NULL;
        *ret_rest = path;
        if (ret->node && S_ISLNK(ret->node->mode))
            return 0;
    }
    *ret_rest = path;
    return got;
}

/* Removes "." and "name/.." from a path. Returns -EXDEV if that leads out of the connection. */
static int normalise(char *path) {
    char *out = path;

    for (const char *in = path + strspn(path, "/"); *in; in += strspn(in, "/")) {
        size_t length = strcspn(in, "/");

        if (length == 2 && in[0] == '.' && in[1] == '.') {
            if (out == path)
                return -EXDEV;
            while (out > path && *--out != '/')
                ;
        } else if (length != 1 || in[0] != '.') {
            if (out > path)
                *out++ = '/';
            memmove(out, in, length);
            out += length;
        }
        in += length;
    }
    *out = '\0';
    return 0;
}

/*
 * Replaces the link that the walk met, whose remainder is rest, by its target.
 * A target is relative to the link's directory, and may not lead out.
 */
static int substitute(char path[MEMORY_PATH_MAX], const char *name, const char *rest,
                      const char *target) {
    char result[MEMORY_PATH_MAX];
    size_t before = strlen(path) - strlen(rest);
    int length;

    while (before > 0 && path[before - 1] == '/')
        before--;
    before -= strlen(name);
    if (target[0] == '/')
        return -EXDEV;
    length = snprintf(result, sizeof(result), "%.*s%s/%s", (int)before, path, target, rest);
    if (length < 0 || (size_t)length >= sizeof(result))
        return -ENAMETOOLONG;
    memcpy(path, result, (size_t)length + 1);
    return normalise(path);
}

int memory_walk(struct memory_node *root, const char *path, bool follow, struct memory_place *ret) {
    char space[MEMORY_PATH_MAX];
    const char *rest = "";

    if (strlen(path) >= sizeof(space))
        return -ENAMETOOLONG;
    memcpy(space, path, strlen(path) + 1);
    for (int links = 0; links < LINKS_MAX; links++) {
        int rc = walk_plain(root, space, ret, &rest);

        if (rc || !ret->node || !S_ISLNK(ret->node->mode) || (!*rest && !follow))
            return rc;
        rc = substitute(space, ret->name, rest, ret->node->u.target);
        if (rc)
            return rc;
    }
    return -ELOOP;
}

/* ---- shares */

static int compare_shares(const void *a, const void *b) {
    return strcmp(((const struct memory_share *)a)->name, ((const struct memory_share *)b)->name);
}

void memory_share_free(void *data) {
    struct memory_share *share = data;

    memory_node_unref(share, share->root);
    pthread_mutex_destroy(&share->lock);
    free(share);
}

/* What cannot be written would be empty for ever. */
static bool add_readme(struct memory_share *share) {
    static const char text[] = "This share can only be read.\n";
    struct memory_node *node = memory_node_new(share, S_IFREG | 0444, getuid(), getgid());
    int rc;

    if (!node)
        return false;
    memory_data_write(share, node, text, sizeof(text) - 1,
                      0); /* or it stays empty, under a limit */
    rc = memory_dir_add(share->root, "readme", node);
    memory_node_unref(share, node);
    return rc == 0;
}

static struct memory_share *new_share(struct memory_state *state, const char *name) {
    const struct memory_options *options = &state->options;
    const struct memory_setting *limit = memory_setting_find(options->size_limit, name);
    size_t length = strlen(name) + 1;
    struct memory_share *share = calloc(1, sizeof(*share) + length);

    if (!share)
        return NULL;
    share->name = memcpy(share + 1, name, length);
    share->printer = memory_setting_find(options->printers, name) != NULL;
    share->read_only = memory_setting_find(options->read_only, name) != NULL;
    share->block_limit = limit ? limit->value / MEMORY_BLOCK : MEMORY_FILE_MAX / MEMORY_BLOCK;
    share->state = state;
    share->next_ino = 1;
    share->root = memory_node_new(share, S_IFDIR | 0777, getuid(), getgid());
    if (!share->root) {
        free(share);
        return NULL;
    }
    share->root->links = 1;
    pthread_mutex_init(&share->lock, NULL);
    if (share->read_only && !add_readme(share)) {
        memory_share_free(share);
        return NULL;
    }
    return share;
}

struct memory_share *memory_share_get(struct memory_state *state, const char *name) {
    struct memory_share wanted = {.name = name};
    struct memory_share *share = NULL;
    void **place;

    pthread_mutex_lock(&state->lock);
    place = tfind(&wanted, &state->shares, compare_shares);
    if (place)
        share = *place;
    else if (memory_setting_find(state->options.printers, name)
             || memory_setting_find(state->options.shares, name))
        share = new_share(state, name);
    if (share && !place && !tsearch(share, &state->shares, compare_shares)) {
        memory_share_free(share);
        share = NULL;
    }
    pthread_mutex_unlock(&state->lock);
    return share;
}
