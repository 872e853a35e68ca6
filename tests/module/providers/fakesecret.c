/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fakesecret.c: stands for libsecret: a keyring of one password, in the file that
 * FAKE_KEYRING names: "REMOTE\nUSER\nPASSWORD". FAKE_KEYRING_DOES: hang, fail,
 * or keep, as a locked one does that has it and does not give it.
 */
#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct failure {
    uint32_t domain;
    int code;
    char *message;
};

struct schema {
    const char *name;
    int flags;
};

#define SHOWN __attribute__((visibility("default")))

SHOWN char *secret_password_lookup_sync(const struct schema *schema, void *cancellable,
                                        struct failure **failure, ...);
SHOWN int secret_password_store_sync(const struct schema *schema, const char *collection,
                                     const char *label, const char *password, void *cancellable,
                                     struct failure **failure, ...);
SHOWN void *secret_password_search_sync(const struct schema *schema, int flags, void *cancellable,
                                        struct failure **failure, ...);
SHOWN void secret_password_free(char *password);

static char text[2048];

static int keeps(void) {
    const char *does = getenv("FAKE_KEYRING_DOES");

    return does && strcmp(does, "keep") == 0;
}

/* The two attributes, in the order of the schema. Leaves if it is to fail or to hang. */
static int begin(const struct schema *schema, struct failure **failure, va_list attributes) {
    static char locked[] = "it is locked";
    static struct failure refusal = {1, 2, locked};
    const char *does = getenv("FAKE_KEYRING_DOES");
    const char *values[2] = {"?", "?"}, *name;

    while (does && strcmp(does, "hang") == 0)
        pause();
    if (does && strcmp(does, "fail") == 0) {
        *failure = &refusal;
        return 0;
    }
    while ((name = va_arg(attributes, const char *)))
        values[strcmp(name, "remote") != 0] = va_arg(attributes, const char *);
    if (strcmp(schema->name, "org.libmpr.Password") == 0 && schema->flags == 0)
        snprintf(text, sizeof text, "%s\n%s\n", values[0], values[1]);
    return 1;
}

char *secret_password_lookup_sync(const struct schema *schema, void *cancellable,
                                  struct failure **failure, ...) {
    const char *path = getenv("FAKE_KEYRING");
    FILE *file = path ? fopen(path, "re") : NULL;
    char kept[2048] = "";
    va_list attributes;
    size_t size;
    int begun;

    (void)cancellable;
    va_start(attributes, failure);
    begun = begin(schema, failure, attributes);
    va_end(attributes);
    size = file ? fread(kept, 1, sizeof kept - 1, file) : 0;
    kept[size] = '\0';
    if (file)
        fclose(file);
    return begun && !keeps() && *text && strncmp(kept, text, strlen(text)) == 0
               ? strdup(kept + strlen(text))
               : NULL;
}

/* Of a list that is something or nothing. */
void *secret_password_search_sync(const struct schema *schema, int flags, void *cancellable,
                                  struct failure **failure, ...) {
    static int something;

    (void)schema;
    (void)flags;
    (void)cancellable;
    (void)failure;
    return keeps() ? &something : NULL;
}

int secret_password_store_sync(const struct schema *schema, const char *collection,
                               const char *label, const char *password, void *cancellable,
                               struct failure **failure, ...) {
    const char *path = getenv("FAKE_KEYRING");
    va_list attributes;
    FILE *file;
    int begun;

    (void)cancellable;
    va_start(attributes, failure);
    begun = begin(schema, failure, attributes);
    va_end(attributes);
    if (!begun || collection || !*label)
        return 0;
    file = path ? fopen(path, "we") : NULL;
    if (!file)
        return 0;
    fprintf(file, "%s%s", text, password);
    fclose(file);
    return 1;
}

void secret_password_free(char *password) {
    explicit_bzero(password, strlen(password));
    free(password);
}
