/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_lab.c: see kit_lab.h.
 */
#include "config.h"

#include "tools/conformance/kit_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"

struct kit_lab kit_lab;

/* What reading a field came to: a sentence, or nothing. */
struct reading {
    const struct mpr_json *document;
    const char *path;
    char *error;
    size_t size;
    bool bad;
};

__attribute__((format(printf, 2, 3))) static void refuse(struct reading *reading,
                                                         const char *format, ...) {
    char what[512];
    va_list arguments;

    if (reading->bad)
        return;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(reading->error, reading->size, "The lab file %s %s.", reading->path, what);
    reading->bad = true;
}

static void read_text(struct reading *reading, const char *key, const char **ret) {
    if (mpr_json_get_string(reading->document, key, ret) == MPR_JSON_WRONG)
        refuse(reading, "has a \"%s\" that is no text", key);
}

static void add_item(struct kit_list *list, const char *text) {
    list->items = realloc(list->items, (list->count + 1) * sizeof *list->items);
    if (!list->items)
        abort();
    list->items[list->count++] = text;
}

static void add_texts(struct reading *reading, const char *key, const struct mpr_json *array,
                      struct kit_list *list) {
    for (const struct mpr_json *item = mpr_json_first(array); item; item = mpr_json_next(item)) {
        char number[MPR_JSON_NUMBER_MAX];
        const char *text = mpr_json_as_text(item, number);

        if (!text || text == number)
            refuse(reading, "has a \"%s\" in which something is no text", key);
        else
            add_item(list, text);
    }
}

static void read_list(struct reading *reading, const char *key, struct kit_list *list) {
    const struct mpr_json *array;
    enum mpr_json_found found = mpr_json_get_array(reading->document, key, &array);

    if (found == MPR_JSON_WRONG)
        refuse(reading, "has a \"%s\" that is no list of texts", key);
    else if (found == MPR_JSON_FOUND)
        add_texts(reading, key, array, list);
}

static void read_pairs(struct reading *reading, const char *key, struct kit_list *list) {
    const struct mpr_json *array;
    enum mpr_json_found found = mpr_json_get_array(reading->document, key, &array);

    if (found == MPR_JSON_WRONG)
        refuse(reading, "has a \"%s\" that is no list of pairs", key);
    if (found != MPR_JSON_FOUND)
        return;
    for (const struct mpr_json *pair = mpr_json_first(array); pair; pair = mpr_json_next(pair)) {
        size_t before = list->count;

        add_texts(reading, key, pair, list);
        if (list->count != before + 2)
            refuse(reading, "has a \"%s\" in which something is no pair of names", key);
    }
}

static void read_ports(struct reading *reading) {
    const struct mpr_json *array;
    enum mpr_json_found found = mpr_json_get_array(reading->document, "ports", &array);

    if (found == MPR_JSON_WRONG)
        refuse(reading, "has \"ports\" that are no list");
    if (found != MPR_JSON_FOUND)
        return;
    for (const struct mpr_json *item = mpr_json_first(array); item; item = mpr_json_next(item)) {
        char buffer[MPR_JSON_NUMBER_MAX];
        const char *text = mpr_json_as_text(item, buffer);
        char *end;
        unsigned long port = text ? strtoul(text, &end, 10) : 0;

        if (!port || port > 65535 || *end || kit_lab.port_count == 8)
            refuse(reading, "has \"ports\" in which something is no port, or there are too many");
        else
            kit_lab.ports[kit_lab.port_count++] = (unsigned)port;
    }
}

/* "127.0.0.1:445" */
static bool is_address(const char *text) {
    struct in_addr address;
    char host[64] = "";
    unsigned port = 0;
    int end = 0;

    return sscanf(text, "%63[0-9.]:%u%n", host, &port, &end) == 2 && text[end] == '\0' && port > 0
           && port <= 65535 && inet_pton(AF_INET, host, &address) == 1;
}

static void check_addresses(struct reading *reading, const struct kit_list *list) {
    for (size_t i = 0; i < list->count; i++)
        if (!is_address(list->items[i]))
            refuse(reading, "has a \"relay\" to \"%s\", which is no IPv4 address with a port",
                   list->items[i]);
}

static void read_relay(struct reading *reading) {
    struct reading inner = *reading;

    switch (mpr_json_get_object(reading->document, "relay", &inner.document)) {
    case MPR_JSON_WRONG:
        refuse(reading, "has a \"relay\" that is no object");
        break;
    case MPR_JSON_FOUND:
        read_text(&inner, "name", &kit_lab.relay_name);
        read_list(&inner, "to", &kit_lab.relay_to);
        if (!inner.bad
            && (!kit_lab.relay_name || !kit_lab.relay_to.count
                || kit_lab.relay_to.count > KIT_RELAYS_MAX))
            refuse(&inner,
                   "has a \"relay\" without a \"name\", or without one to four ports \"to\"");
        check_addresses(&inner, &kit_lab.relay_to);
        reading->bad |= inner.bad;
        break;
    default:
        break;
    }
}

static void read_names(struct reading *reading) {
    const struct {
        const char *key;
        const char **value;
    } texts[] = {
        {"provider", &kit_lab.provider},   {"worker_module", &kit_lab.worker_module},
        {"missing", &kit_lab.missing},     {"refused", &kit_lab.refused},
        {"silent", &kit_lab.silent},       {"unknown", &kit_lab.unknown},
        {"login", &kit_lab.login},         {"user", &kit_lab.user},
        {"password", &kit_lab.password},   {"wrong_password", &kit_lab.wrong_password},
        {"user2", &kit_lab.user2},         {"password2", &kit_lab.password2},
        {"read_only", &kit_lab.read_only}, {"server", &kit_lab.server},
        {"printer", &kit_lab.printer},     {"stalls", &kit_lab.stalls},
        {"busy", &kit_lab.busy},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        read_text(reading, texts[i].key, texts[i].value);
    read_list(reading, "good", &kit_lab.good);
    read_list(reading, "foreign", &kit_lab.foreign);
    read_pairs(reading, "same", &kit_lab.same);
    read_pairs(reading, "different", &kit_lab.different);
    if (mpr_json_get_object(reading->document, "options", &kit_lab.options) == MPR_JSON_WRONG)
        refuse(reading, "has \"options\" that are no object");
    if (mpr_json_get_bool(reading->document, "case_sensitive", &kit_lab.case_sensitive)
        == MPR_JSON_WRONG)
        refuse(reading, "has a \"case_sensitive\" that is neither true nor false");
}

/* A misspelt field would make its checks "not applicable" in silence. */
static void refuse_unknown(struct reading *reading) {
    static const char known[] =
        " provider options worker_module good same different missing "
        "refused silent unknown foreign user password wrong_password "
        "login user2 password2 read_only server printer stalls case_sensitive "
        "ports relay busy comment ";

    for (const struct mpr_json *member = mpr_json_first(reading->document); member;
         member = mpr_json_next(member))
        if (!strstr(known, kit_text(" %s ", mpr_json_key(member))))
            refuse(reading, "has a field \"%s\", which is unknown", mpr_json_key(member));
}

static bool read_file(struct reading *reading, char **ret_text, size_t *ret_size) {
    FILE *file = fopen(reading->path, "re");
    char *text = malloc(MPR_JSON_MAX_SIZE + 1);

    if (!file || !text) {
        refuse(reading, "cannot be read: %s", strerror(errno));
    } else {
        *ret_size = fread(text, 1, MPR_JSON_MAX_SIZE, file);
        text[*ret_size] = '\0';
        if (ferror(file))
            refuse(reading, "cannot be read: %s", strerror(errno));
    }
    if (file)
        fclose(file);
    *ret_text = text;
    return !reading->bad;
}

bool kit_lab_read(const char *path, char *error, size_t error_size) {
    struct reading reading = {.path = path, .error = error, .size = error_size};
    struct mpr_json_fault fault;
    static struct mpr_json *document; /* the names in it are used until the end */
    char *text = NULL;
    size_t size = 0;

    if (!read_file(&reading, &text, &size)) {
        free(text);
        return false;
    }
    if (mpr_json_parse(text, size, &fault, &document)) {
        refuse(&reading, "is no JSON object: line %zu, column %zu: %s", fault.line, fault.column,
               fault.what);
        free(text);
        return false;
    }
    free(text);
    reading.document = document;
    kit_lab.path = path;
    read_names(&reading);
    read_ports(&reading);
    read_relay(&reading);
    refuse_unknown(&reading);
    if (!reading.bad && !kit_lab.good.count)
        refuse(&reading, "lacks the field \"good\": a list of names that connect");
    if (!reading.bad && !kit_lab.foreign.count)
        refuse(&reading, "lacks the field \"foreign\": a list of names of other providers");
    if (!kit_lab.login && kit_lab.good.count)
        kit_lab.login = kit_lab.good.items[0];
    return !reading.bad;
}

const char *kit_good(size_t n) {
    if (n >= kit_lab.good.count)
        kit_skip("the lab file has %zu good names, and this wants %zu", kit_lab.good.count, n + 1);
    return kit_lab.good.items[n];
}

const char *kit_need(const char *value, const char *field) {
    if (!value)
        kit_skip("the lab file has no \"%s\"", field);
    return value;
}
