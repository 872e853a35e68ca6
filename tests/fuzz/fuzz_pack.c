/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_pack.c: any entries into a buffer of any size. The first two bytes say
 * how big the buffer is and whether it is for UTF-16; the rest are texts, each
 * ended by a NUL, four to an entry. What is packed lies in the buffer, in order
 * and whole.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/mpr_utf.h"
#include "router/wnet_pack.h"

#define ENTRIES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

/* The next text, or NULL for one that begins with '-', as far as it is UTF-8. */
static char *next_text(const uint8_t **at, const uint8_t *end) {
    size_t length = strnlen((const char *)*at, (size_t)(end - *at));
    char *text = malloc(length + 1);

    require(text != NULL);
    memcpy(text, *at, length);
    text[length] = '\0';
    *at += length < (size_t)(end - *at) ? length + 1 : length;
    if (*text == '-' || !mpr_utf_valid(text)) {
        free(text);
        return NULL;
    }
    return text;
}

/* Is it the text, as a string in the buffer? */
static void hold_text(bool is_wide, const void *packed, const char *text, const char *buffer,
                      size_t size) {
    const char *at = packed;
    size_t bytes;

    require(!packed == !text);
    if (!text)
        return;
    bytes = is_wide ? mpr_utf_wide_size(text) * sizeof(WCHAR) : strlen(text) + 1;
    require(at >= buffer && at + bytes <= buffer + size);
    if (is_wide) {
        char *back = NULL;

        require(((uintptr_t)at & 1) == 0 && mpr_utf_from_wide(packed, &back) == 0);
        require(strcmp(back, text) == 0);
        free(back);
    } else {
        require(strcmp(at, text) == 0);
    }
}

static void hold(bool is_wide, const struct mpr_item *items, size_t size) {
    char *buffer = malloc(size ? size : 1);
    size_t packed;

    require(buffer != NULL);
    packed = wnet_pack(is_wide, items, ENTRIES, buffer, size);
    require(packed <= ENTRIES);
    require(packed || size < wnet_pack_size(is_wide, &items[0]) + 1);
    for (size_t i = 0; i < packed; i++) {
        const NETRESOURCEW *entry = (const NETRESOURCEW *)(const void *)buffer + i;

        hold_text(is_wide, entry->lpLocalName, items[i].local, buffer, size);
        hold_text(is_wide, entry->lpRemoteName, items[i].remote, buffer, size);
        hold_text(is_wide, entry->lpComment, items[i].comment, buffer, size);
        hold_text(is_wide, entry->lpProvider, items[i].provider, buffer, size);
    }
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mpr_item items[ENTRIES] = {0};
    const uint8_t *at = data + 2, *end = data + size;

    if (size < 2)
        return 0;
    for (size_t i = 0; i < ENTRIES; i++) {
        items[i].local = next_text(&at, end);
        items[i].remote = next_text(&at, end);
        items[i].comment = next_text(&at, end);
        items[i].provider = next_text(&at, end);
    }
    hold((data[1] & 1) != 0, items, (size_t)data[0] * 4 + (data[1] >> 6));
    for (size_t i = 0; i < ENTRIES; i++) {
        free(items[i].local);
        free(items[i].remote);
        free(items[i].comment);
        free(items[i].provider);
    }
    return 0;
}
