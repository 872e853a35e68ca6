/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_trace.c: what happens, for those who ask with MPR_DEBUG.
 */
#include "config.h"

#include "router/mpr_trace.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char areas[256]; /* written once */

static void read_areas(void) {
    const char *wanted = secure_getenv("MPR_DEBUG");

    if (wanted)
        snprintf(areas, sizeof areas, "%s", wanted);
}

static bool is_wanted(const char *area) {
    size_t length = strlen(area);

    pthread_once(&once, read_areas);
    for (const char *at = areas; *at; at += strcspn(at, ","), at += *at == ',') {
        size_t n = strcspn(at, ",");

        if ((n == 3 && !memcmp(at, "all", 3)) || (n == length && !memcmp(at, area, n)))
            return true;
    }
    return false;
}

static void write_line(const char *area, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void write_line(const char *area, const char *format, va_list arguments) {
    char line[1024];
    int n = snprintf(line, sizeof line, "mpr[%d] %s: ", (int)getpid(), area);

    vsnprintf(line + n, sizeof line - (size_t)n, format, arguments);
    dprintf(STDERR_FILENO, "%s\n", line);
}

void mpr_trace(const char *area, const char *format, ...) {
    va_list arguments;

    if (!is_wanted(area))
        return;
    va_start(arguments, format);
    write_line(area, format, arguments);
    va_end(arguments);
}

void mpr_trace_provider(enum mpr_log_level level, const char *format, va_list arguments) {
    (void)level;
    if (is_wanted("provider"))
        write_line("provider", format, arguments);
}
