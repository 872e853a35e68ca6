/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_advice.h: how far a failed connect came, by its code, and what its
 * user may do about it. Tables.
 */
#ifndef MPR_ROUTER_ADVICE_H
#define MPR_ROUTER_ADVICE_H

#include <mpr/mprtypes.h>

/** Where it ended. */
enum mpr_advice_step {
    MPR_ADVICE_HERE,     /* on this machine: nothing was sent to the server, or not for that */
    MPR_ADVICE_PROTOCOL, /* nobody has answered in the provider's protocol */
    MPR_ADVICE_LOGIN,    /* the server does not let the user in */
    MPR_ADVICE_SHARE,    /* it does, but not to what was asked for */
    MPR_ADVICE_UNKNOWN,  /* the code does not tell */
};

enum mpr_advice_step mpr_router_advice_step(DWORD code);

/** What to do about a failure: sentences. */
const char *mpr_router_advice(DWORD code);

/** What to do about a connection that TCP refuses: error is positive. */
const char *mpr_router_advice_reach(int error);

/** Its Win32 code. */
DWORD mpr_router_advice_code(int error);

#endif
