/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_data.c: the bytes of files: pread, pwrite, fsync, truncate.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define GIB (UINT64_C(1) << 30)

static const size_t sizes[] = {1,     2,     511,    512,    513,    4095,   4096,    4097,   65535,
                               65536, 65537, 131071, 262144, 262145, 524288, 1048575, 1048577};

static size_t bounded(size_t size) {
    return kit_table->max_io && size > kit_table->max_io ? kit_table->max_io : size;
}

/* Writes a pattern from memory that can only be read and ends before a guard page. */
static void write_at(void *file, size_t size, uint64_t offset, unsigned seed) {
    char *data = malloc(size ? size : 1);
    const void *guarded;

    if (!data)
        kit_broken("there is no memory");
    kit_pattern(data, size, offset, seed);
    guarded = kit_read_only(data, size);
    kit_count_is(kit_pwrite(file, guarded, size, offset), (int64_t)size);
    free(data);
}

/* Reads it back into memory that ends before a guard page. */
static void read_at(void *file, size_t size, uint64_t offset, unsigned seed) {
    unsigned char *room = kit_room(size), wanted;

    kit_count_is(kit_pread(file, room, size, offset), (int64_t)size);
    kit_expect(kit_room_intact(room), "nothing written before the buffer", "something was");
    for (size_t i = 0; i < size; i++) {
        kit_pattern(&wanted, 1, offset + i, seed);
        if (room[i] != wanted)
            kit_fail(kit_text("what was written: byte %llu is 0x%02x",
                              (unsigned long long)(offset + i), wanted),
                     "0x%02x", room[i]);
    }
}

static void read_zeros(void *file, size_t size, uint64_t offset) {
    unsigned char *room = kit_room(size);

    kit_count_is(kit_pread(file, room, size, offset), (int64_t)size);
    for (size_t i = 0; i < size; i++)
        if (room[i])
            kit_fail(kit_text("zeros: byte %llu was never written", (unsigned long long)offset + i),
                     "0x%02x", room[i]);
}

static void every_size(void) {
    void *file;

    kit_files_begin();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = bounded(sizes[i]);

        file = kit_opened("file", O_RDWR | O_CREAT | O_TRUNC);
        write_at(file, size, 0, (unsigned)i);
        read_at(file, size, 0, (unsigned)i);
        kit_ok(kit_close(file));
        kit_holds("file", size, (unsigned)i);
    }
    kit_files_end();
}

static void every_offset(void) {
    static const uint64_t offsets[] = {1, 4095, 4096, 4097, 65535, 65537, 1000003};
    void *file;

    kit_files_begin();
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        file = kit_opened("file", O_RDWR | O_CREAT | O_TRUNC);
        write_at(file, bounded(70001), offsets[i], 1);
        read_at(file, bounded(70001), offsets[i], 1);
        read_at(file, 4097, offsets[i] + 4095, 1);
        read_zeros(file, (size_t)offsets[i], 0);
        kit_ok(kit_close(file));
    }
    kit_files_end();
}

static void end_of_file(void) {
    char *room = kit_room(1000);
    void *file;

    kit_files_begin();
    kit_make("file", 10000, 2);
    file = kit_opened("file", O_RDONLY);
    kit_count_is(kit_pread(file, room, 1000, 9999), 1);
    kit_count_is(kit_pread(file, room, 1000, 9500), 500);
    kit_count_is(kit_pread(file, room, 1000, 9000), 1000);
    kit_count_is(kit_pread(file, room, 1000, 10000), 0);
    kit_count_is(kit_pread(file, room, 1000, 10001), 0);
    kit_count_is(kit_pread(file, room, 1000, 5 * GIB), 0);
    kit_count_is(kit_pread(file, kit_room(bounded(70000)), bounded(70000), 0), 10000);
    kit_ok(kit_close(file));
    kit_make("file", 0, 0);
    file = kit_opened("file", O_RDONLY);
    kit_count_is(kit_pread(file, room, 1000, 0), 0);
    kit_ok(kit_close(file));
    kit_files_end();
}

static void nothing_at_all(void) {
    void *file;

    kit_files_begin();
    kit_make("file", 100, 3);
    file = kit_opened("file", O_RDWR);
    kit_count_is(kit_pwrite(file, kit_room(0), 0, 50), 0);
    kit_count_is(kit_pwrite(file, kit_room(0), 0, 5000), 0);
    kit_count_is(kit_pread(file, kit_room(0), 0, 50), 0);
    kit_count_is(kit_pread(file, kit_room(0), 0, 5000), 0);
    kit_ok(kit_close(file));
    kit_holds("file", 100, 3);
    kit_files_end();
}

static void largest(void) {
    size_t size;
    void *file;

    kit_files_begin();
    size = kit_table->max_io;
    if (!size)
        kit_skip("the provider names no max_io");
    kit_expect(size <= MPR_MAX_IO, "a max_io of at most MPR_MAX_IO", "%zu", size);
    file = kit_opened("file", O_RDWR | O_CREAT);
    write_at(file, size, 3, 4);
    read_at(file, size, 3, 4);
    kit_count_is(kit_pread(file, kit_room(size), size, size / 2 + 3), (int64_t)(size - size / 2));
    kit_ok(kit_close(file));
    kit_note("max_io is %zu", size);
    kit_files_end();
}

/* A file that is mostly a hole. */
static void far_offsets(void) {
    static const uint64_t places[] = {2 * GIB - 5, 4 * GIB - 5, 4 * GIB + 11, 5 * GIB};
    void *file;
    int64_t rc;

    kit_files_begin();
    file = kit_opened("file", O_RDWR | O_CREAT);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        rc = kit_pwrite(file, kit_read_only("0123456789", 10), 10, places[i]);
        if (rc == -EFBIG || rc == -ENOSPC) {
            kit_close(file);
            kit_skip("the server has no files of %llu bytes", (unsigned long long)places[i]);
        }
        kit_count_is(rc, 10);
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char *room = kit_room(10);

        kit_count_is(kit_pread(file, room, 10, places[i]), 10);
        kit_expect(memcmp(room, "0123456789", 10) == 0, "what was written there", "%.10s", room);
    }
    read_zeros(file, 4096, 0);
    read_zeros(file, 4096, GIB);
    kit_ok(kit_close(file));
    kit_expect(kit_stated("file").size == 5 * GIB + 10, "a file of 5368709130 bytes", "%llu",
               (unsigned long long)kit_stated("file").size);
    kit_files_end();
}

static void impossible_offsets(void) {
    static const uint64_t places[] = {UINT64_MAX, UINT64_MAX - 9, (uint64_t)INT64_MAX + 1,
                                      (uint64_t)INT64_MAX - 4};
    void *file;

    kit_files_begin();
    kit_make("file", 100, 5);
    file = kit_opened("file", O_RDWR);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char *room = kit_room(10);
        int64_t rc = kit_pread(file, room, 10, places[i]);

        if (rc)
            KIT_ERRNOS(rc, EINVAL, EFBIG, EOVERFLOW);
        KIT_ERRNOS(kit_pwrite(file, kit_read_only("0123456789", 10), 10, places[i]), EFBIG, EINVAL,
                   EOVERFLOW, ENOSPC);
    }
    if (kit_table->truncate)
        KIT_ERRNOS(kit_ftruncate(file, UINT64_MAX), EFBIG, EINVAL, EOVERFLOW, ENOSPC);
    kit_ok(kit_close(file));
    kit_holds("file", 100, 5);
    kit_files_end();
}

static void overwrites(void) {
    void *file;

    kit_files_begin();
    kit_make("file", 20000, 6);
    file = kit_opened("file", O_WRONLY);
    write_at(file, 5001, 4999, 7);
    kit_ok(kit_close(file));
    file = kit_opened("file", O_RDONLY);
    read_at(file, 4999, 0, 6);
    read_at(file, 5001, 4999, 7);
    read_at(file, 10000, 10000, 6);
    kit_ok(kit_close(file));
    kit_expect(kit_stated("file").size == 20000, "a file of 20000 bytes", "%llu",
               (unsigned long long)kit_stated("file").size);
    kit_files_end();
}

static void stable(void) {
    void *file;

    kit_files_begin();
    KIT_NEEDS(fsync);
    file = kit_opened("file", O_RDWR | O_CREAT);
    kit_ok(kit_fsync(file));
    write_at(file, bounded(100000), 0, 8);
    kit_ok(kit_fsync(file));
    kit_ok(kit_fsync(file));
    read_at(file, bounded(100000), 0, 8);
    kit_ok(kit_close(file));
    kit_holds("file", bounded(100000), 8);
    kit_files_end();
}

/* The file is shortened to 1000 bytes and made longer again, by path or by handle. */
static void cut(void *file, uint64_t size) {
    kit_ok(file ? kit_ftruncate(file, size) : kit_truncate("file", size));
    kit_expect(kit_stated("file").size == size, kit_text("%llu bytes", (unsigned long long)size),
               "%llu bytes", (unsigned long long)kit_stated("file").size);
}

static void cut_and_grow(void *file) {
    void *reader;

    cut(file, 1000);
    cut(file, 30000);
    reader = kit_opened("file", O_RDONLY);
    read_at(reader, 1000, 0, 9);
    read_zeros(reader, 29000, 1000);
    kit_count_is(kit_pread(reader, kit_room(10), 10, 30000), 0);
    kit_ok(kit_close(reader));
    cut(file, 0);
    cut(file, 5000);
    reader = kit_opened("file", O_RDONLY);
    read_zeros(reader, 5000, 0);
    kit_ok(kit_close(reader));
}

static void truncate_both_ways(void) {
    void *file;

    kit_files_begin();
    KIT_NEEDS(truncate);
    kit_make("file", 20000, 9);
    cut_and_grow(NULL);
    kit_make("file", 20000, 9);
    file = kit_opened("file", O_RDWR);
    cut_and_grow(file);
    kit_ok(kit_close(file));
    KIT_ERRNOS(kit_truncate("missing", 0), ENOENT);
    kit_gone("missing");
    kit_ok(kit_mkdir("dir"));
    KIT_ERRNOS(kit_truncate("dir", 0), EISDIR);
    kit_files_end();
}

static void holes(void) {
    void *file;

    kit_files_begin();
    file = kit_opened("file", O_RDWR | O_CREAT);
    for (uint64_t i = 0; i < 5; i++)
        write_at(file, 3, 100000 * i + 50000, 1);
    for (uint64_t i = 0; i < 5; i++) {
        read_zeros(file, 50000, 100000 * i);
        read_at(file, 3, 100000 * i + 50000, 1);
    }
    kit_ok(kit_close(file));
    kit_files_end();
}

const struct kit_check kit_checks_native_data[] = {
    {"FIL-20", KIT_MUST, every_size,
     "What is written is read back, byte by byte, whatever its size up to a megabyte",
     "Nothing else matters as much; pages, packets and windows have borders.",
     "mpr/provider.h, pread and pwrite"},
    {"FIL-21", KIT_MUST, every_offset,
     "A file can be written and read from any byte on, and nothing before it changes",
     "Programs write records, not pages.", "pwrite(2)"},
    {"FIL-22", KIT_MUST, end_of_file,
     "A read gives less than was asked for only at the end of the file, and nothing at or behind "
     "it",
     "The router takes a short read for the end of the file.",
     "mpr/provider.h, pread: less than size only at the end of the file"},
    {"FIL-23", KIT_MUST, nothing_at_all, "Reading and writing 0 bytes is 0 and changes nothing",
     "A buffer that happens to be empty is no reason to fail, or to make a file longer.",
     "read(2), write(2)"},
    {"FIL-24", KIT_MUST, largest, "max_io bytes can be read and written in one call",
     "The router sends pieces of just this size.", "mpr/provider.h, max_io"},
    {"FIL-25", KIT_MUST, far_offsets,
     "Offsets over 2 and 4 GiB are what they are, where the server has files of that size",
     "An offset cut to 32 bits writes over the beginning of the file.",
     "mpr/provider.h, pwrite: uint64_t offset"},
    {"FIL-26", KIT_MUST, impossible_offsets,
     "An offset that no file can have is refused, and the file is as before",
     "It must not be taken for a negative one, nor for a small one.", "pwrite(2), EFBIG, EINVAL"},
    {"FIL-27", KIT_MUST, overwrites,
     "Writing in the middle changes these bytes alone, and not the size",
     "A database changes one page of its file.", "pwrite(2)"},
    {"FIL-28", KIT_MUST, stable, "fsync succeeds, and what was written is there",
     "A program that saves a document asks just this.", "fsync(2); mpr/provider.h, fsync"},
    {"FIL-29", KIT_MUST, truncate_both_ways,
     "truncate by path and by open file shortens, and lengthens with zeros: old bytes never come "
     "back",
     "What was cut off is gone for everybody, also if the file grows again.",
     "truncate(2); mpr/provider.h, truncate"},
    {"FIL-30", KIT_MUST, holes, "What was never written between two writes reads as zeros",
     "A hole must not show what the server's disk held before.", "lseek(2), on gaps"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
