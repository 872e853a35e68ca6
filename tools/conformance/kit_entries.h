/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_entries.h: the structures with strings behind them that a classic module
 * gives, and its enumerations.
 */
#ifndef KIT_ENTRIES_H
#define KIT_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/npapi.h>

/**
 * Unless text is NULL, or lies in a room of so many bytes, behind the structures
 * that its first head bytes are, at an even address and with its NUL: a finding.
 * what: "lpRemoteName".
 */
void kit_text_inside(const void *room, size_t bytes, size_t head, const char *what, LPCWSTR text);
/** The same of all texts of the NETRESOURCEW that the room begins with. */
void kit_entries_inside(const void *room, size_t bytes, DWORD count);

/** An entry in UTF-8, to be kept. */
struct kit_entry {
    DWORD scope, type, display, usage;
    char *local, *remote, *comment, *provider; /* NULL where it is */
};

void kit_entry_take(const NETRESOURCEW *entry, struct kit_entry *ret);
/** Unless both are the same in all members: a finding. when: "in a buffer of 80 bytes". */
void kit_entry_same(const struct kit_entry *wanted, const struct kit_entry *got, const char *when);
/** Is remote what the entry is about? As the lab file says, by case or not. */
bool kit_entry_is(const struct kit_entry *entry, const char *local, const char *remote);

struct kit_entries {
    struct kit_entry *items;
    size_t count;
};

/** How many of them are about this; any device: local NULL, none: "". */
size_t kit_entries_find(const struct kit_entries *entries, const char *local, const char *remote);

/** Opens an enumeration; a failure is a finding. Skips where the module enumerates nothing. */
HANDLE kit_enum_open(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW container);
/** The same, whatever comes back. */
DWORD kit_enum_try(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW container, HANDLE *ret);
/** NPEnumResource with these arguments. */
DWORD kit_enum_next(HANDLE handle, DWORD *count, void *buffer, DWORD *size);
DWORD kit_enum_close(HANDLE handle);
/** Adds up to wanted entries, all that are left by 0xFFFFFFFF; looks at their layout. True: the end. */
bool kit_enum_read(HANDLE handle, DWORD wanted, struct kit_entries *entries);
/** What is connected, from the first to the last. */
void kit_enum_connected(struct kit_entries *ret);
/** What a container has, NULL: the top; false: it is none. */
bool kit_enum_global(LPNETRESOURCEW container, struct kit_entries *ret);
/** As the container of another enumeration, in read-only memory. */
LPNETRESOURCEW kit_entry_give(const struct kit_entry *entry);

/** lpProvider as it must be, or NULL if neither lab file nor drop-in tells. */
const char *kit_np_name(void);
/** Skips unless the module enumerates and announces this: WNNC_ENUM_LOCAL, "what is connected". */
void kit_enum_needs(DWORD bit, const char *what);
/**
 * Connects wanted good names, the same ones again at further devices where the lab
 * has fewer; skips if there are too few. The device of number i: kit_device(i).
 */
void kit_np_connect_some(unsigned wanted);
const char *kit_device(unsigned i);

#endif
