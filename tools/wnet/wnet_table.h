/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_table.h: columns, as "net" prints them: a cell that is too long for its column
 * sends those behind it to the next line.
 */
#ifndef WNET_TABLE_H
#define WNET_TABLE_H

#include <stddef.h>

#define WNET_TABLE_COLUMNS 8

struct wnet_table {
    size_t columns;
    const char *titles[WNET_TABLE_COLUMNS];
    size_t
        widths[WNET_TABLE_COLUMNS]; /**< with the blank behind it; the last one's does not count */
};

/** The titles, and the line below them. */
void wnet_table_head(const struct wnet_table *table);

/** One row. cells are not clean, and none is NULL. */
void wnet_table_row(const struct wnet_table *table, const char *const *cells);

/** "Local name        Z:"; value is not clean. */
void wnet_table_fact(const char *name, const char *value);
void wnet_table_count(const char *name, unsigned long long value);

#endif
