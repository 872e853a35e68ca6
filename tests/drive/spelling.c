/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spelling.c: names that differ in the case of their letters, on servers that take them for one
 * file, or may.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/drive_fold.h"
#include "tests/drive/mount_rig.h"
#include "tests/drive/respelled.h"
#include "tests/drive/tree_rig.h"
#include "tests/lab/tap.h"

static void folded(void) {
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"", "", true},
        {"File.TXT", "fILE.txt", true},
        {"file", "files", false},
        {"files", "file", false},
        {"[", "{", false},
        {"\xc3\xa9t\xc3\xa9", "\xc3\x89T\xc3\x89", true}, /* e with acute */
        {"\xce\xa3\xce\xbb", "\xcf\x83\xce\x9b", true},   /* sigma, lambda */
        {"\xd0\xb6", "\xd0\x96", true},                   /* zhe */
        {"\xe6\x97\xa5", "\xe6\x9c\xac", false},
        {"\xff", "\xfe", false},
        {"a\xff", "A\xff", true},
    };

    tap_group("spellings");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *a = cases[i].a, *b = cases[i].b;

        tap_ok(drive_fold_same(a, b) == cases[i].same, "pair %zu: %s", i,
               cases[i].same ? "the same" : "not the same");
        tap_ok((drive_fold_hash(1, a) == drive_fold_hash(1, b)) == cases[i].same, "and by value");
    }
}

static void begin(const char *group) {
    rig_begin(group, LONG_MS);
    drive_tree_free(&rig_drive);
    rig_drive.any_case = true;
    tap_file(drive_tree_new(&rig_drive), 0, "a drive whose server may take any spelling");
}

/* Two spellings, of which one was looked up before; is it one node? */
static bool is_one(const char *a, const char *b) {
    uint64_t number = rig_look(DRIVE_ROOT, a).number;

    return number && number == rig_look(DRIVE_ROOT, b).number;
}

static void joined(void) {
    struct drive_entry first, other;
    uint64_t before;

    begin("one file");
    posix_control()->any_case = 1;
    rig_put("File", "hello");
    first = rig_look(DRIVE_ROOT, "File");
    tap_ok(first.valid_ms > LONG_MS / 2, "the kernel may believe the name that is known");
    before = rig_calls(POSIX_STAT);
    rig_look(DRIVE_ROOT, "File");
    tap_ok(rig_calls(POSIX_STAT) == before, "for which the server is not asked again");
    other = rig_look(DRIVE_ROOT, "FILE");
    tap_ok(other.number == first.number && rig_calls(POSIX_STAT) == before + 1,
           "another spelling leads to it, as the server says");
    tap_ok(other.valid_ms == 0 && other.any_case, "and is not to be believed by the kernel");
    tap_ok(other.attributes.nlink == 1, "it has one name");
    tap_ok(rig_look(DRIVE_ROOT, "none").number == 0 && rig_look(DRIVE_ROOT, "none").valid_ms == 0,
           "neither is what is not there");
    tap_ok(rig_calls(POSIX_STAT) == before + 2, "though the server is asked once");
    tap_file(drive_mkdir(&rig_drive, DRIVE_ROOT, "NONE", 0755, &other), 0, "mkdir");
    tap_ok(is_one("NONE", "none"), "it is there by the name that was not");
    tap_ok(rig_list(DRIVE_ROOT, true, NULL) == 2, "two are listed");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "fILE"), 0, "unlink by another name");
    tap_ok(rig_look(DRIVE_ROOT, "File").number == 0 && rig_list(DRIVE_ROOT, true, NULL) == 1,
           "it is gone, and not listed");
    tap_file(drive_getattr(&rig_drive, first.number, &other), -ESTALE, "so the kernel hears");
    rig_end();
}

static void moved(void) {
    struct drive_entry first, entry;

    begin("another name");
    posix_control()->any_case = 1;
    rig_put("one", "one");
    rig_put("two", "two 2");
    first = rig_look(DRIVE_ROOT, "one");
    tap_ok(is_one("one", "ONE") && is_one("two", "TWO"), "both are known by two names");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "one", DRIVE_ROOT, "One", 0), 0,
             "only the spelling changes");
    tap_ok(rig_look(DRIVE_ROOT, "One").valid_ms > 0 && rig_look(DRIVE_ROOT, "one").valid_ms == 0,
           "the new one counts");
    tap_ok(rig_look(DRIVE_ROOT, "oNE").number == first.number, "it is the same file");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "TWO", DRIVE_ROOT, "three", 0), 0,
             "renamed by another spelling");
    tap_ok(rig_look(DRIVE_ROOT, "two").number == 0, "it is gone by the first");
    tap_file(drive_rename(&rig_drive, DRIVE_ROOT, "three", DRIVE_ROOT, "ONE", 0), 0, "replaced");
    entry = rig_look(DRIVE_ROOT, "one");
    tap_ok(entry.attributes.size == 5 && entry.number != first.number, "it is the other one");
    tap_file(drive_getattr(&rig_drive, first.number, &entry), -ESTALE, "the first is no more");
    rig_end();
}

static void several(void) {
    struct drive_entry made;

    begin("several files");
    rig_put("File", "1");
    rig_put("file", "22");
    tap_ok(!is_one("File", "file") && rig_look(DRIVE_ROOT, "FILE").number == 0,
           "two are two, and a third is not there");
    tap_file(drive_mkdir(&rig_drive, DRIVE_ROOT, "FILE", 0755, &made), 0, "it is made");
    tap_ok(rig_list(DRIVE_ROOT, true, NULL) == 3, "all are listed");
    tap_file(drive_unlink(&rig_drive, DRIVE_ROOT, "file"), 0, "one is removed");
    tap_ok(rig_look(DRIVE_ROOT, "file").number == 0
               && rig_look(DRIVE_ROOT, "File").attributes.size == 1
               && rig_list(DRIVE_ROOT, true, NULL) == 2,
           "the others stay");
    rig_end();

    begin("a server without numbers");
    posix_control()->any_case = 1;
    posix_control()->without = MPR_STAT_INO;
    rig_put("File", "1");
    tap_ok(!is_one("File", "FILE"), "nothing tells that it is one file");
    rig_end();
}

static void programs(void) {
    rig_start_any_case("60000", "20000");
    respelled_check(rig_on(""));
    tap_group("the end");
    rig_stop();
}

int main(void) {
    folded();
    joined();
    moved();
    several();
    programs();
    return tap_done();
}
