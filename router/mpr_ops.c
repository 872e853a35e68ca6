/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_ops.c: frees what the operations give.
 */
#include "config.h"

#include "router/mpr_ops.h"

#include <stdlib.h>
#include <string.h>

static void clear_items(struct mpr_item_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].local);
        free(list->items[i].remote);
        free(list->items[i].comment);
        free(list->items[i].provider);
    }
    free(list->items);
}

static void clear_providers(struct mpr_provider_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].provider);
        free(list->items[i].drop_in);
        free(list->items[i].module);
        free(list->items[i].error);
    }
    free(list->items);
}

#define CLEAR_str(name) free(ret->name);
#define CLEAR_u32(name)
#define CLEAR_flag(name)
#define CLEAR_items(name)     clear_items(&ret->name);
#define CLEAR_providers(name) clear_providers(&ret->name);
#define CLEAR(type, name)     CLEAR_##type(name)
#define CLEAR_RET(id, op, ARGS, RET)                                                               \
    void mpr_##op##_ret_clear(struct mpr_##op##_ret *ret) {                                        \
        RET(CLEAR)                                                                                 \
        memset(ret, 0, sizeof *ret);                                                               \
    }
MPR_OPS(CLEAR_RET)
