/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_secret.c: see kit_secret.h. Nothing here may leave the password in a
 * register's save area or a buffer, so it is compared byte by byte.
 */
#include "config.h"

#include "tools/conformance/kit_secret.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_native.h"
#include "tools/conformance/kit_stress.h"
#include "tools/conformance/kit_subject.h"

#define CIPHER          0x5a
#define SIZE_MAX_SECRET 256
/* All of the memory is looked at, whatever it belongs to. */
#define ANY_MEMORY      __attribute__((noinline, no_sanitize("address")))
#define SHORTEST        8

static volatile unsigned char hidden[SIZE_MAX_SECRET];
static size_t hidden_size;
static char *last_buffer;

static unsigned char letter(size_t i) {
    return hidden[i] ^ CIPHER;
}

/* step 1: UTF-8; 2: UTF-16 of ASCII. */
ANY_MEMORY static bool is_at(const volatile unsigned char *at, size_t step) {
    for (size_t i = 0; i < hidden_size; i++)
        if (at[i * step] != letter(i) || (step == 2 && at[i * 2 + 1]))
            return false;
    return true;
}

static bool give(char *buffer, size_t size) {
    volatile char *out = buffer;

    if (size <= hidden_size)
        kit_broken("the lab's password is too long");
    last_buffer = buffer;
    for (size_t i = 0; i < hidden_size; i++)
        out[i] = (char)letter(i);
    out[hidden_size] = '\0';
    return true;
}

/* A line of maps that stands for memory which can be written, and would be dumped. */
static bool take_range(const char *line, uintptr_t *ret_from, uintptr_t *ret_to) {
    char access[5] = "";

    return sscanf(line, "%lx-%lx %4s", ret_from, ret_to, access) == 3 && access[0] == 'r'
           && access[1] == 'w';
}

/* Whether a range is kept out of core dumps is the flag "dd" at the end of its part. */
typedef void (*range_fn)(uintptr_t from, uintptr_t to, const char *what, void *context);

static void each_range(range_fn fn, void *context) {
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[512], what[512] = "";
    uintptr_t from = 0, to = 0, next_from, next_to;
    bool writable = false;

    if (!maps)
        kit_broken("/proc/self/smaps cannot be read");
    while (fgets(line, sizeof line, maps)) {
        const char *name = strrchr(line, ' ');

        if (strncmp(line, "VmFlags:", 8) == 0) {
            if (writable && !strstr(line, " dd"))
                fn(from, to, what, context);
        } else if (sscanf(line, "%lx-%lx ", &next_from, &next_to) == 2) {
            writable = take_range(line, &from, &to);
            snprintf(what, sizeof what, "%.400s", name ? name + 1 : "");
            what[strcspn(what, "\n")] = '\0';
        }
    }
    fclose(maps);
}

struct search {
    size_t copies;
    const char *where;
    bool wipe;
};

ANY_MEMORY static void search(uintptr_t from, uintptr_t to, const char *what, void *context) {
    struct search *search = context;
    size_t size = to - from;
    unsigned char *memory = (unsigned char *)from;
    unsigned char first = letter(0);

    for (size_t step = 1; step <= 2; step++)
        for (size_t i = 0; i + hidden_size * step <= size; i++) {
            if (memory[i] != first || !is_at(memory + i, step))
                continue;
            if (search->wipe)
                for (size_t k = 0; k < hidden_size; k++)
                    memory[i + k * step] = '*';
            search->copies++;
            search->where = kit_text("%p, %s", (void *)(memory + i), *what ? what : "no file");
        }
}

static bool holds(const char *text) {
    return text && kit_secret_is_in(text, strlen(text));
}

/* Names that hold the letters of the password would be wiped with it. */
static bool is_in_names(void) {
    bool found = holds(kit_lab.login) || holds(kit_lab.user) || holds(kit_lab.missing);

    for (size_t i = 0; i < kit_lab.good.count; i++)
        found = found || holds(kit_lab.good.items[i]);
    return found;
}

/* A lab whose server is in its options, as the memory provider's, needs it there. */
static void restore_options(void) {
    for (const struct mpr_option *option = kit_subject.options; option && option->name; option++) {
        char *value = (char *)(uintptr_t)option->value;

        if (value && strlen(value) == hidden_size && strspn(value, "*") == hidden_size)
            for (size_t i = 0; i < hidden_size; i++)
                value[i] = (char)letter(i);
    }
}

void kit_secret_hide(const char *password) {
    struct search all = {.wipe = true};

    if (kit_sanitized())
        kit_skip("memory cannot be searched in a build with a sanitizer");
    hidden_size = strlen(password);
    if (hidden_size < SHORTEST || hidden_size > SIZE_MAX_SECRET)
        kit_skip("the lab's password is too short to be looked for: it has %zu letters",
                 hidden_size);
    for (size_t i = 0; i < hidden_size; i++)
        hidden[i] = (unsigned char)password[i] ^ CIPHER;
    if (is_in_names())
        kit_skip("the lab's names have the letters of the password");
    each_range(search, &all);
    restore_options();
    kit_give_secret = give;
}

size_t kit_secret_copies(const char **ret_where) {
    struct search all = {.where = "nowhere"};

    each_range(search, &all);
    *ret_where = all.where;
    return all.copies;
}

bool kit_secret_is_in(const void *text, size_t size) {
    const unsigned char *at = text;

    for (size_t i = 0; i + hidden_size <= size; i++)
        if (is_at(at + i, 1))
            return true;
    return false;
}

bool kit_secret_is_left(void) {
    unsigned char data[SIZE_MAX_SECRET];
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    bool left = false;

    if (memory < 0)
        kit_broken("/proc/self/mem cannot be read");
    /* The buffer may be gone by now: then it cannot be read, and holds nothing. */
    if (last_buffer
        && pread(memory, data, hidden_size, (off_t)(uintptr_t)last_buffer) == (ssize_t)hidden_size)
        left = is_at(data, 1);
    explicit_bzero(data, sizeof data);
    close(memory);
    return left;
}
