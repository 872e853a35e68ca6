/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * restore.c: what is remembered comes back with the service: what can, at once; what
 * cannot is listed with the reason, and tried again.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define DEAD       10 /* D: to M: */
#define HEALTHY_MS 3000
#define LATER_MS   15000

static void write_profile(const char *more) {
    char text[4096] = "{\"connections\": {", entry[128];

    for (int i = 0; i < DEAD; i++) {
        snprintf(entry, sizeof entry, "\"%c:\": {\"remote_path\": \"//memory/dead%d\"}, ", 'D' + i,
                 i);
        strncat(text, entry, sizeof text - strlen(text) - 1);
    }
    strncat(text, more, sizeof text - strlen(text) - 1);
    strncat(text, "}}\n", sizeof text - strlen(text) - 1);
    rig_write("config/profile.json", text);
}

static void restore_what_can_be(void) {
    int64_t begin = rig_ms();

    tap_group("%d dead servers", DEAD);
    rig_start_logged();
    tap_ok(rig_is_soon("Y:", "\"state\":1,", HEALTHY_MS)
               && rig_is_soon("Z:", "\"state\":1,", HEALTHY_MS),
           "what is healthy is there after %d ms", (int)(rig_ms() - begin));
    tap_ok(strstr(rig_status("D:"), "\"state\":1,") == NULL, "what is not is not waited for");
    tap_ok(rig_says("Connection", "{\"local\":\"Z:\"}", "\"remembered\":false"),
           "it can be used meanwhile");
}

/* While it is still tried, which would make it a device in use. */
static void take_a_device_away(void) {
    tap_ok(rig_says("Cancel", "{\"name\":\"M:\",\"flags\":1,\"force\":false,\"check_only\":false}",
                    "{\"parameters\":{}}"),
           "one that is being tried can be forgotten");
    tap_ok(rig_says("Status", "{\"name\":\"M:\"}", "\"code\":2250"), "and is not there any more");
}

static void list_the_others(void) {
    int listed = 1;

    for (int i = 0; i < DEAD - 1; i++) {
        const char device[] = {(char)('D' + i), ':', '\0'};

        listed += rig_is_soon(device, "\"state\":5,", LATER_MS);
    }
    tap_ok(listed == DEAD, "the others are listed as Unavailable (%d)", listed);
    tap_ok(strstr(rig_status("D:"), "dead0") && !strstr(rig_status("D:"), "\"reason\":\"\""),
           "with the reason: %s", rig_status("D:"));
    tap_ok(!strstr(rig_status("D:"), "\"retry_s\":0,"), "they are tried again");
    tap_ok(rig_is_soon("X:", "\"state\":5,", LATER_MS), "one that wants a password is, too");
    tap_ok(strstr(rig_status("X:"), "\"retry_s\":0,"), "but it is not tried again");
}

static void connect_by_hand(void) {
    tap_ok(rig_says("Add",
                    "{\"local\":\"D:\",\"remote\":\"//memory/dead0\",\"type\":1,\"flags\":0,"
                    "\"no_room\":false,\"check_only\":false,\"asked\":false}",
                    "org.libmpr.Session.Failed"),
           "by hand it fails as well");
    tap_ok(rig_is_soon("D:", "\"state\":5,", LATER_MS), "and is listed as before");
    tap_ok(rig_says("Cancel", "{\"name\":\"D:\",\"flags\":1,\"force\":false,\"check_only\":false}",
                    "\"parameters\":{"),
           "it is forgotten");
    tap_ok(!strstr(rig_status("D:"), "\"state\":5"), "and listed no more");
}

/* The first try fails after a second, the next one comes five seconds later. */
static void try_again(void) {
    static const char call[] =
        "{\"method\":\"org.libmpr.Session.Subscribe\",\"parameters\":{},\"more\":true}";
    int fd = rig_connect();
    int64_t deadline = rig_ms() + LATER_MS;
    bool again = false;

    rig_send(fd, call, sizeof call);
    while (!again && rig_ms() < deadline) {
        const char *event = rig_receive(fd, LATER_MS);

        if (!event)
            break;
        again =
            strstr(event, "\"kind\":3") && strstr(event, "\"initial\":0") && strstr(event, "dead3");
    }
    tap_ok(again, "there is an event when it was tried again");
    close(fd);
}

static void end_and_come_back(void) {
    int64_t took = rig_end(SIGTERM);

    tap_ok(took >= 0, "it ends meanwhile (%d ms)", (int)took);
    tap_ok(rig_logged("(//memory/dead3) cannot be restored: ") == 1
               && rig_logged("It is tried again.") >= DEAD - 2,
           "an administrator was told once of what was tried twice");
    tap_ok(rig_logged("X: (//memory/locked) cannot be restored: ") == 1
               && rig_logged("It is not tried again by itself.") == 1,
           "and of what wants a password");
    rig_start();
    tap_ok(rig_is_soon("Z:", "\"state\":1,", HEALTHY_MS), "the next one restores, too");
    rig_end(SIGKILL);
    rig_start();
    tap_ok(rig_is_soon("Z:", "\"state\":1,", HEALTHY_MS), "also after one that was killed");
    tap_ok(rig_end(SIGTERM) >= 0, "it ends");
    tap_ok(rig_mounts() == 0, "nothing is mounted any more, of the killed one either");
    tap_ok(rig_processes() == 0, "and no process is left");
}

/* A profile that cannot be read is nobody's end. */
static void start_with_a_bad_profile(void) {
    tap_group("a bad profile");
    rig_write("config/profile.json", "{ this is none");
    rig_start();
    tap_ok(rig_says("Providers", "{}", "Memory Network"), "the service serves");
    tap_ok(rig_end(SIGTERM) >= 0, "and ends");
}

int main(void) {
    char options[1024] = "\"connect_timeout_ms\": \"1000\", \"fail\": \"connect@locked=1326\", "
                         "\"hang\": \"connect@dead0";

    for (int i = 1; i < DEAD; i++)
        snprintf(options + strlen(options), sizeof options - strlen(options), ",connect@dead%d", i);
    strncat(options, "\"", sizeof options - strlen(options) - 1);
    rig_make(options);
    write_profile("\"X:\": {\"remote_path\": \"//memory/locked\", \"user_name\": \"anna\"}, "
                  "\"Y:\": {\"remote_path\": \"//memory/y\"}, "
                  "\"Z:\": {\"remote_path\": \"//memory/z\"}");
    restore_what_can_be();
    take_a_device_away();
    list_the_others();
    connect_by_hand();
    try_again();
    end_and_come_back();
    start_with_a_bad_profile();
    rig_remove();
    return tap_done();
}
