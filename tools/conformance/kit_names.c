/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_names.c: a module that exports every name a classic provider may have,
 * loaded for all before the one under test: as a program would that has such
 * functions of its own. None of them may ever be called.
 */
#include "config.h"

#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

/** The name of the last that was called, or NULL. */
EXPORT extern const char *conformance_name_called;
const char *conformance_name_called;

/* clang-format off */
#define NAMES(X) \
    X(GetCaps) X(AddConnection) X(AddConnection3) X(AddConnection4) X(CancelConnection) \
    X(CancelConnection2) X(GetConnection) X(GetConnection3) X(GetConnectionPerformance) \
    X(GetUniversalName) X(GetUser) X(OpenEnum) X(EnumResource) X(CloseEnum) \
    X(GetResourceParent) X(GetResourceInformation) X(FormatNetworkName) X(DeviceMode) \
    X(SearchDialog) X(GetPropertyText) X(PropertyDialog) X(GetDirectoryType) \
    X(DirectoryNotify) X(LogonNotify) X(PasswordChangeNotify)
/* clang-format on */

/* Without their arguments: who calls them is wrong already. */
#define DEFINE(name)                                                                               \
    EXPORT unsigned NP##name(void);                                                                \
    unsigned NP##name(void) {                                                                      \
        conformance_name_called = "NP" #name;                                                      \
        return 50;                                                                                 \
    }
NAMES(DEFINE)
