/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_dir_ahead.c: who copies many files into a directory, or looks at all that are there,
 * has the server asked for one name after the other. Once that has taken as long as a listing
 * of the directory takes, it is listed in the background, which answers for the names to come.
 * So a listing that was for nothing costs no more than what was spent before it.
 */
#include "config.h"

#include <signal.h>

#include "router/mpr_time.h"
#include "service/drive_tree.h"

#define LEAST 8 /* names; a few of them are not worth a listing, whatever they take */

static struct drive_asked *find_asked_locked(struct drive_tree *tree, uint64_t number,
                                             int64_t window_ns) REQUIRES(tree->lock) {
    struct drive_asked *asked = &tree->asked[number % DRIVE_ASKED];
    int64_t now_ns = mpr_now_ns();

    if (asked->number != number)
        *asked = (struct drive_asked){.number = number};
    if (now_ns - asked->since_ns > window_ns) { /* names asked for so long ago are known no more */
        asked->since_ns = now_ns;
        asked->spent_ns = asked->count = 0;
    }
    return asked;
}

static void *list_ahead(void *context) {
    struct drive *drive = context;
    struct drive_tree *tree = drive->tree;
    int64_t begun_ns = mpr_now_ns();
    struct drive_node *directory;
    struct drive_asked *asked;
    int rc;

    mpr_lock(&tree->lock);
    directory = tree->ahead;
    mpr_unlock(&tree->lock);
    rc = drive_listing_fetch(drive, directory);
    mpr_lock(&tree->lock);
    asked = find_asked_locked(tree, directory->number, INT64_MAX);
    if (rc == 0)
        asked->listing_ns = mpr_now_ns() - begun_ns;
    else if (!atomic_load(&drive->lost)) /* it is refused, and would be again */
        asked->listing_ns = INT64_MAX;
    drive_node_unpin_locked(tree, directory);
    tree->ahead = NULL;
    mpr_unlock(&tree->lock);
    return NULL;
}

static void start_locked(struct drive_tree *tree, struct drive *drive, struct drive_node *directory)
    REQUIRES(tree->lock) {
    sigset_t all, before;

    if (tree->ahead_there)
        pthread_join(tree->ahead_thread, NULL); /* it has ended */
    tree->ahead = directory;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    tree->ahead_there = pthread_create(&tree->ahead_thread, NULL, list_ahead, drive) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (tree->ahead_there)
        directory->pins++;
    else
        tree->ahead = NULL;
}

void drive_dir_asked(struct drive *drive, struct drive_node *directory, int64_t took_ns) {
    struct drive_tree *tree = drive->tree;
    struct drive_asked *asked;

    if (!drive->options.attribute_ms)
        return;
    mpr_lock(&tree->lock);
    asked = find_asked_locked(tree, directory->number, drive->options.attribute_ms * MPR_NS_PER_MS);
    asked->count++;
    asked->spent_ns += took_ns;
    if (asked->count >= LEAST && asked->spent_ns >= asked->listing_ns && !tree->ahead
        && !atomic_load(&tree->ending)) {
        asked->spent_ns = asked->count = 0;
        start_locked(tree, drive, directory);
    }
    mpr_unlock(&tree->lock);
}

void drive_dir_ahead_end(struct drive *drive) {
    struct drive_tree *tree = drive->tree;
    bool there;

    mpr_lock(&tree->lock);
    atomic_store(&tree->ending, true);
    there = tree->ahead_there;
    mpr_unlock(&tree->lock);
    if (there)
        pthread_join(tree->ahead_thread, NULL);
}
