/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_feed.c: takes the stream of packets apart, and gives each to the request
 * that waits for it. Bytes that were read go where they belong at once.
 */
#include "config.h"

#include "providers/sftp/sftp_feed.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MOST 1048576u /* of a reply; OpenSSH's are a quarter of this at most */

static const struct {
    const char *name;
    uint32_t bit;
} extensions[] = {
    {"posix-rename@openssh.com", SFTP_CAN_RENAME}, {"hardlink@openssh.com", SFTP_CAN_LINK},
    {"fsync@openssh.com", SFTP_CAN_FSYNC},         {"statvfs@openssh.com", SFTP_CAN_SPACE},
    {"limits@openssh.com", SFTP_CAN_LIMITS},
};

static void take_version(struct sftp_line *line, struct sftp_in body) {
    while (body.left && !body.bad) {
        struct sftp_text name = sftp_in_string(&body);

        sftp_in_string(&body);
        for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
            if (name.length == strlen(extensions[i].name)
                && memcmp(name.text, extensions[i].name, name.length) == 0)
                line->extensions |= extensions[i].bit;
    }
    if (body.bad || atomic_load(&line->stage) != SFTP_AT_VERSION)
        line->broken = true;
    else
        atomic_store(&line->stage, SFTP_AT_WORK);
}

static struct sftp_request *find_locked(const struct sftp_line *line, uint32_t id) {
    struct sftp_request *request = line->requests;

    while (request && request->id != id)
        request = request->next;
    return request;
}

/* Somebody gave up opening a file that is open now. */
static void close_orphan_locked(struct sftp_line *line, struct sftp_in body) {
    struct sftp_handle handle;
    struct sftp_out packet;

    sftp_in_handle(&body, &handle);
    if (body.bad)
        return;
    sftp_out_begin(&packet, SFTP_CLOSE, sftp_line_id(line), SFTP_HANDLE_MAX + 4);
    sftp_out_handle(&packet, &handle);
    sftp_line_send_locked(line, NULL, &packet);
}

static void deliver(struct sftp_line *line, struct sftp_arrival *arrival) {
    struct sftp_in body = {.at = arrival->body, .left = arrival->length};
    struct sftp_request *request;
    int result = 0;

    if (arrival->type == SFTP_VERSION) {
        take_version(line, body);
        return;
    }
    pthread_mutex_lock(&line->lock);
    request = find_locked(line, arrival->id);
    if (!request && arrival->type == SFTP_HANDLE)
        close_orphan_locked(line, body);
    if (request) {
        request->type = arrival->type;
        request->length = arrival->length;
        if (arrival->type == SFTP_STATUS) {
            uint32_t status = sftp_in_u32(&body);

            result = body.bad || status > INT32_MAX ? -EIO : (int)status;
        } else {
            request->reply = arrival->body;
            arrival->body = NULL;
        }
        sftp_line_finish_locked(line, request, result);
    }
    pthread_mutex_unlock(&line->lock);
}

static void begin_body(struct sftp_line *line, struct sftp_arrival *arrival) {
    uint32_t length;

    memcpy(&length, arrival->header, sizeof length);
    memcpy(&arrival->id, arrival->header + 5, sizeof arrival->id);
    length = be32toh(length);
    arrival->id = be32toh(arrival->id);
    if (length < 5 || length - 5 > BODY_MOST) {
        line->broken = true;
        return;
    }
    arrival->length = length - 5;
    arrival->body_used = 0;
    if (arrival->type == SFTP_DATA)
        return;
    arrival->body = malloc(arrival->length ? arrival->length : 1);
    line->broken = !arrival->body;
}

/* Bytes that were read. More than was asked for is a lie. */
static size_t feed_data(struct sftp_line *line, const uint8_t *data, size_t size) {
    struct sftp_arrival *arrival = &line->arrival;
    size_t some = arrival->length - arrival->body_used;
    struct sftp_request *request;
    bool whole;

    if (some > size)
        some = size;
    whole = arrival->body_used + some == arrival->length;
    pthread_mutex_lock(&line->lock);
    request = find_locked(line, arrival->id);
    if (request && (!request->into || arrival->length > request->room)) {
        line->broken = true;
    } else if (request) {
        if (some)
            memcpy(request->into + arrival->body_used, data, some);
        if (whole) {
            request->type = SFTP_DATA;
            request->length = arrival->length;
            sftp_line_finish_locked(line, request, 0);
        }
    }
    pthread_mutex_unlock(&line->lock);
    arrival->body_used += some;
    if (whole)
        arrival->header_used = 0;
    return some;
}

static size_t feed_body(struct sftp_line *line, const uint8_t *data, size_t size) {
    struct sftp_arrival *arrival = &line->arrival;
    size_t some = arrival->length - arrival->body_used;

    if (some > size)
        some = size;
    if (some)
        memcpy(arrival->body + arrival->body_used, data, some);
    arrival->body_used += some;
    if (arrival->body_used == arrival->length) {
        deliver(line, arrival);
        free(arrival->body);
        arrival->body = NULL;
        arrival->header_used = 0;
    }
    return some;
}

/* Reads header bytes, which for DATA hold the length of the data. Returns how many were used. */
static size_t feed_header(struct sftp_line *line, const uint8_t *data, size_t size) {
    struct sftp_arrival *arrival = &line->arrival;
    size_t wanted = arrival->header_used < 9 ? 9 : sizeof arrival->header;
    size_t some = wanted - arrival->header_used;

    if (some > size)
        some = size;
    memcpy(arrival->header + arrival->header_used, data, some);
    arrival->header_used += some;
    if (arrival->header_used == 9) {
        arrival->type = arrival->header[4];
        begin_body(line, arrival);
        if (!line->broken && arrival->type != SFTP_DATA && !arrival->length)
            feed_body(line, NULL, 0);
    } else if (arrival->header_used == sizeof arrival->header) {
        uint32_t length;

        memcpy(&length, arrival->header + 9, sizeof length);
        if (arrival->length < 4 || be32toh(length) != arrival->length - 4)
            line->broken = true;
        else if (!(arrival->length -= 4))
            feed_data(line, NULL, 0);
    }
    return some;
}

void sftp_feed(struct sftp_line *line, const uint8_t *data, size_t size) {
    const struct sftp_arrival *arrival = &line->arrival;

    while (size && !line->broken) {
        size_t some;

        if (arrival->header_used < 9
            || (arrival->type == SFTP_DATA && arrival->header_used < sizeof arrival->header))
            some = feed_header(line, data, size);
        else if (arrival->type == SFTP_DATA)
            some = feed_data(line, data, size);
        else
            some = feed_body(line, data, size);
        data += some;
        size -= some;
    }
}
