/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fake_nfs.c: see fake_nfs.h. Calls are read as RFC 5531 and RFC 1813 write them.
 */
#include "config.h"

#include "tests/integration/fake_nfs.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 16
#define RECORD_MAX  (FAKE_FILE_MAX + 4096)
#define PMAP        100000u
#define MOUNT       100005u
#define NFS         100003u
#define DIRECTORY   1u /* handles are one number */
#define THE_FILE    2u

struct fake_orders fake_orders;
char fake_file[FAKE_FILE_MAX];
atomic_size_t fake_size;

static uint16_t port;
static int stop_fd, listen_fd;
static pthread_t thread;
static uint32_t incarnation = 1;

/* A record that is read from or written to. */
struct record {
    unsigned char *data;
    size_t at, size;
};

static uint32_t take(struct record *in) {
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 8 | (in->at < in->size ? in->data[in->at++] : 0);
    return value;
}

static uint64_t take_long(struct record *in) {
    uint64_t high = take(in);

    return high << 32 | take(in);
}

/* Skips opaque data and returns where it was. */
static unsigned char *take_opaque(struct record *in, uint32_t *ret_length) {
    unsigned char *data;

    *ret_length = take(in);
    data = in->data + in->at;
    in->at += (*ret_length + 3u) & ~3u;
    if (in->at > in->size)
        exit(98);
    return data;
}

static uint32_t take_handle(struct record *in) {
    uint32_t length;
    const unsigned char *data = take_opaque(in, &length);

    return length == 4 ? data[3] : 0;
}

static void put(struct record *out, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out->data[out->at++] = (unsigned char)(value >> shift);
}

static void put_long(struct record *out, uint64_t value) {
    put(out, (uint32_t)(value >> 32));
    put(out, (uint32_t)value);
}

static void put_opaque(struct record *out, const void *data, size_t length) {
    put(out, (uint32_t)length);
    memcpy(out->data + out->at, data, length);
    out->at += length;
    while (out->at % 4)
        out->data[out->at++] = 0;
}

static void put_handle(struct record *out, uint32_t handle) {
    put(out, 4);
    put(out, handle);
}

static void put_attributes(struct record *out, uint32_t handle) {
    put(out, handle == DIRECTORY ? 2 : 1);
    put(out, handle == DIRECTORY ? 0755 : 0644);
    put(out, 1); /* links */
    put(out, 0); /* owner */
    put(out, 0);
    put_long(out, handle == THE_FILE ? atomic_load(&fake_size) : 4096);
    put_long(out, 4096);
    put_long(out, 0); /* device */
    put_long(out, 1); /* file system */
    put_long(out, handle);
    for (int i = 0; i < 3; i++)
        put_long(out, 1000000000ull << 32);
}

static void put_optional(struct record *out, uint32_t handle) {
    bool there = !atomic_load(&fake_orders.no_attributes);

    put(out, there);
    if (there)
        put_attributes(out, handle);
}

static void put_wcc(struct record *out, uint32_t handle) {
    put(out, 0);
    put_optional(out, handle);
}

static void put_verifier(struct record *out) {
    put(out, 0);
    put(out, incarnation);
}

static uint32_t limit_io(uint32_t count) {
    uint32_t most = atomic_load(&fake_orders.short_io);

    return most && count > most ? most : count;
}

static void serve_lookup(struct record *in, struct record *out) {
    uint32_t length;
    const unsigned char *name;

    take_handle(in);
    name = take_opaque(in, &length);
    if (length != 4 || memcmp(name, "file", 4)) {
        put(out, 2);
        put_optional(out, DIRECTORY);
        return;
    }
    put(out, 0);
    put_handle(out, THE_FILE);
    put_optional(out, THE_FILE);
    put_optional(out, DIRECTORY);
}

static void serve_read(struct record *in, struct record *out) {
    size_t size = atomic_load(&fake_size);
    uint64_t offset;
    uint32_t count;

    take_handle(in);
    offset = take_long(in);
    count = limit_io(take(in));
    if (offset > size)
        offset = size;
    if (count > size - offset)
        count = (uint32_t)(size - offset);
    put(out, 0);
    put_optional(out, THE_FILE);
    put(out, count);
    put(out, offset + count == size);
    put_opaque(out, fake_file + offset, count);
}

static void serve_write(struct record *in, struct record *out) {
    uint32_t limit = atomic_load(&fake_orders.io_error_at), length, stable;
    const unsigned char *data;
    uint64_t offset;

    take_handle(in);
    offset = take_long(in);
    take(in);
    stable = take(in);
    data = take_opaque(in, &length);
    length = limit_io(length);
    if (offset + length > FAKE_FILE_MAX || (limit && offset >= limit)) {
        put(out, 28);
        put_wcc(out, THE_FILE);
        return;
    }
    memcpy(fake_file + offset, data, length);
    if (offset + length > atomic_load(&fake_size))
        atomic_store(&fake_size, offset + length);
    put(out, 0);
    put_wcc(out, THE_FILE);
    put(out, length);
    put(out, stable);
    put_verifier(out);
}

static void serve_commit(struct record *out) {
    if (atomic_load(&fake_orders.forgets)) {
        atomic_fetch_sub(&fake_orders.forgets, 1);
        incarnation++;
        atomic_store(&fake_size, 0);
        memset(fake_file, 0, sizeof fake_file);
    }
    put(out, 0);
    put_wcc(out, THE_FILE);
    put_verifier(out);
}

/* One entry a reply, to have several replies; and one that no client should show. */
static void serve_list(struct record *in, struct record *out, bool plus) {
    static const char *const names[] = {".", "..", "file", "../escape", "gone"};
    uint32_t leads_back = atomic_load(&fake_orders.leads_back);
    uint64_t cookie, next;

    take_handle(in);
    cookie = take_long(in);
    next = leads_back && cookie >= 4 ? leads_back : cookie + 1;
    if (plus && atomic_load(&fake_orders.no_readdirplus)) {
        put(out, 10004);
        put_optional(out, DIRECTORY);
        return;
    }
    put(out, 0);
    put_optional(out, DIRECTORY);
    put_long(out, 0);
    if (cookie < 5) {
        put(out, 1);
        put_long(out, cookie + 1); /* number */
        put_opaque(out, names[cookie], strlen(names[cookie]));
        put_long(out, next);
        if (plus) {
            put_optional(out, THE_FILE);
            put(out, 0);
        }
    }
    put(out, 0);
    put(out, cookie >= 4 && !leads_back);
}

static void serve_fsinfo(struct record *out) {
    put(out, 0);
    put_optional(out, DIRECTORY);
    for (int i = 0; i < 2; i++) {
        put(out, 1048576);
        put(out, 1048576);
        put(out, 4096);
    }
    put(out, 8192);
    put_long(out, INT64_MAX);
    put_long(out, 1);
    put(out, 0x1b);
}

static void serve_setattr(struct record *in, struct record *out) {
    take_handle(in);
    for (int i = 0; i < 3; i++) /* mode, owner, group */
        if (take(in))
            take(in);
    if (take(in))
        atomic_store(&fake_size, (size_t)take_long(in));
    if (take(in) == 2)
        take_long(in);
    if (take(in) == 1)
        atomic_fetch_add(&fake_orders.touches, 1);
    put(out, 0);
    put_wcc(out, THE_FILE);
}

static void serve_nfs(uint32_t procedure, struct record *in, struct record *out) {
    uint32_t handle, wanted;

    if (atomic_load(&fake_orders.busy)) {
        atomic_fetch_sub(&fake_orders.busy, 1);
        put(out, 10008);
        for (int i = 0; i < 4; i++)
            put(out, 0); /* no attributes, whatever there may be */
        return;
    }
    switch (procedure) {
    case 1: /* GETATTR */
        handle = take_handle(in);
        put(out, 0);
        put_attributes(out, handle);
        break;
    case 2:
        serve_setattr(in, out);
        break;
    case 3:
        serve_lookup(in, out);
        break;
    case 4: /* ACCESS */
        handle = take_handle(in);
        wanted = take(in);
        put(out, 0);
        put_optional(out, handle);
        put(out, wanted & ~atomic_load(&fake_orders.access));
        break;
    case 6:
        serve_read(in, out);
        break;
    case 7:
        serve_write(in, out);
        break;
    case 16:
    case 17:
        serve_list(in, out, procedure == 17);
        break;
    case 19:
        serve_fsinfo(out);
        break;
    case 21:
        serve_commit(out);
        break;
    default:
        put(out, 10004);
        put(out, 0);
        put(out, 0);
        break;
    }
}

static void serve_mount(uint32_t procedure, struct record *out) {
    uint32_t flavor = atomic_load(&fake_orders.mount_flavor);
    uint32_t status = atomic_load(&fake_orders.mount_status);

    if (procedure == 1) {
        put(out, status);
        if (status)
            return;
        put_handle(out, DIRECTORY);
        put(out, 1);
        put(out, flavor ? flavor : 1);
    } else if (procedure == 5) {
        if (!atomic_load(&fake_orders.hidden)) {
            put(out, 1);
            put_opaque(out, "/fake", 5);
            for (int i = 0; i < 2; i++) {
                put(out, 1);
                put_opaque(out, i ? "two" : "one", 3);
            }
            put(out, 0);
        }
        put(out, 0);
    }
}

static void serve_call(struct record *in, struct record *out) {
    uint32_t xid = take(in), program, procedure, length;

    atomic_fetch_add(&fake_orders.calls, 1);
    take(in); /* CALL */
    take(in); /* RPC version */
    program = take(in);
    take(in);
    procedure = take(in);
    for (int i = 0; i < 2; i++) { /* credentials, verifier */
        take(in);
        take_opaque(in, &length);
    }
    put(out, xid);
    put(out, 1);
    if (program == atomic_load(&fake_orders.deny)) {
        put(out, 1);
        put(out, 1);
        put(out, 5); /* AUTH_TOOWEAK */
        return;
    }
    put(out, 0);
    put_long(out, 0);
    put(out, program == atomic_load(&fake_orders.unavailable));
    if (program == atomic_load(&fake_orders.unavailable))
        return;
    if (program == PMAP)
        put(out, take(in) == atomic_load(&fake_orders.unregistered) ? 0 : port);
    else if (program == MOUNT)
        serve_mount(procedure, out);
    else
        serve_nfs(procedure, in, out);
    if (program == atomic_load(&fake_orders.garbage))
        memset(out->data + 28, 0xff, out->at - 28);
}

static bool read_fully(int fd, void *data, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t n = recv(fd, (char *)data + got, size - got, 0);

        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

/* One call. Returns false when the connection is over. */
static bool serve_client(int fd) {
    static unsigned char question[RECORD_MAX], answer[RECORD_MAX];
    struct record in = {.data = question}, out = {.data = answer, .at = 4};
    struct record length = {.data = answer};
    unsigned char mark[4];

    if (!read_fully(fd, mark, 4))
        return false;
    in.size = (size_t)((mark[0] & 0x7f) << 24 | mark[1] << 16 | mark[2] << 8 | mark[3]);
    if (in.size > RECORD_MAX || !read_fully(fd, question, in.size))
        return false;
    serve_call(&in, &out);
    put(&length, 0x80000000u | (uint32_t)(out.at - 4));
    for (size_t sent = 0; sent < out.at;) {
        ssize_t n = send(fd, answer + sent, out.at - sent, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    return true;
}

static void *run(void *argument) {
    struct pollfd fds[CLIENTS_MAX + 2];
    nfds_t count = 2;

    (void)argument;
    fds[0] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = listen_fd, .events = POLLIN};
    while (poll(fds, count, -1) > 0 && !fds[0].revents) {
        for (nfds_t i = count; i-- > 2;)
            if (fds[i].revents && !serve_client(fds[i].fd)) {
                close(fds[i].fd);
                fds[i] = fds[--count];
            }
        if (fds[1].revents && count < CLIENTS_MAX + 2) {
            fds[count] = (struct pollfd){.events = POLLIN};
            fds[count].fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
            count += fds[count].fd >= 0;
        }
    }
    while (count > 2)
        close(fds[--count].fd);
    close(listen_fd);
    return NULL;
}

uint16_t fake_start(void) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;

    stop_fd = eventfd(0, EFD_CLOEXEC);
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stop_fd < 0 || bind(listen_fd, (const struct sockaddr *)&name, sizeof name)
        || listen(listen_fd, 16) || getsockname(listen_fd, (struct sockaddr *)&name, &length)
        || pthread_create(&thread, NULL, run, NULL)) {
        printf("Bail out! fake server: %s\n", strerror(errno));
        exit(99);
    }
    port = ntohs(name.sin_port);
    return port;
}

void fake_behave(void) {
    memset(&fake_orders, 0, sizeof fake_orders);
}

void fake_stop(void) {
    uint64_t one = 1;

    if (write(stop_fd, &one, sizeof one) < 0)
        exit(99);
    pthread_join(thread, NULL);
    close(stop_fd);
}
