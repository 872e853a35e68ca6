/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_print.c: print jobs.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

static int start_job(const char *document, void **ret_file) {
    kit_doing("print(\"%s\")", document);
    return kit_table->print(kit_session, kit_file_call(), kit_as_is(document), ret_file);
}

/* A server may start its spooler when the first one comes, and take its time for that. */
static void *connect_printer(const char *remote) {
    for (int i = 0; i < 10; i++) {
        struct kit_connected got = kit_connect(remote, kit_lab.user, kit_lab.password);

        if (got.answer == MPR_DONE)
            return got.session;
        kit_sleep(300);
    }
    return kit_connect_good(remote);
}

static void prints(void) {
    static const char *const documents[] = {
        "",
        "report.txt",
        "a/b\\c",
        "caf\xc3\xa9 100%",
        "..",
        ("a name of more than eighty bytes: aaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")};
    const char *remote = kit_need(kit_lab.printer, "printer");

    kit_native_open();
    KIT_NEEDS(print);
    kit_session = connect_printer(remote);
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        char text[3000], byte;
        void *job = NULL;

        memset(text, 'p', sizeof text);
        kit_ok(start_job(documents[i], &job));
        kit_expect(job != NULL, "a file", "success without one");
        kit_count_is(kit_pwrite(job, kit_read_only(text, sizeof text), sizeof text, 0),
                     sizeof text);
        kit_count_is(kit_pwrite(job, kit_read_only(text, 100), 100, sizeof text), 100);
        if (kit_table->pread)
            KIT_ERRNOS(kit_pread(job, &byte, 1, 0), EBADF);
        kit_ok(kit_close(job));
    }
    kit_disconnect(kit_session);
}

static void disks_print_nothing(void) {
    void *job = kit_poison();

    kit_native_open();
    KIT_NEEDS(print);
    kit_session = kit_connect_good(kit_good(0));
    KIT_ERRNOS(start_job("report", &job), ENOTSUP);
    kit_expect(job == kit_poison(), "nothing written on failure", "*ret_file was changed");
    kit_disconnect(kit_session);
}

const struct kit_check kit_checks_native_print[] = {
    {"FIL-90", KIT_CAPABILITY, prints,
     "A print job takes its bytes from 0 on and is closed without an error, whatever its document "
     "is called",
     "Names of documents are the user's, and a queue's are not.", "mpr/provider.h, print"},
    {"FIL-91", KIT_CAPABILITY, disks_print_nothing,
     "print on a share that is no printer's is "
     "-ENOTSUP",
     "Otherwise the job is a file that nobody asked for.",
     "mpr/provider.h, print: -ENOTSUP if the session is no printer's"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
