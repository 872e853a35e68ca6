/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_smb.c: smb.so, the half of the SMB provider that an application loads.
 *
 * It knows names and checks the options, and links nothing of Samba.
 * Everything that needs a server runs in worker processes, in smb-worker.so.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "providers/smb/smb_entry.h"
#include "providers/smb/smb_name.h"
#include "providers/smb/smb_options.h"
#include "providers/smb/smb_provider.h"
#include "providers/smb/smb_unc.h"

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

static int endpoint(void *state, const char *remote, char *host, size_t size, uint16_t *ret_port) {
    struct smb_name name;

    (void)state;
    if (!smb_name_parse(remote, &name) || strlen(name.host) >= size)
        return 0;
    memcpy(host, name.host, strlen(name.host) + 1);
    *ret_port = name.port;
    return 1;
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

static void explain(const struct front *front, const struct mpr_call *call, uint32_t code,
                    const char *remote, const char *why) {
    char text[MPR_KEY_MAX + 256];

    snprintf(text, sizeof text, SMB_PROVIDER_NAME ": %.*s %s.", (int)MPR_KEY_MAX, remote, why);
    front->host->set_error(call, code, text);
}

/* What is above a directory of a share may be any directory; above a share is its server. */
static struct mpr_resource describe(const struct smb_name *name, const char *remote) {
    if (!name->share[0])
        return smb_entry_of_server(remote);
    return name->dir[0] ? smb_entry_of_directory(remote)
                        : smb_entry_of_share(remote, name->share, RESOURCETYPE_DISK);
}

static enum mpr_answer parent(void *state, const struct mpr_call *call, const char *remote,
                              mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct mpr_resource entry = smb_entry_of_server(NULL);
    char text[SMB_UNC_MAX];
    struct smb_name name;

    (void)state;
    (void)call;
    if (!smb_name_parse(remote, &name)) { /* what its owner says of it counts */
        *ret_code = ERROR_BAD_NET_NAME;
        return MPR_NOT_MINE;
    }
    if (smb_unc_rise(&name) && smb_unc_format(&name, text, sizeof text) > 0)
        entry = describe(&name, text);
    fn(context, &entry);
    return MPR_DONE;
}

static uint32_t universal(void *state, const struct mpr_call *call, const char *device,
                          const char *remote, const char *path, char *buffer, size_t size) {
    uint32_t code = smb_unc_of_file(remote, path, buffer, size);

    (void)device;
    if (code == ERROR_BAD_NET_NAME)
        explain(state, call, code, remote, "is no SMB name");
    return code;
}

static const struct mpr_provider table = {
    SMB_PROVIDER_FACTS,
    .init = init,
    .fini = fini,
    .recognise = recognise,
    .connect = refuse_connect,
    .disconnect = refuse_disconnect,
    .parent = parent,
    .universal = universal,
    .endpoint = endpoint,
};

MPR_PROVIDER_DEFINE(&table)
