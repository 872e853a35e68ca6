/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_data_piece.c: runs of bytes of a file in memory. Large memory is kept for the
 * next piece for a while, since pages that are new to a process cost as much as copying.
 */
#include "config.h"

#include "service/drive_data.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SMALLEST   KIB(16)
#define FROM_PAGES KIB(256) /* larger ones are the system's, and kept as spares */
#define SPARE_MAX  MIB(32)
#define MOMENT_MS  500

struct drive_spare {
    struct drive_spare *next;
    size_t capacity;
};

static size_t round_up(size_t size) {
    size_t capacity = SMALLEST;

    while (capacity < size)
        capacity *= 2;
    return capacity;
}

static void give_back(unsigned char *memory, size_t capacity) {
    if (capacity >= FROM_PAGES)
        munmap(memory, capacity);
    else
        free(memory);
}

static unsigned char *take_spare(struct drive_data *data, size_t capacity) REQUIRES(data->lock) {
    for (struct drive_spare **at = &data->spare; *at; at = &(*at)->next)
        if ((*at)->capacity == capacity) {
            struct drive_spare *spare = *at;

            *at = spare->next;
            data->spare_bytes -= capacity;
            return (unsigned char *)spare;
        }
    return NULL;
}

static bool is_short(const struct drive_data *data, size_t capacity) REQUIRES(data->lock) {
    return data->bytes - data->spare_bytes + capacity > DRIVE_PIECES_MAX;
}

static unsigned char *take_memory(struct drive_data *data, size_t capacity) {
    unsigned char *memory;

    mpr_lock(&data->lock);
    memory = take_spare(data, capacity);
    if (!memory) {
        if (is_short(data, capacity)) {
            mpr_unlock(&data->lock);
            return NULL;
        }
        data->bytes += capacity;
    }
    mpr_unlock(&data->lock);
    if (memory)
        return memory;
    if (capacity < FROM_PAGES)
        memory = malloc(capacity);
    else if ((memory =
                  mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
             == MAP_FAILED)
        memory = NULL;
    if (!memory) {
        mpr_lock(&data->lock);
        data->bytes -= capacity;
        mpr_unlock(&data->lock);
    }
    return memory;
}

static void leave_memory(struct drive_data *data, unsigned char *memory, size_t capacity) {
    bool spare;

    mpr_lock(&data->lock);
    spare = capacity >= FROM_PAGES && !data->over && data->spare_bytes + capacity <= SPARE_MAX;
    if (spare) {
        struct drive_spare *kept = (struct drive_spare *)(void *)memory;

        *kept = (struct drive_spare){.next = data->spare, .capacity = capacity};
        data->spare = kept;
        data->spare_bytes += capacity;
    } else {
        data->bytes -= capacity;
    }
    pthread_cond_broadcast(&data->room);
    mpr_unlock(&data->lock);
    if (!spare)
        give_back(memory, capacity);
}

void drive_spare_free(struct drive_data *data) {
    struct drive_spare *all;

    mpr_lock(&data->lock);
    all = data->spare;
    data->spare = NULL;
    data->bytes -= data->spare_bytes;
    data->spare_bytes = 0;
    mpr_unlock(&data->lock);
    while (all) {
        struct drive_spare *next = all->next;

        give_back((unsigned char *)all, all->capacity);
        all = next;
    }
}

bool drive_memory_is_short(struct drive_data *data, size_t size) {
    bool is;

    mpr_lock(&data->lock);
    is = is_short(data, round_up(size));
    mpr_unlock(&data->lock);
    return is;
}

void drive_memory_wait(struct drive_data *data, size_t size) {
    int64_t deadline_ns = mpr_deadline_in_ms(MOMENT_MS);

    mpr_lock(&data->lock);
    while (is_short(data, round_up(size)) && mpr_cond_wait(&data->room, &data->lock, deadline_ns))
        ;
    mpr_unlock(&data->lock);
}

struct drive_piece *drive_piece_new(struct drive_content *content, uint64_t offset, size_t size) {
    struct drive_piece *piece = calloc(1, sizeof *piece);

    if (!piece)
        return NULL;
    piece->capacity = round_up(size);
    piece->data = take_memory(content->data, piece->capacity);
    if (!piece->data) {
        free(piece);
        return NULL;
    }
    piece->content = content;
    piece->offset = offset;
    piece->since_ns = mpr_now_ns();
    return piece;
}

bool drive_piece_grow(struct drive_piece *piece, size_t size) {
    size_t capacity = round_up(size);
    unsigned char *memory;

    if (capacity <= piece->capacity)
        return true;
    memory = take_memory(piece->content->data, capacity);
    if (!memory)
        return false;
    memcpy(memory, piece->data, piece->length);
    leave_memory(piece->content->data, piece->data, piece->capacity);
    piece->data = memory;
    piece->capacity = capacity;
    return true;
}

void drive_piece_free(struct drive_piece *piece) {
    leave_memory(piece->content->data, piece->data, piece->capacity);
    free(piece);
}

bool drive_piece_overlaps(const struct drive_piece *piece, uint64_t offset, uint64_t size) {
    return piece->offset < offset + size && offset < piece->offset + piece->length;
}
