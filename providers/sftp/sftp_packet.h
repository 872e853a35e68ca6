/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_packet.h: packets of SFTP version 3, put together and taken apart.
 */
#ifndef SFTP_PACKET_H
#define SFTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/file.h>

/** Types of packets. */
enum sftp_type {
    SFTP_INIT = 1,
    SFTP_VERSION = 2,
    SFTP_OPEN = 3,
    SFTP_CLOSE = 4,
    SFTP_READ = 5,
    SFTP_WRITE = 6,
    SFTP_LSTAT = 7,
    SFTP_FSTAT = 8,
    SFTP_SETSTAT = 9,
    SFTP_FSETSTAT = 10,
    SFTP_OPENDIR = 11,
    SFTP_READDIR = 12,
    SFTP_REMOVE = 13,
    SFTP_MKDIR = 14,
    SFTP_RMDIR = 15,
    SFTP_STAT = 17,
    SFTP_RENAME = 18,
    SFTP_READLINK = 19,
    SFTP_SYMLINK = 20,
    SFTP_STATUS = 101,
    SFTP_HANDLE = 102,
    SFTP_DATA = 103,
    SFTP_NAME = 104,
    SFTP_ATTRS = 105,
    SFTP_EXTENDED = 200,
    SFTP_EXTENDED_REPLY = 201,
};

/** Flags of OPEN. */
#define SFTP_FXF_READ      0x01u
#define SFTP_FXF_WRITE     0x02u
#define SFTP_FXF_CREAT     0x08u
#define SFTP_FXF_TRUNC     0x10u
#define SFTP_FXF_EXCL      0x20u

/** Parts of ATTRS. */
#define SFTP_ATTR_SIZE     0x00000001u
#define SFTP_ATTR_UIDGID   0x00000002u
#define SFTP_ATTR_MODE     0x00000004u
#define SFTP_ATTR_TIMES    0x00000008u
#define SFTP_ATTR_EXTENDED 0x80000000u

#define SFTP_HANDLE_MAX    256u /**< bytes of a handle, by the protocol */

/** A packet that is written. One that does not fit, or has no memory, is bad. */
struct sftp_out {
    uint8_t *data; /**< the whole packet, with its length; free it */
    size_t used, size;
    bool bad;
};

/** Begins a packet of at most size bytes beside its header. INIT's id is its version. */
void sftp_out_begin(struct sftp_out *out, enum sftp_type type, uint32_t id, size_t size);
void sftp_out_u32(struct sftp_out *out, uint32_t value);
void sftp_out_u64(struct sftp_out *out, uint64_t value);
/** Bytes without a length before them. */
void sftp_out_raw(struct sftp_out *out, const void *data, size_t length);
void sftp_out_bytes(struct sftp_out *out, const void *data, size_t length);
void sftp_out_string(struct sftp_out *out, const char *text);
/** Fills the length in. Returns false, and frees all, if the packet is bad. */
bool sftp_out_end(struct sftp_out *out);

/** A packet, or a part of one, that is read. What goes beyond its end makes it bad. */
struct sftp_in {
    const uint8_t *at;
    size_t left;
    bool bad;
};

/** A string in a packet. */
struct sftp_text {
    const char *text;
    size_t length;
};

uint32_t sftp_in_u32(struct sftp_in *in);
uint64_t sftp_in_u64(struct sftp_in *in);
struct sftp_text sftp_in_string(struct sftp_in *in);

/** ATTRS as the server sent them. */
struct sftp_attrs {
    uint32_t flags; /**< SFTP_ATTR_: what is there */
    uint64_t size;
    uint32_t uid, gid, mode, atime, mtime;
};

/** Reads ATTRS. */
void sftp_in_attrs(struct sftp_in *in, struct sftp_attrs *ret);
/** Writes what attrs->flags name. */
void sftp_out_attrs(struct sftp_out *out, const struct sftp_attrs *attrs);
/** As a file's attributes; what the server left out is made up, and not marked valid. */
void sftp_attrs_to_stat(const struct sftp_attrs *attrs, struct mpr_stat *ret);

/** A handle of the server's. */
struct sftp_handle {
    size_t length;
    uint8_t data[SFTP_HANDLE_MAX];
};

void sftp_out_handle(struct sftp_out *out, const struct sftp_handle *handle);
void sftp_in_handle(struct sftp_in *in, struct sftp_handle *ret);

#endif
