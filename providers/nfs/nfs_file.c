/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_file.c: open, close and what is done with a handle.
 *
 * The protocol has no open: a handle is the file's handle and the right to use
 * it, which is asked for with ACCESS as open(2) would check it.
 */
#include "config.h"

#include "providers/nfs/nfs_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/nfs/nfs_attr.h"
#include "providers/nfs/nfs_walk.h"

#define RACES 8 /* somebody else makes and removes the same file meanwhile */

static bool wants_read(int flags) {
    return (flags & O_ACCMODE) != O_WRONLY;
}

static bool wants_write(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
}

/* As open(2) checks a file that is there. */
static int check_access(struct nfs_session *session, const struct mpr_call *call,
                        struct nfs_node *node, int flags) {
    const uint32_t changes = ACCESS3_MODIFY | ACCESS3_EXTEND;
    uint32_t granted, wanted = wants_read(flags) ? ACCESS3_READ : 0;
    int rc;

    if (S_ISDIR(node->stat.mode))
        return -EISDIR;
    if (S_ISLNK(node->stat.mode))
        return -ELOOP;
    if (!S_ISREG(node->stat.mode))
        return -ENXIO; /* a device or a pipe is the server's, not ours */
    if (wants_write(flags) || (flags & O_TRUNC))
        wanted |= changes;
    rc = nfs_attr_access(session, call, &node->handle, wanted, &granted);
    if (rc)
        return rc;
    if ((wanted & changes) && (granted & changes) != changes)
        return nfs_attr_is_read_only(session, call, &node->handle) ? -EROFS : -EACCES;
    return (wanted & ACCESS3_READ) && !(granted & ACCESS3_READ) ? -EACCES : 0;
}

static int open_node(struct nfs_session *session, const struct mpr_call *call,
                     struct nfs_node *node, int flags) {
    int rc = check_access(session, call, node, flags);

    if (!rc && (flags & O_TRUNC))
        rc = nfs_attr_set_size(session, call, &node->handle, 0);
    return rc;
}

static void take_created(void *context, const void *reply) {
    const CREATE3resok *ok = &((const CREATE3res *)reply)->CREATE3res_u.resok;
    const nfs_fh3 *fh = &ok->obj.post_op_fh3_u.handle;
    struct nfs_node *node = context;

    if (ok->obj.handle_follows)
        nfs_handle_set(&node->handle, fh->data.data_len, fh->data.data_val);
    nfs_node_set_stat(node, &ok->obj_attributes);
}

/* Makes the file. NFS3ERR_EXIST if it is there. */
static int create(struct nfs_session *session, const struct mpr_call *call, struct nfs_place *place,
                  int flags, uint32_t mode, struct nfs_node *ret_node) {
    CREATE3args args = {.where = {.dir = nfs_handle_fh3(&place->directory), .name = place->name}};
    struct nfs_node node = {0};
    int rc;

    args.how.mode = GUARDED;
    args.how.createhow3_u.g_obj_attributes = nfs_attr_mode(mode);
    /* Where an existing file will do, nobody can tell a second attempt from the first. */
    rc = nfs_call(session->line, call,
                  flags & O_EXCL ? &nfs_proc_create_exclusive : &nfs_proc_create, &args,
                  take_created, &node);
    if (!rc && !node.handle.length)
        rc = nfs_lookup(session, call, &place->directory, place->name, &node);
    if (!rc)
        *ret_node = node;
    return rc;
}

/* What is at place, or what the link there leads to. */
static int find_existing(struct nfs_session *session, const struct mpr_call *call, const char *path,
                         struct nfs_place *place, struct nfs_node *ret_node) {
    int rc = nfs_lookup(session, call, &place->directory, place->name, ret_node);

    if (!rc && S_ISLNK(ret_node->stat.mode))
        rc = nfs_walk(session, call, path, true, ret_node);
    return rc;
}

static int make_or_open(struct nfs_session *session, const struct mpr_call *call, const char *path,
                        int flags, uint32_t mode, struct nfs_node *ret_node, bool *ret_made) {
    bool follow = false;
    int made, rc = 0;

    for (int race = 0; race < RACES; race++) {
        struct nfs_place place;

        rc = nfs_walk_place(session, call, path, follow, -EISDIR, &place);
        if (rc)
            return rc;
        made = create(session, call, &place, flags, mode, ret_node);
        if (made <= 0 || (flags & O_EXCL)) {
            nfs_place_clear(&place);
            *ret_made = !made && ret_node->has_stat;
            return made;
        }
        /* Also where nothing may be made: it may be there all the same. */
        rc = find_existing(session, call, path, &place, ret_node);
        nfs_place_clear(&place);
        if (!rc)
            return open_node(session, call, ret_node, flags);
        if (made != NFS3ERR_EXIST)
            return made;
        if (rc != NFS3ERR_NOENT)
            return rc;
        /* A link to nothing: make its target. Or it is gone: make it anew. */
        follow = true;
    }
    return rc;
}

static int find_and_open(struct nfs_session *session, const struct mpr_call *call, const char *path,
                         int flags, struct nfs_node *ret_node) {
    int rc = nfs_walk(session, call, path, true, ret_node);

    return rc ? rc : open_node(session, call, ret_node, flags);
}

static struct nfs_file *make_file(struct nfs_session *session, const struct nfs_node *node,
                                  int flags) {
    struct nfs_file *file = calloc(1, sizeof *file);

    if (!file)
        return NULL;
    file->session = session;
    file->reads = wants_read(flags);
    file->writes = wants_write(flags);
    file->inode = nfs_inode_open(session, &node->handle);
    if (!file->inode) {
        free(file);
        return NULL;
    }
    pthread_mutex_lock(&session->lock);
    file->next = session->files;
    file->link = &session->files;
    if (file->next)
        file->next->link = &file->next;
    session->files = file;
    pthread_mutex_unlock(&session->lock);
    return file;
}

int nfs_file_open(struct nfs_session *session, const struct mpr_call *call, const char *path,
                  int flags, uint32_t mode, void **ret_file) {
    uint64_t changes = atomic_load(&session->changes);
    bool made = false;
    struct nfs_node node;
    struct nfs_file *file;
    int rc = flags & O_CREAT ? make_or_open(session, call, path, flags, mode, &node, &made)
                             : find_and_open(session, call, path, flags, &node);

    if (rc)
        return nfs_errno(rc);
    if (!made && wants_write(flags))
        nfs_session_changed(session); /* it may be one that somebody has made this moment */
    file = make_file(session, &node, flags);
    if (!file)
        return -ENOMEM;
    if (made)
        nfs_inode_made(file->inode, &node.stat, changes);
    *ret_file = file;
    return 0;
}

static void free_file(struct nfs_file *file, const struct mpr_call *call) {
    pthread_mutex_lock(&file->session->lock);
    *file->link = file->next;
    if (file->next)
        file->next->link = file->link;
    pthread_mutex_unlock(&file->session->lock);
    nfs_inode_close(file->inode, call);
    free(file);
}

int nfs_file_close(struct nfs_file *file, const struct mpr_call *call) {
    int rc = nfs_inode_commit(file->inode, call);

    free_file(file, call);
    return rc;
}

void nfs_file_free_all(struct nfs_session *session) {
    while (session->files)
        free_file(session->files, NULL);
}

/* What is read or measured must not be from before what was written here: if
 * the server may have forgotten that, it gets it again first. */
static int refresh(struct nfs_file *file, const struct mpr_call *call) {
    return nfs_inode_is_stale(file->inode) ? nfs_inode_commit(file->inode, call) : 0;
}

int64_t nfs_file_read(struct nfs_file *file, const struct mpr_call *call, void *data, size_t size,
                      uint64_t offset) {
    int64_t got;
    int rc;

    if (!file->reads)
        return -EBADF;
    do {
        if ((rc = refresh(file, call)))
            return rc;
        got = nfs_transfer_read(file->session, call, &file->inode->handle, data, size, offset);
    } while (got >= 0 && nfs_inode_is_stale(file->inode));
    return got;
}

int64_t nfs_file_write(struct nfs_file *file, const struct mpr_call *call, const void *data,
                       size_t size, uint64_t offset) {
    if (!file->writes)
        return -EBADF;
    return nfs_inode_write(file->inode, call, data, size, offset);
}

int nfs_file_stat(struct nfs_file *file, const struct mpr_call *call, struct mpr_stat *ret_stat) {
    struct mpr_stat stat;
    int rc = nfs_wait_may_start(file->session->line, call);

    if (rc)
        return rc;
    if (nfs_inode_take_made(file->inode, ret_stat))
        return 0;
    do {
        if ((rc = refresh(file, call)))
            return rc;
        rc = nfs_errno(nfs_getattr(file->session, call, &file->inode->handle, &stat));
    } while (!rc && nfs_inode_is_stale(file->inode));
    if (!rc)
        *ret_stat = stat;
    return rc;
}

int nfs_file_truncate(struct nfs_file *file, const struct mpr_call *call, uint64_t size) {
    if (!file->writes)
        return -EBADF;
    return nfs_errno(nfs_attr_set_size(file->session, call, &file->inode->handle, size));
}
