/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_drive.h: in the per-user service, connections whose sessions are drives: processes
 * that serve files to the kernel and to other processes.
 *
 * mpr_drive_new makes a provider's table out of another, so that the router does not know
 * the difference. A drive whose process dies is replaced at once, with the same arguments
 * and secret, and mounted again. The rest is for those who know that there are drives; they
 * name one by its owner, the mpr_conn that it was connected for.
 */
#ifndef MPR_DRIVE_H
#define MPR_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

#include "router/mpr_config.h"
#include "router/mpr_error.h"
#include "router/mpr_ops.h"
#include "router/mpr_paths.h"

struct mpr_drive_setup {
    const struct mpr_paths *paths;
    const struct mpr_config *config;
    const char *drop_in;              /* absolute path of the provider's drop-in */
    const struct mpr_option *options; /* its options; copied */
    const struct mpr_provider *front; /* answers all that needs no session; THREADSAFE */
    void *front_state;
    uint32_t connect_timeout_ms;
};

/**
 * Makes the table and state of a provider whose sessions are drives. Starts nothing.
 * Everything in setup but the options must live as long as the state, which is ended by
 * the table's fini; that calls the front's. The table has no operations on files: these
 * are asked of the drives, through the mount or a channel.
 *
 * Returns NO_ERROR or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_drive_new(const struct mpr_drive_setup *setup, const struct mpr_provider **ret_table,
                    void **ret_state);

/** A bit for each enum mpr_wire_op that channels to drives of this table offer, and its max_io. */
uint64_t mpr_drive_slots(const struct mpr_provider *table, void *state);

/** What a drive is doing. */
struct mpr_drive_facts {
    bool alive;   /* it has a process; else that is being replaced, and numbers are old */
    bool lost;    /* the server did not answer last */
    bool mounted; /* on directory */
    uint32_t open_files, latency_us;
    uint32_t age_ms; /* since it has said this; 0: it was asked just now */
    uint64_t bytes_read, bytes_written, operations;
    char *directory; /* "" = it is to be mounted nowhere */
    char *reason;    /* why it is not mounted, or not alive; "" = it is */
};
void mpr_drive_facts_clear(struct mpr_drive_facts *facts);

/** Asks all drives for their facts at once, and does not wait for them. */
void mpr_drive_ask_all(void);

/**
 * Whether somebody wants to hear at once that a server is lost, or back: then drives are asked
 * now and then, and MPR_EVENT_LOST and MPR_EVENT_BACK published. Default: no.
 */
void mpr_drive_listen(bool on);

/**
 * What a drive has said about itself since since_ns (CLOCK_MONOTONIC), asking it if need be;
 * at deadline_ns what it said before. Never waits for a server. False: owner has no drive,
 * or there is no memory.
 */
bool mpr_drive_get_facts(const void *owner, int64_t since_ns, int64_t deadline_ns,
                         struct mpr_drive_facts *ret);

/** Who uses it. Returns NO_ERROR (also for nobody), or a code, explained. */
DWORD mpr_drive_list_holders(const void *owner, struct mpr_holder_list *ret);

/**
 * Gives the descriptors of a channel, or one of /dev/fuse that is mounted elsewhere, to the
 * drive, which serves them. They stay the caller's. Returns NO_ERROR, ERROR_NOT_CONNECTED
 * (owner has no drive), or another code, explained.
 */
DWORD mpr_drive_attach(const void *owner, const int fds[MPR_OPS_FDS], uint64_t shared_size);
DWORD mpr_drive_serve(const void *owner, int fuse_fd);

/**
 * For a cancel, of a session of such a table: may it be broken? ERROR_OPEN_FILES or
 * ERROR_DEVICE_IN_USE, explained to call, if somebody uses it. Else NO_ERROR, and files
 * cannot be opened until it is released. A drive that does not answer may be broken.
 */
uint32_t mpr_drive_hold(void *session, const struct mpr_call *call);
/** Waits a moment at most, and none when cancel_fd is readable. */
void mpr_drive_release(void *session, int cancel_fd);

#endif
