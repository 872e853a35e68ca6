/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_disconnect.c: disconnect: what it ends, and what it waits for.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_ops.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_state.h"

#define FORCED_MS 2000
#define LATE_MS   1000
#define SOON_MS   1000
#define LEAK_MAX  1024
#define TEXT      "what was written before"

/* One disconnect, with its bounds: of so many milliseconds, cancelled after cancel_ms or never. */
static uint32_t end_session(void *session, int force, int ms, int cancel_ms) {
    struct mpr_call call = kit_call(ms);
    struct kit_timer timer;
    int64_t began = kit_ms();
    uint32_t code;

    kit_doing("disconnect, %sforced, with %d ms", force ? "" : "not ", ms);
    kit_timer_begin(&timer, &call, cancel_ms);
    code = kit_table->disconnect(session, &call, force);
    kit_within(began, force ? FORCED_MS : (cancel_ms >= 0 ? cancel_ms : ms > 0 ? ms : 0) + LATE_MS);
    kit_timer_end(&timer);
    close(call.cancel_fd);
    kit_expect(kit_code_known(code), "a Win32 code", "%s", kit_code_name(code));
    return code;
}

static void must_end(void *session, int ms) {
    KIT_CODES(end_session(session, 0, ms, -1), NO_ERROR);
}

/* ---- the server answers */

static void leaves_nothing(void) {
    struct kit_state before;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0))); /* what is made once is there now */
    before = kit_state_settled();
    for (size_t i = 0; i < kit_lab.good.count; i++) {
        kit_disconnect(kit_connect_good(kit_lab.good.items[i]));
        kit_state_same(&before, "after a disconnect that succeeded");
    }
}

static void connects_again_at_once(void) {
    kit_native_open();
    for (int i = 0; i < 3; i++) {
        int64_t began = kit_ms();
        void *session = kit_connect_good(kit_good(0));
        const char *ailment;

        kit_within(began, SOON_MS);
        ailment = kit_ailment(session);
        kit_expect(!ailment, "a session that works, directly after another was ended", "%s",
                   ailment);
        kit_disconnect(session);
    }
}

static void connect_and_end(void *context) {
    (void)context;
    kit_disconnect(kit_connect_good(kit_good(0)));
}

static void does_not_leak(void) {
    struct kit_state before;
    size_t leak;

    kit_native_open();
    connect_and_end(NULL);
    before = kit_state_settled();
    leak = kit_leak(connect_and_end, NULL, kit_rounds(100));
    kit_note("%zu bytes each", leak);
    kit_expect(leak < LEAK_MAX,
               kit_text("less than %d bytes kept of a session that was ended", LEAK_MAX),
               "%zu bytes of each", leak);
    kit_state_same(&before, "after many sessions");
}

/* ---- files are open */

/* A session with a file that holds TEXT. */
static void open_file(struct kit_ops *ops) {
    struct mpr_call call = kit_call(5000);
    int64_t rc;

    KIT_NEEDS(pwrite);
    kit_ops_open(ops, kit_connect_good(kit_good(0)));
    if (!ops->file)
        kit_skip("no file can be opened for writing in \"%s\"", kit_good(0));
    kit_doing("pwrite");
    rc = kit_table->pwrite(ops->session, &call, ops->file, TEXT, sizeof TEXT, 0);
    kit_expect(rc == sizeof TEXT, kit_text("%zu bytes written", sizeof TEXT), "%lld",
               (long long)rc);
    close(call.cancel_fd);
}

static void must_still_hold(const struct kit_ops *ops) {
    struct mpr_call call = kit_call(5000);
    char data[sizeof TEXT] = "";
    int64_t rc;

    kit_doing("pread of the open file, after disconnect was refused");
    rc = kit_table->pread(ops->session, &call, ops->file, data, sizeof data, 0);
    kit_expect(rc == sizeof data && memcmp(data, TEXT, sizeof data) == 0,
               "the file as before: the disconnect was refused", "%lld bytes", (long long)rc);
    close(call.cancel_fd);
}

static void remove_file(const char *name) {
    void *session = kit_connect_good(kit_good(0));
    struct mpr_call call = kit_call(5000);

    if (kit_table->unlink)
        kit_table->unlink(session, &call, kit_ro(name));
    close(call.cancel_fd);
    kit_disconnect(session);
}

static void keeps_or_ends_open_files(void) {
    struct kit_state before;
    struct kit_ops ops;
    char name[sizeof ops.name];

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    open_file(&ops);
    memcpy(name, ops.name, sizeof name);
    if (end_session(ops.session, 0, 5000, -1) != NO_ERROR) {
        must_still_hold(&ops);
        kit_ops_close(&ops);
        kit_disconnect(ops.session);
        return;
    }
    kit_state_same(&before, "after a disconnect with an open file");
    remove_file(name);
}

static void forces_open_files(void) {
    struct kit_state before;
    struct kit_ops ops;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    open_file(&ops);
    end_session(ops.session, 1, 5000, -1);
    kit_state_same(&before, "after a forced disconnect with an open file");
    remove_file(ops.name);
}

/* ---- the server does not answer */

static void ends_when_server_is_gone(void) {
    struct kit_state before;
    void *session;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_relay_name()));
    before = kit_state_settled();
    session = kit_connect_good(kit_relay_name());
    kit_relay_cut();
    must_end(session, 2000);
    kit_state_same(&before, "after the server had cut the connection");
    session = kit_connect_good(kit_relay_name());
    kit_relay_refuse();
    must_end(session, 2000);
    kit_state_same(&before, "after the server had gone and did not come back");
}

static void ends_when_server_is_silent(void) {
    struct kit_state before;
    void *session;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    session = kit_stall_connect();
    kit_stall_begin();
    before = kit_state();
    must_end(session, 500);
    if (kit_state().descriptors > before.descriptors || kit_state().threads > before.threads)
        kit_state_same(&before, "after a disconnect from a silent server");
}

static void ends_late(void) {
    void *session;

    kit_native_open();
    session = kit_stall_connect();
    kit_stall_begin();
    must_end(session, -100);
}

static void *cut_soon(void *nothing) {
    kit_sleep(50);
    kit_relay_cut();
    return nothing;
}

static void survives_a_cut_meanwhile(void) {
    struct kit_state before;
    pthread_t thread;
    void *session;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_relay_name()));
    before = kit_state_settled();
    session = kit_connect_good(kit_relay_name());
    kit_relay_silence();
    if (pthread_create(&thread, NULL, cut_soon, NULL))
        kit_broken("no thread can be started");
    must_end(session, 3000);
    pthread_join(thread, NULL);
    kit_relay_resume();
    kit_state_same(&before, "after the connection was cut during disconnect");
}

static void gives_up_or_ends(void) {
    struct kit_state before;
    void *session;
    uint32_t code;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    session = kit_stall_connect();
    kit_stall_begin();
    code = end_session(session, 0, 20000, 100);
    if (code == NO_ERROR)
        return;
    KIT_CODES(code, ERROR_CANCELLED);
    if (kit_lab.relay_name) {
        const char *ailment;

        kit_relay_resume();
        ailment = kit_ailment(session);
        kit_expect(!ailment, "the session as before: its end was given up", "%s", ailment);
    }
    end_session(session, 1, 2000, -1);
    kit_state_same(&before, "after a forced disconnect");
}

static void forces_silent_servers(void) {
    struct kit_state before;
    struct kit_ops ops;

    kit_native_open();
    kit_disconnect(kit_connect_good(kit_good(0)));
    before = kit_state_settled();
    kit_ops_open(&ops, kit_stall_connect());
    kit_stall_begin();
    end_session(ops.session, 1, 20000, -1);
    before.sessions = kit_state().sessions; /* what the relay holds is not the provider's */
    kit_state_same(&before, "after a forced disconnect from a silent server");
}

static void says_that_it_was_lost(void) {
    struct mpr_call call;
    struct mpr_stat found;
    void *session;

    kit_native_open();
    KIT_NEEDS(stat);
    session = kit_connect_good(kit_relay_name());
    kit_relay_refuse();
    call = kit_call(500);
    kit_doing("stat(\"\") after the server had gone");
    kit_table->stat(session, &call, "", &found);
    kit_expect(kit_told().lost > 0, "a call of connection_lost", "none");
    end_session(session, 1, 2000, -1);
}

#define DISCONNECT "mpr/provider.h, disconnect"

const struct kit_check kit_checks_native_disconnect[] = {
    {"CAN-01", KIT_MUST, leaves_nothing,
     "A disconnect that succeeds leaves no descriptor, thread or session on the server",
     "A session is over when disconnect returned, not later.", DISCONNECT},
    {"CAN-30", KIT_MUST, connects_again_at_once,
     "A resource connects again directly after its disconnect",
     "A drive that is disconnected is often connected anew by the next line of a script.",
     DISCONNECT},
    {"CAN-22", KIT_MUST, does_not_leak, "Many sessions, one after the other, keep no memory",
     "Services connect and disconnect for months.", "own decision"},
    {"CAN-15", KIT_MUST, keeps_or_ends_open_files,
     "A disconnect with an open file ends both, or is refused and leaves both as they were",
     "Half of a session is of no use to anybody.", DISCONNECT},
    {"CAN-16", KIT_MUST, forces_open_files,
     "A forced disconnect ends the session and its open files",
     "Force is there for programs that do not let go.", DISCONNECT},
    {"CAN-23", KIT_MUST, ends_when_server_is_gone,
     "A session whose server is gone is ended like any other",
     "A dead server is no reason to keep a drive.", DISCONNECT},
    {"DIS-01", KIT_MUST, ends_when_server_is_silent,
     "A session whose server is silent is ended within a second after the deadline",
     "A silent server is no reason to keep a drive.", DISCONNECT},
    {"DIS-02", KIT_MUST, ends_late,
     "A disconnect whose deadline has passed ends the session at once, also from a silent server",
     "The time may be over before it is the provider's turn.", "mpr/provider.h, rule 1"},
    {"CAN-25", KIT_MUST, survives_a_cut_meanwhile,
     "A connection that is cut during disconnect is ended all the same",
     "The session is to be there or gone, never half.", DISCONNECT},
    {"DIS-03", KIT_MUST, gives_up_or_ends,
     "A disconnect that is given up ends within a second: the session is gone, or as before",
     "Who gives up must know what he has.", DISCONNECT},
    {"CAN-18", KIT_MUST, forces_silent_servers,
     "A forced disconnect returns within two seconds though the server is silent, and all is gone",
     "One dead server must not hold up whoever wants to be rid of it.", DISCONNECT},
    {"DIS-04", KIT_SHOULD, says_that_it_was_lost,
     "A session that is found lost is told to the host by connection_lost",
     "Who watches a drive learns that it is gone.", "mpr/provider.h, mpr_host.connection_lost"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
