/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_log.c: one line for each thing that an administrator wants to know of afterwards, on
 * standard error, which is the journal under a service manager.
 */
#include "config.h"

#include "service/mprd.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_lock.h"
#include "router/mpr_time.h"

#define MOST_LINES 60u /* in a minute */
#define MINUTE_NS  (60 * MPR_NS_PER_S)
#define LINE_MAX   1024

static struct mpr_lock lock = MPR_LOCK_INIT;
static int64_t since_ns GUARDED_BY(lock);
static unsigned lines GUARDED_BY(lock);

void mprd_log_write(const char *line, size_t size) {
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&room, 1, 0) == 1 && write(STDERR_FILENO, line, size) < 0)
        return;
}

/* Counts a line. */
static bool is_too_much_locked(void) REQUIRES(lock) {
    static const char enough[] = "mprd: That was much in a minute: the rest of it is left out.\n";

    if (mpr_now_ns() - since_ns >= MINUTE_NS) {
        since_ns = mpr_now_ns();
        lines = 0;
    }
    if (lines <= MOST_LINES && lines++ == MOST_LINES)
        mprd_log_write(enough, sizeof enough - 1);
    return lines > MOST_LINES;
}

/* What a server has said may have a line's end in it. */
static size_t make_one_line(char *line, size_t size, int length) {
    size_t end = length < 0 ? 0 : (size_t)length < size - 1 ? (size_t)length : size - 2;

    for (size_t i = 0; i < end; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == '\177')
            line[i] = ' ';
    line[end] = '\n';
    return end + 1;
}

void mprd_log(const char *format, ...) {
    char line[LINE_MAX] = "mprd: ";
    const int begin = (int)sizeof "mprd: " - 1;
    va_list arguments;
    size_t size;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line + begin, sizeof line - (size_t)begin, format, arguments);
    va_end(arguments);
    size = make_one_line(line, sizeof line, begin + length);
    mpr_lock(&lock);
    if (!is_too_much_locked())
        mprd_log_write(line, size);
    mpr_unlock(&lock);
}

void mprd_log_event(const struct mpr_event *event) {
    const char *device = event->device;

    if (event->kind == MPR_EVENT_LOST
        || (event->kind == MPR_EVENT_UNMOUNTED && event->code != NO_ERROR))
        mprd_log("%s%s(%s): %s", device, *device ? " " : "", event->remote, event->text);
    else if (event->kind == MPR_EVENT_BACK)
        mprd_log("%s%s(%s) is back.", device, *device ? " " : "", event->remote);
}
