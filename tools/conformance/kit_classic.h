/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_classic.h: a classic module, called directly as Windows' router calls it.
 */
#ifndef KIT_CLASSIC_H
#define KIT_CLASSIC_H

#include <stdbool.h>

#include <mpr/npapi.h>

/** Every NP function that the router may call, by its name without NP; NULL if the module lacks it. */
#define KIT_NP_FUNCTIONS(X)                                                                        \
    X(GetCaps)                                                                                     \
    X(AddConnection)                                                                               \
    X(AddConnection3)                                                                              \
    X(AddConnection4)                                                                              \
    X(CancelConnection)                                                                            \
    X(CancelConnection2)                                                                           \
    X(GetConnection)                                                                               \
    X(GetConnection3)                                                                              \
    X(GetConnectionPerformance)                                                                    \
    X(GetUniversalName)                                                                            \
    X(GetUser)                                                                                     \
    X(OpenEnum)                                                                                    \
    X(EnumResource)                                                                                \
    X(CloseEnum)                                                                                   \
    X(GetResourceParent)                                                                           \
    X(GetResourceInformation)                                                                      \
    X(FormatNetworkName)

struct kit_np {
#define KIT_NP_MEMBER(name) PF_NP##name name;
    KIT_NP_FUNCTIONS(KIT_NP_MEMBER)
#undef KIT_NP_MEMBER
};
extern struct kit_np kit_np;

/** Loads it with the real loader, and starts it: NPGetCaps(WNNC_START). A failure is a finding. */
void kit_classic_open(void);
/** The same without a call of NPGetCaps. */
void kit_classic_load(void);
/** Skips unless the module has it: KIT_NP_NEEDS(GetUser). */
#define KIT_NP_NEEDS(name)                                                                         \
    do {                                                                                           \
        if (!kit_np.name)                                                                          \
            kit_skip("the module has no NP" #name);                                                \
    } while (0)

/** Has the module this capability? "WNNC_CONNECTION", WNNC_CON_ADDCONNECTION3. */
bool kit_np_can(DWORD index, DWORD bit);

/** A NETRESOURCEW in read-only memory, of type disk. local may be NULL. */
LPNETRESOURCEW kit_resource(const char *local, const char *remote, DWORD type);
/** Connects by the better function of the two, without flags. */
DWORD kit_np_connect(LPNETRESOURCEW resource, const char *user, const char *password);
/** Connects by NPAddConnection3, without which the check does not apply. */
DWORD kit_np_connect3(LPNETRESOURCEW resource, const char *user, const char *password, DWORD flags);
/** Connects as the lab's user, if there is one; local may be NULL. Returns the code. */
DWORD kit_np_add(const char *local, const char *remote);
DWORD kit_np_add_as(const char *local, const char *remote, const char *user, const char *password);
/** The same; a failure is a finding. */
void kit_np_add_good(const char *local, const char *remote);
/** Connects a server that then says nothing; its name. Does not apply without such a one. */
const char *kit_np_add_silenced(const char *local);
DWORD kit_np_cancel(const char *name, BOOL force);
/** NPGetConnection of a device with a large buffer: its remote name, or NULL and *ret_code. */
const char *kit_np_get(const char *local, DWORD *ret_code);
/** Unless exactly this remote name is connected at this device: a finding. */
void kit_np_expect_at(const char *local, const char *remote);
/** How many entries CONNECTED lists with this remote name (any: NULL). */
unsigned kit_np_listed(const char *remote);
/** Unless so many are listed at this device ("": at none, NULL: any): a finding. Nothing where
 * the module lists nothing. */
void kit_np_expect_listed(const char *local, const char *remote, unsigned count);
/** Unless nothing is connected at this device and nothing of this remote name listed: a finding. */
void kit_np_nothing_left(const char *local, const char *remote);

/**
 * Before a call: this thread's last error and WNetGetLastError text are set to
 * marks. Afterwards: did the module touch the one, set the other (then code and text)?
 */
void kit_np_mark(void);
bool kit_np_touched_last_error(void);
bool kit_np_explained(DWORD *ret_code, const char **ret_text);

#endif
