/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_ops.c: frees what operations give.
 */
#include "config.h"

#include "router/mpr_ops.h"

void mpr_refusal_clear(struct mpr_refusal *refusal) {
    free(refusal->provider);
    free(refusal->words);
    *refusal = (struct mpr_refusal){0};
}

void mpr_restored_clear(struct mpr_restored *restored) {
    free(restored->local);
    free(restored->remote);
    free(restored->user);
    mpr_refusal_clear(&restored->refusal);
    *restored = (struct mpr_restored){0};
}

void mpr_restored_list_clear(struct mpr_restored_list *list) {
    for (size_t i = 0; i < list->count; i++)
        mpr_restored_clear(&list->items[i]);
    free(list->items);
}

void mpr_item_list_clear(struct mpr_item_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].local);
        free(list->items[i].remote);
        free(list->items[i].comment);
        free(list->items[i].provider);
    }
    free(list->items);
}

void mpr_provider_list_clear(struct mpr_provider_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].provider);
        free(list->items[i].drop_in);
        free(list->items[i].module);
        free(list->items[i].error);
    }
    free(list->items);
}

void mpr_status_list_clear(struct mpr_status_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].device);
        free(list->items[i].remote);
        free(list->items[i].provider);
        free(list->items[i].user);
        free(list->items[i].directory);
        free(list->items[i].reason);
    }
    free(list->items);
}

void mpr_holder_list_clear(struct mpr_holder_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].command);
        free(list->items[i].path);
    }
    free(list->items);
}

void mpr_step_list_clear(struct mpr_step_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].step);
        free(list->items[i].words);
    }
    free(list->items);
}
