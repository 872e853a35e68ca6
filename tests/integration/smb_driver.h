/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_driver.h: calls smb-worker.so as a worker process does, without the
 * router: it loads the module, keeps what the module says, and shuts the
 * process's TCP connections down when a call's time is over.
 */
#ifndef SMB_DRIVER_H
#define SMB_DRIVER_H

#include <stdbool.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

/** What the last call said, and what the module told its host meanwhile. */
struct driver {
    const struct mpr_provider *table;
    void *state;
    const char *password; /* what secret gives; NULL = none */
    enum mpr_answer answer;
    uint32_t code;   /* Win32 */
    uint32_t status; /* of set_error */
    char text[2048]; /* of set_error */
    int lost;        /* calls of connection_lost */
    char line[512];  /* of log, the last */
};

/** There is one per process. */
extern struct driver driver;

/** Loads the module; ends the program if it cannot. Call it before any fork. */
void driver_load(void);

/** The module's init. options ends with a NULL name, or is NULL. Returns its code. */
uint32_t driver_init(const struct mpr_option *options);
void driver_fini(void);

/**
 * A call that may take ms milliseconds. It is the one under way until the next
 * begins; at its end every TCP connection of this process is shut down.
 */
const struct mpr_call *driver_call(unsigned ms);

/** The same, which ends as soon as cancel_fd is readable too. */
const struct mpr_call *driver_call_with(unsigned ms, int cancel_fd);

/** Connects within 5 s. Returns the session or NULL; driver has the rest. */
void *driver_connect(const char *remote, const char *user, const char *password);
void *driver_connect_as(const struct mpr_connect *args, const struct mpr_call *call,
                        const char *password);
void driver_disconnect(void *session);

/** Milliseconds on the monotonic clock. */
int64_t driver_now_ms(void);

#endif
