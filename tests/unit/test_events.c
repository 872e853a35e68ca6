/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_events.c: what is published, and what is noted of devices that are not there.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include <mpr/winerror.h>

#include "router/mpr_events.h"
#include "router/mpr_unavailable.h"

static unsigned heard;
static struct mpr_event last;
static char last_text[64];

static void hear(void *context, const struct mpr_event *event) {
    cr_assert_eq(context, &heard);
    heard++;
    last = *event;
    snprintf(last_text, sizeof last_text, "%s", event->text);
}

Test(events, are_told_to_who_listens) {
    mpr_events_publish(MPR_EVENT_LOST, ERROR_NETNAME_DELETED, "Z:", "r", "p", "nobody hears it");
    cr_assert_eq(heard, 0);
    mpr_events_listen(hear, &heard);
    mpr_events_publish(MPR_EVENT_FAILED, ERROR_BAD_NETPATH, NULL, "\\\\s\\p", NULL, "why");
    cr_assert_eq(heard, 1);
    cr_assert_eq(last.kind, MPR_EVENT_FAILED);
    cr_assert_eq(last.code, ERROR_BAD_NETPATH);
    cr_assert_eq(last.size, sizeof last);
    cr_assert_eq(last.initial, 0);
    cr_assert_gt(last.time_ns, 1600000000LL * 1000000000LL);
    cr_assert_str_eq(last.device, "");
    cr_assert_str_eq(last.provider, "");
    cr_assert_str_eq(last_text, "why");
    mpr_events_listen(NULL, NULL);
    mpr_events_publish(MPR_EVENT_BACK, NO_ERROR, NULL, "r", NULL, NULL);
    cr_assert_eq(heard, 1);
}

static struct mpr_unavailable make(const char *device, uint32_t code) {
    return (struct mpr_unavailable){
        .device = (char *)(uintptr_t)device,
        .remote = (char *)(uintptr_t) "\\\\s\\p",
        .refusal = {.code = code, .words = (char *)(uintptr_t) "It is not there."},
    };
}

static struct mpr_unavailable *list(size_t wanted) {
    struct mpr_unavailable *items;
    size_t count;

    cr_assert_eq(mpr_unavailable_list(&items, &count), NO_ERROR);
    cr_assert_eq(count, wanted, "%zu notes, not %zu", count, wanted);
    return items;
}

Test(unavailable, has_one_note_a_device) {
    struct mpr_unavailable first = make("z:", ERROR_BAD_NETPATH),
                           second = make("Z:", ERROR_GEN_FAILURE);
    struct mpr_unavailable other = make("LPT1", ERROR_LOGON_FAILURE), *items;

    mpr_unavailable_note(&first);
    mpr_unavailable_retry("Z:", 42);
    mpr_unavailable_note(&second);
    mpr_unavailable_note(&other);
    items = list(2);
    cr_assert_str_eq(items[0].device, "Z:");
    cr_assert_eq(items[0].refusal.code, ERROR_GEN_FAILURE);
    cr_assert_eq(items[0].retry_at_ns, 42);
    cr_assert_str_eq(items[0].refusal.words, "It is not there.");
    cr_assert_str_eq(items[0].user, "");
    cr_assert_str_eq(items[1].device, "LPT1");
    mpr_unavailable_free(items, 2);
    mpr_unavailable_forget("z:");
    mpr_unavailable_free(list(1), 1);
    mpr_unavailable_forget("Z:");
    mpr_unavailable_clear();
    mpr_unavailable_forget("nothing");
    mpr_unavailable_free(list(0), 0);
}
