/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_json.c: documents, on cJSON.
 *
 * cJSON_InitHooks is never called: it is global to the embedding program.
 */
#include "config.h"

#include "router/mpr_json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_json_scan.h"
#include "router/mpr_utf.h"

#define FIRST_PRINT_SIZE 4096u
/* cJSON asks for a few bytes more than it writes. */
#define PRINT_SLACK      64u

static const struct mpr_json_limits file_limits = {MPR_JSON_MAX_SIZE, MPR_JSON_MAX_VALUES};

static cJSON *to_cjson(struct mpr_json *value) {
    return (cJSON *)value;
}

static const cJSON *to_const_cjson(const struct mpr_json *value) {
    return (const cJSON *)value;
}

static struct mpr_json *from_cjson(cJSON *value) {
    return (struct mpr_json *)value;
}

static const struct mpr_json *from_const_cjson(const cJSON *value) {
    return (const struct mpr_json *)value;
}

static void wipe(cJSON *value) {
    for (; value; value = value->next) {
        if (value->valuestring)
            explicit_bzero(value->valuestring, strlen(value->valuestring));
        wipe(value->child);
    }
}

static void delete_value(cJSON *value) {
    wipe(value);
    cJSON_Delete(value);
}

void mpr_json_free(struct mpr_json *document) {
    delete_value(to_cjson(document));
}

struct mpr_json *mpr_json_new(void) {
    return from_cjson(cJSON_CreateObject());
}

/* A member's key and its place among all keys of the text. */
struct key {
    const char *name;
    size_t number;
};

static int compare_keys(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* Values at and below this one, and after it in the same container. */
static size_t count_values(const cJSON *value) {
    size_t count = 0;

    for (; value; value = value->next)
        count += 1 + count_values(value->child);
    return count;
}

/*
 * The lowest number of a key that its object has twice, or SIZE_MAX. Numbers are
 * given in the order of the text; room takes the keys of one path down.
 */
static size_t find_twin(const cJSON *container, struct key *room, size_t *next_number) {
    size_t count = 0, twin = SIZE_MAX, below;
    struct key *end = room;

    for (const cJSON *value = container->child; value; value = value->next)
        count++;
    for (const cJSON *value = container->child; value; value = value->next) {
        if (value->string)
            *end++ = (struct key){.name = value->string, .number = (*next_number)++};
        below = find_twin(value, room + count, next_number);
        if (below < twin)
            twin = below;
    }
    if (room == end)
        return twin;
    qsort(room, (size_t)(end - room), sizeof *room, compare_keys);
    for (struct key *at = room + 1; at < end; at++)
        if (strcmp(at->name, at[-1].name) == 0 && at->number < twin)
            twin = at->number;
    return twin;
}

static DWORD refuse_twins(const cJSON *document, const char *text,
                          struct mpr_json_fault *ret_fault) {
    MPR_AUTOFREE struct key *room = NULL;
    size_t next_number = 0, twin;

    room = calloc(count_values(document), sizeof *room);
    if (!room)
        return ERROR_NOT_ENOUGH_MEMORY;
    twin = find_twin(document, room, &next_number);
    if (twin == SIZE_MAX)
        return NO_ERROR;
    mpr_json_scan_fault(ret_fault, text, mpr_json_scan_key(text, twin),
                        "a key occurs twice in one object");
    return ERROR_INVALID_DATA;
}

/*
 * Numbers that floating point or cJSON's writer would alter become raw text.
 * *at moves through the text with the values.
 */
static bool keep_digits(cJSON *value, const char **at) {
    for (; value; value = value->next) {
        size_t length;
        char *digits;

        if (!keep_digits(value->child, at))
            return false;
        if (!cJSON_IsNumber(value))
            continue;
        *at = mpr_json_scan_number(*at, &length);
        if (!mpr_json_scan_is_plain(*at, length)) {
            digits = cJSON_malloc(length + 1);
            if (!digits)
                return false;
            memcpy(digits, *at, length);
            digits[length] = '\0';
            value->valuestring = digits;
            value->type = cJSON_Raw;
        }
        *at += length;
    }
    return true;
}

DWORD mpr_json_parse_within(const char *text, size_t size, const struct mpr_json_limits *limits,
                            struct mpr_json_fault *ret_fault, struct mpr_json **ret_document) {
    const char *at = text;
    cJSON *document;
    DWORD rc;

    if (!mpr_json_scan(text, size, limits, ret_fault))
        return ERROR_INVALID_DATA;
    document = cJSON_ParseWithLength(text, size);
    if (!document)
        return ERROR_NOT_ENOUGH_MEMORY;
    rc = refuse_twins(document, text, ret_fault);
    if (rc == NO_ERROR && !keep_digits(document, &at))
        rc = ERROR_NOT_ENOUGH_MEMORY;
    if (rc != NO_ERROR) {
        delete_value(document);
        return rc;
    }
    *ret_document = from_cjson(document);
    return NO_ERROR;
}

DWORD mpr_json_parse(const char *text, size_t size, struct mpr_json_fault *ret_fault,
                     struct mpr_json **ret_document) {
    return mpr_json_parse_within(text, size, &file_limits, ret_fault, ret_document);
}

static size_t measure_depth(const cJSON *value) {
    size_t deepest = 0;

    for (; value; value = value->next) {
        size_t below = cJSON_IsObject(value) || cJSON_IsArray(value);

        below += measure_depth(value->child);
        if (below > deepest)
            deepest = below;
    }
    return deepest;
}

/* room: bytes for what follows the text, which the caller appends. */
static DWORD print(cJSON *root, const struct mpr_json_limits *limits, bool indented, size_t room,
                   char **ret_text, size_t *ret_length) {
    if (count_values(root) > limits->values || measure_depth(root) > MPR_JSON_MAX_DEPTH)
        return ERROR_INVALID_DATA;
    for (size_t size = FIRST_PRINT_SIZE; size <= limits->size * 2; size *= 2) {
        char *text = malloc(size + PRINT_SLACK);
        size_t length = limits->size + 1;

        if (!text)
            return ERROR_NOT_ENOUGH_MEMORY;
        if (cJSON_PrintPreallocated(root, text, (int)size, indented))
            length = strlen(text);
        if (length + room <= limits->size) {
            *ret_text = text;
            *ret_length = length;
            return NO_ERROR;
        }
        explicit_bzero(text, size);
        free(text);
    }
    return ERROR_INVALID_DATA;
}

DWORD mpr_json_print(struct mpr_json *document, char **ret_text, size_t *ret_size) {
    size_t length;
    DWORD rc = print(to_cjson(document), &file_limits, true, 1, ret_text, &length);

    if (rc == NO_ERROR) {
        memcpy(*ret_text + length, "\n", 2);
        *ret_size = length + 1;
    }
    return rc;
}

DWORD mpr_json_print_within(struct mpr_json *document, const struct mpr_json_limits *limits,
                            char **ret_text, size_t *ret_size) {
    return print(to_cjson(document), limits, false, 0, ret_text, ret_size);
}

const struct mpr_json *mpr_json_first(const struct mpr_json *container) {
    return from_const_cjson(to_const_cjson(container)->child);
}

const struct mpr_json *mpr_json_next(const struct mpr_json *value) {
    return from_const_cjson(to_const_cjson(value)->next);
}

const char *mpr_json_key(const struct mpr_json *value) {
    return to_const_cjson(value)->string;
}

bool mpr_json_is_object(const struct mpr_json *value) {
    return cJSON_IsObject(to_const_cjson(value));
}

const char *mpr_json_as_text(const struct mpr_json *value, char buffer[MPR_JSON_NUMBER_MAX]) {
    const cJSON *item = to_const_cjson(value);

    if (cJSON_IsString(item) || cJSON_IsRaw(item))
        return item->valuestring;
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? "true" : "false";
    if (!cJSON_IsNumber(item))
        return NULL;
    snprintf(buffer, MPR_JSON_NUMBER_MAX, "%" PRId64, (int64_t)item->valuedouble);
    return buffer;
}

static const cJSON *find(const struct mpr_json *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(to_const_cjson(object), key);
}

enum mpr_json_found mpr_json_get_string(const struct mpr_json *object, const char *key,
                                        const char **ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (!cJSON_IsString(item))
        return MPR_JSON_WRONG;
    *ret = item->valuestring;
    return MPR_JSON_FOUND;
}

enum mpr_json_found mpr_json_get_bool(const struct mpr_json *object, const char *key, bool *ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (!cJSON_IsBool(item))
        return MPR_JSON_WRONG;
    *ret = cJSON_IsTrue(item);
    return MPR_JSON_FOUND;
}

/* Whole numbers only: all others are raw. */
static enum mpr_json_found get_whole(const struct mpr_json *object, const char *key, double least,
                                     double most, int64_t *ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (!cJSON_IsNumber(item) || item->valuedouble < least || item->valuedouble > most)
        return MPR_JSON_WRONG;
    *ret = (int64_t)item->valuedouble;
    return MPR_JSON_FOUND;
}

enum mpr_json_found mpr_json_get_int(const struct mpr_json *object, const char *key, int *ret) {
    int64_t number;
    enum mpr_json_found found = get_whole(object, key, INT32_MIN, INT32_MAX, &number);

    if (found == MPR_JSON_FOUND)
        *ret = (int)number;
    return found;
}

enum mpr_json_found mpr_json_get_u32(const struct mpr_json *object, const char *key,
                                     uint32_t *ret) {
    int64_t number;
    enum mpr_json_found found = get_whole(object, key, 0, UINT32_MAX, &number);

    if (found == MPR_JSON_FOUND)
        *ret = (uint32_t)number;
    return found;
}

static bool read_decimal(const char *text, uint64_t *ret) {
    uint64_t number = 0;

    if (!*text || (*text == '0' && text[1]))
        return false;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)(*text - '0');

        if (*text < '0' || *text > '9' || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret = number;
    return true;
}

enum mpr_json_found mpr_json_get_u64(const struct mpr_json *object, const char *key,
                                     uint64_t *ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (cJSON_IsString(item) || cJSON_IsRaw(item))
        return read_decimal(item->valuestring, ret) ? MPR_JSON_FOUND : MPR_JSON_WRONG;
    if (!cJSON_IsNumber(item) || item->valuedouble < 0)
        return MPR_JSON_WRONG;
    *ret = (uint64_t)item->valuedouble;
    return MPR_JSON_FOUND;
}

enum mpr_json_found mpr_json_get_object(const struct mpr_json *object, const char *key,
                                        const struct mpr_json **ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (!cJSON_IsObject(item))
        return MPR_JSON_WRONG;
    *ret = from_const_cjson(item);
    return MPR_JSON_FOUND;
}

enum mpr_json_found mpr_json_get_array(const struct mpr_json *object, const char *key,
                                       const struct mpr_json **ret) {
    const cJSON *item = find(object, key);

    if (!item)
        return MPR_JSON_ABSENT;
    if (!cJSON_IsArray(item))
        return MPR_JSON_WRONG;
    *ret = from_const_cjson(item);
    return MPR_JSON_FOUND;
}

/* cJSON's own replacement by key forgets to check for memory. */
static bool replace(cJSON *object, cJSON *old, cJSON *item) {
    size_t size = strlen(old->string) + 1;

    item->string = cJSON_malloc(size);
    if (!item->string)
        return false;
    memcpy(item->string, old->string, size);
    wipe(old->child);
    if (old->valuestring)
        explicit_bzero(old->valuestring, strlen(old->valuestring));
    return cJSON_ReplaceItemViaPointer(object, old, item);
}

/* Takes the item, which is NULL if there was no memory for it. */
static DWORD put(struct mpr_json *object, const char *key, cJSON *item) {
    cJSON *parent = to_cjson(object);
    cJSON *old = cJSON_GetObjectItemCaseSensitive(parent, key);

    if (!mpr_utf_valid(key)) {
        delete_value(item);
        return ERROR_NO_UNICODE_TRANSLATION;
    }
    if (item && (old ? replace(parent, old, item) : cJSON_AddItemToObject(parent, key, item)))
        return NO_ERROR;
    delete_value(item);
    return ERROR_NOT_ENOUGH_MEMORY;
}

DWORD mpr_json_put_string(struct mpr_json *object, const char *key, const char *value) {
    if (!mpr_utf_valid(value))
        return ERROR_NO_UNICODE_TRANSLATION;
    return put(object, key, cJSON_CreateString(value));
}

DWORD mpr_json_put_u32(struct mpr_json *object, const char *key, uint32_t value) {
    return put(object, key, cJSON_CreateNumber(value));
}

DWORD mpr_json_put_bool(struct mpr_json *object, const char *key, bool value) {
    return put(object, key, cJSON_CreateBool(value));
}

DWORD mpr_json_put_u64(struct mpr_json *object, const char *key, uint64_t value) {
    char text[MPR_JSON_NUMBER_MAX];

    snprintf(text, sizeof text, "%" PRIu64, value);
    return put(object, key, cJSON_CreateString(text));
}

DWORD mpr_json_put_object(struct mpr_json *object, const char *key, struct mpr_json **ret) {
    cJSON *child = cJSON_CreateObject();
    DWORD rc = put(object, key, child);

    if (rc == NO_ERROR)
        *ret = from_cjson(child);
    return rc;
}

DWORD mpr_json_put_array(struct mpr_json *object, const char *key, struct mpr_json **ret) {
    cJSON *child = cJSON_CreateArray();
    DWORD rc = put(object, key, child);

    if (rc == NO_ERROR)
        *ret = from_cjson(child);
    return rc;
}

DWORD mpr_json_add_object(struct mpr_json *array, struct mpr_json **ret) {
    cJSON *child = cJSON_CreateObject();

    if (!child || !cJSON_AddItemToArray(to_cjson(array), child)) {
        delete_value(child);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret = from_cjson(child);
    return NO_ERROR;
}

DWORD mpr_json_open_object(struct mpr_json *object, const char *key, struct mpr_json **ret) {
    cJSON *child = cJSON_GetObjectItemCaseSensitive(to_cjson(object), key);

    if (!cJSON_IsObject(child))
        return mpr_json_put_object(object, key, ret);
    *ret = from_cjson(child);
    return NO_ERROR;
}

void mpr_json_remove(struct mpr_json *object, const char *key) {
    delete_value(cJSON_DetachItemFromObjectCaseSensitive(to_cjson(object), key));
}
