/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_smallfile.c: reads a small text file.
 */
#include "config.h"

#include "router/mpr_smallfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "router/mpr_alloc.h"

/* A network file system may say once that the file was replaced meanwhile. */
#define STALE_TRIES 3

static int check_kind(const struct stat *facts) {
    if (S_ISDIR(facts->st_mode))
        return -EISDIR;
    return S_ISREG(facts->st_mode) ? 0 : -EMEDIUMTYPE;
}

static int open_regular(int directory, const char *name, struct stat *ret_facts) {
    int fd, error;

    if (fstatat(directory, name, ret_facts, 0))
        return -errno;
    error = check_kind(ret_facts);
    if (error)
        return error;
    fd = openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    error = fstat(fd, ret_facts) ? -errno : check_kind(ret_facts);
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}

/* Reads to the end or until room is full; returns the bytes or -errno. */
static ssize_t read_up_to(int fd, char *text, size_t room) {
    size_t length = 0;

    while (length < room) {
        ssize_t n = read(fd, text + length, room - length);

        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            length += (size_t)n;
    }
    return (ssize_t)length;
}

/* The size that the system states is a guess only: the file may grow meanwhile. */
static int read_open(int fd, size_t guess, size_t limit, char **ret_text, size_t *ret_size) {
    size_t room = guess < limit ? guess + 1 : limit + 1;

    for (;;) {
        MPR_AUTOFREE char *text = malloc(room + 1);
        ssize_t length;

        if (!text)
            return -ENOMEM;
        if (lseek(fd, 0, SEEK_SET) < 0)
            return -errno;
        length = read_up_to(fd, text, room);
        if (length < 0)
            return (int)length;
        if ((size_t)length > limit)
            return -EFBIG;
        if ((size_t)length < room) {
            text[length] = '\0';
            *ret_text = MPR_TAKE(text);
            *ret_size = (size_t)length;
            return 0;
        }
        room = room * 2 < limit ? room * 2 : limit + 1;
    }
}

int mpr_smallfile_read(int directory, const char *name, size_t limit, struct stat *ret_facts,
                       char **ret_text, size_t *ret_size) {
    struct stat facts;
    int result = -ESTALE;

    for (int i = 0; result == -ESTALE && i < STALE_TRIES; i++) {
        int fd = open_regular(directory, name, &facts);

        if (fd < 0) {
            result = fd;
            continue;
        }
        result = read_open(fd, (size_t)facts.st_size, limit, ret_text, ret_size);
        close(fd);
    }
    if (result == 0)
        *ret_facts = facts;
    return result;
}

const char *mpr_smallfile_reason(int error) {
    switch (error) {
    case EISDIR:
        return "it is a directory";
    case EMEDIUMTYPE:
        return "it is no regular file";
    case EFBIG:
        return "it is too large";
    default:
        return strerror(error);
    }
}

bool mpr_smallfile_trusted(const struct stat *facts, char words[MPR_SMALLFILE_WORDS_MAX]) {
    if (facts->st_uid != 0 && facts->st_uid != geteuid()) {
        snprintf(words, MPR_SMALLFILE_WORDS_MAX, "it belongs to user %u, not to root or to user %u",
                 (unsigned)facts->st_uid, (unsigned)geteuid());
        return false;
    }
    if (facts->st_mode & (S_IWGRP | S_IWOTH)) {
        snprintf(words, MPR_SMALLFILE_WORDS_MAX, "others than its owner may write it (mode %03o)",
                 (unsigned)(facts->st_mode & 0777));
        return false;
    }
    return true;
}
