/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smb_socket.c: finds the library's socket among this process's descriptors.
 */
#include "config.h"

#include "providers/smb/smb_socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool is_connected_to(int fd, uint16_t port) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer, size = sizeof(int);
    int protocol = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) || protocol != IPPROTO_TCP
        || getpeername(fd, (struct sockaddr *)&peer, &length))
        return false;
    if (peer.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&peer)->sin_port) == port;
    return peer.ss_family == AF_INET6
           && ntohs(((const struct sockaddr_in6 *)&peer)->sin6_port) == port;
}

int smb_socket_find(uint16_t port) {
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    int found = -1;

    while (directory && (entry = readdir(directory))) {
        long fd = strtol(entry->d_name, NULL, 10);

        if (entry->d_name[0] != '.' && fd > found && is_connected_to((int)fd, port))
            found = (int)fd;
    }
    if (directory)
        closedir(directory);
    return found < 0 ? -1 : fcntl(found, F_DUPFD_CLOEXEC, 0);
}

uint32_t smb_socket_requests(int fd) {
    struct tcp_info info;
    socklen_t size = sizeof info;

    memset(&info, 0, sizeof info);
    if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
        return 0;
    return info.tcpi_data_segs_out;
}
