/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_attributes.c: stat and its kin, and what sets attributes.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_file.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_native.h"

#define SECOND INT64_C(1000000000)
#define DAY    (86400 * SECOND)
/* File systems keep times in steps of up to two seconds. */
#define STEP   (2 * SECOND)

static int64_t distance(int64_t a, int64_t b) {
    return a > b ? a - b : b - a;
}

/* What must be true of the attributes of any file. */
static void look_sane(const struct mpr_stat *found, uint32_t type, uint64_t size) {
    const int64_t now = (int64_t)time(NULL) * SECOND;

    kit_expect((found->mode & S_IFMT) == type, kit_text("type 0%o", (unsigned)type), "mode 0%o",
               (unsigned)found->mode);
    kit_expect(S_ISDIR(type) || found->size == size,
               kit_text("%llu bytes", (unsigned long long)size), "%llu",
               (unsigned long long)found->size);
    kit_expect(found->nlink >= 1, "at least one link", "none");
    kit_expect(!(found->valid & MPR_STAT_INO) || found->ino, "a file id, as valid says", "0");
    kit_expect(distance(found->mtime_ns, now) < DAY && distance(found->ctime_ns, now) < DAY,
               "times of a new file within a day from now", "mtime %lld ns, ctime %lld ns",
               (long long)found->mtime_ns, (long long)found->ctime_ns);
}

static void same(const struct mpr_stat *a, const struct mpr_stat *b) {
    kit_doing("stat and fstat of one file");
    kit_expect(a->mode == b->mode && a->size == b->size && a->mtime_ns == b->mtime_ns
                   && a->nlink == b->nlink && a->uid == b->uid && a->gid == b->gid,
               kit_text("the same: mode 0%o, size %llu, mtime %lld", (unsigned)a->mode,
                        (unsigned long long)a->size, (long long)a->mtime_ns),
               "mode 0%o, size %llu, mtime %lld by fstat", (unsigned)b->mode,
               (unsigned long long)b->size, (long long)b->mtime_ns);
    if (a->valid & b->valid & MPR_STAT_INO)
        kit_expect(a->ino == b->ino, "one file id", "%llu and %llu", (unsigned long long)a->ino,
                   (unsigned long long)b->ino);
}

static void tells_the_truth(void) {
    struct mpr_stat by_path, by_file = {0};
    void *file;

    kit_files_begin();
    kit_ok(kit_mkdir("dir"));
    by_path = kit_stated("dir");
    look_sane(&by_path, S_IFDIR, 0);
    kit_make("file", 12345, 1);
    by_path = kit_stated("file");
    look_sane(&by_path, S_IFREG, 12345);
    KIT_NEEDS(fstat);
    for (int flags = O_RDONLY; flags <= O_RDWR; flags++) {
        file = kit_opened("file", flags);
        kit_ok(kit_fstat(file, &by_file));
        look_sane(&by_file, S_IFREG, 12345);
        by_path = kit_stated("file");
        same(&by_path, &by_file);
        kit_ok(kit_close(file));
    }
    kit_files_end();
}

/* The size is that of now, with the file still open. */
static void size_of_now(void) {
    struct mpr_stat found = {0};
    void *file;

    kit_files_begin();
    file = kit_opened("file", O_RDWR | O_CREAT);
    for (uint64_t size = 1; size < 100000; size = size * 3 + 1) {
        kit_count_is(kit_pwrite(file, kit_read_only("x", 1), 1, size - 1), 1);
        if (kit_table->fstat) {
            kit_ok(kit_fstat(file, &found));
            kit_expect(found.size == size, kit_text("%llu bytes", (unsigned long long)size), "%llu",
                       (unsigned long long)found.size);
        }
        kit_expect(kit_stated("file").size == size,
                   kit_text("%llu bytes", (unsigned long long)size), "%llu",
                   (unsigned long long)kit_stated("file").size);
    }
    kit_ok(kit_close(file));
    kit_files_end();
}

static void missing(void) {
    struct mpr_stat *found = kit_room(sizeof *found);
    struct mpr_statvfs *facts = kit_room(sizeof *facts);
    unsigned char wanted[sizeof *found > sizeof *facts ? sizeof *found : sizeof *facts];

    memset(wanted, 0xA5, sizeof wanted);
    kit_files_begin();
    kit_make("file", 1, 1);
    KIT_ERRNOS(kit_stat("missing", found), ENOENT);
    KIT_ERRNOS(kit_stat("missing/below", found), ENOENT);
    KIT_ERRNOS(kit_stat("file/below", found), ENOTDIR, ENOENT);
    if (kit_table->statvfs)
        KIT_ERRNOS(kit_statvfs("missing", facts), ENOENT);
    kit_expect(memcmp(found, wanted, sizeof *found) == 0
                   && memcmp(facts, wanted, sizeof *facts) == 0,
               "nothing written on failure", "the result was changed");
    if (kit_table->chmod)
        KIT_ERRNOS(kit_chmod("missing", 0644), ENOENT);
    if (kit_table->chown)
        KIT_ERRNOS(kit_chown("missing", UINT32_MAX, UINT32_MAX), ENOENT);
    if (kit_table->utimens)
        KIT_ERRNOS(kit_utimens("missing", 0, 0), ENOENT);
    kit_gone("missing");
    kit_files_end();
}

static void skip_unless_supported(int rc, const char *what) {
    if (kit_is_unsupported(rc))
        kit_skip("the server has no %s: %s", what, kit_result_name(rc));
    kit_ok(rc);
}

static void mode_bits(void) {
    static const uint32_t modes[] = {0600, 0644, 0444, 0755, 0640};
    struct mpr_stat found;

    kit_files_begin();
    KIT_NEEDS(chmod);
    kit_make("file", 100, 1);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        skip_unless_supported(kit_chmod("file", modes[i]), "permissions");
        found = kit_stated("file");
        kit_expect(S_ISREG(found.mode), "a file as before", "mode 0%o", (unsigned)found.mode);
        if (found.valid & MPR_STAT_MODE)
            kit_expect((found.mode & 07777) == modes[i], kit_text("mode 0%o", (unsigned)modes[i]),
                       "mode 0%o", (unsigned)(found.mode & 07777));
        else /* where there is just a mark for "read only" */
            kit_expect(!(found.mode & 0222) == !(modes[i] & 0222),
                       kit_text("%s to write, after mode 0%o",
                                modes[i] & 0222 ? "permission" : "no permission",
                                (unsigned)modes[i]),
                       "mode 0%o", (unsigned)(found.mode & 07777));
    }
    kit_holds("file", 100, 1);
    kit_files_end();
}

static void owner(void) {
    struct mpr_stat before, after;

    kit_files_begin();
    KIT_NEEDS(chown);
    kit_make("file", 100, 1);
    before = kit_stated("file");
    skip_unless_supported(kit_chown("file", UINT32_MAX, UINT32_MAX), "owners");
    skip_unless_supported(kit_chown("file", before.uid, UINT32_MAX), "owners");
    skip_unless_supported(kit_chown("file", UINT32_MAX, before.gid), "owners");
    after = kit_stated("file");
    kit_expect(before.uid == after.uid && before.gid == after.gid,
               kit_text("owner %u, group %u", (unsigned)before.uid, (unsigned)before.gid),
               "owner %u, group %u", (unsigned)after.uid, (unsigned)after.gid);
    kit_holds("file", 100, 1);
    kit_files_end();
}

static void times(void) {
    const int64_t then = INT64_C(1234567890) * SECOND + 123456000, later = then + 1000 * SECOND;
    struct mpr_stat found;

    kit_files_begin();
    KIT_NEEDS(utimens);
    kit_make("file", 100, 1);
    skip_unless_supported(kit_utimens("file", then, later), "times to set");
    found = kit_stated("file");
    kit_expect(
        distance(found.atime_ns, then) < STEP && distance(found.mtime_ns, later) < STEP,
        kit_text("atime %lld and mtime %lld ns, to two seconds", (long long)then, (long long)later),
        "%lld and %lld", (long long)found.atime_ns, (long long)found.mtime_ns);
    kit_note("mtime is kept to %lld ns", (long long)distance(found.mtime_ns, later));
    kit_ok(kit_utimens("file", MPR_TIME_OMIT, then));
    found = kit_stated("file");
    kit_expect(distance(found.atime_ns, then) < STEP && distance(found.mtime_ns, then) < STEP,
               "mtime set and atime left as it was", "atime %lld, mtime %lld",
               (long long)found.atime_ns, (long long)found.mtime_ns);
    kit_ok(kit_utimens("file", later, MPR_TIME_OMIT));
    found = kit_stated("file");
    kit_expect(distance(found.atime_ns, later) < STEP && distance(found.mtime_ns, then) < STEP,
               "atime set and mtime left as it was", "atime %lld, mtime %lld",
               (long long)found.atime_ns, (long long)found.mtime_ns);
    kit_ok(kit_utimens("file", MPR_TIME_OMIT, MPR_TIME_OMIT));
    kit_holds("file", 100, 1);
    kit_files_end();
}

static void moves_mtime(void) {
    const int64_t then = INT64_C(1234567890) * SECOND;
    void *file;

    kit_files_begin();
    KIT_NEEDS(utimens);
    kit_make("file", 100, 1);
    skip_unless_supported(kit_utimens("file", then, then), "times to set");
    file = kit_opened("file", O_WRONLY);
    kit_count_is(kit_pwrite(file, kit_read_only("x", 1), 1, 0), 1);
    kit_ok(kit_close(file));
    kit_expect(kit_stated("file").mtime_ns > then + DAY, "an mtime of now after a write", "%lld ns",
               (long long)kit_stated("file").mtime_ns);
    kit_files_end();
}

static void facts_are_sane(const struct mpr_statvfs *facts) {
    kit_expect(facts->block_size > 0, "a block size", "0");
    kit_expect(facts->blocks_free <= facts->blocks && facts->blocks_avail <= facts->blocks,
               "no more free blocks than there are", "%llu free, %llu available of %llu",
               (unsigned long long)facts->blocks_free, (unsigned long long)facts->blocks_avail,
               (unsigned long long)facts->blocks);
    kit_expect(facts->files_free <= facts->files, "no more free inodes than there are",
               "%llu of %llu", (unsigned long long)facts->files_free,
               (unsigned long long)facts->files);
    kit_expect(facts->name_max >= 8, "a length that names can have", "%u",
               (unsigned)facts->name_max);
    kit_expect(facts->read_only <= 1, "0 or 1", "read_only is %u", (unsigned)facts->read_only);
}

static void file_system(void) {
    struct mpr_statvfs *facts = kit_room(sizeof *facts);

    kit_files_begin();
    KIT_NEEDS(statvfs);
    kit_ok(kit_statvfs("", facts));
    facts_are_sane(facts);
    kit_expect(!facts->read_only, "a file system that can be written, as just now", "read_only");
    kit_make("file", 1, 1);
    kit_ok(kit_statvfs("file", facts));
    facts_are_sane(facts);
    kit_files_end();
}

static void read_only_file_system(void) {
    const char *remote = kit_need(kit_lab.read_only, "read_only");
    struct mpr_statvfs facts = {0};

    kit_native_open();
    KIT_NEEDS(statvfs);
    kit_session = kit_connect_good(remote);
    kit_ok(kit_statvfs("", &facts));
    facts_are_sane(&facts);
    kit_note("read_only of the resource that cannot be written is %u", (unsigned)facts.read_only);
    kit_disconnect(kit_session);
}

const struct kit_check kit_checks_native_attributes[] = {
    {"FIL-70", KIT_MUST, tells_the_truth,
     "stat and fstat agree: type, size, links and times are those of the file",
     "Programs decide by them what to copy and what is unchanged.",
     "stat(2); mpr/file.h, mpr_stat"},
    {"FIL-71", KIT_MUST, size_of_now, "The size of a file is that of now, while it is written, too",
     "Who follows a log sees it grow, and who appends must find its end.", "stat(2)"},
    {"FIL-72", KIT_MUST, missing,
     "Attributes of what is not there are ENOENT, can neither be read nor set, and no result is "
     "written",
     "A caller who looks at the result all the same must not find another file's.",
     "mpr/provider.h, rule 2: results are written on success only"},
    {"FIL-73", KIT_CAPABILITY, mode_bits,
     "chmod sets the permissions, or where there is but one mark for \"read only\", that one",
     "A file that is to be protected must be, and one that is to be written again, too.",
     "chmod(2); own decision for servers without permissions"},
    {"FIL-74", KIT_CAPABILITY, owner,
     "chown to the present owner changes nothing, and UINT32_MAX "
     "leaves the owner or the group",
     "cp -p and tar do this with every file.", "chown(2); mpr/provider.h, chown"},
    {"FIL-75", KIT_CAPABILITY, times,
     "utimens sets both times to two seconds, and MPR_TIME_OMIT leaves one as it was",
     "make and rsync compare times.", "utimensat(2), UTIME_OMIT; mpr/provider.h, MPR_TIME_OMIT"},
    {"FIL-76", KIT_CAPABILITY, moves_mtime, "A write moves mtime",
     "Who looks for changed files finds them by it.", "write(2)"},
    {"FIL-77", KIT_MUST, file_system, "statvfs gives numbers that can be true",
     "df divides by them, and programs ask for space before they write.",
     "statvfs(3); mpr/file.h, mpr_statvfs"},
    {"FIL-78", KIT_MUST, read_only_file_system,
     "statvfs answers for a resource that cannot be written, too",
     "A drive is looked at before it is written to.", "statvfs(3)"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
