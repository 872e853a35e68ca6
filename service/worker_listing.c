/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_listing.c: entries of directories and networks on their way to the
 * host: as many as fit into the shared memory, then the host says go on or stop.
 */
#include "config.h"

#include "service/worker.h"

#define BATCH_BYTES 0x40000

struct worker_listing worker_listing_begin(struct worker *worker) {
    size_t size = worker->data_size < BATCH_BYTES ? worker->data_size : BATCH_BYTES;

    return (struct worker_listing){.worker = worker, .records = mpr_wire_into(worker->data, size)};
}

/* True: go on. The arguments of the operation are in worker->in, where they stay. */
static bool read_answer(struct worker *worker) {
    struct mpr_wire_go_on go_on = {.stop = 1};
    unsigned char message[64];
    ssize_t size = mpr_wire_receive(worker->command, message, sizeof message, NULL, true);
    struct mpr_wire wire;

    if (size > 0) {
        wire = mpr_wire_from(message, (size_t)size, 0);
        if (mpr_wire_get_kind(&wire) == MPR_WIRE_go_on) {
            MPR_WIRE_CODE(&wire, go_on, &go_on);
            if (mpr_wire_ended(&wire) && go_on.serial == worker->serial)
                return !go_on.stop;
        }
    }
    worker->over = true;
    return false;
}

static void flush(struct worker_listing *listing) {
    struct worker *worker = listing->worker;
    struct mpr_wire wire = mpr_wire_into(worker->out, sizeof worker->out);

    MPR_WIRE_SAY(&wire, batch, .serial = worker->serial, .bytes = listing->records.at,
                 .count = listing->count);
    worker_watch_pause(worker->watch, true);
    listing->stopped = mpr_wire_send(worker->command, &wire, NULL, 0) || !read_answer(worker);
    worker_watch_pause(worker->watch, false);
    listing->records.at = 0;
    listing->count = 0;
}

int worker_listing_add(struct worker_listing *listing, enum mpr_wire_shape shape, void *entry) {
    struct mpr_wire *records = &listing->records;
    size_t before = records->at;

    if (listing->stopped)
        return 1;
    mpr_wire_code(records, shape, entry);
    if (records->bad && before) {
        records->bad = false;
        records->at = before;
        flush(listing);
        if (listing->stopped)
            return 1;
        mpr_wire_code(records, shape, entry);
    }
    /* An entry that is longer than all the room there is: no file system has such names. */
    if (records->bad) {
        listing->stopped = true;
        return 1;
    }
    listing->count++;
    return 0;
}

void worker_listing_end(struct worker_listing *listing) {
    if (listing->count && !listing->stopped)
        flush(listing);
}
