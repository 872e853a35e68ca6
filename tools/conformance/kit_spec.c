/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_spec.c: see kit_spec.h.
 */
#include "config.h"

#include "tools/conformance/kit_spec.h"

#include <stddef.h>

const struct kit_requirement kit_requirements[] = {
    {"LOAD-09", "tests/module/test_loader", "who may write a module is the router's business"},
    {NULL, NULL, NULL},
};
