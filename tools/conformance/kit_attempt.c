/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_attempt.c: see kit_attempt.h.
 */
#include "config.h"

#include "tools/conformance/kit_attempt.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mpr/winnetwk.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_relay.h"

#define CUT_AGAIN_MS 20 /* the module may have made another connection meanwhile */
#define NOBODY       65534

/* ---- the other thread */

static void cut_connections(void) {
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        int fd = (int)strtol(entry->d_name, NULL, 10), protocol = 0;
        socklen_t size = sizeof protocol;

        if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0
            && protocol == IPPROTO_TCP)
            shutdown(fd, SHUT_RDWR);
    }
    if (directory)
        closedir(directory);
}

static void *run_timer(void *argument) {
    struct kit_timer *timer = argument;
    struct pollfd over = {.fd = timer->over, .events = POLLIN};

    for (;;) {
        int64_t next = timer->cancel_at < timer->end_at ? timer->cancel_at : timer->end_at;
        int64_t left = next - kit_ms();

        if (poll(&over, 1, left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left) > 0)
            return NULL;
        if (kit_ms() < next)
            continue;
        if (timer->call.cancel_fd >= 0)
            kit_call_cancel(&timer->call);
        timer->cancel_at = INT64_MAX;
        timer->end_at = timer->cut ? kit_ms() + CUT_AGAIN_MS : INT64_MAX;
        if (timer->cut)
            cut_connections();
    }
}

void kit_timer_begin(struct kit_timer *timer, const struct mpr_call *call, int cancel_ms) {
    bool hosted = kit_table->flags & MPR_PROVIDER_OWN_PROCESS;

    *timer = (struct kit_timer){
        .call = *call,
        .cancel_at = cancel_ms >= 0 ? kit_ms() + cancel_ms : INT64_MAX,
        .end_at = hosted ? call->deadline_ns / 1000000 + CUT_AGAIN_MS : INT64_MAX,
        .over = eventfd(0, EFD_CLOEXEC),
        .cut = hosted,
    };
    if (timer->over < 0 || pthread_create(&timer->thread, NULL, run_timer, timer))
        kit_broken("no thread can be started: %s", strerror(errno));
}

void kit_timer_end(struct kit_timer *timer) {
    eventfd_write(timer->over, 1);
    pthread_join(timer->thread, NULL);
    close(timer->over);
}

/* ---- an attempt */

static const struct mpr_connect *make_arguments(const struct kit_attempt *attempt) {
    static char connection;
    struct mpr_connect args = {
        .size = sizeof args,
        .type = attempt->type,
        .flags = attempt->flags,
        .remote = kit_ro(attempt->remote),
        .device = kit_ro(attempt->device),
        .user = kit_ro(attempt->user),
        .host_connection = &connection,
        .use_options = attempt->use_options,
        .use_options_size = attempt->use_options_size,
    };

    return kit_read_only(&args, sizeof args);
}

static struct mpr_call make_call(const struct kit_attempt *attempt) {
    int ms = attempt->ms ? attempt->ms : kit_connect_ms();
    struct mpr_call call = kit_call(ms);

    if (attempt->cancel_ms < 0)
        kit_call_cancel(&call);
    if (attempt->as_nobody)
        call.uid = call.gid = NOBODY;
    if (attempt->no_cancel) {
        close(call.cancel_fd);
        call.cancel_fd = -1;
    }
    return call;
}

struct kit_connected kit_attempt(const struct kit_attempt *attempt) {
    static char untouched;
    const struct mpr_connect *args = make_arguments(attempt);
    struct mpr_call call = make_call(attempt);
    struct kit_connected ret = {.session = &untouched};
    struct kit_timer timer;
    int64_t began;

    call.host_data = &untouched;
    ret.call = kit_read_only(&call, sizeof call);
    kit_doing("connect(\"%s\", %s%s, flags 0x%x, type %u)", attempt->remote,
              attempt->user ? "user " : "no user", attempt->user ? attempt->user : "",
              (unsigned)attempt->flags, (unsigned)attempt->type);
    kit_told_clear();
    kit_secret = attempt->password;
    kit_timer_begin(&timer, &call, attempt->cancel_ms ? abs(attempt->cancel_ms) : -1);
    began = kit_ms();
    ret.answer = kit_table->connect(kit_state_of_table, ret.call, args, &ret.session, &ret.code);
    ret.ms = kit_ms() - began;
    kit_timer_end(&timer);
    if (call.cancel_fd >= 0)
        close(call.cancel_fd);
    ret.touched = ret.answer != MPR_DONE && ret.session != &untouched;
    if (ret.answer != MPR_DONE)
        ret.session = NULL;
    else if (ret.session == &untouched || !ret.session)
        kit_fail("a session with MPR_DONE", "none");
    return ret;
}

struct kit_attempt kit_attempt_good(const char *remote) {
    return (struct kit_attempt){
        .remote = remote, .user = kit_lab.user, .password = kit_lab.password};
}

/* ---- attempts that fail */

size_t kit_failing(struct kit_failing *ret) {
    const struct kit_failing all[] = {
        {"missing", kit_attempt_good(kit_lab.missing)},
        {"refused", kit_attempt_good(kit_lab.refused)},
        {"unknown", kit_attempt_good(kit_lab.unknown)},
        {"wrong password",
         {.remote = kit_lab.wrong_password ? kit_lab.login : NULL,
          .user = kit_lab.user,
          .password = kit_lab.wrong_password}},
        {"unknown user",
         {.remote = kit_lab.password ? kit_lab.login : NULL,
          .user = "kit-nobody-of-that-name",
          .password = kit_lab.password}},
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].attempt.remote)
            ret[count++] = all[i];
    if (!count)
        kit_skip("the lab file has no name that fails: \"missing\", \"refused\" or \"unknown\"");
    return count;
}

struct kit_connected kit_must_fail(const struct kit_failing *failing) {
    struct kit_connected got = kit_attempt(&failing->attempt);

    if (got.answer == MPR_DONE)
        kit_fail(kit_text("a failure: this is the lab's \"%s\"", failing->kind), "MPR_DONE");
    return got;
}

/* ---- silence */

const char *kit_silent_name(void) {
    const char *name = kit_lab.silent;

    if (name)
        return name;
    if (!kit_lab.relay_name)
        kit_need(NULL, "silent");
    name = kit_relay_name();
    kit_relay_silence();
    return name;
}

void *kit_stall_connect(void) {
    if (!kit_lab.relay_name && !kit_lab.stalls)
        kit_skip("the lab file has neither \"relay\" nor \"stalls\"");
    return kit_connect_good(kit_lab.relay_name ? kit_relay_name() : kit_lab.stalls);
}

void kit_stall_begin(void) {
    if (kit_lab.relay_name)
        kit_relay_silence();
}

void *kit_connect_beside(const char *remote) {
    struct kit_attempt attempt = kit_attempt_good(remote);
    struct kit_connected got = kit_attempt(&attempt);

    if (got.answer == MPR_MINE_FAILED && got.code == ERROR_BUSY
        && (kit_table->flags & MPR_PROVIDER_OWN_PROCESS))
        kit_skip("the module runs in a process for each connection");
    if (got.answer != MPR_DONE)
        kit_fail("MPR_DONE: another session beside the first", "answer %d, %s", (int)got.answer,
                 kit_code_name(got.code));
    return got.session;
}

const char *kit_ailment(void *session) {
    struct mpr_call call = kit_call(5000);
    char user[MPR_USER_MAX];
    struct mpr_stat found;
    const char *ret = NULL;
    int64_t rc;

    if (kit_table->stat) {
        kit_doing("stat(\"\")");
        rc = kit_table->stat(session, &call, kit_ro(""), &found);
        ret = rc ? kit_text("stat of the connection's root gave %lld (%s)", (long long)rc,
                            strerror((int)-rc))
                 : NULL;
    } else if (kit_table->user) {
        kit_doing("user");
        rc = kit_table->user(session, &call, user, sizeof user);
        ret = rc ? kit_text("user gave %s", kit_code_name((uint32_t)rc)) : NULL;
    }
    close(call.cancel_fd);
    return ret;
}
