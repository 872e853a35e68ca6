/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * model.c: see model.h. A name leads to an object, a handle too; an object whose
 * last name is gone lives on in its handles.
 */
#include "config.h"

#include "tests/session/model.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES          10
#define HANDLES        6
#define MOST           400000u /* bytes of a file */
#define PIECE          70000u  /* bytes of one read or write at most */
#define PATH_MAX_BYTES 4096

struct object {
    unsigned char *data; /* MOST bytes, zero after size */
    size_t size;
    unsigned users; /* names and handles */
};

struct handle {
    int fd; /* -1: none */
    bool append, reads;
    struct object *object;
};

static struct model {
    const char *directory;
    struct model_rules rules;
    struct object *names[NAMES];
    struct handle handles[HANDLES];
    uint64_t random;
    unsigned step;
    char words[PATH_MAX_BYTES + 512];
    unsigned char piece[PIECE];
} model;

static uint32_t draw(uint32_t below) {
    model.random = model.random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(model.random >> 33) % below;
}

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The first failure stands. */
static bool fail(const char *format, ...) {
    va_list arguments;
    int length = snprintf(model.words, sizeof model.words, "operation %u: ", model.step);

    va_start(arguments, format);
    vsnprintf(model.words + length, sizeof model.words - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

/* Half of the names are in a second directory; one is no ASCII. */
static const char *path_in(const char *directory, unsigned name) {
    static char path[PATH_MAX_BYTES];

    snprintf(path, sizeof path, "%s/%s/%s%u", directory, name % 2 ? "one" : "two",
             name == 3 ? "\xc3\xa4\xe2\x82\xac " : "file", name);
    return path;
}

static const char *path_of(unsigned name) {
    return path_in(model.directory, name);
}

static struct object *make_object(void) {
    struct object *object = calloc(1, sizeof *object);

    object->data = calloc(1, MOST);
    return object;
}

static void drop(struct object *object) {
    if (object && --object->users == 0) {
        free(object->data);
        free(object);
    }
}

static struct handle *find_handle(bool open) {
    unsigned at = draw(HANDLES);

    for (unsigned i = 0; i < HANDLES; i++, at = (at + 1) % HANDLES)
        if ((model.handles[at].fd >= 0) == open)
            return &model.handles[at];
    return NULL;
}

/* A name that is there, or with false one that is not; NAMES: none. */
static unsigned find_name(bool there) {
    unsigned at = draw(NAMES);

    for (unsigned i = 0; i < NAMES; i++, at = (at + 1) % NAMES)
        if ((model.names[at] != NULL) == there)
            return at;
    return NAMES;
}

static bool check_size(const struct stat *facts, const struct object *object, const char *what) {
    if ((size_t)facts->st_size == object->size)
        return true;
    return fail("%s: it has %lld bytes, not %zu", what, (long long)facts->st_size, object->size);
}

static bool compare(const unsigned char *got, const struct object *object, size_t offset,
                    size_t size, const char *what) {
    for (size_t i = 0; i < size; i++)
        if (got[i] != object->data[offset + i])
            return fail("%s: byte %zu of %zu is %02x, not %02x (read of %zu at %zu)", what,
                        offset + i, object->size, got[i], object->data[offset + i], size, offset);
    return true;
}

/* ---- operations. False: a failure, in words. */

static bool open_file(void) {
    struct handle *handle = find_handle(false);
    unsigned name = draw(NAMES);
    int flags = O_CLOEXEC | (draw(4) ? O_RDWR : O_RDONLY);
    bool there = model.names[name] != NULL;

    if (!handle || (!there && !(flags & O_RDWR)))
        return true;
    if (draw(6) == 0 && (flags & O_RDWR))
        flags |= O_APPEND;
    if (!there)
        flags |= O_CREAT | (draw(2) ? O_EXCL : 0);
    else if (draw(8) == 0 && (flags & O_RDWR))
        flags |= O_TRUNC;
    handle->fd = open(path_of(name), flags, 0644);
    if (handle->fd < 0)
        return fail("open(%s, 0x%x): %s", path_of(name), (unsigned)flags, strerror(errno));
    if (!there) {
        model.names[name] = make_object();
        model.names[name]->users = 1;
    }
    handle->object = model.names[name];
    handle->object->users++;
    handle->append = (flags & O_APPEND) != 0;
    handle->reads = !(flags & O_RDWR);
    if (flags & O_TRUNC) {
        memset(handle->object->data, 0, MOST);
        handle->object->size = 0;
    }
    return true;
}

static bool open_again(void) {
    unsigned name = find_name(true);

    if (name == NAMES)
        return true;
    if (open(path_of(name), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644) >= 0 || errno != EEXIST)
        return fail("open(%s, O_EXCL) of a file that is there: %s", path_of(name), strerror(errno));
    return true;
}

static bool close_file(void) {
    struct handle *handle = find_handle(true);

    if (!handle)
        return true;
    if (close(handle->fd))
        return fail("close: %s", strerror(errno));
    handle->fd = -1;
    drop(handle->object);
    return true;
}

static bool read_file(void) {
    struct handle *handle = find_handle(true);
    size_t offset, size = draw(PIECE) + 1, wanted;
    ssize_t got;

    if (!handle)
        return true;
    offset = draw((uint32_t)handle->object->size + 1000);
    wanted = offset < handle->object->size ? handle->object->size - offset : 0;
    wanted = wanted < size ? wanted : size;
    got = pread(handle->fd, model.piece, size, (off_t)offset);
    if (got != (ssize_t)wanted)
        return fail("pread(%zu at %zu of %zu): %zd (%s), not %zu", size, offset,
                    handle->object->size, got, got < 0 ? strerror(errno) : "bytes", wanted);
    return compare(model.piece, handle->object, offset, wanted, "pread");
}

static bool write_file(void) {
    struct handle *handle = find_handle(true);
    size_t offset, size = draw(PIECE) + 1;
    struct object *object;
    ssize_t done;

    if (!handle || handle->reads)
        return true;
    object = handle->object;
    offset = handle->append ? object->size : draw((uint32_t)object->size + 20000);
    if (offset + size > MOST)
        return true;
    for (size_t i = 0; i < size; i++)
        model.piece[i] = (unsigned char)draw(256);
    done = handle->append ? write(handle->fd, model.piece, size)
                          : pwrite(handle->fd, model.piece, size, (off_t)offset);
    if (done != (ssize_t)size)
        return fail("write(%zu at %zu): %zd (%s)", size, offset, done, strerror(errno));
    memcpy(object->data + offset, model.piece, size);
    if (offset + size > object->size)
        object->size = offset + size;
    return true;
}

static void set_size(struct object *object, size_t size) {
    if (size < object->size)
        memset(object->data + size, 0, object->size - size);
    object->size = size;
}

static bool truncate_file(void) {
    struct handle *handle = find_handle(true);
    unsigned name = find_name(true);
    size_t size = draw(MOST);

    if (handle && !handle->reads && draw(2)) {
        if (ftruncate(handle->fd, (off_t)size))
            return fail("ftruncate(%zu): %s", size, strerror(errno));
        set_size(handle->object, size);
    } else if (name < NAMES) {
        if (truncate(path_of(name), (off_t)size))
            return fail("truncate(%s, %zu): %s", path_of(name), size, strerror(errno));
        set_size(model.names[name], size);
    }
    return true;
}

static bool stat_file(void) {
    struct handle *handle = find_handle(true);
    unsigned name = draw(NAMES);
    struct stat facts;

    if (handle && draw(2)) {
        if (fstat(handle->fd, &facts))
            return fail("fstat: %s", strerror(errno));
        return check_size(&facts, handle->object, "fstat");
    }
    if (stat(path_of(name), &facts) == 0)
        return model.names[name] ? check_size(&facts, model.names[name], path_of(name))
                                 : fail("%s is there", path_of(name));
    if (model.names[name] || errno != ENOENT)
        return fail("stat(%s): %s", path_of(name), strerror(errno));
    return true;
}

static bool unlink_file(void) {
    unsigned name = find_name(true);

    if (name == NAMES || draw(2))
        return true;
    if (unlink(path_of(name)))
        return fail("unlink(%s): %s", path_of(name), strerror(errno));
    drop(model.names[name]);
    model.names[name] = NULL;
    return true;
}

static bool rename_file(void) {
    unsigned from = find_name(true), to = draw(NAMES);
    char old[PATH_MAX_BYTES];

    if (from == NAMES || from == to || model.names[from] == model.names[to])
        return true;
    snprintf(old, sizeof old, "%s", path_of(from));
    if (rename(old, path_of(to)))
        return fail("rename(%s, %s): %s", old, path_of(to), strerror(errno));
    drop(model.names[to]);
    model.names[to] = model.names[from];
    model.names[from] = NULL;
    return true;
}

static bool link_file(void) {
    unsigned from = find_name(true), to = find_name(false);
    char old[PATH_MAX_BYTES];

    if (!model.rules.links || from == NAMES || to == NAMES)
        return true;
    snprintf(old, sizeof old, "%s", path_of(from));
    if (link(old, path_of(to)))
        return fail("link(%s, %s): %s", old, path_of(to), strerror(errno));
    model.names[to] = model.names[from];
    model.names[to]->users++;
    return true;
}

static bool sync_file(void) {
    struct handle *handle = find_handle(true);

    if (handle && fsync(handle->fd))
        return fail("fsync: %s", strerror(errno));
    return true;
}

static bool map_file(void) {
    struct handle *handle = find_handle(true);
    struct object *object;
    unsigned char *memory;
    size_t offset, size;
    bool good;

    if (!model.rules.mapped || !handle || handle->reads || handle->append || !handle->object->size)
        return true;
    object = handle->object;
    memory = mmap(NULL, object->size, PROT_READ | PROT_WRITE, MAP_SHARED, handle->fd, 0);
    if (memory == MAP_FAILED)
        return fail("mmap: %s", strerror(errno));
    offset = draw((uint32_t)object->size);
    size = object->size - offset < PIECE ? object->size - offset : PIECE;
    good = compare(memory + offset, object, offset, size, "mmap");
    if (good && draw(2)) {
        for (size_t i = 0; i < size; i++)
            memory[offset + i] = object->data[offset + i] = (unsigned char)draw(256);
        if (msync(memory, object->size, MS_SYNC))
            good = fail("msync: %s", strerror(errno));
    }
    munmap(memory, object->size);
    return good;
}

static bool list_files(void) {
    bool seen[NAMES] = {false};
    char path[PATH_MAX_BYTES];

    for (unsigned side = 0; side < 2; side++) {
        const struct dirent *entry;
        DIR *directory;

        snprintf(path, sizeof path, "%s/%s", model.directory, side ? "one" : "two");
        directory = opendir(path);
        if (!directory)
            return fail("opendir(%s): %s", path, strerror(errno));
        while ((entry = readdir(directory)))
            for (unsigned i = side; i < NAMES; i += 2)
                if (strcmp(entry->d_name, strrchr(path_of(i), '/') + 1) == 0)
                    seen[i] = true;
        closedir(directory);
    }
    for (unsigned i = 0; i < NAMES; i++)
        if (seen[i] != (model.names[i] != NULL))
            return fail("readdir: %s is %s", path_of(i), seen[i] ? "there" : "missing");
    return true;
}

static const struct {
    bool (*run)(void);
    unsigned weight;
} operations[] = {
    {open_file, 14}, {close_file, 8},  {read_file, 20},  {write_file, 22}, {truncate_file, 5},
    {stat_file, 10}, {unlink_file, 4}, {rename_file, 5}, {link_file, 2},   {sync_file, 3},
    {map_file, 4},   {list_files, 2},  {open_again, 1},
};

static bool run_one(void) {
    unsigned ticket = draw(100), i = 0;

    while (ticket >= operations[i].weight)
        ticket -= operations[i++].weight;
    return operations[i].run();
}

/* Every file whole, as directory has it now. */
static bool compare_all(const char *directory, const char *what) {
    unsigned char *data = malloc(MOST + 1);
    bool good = true;

    for (unsigned i = 0; i < NAMES && good; i++) {
        const char *path = path_in(directory, i);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        size_t size = 0;
        ssize_t got = 0;

        if ((fd >= 0) != (model.names[i] != NULL)) {
            good = fail("%s: %s is %s", what, path, fd >= 0 ? "there" : "missing");
        } else if (fd >= 0) {
            while (size <= MOST && (got = read(fd, data + size, MOST + 1 - size)) > 0)
                size += (size_t)got;
            if (got < 0 || size != model.names[i]->size)
                good = fail("%s: %s has %zu bytes (%s), not %zu", what, path, size,
                            got < 0 ? strerror(errno) : "read", model.names[i]->size);
            else
                good = compare(data, model.names[i], 0, size, what);
        }
        if (fd >= 0)
            close(fd);
    }
    free(data);
    return good;
}

static bool begin(const char *directory) {
    char path[PATH_MAX_BYTES];

    model.words[0] = '\0';
    for (unsigned side = 0; side < 2; side++) {
        snprintf(path, sizeof path, "%s/%s", directory, side ? "one" : "two");
        if (mkdir(path, 0755))
            return fail("mkdir(%s): %s", path, strerror(errno));
    }
    return true;
}

const char *model_run(const char *directory, const char *server, const struct model_rules *rules,
                      unsigned count, uint32_t seed) {
    bool good;

    model.directory = directory;
    model.rules = *rules;
    model.random = seed;
    model.step = 0;
    for (unsigned i = 0; i < HANDLES; i++)
        model.handles[i].fd = -1;
    good = begin(directory);
    for (; good && model.step < count; model.step++)
        good = run_one();
    for (unsigned i = 0; i < HANDLES; i++)
        if (model.handles[i].fd >= 0) {
            if (close(model.handles[i].fd) && good)
                good = fail("the last close: %s", strerror(errno));
            drop(model.handles[i].object);
        }
    good = good && compare_all(directory, "at the end");
    good = good && (!server || compare_all(server, "on the server"));
    for (unsigned i = 0; i < NAMES; i++) {
        drop(model.names[i]);
        model.names[i] = NULL;
    }
    return good ? NULL : model.words;
}
