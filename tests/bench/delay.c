/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * delay.c: for each way of each connection a thread that reads and stamps, and one that
 * sends what is old enough.
 */
#include "config.h"

#include "tests/bench/delay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "router/mpr_time.h"
#include "tests/bench/bench.h"

#define PART  ((size_t)256 << 10)
#define PARTS 512u /* on the way at a time: 128 MiB */

struct way {
    int from, to;
    unsigned delay_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct {
        char *data;
        size_t size;
        int64_t due_ns;
    } parts[PARTS];
    unsigned first, count;
    bool over;
};

struct line {
    int listener;
    uint16_t target;
    unsigned delay_ms;
};

static void *take_in(void *context) {
    struct way *way = context;

    for (bool over = false; !over;) {
        char *data = malloc(PART);
        ssize_t size = data ? read(way->from, data, PART) : -1;

        over = size <= 0;
        pthread_mutex_lock(&way->lock);
        while (!over && way->count == PARTS)
            pthread_cond_wait(&way->changed, &way->lock);
        if (over) {
            way->over = true;
            free(data);
        } else {
            unsigned last = (way->first + way->count++) % PARTS;

            way->parts[last].data = data;
            way->parts[last].size = (size_t)size;
            way->parts[last].due_ns = mpr_deadline_in_ms(way->delay_ms);
        }
        pthread_cond_broadcast(&way->changed);
        pthread_mutex_unlock(&way->lock);
    }
    return NULL;
}

static bool send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static void *give_out(void *context) {
    struct way *way = context;
    bool works = true;

    pthread_mutex_lock(&way->lock);
    for (;;) {
        struct timespec due;
        unsigned first;

        while (way->count == 0 && !way->over)
            pthread_cond_wait(&way->changed, &way->lock);
        if (way->count == 0)
            break;
        first = way->first;
        due = mpr_timespec(way->parts[first].due_ns);
        pthread_mutex_unlock(&way->lock);
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        works = works && send_all(way->to, way->parts[first].data, way->parts[first].size);
        free(way->parts[first].data);
        pthread_mutex_lock(&way->lock);
        way->first = (way->first + 1) % PARTS;
        way->count--;
        pthread_cond_broadcast(&way->changed);
    }
    pthread_mutex_unlock(&way->lock);
    shutdown(way->to, SHUT_WR);
    return NULL;
}

static void begin_way(int from, int to, unsigned delay_ms) {
    struct way *way = calloc(1, sizeof *way);
    pthread_t thread;

    bench_need(way != NULL, "memory", 0);
    way->from = from;
    way->to = to;
    way->delay_ms = delay_ms;
    pthread_mutex_init(&way->lock, NULL);
    pthread_cond_init(&way->changed, NULL);
    bench_need(pthread_create(&thread, NULL, take_in, way) == 0, "a thread", 0);
    pthread_detach(thread);
    bench_need(pthread_create(&thread, NULL, give_out, way) == 0, "a thread", 0);
    pthread_detach(thread);
}

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void *accept_all(void *context) {
    struct line *line = context;
    struct sockaddr_in address = loopback(line->target);
    int one = 1, client;

    while ((client = accept4(line->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address)) {
            close(client);
            continue;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        begin_way(client, server, line->delay_ms);
        begin_way(server, client, line->delay_ms);
    }
    return NULL;
}

uint16_t delay_start(uint16_t target, unsigned delay_ms) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    struct line *line = calloc(1, sizeof *line);
    pthread_t thread;

    bench_need(line != NULL, "memory", 0);
    line->target = target;
    line->delay_ms = delay_ms;
    line->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bench_need(line->listener >= 0
                   && bind(line->listener, (struct sockaddr *)&address, sizeof address) == 0
                   && listen(line->listener, 16) == 0
                   && getsockname(line->listener, (struct sockaddr *)&address, &size) == 0,
               "a long line", 0);
    bench_need(pthread_create(&thread, NULL, accept_all, line) == 0, "a thread", 0);
    pthread_detach(thread);
    return ntohs(address.sin_port);
}
