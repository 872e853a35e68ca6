/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * headless: a process whose first thread has ended while another one lives, as
 * a server looks for a moment when it is killed. Lasts until it is killed again.
 */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *last(void *unused) {
    (void)unused;
    for (;;)
        pause();
    return NULL;
}

int main(void) {
    pthread_t thread;

    if (pthread_create(&thread, NULL, last, NULL) != 0)
        return EXIT_FAILURE;
    pthread_exit(NULL);
}
