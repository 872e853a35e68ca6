/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reread.c: drop-ins and mpr.json that change while a service runs.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "tests/lab/tap.h"
#include "tests/service/rig.h"

#define SOON_MS 5000
#define ADD                                                                                        \
    "{\"local\":\"Z:\",\"remote\":\"//memory/pub\",\"type\":1,\"flags\":0,\"no_room\":false,"      \
    "\"check_only\":false,\"asked\":false}"
#define CANCEL "{\"name\":\"Z:\",\"flags\":0,\"force\":false,\"check_only\":false}"

static bool has_provider(const char *text) {
    return rig_says("Providers", "{}", text);
}

static void install_one(void) {
    tap_group("a drop-in that is new");
    tap_ok(rig_says("Add", ADD, "{\"parameters\":"), "there is a connection");
    rig_write("providers.d/91-late.json", "{\"name\": \"late\"");
    tap_ok(!has_provider("91-late.json"), "while there is one, nothing is read");
    tap_ok(rig_says("Enumerate", "{\"scope\":1,\"type\":0,\"usage\":0}", "//memory/pub"),
           "and it stays");
    tap_ok(rig_says("Cancel", CANCEL, "{\"parameters\":"), "it is broken");
    tap_ok(has_provider("91-late.json"), "now it is");
    tap_ok(rig_says("Add", ADD, "{\"parameters\":")
               && rig_says("Cancel", CANCEL, "{\"parameters\":"),
           "the other one is as before");
}

static void distrust_one(void) {
    tap_group("a drop-in that is not to be trusted any more");
    tap_ok(chmod(rig_path("providers.d/90-memory.json"), 0666) == 0, "others may write it");
    tap_ok(has_provider("is skipped: others than its owner may write it"), "it is said so");
    tap_ok(rig_says("Add", ADD, "\"code\":1222"), "without it there is no network");
    tap_ok(chmod(rig_path("providers.d/90-memory.json"), 0600) == 0, "they may not any more");
    tap_ok(rig_says("Add", ADD, "{\"parameters\":")
               && rig_says("Cancel", CANCEL, "{\"parameters\":"),
           "it is used again");
}

static void configure(void) {
    tap_group("mpr.json");
    tap_ok(has_provider("Memory Network"), "a provider");
    rig_write("config/mpr.json", "{\"providers\": {\"memory\": {\"enabled\": false}}}");
    tap_ok(!has_provider("Memory Network"), "that is disabled");
    rig_write("config/mpr.json", "{}");
    tap_ok(has_provider("Memory Network"), "and enabled");
}

int main(void) {
    rig_make("\"fail\": \"connect@refused=5\"");
    rig_write("config/profile.json",
              "{\"connections\": {\"Y:\": {\"remote_path\": \"//memory/refused\"}}}\n");
    rig_start();
    tap_ok(rig_is_soon("Y:", "\"state\":5,", SOON_MS), "what is remembered is not there");
    install_one();
    tap_ok(rig_is_soon("Y:", "\"state\":5,", SOON_MS), "that is not forgotten");
    distrust_one();
    configure();
    rig_end(SIGTERM);
    tap_ok(rig_mounts() == 0 && rig_processes() == 0, "nothing is left of it");
    rig_remove();
    return tap_done();
}
