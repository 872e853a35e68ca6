/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_table.c: the table of a native module as the module gave it.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_loader.h"
#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_routed.h"
#include "tools/conformance/kit_subject.h"

#define ABI(major, minor) ((uint32_t)(major) << 16 | (minor))
#define NAME_MAX_BYTES    127 /* what WNetGetLastError and enumerations have room for */

static mpr_provider_query_fn find_query(void) {
    static const char *const names[] = {MPR_PROVIDER_QUERY};
    mpr_provider_query_fn query;
    void *symbol = NULL;

    kit_doing("loading %s", kit_subject.module);
    if (!mpr_loader_symbols(kit_subject.module, names, 1, &symbol) || !symbol)
        kit_fail("a function " MPR_PROVIDER_QUERY, "the module has none");
    memcpy(&query, &symbol, sizeof query);
    return query;
}

static const struct mpr_provider *ask(mpr_provider_query_fn query, uint32_t abi) {
    kit_doing("mpr_provider_query(0x%08X)", (unsigned)abi);
    return query(abi);
}

static const struct mpr_provider *own_table(void) {
    const struct mpr_provider *table =
        ask(find_query(), ABI(MPR_PROVIDER_ABI_MAJOR, MPR_PROVIDER_ABI_MINOR));

    kit_expect(table, "a table", "NULL");
    return table;
}

static void has_sound_head(void) {
    const struct mpr_provider *table = own_table();

    kit_expect(table->magic == MPR_PROVIDER_MAGIC, kit_text("magic 0x%08X", MPR_PROVIDER_MAGIC),
               "0x%08X", (unsigned)table->magic);
    kit_expect(table->abi_major == MPR_PROVIDER_ABI_MAJOR,
               kit_text("ABI %u", MPR_PROVIDER_ABI_MAJOR), "%u", table->abi_major);
    kit_expect(
        table->size >= offsetof(struct mpr_provider, user) && table->size % sizeof(void *) == 0,
        "a size that holds recognise, connect, disconnect and abort", "%u", (unsigned)table->size);
    kit_expect(table->abi_minor > MPR_PROVIDER_ABI_MINOR || table->size <= sizeof *table,
               kit_text("%zu bytes at most in ABI %u.%u", sizeof *table, table->abi_major,
                        table->abi_minor),
               "%u", (unsigned)table->size);
    kit_expect(table->reserved == 0, "0 in what is reserved", "0x%X", (unsigned)table->reserved);
}

static void has_known_flags(void) {
    const uint32_t known = MPR_PROVIDER_THREADSAFE | MPR_PROVIDER_OWN_PROCESS
                           | MPR_PROVIDER_CREDENTIALS | MPR_PROVIDER_DEFERS
                           | MPR_PROVIDER_RECONNECTS | MPR_PROVIDER_ANY_CASE;
    const struct mpr_provider *table = own_table();

    kit_expect(table->abi_minor > MPR_PROVIDER_ABI_MINOR || !(table->flags & ~known),
               "flags that are defined", "0x%X", (unsigned)table->flags);
}

static void has_a_name(void) {
    const struct mpr_provider *table = own_table();
    size_t length = table->name ? strlen(table->name) : 0;

    kit_expect(length > 0 && length <= NAME_MAX_BYTES,
               kit_text("a name of 1 to %d bytes", NAME_MAX_BYTES), "%zu", length);
    kit_expect(mpr_utf_valid(table->name), "a name in UTF-8", "it is none");
    for (size_t i = 0; i < length; i++)
        kit_expect((unsigned char)table->name[i] >= ' ', "a name on one line", "\"%s\"",
                   table->name);
    kit_expect(!kit_lab.provider || strcmp(kit_lab.provider, table->name) == 0, kit_lab.provider,
               "%s", table->name);
}

static void has_a_network(void) {
    const struct mpr_provider *table = own_table();

    kit_expect(table->net_type >> 16, "a network type in the high word", "0x%08X",
               (unsigned)table->net_type);
}

static void has_required_slots(void) {
    kit_native_load();
    kit_expect(kit_front->recognise, "the slot recognise", "NULL");
    kit_expect(kit_table->connect, "the slot connect", "NULL");
    kit_expect(kit_table->disconnect, "the slot disconnect", "NULL");
}

static void moves_sensible_amounts(void) {
    kit_native_load();
    if (!kit_table->pread && !kit_table->pwrite)
        kit_skip("the provider has no files");
    kit_expect(kit_table->max_io >= 4096 && kit_table->max_io <= MPR_MAX_IO,
               kit_text("a max_io of 4096 to %u", MPR_MAX_IO), "%u", (unsigned)kit_table->max_io);
}

/* What is of no use without another: slot, what it needs. */
static void has_slots_that_go_together(void) {
    const struct mpr_provider *t;

    kit_native_load();
    t = kit_table;
    kit_expect(!t->open || (t->close && (t->pread || t->pwrite)),
               "close, and pread or pwrite, where open is", "they are NULL");
    kit_expect(!(t->pread || t->pwrite || t->fstat || t->fsync) || t->open || t->print,
               "open or print where files are read, written or asked about", "they are NULL");
    kit_expect(!t->print || (t->pwrite && t->close), "pwrite and close where print is",
               "they are NULL");
    kit_expect(!t->open || (t->stat && t->readdir), "stat and readdir where open is",
               "they are NULL");
    kit_expect(!t->symlink || t->readlink, "readlink where symlink is", "NULL");
}

static void gives_the_same_table(void) {
    mpr_provider_query_fn query = find_query();
    const uint32_t abi = ABI(MPR_PROVIDER_ABI_MAJOR, MPR_PROVIDER_ABI_MINOR);
    const struct mpr_provider *first = ask(query, abi);

    kit_expect(first, "a table", "NULL");
    kit_expect(ask(query, abi) == first, "the same table again", "another one");
}

static void changes_no_table(void) {
    struct mpr_provider *copy;

    kit_native_load();
    copy = malloc(sizeof *copy);
    if (!copy)
        kit_broken("there is no memory");
    memcpy(copy, kit_table, sizeof *copy);
    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    kit_expect(memcmp(copy, kit_table, sizeof *copy) == 0, "the table as it was before init",
               "it was changed");
    free(copy);
}

static void refuses_other_majors(void) {
    mpr_provider_query_fn query = find_query();

    kit_expect(!ask(query, ABI(MPR_PROVIDER_ABI_MAJOR + 1, 0)), "NULL for another major version",
               "a table");
    kit_expect(!ask(query, ABI(0, 9)), "NULL for another major version", "a table");
}

static void accepts_newer_minors(void) {
    kit_expect(ask(find_query(), ABI(MPR_PROVIDER_ABI_MAJOR, MPR_PROVIDER_ABI_MINOR + 7)),
               "a table for a newer minor version, which only adds", "NULL");
}

/* MPR_CAN_ bits as they follow from the table. */
static unsigned bits_of(const struct mpr_provider *t) {
    return (t->user ? MPR_CAN_USER : 0) | (t->list ? MPR_CAN_LIST : 0)
           | (t->parent ? MPR_CAN_PARENT : 0) | (t->information ? MPR_CAN_INFORMATION : 0)
           | (t->performance ? MPR_CAN_PERFORMANCE : 0)
           | (t->open && t->close && t->pread ? MPR_CAN_READ : 0)
           | (t->open && t->close && t->pwrite ? MPR_CAN_WRITE : 0)
           | (t->print && t->close && t->pwrite ? MPR_CAN_PRINT : 0);
}

static void announces_its_slots(void) {
    unsigned bits;

    kit_native_load();
    bits = bits_of(kit_front) | bits_of(kit_table);
    kit_routed_start(KIT_ALONE, NULL);
    kit_expect(kit_routed_can() == bits, kit_text("capabilities 0x%X, as its slots say", bits),
               "0x%X", kit_routed_can());
}

const struct kit_check kit_checks_native_table[] = {
    {"TBL-01", KIT_MUST, has_sound_head, "The table has magic, version and size as the header says",
     "By these the router tells a provider from something else, and an older from a newer one.",
     "mpr/provider.h, mpr_provider"},
    {"TBL-02", KIT_MUST, has_known_flags, "The table's flags are those that are defined",
     "A bit without meaning may get one.", "mpr/provider.h, MPR_PROVIDER_"},
    {"TBL-03", KIT_MUST, has_a_name, "The provider has a name on one line, the one in the lab file",
     "People and programs read it as lpProvider.", "mpr/provider.h, mpr_provider"},
    {"TBL-04", KIT_SHOULD, has_a_network, "The provider has a network type",
     "Programs tell networks apart by it.", "mpr/provider.h, mpr_provider; Windows: wnnc.h"},
    {"TBL-05", KIT_MUST, has_required_slots, "recognise, connect and disconnect are there",
     "Without them there is nothing to route.", "mpr/provider.h, mpr_provider"},
    {"TBL-06", KIT_MUST, moves_sensible_amounts, "max_io is 4096 to MPR_MAX_IO where files are",
     "The router divides reads and writes by it.", "mpr/provider.h, max_io"},
    {"TBL-07", KIT_SHOULD, has_slots_that_go_together,
     "Slots that are of no use alone come with those that they need",
     "What can be opened must be closed, and what is listed must be found.",
     "mpr/provider.h; own decision"},
    {"TBL-08", KIT_MUST, gives_the_same_table, "mpr_provider_query gives the same table each time",
     "The table is static.", "mpr/provider.h, mpr_provider"},
    {"TBL-09", KIT_MUST, changes_no_table, "The table does not change after it was given",
     "The router reads it without a lock, and decides once what a provider can.",
     "mpr/provider.h, mpr_provider"},
    {"TBL-10", KIT_MUST, refuses_other_majors,
     "mpr_provider_query is NULL for a host of another major version", "Its structures are others.",
     "mpr/provider.h, mpr_provider_query_fn"},
    {"TBL-16", KIT_MUST, accepts_newer_minors,
     "mpr_provider_query serves hosts of newer minor versions",
     "Such a host adds at the end of structures, and provides for what is missing.",
     "mpr/provider.h, MPR_PROVIDER_ABI_MINOR"},
    {"ABI-05", KIT_MUST, announces_its_slots,
     "The router's list shows the capabilities that the slots say",
     "Programs ask that list before they try.", "mpr-provider(7), native providers"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
