/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_readdir.c: listings with attributes, as much as a reply can hold at a time.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "providers/nfs/nfs_dir.h"
#include "providers/nfs/nfs_walk.h"

/* One entry, copied out of a reply: libnfs frees that when the callback returns. */
struct entry {
    struct mpr_stat stat;
    uint32_t name; /* where it begins in the names */
    bool has_stat;
};

/* An entry that a listing has come by. */
struct place {
    uint64_t cookie;
    char name[NAME_MAX + 1];
};

/*
 * A server whose cookies lead back gives the same entries again and again and never comes
 * to an end. Ganesha is such one for minutes after a directory has changed. If it begins
 * again from the first entry, all of them were given. Any other circle may hide some. It is
 * found by a mark at the 1st, 2nd, 4th, 8th... entry (Brent): no long listing pays for it.
 */
struct trail {
    uint64_t count;           /* of entries */
    struct place first, mark; /* "": there is none yet */
    bool is_whole, in_circle;
};

/* One reply. */
struct page {
    struct entry *entries;
    size_t count, room;
    char *names;
    size_t used, size;
    uint64_t cookie;
    cookieverf3 verifier;
    bool end, no_memory;
    bool moved; /* the reply had an entry, be it "." */
    struct trail trail;
};

static bool is_at(const struct place *place, uint64_t cookie, const char *name) {
    return place->cookie == cookie && strncmp(place->name, name, sizeof place->name - 1) == 0;
}

static void set_place(struct place *place, uint64_t cookie, const char *name) {
    place->cookie = cookie;
    snprintf(place->name, sizeof place->name, "%s", name);
}

static bool is_dot(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Returns false when this is where the listing has been. */
static bool go_on(struct trail *trail, uint64_t cookie, const char *name) {
    if (is_at(&trail->first, cookie, name))
        trail->is_whole = true;
    else if (is_at(&trail->mark, cookie, name))
        trail->in_circle = true;
    if (!*trail->first.name && !is_dot(name)) /* those not every server gives again */
        set_place(&trail->first, cookie, name);
    if ((trail->count & (trail->count + 1)) == 0)
        set_place(&trail->mark, cookie, name);
    trail->count++;
    return !trail->is_whole && !trail->in_circle;
}

static bool make_room(struct page *page, size_t name_length) {
    if (page->count == page->room) {
        size_t room = page->room ? 2 * page->room : 64;
        struct entry *entries = reallocarray(page->entries, room, sizeof *entries);

        if (!entries)
            return false;
        page->entries = entries;
        page->room = room;
    }
    if (page->size - page->used <= name_length) {
        size_t size = 2 * page->size + name_length + 1024;
        char *names = realloc(page->names, size);

        if (!names)
            return false;
        page->names = names;
        page->size = size;
    }
    return true;
}

/* Returns false when the page cannot take more. */
static bool add_entry(struct page *page, uint64_t cookie, const char *name,
                      const post_op_attr *attributes) {
    size_t length = name ? strlen(name) : 0;
    struct entry *entry;

    page->cookie = cookie;
    page->moved = true;
    if (!length)
        return true;
    if (!go_on(&page->trail, cookie, name))
        return false;
    /* A name with a '/' would lead the one who believes it elsewhere. */
    if (is_dot(name) || strchr(name, '/'))
        return true;
    if (!make_room(page, length)) {
        page->no_memory = true;
        return false;
    }
    entry = &page->entries[page->count++];
    entry->name = (uint32_t)page->used;
    memcpy(page->names + page->used, name, length + 1);
    page->used += length + 1;
    entry->has_stat = attributes && attributes->attributes_follow;
    if (entry->has_stat)
        nfs_stat_set(&entry->stat, &attributes->post_op_attr_u.attributes);
    return true;
}

/* libnfs puts the entries of a list at addresses that suit 4 bytes only: they
 * are copied out before they are looked at. */
static void take_plus(void *context, const void *reply) {
    const READDIRPLUS3resok *ok = &((const READDIRPLUS3res *)reply)->READDIRPLUS3res_u.resok;
    struct page *page = context;

    memcpy(page->verifier, ok->cookieverf, sizeof page->verifier);
    page->end = ok->reply.eof != 0;
    for (const void *at = ok->reply.entries; at;) {
        entryplus3 entry;

        memcpy(&entry, at, sizeof entry);
        if (!add_entry(page, entry.cookie, entry.name, &entry.name_attributes))
            return;
        at = entry.nextentry;
    }
}

static void take_plain(void *context, const void *reply) {
    const READDIR3resok *ok = &((const READDIR3res *)reply)->READDIR3res_u.resok;
    struct page *page = context;

    memcpy(page->verifier, ok->cookieverf, sizeof page->verifier);
    page->end = ok->reply.eof != 0;
    for (const void *at = ok->reply.entries; at;) {
        entry3 entry;

        memcpy(&entry, at, sizeof entry);
        if (!add_entry(page, entry.cookie, entry.name, NULL))
            return;
        at = entry.nextentry;
    }
}

static int read_page(struct nfs_session *session, const struct mpr_call *call,
                     struct nfs_handle *directory, bool *plus, struct page *page) {
    READDIRPLUS3args more = {.dir = nfs_handle_fh3(directory),
                             .cookie = page->cookie,
                             .dircount = session->list_size,
                             .maxcount = session->list_size};
    READDIR3args plain = {.dir = more.dir, .cookie = page->cookie, .count = session->list_size};
    int rc = NFS3ERR_NOTSUPP;

    memcpy(more.cookieverf, page->verifier, sizeof more.cookieverf);
    memcpy(plain.cookieverf, page->verifier, sizeof plain.cookieverf);
    page->count = page->used = 0;
    page->moved = false;
    if (*plus)
        rc = nfs_call(session->line, call, &nfs_proc_readdirplus, &more, take_plus, page);
    if (rc == NFS3ERR_NOTSUPP) {
        *plus = false;
        rc = nfs_call(session->line, call, &nfs_proc_readdir, &plain, take_plain, page);
    }
    if (!rc && page->no_memory)
        return -ENOMEM;
    /* Without an entry, and not at the end, the next question would be the same. */
    return !rc && !page->end && !page->moved ? NFS3ERR_TOOSMALL : rc;
}

/* Gives the entries of a page. Returns 1 if fn does not want more. */
static int give_page(struct nfs_session *session, const struct mpr_call *call,
                     struct nfs_handle *directory, const struct page *page, mpr_dirent_fn fn,
                     void *context) {
    for (size_t i = 0; i < page->count; i++) {
        char *name = page->names + page->entries[i].name;
        struct nfs_node node;
        int rc = 0;

        node.stat = page->entries[i].stat;
        if (!page->entries[i].has_stat)
            rc = nfs_lookup(session, call, directory, name, &node);
        if (rc == NFS3ERR_NOENT || rc == NFS3ERR_STALE)
            continue; /* removed meanwhile */
        if (rc)
            return nfs_errno(rc);
        if (fn(context, name, &node.stat))
            return 1;
    }
    return 0;
}

int nfs_dir_read(struct nfs_session *session, const struct mpr_call *call, const char *path,
                 mpr_dirent_fn fn, void *context) {
    struct page page = {0};
    struct nfs_node node;
    bool plus = true;
    int rc = nfs_walk(session, call, path, true, &node);

    if (!rc && !S_ISDIR(node.stat.mode))
        rc = NFS3ERR_NOTDIR;
    rc = nfs_errno(rc);
    while (!rc && !page.end && !page.trail.is_whole) {
        rc = nfs_errno(read_page(session, call, &node.handle, &plus, &page));
        if (!rc)
            rc = give_page(session, call, &node.handle, &page, fn, context);
        if (!rc && page.trail.in_circle)
            rc = -ELOOP;
    }
    free(page.entries);
    free(page.names);
    return rc < 0 ? rc : 0;
}
