/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * np_smb_worker.c: smb-worker.so, the half of the SMB provider that talks to
 * servers. It is loaded in worker processes only, which have one session each
 * and call it from one thread; abort alone may come from another.
 *
 * The library writes some of its complaints to standard output and error: a
 * worker has neither.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "providers/smb/smb_context.h"
#include "providers/smb/smb_ops.h"
#include "providers/smb/smb_provider.h"

static void fini(void *opaque) {
    struct smb_state *state = opaque;

    smb_context_close(state);
    smb_fold_close(&state->fold);
    free(state);
}

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    struct smb_state *state = calloc(1, sizeof *state);
    uint32_t rc;

    if (!state) {
        snprintf(error, error_size, "Memory ran out.");
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    state->host = host;
    smb_fold_open(&state->fold);
    rc = smb_options_read(options, error, error_size, &state->options);
    if (rc == NO_ERROR)
        rc = smb_context_open(state, error, error_size);
    if (rc) {
        fini(state);
        return rc;
    }
    *ret_state = state;
    return NO_ERROR;
}

static int recognise(void *opaque, const char *remote, struct mpr_recognised *ret) {
    const struct smb_state *state = opaque;

    return smb_name_recognise(&state->fold, remote, ret);
}

static const struct mpr_provider table = {
    SMB_PROVIDER_FACTS,
    .init = init,
    .fini = fini,
    .recognise = recognise,
    .connect = smb_connect,
    .disconnect = smb_disconnect,
    .abort = smb_abort,
    .user = smb_user,
    .list = smb_list,
    .information = smb_information,
    .performance = smb_performance,
    .open = smb_open,
    .close = smb_close,
    .pread = smb_pread,
    .pwrite = smb_pwrite,
    .fsync = smb_fsync,
    .truncate = smb_truncate,
    .stat = smb_stat,
    .fstat = smb_fstat,
    .readdir = smb_readdir,
    .mkdir = smb_mkdir,
    .rmdir = smb_rmdir,
    .unlink = smb_unlink,
    .rename = smb_rename,
    .chmod = smb_chmod,
    .utimens = smb_utimens,
    .statvfs = smb_statvfs,
    .print = smb_print,
};

MPR_PROVIDER_DEFINE(&table)
