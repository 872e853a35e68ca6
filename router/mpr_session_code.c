/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_code.c: the fields of operations as members of JSON objects.
 *
 * For each structure there is one function that goes over its fields, for
 * writing and for reading alike.
 */
#include "config.h"

#include "router/mpr_session_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_base64.h"
#include "router/mpr_secret.h"
#include "router/mpr_session_fields.h"
#include "router/mpr_utf.h"

#define SECRET_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

void mpr_session_owned_free(struct mpr_session_owned *owned) {
    while (owned) {
        struct mpr_session_owned *next = owned->next;

        explicit_bzero(owned->bytes, owned->size);
        free(owned);
        owned = next;
    }
}

static void *own(struct mpr_session_coder *coder, size_t size) {
    struct mpr_session_owned *owned = malloc(sizeof *owned + size);

    if (!owned)
        return NULL;
    owned->size = size;
    owned->next = coder->owned;
    coder->owned = owned;
    return owned->bytes;
}

/* ---- failures and members */

static void fail(struct mpr_session_coder *coder, DWORD rc, const char *field, const char *wrong) {
    if (coder->rc != NO_ERROR)
        return;
    coder->rc = rc;
    coder->field = field;
    coder->wrong = wrong;
}

static void note_put(struct mpr_session_coder *coder, DWORD rc, const char *field) {
    if (rc != NO_ERROR)
        fail(coder, rc, field,
             rc == ERROR_NO_UNICODE_TRANSLATION ? "is no UTF-8" : "found no memory");
}

/* A member that must be there. */
static bool has(struct mpr_session_coder *coder, enum mpr_json_found found, const char *field,
                const char *wrong) {
    if (found == MPR_JSON_FOUND) {
        if (coder->seen < MPR_SESSION_MEMBERS)
            coder->names[coder->seen] = field;
        coder->seen++;
        return true;
    }
    fail(coder, ERROR_INVALID_DATA, field, found == MPR_JSON_ABSENT ? "is missing" : wrong);
    return false;
}

/* A member that need not. */
static bool has_optional(struct mpr_session_coder *coder, enum mpr_json_found found,
                         const char *field, const char *wrong) {
    return found != MPR_JSON_ABSENT && has(coder, found, field, wrong);
}

/* ---- scalar fields */

static void code_u32(struct mpr_session_coder *coder, const char *field, uint32_t *value) {
    if (coder->write)
        note_put(coder, mpr_json_put_u32(coder->object, field, *value), field);
    else
        has(coder, mpr_json_get_u32(coder->from, field, value), field,
            "is no number from 0 to 4294967295");
}

/* An older service does not say it, and it is 0. */
static void code_late(struct mpr_session_coder *coder, const char *field, uint32_t *value) {
    if (coder->write)
        code_u32(coder, field, value);
    else
        has_optional(coder, mpr_json_get_u32(coder->from, field, value), field,
                     "is no number from 0 to 4294967295");
}

static void code_u64(struct mpr_session_coder *coder, const char *field, uint64_t *value) {
    if (coder->write)
        note_put(coder, mpr_json_put_u64(coder->object, field, *value), field);
    else
        has(coder, mpr_json_get_u64(coder->from, field, value), field,
            "is no string of the digits of a number of 64 bits");
}

static void code_flag(struct mpr_session_coder *coder, const char *field, bool *value) {
    if (coder->write)
        note_put(coder, mpr_json_put_bool(coder->object, field, *value), field);
    else
        has(coder, mpr_json_get_bool(coder->from, field, value), field,
            "is neither true nor false");
}

/* ---- of arguments: what is read points into the document, or is owned with it */

static void put_text(struct mpr_session_coder *coder, const char *field, const char *text) {
    if (text)
        note_put(coder, mpr_json_put_string(coder->object, field, text), field);
}

static void code_arg_str(struct mpr_session_coder *coder, const char *field, const char **text) {
    if (coder->write)
        put_text(coder, field, *text);
    else
        has_optional(coder, mpr_json_get_string(coder->from, field, text), field, "is no string");
}

/* Sends a descriptor that becomes the message's. */
static void put_fd(struct mpr_session_coder *coder, const char *field, int fd) {
    struct mpr_session_message *message = coder->message;

    if (message->fd_count == MPR_SESSION_FDS) {
        close(fd);
        fail(coder, ERROR_INVALID_DATA, field, "is one descriptor too many");
        return;
    }
    message->fds[message->fd_count++] = fd;
}

static void write_secret(struct mpr_session_coder *coder, const char *field, const char *secret) {
    int fd;
    DWORD rc;

    if (!secret)
        return;
    rc = mpr_secret_seal(secret, &fd);
    if (rc != NO_ERROR) {
        fail(coder, rc, field,
             rc == ERROR_INVALID_PARAMETER     ? "is too long"
             : rc == ERROR_TOO_MANY_OPEN_FILES ? "found no number for a descriptor"
                                               : "found no memory, or is over the limit for the "
                                                 "size of files (ulimit -f)");
        return;
    }
    note_put(coder, mpr_json_put_u32(coder->object, field, (uint32_t)coder->message->fd_count),
             field);
    put_fd(coder, field, fd);
}

/* Only a sealed memory file: reading anything else could wait for ever. */
static bool is_sealed(int fd) {
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & SECRET_SEALS) == SECRET_SEALS;
}

static void read_secret(struct mpr_session_coder *coder, const char *field, const char **secret) {
    uint32_t at;
    char *text;

    if (!has_optional(coder, mpr_json_get_u32(coder->from, field, &at), field,
                      "is no number of a descriptor"))
        return;
    if (at >= coder->fd_count) {
        fail(coder, ERROR_INVALID_DATA, field, "names a descriptor that did not come");
        return;
    }
    if (!is_sealed(coder->fds[at])) {
        fail(coder, ERROR_INVALID_DATA, field, "is no sealed memory file");
        return;
    }
    text = own(coder, MPR_SECRET_MAX);
    if (!text) {
        fail(coder, ERROR_NOT_ENOUGH_MEMORY, field, "found no memory");
        return;
    }
    if (mpr_secret_read(coder->fds[at], text, MPR_SECRET_MAX) != 1) {
        fail(coder, ERROR_INVALID_DATA, field, "cannot be read, or is too long");
        return;
    }
    *secret = text;
}

static void code_arg_secret(struct mpr_session_coder *coder, const char *field,
                            const char **secret) {
    if (coder->write)
        write_secret(coder, field, *secret);
    else
        read_secret(coder, field, secret);
}

static void write_bytes(struct mpr_session_coder *coder, const char *field, const void *bytes,
                        size_t size) {
    char *text;

    if (!bytes)
        return;
    text = mpr_base64_encode(bytes, size);
    note_put(coder,
             text ? mpr_json_put_string(coder->object, field, text) : ERROR_NOT_ENOUGH_MEMORY,
             field);
    mpr_free_wiped(text); /* options may hold anything */
}

static void read_bytes(struct mpr_session_coder *coder, const char *field, const void **bytes,
                       size_t *size) {
    MPR_AUTOFREE void *decoded = NULL;
    const char *text;
    void *kept;
    DWORD rc;

    if (!has_optional(coder, mpr_json_get_string(coder->from, field, &text), field, "is no string"))
        return;
    rc = mpr_base64_decode(text, MPR_SESSION_CALL_MAX, &decoded, size);
    if (rc != NO_ERROR) {
        fail(coder, rc, field, rc == ERROR_INVALID_DATA ? "is no base64" : "found no memory");
        return;
    }
    kept = own(coder, *size);
    if (!kept) {
        fail(coder, ERROR_NOT_ENOUGH_MEMORY, field, "found no memory");
        return;
    }
    if (*size) {
        memcpy(kept, decoded, *size);
        explicit_bzero(decoded, *size);
    }
    *bytes = kept;
}

static void code_arg_bytes(struct mpr_session_coder *coder, const char *field, const void **bytes,
                           size_t *size) {
    if (coder->write)
        write_bytes(coder, field, *bytes, *size);
    else
        read_bytes(coder, field, bytes, size);
}

/* Those that are not -1, which stand first; the message gets copies, as it closes its own. */
static void write_fds(struct mpr_session_coder *coder, const char *field, const int *fds) {
    note_put(coder, mpr_json_put_u32(coder->object, field, (uint32_t)coder->message->fd_count),
             field);
    for (size_t i = 0; i < MPR_OPS_FDS && fds[i] >= 0; i++) {
        int copy = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);

        if (copy < 0 && errno == EMFILE)
            fail(coder, ERROR_TOO_MANY_OPEN_FILES, field, "found no number for a descriptor");
        else if (copy < 0)
            fail(coder, ERROR_INVALID_PARAMETER, field, "has what is no open descriptor");
        else
            put_fd(coder, field, copy);
    }
}

static void read_fds(struct mpr_session_coder *coder, const char *field, int *fds) {
    uint32_t at;

    for (size_t i = 0; i < MPR_OPS_FDS; i++)
        fds[i] = -1;
    if (!has(coder, mpr_json_get_u32(coder->from, field, &at), field,
             "is no number of a descriptor"))
        return;
    if (at > coder->fd_count)
        fail(coder, ERROR_INVALID_DATA, field, "names a descriptor that did not come");
    for (size_t i = 0; i < MPR_OPS_FDS && at < coder->fd_count; i++)
        fds[i] = coder->fds[at++];
}

static void code_arg_fds(struct mpr_session_coder *coder, const char *field, int *fds) {
    if (coder->write)
        write_fds(coder, field, fds);
    else
        read_fds(coder, field, fds);
}

/* ---- of results: what is read is the caller's, to be freed */

/* Servers give names that are no UTF-8; of such a text the rest is better than nothing. */
static void put_any_text(struct mpr_session_coder *coder, const char *field, const char *text) {
    MPR_AUTOFREE char *mended = NULL;
    size_t size;

    if (!text || mpr_utf_valid(text)) {
        put_text(coder, field, text);
        return;
    }
    size = strlen(text) + 1;
    mended = malloc(size);
    if (mended)
        mpr_utf_copy(mended, size, text);
    note_put(coder,
             mended ? mpr_json_put_string(coder->object, field, mended) : ERROR_NOT_ENOUGH_MEMORY,
             field);
}

static void code_str(struct mpr_session_coder *coder, const char *field, char **text) {
    const char *found;

    if (coder->write) {
        put_any_text(coder, field, *text);
        return;
    }
    if (!has_optional(coder, mpr_json_get_string(coder->from, field, &found), field,
                      "is no string"))
        return;
    *text = strdup(found);
    if (!*text)
        fail(coder, ERROR_NOT_ENOUGH_MEMORY, field, "found no memory");
}

/* ---- structures within */

#define FIELD(type, name) code_##type(coder, #name, &value->name);

/* The object below; what it fails with is this one's failure. */
static struct mpr_session_coder enter(const struct mpr_session_coder *coder,
                                      struct mpr_json *object, const struct mpr_json *from) {
    return (struct mpr_session_coder){.write = coder->write, .object = object, .from = from};
}

static void leave(struct mpr_session_coder *coder, const struct mpr_session_coder *below) {
    if (below->rc != NO_ERROR)
        fail(coder, below->rc, below->field, below->wrong);
}

static void code_refusal(struct mpr_session_coder *coder, const char *field,
                         struct mpr_refusal *refusal);

#define VISITOR(name_, structure, FIELDS)                                                          \
    static void visit_##name_(struct mpr_session_coder *coder, struct mpr_##structure *value) {    \
        FIELDS(FIELD)                                                                              \
    }
MPR_SESSION_STRUCTURES(VISITOR)

static void code_refusal(struct mpr_session_coder *coder, const char *field,
                         struct mpr_refusal *refusal) {
    struct mpr_json *object = NULL;
    const struct mpr_json *from = NULL;
    struct mpr_session_coder below;

    if (coder->write)
        note_put(coder, mpr_json_put_object(coder->object, field, &object), field);
    else
        has(coder, mpr_json_get_object(coder->from, field, &from), field, "is no object");
    if (!object && !from)
        return;
    below = enter(coder, object, from);
    visit_refusal(&below, refusal);
    leave(coder, &below);
}

/* ---- lists */

typedef void (*visit_fn)(struct mpr_session_coder *coder, void *entry);

/* An array of count entries of size bytes each. */
static void write_list(struct mpr_session_coder *coder, const char *field, void *entries,
                       size_t count, size_t size, visit_fn visit) {
    struct mpr_json *array = NULL;

    note_put(coder, mpr_json_put_array(coder->object, field, &array), field);
    for (size_t i = 0; i < count && coder->rc == NO_ERROR; i++) {
        struct mpr_session_coder below = enter(coder, NULL, NULL);

        note_put(coder, mpr_json_add_object(array, &below.object), field);
        if (coder->rc != NO_ERROR)
            return;
        visit(&below, (char *)entries + i * size);
        leave(coder, &below);
    }
}

static size_t count_elements(const struct mpr_json *array) {
    size_t count = 0;

    for (const struct mpr_json *at = mpr_json_first(array); at; at = mpr_json_next(at))
        count++;
    return count;
}

/* *ret_count is what may have been allocated, so that a part is cleared, too. */
static void read_list(struct mpr_session_coder *coder, const char *field, void **ret_entries,
                      size_t *ret_count, size_t size, visit_fn visit) {
    const struct mpr_json *array;
    char *entry;

    if (!has(coder, mpr_json_get_array(coder->from, field, &array), field, "is no array"))
        return;
    if (!mpr_json_first(array))
        return;
    entry = calloc(count_elements(array), size);
    if (!entry) {
        fail(coder, ERROR_NOT_ENOUGH_MEMORY, field, "found no memory");
        return;
    }
    *ret_entries = entry;
    for (const struct mpr_json *at = mpr_json_first(array); at && coder->rc == NO_ERROR;
         at = mpr_json_next(at), entry += size, ++*ret_count) {
        struct mpr_session_coder below = enter(coder, NULL, at);

        if (!mpr_json_is_object(at)) {
            fail(coder, ERROR_INVALID_DATA, field, "has an element that is no object");
            return;
        }
        visit(&below, entry);
        leave(coder, &below);
    }
}

#define LIST(type, entry, structure)                                                               \
    static void visit_any_##entry(struct mpr_session_coder *coder, void *value) {                  \
        visit_##entry(coder, value);                                                               \
    }                                                                                              \
    static void code_##type##_list(struct mpr_session_coder *coder, const char *field,             \
                                   struct mpr_##structure *list) {                                 \
        void *entries = list->items;                                                               \
                                                                                                   \
        if (coder->write)                                                                          \
            write_list(coder, field, list->items, list->count, sizeof *list->items,                \
                       visit_any_##entry);                                                         \
        else                                                                                       \
            read_list(coder, field, &entries, &list->count, sizeof *list->items,                   \
                      visit_any_##entry);                                                          \
        list->items = entries;                                                                     \
    }
MPR_SESSION_LISTS(LIST)

/* ---- operations */

#define ARG_str(name)       code_arg_str(coder, #name, &value->name);
#define ARG_secret(name)    code_arg_secret(coder, #name, &value->name);
#define ARG_bytes(name)     code_arg_bytes(coder, #name, &value->name, &value->name##_size);
#define ARG_u32(name)       code_u32(coder, #name, &value->name);
#define ARG_u64(name)       code_u64(coder, #name, &value->name);
#define ARG_flag(name)      code_flag(coder, #name, &value->name);
#define ARG_fds(name)       code_arg_fds(coder, #name, value->name);
#define ARG(type, name)     ARG_##type(name)

#define RET_str(name)       code_str(coder, #name, &value->name);
#define RET_u32(name)       code_u32(coder, #name, &value->name);
#define RET_u64(name)       code_u64(coder, #name, &value->name);
#define RET_flag(name)      code_flag(coder, #name, &value->name);
#define RET_refusal(name)   code_refusal(coder, #name, &value->name);
#define RET_items(name)     code_items_list(coder, #name, &value->name);
#define RET_providers(name) code_providers_list(coder, #name, &value->name);
#define RET_restored(name)  code_restored_list(coder, #name, &value->name);
#define RET_statuses(name)  code_statuses_list(coder, #name, &value->name);
#define RET_holders(name)   code_holders_list(coder, #name, &value->name);
#define RET_steps(name)     code_steps_list(coder, #name, &value->name);
#define RET(type, name)     RET_##type(name)

#define VISIT_OP(id, op, ARGS, RETS)                                                               \
    static void visit_##op##_args(struct mpr_session_coder *coder, void *structure) {              \
        struct mpr_##op##_args *value = structure;                                                 \
                                                                                                   \
        (void)coder;                                                                               \
        (void)value;                                                                               \
        ARGS(ARG)                                                                                  \
    }                                                                                              \
    static void visit_##op##_ret(struct mpr_session_coder *coder, void *structure) {               \
        struct mpr_##op##_ret *value = structure;                                                  \
                                                                                                   \
        (void)coder;                                                                               \
        (void)value;                                                                               \
        RETS(RET)                                                                                  \
    }                                                                                              \
    static void clear_##op##_ret(void *ret) {                                                      \
        mpr_##op##_ret_clear(ret);                                                                 \
    }
MPR_OPS(VISIT_OP)

static const struct shape {
    size_t args_size, ret_size;
    visit_fn args, ret;
    void (*clear)(void *ret);
} shapes[] = {
#define SHAPE(id, op, ARGS, RETS)                                                                  \
    [id] = {sizeof(struct mpr_##op##_args), sizeof(struct mpr_##op##_ret), visit_##op##_args,      \
            visit_##op##_ret, clear_##op##_ret},
    MPR_OPS(SHAPE)};

void mpr_session_code_args(struct mpr_session_coder *coder, enum mpr_op op, void *args) {
    shapes[op].args(coder, args);
}

void mpr_session_code_ret(struct mpr_session_coder *coder, enum mpr_op op, void *ret) {
    shapes[op].ret(coder, ret);
}

void mpr_session_code_event(struct mpr_session_coder *coder,
                            struct mpr_session_event *value){MPR_SESSION_EVENT_FIELDS(FIELD)}

size_t mpr_session_args_size(enum mpr_op op) {
    return shapes[op].args_size;
}

size_t mpr_session_ret_size(enum mpr_op op) {
    return shapes[op].ret_size;
}

void mpr_session_ret_clear(enum mpr_op op, void *ret) {
    shapes[op].clear(ret);
}
