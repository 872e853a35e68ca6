/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_stress.c: see kit_stress.h. The program's own malloc and its kin come before
 * the C library's for every module. Those that the module calls itself may fail;
 * those of libraries do not, as who crashes there is not the provider.
 */
#include "config.h"

#include "tools/conformance/kit_stress.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_subject.h"

#define DESCRIPTORS_MAX 512
#define CHUNK           65536

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

bool kit_sanitized(void) {
    return SANITIZED;
}

/* --- signals and stacks --- */

static void do_nothing(int number) {
    (void)number;
}

static void set_timer(int microseconds) {
    struct itimerval timer = {.it_interval = {.tv_usec = microseconds},
                              .it_value = {.tv_usec = microseconds}};

    setitimer(ITIMER_REAL, &timer, NULL);
}

void kit_storm_begin(void) {
    struct sigaction action = {.sa_handler = do_nothing};

    sigaction(SIGALRM, &action, NULL);
    set_timer(1000);
}

void kit_storm_end(void) {
    set_timer(0);
}

struct errand {
    void (*fn)(void *context);
    void *context;
};

static void *run_errand(void *context) {
    const struct errand *errand = context;

    errand->fn(errand->context);
    return NULL;
}

void kit_on_stack(size_t size, void (*fn)(void *context), void *context) {
    struct errand errand = {fn, context};
    pthread_attr_t attributes;
    pthread_t thread;

    if (SANITIZED)
        kit_skip("under a sanitizer functions need more stack than they have otherwise");
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, size)
        || pthread_create(&thread, &attributes, run_errand, &errand))
        kit_broken("no thread with a stack of %zu bytes can be started", size);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

/* --- descriptors --- */

static int taken[DESCRIPTORS_MAX];
static size_t taken_count;
static struct rlimit usual;

void kit_descriptors_take(unsigned left) {
    struct rlimit limit;
    int fd;

    if (getrlimit(RLIMIT_NOFILE, &usual))
        kit_broken("the limit of descriptors cannot be read: %s", strerror(errno));
    limit = usual;
    if (limit.rlim_cur > DESCRIPTORS_MAX)
        limit.rlim_cur = DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit);
    taken_count = 0;
    while (taken_count < DESCRIPTORS_MAX && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        taken[taken_count++] = fd;
    while (left-- && taken_count)
        close(taken[--taken_count]);
}

void kit_descriptors_give(void) {
    while (taken_count)
        close(taken[--taken_count]);
    setrlimit(RLIMIT_NOFILE, &usual);
}

/* --- memory --- */

static atomic_uint countdown; /* the allocation that brings it to 0 fails */
static atomic_bool failed;

/* Where the code of the module, and of its worker module, lies. */
static struct range { uintptr_t begin, end; } modules[2];
static unsigned module_count;

static bool is_subject(const char *path) {
    return strcmp(path, kit_subject.module) == 0
           || (kit_subject.worker_module && strcmp(path, kit_subject.worker_module) == 0);
}

static int note_module(struct dl_phdr_info *object, size_t size, void *context) {
    struct range *range = &modules[module_count];

    (void)size;
    (void)context;
    if (module_count == 2 || !object->dlpi_name || !is_subject(object->dlpi_name))
        return 0;
    range->begin = object->dlpi_addr;
    for (unsigned i = 0; i < object->dlpi_phnum; i++) {
        uintptr_t end =
            object->dlpi_addr + object->dlpi_phdr[i].p_vaddr + object->dlpi_phdr[i].p_memsz;

        if (object->dlpi_phdr[i].p_type == PT_LOAD && end > range->end)
            range->end = end;
    }
    module_count++;
    return 0;
}

void kit_alloc_needed(void) {
    if (SANITIZED)
        kit_skip("allocations cannot be made to fail in a build with a sanitizer");
}

void kit_alloc_fail(unsigned n) {
    if (!module_count)
        dl_iterate_phdr(note_module, NULL);
    if (!module_count)
        kit_broken("the module's code is not found in memory");
    atomic_store(&failed, false);
    atomic_store(&countdown, n);
}

bool kit_alloc_end(void) {
    atomic_store(&countdown, 0);
    return atomic_load(&failed);
}

#if !SANITIZED
#define CALLER __builtin_return_address(0)
#define EXPORT __attribute__((visibility("default")))

static bool is_module(const void *caller) {
    for (unsigned i = 0; i < module_count; i++)
        if ((uintptr_t)caller >= modules[i].begin && (uintptr_t)caller < modules[i].end)
            return true;
    return false;
}

static bool shall_fail(const void *caller) {
    unsigned left = atomic_load(&countdown);

    if (!left || !is_module(caller))
        return false;
    while (left && !atomic_compare_exchange_weak(&countdown, &left, left - 1))
        ;
    if (left != 1)
        return false;
    atomic_store(&failed, true);
    errno = ENOMEM;
    return true;
}

/* The C library's own, by the names that it has for them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

EXPORT void *malloc(size_t size) {
    return shall_fail(CALLER) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
    return shall_fail(CALLER) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *block, size_t size) {
    return shall_fail(CALLER) ? NULL : __libc_realloc(block, size);
}

EXPORT void *reallocarray(void *block, size_t count, size_t size) {
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return shall_fail(CALLER) ? NULL : __libc_realloc(block, bytes);
}

EXPORT char *strndup(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    char *copy = shall_fail(CALLER) ? NULL : __libc_malloc(length + 1);

    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

EXPORT char *strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = shall_fail(CALLER) ? NULL : __libc_malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}
#endif

/* --- what lies in memory --- */

static unsigned char chunk[CHUNK];

/* In a part of memory, which is read by pieces that overlap. */
static unsigned count_in(int memory, uintptr_t from, uintptr_t to, const void *bytes, size_t size) {
    unsigned count = 0;

    while (from + size <= to) {
        ssize_t got = pread(memory, chunk, to - from < CHUNK ? to - from : CHUNK, (off_t)from);
        const unsigned char *at = chunk;

        if (got < (ssize_t)size)
            break;
        while ((at = memmem(at, (size_t)(chunk + got - at), bytes, size))) {
            count++;
            at++;
        }
        from += (uintptr_t)got - size + 1;
    }
    return count;
}

/* The same, leaving out where the pieces are read to. */
static unsigned count_outside(int memory, uintptr_t from, uintptr_t to, const void *bytes,
                              size_t size) {
    uintptr_t begin = (uintptr_t)chunk, end = begin + CHUNK;

    if (end <= from || begin >= to)
        return count_in(memory, from, to, bytes, size);
    return (from < begin ? count_in(memory, from, begin, bytes, size) : 0)
           + (end < to ? count_in(memory, end, to, bytes, size) : 0);
}

unsigned kit_copies(const void *bytes, size_t size) {
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    unsigned long from, to;
    char line[1024], mode[8];
    unsigned count = 0;

    while (maps && memory >= 0 && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[0] == 'r' && mode[1] == 'w'
            && to - from < 1ul << 30) /* but the shadow of a sanitizer, of terabytes */
            count += count_outside(memory, from, to, bytes, size);
    memset(chunk, 0, sizeof chunk);
    if (maps)
        fclose(maps);
    if (memory >= 0)
        close(memory);
    return count;
}
