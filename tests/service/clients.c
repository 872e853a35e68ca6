/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clients.c: clients of all kinds at one service: who misbehaves harms nobody else.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/stage.h"
#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define HAMMERS   50
#define HAMMER_MS 3000
#define LONG_MS   60000
#define CROWD     300
#define SOON_MS   2000  /* for what takes no time, on a machine that is busy */
#define LATER_MS  15000 /* for what the service waits five seconds for */

#define ADD(device, remote)                                                                        \
    "{" device "\"remote\":\"//memory/" remote                                                     \
    "\",\"type\":1,\"flags\":0,\"no_room\":false,\"check_only\":false,\"asked\":false}"
#define CANCEL(name) "{\"name\":\"" name "\",\"flags\":0,\"force\":true,\"check_only\":false}"

static bool is_well(void) {
    return rig_says("org.varlink.service.GetInfo", "{}", "org.libmpr.Session")
           && rig_says("Providers", "{}", "Memory Network");
}

/* --- messages --- */

/* What is no call: the service hangs up, perhaps with a word. */
static void send_garbage(void) {
    static const char *const garbage[] = {"no JSON",
                                          "{}",
                                          "[1]",
                                          "\xff\xfe\xfd",
                                          "{\"method\":5}",
                                          "{\"method\":\"\"}",
                                          "{\"method\":\"x\",\"method\":\"y\"}",
                                          "{\"method\":\"a.b\",\"parameters\":[]}",
                                          "\"org.varlink.service.GetInfo\"",
                                          "GET / HTTP/1.1\r\n\r\n",
                                          ""};

    tap_group("garbage");
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        int fd = rig_connect();
        const char *reply = NULL;

        if (rig_send(fd, garbage[i], strlen(garbage[i]) + 1))
            reply = rig_receive(fd, SOON_MS);
        tap_ok(reply ? strstr(reply, "\"error\"") != NULL : rig_is_hung_up(fd, SOON_MS),
               "number %zu is answered, or hung up on", i);
        close(fd);
    }
    if (!tap_ok(is_well(), "the others are served"))
        exit(1);
}

static void send_too_much(void) {
    size_t size = 0x110000u;
    char *message = malloc(size);
    int fd = rig_connect();

    if (!message)
        exit(99);
    tap_group("too much");
    memset(message, ' ', size);
    rig_send(fd, message, size); /* it may hang up while we send */
    tap_ok(rig_is_hung_up(fd, SOON_MS), "over 1 MiB is hung up on");
    close(fd);
    fd = rig_connect();
    memset(message, '[', 100000);
    message[100000] = '\0';
    rig_send(fd, message, 100001);
    tap_ok(rig_is_hung_up(fd, SOON_MS), "what is too deep is hung up on");
    close(fd);
    free(message);
    tap_ok(is_well(), "the others are served");
}

/* What is wrong is said as Varlink says it, whole. */
static void be_refused(void) {
    static const struct {
        const char *method, *parameters, *error, *what;
    } cases[] = {
        {"Nothing", "{}", "MethodNotFound", "\"method\":\"org.libmpr.Session.Nothing\""},
        {"org.varlink.service.Nothing", "{}", "MethodNotFound",
         "\"method\":\"org.varlink.service.Nothing\""},
        {"org.example.Nothing", "{}", "InterfaceNotFound", "\"interface\":\"org.example\""},
        {"org.example.\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
         "\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
         "\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4.Nothing",
         "{}", "InterfaceNotFound", "\"interface\":\"org.example.\xc3\xa4"},
        {"org.varlink.service.GetInterfaceDescription", "{\"interface\":\"org.example\"}",
         "InterfaceNotFound", "\"interface\":\"org.example\""},
        {"org.varlink.service.GetInterfaceDescription", "{}", "InvalidParameter",
         "\"parameter\":\"interface\""},
        {"Add", "{\"remote\":5}", "InvalidParameter", "\"parameter\":\"remote\""},
        {"Status", "{\"name\":\"Z:\",\"more\":true}", "InvalidParameter", "\"parameter\":\"more\""},
        {"Subscribe", "{}", "ExpectedMore", ""},
    };
    char wanted[512];
    int fd = rig_connect();

    tap_group("Varlink's errors");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *reply = rig_call(fd, cases[i].method, cases[i].parameters);

        snprintf(wanted, sizeof wanted, "{\"error\":\"org.varlink.service.%s\",\"parameters\":{%s",
                 cases[i].error, cases[i].what);
        tap_ok(reply && strncmp(reply, wanted, strlen(wanted)) == 0, "%s: %s", cases[i].method,
               reply ? reply : "nothing");
    }
    close(fd);
}

/* Calls that want no reply get none, whatever is wrong with them. */
static void be_oneway(void) {
    static const char *const calls[] = {
        "{\"method\":\"org.libmpr.Session.Providers\",\"parameters\":{},\"oneway\":true}",
        "{\"method\":\"org.libmpr.Session.Add\",\"parameters\":{\"remote\":5},\"oneway\":true}",
        "{\"method\":\"org.libmpr.Session.Nothing\",\"oneway\":true}",
        "{\"method\":\"org.example.Nothing\",\"oneway\":true}",
        "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"oneway\":true}",
        "{\"method\":\"org.libmpr.Session.Subscribe\",\"more\":true,\"oneway\":true}",
    };
    int fd = rig_connect();

    tap_group("oneway");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const char *reply;

        rig_send(fd, calls[i], strlen(calls[i]) + 1);
        reply = rig_call(fd, "org.varlink.service.GetInfo", "{}");
        tap_ok(reply && strstr(reply, "vendor"), "%s: the next reply is the next call's", calls[i]);
    }
    close(fd);
}

static void speak_varlink(void) {
    static const char two[] = "{\"method\":\"org.libmpr.Session.Providers\",\"parameters\":{}}\0"
                              "{\"method\":\"org.varlink.service.GetInfo\"}";
    const char *reply;
    int fd = rig_connect();

    tap_group("Varlink");
    rig_send(fd, two, sizeof two);
    reply = rig_receive(fd, SOON_MS);
    tap_ok(reply && strstr(reply, "Memory Network"), "two calls at once: the first is answered");
    reply = rig_receive(fd, SOON_MS);
    tap_ok(reply && strstr(reply, "vendor"), "then the second");
    reply = rig_call(fd, "org.varlink.service.GetInterfaceDescription",
                     "{\"interface\":\"org.libmpr.Session\"}");
    tap_ok(reply && strstr(reply, "method SetPersistent("), "the description");
    reply = rig_call(fd, "org.varlink.service.GetInterfaceDescription",
                     "{\"interface\":\"org.varlink.service\"}");
    tap_ok(reply && strstr(reply, "method GetInfo("), "that of Varlink's own interface");
    reply = rig_call(fd, "Cancel", CANCEL("//memory/nothing"));
    tap_ok(reply && strstr(reply, "org.libmpr.Session.Failed") && strstr(reply, "\"code\":2250")
               && strstr(reply, "There is no connection to //memory/nothing"),
           "a failure has its code and its words");
    close(fd);
}

/* --- descriptors --- */

static unsigned count_descriptors(void) {
    char name[64];
    unsigned count = 0;
    DIR *dir;

    snprintf(name, sizeof name, "/proc/%d/fd", (int)rig_pid());
    dir = opendir(name);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

/* Connections that have ended just now may still be counted. */
static bool is_as_before(unsigned before) {
    int64_t deadline = rig_ms() + LATER_MS;

    while (count_descriptors() > before + 4)
        if (rig_ms() > deadline)
            return false;
    return true;
}

/* A call with descriptors of /dev/null. */
static bool send_fds(int fd, const char *bytes, size_t size, unsigned count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(64 * sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ssize_t sent;

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
    for (unsigned i = 0; i < count; i++)
        memcpy(CMSG_DATA(&control.header) + i * sizeof nothing, &nothing, sizeof nothing);
    sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    close(nothing);
    return sent == (ssize_t)size;
}

static void send_descriptors(void) {
    static const char call[] = "{\"method\":\"org.varlink.service.GetInfo\"}";
    unsigned before = count_descriptors();
    int fd;

    tap_group("descriptors");
    for (int i = 0; i < 50; i++) {
        fd = rig_connect();
        send_fds(fd, call, sizeof call, 60);
        if (!rig_is_hung_up(fd, SOON_MS))
            break;
        close(fd);
        fd = -1;
    }
    tap_ok(fd < 0, "too many are hung up on");
    if (fd >= 0)
        close(fd);
    fd = rig_connect();
    for (int i = 0; i < 50; i++)
        if (!send_fds(fd, call, sizeof call, 2) || !rig_receive(fd, SOON_MS))
            tap_ok(false, "those that no call wants are taken (%d)", i);
    close(fd);
    tap_ok(is_as_before(before), "none is kept (%u, %u)", before, count_descriptors());
}

/* It takes three, and who sends others must not cost anybody a drive. */
static void ask_for_half_a_channel(void) {
    char call[256];
    int fd = rig_connect();
    const char *reply, *number;

    tap_group("a channel");
    tap_ok(rig_says("Add", ADD("", "channel"), "access_name"), "a connection");
    reply = rig_call(fd, "Locate", "{\"path\":\"//memory/channel/f\",\"exact\":false}");
    number = reply ? strstr(reply, "\"number\":\"") : NULL;
    tap_ok(number != NULL, "it is located");
    snprintf(call, sizeof call,
             "{\"method\":\"org.libmpr.Session.Channel\",\"parameters\":{\"number\":\"%llu\","
             "\"shared_size\":\"70000\",\"fds\":0}}",
             number ? strtoull(number + 10, NULL, 10) : 0);
    for (unsigned count = 1; count < 3; count++) {
        reply = send_fds(fd, call, strlen(call) + 1, count) ? rig_receive(fd, LATER_MS) : NULL;
        tap_ok(reply && strstr(reply, "A channel takes 3 descriptors"), "not %u descriptors: %s",
               count, reply ? reply : "");
    }
    tap_ok(!rig_says("Cancel", CANCEL("//memory/channel"), "error"), "it is cancelled");
    close(fd);
}

/* --- those whom the service waits for; looked at again later --- */

struct slow {
    int half, silent, deaf;
};

/* Calls, and never reads: until the service, too, sends no more. */
static int make_deaf(void) {
    static const char call[] = "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
                               "\"parameters\":{\"interface\":\"org.libmpr.Session\"}}";
    int fd = rig_connect();
    int64_t deadline = rig_ms() + SOON_MS;

    while (rig_ms() < deadline) {
        struct pollfd room = {.fd = fd, .events = POLLOUT};

        if (poll(&room, 1, 300) != 1
            || send(fd, call, sizeof call, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            break;
    }
    return fd;
}

static struct slow make_slow(void) {
    struct slow slow = {.half = rig_connect(), .silent = rig_connect(), .deaf = make_deaf()};

    rig_send(slow.half, "{\"method\":", 10);
    return slow;
}

static void expect_slow(struct slow *slow) {
    tap_group("who keeps it waiting");
    tap_ok(rig_is_hung_up(slow->half, LATER_MS), "half a message is hung up on");
    tap_ok(rig_is_hung_up(slow->deaf, LATER_MS), "who does not read is hung up on");
    tap_ok(rig_call(slow->silent, "Providers", "{}") != NULL, "who said nothing is served still");
    close(slow->half);
    close(slow->deaf);
    close(slow->silent);
}

/* --- many --- */

static void come_in_crowds(void) {
    static int crowd[CROWD];
    int reached = 0;

    tap_group("%d who say nothing", CROWD);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = rig_connect();
        reached += crowd[i] >= 0;
    }
    tap_ok(reached == CROWD, "all can connect");
    tap_ok(is_well(), "and those who have something to say are served");
    for (int i = 0; i < CROWD; i++)
        if (crowd[i] >= 0)
            close(crowd[i]);
    tap_ok(is_well(), "also when they are gone");
}

struct hammer {
    pthread_t thread;
    int number, rounds, wrong;
    int64_t until, longest;
};

static const char *timed_call(struct hammer *hammer, int fd, const char *method, const char *text) {
    int64_t begin = rig_ms(), took;
    const char *reply = rig_call(fd, method, text);

    took = rig_ms() - begin;
    hammer->longest = took > hammer->longest ? took : hammer->longest;
    return reply;
}

static void hammer_once(struct hammer *hammer, int fd) {
    char add[256], cancel[128], name[32];
    const char *reply;

    snprintf(name, sizeof name, "h%d", hammer->number);
    snprintf(add, sizeof add,
             "{\"remote\":\"//memory/%s\",\"type\":1,\"flags\":0,\"no_room\":false,\"check_only\":"
             "false,\"asked\":false}",
             name);
    snprintf(cancel, sizeof cancel,
             "{\"name\":\"//memory/%s\",\"flags\":0,\"force\":true,\"check_only\":false}", name);
    reply = timed_call(hammer, fd, "Add", add);
    hammer->wrong += !reply || !strstr(reply, name) || strstr(reply, "\"error\"");
    reply = timed_call(hammer, fd, "Enumerate", "{\"scope\":1,\"type\":0,\"usage\":0}");
    hammer->wrong += !reply || !strstr(reply, name);
    reply = timed_call(hammer, fd, "Cancel", cancel);
    hammer->wrong += !reply || strstr(reply, "\"error\"");
    reply = timed_call(hammer, fd, "Cancel", cancel);
    hammer->wrong += !reply || !strstr(reply, "2250");
}

static void *run_hammer(void *context) {
    struct hammer *hammer = context;

    while (rig_ms() < hammer->until) {
        int fd = rig_connect();

        for (int i = 0; i < 4 && rig_ms() < hammer->until; i++, hammer->rounds++)
            hammer_once(hammer, fd);
        close(fd);
    }
    return NULL;
}

static void hammer_it(void) {
    static struct hammer hammers[HAMMERS];
    int64_t until = rig_ms() + (secure_getenv("MPR_TEST_LONG") ? LONG_MS : HAMMER_MS), longest = 0;
    int rounds = 0, wrong = 0;
    unsigned before = count_descriptors();

    tap_group("%d clients", HAMMERS);
    for (int i = 0; i < HAMMERS; i++) {
        hammers[i] = (struct hammer){.number = i, .until = until};
        if (pthread_create(&hammers[i].thread, NULL, run_hammer, &hammers[i]))
            exit(99);
    }
    for (int i = 0; i < HAMMERS; i++) {
        pthread_join(hammers[i].thread, NULL);
        rounds += hammers[i].rounds;
        wrong += hammers[i].wrong;
        longest = hammers[i].longest > longest ? hammers[i].longest : longest;
    }
    tap_ok(wrong == 0, "%d rounds of four calls without a wrong answer (%d), longest %d ms", rounds,
           wrong, (int)longest);
    tap_ok(rounds >= HAMMERS, "everybody had his turn");
    tap_ok(rig_says("Enumerate", "{\"scope\":1,\"type\":0,\"usage\":0}", "\"list\":[]"),
           "nothing is left connected");
    tap_ok(is_as_before(before), "nor open (%u, %u)", before, count_descriptors());
}

/* --- a server that is silent --- */

#define WAITERS 20

/* Returns one who waits still. */
static int wait_for_the_dead(void) {
    int waiters[WAITERS];
    const char *reply;
    int64_t begin;
    int fd;

    tap_group("a silent server");
    for (int i = 0; i < WAITERS; i++) {
        static const char call[] =
            "{\"method\":\"org.libmpr.Session.Add\",\"parameters\":" ADD("", "dead") "}";

        waiters[i] = rig_connect();
        rig_send(waiters[i], call, sizeof call);
    }
    begin = rig_ms();
    fd = rig_connect();
    reply = rig_call(fd, "Add", ADD("", "alive"));
    tap_ok(reply && !strstr(reply, "\"error\"") && rig_ms() - begin < SOON_MS,
           "who wants another one does not wait (%d ms)", (int)(rig_ms() - begin));
    rig_call(fd, "Cancel", CANCEL("//memory/alive"));
    close(fd);
    for (int i = 1; i < WAITERS; i++)
        close(waiters[i]);
    tap_ok(is_well(), "those who hang up meanwhile harm nobody");
    return waiters[0];
}

static void hear_of_the_dead(int waiter) {
    const char *reply = rig_receive(waiter, LATER_MS);

    tap_group("a silent server");
    tap_ok(reply && strstr(reply, "org.libmpr.Session.Failed") && strstr(reply, "dead"),
           "who waits hears why");
    close(waiter);
}

/* --- events --- */

/* The next event, but of those who still wait for the dead. */
static const char *next_event(int fd) {
    const char *event;

    do
        event = rig_receive(fd, LATER_MS);
    while (event && strstr(event, "//memory/dead"));
    return event;
}

static bool hears(int fd, const char *kind, const char *remote) {
    const char *event = next_event(fd);
    bool right = event && strstr(event, kind) && strstr(event, remote)
                 && strstr(event, "\"continues\":true");

    if (!right)
        printf("# %s\n", event ? event : "nothing");
    return right;
}

static void subscribe(void) {
    static const char call[] =
        "{\"method\":\"org.libmpr.Session.Subscribe\",\"parameters\":{},\"more\":true}";
    int first = rig_connect(), second = rig_connect(), fd = rig_connect();

    tap_group("events");
    rig_call(fd, "Add", ADD("\"local\":\"R:\",", "before"));
    rig_send(first, call, sizeof call);
    tap_ok(hears(first, "\"kind\":1", "before"), "first what there is");
    rig_send(second, call, sizeof call);
    tap_ok(hears(second, "\"initial\":1", "before"), "to each");
    rig_call(fd, "Cancel", CANCEL("R:"));
    rig_call(fd, "Add", ADD("", "after"));
    rig_call(fd, "Add", ADD("", "refused"));
    rig_call(fd, "Cancel", CANCEL("//memory/after"));
    for (int *at = (int[]){first, second, -1}; *at >= 0; at++) {
        const char *event = next_event(*at);

        while (event && !strstr(event, "\"kind\":2")) /* mounted and unmounted may be among them */
            event = next_event(*at);
        tap_ok(event && strstr(event, "before"), "what is broken");
        tap_ok(hears(*at, "\"kind\":1", "after"), "what is connected");
        tap_ok(hears(*at, "\"code\":5", "refused"), "what fails, and its code");
        tap_ok(hears(*at, "\"kind\":2", "after"), "in its order");
    }
    close(first);
    tap_ok(is_well(), "one who hangs up harms nobody");
    rig_end(SIGTERM);
    tap_ok(rig_is_hung_up(second, LATER_MS), "at the end of the service the stream ends");
    close(second);
    close(fd);
}

int main(void) {
    struct slow slow;
    int waiter;

    rig_make("\"hang\": \"connect@dead\", \"fail\": \"connect@refused=5\", "
             "\"connect_timeout_ms\": \"8000\"");
    rig_start();
    send_garbage();
    send_too_much();
    speak_varlink();
    be_refused();
    be_oneway();
    send_descriptors();
    ask_for_half_a_channel();
    come_in_crowds();
    slow = make_slow(); /* of a crowd the first ones would be left */
    waiter = wait_for_the_dead();
    hammer_it();
    expect_slow(&slow);
    hear_of_the_dead(waiter);
    subscribe();
    tap_ok(rig_pid() == 0, "it has ended");
    tap_ok(rig_mounts() == 0 && rig_processes() == 0, "nothing is left of it");
    rig_remove();
    return tap_done();
}
