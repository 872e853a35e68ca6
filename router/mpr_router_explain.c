/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_router_explain.c: the way to a resource, step by step, and where it ends.
 */
#include "config.h"

#include "router/mpr_router.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/winerror.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_failures.h"
#include "router/mpr_reach.h"
#include "router/mpr_route.h"
#include "router/mpr_router_advice.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"

#define STEPS    6
#define HOST_MAX 256
#define TEXT_MAX 1024

/* An explanation under way. */
struct explaining {
    struct mpr_router *router;
    char *remote;
    struct mpr_np *np;
    struct mpr_conn *conn;    /* that is connected to it, or NULL */
    struct mpr_failed *notes; /* of all failed connects */
    size_t note_count;
    const struct mpr_failed *last; /* of this name, since it was connected last; or NULL */
    int64_t deadline_ns;
    struct mpr_step_list list;
    bool by_device; /* the device of a connection was named: what failed was another one */
    bool stopped;   /* a step has failed */
    bool no_memory; /* for a step's words */
};

/* --- steps --- */

__attribute__((format(printf, 5, 6))) static void add(struct explaining *explaining,
                                                      const char *name, int64_t begun_ns,
                                                      DWORD code, const char *format, ...) {
    struct mpr_step_item *item = &explaining->list.items[explaining->list.count++];
    va_list arguments;

    *item = (struct mpr_step_item){
        .outcome = code == NO_ERROR ? MPR_STEP_OK : MPR_STEP_FAILED,
        .milliseconds = begun_ns ? (uint32_t)((mpr_now_ns() - begun_ns) / MPR_NS_PER_MS) : 0,
        .code = code,
        .step = strdup(name),
    };
    va_start(arguments, format);
    if (vasprintf(&item->words, format, arguments) < 0)
        item->words = NULL;
    va_end(arguments);
    explaining->stopped |= code != NO_ERROR;
    explaining->no_memory |= !item->step || !item->words;
}

static void skip(struct explaining *explaining, const char *name, const char *why) {
    bool stopped = explaining->stopped;

    add(explaining, name, 0, NO_ERROR, "%s", stopped ? "Not tried: a step before it failed." : why);
    explaining->list.items[explaining->list.count - 1].outcome = MPR_STEP_SKIPPED;
}

/* --- name and tcp --- */

static bool find_endpoint(const struct explaining *explaining, char host[HOST_MAX],
                          uint16_t *ret_port) {
    const struct mpr_np *np = explaining->np;
    int found = 0;

    *ret_port = 0;
    if (!np->table->endpoint)
        return false;
    mpr_call_enter();
    found = np->table->endpoint(np->state, explaining->remote, host, HOST_MAX, ret_port);
    mpr_call_leave();
    return found != 0 && memchr(host, '\0', HOST_MAX) && *host;
}

/* "10.1.2.3 answered after 2 ms, fd00::1: Connection refused" */
static void write_addresses(const struct mpr_reach *reach, bool outcomes, char *text, size_t size) {
    size_t length = 0;

    *text = '\0';
    for (size_t i = 0; i < reach->count && length < size; i++) {
        const struct mpr_reach_address *address = &reach->addresses[i];
        char outcome[128] = "";

        if (outcomes && address->error == 0)
            snprintf(outcome, sizeof outcome, " answered after %u ms", address->ms);
        else if (outcomes && address->error > 0)
            snprintf(outcome, sizeof outcome, ": %s", strerror(address->error));
        else if (outcomes)
            snprintf(outcome, sizeof outcome, " had not answered by then");
        length += (size_t)snprintf(text + length, size - length, "%s%s%s", i ? ", " : "",
                                   address->text, outcome);
    }
}

static void look_up(struct explaining *explaining, const char *host, uint16_t port,
                    struct mpr_reach *ret) {
    int64_t begun_ns = mpr_now_ns();
    char addresses[TEXT_MAX];
    int gai = 0;
    int rc = mpr_reach_resolve(host, port, explaining->deadline_ns, ret, &gai);

    write_addresses(ret, false, addresses, sizeof addresses);
    if (!rc && ret->count == 1 && strcmp(addresses, host) == 0)
        add(explaining, "name", begun_ns, NO_ERROR, "%s is an address.", host);
    else if (!rc)
        add(explaining, "name", begun_ns, NO_ERROR, "%s is %s.", host, addresses);
    else if (rc == -ENXIO)
        add(explaining, "name", begun_ns, ERROR_BAD_NETPATH,
            "The name %s was not found (%s). Check its spelling, /etc/hosts and the DNS servers in "
            "/etc/resolv.conf, or write the server's address instead.",
            host, gai_strerror(gai));
    else if (rc == -ETIMEDOUT)
        add(explaining, "name", begun_ns, ERROR_BAD_NETPATH,
            "Nobody has said where %s is in the time that a connect may take. Check that the DNS "
            "servers in /etc/resolv.conf answer, or write the server's address instead.",
            host);
    else
        add(explaining, "name", begun_ns, ERROR_UNEXP_NET_ERR,
            "The name %s could not be looked up: %s.", host, strerror(-rc));
    explaining->no_memory |= rc == -ENOMEM;
}

static void try_addresses(struct explaining *explaining, const char *host, uint16_t port,
                          struct mpr_reach *reach) {
    int64_t begun_ns = mpr_now_ns();
    int rc = mpr_reach_connect(reach, explaining->deadline_ns);
    char outcomes[TEXT_MAX];

    write_addresses(reach, true, outcomes, sizeof outcomes);
    add(explaining, "tcp", begun_ns, rc ? mpr_router_advice_code(-rc) : NO_ERROR,
        "Port %u of %s: %s.%s%s", port, host, outcomes, rc ? " " : "",
        rc ? mpr_router_advice_reach(-rc) : "");
}

static void reach(struct explaining *explaining) {
    struct mpr_reach found = {.count = 0};
    char host[HOST_MAX];
    uint16_t port;

    if (!find_endpoint(explaining, host, &port)) {
        skip(explaining, "name", "The provider names no server for this resource.");
        skip(explaining, "tcp", "The provider names no server for this resource.");
        return;
    }
    look_up(explaining, host, port, &found);
    if (explaining->stopped || !port)
        skip(explaining, "tcp", "The provider names no port.");
    else
        try_addresses(explaining, host, port, &found);
}

/* --- protocol, login and share --- */

static const char *const step_names[] = {
    [MPR_ADVICE_PROTOCOL] = "protocol", [MPR_ADVICE_LOGIN] = "login", [MPR_ADVICE_SHARE] = "share"};

/* Who took all the time that there was is silent, whatever the code. */
static const char *advise(const struct explaining *explaining, DWORD code, uint32_t ms) {
    bool silent = mpr_router_advice_step(code) == MPR_ADVICE_PROTOCOL
                  && ms >= explaining->np->connect_timeout_ms / 10 * 9;

    return mpr_router_advice(silent ? ERROR_TIMEOUT : code);
}

/* A step before the one that failed. Nothing is claimed that nobody has seen. */
static void tell_passed(struct explaining *explaining, enum mpr_advice_step step,
                        enum mpr_advice_step ended) {
    if (ended == MPR_ADVICE_UNKNOWN)
        skip(explaining, step_names[step], "What failed does not say whether it came so far.");
    else
        add(explaining, step_names[step], 0, NO_ERROR, "%s",
            step == MPR_ADVICE_PROTOCOL ? "The server answers in this protocol."
                                        : "The server has let the user in.");
}

/* All that can be said of a failure; age: seconds that it is old, or 0. */
static void tell_failure(struct explaining *explaining, DWORD code, const char *words, uint32_t ms,
                         int64_t age) {
    enum mpr_advice_step ended = mpr_router_advice_step(code), shown = ended;
    char ago[64] = "";

    if (age > 0)
        snprintf(ago, sizeof ago, "%lld s ago: ", (long long)age);
    if (ended == MPR_ADVICE_HERE)
        shown = MPR_ADVICE_PROTOCOL;
    else if (ended == MPR_ADVICE_UNKNOWN)
        shown = MPR_ADVICE_SHARE;
    for (enum mpr_advice_step i = MPR_ADVICE_PROTOCOL; i <= MPR_ADVICE_SHARE; i++) {
        if (i > shown)
            skip(explaining, step_names[i], "");
        else if (i < shown)
            tell_passed(explaining, i, ended);
        else
            add(explaining, step_names[i], 0, code, "%s%s %s%s", ago, words,
                ended == MPR_ADVICE_HERE ? "The fault is on this machine, not the server's. " : "",
                advise(explaining, code, ms));
        explaining->list.items[explaining->list.count - 1].milliseconds = i == shown ? ms : 0;
    }
}

static void tell_success(struct explaining *explaining, int64_t begun_ns, const char *words) {
    add(explaining, "protocol", begun_ns, NO_ERROR, "The server answers in this protocol.");
    add(explaining, "login", 0, NO_ERROR, "The server has let the user in.");
    add(explaining, "share", 0, NO_ERROR, "%s", words);
}

static void try_connect(struct explaining *explaining) {
    struct mpr_failure failure = {.set = false};
    int64_t begun_ns = mpr_now_ns();
    DWORD code =
        mpr_router_try(explaining->np, explaining->remote, explaining->deadline_ns, &failure);

    if (code == NO_ERROR)
        tell_success(explaining, begun_ns,
                     "It could be connected as the default user just now, and was disconnected "
                     "again.");
    else
        tell_failure(explaining, code, failure.set ? failure.text : mpr_status_text(code),
                     (uint32_t)((mpr_now_ns() - begun_ns) / MPR_NS_PER_MS), 0);
}

/*
 * What was wrong here or with the network says nothing of now: that is tried again. A login
 * that failed is told also of what is connected, as somebody else or before.
 */
static void go_further(struct explaining *explaining) {
    const struct mpr_failed *last = explaining->last;

    if (explaining->stopped) {
        skip(explaining, "protocol", "");
        skip(explaining, "login", "");
        skip(explaining, "share", "");
    } else if (last && mpr_router_advice_step(last->code) > MPR_ADVICE_PROTOCOL) {
        tell_failure(explaining, last->code, last->words, last->ms,
                     (mpr_now_ns() - last->ended_ns) / MPR_NS_PER_S);
    } else if (explaining->conn) {
        tell_success(explaining, mpr_now_ns(), "It is connected.");
    } else {
        try_connect(explaining);
    }
}

/* --- what is to be explained --- */

static DWORD name_device(struct explaining *explaining, const struct mpr_device *device) {
    struct mpr_conn *conn = mpr_conntab_find_device(device->index);
    struct mpr_profile_entry entry;
    bool found;
    DWORD rc;

    if (conn && mpr_conntab_is_connected(conn)) {
        explaining->remote = strdup(conn->facts.remote);
        explaining->by_device = true;
        mpr_conntab_unref(conn);
        return explaining->remote ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
    }
    if (conn)
        mpr_conntab_unref(conn);
    rc = mpr_profile_find(explaining->router->paths, device->name, &found, &entry);
    if (rc != NO_ERROR)
        return rc;
    explaining->remote = MPR_TAKE(entry.remote);
    mpr_profile_entry_clear(&entry);
    return found ? NO_ERROR
                 : mpr_error_say(ERROR_NOT_CONNECTED, "%s is neither connected nor remembered.",
                                 device->name);
}

static DWORD name_remote(struct explaining *explaining, const char *name) {
    struct mpr_device device;
    DWORD rc;

    if (name && mpr_name_device(name, &device))
        return name_device(explaining, &device);
    if (!name && !explaining->note_count)
        return mpr_error_say(ERROR_NOT_FOUND,
                             "No connect has failed: say which name is to be explained.");
    if (!name)
        name = explaining->notes[0].remote;
    rc = mpr_router_check_remote(name);
    if (rc != NO_ERROR)
        return rc;
    explaining->remote = strdup(name);
    return explaining->remote ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

static void find_note(struct explaining *explaining) {
    for (size_t i = 0; i < explaining->note_count && !explaining->last && !explaining->by_device;
         i++)
        if (mpr_router_is_same_resource(explaining->router, explaining->notes[i].remote,
                                        explaining->remote))
            explaining->last = &explaining->notes[i];
}

/* Whose connection there is, who failed last, or who takes the name first. */
static void find_provider(struct explaining *explaining) {
    struct mpr_providers *providers = explaining->router->providers;
    struct mpr_recognised recognised;

    explaining->conn = mpr_router_find_remote(explaining->router, explaining->remote);
    if (explaining->conn)
        explaining->np = explaining->conn->facts.np;
    for (size_t i = 0; i < providers->count && !explaining->conn; i++) {
        struct mpr_np *np = &providers->items[i];

        if (!np->table || !mpr_np_recognise(np, explaining->remote, &recognised))
            continue;
        if (!explaining->np
            || (explaining->last && strcmp(np->name, explaining->last->provider) == 0))
            explaining->np = np;
    }
}

static DWORD explain(struct explaining *explaining, const char *name) {
    DWORD rc = mpr_failures_list(&explaining->notes, &explaining->note_count);

    if (rc == NO_ERROR)
        rc = name_remote(explaining, name);
    if (rc != NO_ERROR)
        return rc;
    if (!explaining->router->providers->loaded)
        return mpr_error_say(ERROR_NO_NETWORK, "No network provider is loaded.");
    find_note(explaining);
    find_provider(explaining);
    if (!explaining->np)
        return mpr_route_nobodys(explaining->remote);
    explaining->list.items = calloc(STEPS, sizeof *explaining->list.items);
    if (!explaining->list.items)
        return ERROR_NOT_ENOUGH_MEMORY;
    explaining->deadline_ns = mpr_deadline_in_ms(explaining->np->connect_timeout_ms);
    add(explaining, "provider", 0, NO_ERROR, "The provider %s takes this name.",
        explaining->np->name);
    reach(explaining);
    go_further(explaining);
    return explaining->no_memory ? ERROR_NOT_ENOUGH_MEMORY : NO_ERROR;
}

DWORD mpr_router_explain(struct mpr_router *router, const struct mpr_explain_args *args,
                         struct mpr_explain_ret *ret) {
    struct explaining explaining = {.router = router};
    DWORD rc = explain(&explaining, args->remote);

    if (rc == NO_ERROR)
        ret->list = explaining.list;
    else
        mpr_step_list_clear(&explaining.list);
    if (explaining.conn)
        mpr_conntab_unref(explaining.conn);
    mpr_failures_free(explaining.notes, explaining.note_count);
    free(explaining.remote);
    return rc;
}
