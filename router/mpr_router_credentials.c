/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_credentials.c: where the password of a remembered connection is to
 * come from.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <mpr/session.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_error.h"
#include "router/mpr_vault.h"

static DWORD check_value(uint32_t source, const char *value) {
    if (source > MPR_CREDENTIALS_KEYRING)
        return mpr_error_say(ERROR_INVALID_PARAMETER, "%u is no source of passwords.", source);
    if (source == MPR_CREDENTIALS_NONE && value)
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "Nothing is to be set, so there is no value for it.");
    if (source == MPR_CREDENTIALS_NONE)
        return NO_ERROR;
    if (!value || (!*value && source != MPR_CREDENTIALS_KEYRING))
        return mpr_error_say(ERROR_INVALID_PARAMETER, "The value is missing or empty.");
    if (source == MPR_CREDENTIALS_FILE && *value != '/')
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "The credentials file \"%s\" is no absolute path.", value);
    return NO_ERROR;
}

/* Before anything is remembered: could a password be taken from there, or put there? */
static DWORD prepare(const struct mpr_router *router, const struct mpr_profile_entry *entry,
                     const struct mpr_credentials_args *args) {
    struct mpr_vault_found found = {0};
    DWORD rc;

    if (args->source == MPR_CREDENTIALS_FILE) {
        rc = mpr_vault_file_read(args->value, false, &found);
        mpr_vault_found_clear(&found);
        return rc;
    }
    if (args->source == MPR_CREDENTIALS_KEYRING)
        return mpr_vault_keep(&(struct mpr_vault){router->paths, router->config}, entry->remote,
                              entry->user, args->value);
    return NO_ERROR;
}

static DWORD say_unknown(const char *device) {
    return mpr_error_say(ERROR_NOT_CONNECTED,
                         "%s is not remembered: only a remembered connection is restored.", device);
}

DWORD mpr_router_credentials(struct mpr_router *router, const struct mpr_credentials_args *args,
                             struct mpr_credentials_ret *ret) {
    bool is_word = args->source == MPR_CREDENTIALS_FILE || args->source == MPR_CREDENTIALS_COMMAND;
    struct mpr_profile_entry entry;
    struct mpr_device device;
    bool found;
    DWORD rc;

    (void)ret;
    if (!args->device || !mpr_name_device(args->device, &device))
        return mpr_error_say(ERROR_INVALID_PARAMETER,
                             "\"%s\" is no device name: A: to Z: and LPT1 to LPT9 are.",
                             args->device ? args->device : "");
    rc = check_value(args->source, args->value);
    if (rc == NO_ERROR)
        rc = mpr_profile_find(router->paths, device.name, &found, &entry);
    if (rc != NO_ERROR)
        return rc;
    rc = found ? prepare(router, &entry, args) : say_unknown(device.name);
    mpr_profile_entry_clear(&entry);
    if (rc == NO_ERROR)
        rc = mpr_profile_set_credentials(router->paths, device.name, args->source,
                                         is_word ? args->value : "", &found);
    return rc == NO_ERROR && !found ? say_unknown(device.name) : rc;
}

void mpr_router_save_password(const struct mpr_router *router, const struct mpr_add_args *args,
                              struct mpr_add_ret *ret) {
    const struct mpr_vault vault = {router->paths, router->config};
    const uint32_t remembered = CONNECT_UPDATE_PROFILE | CONNECT_TEMPORARY;
    bool was_there;
    DWORD rc;

    if (!(args->flags & CONNECT_CMD_SAVECRED) || !args->password)
        return;
    rc = mpr_vault_keep(&vault, args->remote, args->user ? args->user : "", args->password);
    if (rc == NO_ERROR && ret->redirected && (args->flags & remembered) == CONNECT_UPDATE_PROFILE)
        rc = mpr_profile_set_credentials(router->paths, ret->access_name, MPR_CREDENTIALS_KEYRING,
                                         "", &was_there);
    if (rc != NO_ERROR && !mpr_router_refuse(rc, &ret->refusal))
        ret->refusal.code = rc;
}
