/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * world.c: a router of the test's own, in a directory of its own.
 */
#include "config.h"

#include "tests/module/world.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char root[128];

/* Nothing here may fail: a test that cannot set itself up has no result. */
static void need(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "the test cannot set itself up: %s\n", what);
    abort();
}

const char *world_path(const char *name) {
    static _Thread_local char buffers[4][512];
    static _Thread_local unsigned turn;
    char *path = buffers[turn++ % 4];

    snprintf(path, sizeof buffers[0], "%s/%s", root, name);
    return path;
}

void world_make(void) {
    const char *base = secure_getenv("TMPDIR");

    snprintf(root, sizeof root, "%s/mpr-test-XXXXXX", base ? base : "/tmp");
    need(mkdtemp(root) != NULL, root);
    need(mkdir(world_path("config"), 0700) == 0, "config");
    need(mkdir(world_path("providers.d"), 0700) == 0, "providers.d");
    need(setenv("MPR_ROOT", root, 1) == 0, "MPR_ROOT");
}

void world_write(const char *name, const char *format, ...) {
    const char *path = world_path(name);
    FILE *file = fopen(path, "we");
    va_list arguments;

    need(file != NULL, path);
    need(fchmod(fileno(file), 0600) == 0, path);
    va_start(arguments, format);
    need(vfprintf(file, format, arguments) >= 0, path);
    va_end(arguments);
    need(fclose(file) == 0, path);
}

const char *world_read(const char *name) {
    static char text[65536];
    FILE *file = fopen(world_path(name), "re");
    size_t size = 0;

    if (file) {
        size = fread(text, 1, sizeof text - 1, file);
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

unsigned world_count(const char *text, const char *piece) {
    unsigned count = 0;

    for (text = strstr(text, piece); text; text = strstr(text + 1, piece))
        count++;
    return count;
}

static void write_memory(const char *options, const char *isolate) {
    const char *modules = secure_getenv("MPR_TEST_MODULES");

    need(modules != NULL, "MPR_TEST_MODULES is not set");
    world_write("providers.d/90-memory.json",
                "{\"name\": \"memory\", \"module\": \"%s/memory.so\", \"order\": 90, "
                "\"isolate\": %s, \"options\": {%s}}\n",
                modules, isolate, options);
}

void world_memory(const char *options) {
    write_memory(options, "false");
}

void world_isolated_memory(const char *options) {
    write_memory(options, "true");
}

static void copy(const char *from, const char *to) {
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    char block[65536];
    ssize_t n;

    need(in >= 0, from);
    need(out >= 0, to);
    while ((n = read(in, block, sizeof block)) > 0)
        need(write(out, block, (size_t)n) == n, to);
    need(n == 0, from);
    close(in);
    close(out);
}

/* One module may be loaded once only, so everybody gets a copy of it, which stays. */
void world_module(const char *module, const char *file) {
    const char *build = secure_getenv("abs_top_builddir");
    char from[512], name[64];

    need(build != NULL, "abs_top_builddir is not set");
    snprintf(from, sizeof from, "%s/tests/module/providers/.libs/%s.so", build, module);
    snprintf(name, sizeof name, "%s.so", file);
    if (access(world_path(name), F_OK))
        copy(from, world_path(name));
}

static void write_copied(const char *module, const char *file, const char *options) {
    char name[64];

    world_module(module, file);
    snprintf(name, sizeof name, "providers.d/%s.json", file);
    world_write(
        name,
        "{\"name\": \"%s\", \"module\": \"%s/%s.so\", \"order\": %d, \"options\": {\"log\": "
        "\"%s/log\"%s%s}}\n",
        file + 3, root, file, atoi(file), root, *options ? ", " : "", options);
}

void world_scripted(const char *file, const char *options) {
    write_copied("scripted", file, options);
}

void world_asked(const char *file, const char *options) {
    write_copied("asked", file, options);
}

static const char *classic_path(const char *file) {
    const char *build = secure_getenv("abs_top_builddir");
    static char path[512];

    need(build != NULL, "abs_top_builddir is not set");
    snprintf(path, sizeof path, "%s/tests/module/providers/.libs/classic_%s.so", build, file + 3);
    return path;
}

void world_classic(const char *file, const char *members) {
    char name[64];

    snprintf(name, sizeof name, "providers.d/%s.json", file);
    world_write(name, "{\"name\": \"%s\", \"module\": \"%s\", \"order\": %d%s%s}\n", file + 3,
                classic_path(file), atoi(file), *members ? ", " : "", members);
}

void *world_classic_symbol(const char *file, const char *symbol) {
    void *module = dlopen(classic_path(file), RTLD_NOW | RTLD_NOLOAD);
    void *found = module ? dlsym(module, symbol) : NULL;

    need(found != NULL, symbol);
    dlclose(module); /* the router keeps it */
    return found;
}

void world_config(const char *text) {
    world_write("config/mpr.json", "%s", text);
}

void world_profile(const char *text) {
    world_write(WORLD_PROFILE, "%s", text);
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *walk) {
    (void)facts;
    (void)type;
    (void)walk;
    return remove(path);
}

void world_remove(void) {
    if (root[0])
        nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    root[0] = '\0';
}

int64_t world_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void world_sleep(int ms) {
    poll(NULL, 0, ms);
}

static unsigned count_entries(const char *path) {
    DIR *directory = opendir(path);
    unsigned count = 0;

    need(directory != NULL, path);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

unsigned world_descriptors(void) {
    return count_entries("/proc/self/fd") - 1; /* that of the counting itself */
}

unsigned world_threads(void) {
    return count_entries("/proc/self/task");
}
