/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_route.c: which of several providers' answers counts.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <mpr/winerror.h>

#include "router/mpr_status.h"

bool mpr_route_note(struct mpr_route *route, const struct mpr_np *np, enum mpr_answer answer,
                    DWORD code, const struct mpr_failure *failure) {
    bool counts = !route->asked || answer != MPR_NOT_MINE
                  || mpr_status_rank(code) > mpr_status_rank(route->code);

    if (counts) {
        route->code = answer == MPR_DONE ? NO_ERROR : code;
        route->provider = np->name;
        route->failure = *failure;
    }
    route->asked = true;
    route->claimed = answer == MPR_MINE_FAILED;
    return answer != MPR_NOT_MINE;
}

DWORD mpr_route_result(const struct mpr_route *route, DWORD otherwise) {
    if (!route->asked)
        return otherwise;
    if (route->code == NO_ERROR)
        return NO_ERROR;
    return mpr_error_carry(route->code, &route->failure, route->provider);
}
