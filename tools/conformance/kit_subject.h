/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_subject.h: the module under test: what MODULE on the command line means.
 */
#ifndef KIT_SUBJECT_H
#define KIT_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include <mpr/provider.h>

struct kit_subject {
    const char *argument;      /* as given */
    const char *name;          /* of its drop-in: "smb" */
    const char *module;        /* absolute path */
    const char *worker_module; /* absolute path, or NULL */
    const char *provider_name; /* lpProvider of a classic one by its drop-in, or NULL */
    const struct mpr_option *options;
    bool isolate;
    bool classic;
};

extern struct kit_subject kit_subject;

/**
 * Finds out what argument is: a module, or a drop-in of one; options of the lab
 * file win. Loads the module in a process of its own to see what kind it is.
 * False: error has a sentence.
 */
bool kit_subject_open(const char *argument, char *error, size_t error_size);

/** The drop-in of the subject, as text, under this order. To be freed. */
char *kit_subject_drop_in(int order);

#endif
