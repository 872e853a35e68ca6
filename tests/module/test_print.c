/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_print.c: print jobs of file.h, on printers of the memory provider and
 * on one that can print nothing.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <mpr/file.h>

#include "tests/module/expect.h"
#include "tests/module/world.h"

#define LASER "\\\\memory\\laser"

static void begin(void) {
    world_make();
    world_memory("\"shares\": \"demo\", \"printers\": \"laser\"");
    world_scripted("10-bare", "\"takes\": \"//bare/\"");
    world_start();
    cr_assert_eq(add("LPT1", LASER, 0), NO_ERROR);
    cr_assert_eq(add("Z:", "\\\\memory\\demo", 0), NO_ERROR);
}

TestSuite(print, .timeout = 60, .init = begin, .fini = world_end);

/* What the printer has printed as that job, which it numbers, or "-". */
static const char *printed(size_t number, const char *document) {
    static char text[256];
    char path[256];
    HANDLE file;
    ssize_t n;

    snprintf(path, sizeof path, LASER "\\%05zu %s", number, document);
    if (MprFileOpen(path, O_RDONLY, 0, &file) != 0)
        return "-";
    n = MprFileRead(file, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    MprFileClose(file);
    return text;
}

Test(print, a_job_is_printed_when_it_is_closed) {
    static const char *const names[] = {"LPT1", "lpt1:", LASER, "//MEMORY/laser/"};
    char document[16];
    HANDLE job;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(document, sizeof document, "letter %zu", i);
        cr_assert_eq(MprPrintOpen(names[i], document, &job), 0, "%s", names[i]);
        cr_expect_eq(MprFileWrite(job, "Dear ", 5), 5);
        cr_expect_eq(MprFileWrite(job, "Anna", 4), 4);
        cr_expect_eq(MprFilePwrite(job, "D", 1, 0), 1);
        cr_expect_str_eq(printed(i + 1, document), "-", "not yet");
        cr_expect_eq(MprFileClose(job), 0);
        cr_expect_str_eq(printed(i + 1, document), "Dear Anna");
        cr_expect_eq(MprFileClose(job), -EBADF);
    }
}

Test(print, an_untitled_job_is_printed_too) {
    HANDLE job;

    cr_assert_eq(MprPrintOpen("LPT1", NULL, &job), 0);
    cr_expect_eq(MprFileWrite(job, "x", 1), 1);
    cr_expect_eq(MprFileClose(job), 0);
    cr_expect_str_eq(printed(1, "document"), "x");
}

Test(print, a_job_is_written_only) {
    LPCSTR name;
    HANDLE job;
    char byte;

    cr_assert_eq(MprPrintOpen("LPT1", "job", &job), 0);
    cr_expect_eq(MprFileRead(job, &byte, 1), -EBADF);
    cr_expect_eq(MprFilePread(job, &byte, 1, 0), -EBADF);
    cr_expect_eq(MprDirRead(job, &name, NULL), -EBADF);
    cr_expect_eq(MprFileClose(job), 0);
}

Test(print, an_open_job_is_an_open_file) {
    HANDLE job;

    cr_assert_eq(MprPrintOpen("LPT1", "job", &job), 0);
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A("LPT1", 0, FALSE));
    EXPECT_CODE(ERROR_OPEN_FILES, WNetCancelConnection2A(LASER, 0, FALSE));
    cr_expect_eq(MprFileWrite(job, "x", 1), 1, "it goes on");
    cr_expect_eq(MprFileClose(job), 0);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("LPT1", 0, FALSE));
}

Test(print, a_cancel_by_force_ends_the_job) {
    HANDLE job, empty;

    cr_assert_eq(MprPrintOpen("LPT1", "job", &job), 0);
    cr_assert_eq(MprPrintOpen("LPT1", "empty", &empty), 0);
    cr_expect_eq(MprFileWrite(job, "x", 1), 1);
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("LPT1", 0, TRUE));
    cr_expect_eq(MprFileWrite(job, "x", 1), -ENOTCONN);
    cr_expect_eq(MprFileClose(job), -ENOTCONN, "it was not printed");
    cr_expect_eq(MprFileClose(empty), 0);
    cr_expect_eq(MprPrintOpen("LPT1", "job", &job), -ENOTCONN);
    cr_assert_eq(add("LPT1", LASER, 0), NO_ERROR);
    cr_expect_str_eq(printed(1, "job"), "-");
}

Test(print, bad_input) {
    static const char overlong[8000] = {[0 ... 7998] = 'x'};
    static const struct {
        const char *name, *document;
        int rc;
    } rows[] = {
        {NULL, "job", -EINVAL},
        {"", "job", -EINVAL},
        {"LPT\xff", "job", -EINVAL},
        {"\\\\memory\\\xc3", "job", -EINVAL},
        {"LPT1", "j\xff", -EINVAL},
        {"LPT1", "j\nb", -EINVAL},
        {"LPT2", "job", -ENOTCONN},
        {"LPT0", "job", -ENOTCONN},
        {"LPT10", "job", -ENOTCONN},
        {"LPT1:\\job", "job", -ENOTCONN},
        {"nothing", "job", -ENOTCONN},
        {LASER "\\job", "job", -ENOTCONN},
        {"\\\\memory\\other", "job", -ENOTCONN},
        {overlong, "job", -ENOTCONN},
        {"Z:", "job", -ENOTSUP},
        {"\\\\memory\\demo", "job", -ENOTSUP},
        {"//bare/x", "job", -ENOTSUP},
    };
    HANDLE job = (HANDLE)4711;

    cr_assert_eq(add("LPT9", "//bare/x", 0), NO_ERROR);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(MprPrintOpen(rows[i].name, rows[i].document, &job), rows[i].rc, "row %zu", i);
    cr_expect_eq(MprPrintOpen("LPT1", "job", NULL), -EINVAL);
    cr_expect_eq(job, (HANDLE)4711, "untouched");
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("LPT1", 0, FALSE)); /* nothing is open */
    EXPECT_CODE(NO_ERROR, WNetCancelConnection2A("Z:", 0, FALSE));
}

Test(print, a_long_document_name_is_no_obstacle) {
    char document[3000];
    HANDLE job;

    memset(document, 'x', sizeof document - 1);
    document[sizeof document - 1] = '\0';
    cr_assert_eq(MprPrintOpen("LPT1", document, &job), 0);
    cr_expect_eq(MprFileClose(job), 0);
}
