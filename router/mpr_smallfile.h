/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_smallfile.h: reads a small text file of somebody's, whatever it turns out
 * to be, without waiting for it.
 */
#ifndef MPR_SMALLFILE_H
#define MPR_SMALLFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** Room for the words of mpr_smallfile_trusted. */
#define MPR_SMALLFILE_WORDS_MAX 128

/**
 * Reads a whole file of at most limit bytes. Only a regular file is opened at
 * all: a FIFO or a device would block or do something.
 *
 * directory  a descriptor that a relative name starts at, or AT_FDCWD.
 * ret_facts  of the very file that was read.
 * ret_text   to be freed; NUL-terminated behind its *ret_size bytes.
 *
 * Returns 0 or -errno: -EISDIR, -EMEDIUMTYPE (neither a file nor a directory),
 * -EFBIG (over limit), -ENOMEM or what the system says.
 */
int mpr_smallfile_read(int directory, const char *name, size_t limit, struct stat *ret_facts,
                       char **ret_text, size_t *ret_size);

/** Why it could not be read, as part of a sentence; error is positive. */
const char *mpr_smallfile_reason(int error);

/**
 * Does it belong to root or to the effective user, and may nobody else, the
 * group included, write it? If not, words says why: part of a sentence.
 */
bool mpr_smallfile_trusted(const struct stat *facts, char words[MPR_SMALLFILE_WORDS_MAX]);

#endif
