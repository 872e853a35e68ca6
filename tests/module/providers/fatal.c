/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fatal.c: a module that does, as it is loaded, what no module may: MPR_TEST_FATAL says "crash",
 * "exit" or "hang". Without that it is no provider, and harmless.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
    const char *what = secure_getenv("MPR_TEST_FATAL");

    if (!what)
        return;
    if (strcmp(what, "crash") == 0)
        raise(SIGABRT); /* which no sanitizer takes */
    else if (strcmp(what, "exit") == 0)
        _exit(5);
    while (strcmp(what, "hang") == 0)
        pause();
}
