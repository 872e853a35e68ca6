/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_shake.h: from a connected socket to an SFTP server that works.
 */
#ifndef SFTP_SHAKE_H
#define SFTP_SHAKE_H

#include "providers/sftp/sftp_line.h"

/**
 * Runs in the line's thread. Returns true when requests can be sent; or false
 * with *ret_failure filled. line->ssh is to be freed in both cases.
 */
bool sftp_shake_hands(struct sftp_line *line, struct sftp_failure *ret_failure);

/**
 * Says that the handshake was given up with -ECANCELED or -ETIMEDOUT, where it was
 * then; from any thread. Always returns false.
 */
bool sftp_shake_stopped(struct sftp_line *line, int rc, struct sftp_failure *ret_failure);

/**
 * Says that the connection ended in the handshake, or its time; in the line's
 * thread. Always returns false.
 */
bool sftp_shake_broken(struct sftp_line *line, struct sftp_failure *ret_failure);

#endif
