/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_nfs_error.c: the statuses of NFS and of the mount service in the words
 * of this world, each number of RFC 1813 once.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <mpr/winerror.h>

#include "providers/nfs/nfs_error.h"

TestSuite(nfs_error, .timeout = 60);

struct row {
    int status, error;
    uint32_t code;
    const char *name;
};

Test(nfs_error, every_nfs_status_has_an_errno_a_code_and_a_name) {
    static const struct row rows[] = {
        {1, EPERM, ERROR_ACCESS_DENIED, "NFS3ERR_PERM"},
        {2, ENOENT, ERROR_BAD_NET_NAME, "NFS3ERR_NOENT"},
        {5, EIO, ERROR_EXTENDED_ERROR, "NFS3ERR_IO"},
        {6, ENXIO, ERROR_EXTENDED_ERROR, "NFS3ERR_NXIO"},
        {13, EACCES, ERROR_ACCESS_DENIED, "NFS3ERR_ACCES"},
        {17, EEXIST, ERROR_EXTENDED_ERROR, "NFS3ERR_EXIST"},
        {18, EXDEV, ERROR_EXTENDED_ERROR, "NFS3ERR_XDEV"},
        {19, ENODEV, ERROR_EXTENDED_ERROR, "NFS3ERR_NODEV"},
        {20, ENOTDIR, ERROR_BAD_NET_NAME, "NFS3ERR_NOTDIR"},
        {21, EISDIR, ERROR_EXTENDED_ERROR, "NFS3ERR_ISDIR"},
        {22, EINVAL, ERROR_EXTENDED_ERROR, "NFS3ERR_INVAL"},
        {27, EFBIG, ERROR_EXTENDED_ERROR, "NFS3ERR_FBIG"},
        {28, ENOSPC, ERROR_EXTENDED_ERROR, "NFS3ERR_NOSPC"},
        {30, EROFS, ERROR_EXTENDED_ERROR, "NFS3ERR_ROFS"},
        {31, EMLINK, ERROR_EXTENDED_ERROR, "NFS3ERR_MLINK"},
        {63, ENAMETOOLONG, ERROR_BAD_NET_NAME, "NFS3ERR_NAMETOOLONG"},
        {66, ENOTEMPTY, ERROR_EXTENDED_ERROR, "NFS3ERR_NOTEMPTY"},
        {69, EDQUOT, ERROR_EXTENDED_ERROR, "NFS3ERR_DQUOT"},
        {70, ESTALE, ERROR_EXTENDED_ERROR, "NFS3ERR_STALE"},
        {71, EREMOTE, ERROR_EXTENDED_ERROR, "NFS3ERR_REMOTE"},
        {10001, ESTALE, ERROR_EXTENDED_ERROR, "NFS3ERR_BADHANDLE"},
        {10002, EAGAIN, ERROR_EXTENDED_ERROR, "NFS3ERR_NOT_SYNC"},
        {10003, ESTALE, ERROR_EXTENDED_ERROR, "NFS3ERR_BAD_COOKIE"},
        {10004, EOPNOTSUPP, ERROR_EXTENDED_ERROR, "NFS3ERR_NOTSUPP"},
        {10005, EIO, ERROR_EXTENDED_ERROR, "NFS3ERR_TOOSMALL"},
        {10006, EREMOTEIO, ERROR_EXTENDED_ERROR, "NFS3ERR_SERVERFAULT"},
        {10007, EINVAL, ERROR_EXTENDED_ERROR, "NFS3ERR_BADTYPE"},
        {10008, EAGAIN, ERROR_EXTENDED_ERROR, "NFS3ERR_JUKEBOX"},
        {4711, EREMOTEIO, ERROR_EXTENDED_ERROR, "nfsstat 4711"},
    };
    char buffer[32];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t status = (uint32_t)rows[i].status;

        cr_expect_eq(nfs_errno(rows[i].status), -rows[i].error, "%s", rows[i].name);
        cr_expect_eq(nfs_stat_code(status), rows[i].code, "%s", rows[i].name);
        cr_expect_str_eq(nfs_stat_name(status, buffer, sizeof buffer), rows[i].name);
    }
}

Test(nfs_error, what_is_no_status_stays_what_it_is) {
    cr_expect_eq(nfs_errno(0), 0);
    cr_expect_eq(nfs_errno(-ETIMEDOUT), -ETIMEDOUT);
}

Test(nfs_error, every_mount_status_has_a_code_and_a_name) {
    static const struct row rows[] = {
        {1, 0, ERROR_ACCESS_DENIED, "MNT3ERR_PERM"},
        {2, 0, ERROR_BAD_NET_NAME, "MNT3ERR_NOENT"},
        {5, 0, ERROR_EXTENDED_ERROR, "MNT3ERR_IO"},
        {13, 0, ERROR_ACCESS_DENIED, "MNT3ERR_ACCES"},
        {20, 0, ERROR_BAD_NET_NAME, "MNT3ERR_NOTDIR"},
        {22, 0, ERROR_EXTENDED_ERROR, "MNT3ERR_INVAL"},
        {63, 0, ERROR_BAD_NET_NAME, "MNT3ERR_NAMETOOLONG"},
        {10004, 0, ERROR_EXTENDED_ERROR, "MNT3ERR_NOTSUPP"},
        {10006, 0, ERROR_EXTENDED_ERROR, "MNT3ERR_SERVERFAULT"},
        {4711, 0, ERROR_EXTENDED_ERROR, "mountstat 4711"},
    };
    char buffer[32];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t status = (uint32_t)rows[i].status;

        cr_expect_eq(nfs_mountstat_code(status), rows[i].code, "%s", rows[i].name);
        cr_expect_str_eq(nfs_mountstat_name(status, buffer, sizeof buffer), rows[i].name);
    }
}

Test(nfs_error, a_connection_that_does_not_come_up_has_words) {
    char words[128];

    nfs_words_of_failure(&(struct np_failure){.error = ECONNREFUSED}, words, sizeof words);
    cr_expect_str_eq(words, "Connection refused (ECONNREFUSED 111)");
    nfs_words_of_failure(&(struct np_failure){.error = 99999}, words, sizeof words);
    cr_expect_str_eq(words, "error 99999");
    nfs_words_of_failure(&(struct np_failure){.error = ENXIO, .gai = EAI_NONAME}, words,
                         sizeof words);
    cr_expect_str_eq(words, "the name could not be resolved: Name or service not known");
}

Test(nfs_error, a_failure_is_filled_and_cut) {
    struct nfs_failure failure;
    char text[2000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_expect(!nfs_fail(&failure, MPR_NOT_MINE, ERROR_BAD_NETPATH, 7, "%s", text));
    cr_expect_eq(failure.answer, MPR_NOT_MINE);
    cr_expect_eq(failure.code, ERROR_BAD_NETPATH);
    cr_expect_eq(failure.native, 7u);
    cr_expect_eq(strlen(failure.text), sizeof failure.text - 1);
}
