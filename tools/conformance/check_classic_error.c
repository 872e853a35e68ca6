/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_error.c: codes and texts of failures. Most checks here look at all
 * answers of a battery of calls: right and wrong names, devices, levels, pointers.
 */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mpr/mpr.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_codes_np.h"
#include "tools/conformance/kit_entries.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"

#define ROOM      8192
#define TEXT_BEST 255 /* characters that a caller of WNetGetLastError has room for */
#define THREADS   8

/* What a call gave. */
struct answer {
    const char *function;
    const char *name; /* that it was about, where it is ours; else NULL */
    bool foreign;     /* it was about somebody else's name */
    DWORD code;
    bool explained, touched;
    DWORD native;
    char text[1024], provider[256];
};

typedef void (*judge_fn)(const struct answer *answer);

static void hear(struct answer *answer, DWORD code) {
    answer->code = code;
    answer->touched = kit_np_touched_last_error();
    answer->explained = kit_np_explained(&answer->native, NULL);
    if (answer->explained)
        WNetGetLastErrorA(&answer->native, answer->text, sizeof answer->text, answer->provider,
                          sizeof answer->provider);
}

/* One call of the battery; the last argument is the call. */
#define ASK(judge, function_, name_, foreign_, call)                                               \
    do {                                                                                           \
        struct answer answer = {                                                                   \
            .function = "NP" #function_, .name = (name_), .foreign = (foreign_)};                  \
        DWORD code;                                                                                \
        if (!kit_np.function_)                                                                     \
            break;                                                                                 \
        kit_np_mark();                                                                             \
        code = (call);                                                                             \
        hear(&answer, code);                                                                       \
        (judge)(&answer);                                                                          \
    } while (0)

static uint64_t room[ROOM / sizeof(uint64_t)];

static DWORD add(const char *local, const char *remote, const char *user, const char *password,
                 DWORD type) {
    kit_doing("NPAddConnection(local %s, remote \"%s\", type %u, user %s)", local ? local : "NULL",
              remote, (unsigned)type, user ? user : "NULL");
    return kit_np.AddConnection(kit_resource(local, remote, type), kit_wide(password),
                                kit_wide(user));
}

static void ask_add(judge_fn judge, const char *local, const char *remote, bool foreign) {
    if (remote)
        ASK(judge, AddConnection, foreign ? NULL : remote, foreign,
            add(local, remote, kit_lab.user, kit_lab.password, RESOURCETYPE_DISK));
    if (remote && kit_np.AddConnection3)
        ASK(judge, AddConnection3, foreign ? NULL : remote, foreign, kit_np_add(local, remote));
}

static void ask_cancel(judge_fn judge, const char *name, bool foreign) {
    if (kit_np.CancelConnection)
        ASK(judge, CancelConnection, NULL, foreign, kit_np_cancel(name, FALSE));
}

static DWORD get(const char *local, DWORD size) {
    kit_doing("NPGetConnection(\"%s\", size %u)", local, (unsigned)size);
    return kit_np.GetConnection(kit_wide(local), (LPWSTR)(void *)room, &size);
}

static DWORD universal(const char *path, DWORD level, DWORD size) {
    kit_doing("NPGetUniversalName(\"%s\", level %u, size %u)", path, (unsigned)level,
              (unsigned)size);
    return kit_np.GetUniversalName(kit_wide(path), level, room, &size);
}

static DWORD user_of(const char *name, DWORD size) {
    kit_doing("NPGetUser(%s, size %u)", name ? name : "NULL", (unsigned)size);
    return kit_np.GetUser(kit_wide(name), (LPWSTR)(void *)room, &size);
}

static DWORD performance(const char *name) {
    NETCONNECTINFOSTRUCT facts = {.cbStructure = sizeof facts};

    kit_doing("NPGetConnectionPerformance(\"%s\")", name);
    return kit_np.GetConnectionPerformance(kit_wide(name), &facts);
}

static DWORD resource(bool parent, const char *name, DWORD type, DWORD size) {
    LPWSTR rest = NULL;

    kit_doing("NPGetResource%s(\"%s\", type %u, size %u)", parent ? "Parent" : "Information",
              name ? name : "NULL", (unsigned)type, (unsigned)size);
    return parent
               ? kit_np.GetResourceParent(kit_resource(NULL, name, type), room, &size)
               : kit_np.GetResourceInformation(kit_resource(NULL, name, type), room, &size, &rest);
}

static DWORD format(const char *name, DWORD flags, DWORD size) {
    kit_doing("NPFormatNetworkName(\"%s\", flags 0x%X, size %u)", name, (unsigned)flags,
              (unsigned)size);
    return kit_np.FormatNetworkName(kit_wide(name), (LPWSTR)(void *)room, &size, flags, 10);
}

/* About one device or name, of ours or of others. */
static void ask_about(judge_fn judge, const char *device, bool foreign) {
    const DWORD sizes[] = {0, 1, ROOM / 2};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ASK(judge, GetConnection, NULL, foreign, get(device, sizes[i]));
        ASK(judge, GetUniversalName, NULL, foreign,
            universal(device, UNIVERSAL_NAME_INFO_LEVEL, sizes[i]));
        ASK(judge, GetUser, NULL, foreign, user_of(device, sizes[i]));
    }
    ASK(judge, GetUniversalName, NULL, foreign, universal(device, 7, ROOM));
    ASK(judge, GetConnectionPerformance, NULL, foreign, performance(device));
}

static void ask_resource(judge_fn judge, const char *name, bool foreign) {
    const DWORD sizes[] = {0, 40, ROOM};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ASK(judge, GetResourceParent, NULL, foreign, resource(true, name, 0, sizes[i]));
        ASK(judge, GetResourceInformation, NULL, foreign, resource(false, name, 0, sizes[i]));
    }
    ASK(judge, GetResourceInformation, NULL, foreign,
        resource(false, name, RESOURCETYPE_PRINT, ROOM));
    if (name) {
        ASK(judge, FormatNetworkName, NULL, foreign, format(name, WNFMT_MULTILINE, ROOM / 2));
        ASK(judge, FormatNetworkName, NULL, foreign, format(name, 0x8000, 1));
    }
}

static void ask_listing(judge_fn judge, DWORD scope, LPNETRESOURCEW container, bool foreign) {
    const DWORD sizes[] = {0, 60, ROOM, ROOM, ROOM};
    HANDLE handle = NULL;
    struct answer opened = {.function = "NPOpenEnum", .foreign = foreign};

    if (!kit_np.OpenEnum || !kit_np.EnumResource || !kit_np.CloseEnum)
        return;
    kit_np_mark();
    hear(&opened, kit_enum_try(scope, RESOURCETYPE_ANY, 0, container, &handle));
    judge(&opened);
    if (opened.code != WN_SUCCESS)
        return;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        DWORD count = 0xFFFFFFFF, size = sizes[i];

        ASK(judge, EnumResource, NULL, foreign, kit_enum_next(handle, &count, room, &size));
    }
    ASK(judge, CloseEnum, NULL, foreign, kit_enum_close(handle));
    ASK(judge, CloseEnum, NULL, foreign, kit_enum_close(handle));
}

static void ask_others(judge_fn judge) {
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        const char *name = kit_lab.foreign.items[i];

        ask_add(judge, "X:", name, true);
        ask_cancel(judge, name, true);
        ask_resource(judge, name, true);
        ask_listing(judge, RESOURCE_GLOBALNET, kit_resource(NULL, name, 0), true);
        ASK(judge, GetUser, NULL, true, user_of(name, ROOM / 2));
        ASK(judge, GetConnectionPerformance, NULL, true, performance(name));
    }
    ask_about(judge, "Q:", true);
    ask_cancel(judge, "Q:", true);
}

static void ask_failures(judge_fn judge) {
    ask_add(judge, "X:", kit_lab.missing, false);
    ask_add(judge, "X:", kit_lab.unknown, false);
    ask_add(judge, "X:", kit_lab.refused, false);
    if (kit_lab.wrong_password) {
        ASK(judge, AddConnection3, kit_lab.login, false,
            kit_np_add_as("X:", kit_lab.login, kit_lab.user, kit_lab.wrong_password));
        ASK(judge, AddConnection, kit_lab.login, false,
            add("X:", kit_lab.login, kit_lab.user, kit_lab.wrong_password, RESOURCETYPE_DISK));
    }
    ask_resource(judge, kit_lab.missing, false);
    ask_resource(judge, kit_lab.unknown, false);
}

static void battery(judge_fn judge) {
    kit_classic_open();
    ask_others(judge);
    ask_failures(judge);
    ask_add(judge, "Z:", kit_good(0), false); /* the second time the device is in use */
    ask_add(judge, "?:", kit_good(0), false);
    ASK(judge, AddConnection, NULL, false, add("Y:", kit_good(0), NULL, NULL, RESOURCETYPE_PRINT));
    ASK(judge, AddConnection, NULL, false, add("Y:", kit_good(0), NULL, NULL, 99));
    ask_about(judge, "Z:", false);
    ask_resource(judge, kit_good(0), false);
    ask_resource(judge, NULL, false);
    for (DWORD scope = 0; scope < 8; scope++)
        ask_listing(judge, scope, NULL, false);
    ask_listing(judge, RESOURCE_GLOBALNET, kit_resource(NULL, kit_good(0), 0), false);
    ask_cancel(judge, "Z:", false);
    ask_cancel(judge, "Z:", false);
    ask_cancel(judge, "", false);
}

/* ---- what is judged of each */

static bool is_not_mine(DWORD code) {
    const DWORD codes[] = {
        WN_BAD_NETNAME, WN_NOT_CONNECTED, WN_BAD_LOCALNAME,         WN_NOT_CONTAINER,
        WN_BAD_VALUE,   WN_BAD_LEVEL,     WN_NOT_SUPPORTED,         ERROR_BAD_NETPATH,
        WN_NO_NETWORK,  WN_FUNCTION_BUSY, ERROR_NO_NET_OR_BAD_PATH, WN_NOT_LOGGED_ON};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code)
            return true;
    return false;
}

static void judge_extended(const struct answer *answer) {
    if (answer->code != WN_EXTENDED_ERROR)
        return;
    kit_expect(answer->explained, "WNetSetLastError called before WN_EXTENDED_ERROR is returned",
               "it was not, in this thread");
    kit_expect(answer->native != 0, "a code of the provider's own with the text", "0");
    kit_expect(answer->text[0], "a text", "an empty one");
    kit_expect(
        answer->provider[0] && (!kit_np_name() || strcmp(answer->provider, kit_np_name()) == 0),
        kit_text("the provider's name \"%s\" with the text", kit_np_name() ? kit_np_name() : "..."),
        "\"%s\"", answer->provider);
}

static void extended_has_text(void) {
    battery(judge_extended);
}

static void judge_network_error(const struct answer *answer) {
    if (answer->code == WN_NET_ERROR || answer->code == WN_DEVICE_ERROR)
        kit_expect(answer->explained && answer->text[0],
                   kit_text("a text with %s", kit_code_name(answer->code)), "none");
}

static void network_error_has_text(void) {
    battery(judge_network_error);
}

static void judge_not_mine(const struct answer *answer) {
    if (answer->foreign && is_not_mine(answer->code))
        kit_expect(!answer->explained, "no text with an answer that means: not mine", "\"%s\"",
                   answer->text);
}

static void not_mine_has_no_text(void) {
    battery(judge_not_mine);
}

static void judge_success(const struct answer *answer) {
    if (answer->code == WN_SUCCESS || answer->code == WN_MORE_DATA
        || answer->code == WN_NO_MORE_ENTRIES)
        kit_expect(!answer->explained, kit_text("no text with %s", kit_code_name(answer->code)),
                   "\"%s\"", answer->text);
}

static void success_has_no_text(void) {
    battery(judge_success);
}

/* Is a secret of the lab file in the text? */
static bool has_secret(const char *text) {
    const char *secrets[] = {kit_lab.password, kit_lab.wrong_password, kit_lab.password2};

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (secrets[i] && *secrets[i] && strstr(text, secrets[i]))
            return true;
    return false;
}

/* The server's name in a remote name: what stands between its first separators. */
static const char *server_in(const char *remote) {
    const char *begin =
        strstr(remote, "://") ? strstr(remote, "://") + 3 : remote + strspn(remote, "\\/");

    return kit_text("%.*s", (int)strcspn(begin, "\\/"), begin);
}

static size_t characters(const char *text) {
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void judge_text(const struct answer *answer) {
    size_t length = strlen(answer->text);

    if (!answer->explained)
        return;
    kit_expect(!has_secret(answer->text), "no password in the text", "it is there");
    kit_expect(characters(answer->text) <= TEXT_BEST,
               kit_text("a text of at most %d characters", TEXT_BEST), "%zu", length);
    kit_expect(!length || (answer->text[length - 1] != '\n' && answer->text[length - 1] != '\r'),
               "a text without a line feed at its end", "one");
    if (answer->name)
        kit_expect(strcasestr(answer->text, server_in(answer->name)),
                   kit_text("a text that names %s", answer->name), "\"%s\"", answer->text);
}

static void texts_are_good(void) {
    battery(judge_text);
}

static void judge_last_error(const struct answer *answer) {
    kit_expect(!answer->touched, "the thread's last error left alone", "%s set it",
               answer->function);
}

static void last_error_is_left_alone(void) {
    battery(judge_last_error);
}

static void judge_code(const struct answer *answer) {
    kit_expect(kit_np_code_listed(answer->function, answer->code) || kit_code_known(answer->code),
               "a Win32 code, no NTSTATUS, errno or negative number", "%s from %s",
               kit_code_name(answer->code), answer->function);
}

static void codes_are_of_this_world(void) {
    battery(judge_code);
}

static void judge_listed(const struct answer *answer) {
    kit_expect(kit_np_code_listed(answer->function, answer->code),
               kit_text("a code that is listed for %s", answer->function), "%s",
               kit_code_name(answer->code));
}

static void codes_are_listed(void) {
    battery(judge_listed);
}

/* ---- threads, and what lasts */

static struct answer heard[THREADS];
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_failed;

static const char *missing_name(unsigned number) {
    return kit_text("%s%u", kit_lab.missing, number);
}

/* The router calls a classic module once at a time, but from more than one thread. */
static void fail_alone(void *context, unsigned number) {
    DWORD code;

    (void)context;
    pthread_mutex_lock(&one_at_a_time);
    kit_np_mark();
    code = kit_np_add(NULL, missing_name(number));
    pthread_mutex_unlock(&one_at_a_time);
    pthread_barrier_wait(&all_failed);
    hear(&heard[number], code);
}

static void each_thread_has_its_own(void) {
    kit_classic_open();
    kit_need(kit_lab.missing, "missing");
    pthread_barrier_init(&all_failed, NULL, THREADS);
    kit_threads(THREADS, fail_alone, NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        const char *name = missing_name(i);

        if (heard[i].code != WN_EXTENDED_ERROR && !heard[i].explained)
            kit_skip("a resource that is missing is %s, without a text",
                     kit_code_name(heard[i].code));
        kit_expect(heard[i].explained && strcasestr(heard[i].text, strrchr(name, name[0]) + 1),
                   kit_text("in each thread the text of its own failure, about %s", name), "\"%s\"",
                   heard[i].text);
    }
}

static void text_outlives_success(void) {
    struct answer before = {.function = NULL}, after = {.function = NULL};

    kit_classic_open();
    kit_np_mark();
    hear(&before, kit_np_add(NULL, kit_need(kit_lab.missing, "missing")));
    if (!before.explained)
        kit_skip("a resource that is missing is %s, without a text", kit_code_name(before.code));
    kit_np_add_good("Z:", kit_good(0));
    hear(&after, WN_SUCCESS);
    kit_expect(strcmp(before.text, after.text) == 0 && before.native == after.native,
               kit_text("the text of the failure still: \"%s\"", before.text), "\"%s\"",
               after.text);
}

/* ---- causes */

struct cause {
    const char *what;
    bool tried;
    struct answer answer;
};

static void fail_by(struct cause *cause, const char *remote, const char *password) {
    if (!remote)
        return;
    cause->tried = true;
    kit_np_mark();
    hear(&cause->answer, kit_np_add_as("X:", remote, kit_lab.user, password));
    kit_expect(cause->answer.code != WN_SUCCESS, kit_text("a failure: %s", cause->what), "success");
}

static bool is_told_apart(const struct cause *a, const struct cause *b) {
    return a->answer.code != b->answer.code || a->answer.native != b->answer.native
           || strcmp(a->answer.text, b->answer.text) != 0;
}

static void causes_are_told_apart(void) {
    struct cause causes[] = {{.what = "a wrong password"},
                             {.what = "a resource that is missing"},
                             {.what = "a server that refuses"},
                             {.what = "a server that does not exist"}};
    const size_t count = sizeof causes / sizeof causes[0];
    size_t tried = 0;

    kit_classic_open();
    fail_by(&causes[0], kit_lab.wrong_password ? kit_lab.login : NULL, kit_lab.wrong_password);
    fail_by(&causes[1], kit_lab.missing, kit_lab.password);
    fail_by(&causes[2], kit_lab.refused, kit_lab.password);
    fail_by(&causes[3], kit_lab.unknown, kit_lab.password);
    for (size_t i = 0; i < count; i++) {
        tried += causes[i].tried;
        for (size_t j = 0; j < i; j++)
            if (causes[i].tried && causes[j].tried)
                kit_expect(is_told_apart(&causes[i], &causes[j]),
                           kit_text("%s and %s told apart, by code or text", causes[j].what,
                                    causes[i].what),
                           "%s for both", kit_code_name(causes[i].answer.code));
    }
    if (causes[0].tried)
        kit_expect(causes[0].answer.explained || !is_not_mine(causes[0].answer.code),
                   "a code that says what is wrong with the password", "%s",
                   kit_code_name(causes[0].answer.code));
    if (tried < 2)
        kit_skip("the lab file has less than two of wrong_password, missing, refused and unknown");
}

const struct kit_check kit_checks_classic_error[] = {
    {"ERR-01", KIT_MUST, extended_has_text,
     "Before WN_EXTENDED_ERROR the provider calls WNetSetLastError: code, text and its name",
     "Without it the user reads of an error, and not of which.", "Windows: WNetSetLastError"},
    {"ERR-02", KIT_MUST, network_error_has_text,
     "With ERROR_UNEXP_NET_ERR and ERROR_GEN_FAILURE there is a text",
     "These codes alone say nothing.", "own decision"},
    {"ERR-03", KIT_MUST, not_mine_has_no_text,
     "An answer that means \"not mine\" comes without a text",
     "Who explains has something to do with the name.", "Windows 95 DDK: NPSSetCustomText"},
    {"ERR-04", KIT_MUST, success_has_no_text,
     "With success, WN_MORE_DATA and WN_NO_MORE_ENTRIES no text is set",
     "It would take the place of the last failure's.", "own decision"},
    {"ERR-05", KIT_MUST, each_thread_has_its_own, "Each thread reads the text of its own failure",
     "WNetSetLastError is called in the thread that failed.", "Windows: WNetSetLastError"},
    {"ERR-06", KIT_SHOULD, texts_are_good,
     "A text fits 255 characters, ends without a line feed, names the resource and no password",
     "It is shown to people, and written to logs.", "Windows: WNetGetLastError; own decision"},
    {"ERR-07", KIT_SHOULD, last_error_is_left_alone,
     "A provider leaves the thread's last error alone", "It is the router's to set.",
     "Windows: implementing a network provider"},
    {"ERR-08", KIT_MUST, codes_are_of_this_world, "Every code is a Win32 code",
     "Codes of drivers and of the C library mean something else here.",
     "Windows: implementing a network provider"},
    {"ERR-10", KIT_MUST, causes_are_told_apart,
     "Wrong password, missing resource, refusing and missing server are told apart",
     "Where all are \"network name not found\" nobody finds out what is wrong.", "own decision"},
    {"ERR-11", KIT_SHOULD, text_outlives_success, "A text stays until the next failure",
     "Success clears nothing.", "Windows: WNetSetLastError"},
    {"NPE-01", KIT_SHOULD, codes_are_listed,
     "Every code is one of those that are listed for the function",
     "Callers know these; another one says less to them.", "npapi.h"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
