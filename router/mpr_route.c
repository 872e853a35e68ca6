/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_route.c: which of several providers' answers counts.
 */
#include "config.h"

#include "router/mpr_route.h"

#include <string.h>

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

/* Where the password of scheme://user:password@host/... begins, and its length; or NULL. */
static const char *find_password(const char *remote, size_t *ret_length) {
    const char *server = strstr(remote, "://"), *colon, *at;
    size_t length;

    if (!server)
        return NULL;
    server += 3;
    length = strcspn(server, "/");
    at = memrchr(server, '@', length);
    colon = at ? memchr(server, ':', (size_t)(at - server)) : NULL;
    if (!colon)
        return NULL;
    *ret_length = (size_t)(at - colon - 1);
    return colon + 1;
}

DWORD mpr_route_nobodys(const char *remote) {
    size_t length = 0;
    const char *password = find_password(remote, &length);

    if (!password)
        return mpr_error_say(ERROR_BAD_NET_NAME, "No provider takes %s as a name of its own.",
                             remote);
    return mpr_error_say(ERROR_BAD_NET_NAME,
                         "No provider takes %.*s***%s as a name of its own. A password is given "
                         "beside the name, not in it.",
                         (int)(password - remote), remote, password + length);
}
