/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nfs_user.c: users and their numbers.
 */
#include "config.h"

#include "providers/nfs/nfs_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/common/np_errand.h"

#define NOGROUP 65534u

/* The user database may be a directory server: an errand. */
struct lookup {
    struct np_errand errand;
    bool found;
    int error;
    struct nfs_identity identity; /* uid goes in if user is "" */
    char user[];
};

static void set_groups(struct nfs_identity *identity, const gid_t *groups, int count) {
    for (int i = 0; i < count && identity->group_count < NFS_GROUPS_MAX; i++)
        if (groups[i] != identity->gid)
            identity->groups[identity->group_count++] = groups[i];
}

static void take_entry(struct lookup *lookup, const struct passwd *entry) {
    gid_t groups[256];
    int count = sizeof groups / sizeof groups[0];

    lookup->found = true;
    lookup->identity.uid = entry->pw_uid;
    lookup->identity.gid = entry->pw_gid;
    /* If there are more, the first ones are there all the same. */
    if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &count) < 0)
        count = sizeof groups / sizeof groups[0];
    set_groups(&lookup->identity, groups, count);
}

static void run_lookup(struct np_errand *errand) {
    struct lookup *lookup = (struct lookup *)(void *)errand;
    struct passwd entry, *found = NULL;
    size_t size = 16384;
    char *buffer = NULL;

    do {
        free(buffer);
        buffer = malloc(size);
        if (!buffer) {
            lookup->error = ENOMEM;
            return;
        }
        lookup->error = lookup->user[0]
                            ? getpwnam_r(lookup->user, &entry, buffer, size, &found)
                            : getpwuid_r(lookup->identity.uid, &entry, buffer, size, &found);
        size *= 4;
    } while (lookup->error == ERANGE && size < 1u << 24);
    if (found)
        take_entry(lookup, found);
    free(buffer);
}

static void destroy_lookup(struct np_errand *errand) {
    free(errand);
}

/* Looks user up, or with "" the uid in *identity. Returns 0 and the identity,
 * -ENOENT, or another -errno. */
static int find_user(const char *user, const struct mpr_call *call, struct nfs_identity *identity) {
    size_t length = strlen(user) + 1;
    struct lookup *lookup = calloc(1, sizeof *lookup + length);
    int rc;

    if (!lookup)
        return -ENOMEM;
    lookup->errand.run = run_lookup;
    lookup->errand.destroy = destroy_lookup;
    lookup->identity = *identity;
    memcpy(lookup->user, user, length);
    rc = np_errand_run(&lookup->errand, call);
    if (rc == 0 && lookup->found)
        *identity = lookup->identity;
    else if (rc == 0)
        rc = lookup->error == ENOMEM ? -ENOMEM : -ENOENT;
    np_errand_drop(&lookup->errand);
    return rc;
}

/* Digits up to what is left. Returns the rest, or NULL. */
static const char *read_number(const char *text, uint32_t *ret_value) {
    uint64_t value = 0;
    size_t length = strspn(text, "0123456789");

    if (!length || length > 10)
        return NULL;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (value >= UINT32_MAX)
        return NULL;
    *ret_value = (uint32_t)value;
    return text + length;
}

/* What was asked for, before anything is looked up. */
struct wish {
    uint32_t uid, gid;
    bool has_uid, has_gid;
};

/* "uid" or "uid:gid" */
static bool read_wish(const char *user, struct wish *wish) {
    const char *rest = read_number(user, &wish->uid);

    wish->has_uid = true;
    if (rest && *rest == ':') {
        rest = read_number(rest + 1, &wish->gid);
        wish->has_gid = true;
    }
    return rest && !*rest;
}

static struct wish default_wish(const struct nfs_options *options, const struct nfs_name *name) {
    struct wish wish = {.uid = options->uid, .gid = options->gid};

    wish.has_uid = options->uid != UINT32_MAX;
    wish.has_gid = options->gid != UINT32_MAX;
    if (name->has_uid) {
        wish.uid = name->uid;
        wish.has_uid = true;
    }
    if (name->has_gid) {
        wish.gid = name->gid;
        wish.has_gid = true;
    }
    return wish;
}

static int fulfil(const struct wish *wish, const struct mpr_call *call,
                  struct nfs_identity *identity) {
    gid_t groups[256];
    int count, rc;

    *identity = (struct nfs_identity){.uid = wish->has_uid ? wish->uid : call->uid,
                                      .gid = wish->has_gid ? wish->gid : call->gid};
    if (identity->uid != call->uid && !wish->has_gid) {
        identity->gid = NOGROUP;
        rc = find_user("", call, identity);
        return rc == -ENOENT ? 0 : rc;
    }
    /* The groups of this process are the caller's, and nobody else's. */
    if (identity->uid == call->uid && call->uid == geteuid() && !wish->has_gid) {
        count = getgroups(sizeof groups / sizeof groups[0], groups);
        set_groups(identity, groups, count);
    }
    return 0;
}

uint32_t nfs_user_identity(const struct nfs_options *options, const struct nfs_name *name,
                           const struct mpr_call *call, const char *user,
                           struct nfs_identity *ret_identity) {
    struct nfs_identity identity = {0};
    struct wish wish = {0};
    int rc;

    if (!user || !*user) {
        wish = default_wish(options, name);
        rc = fulfil(&wish, call, &identity);
    } else if (read_wish(user, &wish)) {
        rc = fulfil(&wish, call, &identity);
    } else {
        rc = find_user(user, call, &identity);
    }
    if (rc == 0)
        *ret_identity = identity;
    switch (rc) {
    case 0:
        return NO_ERROR;
    case -ECANCELED:
        return ERROR_CANCELLED;
    case -ETIMEDOUT:
        return ERROR_SEM_TIMEOUT;
    case -ENOENT:
        return ERROR_BAD_USERNAME;
    default:
        return ERROR_NOT_ENOUGH_MEMORY;
    }
}
