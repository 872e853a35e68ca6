/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_status.h: what codes mean: Win32 texts, errno to Win32, and the classes
 * that routing goes by. All of it tables.
 */
#ifndef MPR_STATUS_H
#define MPR_STATUS_H

#include <stdbool.h>

#include <mpr/mprtypes.h>

/** The standard sentence of a Win32 code; never NULL. */
const char *mpr_status_text(DWORD code);

/** What a code by itself says about the name that a provider was given. */
enum mpr_class {
    MPR_CLASS_DONE,       /* success, also with information */
    MPR_CLASS_NOT_MINE,   /* ask on; insignificant */
    MPR_CLASS_CANNOT_SAY, /* ask on; might be mine */
    MPR_CLASS_MINE,       /* stop: significant */
};

enum mpr_class mpr_status_class(DWORD code);

/**
 * Of two codes with which nobody took a name: does the first say more? Busy >
 * network down > bad device > bad path > bad name > not connected > others.
 */
bool mpr_status_outranks(DWORD code, DWORD than);

#endif
