/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_resource.c: NPGetResourceInformation, NPGetResourceParent,
 * NPFormatNetworkName.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_entries.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"

#define ROOM  8192
#define STEPS 8

static const char *keep(const char *text) {
    char *ret = strdup(text);

    if (!ret)
        kit_broken("there is no memory");
    return ret;
}

/* The name of a file of the first good name. */
static const char *file_name(void) {
    return keep(kit_text("%s\\d\\f", kit_good(0)));
}

/* ---- what a name begins with */

/* What is asked, and what must come back. */
struct question {
    LPNETRESOURCEW resource;
    const char *name; /* as asked */
    const char *share, *rest;
    LPWSTR system;
    bool parent;
    const struct kit_entry *whole; /* the answer in a large buffer, or NULL */
};

static uint32_t ask(void *context, void *buffer, DWORD *size) {
    struct question *question = context;

    kit_doing("NPGetResource%s(\"%s\", size %s)", question->parent ? "Parent" : "Information",
              question->name, size ? kit_text("%u", (unsigned)*size) : "NULL");
    if (question->parent)
        return kit_np.GetResourceParent(question->resource, buffer, size);
    question->system = kit_poison();
    return kit_np.GetResourceInformation(question->resource, buffer, size, &question->system);
}

/* The layout, and that nothing is lost in a buffer that just suffices. */
static void look_at_answer(void *context, const void *buffer, size_t bytes) {
    const struct question *question = context;
    struct kit_entry entry;
    const char *rest;

    kit_entries_inside(buffer, bytes, 1);
    kit_entry_take(buffer, &entry);
    if (question->whole)
        kit_entry_same(question->whole, &entry, kit_text("in a buffer of %zu bytes", bytes));
    if (question->parent)
        return;
    if (!question->rest) {
        kit_expect(!question->system, "*lplpSystem NULL: nothing is left of the name",
                   "another pointer");
        return;
    }
    kit_expect(question->system != kit_poison(), "*lplpSystem set", "it was not");
    kit_text_inside(buffer, bytes, sizeof(NETRESOURCEW), "*lplpSystem", question->system);
    rest = kit_narrow(question->system, ROOM);
    kit_expect(rest && strcmp(rest, question->rest) == 0,
               kit_text("*lplpSystem \"%s\"", question->rest), "%s",
               rest ? kit_text("\"%s\"", rest) : "NULL");
}

static void open_information(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetResourceInformation);
    if (!kit_np_can(WNNC_DIALOG, WNNC_DLG_GETRESOURCEINFORMATION))
        kit_skip("the module does not announce NPGetResourceInformation");
}

static struct question about(const char *name, const char *rest) {
    return (struct question){
        .resource = kit_resource(NULL, name, RESOURCETYPE_DISK), .name = name, .rest = rest};
}

static struct kit_entry inform(struct question *question) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    struct kit_entry entry;
    DWORD size = sizeof room;

    KIT_CODES(ask(question, room, &size), WN_SUCCESS);
    look_at_answer(question, room, sizeof room);
    kit_entry_take((const NETRESOURCEW *)(const void *)room, &entry);
    return entry;
}

static DWORD code_of(struct question question) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    DWORD size = sizeof room;

    return ask(&question, room, &size);
}

static void own_share(void) {
    struct question question;
    struct kit_entry entry;

    open_information();
    question = about(kit_good(0), NULL);
    entry = inform(&question);
    kit_expect(entry.type == RESOURCETYPE_DISK, "dwType RESOURCETYPE_DISK (1)", "%u",
               (unsigned)entry.type);
    kit_expect(entry.display == RESOURCEDISPLAYTYPE_SHARE,
               "dwDisplayType RESOURCEDISPLAYTYPE_SHARE (3)", "%u", (unsigned)entry.display);
    kit_expect(entry.usage & RESOURCEUSAGE_CONNECTABLE,
               "dwUsage with RESOURCEUSAGE_CONNECTABLE (1)", "0x%X", (unsigned)entry.usage);
    kit_expect(entry.provider && *entry.provider
                   && (!kit_np_name() || strcmp(entry.provider, kit_np_name()) == 0),
               kit_text("lpProvider \"%s\"", kit_np_name() ? kit_np_name() : "..."), "%s",
               entry.provider ? entry.provider : "NULL");
}

static void file_of_a_share(void) {
    struct question question;
    struct kit_entry entry;

    open_information();
    question = about(file_name(), "\\d\\f");
    entry = inform(&question);
    kit_expect(kit_entry_is(&entry, NULL, kit_good(0)),
               kit_text("lpRemoteName \"%s\"", kit_good(0)), "%s",
               entry.remote ? entry.remote : "NULL");
}

static void nothing_left(void) {
    struct question question;
    struct kit_entry entry;

    open_information();
    question = about(kit_good(0), NULL);
    entry = inform(&question);
    kit_expect(kit_entry_is(&entry, NULL, kit_good(0)),
               kit_text("lpRemoteName \"%s\"", kit_good(0)), "%s",
               entry.remote ? entry.remote : "NULL");
}

static void nowhere_for_the_rest(void) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    const char *names[2] = {kit_good(0), file_name()};

    open_information();
    for (int i = 0; i < 2; i++) {
        DWORD size = sizeof room;

        kit_doing("NPGetResourceInformation(\"%s\", lplpSystem NULL)", names[i]);
        KIT_CODES(kit_np.GetResourceInformation(kit_resource(NULL, names[i], 0), room, &size, NULL),
                  WN_SUCCESS, WN_BAD_VALUE, WN_BAD_POINTER);
    }
}

static void names_of_others(void) {
    open_information();
    for (size_t i = 0; i < kit_lab.foreign.count; i++) {
        int64_t began = kit_ms();

        KIT_CODES(code_of(about(kit_lab.foreign.items[i], NULL)), WN_BAD_NETNAME);
        kit_within(began, KIT_AT_ONCE);
    }
    if (kit_lab.unknown)
        KIT_CODES(code_of(about(kit_lab.unknown, NULL)), WN_BAD_NETNAME, ERROR_BAD_NETPATH);
}

static void another_type(void) {
    struct question question = {.name = kit_good(0)};

    open_information();
    question.resource = kit_resource(NULL, kit_good(0), RESOURCETYPE_PRINT);
    KIT_CODES(code_of(question), WN_BAD_DEV_TYPE);
}

static void information_sizes(void) {
    struct question question, file;
    struct kit_entry entry, file_entry;

    open_information();
    question = about(kit_good(0), NULL);
    entry = inform(&question);
    question.whole = &entry;
    kit_sweep(ask, look_at_answer, &question, 1);
    file = about(file_name(), "\\d\\f");
    file_entry = inform(&file);
    file.whole = &file_entry;
    kit_sweep(ask, look_at_answer, &file, 1);
}

/* ---- what contains a name */

static void open_parent(void) {
    kit_classic_open();
    KIT_NP_NEEDS(GetResourceParent);
    if (!kit_np_can(WNNC_DIALOG, WNNC_DLG_GETRESOURCEPARENT))
        kit_skip("the module does not announce NPGetResourceParent");
}

static struct question above(const char *name) {
    NETRESOURCEW resource = {
        .dwType = RESOURCETYPE_DISK,
        .lpRemoteName = kit_wide(name),
        .lpProvider = kit_wide(kit_np_name()),
    };

    return (struct question){
        .resource = (LPNETRESOURCEW)(uintptr_t)kit_read_only(&resource, sizeof resource),
        .name = name,
        .parent = true};
}

static struct kit_entry parent_of(const char *name) {
    struct question question = above(name);

    return inform(&question);
}

static void up_to_the_top(void) {
    struct kit_entry entry;
    int steps = 0;

    open_parent();
    entry = parent_of(kit_good(0));
    kit_expect(entry.remote, "a container of a share", "none");
    kit_expect(entry.usage & RESOURCEUSAGE_CONTAINER, "dwUsage with RESOURCEUSAGE_CONTAINER (2)",
               "0x%X", (unsigned)entry.usage);
    if (kit_lab.server)
        kit_expect(kit_entry_is(&entry, NULL, kit_lab.server),
                   kit_text("the server \"%s\"", kit_lab.server), "\"%s\"", entry.remote);
    while (entry.remote) {
        kit_expect(steps++ < STEPS, kit_text("a top after %d steps: lpRemoteName NULL", STEPS),
                   "\"%s\"", entry.remote);
        entry = parent_of(entry.remote);
    }
    kit_expect(!entry.local && !entry.comment, "an empty NETRESOURCE at the top",
               "lpLocalName or lpComment in it");
}

/* Is there a container of this name among those below the container? */
static bool is_listed(const struct kit_entry *container, const char *name, int depth) {
    struct kit_entries entries;

    if (depth > STEPS || !kit_enum_global(container ? kit_entry_give(container) : NULL, &entries))
        return false;
    for (size_t i = 0; i < entries.count; i++)
        if (entries.items[i].remote
            && (strcmp(entries.items[i].remote, name) == 0
                || (entries.items[i].usage & RESOURCEUSAGE_CONTAINER
                    && is_listed(&entries.items[i], name, depth + 1))))
            return true;
    return false;
}

static void same_spelling(void) {
    struct kit_entry parent;

    open_parent();
    kit_enum_needs(WNNC_ENUM_GLOBAL, "the network");
    parent = parent_of(kit_good(0));
    kit_expect(parent.remote, "a container of a share", "none");
    kit_expect(is_listed(NULL, parent.remote, 1),
               kit_text("\"%s\" listed among the containers, byte by byte", parent.remote),
               "no such container is listed");
}

static void parent_sizes(void) {
    struct question question;
    struct kit_entry entry;

    open_parent();
    question = above(kit_good(0));
    entry = inform(&question);
    question.whole = &entry;
    kit_sweep(ask, look_at_answer, &question, 1);
}

/* ---- both */

/* All that is passed is read-only; names that end oddly are those that were rewritten. */
static void writes_on_nothing(void) {
    const char *names[] = {kit_good(0), keep(kit_text("%s\\", kit_good(0))), file_name(),
                           kit_lab.server ? kit_lab.server : kit_good(0)};

    kit_classic_open();
    if (!kit_np.GetResourceInformation && !kit_np.GetResourceParent)
        kit_skip("the module has neither NPGetResourceInformation nor NPGetResourceParent");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (kit_np.GetResourceInformation)
            code_of(about(names[i], NULL));
        if (kit_np.GetResourceParent)
            code_of(above(names[i]));
    }
}

static void nothing_asked(bool parent) {
    static uint64_t room[ROOM / sizeof(uint64_t)];
    struct question question = {.parent = parent, .name = "NULL"};
    DWORD size = sizeof room;

    KIT_CODES(ask(&question, room, &size), WN_BAD_VALUE, WN_BAD_POINTER, WN_BAD_NETNAME);
    question.resource = kit_resource(NULL, NULL, RESOURCETYPE_DISK);
    question.name = "a NETRESOURCE without remote name";
    KIT_CODES(ask(&question, room, &size), WN_BAD_VALUE, WN_BAD_POINTER, WN_BAD_NETNAME);
    question.resource = kit_resource(NULL, kit_good(0), RESOURCETYPE_DISK);
    question.name = kit_good(0);
    KIT_CODES(ask(&question, room, NULL), WN_BAD_VALUE, WN_BAD_POINTER, WN_BAD_NETNAME);
    KIT_CODES(ask(&question, NULL, &size), WN_BAD_VALUE, WN_BAD_POINTER, WN_BAD_NETNAME);
}

static void pointers_to_nothing(void) {
    kit_classic_open();
    if (!kit_np.GetResourceInformation && !kit_np.GetResourceParent)
        kit_skip("the module has neither NPGetResourceInformation nor NPGetResourceParent");
    if (kit_np.GetResourceInformation)
        nothing_asked(false);
    if (kit_np.GetResourceParent)
        nothing_asked(true);
}

static void another_provider(void) {
    NETRESOURCEW resource = {
        .dwType = RESOURCETYPE_DISK,
        .lpRemoteName = kit_wide(kit_good(0)),
        .lpProvider = kit_wide("Another Network"),
    };
    struct question question = {
        .resource = (LPNETRESOURCEW)(uintptr_t)kit_read_only(&resource, sizeof resource),
        .name = kit_text("%s\", lpProvider \"Another Network", kit_good(0))};

    kit_classic_open();
    if (!kit_np.GetResourceInformation && !kit_np.GetResourceParent)
        kit_skip("the module has neither NPGetResourceInformation nor NPGetResourceParent");
    if (kit_np.GetResourceInformation)
        KIT_CODES(code_of(question), WN_BAD_NETNAME);
    question.parent = true;
    if (kit_np.GetResourceParent)
        KIT_CODES(code_of(question), WN_BAD_NETNAME);
}

/* ---- how a name is shown */

struct show {
    const char *name;
    DWORD flags, width;
    const char *whole; /* as in a large buffer, or NULL */
};

static uint32_t format(void *context, void *buffer, DWORD *size) {
    const struct show *show = context;

    kit_doing("NPFormatNetworkName(\"%s\", size %u, flags 0x%X, width %u)", show->name,
              (unsigned)*size, (unsigned)show->flags, (unsigned)show->width);
    return kit_np.FormatNetworkName(kit_wide(show->name), buffer, size, show->flags, show->width);
}

static void look_at_text(void *context, const void *buffer, size_t bytes) {
    const struct show *show = context;
    const char *text = kit_narrow(buffer, bytes / sizeof(WCHAR));

    kit_expect(strcmp(text, show->whole) == 0,
               kit_text("\"%s\", as with a large buffer", show->whole), "\"%s\"", text);
}

static void open_format(void) {
    kit_classic_open();
    KIT_NP_NEEDS(FormatNetworkName);
    if (!kit_np_can(WNNC_DIALOG, WNNC_DLG_FORMATNETWORKNAME))
        kit_skip("the module does not announce NPFormatNetworkName");
}

/* In characters, as far as UTF-16 has one unit for them. */
static size_t characters(const char *text) {
    size_t length = 0;

    for (; *text; text++)
        length += ((unsigned char)*text & 0xC0) != 0x80;
    return length;
}

/* The text in a large buffer; NULL: an error, which is as good as the name itself. */
static const char *shown(DWORD flags, DWORD width) {
    static WCHAR room[ROOM];
    struct show show = {kit_good(0), flags, width, NULL};
    DWORD size = ROOM, code = format(&show, room, &size);

    if (code != WN_SUCCESS) {
        kit_expect(code != WN_MORE_DATA, "8192 characters enough for a name", "WN_MORE_DATA");
        return NULL;
    }
    return keep(kit_narrow(room, ROOM));
}

/* Every size; how many characters it needs. */
static DWORD sweep(DWORD flags, DWORD width) {
    struct show show = {kit_good(0), flags, width, shown(flags, width)};

    if (!show.whole)
        kit_fail("a text for a good name", "an error");
    return kit_sweep(format, look_at_text, &show, sizeof(WCHAR));
}

static void format_sizes(void) {
    open_format();
    sweep(0, 0);
    sweep(WNFMT_MULTILINE, 0);
    sweep(WNFMT_ABBREVIATED, 20);
}

static void several_lines(void) {
    const char *whole, *lines;
    char joined[1024];
    size_t length = 0;

    open_format();
    whole = shown(WNFMT_MULTILINE, 0);
    lines = shown(WNFMT_MULTILINE, 8);
    if (!whole || !lines)
        kit_skip("the module does not show names on several lines");
    for (const char *at = lines; *at && length < sizeof joined - 1; at++)
        if (*at != '\n')
            joined[length++] = *at;
    joined[length] = '\0';
    kit_expect(!strchr(whole, '\n'), "no line feed where a line has no end", "\"%s\"", whole);
    kit_expect(strcmp(joined, whole) == 0, kit_text("\"%s\" with line feeds in it", whole),
               "\"%s\"", lines);
}

static void abbreviated(void) {
    const DWORD widths[] = {1, 5, 20};

    open_format();
    if (!shown(WNFMT_ABBREVIATED, 0))
        kit_skip("the module does not abbreviate names");
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        const char *text = shown(WNFMT_ABBREVIATED, widths[i]);
        size_t length = text ? characters(text) : 0;

        kit_expect(length <= widths[i], kit_text("at most %u characters", (unsigned)widths[i]),
                   "%zu: \"%s\"", length, text);
    }
}

static void in_a_list(void) {
    const char *whole, *text;

    open_format();
    whole = shown(0, 0);
    text = shown(WNFMT_INENUM, 0);
    kit_expect(!whole || !text || strlen(text) <= strlen(whole),
               "a name in a list, shorter or as long", "\"%s\"", text);
}

static void unknown_flags(void) {
    const char *text;

    open_format();
    text = shown(0x8000, 0);
    kit_expect(!text || *text, "the name, or an error", "an empty text");
}

static void counts_the_nul(void) {
    const char *text;
    DWORD needed;

    open_format();
    needed = sweep(0, 0);
    text = shown(0, 0);
    kit_expect(needed == characters(text) + 1,
               kit_text("%zu characters: the text and its NUL", characters(text) + 1), "%u",
               (unsigned)needed);
}

const struct kit_check kit_checks_classic_resource[] = {
    {"RES-01", KIT_CAPABILITY, own_share,
     "Information about a share: a disk, a share, connectable, and its provider",
     "The shell decides by it what to do with a name that was typed.",
     "Windows: NPGetResourceInformation"},
    {"RES-02", KIT_CAPABILITY, file_of_a_share,
     "Information about a file: the share, and in *lplpSystem the rest of the name",
     "So the share can be connected, and the file opened there.",
     "Windows: NPGetResourceInformation"},
    {"RES-03", KIT_CAPABILITY, nothing_left,
     "Where nothing is left of the name *lplpSystem is NULL",
     "An empty rest would be another path.", "Windows: NPGetResourceInformation"},
    {"RES-04", KIT_CAPABILITY, nowhere_for_the_rest, "lplpSystem may be NULL, or is refused",
     "Providers have crashed there.", "own decision"},
    {"RES-05", KIT_CAPABILITY, names_of_others,
     "Information about somebody else's name is WN_BAD_NETNAME at once; of no server it fails",
     "Who answers by syntax alone claims every name of the network.",
     "Windows: NPGetResourceInformation"},
    {"RES-06", KIT_CAPABILITY, another_type, "A disk asked about as a printer is WN_BAD_DEV_TYPE",
     "It is there, but not that.", "Windows: NPGetResourceInformation"},
    {"RES-07", KIT_CAPABILITY, information_sizes,
     "NPGetResourceInformation keeps to its buffer, and counts all strings in what it needs",
     "Sizes without the provider's name have overflowed.", "Windows: NPGetResourceInformation"},
    {"RES-08", KIT_CAPABILITY, up_to_the_top,
     "The parent of a share is its server, and at the top lpRemoteName is NULL",
     "Programs go up until there is nothing above.", "Windows: NPGetResourceParent"},
    {"RES-09", KIT_CAPABILITY, same_spelling, "A parent has the very name under which it is listed",
     "Callers compare the two byte by byte.", "Windows: NPGetResourceParent"},
    {"RES-10", KIT_CAPABILITY, parent_sizes,
     "NPGetResourceParent keeps to its buffer, and counts all strings in what it needs",
     "Sizes without the provider's name have overflowed.", "Windows: NPGetResourceParent"},
    {"RES-11", KIT_CAPABILITY, writes_on_nothing, "What is asked is read, and never written to",
     "The names are the caller's; they lie in read-only memory here.", "own decision"},
    {"RES-12", KIT_CAPABILITY, pointers_to_nothing,
     "No NETRESOURCE, no name, no size or no buffer is refused",
     "A NULL pointer is the caller's mistake, no reason to crash or to ask for more room.",
     "Windows: NPGetResourceParent, NPGetResourceInformation"},
    {"RES-13", KIT_SHOULD, another_provider,
     "A resource whose lpProvider is another one is WN_BAD_NETNAME", "The caller said whose it is.",
     "own decision"},
    {"FMT-01", KIT_CAPABILITY, format_sizes,
     "NPFormatNetworkName counts characters, and keeps to the size that it is given",
     "Who counts bytes writes behind the buffer, or refuses one that is large enough.",
     "Windows: NPFormatNetworkName; npapi.h, rule 1"},
    {"FMT-02", KIT_CAPABILITY, several_lines,
     "On several lines a name has line feeds, and all of it",
     "A line has so many characters at most as it is wide.", "Windows: NPFormatNetworkName"},
    {"FMT-03", KIT_CAPABILITY, abbreviated, "An abbreviated name fits the width, 0 is no limit",
     "It is drawn there.", "Windows: NPFormatNetworkName"},
    {"FMT-04", KIT_CAPABILITY, in_a_list, "In a list a name is no longer than elsewhere",
     "What stands above it in the list need not be said again.", "Windows: NPFormatNetworkName"},
    {"FMT-05", KIT_CAPABILITY, unknown_flags, "With unknown flags there is the name, or an error",
     "With an error the router shows the name as it is.", "Windows: NPFormatNetworkName"},
    {"FMT-06", KIT_CAPABILITY, counts_the_nul, "The size that is needed counts the NUL",
     "Without it the last character is lost.", "Windows: NPFormatNetworkName"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
