/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_fork.h: takes every process-wide lock round a fork, so that the child
 * finds none of them held by a thread that it does not have.
 */
#ifndef MPR_FORK_H
#define MPR_FORK_H

void mpr_fork_lock_all(void);
void mpr_fork_unlock_all(void);

#endif
