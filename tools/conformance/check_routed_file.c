/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_file.c: files on a connection, through mpr/file.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_relay.h"
#include "tools/conformance/kit_report.h"
#include "tools/conformance/kit_routed.h"

#define BLOCK 65536

static unsigned char data[BLOCK], back[BLOCK];

static void need_zero(int rc) {
    kit_expect(rc == 0, "0", "%d (%s)", rc, strerror(-rc));
}

/* A directory of the check's own on Z:, and paths in it. */
static char scratch[64];

static const char *in_scratch(const char *name) {
    return kit_text("Z:/%s%s%s", scratch, *name ? "/" : "", name);
}

static void begin(enum kit_beside beside, const char *remote) {
    int rc;

    kit_routed_start(beside, NULL);
    if (!(kit_routed_can() & MPR_CAN_WRITE))
        kit_skip("the provider serves no files that can be written");
    kit_add_good("Z:", remote);
    snprintf(scratch, sizeof scratch, "mpr-conformance-%d", (int)getpid());
    for (size_t i = 0; i < BLOCK; i++)
        data[i] = (unsigned char)(i * 131 >> 3);
    kit_doing("MprFileMkdir(\"%s\")", in_scratch(""));
    rc = MprFileMkdir(in_scratch(""), 0755);
    if (rc == -ENOTSUP)
        kit_skip("the provider makes no directories, in which it could be tried");
    need_zero(rc);
}

static HANDLE open_at(const char *path, int flags) {
    HANDLE file = NULL;

    kit_doing("MprFileOpen(\"%s\", 0x%x)", path, (unsigned)flags);
    need_zero(MprFileOpen(path, flags, 0644, &file));
    return file;
}

static void write_one(const char *path) {
    HANDLE file = open_at(path, O_RDWR | O_CREAT | O_TRUNC);
    int rc;

    kit_doing("MprFilePwrite(\"%s\", %d bytes)", path, BLOCK);
    kit_expect(MprFilePwrite(file, data, BLOCK, 0) == BLOCK, "all bytes written", "fewer");
    rc = MprFileFsync(file);
    need_zero(rc == -ENOTSUP ? 0 : rc); /* a provider need not have it */
    need_zero(MprFileClose(file));
}

static void compare_one(const char *path) {
    HANDLE file = open_at(path, O_RDONLY);
    ssize_t n;

    memset(back, 0, sizeof back);
    kit_doing("MprFilePread(\"%s\", %d bytes)", path, BLOCK);
    n = MprFilePread(file, back, BLOCK, 0);
    kit_expect(n == BLOCK, "all bytes read", "%zd", n);
    kit_expect(memcmp(data, back, BLOCK) == 0, "the bytes that were written", "others");
    need_zero(MprFileClose(file));
}

static unsigned count_scratch(void) {
    HANDLE directory = NULL;
    const char *name;
    unsigned count = 0;

    kit_doing("MprDirOpen(\"%s\")", in_scratch(""));
    need_zero(MprDirOpen(in_scratch(""), &directory));
    while (MprDirRead(directory, &name, NULL) > 0)
        count++;
    need_zero(MprFileClose(directory));
    return count;
}

static void end(void) {
    kit_doing("MprFileRmdir(\"%s\")", in_scratch(""));
    need_zero(MprFileRmdir(in_scratch("")));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

static void works_by_device(void) {
    struct mpr_stat facts;
    const char *name;
    int rc;

    begin(KIT_DECOY_AFTER, kit_good(0));
    write_one(in_scratch("a"));
    compare_one(in_scratch("a"));
    kit_expect(count_scratch() == 1, "one entry", "%u", count_scratch());
    kit_doing("MprFileStat");
    need_zero(MprFileStat(in_scratch("a"), &facts));
    kit_expect(facts.size == BLOCK, "the size that was written", "%llu",
               (unsigned long long)facts.size);
    rc = MprFileRename(in_scratch("a"), in_scratch("b"));
    need_zero(rc == -ENOTSUP ? 0 : rc);
    name = rc ? "a" : "b";
    compare_one(in_scratch(name));
    need_zero(MprFileUnlink(in_scratch(name)));
    kit_expect(MprFileStat(in_scratch(name), &facts) == -ENOENT, "-ENOENT for what was removed",
               "something else");
    end();
}

static void works_by_remote_name(void) {
    char path[1024];

    begin(KIT_DECOY_AFTER, kit_good(0));
    write_one(in_scratch("a"));
    snprintf(path, sizeof path, "%s/%s/a", kit_good(0), scratch);
    compare_one(path);
    need_zero(MprFileUnlink(in_scratch("a")));
    end();
}

static void counts_open_files(void) {
    struct kit_state before;

    begin(KIT_ALONE, kit_good(0));
    write_one(in_scratch("a"));
    before = kit_state();
    for (unsigned i = 0; i < kit_rounds(100); i++) {
        HANDLE file = open_at(in_scratch("a"), O_RDONLY);

        need_zero(MprFileClose(file));
    }
    kit_state_same(&before, "after many files were opened and closed");
    need_zero(MprFileUnlink(in_scratch("a")));
    end();
}

static void work_in_parallel(void *context, unsigned number) {
    const char *path = kit_text("Z:/%s/%u", scratch, number);
    unsigned char mine[512], read_back[512];
    HANDLE file = NULL;

    (void)context;
    memset(mine, (int)number + 1, sizeof mine);
    need_zero(MprFileOpen(path, O_RDWR | O_CREAT, 0644, &file));
    for (unsigned i = 0; i < kit_rounds(50); i++) {
        ssize_t n = MprFilePwrite(file, mine, sizeof mine, i * sizeof mine);

        kit_expect(n == (ssize_t)sizeof mine, "512 bytes written", "%zd", n);
        n = MprFilePread(file, read_back, sizeof read_back, i * sizeof mine);
        kit_expect(n == (ssize_t)sizeof mine && memcmp(mine, read_back, sizeof mine) == 0,
                   "the thread's own bytes", "%zd bytes, the first is %u", n, read_back[0]);
    }
    need_zero(MprFileClose(file));
    need_zero(MprFileUnlink(kit_text("Z:/%s/%u", scratch, number)));
}

static void serves_threads(void) {
    begin(KIT_ALONE, kit_good(0));
    kit_doing("writing and reading by 8 threads");
    kit_threads(8, work_in_parallel, NULL);
    end();
}

/* After a cut the file has what was made sure of, or an error says that it has not. */
static void survives_a_cut(void) {
    const char *name = kit_relay_name();
    HANDLE file;
    ssize_t n = -1;

    begin(KIT_ALONE, name);
    write_one(in_scratch("a"));
    file = open_at(in_scratch("a"), O_RDONLY);
    kit_relay_cut();
    for (int i = 0; i < 20 && n < 0; i++) {
        memset(back, 0, sizeof back);
        kit_doing("MprFilePread after the connection was cut, try %d", i + 1);
        n = MprFilePread(file, back, BLOCK, 0);
        kit_expect(n < 0 || (n == BLOCK && memcmp(data, back, BLOCK) == 0),
                   "an error, or the right bytes", "%zd bytes that are wrong", n);
        if (n < 0)
            kit_sleep(50);
    }
    MprFileClose(file);
    compare_one(in_scratch("a"));
    need_zero(MprFileUnlink(in_scratch("a")));
    end();
}

static void answers_for_absent_slots(void) {
    HANDLE job = NULL;
    struct mpr_statvfs facts;
    int rc;

    kit_routed_start(KIT_ALONE, NULL);
    kit_add_good("Z:", kit_good(0));
    kit_doing("operations that the provider may lack");
    rc = MprPrintOpen("Z:", "document", &job);
    kit_expect(rc < 0 && rc > -4096, "-errno for a print job on what is no printer", "%d", rc);
    rc = MprFileStatvfs("Z:/", &facts);
    kit_expect(rc <= 0 && rc > -4096, "0 or -errno from statvfs", "%d", rc);
    rc = MprFileMkdir("Z:/mpr-conformance-never/made", 0700);
    kit_expect(rc < 0 && rc > -4096, "-errno where no directory is", "%d", rc);
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

const struct kit_check kit_checks_routed_file[] = {
    {"IO-02", KIT_MUST, answers_for_absent_slots,
     "Operations that the provider lacks or refuses answer with an errno",
     "A program that tries gets an answer, not a crash.", "mpr/file.h; mpr/provider.h"},
    {"IO-01", KIT_CAPABILITY, counts_open_files, "Files that were closed hold nothing",
     "A cancel must not be refused for files that nobody has open.", "mpr/provider.h, close"},
    {"RTD-02", KIT_CAPABILITY, works_by_device,
     "On a device files are written, read, listed, renamed and removed",
     "That is what a drive is for.", "mpr/file.h"},
    {"RTD-03", KIT_CAPABILITY, works_by_remote_name, "A file is reached by its remote name, too",
     "Programs use \\\\server\\share\\file without a device.", "mpr/file.h"},
    {"RTD-04", KIT_CAPABILITY, serves_threads,
     "Eight threads on one connection get their own bytes", "Programs copy with several threads.",
     "mpr/provider.h, threads"},
    {"IO-07", KIT_CAPABILITY, survives_a_cut,
     "After the connection was cut a read gives an error or the right bytes, and works again later",
     "Wrong bytes are worse than none.", "mpr-provider(7), files"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
