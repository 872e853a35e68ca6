/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_lab_start.c: see kit_lab_start.h. The script is tools/lab/write-lab.
 */
#include "config.h"

#include "tools/conformance/kit_lab_start.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_config.h"
#include "router/mpr_paths.h"
#include "router/mpr_registry.h"

/* Where things are: installed, or in the tree in which they were built. */
struct places {
    char program[PATH_MAX]; /* this one */
    char script[PATH_MAX];
    char module[PATH_MAX]; /* the module or drop-in of the kind */
};

__attribute__((format(printf, 1, 2))) static int refuse(const char *format, ...) {
    va_list arguments;

    fputs("mpr-conformance: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return 2;
}

/* What a path is made of; one that does not fit is no file. */
__attribute__((format(printf, 2, 3))) static bool put(char *path, const char *format, ...) {
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(path, PATH_MAX, format, arguments);
    va_end(arguments);
    return length > 0 && length < PATH_MAX;
}

/* Says where something of the build tree is, unless the environment does so already. */
static void point_to(const char *variable, int length, const char *directory, const char *file) {
    char path[PATH_MAX];

    if (put(path, "%.*s/%s", length, directory, file))
        setenv(variable, path, 0);
}

/* The build tree that the program lies in, if it lies in one: the script is there, too. */
static bool find_in_build_tree(const char *kind, struct places *places) {
    const char *slash = strrchr(places->program, '/');
    int length = slash ? (int)(slash - places->program) : 0;

    if (!put(places->script, "%.*s/tools/lab/write-lab", length, places->program)
        || access(places->script, X_OK) != 0)
        return false;
    point_to("MPR_WORKER_PROGRAM", length, places->program, "mpr-worker");
    point_to("MPR_CONFORMANCE_DECOY", length, places->program, ".libs/conformance-decoy.so");
    return put(places->module, "%.*s/.libs/%s.so", length, places->program, kind);
}

/* The drop-in of a provider by its short name, "" if there is none. */
static void find_drop_in(const char *kind, char *ret_path) {
    struct mpr_paths *paths = NULL;
    struct mpr_config *config = NULL;
    struct mpr_registry *registry = NULL;
    char *complaint = NULL;

    ret_path[0] = '\0';
    if (!mpr_paths_new(NULL, &paths) && !mpr_config_new(paths, &config, &complaint))
        mpr_registry_new(paths, config, &registry);
    for (size_t i = 0; registry && i < registry->count; i++) {
        const struct mpr_drop_in *drop_in = &registry->drop_ins[i];

        if (!drop_in->broken && strcmp(drop_in->name, kind) == 0
            && !put(ret_path, "%s", drop_in->file))
            ret_path[0] = '\0';
    }
    free(complaint);
    mpr_registry_free(registry);
    mpr_config_free(config);
    mpr_paths_free(paths);
}

static void find(const char *kind, struct places *places) {
    ssize_t length = readlink("/proc/self/exe", places->program, sizeof places->program - 1);

    places->program[length > 0 ? length : 0] = '\0';
    if (find_in_build_tree(kind, places))
        return;
    if (!put(places->script, "%s/lab/write-lab", MPR_LIBEXECDIR))
        places->script[0] = '\0';
    find_drop_in(kind, places->module);
}

static int become(const char *script, char **arguments) {
    execv(script, arguments);
    return refuse("The laboratory cannot be started: %s: %s.", script, strerror(errno));
}

/* --lab, also cut short as getopt_long allows it: how many arguments it is, or 0. */
static int is_lab_option(const char *argument) {
    size_t length = strcspn(argument, "=");

    if (length < strlen("--la") || length > strlen("--lab")
        || strncmp(argument, "--lab", length) != 0)
        return 0;
    return argument[length] ? 1 : 2;
}

int kit_lab_start(const char *kind, int argc, char **argv) {
    static struct places places;
    char **arguments = calloc((size_t)argc + 6, sizeof *arguments);
    int count = 0;

    if (!arguments)
        return refuse("Out of memory.");
    find(kind, &places);
    if (argc - optind > 1) {
        free(arguments);
        return refuse("--lab writes the lab file itself: give a module or nothing, and not %s too.",
                      argv[optind + 1]);
    }
    arguments[count++] = places.script;
    arguments[count++] = (char *)(uintptr_t)kind;
    arguments[count++] = optind < argc ? argv[optind] : places.module;
    arguments[count++] = places.program;
    for (int i = 1; i < optind && i < argc;) {
        int skip = is_lab_option(argv[i]);

        if (!skip)
            arguments[count++] = argv[i];
        i += skip ? skip : 1;
    }
    return become(places.script, arguments);
}

int kit_lab_print(const char *kind) {
    static struct places places;
    char *arguments[] = {places.script, (char *)(uintptr_t)kind, NULL};

    find(kind, &places);
    return become(places.script, arguments);
}
