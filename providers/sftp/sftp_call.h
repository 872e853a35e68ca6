/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_call.h: requests, and waiting for their replies within the bound.
 */
#ifndef SFTP_CALL_H
#define SFTP_CALL_H

#include "providers/sftp/sftp_line.h"

/** Begins request and its packet of the given type, of at most size bytes. */
void sftp_call_begin(struct sftp_line *line, struct sftp_request *request, struct sftp_out *packet,
                     enum sftp_type type, size_t size);

/**
 * Prepares a wait for requests that move so many bytes. Returns 0, or the -errno for which
 * nothing is to be sent.
 */
int sftp_wait_begin(struct sftp_line *line, const struct mpr_call *call, size_t bytes,
                    struct sftp_wait *wait);

/** Sends one more request for wait. Returns 0 or -errno; takes the packet. */
int sftp_wait_send(struct sftp_line *line, struct sftp_wait *wait, struct sftp_request *request,
                   struct sftp_out *packet);

/**
 * Waits until one more request is done, or all are. Returns 0; -ETIMEDOUT
 * without progress, -ECANCELED, -ENOTCONN (aborted) or -EIO (lost).
 */
int sftp_wait_more(struct sftp_line *line, const struct mpr_call *call, struct sftp_wait *wait);

/** Nobody waits any more. The requests, which are not sent again, keep what they got. */
void sftp_wait_end(struct sftp_line *line, struct sftp_wait *wait, struct sftp_request *requests,
                   size_t count);

/**
 * Sends requests and waits for all of them. Returns 0 when each has its result,
 * or -errno. Their replies are to be freed in both cases.
 */
int sftp_call_all(struct sftp_line *line, const struct mpr_call *call,
                  struct sftp_request *requests, struct sftp_out *packets, size_t count);

/** Sends one request. Returns its result: 0, a status or -errno. Its reply is to be freed. */
int sftp_call(struct sftp_line *line, const struct mpr_call *call, struct sftp_request *request,
              struct sftp_out *packet);

/** The reply as something to read, if it has the type; else it is bad. */
struct sftp_in sftp_reply(const struct sftp_request *request, enum sftp_type type);

#endif
