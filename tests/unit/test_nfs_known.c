/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nfs_known.c: which directories the NFS provider remembers, and for how long.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "providers/nfs/nfs_known.h"

#define LONG_MS 600000u

TestSuite(nfs_known, .timeout = 60);

static struct nfs_known known;
static struct nfs_handle root, one, two, got;

static void set_up(void) {
    nfs_known_init(&known);
    nfs_handle_set(&root, 4, "root");
    nfs_handle_set(&one, 3, "one");
    nfs_handle_set(&two, 3, "two");
}

static void tear_down(void) {
    nfs_known_clear(&known);
}

static void add(const char *name, const struct nfs_handle *handle, uint32_t ms) {
    nfs_known_add(&known, &root, name, handle, nfs_known_clock(&known), ms);
}

static bool find(const char *name) {
    return nfs_known_find(&known, &root, name, &got);
}

Test(nfs_known, a_name_is_found_in_its_directory, .init = set_up, .fini = tear_down) {
    cr_assert(!find("a"));
    add("a", &one, LONG_MS);
    cr_assert(find("a"));
    cr_expect(nfs_handle_equal(&got, &one));
    cr_expect(!find("b"));
    cr_expect(!nfs_known_find(&known, &two, "a", &got));
    add("a", &two, LONG_MS);
    cr_assert(find("a"));
    cr_expect(nfs_handle_equal(&got, &two));
}

Test(nfs_known, it_is_believed_for_a_while, .init = set_up, .fini = tear_down) {
    add("never", &one, 0);
    cr_expect(!find("never"));
    add("a", &one, 20);
    usleep(30000);
    cr_expect(!find("a"));
}

Test(nfs_known, what_we_change_is_forgotten, .init = set_up, .fini = tear_down) {
    add("a", &one, LONG_MS);
    nfs_known_forget(&known, &root, "b");
    cr_expect(find("a"));
    nfs_known_forget(&known, &root, "a");
    cr_expect(!find("a"));
}

Test(nfs_known, an_answer_from_before_a_change_does_not_count, .init = set_up, .fini = tear_down) {
    uint64_t clock = nfs_known_clock(&known);

    nfs_known_forget(&known, &root, "a");
    nfs_known_add(&known, &root, "a", &one, clock, LONG_MS);
    cr_expect(!find("a"));
}

Test(nfs_known, all_is_forgotten, .init = set_up, .fini = tear_down) {
    cr_expect(!nfs_known_forget_all(&known));
    add("a", &one, LONG_MS);
    cr_expect(nfs_known_forget_all(&known));
    cr_expect(!find("a"));
    cr_expect(!nfs_known_forget_all(&known));
}

Test(nfs_known, more_names_than_places_are_found_or_not, .init = set_up, .fini = tear_down) {
    char name[300];
    int found = 0;

    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        add(name, &one, LONG_MS);
        cr_assert(find(name));
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        found += find(name);
    }
    cr_expect_gt(found, 0);
    memset(name, 'n', sizeof name);
    name[256] = '\0';
    add(name, &one, LONG_MS);
    cr_expect(!find(name));
    name[255] = '\0';
    add(name, &one, LONG_MS);
    cr_expect(find(name));
}
