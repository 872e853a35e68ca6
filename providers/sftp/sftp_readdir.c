/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_readdir.c: listings. A server gives some hundred entries at a time, and
 * so several requests are under way, more with each round, until one says that
 * there is no more.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/sftp/sftp_dir.h"
#include "providers/sftp/sftp_explain.h"

#define FLIGHT_MOST  8
#define NAME_LONGEST 1024

struct listing {
    const struct sftp_op *op;
    struct sftp_handle handle;
    mpr_dirent_fn fn;
    void *context;
    bool stopped; /* there is no more, or fn wants no more */
};

/* A name that no path can have is left out. All others are given byte for byte. */
static bool is_usable(struct sftp_text name) {
    if (!name.length || name.length >= NAME_LONGEST || memchr(name.text, '/', name.length)
        || memchr(name.text, '\0', name.length))
        return false;
    return !(name.length <= 2 && memcmp(name.text, "..", name.length) == 0);
}

static int give(struct listing *listing, struct sftp_in reply) {
    uint32_t count = sftp_in_u32(&reply);

    for (; count && !listing->stopped; count--) {
        struct sftp_text name = sftp_in_string(&reply);
        char text[NAME_LONGEST];
        struct sftp_attrs attrs;
        struct mpr_stat stat;

        sftp_in_string(&reply); /* a line as of ls */
        sftp_in_attrs(&reply, &attrs);
        if (reply.bad)
            return -EIO;
        if (!is_usable(name))
            continue;
        memcpy(text, name.text, name.length);
        text[name.length] = '\0';
        sftp_attrs_to_stat(&attrs, &stat);
        listing->stopped = listing->fn(listing->context, text, &stat) != 0;
    }
    return 0;
}

/* Asks count times at once. */
static int list_round(struct listing *listing, size_t count) {
    struct sftp_line *line = listing->op->line;
    struct sftp_request requests[FLIGHT_MOST];
    struct sftp_out packets[FLIGHT_MOST];
    int rc;

    for (size_t i = 0; i < count; i++) {
        sftp_call_begin(line, &requests[i], &packets[i], SFTP_READDIR, SFTP_HANDLE_MAX + 4);
        sftp_out_handle(&packets[i], &listing->handle);
    }
    rc = sftp_call_all(line, listing->op->call, requests, packets, count);
    for (size_t i = 0; i < count && !rc && !listing->stopped; i++) {
        rc = requests[i].result;
        if (rc == SFTP_EOF) {
            listing->stopped = true;
            rc = 0;
        } else if (!rc) {
            rc = give(listing, sftp_reply(&requests[i], SFTP_NAME));
        }
    }
    for (size_t i = 0; i < count; i++)
        free(requests[i].reply);
    return rc;
}

static int open_listing(struct listing *listing, const char *path) {
    const struct sftp_op *op = listing->op;
    struct sftp_request request;
    struct sftp_out packet;
    struct sftp_in reply;
    int rc;

    sftp_call_begin(op->line, &request, &packet, SFTP_OPENDIR, sftp_path_size(op->session, path));
    sftp_out_path(&packet, op->session, path);
    rc = sftp_call(op->line, op->call, &request, &packet);
    reply = sftp_reply(&request, SFTP_HANDLE);
    if (!rc) {
        sftp_in_handle(&reply, &listing->handle);
        rc = reply.bad ? -EIO : 0;
    }
    free(request.reply);
    return rc;
}

/* Nobody waits for the answer. */
static void close_listing(const struct listing *listing) {
    struct sftp_line *line = listing->op->line;
    struct sftp_request request;
    struct sftp_out packet;

    sftp_call_begin(line, &request, &packet, SFTP_CLOSE, SFTP_HANDLE_MAX + 4);
    sftp_out_handle(&packet, &listing->handle);
    pthread_mutex_lock(&line->lock);
    sftp_line_send_locked(line, NULL, &packet);
    pthread_mutex_unlock(&line->lock);
    sftp_line_wake(line);
}

int sftp_dir_readdir(const struct sftp_op *op, const char *path, mpr_dirent_fn fn, void *context) {
    struct listing listing = {.op = op, .fn = fn, .context = context};
    size_t count = 2;
    int rc = open_listing(&listing, path);

    if (rc)
        return sftp_explain(op, SFTP_DID_LIST, path, NULL, rc);
    while (!rc && !listing.stopped) {
        rc = list_round(&listing, count);
        count = 2 * count < FLIGHT_MOST ? 2 * count : FLIGHT_MOST;
    }
    close_listing(&listing);
    return rc ? sftp_explain(op, SFTP_DID_LIST, path, NULL, rc) : 0;
}
