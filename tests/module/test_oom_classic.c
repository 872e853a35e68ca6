/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_oom_classic.c: every allocation of the router fails once while it works
 * with a classic provider, in the caller's thread and in that of the module: the
 * code says so, the module has no connection and no listing more or less than
 * before, and nothing is lost.
 *
 * Linked with the router's objects, so that its own allocations fail and those
 * of the module do not.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"
#include "tests/unit/fail_alloc.h"

#define TEXT(text) ((LPSTR)(uintptr_t)(text))
#define GOOD       "10-good"
#define PUB        "\\\\CLASSIC1\\pub"
#define DOCS       "\\\\CLASSIC1\\docs"
#define FILES      "\\\\CLASSIC1\\files"

static char room[4096] __attribute__((aligned(16)));

static int ask_module(const char *symbol) {
    void *found = world_classic_symbol(GOOD, symbol);
    int (*fn)(void);

    memcpy(&fn, &found, sizeof fn);
    return fn();
}

/* What another program would connect; local "" is none. */
static void redirect(const char *local, const char *remote) {
    void *found = world_classic_symbol(GOOD, "classic_redirect");
    void (*fn)(const char *, const char *, const char *);

    memcpy(&fn, &found, sizeof fn);
    fn(local, remote, "else");
}

/* H: is the router's, and so is what has no device; K: and L: are the module's own. */
static void begin(void) {
    world_make();
    world_classic(GOOD, "\"provider_name\": \"Good Network\"");
    world_start();
    cr_assert_eq(add("H:", FILES, 0), NO_ERROR);
    cr_assert_eq(add(NULL, FILES, 0), NO_ERROR);
    redirect("K:", DOCS);
    redirect("L:", "\\\\CLASSIC1\\asleep");
}

TestSuite(oom_classic, .timeout = 120, .init = begin, .fini = world_end);

/* What was there before is there, for the router and for the module, and nothing else. */
static void expect_unchanged(void *context) {
    (void)context;
    cr_expect_eq(ask_module("classic_count"), 4, "the module has %d", ask_module("classic_count"));
    cr_expect_eq(ask_module("classic_open_listings"), 0);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 4);
    cr_expect_str_eq(remote_of("H:"), FILES);
    cr_expect_str_eq(remote_of("K:"), DOCS);
    cr_expect_str_eq(remote_of("Z:"), "2250");
}

static void fail_each(DWORD (*run)(void *), void (*clean)(void *), void *context) {
    const struct fail_alloc_case all = {run, clean, expect_unchanged, context};

    cr_assert_eq(run(context), NO_ERROR, "it is to succeed when nothing fails");
    if (clean)
        clean(context);
    cr_expect_gt(fail_alloc_each(&all), 0);
    expect_unchanged(context);
}

/* --- loading --- */

static int expect_loaded(void *context, const struct mpr_provider_info *info) {
    (void)context;
    cr_expect_eq(info->state, MPR_PROVIDER_LOADED, "%s: %s", info->name, info->error);
    cr_expect_str_eq(info->provider, "Good Network");
    cr_expect_eq(info->capabilities, 0x1f, "0x%x", info->capabilities);
    return 0;
}

static DWORD start(void *context) {
    return MprInitialize(context);
}

static void stop(void *context) {
    (void)context;
    cr_expect_eq(MprListProviders(expect_loaded, NULL), NO_ERROR);
    cr_expect_eq(MprShutdown(), NO_ERROR);
}

static void expect_stopped(void *context) {
    unsigned threads = world_threads();

    cr_expect_eq(MprInitialize(context), NO_ERROR);
    cr_expect_eq(MprShutdown(), NO_ERROR);
    for (int i = 0; i < 2000 && world_threads() > threads; i++)
        world_sleep(5);
    cr_expect_leq(world_threads(), threads, "the module's thread is left");
}

Test(oom_classic, loading) {
    char root[256];
    struct fail_alloc_case all = {start, stop, expect_stopped, root};

    snprintf(root, sizeof root, "%s", world_path(""));
    MprShutdown();
    expect_stopped(root); /* what is made once is made */
    cr_expect_gt(fail_alloc_each(&all), 0);
}

/* --- connecting --- */

struct adding {
    const char *device, *remote, *user, *password;
    DWORD flags;
    bool options;
};

static DWORD add_with_options(const struct adding *adding, NETRESOURCEA *resource) {
    BYTE options[] = {1, 2, 3};
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (unsigned char *)(uintptr_t)adding->user,
        .UserLength = (DWORD)strlen(adding->user),
        .Password = (unsigned char *)(uintptr_t)adding->password,
        .PasswordLength = (DWORD)strlen(adding->password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };

    return WNetAddConnection4A(NULL, resource, &identity, sizeof identity, adding->flags, options,
                               sizeof options);
}

static DWORD add_it(void *context) {
    const struct adding *adding = context;
    NETRESOURCEA resource = {.lpLocalName = TEXT(adding->device),
                             .lpRemoteName = TEXT(adding->remote)};

    return adding->options
               ? add_with_options(adding, &resource)
               : WNetAddConnection2A(&resource, adding->password, adding->user, adding->flags);
}

static void cancel_it(void *context) {
    const struct adding *adding = context;

    cr_expect_eq(ask_module("classic_count"), 5);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A(adding->device ? adding->device : adding->remote,
                                                 CONNECT_UPDATE_PROFILE & adding->flags, FALSE));
}

Test(oom_classic, adding) {
    static struct adding rows[] = {
        {"Z:", PUB, NULL, NULL, 0, false},
        {NULL, PUB, NULL, NULL, 0, false},
        {"Z:", "\\\\CLASSIC1\\secret", "anna", "right", CONNECT_UPDATE_PROFILE, false},
        {"Z:", "\\\\CLASSIC1\\secret", "anna", "right", CONNECT_UPDATE_PROFILE, true},
        {NULL, "\\\\CLASSIC1\\secret", "anna", "right", 0, true},
        {"Z:", "\\\\CLASSIC1\\informed", NULL, NULL, 0, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each(add_it, cancel_it, &rows[i]);
}

/* A device that the module has, and a name that it has not. */
static DWORD add_in_vain(void *context) {
    const struct adding *adding = context;
    DWORD rc = add(adding->device, adding->remote, 0);

    return rc == ERROR_ALREADY_ASSIGNED || rc == ERROR_BAD_NETPATH ? NO_ERROR : rc;
}

Test(oom_classic, adding_in_vain) {
    fail_each(add_in_vain, NULL, &(struct adding){.device = "K:", .remote = PUB});
    fail_each(add_in_vain, NULL, &(struct adding){.device = "Z:", .remote = "\\\\CLASSIC1\\x"});
}

/* --- breaking --- */

struct cancelling {
    const char *name, *device, *remote;
    BOOL force;
    bool own; /* the module's */
};

static DWORD cancel_by(void *context) {
    const struct cancelling *cancelling = context;

    return WNetCancelConnection2A(cancelling->name, 0, cancelling->force);
}

/* "Broken" is what it says only if the module says so, too. */
static void connect_again(void *context) {
    const struct cancelling *cancelling = context;

    cr_expect_eq(ask_module("classic_count"), 4, "it is connected still");
    if (cancelling->own)
        redirect(cancelling->device ? cancelling->device : "", cancelling->remote);
    else
        cr_expect_eq(add(cancelling->device, cancelling->remote, 0), NO_ERROR);
}

static void expect_connected(void *context) {
    (void)context;
    cr_expect_eq(ask_module("classic_count"), 5);
    cr_expect_eq(listed(RESOURCE_CONNECTED), 5);
    cr_expect_eq(ask_module("classic_open_listings"), 0);
}

static void fail_each_cancel(struct cancelling *cancelling) {
    const struct fail_alloc_case all = {cancel_by, connect_again, expect_connected, cancelling};

    connect_again(cancelling);
    cr_expect_gt(fail_alloc_each(&all), 0);
    cr_expect_eq(cancel_by(cancelling), NO_ERROR);
    expect_unchanged(NULL);
}

Test(oom_classic, cancelling) {
    static struct cancelling rows[] = {
        {"Z:", "Z:", PUB, FALSE, false},  {"Z:", "Z:", PUB, TRUE, false},
        {PUB, NULL, PUB, FALSE, false},   {PUB, NULL, PUB, TRUE, false},
        {"Z:", "Z:", FILES, TRUE, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each_cancel(&rows[i]);
}

Test(oom_classic, cancelling_what_is_the_modules_own) {
    static struct cancelling rows[] = {
        {"Z:", "Z:", PUB, FALSE, true},
        {"Z:", "Z:", PUB, TRUE, true},
        {PUB, NULL, PUB, FALSE, true},
        {PUB, NULL, PUB, TRUE, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each_cancel(&rows[i]);
}

/* --- asking --- */

static void expect_untouched(void *context) {
    expect_unchanged(context);
    cr_expect(room[0] == 'x' && memcmp(room, room + 1, sizeof room - 1) == 0);
}

static void fill(void *context) {
    (void)context;
    memset(room, 'x', sizeof room);
}

static DWORD wanted; /* the code of an answer that is no success, and no failure either */

static DWORD judge(DWORD rc) {
    return rc == wanted ? NO_ERROR : rc;
}

/* Asks for a text; who succeeds gives the very same one, whatever failed on the way. */
static void fail_asking(DWORD (*run)(void *), const char *name, DWORD code) {
    const struct fail_alloc_case all = {run, fill, expect_untouched, TEXT(name)};

    wanted = code;
    cr_assert_eq(run(TEXT(name)), NO_ERROR, "%s: %u", name, MprGetLastError());
    fill(NULL);
    cr_expect_gt(fail_alloc_each(&all), 0);
    fill(NULL);
    expect_untouched(NULL);
}

static DWORD connection(void *context) {
    DWORD size = sizeof room, rc = WNetGetConnectionA(context, room, &size);

    if (rc == NO_ERROR)
        cr_expect_str_eq(room, *(const char *)context == 'H' ? FILES : DOCS);
    return judge(rc);
}

static DWORD user(void *context) {
    DWORD size = sizeof room, rc = WNetGetUserA(context, room, &size);

    if (rc == NO_ERROR)
        cr_expect_str_eq(room, *(const char *)context == 'K' ? "else" : "somebody");
    return judge(rc);
}

Test(oom_classic, connections) {
    fail_asking(connection, "H:", NO_ERROR);
    fail_asking(connection, "K:", NO_ERROR);
    fail_asking(connection, "L:", ERROR_CONNECTION_UNAVAIL);
    fail_asking(connection, "Q:", ERROR_NOT_CONNECTED);
}

Test(oom_classic, users) {
    fail_asking(user, "H:", NO_ERROR);
    fail_asking(user, FILES, NO_ERROR);
    fail_asking(user, "K:", NO_ERROR);
    fail_asking(user, "Q:", ERROR_NOT_CONNECTED);
}

static DWORD universal(void *context) {
    DWORD size = sizeof room;
    DWORD rc = WNetGetUniversalNameA(context, UNIVERSAL_NAME_INFO_LEVEL, room, &size);

    if (rc == NO_ERROR)
        cr_expect_str_eq(((const UNIVERSAL_NAME_INFOA *)(void *)room)->lpUniversalName,
                         *(const char *)context == 'H' ? FILES "\\dir" : DOCS "\\dir");
    return judge(rc);
}

Test(oom_classic, universal_names) {
    fail_asking(universal, "H:\\dir", NO_ERROR);
    fail_asking(universal, "K:\\dir", NO_ERROR);
    fail_asking(universal, "L:\\dir", ERROR_CONNECTION_UNAVAIL);
}

static DWORD format(void *context) {
    DWORD size = sizeof room;
    DWORD rc = WNetFormatNetworkNameA("Good Network", context, room, &size, WNFMT_ABBREVIATED, 0);

    if (rc == NO_ERROR)
        cr_expect_str_eq(room, "pub");
    return rc;
}

Test(oom_classic, formats) {
    fail_asking(format, PUB, NO_ERROR);
}

static DWORD parent(void *context) {
    NETRESOURCEA ask = {.lpRemoteName = context, .lpProvider = TEXT("Good Network")};
    const NETRESOURCEA *entry = (void *)room;
    DWORD size = sizeof room, rc = WNetGetResourceParentA(&ask, room, &size);

    if (rc == NO_ERROR && strcmp(context, PUB) == 0)
        cr_expect_str_eq(entry->lpRemoteName, "\\\\CLASSIC1");
    if (rc == NO_ERROR && strcmp(context, PUB) != 0)
        cr_expect_null(entry->lpRemoteName);
    return judge(rc);
}

static DWORD information(void *context) {
    NETRESOURCEA ask = {.lpRemoteName = context};
    const NETRESOURCEA *entry = (void *)room;
    char *rest = NULL;
    DWORD size = sizeof room, rc = WNetGetResourceInformationA(&ask, room, &size, &rest);

    if (rc == NO_ERROR) {
        cr_expect_str_eq(entry->lpRemoteName, PUB);
        cr_expect_str_eq(rest ? rest : "", (const char *)context + strlen(PUB));
    }
    return judge(rc);
}

Test(oom_classic, resources) {
    fail_asking(parent, PUB, NO_ERROR);
    fail_asking(parent, "\\\\CLASSIC1", NO_ERROR);
    fail_asking(parent, "\\\\OTHER\\x", ERROR_BAD_NET_NAME);
    fail_asking(information, PUB, NO_ERROR);
    fail_asking(information, PUB "\\dir", NO_ERROR);
    fail_asking(information, "\\\\OTHER\\x", ERROR_BAD_NET_NAME);
}

static DWORD performance(void *context) {
    NETRESOURCEA ask = {.lpRemoteName = context, .lpProvider = TEXT("Good Network")};
    NETCONNECTINFOSTRUCT info = {.cbStructure = sizeof info};
    DWORD rc = MultinetGetConnectionPerformanceA(&ask, &info);

    cr_expect_eq(info.dwDelay, rc == NO_ERROR ? 3 : 0);
    return judge(rc);
}

Test(oom_classic, performance) {
    fail_asking(performance, FILES, NO_ERROR);
    fail_asking(performance, PUB, ERROR_NOT_CONNECTED);
}

/* --- lists --- */

struct listing {
    DWORD scope;
    NETRESOURCEA from;
    unsigned entries; /* when nothing fails */
};

static DWORD list_all(void *context) {
    struct listing *listing = context;
    DWORD count = UINT32_MAX, size = sizeof room, rc;
    HANDLE list;

    rc = WNetOpenEnumA(listing->scope, RESOURCETYPE_ANY, 0, &listing->from, &list);
    if (rc != NO_ERROR)
        return rc;
    rc = WNetEnumResourceA(list, &count, room, &size);
    cr_expect_eq(rc == NO_ERROR ? count : listing->entries, listing->entries, "all or nothing: %u",
                 count);
    cr_expect_eq(WNetCloseEnum(list), NO_ERROR);
    return rc;
}

Test(oom_classic, lists) {
    struct listing rows[] = {
        {RESOURCE_CONNECTED, {.dwUsage = 0}, 4},
        {RESOURCE_CONTEXT, {.dwUsage = 0}, 2},
        {RESOURCE_GLOBALNET, {.dwUsage = 0}, 1},
        {RESOURCE_GLOBALNET, {.lpProvider = TEXT("Good Network")}, 1},
        {RESOURCE_GLOBALNET, {.lpRemoteName = TEXT("\\\\CLASSIC1")}, 8},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        fail_each(list_all, NULL, &rows[i]);
}
