/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_sockets.c: the module's TCP connections. The module does not tell of
 * them, so the process's descriptors are gone through. Without malloc: the
 * thread that is stuck may hold its lock.
 */
#include "config.h"

#include "service/worker.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_tcp(int fd) {
    int protocol;
    socklen_t size = sizeof protocol;

    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0
           && protocol == IPPROTO_TCP;
}

static void each_tcp(void (*fn)(int fd, void *context), void *context) {
    _Alignas(struct dirent64) char buffer[4096];
    int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t size;

    if (directory < 0)
        return;
    while ((size = getdents64(directory, buffer, sizeof buffer)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct dirent64 *entry = (const void *)(buffer + at);
            char *end;
            int fd = (int)strtol(entry->d_name, &end, 10);

            at += entry->d_reclen;
            if (end != entry->d_name && is_tcp(fd))
                fn(fd, context);
        }
    }
    close(directory);
}

static void shut(int fd, void *context) {
    unsigned *count = context;

    shutdown(fd, SHUT_RDWR);
    ++*count;
}

unsigned worker_sockets_shutdown(void) {
    unsigned count = 0;

    each_tcp(shut, &count);
    return count;
}

static void add_bytes(int fd, void *context) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    uint64_t *bytes = context;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
        && size >= offsetof(struct tcp_info, tcpi_segs_out))
        *bytes += info.tcpi_bytes_acked + info.tcpi_bytes_received;
}

uint64_t worker_sockets_bytes(void) {
    uint64_t bytes = 0;

    each_tcp(add_bytes, &bytes);
    return bytes;
}
