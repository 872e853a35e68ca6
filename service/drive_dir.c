/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_dir.c: directories as they were listed.
 *
 * A listing is read whole. The directory's node keeps it while it is believed, and
 * our own changes are made in it, too: so it serves who opens the directory next,
 * and tells which names are not there.
 *
 * Who makes many files asks for each name first, in vain. After some of these a
 * short directory is listed, which answers the rest.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "router/mpr_time.h"
#include "service/drive_tree.h"

#define MOST_STALE  16    /* so many files of dead drives are removed with one listing */
#define MISSES      16u   /* names in vain, while attributes are believed, till it is listed */
#define MISSED_MOST 1024u /* entries of a directory that is listed for that */
#define TOO_LONG_NS (10 * MPR_NS_PER_S) /* one that has more is not tried again for so long */

struct drive_listed {
    struct drive_link link; /* by name, whatever its case */
    struct mpr_stat attributes;
    bool known; /* attributes are */
    bool gone;  /* removed since */
    char name[];
};

/* All of it is under the tree's lock, once it is read. */
struct drive_listing {
    unsigned uses; /* handles, and the directory's node */
    struct drive_listed **entries;
    size_t count, room;
    struct drive_hash index;
    uint64_t clock; /* when it was asked for */
    int64_t until_ns;
};

struct drive_dir {
    struct drive_node *node;
    struct drive_listing *listing;
    size_t limit; /* what is made later is not shown, or a program might never come to its end */
};

static void free_listing(struct drive_listing *listing) {
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i]);
    free(listing->entries);
    drive_hash_free(&listing->index);
    free(listing);
}

static void release_locked(struct drive_tree *tree, struct drive_listing *listing)
    REQUIRES(tree->lock) {
    (void)tree;
    if (--listing->uses == 0)
        free_listing(listing);
}

void drive_listing_drop_locked(struct drive_tree *tree, struct drive_node *directory) {
    if (directory->listing)
        release_locked(tree, directory->listing);
    directory->listing = NULL;
}

static uint64_t hash_of(const char *name) {
    char folded[NAME_MAX + 1];
    size_t i;

    for (i = 0; name[i] && i < NAME_MAX; i++)
        folded[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
    folded[i] = '\0';
    return drive_hash_of_name(0, folded);
}

/* The entry of that name: exactly, or but for the case of its letters. */
static struct drive_listed *find_as(const struct drive_listing *listing, const char *name,
                                    int (*compare)(const char *, const char *)) {
    struct drive_link *link = drive_hash_first(&listing->index, hash_of(name));
    struct drive_listed *entry;

    for (; link; link = drive_hash_next(link)) {
        entry = DRIVE_HASH_ENTRY(link, struct drive_listed, link);
        if (compare(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

static struct drive_listed *find(const struct drive_listing *listing, const char *name) {
    return find_as(listing, name, strcmp);
}

/* Adds an entry that is not there yet. 0 or -ENOMEM. */
static int add(struct drive_listing *listing, const char *name, const struct mpr_stat *attributes) {
    size_t size = strlen(name) + 1;
    struct drive_listed **entries = listing->entries, *entry;

    if (listing->count == listing->room) {
        listing->room = listing->room ? listing->room * 2 : 32;
        entries = reallocarray(entries, listing->room, sizeof *entries);
        if (!entries) {
            listing->room = listing->count;
            return -ENOMEM;
        }
        listing->entries = entries;
    }
    entry = calloc(1, sizeof *entry + size);
    if (!entry || drive_hash_add(&listing->index, &entry->link, hash_of(name)) != 0) {
        free(entry);
        return -ENOMEM;
    }
    memcpy(entry->name, name, size);
    if (attributes)
        entry->attributes = *attributes;
    entry->known = attributes != NULL;
    entries[listing->count++] = entry;
    return 0;
}

void drive_listing_made_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) {
    struct drive_listing *listing = directory->listing;
    struct drive_listed *entry = listing ? find(listing, name) : NULL;

    if (entry)
        entry->gone = entry->known = false;
    else if (listing && add(listing, name, NULL) != 0)
        drive_listing_drop_locked(tree, directory);
}

void drive_listing_gone_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) {
    struct drive_listed *entry = directory->listing ? find(directory->listing, name) : NULL;

    (void)tree;
    if (entry)
        entry->gone = true;
}

void drive_listing_empty_locked(struct drive_tree *tree, struct drive_node *directory,
                                int64_t until_ns) {
    struct drive_listing *listing = calloc(1, sizeof *listing);

    if (!listing)
        return;
    listing->uses = 1;
    listing->clock = tree->clock;
    listing->until_ns = until_ns;
    drive_listing_drop_locked(tree, directory);
    directory->listing = listing;
}

/* Could a server that has its own idea of names find this one under another? By letters of
 * other alphabets in the other case, or by what DOS made of it. */
static bool has_variants(const char *name) {
    size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)name[i] >= 0x80 || name[i] == '~')
            return true;
    }
    return length && (name[length - 1] == '.' || name[length - 1] == ' ');
}

int64_t drive_listing_lacks_locked(struct drive_tree *tree, const struct drive_node *directory,
                                   const char *name) {
    const struct drive_listing *listing = directory->listing;
    const struct drive_listed *entry;

    (void)tree;
    if (!listing || drive_attr_left_ms(listing->until_ns) == 0)
        return 0;
    entry = find(listing, name);
    if (entry)
        return entry->gone ? listing->until_ns : 0;
    return find_as(listing, name, strcasecmp) || has_variants(name) ? 0 : listing->until_ns;
}

struct reading {
    struct drive *drive;
    struct drive_listing *listing;
    char *stale[MOST_STALE];
    size_t stale_count;
    size_t most; /* entries */
    int rc;
};

/* Names that no file system takes, and those of ours that nobody is to see, are left out. */
static bool is_shown(const struct drive *drive, const char *name) {
    size_t length = strlen(name);

    return length && length <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0
           && strcmp(name, "..") != 0
           && strncmp(name, drive->tree->hidden, strlen(drive->tree->hidden)) != 0;
}

static int take_entry(void *context, const char *name, const struct mpr_stat *attributes) {
    struct reading *reading = context;

    if (drive_hidden_is_stale(name)) {
        if (reading->stale_count < MOST_STALE
            && (reading->stale[reading->stale_count] = strdup(name)))
            reading->stale_count++;
        return 0;
    }
    if (reading->listing->count >= reading->most)
        reading->rc = -E2BIG;
    else if (is_shown(reading->drive, name) && !find(reading->listing, name))
        reading->rc = add(reading->listing, name, attributes);
    return reading->rc != 0;
}

static int read_entries(struct drive *drive, const char *path, void *context) {
    struct reading *reading = context;
    int rc = drive_remote_readdir(drive, path, take_entry, reading);

    return reading->rc ? reading->rc : rc;
}

static int remove_one(struct drive *drive, const char *path, void *context) {
    (void)context;
    return drive_remote_unlink(drive, path);
}

/* What drives that were killed could not remove any more. Where that is refused, it stays. */
static void remove_stale(struct reading *reading, struct drive_node *directory) {
    int rc = 0;

    for (size_t i = 0; i < reading->stale_count; i++) {
        if (rc == 0 || rc == -ENOENT)
            rc = drive_node_call(reading->drive, directory, reading->stale[i], remove_one, NULL);
        free(reading->stale[i]);
    }
}

/* The listing of a pinned directory, from the server, and counted as used. -E2BIG: it has more
 * than so many entries. */
static int read_listing(struct drive *drive, struct drive_node *node, size_t most,
                        struct drive_listing **ret_listing) {
    struct drive_listing *listing = calloc(1, sizeof *listing);
    struct reading reading = {.drive = drive, .listing = listing, .most = most};
    struct drive_tree *tree = drive->tree;
    int rc = -ENOMEM;

    if (!listing)
        return rc;
    listing->uses = 1;
    listing->clock = drive_tree_clock(drive);
    rc = drive_node_call(drive, node, NULL, read_entries, &reading);
    remove_stale(&reading, node);
    if (rc != 0) {
        free_listing(listing);
        return rc;
    }
    listing->until_ns = drive_attr_until_ns(drive);
    mpr_lock(&tree->lock);
    if (node->changed <= listing->clock && listing->until_ns) {
        drive_listing_drop_locked(tree, node);
        node->listing = listing;
        listing->uses++;
    }
    mpr_unlock(&tree->lock);
    *ret_listing = listing;
    return 0;
}

/* Names count together till until_ns, if the first of them was asked for now. */
static bool is_to_be_listed_locked(struct drive_tree *tree, struct drive_node *directory,
                                   int64_t until_ns) REQUIRES(tree->lock) {
    int64_t now_ns = mpr_now_ns();

    (void)tree;
    if (now_ns >= directory->misses_until_ns) {
        directory->misses_until_ns = until_ns;
        directory->misses = 0;
    }
    return ++directory->misses == MISSES && now_ns >= directory->too_long_until_ns;
}

void drive_listing_missed(struct drive *drive, struct drive_node *directory) {
    struct drive_tree *tree = drive->tree;
    int64_t until_ns = drive_attr_until_ns(drive);
    struct drive_listing *listing;
    bool wanted;
    int rc;

    mpr_lock(&tree->lock);
    wanted = is_to_be_listed_locked(tree, directory, until_ns);
    mpr_unlock(&tree->lock);
    if (!wanted)
        return;
    rc = read_listing(drive, directory, MISSED_MOST, &listing);
    mpr_lock(&tree->lock);
    if (rc == 0)
        release_locked(tree, listing);
    else
        directory->too_long_until_ns = mpr_now_ns() + TOO_LONG_NS;
    mpr_unlock(&tree->lock);
}

/* The listing that is known, used once more; or NULL. */
static struct drive_listing *take_known(struct drive *drive, const struct drive_node *node) {
    struct drive_tree *tree = drive->tree;
    struct drive_listing *listing;

    mpr_lock(&tree->lock);
    listing = node->listing;
    if (listing && drive_attr_left_ms(listing->until_ns) == 0)
        listing = NULL;
    if (listing)
        listing->uses++;
    mpr_unlock(&tree->lock);
    return listing;
}

int drive_opendir(struct drive *drive, uint64_t number, struct drive_dir **ret_dir) {
    struct drive_node *node = drive_node_pin(drive, number);
    struct drive_dir *dir = calloc(1, sizeof *dir);
    struct drive_tree *tree = drive->tree;
    int rc = !node ? -ESTALE : !dir ? -ENOMEM : 0;

    if (rc == 0) {
        dir->node = node;
        dir->listing = take_known(drive, node);
        if (!dir->listing)
            rc = read_listing(drive, node, SIZE_MAX, &dir->listing);
    }
    if (rc != 0) {
        if (node)
            drive_node_unpin(drive, node);
        free(dir);
        return rc;
    }
    mpr_lock(&tree->lock);
    dir->limit = dir->listing->count;
    mpr_unlock(&tree->lock);
    *ret_dir = dir;
    return 0;
}

/* Looks an entry up with what the listing tells of it. NULL: that is not enough, or too old. */
static struct drive_node *enter_listed_locked(struct drive_tree *tree, struct drive_dir *dir,
                                              const struct drive_listed *entry, int64_t until_ns)
    REQUIRES(tree->lock) {
    struct drive_name *name = drive_name_find_locked(tree, dir->node, entry->name);
    struct drive_listing *listing = dir->listing;
    struct drive_node *node = NULL;

    if (dir->node->listing != listing && dir->node->changed > listing->clock)
        return NULL; /* the name may have been removed since */
    if (!entry->known || !until_ns) {
        node = name ? name->node : NULL;
        if (!node)
            return NULL;
        node->pins++;
    } else if (drive_name_enter_locked(tree, dir->node, entry->name, &entry->attributes,
                                       listing->clock, until_ns, NULL, &node)
               != 0) {
        return NULL;
    }
    node->lookups++;
    return node;
}

bool drive_dir_get(struct drive *drive, struct drive_dir *dir, size_t index, bool plus,
                   const char **ret_name, struct drive_entry *ret) {
    struct drive_tree *tree = drive->tree;
    /* Many entries take their time till they are asked for: that does not count. */
    int64_t until_ns = plus ? drive_attr_until_ns(drive) : 0;
    const struct drive_listed *entry;
    struct drive_node *node = NULL;
    bool gone;

    if (index >= dir->limit)
        return false;
    mpr_lock(&tree->lock);
    entry = dir->listing->entries[index];
    gone = entry->gone;
    if (plus && !gone)
        node = enter_listed_locked(tree, dir, entry, until_ns);
    *ret = (struct drive_entry){.attributes = entry->attributes};
    mpr_unlock(&tree->lock);
    *ret_name = gone ? "" : entry->name;
    if (node) {
        drive_attr_fill(drive, node, until_ns, ret);
        drive_node_unpin(drive, node);
    }
    return true;
}

void drive_releasedir(struct drive *drive, struct drive_dir *dir) {
    struct drive_tree *tree = drive->tree;

    mpr_lock(&tree->lock);
    release_locked(tree, dir->listing);
    drive_node_unpin_locked(tree, dir->node);
    mpr_unlock(&tree->lock);
    free(dir);
}
