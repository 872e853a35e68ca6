/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.c: see calls.h.
 */
#include "config.h"

#include "tests/integration/calls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define BLOCK  (1u << 20)
#define BLOCKS 64u /* of the file: then from its beginning again */

DWORD call_add(const char *device, const char *remote, const struct identity *as, DWORD flags) {
    char local[8] = "", name[256];
    NETRESOURCEA resource = {.lpLocalName = local, .lpRemoteName = name};

    snprintf(local, sizeof(local), "%s", device ? device : "");
    snprintf(name, sizeof(name), "%s", remote);
    return WNetAddConnection2A(&resource, as ? as->password : NULL, as ? as->user : NULL, flags);
}

DWORD call_count(DWORD scope) {
    union {
        NETRESOURCEA entries[1];
        char bytes[16384];
    } buffer;
    DWORD count = 0xFFFFFFFF, size = sizeof(buffer);
    HANDLE handle;

    if (WNetOpenEnumA(scope, RESOURCETYPE_ANY, 0, NULL, &handle) != NO_ERROR)
        return 0xFFFFFFFF;
    if (WNetEnumResourceA(handle, &count, &buffer, &size) != NO_ERROR)
        count = 0;
    WNetCloseEnum(handle);
    return count;
}

DWORD expect_words(const char *part, const char *second) {
    char text[512] = "", provider[64] = "";
    DWORD native = 0;

    WNetGetLastErrorA(&native, text, sizeof(text), provider, sizeof(provider));
    tap_ok(text[0] && (!part || strstr(text, part)) && (!second || strstr(text, second)),
           "the words name %s%s%s", part ? part : "", second ? " and " : "", second ? second : "");
    printf("#   %s, 0x%x: %s\n", provider, native, text);
    tap_ok(!strstr(text, "-words"), "and no password");
    return native;
}

DWORD expect_refusal(const char *remote, const struct identity *as, DWORD wanted, const char *part,
                     const char *second, double within_ms) {
    DWORD before = call_count(RESOURCE_CONNECTED);
    double begun = stage_ms();
    DWORD code = call_add("X:", remote, as, CONNECT_UPDATE_PROFILE);
    double ms = stage_ms() - begun;
    DWORD native;

    tap_code(code, wanted, "%s", stage_code(wanted));
    native = expect_words(part, second);
    tap_ok(ms < within_ms, "within %.0f ms (%.0f)", within_ms, ms);
    tap_ok(call_count(RESOURCE_CONNECTED) == before, "nothing is connected");
    tap_ok(call_count(RESOURCE_REMEMBERED) == 0, "nothing is remembered");
    return native;
}

struct traffic {
    pthread_t thread;
    HANDLE file;
    int writing;
    _Atomic long blocks;
    _Atomic int result;
};

static void *run(void *data) {
    struct traffic *traffic = data;
    char *block = calloc(1, BLOCK);
    ssize_t done = BLOCK;

    while (done > 0) {
        uint64_t offset = (uint64_t)(traffic->blocks % BLOCKS) * BLOCK;

        done = traffic->writing ? MprFilePwrite(traffic->file, block, BLOCK, offset)
                                : MprFilePread(traffic->file, block, BLOCK, offset);
        if (done > 0)
            traffic->blocks++;
    }
    free(block);
    traffic->result = done < 0 ? (int)done : -1000;
    return NULL;
}

struct traffic *traffic_start(HANDLE file, int writing) {
    struct traffic *traffic = calloc(1, sizeof(*traffic));

    traffic->file = file;
    traffic->writing = writing;
    if (pthread_create(&traffic->thread, NULL, run, traffic) != 0) {
        printf("Bail out! no thread\n");
        exit(99);
    }
    return traffic;
}

long traffic_blocks(struct traffic *traffic) {
    return traffic->blocks;
}

int traffic_end(struct traffic *traffic, double within_ms) {
    double end = stage_ms() + within_ms;
    int result;

    while (!traffic->result && stage_ms() < end)
        usleep(2000);
    result = traffic->result;
    if (result) { /* else it is left behind: the test has failed anyway */
        pthread_join(traffic->thread, NULL);
        free(traffic);
    }
    return result;
}
