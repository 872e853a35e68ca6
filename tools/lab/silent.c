/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * silent: a server that accepts connections and never says a word.
 *
 * silent ADDRESS PORT...
 *
 * Prints "ready" when it listens on all of them. Ends when it is killed.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 512

static int listen_on(const char *address, const char *port) {
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtol(port, NULL, 10)),
    };
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, address, &name.sin_addr) != 1
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0
        || bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 128) < 0) {
        fprintf(stderr, "silent: cannot listen on %s:%s: %s\n", address, port, strerror(errno));
        return -1;
    }
    return fd;
}

/* Reads, so that the client's window never closes; says whether there is more to come. */
static int swallow(int fd) {
    char buffer[65536];

    return read(fd, buffer, sizeof(buffer)) > 0;
}

int main(int argc, char **argv) {
    struct pollfd fds[SOCKETS_MAX];
    nfds_t listeners = 0, count;

    for (int i = 2; i < argc && listeners < 16; i++, listeners++) {
        fds[listeners] = (struct pollfd){.fd = listen_on(argv[1], argv[i]), .events = POLLIN};
        if (fds[listeners].fd < 0)
            return 1;
    }
    if (listeners == 0) {
        fprintf(stderr, "usage: silent ADDRESS PORT...\n");
        return 2;
    }
    puts("ready");
    fflush(stdout);
    for (count = listeners; poll(fds, count, -1) > 0;) {
        for (nfds_t i = count; i-- > listeners;)
            if (fds[i].revents && !swallow(fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--count];
            }
        for (nfds_t i = 0; i < listeners; i++)
            if (fds[i].revents && count < SOCKETS_MAX) {
                fds[count] = (struct pollfd){.events = POLLIN};
                fds[count].fd = accept4(fds[i].fd, NULL, NULL, SOCK_CLOEXEC);
                count += fds[count].fd >= 0;
            }
    }
    return 1;
}
