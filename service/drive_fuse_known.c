/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_fuse_known.c: which nodes the kernel knows of a mount that may end before its drive.
 */
#include "config.h"

#include "service/drive_fuse.h"

#include <stdlib.h>

struct known {
    struct drive_link link; /* by number */
    uint64_t number, lookups;
};

static struct known *find_locked(const struct drive_session *session, uint64_t number) {
    struct drive_link *link = drive_hash_first(&session->known, drive_hash_of_number(number));
    struct known *known;

    for (; link; link = drive_hash_next(link)) {
        known = DRIVE_HASH_ENTRY(link, struct known, link);
        if (known->number == number)
            return known;
    }
    return NULL;
}

void drive_session_know(struct drive_session *session, uint64_t number) {
    struct known *known;

    if (session->mounted || !number)
        return;
    pthread_mutex_lock(&session->lock);
    known = find_locked(session, number);
    if (!known && (known = calloc(1, sizeof *known))) {
        known->number = number;
        /* Without memory the node stays until the drive ends. */
        if (drive_hash_add(&session->known, &known->link, drive_hash_of_number(number)) != 0) {
            free(known);
            known = NULL;
        }
    }
    if (known)
        known->lookups++;
    pthread_mutex_unlock(&session->lock);
}

void drive_session_forget(struct drive_session *session, uint64_t number, uint64_t lookups) {
    struct known *known;

    if (!session->mounted && number) {
        pthread_mutex_lock(&session->lock);
        known = find_locked(session, number);
        if (known && known->lookups > lookups) {
            known->lookups -= lookups;
        } else if (known) {
            drive_hash_remove(&session->known, &known->link);
            free(known);
        }
        pthread_mutex_unlock(&session->lock);
    }
    if (number)
        drive_forget(session->drive, number, lookups);
}

void drive_session_forget_all(struct drive_session *session) {
    for (size_t i = 0; i < session->known.size; i++) {
        struct drive_link *next;

        for (struct drive_link *link = session->known.slots[i]; link; link = next) {
            struct known *known = DRIVE_HASH_ENTRY(link, struct known, link);

            next = link->next;
            if (session->drive->tree)
                drive_forget(session->drive, known->number, known->lookups);
            free(known);
        }
    }
    drive_hash_free(&session->known);
}
