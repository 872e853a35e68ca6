/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_worker.c: operations that are carried out in a worker process, and what
 * the host says when that process does what it must not.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>

#include "tests/module/worker_lab.h"

#define MIB 0x100000u

static struct lab lab;
static struct lab_call call;
static void *session;

static void set_up(void) {
    cr_assert_eq(lab_start(&lab, "rogue", NULL), NO_ERROR);
    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\share", NULL, &session), NO_ERROR, "%s",
                 call.data.failure.text);
}

static void tear_down(void) {
    if (session)
        cr_expect_eq(lab.table->disconnect(session, lab_call(&call, 20000), 0), NO_ERROR);
    lab_stop(&lab);
}

TestSuite(worker, .init = set_up, .fini = tear_down, .timeout = 60);

static bool said(const char *words) {
    return call.data.failure.set && strstr(call.data.failure.text, words);
}

static void *open_file(const char *path, int flags) {
    void *file = NULL;

    cr_assert_eq(lab.table->open(session, lab_call(&call, 20000), path, flags, 0644, &file), 0);
    return file;
}

static void close_file(void *file, int rc) {
    cr_expect_eq(lab.table->close(session, lab_call(&call, 20000), file), rc);
}

static int stat_of(const char *path) {
    struct mpr_stat facts;

    return lab.table->stat(session, lab_call(&call, 20000), path, &facts);
}

/* ---- operations */

Test(worker, table_is_the_fronts_where_that_knows) {
    struct mpr_recognised name = {.size = sizeof name};

    cr_expect_str_eq(lab.table->name, "Rogue Network");
    cr_expect_eq(lab.table->net_type, 0x00990000);
    cr_expect_eq(lab.table->max_io, MPR_MAX_IO);
    cr_expect_eq(lab.table->flags, MPR_PROVIDER_THREADSAFE);
    cr_expect_eq(lab.table->recognise(lab.state, "\\\\rogue\\x", &name), 1);
    cr_expect_str_eq(name.key, "rogue/x");
    cr_expect_eq(lab.table->recognise(lab.state, "\\\\other\\x", &name), 0);
}

Test(worker, attributes_come_over) {
    struct mpr_stat facts;
    struct mpr_statvfs system;
    void *file = open_file("steady", O_RDONLY);

    cr_expect_eq(lab.table->stat(session, lab_call(&call, 20000), "steady", &facts), 0);
    cr_expect_eq(facts.size, 1000);
    cr_expect_eq(facts.ino, 7);
    cr_expect_eq(facts.mode, S_IFREG | 0644);
    memset(&facts, 0, sizeof facts);
    cr_expect_eq(lab.table->fstat(session, lab_call(&call, 20000), file, &facts), 0);
    cr_expect_eq(facts.size, 1000);
    cr_expect_eq(lab.table->statvfs(session, lab_call(&call, 20000), "", &system), 0);
    cr_expect_eq(system.block_size, 512);
    cr_expect_eq(system.name_max, 255);
    close_file(file, 0);
}

Test(worker, results_are_untouched_on_failure) {
    struct mpr_stat facts = {.size = 4711};
    void *file = &facts;

    cr_expect_eq(lab.table->stat(session, lab_call(&call, 20000), "absent", &facts), -ENOENT);
    cr_expect_eq(facts.size, 4711);
    cr_expect_eq(lab.table->open(session, &call.call, "absent", O_RDONLY, 0, &file), -ENOENT);
    cr_expect_eq(file, &facts);
    cr_expect_not(call.data.failure.set);
}

Test(worker, arguments_of_every_kind_come_over) {
    void *file = open_file("steady", O_RDWR);
    char long_name[4096];

    cr_expect_eq(lab.table->truncate(session, lab_call(&call, 20000), NULL, file, 42), 0);
    cr_expect_eq(lab.table->truncate(session, lab_call(&call, 20000), NULL, file, 43), -EFBIG);
    cr_expect_eq(lab.table->truncate(session, lab_call(&call, 20000), "x", NULL, 43), 0);
    cr_expect_eq(lab.table->rename(session, lab_call(&call, 20000), "from", "to"), 0);
    cr_expect_eq(lab.table->rename(session, lab_call(&call, 20000), "to", "from"), -EXDEV);
    cr_expect_eq(lab.table->utimens(session, lab_call(&call, 20000), "x", MPR_TIME_OMIT, -5), 0);
    memset(long_name, 'n', sizeof long_name);
    long_name[4095] = '\0';
    cr_expect_eq(stat_of(long_name), 0);
    close_file(file, 0);
}

Test(worker, name_that_is_too_long_is_refused_and_nothing_else_happens) {
    char *name = malloc(200000);

    cr_assert(name);
    memset(name, 'n', 200000);
    name[199999] = '\0';
    cr_expect_eq(stat_of(name), -ENAMETOOLONG);
    cr_expect_eq(stat_of("steady"), 0);
    free(name);
}

Test(worker, link_is_read) {
    char target[16] = "before";

    cr_expect_eq(lab.table->readlink(session, lab_call(&call, 20000), "target", target, 16), 0);
    cr_expect_str_eq(target, "target");
    cr_expect_eq(lab.table->readlink(session, lab_call(&call, 20000), "a longer target", target, 8),
                 -ERANGE);
    cr_expect_str_eq(target, "target");
}

Test(worker, what_the_module_lacks_is_not_supported) {
    struct mpr_performance speed = {.size = sizeof speed};
    void *file;

    cr_expect_eq(lab.table->mkdir(session, lab_call(&call, 20000), "x", 0755), -ENOTSUP);
    cr_expect_eq(lab.table->print(session, lab_call(&call, 20000), "x", &file), -ENOTSUP);
    cr_expect_eq(lab.table->performance(session, lab_call(&call, 20000), &speed),
                 ERROR_NOT_SUPPORTED);
    cr_expect_eq(stat_of("steady"), 0);
}

Test(worker, identity_of_the_caller_comes_over) {
    char user[MPR_USER_MAX];

    lab_call(&call, 20000)->uid = 12345;
    call.call.gid = 678;
    cr_expect_eq(lab.table->user(session, &call.call, user, sizeof user), NO_ERROR);
    cr_expect_str_eq(user, "12345:678");
}

Test(worker, explanation_of_the_module_comes_over) {
    cr_expect_eq(stat_of("explained"), -EXDEV);
    cr_expect_eq(call.data.failure.code, 99);
    cr_expect_str_eq(call.data.failure.text, "It was explained.");
    cr_expect_eq(stat_of("absent"), -ENOENT);
    cr_expect(!call.data.failure.set, "nobody has explained that");
}

/* ---- bytes */

Test(worker, reads_and_writes_of_every_size_are_right) {
    static const size_t sizes[] = {0, 1, 4095, 4096, 65537, MIB, 32 * MIB};
    unsigned char *data = malloc(32 * MIB), *wanted = malloc(32 * MIB);
    void *file = open_file("endless", O_RDWR);

    cr_assert(data && wanted);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        uint64_t offset = 1000003 * i;

        lab_pattern(wanted, size, offset);
        memset(data, 0xee, size);
        cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, size, offset),
                     (int64_t)size);
        cr_expect_eq(memcmp(data, wanted, size), 0);
        cr_expect_eq(lab.table->pwrite(session, lab_call(&call, 20000), file, wanted, size, offset),
                     (int64_t)size);
    }
    data[4711] ^= 1;
    cr_expect_eq(lab.table->pwrite(session, lab_call(&call, 20000), file, data, MIB, 0), -EILSEQ);
    close_file(file, 0);
    free(data);
    free(wanted);
}

Test(worker, read_ends_at_the_end_of_the_file) {
    unsigned char data[2000];
    void *file = open_file("steady", O_RDONLY);

    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 2000, 0), 1000);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 2000, 990), 10);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 2000, 1000), 0);
    close_file(file, 0);
}

/* ---- listings */

struct seen {
    int count, wrong, enough;
};

static int see(void *context, const char *name, const struct mpr_stat *attributes) {
    struct seen *seen = context;
    char wanted[64];

    snprintf(wanted, sizeof wanted, "%d: one name of the many that there are here", seen->count);
    seen->wrong += strcmp(wanted, name) != 0 || attributes->ino != (uint64_t)seen->count
                   || attributes->size != (uint64_t)seen->count * 3;
    return ++seen->count == seen->enough;
}

static int list(const char *path, struct seen *seen) {
    return lab.table->readdir(session, lab_call(&call, 20000), path, see, seen);
}

Test(worker, big_directory_is_listed_whole) {
    struct seen seen = {0};

    cr_expect_eq(list("many-100000", &seen), 0);
    cr_expect_eq(seen.count, 100000);
    cr_expect_eq(seen.wrong, 0);
    seen = (struct seen){0};
    cr_expect_eq(list("many-0", &seen), 0);
    cr_expect_eq(seen.count, 0);
    cr_expect_eq(list("absent", &seen), -ENOENT);
}

Test(worker, listing_can_be_stopped_anywhere) {
    struct seen first = {.enough = 1}, later = {.enough = 5000};

    cr_expect_eq(list("many-100000", &first), 0);
    cr_expect_eq(first.count, 1);
    cr_expect_eq(list("many-100000", &later), 0);
    cr_expect_eq(later.count, 5000);
    cr_expect_eq(stat_of("steady"), 0);
}

static int see_resource(void *context, const struct mpr_resource *entry) {
    struct seen *seen = context;
    char wanted[64];

    snprintf(wanted, sizeof wanted, "\\\\rogue\\net%d", seen->count);
    seen->wrong += strcmp(wanted, entry->remote) != 0 || entry->comment || entry->type != 1
                   || entry->usage != 2;
    seen->count++;
    return 0;
}

Test(worker, network_is_listed_without_a_session) {
    struct seen seen = {0};
    uint32_t code = 4711;

    cr_expect_eq(
        lab.table->list(lab.state, lab_call(&call, 20000), "net", 1, 2, see_resource, &seen, &code),
        MPR_DONE);
    cr_expect_eq(seen.count, 5000);
    cr_expect_eq(seen.wrong, 0);
    cr_expect_eq(
        lab.table->list(lab.state, lab_call(&call, 20000), NULL, 1, 2, see_resource, &seen, &code),
        MPR_NOT_MINE);
    cr_expect_eq(code, ERROR_NOT_CONTAINER);
    cr_expect(said("below nothing"));
    cr_expect_eq(lab.table->parent(lab.state, lab_call(&call, 20000), "\\\\rogue\\x", see_resource,
                                   &seen, &code),
                 MPR_NOT_MINE);
    cr_expect_eq(code, ERROR_NOT_SUPPORTED);
}

/* ---- connecting */

Test(worker, secret_goes_to_the_module_and_to_no_text) {
    void *other;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\locked", "sesame", &other), NO_ERROR);
    cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), 0), NO_ERROR);
    cr_expect_eq(lab_connect(&lab, &call, "\\\\rogue\\locked", "simsala", &other),
                 ERROR_LOGON_FAILURE);
    cr_expect_eq(call.data.failure.code, 0xc000006d);
    cr_expect_str_eq(call.data.failure.text, "The password is wrong.");
    cr_expect_eq(lab_connect(&lab, &call, "\\\\rogue\\locked", NULL, &other), ERROR_LOGON_FAILURE);
}

Test(worker, unforced_disconnect_may_be_refused) {
    void *sticky;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\sticky", NULL, &sticky), NO_ERROR);
    cr_expect_eq(lab.table->disconnect(sticky, lab_call(&call, 20000), 0), ERROR_DEVICE_IN_USE);
    cr_expect_eq(lab.table->statvfs(sticky, lab_call(&call, 20000), "", &(struct mpr_statvfs){0}),
                 0);
    cr_expect_eq(lab.table->disconnect(sticky, lab_call(&call, 20000), 1), NO_ERROR);
}

/* ---- a worker that does what it must not */

static void expect_death(const char *path, const char *words) {
    cr_expect_eq(stat_of(path), -EIO, "stat %s", path);
    cr_expect(said("Rogue Network"), "%s: %s", path, call.data.failure.text);
    cr_expect(said("during stat"), "%s: %s", path, call.data.failure.text);
    cr_expect(said(words), "%s: %s", path, call.data.failure.text);
    cr_expect_eq(stat_of("steady"), 0, "after %s", path);
}

Test(worker, crash_is_a_failed_operation) {
    expect_death("crash", "was ended by signal 11 (SIGSEGV)");
}

Test(worker, exit_is_a_failed_operation) {
    expect_death("exit-3", "exited with status 3");
    expect_death("exit-0", "exited with status 0");
}

Test(worker, garbage_is_a_failed_operation) {
    expect_death("garbage", "malformed message");
    expect_death("forged", "malformed message");
}

Test(worker, count_that_cannot_be_is_a_failed_operation) {
    unsigned char data[100];
    void *file = open_file("liar", O_RDONLY);

    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 50, 0), -EIO);
    cr_expect(said("malformed message"));
    close_file(file, 0);
}

Test(worker, death_in_connect_is_a_failed_connect) {
    void *other;

    cr_expect_eq(lab_connect(&lab, &call, "\\\\rogue\\crash", NULL, &other), ERROR_EXTENDED_ERROR);
    cr_expect(said("SIGSEGV) during connect"), "%s", call.data.failure.text);
    cr_expect_eq(lab_connect(&lab, &call, "\\\\rogue\\exit-7", NULL, &other), ERROR_EXTENDED_ERROR);
    cr_expect(said("status 7 during connect"), "%s", call.data.failure.text);
    cr_expect_eq(lab_connect(&lab, &call, "\\\\rogue\\lost", NULL, &other), ERROR_NETNAME_DELETED);
    cr_expect_eq(stat_of("steady"), 0);
}

/* ---- open files over the death of their worker */

Test(worker, unchanged_file_that_is_read_is_opened_again) {
    unsigned char data[1000], wanted[1000];
    void *known = open_file("steady", O_RDONLY), *fresh = open_file("changing", O_RDONLY);

    lab_pattern(wanted, sizeof wanted, 0);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), known, data, 500, 0), 500);
    cr_expect_eq(stat_of("crash"), -EIO);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), known, data + 500, 500, 500),
                 500);
    cr_expect_eq(memcmp(data, wanted, 1000), 0);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), fresh, data, 1000, 0), 1000,
                 "nothing was read of it before");
    close_file(known, 0);
    close_file(fresh, 0);
}

Test(worker, changed_file_is_not_opened_again) {
    struct mpr_stat facts;
    unsigned char data[100];
    void *by_read = open_file("changing", O_RDONLY), *by_stat = open_file("changing", O_RDONLY);

    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), by_read, data, 100, 0), 100);
    cr_expect_eq(lab.table->fstat(session, lab_call(&call, 20000), by_stat, &facts), 0);
    cr_expect_eq(stat_of("crash"), -EIO);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), by_read, data, 100, 100), -EIO);
    cr_expect_eq(lab.table->fstat(session, lab_call(&call, 20000), by_stat, &facts), -EIO);
    close_file(by_read, 0);
    close_file(by_stat, 0);
}

Test(worker, file_that_was_written_is_lost_and_says_so) {
    unsigned char data[10];
    void *file = open_file("steady", O_RDWR), *idle = open_file("steady", O_WRONLY);

    lab_pattern(data, 10, 0);
    cr_expect_eq(lab.table->pwrite(session, lab_call(&call, 20000), file, data, 10, 0), 10);
    cr_expect_eq(stat_of("crash"), -EIO);
    cr_expect_eq(lab.table->pwrite(session, lab_call(&call, 20000), file, data, 10, 10), -EIO);
    close_file(file, -EIO);
    close_file(idle, -EIO);
}

Test(worker, server_that_was_lost_is_connected_again) {
    unsigned char data[100];
    void *file = open_file("steady", O_RDONLY);
    int rc;

    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 100, 0), 100);
    cr_expect_eq(stat_of("severed"), 0);
    cr_expect_eq(lab.table->pread(session, lab_call(&call, 20000), file, data, 100, 100), 100);
    cr_expect_eq(stat_of("severed"), 0);
    cr_expect_eq(stat_of("steady"), 0);
    cr_expect_eq(stat_of("severed"), 0);
    rc = lab.table->rename(session, lab_call(&call, 20000), "from", "to");
    cr_expect_eq(rc, -EIO, "it may have been done: %d", rc);
    rc = lab.table->rename(session, lab_call(&call, 20000), "from", "to");
    cr_expect_eq(rc, 0, "a new session: %d", rc);
    cr_expect_eq(stat_of("lost"), 0);
    rc = lab.table->rename(session, lab_call(&call, 20000), "from", "to");
    cr_expect_eq(rc, 0, "a new session before anything was done: %d", rc);
    close_file(file, 0);
}

Test(worker, files_of_a_session_that_ends_are_gone) {
    void *other, *file;

    cr_assert_eq(lab_connect(&lab, &call, "\\\\rogue\\other", NULL, &other), NO_ERROR);
    cr_assert_eq(lab.table->open(other, lab_call(&call, 20000), "steady", O_RDWR, 0, &file), 0);
    cr_expect_eq(lab.table->disconnect(other, lab_call(&call, 20000), 1), NO_ERROR);
}
