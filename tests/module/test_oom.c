/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom.c: every allocation of the router fails once in each of its
 * operations: the code says so, nothing has changed, and nothing is lost.
 *
 * Linked with the router's objects, so that its own allocations fail and those
 * of the provider do not.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/npapi.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define DEMO   "\\\\memory\\demo"
#define UPDATE CONNECT_UPDATE_PROFILE

static char profile_before[65536];

/* What the profile says, without the number that counts its changes. */
static const char *profile_now(void) {
    const char *connections = strstr(world_read(WORLD_PROFILE), "\"connections\"");

    return connections ? connections : "none";
}

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo,held\"");
    world_scripted("10-other", "\"provider\": \"Other Network\", \"takes\": \"//other/\"");
    world_start();
    cr_assert_eq(add("H:", "\\\\memory\\held", UPDATE), NO_ERROR);
    snprintf(profile_before, sizeof profile_before, "%s", profile_now());
}

TestSuite(oom, .timeout = 120, .init = begin, .fini = world_end);

static unsigned logged(const char *word) {
    return world_count(world_read("log"), word);
}

/* What was there before is there, and nothing else. */
static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(listed(RESOURCE_CONNECTED), 1);
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    cr_expect_str_eq(profile_now(), profile_before);
    cr_expect_eq(logged(" connect "), logged(" forced ") + logged(" disconnect "),
                 "a session is left");
}

static void fail_each(DWORD (*run)(void *), void (*clean)(void *), void (*check)(void *),
                      void *context) {
    const struct fail_alloc_case all = {run, clean, check, context};
    unsigned count = fail_alloc_each(&all);

    cr_expect_gt(count, 0);
    check(context);
}

static DWORD from_errno(int rc) {
    return rc >= 0 ? NO_ERROR : rc == -ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : (DWORD)rc;
}

/* --- starting --- */

static int count_loaded(void *context, const struct mpr_provider_info *info) {
    unsigned *loaded = context;

    cr_expect_eq(info->state, MPR_PROVIDER_LOADED, "%s: %s", info->name, info->error);
    ++*loaded;
    return 0;
}

static DWORD start(void *context) {
    return MprInitialize(context);
}

static void stop(void *context) {
    unsigned loaded = 0;

    (void)context;
    cr_expect_eq(MprListProviders(count_loaded, &loaded), NO_ERROR);
    cr_expect_eq(loaded, 2, "a provider is left out for want of memory");
    cr_expect_eq(MprShutdown(), NO_ERROR);
}

static void expect_nothing_runs(void *context) {
    cr_expect_eq(MprInitialize(context), NO_ERROR);
    cr_expect_eq(MprShutdown(), NO_ERROR);
}

Test(oom, starting) {
    char root[256];

    snprintf(root, sizeof root, "%s", world_path(""));
    MprShutdown();
    expect_nothing_runs(root); /* what is made once is made */
    fail_each(start, stop, expect_nothing_runs, root);
}

/* --- connecting and cancelling --- */

struct adding {
    const char *device, *remote;
    DWORD flags;
};

static DWORD add_it(void *context) {
    const struct adding *adding = context;
    NETRESOURCEA resource = {.lpLocalName = (LPSTR)(uintptr_t)adding->device,
                             .lpRemoteName = (LPSTR)(uintptr_t)adding->remote,
                             .lpProvider = (LPSTR)(uintptr_t) ""};

    return WNetAddConnection2A(&resource, "secret", "anna", adding->flags);
}

static void cancel_it(void *context) {
    const struct adding *adding = context;

    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(adding->device ? adding->device : adding->remote,
                                                 UPDATE, FALSE));
}

Test(oom, adding) {
    static struct adding rows[] = {
        {"Z:", DEMO, 0},        {"Z:", DEMO, UPDATE}, {NULL, DEMO, 0}, {"Z:", "//other/x", UPDATE},
        {NULL, "//other/x", 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each(add_it, cancel_it, expect_unchanged, &rows[i]);
}

static DWORD use_wide(void *context) {
    NETRESOURCEW resource = {.dwType = RESOURCETYPE_DISK, .lpRemoteName = context};
    WCHAR access[8];
    DWORD size = 8;

    return WNetUseConnectionW(NULL, &resource, u"secret", u"anna", CONNECT_REDIRECT | UPDATE,
                              access, &size, NULL);
}

static void cancel_z(void *context) {
    (void)context;
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", UPDATE, FALSE));
}

Test(oom, choosing_a_device) {
    fail_each(use_wide, cancel_z, expect_unchanged, (WCHAR[]){u"\\\\memory\\demo"});
}

struct cancelling {
    const char *name;
    DWORD flags;
    BOOL force;
};

/* One that is broken and says that it is still remembered has done what it could. */
static DWORD cancel_by(void *context) {
    const struct cancelling *cancelling = context;
    DWORD rc = WNetCancelConnection2A(cancelling->name, cancelling->flags, cancelling->force);

    return rc == ERROR_NOT_ENOUGH_MEMORY && cancelling->flags == UPDATE
                   && strstr(last_words(), "is disconnected, but still remembered")
               ? NO_ERROR
               : rc;
}

static void connect_again(void *context) {
    (void)context;
    cr_expect_str_eq(remote_of("H:"), "\\\\memory\\held");
    cr_expect_eq(add("Y:", DEMO, UPDATE), NO_ERROR);
}

static void expect_connected(void *context) {
    (void)context;
    cr_expect_str_eq(remote_of("Y:"), DEMO);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 2);
    cr_expect_eq(listed(RESOURCE_REMEMBERED), 2);
}

Test(oom, cancelling) {
    static struct cancelling rows[] = {
        {"Y:", 0, FALSE}, {"Y:", 0, TRUE},       {DEMO, 0, FALSE},
        {DEMO, 0, TRUE},  {"Y:", UPDATE, FALSE}, {"Y:", UPDATE, TRUE},
    };

    connect_again(NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each(cancel_by, connect_again, expect_connected, &rows[i]);
}

/* What is remembered and not connected: forgotten, or not. */
static DWORD forget(void *context) {
    return WNetCancelConnection2A(context, UPDATE, FALSE);
}

static void remember_again(void *context) {
    cr_expect_eq(add(context, DEMO, UPDATE), NO_ERROR);
    cr_expect_eq(WNetCancelConnection2A(context, 0, FALSE), NO_ERROR);
}

static void expect_remembered(void *context) {
    cr_expect_str_eq(remote_of(context), "1201");
}

Test(oom, forgetting) {
    remember_again((char[]){"Y:"});
    fail_each(forget, remember_again, expect_remembered, (char[]){"Y:"});
}

/* --- asking --- */

static DWORD get_connection(void *context) {
    char name[64];
    DWORD size = sizeof name;
    DWORD rc = WNetGetConnectionA(context, name, &size);

    return rc == ERROR_CONNECTION_UNAVAIL ? NO_ERROR : rc;
}

static DWORD get_user(void *context) {
    WCHAR name[64];
    DWORD size = 64;

    return WNetGetUserW(context, name, &size);
}

static DWORD list_providers(void *context) {
    unsigned loaded = 0;

    (void)context;
    return MprListProviders(count_loaded, &loaded);
}

Test(oom, asking) {
    fail_each(get_connection, NULL, expect_unchanged, (char[]){"H:"});
    fail_each(get_user, NULL, expect_unchanged, (WCHAR[]){u"H:"});
    fail_each(get_user, NULL, expect_unchanged, (WCHAR[]){u"//memory/held"});
    fail_each(get_user, NULL, expect_unchanged, NULL);
    fail_each(list_providers, NULL, expect_unchanged, NULL);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("H:", 0, FALSE));
    fail_each(get_connection, NULL, expect_remembered, (char[]){"H:"});
    EXPECT_CODE(NO_ERROR, add("H:", "\\\\memory\\held", 0));
}

static DWORD list_scope(void *context) {
    char room[1024] __attribute__((aligned(8)));
    const DWORD *scope = context;
    DWORD count = UINT32_MAX, size = sizeof room, rc;
    HANDLE list;

    rc = WNetOpenEnumW(*scope, RESOURCETYPE_ANY, 0, NULL, &list);
    if (rc != NO_ERROR)
        return rc;
    rc = WNetEnumResourceA(list, &count, room, &size);
    cr_expect_eq(WNetCloseEnum(list), NO_ERROR);
    return rc;
}

Test(oom, listing) {
    fail_each(list_scope, NULL, expect_unchanged, (DWORD[]){RESOURCE_CONNECTED});
    fail_each(list_scope, NULL, expect_unchanged, (DWORD[]){RESOURCE_REMEMBERED});
}

/* --- files --- */

static HANDLE handle;

static DWORD open_new(void *context) {
    return from_errno(MprFileOpen(context, O_RDWR | O_CREAT | O_EXCL, 0600, &handle));
}

static void close_and_remove(void *context) {
    cr_expect_eq(MprFileClose(handle), 0);
    cr_expect_eq(MprFileUnlink(context), 0);
}

/* Without a look at listings: those need handles, too. */
static void expect_no_file(void *context) {
    struct mpr_stat facts;

    cr_expect_eq(MprFileStat(context, &facts), -ENOENT, "it was made all the same");
}

/* With as many handles open as the table has room for: one more is one allocation more. */
static void fill_handles(HANDLE *lists, size_t count) {
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(WNetOpenEnumA(RESOURCE_CONNECTED, 0, 0, NULL, &lists[i]), NO_ERROR);
}

Test(oom, making_a_file) {
    static HANDLE lists[64];

    fill_handles(lists, 64);
    fail_each(open_new, close_and_remove, expect_no_file, (char[]){"H:\\new"});
    fail_each(open_new, close_and_remove, expect_no_file, (char[]){"\\\\memory\\held\\new"});
    for (size_t i = 0; i < 64; i++)
        cr_expect_eq(WNetCloseEnum(lists[i]), NO_ERROR);
    expect_unchanged(NULL);
}

static DWORD read_directory(void *context) {
    LPCSTR name;
    HANDLE dir;
    int entries = 0, rc = MprDirOpen(context, &dir);

    if (rc)
        return from_errno(rc);
    while ((rc = MprDirRead(dir, &name, NULL)) == 1)
        entries++;
    cr_expect_eq(entries, 200);
    cr_expect_eq(MprFileClose(dir), 0);
    return from_errno(rc);
}

/* Operations that change nothing when they are done again. */
static DWORD use_paths(void *context) {
    struct mpr_stat facts;
    struct mpr_statvfs system;
    int rc = MprFileStat(context, &facts);

    if (!rc)
        rc = MprFileTruncate(context, 1);
    if (!rc)
        rc = MprFileStatvfs(context, &system);
    if (!rc)
        rc = MprFileRename(context, context);
    return from_errno(rc);
}

static DWORD make_directory(void *context) {
    return from_errno(MprFileMkdir(context, 0700));
}

static void remove_directory(void *context) {
    cr_expect_eq(MprFileRmdir(context), 0);
}

static DWORD use_handle(void *context) {
    struct mpr_stat facts;
    char text[8] = "";
    int64_t rc = MprFileWrite(context, "text", 4);

    if (rc == 4)
        rc = MprFileSeek(context, 0, SEEK_SET);
    if (rc == 0)
        rc = MprFileRead(context, text, 4);
    if (rc == 4)
        rc = MprFileFstat(context, &facts);
    return from_errno((int)rc);
}

Test(oom, using_files) {
    char path[64];
    HANDLE file;

    cr_assert_eq(MprFileMkdir("H:\\d", 0700), 0);
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof path, "H:\\d\\a-long-name-for-file-%d", i);
        cr_assert_eq(write_file(path, "text"), 0);
    }
    fail_each(read_directory, NULL, expect_unchanged, (char[]){"H:\\d"});
    fail_each(use_paths, NULL, expect_unchanged, path);
    fail_each(make_directory, remove_directory, expect_no_file, (char[]){"H:\\e"});
    cr_assert_eq(MprFileOpen(path, O_RDWR, 0, &file), 0);
    cr_expect_eq(use_handle(file), NO_ERROR);
    cr_expect_eq(MprFileClose(file), 0);
}
