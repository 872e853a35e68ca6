/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_local.c: the driver "local": the router in this process.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_failures.h"
#include "router/mpr_handle.h"
#include "router/mpr_router.h"
#include "router/mpr_trace.h"
#include "router/mpr_unavailable.h"

static void free_router(struct mpr_router *router) {
    mpr_providers_free(router->providers);
    mpr_registry_free(router->registry);
    mpr_config_free(router->config);
    mpr_paths_free(router->paths);
    free(router);
}

/* A root that was asked for must be usable; the default directories need not be there. */
static DWORD check_root(const char *root) {
    struct stat facts;

    if (!root)
        return NO_ERROR;
    if (*root != '/')
        return mpr_error_say(ERROR_INVALID_PARAMETER, "The root %s is no absolute path.", root);
    if (stat(root, &facts) || (!S_ISDIR(facts.st_mode) && (errno = ENOTDIR)))
        return mpr_error_say(errno == EACCES ? ERROR_ACCESS_DENIED : ERROR_PATH_NOT_FOUND,
                             "The root %s cannot be used: %s.", root, strerror(errno));
    return NO_ERROR;
}

static DWORD local_open(const char *root, void **ret_state) {
    MPR_AUTOFREE char *complaint = NULL;
    struct mpr_router *router;
    DWORD rc = check_root(root);

    if (rc != NO_ERROR)
        return rc;
    router = calloc(1, sizeof *router);
    if (!router)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = mpr_paths_new(root, &router->paths);
    if (rc == NO_ERROR)
        rc = mpr_config_new(router->paths, &router->config, &complaint);
    if (rc == NO_ERROR && complaint)
        mpr_trace("config", "%s", complaint);
    if (rc == NO_ERROR)
        rc = mpr_registry_new(router->paths, router->config, &router->registry);
    if (rc == NO_ERROR)
        rc = mpr_providers_new(router->registry, router->paths, router->config, &router->providers);
    if (rc != NO_ERROR) {
        free_router(router);
        return rc;
    }
    *ret_state = router;
    return NO_ERROR;
}

static void local_clear(void *state, bool connecting) {
    mpr_router_clear(state, connecting);
}

static void local_close(void *state) {
    mpr_unavailable_clear();
    mpr_failures_clear();
    free_router(state);
}

/* The providers' threads and processes are the parent's, and so is what they hold. */
static void local_forget(void *state) {
    (void)state;
    mpr_conntab_forget_all();
    mpr_handle_forget_users();
}

#define RUN(id, op, ARGS, RET)                                                                     \
    static DWORD local_##op(void *state, const struct mpr_##op##_args *args,                       \
                            struct mpr_##op##_ret *ret) {                                          \
        return mpr_router_##op(state, args, ret);                                                  \
    }
MPR_OPS(RUN)

const struct mpr_driver mpr_local_driver = {.name = "local",
                                            .open = local_open,
                                            .clear = local_clear,
                                            .close = local_close,
                                            .forget = local_forget,
#define SLOT(id, op, ARGS, RET) .op = local_##op,
                                            MPR_OPS(SLOT)
#undef SLOT
};
