/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_secret.c: a password in a sealed memory file can be read and handed on,
 * not changed, and does not slip into a child program.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

#include "router/mpr_secret.h"

TestSuite(secret, .timeout = 60);

static int seal(const char *password) {
    int fd = -7;

    cr_assert_eq(mpr_secret_seal(password, &fd), NO_ERROR);
    return fd;
}

Test(secret, over_the_limit_of_files_is_told) {
    const struct rlimit limit = {4, 4};
    int fd = -7;

    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(mpr_secret_seal("12345", &fd), ERROR_NOT_ENOUGH_MEMORY);
    cr_expect_eq(fd, -7);
    mpr_secret_close(seal("1234"));
}

Test(secret, none_is_not_an_empty_one) {
    char buffer[MPR_SECRET_MAX] = "untouched";
    int fd = seal(NULL);

    cr_expect_eq(fd, MPR_SECRET_NONE);
    cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), 0);
    cr_expect_str_eq(buffer, "untouched");
    cr_expect_eq(mpr_secret_duplicate(fd), MPR_SECRET_NONE);
    mpr_secret_close(fd);
    fd = seal("");
    cr_expect_geq(fd, 0);
    cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), 1);
    cr_expect_str_eq(buffer, "");
    mpr_secret_close(fd);
}

Test(secret, is_read_as_it_was_as_often_as_one_likes) {
    char buffer[MPR_SECRET_MAX];
    int fd = seal("p\xC3\xA4ss \" \n");

    for (int i = 0; i < 2; i++) {
        memset(buffer, 'x', sizeof buffer);
        cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), 1);
        cr_expect_str_eq(buffer, "p\xC3\xA4ss \" \n");
    }
    mpr_secret_close(fd);
}

Test(secret, may_be_as_long_as_the_limit) {
    char password[MPR_SECRET_MAX + 1], buffer[MPR_SECRET_MAX];
    int fd = -7;

    memset(password, 'p', sizeof password);
    password[MPR_SECRET_MAX] = '\0';
    cr_expect_eq(mpr_secret_seal(password, &fd), (DWORD)ERROR_INVALID_PARAMETER);
    cr_expect_eq(fd, -7, "results are untouched on failure");
    password[MPR_SECRET_MAX - 1] = '\0';
    fd = seal(password);
    cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), 1);
    cr_expect_str_eq(buffer, password);
    mpr_secret_close(fd);
}

Test(secret, leaves_nothing_in_a_buffer_that_is_too_small) {
    static const char zeros[8];
    char buffer[8];
    int fd = seal("12345678");

    memset(buffer, 'x', sizeof buffer);
    cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), -1);
    cr_expect_eq(memcmp(buffer, zeros, sizeof buffer), 0);
    mpr_secret_close(fd);
    fd = seal("1234567");
    cr_expect_eq(mpr_secret_read(fd, buffer, sizeof buffer), 1, "with its NUL it just fits");
    mpr_secret_close(fd);
}

Test(secret, cannot_be_changed) {
    int fd = seal("password");
    struct stat facts;

    cr_expect_eq(pwrite(fd, "x", 1, 0), -1);
    cr_expect_eq(errno, EPERM);
    cr_expect_eq(ftruncate(fd, 0), -1);
    cr_expect_eq(ftruncate(fd, 100), -1);
    cr_expect_eq(mmap(NULL, 8, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    cr_expect_eq(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    cr_assert_eq(fstat(fd, &facts), 0);
    cr_expect_eq(facts.st_size, 8, "no more than the password");
    mpr_secret_close(fd);
}

Test(secret, is_closed_in_a_program_that_is_started) {
    int fd = seal("password"), copy = mpr_secret_duplicate(fd);

    cr_assert_geq(copy, 0);
    cr_expect_neq(copy, fd);
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_expect(fcntl(copy, F_GETFD) & FD_CLOEXEC);
    mpr_secret_close(fd);
    mpr_secret_close(copy);
}

Test(secret, of_a_duplicate_outlives_the_first) {
    char buffer[MPR_SECRET_MAX];
    int fd = seal("password"), copy = mpr_secret_duplicate(fd);

    mpr_secret_close(fd);
    cr_expect_eq(mpr_secret_read(copy, buffer, sizeof buffer), 1);
    cr_expect_str_eq(buffer, "password");
    mpr_secret_close(copy);
    cr_expect_eq(mpr_secret_read(copy, buffer, sizeof buffer), -1, "it is closed");
    cr_expect_eq(mpr_secret_duplicate(copy), -2);
}

Test(secret, that_cannot_be_made_is_said) {
    struct rlimit before, none;
    int fd = -7, first = seal("password");

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_expect_eq(mpr_secret_seal("password", &fd), (DWORD)ERROR_TOO_MANY_OPEN_FILES);
    cr_expect_eq(fd, -7);
    cr_expect_eq(mpr_secret_duplicate(first), -2);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    mpr_secret_close(first);
}
