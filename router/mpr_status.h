/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_status.h: what codes mean: Win32 texts, errno to Win32, and the classes
 * that routing goes by. All of it tables.
 */
#ifndef MPR_STATUS_H
#define MPR_STATUS_H

#include <mpr/provider.h>

/** The standard sentence of a Win32 code; never NULL. */
const char *mpr_status_text(DWORD code);

/** The Win32 code that says the same as an errno value (positive). */
DWORD mpr_status_from_errno(int error);

/** What a classic provider's code says about the name it was given. */
enum mpr_class {
    MPR_CLASS_DONE,       /* success, also with information */
    MPR_CLASS_NOT_MINE,   /* ask on; insignificant */
    MPR_CLASS_CANNOT_SAY, /* ask on; might be mine */
    MPR_CLASS_MINE,       /* stop: significant */
};

enum mpr_class mpr_status_class(DWORD code);

/** The answer that a class amounts to. */
enum mpr_answer mpr_status_answer(DWORD code);

/**
 * Of codes that all said "not mine", the one to report: the higher rank.
 * Busy > bad device > bad path > bad name > not connected > others.
 */
int mpr_status_rank(DWORD code);

#endif
