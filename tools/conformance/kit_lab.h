/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_lab.h: the lab file: which names work, which do not, and who may log on.
 */
#ifndef KIT_LAB_H
#define KIT_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "router/mpr_json.h"

#define KIT_RELAYS_MAX 4

struct kit_list {
    const char **items;
    size_t count;
};

/** What is absent is NULL or empty. Texts live as long as the program. */
struct kit_lab {
    const char *path;
    const char *provider;
    const char *worker_module;
    const struct mpr_json *options; /* an object, or NULL */
    struct kit_list good, foreign;
    struct kit_list same, different; /* pairs: items 0 and 1, 2 and 3 ... */
    const char *missing, *refused, *silent, *unknown;
    const char *login, *user, *password, *wrong_password, *user2, *password2;
    const char *read_only, *server, *printer;
    const char *stalls; /* a name that connects, and whose server then says nothing */
    const char *busy;   /* has open files as long as it is connected: for modules without files */
    bool case_sensitive;
    unsigned ports[8];
    size_t port_count;
    const char *relay_name;   /* with {0}, {1} ... */
    struct kit_list relay_to; /* "127.0.0.1:445" */
};

extern struct kit_lab kit_lab;

/** Reads it. False: error has a sentence that says what is wrong, and where. */
bool kit_lab_read(const char *path, char *error, size_t error_size);

/* Names that a check needs; without them it does not apply. */

/** The n-th good name, from 0 on. */
const char *kit_good(size_t n);
/** kit_lab.silent and the like; field is its key: kit_need(kit_lab.silent, "silent"). */
const char *kit_need(const char *value, const char *field);

#endif
