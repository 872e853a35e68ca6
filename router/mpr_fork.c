/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_fork.c: all process-wide locks, in one order.
 */
#include "config.h"

#include "router/mpr_fork.h"

#include <stddef.h>

#include "router/classic_thread.h"
#include "router/mpr_drive_watch.h"
#include "router/mpr_events.h"
#include "router/mpr_failures.h"
#include "router/mpr_handle.h"
#include "router/mpr_loader.h"
#include "router/mpr_prompt.h"
#include "router/mpr_providers.h"
#include "router/mpr_unavailable.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct mpr_lock *const locks[] = {
    &mpr_loader_lock,      &mpr_classic_lock, &mpr_table_lock, &mpr_handle_lock,   &mpr_prompt_lock,
    &mpr_unavailable_lock, &mpr_events_lock,  &mpr_drive_lock, &mpr_failures_lock,
};

void mpr_fork_lock_all(void) {
    for (size_t i = 0; i < COUNT(locks); i++)
        pthread_mutex_lock(&locks[i]->mutex);
}

void mpr_fork_unlock_all(void) {
    for (size_t i = COUNT(locks); i > 0; i--)
        pthread_mutex_unlock(&locks[i - 1]->mutex);
}
