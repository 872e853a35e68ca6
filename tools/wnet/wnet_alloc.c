/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_alloc.c: memory, without which the command ends with a sentence.
 */
#include "config.h"

#include "tools/wnet/wnet_alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/wnet/wnet.h"

static void *need(void *memory) {
    if (!memory) {
        fputs("wnet: there is not enough memory.\n", stderr);
        exit(WNET_FAILED);
    }
    return memory;
}

char *wnet_copy(const char *text) {
    return need(strdup(text));
}

char *wnet_format(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return need(length < 0 ? NULL : text);
}

void *wnet_grow(void *items, size_t count, size_t size) {
    char *grown = need(reallocarray(items, count + 1, size));

    memset(grown + count * size, 0, size);
    return grown;
}
