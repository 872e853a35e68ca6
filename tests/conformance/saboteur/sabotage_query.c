/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sabotage_query.c: faults of user, performance, universal and format. The memory
 * provider has neither of the last two: "query-right" has both, without a fault.
 */
#include "config.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "tests/conformance/saboteur/saboteur.h"

#define TEXT_MAX 8192

/* ---- user */

static uint32_t user_cut(void *session, const struct mpr_call *call, char *buffer, size_t size) {
    char user[MPR_USER_MAX];
    uint32_t code = honest->user(session, call, user, sizeof user);

    if (code == NO_ERROR && size)
        snprintf(buffer, size, "%s", user);
    return code;
}

static void cut_user(struct mpr_provider *table) {
    table->user = user_cut;
}

static uint32_t user_without_nul(void *session, const struct mpr_call *call, char *buffer,
                                 size_t size) {
    char user[MPR_USER_MAX];
    uint32_t code = honest->user(session, call, user, sizeof user);

    if (code == NO_ERROR && strlen(user) > size)
        return ERROR_MORE_DATA;
    if (code == NO_ERROR)
        memcpy(buffer, user, strlen(user) + 1);
    return code;
}

static void write_past_user(struct mpr_provider *table) {
    table->user = user_without_nul;
}

static uint32_t user_with_domain(void *session, const struct mpr_call *call, char *buffer,
                                 size_t size) {
    char user[MPR_USER_MAX];
    uint32_t code = honest->user(session, call, user, sizeof user);

    if (code != NO_ERROR)
        return code;
    if (strlen(user) + sizeof "MEMORY\\" > size)
        return ERROR_MORE_DATA;
    snprintf(buffer, size, "MEMORY\\%s", user);
    return NO_ERROR;
}

static void decorate_user(struct mpr_provider *table) {
    table->user = user_with_domain;
}

/* ---- performance */

static uint32_t performance_invented(void *session, const struct mpr_call *call,
                                     struct mpr_performance *ret) {
    uint32_t code = honest->performance(session, call, ret);

    if (code == NO_ERROR)
        ret->delay_ms = 60000;
    return code;
}

static void invent_delay(struct mpr_provider *table) {
    table->performance = performance_invented;
}

static uint32_t performance_longer(void *session, const struct mpr_call *call,
                                   struct mpr_performance *ret) {
    uint32_t code = honest->performance(session, call, ret);

    if (code == NO_ERROR)
        *((volatile uint32_t *)(ret + 1)) = 0;
    return code;
}

static void other_structure(struct mpr_provider *table) {
    table->performance = performance_longer;
}

/* ---- universal */

static uint32_t put(const char *text, char *buffer, size_t size) {
    if (strlen(text) >= size)
        return ERROR_MORE_DATA;
    memcpy(buffer, text, strlen(text) + 1);
    return NO_ERROR;
}

/* \\memory\share\path, or ERROR_BAD_NET_NAME. */
static uint32_t spell(void *state, const char *remote, const char *path, char text[TEXT_MAX]) {
    struct mpr_recognised found = {.size = sizeof found};

    if (honest->recognise(state, remote, &found) != 1)
        return ERROR_BAD_NET_NAME;
    snprintf(text, TEXT_MAX, "\\\\%s%s", found.key, path);
    for (char *at = text; *at; at++)
        if (*at == '/')
            *at = '\\';
    return NO_ERROR;
}

#define SLOT_UNIVERSAL(name)                                                                       \
    static uint32_t name(void *state, const struct mpr_call *call, const char *device,             \
                         const char *remote, const char *path, char *buffer, size_t size)

SLOT_UNIVERSAL(universal_right) {
    char text[TEXT_MAX];
    uint32_t code = spell(state, remote, path, text);

    (void)call;
    (void)device;
    return code ? code : put(text, buffer, size);
}

SLOT_UNIVERSAL(universal_slashes) {
    uint32_t code = universal_right(state, call, device, remote, path, buffer, size);
    char *at = code ? NULL : strchr(buffer + 2, '\\');

    if (at)
        *at = '/';
    return code;
}

static void spell_slashes(struct mpr_provider *table) {
    table->universal = universal_slashes;
}

SLOT_UNIVERSAL(universal_cut) {
    char text[TEXT_MAX];
    uint32_t code = spell(state, remote, path, text);

    (void)call;
    (void)device;
    if (code == NO_ERROR && size)
        snprintf(buffer, size, "%s", text);
    return code;
}

static void cut_universal(struct mpr_provider *table) {
    table->universal = universal_cut;
}

SLOT_UNIVERSAL(universal_resolved) {
    struct addrinfo *found = NULL;

    if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    return universal_right(state, call, device, remote, path, buffer, size);
}

static void resolve_universal(struct mpr_provider *table) {
    table->universal = universal_resolved;
}

SLOT_UNIVERSAL(universal_260) {
    char text[TEXT_MAX];
    uint32_t code = spell(state, remote, path, text);

    (void)call;
    (void)device;
    text[259] = '\0';
    return code ? code : put(text, buffer, size);
}

static void only_260(struct mpr_provider *table) {
    table->universal = universal_260;
}

/* ---- format: names of these tests are ASCII */

/* The end of the name, after three dots; or lines of width characters. */
static void shape(const char *remote, uint32_t flags, uint32_t width, char text[TEXT_MAX]) {
    size_t length = strlen(remote), used = 0;

    if (!width || length <= width || !(flags & (WNFMT_MULTILINE | WNFMT_ABBREVIATED))) {
        snprintf(text, TEXT_MAX, "%s", remote);
    } else if (flags & WNFMT_ABBREVIATED) {
        snprintf(text, TEXT_MAX, "%.*s%s", width < 3 ? (int)width : 3, "...",
                 remote + length - (width < 3 ? 0 : width - 3));
    } else {
        for (size_t i = 0; i < length && used < TEXT_MAX - 2; i++) {
            if (i && i % width == 0)
                text[used++] = '\n';
            text[used++] = remote[i];
        }
        text[used] = '\0';
    }
}

#define SLOT_FORMAT(name)                                                                          \
    static uint32_t name(void *state, const struct mpr_call *call, const char *remote,             \
                         uint32_t flags, uint32_t width, char *buffer, size_t size)

SLOT_FORMAT(format_right) {
    char text[TEXT_MAX];

    (void)state;
    (void)call;
    shape(remote, flags, width, text);
    return put(text, buffer, size);
}

SLOT_FORMAT(format_cut) {
    char text[TEXT_MAX];

    (void)state;
    (void)call;
    shape(remote, flags, width, text);
    if (size)
        snprintf(buffer, size, "%s", text);
    return NO_ERROR;
}

static void cut_format(struct mpr_provider *table) {
    table->format = format_cut;
}

SLOT_FORMAT(format_one_line) {
    return format_right(state, call, remote, flags & ~WNFMT_MULTILINE, width, buffer, size);
}

static void ignore_lines(struct mpr_provider *table) {
    table->format = format_one_line;
}

SLOT_FORMAT(format_whole) {
    return format_right(state, call, remote, flags & ~WNFMT_ABBREVIATED, width, buffer, size);
}

static void ignore_width(struct mpr_provider *table) {
    table->format = format_whole;
}

static void have_both(struct mpr_provider *table) {
    table->universal = universal_right;
    table->format = format_right;
}

const struct sabotage sabotage_query[] = {
    {"query-right", "no fault: universal and format as they should be", have_both},
    {"user-cut", "OpenAFS 31d80e646: a text is cut to the buffer, and that is success", cut_user},
    {"user-past", "OpenAFS da89855b4: a length without its NUL", write_past_user},
    {"user-domain", "the user is told in a form that cannot connect", decorate_user},
    {"perf-invented", "a delay that nobody measured", invent_delay},
    {"perf-structure", "dokany #653: the two sides disagree on the size of a structure",
     other_structure},
    {"uni-slashes", "slashes in a name for Windows", spell_slashes},
    {"uni-cut", "OpenAFS 31d80e646: a name is cut to the buffer, and that is success",
     cut_universal},
    {"uni-resolves", "winfsp #87: a question of syntax asks the network", resolve_universal},
    {"uni-260", "a path of more than 260 characters is cut", only_260},
    {"fmt-cut", "OpenAFS 31d80e646: a text is cut to the buffer, and that is success", cut_format},
    {"fmt-lines", "a text of several lines is given as one", ignore_lines},
    {"fmt-width", "an abbreviation is as long as the name", ignore_width},
    {NULL, NULL, NULL},
};
