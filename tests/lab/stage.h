/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stage.h: what programs in the laboratory have in common: a root with drop-ins
 * for the modules of the build tree, codes by name, and hands on the servers.
 * Public headers only. Whatever fails here ends the program, with words.
 */
#ifndef STAGE_H
#define STAGE_H

#include <sys/types.h>

#include <mpr/mprtypes.h>

/**
 * Makes a directory with drop-ins for smb, nfs, sftp and memory, as far as their
 * modules are in MPR_TEST_MODULES, and starts the router in it: with MPR_SESSION=1 in
 * a service, which is MPR_MPRD_PROGRAM.
 *
 * memory   JSON members for the options of the memory provider, or NULL.
 * options  JSON members for those of each of the others, or NULL.
 * config   JSON object for mpr.json, or NULL.
 *
 * Returns the directory, good until stage_strike.
 */
const char *stage_set(const char *memory, const char *options, const char *config);

/** The service's process; 0: none answers. */
pid_t stage_service(void);
/** Starts it; nothing happens if it runs. */
void stage_service_start(void);
/** SIGKILL. */
void stage_service_kill(void);

/** Ends the router, and removes the directory with what is in it. */
void stage_strike(void);

/** Writes the file name in the directory; text NULL removes it. */
void stage_write(const char *name, const char *text);

/** The file's contents, to be freed, or NULL if there is none. */
char *stage_read(const char *name);

/** Path of a file in the directory; good until the next call. */
const char *stage_path(const char *name);

/** Is the provider's module in the build tree? */
int stage_has(const char *name);

/** Runs MPR_LAB_CTL: what is done to which server ("smb", "nfs", "ssh"). line may be NULL. */
void stage_ctl(const char *server, const char *action, const char *line);

/** Its name, as "ERROR_OPEN_FILES". */
const char *stage_code(DWORD code);

/** Its standard sentence. */
const char *stage_sentence(DWORD code);

/** Milliseconds on CLOCK_MONOTONIC. */
double stage_ms(void);

/** An environment variable that must be there. */
const char *stage_env(const char *name);

#endif
