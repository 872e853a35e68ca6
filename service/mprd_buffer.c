/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_buffer.c: bytes that come in at one end and go out at the other.
 *
 * They may name users and files: they are wiped before the memory is given back.
 */
#include "config.h"

#include "service/mprd.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096u

static void wipe_and_free(char *bytes, size_t room) {
    if (bytes)
        explicit_bzero(bytes, room);
    free(bytes);
}

bool mprd_buffer_grow(struct mprd_buffer *buffer, size_t more, size_t most) {
    size_t held = buffer->size - buffer->at, room = buffer->room ? buffer->room : FIRST_ROOM;
    char *bytes;

    if (more > most || held > most - more)
        return false;
    if (buffer->room - buffer->size >= more && buffer->bytes)
        return true;
    while (room - held < more)
        room *= 2;
    bytes = malloc(room);
    if (!bytes)
        return false;
    if (held)
        memcpy(bytes, buffer->bytes + buffer->at, held);
    wipe_and_free(buffer->bytes, buffer->room);
    *buffer = (struct mprd_buffer){bytes, 0, held, room};
    return true;
}

bool mprd_buffer_add(struct mprd_buffer *buffer, const char *bytes, size_t size, size_t most) {
    if (!mprd_buffer_grow(buffer, size, most))
        return false;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}

void mprd_buffer_clear(struct mprd_buffer *buffer) {
    wipe_and_free(buffer->bytes, buffer->room);
    *buffer = (struct mprd_buffer){0};
}
