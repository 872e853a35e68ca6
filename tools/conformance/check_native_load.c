/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_native_load.c: loading a native module, its start and its end, and what
 * that does to the process.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_module.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_subject.h"
#include "tools/conformance/kit_watch.h"

#define OPTIONS_MAX 64
#define INIT_MS     100

static void loads(void) {
    kit_native_load();
}

static void loads_without_network(void) {
    int64_t began = kit_ms();

    kit_native_open();
    kit_within(began, 2 * INIT_MS);
    kit_expect(kit_network_calls() == 0, "no network while it is loaded and started", "%s",
               kit_network_call());
}

static void loads_twice(void) {
    const struct mpr_provider *first;

    kit_native_load();
    first = kit_table;
    kit_native_load();
    kit_expect(first == kit_table, "the same table when it is loaded once more", "another one");
}

static bool is_query(const char *name) {
    return strcmp(name, MPR_PROVIDER_QUERY) == 0;
}

static void exports_one_symbol(void) {
    kit_exports_only(is_query, "no symbol but " MPR_PROVIDER_QUERY);
}

static void do_nothing(void *context) {
    (void)context;
}

static void survives_fork(void) {
    void *session;

    kit_native_open();
    session = kit_connect_good(kit_good(0));
    kit_in_child(do_nothing, NULL);
    kit_disconnect(session);
    kit_disconnect(kit_connect_good(kit_good(0)));
}

static void leaves_the_process_alone(void) {
    char *before = kit_process_state();

    kit_native_load();
    if ((kit_front->flags | kit_table->flags) & MPR_PROVIDER_OWN_PROCESS)
        kit_skip("the provider has a process of its own, and nothing else is there");
    kit_native_open();
    kit_process_same(before, "after it was loaded and started");
    kit_disconnect(kit_connect_good(kit_good(0)));
    kit_process_same(before, "after a connect and a disconnect");
    if (kit_lab.missing)
        kit_connect(kit_lab.missing, kit_lab.user, kit_lab.password);
    kit_process_same(before, "after a connect that failed");
    free(before);
}

/* ---- init */

static const struct mpr_provider *table_of_init(void) {
    kit_native_load();
    return kit_table;
}

/* The lab's options and one more, of which the last of a name counts. */
static const struct mpr_option *with(const char *name, const char *value) {
    static struct mpr_option options[OPTIONS_MAX + 2];
    size_t count = 0;

    for (const struct mpr_option *option = kit_subject.options;
         option && option->name && count < OPTIONS_MAX; option++)
        if (strcmp(option->name, name) != 0)
            options[count++] = *option;
    options[count++] = (struct mpr_option){name, value};
    options[count] = (struct mpr_option){NULL, NULL};
    return kit_read_only(options, (count + 1) * sizeof *options);
}

static uint32_t start(const struct mpr_option *options, char *error, size_t size, void **state) {
    int64_t began = kit_ms();
    uint32_t code = kit_table->init(&kit_host, options, error, size, state);

    kit_within(began, INIT_MS);
    return code;
}

static void ignores_unknown_options(void) {
    char error[512] = "";
    void *state = NULL;
    uint32_t code;

    if (!table_of_init()->init)
        kit_skip("the provider has no init");
    kit_doing("init with an option \"x-conformance\" that nobody knows");
    code = start(with("x-conformance", "1"), error, sizeof error, &state);
    kit_expect(code == NO_ERROR, "success, the option is ignored", "%s: %s", kit_code_name(code),
               error);
}

/* The router's own, which the provider may know or not. */
static bool is_routers(const char *name) {
    return strcmp(name, "connect_timeout_ms") == 0 || strcmp(name, "io_timeout_ms") == 0;
}

/* A number or a truth value has values that are wrong; a text may be anything. */
static bool has_wrong_values(const char *value) {
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0
           || (*value && strspn(value, "0123456789") == strlen(value));
}

/* True: the provider knows the option, and refused the value properly. */
static bool refuses(const char *name) {
    char *error = kit_room(512);
    void *state = NULL;
    uint32_t code;

    memset(error, 0, 512);
    kit_doing("init with the option \"%s\": \"no such value\"", name);
    code = start(with(name, "no such value"), error, 512, &state);
    if (code == NO_ERROR)
        return false;
    kit_expect(kit_code_known(code), "a Win32 code", "%s", kit_code_name(code));
    kit_expect(memchr(error, '\0', 512) && strstr(error, name),
               kit_text("a text that names the option %s", name), "%.500s", error);
    return true;
}

static void refuses_bad_options(void) {
    unsigned refused = 0;

    if (!table_of_init()->init)
        kit_skip("the provider has no init");
    for (const struct mpr_option *option = kit_subject.options; option && option->name; option++)
        if (has_wrong_values(option->value) && !is_routers(option->name)) {
            kit_expect(refuses(option->name), "a refusal: the lab's value is no text", "success");
            refused++;
        }
    refused += refuses("connect_timeout_ms");
    if (!refused)
        kit_skip("the lab gives the provider no option that has wrong values, and it knows no "
                 "connect_timeout_ms");
    kit_note("%u options", refused);
}

/* One whose value can be wrong. */
static const char *option_to_spoil(void) {
    for (const struct mpr_option *option = kit_subject.options; option && option->name; option++)
        if (has_wrong_values(option->value) && !is_routers(option->name))
            return option->name;
    return "connect_timeout_ms";
}

static void keeps_to_the_error_buffer(void) {
    char *error = kit_room(8);
    const char *name = option_to_spoil();
    void *state = NULL;
    uint32_t code;

    if (!table_of_init()->init)
        kit_skip("the provider has no init");
    kit_doing("init with a bad %s and an error buffer of 8 bytes", name);
    code = start(with(name, "no such value"), error, 8, &state);
    if (code == NO_ERROR)
        kit_skip("the provider knows no %s", name);
    kit_expect(memchr(error, '\0', 8) && kit_room_intact(error),
               "a text that is cut off and terminated", "one that is not");
}

/* ---- and its end */

static void start_and_end(void *context) {
    static const struct mpr_option none[] = {{NULL, NULL}};
    char error[512] = "";
    void *state = NULL;
    uint32_t code = NO_ERROR;

    (void)context;
    if (kit_table->init)
        code = start(kit_subject.options ? kit_subject.options : none, error, sizeof error, &state);
    kit_expect(code == NO_ERROR, "success each time", "%s: %s", kit_code_name(code), error);
    kit_table->fini(state);
}

static void ends_without_trace(void) {
    struct kit_state before;
    size_t leak;

    table_of_init();
    if ((kit_front->flags | kit_table->flags)
        & MPR_PROVIDER_OWN_PROCESS) /* which ends there with the process */
        kit_table = kit_front;
    if (!kit_table->fini)
        kit_skip("the provider has no fini");
    start_and_end(NULL);
    before = kit_state();
    kit_doing("init and fini, again and again");
    leak = kit_leak(start_and_end, NULL, kit_rounds(50));
    kit_expect(leak == 0, "no memory left behind", "%zu bytes a round", leak);
    kit_state_same(&before, "after fini");
}

static void starts_again(void) {
    void *session;

    kit_native_open();
    if (!kit_table->fini)
        kit_skip("the provider has no fini");
    kit_disconnect(kit_connect_good(kit_good(0)));
    kit_doing("fini");
    kit_table->fini(kit_state_of_table);
    if (kit_front != kit_table && kit_front->fini)
        kit_front->fini(kit_front_state);
    kit_native_open();
    session = kit_connect_good(kit_good(0));
    kit_disconnect(session);
}

const struct kit_check kit_checks_native_load[] = {
    {"LOAD-01", KIT_MUST, loads, "The module loads, and has a mpr_provider_query of its own",
     "This is the one symbol that makes it a provider.", "mpr-provider(7), native providers"},
    {"LOAD-03", KIT_MUST, loads_without_network, "Loading and init touch no network",
     "Every program that uses the router loads every provider: it must not wait for any server.",
     "mpr/provider.h, init: no network, under 100 ms"},
    {"LOAD-04", KIT_MUST, loads_twice, "Loaded once more, it has the same table",
     "A process may have several routers, one after the other.", "mpr/provider.h, mpr_provider"},
    {"LOAD-08", KIT_SHOULD, exports_one_symbol, "The module exports mpr_provider_query only",
     "What else it exports may take the place of another module's, or be replaced by it.",
     "mpr-provider(7), installing it: -fvisibility=hidden"},
    {"LOAD-10", KIT_MUST, survives_fork, "After a fork the sessions of the parent work on",
     "Programs fork at any time, and most of them know of no provider.", "MprInitialize(3), fork"},
    {"LOAD-11", KIT_MUST, leaves_the_process_alone,
     "Signals, locale, directory, umask, environment and limits stay as they are",
     "They are the program's, which knows nothing of the provider.", "mpr/provider.h, rule 6"},
    {"TBL-11", KIT_MUST, ignores_unknown_options, "init ignores options that it does not know",
     "A drop-in may be written for a newer version, or have options for the router.",
     "mpr/provider.h, init"},
    {"TBL-12", KIT_MUST, refuses_bad_options,
     "init refuses a bad value with a Win32 code, and a text that names the option",
     "Whoever mistyped it wants to know; a default in its place would hide that.",
     "mpr/provider.h, init"},
    {"TBL-13", KIT_MUST, keeps_to_the_error_buffer, "init keeps to the size of its error buffer",
     "The host decides how long a text it has room for.", "mpr/provider.h, init"},
    {"TBL-14", KIT_MUST, ends_without_trace, "fini gives everything back that init took",
     "A program may start and end the router again and again.", "mpr/provider.h, fini"},
    {"TBL-15", KIT_MUST, starts_again, "After fini, init starts the provider anew",
     "A program may end the router and start it again, with other options.",
     "MprInitialize(3), starting and ending"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
