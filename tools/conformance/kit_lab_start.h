/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_lab_start.h: --lab: the program once more, among servers of its own.
 */
#ifndef KIT_LAB_START_H
#define KIT_LAB_START_H

/**
 * Becomes the laboratory's script, which starts the servers of this kind in
 * namespaces of their own, writes the lab file, and runs the program with it:
 * its options but --lab, the module, the lab file. argv is the command line as
 * getopt_long left it, with optind at the module, if one is named; else what is
 * tested is the provider of that name, by its drop-in, or in a build tree what
 * was built.
 *
 * Returns on failure only, after one sentence on standard error: 2.
 */
int kit_lab_start(const char *kind, int argc, char **argv);

/** For --print-lab: the lab file of such servers on standard output, and that is all. */
int kit_lab_print(const char *kind);

#endif
