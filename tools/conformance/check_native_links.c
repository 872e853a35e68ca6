/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_links.c: rename, link, symlink and readlink.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

static void renames(void) {
    kit_files_begin();
    KIT_NEEDS(rename);
    kit_make("a", 100, 1);
    kit_ok(kit_mkdir("dir"));
    kit_ok(kit_rename("a", "b"));
    kit_gone("a");
    kit_holds("b", 100, 1);
    kit_ok(kit_rename("b", "dir/c"));
    kit_gone("b");
    kit_holds("dir/c", 100, 1);
    kit_ok(kit_rename("dir", "other"));
    kit_gone("dir");
    kit_holds("other/c", 100, 1);
    kit_files_end();
}

static void replaces(void) {
    kit_files_begin();
    KIT_NEEDS(rename);
    kit_make("new", 100, 1);
    kit_make("old", 5000, 2);
    kit_ok(kit_rename("new", "old"));
    kit_gone("new");
    kit_holds("old", 100, 1);
    kit_ok(kit_mkdir("dir"));
    kit_ok(kit_mkdir("empty"));
    kit_make("dir/file", 10, 3);
    kit_ok(kit_rename("dir", "empty"));
    kit_gone("dir");
    kit_holds("empty/file", 10, 3);
    kit_files_end();
}

static void refuses(void) {
    kit_files_begin();
    KIT_NEEDS(rename);
    kit_make("file", 100, 1);
    kit_ok(kit_mkdir("dir"));
    kit_ok(kit_mkdir("dir/inner"));
    kit_make("dir/inner/file", 100, 2);
    kit_ok(kit_mkdir("full"));
    kit_make("full/file", 100, 3);
    kit_ok(kit_rename("file", "file"));
    kit_ok(kit_rename("dir", "dir"));
    KIT_ERRNOS(kit_rename("missing", "new"), ENOENT);
    KIT_ERRNOS(kit_rename("missing", "file"), ENOENT);
    KIT_ERRNOS(kit_rename("file", "missing/new"), ENOENT);
    KIT_ERRNOS(kit_rename("file", "dir"), EISDIR, EEXIST);
    KIT_ERRNOS(kit_rename("dir", "file"), ENOTDIR, EEXIST);
    KIT_ERRNOS(kit_rename("dir", "full"), ENOTEMPTY, EEXIST);
    /* Servers without a check of their own say that the directory is in use. */
    KIT_ERRNOS(kit_rename("dir", "dir/inner/dir"), EINVAL, EBUSY, EACCES, EPERM);
    kit_holds("file", 100, 1);
    kit_holds("dir/inner/file", 100, 2);
    kit_holds("full/file", 100, 3);
    kit_files_end();
}

/* Links that the server does not have are no finding. */
static void need_links(int rc, const char *which) {
    if (kit_is_unsupported(rc) || rc == -EPERM)
        kit_skip("the server has no %s: %s", which, kit_result_name(rc));
    kit_ok(rc);
}

static void hard_links(void) {
    struct mpr_stat one, two;
    void *file;

    kit_files_begin();
    KIT_NEEDS(link);
    kit_make("one", 100, 1);
    need_links(kit_link("one", "two"), "links");
    kit_holds("two", 100, 1);
    one = kit_stated("one");
    two = kit_stated("two");
    /* A protocol without file ids, such as SFTP, does not count links either: 1 is made up. */
    if (one.valid & two.valid & MPR_STAT_INO) {
        kit_expect(one.nlink == 2 && two.nlink == 2, "2 links of each", "%u and %u",
                   (unsigned)one.nlink, (unsigned)two.nlink);
        kit_expect(one.ino == two.ino, "one file id", "two");
    }
    file = kit_opened("two", O_WRONLY);
    kit_count_is(kit_pwrite(file, kit_read_only("x", 1), 1, 100), 1);
    kit_ok(kit_close(file));
    kit_expect(kit_stated("one").size == 101, "101 bytes by the other name", "%llu",
               (unsigned long long)kit_stated("one").size);
    KIT_ERRNOS(kit_link("one", "two"), EEXIST);
    KIT_ERRNOS(kit_link("missing", "three"), ENOENT);
    if (kit_table->rename) {
        kit_ok(kit_rename("one", "two")); /* two names of one file: nothing happens */
        kit_expect(kit_stated("one").nlink == one.nlink, "both names as before", "%u links",
                   (unsigned)kit_stated("one").nlink);
    }
    kit_ok(kit_unlink("one"));
    kit_gone("one");
    kit_expect(kit_stated("two").size == 101, "the file by its other name", "another size");
    kit_files_end();
}

/* Whether stat follows a link is the provider's affair; lstat does not. */
static void soft_links(void) {
    struct mpr_stat found;
    char target[64];
    void *file;
    int rc;

    kit_files_begin();
    KIT_NEEDS(symlink);
    KIT_NEEDS(readlink);
    kit_make("file", 100, 1);
    need_links(kit_symlink("file", "link"), "symbolic links");
    need_links(kit_symlink("nowhere", "dangling"), "symbolic links");
    kit_ok(kit_readlink("link", target, sizeof target));
    kit_expect(strcmp(target, "file") == 0, "\"file\"", "\"%s\"", target);
    found = kit_stated("link");
    kit_expect(S_ISLNK(found.mode) || (S_ISREG(found.mode) && found.size == 100),
               "a symbolic link, or the file that it leads to", "mode 0%o", (unsigned)found.mode);
    if (kit_table->lstat) {
        kit_ok(kit_lstat("dangling", &found));
        kit_expect(S_ISLNK(found.mode), "a symbolic link, by lstat", "mode 0%o",
                   (unsigned)found.mode);
        kit_ok(kit_lstat("file", &found));
        kit_expect(S_ISREG(found.mode) && found.size == 100, "the file, by lstat", "mode 0%o",
                   (unsigned)found.mode);
    }
    rc = kit_open("link", O_RDONLY, 0, &file);
    if (rc == 0) {
        kit_ok(kit_close(file));
        kit_holds("link", 100, 1);
    } else {
        KIT_ERRNOS(rc, ELOOP);
    }
    KIT_ERRNOS(kit_symlink("other", "link"), EEXIST);
    KIT_ERRNOS(kit_symlink("other", "file"), EEXIST);
    kit_ok(kit_readlink("dangling", target, sizeof target));
    kit_ok(kit_unlink("link"));
    kit_ok(kit_unlink("dangling"));
    kit_holds("file", 100, 1);
    kit_files_end();
}

static void link_targets(void) {
    static const char target[] = "../some/where else/caf\xc3\xa9 100%";

    kit_files_begin();
    KIT_NEEDS(symlink);
    KIT_NEEDS(readlink);
    need_links(kit_symlink(target, "link"), "symbolic links");
    for (size_t size = 0; size <= sizeof target + 1; size++) {
        char *room = kit_room(size);
        int rc = kit_readlink("link", room, size);

        kit_expect(kit_room_intact(room), "nothing written before the buffer", "something was");
        if (size < sizeof target)
            KIT_ERRNOS(rc, ERANGE);
        else
            kit_ok(rc);
        kit_expect(size < sizeof target || strcmp(room, target) == 0,
                   kit_text("\"%s\", with its NUL", target), "\"%.*s\"", (int)size, room);
    }
    kit_make("file", 1, 1);
    KIT_ERRNOS(kit_readlink("file", kit_room(10), 10), EINVAL);
    KIT_ERRNOS(kit_readlink("missing", kit_room(10), 10), ENOENT);
    kit_files_end();
}

const struct kit_check kit_checks_native_links[] = {
    {"FIL-60", KIT_MUST, renames, "rename moves files and directories, with what is in them",
     "The old name is gone, and the bytes are the same.", "rename(2)"},
    {"FIL-61", KIT_MUST, replaces, "rename replaces an existing file, and a directory an empty one",
     "Programs save by writing a new file and renaming it over the old one.",
     "rename(2); mpr/file.h, MprFileRename"},
    {"FIL-62", KIT_MUST, refuses,
     "A rename that cannot be is refused, and nothing has moved or gone",
     "Half a rename is a lost file.", "rename(2), ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL"},
    {"FIL-63", KIT_CAPABILITY, hard_links,
     "link gives a file a second name, and renaming one of "
     "them to the other changes nothing",
     "One file has two names; it goes with the last of them.", "link(2), rename(2)"},
    {"FIL-64", KIT_CAPABILITY, soft_links,
     "symlink keeps a target that readlink gives back; lstat tells of the link itself; open "
     "follows it or says ELOOP; unlink removes the link alone",
     "A link that was removed must not take its file along.", "symlink(2), unlink(2)"},
    {"FIL-65", KIT_CAPABILITY, link_targets,
     "readlink gives the target with its NUL, or -ERANGE for every buffer that is too small, and "
     "writes nothing outside",
     "A target that was cut short leads elsewhere.",
     "mpr/provider.h, readlink: -ERANGE if size is too small"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
