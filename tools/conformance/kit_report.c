/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_report.c: how a check says what it found. See kit.h.
 */
#include "config.h"

#include "tools/conformance/kit_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"

struct kit_report *kit_report;
struct kit_manner kit_manner = {.patience = 1, .bound_ms = 30000};

/* The first outcome counts: the others' threads end with the process. */
static bool settle(int outcome) {
    int running = KIT_RUNNING;

    return atomic_compare_exchange_strong(&kit_report->outcome, &running, outcome);
}

_Noreturn static void stop(void) {
    fflush(NULL);
    _exit(0);
}

/* What a provider gave may hold anything; a report is lines of UTF-8. */
__attribute__((format(printf, 3, 0))) static void put(char *ret, size_t size, const char *format,
                                                      va_list arguments) {
    char text[sizeof kit_report->got];

    vsnprintf(text, sizeof text, format, arguments);
    mpr_utf_copy(ret, size, text);
    for (; *ret; ret++)
        if ((unsigned char)*ret < 0x20 || *ret == 0x7f)
            *ret = *ret == '\n' ? ' ' : '?';
}

void kit_doing(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    put(kit_report->doing, sizeof kit_report->doing, format, arguments);
    va_end(arguments);
}

_Noreturn void kit_fail(const char *expected, const char *format, ...) {
    char got[sizeof kit_report->got];
    va_list arguments;

    va_start(arguments, format);
    put(got, sizeof got, format, arguments);
    va_end(arguments);
    if (settle(KIT_FAILED)) {
        mpr_utf_copy(kit_report->expected, sizeof kit_report->expected, expected);
        memcpy(kit_report->got, got, sizeof got);
    }
    stop();
}

_Noreturn void kit_skip(const char *format, ...) {
    va_list arguments;

    if (settle(KIT_SKIPPED)) {
        va_start(arguments, format);
        put(kit_report->got, sizeof kit_report->got, format, arguments);
        va_end(arguments);
    }
    stop();
}

_Noreturn void kit_broken(const char *format, ...) {
    va_list arguments;

    if (settle(KIT_BROKEN)) {
        va_start(arguments, format);
        put(kit_report->got, sizeof kit_report->got, format, arguments);
        va_end(arguments);
    }
    stop();
}

void kit_note(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(kit_report->note, sizeof kit_report->note, format, arguments);
    va_end(arguments);
}

void kit_codes(uint32_t code, const uint32_t *wanted, size_t count) {
    char expected[512] = "";
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        if (code == wanted[i])
            return;
    for (size_t i = 0; i < count && length < sizeof expected; i++)
        length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%s",
                                   i ? " or " : "", kit_code_name(wanted[i]));
    kit_fail(expected, "%s", kit_code_name(code));
}
