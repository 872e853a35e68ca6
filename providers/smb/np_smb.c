/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_smb.c: smb.so, the half of the SMB provider that an application loads.
 *
 * It recognises names and checks the options, and links nothing of Samba.
 * Everything that needs a server runs in worker processes, in smb-worker.so.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <mpr/winerror.h>

#include "providers/smb/smb_name.h"
#include "providers/smb/smb_options.h"
#include "providers/smb/smb_provider.h"

struct front {
    const struct mpr_host *host;
    struct smb_fold fold;
};

static uint32_t init(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state) {
    struct smb_options read;
    uint32_t rc = smb_options_read(options, error, error_size, &read);
    struct front *front;

    if (rc)
        return rc;
    front = calloc(1, sizeof *front);
    if (!front) {
        snprintf(error, error_size, "Memory ran out.");
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    front->host = host;
    smb_fold_open(&front->fold);
    *ret_state = front;
    return NO_ERROR;
}

static void fini(void *state) {
    struct front *front = state;

    smb_fold_close(&front->fold);
    free(front);
}

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    const struct front *front = state;

    return smb_name_recognise(&front->fold, remote, ret);
}

static enum mpr_answer refuse_connect(void *state, const struct mpr_call *call,
                                      const struct mpr_connect *args, void **ret_session,
                                      uint32_t *ret_code) {
    const struct front *front = state;
    char text[1280];

    (void)ret_session;
    snprintf(text, sizeof text,
             SMB_PROVIDER_NAME " cannot connect to %s in this process: its drop-in must name a "
                               "worker_module.",
             args->remote);
    front->host->set_error(call, ERROR_NOT_SUPPORTED, text);
    *ret_code = ERROR_NOT_SUPPORTED;
    return MPR_MINE_FAILED;
}

static uint32_t refuse_disconnect(void *session, const struct mpr_call *call, int force) {
    (void)session;
    (void)call;
    (void)force;
    return ERROR_NOT_SUPPORTED;
}

static const struct mpr_provider table = {
    SMB_PROVIDER_FACTS,
    .init = init,
    .fini = fini,
    .recognise = recognise,
    .connect = refuse_connect,
    .disconnect = refuse_disconnect,
};

MPR_PROVIDER_DEFINE(&table)
