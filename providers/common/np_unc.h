/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * np_unc.h: takes apart names of the form \\server\share\dir, which more than
 * one provider knows, and the host part that they share with URLs.
 *
 * Pure syntax: nothing here allocates, keeps state or touches the network, so
 * every function may be called from any thread. What a provider allows in the
 * name of a share or of a directory is for the provider to say.
 */
#ifndef NP_UNC_H
#define NP_UNC_H

#include <stddef.h>
#include <stdint.h>

#define NP_HOST_MAX 256u /**< bytes of a host with its NUL */

/** A piece of a text that is not terminated. */
struct np_span {
    const char *text;
    size_t length;
};

/** A name taken apart. The spans point into the text that was given. */
struct np_unc {
    struct np_span server; /**< host name or address, without brackets; never empty */
    uint16_t port;         /**< 0 if the name has none */
    struct np_span share;  /**< empty for a bare server */
    struct np_span rest;   /**< what follows the share, without a leading or trailing separator */
};

/**
 * Takes \\server\share\dir apart; '/' separates as '\' does. The server may be
 * followed by ":port", and an IPv6 address stands in brackets: \\[::1]:445\pub.
 * One separator at the end is allowed.
 *
 * Refused: an empty server or component, "." and ".." as a component, control
 * characters, bytes that are not UTF-8, and a server that np_host_split refuses.
 *
 * Returns 1 and fills *ret_unc, or 0.
 */
int np_unc_split(const char *text, struct np_unc *ret_unc);

/**
 * Takes the next component off *rest. Returns 1 and the component, or 0 if
 * there is none left.
 */
int np_unc_next(struct np_span *rest, struct np_span *ret_component);

/**
 * Writes name, spelt with separators, and behind it path ("", or "\dir\file"), all
 * separators as '\', one where the two meet. Returns 1, or 0 if it does not fit.
 */
int np_unc_join(const char *name, const char *path, char *buffer, size_t size);

/**
 * Takes host[:port] or [address][:port] apart. A host consists of letters,
 * digits, '-', '_', '.' and characters beyond ASCII, has no empty label but at
 * its end, and fits NP_HOST_MAX; a port is 1 to 65535, in digits.
 *
 * Returns 1 and fills both (the port with 0 if there is none), or 0.
 */
int np_host_split(const char *text, size_t length, struct np_span *ret_host, uint16_t *ret_port);

/**
 * The host in the one form that a resolver understands and that equals itself:
 * ASCII letters small, IPv6 addresses shortest, and the Windows spelling
 * fe80--1s4.ipv6-literal.net written as the address fe80::1%4.
 *
 * Returns 1, or 0 if it is no address though it is spelt as one, or too long.
 */
int np_host_copy(struct np_span host, char *buffer, size_t size);

/** Returns 1 if text is UTF-8 without control characters, else 0. */
int np_text_is_clean(const char *text, size_t length);

/**
 * Decodes %XX. Returns the length written (buffer is terminated too), or -1 if
 * an escape is broken, decodes to NUL, or the buffer is too small.
 */
int np_percent_decode(struct np_span text, char *buffer, size_t size);

#endif
