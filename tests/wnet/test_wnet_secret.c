/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_secret.c: passwords from descriptors, files and commands.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"
#include "tools/wnet/wnet_secret.h"

static struct wnet_secret *secret;
static char problem[1024];

static void init(void) {
    scratch_new();
    secret = wnet_secret_new();
    cr_assert_not_null(secret);
}

static void fini(void) {
    wnet_secret_free(secret);
    scratch_free();
}

TestSuite(wnet_secret, .timeout = 60, .init = init, .fini = fini);

static void forget(void) {
    memset(secret, 0, sizeof *secret);
    *problem = '\0';
}

/* --- files --- */

static bool read_file(const char *text) {
    forget();
    scratch_write("file", text);
    cr_assert_eq(chmod(scratch_path("file"), 0600), 0);
    return wnet_secret_read_file(secret, scratch_path("file"), problem, sizeof problem);
}

static void expect_problem(const char *what) {
    cr_expect(strstr(problem, what), "\"%s\" instead of \"%s\"", problem, what);
    cr_expect_not(strstr(problem, "geheim"), "the password is in \"%s\"", problem);
}

Test(wnet_secret, file) {
    cr_expect(read_file("username=alice\npassword=geheim\n"), "%s", problem);
    cr_expect(secret->has_user && secret->has_password);
    cr_expect_str_eq(secret->user, "alice");
    cr_expect_str_eq(secret->password, "geheim");
}

Test(wnet_secret, file_of_windows) {
    cr_expect(
        read_file("\xEF\xBB\xBF# a comment\r\n\r\n Username = alice \r\nPASSWORD = ge heim \r\n"
                  "domain=EXAMPLE\t\r\nother=thing\r\n"),
        "%s", problem);
    cr_expect_str_eq(secret->user, "EXAMPLE\\alice");
    cr_expect_str_eq(secret->password, "ge heim ", "blanks behind it belong to it");
}

Test(wnet_secret, file_without_an_end) {
    cr_expect(read_file("password=a=b#c"), "%s", problem);
    cr_expect_str_eq(secret->password, "a=b#c");
    cr_expect_not(secret->has_user);
    cr_expect(read_file("password= a"), "%s", problem);
    cr_expect_str_eq(secret->password, " a", "a blank may be its first character");
    cr_expect(read_file("pass=x\nuser=bob@EXAMPLE.ORG\ndom=OTHER"), "%s", problem);
    cr_expect_str_eq(secret->user, "bob@EXAMPLE.ORG");
    cr_expect(read_file("password=\n"), "%s", problem);
    cr_expect(secret->has_password && !*secret->password);
}

Test(wnet_secret, file_that_is_wrong) {
    char text[3000];

    cr_expect_not(read_file(""));
    expect_problem("it has no line \"password=\"");
    cr_expect_not(read_file("username=alice\ngeheim\n"));
    expect_problem("line 2 has no \"=\"");
    snprintf(text, sizeof text, "password=%02000d\n", 1);
    cr_expect_not(read_file(text));
    expect_problem("line 1 is too long");
    snprintf(text, sizeof text, "username=%0400d\ndomain=%0400d\npassword=x\n", 1, 2);
    cr_expect_not(read_file(text));
    expect_problem("the name of the user is too long");
}

Test(wnet_secret, file_that_others_read) {
    read_file("password=geheim\n");
    forget();
    cr_assert_eq(chmod(scratch_path("file"), 0640), 0);
    cr_expect_not(wnet_secret_read_file(secret, scratch_path("file"), problem, sizeof problem));
    expect_problem("others may read it");
    cr_expect_not(secret->has_password);
}

Test(wnet_secret, file_that_is_none) {
    cr_expect_not(wnet_secret_read_file(secret, scratch_path("absent"), problem, sizeof problem));
    expect_problem("No such file");
    scratch_mkdir("directory");
    cr_expect_not(
        wnet_secret_read_file(secret, scratch_path("directory"), problem, sizeof problem));
    expect_problem("it is no file");
    cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    cr_expect_not(wnet_secret_read_file(secret, scratch_path("pipe"), problem, sizeof problem),
                  "and nothing is waited for");
    expect_problem("it is no file");
}

Test(wnet_secret, file_of_somebody_else) {
    if (geteuid() != 0)
        cr_skip_test("only root can give a file away");
    read_file("password=geheim\n");
    forget();
    cr_assert_eq(chown(scratch_path("file"), 1, 1), 0);
    cr_expect_not(wnet_secret_read_file(secret, scratch_path("file"), problem, sizeof problem));
    expect_problem("it belongs to somebody else");
}

/* --- descriptors --- */

static bool read_text(const char *text, size_t size, char *ret_rest) {
    int ends[2];
    bool good;
    ssize_t n;

    forget();
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(write(ends[1], text, size), (ssize_t)size);
    close(ends[1]);
    good = wnet_secret_read_line(secret, ends[0], "standard input", problem, sizeof problem);
    n = read(ends[0], ret_rest, 15);
    ret_rest[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    return good;
}

Test(wnet_secret, line) {
    char rest[16];

    cr_expect(read_text("geheim\nrest", 11, rest), "%s", problem);
    cr_expect_str_eq(secret->password, "geheim");
    cr_expect_str_eq(rest, "rest", "nothing beyond the line is read");
    cr_expect(read_text(" geheim \r\n", 10, rest), "%s", problem);
    cr_expect_str_eq(secret->password, " geheim ");
    cr_expect(read_text("geheim", 6, rest), "%s", problem);
    cr_expect(read_text("\n", 1, rest), "%s", problem);
    cr_expect(secret->has_password && !*secret->password, "an empty one is one");
}

static bool run(const char *command) {
    forget();
    return wnet_secret_run(secret, command, problem, sizeof problem);
}

/* "geheim" with an umlaut, as Latin-1 has it. */
#define LATIN "geh\xE4im"

Test(wnet_secret, other_encodings) {
    char rest[16];

    cr_expect_not(read_text(LATIN "\n", 8, rest));
    expect_problem("The password cannot be read from standard input: it is not valid UTF-8");
    cr_expect_not(secret->has_password);
    cr_expect_not(strstr(problem, LATIN));
    cr_expect(read_text("geh\xC3\xA4im\n", 8, rest), "%s", problem);
    cr_expect_not(read_file("username=alice\npassword=" LATIN "\n"));
    expect_problem("cannot be used: line 2 has the password, which is not valid UTF-8");
    cr_expect_not(strstr(problem, LATIN));
    cr_expect_not(run("printf 'geh\\344im\\n'"));
    expect_problem("The password cannot be read from the command: it is not valid UTF-8");
}

Test(wnet_secret, line_that_is_none) {
    static char text[2000];
    char rest[16];

    cr_expect_not(read_text("", 0, rest));
    expect_problem("it is at its end");
    cr_expect_not(read_text("geh\0eim\n", 8, rest));
    expect_problem("there is a NUL in it");
    memset(text, 'x', sizeof text - 1);
    text[1023] = '\n';
    cr_expect(read_text(text, sizeof text, rest), "%s", problem);
    text[1023] = 'x';
    text[1024] = '\n';
    cr_expect_not(read_text(text, sizeof text, rest));
    expect_problem("more than 1023 bytes");
    forget();
    cr_expect_not(wnet_secret_read_line(secret, 777, "descriptor 777", problem, sizeof problem));
    expect_problem("Bad file descriptor");
}

Test(wnet_secret, line_of_what_is_written_to) {
    int ends[2];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_expect_not(wnet_secret_read_line(secret, ends[1], "descriptor 1", problem, sizeof problem));
    expect_problem("descriptor 1: it is not open for reading");
    close(ends[0]);
    close(ends[1]);
}

/* --- commands --- */

Test(wnet_secret, command) {
    cr_expect(run("echo geheim; echo more"), "%s", problem);
    cr_expect_str_eq(secret->password, "geheim");
    cr_expect(run("echo geheim; seq 20000"), "what comes after it is read, too: %s", problem);
    cr_expect_not(run("echo geheim; exit 3"));
    expect_problem("failed with status 3");
    cr_expect_not(secret->has_password);
    cr_expect_eq(*secret->password, '\0');
    cr_expect_not(run("exit 0"));
    expect_problem("it is at its end");
    cr_expect_not(run("/nonexistent/program 2>/dev/null"));
    expect_problem("failed with status 127");
}
