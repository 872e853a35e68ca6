/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_known.h: directories on the way, remembered for a moment.
 *
 * A path is looked up name by name, and each name costs a round trip. Directories
 * rarely change their names: which handle a name in a directory leads to is believed
 * for options.attribute_ms, if it is a directory that it leads to. What lies at the
 * end of a path is always asked for anew, and that renews what is known of it.
 */
#ifndef NFS_KNOWN_H
#define NFS_KNOWN_H

#include <pthread.h>

#include "providers/nfs/nfs_node.h"

#define NFS_KNOWN_NAME 256 /**< longer names are not remembered */

struct nfs_known_name {
    struct nfs_handle parent, handle;
    int64_t until_ns; /* 0: nothing is known here */
    char name[NFS_KNOWN_NAME];
};

struct nfs_known {
    pthread_mutex_t lock;         /* for all below */
    uint64_t clock;               /* counts what was forgotten */
    struct nfs_known_name *names; /* a place for each hash; NULL until the first */
};

void nfs_known_init(struct nfs_known *known);
void nfs_known_clear(struct nfs_known *known);

/** To be asked before the server is, for nfs_known_add. */
uint64_t nfs_known_clock(struct nfs_known *known);
/**
 * The server has said, asked when the clock was at clock, that name is a directory;
 * that is believed for ms. Nothing happens if something was forgotten since.
 */
void nfs_known_add(struct nfs_known *known, const struct nfs_handle *parent, const char *name,
                   const struct nfs_handle *handle, uint64_t clock, uint32_t ms);
/** Where name leads; false: the server has to be asked. */
bool nfs_known_find(struct nfs_known *known, const struct nfs_handle *parent, const char *name,
                    struct nfs_handle *ret_handle);
/** We have changed what name is. */
void nfs_known_forget(struct nfs_known *known, const struct nfs_handle *parent, const char *name);
/** Forgets all. False: there was nothing. */
bool nfs_known_forget_all(struct nfs_known *known);

#endif
