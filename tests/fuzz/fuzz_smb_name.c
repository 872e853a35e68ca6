/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_smb_name.c: any text as a remote name. What is taken has a key, the key
 * is itself a name with that key, and the name has a URL for the SMB library.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/smb/smb_identity.h"
#include "providers/smb/smb_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition) {
    if (!condition)
        abort();
}

static void check_name(const struct smb_fold *fold, const char *text) {
    static char url[32768];
    struct mpr_recognised found, again;
    char name[MPR_KEY_MAX + 2];
    struct smb_name parsed;

    if (!smb_name_recognise(fold, text, &found))
        return;
    must(strlen(found.key) < MPR_KEY_MAX && found.key[0]);
    must(np_text_is_clean(found.key, strlen(found.key)));
    snprintf(name, sizeof name, "//%s", found.key);
    must(smb_name_recognise(fold, name, &again));
    must(strcmp(found.key, again.key) == 0 && found.depth == again.depth);
    must(smb_name_parse(text, &parsed));
    must(smb_url_of_name(&parsed, url, sizeof url) > 0);
    must(strncmp(url, "smb://", 6) == 0 && !strpbrk(url, "\\?#* "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct smb_fold fold;
    struct smb_identity identity;
    char *text;

    if (!fold.locale)
        smb_fold_open(&fold);
    text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_name(&fold, text);
    if (smb_identity_parse(text, &identity))
        must(identity.user[0] && strlen(identity.user) + strlen(identity.domain) <= strlen(text));
    if (smb_url_check_path(text) == 0) {
        char url[SMB_NAME_MAX];

        url[0] = '\0';
        if (smb_url_append(url, sizeof url, text) == 0)
            must(strlen(url) < sizeof url && !strpbrk(url, "\\?#* "));
    }
    free(text);
    return 0;
}
