/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_rig.h: a drive's tree on a server that is a plain directory, without a kernel.
 */
#ifndef TREE_RIG_H
#define TREE_RIG_H

#include "service/drive.h"
#include "tests/drive/posix_remote.h"

#define LONG_MS 60000u /* attributes are believed for longer than the test takes */

extern struct drive rig_drive;
extern char rig_directory[64]; /**< the server's */

/** A new drive, whose attributes are believed for so long. */
void rig_begin(const char *group, uint32_t attribute_ms);
void rig_end(void);

/** The path of a name at the server. Good until the 4th call after. */
char *rig_inside(const char *name);
/** Writes a file at the server. */
void rig_put(const char *name, const char *text);
/** What the server was asked so far. */
uint64_t rig_calls(enum posix_op op);

struct drive_entry rig_look(uint64_t parent, const char *name);
/** Names of a directory, each once; returns how many. remove: one that goes meanwhile, or NULL. */
size_t rig_list(uint64_t number, bool plus, const char *remove);

#endif
