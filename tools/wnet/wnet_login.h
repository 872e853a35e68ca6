/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_login.h: as whom one connects, by the options of the command line.
 */
#ifndef WNET_LOGIN_H
#define WNET_LOGIN_H

#include <mpr/mprtypes.h>

#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_secret.h"

struct wnet_login {
    const char *user, *password; /* as WNetAddConnection takes them: NULL = the default */
    DWORD flags;                 /* CONNECT_INTERACTIVE, if there is somebody to ask */
    struct wnet_secret *secret;
};

/**
 * Takes user and password from where the options say, or, with ask, from the terminal.
 * remote names the resource in the question.
 *
 * Returns WNET_DONE, and wnet_login_clear is to be called, or the exit status; then it
 * is said why.
 */
int wnet_login_read(const struct wnet_options *options, const char *remote, bool ask,
                    struct wnet_login *ret_login);

/** Wipes it. */
void wnet_login_clear(struct wnet_login *login);

/**
 * Has what the library asks during a call answered: by what the options gave, else on
 * the terminal, if there is one.
 */
void wnet_login_answer(struct wnet_login *login);

/** After a connection was made that is remembered: says where its password comes from. */
void wnet_login_remember(const struct wnet_options *options, const char *device);

#endif
