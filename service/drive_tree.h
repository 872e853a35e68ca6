/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_tree.h: what the files of a drive's tree have in common.
 *
 * A node is a file of the server, a name is a directory entry that leads to one.
 * What both are, and the server said of them, is believed for
 * drive_options.attribute_ms. tree->clock counts the changes that this drive
 * makes itself: what the server said before a change does not count after it.
 */
#ifndef DRIVE_TREE_H
#define DRIVE_TREE_H

#include "router/mpr_lock.h"
#include "service/drive.h"
#include "service/drive_hash.h"

/** A directory entry. Pins the directory. */
struct drive_name {
    struct drive_link link; /* by directory and text */
    struct drive_node *parent, *node;
    struct drive_name *next; /* of the same node */
    int64_t until_ns;        /* it is believed till then */
    bool any_case;           /* the server has its node under other spellings, too */
    char text[];
};

/** Names of a directory that the server had to be asked for, one after the other. */
struct drive_asked {
    uint64_t number; /* of the directory */
    unsigned count;
    int64_t since_ns;
    int64_t spent_ns;   /* waiting for the server */
    int64_t listing_ns; /* what listing the directory took, when it was last done for this */
};

#define DRIVE_ASKED 8 /* so many directories at a time */

/** A name that is not there; drive_absent.c. */
struct drive_absent {
    uint64_t directory, folded, exact; /* its number, and hashes of the name */
    int64_t until_ns;
};

#define DRIVE_ABSENT 256 /* so many of them */

/** All but lock, root, any_case and hidden is under lock. */
struct drive_tree {
    struct mpr_lock lock;
    struct drive_hash numbers, names, files;
    struct drive_node *root;
    bool any_case; /* as the drive's */
    uint64_t next_number;
    uint64_t clock;
    uint64_t moves; /* renames: a path from before one may lead nowhere */
    struct mpr_statvfs facts;
    int64_t facts_until_ns;
    struct drive_reading *readings; /* of listings, under way */
    struct drive_asked asked[DRIVE_ASKED];
    struct drive_absent absent[DRIVE_ABSENT];
    struct drive_node *ahead; /* the directory that is listed ahead, pinned; or NULL */
    pthread_t ahead_thread;
    bool ahead_there;    /* there is such a thread, to be joined */
    _Atomic bool ending; /* nothing is listed ahead any more */
    char hidden[64];     /* how names of files begin that were removed while they were open */
};

/* ---- drive_node.c */

/** The entry of that name, or one that is known to be the same in another spelling; or NULL. */
struct drive_name *drive_name_find_locked(struct drive_tree *tree, const struct drive_node *parent,
                                          const char *text) REQUIRES(tree->lock);
/** Its node, pinned; NULL: none is known by that name. */
struct drive_node *drive_name_pin(struct drive *drive, const struct drive_node *parent,
                                  const char *text);
/** The next one, after name (NULL: the first), that may be the same in another spelling. */
struct drive_name *drive_name_like_locked(struct drive_tree *tree, const struct drive_node *parent,
                                          const char *text, struct drive_name *name)
    REQUIRES(tree->lock);
/** A name for a node, or for another node than so far. 0 or -ENOMEM. */
int drive_name_set_locked(struct drive_tree *tree, struct drive_node *parent, const char *text,
                          struct drive_node *node, int64_t until_ns) REQUIRES(tree->lock);
/** Its node has it no more. */
void drive_name_drop_locked(struct drive_tree *tree, struct drive_name *name) REQUIRES(tree->lock);
/** A new node, with nothing that keeps it. NULL: no memory. */
struct drive_node *drive_node_new_locked(struct drive_tree *tree) REQUIRES(tree->lock);
/** Frees it if nothing keeps it any more. */
void drive_node_unpin_locked(struct drive_tree *tree, struct drive_node *node) REQUIRES(tree->lock);

/** The path of a name in a directory. 0, -ENOMEM, -ENAMETOOLONG, -ESTALE. */
int drive_node_path_of(struct drive *drive, struct drive_node *directory, const char *name,
                       char **ret_path);
/** What the clock shows. */
uint64_t drive_tree_clock(struct drive *drive);

/* ---- drive_attr.c */

/** Is what the server says now about a file about this node? */
bool drive_attr_fits_locked(const struct drive_tree *tree, const struct drive_node *node,
                            const struct mpr_stat *attributes) REQUIRES(tree->lock);
/** What the server said, asked when the clock was at clock; it counts until until_ns. */
void drive_attr_set_locked(struct drive_tree *tree, struct drive_node *node,
                           const struct mpr_stat *attributes, uint64_t clock, int64_t until_ns)
    REQUIRES(tree->lock);
/** A change of our own. */
void drive_attr_forget_locked(struct drive_tree *tree, struct drive_node *node)
    REQUIRES(tree->lock);
/** Until when is believed what the server is asked now? */
int64_t drive_attr_until_ns(const struct drive *drive);
/** Milliseconds that are left of it. */
uint32_t drive_attr_left_ms(int64_t until_ns);
/** What the kernel is told. node is pinned; until_ns of the name, INT64_MAX: without one. */
void drive_attr_fill(struct drive *drive, struct drive_node *node, int64_t until_ns,
                     struct drive_entry *ret);
/** Waits until the server's times of a pinned node do not change any more by what was done here. */
void drive_attr_await(struct drive *drive, struct drive_node *node);
/** Asks the server by path. */
int drive_attr_ask(struct drive *drive, const char *path, void *ret_attributes);

/* ---- drive_name.c */

/** A node for what the server said about a name, asked when the clock was at clock. With
 * known, it is that one. The node is pinned. 0 or -ENOMEM. */
int drive_name_enter_locked(struct drive_tree *tree, struct drive_node *parent, const char *text,
                            const struct mpr_stat *attributes, uint64_t clock, int64_t until_ns,
                            struct drive_node *known, struct drive_node **ret_node)
    REQUIRES(tree->lock);

/** Until when the kernel may believe a name: never in another spelling than its entry's. What
 * happens to it by that name, the kernel would not know to be meant for this one. */
int64_t drive_name_until_locked(struct drive_tree *tree, const struct drive_node *parent,
                                const char *text, int64_t until_ns) REQUIRES(tree->lock);

/* ---- drive_absent.c: only where any_case; the kernel is not told then of names that are not
 * there, as it does not know which of them are there at once when one is made. */

/** Until when it is known not to be there; 0: it is not known. */
int64_t drive_absent_until_locked(const struct drive_tree *tree, const struct drive_node *parent,
                                  const char *text) REQUIRES(tree->lock);
void drive_absent_note_locked(struct drive_tree *tree, const struct drive_node *parent,
                              const char *text, int64_t until_ns) REQUIRES(tree->lock);
/** It was made, in whatever spelling. With NULL, any name may have been. */
void drive_absent_drop_locked(struct drive_tree *tree, const struct drive_node *parent,
                              const char *text) REQUIRES(tree->lock);

/* ---- drive_hidden.c */

/** How names of files begin that this process removes while they are open. */
void drive_hidden_begin(char *ret, size_t size);
/** Is it a name that begins so? */
bool drive_hidden_is(const struct drive_tree *tree, const char *name);
/** What follows: of no two files the same. */
uint64_t drive_hidden_serial(void);
/** Is it such a name of a process that surely has ended? Then nobody wants the file. */
bool drive_hidden_is_stale(const char *name);

/* ---- drive_dir.c */

/** In the listing of a directory that is known: a name was made, or removed. */
void drive_listing_made_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) REQUIRES(tree->lock);
void drive_listing_gone_locked(struct drive_tree *tree, struct drive_node *directory,
                               const char *name) REQUIRES(tree->lock);
/** A directory that we have just made: it is known to be empty. */
void drive_listing_empty_locked(struct drive_tree *tree, struct drive_node *directory,
                                int64_t until_ns) REQUIRES(tree->lock);
/** Until when this name is known not to be in the directory; 0: that is not known. */
int64_t drive_listing_lacks_locked(struct drive_tree *tree, const struct drive_node *directory,
                                   const char *name) REQUIRES(tree->lock);
/** The directory's listing is of no use any more, and neither is one that is being read. */
void drive_listing_drop_locked(struct drive_tree *tree, struct drive_node *directory)
    REQUIRES(tree->lock);
/** What a file that was changed looked like in listings does not count any more. */
void drive_listing_changed_locked(struct drive_tree *tree, const struct drive_node *node)
    REQUIRES(tree->lock);
/** The node of a name by what the listing of its directory tells, pinned, and until when that
 * holds; or NULL: that is not enough. */
struct drive_node *drive_listing_enter_locked(struct drive_tree *tree, struct drive_node *directory,
                                              const char *name, int64_t *ret_until_ns)
    REQUIRES(tree->lock);
/** Lists a pinned directory for those who look names up in it. 0 or -errno. */
int drive_listing_fetch(struct drive *drive, struct drive_node *directory);

/* ---- drive_dir_ahead.c */

/** The server was asked for a name in a pinned directory, which took so long. */
void drive_dir_asked(struct drive *drive, struct drive_node *directory, int64_t took_ns);
/** Nothing is listed ahead any more. */
void drive_dir_ahead_end(struct drive *drive);

#endif
