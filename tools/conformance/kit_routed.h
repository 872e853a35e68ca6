/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_routed.h: a router with the provider under test, and a decoy beside it.
 *
 * The decoy recognises decoy:..., where everything is there but "missing",
 * and can be told by options what else to answer; see kit_decoy.c.
 */
#ifndef KIT_ROUTED_H
#define KIT_ROUTED_H

#include <stdbool.h>

#include <mpr/mpr.h>
#include <mpr/provider.h>
#include <mpr/winnetwk.h>

#include "tools/conformance/kit_state.h"

#define KIT_DECOY      "decoy:host/share"
#define KIT_DECOY_TEXT "the decoy failed as it was told to"
#define KIT_DECOY_NAME "Conformance Decoy"

/** The router has the provider alone, or the decoy after or before it. */
enum kit_beside { KIT_ALONE, KIT_DECOY_AFTER, KIT_DECOY_BEFORE };

/**
 * Starts the router in the check's directory. options: of the decoy, members
 * of a JSON object such as "\"answer\": 67", or NULL. A provider that does not load is a finding.
 */
void kit_routed_start(enum kit_beside beside, const char *options);
/** Ends it and starts it anew with other options of mpr.json, members of a JSON object or NULL. */
void kit_routed_restart(const char *configuration);
void kit_routed_end(void);

/** lpProvider of the subject. */
const char *kit_routed_provider(void);
/** What MprListProviders says it can: MPR_CAN_ bits. */
unsigned kit_routed_can(void);

/** Connects as the lab's user, if there is one; device may be NULL. Returns the code. */
DWORD kit_add(const char *device, const char *remote);
DWORD kit_add_as(const char *device, const char *remote, const char *user, const char *password,
                 DWORD flags);
/** The same; a failure is a finding that has the text. */
void kit_add_good(const char *device, const char *remote);
DWORD kit_cancel(const char *name, BOOL force);
/** The remote name of a device, or NULL and *ret_code. As kit_text. */
const char *kit_get(const char *device, DWORD *ret_code);
/** Connects and cancels once, so that what is made at the first use is there; then counts. */
struct kit_state kit_warm_up(void);
/** Unless the device is free, nothing is listed and the state is as before: a finding. */
void kit_nothing_left(const char *device, const struct kit_state *before, const char *after);

/** How many CONNECTED entries there are of this remote name (any: NULL). */
unsigned kit_listed(const char *remote);
/** This thread's WNetGetLastError: text, provider and code. As kit_text. */
const char *kit_words(DWORD *ret_code, const char **ret_provider);

#endif
