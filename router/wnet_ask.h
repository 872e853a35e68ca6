/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_ask.h: asking for user name and password, when a connection was refused
 * for want of them.
 */
#ifndef WNET_ASK_H
#define WNET_ASK_H

#include <stdbool.h>

#include <mpr/mprtypes.h>
#include <mpr/provider.h>

#include "router/mpr_ops.h"

/** One connection that is asked for. user and password are what to try next. */
struct wnet_asking {
    const char *remote;
    DWORD flags;      /* CONNECT_ */
    bool names_user;  /* the caller did */
    const char *user; /* or NULL */
    const char *password;
    unsigned rounds;
    char user_room[MPR_USER_MAX], password_room[MPR_SECRET_MAX];
};

/** user and password are the caller's. wnet_asking_clear must follow. */
void wnet_asking_init(struct wnet_asking *asking, const char *remote, const char *user,
                      const char *password, DWORD flags);
void wnet_asking_clear(struct wnet_asking *asking);

/** Explains a refusal in this thread; returns its code. */
DWORD wnet_ask_explain(const struct mpr_refusal *refusal);

/**
 * Asks the user, who is told why: for his name, unless the caller gave one, and
 * the password. With CONNECT_PROMPT the first question comes before the first
 * try, offers another name in any case, and is left out if nobody can be asked.
 *
 * Returns NO_ERROR: try again; ERROR_CANCELLED; or the refusal's code, when
 * nobody can be asked or it was asked often enough. A failure is explained.
 */
DWORD wnet_ask(struct wnet_asking *asking, const struct mpr_refusal *refusal);

#endif
