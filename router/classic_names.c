/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_names.c: remote names of a classic provider, and what it says of them.
 *
 * Such a provider has no test of syntax: whose a name is shows only when it is
 * used. So it takes every name that could be one.
 */
#include "config.h"

#include <string.h>
#include <wctype.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/classic_call.h"
#include "router/classic_table.h"
#include "router/mpr_call.h"
#include "router/mpr_name.h"
#include "router/mpr_utf.h"

/* --- keys --- */

/* A unit in small letters; characters of two units have no case that such names use. */
static WCHAR fold(const struct mpr_classic *classic, WCHAR unit) {
    if (unit == '\\')
        return '/';
    if (unit < 0x80)
        return unit >= 'A' && unit <= 'Z' ? (WCHAR)(unit - 'A' + 'a') : unit;
    if (!classic->locale || (unit >= 0xD800 && unit <= 0xDFFF))
        return unit;
    return (WCHAR)towlower_l((wint_t)unit, classic->locale);
}

bool mpr_classic_key(const struct mpr_classic *classic, const char *remote, char *buffer,
                     size_t size) {
    WCHAR wide[MPR_KEY_MAX];
    size_t units = mpr_utf_wide_size(remote);

    if (units > MPR_KEY_MAX)
        return false;
    mpr_utf_to_wide(remote, wide, units);
    units--;
    for (size_t i = 0; i < units; i++)
        wide[i] = fold(classic, wide[i]);
    while (units && wide[units - 1] == '/')
        wide[--units] = 0;
    return units && mpr_utf_put_wide(wide, buffer, size);
}

int mpr_classic_recognise(void *state, const char *remote, struct mpr_recognised *ret) {
    const char *rest, *slash;
    struct mpr_device device;
    char key[MPR_KEY_MAX];

    if (!*remote || mpr_name_has_control(remote) || mpr_name_device(remote, &device)
        || mpr_name_device_path(remote, &device, &rest)
        || !mpr_classic_key(state, remote, key, sizeof key))
        return 0;
    slash = strchr(key + strspn(key, "/"), '/');
    ret->type = RESOURCETYPE_ANY;
    ret->depth = slash ? 2 : 0;
    memcpy(ret->key, key, strlen(key) + 1);
    return 1;
}

/* --- what jobs here have in common --- */

struct asking {
    LPWSTR name, provider;
    const char *about; /* the name, for words */
    uint32_t type, flags, width;
    LPWSTR rest;          /* as the module gave it */
    char *text;           /* result */
    struct mpr_item item; /* result */
};

static struct asking *asking_of(struct mpr_classic_job *job) {
    return job->data;
}

static void clear_asking(struct mpr_classic_job *job) {
    struct mpr_item *item = &asking_of(job)->item;

    free(item->local);
    free(item->remote);
    free(item->comment);
    free(item->provider);
}

static struct mpr_classic_job *asking_new(struct mpr_classic *classic,
                                          void (*run)(struct mpr_classic_job *), const char *name) {
    struct mpr_classic_job *job = mpr_classic_job_new(classic, run);
    struct asking *asking = job ? mpr_classic_keep(job, sizeof *asking) : NULL;

    if (!asking) {
        mpr_classic_job_free(job);
        return NULL;
    }
    job->data = asking;
    job->clear = clear_asking;
    asking->name = mpr_classic_wide(job, name);
    asking->provider = mpr_classic_wide(job, classic->name);
    asking->about = asking->name ? mpr_classic_text(job, asking->name) : NULL;
    return job;
}

uint32_t mpr_classic_copy(const char *text, char *buffer, size_t size) {
    size_t needed = strlen(text) + 1;

    if (needed > size)
        return ERROR_MORE_DATA;
    memcpy(buffer, text, needed);
    return NO_ERROR;
}

int mpr_classic_give(const struct mpr_item *item, mpr_resource_fn fn, void *context) {
    const struct mpr_resource entry = {
        .size = sizeof entry,
        .scope = item->scope,
        .type = item->type,
        .display_type = item->display_type,
        .usage = item->usage,
        .remote = item->remote,
        .comment = item->comment,
    };

    return fn(context, &entry);
}

/* --- universal names --- */

static DWORD fill_universal(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    LPWSTR path = mpr_classic_wide(job, asking_of(job)->about);

    return path ? MPR_CLASSIC_NP(job, NPGetUniversalName, path, UNIVERSAL_NAME_INFO_LEVEL, buffer,
                                 size)
                : ERROR_NOT_ENOUGH_MEMORY;
}

static void run_universal(struct mpr_classic_job *job) {
    struct asking *asking = asking_of(job);
    struct mpr_classic_buffer buffer;
    const UNIVERSAL_NAME_INFOW *info;

    if (!mpr_classic_ready(job)
        || !mpr_classic_fill(job, &mpr_classic_structures, fill_universal, asking->about, &buffer))
        return;
    info = buffer.memory;
    if (mpr_classic_is_inside(&buffer, sizeof *info, info->lpUniversalName))
        asking->text = mpr_classic_text(job, info->lpUniversalName);
    if (!asking->text || !*asking->text)
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR,
                          "says success, and gives no text in its buffer for %s", asking->about);
}

uint32_t mpr_classic_universal(void *state, const struct mpr_call *call, const char *device,
                               const char *remote, const char *path, char *buffer, size_t size) {
    size_t device_size = strlen(device), path_size = strlen(path) + 1;
    char *whole = malloc(device_size + path_size);
    struct mpr_classic_job *job;
    uint32_t rc = ERROR_NOT_ENOUGH_MEMORY;

    (void)remote;
    if (!whole)
        return rc;
    memcpy(whole, device, device_size);
    memcpy(whole + device_size, path, path_size);
    job = asking_new(state, run_universal, whole);
    free(whole);
    if (job)
        rc = mpr_classic_run(&job, call);
    if (rc == NO_ERROR)
        rc = mpr_classic_copy(asking_of(job)->text, buffer, size);
    mpr_classic_job_free(job);
    return rc;
}

/* --- names for people --- */

static DWORD fill_format(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    const struct asking *asking = asking_of(job);
    LPWSTR name = mpr_classic_wide(job, asking->about);

    return name ? MPR_CLASSIC_NP(job, NPFormatNetworkName, name, buffer, size, asking->flags,
                                 asking->width)
                : ERROR_NOT_ENOUGH_MEMORY;
}

/* Whatever is wrong with it but want of memory: the name as it is serves. */
static void run_format(struct mpr_classic_job *job) {
    struct asking *asking = asking_of(job);
    struct mpr_classic_buffer buffer;

    if (mpr_classic_ready(job)
        && mpr_classic_fill(job, &mpr_classic_strings, fill_format, asking->about, &buffer))
        asking->text = mpr_classic_string(job, &buffer);
    if (!job->no_memory)
        job->code = NO_ERROR;
}

uint32_t mpr_classic_format(void *state, const struct mpr_call *call, const char *remote,
                            uint32_t flags, uint32_t width, char *buffer, size_t size) {
    struct mpr_classic_job *job = asking_new(state, run_format, remote);
    uint32_t rc = ERROR_NOT_ENOUGH_MEMORY;

    if (job) {
        asking_of(job)->flags = flags;
        asking_of(job)->width = width;
        rc = mpr_classic_run(&job, call);
    }
    if (rc == NO_ERROR) {
        const char *text = asking_of(job)->text;

        rc = mpr_classic_copy(text && *text ? text : remote, buffer, size);
    }
    mpr_classic_job_free(job);
    return rc;
}

/* --- parents, and where a name leads --- */

static NETRESOURCEW resource_of(const struct asking *asking) {
    return (NETRESOURCEW){
        .dwScope = RESOURCE_GLOBALNET,
        .dwType = asking->type,
        .lpRemoteName = asking->name,
        .lpProvider = asking->provider,
    };
}

/* The module may have written on its arguments, so every attempt gets new ones. */
static bool renew(struct mpr_classic_job *job) {
    struct asking *asking = asking_of(job);

    asking->name = mpr_classic_wide(job, asking->about);
    asking->provider = mpr_classic_wide(job, job->classic->name);
    return asking->name && asking->provider;
}

static DWORD fill_parent(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    NETRESOURCEW resource;

    if (!renew(job))
        return ERROR_NOT_ENOUGH_MEMORY;
    resource = resource_of(asking_of(job));
    return MPR_CLASSIC_NP(job, NPGetResourceParent, &resource, buffer, size);
}

/* Takes the one entry of an answer. */
static bool take_item(struct mpr_classic_job *job, const struct mpr_classic_buffer *buffer) {
    const char *wrong = mpr_classic_item(job, buffer, 0, 1, &asking_of(job)->item);

    if (wrong)
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "%s", wrong);
    return !wrong;
}

static void run_parent(struct mpr_classic_job *job) {
    struct mpr_classic_buffer buffer;
    struct mpr_item *item = &asking_of(job)->item;

    if (!mpr_classic_ready(job)
        || !mpr_classic_fill(job, &mpr_classic_structures, fill_parent, asking_of(job)->about,
                             &buffer)
        || !take_item(job, &buffer))
        return;
    if (item->remote && !*item->remote) { /* some say so that there is none */
        free(item->remote);
        item->remote = NULL;
    }
}

enum mpr_answer mpr_classic_parent(void *state, const struct mpr_call *call, const char *remote,
                                   mpr_resource_fn fn, void *context, uint32_t *ret_code) {
    struct mpr_classic_job *job = asking_new(state, run_parent, remote);

    *ret_code = job ? mpr_classic_run(&job, call) : ERROR_NOT_ENOUGH_MEMORY;
    if (*ret_code == NO_ERROR)
        mpr_classic_give(&asking_of(job)->item, fn, context);
    mpr_classic_job_free(job);
    return mpr_classic_answer_of(*ret_code);
}

static DWORD fill_information(struct mpr_classic_job *job, void *buffer, DWORD *size) {
    struct asking *asking = asking_of(job);
    NETRESOURCEW resource;

    if (!renew(job))
        return ERROR_NOT_ENOUGH_MEMORY;
    resource = resource_of(asking);
    asking->rest = NULL;
    return MPR_CLASSIC_NP(job, NPGetResourceInformation, &resource, buffer, size, &asking->rest);
}

static void run_information(struct mpr_classic_job *job) {
    struct asking *asking = asking_of(job);
    struct mpr_classic_buffer buffer;

    if (!mpr_classic_ready(job)
        || !mpr_classic_fill(job, &mpr_classic_structures, fill_information, asking->about, &buffer)
        || !take_item(job, &buffer))
        return;
    if (!asking->item.remote || !*asking->item.remote) {
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR, "gave no remote name for %s", asking->about);
        return;
    }
    if (!asking->rest)
        return;
    if (mpr_classic_is_inside(&buffer, sizeof(NETRESOURCEW), asking->rest))
        asking->text = mpr_classic_text(job, asking->rest);
    if (!asking->text)
        mpr_classic_blame(job, ERROR_UNEXP_NET_ERR,
                          "gave a rest of %s that is no text in its buffer", asking->about);
}

/* Where the rest of a name starts; false: it is none of it. */
static bool find_rest(const struct mpr_classic *classic, const char *remote, const char *rest,
                      size_t *ret_rest) {
    char key_of_rest[MPR_KEY_MAX], key[MPR_KEY_MAX];
    size_t length = strlen(remote), rest_length = rest ? strlen(rest) : 0;

    *ret_rest = length;
    if (!rest_length)
        return true;
    if (rest_length > length || !mpr_classic_key(classic, rest, key_of_rest, sizeof key_of_rest)
        || !mpr_classic_key(classic, remote + length - rest_length, key, sizeof key)
        || strcmp(key, key_of_rest) != 0)
        return false;
    *ret_rest = length - rest_length;
    return true;
}

enum mpr_answer mpr_classic_information(void *state, const struct mpr_call *call,
                                        const char *remote, uint32_t type, mpr_resource_fn fn,
                                        void *context, size_t *ret_rest, uint32_t *ret_code) {
    struct mpr_classic_job *job = asking_new(state, run_information, remote);
    size_t rest;

    *ret_code = ERROR_NOT_ENOUGH_MEMORY;
    if (job) {
        asking_of(job)->type = type;
        *ret_code = mpr_classic_run(&job, call);
    }
    if (*ret_code == NO_ERROR && find_rest(state, remote, asking_of(job)->text, &rest)) {
        *ret_rest = rest;
        mpr_classic_give(&asking_of(job)->item, fn, context);
    } else if (*ret_code == NO_ERROR) {
        *ret_code = ERROR_UNEXP_NET_ERR;
        mpr_host_table.set_error(call, ERROR_UNEXP_NET_ERR,
                                 "The provider gave a rest of the name (NPGetResourceInformation) "
                                 "that the name does not end with.");
    }
    mpr_classic_job_free(job);
    return mpr_classic_answer_of(*ret_code);
}
