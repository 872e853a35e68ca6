/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_connect.c: connect: what it answers when it works, and when it cannot.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_recognise.h"
#include "tools/conformance/kit_state.h"

#define REFUSED_MS 2000
#define LATE_MS    1000 /* that a call may take after its end */
#define LEAK_MAX   1024 /* bytes of a connect that are no leak: caches settle slowly */

/* Makes it; MPR_DONE is expected, and disconnected again. */
static void connect_and_leave(const struct kit_attempt *attempt, const char *why) {
    struct kit_connected got = kit_attempt(attempt);

    if (got.answer != MPR_DONE)
        kit_fail(kit_text("MPR_DONE: %s", why), "answer %d, %s, and the words: %s", (int)got.answer,
                 kit_code_name(got.code), kit_told().text);
    kit_disconnect(got.session);
}

static void must_be(const struct kit_connected *got, enum mpr_answer answer) {
    static const char *const names[] = {"MPR_DONE", "MPR_NOT_MINE", "MPR_MINE_FAILED"};

    kit_answer_sound(got->answer, got->code);
    if (got->answer != answer)
        kit_fail(names[answer], "%s with %s", names[got->answer], kit_code_name(got->code));
}

static void must_explain(const char *what) {
    if (!kit_told().errors)
        kit_fail(kit_text("set_error, which says that %s", what), "it was not called");
}

/* ---- it works */

static void connects(void) {
    kit_native_open();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        struct kit_attempt attempt = kit_attempt_good(kit_lab.good.items[i]);

        connect_and_leave(&attempt, "this is a good name");
    }
}

static void writes_to_nothing(void) {
    struct kit_attempt attempt;

    kit_native_open();
    attempt = kit_attempt_good(kit_good(0)); /* of which all is read-only */
    attempt.type = RESOURCETYPE_DISK;
    attempt.device = "Z:";
    connect_and_leave(&attempt, "the lab's first good name is a disk resource");
}

static void takes_device_for_texts(void) {
    const char *const devices[] = {NULL, "Z:", "A:"};
    const uint32_t types[] = {RESOURCETYPE_ANY, RESOURCETYPE_DISK};

    kit_native_open();
    for (size_t i = 0; i < 6; i++) {
        struct kit_attempt attempt = kit_attempt_good(kit_good(0));

        attempt.device = devices[i % 3];
        attempt.type = types[i / 3];
        connect_and_leave(&attempt, "with any device, or none, and as ANY or DISK");
    }
}

static void connects_twice(void) {
    const char *ailment;
    void *first, *second;

    kit_native_open();
    first = kit_connect_good(kit_good(0));
    second = kit_connect_beside(kit_good(0));
    kit_expect(first != second, "two sessions", "one, twice");
    kit_disconnect(first);
    ailment = kit_ailment(second);
    kit_expect(!ailment, "the second session as good as before the first was ended", "%s", ailment);
    kit_disconnect(second);
}

static void keeps_sessions_apart(void) {
    const char *ailment;
    void *first, *second;

    kit_native_open();
    first = kit_connect_good(kit_good(0));
    second = kit_connect_beside(kit_good(1));
    kit_disconnect(first);
    ailment = kit_ailment(second);
    kit_expect(!ailment, "a session with another resource untouched by a disconnect", "%s",
               ailment);
    kit_disconnect(second);
}

static void connects_below(void) {
    struct mpr_call call = {0};
    struct kit_attempt attempt;
    const char *name, *below;
    void *session;
    int rc;

    kit_native_open();
    KIT_NEEDS(mkdir);
    KIT_NEEDS(rmdir);
    name = kit_ro(kit_text("kit-below-%d", (int)getpid()));
    below = kit_below(kit_good(0), name);
    if (!below)
        kit_skip("nothing can be below \"%s\"", kit_good(0));
    session = kit_connect_good(kit_good(0));
    call = kit_call(5000);
    kit_doing("mkdir(\"%s\")", name);
    rc = kit_table->mkdir(session, &call, name, 0700);
    if (rc)
        kit_skip("no directory can be made in \"%s\": %s", kit_good(0), strerror(-rc));
    kit_disconnect(session);
    attempt = kit_attempt_good(below);
    connect_and_leave(&attempt, "the directory was made a moment before");
    session = kit_connect_good(kit_good(0));
    rc = kit_table->rmdir(session, &call, name);
    kit_expect(rc == 0, "0: the directory is removed", "%s", strerror(-rc));
    attempt = kit_attempt_good(below);
    kit_disconnect(session);
    kit_expect(kit_attempt(&attempt).answer == MPR_MINE_FAILED,
               "MPR_MINE_FAILED: there is no such directory any more", "another answer");
}

/* ---- what it is told, and need not understand */

static void ignores_flags(void) {
    const uint32_t meant = CONNECT_INTERACTIVE | CONNECT_PROMPT | CONNECT_DEFERRED;

    kit_native_open();
    for (unsigned bit = 0; bit < 32; bit++) {
        struct kit_attempt attempt = kit_attempt_good(kit_good(0));

        attempt.flags = 1u << bit;
        if (!(attempt.flags & meant))
            connect_and_leave(&attempt, "flags that a provider does not know are ignored");
    }
}

static void takes_any_options(void) {
    kit_native_open();
    for (size_t size = 1; size <= 64; size = size * 2 + 1) {
        struct kit_attempt attempt = kit_attempt_good(kit_good(0));
        unsigned char options[64];
        struct kit_connected got;

        memset(options, (int)(0xff - size), sizeof options);
        attempt.use_options = kit_read_only(options, size);
        attempt.use_options_size = size;
        got = kit_attempt(&attempt);
        kit_answer_sound(got.answer, got.code);
        if (got.answer == MPR_DONE)
            kit_disconnect(got.session);
    }
}

static void works_without_cancel(void) {
    struct kit_attempt attempt;

    kit_native_open();
    attempt = kit_attempt_good(kit_good(0));
    attempt.no_cancel = true;
    connect_and_leave(&attempt, "cancel_fd may be -1");
}

static void knows_the_type(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    kit_native_open();
    attempt = kit_attempt_good(kit_good(0));
    attempt.type = RESOURCETYPE_PRINT;
    got = kit_attempt(&attempt);
    kit_answer_sound(got.answer, got.code);
    kit_expect(got.answer != MPR_DONE, "a failure: this is no printer", "MPR_DONE");
    KIT_CODES(got.code, ERROR_BAD_DEV_TYPE, ERROR_BAD_NET_NAME, ERROR_NOT_SUPPORTED);
}

static void defers_if_it_says_so(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    kit_native_open();
    attempt = kit_attempt_good(kit_good(0));
    attempt.flags = CONNECT_DEFERRED;
    connect_and_leave(&attempt, "a good name, and CONNECT_DEFERRED");
    if (kit_table->flags & MPR_PROVIDER_DEFERS)
        return;
    attempt = kit_attempt_good(kit_need(kit_lab.missing, "missing"));
    attempt.flags = CONNECT_DEFERRED;
    got = kit_attempt(&attempt);
    kit_expect(got.answer == MPR_MINE_FAILED,
               "MPR_MINE_FAILED: a provider without MPR_PROVIDER_DEFERS connects at once",
               "answer %d", (int)got.answer);
}

static void serves_other_users(void) {
    struct kit_attempt attempt;
    struct kit_connected got;
    uid_t before;

    kit_native_open();
    before = geteuid();
    attempt = kit_attempt_good(kit_good(0));
    attempt.as_nobody = true;
    got = kit_attempt(&attempt);
    kit_answer_sound(got.answer, got.code);
    kit_expect(geteuid() == before, "the process's user unchanged", "user %u", geteuid());
    if (got.answer == MPR_DONE)
        kit_disconnect(got.session);
}

/* ---- it fails */

static void names_what_is_missing(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    kit_native_open();
    attempt = kit_attempt_good(kit_need(kit_lab.missing, "missing"));
    got = kit_attempt(&attempt);
    must_be(&got, MPR_MINE_FAILED);
    KIT_CODES(got.code, ERROR_BAD_NET_NAME, ERROR_ACCESS_DENIED, ERROR_EXTENDED_ERROR);
    must_explain("there is no such share or export");
}

static void no_server(const char *name, int ms, const char *what) {
    struct kit_attempt attempt = kit_attempt_good(name);
    int64_t began = kit_ms();
    struct kit_connected got = kit_attempt(&attempt);

    kit_within(began, ms);
    must_be(&got, MPR_NOT_MINE);
    KIT_CODES(got.code, ERROR_BAD_NETPATH);
    must_explain(what);
}

static void leaves_hosts_that_refuse(void) {
    kit_native_open();
    no_server(kit_need(kit_lab.refused, "refused"), REFUSED_MS, "the host refused");
}

static void leaves_unknown_hosts(void) {
    kit_native_open();
    no_server(kit_need(kit_lab.unknown, "unknown"), kit_connect_ms() + LATE_MS,
              "there is no such host");
}

static void leaves_silent_hosts(void) {
    struct kit_attempt attempt;
    struct kit_connected got;
    struct kit_state before;
    int64_t began;

    kit_native_open();
    attempt = kit_attempt_good(kit_silent_name());
    attempt.ms = 400;
    before = kit_state_settled();
    began = kit_ms();
    got = kit_attempt(&attempt);
    kit_within(began, attempt.ms + LATE_MS);
    must_be(&got, MPR_NOT_MINE);
    KIT_CODES(got.code, ERROR_BAD_NETPATH);
    must_explain("the host did not answer");
    kit_sleep(200);
    kit_state_same(&before, "after a connect to a silent host was given up");
}

static void leaves_nothing_after_failure(void) {
    struct kit_failing failing[KIT_FAILING_MAX];
    struct kit_state before;
    size_t count;

    kit_native_open();
    count = kit_failing(failing);
    for (size_t i = 0; i < count; i++)
        kit_must_fail(&failing[i]); /* what is made once, as the resolver's state, is there now */
    before = kit_state_settled();
    for (size_t i = 0; i < count; i++) {
        kit_must_fail(&failing[i]);
        kit_state_same(&before, kit_text("after a connect that failed: %s", failing[i].kind));
    }
}

static void writes_results_on_success_only(void) {
    struct kit_failing failing[KIT_FAILING_MAX];
    size_t count;

    kit_native_open();
    count = kit_failing(failing);
    for (size_t i = 0; i < count; i++)
        kit_expect(!kit_must_fail(&failing[i]).touched, "*ret_session untouched by a failure",
                   "it was written (%s)", failing[i].kind);
}

static void fail_once(void *context) {
    kit_must_fail(context);
}

static void does_not_leak_failing(void) {
    struct kit_failing failing[KIT_FAILING_MAX];
    struct kit_state before;
    size_t leak;

    kit_native_open();
    kit_failing(failing);
    fail_once(&failing[0]);
    before = kit_state_settled();
    leak = kit_leak(fail_once, &failing[0], kit_rounds(50));
    kit_expect(leak < LEAK_MAX, kit_text("less than %d bytes kept of a failed connect", LEAK_MAX),
               "%zu bytes each", leak);
    kit_state_same(&before, "after many connects that failed");
}

/* ---- it is to stop */

static void ends_in_time(void) {
    struct kit_attempt attempt;
    struct kit_connected got;
    int64_t began;

    kit_native_open();
    attempt = kit_attempt_good(kit_silent_name());
    attempt.ms = -100;
    began = kit_ms();
    got = kit_attempt(&attempt);
    kit_within(began, LATE_MS);
    must_be(&got, MPR_NOT_MINE);
    KIT_CODES(got.code, ERROR_BAD_NETPATH);
}

static void give_up(int cancel_ms) {
    struct kit_attempt attempt;
    struct kit_connected got;
    int64_t began;

    kit_native_open();
    attempt = kit_attempt_good(kit_silent_name());
    attempt.ms = 20000;
    attempt.cancel_ms = cancel_ms;
    began = kit_ms();
    got = kit_attempt(&attempt);
    kit_within(began, (cancel_ms > 0 ? cancel_ms : 0) + LATE_MS);
    must_be(&got, MPR_MINE_FAILED);
    KIT_CODES(got.code, ERROR_CANCELLED);
    kit_expect(!got.touched, "*ret_session untouched", "it was written");
}

static void gives_up_when_told_before(void) {
    give_up(-1);
}

static void gives_up_when_told(void) {
    give_up(100);
}

#define CONNECT "mpr/provider.h, connect"
#define RULE1   "mpr/provider.h, rule 1"
#define RULE2   "mpr/provider.h, rule 2"
#define ARGS    "mpr/provider.h, struct mpr_connect"

const struct kit_check kit_checks_native_connect[] = {
    {"CON-01", KIT_MUST, connects, "Every good name connects, and disconnects",
     "This is what a provider is for.", CONNECT},
    {"ADD-18", KIT_MUST, writes_to_nothing, "connect writes to nothing that it is given",
     "Arguments are the caller's, and may stand in read-only memory.", CONNECT},
    {"ADD-10", KIT_MUST, takes_device_for_texts,
     "A name connects with any device or none, as ANY or DISK",
     "Devices are the router's; a provider gets them for its texts only.", ARGS},
    {"ADD-11", KIT_MUST, connects_twice, "A resource that is connected connects once more",
     "Each connection of the router has a session; ending one must not end another.", CONNECT},
    {"CON-02", KIT_MUST, keeps_sessions_apart, "Two resources are connected independently",
     "Ending one session must not end another.", CONNECT},
    {"CON-03", KIT_SHOULD, connects_below,
     "A directory below a good name connects, and does not when it is gone",
     "A drive may be any directory of a share.",
     "mpr/provider.h, recognise: with more components than a share has"},
    {"AD3-01", KIT_MUST, ignores_flags, "Flags that a provider does not know are ignored",
     "The router passes on what programs of tomorrow say.", "Windows: NPAddConnection3"},
    {"CON-04", KIT_MUST, takes_any_options, "use_options of any bytes get a sound answer",
     "They come from the program as they are.", ARGS},
    {"CON-05", KIT_MUST, works_without_cancel, "A call that cannot be given up connects",
     "cancel_fd is -1 where nobody could give up.", "mpr/provider.h, struct mpr_call"},
    {"ADD-12b", KIT_SHOULD, knows_the_type, "A disk resource does not connect as a printer",
     "Programs choose by type what they may do.", "Windows: NPAddConnection, WN_BAD_DEV_TYPE"},
    {"AD3-07", KIT_MUST, defers_if_it_says_so,
     "CONNECT_DEFERRED is understood by providers that say so, and ignored by others",
     "What connects later must say so, or a failure comes when nobody expects it.",
     "mpr/provider.h, MPR_PROVIDER_DEFERS"},
    {"CON-06", KIT_MUST, serves_other_users,
     "A caller who is another user gets a sound answer, and the process keeps its own",
     "The service connects for users; who it is itself must not change.",
     "mpr/provider.h, struct mpr_call"},
    {"ADD-20", KIT_MUST, names_what_is_missing,
     "A resource that a good server lacks is the provider's own failure, explained",
     "Nobody else can have it, and the user must learn that it is not the network.", CONNECT},
    {"ADD-21", KIT_MUST, leaves_hosts_that_refuse,
     "A host that refuses is left to other providers, within two seconds, explained",
     "The name may be another provider's, who must not wait for this one.", CONNECT},
    {"CON-07", KIT_MUST, leaves_unknown_hosts,
     "A host that does not exist is left to other providers in time, explained",
     "The name may be another provider's.", CONNECT},
    {"ADD-22", KIT_MUST, leaves_silent_hosts,
     "A silent host is left to other providers within a second after the deadline, explained, "
     "and nothing comes up later",
     "Errors that come late, and drives that appear after an error, are what users report most.",
     CONNECT},
    {"ADD-23", KIT_MUST, leaves_nothing_after_failure,
     "A connect that fails leaves no descriptor, thread or session on the server",
     "Who tries again and again would run out of them.", RULE2},
    {"CON-08", KIT_MUST, writes_results_on_success_only,
     "A connect that fails leaves *ret_session as it was",
     "The host would take what stands there for a session.", RULE2},
    {"CON-09", KIT_MUST, does_not_leak_failing, "Connects that fail keep no memory",
     "Drives are tried again by programs that run for weeks.", "own decision"},
    {"CON-10", KIT_MUST, ends_in_time,
     "A connect whose deadline has passed ends at once, as with a silent host",
     "The time may be over before it is the provider's turn.", RULE1},
    {"CON-11", KIT_MUST, gives_up_when_told_before,
     "A connect that is given up before it begins ends at once with ERROR_CANCELLED",
     "The user may be quicker than the router.", RULE1},
    {"CON-12", KIT_MUST, gives_up_when_told,
     "A connect that is given up meanwhile ends within a second with ERROR_CANCELLED",
     "Nobody waits for a dead server who said that he would not.", RULE1},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
