/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_spec.h: what became of the requirements on Windows' network providers
 * that no check of the kit holds.
 */
#ifndef KIT_SPEC_H
#define KIT_SPEC_H

struct kit_requirement {
    const char *id;          /* "CAN-06"; NULL ends the list */
    const char *router_test; /* the test of the router that holds it, or NULL */
    const char *reason;      /* why it is the router's, or why it was dropped */
};

extern const struct kit_requirement kit_requirements[];

#endif
