/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * password_keyring.c: the desktop's keyring, by libsecret, which is loaded if it is there.
 *
 * What is used of it is declared here, since it need not be there when this is built:
 * the functions and the structure have been the same since its version 0.18.
 */
#include "config.h"

#include "service/password.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LIBRARY "libsecret-1.so.0"

struct attribute {
    const char *name;
    int type; /* 0: a string */
};

struct schema {
    const char *name;
    int flags; /* 0: none */
    struct attribute attributes[32];
    int reserved;
    void *more[7];
};

struct failure {
    uint32_t domain;
    int code;
    char *message;
};

typedef char *lookup_fn(const struct schema *schema, void *cancellable, struct failure **failure,
                        ...);
typedef void *search_fn(const struct schema *schema, int flags, void *cancellable,
                        struct failure **failure, ...);
typedef int store_fn(const struct schema *schema, const char *collection, const char *label,
                     const char *password, void *cancellable, struct failure **failure, ...);
typedef void free_fn(char *password);

static const struct schema schema = {
    .name = "org.libmpr.Password",
    .attributes = {{"remote", 0}, {"user", 0}},
};

/* dlsym's object pointer, as a function's. */
static bool find(void *library, const char *name, void *ret, size_t size) {
    void *symbol = dlsym(library, name);

    memcpy(ret, &symbol, size);
    return symbol != NULL;
}

static void *load(char text[PASSWORD_MAX]) {
    void *library = dlopen(LIBRARY, RTLD_NOW);

    if (!library)
        snprintf(text, PASSWORD_MAX, "%s is not installed", LIBRARY);
    return library;
}

/* Nobody frees the failure: this process ends. */
static enum mpr_vault_outcome explain(const struct failure *failure, char text[PASSWORD_MAX]) {
    snprintf(text, PASSWORD_MAX, "the keyring does not serve: %s",
             failure && failure->message ? failure->message : "it gave no reason");
    return MPR_VAULT_NO_KEYRING;
}

static enum mpr_vault_outcome lack(const char *name, char text[PASSWORD_MAX]) {
    snprintf(text, PASSWORD_MAX, "%s has no %s", LIBRARY, name);
    return MPR_VAULT_NO_KEYRING;
}

/*
 * A keyring that is locked, and that nobody has unlocked when he was asked, gives no failure
 * and no password, as if there was none; but it tells what it has. Version 0.19 can be asked.
 */
static enum mpr_vault_outcome tell_why_none(void *library, const char *remote, const char *user,
                                            char text[PASSWORD_MAX]) {
    struct failure *failure = NULL;
    search_fn *search;

    if (!find(library, "secret_password_search_sync", &search, sizeof search)
        || !search(&schema, 0, NULL, &failure, "remote", remote, "user", user, (char *)NULL))
        return MPR_VAULT_NONE;
    snprintf(text, PASSWORD_MAX, "is locked");
    return MPR_VAULT_FAILED;
}

enum mpr_vault_outcome password_lookup(const char *remote, const char *user,
                                       char text[PASSWORD_MAX]) {
    void *library = load(text);
    struct failure *failure = NULL;
    lookup_fn *lookup;
    free_fn *wipe;
    char *password;
    size_t length;

    if (!library)
        return MPR_VAULT_NO_KEYRING;
    if (!find(library, "secret_password_lookup_sync", &lookup, sizeof lookup))
        return lack("secret_password_lookup_sync", text);
    if (!find(library, "secret_password_free", &wipe, sizeof wipe))
        return lack("secret_password_free", text);
    password = lookup(&schema, NULL, &failure, "remote", remote, "user", user, (char *)NULL);
    if (!password)
        return failure ? explain(failure, text) : tell_why_none(library, remote, user, text);
    length = strlen(password);
    if (length >= PASSWORD_MAX) {
        wipe(password);
        snprintf(text, PASSWORD_MAX, "has one that is too long");
        return MPR_VAULT_FAILED;
    }
    memcpy(text, password, length + 1);
    wipe(password);
    return MPR_VAULT_FOUND;
}

enum mpr_vault_outcome password_store(const char *remote, const char *user, const char *password,
                                      char text[PASSWORD_MAX]) {
    void *library = load(text);
    struct failure *failure = NULL;
    store_fn *store;
    char label[256];

    if (!library)
        return MPR_VAULT_NO_KEYRING;
    if (!find(library, "secret_password_store_sync", &store, sizeof store))
        return lack("secret_password_store_sync", text);
    snprintf(label, sizeof label, "Password for %.200s", remote);
    if (store(&schema, NULL, label, password, NULL, &failure, "remote", remote, "user", user,
              (char *)NULL))
        return MPR_VAULT_FOUND;
    return explain(failure, text);
}
