/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_provider.h: the facts that the tables of both SMB modules begin with.
 */
#ifndef SMB_PROVIDER_H
#define SMB_PROVIDER_H

#include <mpr/provider.h>

#define SMB_PROVIDER_NAME "SMB Network"

#define SMB_PROVIDER_FACTS                                                                         \
    .magic = MPR_PROVIDER_MAGIC, .abi_major = MPR_PROVIDER_ABI_MAJOR,                              \
    .abi_minor = MPR_PROVIDER_ABI_MINOR, .size = sizeof(struct mpr_provider),                      \
    .flags = MPR_PROVIDER_OWN_PROCESS | MPR_PROVIDER_CREDENTIALS | MPR_PROVIDER_ANY_CASE,          \
    .name = SMB_PROVIDER_NAME, .net_type = 0x00020000u, .driver_version = 0x00010000u,             \
    .max_io = MPR_MAX_IO

#endif
