/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_trace.h: MPR_DEBUG=area,area writes what happens to standard error.
 * Areas: api, provider, profile, loader, worker, all. Nothing else in the library prints.
 */
#ifndef MPR_TRACE_H
#define MPR_TRACE_H

#include <stdarg.h>

#include <mpr/provider.h>

/** Writes one line if the area is asked for. Never pass a secret. */
void mpr_trace(const char *area, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A provider's line: area "provider". */
void mpr_trace_provider(enum mpr_log_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
