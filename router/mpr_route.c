/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_route.c: which of several providers' answers counts.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_router_advice.h"
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

/* A name as it may be shown: what stands before a password in it, "***" for that, and the rest. */
struct shown {
    int length;
    const char *stars, *rest;
};

/* The password of scheme://user:password@host/... is not. */
static struct shown hide_password(const char *remote) {
    const char *server = strstr(remote, "://"), *colon = NULL, *at = NULL;

    if (server) {
        server += 3;
        at = memrchr(server, '@', strcspn(server, "/"));
    }
    if (at)
        colon = memchr(server, ':', (size_t)(at - server));
    if (!colon)
        return (struct shown){(int)strlen(remote), "", ""};
    return (struct shown){(int)(colon + 1 - remote), "***", at};
}

void mpr_route_note_type(struct mpr_route *route, const struct mpr_np *np, const char *remote,
                         bool is_printer) {
    struct shown shown = hide_password(remote);
    struct mpr_failure failure;

    mpr_failure_set(&failure, ERROR_BAD_DEV_TYPE, "%s takes %.*s%s%s for a %s. %s", np->name,
                    shown.length, remote, shown.stars, shown.rest, is_printer ? "printer" : "disk",
                    mpr_router_advice(ERROR_BAD_DEV_TYPE));
    mpr_route_note(route, np, MPR_NOT_MINE, ERROR_BAD_DEV_TYPE, &failure);
}

DWORD mpr_route_result(const struct mpr_route *route, DWORD otherwise, const char *tried,
                       const char *name) {
    struct shown shown = hide_password(name);

    if (!route->asked)
        return otherwise;
    return mpr_error_carry_or(route->code, &route->failure, route->provider,
                              "%s cannot %s %.*s%s%s. %s %s", route->provider, tried, shown.length,
                              name, shown.stars, shown.rest, mpr_status_text(route->code),
                              mpr_router_advice(route->code));
}

DWORD mpr_route_nobodys(const char *remote) {
    struct shown shown = hide_password(remote);

    return mpr_error_say(ERROR_BAD_NET_NAME, "No provider takes %.*s%s%s as a name of its own.%s",
                         shown.length, remote, shown.stars, shown.rest,
                         *shown.stars ? " A password is given beside the name, not in it." : "");
}
