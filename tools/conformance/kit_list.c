/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_list.c: see kit_list.h.
 */
#include "config.h"

#include "tools/conformance/kit_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "router/mpr_json.h"
#include "tools/conformance/kit_output.h"
#include "tools/conformance/kit_spec.h"

static void list_for_people(void) {
    for (const struct kit_family *family = kit_families; family->title; family++) {
        printf("%s (%s)\n", family->title, kit_kind_name(family->kind));
        for (const struct kit_check *check = family->checks; check->id; check++)
            printf("  %-8s %-10s %s.\n%22s%s\n%22s[%s]\n", check->id, kit_level_name(check->level),
                   check->what, "", check->why, "", check->source);
    }
    printf("Held elsewhere\n");
    for (const struct kit_requirement *item = kit_requirements; item->id; item++)
        printf("  %-8s %-10s %s%s%s\n", item->id, item->router_test ? "router" : "dropped",
               item->reason, item->router_test ? ": " : "",
               item->router_test ? item->router_test : "");
}

static void need(DWORD rc) {
    if (rc)
        abort();
}

static void add_check(struct mpr_json *array, const struct kit_family *family,
                      const struct kit_check *check) {
    struct mpr_json *item;

    need(mpr_json_add_object(array, &item));
    need(mpr_json_put_string(item, "id", check->id));
    need(mpr_json_put_string(item, "kind", kit_kind_name(family->kind)));
    need(mpr_json_put_string(item, "family", family->title));
    need(mpr_json_put_string(item, "level", kit_level_name(check->level)));
    need(mpr_json_put_string(item, "what", check->what));
    need(mpr_json_put_string(item, "why", check->why));
    need(mpr_json_put_string(item, "source", check->source));
}

static void add_requirement(struct mpr_json *array, const struct kit_requirement *requirement) {
    struct mpr_json *item;

    need(mpr_json_add_object(array, &item));
    need(mpr_json_put_string(item, "id", requirement->id));
    need(mpr_json_put_string(item, "kind", requirement->router_test ? "router" : "dropped"));
    need(mpr_json_put_string(item, "reason", requirement->reason));
    if (requirement->router_test)
        need(mpr_json_put_string(item, "test", requirement->router_test));
}

static void list_as_json(void) {
    struct mpr_json *document = mpr_json_new(), *array;
    size_t size;
    char *text;

    if (!document)
        abort();
    need(mpr_json_put_array(document, "checks", &array));
    for (const struct kit_family *family = kit_families; family->title; family++)
        for (const struct kit_check *check = family->checks; check->id; check++)
            add_check(array, family, check);
    need(mpr_json_put_array(document, "elsewhere", &array));
    for (const struct kit_requirement *item = kit_requirements; item->id; item++)
        add_requirement(array, item);
    need(mpr_json_print(document, &text, &size));
    fputs(text, stdout);
    free(text);
    mpr_json_free(document);
}

int kit_list(bool json) {
    if (json)
        list_as_json();
    else
        list_for_people();
    return fflush(stdout) ? 2 : 0;
}
