/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_packet.c: bytes of packets.
 */
#include "config.h"

#include "providers/sftp/sftp_packet.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEADER 9 /* length, type, id */

void sftp_out_raw(struct sftp_out *out, const void *data, size_t length) {
    if (out->bad || length > out->size - out->used) {
        out->bad = true;
        return;
    }
    if (length)
        memcpy(out->data + out->used, data, length);
    out->used += length;
}

void sftp_out_begin(struct sftp_out *out, enum sftp_type type, uint32_t id, size_t size) {
    uint8_t byte = (uint8_t)type;
    uint32_t length = 0;

    *out = (struct sftp_out){.size = size + HEADER};
    out->data = malloc(out->size);
    out->bad = !out->data;
    sftp_out_raw(out, &length, sizeof length);
    sftp_out_raw(out, &byte, sizeof byte);
    sftp_out_u32(out, id);
}

void sftp_out_u32(struct sftp_out *out, uint32_t value) {
    value = htobe32(value);
    sftp_out_raw(out, &value, sizeof value);
}

void sftp_out_u64(struct sftp_out *out, uint64_t value) {
    value = htobe64(value);
    sftp_out_raw(out, &value, sizeof value);
}

void sftp_out_bytes(struct sftp_out *out, const void *data, size_t length) {
    if (length > UINT32_MAX)
        out->bad = true;
    sftp_out_u32(out, (uint32_t)length);
    sftp_out_raw(out, data, length);
}

void sftp_out_string(struct sftp_out *out, const char *text) {
    sftp_out_bytes(out, text, strlen(text));
}

bool sftp_out_end(struct sftp_out *out) {
    uint32_t length;

    if (out->bad) {
        free(out->data);
        out->data = NULL;
        return false;
    }
    length = htobe32((uint32_t)(out->used - sizeof length));
    memcpy(out->data, &length, sizeof length);
    return true;
}

static const uint8_t *take(struct sftp_in *in, size_t length) {
    const uint8_t *at = in->at;

    if (in->bad || length > in->left) {
        in->bad = true;
        return NULL;
    }
    in->at += length;
    in->left -= length;
    return at;
}

uint32_t sftp_in_u32(struct sftp_in *in) {
    const uint8_t *at = take(in, 4);
    uint32_t value = 0;

    if (at)
        memcpy(&value, at, sizeof value);
    return be32toh(value);
}

uint64_t sftp_in_u64(struct sftp_in *in) {
    const uint8_t *at = take(in, 8);
    uint64_t value = 0;

    if (at)
        memcpy(&value, at, sizeof value);
    return be64toh(value);
}

struct sftp_text sftp_in_string(struct sftp_in *in) {
    uint32_t length = sftp_in_u32(in);
    const uint8_t *at = take(in, length);

    return at ? (struct sftp_text){(const char *)at, length} : (struct sftp_text){"", 0};
}

void sftp_in_attrs(struct sftp_in *in, struct sftp_attrs *ret) {
    *ret = (struct sftp_attrs){.flags = sftp_in_u32(in)};
    if (ret->flags & SFTP_ATTR_SIZE)
        ret->size = sftp_in_u64(in);
    if (ret->flags & SFTP_ATTR_UIDGID) {
        ret->uid = sftp_in_u32(in);
        ret->gid = sftp_in_u32(in);
    }
    if (ret->flags & SFTP_ATTR_MODE)
        ret->mode = sftp_in_u32(in);
    if (ret->flags & SFTP_ATTR_TIMES) {
        ret->atime = sftp_in_u32(in);
        ret->mtime = sftp_in_u32(in);
    }
    if (ret->flags & SFTP_ATTR_EXTENDED) {
        uint32_t pairs = sftp_in_u32(in);

        while (pairs-- && !in->bad) {
            sftp_in_string(in);
            sftp_in_string(in);
        }
    }
}

void sftp_out_attrs(struct sftp_out *out, const struct sftp_attrs *attrs) {
    sftp_out_u32(out, attrs->flags);
    if (attrs->flags & SFTP_ATTR_SIZE)
        sftp_out_u64(out, attrs->size);
    if (attrs->flags & SFTP_ATTR_UIDGID) {
        sftp_out_u32(out, attrs->uid);
        sftp_out_u32(out, attrs->gid);
    }
    if (attrs->flags & SFTP_ATTR_MODE)
        sftp_out_u32(out, attrs->mode);
    if (attrs->flags & SFTP_ATTR_TIMES) {
        sftp_out_u32(out, attrs->atime);
        sftp_out_u32(out, attrs->mtime);
    }
}

/* Version 3 has no file id, no count of links and no time of change. */
void sftp_attrs_to_stat(const struct sftp_attrs *attrs, struct mpr_stat *ret) {
    *ret = (struct mpr_stat){
        .size = attrs->size,
        .atime_ns = (int64_t)attrs->atime * 1000000000,
        .mtime_ns = (int64_t)attrs->mtime * 1000000000,
        .ctime_ns = (int64_t)attrs->mtime * 1000000000,
        .mode = attrs->flags & SFTP_ATTR_MODE ? attrs->mode : S_IFREG | 0644,
        .nlink = 1,
        .uid = attrs->uid,
        .gid = attrs->gid,
        .valid = (attrs->flags & SFTP_ATTR_MODE ? MPR_STAT_MODE : 0)
                 | (attrs->flags & SFTP_ATTR_UIDGID ? MPR_STAT_OWNER : 0),
    };
}

void sftp_out_handle(struct sftp_out *out, const struct sftp_handle *handle) {
    sftp_out_bytes(out, handle->data, handle->length);
}

void sftp_in_handle(struct sftp_in *in, struct sftp_handle *ret) {
    struct sftp_text text = sftp_in_string(in);

    if (!text.length || text.length > sizeof ret->data) {
        in->bad = true;
        return;
    }
    ret->length = text.length;
    memcpy(ret->data, text.text, text.length);
}
