/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_dir.c: directories as they were listed.
 *
 * A listing is read whole. The directory's node keeps it while it is believed, and
 * our own changes are made in it, too: so it serves who opens the directory next,
 * and who looks names up. What we change while it is read is put down, and made in it then.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "router/mpr_time.h"
#include "service/drive_fold.h"
#include "service/drive_tree.h"

#define MOST_STALE 16 /* so many files of dead drives are removed with one listing */

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

static struct drive_listing *new_listing(void) {
    struct drive_listing *listing = calloc(1, sizeof *listing);

    if (listing)
        listing->uses = 1;
    return listing;
}

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

/* A listing on its way from the server, and what comes to be known meanwhile. */
struct drive_reading {
    struct drive_reading *next;
    struct drive *drive;
    struct drive_node *directory;
    struct drive_listing *listing;
    /* Ours: a name is gone, or made; with known, only its file changed. */
    struct drive_listing *changes;
    bool spoiled; /* by more than what is in changes */
    char *stale[MOST_STALE];
    size_t stale_count;
    int rc;
};

static void let_go_locked(struct drive_tree *tree, struct drive_node *directory)
    REQUIRES(tree->lock) {
    if (directory->listing)
        release_locked(tree, directory->listing);
    directory->listing = NULL;
}

void drive_listing_drop_locked(struct drive_tree *tree, struct drive_node *directory) {
    let_go_locked(tree, directory);
    for (struct drive_reading *reading = tree->readings; reading; reading = reading->next)
        reading->spoiled = reading->spoiled || reading->directory == directory;
}

static struct drive_listed *next_entry(struct drive_link *link) {
    return DRIVE_HASH_ENTRY(link, struct drive_listed, link);
}

static struct drive_listed *first_alike(const struct drive_listing *listing, const char *name) {
    return next_entry(drive_hash_first(&listing->index, drive_fold_hash(0, name)));
}

static struct drive_listed *find(const struct drive_listing *listing, const char *name) {
    struct drive_listed *entry = first_alike(listing, name);

    while (entry && strcmp(entry->name, name) != 0)
        entry = next_entry(drive_hash_next(&entry->link));
    return entry;
}

/* Is there a name that differs from this one in its spelling alone? */
static bool has_alike(const struct drive_listing *listing, const char *name) {
    struct drive_listed *entry = first_alike(listing, name);

    while (
        entry
        && (entry->gone || strcmp(entry->name, name) == 0 || !drive_fold_same(entry->name, name)))
        entry = next_entry(drive_hash_next(&entry->link));
    return entry != NULL;
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
    if (!entry || drive_hash_add(&listing->index, &entry->link, drive_fold_hash(0, name)) != 0) {
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

/* The name is there or gone, and no more is known of it. 0; -ENOMEM; -EAGAIN: that may be meant
 * for one that is spelled in another way. */
static int set(const struct drive_tree *tree, struct drive_listing *listing, const char *name,
               bool gone) {
    struct drive_listed *entry = find(listing, name);

    if (tree->any_case && (!entry || entry->gone) && has_alike(listing, name))
        return -EAGAIN;
    if (!entry) {
        if (add(listing, name, NULL) != 0)
            return -ENOMEM;
        entry = listing->entries[listing->count - 1];
    }
    entry->known = false;
    entry->gone = gone;
    return 0;
}

/* In listings that are being read, too. */
static void set_all_locked(struct drive_tree *tree, struct drive_node *directory, const char *name,
                           bool gone) REQUIRES(tree->lock) {
    if (directory->listing
        && (drive_attr_left_ms(directory->listing->until_ns) == 0
            || set(tree, directory->listing, name, gone) != 0))
        let_go_locked(tree, directory);
    for (struct drive_reading *reading = tree->readings; reading; reading = reading->next)
        if (reading->directory == directory && set(tree, reading->changes, name, gone) != 0)
            reading->spoiled = true;
}

void drive_listing_made_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) {
    drive_absent_drop_locked(tree, directory, name);
    set_all_locked(tree, directory, name, false);
}

void drive_listing_gone_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) {
    set_all_locked(tree, directory, name, true);
}

/* Its file was changed, which says nothing about the name. 0 or -ENOMEM. */
static int note_changed(struct drive_listing *changes, const char *name) {
    if (find(changes, name))
        return 0;
    if (add(changes, name, NULL) != 0)
        return -ENOMEM;
    changes->entries[changes->count - 1]->known = true;
    return 0;
}

void drive_listing_changed_locked(struct drive_tree *tree, const struct drive_node *node) {
    for (const struct drive_name *name = node->names; name; name = name->next) {
        struct drive_listing *listing = name->parent->listing;
        struct drive_listed *entry = listing ? find(listing, name->text) : NULL;

        if (entry)
            entry->known = false;
        for (struct drive_reading *reading = tree->readings; reading; reading = reading->next)
            if (reading->directory == name->parent
                && note_changed(reading->changes, name->text) != 0)
                reading->spoiled = true;
    }
}

void drive_listing_empty_locked(struct drive_tree *tree, struct drive_node *directory,
                                int64_t until_ns) {
    struct drive_listing *listing = new_listing();

    if (!listing)
        return;
    listing->clock = tree->clock;
    listing->until_ns = until_ns;
    drive_listing_drop_locked(tree, directory);
    directory->listing = listing;
}

/* CON, com1, NUL.txt: what DOS took for devices. */
static bool is_device(const char *name) {
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM", "LPT"};
    size_t length = strcspn(name, ".");

    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (strncasecmp(name, devices[i], 3) == 0 && length == (i < 4 ? 3 : 4))
            return true;
    return false;
}

/* Could a server that has its own idea of names find this one under another? By letters of
 * other alphabets in the other case, or by what DOS made of it. */
static bool has_variants(const char *name) {
    size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)name[i] >= 0x80 || name[i] == '~')
            return true;
    }
    return is_device(name) || (length && (name[length - 1] == '.' || name[length - 1] == ' '));
}

int64_t drive_listing_lacks_locked(struct drive_tree *tree, const struct drive_node *directory,
                                   const char *name) {
    const struct drive_listing *listing = directory->listing;
    const struct drive_listed *entry;

    if (!listing || drive_attr_left_ms(listing->until_ns) == 0)
        return 0;
    entry = find(listing, name);
    if (entry && (!entry->gone || (tree->any_case && has_alike(listing, name))))
        return 0;
    return !entry && (has_alike(listing, name) || has_variants(name)) ? 0 : listing->until_ns;
}

struct drive_node *drive_listing_enter_locked(struct drive_tree *tree, struct drive_node *directory,
                                              const char *name, int64_t *ret_until_ns) {
    const struct drive_listing *listing = directory->listing;
    const struct drive_listed *entry;
    struct drive_node *node;

    if (!listing || drive_attr_left_ms(listing->until_ns) == 0)
        return NULL;
    entry = find(listing, name);
    if (!entry || entry->gone || !entry->known
        || drive_name_enter_locked(tree, directory, name, &entry->attributes, listing->clock,
                                   listing->until_ns, NULL, &node)
               != 0)
        return NULL;
    if (drive_attr_left_ms(node->attributes_until_ns) == 0) { /* we have changed it since */
        drive_node_unpin_locked(tree, node);
        return NULL;
    }
    *ret_until_ns = listing->until_ns;
    return node;
}

/* Names that no file system takes, and those of ours that nobody is to see, are left out. */
static bool is_shown(const struct drive *drive, const char *name) {
    size_t length = strlen(name);

    return length && length <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") != 0
           && strcmp(name, "..") != 0 && !drive_hidden_is(drive->tree, name);
}

static int take_entry(void *context, const char *name, const struct mpr_stat *attributes) {
    struct drive_reading *reading = context;

    if (drive_hidden_is_stale(name)) {
        if (reading->stale_count < MOST_STALE
            && (reading->stale[reading->stale_count] = strdup(name)))
            reading->stale_count++;
        return 0;
    }
    if (atomic_load(&reading->drive->tree->ending))
        reading->rc = -ENOTCONN;
    else if (is_shown(reading->drive, name) && !find(reading->listing, name))
        reading->rc = add(reading->listing, name, attributes);
    return reading->rc != 0;
}

static int read_entries(struct drive *drive, const char *path, void *context) {
    struct drive_reading *reading = context;
    int rc = drive_remote_readdir(drive, path, take_entry, reading);

    return reading->rc ? reading->rc : rc;
}

static int remove_one(struct drive *drive, const char *path, void *context) {
    (void)context;
    return drive_remote_unlink(drive, path);
}

/* What drives that were killed could not remove any more. Where that is refused, it stays. */
static void remove_stale(struct drive_reading *reading, struct drive_node *directory) {
    int rc = 0;

    for (size_t i = 0; i < reading->stale_count; i++) {
        if (rc == 0 || rc == -ENOENT)
            rc = drive_node_call(reading->drive, directory, reading->stale[i], remove_one, NULL);
        free(reading->stale[i]);
    }
}

static void begin_reading(struct drive_tree *tree, struct drive_reading *reading) {
    mpr_lock(&tree->lock);
    reading->listing->clock = tree->clock;
    reading->next = tree->readings;
    tree->readings = reading;
    mpr_unlock(&tree->lock);
}

/* Our changes since it was asked for. False: nobody knows what it looks like now. */
static bool catch_up(struct drive_reading *reading) {
    const struct drive_listing *changes = reading->changes;

    for (size_t i = 0; i < changes->count && !reading->spoiled; i++) {
        const struct drive_listed *change = changes->entries[i];
        struct drive_listed *entry = find(reading->listing, change->name);

        if (!change->known)
            reading->spoiled =
                set(reading->drive->tree, reading->listing, change->name, change->gone) != 0;
        else if (entry)
            entry->known = false;
    }
    return !reading->spoiled;
}

static void end_reading(struct drive_tree *tree, struct drive_reading *reading, int rc) {
    struct drive_listing *listing = reading->listing;
    struct drive_node *directory = reading->directory;
    struct drive_reading **where = &tree->readings;

    listing->until_ns = drive_attr_until_ns(reading->drive);
    mpr_lock(&tree->lock);
    while (*where != reading)
        where = &(*where)->next;
    *where = reading->next;
    if (rc == 0 && catch_up(reading) && listing->until_ns) {
        let_go_locked(tree, directory);
        directory->listing = listing;
        listing->uses++;
    }
    mpr_unlock(&tree->lock);
}

/* The listing of a pinned directory, from the server, and counted as used. */
static int read_listing(struct drive *drive, struct drive_node *directory,
                        struct drive_listing **ret_listing) {
    struct drive_reading reading = {
        .drive = drive, .directory = directory, .listing = new_listing(), .changes = new_listing()};
    int rc = -ENOMEM;

    if (reading.listing && reading.changes) {
        begin_reading(drive->tree, &reading);
        rc = drive_node_call(drive, directory, NULL, read_entries, &reading);
        end_reading(drive->tree, &reading, rc);
        remove_stale(&reading, directory);
    }
    if (reading.changes)
        free_listing(reading.changes);
    if (rc == 0)
        *ret_listing = reading.listing;
    else if (reading.listing)
        free_listing(reading.listing);
    return rc;
}

int drive_listing_fetch(struct drive *drive, struct drive_node *directory) {
    struct drive_listing *listing;
    int rc = read_listing(drive, directory, &listing);

    if (rc == 0) {
        mpr_lock(&drive->tree->lock);
        release_locked(drive->tree, listing);
        mpr_unlock(&drive->tree->lock);
    }
    return rc;
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
            rc = read_listing(drive, node, &dir->listing);
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
    if (node)
        until_ns = drive_name_until_locked(tree, dir->node, entry->name, until_ns);
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
