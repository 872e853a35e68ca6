/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_enum.c: what a classic provider lists.
 *
 * A listing is read in one job, from NPOpenEnum to NPCloseEnum. It ends: what
 * comes without end, or again and again, is refused.
 */
#include "config.h"

#include "router/classic.h"

#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/classic_call.h"
#include "router/classic_table.h"
#include "router/mpr_call.h"

#define MOST_ENTRIES 1000000u
#define ALL_THAT_FIT 0xFFFFFFFFu

/* A listing on its way. */
struct listing {
    uint32_t scope, type, usage;
    LPWSTR container, provider;
    const char *about; /* the container, for words */
    struct mpr_item_list got;
    size_t room;   /* items that got has memory for */
    char *repeats; /* the first remote name of a page that came with WN_MORE_DATA */
};

static struct listing *listing_of(struct mpr_classic_job *job) {
    return job->data;
}

static void clear_item(struct mpr_item *item) {
    free(item->local);
    free(item->remote);
    free(item->comment);
    free(item->provider);
}

static void clear_listing(struct mpr_classic_job *job) {
    mpr_item_list_clear(&listing_of(job)->got);
    free(listing_of(job)->repeats);
}

/* Room for one item more, or NULL. */
static struct mpr_item *next_item(struct mpr_classic_job *job) {
    struct listing *listing = listing_of(job);

    if (listing->got.count == listing->room) {
        size_t room = listing->room ? listing->room * 2 : 64;
        struct mpr_item *grown = reallocarray(listing->got.items, room, sizeof *grown);

        if (!grown) {
            job->no_memory = true;
            return NULL;
        }
        listing->got.items = grown;
        listing->room = room;
    }
    return &listing->got.items[listing->got.count];
}

/* Takes one entry; a bad one is left out, and said. False: the listing is to end. */
static bool take_entry(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                       size_t index, size_t count) {
    struct listing *listing = listing_of(job);
    struct mpr_item *item = next_item(job);
    const char *wrong = item ? mpr_classic_item(job, buffer, index, count, item) : "gave too much";

    if (wrong && job->no_memory) {
        job->code = ERROR_NOT_ENOUGH_MEMORY;
        return false;
    }
    if (!wrong && item->remote && *item->remote) {
        item->scope = listing->scope;
        listing->got.count++;
        return true;
    }
    if (!wrong)
        clear_item(item);
    mpr_classic_note(job, "%s; entry %zu is left out", wrong ? wrong : "gave no remote name",
                     index);
    return true;
}

/* Takes the entries of a page. False: the listing is to end. */
static bool take_page(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                      size_t count) {
    struct listing *listing = listing_of(job);

    if (count > buffer->size / sizeof(NETRESOURCEW)) {
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "says that %zu entries are in %zu bytes", count,
                          buffer->size);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!take_entry(job, buffer, i, count))
            return false;
    if (listing->got.count <= MOST_ENTRIES)
        return true;
    mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "gives entries without end: %zu so far",
                      listing->got.count);
    return false;
}

/* Entries with WN_MORE_DATA; are they those of the time before? Then it goes on for ever. */
static bool is_repeated(struct mpr_classic_job *job, size_t before) {
    struct listing *listing = listing_of(job);
    const char *first = listing->got.count > before ? listing->got.items[before].remote : "";
    bool repeated = listing->repeats && strcmp(listing->repeats, first) == 0;

    if (repeated) {
        mpr_classic_note(job, "gives %s again and again with WN_MORE_DATA; the listing ends there",
                         first);
        while (listing->got.count > before)
            clear_item(&listing->got.items[--listing->got.count]);
        return true;
    }
    free(listing->repeats);
    listing->repeats = strdup(first);
    return false;
}

enum step { STEP_END, STEP_AGAIN, STEP_GROW };

/* What a page's code and count mean. */
static enum step take_answer(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer,
                             DWORD code, DWORD count) {
    struct listing *listing = listing_of(job);
    size_t before = listing->got.count;

    switch (code) {
    case NO_ERROR:
        if (count && count != ALL_THAT_FIT)
            return take_page(job, buffer, count) ? STEP_AGAIN : STEP_END;
        mpr_classic_note(job, "says success, and gives no entry; the listing ends there");
        return STEP_END;
    case ERROR_NO_MORE_ITEMS:
        /* No module may give entries with it; some do, which are as good as others. */
        if (count && count != ALL_THAT_FIT && count <= buffer->size / sizeof(NETRESOURCEW))
            take_page(job, buffer, count);
        return STEP_END;
    case ERROR_MORE_DATA:
        if (!count || count == ALL_THAT_FIT)
            return STEP_GROW;
        if (!take_page(job, buffer, count))
            return STEP_END;
        return is_repeated(job, before) ? STEP_END : STEP_AGAIN;
    default:
        mpr_classic_answer(job, code, listing->about);
        return STEP_END;
    }
}

static void read_pages(struct mpr_classic_job *job, HANDLE handle) {
    const struct mpr_classic_growth *growth = &mpr_classic_structures;
    struct mpr_classic_buffer buffer;
    DWORD told = growth->first;

    if (!mpr_classic_buffer_new(job, growth, told, &buffer))
        return;
    while (!atomic_load(&job->abandoned)) {
        DWORD count = ALL_THAT_FIT, size = told, code;

        memset(buffer.memory, 0, buffer.size);
        code = MPR_CLASSIC_NP(job, NPEnumResource, handle, &count, buffer.memory, &size);
        if (!mpr_classic_buffer_kept(job, &buffer))
            return;
        switch (take_answer(job, &buffer, code, count)) {
        case STEP_END:
            return;
        case STEP_AGAIN:
            break;
        case STEP_GROW:
            told = mpr_classic_next_size(growth, told, size);
            if (!told) {
                mpr_classic_blame(job, ERROR_UNEXP_NET_ERR,
                                  "says WN_MORE_DATA for ever, with %zu bytes too", buffer.size);
                return;
            }
            if (!mpr_classic_buffer_new(job, growth, told, &buffer))
                return;
        }
    }
}

static void run_listing(struct mpr_classic_job *job) {
    struct listing *listing = listing_of(job);
    NETRESOURCEW container = {
        .dwScope = listing->scope,
        .dwUsage = RESOURCEUSAGE_CONTAINER,
        .lpRemoteName = listing->container,
        .lpProvider = listing->provider,
    };
    HANDLE handle = NULL;
    DWORD code;

    if (!mpr_classic_ready(job))
        return;
    code = MPR_CLASSIC_NP(job, NPOpenEnum, listing->scope, listing->type, listing->usage,
                          listing->container ? &container : NULL, &handle);
    if (code == NO_ERROR) {
        read_pages(job, handle);
        MPR_CLASSIC_NP(job, NPCloseEnum, handle);
    } else if (code != ERROR_NO_MORE_ITEMS) { /* that is an empty listing */
        mpr_classic_answer(job, code, listing->about);
    }
}

/* Moves what was found behind what is there. */
static DWORD append(struct mpr_item_list *list, struct mpr_item_list *found) {
    struct mpr_item *grown;

    if (!found->count)
        return NO_ERROR;
    grown = reallocarray(list->items, list->count + found->count, sizeof *grown);
    if (!grown)
        return ERROR_NOT_ENOUGH_MEMORY;
    memcpy(grown + list->count, found->items, found->count * sizeof *grown);
    list->items = grown;
    list->count += found->count;
    found->count = 0;
    return NO_ERROR;
}

static struct mpr_classic_job *listing_new(struct mpr_classic *classic, uint32_t scope,
                                           uint32_t type, uint32_t usage, const char *container) {
    struct mpr_classic_job *job = mpr_classic_job_new(classic, run_listing);
    struct listing *listing = job ? mpr_classic_keep(job, sizeof *listing) : NULL;

    if (!listing) {
        mpr_classic_job_free(job);
        return NULL;
    }
    job->data = listing;
    job->clear = clear_listing;
    listing->scope = scope;
    listing->type = type;
    listing->usage = usage;
    listing->container = mpr_classic_wide(job, container);
    listing->provider = mpr_classic_wide(job, classic->name);
    listing->about = container ? mpr_classic_text(job, listing->container) : "the network";
    return job;
}

DWORD mpr_classic_enumerate(struct mpr_classic *classic, const struct mpr_call *call,
                            uint32_t scope, uint32_t type, uint32_t usage, const char *container,
                            struct mpr_item_list *list) {
    struct mpr_classic_job *job = listing_new(classic, scope, type, usage, container);
    DWORD rc = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;

    if (rc == NO_ERROR)
        rc = append(list, &listing_of(job)->got);
    mpr_classic_job_free(job);
    return rc;
}

bool mpr_classic_lists(struct mpr_classic_job *job, const char *remote) {
    struct mpr_classic *classic = job->classic;
    struct mpr_classic_job *part =
        listing_new(classic, RESOURCE_CONNECTED, RESOURCETYPE_ANY, 0, NULL);
    char wanted[MPR_KEY_MAX], key[MPR_KEY_MAX];
    bool found = false;

    if (part && !part->no_memory && mpr_classic_key(classic, remote, wanted, sizeof wanted)) {
        run_listing(part);
        for (size_t i = 0; i < listing_of(part)->got.count && !found; i++)
            found = mpr_classic_key(classic, listing_of(part)->got.items[i].remote, key, sizeof key)
                    && strcmp(key, wanted) == 0;
    }
    job->no_memory = job->no_memory || !part || part->no_memory;
    mpr_classic_job_free(part);
    return found;
}

enum mpr_answer mpr_classic_list(void *state, const struct mpr_call *call, const char *container,
                                 uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                 uint32_t *ret_code) {
    struct mpr_item_list list = {0};

    *ret_code =
        mpr_classic_enumerate(state, call, RESOURCE_GLOBALNET, type, usage, container, &list);
    for (size_t i = 0; i < list.count && *ret_code == NO_ERROR; i++)
        if (mpr_classic_give(&list.items[i], fn, context))
            break;
    mpr_item_list_clear(&list);
    return mpr_classic_answer_of(*ret_code);
}
