/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_monitor.c: "wnet monitor": what happens to connections, one line each, until ^C.
 */
#include "config.h"

#include "tools/wnet/wnet.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <mpr/session.h>

#include "tools/wnet/wnet_error.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_options.h"
#include "tools/wnet/wnet_text.h"

static const struct {
    uint32_t kind;
    const char *name;
} kinds[] = {
    {MPR_EVENT_CONNECTED, "connected"}, {MPR_EVENT_DISCONNECTED, "disconnected"},
    {MPR_EVENT_FAILED, "failed"},       {MPR_EVENT_LOST, "lost"},
    {MPR_EVENT_BACK, "back"},           {MPR_EVENT_MOUNTED, "mounted"},
    {MPR_EVENT_UNMOUNTED, "unmounted"},
};

static const char *name_of(uint32_t kind) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "unknown";
}

/* What there is at the beginning has no time of its own. */
static int64_t time_of(const struct mpr_event *event) {
    struct timespec now;

    if (event->time_ns)
        return event->time_ns;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void format_time(const struct mpr_event *event, bool utc, char *text, size_t size) {
    int64_t time_ns = time_of(event);
    time_t seconds = (time_t)(time_ns / 1000000000);
    struct tm parts = {0};
    size_t length;

    if (utc)
        gmtime_r(&seconds, &parts);
    else
        localtime_r(&seconds, &parts);
    length = strftime(text, size, utc ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &parts);
    snprintf(text + length, size - length, ".%03d%s", (int)(time_ns / 1000000 % 1000),
             utc ? "Z" : "");
}

static void put_json(const struct mpr_event *event) {
    struct wnet_json json;
    char time[64];

    format_time(event, true, time, sizeof time);
    wnet_json_begin(&json, stdout);
    wnet_json_text(&json, "time", time);
    wnet_json_text(&json, "event", name_of(event->kind));
    wnet_json_flag(&json, "initial", event->initial != 0);
    wnet_json_name(&json, "device", event->device);
    wnet_json_text(&json, "remote", event->remote);
    wnet_json_name(&json, "provider", event->provider);
    wnet_json_number(&json, "code", event->code);
    wnet_json_name(&json, "words", event->text);
    wnet_json_end(&json);
}

static void put_line(const struct mpr_event *event) {
    char time[64];

    format_time(event, false, time, sizeof time);
    printf("%s  %-12s  %-4s  ", time, name_of(event->kind), event->device);
    wnet_text_put(stdout, event->remote);
    putchar('\n');
    wnet_text_put_lines(stdout, "    ", event->text);
}

static int put_event(void *context, const struct mpr_event *event) {
    const struct wnet_options *options = context;

    if (options->json)
        put_json(event);
    else
        put_line(event);
    return fflush(stdout) != 0;
}

static int open_signals(void) {
    sigset_t ending;

    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * Becomes readable when the command is to end: by a signal, or as nobody reads any more, which
 * a pipe tells by itself. A file has no such end, and is not watched.
 */
static int open_ends(int signals) {
    struct epoll_event wanted = {.events = EPOLLIN};
    int ends = epoll_create1(EPOLL_CLOEXEC);

    if (ends < 0)
        return signals;
    epoll_ctl(ends, EPOLL_CTL_ADD, signals, &wanted);
    wanted.events = 0;
    epoll_ctl(ends, EPOLL_CTL_ADD, STDOUT_FILENO, &wanted);
    return ends;
}

int wnet_monitor(const struct wnet_options *options) {
    struct wnet_options shared = *options;
    DWORD rc;
    int signals, ends;

    if (options->count)
        return wnet_error_syntax("wnet monitor takes no words.");
    signals = open_signals();
    ends = open_ends(signals);
    rc = MprSubscribe(put_event, ends, &shared);
    if (ends != signals)
        close(ends);
    if (signals >= 0)
        close(signals);
    return rc == NO_ERROR ? WNET_DONE : wnet_error_system(rc);
}
