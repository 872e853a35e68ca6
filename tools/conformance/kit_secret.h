/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_secret.h: a password that is nowhere in this process but where the provider
 * keeps it: the kit's own copy is enciphered, and the lab file's is wiped.
 */
#ifndef KIT_SECRET_H
#define KIT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Wipes every copy of the lab's password from the process, and gives it to the
 * provider from now on. Before the module is opened; skips if the lab's names or
 * options hold the same letters.
 */
void kit_secret_hide(const char *password);

/** Copies of it in memory that a core dump would hold, in UTF-8 or UTF-16; where the last one is. */
size_t kit_secret_copies(const char **ret_where);
/** Is it in this text? */
bool kit_secret_is_in(const void *text, size_t size);
/** Is it in what the last caller of secret() gave as its buffer? */
bool kit_secret_is_left(void);

#endif
