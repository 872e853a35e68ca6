/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * worker_main.c: main of mpr-worker. People have no use for it: the library
 * starts it, with a socket as descriptor 3.
 */
#include "config.h"

#include "service/worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SOCKET_FD 3

static bool is_socket(int fd) {
    int type;
    socklen_t size = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--zygote") == 0 && is_socket(SOCKET_FD))
        return worker_zygote_run(SOCKET_FD);
    fprintf(stderr, "mpr-worker runs network providers for libmpr, which starts it by itself.\n");
    return 2;
}
