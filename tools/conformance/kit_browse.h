/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_browse.h: list, parent and information of a native module, called
 * directly, with what they gave copied: the strings are theirs.
 */
#ifndef KIT_BROWSE_H
#define KIT_BROWSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>

struct kit_entry {
    uint32_t scope, type, display_type, usage;
    bool named; /* remote was not NULL */
    char remote[MPR_KEY_MAX];
    char key[MPR_KEY_MAX]; /* "" unless it is recognised */
};

struct kit_answer {
    enum mpr_answer answer;
    uint32_t code;
    size_t rest; /* of information */
    struct kit_entry *entries;
    size_t count;
    int64_t ms;
};

/** What stands in rest before the call, to see that it stays. */
#define KIT_REST 0x5a5a5a

/** As whom: NULL is nobody in particular, as whom the lab's user is by default. */
extern const char *kit_browse_user;
/** After so many milliseconds they are cancelled, and have a minute; 0: they have the usual time. */
extern int kit_browse_cancel_ms;

/* Each opens the module if that was not done. What answers must be one of the SPI's pairs. */

/** list; takes stop entries and then stops, 0: all of them. */
struct kit_answer kit_children(const char *container, uint32_t type, uint32_t usage, size_t stop);
/** parent */
struct kit_answer kit_parent(const char *remote);
/** information */
struct kit_answer kit_about(const char *remote, uint32_t type);

/** "MPR_NOT_MINE, ERROR_BAD_NETPATH (53)", for people. */
const char *kit_answer_name(const struct kit_answer *answer);
/** Unless it is that answer with that code: a finding. */
void kit_answer_is(const struct kit_answer *got, enum mpr_answer answer, uint32_t code);
/** Unless it was done: a finding. */
void kit_done(const struct kit_answer *answer);
/** Unless it was done, with one entry: a finding. Returns that. */
const struct kit_entry *kit_one(const struct kit_answer *answer);
/** Unless the entry is one that can be used: a finding. */
void kit_entry_sound(const struct kit_entry *entry);

/** The key of a name, in one of eight buffers used in turn; "" if it is not recognised. */
const char *kit_key(const char *remote);
/** The server of a name of the lab: what lists it, or the name itself where the lab's server does. */
const char *kit_host_of(const char *remote);

#endif
