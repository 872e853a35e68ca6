/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * world.h: a router of the test's own, in a directory of its own, with the
 * providers that the test wants. What goes wrong here ends the program.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/mprtypes.h>

/** Makes the directory. MPR_ROOT leads there, too. */
void world_make(void);

/** A path in it, in one of four buffers that are used in turn. */
const char *world_path(const char *name);

/** Writes a file, and the directories that lead there. */
void world_write(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Reads a text file; "" if there is none. In a buffer that the next call overwrites. */
const char *world_read(const char *name);

/** How often a text occurs in another. */
unsigned world_count(const char *text, const char *piece);

/** The memory provider; options as JSON members: "\"hang\": \"pread\"". */
void world_memory(const char *options);

/** The same in worker processes. */
void world_isolated_memory(const char *options);

/** A copy of a test module, of this folder's providers, as FILE.so. */
void world_module(const char *module, const char *file);

/** A copy of scripted.so as NN-NAME.json with options as above; file is "10-first". */
void world_scripted(const char *file, const char *options);

/** The same of asked.so. */
void world_asked(const char *file, const char *options);

/** A classic provider of the tests: file "10-good" is classic_good.so; members are further JSON ones. */
void world_classic(const char *file, const char *members);

/** What a loaded one exports, by the name of its file and of the symbol. */
void *world_classic_symbol(const char *file, const char *symbol);

/** mpr.json of the user. */
void world_config(const char *text);

/** profile.json of the user: its entries as JSON text; where it is. */
void world_profile(const char *text);
#define WORLD_PROFILE "config/profile.json"

/** Starts the router. */
void world_start(void);

/** Ends it, and starts it again with what was changed. */
void world_restart(void);

/** Ends the router, and removes the directory. */
void world_end(void);

/** Removes the directory only. */
void world_remove(void);

/** The two that most tests need: memory with these options, started. */
void world_begin(const char *memory_options);

/** Milliseconds since some moment. */
int64_t world_ms(void);

/** Lets milliseconds pass. */
void world_sleep(int ms);

/** What is open in this process. */
unsigned world_descriptors(void);
unsigned world_threads(void);

#endif
