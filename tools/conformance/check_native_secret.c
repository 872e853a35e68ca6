/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_secret.c: where the password goes, and what remains of it.
 */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_attempt.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_secret.h"

/* Opens the module when no copy of the password is left but what its own options hold. */
static void begin(const char *password) {
    kit_need(kit_lab.user, "user");
    kit_secret_hide(password);
    kit_native_open();
}

static struct kit_attempt attempt_at(const char *remote) {
    return (struct kit_attempt){.remote = remote, .user = kit_lab.user};
}

static void must_not_be_in(const char *text, const char *what) {
    kit_expect(!kit_secret_is_in(text, strlen(text)), kit_text("%s without the password", what),
               "it is there");
}

static void must_not_be_in_file(const char *path) {
    static char data[65536];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read(fd, data, sizeof data);

    if (fd >= 0)
        close(fd);
    kit_expect(size <= 0 || !kit_secret_is_in(data, (size_t)size),
               kit_text("%s without the password", path), "it is there");
}

static void look_everywhere(void) {
    must_not_be_in(kit_told().text, "the text of set_error");
    must_not_be_in(kit_logged(), "the log");
    must_not_be_in(kit_question(), "a question to the user");
    must_not_be_in_file("/proc/self/environ");
    must_not_be_in_file("/proc/self/cmdline");
    for (char **entry = environ; entry && *entry; entry++)
        must_not_be_in(*entry, "the environment");
}

static void try_all(void) {
    const char *const names[] = {kit_lab.login, kit_lab.missing, kit_lab.refused, kit_lab.unknown};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct kit_attempt attempt = attempt_at(names[i]);
        struct kit_connected got;

        if (!names[i])
            continue;
        got = kit_attempt(&attempt);
        look_everywhere();
        if (got.answer == MPR_DONE) {
            kit_ailment(got.session);
            kit_disconnect(got.session);
        }
        look_everywhere();
    }
}

static void tells_nobody(void) {
    begin(kit_need(kit_lab.password, "password"));
    try_all();
}

static void tells_nobody_a_wrong_one(void) {
    begin(kit_need(kit_lab.wrong_password, "wrong_password"));
    try_all();
}

static void wipes_its_buffer(void) {
    struct kit_attempt attempt;
    struct kit_connected got;

    begin(kit_need(kit_lab.password, "password"));
    attempt = attempt_at(kit_lab.login);
    got = kit_attempt(&attempt);
    if (!kit_told().secrets)
        kit_skip("the provider asks for no password");
    kit_expect(!kit_secret_is_left(), "the buffer of secret() wiped before connect returns",
               "the password is still there");
    if (got.answer == MPR_DONE)
        kit_disconnect(got.session);
}

static void must_be_gone(size_t before, const char *after) {
    const char *where;
    size_t copies = kit_secret_copies(&where);

    kit_expect(copies <= before,
               kit_text("no copy of the password in memory %s that was not there before", after),
               "%zu of them, the last at %s", copies - before, where);
}

static void keeps_no_copy(void) {
    struct kit_attempt attempt;
    struct kit_connected got;
    const char *where;
    size_t before;

    begin(kit_need(kit_lab.password, "password"));
    if (kit_table->flags & MPR_PROVIDER_OWN_PROCESS)
        kit_skip("the module's process ends with the connection, and its memory with it");
    before = kit_secret_copies(&where);
    attempt = attempt_at(kit_lab.login);
    got = kit_attempt(&attempt);
    if (got.answer != MPR_DONE)
        kit_fail("MPR_DONE with the lab's password", "%s", kit_code_name(got.code));
    kit_ailment(got.session);
    kit_disconnect(got.session);
    must_be_gone(before, "after disconnect");
}

static void keeps_no_copy_after_failure(void) {
    struct kit_attempt attempt;
    const char *where;
    size_t before;

    begin(kit_need(kit_lab.wrong_password, "wrong_password"));
    if (kit_table->flags & MPR_PROVIDER_OWN_PROCESS)
        kit_skip("the module's process ends with the connection, and its memory with it");
    before = kit_secret_copies(&where);
    attempt = attempt_at(kit_lab.login);
    kit_attempt(&attempt);
    must_be_gone(before, "after a failed connect");
}

static void asks_in_connect_alone(void) {
    void *session;

    kit_native_open();
    session = kit_connect_good(kit_good(0));
    kit_told_clear();
    kit_ailment(session);
    kit_disconnect(session);
    kit_expect(kit_told().secrets == 0, "secret() called by connect alone",
               "%u calls by operations and disconnect", kit_told().secrets);
}

#define RULE5  "mpr/provider.h, rule 5"
#define SECRET "mpr/provider.h, mpr_host.secret"

const struct kit_check kit_checks_native_secret[] = {
    {"ADD-19", KIT_MUST, tells_nobody,
     "The password is in no text, log, question, argument or environment",
     "All of these are read by others.", RULE5},
    {"SEC-01", KIT_MUST, tells_nobody_a_wrong_one,
     "A wrong password is in no text, log, question, argument or environment",
     "It is often a right one with a slip of the finger, or that of another server.", RULE5},
    {"CRD-04", KIT_MUST, wipes_its_buffer, "The buffer that the password was given in is wiped",
     "What is not wiped stays until something else is written there.", SECRET},
    {"MEM-05", KIT_SHOULD, keeps_no_copy, "After disconnect no copy of the password is in memory",
     "A crash of the program weeks later would write it to a file.", "own decision"},
    {"SEC-02", KIT_SHOULD, keeps_no_copy_after_failure,
     "After a failed connect no copy of the password is in memory",
     "A crash of the program weeks later would write it to a file.", "own decision"},
    {"SEC-03", KIT_SHOULD, asks_in_connect_alone, "The password is asked for by connect alone",
     "The host does not keep it for later.", SECRET},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
