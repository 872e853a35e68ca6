/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_silly.c: the other names.
 */
#include "config.h"

#include "providers/nfs/nfs_silly.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static int remove_name(struct nfs_inode *inode, const struct mpr_call *call) {
    REMOVE3args args = {
        .object = {.dir = nfs_handle_fh3(&inode->silly_directory), .name = inode->silly_name}};

    return nfs_call(inode->session->line, call, &nfs_proc_remove, &args, NULL, NULL);
}

/* A number that neither another client nor an earlier process has used. */
static void make_name(char *buffer, size_t size, uint64_t ino) {
    uint64_t number = 0;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        number = ino;
    snprintf(buffer, size, ".nfs%016llx", (unsigned long long)number);
}

static bool link_anew(struct nfs_inode *inode, const struct mpr_call *call,
                      const struct nfs_place *place, uint64_t ino) {
    LINK3args args = {.file = nfs_handle_fh3(&inode->handle)};

    inode->silly_directory = place->directory;
    make_name(inode->silly_name, sizeof inode->silly_name, ino);
    args.link.dir = nfs_handle_fh3(&inode->silly_directory);
    args.link.name = inode->silly_name;
    return nfs_call(inode->session->line, call, &nfs_proc_link, &args, NULL, NULL) == 0;
}

struct nfs_inode *nfs_silly_keep(struct nfs_session *session, const struct mpr_call *call,
                                 struct nfs_place *place) {
    struct nfs_inode *inode;
    struct nfs_node node;

    if (!nfs_inode_any(session) || nfs_lookup(session, call, &place->directory, place->name, &node)
        || !S_ISREG(node.stat.mode) || node.stat.nlink > 1)
        return NULL;
    inode = nfs_inode_find(session, &node.handle);
    if (!inode)
        return NULL;
    /* One thread at a time, and once: its only name may be the other one. */
    if (!atomic_exchange(&inode->silly, true)) {
        if (link_anew(inode, call, place, node.stat.ino))
            return inode;
        atomic_store(&inode->silly, false);
    }
    nfs_inode_close(inode, call);
    return NULL;
}

void nfs_silly_done(struct nfs_inode *inode, const struct mpr_call *call, bool removed) {
    if (!inode)
        return;
    if (!removed) {
        remove_name(inode, call);
        atomic_store(&inode->silly, false);
    }
    nfs_inode_close(inode, call);
}

void nfs_silly_close(struct nfs_inode *inode, const struct mpr_call *call) {
    if (atomic_load(&inode->silly) && call)
        remove_name(inode, call);
}
