/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tap.c: see tap.h.
 */
#include "config.h"

#include "tests/lab/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winnetwk.h>

#include "tests/lab/stage.h"

static int number;
static int failed;
static char group[256];

void tap_group(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(group, sizeof(group), format, arguments);
    va_end(arguments);
}

static bool result(bool good, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static bool result(bool good, const char *format, va_list arguments) {
    printf("%sok %d - %s%s", good ? "" : "not ", ++number, group, group[0] ? ": " : "");
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    failed += !good;
    return good;
}

bool tap_ok(bool good, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    result(good, format, arguments);
    va_end(arguments);
    return good;
}

bool tap_code(DWORD got, DWORD wanted, const char *format, ...) {
    va_list arguments;
    char text[512] = "", provider[64] = "";
    DWORD native = 0;

    va_start(arguments, format);
    result(got == wanted, format, arguments);
    va_end(arguments);
    if (got == wanted)
        return true;
    WNetGetLastError(&native, text, sizeof(text), provider, sizeof(provider));
    printf("#   got %s, ", stage_code(got));
    printf("wanted %s\n#   %s, 0x%x: %s\n", stage_code(wanted), provider, native, text);
    return false;
}

bool tap_file(int64_t got, int64_t wanted, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    result(got == wanted, format, arguments);
    va_end(arguments);
    if (got != wanted)
        printf("#   got %lld (%s), wanted %lld\n", (long long)got,
               got < 0 ? strerror((int)-got) : "no error", (long long)wanted);
    return got == wanted;
}

bool tap_text(const char *got, const char *wanted, const char *format, ...) {
    bool good = got && wanted ? strcmp(got, wanted) == 0 : got == wanted;
    va_list arguments;

    va_start(arguments, format);
    result(good, format, arguments);
    va_end(arguments);
    if (!good)
        printf("#   got \"%s\", wanted \"%s\"\n", got ? got : "(none)", wanted ? wanted : "(none)");
    return good;
}

int tap_done(void) {
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}
