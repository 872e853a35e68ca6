/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * data_order.c: random reads, writes and truncations of an open file of a drive against
 * a model in memory: by one thread, and by many that share the file, on a server that is
 * slow and loses open files.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/drive/data_server.h"

#define SPACE   ((size_t)12 << 20)
#define THREADS 6
#define STRIPE  1021u

static struct drive drive;
static unsigned char *model;
static size_t model_size;
static unsigned tests;
static int failures;

static void tell(int well, const char *what) {
    printf("%sok %u - %s\n", well ? "" : "not ", ++tests, what);
    failures += !well;
}

static uint32_t draw(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

struct got {
    unsigned char *data;
    size_t size;
};

static void take(void *context, const void *data, size_t size) {
    struct got *got = context;

    memcpy(got->data, data, size);
    got->size = size;
}

static bool reads_model(struct drive_handle *handle, size_t size, size_t offset,
                        unsigned char *buffer) {
    struct got got = {.data = buffer};
    size_t there = offset >= model_size ? 0 : model_size - offset;
    int rc = drive_read(handle, size, offset, take, &got);

    if (there > size)
        there = size;
    if (rc == 0 && got.size == there && memcmp(buffer, model + offset, there) == 0)
        return true;
    printf("# read of %zu at %zu: rc %d, %zu bytes of %zu\n", size, offset, rc, got.size, there);
    return false;
}

static bool writes_model(struct drive_handle *handle, size_t size, size_t offset, uint32_t fill) {
    for (size_t i = 0; i < size; i++)
        model[offset + i] = (unsigned char)(fill + i * 7);
    if (offset + size > model_size)
        model_size = offset + size;
    return drive_write(handle, model + offset, size, offset) == (int64_t)size;
}

static bool truncates_model(size_t size) {
    struct drive_node *node = drive_node_pin(&drive, DATA_NUMBER);
    int rc = drive_content_truncate(&drive, node, size);

    drive_node_unpin(&drive, node);
    if (size < model_size)
        memset(model + size, 0, model_size - size);
    model_size = size;
    return rc == 0;
}

static size_t draw_size(uint32_t *state) {
    static const size_t most[] = {16, 4096, 131072, 1u << 20};

    return 1 + draw(state) % most[draw(state) % 4];
}

static bool step(struct drive_handle *handle, uint32_t *state, unsigned char *buffer) {
    size_t size = draw_size(state), offset = draw(state) % (SPACE - size);
    static size_t next;
    int rc;

    switch (draw(state) % 16) {
    case 0:
        return truncates_model(draw(state) % 4 ? model_size / 2 : offset);
    case 1: /* a lost file may have had in memory what cannot be written again */
        rc = drive_fsync(handle);
        return rc == 0 || rc == -EIO;
    case 2:
        return drive_flush(handle) == 0 && data_server_is(model, model_size);
    case 3 ... 6: /* on and on */
        if (next + size > SPACE)
            next = 0;
        next += size;
        return draw(state) % 2 ? writes_model(handle, size, next - size, draw(state))
                               : reads_model(handle, size, next - size, buffer);
    case 7 ... 11:
        return writes_model(handle, size, offset, draw(state));
    default:
        return reads_model(handle, size, offset, buffer);
    }
}

static void test_alone(unsigned steps, uint32_t seed) {
    struct drive_handle *handle = NULL;
    unsigned char *buffer = malloc(1u << 20);
    uint32_t state = seed;
    unsigned i = 0;
    bool well;

    data_server_start(&drive, 5000);
    memset(model, 0, SPACE);
    model_size = 0;
    atomic_store(&data_server.lose_one_in, 200);
    well = drive_open(&drive, DATA_NUMBER, O_RDWR, &handle) == 0;
    while (well && i < steps) {
        atomic_store(&data_server.delay_us, draw(&state) % 4 ? 0 : draw(&state) % 300);
        well = step(handle, &state, buffer);
        i++;
    }
    if (!well)
        printf("# seed %u, step %u\n", seed, i);
    if (handle) {
        int rc = drive_flush(handle);

        well = rc == 0 && data_server_is(model, model_size) && well;
        drive_release(handle);
    }
    tell(well, "one thread's reads, writes and truncations are as in the model");
    tell(data_server_stop(&drive) == 0, "and leave nothing open");
    free(buffer);
}

/* --- many threads: each has every sixth stripe --- */

struct party {
    unsigned number;
    unsigned steps;
    struct drive_handle *handle;
    bool well;
};

static bool stripe_step(struct party *party, uint32_t *state, unsigned char *buffer) {
    size_t stripe = draw(state) % (SPACE / STRIPE / THREADS) * THREADS + party->number;
    size_t from = draw(state) % STRIPE, size = 1 + draw(state) % (STRIPE - from);
    size_t offset = stripe * STRIPE + from;
    struct got got = {.data = buffer};

    if (draw(state) % 256 == 0)
        return drive_fsync(party->handle) == 0;
    if (draw(state) % 2) {
        memset(model + offset, (int)draw(state), size);
        return drive_write(party->handle, model + offset, size, offset) == (int64_t)size;
    }
    return drive_read(party->handle, size, offset, take, &got) == 0 && got.size == size
           && memcmp(buffer, model + offset, size) == 0;
}

static void *stripes(void *context) {
    struct party *party = context;
    uint32_t state = 12345 + 977 * party->number;
    unsigned char buffer[STRIPE];

    for (unsigned i = 0; i < party->steps && party->well; i++)
        party->well = stripe_step(party, &state, buffer);
    return NULL;
}

static void test_together(unsigned steps) {
    struct drive_handle *handles[2] = {NULL, NULL};
    struct party parties[THREADS];
    pthread_t threads[THREADS];
    bool well = true;

    data_server_start(&drive, 5000);
    memset(model, 0, SPACE);
    data_server_put(model, SPACE, 0);
    atomic_store(&data_server.delay_us, 20);
    for (int i = 0; i < 2; i++)
        well = drive_open(&drive, DATA_NUMBER, O_RDWR, &handles[i]) == 0 && well;
    for (unsigned i = 0; well && i < THREADS; i++) {
        parties[i] =
            (struct party){.number = i, .steps = steps, .handle = handles[i % 2], .well = true};
        pthread_create(&threads[i], NULL, stripes, &parties[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        well = well && parties[i].well;
    }
    for (int i = 0; i < 2; i++) {
        well = drive_flush(handles[i]) == 0 && well;
        drive_release(handles[i]);
    }
    tell(well && data_server_is(model, SPACE), "many threads read what they wrote, to the end");
    tell(data_server_stop(&drive) == 0, "and leave nothing open");
}

int main(void) {
    bool more = getenv("MPR_TEST_LONG") != NULL;

    setvbuf(stdout, NULL, _IOLBF, 0);
    model = calloc(1, SPACE);
    if (!model)
        return 99;
    test_alone(more ? 20000 : 500, 1);
    test_alone(more ? 20000 : 500, 4711);
    test_together(more ? 20000 : 250);
    printf("1..%u\n", tests);
    free(model);
    return failures != 0;
}
