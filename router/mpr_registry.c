/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_registry.c: collects the drop-ins and puts them in order.
 */
#include "config.h"

#include "router/mpr_registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_json.h"
#include "router/mpr_smallfile.h"
#include "router/mpr_trace.h"

#define SUFFIX         ".json"
#define MOST_IN_FOLDER 256u

/* The file names of one directory. */
struct names {
    char **list;
    size_t count;
};

static const char *base_name(const struct mpr_drop_in *drop_in) {
    const char *slash = strrchr(drop_in->file, '/');

    return slash ? slash + 1 : drop_in->file;
}

void mpr_registry_clear(struct mpr_drop_in *drop_in) {
    free(drop_in->file);
    free(drop_in->name);
    free(drop_in->module);
    free(drop_in->worker_module);
    free(drop_in->notify_module);
    free(drop_in->provider_name);
    free(drop_in->options);
    *drop_in = (struct mpr_drop_in){0};
}

void mpr_registry_free(struct mpr_registry *registry) {
    if (!registry)
        return;
    for (size_t i = 0; i < registry->count; i++)
        mpr_registry_clear(&registry->drop_ins[i]);
    free(registry->drop_ins);
    free(registry);
}

/* A new drop-in of this registry, which takes file; NULL for want of memory. */
static struct mpr_drop_in *add(struct mpr_registry *registry, char *file) {
    struct mpr_drop_in *grown =
        reallocarray(registry->drop_ins, registry->count + 1, sizeof *grown);

    if (!grown) {
        free(file);
        return NULL;
    }
    registry->drop_ins = grown;
    grown += registry->count++;
    *grown = (struct mpr_drop_in){.file = file, .order = MPR_REGISTRY_ORDER};
    return grown;
}

DWORD mpr_registry_break(struct mpr_drop_in *drop_in) {
    char *name = strdup(base_name(drop_in));

    if (!name)
        return ERROR_NOT_ENOUGH_MEMORY;
    free(drop_in->name);
    drop_in->name = name;
    drop_in->broken = true;
    mpr_trace("provider", "skipped: %s", drop_in->failure.text);
    return NO_ERROR;
}

static bool is_drop_in_name(const char *name) {
    size_t length = strlen(name);

    return name[0] >= '0' && name[0] <= '9' && name[1] >= '0' && name[1] <= '9' && name[2] == '-'
           && length > strlen("NN-" SUFFIX);
}

static DWORD read_drop_in(int directory, const char *name, const char *modules,
                          struct mpr_drop_in *drop_in) {
    char words[MPR_SMALLFILE_WORDS_MAX];
    MPR_AUTOFREE char *text = NULL;
    struct stat facts;
    size_t size;
    int error;

    if (!is_drop_in_name(name)) {
        mpr_failure_set(&drop_in->failure, ERROR_INVALID_DATA,
                        "The drop-in %s is skipped: its name is not of the form NN-name.json, "
                        "with two digits.",
                        drop_in->file);
        return mpr_registry_break(drop_in);
    }
    error = -mpr_smallfile_read(directory, name, MPR_JSON_MAX_SIZE, &facts, &text, &size);
    if (error == ENOMEM)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (error) {
        mpr_failure_set(&drop_in->failure, (uint32_t)error, "The drop-in %s is skipped: %s.",
                        drop_in->file, mpr_smallfile_reason(error));
        return mpr_registry_break(drop_in);
    }
    if (!mpr_smallfile_trusted(&facts, words)) {
        mpr_failure_set(&drop_in->failure, ERROR_ACCESS_DENIED, "The drop-in %s is skipped: %s.",
                        drop_in->file, words);
        return mpr_registry_break(drop_in);
    }
    return mpr_registry_parse(text, size, modules, drop_in);
}

/* Has a directory of higher precedence a file of this name? */
static bool is_shadowed(const struct mpr_registry *registry, const char *name) {
    for (size_t i = 0; i < registry->count; i++)
        if (strcmp(base_name(&registry->drop_ins[i]), name) == 0)
            return true;
    return false;
}

static int compare_names(const void *left, const void *right) {
    char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

static void clear_names(struct names *names) {
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

static bool is_wanted(const char *name) {
    size_t length = strlen(name);

    return *name != '.' && length > strlen(SUFFIX)
           && strcmp(name + length - strlen(SUFFIX), SUFFIX) == 0;
}

/* The drop-ins' file names, sorted; of too many the first that come, one over the limit. */
static DWORD list_names(DIR *directory, struct names *names) {
    struct dirent *entry;

    names->list = calloc(MOST_IN_FOLDER + 1, sizeof *names->list);
    if (!names->list)
        return ERROR_NOT_ENOUGH_MEMORY;
    while (names->count <= MOST_IN_FOLDER && (entry = readdir(directory))) {
        if (!is_wanted(entry->d_name))
            continue;
        names->list[names->count] = strdup(entry->d_name);
        if (!names->list[names->count])
            return ERROR_NOT_ENOUGH_MEMORY;
        names->count++;
    }
    qsort(names->list, names->count, sizeof *names->list, compare_names);
    return NO_ERROR;
}

static DWORD read_names(struct mpr_registry *registry, DIR *directory, const char *path,
                        const struct names *names, const char *modules) {
    DWORD rc = NO_ERROR;

    for (size_t i = 0; i < names->count && rc == NO_ERROR; i++) {
        struct mpr_drop_in *drop_in;
        char *file;

        if (is_shadowed(registry, names->list[i]))
            continue;
        file = mpr_paths_join(path, names->list[i]);
        drop_in = file ? add(registry, file) : NULL;
        if (!drop_in)
            return ERROR_NOT_ENOUGH_MEMORY;
        rc = read_drop_in(dirfd(directory), names->list[i], modules, drop_in);
    }
    return rc;
}

/* A directory that is there and cannot be used is a broken drop-in of its own. */
static DWORD refuse_directory(struct mpr_registry *registry, const char *path, uint32_t code,
                              const char *why) {
    char *file = strdup(path);
    struct mpr_drop_in *drop_in = file ? add(registry, file) : NULL;

    if (!drop_in)
        return ERROR_NOT_ENOUGH_MEMORY;
    mpr_failure_set(&drop_in->failure, code, "The drop-ins of %s are skipped: %s.", path, why);
    return mpr_registry_break(drop_in);
}

static DWORD read_directory(struct mpr_registry *registry, DIR *directory, const char *path,
                            const char *modules) {
    char words[MPR_SMALLFILE_WORDS_MAX];
    struct names names = {0};
    struct stat facts;
    DWORD rc;

    if (fstat(dirfd(directory), &facts))
        return refuse_directory(registry, path, (uint32_t)errno, strerror(errno));
    if (!mpr_smallfile_trusted(&facts, words))
        return refuse_directory(registry, path, ERROR_ACCESS_DENIED, words);
    rc = list_names(directory, &names);
    if (rc == NO_ERROR && names.count > MOST_IN_FOLDER)
        rc = refuse_directory(registry, path, ERROR_INVALID_DATA, "there are over 256 of them");
    else if (rc == NO_ERROR)
        rc = read_names(registry, directory, path, &names, modules);
    clear_names(&names);
    return rc;
}

static DWORD open_directory(struct mpr_registry *registry, const char *path, const char *modules) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    DIR *directory;
    DWORD rc;

    if (fd < 0 && errno == ENOENT)
        return NO_ERROR;
    if (fd < 0)
        return refuse_directory(registry, path, (uint32_t)errno, strerror(errno));
    directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    rc = read_directory(registry, directory, path, modules);
    closedir(directory);
    return rc;
}

static bool is_disabled(const struct mpr_drop_in *drop_in, const struct mpr_config *config) {
    const struct mpr_config_provider *said =
        drop_in->broken ? NULL : mpr_config_find(config, drop_in->name);

    return said && said->disabled;
}

static void leave_out_disabled(struct mpr_registry *registry, const struct mpr_config *config) {
    size_t kept = 0;

    for (size_t i = 0; i < registry->count; i++) {
        if (is_disabled(&registry->drop_ins[i], config))
            mpr_registry_clear(&registry->drop_ins[i]);
        else
            registry->drop_ins[kept++] = registry->drop_ins[i];
    }
    registry->count = kept;
}

/* A name belongs to the first that has it: they are still in order of precedence. */
static DWORD break_twin(const struct mpr_registry *registry, struct mpr_drop_in *drop_in) {
    for (const struct mpr_drop_in *at = registry->drop_ins; at < drop_in; at++) {
        if (at->broken || strcmp(at->name, drop_in->name) != 0)
            continue;
        mpr_failure_set(&drop_in->failure, ERROR_INVALID_DATA,
                        "The drop-in %s is skipped: %s has the name \"%s\" already.", drop_in->file,
                        at->file, drop_in->name);
        return mpr_registry_break(drop_in);
    }
    return NO_ERROR;
}

static DWORD configure(struct mpr_drop_in *drop_in, const struct mpr_config *config) {
    const struct mpr_config_provider *said = mpr_config_find(config, drop_in->name);
    struct mpr_option *merged;
    DWORD rc;

    if (!said)
        return NO_ERROR;
    if (said->has_order)
        drop_in->order = said->order;
    rc = mpr_option_merge(drop_in->options, said->options, &merged);
    if (rc != NO_ERROR)
        return rc;
    free(drop_in->options);
    drop_in->options = merged;
    return NO_ERROR;
}

static int compare_drop_ins(const void *left, const void *right) {
    const struct mpr_drop_in *a = left, *b = right;
    int names = strcmp(base_name(a), base_name(b));

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return names ? names : strcmp(a->file, b->file);
}

static DWORD fill(struct mpr_registry *registry, const struct mpr_paths *paths,
                  const struct mpr_config *config) {
    DWORD rc = NO_ERROR;

    for (char **at = paths->drop_ins; *at && rc == NO_ERROR; at++)
        rc = open_directory(registry, *at, paths->modules);
    if (rc != NO_ERROR)
        return rc;
    leave_out_disabled(registry, config);
    for (size_t i = 0; i < registry->count && rc == NO_ERROR; i++) {
        if (!registry->drop_ins[i].broken)
            rc = break_twin(registry, &registry->drop_ins[i]);
        if (rc == NO_ERROR && !registry->drop_ins[i].broken)
            rc = configure(&registry->drop_ins[i], config);
    }
    if (rc == NO_ERROR && registry->count)
        qsort(registry->drop_ins, registry->count, sizeof *registry->drop_ins, compare_drop_ins);
    return rc;
}

DWORD mpr_registry_new(const struct mpr_paths *paths, const struct mpr_config *config,
                       struct mpr_registry **ret_registry) {
    struct mpr_registry *registry = calloc(1, sizeof *registry);
    DWORD rc;

    if (!registry)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = fill(registry, paths, config);
    if (rc != NO_ERROR) {
        mpr_registry_free(registry);
        return rc;
    }
    *ret_registry = registry;
    return NO_ERROR;
}
