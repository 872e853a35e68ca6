/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_table.c: columns, as "net" prints them.
 */
#include "config.h"

#include "tools/wnet/wnet_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/wnet/wnet_text.h"

#define LINE_WIDTH 79
#define FACT_WIDTH 18

/* What state a connection is in is to be seen from afar. */
static const struct {
    const char *cell, *colour;
} colours[] = {
    {"OK", "32"},          {"Connecting", "33"},  {"Disconnecting", "33"}, {"Reconnecting", "33"},
    {"Not mounted", "31"}, {"Unavailable", "31"}, {"failed", "31"},        {"ok", "32"},
};

/* On a terminal whose user has nothing against it. */
static int has_colours(void) {
    const char *refused = secure_getenv("NO_COLOR"), *terminal = secure_getenv("TERM");

    return (!refused || !*refused) && terminal && strcmp(terminal, "dumb") != 0
           && isatty(STDOUT_FILENO);
}

static void put_cell(const char *cell) {
    const char *colour = NULL;

    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (strcmp(colours[i].cell, cell) == 0)
            colour = colours[i].colour;
    if (colour && has_colours())
        printf("\033[%sm%s\033[0m", colour, cell);
    else
        fputs(cell, stdout);
}

static void put_blanks(size_t count) {
    while (count--)
        putchar(' ');
}

void wnet_table_row(const struct wnet_table *table, const char *const *cells) {
    size_t at = 0, begin = 0; /* where the line is, and where the column begins */

    for (size_t i = 0; i < table->columns; i++) {
        char *clean = wnet_text_clean(cells[i]);

        if (*clean) {
            if (at && at >= begin) {
                putchar('\n');
                at = 0;
            }
            put_blanks(begin - at);
            put_cell(clean);
            at = begin + wnet_text_width(clean);
        }
        begin += table->widths[i];
        free(clean);
    }
    putchar('\n');
}

void wnet_table_head(const struct wnet_table *table) {
    wnet_table_row(table, table->titles);
    putchar('\n');
    for (int i = 0; i < LINE_WIDTH; i++)
        putchar('-');
    putchar('\n');
}

void wnet_table_fact(const char *name, const char *value) {
    char *clean = wnet_text_clean(value);

    printf("%-*s", FACT_WIDTH, name);
    put_cell(clean);
    putchar('\n');
    free(clean);
}

void wnet_table_count(const char *name, unsigned long long value) {
    printf("%-*s%llu\n", FACT_WIDTH, name, value);
}
