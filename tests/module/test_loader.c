/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_loader.c: modules that are wrong in every way are refused with a sentence
 * that names the file and the true reason; good ones are loaded for good.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_loader.h"
#include "tests/unit/scratch.h"

TestSuite(loader, .timeout = 60, .init = scratch_new, .fini = scratch_free);

/* The bytes of a module that was built beside this test, to be freed. */
static char *read_module(const char *name, size_t *ret_size) {
    const char *build = getenv("abs_top_builddir");
    char path[PATH_MAX], *bytes;
    struct stat facts;
    FILE *file;

    snprintf(path, sizeof path, "%s/tests/module/providers/.libs/%s", build ? build : ".", name);
    file = fopen(path, "re");
    cr_assert(file && fstat(fileno(file), &facts) == 0, "%s: %m", path);
    bytes = malloc((size_t)facts.st_size);
    cr_assert(bytes && fread(bytes, 1, (size_t)facts.st_size, file) == (size_t)facts.st_size);
    fclose(file);
    *ret_size = (size_t)facts.st_size;
    return bytes;
}

static const char *write_module(const char *name, const char *bytes, size_t size) {
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "we");

    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "%s: %m", path);
    return path;
}

/* A copy under another name; with from, each of its occurrences becomes to, of the same length. */
static const char *copy_module(const char *module, const char *name, const char *from,
                               const char *to) {
    size_t size, length = from ? strlen(from) : 0, changed = 0;
    char *bytes = read_module(module, &size);
    const char *path;

    for (size_t i = 0; length && i + length <= size; i++) {
        if (memcmp(bytes + i, from, length) == 0) {
            memcpy(bytes + i, to, length);
            changed++;
        }
    }
    cr_assert(!from || changed, "%s is not in %s", from, module);
    path = write_module(name, bytes, size);
    free(bytes);
    return path;
}

static void expect_refused(const char *path, DWORD wanted, const char *words) {
    const struct mpr_provider *table = (const void *)path;
    struct mpr_failure failure = {0};
    DWORD rc = mpr_loader_open(path, &failure, &table);

    cr_expect_eq(rc, wanted, "%s: code %u", path, rc);
    cr_expect_eq((const void *)table, (const void *)path, "results are untouched on failure");
    cr_expect(failure.set);
    cr_expect(strstr(failure.text, path), "%s", failure.text);
    cr_expect(strstr(failure.text, words), "\"%s\" is not in \"%s\"", words, failure.text);
}

static const struct mpr_provider *load(const char *path) {
    const struct mpr_provider *table = NULL;
    struct mpr_failure failure = {0};
    DWORD rc = mpr_loader_open(path, &failure, &table);

    cr_assert_eq(rc, NO_ERROR, "%s", failure.text);
    cr_expect_not(failure.set);
    return table;
}

Test(loader, a_good_module_gives_its_table) {
    const char *path = copy_module("libodd.so", "good.so", NULL, NULL);
    const struct mpr_provider *table = load(path);

    cr_expect_str_eq(table->name, "Odd Network");
    cr_expect(table->recognise && table->connect && table->disconnect && table->list);
    cr_expect_null((void *)table->mkdir);
    cr_expect_eq(load(path), table, "once more it is the same");
}

Test(loader, a_module_stays_when_everybody_lets_go) {
    const char *path = copy_module("libodd.so", "good.so", NULL, NULL);
    const struct mpr_provider *table = load(path);
    void *again = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

    cr_assert(again);
    for (int i = 0; i < 3; i++)
        dlclose(again);
    cr_expect_str_eq(table->name, "Odd Network");
}

Test(loader, a_relative_path_is_refused) {
    copy_module("libodd.so", "good.so", NULL, NULL);
    cr_assert_eq(chdir(scratch_path("")), 0);
    expect_refused("good.so", ERROR_MOD_NOT_FOUND, "the path is not absolute");
    expect_refused("./good.so", ERROR_MOD_NOT_FOUND, "the path is not absolute");
    expect_refused("", ERROR_MOD_NOT_FOUND, "the path is not absolute");
}

Test(loader, a_file_that_is_not_there_is_said) {
    expect_refused("/nonexistent/good.so", ERROR_MOD_NOT_FOUND, "No such file or directory");
}

Test(loader, a_file_that_is_no_module_is_said) {
    size_t size;
    char *bytes = read_module("libodd.so", &size);

    scratch_write("text.so", "this is no module\n");
    expect_refused(scratch_path("text.so"), ERROR_MOD_NOT_FOUND, "file too short");
    scratch_write("empty.so", "");
    expect_refused(scratch_path("empty.so"), ERROR_MOD_NOT_FOUND, "file too short");
    memset(bytes, 'x', 4);
    expect_refused(write_module("corrupt.so", bytes, size), ERROR_MOD_NOT_FOUND,
                   "invalid ELF header");
    free(bytes);
    scratch_mkdir("directory.so");
    expect_refused(scratch_path("directory.so"), ERROR_MOD_NOT_FOUND, "cannot read file data");
}

static int open_unreadable(void *context) {
    const struct mpr_provider *table;
    struct mpr_failure failure = {0};

    if (mpr_loader_open(context, &failure, &table) != ERROR_MOD_NOT_FOUND)
        return 1;
    return strstr(failure.text, "Permission denied") ? 0 : 2;
}

Test(loader, a_file_that_may_not_be_read_is_said) {
    char path[PATH_MAX];

    if (geteuid() != 0)
        cr_skip_test("it takes root");
    snprintf(path, sizeof path, "%s", copy_module("libodd.so", "good.so", NULL, NULL));
    cr_assert_eq(chmod(path, 0600), 0);
    cr_expect_eq(scratch_fork(65534, open_unreadable, path), 0);
}

Test(loader, a_missing_dependency_is_named) {
    expect_refused(copy_module("libodd.so", "good.so", "libc.so.6", "libq.so.6"),
                   ERROR_MOD_NOT_FOUND, "libq.so.6: cannot open shared object file");
}

Test(loader, an_undefined_symbol_is_named_and_ends_no_process) {
    expect_refused(copy_module("unbound.so", "unbound.so", NULL, NULL), ERROR_MOD_NOT_FOUND,
                   "undefined symbol: mpr_test_function_that_nobody_defines");
}

Test(loader, a_module_without_the_symbol_is_no_provider) {
    expect_refused(copy_module("libodd.so", "good.so", "mpr_provider_query", "mpr_provider_querx"),
                   ERROR_PROC_NOT_FOUND, "is no provider: it does not define mpr_provider_query");
}

Test(loader, the_symbol_of_a_dependency_does_not_count) {
    const char *build = getenv("abs_top_builddir");
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/tests/module/providers/.libs/leaning.so", build ? build : ".");
    expect_refused(path, ERROR_PROC_NOT_FOUND, "is no provider");
}

Test(loader, a_link_to_a_module_is_that_module) {
    const char *path = copy_module("libodd.so", "good.so", NULL, NULL);

    cr_assert_eq(symlink(path, scratch_path("link.so")), 0);
    cr_expect_str_eq(load(scratch_path("link.so"))->name, "Odd Network");
}

Test(loader, another_abi_is_refused_with_both_versions) {
    expect_refused(copy_module("libodd.so", "other_major.so", NULL, NULL), ERROR_BAD_FORMAT,
                   "was made for provider ABI 2.7; this router has 1.2");
    expect_refused(copy_module("libodd.so", "no_table.so", NULL, NULL), ERROR_BAD_FORMAT,
                   "does not serve ABI 1.2 of this router");
}

Test(loader, a_malformed_table_is_refused) {
    static const char *const incomplete[] = {
        "tiny.so",       "no_name.so",       "empty_name.so", "no_recognise.so",
        "no_connect.so", "no_disconnect.so", "big_io.so",     "no_io.so",
    };

    expect_refused(copy_module("libodd.so", "bad_magic.so", NULL, NULL), ERROR_BAD_FORMAT,
                   "magic 0x464c457f, not 0x3152504d");
    for (size_t i = 0; i < sizeof incomplete / sizeof incomplete[0]; i++)
        expect_refused(copy_module("libodd.so", incomplete[i], NULL, NULL), ERROR_BAD_FORMAT,
                       "gave an incomplete table");
}

Test(loader, a_shorter_table_has_null_for_what_it_lacks) {
    const char *path = copy_module("libodd.so", "short.so", NULL, NULL);
    const struct mpr_provider *table = load(path);

    cr_expect(table->recognise && table->connect && table->disconnect);
    cr_expect_null((void *)table->list);
    cr_expect_null((void *)table->pread);
    cr_expect_eq(load(path), table, "it is completed once");
}

Test(loader, a_longer_table_of_a_newer_minor_version_is_taken) {
    const struct mpr_provider *table = load(copy_module("libodd.so", "long.so", NULL, NULL));

    cr_expect_eq(table->abi_minor, MPR_PROVIDER_ABI_MINOR + 1);
    cr_expect_gt(table->size, sizeof *table);
}

Test(loader, a_refused_module_hurts_no_other) {
    expect_refused(copy_module("libodd.so", "bad_magic.so", NULL, NULL), ERROR_BAD_FORMAT, "magic");
    cr_expect_str_eq(load(copy_module("libodd.so", "good.so", NULL, NULL))->name, "Odd Network");
}

static int load_fatal(void *context) {
    const struct mpr_provider *table;
    struct mpr_failure failure = {0};
    int trace = open(scratch_path("trace"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (trace < 0 || dup2(trace, STDERR_FILENO) < 0 || setenv("MPR_TEST_FATAL", "exit", 1)
        || setenv("MPR_DEBUG", "loader", 1))
        return 1;
    mpr_loader_open(context, &failure, &table);
    return 2;
}

/* Afterwards it is too late. */
Test(loader, the_trace_names_a_module_that_ends_the_program) {
    char wanted[PATH_MAX + 64];
    char *path = strdup(copy_module("fatal.so", "fatal.so", NULL, NULL)), *trace;

    cr_assert_eq(WEXITSTATUS(scratch_fork(geteuid(), load_fatal, path)), 5);
    snprintf(wanted, sizeof wanted, "loader: %s is being loaded\n", path);
    trace = scratch_read("trace");
    cr_expect(trace && strstr(trace, wanted), "%s", trace);
    free(trace);
    free(path);
}

struct loading {
    const char *path;
    const struct mpr_provider *table;
};

static void *load_in_thread(void *context) {
    struct loading *loading = context;
    struct mpr_failure failure = {0};

    mpr_loader_open(loading->path, &failure, &loading->table);
    return NULL;
}

Test(loader, threads_that_load_at_once_get_the_same) {
    const char *path = copy_module("libodd.so", "good.so", NULL, NULL);
    struct loading loadings[16];
    pthread_t threads[16];

    for (int i = 0; i < 16; i++) {
        loadings[i] = (struct loading){.path = path};
        cr_assert_eq(pthread_create(&threads[i], NULL, load_in_thread, &loadings[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_expect(loadings[i].table && loadings[i].table == loadings[0].table);
    }
}
