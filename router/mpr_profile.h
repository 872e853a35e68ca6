/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_profile.h: the remembered connections of the user.
 *
 * Nobody caches them: every call reads the file anew. A change is made under a
 * lock on a separate file, and the file is replaced as a whole.
 *
 * Codes of all functions: NO_ERROR, ERROR_NOT_ENOUGH_MEMORY,
 * ERROR_CANNOT_OPEN_PROFILE (it cannot be opened, locked or saved),
 * ERROR_BAD_PROFILE (it was read and is malformed). Each failure is explained
 * in the thread, with the file's name and what to do; the file is left byte for
 * byte. No file is an empty profile. A file that belongs to neither the effective
 * user nor root, or that others may write, cannot be opened: whoever wrote it
 * chose the servers that get this user's password.
 */
#ifndef MPR_PROFILE_H
#define MPR_PROFILE_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

#include "router/mpr_paths.h"

#define MPR_USE_OPTIONS_MAX 65536u /* bytes of the options of WNetAddConnection4 */

struct mpr_profile_entry {
    char *device;           /* "Z:" or "LPT1" */
    char *remote;           /* as the caller wrote it */
    char *user;             /* "" = default user */
    char *provider;         /* lpProvider */
    uint32_t provider_type; /* WNNC_NET_ */
    uint32_t type;          /* RESOURCETYPE_DISK or _PRINT */
    uint32_t connect_flags; /* CONNECT_ flags that were given, for restoring */
    void *use_options;      /* of WNetAddConnection4, or NULL */
    size_t use_options_size;
    uint32_t credentials; /* MPR_CREDENTIALS_: where its password comes from; not remembered anew */
    char *credentials_value; /* a file or a command; "" */
};

struct mpr_profile_list {
    struct mpr_profile_entry *entries; /* by device */
    size_t count;
};

DWORD mpr_profile_read(const struct mpr_paths *paths, struct mpr_profile_list *ret_list);
void mpr_profile_list_clear(struct mpr_profile_list *list);
void mpr_profile_entry_clear(struct mpr_profile_entry *entry);

/** The entry of a device; *ret_found false and *ret_entry empty if there is none. */
DWORD mpr_profile_find(const struct mpr_paths *paths, const char *device, bool *ret_found,
                       struct mpr_profile_entry *ret_entry);

/**
 * Could a change be saved now? Locks, reads, understands, makes a temporary
 * file beside the profile and removes it, unlocks. With create the directory is
 * made if need be; without it no directory means there is nothing to change.
 */
DWORD mpr_profile_check(const struct mpr_paths *paths, bool create);

/**
 * Adds or replaces an entry: one whose remote name is seen (NULL: there was
 * none when the caller looked) or the new one. Keys that this version does not know survive, but
 * for those of the device's own entry when that was for another remote name,
 * user or provider: they belonged to that connection.
 *
 * Also ERROR_DEVICE_ALREADY_REMEMBERED: another process remembered the device
 * for something else meanwhile; ERROR_INVALID_PARAMETER: no device, no remote
 * name, or text that is no UTF-8.
 */
DWORD mpr_profile_remember(const struct mpr_paths *paths, const char *seen,
                           const struct mpr_profile_entry *entry);

/**
 * Says where the password of a remembered device comes from: MPR_CREDENTIALS_, and the
 * file or command, which is "" for others. False in *ret_was_there: it is not remembered.
 */
DWORD mpr_profile_set_credentials(const struct mpr_paths *paths, const char *device,
                                  uint32_t source, const char *value, bool *ret_was_there);

/** Removes an entry. One that is not there needs no write: *ret_was_there false. */
DWORD mpr_profile_forget(const struct mpr_paths *paths, const char *device, bool *ret_was_there);

#endif
