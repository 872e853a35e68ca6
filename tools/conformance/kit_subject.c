/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_subject.c: see kit_subject.h. What a drop-in says is read by the router's own reader.
 */
#include "config.h"

#include "tools/conformance/kit_subject.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_json.h"
#include "router/mpr_loader.h"
#include "router/mpr_option.h"
#include "router/mpr_registry.h"
#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_run.h"

struct kit_subject kit_subject;

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), size = strlen(end);

    return length > size && strcmp(text + length - size, end) == 0;
}

/* A file as text; NULL: errno says why not. */
static char *read_text(const char *path, size_t *ret_size) {
    FILE *file = fopen(path, "re");
    char *text = file ? malloc(MPR_JSON_MAX_SIZE + 1) : NULL;

    if (text) {
        *ret_size = fread(text, 1, MPR_JSON_MAX_SIZE, file);
        text[*ret_size] = '\0';
    }
    if (file)
        fclose(file);
    return text;
}

/* A module alone is called as its file is: "nfs" is nfs.so. */
static char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);
    char *dot = name ? strchr(name, '.') : NULL;

    if (!name)
        abort();
    if (dot)
        *dot = '\0';
    return name;
}

__attribute__((format(printf, 3, 4))) static bool refuse(char *error, size_t size,
                                                         const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, size, format, arguments);
    va_end(arguments);
    return false;
}

static bool take_drop_in(const char *path, char *error, size_t error_size) {
    static struct mpr_drop_in drop_in;
    size_t size = 0;
    char *text = read_text(path, &size);

    if (!text)
        return refuse(error, error_size, "The drop-in %s cannot be read: %s.", path,
                      strerror(errno));
    drop_in.file = strdup(path);
    if (mpr_registry_parse(text, size, MPR_PROVIDERDIR, &drop_in))
        abort();
    free(text);
    if (drop_in.broken)
        return refuse(error, error_size, "%s", drop_in.failure.text);
    if (!drop_in.module)
        return refuse(error, error_size, "The drop-in %s names no \"module\".", path);
    kit_subject.name = drop_in.name;
    kit_subject.module = drop_in.module;
    kit_subject.worker_module = drop_in.worker_module;
    kit_subject.provider_name = drop_in.provider_name;
    kit_subject.options = drop_in.options;
    kit_subject.isolate = drop_in.isolate;
    return true;
}

static bool take_module(const char *path, char *error, size_t error_size) {
    char *absolute = realpath(path, NULL);

    if (!absolute)
        return refuse(error, error_size, "The module %s cannot be found: %s.", path,
                      strerror(errno));
    kit_subject.name = name_of(absolute);
    kit_subject.module = absolute;
    return true;
}

/* Options and worker module of the lab file win. */
static bool take_lab(char *error, size_t error_size) {
    struct mpr_option *options = NULL, *merged;
    const struct mpr_json *bad;

    if (kit_lab.worker_module)
        kit_subject.worker_module = realpath(kit_lab.worker_module, NULL);
    if (kit_lab.worker_module && !kit_subject.worker_module)
        return refuse(error, error_size, "The worker module %s cannot be found: %s.",
                      kit_lab.worker_module, strerror(errno));
    if (kit_lab.options && mpr_option_read(kit_lab.options, &bad, &options))
        return refuse(error, error_size,
                      "The lab file %s has an option \"%s\" that is no text, number or boolean.",
                      kit_lab.path, mpr_json_key(bad));
    if (mpr_option_merge(kit_subject.options, options, &merged))
        abort();
    free(options);
    kit_subject.options = merged;
    return true;
}

/* In a process of its own: skipped = classic, with no words; failed = none, with words. */
static void look(void) {
    static const char *const names[] = {MPR_PROVIDER_QUERY, "NPGetCaps"};
    const struct mpr_provider *table;
    struct mpr_failure failure = {0};
    void *symbols[2];

    kit_doing("loading %s", kit_subject.module);
    if (mpr_loader_symbols(kit_subject.module, names, 2, symbols) && !symbols[0] && symbols[1])
        kit_skip("classic");
    if (mpr_loader_open(kit_subject.module, &failure, &table))
        kit_fail("a provider module", "%s", failure.text);
}

static bool find_kind(char *error, size_t error_size) {
    static struct kit_report report;

    kit_run("look", look, &report);
    switch (atomic_load(&report.outcome)) {
    case KIT_PASSED:
        return true;
    case KIT_SKIPPED:
        kit_subject.classic = true;
        return true;
    default:
        return refuse(error, error_size, "The module %s is no provider: %s", kit_subject.module,
                      report.got);
    }
}

bool kit_subject_open(const char *argument, char *error, size_t error_size) {
    bool is_drop_in = ends_with(argument, ".json");

    kit_subject.argument = argument;
    return (is_drop_in ? take_drop_in(argument, error, error_size)
                       : take_module(argument, error, error_size))
           && take_lab(error, error_size) && find_kind(error, error_size);
}

static void need(DWORD rc) {
    if (rc)
        abort();
}

char *kit_subject_drop_in(int order) {
    struct mpr_json *document = mpr_json_new(), *options;
    size_t size;
    char *text;

    if (!document)
        abort();
    need(mpr_json_put_string(document, "name", kit_subject.name));
    need(mpr_json_put_string(document, "module", kit_subject.module));
    need(mpr_json_put_u32(document, "order", (uint32_t)order));
    if (kit_subject.worker_module)
        need(mpr_json_put_string(document, "worker_module", kit_subject.worker_module));
    if (kit_subject.provider_name)
        need(mpr_json_put_string(document, "provider_name", kit_subject.provider_name));
    if (kit_subject.isolate)
        need(mpr_json_put_bool(document, "isolate", true));
    need(mpr_json_put_object(document, "options", &options));
    for (const struct mpr_option *option = kit_subject.options; option && option->name; option++)
        need(mpr_json_put_string(options, option->name, option->value));
    need(mpr_json_print(document, &text, &size));
    mpr_json_free(document);
    return text;
}
