/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_shortage.c: what this machine could not give, in codes and words.
 */
#include "config.h"

#include "router/mpr_shortage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <mpr/winerror.h>

DWORD mpr_shortage_code(int error, DWORD otherwise) {
    switch (error) {
    case EMFILE:
    case ENFILE:
        return ERROR_TOO_MANY_OPEN_FILES;
    case ENOMEM:
    case EAGAIN: /* of fork and of threads */
        return ERROR_NOT_ENOUGH_MEMORY;
    default:
        return otherwise;
    }
}

bool mpr_shortage_is(DWORD code) {
    return code == ERROR_TOO_MANY_OPEN_FILES || code == ERROR_NOT_ENOUGH_MEMORY;
}

const char *mpr_shortage_words(int error, char words[MPR_SHORTAGE_MAX]) {
    const char *what = error == EAGAIN ? "Too many processes or threads" : strerror(error);
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};

    if (error == EMFILE)
        getrlimit(RLIMIT_NOFILE, &limit);
    else if (error == EAGAIN)
        getrlimit(RLIMIT_NPROC, &limit);
    if (limit.rlim_cur == RLIM_INFINITY)
        snprintf(words, MPR_SHORTAGE_MAX, "%s", what);
    else
        snprintf(words, MPR_SHORTAGE_MAX, "%s (the limit of %s is %llu)", what,
                 program_invocation_short_name, (unsigned long long)limit.rlim_cur);
    return words;
}
