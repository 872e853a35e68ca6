/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_json_scan.h: is a text JSON, by the letter? For mpr_json.c only.
 */
#ifndef MPR_JSON_SCAN_H
#define MPR_JSON_SCAN_H

#include "router/mpr_json.h"

/**
 * Holds a NUL-terminated text of size bytes against RFC 8259 and limits,
 * all but keys that occur twice. False: *ret_fault says why.
 */
bool mpr_json_scan(const char *text, size_t size, const struct mpr_json_limits *limits,
                   struct mpr_json_fault *ret_fault);

/** Fills a fault at a byte of a text. */
void mpr_json_scan_fault(struct mpr_json_fault *fault, const char *text, const char *at,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/** In a text that was scanned: the next number at or after at, and its bytes. */
const char *mpr_json_scan_number(const char *at, size_t *ret_length);

/** In a text that was scanned: the key of this number, counted from 0. */
const char *mpr_json_scan_key(const char *text, size_t number);

/** Is this number a whole one of at most 15 digits, which floating point keeps exactly? */
bool mpr_json_scan_is_plain(const char *number, size_t length);

#endif
