/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_known.h: is it the server that it was before?
 */
#ifndef SFTP_KNOWN_H
#define SFTP_KNOWN_H

#include "providers/sftp/sftp_line.h"

/**
 * Compares the server's key with the known ones. One that is unknown is asked
 * for where the user may be asked, and then added to the file; else it is
 * refused, as is one that differs. Runs in the line's thread. Returns true; or
 * false with *ret_failure filled.
 */
bool sftp_known_judge(struct sftp_line *line, struct sftp_failure *ret_failure);

#endif
