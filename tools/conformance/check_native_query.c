/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_query.c: user, performance, universal and format.
 */
#include "config.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_recognise.h"
#include "tools/conformance/kit_watch.h"

#define TEXT_MAX 4096

/* What a text operation of some kind is asked, with a buffer. */
typedef uint32_t (*text_fn)(const void *context, char *buffer, size_t size);

/* With a large buffer: the text, which must be UTF-8. In one of eight buffers of kit_text. */
static const char *text_of(text_fn fn, const void *context) {
    char *room = kit_room(TEXT_MAX);
    uint32_t code = fn(context, room, TEXT_MAX);

    KIT_CODES(code, NO_ERROR);
    kit_expect(memchr(room, '\0', TEXT_MAX) != NULL, "a text with its NUL", "none");
    kit_expect(kit_is_utf8(room), "UTF-8", "other bytes");
    return kit_text("%s", room);
}

/* Every size of buffer from 0 on: the whole text or a failure, and nothing outside. */
static void every_size(text_fn fn, const void *context, const char *text) {
    size_t needed = strlen(text) + 1;

    for (size_t size = 0; size <= needed + 1; size++) {
        char *room = kit_room(size);
        uint32_t code = fn(context, room, size);

        kit_expect(kit_room_intact(room), "nothing written before the buffer",
                   "something was, with a size of %zu", size);
        if (size < needed) {
            if (code != ERROR_MORE_DATA)
                kit_fail(kit_text("%s for %zu bytes of %zu", kit_code_name(ERROR_MORE_DATA), size,
                                  needed),
                         "%s", kit_code_name(code));
            continue;
        }
        KIT_CODES(code, NO_ERROR);
        kit_expect(strcmp(room, text) == 0, kit_text("\"%s\"", text), "\"%.*s\"", (int)size, room);
    }
}

/* ---- user */

static void *session;

static uint32_t ask_user(const void *context, char *buffer, size_t size) {
    struct mpr_call call = kit_call(5000);
    uint32_t code;

    (void)context;
    kit_doing("user with a buffer of %zu bytes", size);
    code = kit_table->user(session, &call, buffer, size);
    close(call.cancel_fd);
    return code;
}

static void user_sizes(void) {
    kit_native_open();
    KIT_NEEDS(user);
    session = kit_connect_good(kit_good(0));
    every_size(ask_user, NULL, text_of(ask_user, NULL));
    kit_disconnect(session);
}

static void user_connects(void) {
    struct kit_connected again;
    char user[MPR_USER_MAX];

    kit_native_open();
    KIT_NEEDS(user);
    session = kit_connect_good(kit_good(0));
    memcpy(user, text_of(ask_user, NULL), sizeof user);
    kit_disconnect(session);
    kit_expect(user[0], "the name of a user", "\"\"");
    if (!kit_lab.user)
        kit_skip("the lab file has no \"user\"; without one it is \"%s\"", user);
    again = kit_connect(kit_good(0), user, kit_lab.password);
    kit_expect(again.answer == MPR_DONE, kit_text("a connection as \"%s\", as user said", user),
               "answer %d, %s, and the words: %s", (int)again.answer, kit_code_name(again.code),
               kit_told().text);
    session = again.session;
    kit_expect(strcmp(text_of(ask_user, NULL), user) == 0, kit_text("\"%s\" again", user),
               "another name");
    kit_disconnect(session);
}

/* ---- performance */

static void measure(struct mpr_performance *ret) {
    struct mpr_call call = kit_call(kit_connect_ms());
    uint32_t code;

    kit_doing("performance");
    code = kit_table->performance(session, &call, ret);
    close(call.cancel_fd);
    KIT_CODES(code, NO_ERROR);
}

static void plausible(void) {
    const uint32_t flags = WNCON_FORNETCARD | WNCON_NOTROUTED | WNCON_SLOWLINK | WNCON_DYNAMIC;
    struct mpr_performance found;
    int64_t began;

    kit_native_open();
    KIT_NEEDS(performance);
    session = kit_connect_good(kit_good(0));
    for (int i = 0; i < 3; i++) {
        found = (struct mpr_performance){.size = sizeof found};
        began = kit_ms();
        measure(&found);
        kit_expect(found.size == sizeof found, "the size as it was", "%u", (unsigned)found.size);
        kit_expect((found.flags & ~flags) == 0, "WNCON_ bits alone", "0x%x", (unsigned)found.flags);
        kit_expect(found.delay_ms <= (uint64_t)(kit_ms() - began) + 1000,
                   "a round trip that is no longer than the call that measured it", "%u ms",
                   (unsigned)found.delay_ms);
        kit_expect(found.opt_data_size <= MPR_MAX_IO, "no more than MPR_MAX_IO bytes at a time",
                   "%u", (unsigned)found.opt_data_size);
    }
    kit_note("speed %u, delay %u ms, %u bytes at a time", (unsigned)found.speed,
             (unsigned)found.delay_ms, (unsigned)found.opt_data_size);
    kit_disconnect(session);
}

/* The structure that the host has may be longer, and ends where it ends. */
static void structure(void) {
    struct {
        struct mpr_performance head;
        unsigned char tail[64];
    } larger;
    struct mpr_performance *exact = kit_room(sizeof *exact);

    kit_native_open();
    KIT_NEEDS(performance);
    session = kit_connect_good(kit_good(0));
    memset(exact, 0, sizeof *exact);
    exact->size = sizeof *exact;
    measure(exact);
    memset(&larger, 0, sizeof larger);
    memset(larger.tail, 0x5a, sizeof larger.tail);
    larger.head.size = sizeof larger;
    measure(&larger.head);
    for (size_t i = 0; i < sizeof larger.tail; i++)
        kit_expect(larger.tail[i] == 0x5a, "what is behind the known members untouched",
                   "byte %zu was written", i);
    kit_expect(larger.head.size == sizeof larger, "the size as it was", "%u",
               (unsigned)larger.head.size);
    kit_disconnect(session);
}

/* ---- universal and format: the front's or the table's */

struct question {
    const char *remote, *path;
    uint32_t flags, width;
};

#define OWNER(slot) (kit_table->slot ? kit_table : kit_front)
#define STATE(slot) (kit_table->slot ? kit_state_of_table : kit_front_state)
#define NEEDS(slot)                                                                                \
    do {                                                                                           \
        kit_native_open();                                                                         \
        if (!OWNER(slot)->slot)                                                                    \
            kit_skip("the provider has no " #slot);                                                \
    } while (0)

static uint32_t ask_universal(const void *context, char *buffer, size_t size) {
    const struct question *question = context;
    struct mpr_call call = kit_call(5000);
    uint32_t code;

    kit_doing("universal(\"Z:\", \"%s\", \"%s\") with a buffer of %zu bytes", question->remote,
              question->path, size);
    code =
        OWNER(universal)->universal(STATE(universal), &call, kit_ro("Z:"), kit_ro(question->remote),
                                    kit_ro(question->path), buffer, size);
    close(call.cancel_fd);
    return code;
}

/* Its name for other machines; NULL if it has none. */
static const char *universal_of(const struct question *question) {
    char *room = kit_room(TEXT_MAX);
    uint32_t code = ask_universal(question, room, TEXT_MAX);

    if (code == ERROR_NOT_SUPPORTED)
        return NULL;
    return text_of(ask_universal, question);
}

static void universal_names(void) {
    static const char *const paths[] = {"", "\\dir\\file", "\\a b\\caf\xc3\xa9 100%.txt"};

    NEEDS(universal);
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        struct question root = {.remote = kit_lab.good.items[i], .path = ""};
        const char *base = universal_of(&root);

        for (size_t p = 0; base && p < sizeof paths / sizeof paths[0]; p++) {
            struct question question = {.remote = root.remote, .path = paths[p]};
            const char *name = text_of(ask_universal, &question);

            kit_expect(strncmp(name, "\\\\", 2) == 0 && !strchr(name, '/'),
                       "\\\\server\\share and backslashes alone", "\"%s\"", name);
            kit_expect(strcmp(name, kit_text("%s%s", base, paths[p])) == 0,
                       kit_text("\"%s%s\"", base, paths[p]), "\"%s\"", name);
            kit_expect(kit_recognise(name).taken, "a name that recognise takes", "\"%s\"", name);
        }
        kit_expect(
            !base || strcmp(kit_recognise(base).as.key, kit_recognise(root.remote).as.key) == 0,
            "the same resource", "\"%s\"", base);
    }
}

static void universal_sizes(void) {
    struct question question = {.path = "\\dir\\caf\xc3\xa9"};
    unsigned tried = 0;

    NEEDS(universal);
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        const char *name;

        question.remote = kit_lab.good.items[i];
        name = universal_of(&question);
        tried += name != NULL;
        if (name)
            every_size(ask_universal, &question, name);
    }
    if (!tried)
        kit_skip("no good name has a universal one");
}

static void universal_at_once(void) {
    const char *names[] = {kit_lab.silent, kit_lab.unknown, kit_lab.missing, kit_lab.refused};
    unsigned calls;
    int64_t began;

    NEEDS(universal);
    calls = kit_network_calls();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct question question = {.remote = names[i], .path = "\\dir\\file"};

        if (!names[i])
            continue;
        began = kit_ms();
        universal_of(&question);
        kit_within(began, KIT_AT_ONCE);
        kit_expect(kit_network_calls() == calls, "no network: a name is made by syntax", "%s",
                   kit_network_call());
    }
}

static void universal_long(void) {
    char path[3000];
    struct question question = {.path = path};
    char *room;
    uint32_t code;

    NEEDS(universal);
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    for (size_t i = 0; i < sizeof path - 1; i += 100)
        path[i] = '\\';
    question.remote = kit_good(0);
    room = kit_room(sizeof path + TEXT_MAX);
    code = ask_universal(&question, room, sizeof path + TEXT_MAX);
    if (code == NO_ERROR)
        kit_expect(strlen(room) > sizeof path - 1
                       && strcmp(room + strlen(room) - (sizeof path - 1), path) == 0,
                   "the whole path at the end of the name", "something else");
    else
        KIT_CODES(code, ERROR_NOT_SUPPORTED, ERROR_BAD_NET_NAME, ERROR_INVALID_NAME);
}

static uint32_t ask_format(const void *context, char *buffer, size_t size) {
    const struct question *question = context;
    struct mpr_call call = kit_call(5000);
    uint32_t code;

    kit_doing("format(\"%s\", flags %u, width %u) with a buffer of %zu bytes", question->remote,
              (unsigned)question->flags, (unsigned)question->width, size);
    code = OWNER(format)->format(STATE(format), &call, kit_ro(question->remote), question->flags,
                                 question->width, buffer, size);
    close(call.cancel_fd);
    return code;
}

/* Characters, not bytes. */
static size_t count(const char *text, size_t length) {
    size_t characters = 0;

    for (size_t i = 0; i < length; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    return characters;
}

static void format_sizes(void) {
    static const uint32_t flags[] = {WNFMT_MULTILINE, WNFMT_ABBREVIATED,
                                     WNFMT_ABBREVIATED | WNFMT_INENUM};

    NEEDS(format);
    for (size_t i = 0; i < kit_lab.good.count; i++)
        for (size_t f = 0; f < sizeof flags / sizeof flags[0]; f++) {
            struct question question = {.remote = kit_lab.good.items[i], .flags = flags[f]};

            every_size(ask_format, &question, text_of(ask_format, &question));
        }
}

static void format_lines(void) {
    static const uint32_t widths[] = {0, 5, 20, 80};

    NEEDS(format);
    for (size_t i = 0; i < kit_lab.good.count; i++)
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
            struct question question = {
                .remote = kit_lab.good.items[i], .flags = WNFMT_MULTILINE, .width = widths[w]};
            const char *text = text_of(ask_format, &question);

            for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
                size_t length = count(at, strcspn(at, "\n"));

                kit_expect(!widths[w] || length <= widths[w],
                           kit_text("lines of %u characters at most", (unsigned)widths[w]),
                           "one of %zu in \"%s\"", length, text);
            }
        }
}

static void format_short(void) {
    static const uint32_t widths[] = {1, 5, 20};

    NEEDS(format);
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        struct question question = {.remote = kit_lab.good.items[i], .flags = WNFMT_ABBREVIATED};
        size_t whole = count(question.remote, strlen(question.remote));
        const char *text = text_of(ask_format, &question);

        kit_expect(count(text, strlen(text)) <= whole, "no longer than the name itself", "\"%s\"",
                   text);
        for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
            question.width = widths[w];
            text = text_of(ask_format, &question);
            kit_expect(count(text, strlen(text)) <= widths[w],
                       kit_text("%u characters at most", (unsigned)widths[w]), "\"%s\"", text);
        }
    }
}

const struct kit_check kit_checks_native_query[] = {
    {"USR-01", KIT_CAPABILITY, user_sizes,
     "user gives the whole name with its NUL, or ERROR_MORE_DATA for every buffer that is too "
     "small, and writes nothing outside",
     "A name that was cut short is another user.", "Windows: NPGetUser; mpr/provider.h, user"},
    {"USR-02", KIT_CAPABILITY, user_connects, "The user that a session has can connect again",
     "A connection that is restored is restored as him.", "mpr/provider.h, user: fit for connect"},
    {"PRF-01", KIT_CAPABILITY, plausible,
     "performance gives numbers that can be true, and leaves the structure's size",
     "A program chooses by them what it transfers.",
     "Windows: NPGetConnectionPerformance; mpr/provider.h, mpr_performance"},
    {"PRF-04", KIT_CAPABILITY, structure,
     "performance writes the members that it knows, and nothing behind them",
     "The host may be newer than the provider.", "mpr/provider.h, mpr_performance.size"},
    {"UNI-01", KIT_CAPABILITY, universal_names,
     "universal gives \\\\server\\share and the path behind it, a name of the same resource",
     "It is sent to other machines.", "Windows: NPGetUniversalName; mpr/provider.h, universal"},
    {"UNI-04", KIT_CAPABILITY, universal_sizes,
     "universal gives the whole name, or ERROR_MORE_DATA for every buffer that is too small, and "
     "writes nothing outside",
     "A name that was cut short is another file.",
     "mpr/provider.h, universal: ERROR_MORE_DATA (buffer is too small)"},
    {"UNI-09", KIT_CAPABILITY, universal_at_once,
     "universal looks at no network, also for servers that are silent",
     "It is asked for every line of a window.", "mpr/provider.h, universal: without I/O"},
    {"UNI-12", KIT_CAPABILITY, universal_long, "universal of a long path is whole, or is refused",
     "A path that was cut short is another file.", "mpr/provider.h, universal"},
    {"FMT-01", KIT_CAPABILITY, format_sizes,
     "format gives the whole text, or ERROR_MORE_DATA for every buffer that is too small, and "
     "writes nothing outside",
     "A window asks with what room it has.", "mpr/provider.h, format: ERROR_MORE_DATA"},
    {"FMT-02", KIT_CAPABILITY, format_lines, "With WNFMT_MULTILINE no line is longer than width",
     "It would not fit where it is shown.", "Windows: NPFormatNetworkName; mpr/provider.h, format"},
    {"FMT-03", KIT_CAPABILITY, format_short,
     "With WNFMT_ABBREVIATED the text has no more than width characters",
     "It would not fit where it is shown.", "Windows: NPFormatNetworkName; mpr/provider.h, format"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
