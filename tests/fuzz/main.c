/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main.c: gives each file named on the command line to a fuzz target once, for
 * compilers without libFuzzer and for `make check`.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_whole(const char *path, size_t *ret_size) {
    FILE *file = fopen(path, "re");
    uint8_t *data = NULL;
    long size = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0)
        data = malloc((size_t)size + 1);
    if (data && fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        data = NULL;
    }
    if (file)
        fclose(file);
    if (data)
        *ret_size = (size_t)size;
    return data;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        uint8_t *whole = read_whole(argv[i], &size);
        uint8_t *exact = whole ? malloc(size ? size : 1) : NULL;

        if (!exact) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            free(whole);
            return EXIT_FAILURE;
        }
        /* A block of exactly this size, so that a sanitizer sees one byte too many. */
        for (size_t at = 0; at < size; at++)
            exact[at] = whole[at];
        free(whole);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    return EXIT_SUCCESS;
}
