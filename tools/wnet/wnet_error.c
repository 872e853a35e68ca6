/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_error.c: what went wrong, as "net use" says it, or as an object of JSON.
 *
 * The network's own codes, from 2100 to 2999, have another first line there than the
 * system's.
 */
#include "config.h"

#include "tools/wnet/wnet_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mpr.h>
#include <mpr/winnetwk.h>

#include "tools/wnet/wnet.h"
#include "tools/wnet/wnet_alloc.h"
#include "tools/wnet/wnet_json.h"
#include "tools/wnet/wnet_text.h"

#define WORDS_MAX         2048
#define NAME_MAX_         256
#define IS_NETWORKS(code) ((code) >= 2100 && (code) < 3000)

/* A failure, whoever detected it. */
struct failure {
    const char *kind; /* "syntax", "system" or "other" */
    DWORD code, native;
    const char *message; /* the sentence of the code, or all that there is to say */
    const char *words;
    const char *provider;
};

static bool in_json;

void wnet_error_in_json(bool json) {
    in_json = json;
}

bool wnet_error_is_in_json(void) {
    return in_json;
}

static void put_object(const struct failure *failure) {
    struct wnet_json json;

    wnet_json_begin(&json, stdout);
    wnet_json_open(&json, "error", '{');
    wnet_json_text(&json, "kind", failure->kind);
    wnet_json_number(&json, "code", failure->code);
    wnet_json_text(&json, "message", failure->message);
    wnet_json_name(&json, "words", failure->words);
    wnet_json_name(&json, "provider", failure->provider);
    wnet_json_number(&json, "native", failure->native);
    wnet_json_close(&json, '}');
    wnet_json_end(&json);
}

static void put_sentences(const struct failure *failure) {
    fflush(stdout);
    if (failure->code && !IS_NETWORKS(failure->code))
        fprintf(stderr, "System error %u has occurred.\n\n", failure->code);
    wnet_text_put_lines(stderr, "", failure->message);
    if (IS_NETWORKS(failure->code))
        fprintf(stderr, "\nMore help is available by typing wnet help %u.\n", failure->code);
    if (failure->words) {
        fputs("\n", stderr);
        wnet_text_put_lines(stderr, "", failure->words);
    }
}

static int put(const struct failure *failure, int status) {
    if (in_json)
        put_object(failure);
    else
        put_sentences(failure);
    return status;
}

#define FORMAT(text, format)                                                                       \
    do {                                                                                           \
        va_list arguments;                                                                         \
                                                                                                   \
        va_start(arguments, format);                                                               \
        vsnprintf(text, sizeof(text), format, arguments);                                          \
        va_end(arguments);                                                                         \
    } while (0)

int wnet_error_syntax(const char *format, ...) {
    char text[WORDS_MAX];
    struct failure failure = {.kind = "syntax", .message = text};

    FORMAT(text, format);
    put(&failure, WNET_SYNTAX);
    if (!in_json)
        fputs("\nMore help is available by typing wnet help.\n", stderr);
    return WNET_SYNTAX;
}

int wnet_error_system(DWORD code) {
    char words[WORDS_MAX] = "", provider[NAME_MAX_] = "";
    struct failure failure = {
        .kind = "system", .code = code, .message = MprErrorText(code), .provider = provider};

    if (WNetGetLastErrorA(&failure.native, words, sizeof words, provider, sizeof provider)
            == NO_ERROR
        && *words && strcmp(words, failure.message) != 0)
        failure.words = words;
    return put(&failure, WNET_FAILED);
}

int wnet_error_explained(DWORD code, const char *format, ...) {
    char words[WORDS_MAX];
    struct failure failure = {
        .kind = "system", .code = code, .message = MprErrorText(code), .words = words};

    FORMAT(words, format);
    return put(&failure, WNET_FAILED);
}

int wnet_error_say(const char *format, ...) {
    char text[WORDS_MAX];
    struct failure failure = {.kind = "other", .message = text};

    FORMAT(text, format);
    return put(&failure, WNET_FAILED);
}

void wnet_error_warn(const char *format, ...) {
    char text[WORDS_MAX];

    FORMAT(text, format);
    fflush(stdout);
    wnet_text_put_lines(stderr, "", text);
}

int wnet_error_none(void) {
    if (!in_json)
        puts("The command completed successfully.");
    return WNET_DONE;
}
