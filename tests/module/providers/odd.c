/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * odd.c: a provider module that is wrong in the way that its file's name says,
 * for tests of the loader, which copy it under these names:
 *
 *   good.so            nothing is wrong
 *   no_table.so        gives NULL
 *   other_major.so     made for ABI 2.7
 *   bad_magic.so       a table of something else
 *   tiny.so            a table that ends before what is required
 *   short.so           a table of a first version, which ends before list
 *   long.so            a table of a newer minor version
 *   no_name.so, empty_name.so, no_recognise.so, no_connect.so, no_disconnect.so
 *   big_io.so          a max_io over the limit
 *   no_io.so           a pread and no max_io
 */
#include "config.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

/* What a later minor version would look like. */
static struct {
    struct mpr_provider known;
    void (*newer)(void);
} table;

static int recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    (void)state;
    (void)remote;
    (void)ret;
    return 0;
}

static enum mpr_answer connect_it(void *state, const struct mpr_call *call,
                                  const struct mpr_connect *args, void **ret_session,
                                  uint32_t *ret_code) {
    (void)state;
    (void)call;
    (void)args;
    (void)ret_session;
    *ret_code = ERROR_BAD_NETPATH;
    return MPR_NOT_MINE;
}

static uint32_t disconnect(void *session, const struct mpr_call *call, int force) {
    (void)session;
    (void)call;
    (void)force;
    return NO_ERROR;
}

/* Never called: a table that is read beyond its size shows it. */
static enum mpr_answer list(void *state, const struct mpr_call *call, const char *container,
                            uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code) {
    (void)state;
    (void)call;
    (void)container;
    (void)type;
    (void)usage;
    (void)fn;
    (void)context;
    *ret_code = ERROR_NOT_SUPPORTED;
    return MPR_MINE_FAILED;
}

static int64_t read_it(void *session, const struct mpr_call *call, void *file, void *data,
                       size_t size, uint64_t offset) {
    (void)session;
    (void)call;
    (void)file;
    (void)data;
    (void)size;
    (void)offset;
    return 0;
}

static bool is_named(const char *name) {
    Dl_info here;
    const char *slash;

    if (!dladdr((void *)&table, &here) || !here.dli_fname)
        return false;
    slash = strrchr(here.dli_fname, '/');
    return strcmp(slash ? slash + 1 : here.dli_fname, name) == 0;
}

static void spoil_head(struct mpr_provider *known) {
    if (is_named("other_major.so")) {
        known->abi_major = 2;
        known->abi_minor = 7;
    } else if (is_named("bad_magic.so")) {
        known->magic = 0x464C457Fu;
    } else if (is_named("tiny.so")) {
        known->size = offsetof(struct mpr_provider, connect);
    } else if (is_named("short.so")) {
        known->size = offsetof(struct mpr_provider, list);
    } else if (is_named("long.so")) {
        known->abi_minor = MPR_PROVIDER_ABI_MINOR + 1;
        known->size = sizeof table;
    }
}

static void spoil_slots(struct mpr_provider *known) {
    if (is_named("no_name.so"))
        known->name = NULL;
    else if (is_named("empty_name.so"))
        known->name = "";
    else if (is_named("no_recognise.so"))
        known->recognise = NULL;
    else if (is_named("no_connect.so"))
        known->connect = NULL;
    else if (is_named("no_disconnect.so"))
        known->disconnect = NULL;
    else if (is_named("big_io.so"))
        known->max_io = MPR_MAX_IO + 1;
    else if (is_named("no_io.so"))
        known->max_io = 0;
}

MPRAPI const struct mpr_provider *mpr_provider_query(uint32_t host_abi);
const struct mpr_provider *mpr_provider_query(uint32_t host_abi) {
    if (host_abi >> 16 != MPR_PROVIDER_ABI_MAJOR || is_named("no_table.so"))
        return NULL;
    table.known = (struct mpr_provider){
        .magic = MPR_PROVIDER_MAGIC,
        .abi_major = MPR_PROVIDER_ABI_MAJOR,
        .abi_minor = MPR_PROVIDER_ABI_MINOR,
        .size = sizeof table.known,
        .name = "Odd Network",
        .max_io = 4096,
        .recognise = recognise,
        .connect = connect_it,
        .disconnect = disconnect,
        .list = list,
        .pread = read_it,
    };
    spoil_head(&table.known);
    spoil_slots(&table.known);
    return &table.known;
}
