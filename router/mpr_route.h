/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_route.h: the outcome of asking providers one after the other.
 *
 * Who carries it out ends it. Else the first counts that said "mine, and it
 * failed"; else, of those that said "not mine", the first by rank. The text
 * reported is always the one that belongs to the code reported.
 */
#ifndef MPR_ROUTE_H
#define MPR_ROUTE_H

#include "router/mpr_error.h"
#include "router/mpr_providers.h"

struct mpr_route {
    bool asked; /* somebody was, and failed */
    DWORD code;
    const char *provider;
    const struct mpr_np *np; /* whose answer counts */
    struct mpr_failure failure;
};

/** Notes a failure. True: ask nobody else. */
bool mpr_route_note(struct mpr_route *route, const struct mpr_np *np, enum mpr_answer answer,
                    DWORD code, const struct mpr_failure *failure);

/** Notes that a provider takes a name for the resource of another type than what is wanted. */
void mpr_route_note_type(struct mpr_route *route, const struct mpr_np *np, const char *remote,
                         bool is_printer);

/**
 * Explains the outcome in the thread and returns its code; a route nobody was asked on is otherwise.
 * tried and name ("connect to", a remote name) are for a failure that its provider gives no
 * words for.
 */
DWORD mpr_route_result(const struct mpr_route *route, DWORD otherwise, const char *tried,
                       const char *name);

/** Explains that no provider takes the name, without a password that it may hold. */
DWORD mpr_route_nobodys(const char *remote);

#endif
