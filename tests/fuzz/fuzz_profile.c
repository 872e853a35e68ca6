/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_profile.c: any text as a profile. What is understood can be changed,
 * written and understood again, with everything else as it was.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_profile.h"
#include "router/mpr_profile_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
    if (!truth)
        abort();
}

static struct mpr_profile_list read_again(struct mpr_json *document) {
    struct mpr_profile_list list;
    char *text = NULL;
    size_t size;

    require(mpr_json_print(document, &text, &size) == NO_ERROR);
    require(mpr_profile_parse(text, size, "again", NULL, &list) == NO_ERROR);
    free(text);
    return list;
}

static const struct mpr_profile_entry *find(const struct mpr_profile_list *list,
                                            const char *device) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->entries[i].device, device) == 0)
            return &list->entries[i];
    return NULL;
}

/* All entries but those of Z: are the same. */
static void compare(const struct mpr_profile_list *before, const struct mpr_profile_list *after) {
    for (size_t i = 0; i < before->count; i++) {
        const struct mpr_profile_entry *a = &before->entries[i], *b = find(after, a->device);

        if (strcmp(a->device, "Z:") == 0)
            continue;
        require(b && strcmp(a->remote, b->remote) == 0 && strcmp(a->user, b->user) == 0
                && strcmp(a->provider, b->provider) == 0 && a->type == b->type
                && a->provider_type == b->provider_type && a->connect_flags == b->connect_flags);
    }
}

/* A document near the limits may not have room for more; then there is nothing to hold. */
static int has_room(struct mpr_json *document) {
    char *text = NULL;
    size_t size = 0;
    DWORD rc = mpr_json_print(document, &text, &size);

    free(text);
    return rc == NO_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char device[] = "Z:", remote[] = "\\\\srv\\share", user[] = "bob", provider[] = "SMB Network";
    struct mpr_profile_entry entry = {.device = device,
                                      .remote = remote,
                                      .user = user,
                                      .provider = provider,
                                      .type = RESOURCETYPE_DISK};
    struct mpr_profile_list before, after;
    struct mpr_json *document;
    char *text = malloc(size + 1);
    bool there;

    require(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (mpr_profile_parse(text, size, "fuzz", &document, &before) == NO_ERROR) {
        require(mpr_profile_put_entry(document, &entry) == NO_ERROR);
        if (has_room(document)) {
            after = read_again(document);
            compare(&before, &after);
            require(strcmp(find(&after, "Z:")->remote, remote) == 0);
            mpr_profile_list_clear(&after);
            require(mpr_profile_drop_entry(document, device, &there) == NO_ERROR && there);
            after = read_again(document);
            compare(&before, &after);
            require(!find(&after, "Z:"));
            mpr_profile_list_clear(&after);
        }
        mpr_profile_list_clear(&before);
        mpr_json_free(document);
    }
    free(text);
    return 0;
}
