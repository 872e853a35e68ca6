/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model.h: random operations on files below a directory, each compared with what a
 * model in memory says.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stdint.h>

/** What the directory's file system can be asked for. */
struct model_rules {
    bool mapped; /**< files are also read and written through mmap */
    bool links;  /**< hard links */
};

/**
 * Makes two directories below directory and does count operations there, by random
 * numbers from seed. Returns NULL, or what went wrong, with the number of the
 * operation; good until the next call. server: the same directory as the server has
 * it, where all is compared once more at the end; or NULL. The files stay.
 */
const char *model_run(const char *directory, const char *server, const struct model_rules *rules,
                      unsigned count, uint32_t seed);

#endif
