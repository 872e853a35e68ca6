/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_pack.c: NETRESOURCE arrays in buffers of every size.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "router/wnet_pack.h"
#include "router/wnet_text.h"

TestSuite(pack, .timeout = 60);

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEXT(text)   ((char *)(uintptr_t)(text))

static const struct mpr_item items[] = {
    {1, 2, 3, 4, TEXT("Z:"), TEXT("\\\\s\\p"), NULL, TEXT("One")},
    {5, 6, 7, 8, NULL, TEXT("x"), TEXT("comment \xc3\xa9"), TEXT("Two")},
    {9, 10, 11, 12, TEXT(""), TEXT("\xf0\x9f\x98\x80"), TEXT(""), TEXT("")},
    {0, 0, 0, 0, TEXT("LPT1"), TEXT("//a/b"), NULL, TEXT("Three")},
};

static void expect_text(bool is_wide, const void *got, const char *wanted, const char *buffer,
                        size_t size) {
    if (!wanted) {
        cr_expect_null(got);
        return;
    }
    cr_assert(got);
    cr_assert((const char *)got >= buffer && (const char *)got < buffer + size);
    if (is_wide) {
        WCHAR units[64];

        wnet_text_cut(true, wanted, units, COUNT(units));
        cr_assert_eq((uintptr_t)got % sizeof(WCHAR), 0);
        cr_expect_eq(memcmp(got, units, wnet_text_size(true, wanted) * sizeof(WCHAR)), 0);
    } else {
        cr_expect_str_eq(got, wanted);
    }
}

static void expect_entry(bool is_wide, const NETRESOURCEW *entry, const struct mpr_item *item,
                         const char *buffer, size_t size) {
    cr_expect_eq(entry->dwScope, item->scope);
    cr_expect_eq(entry->dwType, item->type);
    cr_expect_eq(entry->dwDisplayType, item->display_type);
    cr_expect_eq(entry->dwUsage, item->usage);
    expect_text(is_wide, entry->lpLocalName, item->local, buffer, size);
    expect_text(is_wide, entry->lpRemoteName, item->remote, buffer, size);
    expect_text(is_wide, entry->lpComment, item->comment, buffer, size);
    expect_text(is_wide, entry->lpProvider, item->provider, buffer, size);
}

/* A block of exactly the size, so that a sanitizer sees one byte too many. */
static void pack_into(bool is_wide, size_t size, size_t wanted) {
    char *buffer = malloc(size ? size : 1);
    size_t packed, needs = 0, fit = 0;

    cr_assert(buffer);
    packed = wnet_pack(is_wide, items, wanted, buffer, size);
    while (fit < wanted && needs + wnet_pack_size(is_wide, &items[fit]) <= size)
        needs += wnet_pack_size(is_wide, &items[fit++]);
    cr_expect_eq(packed, fit, "size %zu: %zu, not %zu", size, packed, fit);
    for (size_t i = 0; i < packed; i++)
        expect_entry(is_wide, &((NETRESOURCEW *)(void *)buffer)[i], &items[i], buffer, size);
    free(buffer);
}

Test(pack, every_size) {
    for (size_t wanted = 0; wanted <= COUNT(items); wanted++)
        for (size_t size = 0; size < 500; size++) {
            pack_into(false, size, wanted);
            pack_into(true, size, wanted);
        }
}

Test(pack, what_one_needs) {
    cr_expect_eq(wnet_pack_size(false, &items[0]), 48 + 3 + 6 + 4);
    cr_expect_eq(wnet_pack_size(true, &items[0]), 48 + 2 * (3 + 6 + 4));
    cr_expect_eq(wnet_pack_size(true, &items[2]), 48 + 2 * (1 + 3 + 1 + 1));
}
