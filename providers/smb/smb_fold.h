/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_fold.h: names without their letters' case, as SMB servers compare them.
 */
#ifndef SMB_FOLD_H
#define SMB_FOLD_H

#include <locale.h>
#include <stddef.h>

/** What folding needs; made once, then read by any thread. */
struct smb_fold {
    locale_t locale; /**< (locale_t)0: only ASCII letters are folded */
};

/** Needs no clean-up if it was not called. Never fails. */
void smb_fold_open(struct smb_fold *fold);
void smb_fold_close(struct smb_fold *fold);

/**
 * Copies UTF-8 text (which must be valid) in small letters, character by
 * character, so that the result does not depend on the process's locale.
 *
 * Returns the length written without the NUL, or -1 if it does not fit.
 */
int smb_fold_copy(const struct smb_fold *fold, const char *text, char *buffer, size_t size);

#endif
