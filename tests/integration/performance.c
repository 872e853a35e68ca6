/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_performance, nfs_performance: what is said of a connection's speed, held
 * against a network whose speed is known.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tests/integration/calls.h"
#include "tests/integration/proxy.h"
#include "tests/lab/stage.h"
#include "tests/lab/tap.h"

#define MIB (1u << 20)

static const char *protocol; /* "smb" or "nfs" */
static struct proxy *proxy;
static char *block;

static DWORD measure(NETCONNECTINFOSTRUCT *facts) {
    char local[] = "Z:";
    NETRESOURCEA resource = {.lpLocalName = local};

    memset(facts, 0, sizeof *facts);
    facts->cbStructure = sizeof *facts;
    return MultinetGetConnectionPerformanceA(&resource, facts);
}

static void connect_through(void) {
    static const struct identity anna = {"anna", "secret-words"};
    char remote[128];

    if (strcmp(protocol, "smb") == 0)
        snprintf(remote, sizeof remote, "smb://127.0.0.1:%u/pub", proxy->port);
    else
        snprintf(remote, sizeof remote, "nfs://127.0.0.1/rw?nfsport=%u&mountport=20048",
                 proxy->port);
    tap_code(call_add("Z:", remote, strcmp(protocol, "smb") == 0 ? &anna : NULL, 0), NO_ERROR,
             "connect");
}

static void disconnect(void) {
    tap_code(WNetCancelConnection2A("Z:", 0, TRUE), NO_ERROR, "cancel");
}

/* Moves so many megabytes each way. */
static void move(unsigned mebibytes) {
    HANDLE file = NULL;
    unsigned moved = 0;

    tap_file(MprFileOpen("Z:\\data", O_RDWR | O_CREAT, 0644, &file), 0, "open");
    for (unsigned i = 0; i < mebibytes; i += 4) {
        moved += MprFilePwrite(file, block, 4 * MIB, (uint64_t)i * MIB) == 4 * MIB ? 4 : 0;
        moved += MprFilePread(file, block, 4 * MIB, (uint64_t)i * MIB) == 4 * MIB ? 4 : 0;
    }
    tap_ok(moved == 2 * mebibytes, "%u MiB each way", mebibytes);
    tap_file(MprFileClose(file), 0, "close");
}

/* The delay is between these: a machine that stands still for a moment is asked again. */
static void expect_delay(DWORD least, DWORD most, NETCONNECTINFOSTRUCT *ret_facts,
                         const char *what) {
    DWORD code = measure(ret_facts);

    for (int i = 0; i < 20 && code == NO_ERROR && ret_facts->dwDelay >= most; i++)
        code = measure(ret_facts);
    tap_code(code, NO_ERROR, "%s", what);
    tap_ok(ret_facts->dwDelay >= least && ret_facts->dwDelay < most,
           "the delay is %u to %u ms (%u)", least, most, ret_facts->dwDelay);
}

static void delay(void) {
    NETCONNECTINFOSTRUCT facts;

    tap_group("a connection that nothing was moved over");
    connect_through();
    expect_delay(1, 15, &facts, "its performance");
    tap_ok(facts.dwFlags == (WNCON_DYNAMIC | WNCON_NOTROUTED), "it may change, and is near (%u)",
           facts.dwFlags);
    tap_ok(facts.dwSpeed == 0, "how fast it is, is not known (%u)", facts.dwSpeed);
    tap_ok(facts.dwOptDataSize >= 65536 && facts.dwOptDataSize <= 32 * MIB, "requests of %u bytes",
           facts.dwOptDataSize);
    atomic_store(&proxy->pause_ms, 20);
    expect_delay(40, 100, &facts, "over a network of 20 ms each way");
    atomic_store(&proxy->pause_ms, 0);
    expect_delay(1, 40, &facts, "and after that");
    disconnect();
}

static void speed(void) {
    NETCONNECTINFOSTRUCT facts;
    DWORD slow;

    tap_group("a network of 4 MB a second");
    connect_through();
    atomic_store(&proxy->bytes_per_ms, 4000);
    move(4);
    atomic_store(&proxy->bytes_per_ms, 0);
    tap_code(measure(&facts), NO_ERROR, "the performance");
    slow = facts.dwSpeed;
    /* 4 MB/s are 32 Mbit/s: 320000 units. The proxy lets a little more through at first. */
    tap_ok(slow > 100000 && slow < 640000, "the speed is that (%u00 bit/s)", slow);
    tap_group("then a fast one");
    move(32);
    tap_code(measure(&facts), NO_ERROR, "the performance");
    tap_ok(facts.dwSpeed > 2 * slow, "the speed is more (%u00 bit/s)", facts.dwSpeed);
    tap_ok(facts.dwOptDataSize >= MIB, "requests are large (%u bytes)", facts.dwOptDataSize);
    disconnect();
}

static void dead_server(void) {
    NETCONNECTINFOSTRUCT facts;
    double begun;
    DWORD code;

    tap_group("a server that is silent");
    connect_through();
    stage_ctl(protocol, "stop", NULL);
    begun = stage_ms();
    code = measure(&facts);
    tap_ok(code != NO_ERROR, "is not measured: %s", stage_code(code));
    tap_ok(stage_ms() - begun < 10000, "in time (%.0f ms)", stage_ms() - begun);
    tap_ok(facts.dwDelay == 0 && facts.dwOptDataSize == 0, "nothing is said");
    expect_words(NULL, NULL);
    stage_ctl(protocol, "cont", NULL);
    for (int i = 0; i < 20 && code != NO_ERROR; i++)
        code = measure(&facts);
    tap_code(code, NO_ERROR, "then it answers again");
    disconnect();
}

int main(int argc, char **argv) {
    (void)argc;
    protocol = strstr(argv[0], "nfs_") ? "nfs" : "smb";
    stage_set(NULL, "\"connect_timeout_ms\": 5000, \"io_timeout_ms\": 2000", NULL);
    proxy = proxy_start(strcmp(protocol, "smb") == 0 ? 445 : 2049);
    block = calloc(4, MIB);
    delay();
    speed();
    dead_server();
    free(block);
    proxy_stop(proxy);
    stage_strike();
    return tap_done();
}
