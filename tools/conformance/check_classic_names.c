/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_names.c: NPGetUniversalName, NPGetUser, NPGetConnectionPerformance.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "router/mpr_utf.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_entries.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_relay.h"

#define ROOM      8192
#define LONG_PATH 32000

/* ---- NPGetUniversalName */

/* What is asked, and what must come; level 1 looks at both texts together. */
struct question {
    const char *path;
    DWORD level;
    LPWSTR wide;
    const char *connection, *remaining;
};

static uint32_t ask(void *context, void *buffer, DWORD *size) {
    const struct question *question = context;

    kit_doing("NPGetUniversalName(\"%s\", level %u, size %s)", question->path,
              (unsigned)question->level, size ? kit_text("%u", (unsigned)*size) : "NULL");
    return kit_np.GetUniversalName(question->wide, question->level, buffer, size);
}

static void expect_text(const char *what, const char *wanted, LPCWSTR got) {
    const char *text = kit_narrow(got, ROOM);

    kit_expect(text && strcmp(text, wanted) == 0, kit_text("%s \"%s\"", what, wanted), "%s",
               text ? kit_text("\"%s\"", text) : "NULL");
}

static void look_at_answer(void *context, const void *buffer, size_t bytes) {
    const struct question *question = context;
    const REMOTE_NAME_INFOW *info = buffer;
    bool whole = question->level == REMOTE_NAME_INFO_LEVEL;
    size_t head = whole ? sizeof *info : sizeof(UNIVERSAL_NAME_INFOW);
    const char *universal = kit_text("%s%s", question->connection, question->remaining);

    kit_text_inside(buffer, bytes, head, "lpUniversalName", info->lpUniversalName);
    expect_text("lpUniversalName", universal, info->lpUniversalName);
    if (!whole)
        return;
    kit_text_inside(buffer, bytes, head, "lpConnectionName", info->lpConnectionName);
    expect_text("lpConnectionName", question->connection, info->lpConnectionName);
    kit_text_inside(buffer, bytes, head, "lpRemainingPath", info->lpRemainingPath);
    if (*question->remaining || info->lpRemainingPath)
        expect_text("lpRemainingPath", question->remaining, info->lpRemainingPath);
}

/* Connects a good name to Z:; what its universal names must begin with. */
static const char *connect_z(void) {
    char *name;
    size_t length;

    kit_classic_open();
    KIT_NP_NEEDS(GetUniversalName);
    kit_np_add_good("Z:", kit_good(0));
    name = strdup(kit_good(0));
    if (!name)
        kit_broken("there is no memory");
    length = strlen(name);
    if (length > 2 && (name[length - 1] == '\\' || name[length - 1] == '/'))
        name[length - 1] = '\0';
    return name;
}

static void expect_universal(const char *connection, const char *path, const char *remaining,
                             DWORD level) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    struct question question = {path, level, kit_wide(path), connection, remaining};
    DWORD size = sizeof room;

    KIT_CODES(ask(&question, room, &size), WN_SUCCESS);
    look_at_answer(&question, room, sizeof room);
}

static void universal_of_a_file(void) {
    const char *connection = connect_z();

    expect_universal(connection, "Z:\\a\\b", "\\a\\b", UNIVERSAL_NAME_INFO_LEVEL);
    expect_universal(connection, "z:\\a\\b", "\\a\\b", UNIVERSAL_NAME_INFO_LEVEL);
}

static void parts_of_a_file(void) {
    expect_universal(connect_z(), "Z:\\a\\b", "\\a\\b", REMOTE_NAME_INFO_LEVEL);
}

static void device_alone(void) {
    const char *connection = connect_z();

    for (DWORD level = UNIVERSAL_NAME_INFO_LEVEL; level <= REMOTE_NAME_INFO_LEVEL; level++) {
        expect_universal(connection, "Z:", "", level);
        expect_universal(connection, "Z:\\", "\\", level);
    }
}

static void universal_sizes(void) {
    const char *connection = connect_z();

    for (DWORD level = UNIVERSAL_NAME_INFO_LEVEL; level <= REMOTE_NAME_INFO_LEVEL; level++) {
        struct question question = {"Z:\\a\\b", level, kit_wide("Z:\\a\\b"), connection, "\\a\\b"};

        kit_sweep(ask, look_at_answer, &question, 1);
    }
}

/* The code for this path and level, with a large buffer. */
static DWORD code_of(const char *path, DWORD level) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    struct question question = {path ? path : "NULL", level, kit_wide(path), NULL, NULL};
    DWORD size = sizeof room;

    return ask(&question, room, &size);
}

static void other_levels(void) {
    connect_z();
    KIT_CODES(code_of("Z:\\a", 0), WN_BAD_LEVEL);
    KIT_CODES(code_of("Z:\\a", 3), WN_BAD_LEVEL);
    KIT_CODES(code_of("Z:\\a", 0xFFFFFFFF), WN_BAD_LEVEL);
}

static void devices_of_nobody(void) {
    connect_z();
    KIT_CODES(code_of("Q:\\a\\b", UNIVERSAL_NAME_INFO_LEVEL), WN_NOT_CONNECTED);
    KIT_CODES(code_of("C:\\Windows", UNIVERSAL_NAME_INFO_LEVEL), WN_NOT_CONNECTED);
    KIT_CODES(code_of("Q:", REMOTE_NAME_INFO_LEVEL), WN_NOT_CONNECTED);
}

static void paths_without_a_device(void) {
    connect_z();
    KIT_CODES(code_of("", UNIVERSAL_NAME_INFO_LEVEL), WN_BAD_LOCALNAME);
    KIT_CODES(code_of("abc", UNIVERSAL_NAME_INFO_LEVEL), WN_BAD_LOCALNAME);
    KIT_CODES(code_of("Zebra", UNIVERSAL_NAME_INFO_LEVEL), WN_BAD_LOCALNAME);
    KIT_CODES(code_of(kit_good(0), UNIVERSAL_NAME_INFO_LEVEL), WN_BAD_LOCALNAME);
    KIT_CODES(code_of(NULL, UNIVERSAL_NAME_INFO_LEVEL), WN_BAD_LOCALNAME, WN_BAD_VALUE,
              WN_BAD_POINTER);
}

static void universal_into_nothing(void) {
    struct question question = {"Z:\\a", UNIVERSAL_NAME_INFO_LEVEL, kit_wide("Z:\\a"), NULL, NULL};
    DWORD size = 0, needed;
    uint64_t room[8];

    connect_z();
    KIT_CODES(ask(&question, NULL, &size), WN_MORE_DATA);
    needed = size;
    size = 0;
    KIT_CODES(ask(&question, room, &size), WN_MORE_DATA);
    kit_expect(needed == size && size > 0, kit_text("the size %u again", (unsigned)needed), "%u",
               (unsigned)size);
    size = ROOM;
    KIT_CODES(ask(&question, NULL, &size), WN_BAD_VALUE, WN_BAD_POINTER);
    KIT_CODES(ask(&question, room, NULL), WN_BAD_VALUE, WN_BAD_POINTER);
}

/* Of a file that is not there; and, where the network can be silenced, then. */
static void universal_without_io(void) {
    const char *path = "Z:\\no\\such\\file";
    int64_t began;

    kit_classic_open();
    KIT_NP_NEEDS(GetUniversalName);
    if (kit_lab.relay_name) {
        kit_np_add_good("Z:", kit_relay_name());
        kit_relay_silence();
    } else {
        kit_np_add_good("Z:", kit_good(0));
    }
    began = kit_ms();
    KIT_CODES(code_of(path, UNIVERSAL_NAME_INFO_LEVEL), WN_SUCCESS);
    KIT_CODES(code_of(path, REMOTE_NAME_INFO_LEVEL), WN_SUCCESS);
    kit_within(began, KIT_AT_ONCE);
}

static void path_without_separator(void) {
    const char *connection = connect_z();

    if (code_of("Z:dir", UNIVERSAL_NAME_INFO_LEVEL) == WN_BAD_LOCALNAME)
        return;
    expect_universal(connection, "Z:dir", "\\dir", UNIVERSAL_NAME_INFO_LEVEL);
}

/* Is got the name, and behind it the path from its third character on? */
static bool is_whole(LPCWSTR got, LPCWSTR name, LPCWSTR path) {
    for (; *name; name++, got++)
        if (*got != *name)
            return false;
    for (path += 2; *path; path++, got++)
        if (*got != *path)
            return false;
    return *got == 0;
}

static void long_paths(void) {
    size_t bytes = (LONG_PATH + 2048) * sizeof(WCHAR);
    struct question question = {.level = UNIVERSAL_NAME_INFO_LEVEL};
    const char *connection = connect_z();
    UNIVERSAL_NAME_INFOW *info = malloc(bytes);
    char *path = malloc(LONG_PATH + 1);
    DWORD size = (DWORD)bytes, code;

    if (!info || !path)
        kit_broken("there is no memory");
    for (int i = 0; i < LONG_PATH; i++)
        path[i] = i % 64 == 2 ? '\\' : 'x';
    memcpy(path, "Z:\\", 3);
    path[LONG_PATH] = '\0';
    question.path = "Z:\\xxx\xE2\x80\xA6, 32000 characters";
    question.wide = kit_wide(path);
    code = ask(&question, info, &size);
    KIT_CODES(code, WN_SUCCESS, WN_BAD_LOCALNAME);
    if (code == WN_SUCCESS) {
        kit_text_inside(info, bytes, sizeof *info, "lpUniversalName", info->lpUniversalName);
        kit_expect(is_whole(info->lpUniversalName, kit_wide(connection), question.wide),
                   "the name of the connection, and all of the path", "something else");
    }
    code = code_of("Z:/a/b", UNIVERSAL_NAME_INFO_LEVEL);
    KIT_CODES(code, WN_SUCCESS, WN_BAD_LOCALNAME);
}

/* ---- NPGetUser */

struct user_question {
    const char *name;
    LPWSTR wide;
    const char *user; /* NULL: any */
};

static uint32_t ask_user(void *context, void *buffer, DWORD *size) {
    const struct user_question *question = context;

    kit_doing("NPGetUser(%s, size %u)",
              question->name ? kit_text("\"%s\"", question->name) : "NULL", (unsigned)*size);
    return kit_np.GetUser(question->wide, buffer, size);
}

static void look_at_user(void *context, const void *buffer, size_t bytes) {
    const struct user_question *question = context;
    const char *user = kit_narrow(buffer, bytes / sizeof(WCHAR));

    kit_expect(user && *user && (!question->user || strcmp(user, question->user) == 0),
               question->user ? kit_text("\"%s\"", question->user) : "a user", "\"%s\"", user);
}

/* Every size; and what is needed is counted in characters. */
static void sweep_user(struct user_question *question) {
    DWORD needed = kit_sweep(ask_user, look_at_user, question, sizeof(WCHAR));
    size_t units = mpr_utf_wide_size(question->user);

    kit_expect(needed == units, kit_text("%zu characters needed for \"%s\"", units, question->user),
               "%u", (unsigned)needed);
}

static void open_users(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetUser);
    if (!kit_np_can(WNNC_USER, WNNC_USR_GETUSER))
        kit_skip("the module does not announce NPGetUser");
}

static const char *user_of(const char *name) {
    static WCHAR room[ROOM];
    struct user_question question = {.name = name, .wide = kit_wide(name)};
    DWORD size = ROOM;

    KIT_CODES(ask_user(&question, room, &size), WN_SUCCESS);
    look_at_user(&question, room, sizeof room);
    return strdup(kit_narrow(room, ROOM));
}

static void user_of_the_process(void) {
    struct user_question nobody = {.name = NULL}, empty = {.name = "", .wide = kit_wide("")};

    open_users();
    nobody.user = user_of(NULL);
    empty.user = nobody.user;
    sweep_user(&nobody);
    sweep_user(&empty);
}

static void user_of_a_connection(void) {
    const char *user = kit_lab.user;
    struct user_question question = {.name = "Z:", .wide = kit_wide("Z:")};

    open_users();
    kit_np_add_good("Z:", kit_lab.user ? kit_lab.login : kit_good(0));
    if (!user)
        user = user_of("Z:");
    question.user = user;
    sweep_user(&question);
    question.name = kit_lab.user ? kit_lab.login : kit_good(0);
    question.wide = kit_wide(question.name);
    sweep_user(&question);
}

static void user_of_others(void) {
    WCHAR room[64];

    open_users();
    for (size_t i = 0; i <= kit_lab.foreign.count; i++) {
        const char *name = i < kit_lab.foreign.count ? kit_lab.foreign.items[i] : "Q:";
        struct user_question question = {.name = name, .wide = kit_wide(name)};
        DWORD size = 64;
        int64_t began = kit_ms();

        KIT_CODES(ask_user(&question, room, &size), WN_NOT_CONNECTED);
        kit_within(began, KIT_AT_ONCE);
    }
}

/* ---- NPGetConnectionPerformance */

#define FACTS sizeof(NETCONNECTINFOSTRUCT)

static void open_performance(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetConnectionPerformance);
    if (!kit_np_can(WNNC_CONNECTION, WNNC_CON_GETPERFORMANCE))
        kit_skip("the module does not announce NPGetConnectionPerformance");
}

/* As the router calls it: all is 0 but the size. */
static DWORD ask_facts(const char *name, NETCONNECTINFOSTRUCT *facts, DWORD size) {
    kit_doing("NPGetConnectionPerformance(\"%s\", cbStructure %u)", name, (unsigned)size);
    memset(facts, 0, FACTS);
    facts->cbStructure = size;
    return kit_np.GetConnectionPerformance(kit_wide(name), facts);
}

static void facts_of(const char *name) {
    NETCONNECTINFOSTRUCT facts;
    DWORD known = WNCON_FORNETCARD | WNCON_NOTROUTED | WNCON_SLOWLINK | WNCON_DYNAMIC;

    KIT_CODES(ask_facts(name, &facts, FACTS), WN_SUCCESS);
    kit_expect(facts.cbStructure == FACTS, "cbStructure unchanged", "%u",
               (unsigned)facts.cbStructure);
    kit_expect(!(facts.dwFlags & ~known), "only the flags 1, 2, 4 and 8", "dwFlags 0x%X",
               (unsigned)facts.dwFlags);
}

static void facts_of_a_connection(void) {
    open_performance();
    kit_np_add_good("Z:", kit_good(0));
    facts_of("Z:");
    facts_of(kit_good(0));
}

static void facts_of_a_silent_one(void) {
    NETCONNECTINFOSTRUCT facts;
    int64_t began;

    open_performance();
    kit_np_add_good("Z:", kit_relay_name());
    kit_relay_silence();
    began = kit_ms();
    ask_facts("Z:", &facts, FACTS);
    kit_within(began, 500);
}

static void facts_of_others(void) {
    NETCONNECTINFOSTRUCT facts;

    open_performance();
    for (size_t i = 0; i <= kit_lab.foreign.count; i++) {
        int64_t began = kit_ms();

        KIT_CODES(
            ask_facts(i < kit_lab.foreign.count ? kit_lab.foreign.items[i] : "Q:", &facts, FACTS),
            WN_NOT_CONNECTED);
        kit_within(began, KIT_AT_ONCE);
    }
}

static void sizes_of_facts(void) {
    unsigned char *room;
    NETCONNECTINFOSTRUCT *facts;

    open_performance();
    kit_np_add_good("Z:", kit_good(0));
    facts = kit_room(FACTS);
    KIT_CODES(ask_facts("Z:", facts, 0), WN_BAD_VALUE);
    KIT_CODES(ask_facts("Z:", facts, FACTS - 4), WN_BAD_VALUE);
    KIT_CODES(ask_facts("Z:", facts, FACTS), WN_SUCCESS);
    room = kit_room(64);
    KIT_CODES(ask_facts("Z:", (NETCONNECTINFOSTRUCT *)(void *)room, 64), WN_SUCCESS);
    for (size_t i = FACTS; i < 64; i++)
        kit_expect(room[i] == 0xA5, "only the 20 bytes written that it knows",
                   "byte %zu was written too", i);
}

const struct kit_check kit_checks_classic_names[] = {
    {"UNI-01", KIT_MUST, universal_of_a_file,
     "The universal name of a file is the name of the connection and the path",
     "Programs hand it to other machines, and store it in documents.",
     "Windows: NPGetUniversalName, WNetGetUniversalName"},
    {"UNI-02", KIT_MUST, parts_of_a_file,
     "The connection ends without a backslash, the remaining path begins with one",
     "So the two parts put together are the whole.", "Windows: REMOTE_NAME_INFO"},
    {"UNI-03", KIT_MUST, device_alone,
     "A device alone, with a backslash or without, has a universal name",
     "Connection and remaining path make the universal name there too.", "own decision"},
    {"UNI-04", KIT_MUST, universal_sizes,
     "NPGetUniversalName counts bytes, and keeps to the size that it is given",
     "Who counts characters here writes behind the buffer, or refuses one that is large enough.",
     "Windows: NPGetUniversalName; npapi.h, rule 1"},
    {"UNI-05", KIT_MUST, other_levels, "Any other level is WN_BAD_LEVEL",
     "Another structure is expected in the buffer.", "Windows: NPGetUniversalName"},
    {"UNI-06", KIT_MUST, devices_of_nobody,
     "A device that is free, or a local disk, is WN_NOT_CONNECTED",
     "Only then the next provider is asked.", "Windows: NPGetUniversalName"},
    {"UNI-07", KIT_MUST, paths_without_a_device,
     "A path that does not begin with a device is WN_BAD_LOCALNAME",
     "The first character alone does not make a device.", "Windows: NPGetUniversalName"},
    {"UNI-08", KIT_MUST, universal_into_nothing,
     "No buffer with a size of 0 is a question for the size, other NULL pointers are refused",
     "Callers ask for the size first.", "Windows: WNetGetUniversalName"},
    {"UNI-09", KIT_MUST, universal_without_io,
     "A universal name is given at once: the file need not be there, nor the server answer",
     "It is a matter of names; programs ask for it while they draw.",
     "Windows: WNetGetUniversalName"},
    {"UNI-10", KIT_SHOULD, path_without_separator,
     "\"Z:dir\" is WN_BAD_LOCALNAME, or gets its backslash",
     "Put together without one it is the name of another share.", "own decision"},
    {"UNI-12", KIT_SHOULD, long_paths,
     "A path of 32000 characters, or with slashes, has its universal name or is refused",
     "Paths are as long on Windows, and fixed buffers are not.", "own decision"},
    {"USR-01", KIT_CAPABILITY, user_of_the_process,
     "Without a name NPGetUser tells the user of the process, in characters",
     "A name that is NULL is as good as an empty one.", "Windows: NPGetUser"},
    {"USR-02", KIT_CAPABILITY, user_of_a_connection,
     "NPGetUser tells the user of a device and of a remote name, as he was given",
     "Programs show as whom one is connected.", "Windows: NPGetUser"},
    {"USR-03", KIT_CAPABILITY, user_of_others,
     "The user of somebody else's name is WN_NOT_CONNECTED, at once",
     "Only then the next provider is asked.", "Windows: NPGetUser"},
    {"PRF-01", KIT_CAPABILITY, facts_of_a_connection,
     "The performance of a device and of a remote name is told with flags that exist",
     "cbStructure belongs to the caller.", "Windows: NPGetConnectionPerformance"},
    {"PRF-02", KIT_CAPABILITY, facts_of_a_silent_one,
     "The performance is told within half a second though the server is silent",
     "Programs ask before they decide how to work; OpenAFS' users waited 20 s there.",
     "Windows: NPGetConnectionPerformance; own decision"},
    {"PRF-03", KIT_CAPABILITY, facts_of_others,
     "The performance of somebody else's name is WN_NOT_CONNECTED, at once",
     "Every provider is asked for every name.", "Windows: NPGetConnectionPerformance"},
    {"PRF-04", KIT_CAPABILITY, sizes_of_facts,
     "A structure that is too short is WN_BAD_VALUE, of a longer one 20 bytes are written",
     "Its size says how old or new the caller is.", "Windows: NETCONNECTINFOSTRUCT"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
