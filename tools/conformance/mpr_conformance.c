/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_conformance.c: the command: options, and which checks run.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "router/mpr_standard.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_lab_start.h"
#include "tools/conformance/kit_list.h"
#include "tools/conformance/kit_output.h"
#include "tools/conformance/kit_run.h"
#include "tools/conformance/kit_select.h"
#include "tools/conformance/kit_server.h"
#include "tools/conformance/kit_subject.h"

#define EXIT_BROKEN 1 /* a must does not hold */
#define EXIT_USAGE  2 /* nothing was checked */

static const char usage[] =
    "usage: mpr-conformance [OPTION...] MODULE LAB.json\n"
    "       mpr-conformance --lab smb|nfs|sftp|memory [OPTION...] [MODULE]\n"
    "       mpr-conformance --print-lab smb|nfs|sftp|memory\n"
    "       mpr-conformance --list [--json]\n"
    "Checks a network provider. MODULE is its shared object, or its drop-in file; LAB.json says\n"
    "which names work and which do not: mpr-lab(5). With --lab servers are started for the run,\n"
    "which nobody else sees, and the lab file is written; it is for the provider of that name.\n"
    "  --only LIST      only these checks: ADD-05, or all that begin so: ADD,CAN-1\n"
    "  --skip LIST      not these\n"
    "  --level LEVEL    only must, should or capability; several with commas\n"
    "  --tap, --json, --junit\n"
    "                   the form of the report; TAP is the default\n"
    "  --patience N     every time limit times N, for a slow machine\n"
    "  --bound SECONDS  how long one check may take (30)\n"
    "  --quick          a tenth of the rounds of checks that repeat\n"
    "  --list           what is checked, and why\n"
    "The exit status is 0 if every must holds, 1 if not, 2 if nothing could be checked.\n";

struct options {
    enum kit_format format;
    bool list;
    const char *lab;
    struct kit_selection selection;
};

_Noreturn __attribute__((format(printf, 1, 2))) static void refuse(const char *format, ...) {
    va_list arguments;

    fputs("mpr-conformance: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_USAGE);
}

/* A report that nobody can read is no report. */
static void be_written(void) {
    if (fflush(stdout) || ferror(stdout))
        refuse("The report cannot be written: %s.", strerror(errno));
}

static int number(const char *option, const char *text, int most) {
    char *end;
    long value = strtol(text, &end, 10);

    if (!*text || *end || value < 1 || value > most)
        refuse("--%s takes a number from 1 to %d, not \"%s\".", option, most, text);
    return (int)value;
}

enum {
    ONLY = 1,
    SKIP,
    LEVEL,
    TAP,
    JSON,
    JUNIT,
    PATIENCE,
    BOUND,
    QUICK,
    LIST,
    LAB,
    PRINT_LAB,
    HELP,
    VERSION_
};

static const struct option long_options[] = {
    {"only", required_argument, NULL, ONLY},
    {"skip", required_argument, NULL, SKIP},
    {"level", required_argument, NULL, LEVEL},
    {"tap", no_argument, NULL, TAP},
    {"json", no_argument, NULL, JSON},
    {"junit", no_argument, NULL, JUNIT},
    {"patience", required_argument, NULL, PATIENCE},
    {"bound", required_argument, NULL, BOUND},
    {"quick", no_argument, NULL, QUICK},
    {"list", no_argument, NULL, LIST},
    {"lab", required_argument, NULL, LAB},
    {"print-lab", required_argument, NULL, PRINT_LAB},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION_},
    {NULL, 0, NULL, 0},
};

/* Those that end the program at once. */
static void say_and_end(int option) {
    if (option == PRINT_LAB)
        exit(kit_lab_print(optarg));
    if (option == HELP)
        fputs(usage, stdout);
    else
        printf("mpr-conformance %s\n", PACKAGE_VERSION);
    be_written();
    exit(0);
}

static void take_option(int option, struct options *options) {
    switch (option) {
    case ONLY:
        options->selection.only = optarg;
        break;
    case SKIP:
        options->selection.skip = optarg;
        break;
    case LEVEL:
        options->selection.level = optarg;
        break;
    case TAP:
    case JSON:
    case JUNIT:
        options->format = option == TAP ? KIT_TAP : option == JSON ? KIT_JSON : KIT_JUNIT;
        break;
    case PATIENCE:
        kit_manner.patience = number("patience", optarg, 1000);
        break;
    case BOUND:
        kit_manner.bound_ms = number("bound", optarg, 3600) * 1000;
        break;
    case QUICK:
        kit_manner.quick = 1;
        break;
    case LIST:
        options->list = true;
        break;
    case LAB:
        options->lab = optarg;
        break;
    case PRINT_LAB:
    case HELP:
    case VERSION_:
        say_and_end(option);
        break;
    default: /* getopt said what is wrong */
        fputs(usage, stderr);
        exit(EXIT_USAGE);
    }
}

/* Runs them; how many count as broken. */
static size_t run_all(struct kit_result *results, size_t count, enum kit_format format) {
    size_t broken = 0;

    kit_output_begin(format, count);
    for (size_t i = 0; i < count; i++) {
        kit_output_progress(i + 1, count, results[i].check);
        kit_run(results[i].check->id, results[i].check->run, &results[i].report);
        broken += kit_counts(&results[i]) != 0;
        kit_output_one(format, i + 1, &results[i]);
    }
    kit_output_end(format, results, count);
    be_written();
    return broken;
}

static int check(const struct options *options, const char *module, const char *lab) {
    struct kit_result *results;
    char error[1024];
    size_t count, broken;

    if (!kit_lab_read(lab, error, sizeof error))
        refuse("%s", error);
    if (!kit_run_begin(error, sizeof error))
        refuse("%s", error);
    atexit(kit_run_end);
    if (!kit_subject_open(module, error, sizeof error))
        refuse("%s", error);
    if (!kit_select(&options->selection, kit_subject.classic, &results, &count, error, sizeof error)
        || !kit_server_there(error, sizeof error))
        refuse("%s", error);
    broken = run_all(results, count, options->format);
    free(results);
    return broken ? EXIT_BROKEN : 0;
}

int main(int argc, char **argv) {
    struct options options = {.format = KIT_TAP};
    int option;

    if (!mpr_standard_open())
        return EXIT_USAGE;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        take_option(option, &options);
    if (options.list && optind == argc)
        return kit_list(options.format == KIT_JSON);
    if (options.lab && !options.list)
        return kit_lab_start(options.lab, argc, argv);
    if (options.list || argc - optind != 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return check(&options, argv[optind], argv[optind + 1]);
}
