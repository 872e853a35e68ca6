/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_name.c: what the words of a command line name.
 */
#include "config.h"

#include "tools/wnet/wnet_name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool wnet_name_is_device(const char *word) {
    size_t length = strlen(word);

    if (length == 2 && isalpha((unsigned char)word[0]) && word[1] == ':')
        return true;
    return (length == 4 || (length == 5 && word[4] == ':')) && strncasecmp(word, "LPT", 3) == 0
           && word[3] >= '1' && word[3] <= '9';
}

void wnet_name_tidy(char *word) {
    if (wnet_name_is_device(word))
        for (; *word; word++)
            *word = (char)toupper((unsigned char)*word);
}
