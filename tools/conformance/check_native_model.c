/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_model.c: thousands of file operations at random, beside a model
 * of what POSIX would have made of them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_native.h"

#define OPERATIONS 2000
#define SEED       20240229 /* of a run with --quick: the same each time */
#define NAMES      8        /* "n0" to "n7", each nothing, a file or a directory */
#define FILE_MAX   200000   /* of a file */
#define PIECE_MAX  70000

enum kind { NOTHING, REGULAR, DIRECTORY };

static struct model {
    enum kind kind;
    size_t size;
    unsigned char *data;
} models[NAMES];

static uint64_t state; /* of the numbers */

static unsigned below(unsigned limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 11) % limit);
}

static const char *name_of(const struct model *model) {
    return kit_text("n%u", (unsigned)(model - models));
}

static void forget(struct model *model) {
    model->kind = NOTHING;
    model->size = 0;
    memset(model->data, 0, FILE_MAX);
}

/* Sets a size; what is cut off comes back as zeros. */
static void resize(struct model *model, size_t size) {
    if (size < model->size)
        memset(model->data + size, 0, model->size - size);
    model->size = size;
}

static void step_create(struct model *model) {
    bool exclusive = below(2), truncates = below(2);
    void *file = NULL;
    int rc = kit_open(name_of(model),
                      O_RDWR | O_CREAT | (exclusive ? O_EXCL : 0) | (truncates ? O_TRUNC : 0), 0644,
                      &file);

    if (model->kind == DIRECTORY) {
        KIT_ERRNOS(rc, EISDIR, EEXIST);
        return;
    }
    if (model->kind == REGULAR && exclusive) {
        KIT_ERRNOS(rc, EEXIST);
        return;
    }
    kit_ok(rc);
    model->kind = REGULAR;
    if (truncates)
        resize(model, 0);
    kit_ok(kit_close(file));
}

static void step_write(struct model *model) {
    size_t size = 1 + below(PIECE_MAX), offset = below(FILE_MAX - PIECE_MAX - 1);
    unsigned seed = below(1000);
    void *file = NULL;
    int rc = kit_open(name_of(model), O_WRONLY, 0, &file);

    if (model->kind != REGULAR) {
        KIT_ERRNOS(rc, model->kind == DIRECTORY ? EISDIR : ENOENT);
        return;
    }
    kit_ok(rc);
    if (kit_table->max_io && size > kit_table->max_io)
        size = kit_table->max_io;
    kit_pattern(model->data + offset, size, offset, seed);
    if (offset + size > model->size)
        model->size = offset + size;
    kit_count_is(kit_pwrite(file, model->data + offset, size, offset), (int64_t)size);
    kit_ok(kit_close(file));
}

static void step_read(struct model *model) {
    static unsigned char data[PIECE_MAX];
    size_t size = 1 + below(PIECE_MAX - 1), offset = below(FILE_MAX), wanted = 0;
    void *file = NULL;
    int rc = kit_open(name_of(model), O_RDONLY, 0, &file);

    if (model->kind != REGULAR) {
        KIT_ERRNOS(rc, model->kind == DIRECTORY ? EISDIR : ENOENT);
        return;
    }
    kit_ok(rc);
    if (kit_table->max_io && size > kit_table->max_io)
        size = kit_table->max_io;
    if (offset < model->size)
        wanted = size < model->size - offset ? size : model->size - offset;
    kit_count_is(kit_pread(file, data, size, offset), (int64_t)wanted);
    kit_expect(memcmp(data, model->data + offset, wanted) == 0, "the bytes of the model",
               "others, of %zu at %zu", wanted, offset);
    kit_ok(kit_close(file));
}

static void step_truncate(struct model *model) {
    size_t size = below(FILE_MAX);
    int rc;

    if (!kit_table->truncate)
        return;
    rc = kit_truncate(name_of(model), size);
    if (model->kind != REGULAR) {
        KIT_ERRNOS(rc, model->kind == DIRECTORY ? EISDIR : ENOENT);
        return;
    }
    kit_ok(rc);
    resize(model, size);
}

static void step_stat(struct model *model) {
    struct mpr_stat found;
    int rc = kit_stat(name_of(model), &found);

    if (model->kind == NOTHING) {
        KIT_ERRNOS(rc, ENOENT);
        return;
    }
    kit_ok(rc);
    kit_expect((found.mode & S_IFMT) == (model->kind == REGULAR ? S_IFREG : S_IFDIR),
               model->kind == REGULAR ? "a file" : "a directory", "mode 0%o", (unsigned)found.mode);
    kit_expect(model->kind == DIRECTORY || found.size == model->size,
               kit_text("%zu bytes", model->size), "%llu", (unsigned long long)found.size);
}

static void step_mkdir(struct model *model) {
    int rc = kit_mkdir(name_of(model));

    if (model->kind != NOTHING) {
        KIT_ERRNOS(rc, EEXIST);
        return;
    }
    kit_ok(rc);
    model->kind = DIRECTORY;
}

static void step_remove(struct model *model) {
    bool as_directory = below(2);
    int rc = as_directory ? kit_rmdir(name_of(model)) : kit_unlink(name_of(model));

    if (model->kind == NOTHING) {
        KIT_ERRNOS(rc, ENOENT);
    } else if (as_directory != (model->kind == DIRECTORY)) {
        KIT_ERRNOS(rc, as_directory ? ENOTDIR : EISDIR);
    } else {
        kit_ok(rc);
        forget(model);
    }
}

static void step_rename(struct model *from) {
    struct model *to = &models[below(NAMES)], old;
    int rc;

    if (!kit_table->rename)
        return;
    rc = kit_rename(name_of(from), name_of(to));
    if (from->kind == NOTHING) {
        KIT_ERRNOS(rc, ENOENT);
    } else if (from == to) {
        kit_ok(rc);
    } else if (to->kind != NOTHING && to->kind != from->kind) {
        KIT_ERRNOS(rc, to->kind == DIRECTORY ? EISDIR : ENOTDIR, EEXIST);
    } else {
        kit_ok(rc);
        old = *to;
        *to = *from;
        *from = old;
        forget(from);
    }
}

static int check_entry(void *context, const char *name, const struct mpr_stat *attributes) {
    unsigned *seen = context;
    unsigned number = (unsigned)(name[1] - '0');

    if (name[0] != 'n' || number >= NAMES || name[2] || models[number].kind == NOTHING)
        kit_fail("what is in the model", "\"%s\"", name);
    *seen |= 1u << number;
    if (models[number].kind == REGULAR && attributes->size != models[number].size)
        kit_fail(kit_text("%zu bytes in \"%s\"", models[number].size, name), "%llu",
                 (unsigned long long)attributes->size);
    return 0;
}

static void step_list(struct model *model) {
    unsigned seen = 0;

    (void)model;
    kit_ok(kit_readdir("", check_entry, &seen));
    for (unsigned i = 0; i < NAMES; i++)
        kit_expect((models[i].kind != NOTHING) == (seen >> i & 1), "all that is in the model",
                   "\"n%u\" is missing", i);
}

static void beside_a_model(void) {
    static void (*const steps[])(struct model *) = {
        step_create, step_create, step_write,    step_write, step_write,  step_read,   step_read,
        step_read,   step_stat,   step_truncate, step_mkdir, step_remove, step_rename, step_list,
    };
    unsigned rounds = kit_rounds(OPERATIONS);
    uint64_t seed;

    kit_files_begin();
    if (rounds < OPERATIONS)
        seed = SEED;
    else if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        kit_broken("there are no random numbers");
    state = seed | 1;
    kit_note("seed %llu", (unsigned long long)state);
    for (size_t i = 0; i < NAMES; i++) {
        models[i].data = calloc(1, FILE_MAX);
        if (!models[i].data)
            kit_broken("there is no memory");
    }
    for (unsigned i = 0; i < rounds; i++)
        steps[below(sizeof steps / sizeof steps[0])](&models[below(NAMES)]);
    for (size_t i = 0; i < NAMES; i++)
        step_stat(&models[i]);
    kit_files_end();
}

const struct kit_check kit_checks_native_model[] = {
    {"IO-03", KIT_MUST, beside_a_model,
     "2000 operations at random leave the files that POSIX would leave",
     "What is right by itself may be wrong after something else.",
     "POSIX, the functions of these names; the seed of the numbers is in the report"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
