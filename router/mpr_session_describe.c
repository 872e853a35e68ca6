/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_describe.c: the interface of the service in Varlink's language, for
 * tools that ask for it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "router/mpr_alloc.h"
#include "router/mpr_session_fields.h"
#include "router/mpr_session_wire.h"

/* ---- types: what may be NULL is optional */

#define TYPE_str          "?string"
#define TYPE_secret       "?int"
#define TYPE_bytes        "?string"
#define TYPE_u32          "int"
#define TYPE_late         "?int"
#define TYPE_u64          "string"
#define TYPE_flag         "bool"
#define TYPE_fds          "int"
#define TYPE_refusal      "Refusal"
#define TYPE_items        "[]Item"
#define TYPE_providers    "[]Provider"
#define TYPE_restored     "[]Restored"
#define TYPE_statuses     "[]Status"
#define TYPE_holders      "[]Holder"
#define TYPE_steps        "[]Step"

#define TITLE_refusal     "Refusal"
#define TITLE_item        "Item"
#define TITLE_provider    "Provider"
#define TITLE_restored    "Restored"
#define TITLE_status      "Status"
#define TITLE_holder      "Holder"
#define TITLE_step        "Step"

#define FIELD(type, name) ", " #name ": " TYPE_##type

static const struct {
    const char *name, *fields;
} structures[] = {
#define STRUCTURE(name, structure, FIELDS) {TITLE_##name, FIELDS(FIELD)},
    MPR_SESSION_STRUCTURES(STRUCTURE)};

static const struct {
    enum mpr_op op;
    const char *args, *ret;
} methods[] = {
#define METHOD(id, op, ARGS, RET) {MPR_OP_##op, "" ARGS(FIELD), "" RET(FIELD)},
    MPR_OPS(METHOD)};

/* A text that grows; NULL for want of memory. */
struct growing {
    char *text;
    size_t length;
    bool failed;
};

static void add(struct growing *to, const char *text) {
    size_t length = strlen(text);
    char *more = to->failed ? NULL : realloc(to->text, to->length + length + 1);

    if (!more) {
        to->failed = true;
        return;
    }
    memcpy(more + to->length, text, length + 1);
    to->text = more;
    to->length += length;
}

/* " (name: type, ...)" */
static void add_fields(struct growing *to, const char *fields) {
    add(to, "(");
    add(to, *fields ? fields + 2 : fields); /* behind the first comma */
    add(to, ")");
}

static void add_method(struct growing *to, const char *name, const char *args, const char *ret) {
    add(to, "\nmethod ");
    add(to, name);
    add_fields(to, args);
    add(to, " -> ");
    add_fields(to, ret);
    add(to, "\n");
}

char *mpr_session_wire_describe(void) {
    struct growing text = {0};
    char name[64];

    add(&text,
        "# The network connections of this user: WNet functions, carried out for all of the\n"
        "# user's processes. Numbers of 64 bits are strings of digits; secrets and channels\n"
        "# travel as descriptors, of which the parameter is the number.\n"
        "interface " MPR_SESSION_INTERFACE "\n");
    for (size_t i = 0; i < sizeof structures / sizeof *structures; i++) {
        add(&text, "\ntype ");
        add(&text, structures[i].name);
        add(&text, " ");
        add_fields(&text, structures[i].fields);
        add(&text, "\n");
    }
    add(&text, "\n# Replies until the caller hangs up: first what there is, then changes.");
    add_method(&text, "Subscribe", "", "" MPR_SESSION_EVENT_FIELDS(FIELD));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        mpr_session_wire_method(methods[i].op, name, sizeof name);
        add_method(&text, name, methods[i].args, methods[i].ret);
    }
    add(&text, "\n# code: Win32; native: of the failing side's own world\n"
               "error Failed (code: int, native: int, provider: string, text: string)\n");
    if (text.failed)
        free(MPR_TAKE(text.text));
    return text.text;
}
