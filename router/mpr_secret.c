/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_secret.c: a password in a sealed memory file.
 */
#include "config.h"

#include "router/mpr_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>

#include "router/mpr_error.h"
#include "router/mpr_filesize.h"
#include "router/mpr_shortage.h"

DWORD mpr_secret_seal(const char *password, int *ret_fd) {
    char words[MPR_SHORTAGE_MAX];
    size_t length;
    int fd;

    if (!password) {
        *ret_fd = MPR_SECRET_NONE;
        return NO_ERROR;
    }
    length = strlen(password);
    if (length >= MPR_SECRET_MAX)
        return ERROR_INVALID_PARAMETER;
    if (length > mpr_filesize_most())
        return mpr_error_say(ERROR_NOT_ENOUGH_MEMORY,
                             "The password finds no room: the limit for the size of files "
                             "(ulimit -f), which counts for memory files too, is %llu bytes. "
                             "Raise the limit.",
                             (unsigned long long)mpr_filesize_most());
    fd = memfd_create("mpr-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return mpr_error_say(mpr_shortage_code(errno, ERROR_NOT_ENOUGH_MEMORY),
                             "The password finds no room: %s.", mpr_shortage_words(errno, words));
    if ((length && pwrite(fd, password, length, 0) != (ssize_t)length)
        || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)) {
        close(fd);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *ret_fd = fd;
    return NO_ERROR;
}

int mpr_secret_read(int fd, char *buffer, size_t size) {
    ssize_t length;

    if (fd == MPR_SECRET_NONE)
        return 0;
    length = pread(fd, buffer, size, 0);
    if (length < 0 || (size_t)length >= size) {
        explicit_bzero(buffer, size);
        return -1;
    }
    buffer[length] = '\0';
    return 1;
}

int mpr_secret_duplicate(int fd) {
    int copy;

    if (fd == MPR_SECRET_NONE)
        return MPR_SECRET_NONE;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? -2 : copy;
}

void mpr_secret_close(int fd) {
    if (fd >= 0)
        close(fd);
}
