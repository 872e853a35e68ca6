/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_module.c: see kit_module.h.
 */
#include "config.h"

#include "tools/conformance/kit_module.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_report.h"
#include "tools/conformance/kit_state.h"
#include "tools/conformance/kit_subject.h"

#define CHILD_MS 2000

const char *kit_part(const char *file) {
    const char *decoy = secure_getenv("MPR_CONFORMANCE_DECOY");
    const char *slash = decoy ? strrchr(decoy, '/') : NULL;

    return slash ? kit_text("%.*s/%s", (int)(slash - decoy), decoy, file)
                 : kit_text("%s/%s", MPR_LIBEXECDIR, file);
}

/* --- symbols: the file is read, as loading it shows only what one asks for --- */

struct image {
    const unsigned char *bytes;
    size_t size;
};

static struct image read_image(const char *path) {
    struct image image = {NULL, 0};
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *mapped;

    if (fd < 0 || fstat(fd, &facts))
        kit_broken("%s cannot be read: %s", path, strerror(errno));
    mapped = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        kit_broken("%s cannot be read: %s", path, strerror(errno));
    image.bytes = mapped;
    image.size = (size_t)facts.st_size;
    return image;
}

/* Part of a file, if it has so much. */
static const void *part_of(const struct image *image, uint64_t offset, uint64_t size) {
    if (offset > image->size || size > image->size - offset)
        kit_broken("the file of the module is cut off");
    return image->bytes + offset;
}

static const ElfW(Shdr) * section_at(const struct image *image, unsigned number) {
    const ElfW(Ehdr) *head = part_of(image, 0, sizeof *head);

    return part_of(image, head->e_shoff + (uint64_t)number * sizeof(ElfW(Shdr)),
                   sizeof(ElfW(Shdr)));
}

/* Compilers', linkers' and sanitizers' own. */
static bool is_of_tools(const char *name) {
    static const char *const names[] = {"_init", "_fini", "_edata", "_end", "_fbss", "_ftext"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return name[0] == '_' && name[1] == '_';
}

static bool is_export(const ElfW(Sym) * symbol) {
    unsigned bind = ELF64_ST_BIND(symbol->st_info);
    unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);

    return symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS && bind != STB_LOCAL
           && (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

static unsigned collect(const struct image *image, const ElfW(Shdr) * table,
                        bool (*allowed)(const char *name), char *found, size_t size) {
    const ElfW(Shdr) *strings = section_at(image, table->sh_link);
    const ElfW(Sym) *symbols = part_of(image, table->sh_offset, table->sh_size);
    const char *names = part_of(image, strings->sh_offset, strings->sh_size);
    size_t length = 0;
    unsigned count = 0;

    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        const char *name = names + symbols[i].st_name;

        if (symbols[i].st_name >= strings->sh_size || !is_export(&symbols[i]) || is_of_tools(name)
            || allowed(name))
            continue;
        if (length < size)
            length += (size_t)snprintf(found + length, size - length, " %s", name);
        count++;
    }
    return count;
}

void kit_exports_only(bool (*allowed)(const char *name), const char *expected) {
    struct image image = read_image(kit_subject.module);
    const ElfW(Ehdr) *head = part_of(&image, 0, sizeof *head);
    char found[1024] = "";
    unsigned count = 0;

    kit_doing("looking at the symbols that %s exports", kit_subject.module);
    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_shentsize != sizeof(ElfW(Shdr)))
        kit_skip("the module's file is not laid out as this program's own, or has no sections");
    for (unsigned i = 0; i < head->e_shnum; i++)
        if (section_at(&image, i)->sh_type == SHT_DYNSYM)
            count += collect(&image, section_at(&image, i), allowed, found, sizeof found);
    if (count)
        kit_fail(expected, "%u more:%s", count, found);
}

/* --- the process --- */

/* One line, as kit_text. */
static const char *line_of(const char *text) {
    return *text ? kit_text("%.*s", (int)strcspn(text, "\n"), text) : "nothing more";
}

void kit_process_same(const char *before, const char *after) {
    char *state = kit_process_state();
    size_t i = 0, line = 0;

    for (; before[i] && before[i] == state[i]; i++)
        if (before[i] == '\n')
            line = i + 1;
    if (before[i] || state[i])
        kit_fail(kit_text("%s, as before", line_of(before + line)), "%s: %s", after,
                 line_of(state + line));
    free(state);
}

void kit_in_child(void (*fn)(void *context), void *context) {
    int64_t end = kit_ms() + kit_limit(CHILD_MS);
    int status = 0;
    pid_t child = fork(), ended = 0;

    if (child < 0)
        kit_broken("no process can be started: %s", strerror(errno));
    if (child == 0) {
        fn(context);
        _exit(0);
    }
    while (!ended && kit_ms() < end) {
        kit_sleep(1);
        ended = waitpid(child, &status, WNOHANG);
    }
    if (!ended) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        kit_fail("an answer in the forked child", "it hung for %d ms", (int)kit_limit(CHILD_MS));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        kit_fail("a return in the forked child", "it ended by %s %d",
                 WIFSIGNALED(status) ? "signal" : "exit",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    if (atomic_load(&kit_report->outcome) != KIT_RUNNING)
        _exit(0); /* the child has said what it found */
}
