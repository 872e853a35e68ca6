/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asleep.h: has another thread come to where it waits? A pause of so many
 * milliseconds does not tell on a busy machine; the kernel does.
 */
#ifndef ASLEEP_H
#define ASLEEP_H

#include <stdatomic.h>
#include <stdbool.h>

/**
 * Waits until the thread of this process whose id (gettid) is in *thread, 0 as
 * long as it has not begun, has been asleep for a while. False after 20 s.
 */
bool asleep_wait(const atomic_int *thread);

#endif
