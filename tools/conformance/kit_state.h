/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_state.h: what a call must leave as it was.
 */
#ifndef KIT_STATE_H
#define KIT_STATE_H

#include <stddef.h>

/** What is counted of this process and of its sessions on the lab's servers. */
struct kit_state {
    unsigned descriptors;
    unsigned threads;
    unsigned mappings; /* of files */
    unsigned sessions; /* TCP connections to the lab's ports, of every process here */
    size_t heap;       /* bytes in use; 0 where the allocator does not tell */
};

struct kit_state kit_state(void);
/** The same, after what is still on its way out is gone: it does not change for a while. */
struct kit_state kit_state_settled(void);

/**
 * Unless descriptors, threads and sessions are as before, at the latest after
 * two seconds: a finding. after: "after the failed connect".
 */
void kit_state_same(const struct kit_state *before, const char *after);

/** Signals, locale, directory, umask, environment, limits: a text to compare. To be freed. */
char *kit_process_state(void);

/** Heap bytes that each call of fn leaves behind, the least of three batches of rounds, after a few
 * to warm up. 0 if none. */
size_t kit_leak(void (*fn)(void *context), void *context, unsigned rounds);

#endif
