/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory_provider.c: the table of the memory provider, its start and its end.
 */
#include "config.h"

#include "memory.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

static void free_state(struct memory_state *state) {
    memory_options_clear(&state->options);
    pthread_mutex_destroy(&state->lock);
    free(state);
}

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    struct memory_state *state = calloc(1, sizeof(*state));
    uint32_t code;

    if (!state) {
        snprintf(error, error_size, "out of memory");
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    state->host = host;
    pthread_mutex_init(&state->lock, NULL);
    code = memory_options_read(options, error, error_size, &state->options);
    if (code) {
        free_state(state);
        return code;
    }
    *ret_state = state;
    return NO_ERROR;
}

/* By contract no session is left: only the shares and what lies in them. */
static void fini(void *data) {
    struct memory_state *state = data;

    tdestroy(state->shares, memory_share_free);
    free_state(state);
}

/* Designated initialisers: what is not named is NULL, and so an absent capability. */
static const struct mpr_provider provider = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof(provider),
    .flags = MPR_PROVIDER_THREADSAFE | MPR_PROVIDER_CREDENTIALS | MPR_PROVIDER_RECONNECTS,
    .name = MEMORY_NAME,
    .net_type = WNNC_NET_RDR2SAMPLE,
    .driver_version = 1,
    .max_io = MEMORY_MAX_IO,
    .init = init,
    .fini = fini,
    .recognise = memory_recognise,
    .connect = memory_connect,
    .disconnect = memory_disconnect,
    .abort = memory_abort,
    .user = memory_user,
    .list = memory_list,
    .parent = memory_parent,
    .information = memory_information,
    .performance = memory_performance,
    .open = memory_open,
    .close = memory_close,
    .pread = memory_pread,
    .pwrite = memory_pwrite,
    .fsync = memory_fsync,
    .truncate = memory_truncate,
    .stat = memory_stat,
    .fstat = memory_fstat,
    .readdir = memory_readdir,
    .mkdir = memory_mkdir,
    .rmdir = memory_rmdir,
    .unlink = memory_unlink,
    .rename = memory_rename,
    .link = memory_link,
    .symlink = memory_symlink,
    .readlink = memory_readlink,
    .chmod = memory_chmod,
    .chown = memory_chown,
    .utimens = memory_utimens,
    .statvfs = memory_statvfs,
    .print = memory_print,
    .lstat = memory_stat,
};

MPR_PROVIDER_DEFINE(&provider)
