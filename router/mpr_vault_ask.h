/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_vault_ask.h: mpr-password is started, asked one thing, and gone.
 */
#ifndef MPR_VAULT_ASK_H
#define MPR_VAULT_ASK_H

#include <mpr/mprtypes.h>

#include "router/mpr_vault_wire.h"

#define MPR_VAULT_TEXTS 3

/** What came back. text is the password, or words; to be wiped and freed. */
struct mpr_vault_answer {
    enum mpr_vault_outcome outcome;
    char *text;
};

/**
 * Asks. texts that are NULL are "". The process ends when this returns, whatever it does.
 *
 * Returns NO_ERROR, ERROR_NOT_ENOUGH_MEMORY, or ERROR_NOT_SUPPORTED with words: it could
 * not be started.
 */
DWORD mpr_vault_ask(const char *program, enum mpr_vault_what what, uint32_t timeout_ms,
                    const char *const texts[MPR_VAULT_TEXTS], struct mpr_vault_answer *ret);

#endif
