/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * classic_table.h: the operations of a classic provider's table. They are as
 * provider.h has them; state is its struct mpr_classic.
 */
#ifndef MPR_CLASSIC_TABLE_H
#define MPR_CLASSIC_TABLE_H

#include <stdbool.h>

#include <mpr/provider.h>

#include "router/mpr_ops.h"

struct mpr_classic;
struct mpr_classic_job;

int mpr_classic_recognise(void *state, const char *remote, struct mpr_recognised *ret);

enum mpr_answer mpr_classic_connect(void *state, const struct mpr_call *call,
                                    const struct mpr_connect *args, void **ret_session,
                                    uint32_t *ret_code);
uint32_t mpr_classic_disconnect(void *session, const struct mpr_call *call, int force);
uint32_t mpr_classic_user(void *session, const struct mpr_call *call, char *buffer, size_t size);
uint32_t mpr_classic_performance(void *session, const struct mpr_call *call,
                                 struct mpr_performance *ret);

enum mpr_answer mpr_classic_list(void *state, const struct mpr_call *call, const char *container,
                                 uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                                 uint32_t *ret_code);
enum mpr_answer mpr_classic_parent(void *state, const struct mpr_call *call, const char *remote,
                                   mpr_resource_fn fn, void *context, uint32_t *ret_code);
enum mpr_answer mpr_classic_information(void *state, const struct mpr_call *call,
                                        const char *remote, uint32_t type, mpr_resource_fn fn,
                                        void *context, size_t *ret_rest, uint32_t *ret_code);

uint32_t mpr_classic_universal(void *state, const struct mpr_call *call, const char *device,
                               const char *remote, const char *path, char *buffer, size_t size);
uint32_t mpr_classic_format(void *state, const struct mpr_call *call, const char *remote,
                            uint32_t flags, uint32_t width, char *buffer, size_t size);

/** Gives an item as the table does; what fn returned. */
int mpr_classic_give(const struct mpr_item *item, mpr_resource_fn fn, void *context);

/** Copies a result out; ERROR_MORE_DATA if it does not fit. */
uint32_t mpr_classic_copy(const char *text, char *buffer, size_t size);

/**
 * A part of a job, in the module's thread: is a connection to remote among those
 * that the module lists? Want of memory is noted in the job.
 */
bool mpr_classic_lists(struct mpr_classic_job *job, const char *remote);

/** The canonical key of a remote name. False: it is too long. */
bool mpr_classic_key(const struct mpr_classic *classic, const char *remote, char *buffer,
                     size_t size);

#endif
