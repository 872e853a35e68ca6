/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trace.c: MPR_DEBUG says which areas are written, and nothing is without it.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_trace.h"
#include "tests/unit/scratch.h"

TestSuite(trace, .timeout = 60, .init = scratch_new, .fini = scratch_free);

static void say_as_provider(enum mpr_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say_as_provider(enum mpr_log_level level, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    mpr_trace_provider(level, format, arguments);
    va_end(arguments);
}

static int write_all_areas(void *context) {
    static char line[5000];
    int output = open(scratch_path("output"), O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0600);

    if (context)
        setenv("MPR_DEBUG", context, 1);
    else
        unsetenv("MPR_DEBUG");
    if (output < 0 || dup2(output, STDERR_FILENO) < 0)
        return 1;
    memset(line, 'x', sizeof line - 1);
    mpr_trace("api", "called %d", 1);
    mpr_trace("loader", "%s", line);
    mpr_trace("profile", "read");
    say_as_provider(MPR_LOG_WARNING, "said %s", "this");
    return 0;
}

/* What is written with MPR_DEBUG=wanted, to be freed. */
static char *trace(const char *wanted) {
    char variable[128], *output;

    snprintf(variable, sizeof variable, "%s", wanted ? wanted : "");
    cr_assert_eq(scratch_fork(geteuid(), write_all_areas, wanted ? variable : NULL), 0);
    output = scratch_read("output");
    cr_assert(output);
    return output;
}

/* Areas as letters: api, loader, profile, provider. */
static void expect_areas(const char *wanted, const char *areas) {
    char *output = trace(wanted);

    cr_expect_eq(strstr(output, " api: called 1\n") != NULL, strchr(areas, 'a') != NULL, "%s",
                 wanted);
    cr_expect_eq(strstr(output, " loader: xxx") != NULL, strchr(areas, 'l') != NULL, "%s", wanted);
    cr_expect_eq(strstr(output, " profile: read\n") != NULL, strchr(areas, 'f') != NULL, "%s",
                 wanted);
    cr_expect_eq(strstr(output, " provider: said this\n") != NULL, strchr(areas, 'v') != NULL, "%s",
                 wanted);
    free(output);
}

Test(trace, without_the_variable_is_silent) {
    char *output = trace(NULL);

    cr_expect_str_eq(output, "");
    free(output);
    output = trace("");
    cr_expect_str_eq(output, "");
    free(output);
}

Test(trace, is_of_the_areas_that_were_asked_for) {
    expect_areas("api", "a");
    expect_areas("profile,provider", "fv");
    expect_areas("provider,", "v");
    expect_areas(",,api,,", "a");
    expect_areas("all", "alfv");
    expect_areas("nothing,all", "alfv");
    expect_areas("ap", "");
    expect_areas("apis", "");
    expect_areas("allapi", "");
    expect_areas("API", "");
}

Test(trace, is_one_line_each_with_the_process) {
    char *output = trace("all"), *at = output;
    unsigned lines = 0;

    for (; *at; lines++) {
        cr_expect_eq(strncmp(at, "mpr[", 4), 0, "%s", at);
        cr_expect_leq(strcspn(at, "\n"), 1024, "a line is cut");
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    cr_expect_eq(lines, 4);
    free(output);
}
