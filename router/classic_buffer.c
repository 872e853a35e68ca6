/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_buffer.c: the buffers that a module fills, and what it put there.
 *
 * Modules count bytes where characters are meant and the other way round, forget
 * the NUL, and give pointers that lead elsewhere. So they get more memory than
 * they are told of, zeroed; nothing behind what they were told of may have
 * changed; and only what lies in it, ended, is read.
 */
#include "config.h"

#include <string.h>

#include <mpr/winerror.h>

#include "router/classic_call.h"
#include "router/mpr_utf.h"

/* Behind what a module is told of there is as much again, and this. */
#define SLACK 4096

const struct mpr_classic_growth mpr_classic_strings = {sizeof(WCHAR), 1024, 32768};
const struct mpr_classic_growth mpr_classic_structures = {1, 16384, 1048576};

bool mpr_classic_buffer_new(struct mpr_classic_job *job, const struct mpr_classic_growth *growth,
                            DWORD units, struct mpr_classic_buffer *ret) {
    ret->size = units * growth->unit;
    ret->memory = mpr_classic_keep(job, ret->size * 2 + SLACK);
    if (!ret->memory)
        job->code = ERROR_NOT_ENOUGH_MEMORY;
    return ret->memory != NULL;
}

bool mpr_classic_buffer_kept(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer) {
    const char *behind = (const char *)buffer->memory + buffer->size;

    for (size_t i = 0; i < buffer->size + SLACK; i++)
        if (behind[i]) {
            mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "wrote behind a buffer of %zu bytes",
                              buffer->size);
            return false;
        }
    return true;
}

/* What the module says it needs is in bytes or in characters, with or without the NUL. */
DWORD mpr_classic_next_size(const struct mpr_classic_growth *growth, DWORD units, DWORD wanted) {
    if (units >= growth->most)
        return 0;
    if (wanted < units * 2)
        wanted = units * 2;
    return wanted > growth->most ? growth->most : (wanted + 7) & ~7u;
}

bool mpr_classic_fill(struct mpr_classic_job *job, const struct mpr_classic_growth *growth,
                      mpr_classic_fill_fn fill, const char *about, struct mpr_classic_buffer *ret) {
    DWORD units = growth->first;

    while (mpr_classic_buffer_new(job, growth, units, ret)) {
        DWORD size = units, code = fill(job, ret->memory, &size);

        if (!mpr_classic_buffer_kept(job, ret))
            return false;
        if (code != ERROR_MORE_DATA) {
            mpr_classic_answer(job, code, about);
            return code == NO_ERROR;
        }
        units = mpr_classic_next_size(growth, units, size);
        if (!units) {
            mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "wants more than %zu bytes for %s",
                              ret->size, about);
            return false;
        }
    }
    return false;
}

bool mpr_classic_is_inside(const struct mpr_classic_buffer *buffer, size_t first, LPCWSTR text) {
    uintptr_t begin = (uintptr_t)buffer->memory, at = (uintptr_t)text;
    uintptr_t end = begin + buffer->size;

    if (at < begin + first || at >= end || (at - begin) % sizeof(WCHAR))
        return false;
    for (; end - at >= sizeof(WCHAR); at += sizeof(WCHAR), text++)
        if (!*text)
            return true;
    return false;
}

char *mpr_classic_string(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer) {
    char *text;

    if (!mpr_classic_is_inside(buffer, 0, buffer->memory)) {
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "gave a text that does not end");
        return NULL;
    }
    text = mpr_classic_text(job, buffer->memory);
    if (!text)
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "gave a text that is no UTF-16");
    return text;
}

/* One text of an entry; NULL stays NULL. */
static const char *copy_text(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                             size_t first, LPCWSTR text, char **ret) {
    DWORD rc;

    if (!text)
        return NULL;
    if (!mpr_classic_is_inside(buffer, first, text))
        return "gave a pointer that leads out of its buffer, or a text that does not end";
    rc = mpr_utf_from_wide(text, ret);
    if (rc == ERROR_NOT_ENOUGH_MEMORY)
        job->no_memory = true;
    return rc == NO_ERROR ? NULL : "gave a text that is no UTF-16";
}

/* lpProvider is the router's to say, so that one is not even looked at. */
const char *mpr_classic_item(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                             size_t index, size_t count, struct mpr_item *ret) {
    size_t first = count * sizeof(NETRESOURCEW);
    struct mpr_item item = {0};
    NETRESOURCEW entry;
    const char *wrong;

    memcpy(&entry, (const NETRESOURCEW *)buffer->memory + index, sizeof entry);
    item.scope = entry.dwScope;
    item.type = entry.dwType;
    item.display_type = entry.dwDisplayType;
    item.usage = entry.dwUsage;
    wrong = copy_text(job, buffer, first, entry.lpLocalName, &item.local);
    if (!wrong)
        wrong = copy_text(job, buffer, first, entry.lpRemoteName, &item.remote);
    if (!wrong)
        wrong = copy_text(job, buffer, first, entry.lpComment, &item.comment);
    item.provider = wrong ? NULL : strdup(job->classic->name);
    if (!wrong && item.provider) {
        *ret = item;
        return NULL;
    }
    if (!wrong)
        job->no_memory = true;
    free(item.local);
    free(item.remote);
    free(item.comment);
    return wrong ? wrong : "gave more than there is memory for";
}
