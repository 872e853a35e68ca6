/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_route.c: which of several providers' answers counts.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <mpr/winerror.h>

#include "router/mpr_status.h"

/* "Failed", but with a code that says "done": no caller must take that for success. */
static bool is_contradiction(enum mpr_answer answer, DWORD code) {
    return answer != MPR_DONE && mpr_status_class(code) == MPR_CLASS_DONE;
}

bool mpr_route_note(struct mpr_route *route, const struct mpr_np *np, enum mpr_answer answer,
                    DWORD code, const struct mpr_failure *failure) {
    bool counts = !route->asked || answer != MPR_NOT_MINE || mpr_status_outranks(code, route->code);

    if (counts) {
        route->code = is_contradiction(answer, code) ? ERROR_UNEXP_NET_ERR : code;
        route->provider = np->name;
        route->np = np;
        route->failure = *failure;
    }
    route->asked = true;
    return answer != MPR_NOT_MINE;
}

DWORD mpr_route_result(const struct mpr_route *route, DWORD otherwise) {
    if (!route->asked)
        return otherwise;
    return mpr_error_carry(route->code, &route->failure, route->provider);
}
