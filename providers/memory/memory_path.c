/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_path.c: operations that name their files by path.
 *
 * All have one shape: let the switches work, take the lock, walk, check as a
 * server would, act. A symbolic link at the end of a path is followed by open,
 * truncate and chmod only; the others mean the link itself, as a mounted drive
 * expects.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PERMISSIONS 07777u

/*
 * Begins an operation on a path. On 0 the share's lock is held and *ret is
 * filled; otherwise nothing is held.
 */
static int begin(struct memory_session *session, const struct mpr_call *call, enum memory_op op,
                 const char *path, struct memory_place *ret) {
    int rc = memory_enter_file(session, call, op);

    if (rc)
        return rc;
    pthread_mutex_lock(&session->share->lock);
    rc = memory_walk(session->root, path, op == MEMORY_CHMOD, ret);
    if (rc)
        pthread_mutex_unlock(&session->share->lock);
    return rc;
}

static int end(struct memory_session *session, int rc) {
    pthread_mutex_unlock(&session->share->lock);
    return rc;
}

static int check_writable(const struct memory_share *share) {
    if (share->read_only)
        return -EROFS;
    return share->printer ? -EACCES : 0; /* printing is the only way to write there */
}

/* May something be made at this place? */
static int check_new(const struct memory_share *share, const struct memory_place *place) {
    if (place->node)
        return -EEXIST;
    return place->parent->links ? check_writable(share) : -ENOENT;
}

/* May what is at this place be removed, or renamed? */
static int check_old(const struct memory_share *share, const struct memory_place *place) {
    if (!place->node)
        return -ENOENT;
    return place->parent ? check_writable(share) : -EBUSY; /* the root stays */
}

/* May attributes be set? */
static int check_change(const struct memory_share *share, const struct memory_place *place) {
    return place->node ? check_writable(share) : -ENOENT;
}

int memory_stat(void *data, const struct mpr_call *call, const char *path, struct mpr_stat *ret) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_STAT, path, &place);

    if (rc)
        return rc;
    if (!place.node)
        return end(session, -ENOENT);
    memory_node_stat(place.node, ret);
    return end(session, 0);
}

/* One entry of a listing, copied: fn must not be called with a lock held. */
struct listed {
    char *name;
    struct mpr_stat attributes;
};

static void free_listing(struct listed *listing, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(listing[i].name);
    free(listing);
}

static int copy_listing(const struct memory_node *dir, struct listed **ret, size_t *ret_count) {
    size_t count = dir->u.dir.count;
    struct listed *listing = calloc(count ? count : 1, sizeof(*listing));

    if (!listing)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        listing[i].name = strdup(dir->u.dir.entries[i].name);
        if (!listing[i].name) {
            free_listing(listing, i);
            return -ENOMEM;
        }
        memory_node_stat(dir->u.dir.entries[i].node, &listing[i].attributes);
    }
    *ret = listing;
    *ret_count = count;
    return 0;
}

int memory_readdir(void *data, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                   void *context) {
    struct memory_session *session = data;
    struct memory_place place;
    struct listed *listing = NULL;
    size_t count = 0;
    int rc = begin(session, call, MEMORY_READDIR, path, &place);

    if (rc)
        return rc;
    if (!place.node)
        rc = -ENOENT;
    else if (!S_ISDIR(place.node->mode))
        rc = -ENOTDIR;
    else
        rc = copy_listing(place.node, &listing, &count);
    if (end(session, rc))
        return rc;
    for (size_t i = 0; i < count; i++)
        if (fn(context, listing[i].name, &listing[i].attributes))
            break;
    free_listing(listing, count);
    return 0;
}

int memory_mkdir(void *data, const struct mpr_call *call, const char *path, uint32_t mode) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    struct memory_place place;
    struct memory_node *node;
    int rc = begin(session, call, MEMORY_MKDIR, path, &place);

    if (rc)
        return rc;
    rc = check_new(share, &place);
    if (rc)
        return end(session, rc);
    node = memory_node_new(share, S_IFDIR | (mode & PERMISSIONS), call->uid, call->gid);
    if (!node)
        return end(session, -ENOMEM);
    rc = memory_dir_add(place.parent, place.name, node);
    memory_node_unref(share, node);
    return end(session, rc);
}

int memory_rmdir(void *data, const struct mpr_call *call, const char *path) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_RMDIR, path, &place);

    if (rc)
        return rc;
    rc = check_old(session->share, &place);
    if (!rc && !S_ISDIR(place.node->mode))
        rc = -ENOTDIR;
    if (!rc && place.node->u.dir.count > 0)
        rc = -ENOTEMPTY;
    if (!rc)
        memory_dir_remove(session->share, place.parent, place.name);
    return end(session, rc);
}

int memory_unlink(void *data, const struct mpr_call *call, const char *path) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_UNLINK, path, &place);

    if (rc)
        return rc;
    rc = check_old(session->share, &place);
    if (place.node && S_ISDIR(place.node->mode))
        rc = -EISDIR;
    if (!rc)
        memory_dir_remove(session->share, place.parent, place.name);
    return end(session, rc);
}

/* May node take the place of what is there? */
static int check_replace(const struct memory_node *node, const struct memory_node *there) {
    if (S_ISDIR(node->mode) && !S_ISDIR(there->mode))
        return -ENOTDIR;
    if (!S_ISDIR(node->mode) && S_ISDIR(there->mode))
        return -EISDIR;
    return S_ISDIR(there->mode) && there->u.dir.count > 0 ? -ENOTEMPTY : 0;
}

/* Is inner below outer? The path has been walked, so its directories are there. */
static bool leads_through(struct memory_session *session, const char *path,
                          const struct memory_node *outer) {
    char part[MEMORY_PATH_MAX];
    struct memory_place place;

    for (size_t at = strcspn(path, "/"); path[at]; at += 1 + strcspn(path + at + 1, "/")) {
        snprintf(part, sizeof(part), "%.*s", (int)at, path);
        if (memory_walk(session->root, part, true, &place) == 0 && place.node == outer)
            return true;
    }
    return false;
}

static int rename_places(struct memory_session *session, const struct memory_place *from,
                         const struct memory_place *to) {
    struct memory_share *share = session->share;
    struct memory_node *node = from->node;
    bool same_entry = from->parent == to->parent && memory_compare(from->name, to->name) == 0;
    int rc = 0;

    if (to->node == node && !same_entry)
        return 0; /* two links to one file: POSIX wants nothing to happen */
    if (to->node && !same_entry)
        rc = check_replace(node, to->node);
    if (rc)
        return rc;
    if (same_entry) { /* other letters perhaps: no new entry, so nothing can fail halfway */
        struct memory_entry *entry = memory_dir_find(from->parent, from->name);

        memcpy(entry->name, to->name, strlen(entry->name));
        return 0;
    }
    if (to->node) {
        struct memory_entry *entry = memory_dir_find(to->parent, to->name);
        struct memory_node *replaced = entry->node;

        entry->node = memory_node_ref(node);
        node->links++;
        replaced->links--;
        memory_node_unref(share, replaced);
    } else {
        rc = memory_dir_add(to->parent, to->name, node);
    }
    if (!rc)
        memory_dir_remove(share, from->parent, from->name);
    return rc;
}

int memory_rename(void *data, const struct mpr_call *call, const char *from, const char *to) {
    struct memory_session *session = data;
    struct memory_place old, new;
    int rc = begin(session, call, MEMORY_RENAME, from, &old);

    if (rc)
        return rc;
    rc = memory_walk(session->root, to, false, &new);
    if (!rc)
        rc = check_old(session->share, &old);
    if (!rc && !new.parent)
        rc = -EBUSY;
    if (!rc && !new.parent->links)
        rc = -ENOENT;
    if (!rc && S_ISDIR(old.node->mode) && leads_through(session, to, old.node))
        rc = -EINVAL;
    if (!rc)
        rc = rename_places(session, &old, &new);
    return end(session, rc);
}

int memory_link(void *data, const struct mpr_call *call, const char *from, const char *to) {
    struct memory_session *session = data;
    struct memory_place old, new;
    int rc = begin(session, call, MEMORY_LINK, from, &old);

    if (rc)
        return rc;
    rc = memory_walk(session->root, to, false, &new);
    if (!rc)
        rc = check_old(session->share, &old);
    if (!rc)
        rc = check_new(session->share, &new);
    if (!rc && S_ISDIR(old.node->mode))
        rc = -EPERM;
    if (!rc)
        rc = memory_dir_add(new.parent, new.name, old.node);
    return end(session, rc);
}

int memory_symlink(void *data, const struct mpr_call *call, const char *target, const char *path) {
    struct memory_session *session = data;
    struct memory_share *share = session->share;
    struct memory_place place;
    struct memory_node *node;
    int rc = begin(session, call, MEMORY_SYMLINK, path, &place);

    if (rc)
        return rc;
    rc = check_new(share, &place);
    if (!rc && !*target)
        rc = -ENOENT;
    if (!rc && strlen(target) >= MEMORY_PATH_MAX)
        rc = -ENAMETOOLONG;
    if (rc)
        return end(session, rc);
    node = memory_node_new(share, S_IFLNK | 0777, call->uid, call->gid);
    if (!node)
        return end(session, -ENOMEM);
    node->u.target = strdup(target);
    rc = node->u.target ? memory_dir_add(place.parent, place.name, node) : -ENOMEM;
    memory_node_unref(share, node);
    return end(session, rc);
}

int memory_readlink(void *data, const struct mpr_call *call, const char *path, char *buffer,
                    size_t size) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_READLINK, path, &place);

    if (rc)
        return rc;
    if (!place.node)
        rc = -ENOENT;
    else if (!S_ISLNK(place.node->mode))
        rc = -EINVAL;
    else if (strlen(place.node->u.target) >= size)
        rc = -ERANGE;
    else
        memcpy(buffer, place.node->u.target, strlen(place.node->u.target) + 1);
    return end(session, rc);
}

int memory_chmod(void *data, const struct mpr_call *call, const char *path, uint32_t mode) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_CHMOD, path, &place);

    if (rc)
        return rc;
    rc = check_change(session->share, &place);
    if (!rc) {
        place.node->mode = (place.node->mode & S_IFMT) | (mode & PERMISSIONS);
        place.node->ctime_ns = memory_now_ns();
    }
    return end(session, rc);
}

int memory_chown(void *data, const struct mpr_call *call, const char *path, uint32_t uid,
                 uint32_t gid) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_CHOWN, path, &place);

    if (rc)
        return rc;
    rc = check_change(session->share, &place);
    if (!rc) {
        if (uid != UINT32_MAX)
            place.node->uid = uid;
        if (gid != UINT32_MAX)
            place.node->gid = gid;
        place.node->ctime_ns = memory_now_ns();
    }
    return end(session, rc);
}

int memory_utimens(void *data, const struct mpr_call *call, const char *path, int64_t atime_ns,
                   int64_t mtime_ns) {
    struct memory_session *session = data;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_UTIMENS, path, &place);

    if (rc)
        return rc;
    rc = check_change(session->share, &place);
    if (!rc) {
        if (atime_ns != MPR_TIME_OMIT)
            place.node->atime_ns = atime_ns;
        if (mtime_ns != MPR_TIME_OMIT)
            place.node->mtime_ns = mtime_ns;
        place.node->ctime_ns = memory_now_ns();
    }
    return end(session, rc);
}

int memory_statvfs(void *data, const struct mpr_call *call, const char *path,
                   struct mpr_statvfs *ret) {
    struct memory_session *session = data;
    const struct memory_share *share = session->share;
    struct memory_place place;
    int rc = begin(session, call, MEMORY_STATVFS, path, &place);

    if (rc)
        return rc;
    if (!place.node)
        return end(session, -ENOENT);
    *ret = (struct mpr_statvfs){
        .block_size = MEMORY_BLOCK,
        .blocks = share->block_limit,
        .blocks_free = share->block_limit - share->blocks_used,
        .blocks_avail = share->block_limit - share->blocks_used,
        .name_max = MEMORY_NAME_MAX,
        .read_only = share->read_only,
    };
    return end(session, 0);
}
