/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_absent.c: names that the server said are not there, a few of them, where it may have
 * a file under several spellings of its name.
 */
#include "config.h"

#include "service/drive_fold.h"
#include "service/drive_tree.h"

/* Where it is put down: all spellings of a name at the same place. */
static size_t place_of(uint64_t folded) {
    return folded % DRIVE_ABSENT;
}

int64_t drive_absent_until_locked(const struct drive_tree *tree, const struct drive_node *parent,
                                  const char *text) {
    uint64_t folded = tree->any_case ? drive_fold_hash(parent->number, text) : 0;
    const struct drive_absent *absent = &tree->absent[place_of(folded)];

    if (!tree->any_case || absent->directory != parent->number || absent->folded != folded
        || absent->exact != drive_hash_of_name(parent->number, text))
        return 0;
    return absent->until_ns;
}

void drive_absent_note_locked(struct drive_tree *tree, const struct drive_node *parent,
                              const char *text, int64_t until_ns) {
    uint64_t folded;

    if (!tree->any_case)
        return;
    folded = drive_fold_hash(parent->number, text);
    tree->absent[place_of(folded)] =
        (struct drive_absent){.directory = parent->number,
                              .folded = folded,
                              .exact = drive_hash_of_name(parent->number, text),
                              .until_ns = until_ns};
}

void drive_absent_drop_locked(struct drive_tree *tree, const struct drive_node *parent,
                              const char *text) {
    if (tree->any_case && text)
        tree->absent[place_of(drive_fold_hash(parent->number, text))] = (struct drive_absent){0};
    for (size_t i = 0; tree->any_case && !text && i < DRIVE_ABSENT; i++)
        if (tree->absent[i].directory == parent->number)
            tree->absent[i] = (struct drive_absent){0};
}
