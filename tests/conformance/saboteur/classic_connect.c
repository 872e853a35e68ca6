/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_connect.c: the connections, and how they are found.
 */
#include "config.h"

#include "tests/conformance/saboteur/classic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct classic_connection *classic_connections;

static bool is_printer(LPCWSTR text) {
    return text && classic_length(text) >= 4 && classic_same_part(text, 3, u"LPT")
           && text[3] >= u'1' && text[3] <= u'9' && (!text[4] || (text[4] == u':' && !text[5]));
}

bool classic_device(LPCWSTR text, WCHAR ret_device[5]) {
    WCHAR first = text ? classic_fold(text[0]) : 0;

    /* ms-nfs41, Dokany: z: is another device than Z: */
    if (sabotage("device-case") && first && first == text[0])
        return false;
    if (first >= u'a' && first <= u'z' && text[1] == u':' && !text[2]) {
        memcpy(ret_device, (const WCHAR[]){(WCHAR)(first - u'a' + u'A'), u':', 0},
               3 * sizeof *ret_device);
        return true;
    }
    if (!is_printer(text))
        return false;
    memcpy(ret_device, (const WCHAR[]){u'L', u'P', u'T', text[3], 0}, 5 * sizeof *ret_device);
    return true;
}

size_t classic_gap = SIZE_MAX;

struct classic_connection *classic_of_device(LPCWSTR device) {
    size_t at = 0;

    for (struct classic_connection *it = classic_connections; it; it = it->next, at++) {
        /* ms-nfs41: the first free entry of the table ends it */
        if (sabotage("get-stops") && at == classic_gap)
            return NULL;
        /* dokany #737: 16 entries are looked at, the others are disconnected drives */
        if (sabotage("add-slots") && at == 16)
            return NULL;
        if (*device && classic_same(it->local, device))
            return it;
    }
    return NULL;
}

bool classic_leads_to(const struct classic_connection *connection,
                      const struct classic_name *name) {
    return classic_same_part(name->text, name->units, connection->remote);
}

struct classic_connection *classic_of_name(LPCWSTR name) {
    struct classic_name parsed;
    WCHAR device[5];

    if (classic_device(name, device))
        return classic_of_device(device);
    if (classic_parse(name, &parsed))
        for (struct classic_connection *it = classic_connections; it; it = it->next)
            if (classic_leads_to(it, &parsed))
                return it;
    return NULL;
}

void classic_drop(struct classic_connection *connection) {
    free(connection->remote);
    free(connection->user);
    free(connection);
}
