/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_text.c: texts in UTF-16, and answers packed as npapi.h wants them. The
 * buffers of a caller may lie anywhere, so everything in them goes by memcpy.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t classic_length(LPCWSTR text) {
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

size_t classic_bytes(LPCWSTR text) {
    return text ? (classic_length(text) + 1) * sizeof *text : 0;
}

WCHAR classic_fold(WCHAR unit) {
    return unit >= u'A' && unit <= u'Z' ? (WCHAR)(unit - u'A' + u'a') : unit;
}

bool classic_same_part(LPCWSTR part, size_t units, LPCWSTR whole) {
    size_t i = 0;

    while (i < units && whole[i] && classic_fold(part[i]) == classic_fold(whole[i]))
        i++;
    return i == units && !whole[i];
}

bool classic_same(LPCWSTR a, LPCWSTR b) {
    return classic_same_part(a, classic_length(a), b);
}

LPWSTR classic_copy(LPCWSTR text, size_t units) {
    LPWSTR copy = malloc((units + 1) * sizeof *copy);

    if (copy) {
        memcpy(copy, text, units * sizeof *copy);
        copy[units] = 0;
    }
    return copy;
}

DWORD classic_give(LPCWSTR text, LPWSTR buffer, LPDWORD size) {
    DWORD needed = (DWORD)classic_length(text) + 1;

    if (*size < needed) {
        *size = needed;
        return WN_MORE_DATA;
    }
    if (!buffer)
        return WN_BAD_VALUE;
    memcpy(buffer, text, needed * sizeof *text);
    return WN_SUCCESS;
}

char *classic_end(void *buffer, DWORD size) {
    char *end = (char *)buffer + size;

    return end - (size & (uintptr_t)end & 1);
}

LPWSTR classic_put(char **end, LPCWSTR text, size_t units) {
    static const WCHAR nul = 0;

    if (!text)
        return NULL;
    *end -= sizeof nul;
    memcpy(*end, &nul, sizeof nul);
    *end -= units * sizeof nul;
    return memcpy(*end, text, units * sizeof nul);
}

size_t classic_entry_size(const struct classic_entry *entry) {
    return sizeof(NETRESOURCEW) + classic_bytes(CLASSIC_PROVIDER) + classic_bytes(entry->local)
           + classic_bytes(entry->comment)
           + (entry->remote ? (entry->remote_units + 1) * sizeof(WCHAR) : 0);
}

static LPWSTR put_whole(char **end, LPCWSTR text) {
    return text ? classic_put(end, text, classic_length(text)) : NULL;
}

void classic_entry_write(const struct classic_entry *entry, void *at, char **end) {
    NETRESOURCEW resource = {
        .dwScope = entry->scope,
        .dwType = entry->type,
        .dwDisplayType = entry->display,
        .dwUsage = entry->usage,
    };

    resource.lpProvider = put_whole(end, CLASSIC_PROVIDER);
    resource.lpComment = put_whole(end, entry->comment);
    resource.lpRemoteName = classic_put(end, entry->remote, entry->remote_units);
    resource.lpLocalName = put_whole(end, entry->local);
    memcpy(at, &resource, sizeof resource);
}

/* Appends what there is room for. */
static void append(WCHAR *text, size_t size, LPCWSTR more) {
    size_t at = classic_length(text);

    while (*more && at + 1 < size)
        text[at++] = *more++;
    text[at] = 0;
}

struct saying {
    DWORD native;
    LPCWSTR text, provider;
};

static void *say(void *context) {
    const struct saying *saying = context;

    WNetSetLastErrorW(saying->native, saying->text, saying->provider);
    return NULL;
}

/* In the thread that was called; or in one of the provider's own, where it helps nobody. */
static void say_somewhere(struct saying *saying) {
    pthread_t thread;

    if (!sabotage("error-elsewhere"))
        say(saying);
    else if (pthread_create(&thread, NULL, say, saying) == 0)
        pthread_join(thread, NULL);
}

/* Failures that are returned without a word; WN_SUCCESS: with words. */
static DWORD wordless(DWORD native) {
    if (sabotage("error-silent")) /* all five that were read: WNetSetLastError is never called */
        return WN_EXTENDED_ERROR;
    if (sabotage("error-59")) /* OpenAFS: whatever it is */
        return WN_NET_ERROR;
    if (sabotage("error-ntstatus")) /* ms-nfs #1, #2: what the driver says */
        return native;
    if (sabotage("error-errno")) /* ECONNREFUSED */
        return 111;
    if (sabotage("error-collapse")) /* sshfs-win #17 and many: all is 67 */
        return WN_BAD_NETNAME;
    return WN_SUCCESS;
}

DWORD classic_explain(DWORD native, LPCWSTR before, LPCWSTR name, LPCWSTR after) {
    static WCHAR once[512];
    WCHAR text[512] = {0};
    struct saying saying = {native, text, CLASSIC_PROVIDER};
    DWORD code = wordless(native);

    if (code != WN_SUCCESS)
        return code;
    append(text, 100, before);
    if (!sabotage("error-nameless"))
        append(text, 300, name);
    append(text, sizeof text / sizeof *text, after);
    if (sabotage("error-newline")) /* as FormatMessage makes them */
        append(text, sizeof text / sizeof *text, u"\r\n");
    if (!once[0])
        memcpy(once, text, sizeof once);
    if (sabotage("error-once")) /* one text for all threads */
        saying.text = once;
    if (sabotage("error-empty"))
        saying.text = u"";
    if (sabotage("error-provider"))
        saying.provider = u"network";
    say_somewhere(&saying);
    return WN_EXTENDED_ERROR;
}
