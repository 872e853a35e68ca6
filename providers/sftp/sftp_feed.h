/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_feed.h: what arrives on a line.
 */
#ifndef SFTP_FEED_H
#define SFTP_FEED_H

#include "providers/sftp/sftp_line.h"

/** Takes bytes from the server, all of them. Sets line->broken if they make no sense. */
void sftp_feed(struct sftp_line *line, const uint8_t *data, size_t size);

#endif
