/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_names.c: recognise: which names are the provider's, by syntax alone,
 * and which of them are one resource.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_recognise.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_watch.h"

#define LEAK_MAX    16 /* bytes of a call: less than any object */
#define TIMED_CALLS 2000
#define TYPICAL_US  20
#define THREADS     8

/* The lab's names of resources that are there. */
static void each_good(void (*fn)(const char *name)) {
    for (size_t i = 0; i < kit_lab.good.count; i++)
        fn(kit_lab.good.items[i]);
}

/* Every name of the lab file that the provider takes or should take. */
static void each_own(void (*fn)(const char *name)) {
    const char *const names[] = {kit_lab.missing, kit_lab.refused, kit_lab.silent,
                                 kit_lab.unknown, kit_lab.server,  kit_lab.read_only,
                                 kit_lab.printer};

    each_good(fn);
    for (size_t i = 0; i < kit_lab.same.count; i++)
        fn(kit_lab.same.items[i]);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i])
            fn(names[i]);
}

static struct kit_seen take(const char *name) {
    struct kit_seen seen = kit_recognise(name);

    kit_expect(seen.taken == 1, "1: the name is the provider's", "0");
    return seen;
}

static void take_quietly(const char *name) {
    (void)take(name);
}

static void takes_good_names(void) {
    kit_native_open();
    each_own(take_quietly);
}

static void same_names_have_one_key(void) {
    if (!kit_lab.same.count)
        kit_skip("the lab file has no \"same\"");
    kit_native_open();
    for (size_t i = 0; i + 1 < kit_lab.same.count; i += 2) {
        struct kit_seen a = take(kit_lab.same.items[i]);
        struct kit_seen b = take(kit_lab.same.items[i + 1]);

        kit_expect(strcmp(a.as.key, b.as.key) == 0,
                   kit_text("the key of \"%s\", which is the same resource: \"%s\"",
                            kit_lab.same.items[i], a.as.key),
                   "\"%s\"", b.as.key);
        kit_expect(a.as.depth == b.as.depth, kit_text("the same depth, %u", (unsigned)a.as.depth),
                   "%u", (unsigned)b.as.depth);
    }
}

static void different_names_have_different_keys(void) {
    if (!kit_lab.different.count)
        kit_skip("the lab file has no \"different\"");
    kit_native_open();
    for (size_t i = 0; i + 1 < kit_lab.different.count; i += 2) {
        struct kit_seen a = kit_recognise(kit_lab.different.items[i]);
        struct kit_seen b = kit_recognise(kit_lab.different.items[i + 1]);

        kit_expect(!a.taken || !b.taken || strcmp(a.as.key, b.as.key) != 0,
                   kit_text("another key than that of \"%s\", which is another resource",
                            kit_lab.different.items[i]),
                   "\"%s\" for both", b.as.key);
    }
}

/* ---- names of others */

static void leave_names(const char *const *names, size_t count) {
    unsigned before = kit_network_calls();

    for (size_t i = 0; i < count; i++) {
        int64_t began = kit_ms();
        struct kit_seen seen = kit_recognise(names[i]);

        kit_within(began, KIT_AT_ONCE);
        kit_expect(!seen.taken, "0: the name is not the provider's", "1, and the key \"%s\"",
                   seen.as.key);
        kit_expect(kit_network_calls() == before, "no network: a name is recognised by its syntax",
                   "%s", kit_network_call());
    }
}

static void leaves_foreign_names(void) {
    kit_native_open();
    leave_names(kit_lab.foreign.items, kit_lab.foreign.count);
}

static void leaves_what_is_no_name(void) {
    static const char *const names[] = {
        "",   " ",    "\\",  "/",     "\\\\",  "//",   "\\\\\\", ".",       "..",         "Z:",
        "z:", "Z:\\", "Z:/", "Z:dir", "C:\\x", "LPT1", "LPT1:",  "\\\\\\x", "\\\\..\\..", "\n",
    };

    kit_native_open();
    leave_names(names, sizeof names / sizeof names[0]);
}

static void with_control(const char *name) {
    size_t length = strlen(name);
    char *text = malloc(length + 2);

    for (size_t at = 0; at <= length; at++)
        for (unsigned char c = 1; c <= 0x20; c++) {
            unsigned char control = c == 0x20 ? 0x7f : c;
            struct kit_seen seen;

            memcpy(text, name, at);
            text[at] = (char)control;
            memcpy(text + at + 1, name + at, length - at + 1);
            seen = kit_recognise(text);
            kit_expect(!seen.taken, "0: a name has no control characters",
                       "1 with character %u at byte %zu", control, at);
        }
    free(text);
}

static void leaves_control_characters(void) {
    kit_native_open();
    each_good(with_control);
}

/* ---- keys */

static void go_below(const char *name) {
    static const char *const components[] = {
        "sub",       "a", "0", "two words", "x.y", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9d\x84\x9e",
        "e\xcc\x81",
    };
    struct kit_seen top = take(name);

    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
        const char *below = kit_below(name, components[i]);
        struct kit_seen seen;

        if (!below)
            return;
        seen = take(below);
        kit_expect(strcmp(seen.as.key, kit_text("%s/%s", top.as.key, components[i])) == 0,
                   kit_text("the key of \"%s\", a '/', and the component: \"%s/%s\"", name,
                            top.as.key, components[i]),
                   "\"%s\"", seen.as.key);
        kit_expect(seen.as.depth == top.as.depth,
                   kit_text("the depth of the share, %u, as without the component",
                            (unsigned)top.as.depth),
                   "%u", (unsigned)seen.as.depth);
    }
}

static void keys_grow_by_components(void) {
    kit_native_open();
    each_good(go_below);
}

static void says_how_deep_and_what(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        struct kit_seen seen = take(kit_lab.good.items[i]);

        kit_expect(seen.as.depth > 0, "the depth of a share or export: 1 or more", "0");
        kit_expect(seen.as.type != RESOURCETYPE_PRINT || kit_table->print,
                   "no printer, as the provider prints nothing", "RESOURCETYPE_PRINT");
    }
    if (kit_lab.server)
        kit_expect(take(kit_lab.server).as.depth == 0, "depth 0 for a bare server", "%u",
                   (unsigned)take(kit_lab.server).as.depth);
    if (kit_lab.printer)
        kit_expect(take(kit_lab.printer).as.type != RESOURCETYPE_DISK,
                   "RESOURCETYPE_PRINT or _ANY for the lab's printer", "RESOURCETYPE_DISK");
}

static void once_more(const char *name) {
    struct kit_seen first = take(name), second;

    if (kit_lab.foreign.count)
        kit_recognise(kit_lab.foreign.items[0]);
    second = take(name);
    kit_expect(strcmp(first.as.key, second.as.key) == 0 && first.as.depth == second.as.depth
                   && first.as.type == second.as.type,
               kit_text("the same answer as before: \"%s\", depth %u, type %u", first.as.key,
                        (unsigned)first.as.depth, (unsigned)first.as.type),
               "\"%s\", depth %u, type %u", second.as.key, (unsigned)second.as.depth,
               (unsigned)second.as.type);
}

static void answers_the_same_again(void) {
    kit_native_open();
    each_own(once_more);
}

/* ---- what no name should be, and what a program may give all the same */

/* A component of so many bytes, which end in a letter of one's own. */
static char *long_name(const char *name, size_t bytes, char last) {
    const char *below = kit_below(name, "");
    size_t length = below ? strlen(below) : 0;
    char *text;

    if (!below || length + 2 > bytes)
        return NULL;
    text = malloc(bytes + 1);
    memcpy(text, below, length);
    memset(text + length, 'x', bytes - length);
    text[bytes - 1] = last;
    text[bytes] = '\0';
    return text;
}

static void lengthen(const char *name) {
    static const size_t sizes[] = {127,  128,  254,  255,  256,  257,  260,  261,   511,   512,
                                   1000, 1022, 1023, 1024, 1025, 2047, 4096, 32767, 33000, 65000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *a = long_name(name, sizes[i], 'a'), *b = long_name(name, sizes[i], 'b');
        int64_t began = kit_ms();

        if (a && b) {
            struct kit_seen first = kit_recognise(a), second = kit_recognise(b);

            kit_within(began, KIT_AT_ONCE);
            kit_expect(!first.taken || !second.taken || strcmp(first.as.key, second.as.key) != 0,
                       "0, or keys that differ as the names do in their last character",
                       "one key of %zu bytes for two names of %zu", strlen(first.as.key), sizes[i]);
        }
        free(a);
        free(b);
    }
}

static void long_names_are_whole(void) {
    kit_native_open();
    each_good(lengthen);
}

static void spoil(const char *name) {
    static const char *const bytes[] = {
        "\x80", "\xff", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"};

    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        const char *below = kit_below(name, bytes[i]);

        if (below)
            kit_recognise(below); /* finds a key that is no UTF-8 */
    }
}

static void keys_are_utf8(void) {
    kit_native_open();
    each_good(spoil);
}

static void cut(const char *name) {
    char *text = strdup(name);

    for (size_t length = strlen(name); length-- > 0;) {
        text[length] = '\0';
        kit_recognise(text);
    }
    free(text);
}

static void mutate(const char *name) {
    char *text = strdup(name);
    size_t length = strlen(name);
    struct kit_seen seen;

    for (size_t at = 0; at < length; at++)
        for (unsigned c = 1; c < 256; c++) {
            text[at] = (char)c;
            seen = kit_recognise(text);
            if (kit_table != kit_front)
                kit_expect(
                    kit_recognise_by(kit_table, kit_state_of_table, text).taken == seen.taken,
                    kit_text("%d, as from the module that describes the provider", seen.taken),
                    "%d", !seen.taken);
            text[at] = name[at];
        }
    free(text);
}

static void prefixes_do_no_harm(void) {
    kit_native_open();
    each_own(cut);
}

static void mutations_do_no_harm(void) {
    kit_native_open();
    each_good(mutate);
}

/* ---- the call */

static void two_modules(void) {
    if (kit_table == kit_front)
        kit_skip("the provider is one module");
}

static void compare_modules(const char *name) {
    struct kit_seen front = kit_recognise(name);
    struct kit_seen worker = kit_recognise_by(kit_table, kit_state_of_table, name);

    kit_expect(
        front.taken == worker.taken
            && (!front.taken
                || (strcmp(front.as.key, worker.as.key) == 0 && front.as.depth == worker.as.depth)),
        kit_text("as from the other module: %d, \"%s\", depth %u", front.taken,
                 front.taken ? front.as.key : "", (unsigned)front.as.depth),
        "%d, \"%s\", depth %u", worker.taken, worker.taken ? worker.as.key : "",
        (unsigned)worker.as.depth);
}

static void modules_agree(void) {
    kit_native_open();
    two_modules();
    each_own(compare_modules);
    for (size_t i = 0; i < kit_lab.foreign.count; i++)
        compare_modules(kit_lab.foreign.items[i]);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double time_one(const char *name) {
    static struct mpr_recognised ret = {.size = sizeof ret};
    struct timespec from, to;

    clock_gettime(CLOCK_MONOTONIC, &from);
    kit_front->recognise(kit_front_state, name, &ret);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

static void is_quick(void) {
    static double us[TIMED_CALLS];

    kit_native_open();
    for (size_t i = 0; i < TIMED_CALLS; i++)
        us[i] = time_one(kit_lab.good.items[i % kit_lab.good.count]);
    qsort(us, TIMED_CALLS, sizeof us[0], by_value);
    kit_note("%.2f us, the median of %d calls", us[TIMED_CALLS / 2], TIMED_CALLS);
    kit_expect(us[TIMED_CALLS / 2] < (double)kit_limit(TYPICAL_US),
               kit_text("at most %lld us in the median", (long long)kit_limit(TYPICAL_US)),
               "%.1f us", us[TIMED_CALLS / 2]);
}

static void recognise_all(void *context) {
    (void)context;
    each_own(take_quietly);
    kit_recognise(kit_lab.foreign.items[0]);
}

static void leaves_nothing(void) {
    struct kit_state before;
    unsigned calls;
    size_t leak;

    kit_native_open();
    recognise_all(NULL);
    before = kit_state();
    calls = kit_network_calls();
    leak = kit_leak(recognise_all, NULL, kit_rounds(200));
    kit_expect(leak < LEAK_MAX, "no memory kept by recognise", "%zu bytes of a round", leak);
    kit_state_same(&before, "after recognise");
    kit_expect(kit_network_calls() == calls, "no network for the provider's own names either", "%s",
               kit_network_call());
    kit_expect(kit_told().errors == 0, "no call of set_error by recognise", "%u",
               kit_told().errors);
}

static void recognise_some(void *context, unsigned number) {
    (void)context;
    for (unsigned i = 0; i < kit_rounds(200); i++) {
        size_t n = (i + number) % kit_lab.good.count;
        const char *below = kit_below(kit_lab.good.items[n], kit_text("t%u", number));
        struct kit_seen seen = take(below ? below : kit_lab.good.items[n]);
        const char *end = kit_text("/t%u", number);
        size_t length = strlen(seen.as.key);

        kit_expect(
            !below
                || (length > strlen(end) && strcmp(seen.as.key + length - strlen(end), end) == 0),
            kit_text("a key that ends in \"%s\", as this thread's name", end), "\"%s\"",
            seen.as.key);
    }
}

static void threads_do_not_mix(void) {
    kit_native_open();
    if (!(kit_front->flags & MPR_PROVIDER_THREADSAFE))
        kit_skip("the provider gets one call at a time");
    kit_threads(THREADS, recognise_some, NULL);
}

#define HEADER "mpr/provider.h, recognise"
#define RULES  "mpr/provider.h, struct mpr_recognised"
#define HOSTS  "own decision"

const struct kit_check kit_checks_native_names[] = {
    {"NAM-01", KIT_MUST, takes_good_names, "Every name of the provider is recognised",
     "The router asks a provider about no name that it does not recognise.", HEADER},
    {"NAM-02", KIT_MUST, same_names_have_one_key, "Two spellings of one resource have one key",
     "The router finds a connection by its key, however its name is written.", RULES},
    {"NAM-03", KIT_MUST, different_names_have_different_keys,
     "Two resources have different keys, however much alike their names look",
     "With one key for both the router would break or use the wrong connection.", RULES},
    {"ADD-01", KIT_MUST, leaves_foreign_names,
     "A name of another provider is left alone, at once and without any network",
     "Providers that look up every name, or take every name, delay and break those after them.",
     HEADER},
    {"ADD-02", KIT_MUST, leaves_what_is_no_name,
     "What is no remote name is left alone: empty texts, lone separators, drives, devices",
     "Devices are the router's; who takes them answers for what is not his.", HOSTS},
    {"NAM-04", KIT_MUST, leaves_control_characters, "A name with control characters is left alone",
     "They would reach texts, terminals and servers.", HOSTS},
    {"NAM-05", KIT_MUST, keys_grow_by_components,
     "The key of a name with one more component is the key, '/', and that component",
     "The router finds the connection that a path is below by cutting the path's key.", RULES},
    {"NAM-06", KIT_MUST, says_how_deep_and_what,
     "depth is 0 for a bare server and more for a share, and type fits the resource",
     "The router takes a server for a container, and a printer for no drive.", RULES},
    {"NAM-07", KIT_MUST, answers_the_same_again, "The answer to a name is always the same",
     "A connection is looked up by the key that it was made with.", HEADER},
    {"ADD-27", KIT_MUST, long_names_are_whole,
     "A name that is too long is left alone: none is cut, at any length from 127 to 65000 bytes",
     "Two names that are cut to one key are taken for one resource.", RULES},
    {"ADD-25", KIT_MUST, keys_are_utf8, "A key is UTF-8, whatever the name is",
     "Keys are compared, written and shown as UTF-8.", "mpr/provider.h, rule 3"},
    {"NAM-08", KIT_MUST, prefixes_do_no_harm, "Every beginning of a name gets a sound answer",
     "Names come from users; none may be read past its end.", HEADER},
    {"NAM-09", KIT_MUST, mutations_do_no_harm,
     "A name with any one byte changed gets a sound answer",
     "Names come from users; none may crash the program that asks.", HEADER},
    {"NAM-10", KIT_MUST, modules_agree, "Module and worker module recognise the same names alike",
     "The router asks the one and connects with the other.", "mpr-providers.d(5), worker_module"},
    {"NAM-11", KIT_SHOULD, is_quick, "recognise takes microseconds",
     "It is called for every name, of every provider, each time.", HEADER},
    {"NAM-12", KIT_MUST, leaves_nothing,
     "recognise keeps no memory, descriptor or thread, touches no network and explains nothing",
     "It is called by every program, also for what is somebody else's.", HEADER},
    {"NAM-13", KIT_MUST, threads_do_not_mix,
     "Threads that ask at the same time get their own answers",
     "A module that says it is thread-safe is called so.", "mpr/provider.h, Threads"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
