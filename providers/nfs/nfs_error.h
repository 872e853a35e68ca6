/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_error.h: what an NFS or mount server answered, in the words of this world.
 *
 * Inside the provider a result is 0, a positive NFS status (enum nfsstat3), or
 * -errno when there was no answer.
 */
#ifndef NFS_ERROR_H
#define NFS_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "providers/common/np_connect.h"

/** A result as a file operation returns it: 0 or -errno. */
int nfs_errno(int result);

/** "NFS3ERR_STALE", or "nfsstat 12345" to buffer. */
const char *nfs_stat_name(uint32_t status, char *buffer, size_t size);
/** "MNT3ERR_ACCES", or "mountstat 12345" to buffer. */
const char *nfs_mountstat_name(uint32_t status, char *buffer, size_t size);

/** Win32 code of a status that an NFS server answered while connecting. */
uint32_t nfs_stat_code(uint32_t status);
/** Win32 code of a status that a mount server answered. */
uint32_t nfs_mountstat_code(uint32_t status);

/** Names the reason that there is no connection: "connection refused (ECONNREFUSED)". */
void nfs_words_of_failure(const struct np_failure *failure, char *buffer, size_t size);

/** What connect, list and information answer, until it is told to the host. */
struct nfs_failure {
    enum mpr_answer answer;
    uint32_t code;   /**< Win32 */
    uint32_t native; /**< nfsstat, mountstat or errno */
    char text[768];
};

/** Fills *ret; always returns false. */
bool nfs_fail(struct nfs_failure *ret, enum mpr_answer answer, uint32_t code, uint32_t native,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
