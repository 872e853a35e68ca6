/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_pack.c: packs structures and their strings.
 */
#include "config.h"

#include "router/wnet_pack.h"

#include <string.h>

#include <mpr/winnetwk.h>

#include "router/wnet_text.h"

/* Both forms have one layout; only what the pointers point to differs. */
_Static_assert(sizeof(NETRESOURCEA) == sizeof(NETRESOURCEW), "one layout");

static size_t text_bytes(bool is_wide, const char *text) {
    return text ? wnet_text_size(is_wide, text) * (is_wide ? sizeof(WCHAR) : 1) : 0;
}

size_t wnet_pack_size(bool is_wide, const struct mpr_item *item) {
    return sizeof(NETRESOURCEW) + text_bytes(is_wide, item->local)
           + text_bytes(is_wide, item->remote) + text_bytes(is_wide, item->comment)
           + text_bytes(is_wide, item->provider);
}

/* Puts a string before *end, which is moved. */
static void *put_text(bool is_wide, const char *text, char **end) {
    size_t bytes = text_bytes(is_wide, text);

    if (!text)
        return NULL;
    *end -= bytes;
    wnet_text_cut(is_wide, text, *end, wnet_text_size(is_wide, text));
    return *end;
}

size_t wnet_pack(bool is_wide, const struct mpr_item *items, size_t count, void *buffer,
                 size_t size) {
    NETRESOURCEW *head = buffer;
    char *end = (char *)buffer + (is_wide ? size & ~(sizeof(WCHAR) - 1) : size);
    size_t packed = 0;

    while (packed < count) {
        const struct mpr_item *item = &items[packed];
        NETRESOURCEW *entry = &head[packed];

        if ((size_t)(end - (char *)entry) < wnet_pack_size(is_wide, item))
            break;
        *entry = (NETRESOURCEW){
            .dwScope = item->scope,
            .dwType = item->type,
            .dwDisplayType = item->display_type,
            .dwUsage = item->usage,
            .lpLocalName = put_text(is_wide, item->local, &end),
            .lpRemoteName = put_text(is_wide, item->remote, &end),
            .lpComment = put_text(is_wide, item->comment, &end),
            .lpProvider = put_text(is_wide, item->provider, &end),
        };
        packed++;
    }
    return packed;
}

DWORD wnet_pack_one(bool is_wide, void *head, size_t head_size, const struct wnet_pack_text *texts,
                    size_t count, void *buffer, LPDWORD size) {
    size_t needed = head_size;
    char *at;

    for (size_t i = 0; i < count; i++)
        needed += text_bytes(is_wide, texts[i].text);
    if (!buffer && *size)
        return wnet_text_say_null(*size);
    if (*size < needed) {
        *size = (DWORD)needed;
        return ERROR_MORE_DATA;
    }
    at = (char *)buffer + head_size;
    for (size_t i = 0; i < count; i++) {
        char *where = texts[i].text ? at : NULL;

        if (where)
            wnet_text_cut(is_wide, texts[i].text, where, wnet_text_size(is_wide, texts[i].text));
        memcpy(texts[i].pointer, &where, sizeof where);
        at += text_bytes(is_wide, texts[i].text);
    }
    memcpy(buffer, head, head_size);
    return NO_ERROR;
}
