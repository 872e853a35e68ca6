/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_format.h: remote names as people are to see them, for providers that have
 * no opinion of their own.
 */
#ifndef MPR_FORMAT_H
#define MPR_FORMAT_H

#include <mpr/mprtypes.h>

/**
 * Formats a name (valid UTF-8) by WNFMT_ flags: WNFMT_INENUM leaves the last part
 * of one that begins with two separators; then WNFMT_MULTILINE breaks it into
 * lines, or WNFMT_ABBREVIATED cuts its middle out. width is in characters, 0 = no
 * limit. *ret_text is to be freed.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_format_name(const char *remote, uint32_t flags, uint32_t width, char **ret_text);

#endif
