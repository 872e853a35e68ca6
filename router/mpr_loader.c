/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_loader.c: loads provider modules through libltdl.
 */
#include "config.h"

#include "router/mpr_loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <ltdl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>

#include "router/mpr_trace.h"

/* libltdl keeps unlocked process-wide state, its error text included. */
struct mpr_lock mpr_loader_lock = MPR_LOCK_INIT;

/* Tables of other sizes, completed to this host's: never freed, as modules never go. */
static struct completed {
    struct completed *next;
    const struct mpr_provider *original;
    struct mpr_provider table;
} * all_completed GUARDED_BY(mpr_loader_lock);

/*
 * libltdl says "file not found" for a corrupt file, a missing dependency and an
 * undefined symbol alike, so the dynamic linker is asked again for its words.
 */
static void explain_load(const char *path, struct mpr_failure *failure) {
    struct stat facts;
    void *again;

    if (stat(path, &facts)) {
        mpr_failure_set(failure, (uint32_t)errno, "The module %s cannot be loaded: %s.", path,
                        strerror(errno));
        return;
    }
    again = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    mpr_failure_set(failure, ERROR_MOD_NOT_FOUND, "The module %s cannot be loaded: %s.", path,
                    again ? "libltdl refused it" : dlerror());
    if (again)
        dlclose(again);
}

/*
 * libltdl binds lazily, and then a function that nobody defines ends the
 * process at its first call. So the dynamic linker binds everything first, and
 * for good: whoever closes too often takes no code away from under a thread.
 *
 * A module that ends or hangs the program does so in here: the trace has named it then.
 */
static lt_dlhandle open_locked(const char *path) REQUIRES(mpr_loader_lock) {
    static bool initialised;
    lt_dladvise advise = NULL;
    lt_dlhandle module = NULL;

    mpr_trace("loader", "%s is being loaded", path);
    if (!dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) || (!initialised && lt_dlinit()))
        return NULL;
    initialised = true;
    if (!lt_dladvise_init(&advise) && !lt_dladvise_local(&advise) && !lt_dladvise_resident(&advise))
        module = lt_dlopenadvise(path, advise);
    if (advise)
        lt_dladvise_destroy(&advise);
    return module;
}

/* A look-up in a module also searches what it depends on, which may be another provider. */
static bool lies_in_file(const void *symbol, const char *path) {
    char real_path[PATH_MAX], real_owner[PATH_MAX];
    Dl_info owner;

    if (!dladdr(symbol, &owner) || !owner.dli_fname)
        return false;
    return realpath(path, real_path) && realpath(owner.dli_fname, real_owner)
           && strcmp(real_path, real_owner) == 0;
}

static DWORD check_table(const char *path, const struct mpr_provider *table,
                         struct mpr_failure *failure) {
    if (!table) {
        mpr_failure_set(failure, ERROR_BAD_FORMAT,
                        "The provider module %s does not serve ABI %u.%u of this router.", path,
                        MPR_PROVIDER_ABI_MAJOR, MPR_PROVIDER_ABI_MINOR);
        return ERROR_BAD_FORMAT;
    }
    if (table->magic != MPR_PROVIDER_MAGIC) {
        mpr_failure_set(failure, ERROR_BAD_FORMAT,
                        "The provider module %s gave a table that is none: magic 0x%08x, not "
                        "0x%08x.",
                        path, table->magic, MPR_PROVIDER_MAGIC);
        return ERROR_BAD_FORMAT;
    }
    if (table->abi_major != MPR_PROVIDER_ABI_MAJOR) {
        mpr_failure_set(failure, ERROR_BAD_FORMAT,
                        "The provider module %s was made for provider ABI %u.%u; this router has "
                        "%u.%u.",
                        path, table->abi_major, table->abi_minor, MPR_PROVIDER_ABI_MAJOR,
                        MPR_PROVIDER_ABI_MINOR);
        return ERROR_BAD_FORMAT;
    }
    if (table->size < offsetof(struct mpr_provider, abort) || !table->name || !*table->name
        || !table->recognise || !table->connect || !table->disconnect || table->max_io > MPR_MAX_IO
        || ((table->pread || table->pwrite) && !table->max_io)) {
        mpr_failure_set(failure, ERROR_BAD_FORMAT,
                        "The provider module %s gave an incomplete table: it needs a name, "
                        "recognise, connect, disconnect, and a max_io of 1 to %u where files are.",
                        path, MPR_MAX_IO);
        return ERROR_BAD_FORMAT;
    }
    return NO_ERROR;
}

/* A shorter table of an older minor version has NULL for what it lacks. */
static const struct mpr_provider *complete_locked(const struct mpr_provider *original)
    REQUIRES(mpr_loader_lock) {
    struct completed *copy;

    if (original->size >= sizeof *original)
        return original;
    for (copy = all_completed; copy; copy = copy->next)
        if (copy->original == original)
            return &copy->table;
    copy = calloc(1, sizeof *copy);
    if (!copy)
        return NULL;
    copy->original = original;
    memcpy(&copy->table, original, original->size);
    copy->next = all_completed;
    all_completed = copy;
    return &copy->table;
}

static DWORD query_locked(const char *path, lt_dlhandle module, struct mpr_failure *failure,
                          const struct mpr_provider **ret_table) REQUIRES(mpr_loader_lock) {
    const struct mpr_provider *table;
    mpr_provider_query_fn query;
    void *symbol = lt_dlsym(module, MPR_PROVIDER_QUERY);
    DWORD rc;

    if (!symbol || !lies_in_file(symbol, path)) {
        mpr_failure_set(failure, ERROR_PROC_NOT_FOUND,
                        "The module %s is no provider: it does not define %s.", path,
                        MPR_PROVIDER_QUERY);
        return ERROR_PROC_NOT_FOUND;
    }
    memcpy(&query, &symbol, sizeof query);
    table = query(MPR_PROVIDER_ABI_MAJOR << 16 | MPR_PROVIDER_ABI_MINOR);
    rc = check_table(path, table, failure);
    if (rc != NO_ERROR)
        return rc;
    table = complete_locked(table);
    if (!table)
        return ERROR_NOT_ENOUGH_MEMORY;
    *ret_table = table;
    return NO_ERROR;
}

DWORD mpr_loader_open(const char *path, struct mpr_failure *failure,
                      const struct mpr_provider **ret_table) {
    lt_dlhandle module;
    DWORD rc;

    if (*path != '/') {
        mpr_failure_set(failure, ERROR_MOD_NOT_FOUND,
                        "The provider module %s cannot be loaded: the path is not absolute.", path);
        return ERROR_MOD_NOT_FOUND;
    }
    mpr_lock(&mpr_loader_lock);
    module = open_locked(path);
    if (module) {
        rc = query_locked(path, module, failure, ret_table);
    } else {
        explain_load(path, failure);
        rc = ERROR_MOD_NOT_FOUND;
    }
    mpr_unlock(&mpr_loader_lock);
    mpr_trace("loader", "%s: %u%s%s", path, rc, rc ? ", " : "", rc ? failure->text : "");
    return rc;
}

/* --- notification modules --- */

/* Those that were loaded: never freed, as modules never go. */
static struct notifyee {
    struct notifyee *next;
    char *path;
    struct mpr_notify_functions functions;
} * all_notifyees GUARDED_BY(mpr_loader_lock);

/* A function of the module's own, or NULL. */
static void *find_function_locked(const char *path, lt_dlhandle module, const char *name)
    REQUIRES(mpr_loader_lock) {
    void *symbol = lt_dlsym(module, name);

    return symbol && lies_in_file(symbol, path) ? symbol : NULL;
}

static DWORD read_functions_locked(const char *path, lt_dlhandle module,
                                   struct mpr_failure *failure, struct mpr_notify_functions *ret)
    REQUIRES(mpr_loader_lock) {
    void *add = find_function_locked(path, module, "AddConnectNotify");
    void *cancel = find_function_locked(path, module, "CancelConnectNotify");

    if (!add && !cancel) {
        mpr_failure_set(failure, ERROR_PROC_NOT_FOUND,
                        "The module %s defines neither AddConnectNotify nor CancelConnectNotify.",
                        path);
        return ERROR_PROC_NOT_FOUND;
    }
    memcpy(&ret->add, &add, sizeof add);
    memcpy(&ret->cancel, &cancel, sizeof cancel);
    return NO_ERROR;
}

static DWORD load_notifyee_locked(const char *path, struct mpr_failure *failure,
                                  struct notifyee **ret_notifyee) REQUIRES(mpr_loader_lock) {
    lt_dlhandle module = open_locked(path);
    struct notifyee *notifyee;
    DWORD rc;

    if (!module) {
        explain_load(path, failure);
        return ERROR_MOD_NOT_FOUND;
    }
    notifyee = calloc(1, sizeof *notifyee);
    if (!notifyee)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = read_functions_locked(path, module, failure, &notifyee->functions);
    notifyee->path = strdup(path);
    if (rc != NO_ERROR || !notifyee->path) {
        free(notifyee->path);
        free(notifyee);
        return rc != NO_ERROR ? rc : ERROR_NOT_ENOUGH_MEMORY;
    }
    notifyee->next = all_notifyees;
    all_notifyees = notifyee;
    *ret_notifyee = notifyee;
    return NO_ERROR;
}

DWORD mpr_loader_open_notifyee(const char *path, struct mpr_failure *failure,
                               struct mpr_notify_functions *ret_functions) {
    struct notifyee *notifyee;
    DWORD rc = NO_ERROR;

    mpr_lock(&mpr_loader_lock);
    for (notifyee = all_notifyees; notifyee; notifyee = notifyee->next)
        if (strcmp(notifyee->path, path) == 0)
            break;
    if (!notifyee)
        rc = load_notifyee_locked(path, failure, &notifyee);
    if (rc == NO_ERROR)
        *ret_functions = notifyee->functions;
    mpr_unlock(&mpr_loader_lock);
    return rc;
}

bool mpr_loader_symbols(const char *path, const char *const *names, size_t count,
                        void **ret_symbols) {
    lt_dlhandle module;

    mpr_lock(&mpr_loader_lock);
    module = *path == '/' ? open_locked(path) : NULL;
    for (size_t i = 0; i < count && module; i++) {
        void *symbol = lt_dlsym(module, names[i]);

        ret_symbols[i] = symbol && lies_in_file(symbol, path) ? symbol : NULL;
    }
    mpr_unlock(&mpr_loader_lock);
    return module != NULL;
}
