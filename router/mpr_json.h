/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_json.h: JSON, read strictly and within limits. The one place that knows
 * cJSON, which by itself takes more than the standard allows.
 *
 * A text is refused that breaks RFC 8259, is no UTF-8, has a key twice in one
 * object, an escaped NUL, or more bytes, levels or values than the limits. A
 * byte order mark at the start is passed over. What was read and not changed is
 * written again with the same meaning: a number that is not a whole one of at
 * most 15 digits keeps its very digits. Values of 64 bits are written as decimal
 * strings, since other readers keep numbers as floating point.
 *
 * A value belongs to its document and lives as long as that.
 */
#ifndef MPR_JSON_H
#define MPR_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/mprtypes.h>

#define MPR_JSON_MAX_SIZE   0x100000u /* bytes of a text: 1 MiB */
#define MPR_JSON_MAX_DEPTH  32u       /* objects and arrays within each other */
#define MPR_JSON_MAX_VALUES 0x10000u  /* values of all kinds in a text */
#define MPR_JSON_NUMBER_MAX 24        /* bytes of a number of ours as text with its NUL */

/** Other limits than those, for a text that is no file. */
struct mpr_json_limits {
    size_t size;
    size_t values;
};

/** A value of any kind. */
struct mpr_json;

/** Why a text was refused, and where: counted from 1, columns in characters. */
struct mpr_json_fault {
    size_t line;
    size_t column;
    char what[128]; /* part of a sentence: "a ',' or '}' is missing" */
};

/** The outcome of looking for a key and a kind of value. */
enum mpr_json_found {
    MPR_JSON_WRONG = -1, /* there, and of another kind or out of range */
    MPR_JSON_ABSENT = 0,
    MPR_JSON_FOUND = 1,
};

/**
 * Reads a text of size bytes; text[size] is NUL. The document must be an object.
 *
 * Returns NO_ERROR, ERROR_INVALID_DATA (*ret_fault is filled) or
 * ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_json_parse(const char *text, size_t size, struct mpr_json_fault *ret_fault,
                     struct mpr_json **ret_document);

/** The same within other limits. */
DWORD mpr_json_parse_within(const char *text, size_t size, const struct mpr_json_limits *limits,
                            struct mpr_json_fault *ret_fault, struct mpr_json **ret_document);

/** An empty object, or NULL for want of memory. */
struct mpr_json *mpr_json_new(void);

/** Frees a document and wipes its texts; takes NULL. */
void mpr_json_free(struct mpr_json *document);

/**
 * The text of a document, indented, with a newline at its end. *ret_text is to
 * be freed; it has *ret_size bytes and a NUL.
 *
 * Returns NO_ERROR, ERROR_INVALID_DATA (it would be over a limit, and could not
 * be read again) or ERROR_NOT_ENOUGH_MEMORY.
 */
DWORD mpr_json_print(struct mpr_json *document, char **ret_text, size_t *ret_size);

/** The same within other limits and in one line, without a newline. */
DWORD mpr_json_print_within(struct mpr_json *document, const struct mpr_json_limits *limits,
                            char **ret_text, size_t *ret_size);

/** The members of an object or the elements of an array, in their order; NULL at the end. */
const struct mpr_json *mpr_json_first(const struct mpr_json *container);
const struct mpr_json *mpr_json_next(const struct mpr_json *value);

/** The key of a member. */
const char *mpr_json_key(const struct mpr_json *value);

/** Is it an object? */
bool mpr_json_is_object(const struct mpr_json *value);

/**
 * A string, number or boolean as text: abc, 5000, true; NULL for others. The
 * text is the value's own or lies in buffer.
 */
const char *mpr_json_as_text(const struct mpr_json *value, char buffer[MPR_JSON_NUMBER_MAX]);

/** *ret is touched for MPR_JSON_FOUND only. Keys are compared with their case. */
enum mpr_json_found mpr_json_get_string(const struct mpr_json *object, const char *key,
                                        const char **ret);
enum mpr_json_found mpr_json_get_bool(const struct mpr_json *object, const char *key, bool *ret);
enum mpr_json_found mpr_json_get_int(const struct mpr_json *object, const char *key, int *ret);
enum mpr_json_found mpr_json_get_u32(const struct mpr_json *object, const char *key, uint32_t *ret);
/** A decimal string, or a number. */
enum mpr_json_found mpr_json_get_u64(const struct mpr_json *object, const char *key, uint64_t *ret);
enum mpr_json_found mpr_json_get_object(const struct mpr_json *object, const char *key,
                                        const struct mpr_json **ret);
enum mpr_json_found mpr_json_get_array(const struct mpr_json *object, const char *key,
                                       const struct mpr_json **ret);

/**
 * Adds a member, or replaces the one of that key in its place. On failure the
 * object is as before: ERROR_NOT_ENOUGH_MEMORY, or ERROR_NO_UNICODE_TRANSLATION
 * (key or value is no UTF-8).
 */
DWORD mpr_json_put_string(struct mpr_json *object, const char *key, const char *value);
DWORD mpr_json_put_u32(struct mpr_json *object, const char *key, uint32_t value);
DWORD mpr_json_put_bool(struct mpr_json *object, const char *key, bool value);
DWORD mpr_json_put_u64(struct mpr_json *object, const char *key, uint64_t value);
/** Puts an empty object, to be filled. */
DWORD mpr_json_put_object(struct mpr_json *object, const char *key, struct mpr_json **ret);
/** Puts an empty array, and adds an empty object to the end of one. */
DWORD mpr_json_put_array(struct mpr_json *object, const char *key, struct mpr_json **ret);
DWORD mpr_json_add_object(struct mpr_json *array, struct mpr_json **ret);
/** The object that is there, to be changed, or a new one. Replaces what is no object. */
DWORD mpr_json_open_object(struct mpr_json *object, const char *key, struct mpr_json **ret);

/** Removes a member, if it is there. */
void mpr_json_remove(struct mpr_json *object, const char *key);

#endif
