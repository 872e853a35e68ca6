/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_config_parse.h: the text of one mpr.json. For mpr_config.c and tests.
 */
#ifndef MPR_CONFIG_PARSE_H
#define MPR_CONFIG_PARSE_H

#include "router/mpr_config.h"

/** Reads one file after the other into one configuration. */
struct mpr_config_reader {
    struct mpr_config *config;
    const char *path;     /* of the file under way, for words */
    char complaint[1024]; /* sentences; "" = all is well */
};

/** A configuration that says nothing; NULL for want of memory. */
struct mpr_config *mpr_config_defaults(void);

/**
 * Reads a text over what is there already; text[size] is NUL.
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_config_parse(struct mpr_config_reader *reader, const char *text, size_t size);

#endif
