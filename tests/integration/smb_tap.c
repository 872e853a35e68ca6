/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_tap.c: forks a process for each test and reports how it ended.
 */
#include "config.h"

#include "tests/integration/smb_tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool failed;

bool smb_tap_check(bool condition, const char *file, int line, const char *format, ...) {
    va_list arguments;

    if (condition)
        return true;
    failed = true;
    printf("# %s:%d: ", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    return false;
}

bool smb_tap_equal(long long got, long long wanted, const char *file, int line,
                   const char *got_text, const char *wanted_text) {
    return smb_tap_check(got == wanted, file, line, "%s is %lld, not %s (%lld)", got_text, got,
                         wanted_text, wanted);
}

int smb_tap_run(const struct smb_test *tests) {
    int number = 0, bad = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (; tests[number].name; number++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0) {
            tests[number].run();
            exit(failed ? 1 : 0);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            bad = 1;
            if (WIFSIGNALED(status))
                printf("# ended by signal %d\n", WTERMSIG(status));
        }
        printf("%s %d - %s\n", status == 0 ? "ok" : "not ok", number + 1, tests[number].name);
    }
    printf("1..%d\n", number);
    return bad;
}

/* The SMB library keeps memory for the process's life. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libsmbclient.so\nleak:libtalloc\nleak:libsmbconf.so\nleak:samba\n";
}
