/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_count.c: who has files open, and who is not to have more.
 *
 * An open counts itself first and looks then; a cancel holds first and counts then. So
 * one of the two sees the other.
 */
#include "config.h"

#include "service/drive.h"

#include <errno.h>
#include <time.h>

#include "router/mpr_time.h"

#define HELD_MS 2000 /* a cancel takes no longer, unless it is given up */
#define LOOK_NS (5 * MPR_NS_PER_MS)

int drive_count_open(struct drive *drive) {
    const struct timespec moment = mpr_timespec(LOOK_NS);
    int64_t deadline_ns = mpr_deadline_in_ms(HELD_MS);

    for (;;) {
        atomic_fetch_add(&drive->open_files, 1);
        if (!atomic_load(&drive->held) && !atomic_load(&drive->ended))
            return 0;
        atomic_fetch_sub(&drive->open_files, 1);
        if (atomic_load(&drive->ended))
            return -ENOTCONN;
        if (mpr_now_ns() >= deadline_ns)
            return -EBUSY;
        nanosleep(&moment, NULL);
    }
}

void drive_count_close(struct drive *drive) {
    atomic_fetch_sub(&drive->open_files, 1);
}
