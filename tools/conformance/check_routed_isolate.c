/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_routed_isolate.c: the module in worker processes, which the user may
 * ask for with "isolate": true.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/file.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_routed.h"
#include "tools/conformance/kit_subject.h"

static void begin(void) {
    if (kit_subject.classic)
        kit_skip("a classic module runs in the program only");
    kit_subject.isolate = true;
    kit_routed_start(KIT_ALONE, NULL);
}

static void works_apart(void) {
    struct kit_state before;

    begin();
    before = kit_warm_up();
    kit_add_good("Z:", kit_good(0));
    kit_expect(kit_get("Z:", NULL), "Z: connected", "it is free");
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
    kit_nothing_left("Z:", &before, "after the cancel");
}

static void explains_apart(void) {
    const char *missing = kit_need(kit_lab.missing, "missing");
    char words[1024];
    DWORD apart, here;

    begin();
    apart = kit_add(NULL, missing);
    snprintf(words, sizeof words, "%s", kit_words(NULL, NULL));
    kit_expect(apart != NO_ERROR && words[0], "a failure and its words", "%s: %s",
               kit_code_name(apart), words);
    kit_subject.isolate = false;
    kit_routed_end();
    kit_routed_start(KIT_ALONE, NULL);
    here = kit_add(NULL, missing);
    kit_expect(apart == here, kit_text("%s, as in the program", kit_code_name(here)), "%s",
               kit_code_name(apart));
}

struct process {
    char name[32];
    pid_t parent;
};

/* What everybody may know of a process, also of one whose memory is not to be seen; or nothing. */
static struct process process_of(pid_t pid) {
    struct process process = {.parent = 0};
    FILE *file = fopen(kit_text("/proc/%d/stat", (int)pid), "re");
    char line[512] = "";
    const char *name, *end;

    if (file) {
        if (!fgets(line, sizeof line, file))
            line[0] = '\0';
        fclose(file);
    }
    name = strchr(line, '(');
    end = strrchr(line, ')');
    if (name && end && strlen(end) > 4) {
        snprintf(process.name, sizeof process.name, "%.*s", (int)(end - name - 1), name + 1);
        process.parent = (pid_t)strtol(end + 4, NULL, 10);
    }
    return process;
}

/*
 * Ends the worker processes that this check's router started; how many there were.
 * Their parent is the router's zygote, which has become a child of the kit, as this
 * process is: so no other program's workers are meant.
 */
static unsigned kill_workers(void) {
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    while (processes && (entry = readdir(processes))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct process process = process_of(pid);

        if (strcmp(process.name, "mpr-worker") == 0
            && process_of(process.parent).parent == getppid())
            count += kill(pid, SIGKILL) == 0;
    }
    if (processes)
        closedir(processes);
    return count;
}

static void survives_a_crash(void) {
    struct mpr_stat facts;
    int rc = -1;

    begin();
    if (!(kit_routed_can() & MPR_CAN_READ))
        kit_skip("the provider serves no files");
    kit_add_good("Z:", kit_good(0));
    kit_expect(kill_workers() > 0, "a worker process", "none was found");
    for (int i = 0; i < 40 && rc < 0; i++) {
        kit_doing("MprFileStat(\"Z:/\") after the worker was killed, try %d", i + 1);
        rc = MprFileStat("Z:/", &facts);
        kit_expect(rc <= 0 && rc > -4096, "0 or -errno", "%d", rc);
        if (rc < 0)
            kit_sleep(50);
    }
    kit_expect(rc == 0, "a connection that works again", "%s", strerror(-rc));
    KIT_CODES(kit_cancel("Z:", FALSE), NO_ERROR);
}

const struct kit_check kit_checks_routed_isolate[] = {
    {"RTD-05", KIT_MUST, works_apart,
     "In a worker process the module connects, and leaves nothing after the cancel",
     "The user may put any module there.", "mpr-providers.d(5), isolate"},
    {"RTD-06", KIT_MUST, explains_apart,
     "In a worker process a failure has the same code as in the program, and words",
     "Where a module runs must not show.", "mpr-providers.d(5), isolate"},
    {"RTE-08", KIT_CAPABILITY, survives_a_crash,
     "After its worker process was killed the connection works again",
     "A provider that crashes must not take a drive with it.", "mpr-worker(8)"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
