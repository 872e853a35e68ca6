/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_alloc.h: memory that frees itself at the end of a block.
 */
#ifndef MPR_ALLOC_H
#define MPR_ALLOC_H

#include <stdlib.h>
#include <string.h>

static inline void mpr_free_indirect(void *where) {
    void *memory;

    memcpy(&memory, where, sizeof memory);
    free(memory);
}

/** A pointer variable whose target is freed when it leaves its scope. */
#define MPR_AUTOFREE __attribute__((cleanup(mpr_free_indirect)))

/** Hands a pointer over: its value, and the variable is NULL afterwards. */
#define MPR_TAKE(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(pointer) mpr_taken = (pointer);                                                 \
        (pointer) = NULL;                                                                          \
        mpr_taken;                                                                                 \
    })

/** Frees a string after wiping it; takes NULL. */
static inline void mpr_free_wiped(char *text) {
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

#endif
