/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_users.c: users and passwords that NPAddConnection is given.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_stress.h"

#define LOG_MAX      65536
#define HUGE_MAPPING (1ul << 30) /* a sanitizer's shadow, of terabytes */
#define MARKER       24 /* units of a password that stands nowhere else: it is made where it is read */

/* Who is not let in is told so: no code that means another name, no network, a bad call. */
static void expect_refused(DWORD code) {
    const char *text = "";

    KIT_CODES(code, WN_ACCESS_DENIED, WN_BAD_PASSWORD, ERROR_LOGON_FAILURE, WN_BAD_USER,
              ERROR_NO_SUCH_USER, ERROR_ACCOUNT_DISABLED, ERROR_ACCOUNT_RESTRICTION,
              WN_EXTENDED_ERROR);
    if (code == WN_EXTENDED_ERROR && (!kit_np_explained(NULL, &text) || !*text))
        kit_fail("words by WNetSetLastError before WN_EXTENDED_ERROR", "none");
}

static void refuses_wrong_password(void) {
    const char *password = kit_need(kit_lab.wrong_password, "wrong_password");

    kit_classic_open();
    kit_np_mark();
    expect_refused(kit_np_add_as("Z:", kit_lab.login, kit_lab.user, password));
    kit_np_nothing_left("Z:", kit_lab.login);
}

/* NULL is the default password, whatever that is; "" is none. */
static void knows_empty_password(void) {
    kit_need(kit_lab.password, "password");
    kit_classic_open();
    kit_np_mark();
    expect_refused(kit_np_add_as("Z:", kit_lab.login, kit_lab.user, ""));
    KIT_CODES(kit_np_add_as("Z:", kit_lab.login, kit_lab.user, kit_lab.password), WN_SUCCESS);
}

/* The user of a device, or NULL where that cannot be asked. */
static const char *user_of(const char *local) {
    static WCHAR room[4096];
    DWORD size = sizeof room / sizeof room[0];

    if (!kit_np.GetUser)
        return NULL;
    kit_doing("NPGetUser(\"%s\")", local);
    KIT_CODES(kit_np.GetUser(kit_wide(local), room, &size), WN_SUCCESS);
    return kit_narrow(room, sizeof room / sizeof room[0]);
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), size = strlen(end);

    return length >= size && strcmp(text + length - size, end) == 0;
}

static void try_user(const char *user) {
    DWORD code = kit_np_add_as("Z:", kit_lab.login, user, kit_lab.password);
    const char *found;

    if (code == WN_SUCCESS) {
        found = user_of("Z:");
        kit_expect(!user || !found || ends_with(found, user)
                       || (strlen(user) < 256 && strstr(user, found)),
                   kit_text("the user \"%s\" where it was accepted", user), "\"%s\"", found);
        KIT_CODES(kit_np_cancel("Z:", TRUE), WN_SUCCESS);
    } else if (user && strlen(user) > 256) {
        KIT_CODES(code, WN_BAD_USER, WN_BAD_VALUE, WN_ACCESS_DENIED, WN_BAD_PASSWORD,
                  ERROR_LOGON_FAILURE, WN_EXTENDED_ERROR);
    } else {
        expect_refused(code);
    }
}

static void takes_forms_of_users(void) {
    const char *user = kit_need(kit_lab.user, "user");
    char longest[301];

    memset(longest, 'u', 300);
    longest[300] = '\0';
    kit_classic_open();
    kit_np_mark();
    try_user(user);
    try_user(NULL);
    try_user(kit_ro(kit_text("WORKGROUP\\%s", user)));
    try_user(kit_ro(kit_text("%s@realm.example", user)));
    try_user("nobody-of-this-name");
    try_user(longest);
}

static unsigned char marker_unit(size_t i) {
    return (unsigned char)('a' + ((i * 7 + 3) ^ 5) % 26);
}

static WCHAR *make_marker(void) {
    WCHAR *room = kit_room((MARKER + 1) * sizeof *room);

    for (size_t i = 0; i < MARKER; i++)
        room[i] = marker_unit(i);
    room[MARKER] = 0;
    return room;
}

/* Does it stand here, in UTF-16 or in bytes? Half of it is enough. */
static bool is_marker(const unsigned char *at, size_t left) {
    bool wide = left >= MARKER, narrow = left >= MARKER / 2;

    for (size_t i = 0; i < MARKER / 2 && (wide || narrow); i++) {
        wide = wide && at[2 * i] == marker_unit(i) && at[2 * i + 1] == 0;
        narrow = narrow && at[i] == marker_unit(i);
    }
    return wide || narrow;
}

/* Looks through a part of this process's memory; false: nothing there. */
static bool search(int memory, unsigned long start, unsigned long end) {
    static unsigned char chunk[1 << 16];
    bool found = false;

    for (unsigned long at = start; at < end && !found; at += sizeof chunk - 2 * MARKER) {
        size_t wanted = end - at < sizeof chunk ? end - at : sizeof chunk;
        ssize_t n = pread(memory, chunk, wanted, (off_t)at);

        for (ssize_t i = 0; i + MARKER / 2 <= n && !found; i++)
            found = chunk[i] == marker_unit(0) && is_marker(chunk + i, (size_t)(n - i));
        if (n <= 0)
            break;
    }
    memset(chunk, 0, sizeof chunk);
    return found;
}

static void expect_forgotten(void) {
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[1024], access[8], name[512];
    unsigned long start, end;

    if (memory < 0 || !maps)
        kit_broken("the process's own memory cannot be read");
    while (fgets(line, sizeof line, maps)) {
        name[0] = '\0';
        if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %511s", &start, &end, access, name) >= 3
            && end - start < HUGE_MAPPING && access[0] == 'r' && access[1] == 'w'
            && search(memory, start, end))
            kit_fail("the password nowhere in the memory after it was used", "it is in %s",
                     name[0] ? name : "allocated memory");
    }
    fclose(maps);
    close(memory);
}

static void expect_unlogged(const char *path) {
    static unsigned char log[LOG_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, log, sizeof log);

    for (ssize_t i = 0; i + MARKER / 2 <= n; i++)
        if (is_marker(log + i, (size_t)(n - i)))
            kit_fail("nothing of the password on the standard error", "it is there");
    close(fd);
}

static void forgets_password(void) {
    const char *path = kit_ro(kit_path("stderr"));
    LPNETRESOURCEW resource = kit_resource("Z:", kit_lab.login, RESOURCETYPE_DISK);
    LPWSTR user = kit_wide(kit_lab.user), password = make_marker();

    if (kit_sanitized())
        kit_skip("memory cannot be searched in a build with a sanitizer");
    kit_classic_open();
    kit_write("stderr", "");
    fflush(stderr);
    dup2(open(path, O_WRONLY | O_APPEND | O_CLOEXEC), STDERR_FILENO);
    kit_doing("NPAddConnection(remote \"%s\", a password)", kit_lab.login);
    if (kit_np.AddConnection3)
        kit_np.AddConnection3(NULL, resource, password, user, 0);
    else if (kit_np.AddConnection)
        kit_np.AddConnection(resource, password, user);
    else
        kit_skip("the module connects nothing");
    kit_np_cancel("Z:", TRUE);
    memset(password, 0, MARKER * sizeof *password);
    expect_forgotten();
    expect_unlogged(path);
}

static void keeps_users_apart(void) {
    const char *user = kit_need(kit_lab.user, "user");
    const char *second = kit_need(kit_lab.user2, "user2");
    const char *found;
    DWORD code;

    kit_classic_open();
    KIT_CODES(kit_np_add_as("Z:", kit_lab.login, user, kit_lab.password), WN_SUCCESS);
    code = kit_np_add_as("Y:", kit_lab.login, second, kit_lab.password2);
    KIT_CODES(code, WN_SUCCESS, WN_CONNECTED_OTHER_PASSWORD, WN_BAD_PASSWORD, WN_BAD_USER,
              ERROR_SESSION_CREDENTIAL_CONFLICT);
    if (code == WN_SUCCESS && (found = user_of("Y:")))
        kit_expect(ends_with(found, second), second, "\"%s\"", found);
    if ((found = user_of("Z:")))
        kit_expect(ends_with(found, user), user, "\"%s\"", found);
}

const struct kit_check kit_checks_classic_users[] = {
    {"ADD-15", KIT_MUST, refuses_wrong_password,
     "A wrong password is told as that, and nothing is connected",
     "Only then is the user asked for another one; error 67 makes him look for another name.",
     "Windows: NPAddConnection, WN_BAD_PASSWORD; sshfs-win #17, #467"},
    {"ADD-16", KIT_MUST, knows_empty_password,
     "The password \"\" is no password, and not the default one",
     "NULL stands for the default; who gives none wants to be let in with none.",
     "Windows: NPAddConnection, lpPassword"},
    {"ADD-17", KIT_SHOULD, takes_forms_of_users,
     "A user in any form is accepted as he is or refused as a user, however long",
     "A user who was cut is somebody else.", "Windows: WNetAddConnection2, lpUserName"},
    {"ADD-19", KIT_SHOULD, forgets_password,
     "After the connection ended the password is neither in the memory nor in the log",
     "What stays is in core files, in swap and in bug reports.",
     "Windows: NPAddConnection, SecureZeroMemory; ms-nfs41 logged it"},
    {"ADD-28", KIT_MUST, keeps_users_apart,
     "A second user of the same server is himself, or told that he cannot be",
     "With the first user's session he reads the first user's files.",
     "Windows: ERROR_SESSION_CREDENTIAL_CONFLICT; own decision"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
