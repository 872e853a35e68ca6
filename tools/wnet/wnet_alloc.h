/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_alloc.h: memory, without which the command ends with a sentence.
 */
#ifndef WNET_ALLOC_H
#define WNET_ALLOC_H

#include <stddef.h>

char *wnet_copy(const char *text);

/** Text in the form of printf, to be freed. */
char *wnet_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** items, with room for one of size bytes more, which is zero; count is how many it has. */
void *wnet_grow(void *items, size_t count, size_t size);

#endif
