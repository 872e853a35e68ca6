/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_secret.h: a password and whose it is, for as long as it is needed.
 */
#ifndef WNET_SECRET_H
#define WNET_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WNET_PASSWORD_MAX 1024 /**< with its NUL, as WNetAddConnection takes it */
#define WNET_USER_MAX     512

struct wnet_secret {
    bool has_user, has_password;
    char user[WNET_USER_MAX];
    char password[WNET_PASSWORD_MAX];
};

/** In memory that is never swapped nor part of a core dump, where the system allows. */
struct wnet_secret *wnet_secret_new(void);
/** Wipes and frees it; takes NULL. */
void wnet_secret_free(struct wnet_secret *secret);

/** What is wrong with a password that was written in another encoding: part of a sentence. */
#define WNET_SECRET_NO_UTF8                                                                        \
    "is not valid UTF-8, perhaps it is in Latin-1; iconv -f latin1 -t utf-8 changes that"

/**
 * Reads the first line of a descriptor as the password, without its line break, and
 * not a byte beyond it. where names the descriptor in problem.
 */
bool wnet_secret_read_line(struct wnet_secret *secret, int fd, const char *where, char *problem,
                           size_t problem_size);

/** Reads a file of "username=", "password=" and "domain=". */
bool wnet_secret_read_file(struct wnet_secret *secret, const char *path, char *problem,
                           size_t problem_size);

/** Runs a command for /bin/sh, whose first line of output is the password. */
bool wnet_secret_run(struct wnet_secret *secret, const char *command, char *problem,
                     size_t problem_size);

#endif
