/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h: a provider's table, called directly: what the router would do is
 * done by the test, so that a failure is the provider's own.
 */
#ifndef TABLE_H
#define TABLE_H

#include <mpr/provider.h>

/** What the provider told its host last; under a lock, as any thread may tell. */
struct table_told {
    uint32_t native;
    char text[1024];
    int lost;            /**< how often connection_lost was called */
    char question[1024]; /**< what the user was asked last */
};

/** What the host's secret gives: NULL, the default, for none. */
extern const char *table_password;
/** What a user who is asked says, on a connect with CONNECT_INTERACTIVE; NULL: nobody can be asked. */
extern const char *table_user_says;

/** The loaded provider. */
extern const struct mpr_provider *table_ops;
extern void *table_state;

/** Loads MODULE.so of MPR_TEST_MODULES; options in pairs, ended by NULL. Ends the program if it fails. */
void table_open(const char *module, const char *const *options);
void table_close(void);

/** A call of this process' user that has so many milliseconds. */
struct mpr_call table_call(int ms);
/** The same, with a cancel descriptor. */
struct mpr_call table_call_cancel(int ms, int cancel_fd);

struct table_told table_told(void);

/** A connect: the session or NULL; answer and code in *ret_answer and *ret_code. */
void *table_connect(const char *remote, const char *user, int ms, enum mpr_answer *ret_answer,
                    uint32_t *ret_code);

/** A connect that must succeed. */
void *table_need(const char *remote, const char *user);

#endif
