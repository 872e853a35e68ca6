/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rig.h: a service of the test's own, in a directory of its own, spoken to in bytes.
 * What goes wrong here ends the program.
 */
#ifndef RIG_H
#define RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Makes the directory, with the memory provider; options: JSON members, "\"hang\": \"pread\"". */
void rig_make(const char *options);

/** The same below a directory of so long a name that no socket's path has room. */
void rig_make_long(const char *options);

/** A path in it, in one of four buffers that are used in turn. */
const char *rig_path(const char *name);

/** Writes a file, and the directory that it is in. */
void rig_write(const char *name, const char *text);

/** Removes the directory. */
void rig_remove(void);

/**
 * Runs mprd with arguments, "--root" and the directory, until it ends. Returns the exit status,
 * and what it said, cut, if said is not NULL.
 */
int rig_run(const char *const *arguments, char *said, size_t size);

/** Starts mprd in the foreground, for the test's life, and waits until it serves. */
void rig_start(void);

/** The same with room for so few open files. */
void rig_start_with_files(unsigned most);

/** The same, and what it says on standard error is kept for rig_logged; rig_end shows it. */
void rig_start_logged(void);

/** How many of the lines that it has said have this text in them. */
unsigned rig_logged(const char *text);

/** Ends the service with a signal, and waits. Returns milliseconds; -1: it does not end. */
int64_t rig_end(int signal);

/** How many mounts are in the directory. */
unsigned rig_mounts(void);

/** Kills those processes of the service that are named so. How many. */
unsigned rig_kill(const char *name);

/** How many processes that began here are left, a while later; those that we may look at. */
unsigned rig_processes(void);

/** The service's process, as its socket has it; 0: nobody serves. */
pid_t rig_pid(void);

/** A new connection to it; -1: there is none. */
int rig_connect(void);

/** Sends bytes; false: it hung up. */
bool rig_send(int fd, const char *bytes, size_t size);

/** The next message, in a buffer that the next call overwrites; NULL: it hung up, or is late. */
const char *rig_receive(int fd, int timeout_ms);

/** Calls a method of org.libmpr.Session, or one with its interface, and gives the reply. */
const char *rig_call(int fd, const char *method, const char *parameters);

/** The same on a connection of its own: is this text in the reply? */
bool rig_says(const char *method, const char *parameters, const char *text);

/** What it says of the state of a device. In a buffer for one. */
const char *rig_status(const char *device);

/** Does it say that of a device within a time? */
bool rig_is_soon(const char *device, const char *words, int within_ms);

/** Did it hang up? Waits for that. */
bool rig_is_hung_up(int fd, int timeout_ms);

/** Milliseconds since some moment. */
int64_t rig_ms(void);

#endif
