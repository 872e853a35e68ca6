/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_decoy.c: the provider that stands beside the one under test: a module.
 *
 * It recognises decoy:... Everything is there but "missing". Its options:
 *   code    Win32 code with which every connect fails
 *   mine    true: such a failure is "mine and failed", else "not mine"
 *   greedy  true: it takes every name
 *   slow_ms milliseconds that every connect takes
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>
#include <mpr/wnnc.h>

#include "tools/conformance/kit_routed.h"

static const struct mpr_host *the_host;
static uint32_t told_code;
static int mine, greedy, slow_ms;

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    (void)error;
    (void)error_size;
    the_host = host;
    for (; options->name; options++) {
        if (strcmp(options->name, "code") == 0)
            told_code = (uint32_t)strtoul(options->value, NULL, 10);
        mine |= strcmp(options->name, "mine") == 0 && strcmp(options->value, "true") == 0;
        greedy |= strcmp(options->name, "greedy") == 0 && strcmp(options->value, "true") == 0;
        if (strcmp(options->name, "slow_ms") == 0)
            slow_ms = (int)strtol(options->value, NULL, 10);
    }
    *ret_state = NULL;
    return NO_ERROR;
}

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    static const char scheme[] = "decoy:";

    (void)state;
    if ((!greedy && strncasecmp(remote, scheme, strlen(scheme))) || strlen(remote) >= MPR_KEY_MAX)
        return 0;
    ret->type = RESOURCETYPE_DISK;
    ret->depth = 1;
    snprintf(ret->key, sizeof ret->key, "%s", remote);
    return 1;
}

static enum mpr_answer connect_share(void *state, const struct mpr_call *call,
                                     const struct mpr_connect *args, void **ret_session,
                                     uint32_t *ret_code) {
    static char session;

    (void)state;
    if (slow_ms)
        poll(NULL, 0, slow_ms);
    if (told_code) {
        the_host->set_error(call, told_code, KIT_DECOY_TEXT);
        *ret_code = told_code;
        return mine ? MPR_MINE_FAILED : MPR_NOT_MINE;
    }
    if (strstr(args->remote, "missing")) {
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_MINE_FAILED;
    }
    *ret_session = &session;
    return MPR_DONE;
}

static uint32_t disconnect(void *session, const struct mpr_call *call, int force) {
    (void)session;
    (void)call;
    (void)force;
    return NO_ERROR;
}

static const struct mpr_provider table = {
    .magic = MPR_PROVIDER_MAGIC,
    .abi_major = MPR_PROVIDER_ABI_MAJOR,
    .abi_minor = MPR_PROVIDER_ABI_MINOR,
    .size = sizeof table,
    .flags = MPR_PROVIDER_THREADSAFE,
    .name = KIT_DECOY_NAME,
    .net_type = 0x00FE0000,
    .max_io = 65536,
    .init = init,
    .recognise = recognise,
    .connect = connect_share,
    .disconnect = disconnect,
};

MPR_PROVIDER_DEFINE(&table)
