/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_config.h: mpr.json, the administrator's and the user's; the user's wins.
 */
#ifndef MPR_CONFIG_H
#define MPR_CONFIG_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_paths.h"

/** What mpr.json says about one provider, by the name in its drop-in. */
struct mpr_config_provider {
    char *name;
    bool disabled; /* "enabled": false */
    bool has_order;
    int order;
    struct mpr_option *options; /* ended by a NULL name; override the drop-in's */
};

/** Where the router runs: "session". */
enum mpr_config_session {
    MPR_SESSION_AUTO, /* in the service of the user if it answers, else in this process */
    MPR_SESSION_ON,
    MPR_SESSION_OFF,
};

struct mpr_config {
    enum mpr_config_session session; /* "auto" (default), "on", "off" */
    bool cancel_remote_deviceless;   /* "cancel_remote": "deviceless"; default "all" */
    uint32_t connect_timeout_ms;     /* default 5000 */
    uint32_t cancel_timeout_ms;      /* of a forced cancel; default 2000 */
    uint32_t io_timeout_ms;          /* without progress; default 30000 */
    uint32_t password_timeout_ms;    /* of a command or a keyring; default 20000 */
    char *drives_directory; /* "drives_directory", absolute; NULL: in the runtime directory */
    struct mpr_config_provider *providers;
    size_t provider_count;
};

/**
 * Reads both files. A missing file is empty. A malformed file, one that belongs
 * to neither root nor the effective user or that others may write, or a value of
 * a wrong type is left out as a whole and said: *ret_complaint (to be freed) then
 * has a sentence for each, with file and line or key, else it is NULL. Unknown
 * keys are ignored.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_config_new(const struct mpr_paths *paths, struct mpr_config **ret_config,
                     char **ret_complaint);

/** What mpr.json says about a provider, or NULL. */
const struct mpr_config_provider *mpr_config_find(const struct mpr_config *config,
                                                  const char *name);

/** Takes NULL. */
void mpr_config_free(struct mpr_config *config);

#endif
