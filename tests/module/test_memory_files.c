/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_memory_files.c: the memory provider: files, directories, links, print jobs.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "memory_rig.h"

TestSuite(memory_files, .timeout = 60);

/* ---- files */

Test(memory_files, opens_as_posix_does) {
    void *session, *file, *other;
    struct mpr_stat attributes;
    char byte;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(open_file(session, "a", O_RDONLY, &file), -ENOENT);
    cr_expect_eq(open_file(session, "no/a", O_RDWR | O_CREAT, &file), -ENOENT);
    cr_expect_eq(open_file(session, "", O_RDONLY, &file), -EISDIR);
    cr_assert_eq(open_file(session, "a", O_WRONLY | O_CREAT | O_EXCL, &file), 0);
    cr_expect_eq(open_file(session, "A", O_WRONLY | O_CREAT | O_EXCL, &other), -EEXIST);
    cr_expect_eq(open_file(session, "a/b", O_RDONLY, &other), -ENOTDIR);
    cr_expect_eq(read_at(session, file, &byte, 1, 0), -EBADF, "open for writing only");
    cr_expect_eq(write_at(session, file, "hello", 0), 5);
    cr_assert_eq(open_file(session, "a", O_RDONLY, &other), 0);
    cr_expect_eq(write_at(session, other, "x", 0), -EBADF, "open for reading only");
    cr_expect_eq(PATH_OP(unlink, session, "a"), 0);
    cr_expect_eq(read_at(session, other, &byte, 1, 4), 1, "removed, but still open");
    cr_expect_eq(byte, 'o');
    cr_expect_eq(PATH_OP(fstat, session, other, &attributes), 0);
    cr_expect_eq(attributes.size, 5u);
    cr_expect_eq(attributes.uid, 1000u);
    cr_expect_eq(attributes.gid, 100u);
    cr_expect_eq(attributes.mode, (uint32_t)(S_IFREG | 0640));
    close_file(session, other);
    close_file(session, file);
    cr_expect_eq(stat_path(session, "a", &attributes), -ENOENT);
    leave(session);
    stop();
}

Test(memory_files, keeps_holes_and_truncates) {
    struct mpr_stat attributes;
    void *session, *file;
    char buffer[8];

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "sparse", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(write_at(session, file, "end", 5368709120ull), 3, "beyond 4 GiB");
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709119ull), 4);
    cr_expect_arr_eq(buffer, "\0end", 4);
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709122ull), 1, "short at the end only");
    cr_expect_eq(read_at(session, file, buffer, 4, 5368709123ull), 0);
    cr_expect_eq(PATH_OP(fstat, session, file, &attributes), 0);
    cr_expect_eq(attributes.size, 5368709123ull);
    cr_expect_eq(attributes.space, 4096u, "a hole takes no space");
    cr_expect_eq(PATH_OP(truncate, session, NULL, file, 2), 0);
    cr_expect_eq(write_at(session, file, "abcdef", 0), 6);
    cr_expect_eq(PATH_OP(truncate, session, "sparse", NULL, 3), 0);
    cr_expect_eq(PATH_OP(truncate, session, "sparse", NULL, 6), 0);
    cr_expect_eq(read_at(session, file, buffer, 8, 0), 6);
    cr_expect_arr_eq(buffer, "abc\0\0\0", 6, "what was cut off does not come back");
    cr_expect_eq(write_at(session, file, "x", UINT64_MAX), -EFBIG);
    cr_expect_eq(PATH_OP(truncate, session, NULL, file, 1ull << 40), -EFBIG);
    cr_expect_eq(PATH_OP(fsync, session, file), 0);
    close_file(session, file);
    leave(session);
    stop();
}

Test(memory_files, keeps_to_its_size) {
    static const struct mpr_option options[] = {
        {"shares", "demo,wide"}, {"size_limit", "demo=8192"}, {NULL, NULL}};
    struct mpr_statvfs facts;
    char page[4096] = "";
    void *session, *file;

    must_start(options);
    session = must_connect("\\\\memory\\demo");
    cr_assert_eq(open_file(session, "a", O_RDWR | O_CREAT, &file), 0);
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 0), 4096);
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_eq(facts.blocks, 2u);
    cr_expect_eq(facts.blocks_avail, 1u);
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 6144), 2048,
                 "a part, then the disk is full");
    cr_expect_eq(PATH_OP(pwrite, session, file, page, sizeof(page), 8192), -ENOSPC);
    cr_expect_eq(write_file(session, "b", "x"), -ENOSPC);
    close_file(session, file);
    cr_expect_eq(PATH_OP(unlink, session, "a"), 0);
    cr_expect_eq(write_file(session, "b", "x"), 0, "there is room again");
    leave(session);
    session = must_connect("\\\\memory\\wide");
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_gt(facts.blocks, 1000u);
    leave(session);
    stop();
}

Test(memory_files, can_be_read_only) {
    static const struct mpr_option options[] = {
        {"shares", "demo,ro"}, {"read_only", "ro"}, {NULL, NULL}};
    struct mpr_statvfs facts;
    void *session, *file;

    must_start(options);
    session = must_connect("\\\\memory\\ro");
    cr_expect_eq(open_file(session, "a", O_WRONLY | O_CREAT, &file), -EROFS);
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), -EROFS);
    cr_expect_eq(PATH_OP(symlink, session, "a", "b"), -EROFS);
    cr_expect_eq(PATH_OP(unlink, session, "a"), -ENOENT);
    expect_file(session, "readme", "This share can only be read.\n");
    cr_expect_eq(open_file(session, "readme", O_RDWR, &file), -EROFS);
    cr_expect_eq(open_file(session, "readme", O_RDONLY | O_TRUNC, &file), -EROFS);
    cr_expect_eq(PATH_OP(unlink, session, "readme"), -EROFS);
    cr_expect_eq(PATH_OP(rename, session, "readme", "b"), -EROFS);
    cr_expect_eq(PATH_OP(chmod, session, "readme", 0644), -EROFS);
    cr_expect_eq(PATH_OP(truncate, session, "readme", NULL, 0), -EROFS);
    cr_expect_eq(PATH_OP(statvfs, session, "", &facts), 0);
    cr_expect_eq(facts.read_only, 1u);
    leave(session);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "x"), 0);
    leave(session);
    stop();
}

Test(memory_files, makes_and_removes_directories) {
    void *session, *inside;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "D", 0755), -EEXIST);
    cr_expect_eq(PATH_OP(mkdir, session, "d/e", 0755), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "x/y", 0755), -ENOENT);
    cr_expect_eq(write_file(session, "d/f", "x"), 0);
    cr_expect_eq(write_file(session, "b", "x"), 0);
    cr_expect_str_eq(list_names(session, ""), "b d/ ");
    cr_expect_str_eq(list_names(session, "d"), "e/ f ");
    cr_expect_eq(list_into_names(session, "b"), -ENOTDIR);
    cr_expect_eq(list_into_names(session, "c"), -ENOENT);
    cr_expect_eq(PATH_OP(rmdir, session, "d"), -ENOTEMPTY);
    cr_expect_eq(PATH_OP(rmdir, session, "b"), -ENOTDIR);
    cr_expect_eq(PATH_OP(unlink, session, "d"), -EISDIR);
    cr_expect_eq(PATH_OP(rmdir, session, ""), -EBUSY);
    inside = must_connect("\\\\memory\\demo\\d\\e");
    cr_expect_eq(PATH_OP(rmdir, session, "d/e"), 0);
    cr_expect_eq(write_file(inside, "f", "x"), -ENOENT, "the directory is gone");
    leave(inside);
    cr_expect_str_eq(list_names(session, "d"), "f ");
    leave(session);
    stop();
}

Test(memory_files, renames_as_posix_does) {
    void *session;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "one"), 0);
    cr_expect_eq(write_file(session, "b", "two"), 0);
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(PATH_OP(rename, session, "a", "b"), 0, "replaces");
    expect_file(session, "b", "one");
    cr_expect_eq(PATH_OP(rename, session, "b", "d"), -EISDIR);
    cr_expect_eq(PATH_OP(rename, session, "d", "b"), -ENOTDIR);
    cr_expect_eq(PATH_OP(rename, session, "b", "d/c"), 0);
    expect_file(session, "d/c", "one");
    cr_expect_eq(PATH_OP(rename, session, "d", "d/e"), -EINVAL, "not into itself");
    cr_expect_eq(PATH_OP(rename, session, "nothing", "x"), -ENOENT);
    cr_expect_eq(PATH_OP(rename, session, "d/c", "d/C"), 0);
    cr_expect_str_eq(list_names(session, "d"), "C ");
    cr_expect_eq(PATH_OP(mkdir, session, "e", 0755), 0);
    cr_expect_eq(PATH_OP(rename, session, "e", "d"), -ENOTEMPTY);
    cr_expect_eq(PATH_OP(rename, session, "d", "e"), 0);
    cr_expect_str_eq(list_names(session, ""), "e/ ");
    leave(session);
    stop();
}

Test(memory_files, links) {
    struct mpr_stat attributes;
    void *session;
    char target[32];

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(PATH_OP(mkdir, session, "d", 0755), 0);
    cr_expect_eq(write_file(session, "d/a", "one"), 0);
    cr_expect_eq(PATH_OP(link, session, "d/a", "hard"), 0);
    cr_expect_eq(PATH_OP(link, session, "d", "dir"), -EPERM);
    cr_expect_eq(PATH_OP(link, session, "d/a", "hard"), -EEXIST);
    cr_expect_eq(PATH_OP(unlink, session, "d/a"), 0);
    expect_file(session, "hard", "one");
    cr_expect_eq(PATH_OP(rename, session, "hard", "d/a"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "a", "d/soft"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "./d/../d", "dir"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "../out", "out"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "/d/a", "absolute"), 0);
    cr_expect_eq(PATH_OP(symlink, session, "loop", "loop"), 0);
    expect_file(session, "d/soft", "one");
    expect_file(session, "dir/soft", "one");
    cr_expect_eq(read_file(session, "out", target, sizeof(target)), -EXDEV);
    cr_expect_eq(read_file(session, "absolute", target, sizeof(target)), -EXDEV);
    cr_expect_eq(read_file(session, "loop", target, sizeof(target)), -ELOOP);
    cr_expect_eq(stat_path(session, "dir", &attributes), 0);
    cr_expect(S_ISLNK(attributes.mode), "stat means the link itself");
    cr_expect_eq(PATH_OP(readlink, session, "d/soft", target, sizeof(target)), 0);
    cr_expect_str_eq(target, "a");
    cr_expect_eq(PATH_OP(readlink, session, "d/soft", target, 1), -ERANGE);
    cr_expect_eq(PATH_OP(readlink, session, "d/a", target, sizeof(target)), -EINVAL);
    leave(session);
    stop();
}

Test(memory_files, sets_attributes) {
    struct mpr_stat attributes;
    void *session;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(write_file(session, "a", "one"), 0);
    cr_expect_eq(PATH_OP(chmod, session, "a", 0600), 0);
    cr_expect_eq(PATH_OP(chown, session, "a", 7, UINT32_MAX), 0);
    cr_expect_eq(PATH_OP(utimens, session, "a", MPR_TIME_OMIT, 1234567890123456789), 0);
    cr_expect_eq(stat_path(session, "a", &attributes), 0);
    cr_expect_eq(attributes.mode, (uint32_t)(S_IFREG | 0600));
    cr_expect_eq(attributes.uid, 7u);
    cr_expect_eq(attributes.gid, 100u);
    cr_expect_eq(attributes.mtime_ns, 1234567890123456789);
    cr_expect_neq(attributes.atime_ns, MPR_TIME_OMIT);
    cr_expect_eq(PATH_OP(chmod, session, "b", 0600), -ENOENT);
    leave(session);
    stop();
}

Test(memory_files, prints) {
    static const struct mpr_option options[] = {{"printers", "queue"}, {NULL, NULL}};
    struct mpr_call call = call_for(1000);
    void *session, *job, *file;

    must_start(options);
    session = must_connect("\\\\memory\\queue");
    cr_assert_eq(provider->print(session, &call, "report/1", &job), 0);
    cr_expect_eq(write_at(session, job, "page", 0), 4);
    cr_expect_str_eq(list_names(session, ""), "", "printed when it is closed");
    cr_expect_eq(close_file(session, job), 0);
    cr_expect_str_eq(list_names(session, ""), "00001 report_1 ");
    expect_file(session, "00001 report_1", "page");
    cr_expect_eq(open_file(session, "file", O_WRONLY | O_CREAT, &file), -EACCES);
    cr_assert_eq(provider->print(session, &call, "given up", &job), 0);
    cr_expect_eq(provider->disconnect(session, &call, 1), NO_ERROR);
    session = must_connect("\\\\memory\\demo");
    cr_expect_eq(provider->print(session, &call, "report", &job), -ENOTSUP);
    leave(session);
    session = must_connect("\\\\memory\\queue");
    cr_expect_str_eq(list_names(session, ""), "00001 report_1 ");
    leave(session);
    stop();
}

/* ---- several threads in one session */

static void *worker_thread(void *session) {
    char path[32], text[32];

    snprintf(path, sizeof(path), "file%lx", (unsigned long)pthread_self());
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof(text), "round %d", i);
        if (write_file(session, path, text))
            return (void *)1;
        if (read_file(session, path, text, sizeof(text)) || atol(text + 6) != i)
            return (void *)2;
        PATH_OP(rename, session, path, "common");
        PATH_OP(unlink, session, "common");
    }
    return NULL;
}

Test(memory_files, serves_threads_in_one_session) {
    pthread_t threads[4];
    void *session, *result;

    must_start(NULL);
    session = must_connect("\\\\memory\\demo");
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, worker_thread, session), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        cr_expect_null(result, "failed at step %ld", (long)(intptr_t)result);
    }
    cr_expect_str_eq(list_names(session, ""), "");
    leave(session);
    stop();
}
