/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_directory.c: directories: what is in them, and under which names.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define MANY 2000

/* What was listed. */
struct listing {
    unsigned count, wrong, stop_after;
    unsigned char *seen; /* of "entry-N" */
    const char *wanted;  /* a name whose attributes are kept */
    struct mpr_stat attributes;
    bool found, dots;
};

static int take(void *context, const char *name, const struct mpr_stat *attributes) {
    struct listing *listing = context;
    unsigned number;

    if (!name || !attributes)
        kit_fail("a name and attributes for every entry", "name %s, attributes %p",
                 name ? name : "NULL", (const void *)attributes);
    if (listing->stop_after && listing->count == listing->stop_after)
        kit_fail("no entry after the function returned 1", "\"%s\"", name);
    listing->count++;
    listing->dots |= strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    if (listing->wanted && strcmp(name, listing->wanted) == 0) {
        listing->found = true;
        listing->attributes = *attributes;
    }
    if (listing->seen) {
        if (sscanf(name, "entry-%u", &number) == 1 && number < MANY)
            listing->seen[number]++;
        else
            listing->wrong++;
    }
    return listing->count == listing->stop_after;
}

static unsigned count_entries(const char *name) {
    struct listing listing = {.count = 0};

    kit_ok(kit_readdir(name, take, &listing));
    return listing.count;
}

static void make_many(unsigned count) {
    kit_ok(kit_mkdir("many"));
    for (unsigned i = 0; i < count; i++)
        kit_ok(kit_close(kit_opened(kit_text("many/entry-%u", i), O_WRONLY | O_CREAT | O_EXCL)));
}

static void lists_all(void) {
    static const unsigned sizes[] = {0, 1, 2, 32, 33, 34, 64, 65, MANY};
    unsigned char seen[MANY];
    unsigned there = 0;

    kit_files_begin();
    kit_ok(kit_mkdir("many"));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned size = sizes[i] == MANY ? kit_rounds(MANY) : sizes[i];
        struct listing listing = {.seen = memset(seen, 0, sizeof seen)};

        for (; there < size; there++)
            kit_ok(kit_close(
                kit_opened(kit_text("many/entry-%u", there), O_WRONLY | O_CREAT | O_EXCL)));
        kit_ok(kit_readdir("many", take, &listing));
        kit_expect(!listing.dots, "neither \".\" nor \"..\"", "one of them");
        kit_expect(listing.count == there && !listing.wrong, kit_text("%u entries", there),
                   "%u entries, %u of them never made", listing.count, listing.wrong);
        for (unsigned n = 0; n < there; n++)
            kit_expect(seen[n] == 1, kit_text("entry-%u once among %u", n, there), "%u times",
                       seen[n]);
    }
    kit_files_end();
}

static void stops(void) {
    kit_files_begin();
    make_many(100);
    for (unsigned after = 1; after < 100; after += 33) {
        struct listing listing = {.stop_after = after};

        kit_ok(kit_readdir("many", take, &listing));
        kit_expect(listing.count == after, kit_text("%u entries", after), "%u", listing.count);
    }
    kit_expect(count_entries("many") == 100, "100 entries afterwards", "another number");
    kit_files_end();
}

/* The attributes that a listing gives are those that stat gives. */
static void compare(const char *directory, const char *name) {
    struct listing listing = {.wanted = name};
    struct mpr_stat stated;

    kit_ok(kit_readdir(directory, take, &listing));
    kit_expect(listing.found, kit_text("\"%s\" in the listing", name), "it is not there");
    stated = kit_stated(kit_text("%s/%s", directory, name));
    kit_doing("readdir and stat of \"%s/%s\"", directory, name);
    kit_expect(listing.attributes.mode == stated.mode,
               kit_text("mode 0%o in both", (unsigned)stated.mode), "0%o in the listing",
               (unsigned)listing.attributes.mode);
    kit_expect(listing.attributes.size == stated.size || S_ISDIR(stated.mode),
               kit_text("size %llu in both", (unsigned long long)stated.size),
               "%llu in the listing", (unsigned long long)listing.attributes.size);
    kit_expect(listing.attributes.mtime_ns == stated.mtime_ns,
               kit_text("mtime %lld ns in both", (long long)stated.mtime_ns),
               "%lld ns in the listing", (long long)listing.attributes.mtime_ns);
    if (listing.attributes.valid & stated.valid & MPR_STAT_INO)
        kit_expect(listing.attributes.ino == stated.ino,
                   kit_text("file id %llu in both", (unsigned long long)stated.ino),
                   "%llu in the listing", (unsigned long long)listing.attributes.ino);
}

static void same_attributes(void) {
    kit_files_begin();
    kit_ok(kit_mkdir("dir"));
    kit_ok(kit_mkdir("dir/dir"));
    kit_make("dir/empty", 0, 0);
    kit_make("dir/file", 12345, 1);
    compare("dir", "dir");
    compare("dir", "empty");
    compare("dir", "file");
    kit_files_end();
}

static void not_a_directory(void) {
    struct listing listing = {.count = 0};

    kit_files_begin();
    kit_make("file", 1, 1);
    KIT_ERRNOS(kit_readdir("file", take, &listing), ENOTDIR);
    KIT_ERRNOS(kit_readdir("missing", take, &listing), ENOENT);
    KIT_ERRNOS(kit_readdir("file/below", take, &listing), ENOTDIR, ENOENT);
    kit_expect(listing.count == 0, "no entry from what is no directory", "%u", listing.count);
    kit_files_end();
}

static void makes(void) {
    kit_files_begin();
    kit_ok(kit_mkdir("dir"));
    kit_expect(S_ISDIR(kit_stated("dir").mode), "a directory", "mode 0%o",
               (unsigned)kit_stated("dir").mode);
    kit_expect(count_entries("dir") == 0, "no entry in a new directory", "%u",
               count_entries("dir"));
    kit_make("dir/file", 10, 1);
    KIT_ERRNOS(kit_mkdir("dir"), EEXIST);
    KIT_ERRNOS(kit_mkdir("dir/file"), EEXIST);
    KIT_ERRNOS(kit_mkdir("missing/dir"), ENOENT);
    KIT_ERRNOS(kit_mkdir("dir/file/dir"), ENOTDIR, ENOENT);
    kit_holds("dir/file", 10, 1);
    kit_files_end();
}

static void removes(void) {
    kit_files_begin();
    kit_ok(kit_mkdir("dir"));
    kit_make("dir/file", 10, 1);
    /* POSIX allows both. */
    KIT_ERRNOS(kit_rmdir("dir"), ENOTEMPTY, EEXIST);
    KIT_ERRNOS(kit_rmdir("dir/file"), ENOTDIR);
    KIT_ERRNOS(kit_rmdir("missing"), ENOENT);
    KIT_ERRNOS(kit_unlink("missing"), ENOENT);
    KIT_ERRNOS(kit_unlink("missing/below"), ENOENT);
    KIT_ERRNOS(kit_unlink("dir"), EISDIR);
    kit_holds("dir/file", 10, 1);
    kit_ok(kit_unlink("dir/file"));
    kit_gone("dir/file");
    KIT_ERRNOS(kit_unlink("dir"), EISDIR);
    kit_expect(S_ISDIR(kit_stated("dir").mode), "the directory as before", "something else");
    kit_ok(kit_rmdir("dir"));
    kit_gone("dir");
    kit_expect(count_entries("") == 0, "nothing left", "%u entries", count_entries(""));
    kit_files_end();
}

static void root(void) {
    struct listing listing = {.count = 0};
    struct mpr_stat found = {0};

    kit_files_connect();
    kit_ok(kit_stat("", &found));
    kit_expect(S_ISDIR(found.mode), "a directory: \"\" is the root of the connection", "mode 0%o",
               (unsigned)found.mode);
    if (kit_table->readdir)
        kit_ok(kit_readdir("", take, &listing));
    kit_expect(!listing.dots, "neither \".\" nor \"..\"", "one of them");
    if (kit_table->rmdir) {
        int rc = kit_rmdir("");

        kit_expect(kit_is_errno(rc), "a failure: the root stays", "%s", kit_result_name(rc));
    }
    if (kit_table->unlink) {
        int rc = kit_unlink("");

        kit_expect(kit_is_errno(rc), "a failure: the root is no file", "%s", kit_result_name(rc));
    }
    if (kit_table->rename) {
        int rc = kit_rename("", "mpr-conformance-moved");

        kit_expect(kit_is_errno(rc), "a failure: the root stays", "%s", kit_result_name(rc));
    }
    kit_ok(kit_stat("", &found));
    kit_disconnect(kit_session);
}

/* A file of this name is there, under this name, byte for byte. */
static void name_works(const char *name, unsigned seed) {
    struct listing listing = {.wanted = name};

    kit_make(kit_text("names/%s", name), 10, seed);
    kit_ok(kit_readdir("names", take, &listing));
    kit_expect(listing.found, kit_text("\"%s\" in the listing, byte for byte", name),
               "it is not there, among %u entries", listing.count);
    kit_holds(kit_text("names/%s", name), 10, seed);
}

static void every_name(void) {
    static const char *const names[] = {
        "with blanks in  it",
        "percent%20and%s%n",
        "hash#",
        "it's",
        "a+b&c=d;e,f",
        ".hidden",
        "[brackets]{}()",
        "$HOME",
        "`tick`~^",
        "!at@",
        "-dash",
        "caf\xc3\xa9",
        "cafe\xcc\x81",
        "\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd1\x83\xd0\xbf",
        "\xe5\x85\xb1\xe6\x9c\x89",
        "\xf0\x9d\x84\x9e",
        "%2e%2e%2f",
    };
    const size_t count = sizeof names / sizeof names[0];
    char longest[256];

    kit_files_begin();
    kit_ok(kit_mkdir("names"));
    for (size_t i = 0; i < count; i++)
        name_works(names[i], (unsigned)i);
    memset(longest, 'n', 255);
    longest[255] = '\0';
    name_works(longest, 99);
    for (size_t i = 0; i < count; i++)
        kit_holds(kit_text("names/%s", names[i]), 10, (unsigned)i);
    kit_expect(count_entries("names") == count + 1, kit_text("%zu files, each its own", count + 1),
               "%u", count_entries("names"));
    kit_files_end();
}

/* Names that a server may refuse, or must. */
static void odd_names(void) {
    static const char *const names[] = {"ques?tion",  "aster*isk",  "quo\"te",     "col:on",
                                        "less<more>", "pi|pe",      "back\\slash", "trailing.",
                                        "trailing ",  "line\nfeed", "\x01control", "CON",
                                        "nul.txt",    "\xff\xfe",   "a\\..\\b"};
    char too_long[300];
    void *file;
    int rc;

    kit_files_begin();
    kit_ok(kit_mkdir("names"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        rc = kit_open(kit_text("names/%s", names[i]), O_WRONLY | O_CREAT | O_EXCL, 0644, &file);
        if (rc) {
            kit_expect(kit_is_errno(rc), "0 or an errno", "%s", kit_result_name(rc));
            continue;
        }
        kit_ok(kit_close(file));
        name_works(names[i], (unsigned)i);
        kit_ok(kit_unlink(kit_text("names/%s", names[i])));
    }
    kit_expect(count_entries("names") == 0, "nothing left", "%u entries", count_entries("names"));
    kit_expect(count_entries("") == 1, "nothing made elsewhere", "%u entries", count_entries(""));
    memset(too_long, 'n', 256);
    too_long[256] = '\0';
    KIT_ERRNOS(kit_open(too_long, O_WRONLY | O_CREAT, 0644, &file), ENAMETOOLONG);
    KIT_ERRNOS(kit_mkdir(too_long), ENAMETOOLONG);
    kit_files_end();
}

static void deep_paths(void) {
    char path[6000] = "d";
    struct mpr_stat found;
    size_t length = 1;
    int rc = 0;

    kit_files_begin();
    while (length < sizeof path - 20 && (rc = kit_mkdir(path)) == 0 && length < 1500)
        length += (size_t)snprintf(path + length, sizeof path - length, "/directory");
    if (rc)
        KIT_ERRNOS(rc, ENAMETOOLONG);
    kit_expect(length > 200, "paths of 200 bytes at least", "%zu bytes are refused", length);
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    for (size_t i = 100; i < sizeof path - 1; i += 100)
        path[i] = '/';
    KIT_ERRNOS(kit_stat(path, &found), ENAMETOOLONG, ENOENT);
    kit_files_end();
}

static void letters(void) {
    struct listing listing = {.wanted = "NAME"};
    void *file;

    kit_files_begin();
    kit_make("Name", 10, 1);
    if (kit_lab.case_sensitive) {
        kit_gone("name");
        kit_make("name", 20, 2);
        kit_holds("Name", 10, 1);
        kit_holds("name", 20, 2);
        kit_expect(count_entries("") == 2, "two files", "%u", count_entries(""));
    } else {
        kit_holds("name", 10, 1);
        KIT_ERRNOS(kit_open("nAME", O_WRONLY | O_CREAT | O_EXCL, 0644, &file), EEXIST);
        kit_expect(count_entries("") == 1, "one file", "%u", count_entries(""));
    }
    if (kit_table->rename) {
        kit_ok(kit_rename("Name", "NAME"));
        kit_ok(kit_readdir("", take, &listing));
        kit_expect(listing.found, "\"NAME\" in the listing after it was renamed",
                   "it is not there");
        kit_holds("NAME", 10, 1);
    }
    kit_files_end();
}

const struct kit_check kit_checks_native_directory[] = {
    {"FIL-40", KIT_MUST, lists_all,
     "readdir gives each entry of a directory once, with 0, 1, 33, 65 and 2000 of them, and "
     "neither "
     "\".\" nor \"..\"",
     "Listings come in pages, and a page's border must lose nothing.",
     "mpr/provider.h, readdir: all entries but \".\" and \"..\""},
    {"FIL-41", KIT_MUST, stops, "readdir ends when the function returns something other than 0",
     "Who has found what he looks for does not wait for the rest.",
     "mpr/provider.h, mpr_dirent_fn"},
    {"FIL-42", KIT_MUST, same_attributes, "The attributes that readdir gives are those of stat",
     "A drive shows what the listing said, and asks no further.",
     "mpr/provider.h, readdir: with attributes"},
    {"FIL-43", KIT_MUST, not_a_directory, "Listing what is no directory is ENOTDIR or ENOENT",
     "An empty listing would say that there is a directory.", "opendir(3)"},
    {"FIL-44", KIT_MUST, makes, "mkdir makes an empty directory, and never takes what is there",
     "EEXIST is how two programs agree who made it.", "mkdir(2)"},
    {"FIL-45", KIT_MUST, removes,
     "rmdir removes an empty directory alone and unlink a file alone; a refusal removes nothing",
     "Removing more than was asked for cannot be undone.",
     "rmdir(2), unlink(2); mpr/file.h, MprFileUnlink: -EISDIR for a directory"},
    {"FIL-46", KIT_MUST, root, "\"\" is the root of the connection: a directory that stays",
     "Every drive begins with a look at it.", "mpr/provider.h: \"\" is the root of the connection"},
    {"FIL-47", KIT_MUST, every_name,
     "Names with blanks, percent signs, accents of both kinds, any script, and 255 bytes come back "
     "byte for byte",
     "A name that comes back changed cannot be opened.",
     "mpr/provider.h, rule 3: strings are UTF-8; own decision: these every server takes"},
    {"FIL-48", KIT_MUST, odd_names,
     "Other names are refused with an errno, or come back byte for byte; 256 bytes are "
     "ENAMETOOLONG",
     "What a server cannot store must not be stored under another name.",
     "own decision: SMB has no such names, others have; POSIX open, ENAMETOOLONG"},
    {"FIL-49", KIT_MUST, deep_paths,
     "Long paths work up to a border, and are ENAMETOOLONG or ENOENT from there on",
     "A path cut short is another file.",
     "POSIX open, ENAMETOOLONG; own decision: 200 bytes at least"},
    {"FIL-50", KIT_MUST, letters,
     "Names that differ by case are one file or two, as the lab says, and case can be renamed",
     "A wrong answer loses one of two files.", "mpr-lab(5), case_sensitive"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
