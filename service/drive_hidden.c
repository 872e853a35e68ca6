/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive_hidden.c: names of files that were removed while they were open.
 *
 * ".mpr-PLACE-PID-START-SERIAL", all in hexadecimal digits, says whose it is: PLACE is the
 * machine since it started and its process numbers, START when the process began. So
 * another drive knows what is left of one that was killed. It never knows that of
 * another machine's, nor of one that ran before this machine was started anew.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/drive_tree.h"

#define BEGIN      ".mpr-"
#define PLACE      16 /* digits */
#define START_TIME 22 /* the field of /proc/PID/stat */

/* 0: /proc does not say. */
static uint64_t find_place(void) {
    char id[64] = "";
    struct stat numbers;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool known = file && fgets(id, sizeof id, file) && stat("/proc/self/ns/pid", &numbers) == 0;

    if (file)
        fclose(file);
    return known ? drive_hash_of_name(drive_hash_of_number(numbers.st_ino), id) : 0;
}

/* The state of a process and when it began; false: /proc does not say. */
static bool look_at(pid_t pid, char *ret_state, uint64_t *ret_start) {
    char path[64], line[1024] = "", *at;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    at = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!at || sscanf(at, ") %c", ret_state) != 1)
        return false;
    for (int field = 2; at && field < START_TIME; field++)
        at = strchr(at + 1, ' ');
    return at && sscanf(at, " %" SCNu64, ret_start) == 1;
}

static bool has_ended(pid_t pid, uint64_t start) {
    uint64_t found;
    char state;

    if (look_at(pid, &state, &found))
        return found != start || state == 'Z' || state == 'X';
    return kill(pid, 0) != 0 && errno == ESRCH;
}

void drive_hidden_begin(char *ret, size_t size) {
    uint64_t place = find_place(), start = 0;
    char state;

    if (!place || !look_at(getpid(), &state, &start)) {
        /* Then nobody will know whose it is. */
        if (getrandom(&place, sizeof place, GRND_NONBLOCK) < 0)
            place = drive_hash_of_number((uint64_t)(uintptr_t)ret ^ (uint64_t)getpid());
    }
    snprintf(ret, size, BEGIN "%0*" PRIx64 "-%x-%" PRIx64 "-", PLACE, place, (unsigned)getpid(),
             start);
}

bool drive_hidden_is(const struct drive_tree *tree, const char *name) {
    return strncmp(name, tree->hidden, strlen(tree->hidden)) == 0;
}

uint64_t drive_hidden_serial(void) {
    static _Atomic uint64_t serial;

    return atomic_fetch_add(&serial, 1);
}

bool drive_hidden_is_stale(const char *name) {
    uint64_t place, start, serial;
    unsigned pid;
    int length = 0;

    if (strncmp(name, BEGIN, strlen(BEGIN)) != 0)
        return false;
    return sscanf(name, BEGIN "%16" SCNx64 "-%8x-%16" SCNx64 "-%16" SCNx64 "%n", &place, &pid,
                  &start, &serial, &length)
               == 4
           && !name[length] && place && place == find_place() && pid > 1 && pid <= INT32_MAX
           && has_ended((pid_t)pid, start);
}
