/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kit_families.c: all the checks, in the order in which they run.
 */
#include "config.h"

#include "tools/conformance/kit.h"

#include <stddef.h>

/* clang-format off */
#define FAMILIES(X) \
    X("Loading",             KIT_NATIVE,  native_load) \
    X("Table",               KIT_NATIVE,  native_table) \
    X("Names",               KIT_NATIVE,  native_names) \
    X("Connect",             KIT_NATIVE,  native_connect) \
    X("Logging on",          KIT_NATIVE,  native_logon) \
    X("Disconnect",          KIT_NATIVE,  native_disconnect) \
    X("Aborts and deadlines", KIT_NATIVE, native_abort) \
    X("Errors and texts",    KIT_NATIVE,  native_error) \
    X("Secrets",             KIT_NATIVE,  native_secret) \
    X("Opening files",       KIT_NATIVE,  native_open) \
    X("Bytes of files",      KIT_NATIVE,  native_data) \
    X("Directories",         KIT_NATIVE,  native_directory) \
    X("Renaming and links",  KIT_NATIVE,  native_links) \
    X("Attributes of files", KIT_NATIVE,  native_attributes) \
    X("Bounds and threads",  KIT_NATIVE,  native_bounds) \
    X("Files at random",     KIT_NATIVE,  native_model) \
    X("Print jobs",          KIT_NATIVE,  native_print) \
    X("Lists",               KIT_NATIVE,  native_list) \
    X("Information",         KIT_NATIVE,  native_information) \
    X("Queries",             KIT_NATIVE,  native_query) \
    X("Threads and signals", KIT_NATIVE,  native_thread) \
    X("Memory",              KIT_NATIVE,  native_memory) \
    X("Loading",             KIT_CLASSIC, classic_load) \
    X("Capabilities",        KIT_CLASSIC, classic_caps) \
    X("Connect",             KIT_CLASSIC, classic_connect) \
    X("Refused connects",    KIT_CLASSIC, classic_refuse) \
    X("Users and passwords", KIT_CLASSIC, classic_users) \
    X("Connect with flags",  KIT_CLASSIC, classic_connect3) \
    X("Cancel",              KIT_CLASSIC, classic_cancel) \
    X("Cancel in use",       KIT_CLASSIC, classic_force) \
    X("Get",                 KIT_CLASSIC, classic_get) \
    X("Names",               KIT_CLASSIC, classic_names) \
    X("Enumeration",         KIT_CLASSIC, classic_enum) \
    X("Enumeration: handles", KIT_CLASSIC, classic_cursor) \
    X("Resources",           KIT_CLASSIC, classic_resource) \
    X("Errors and texts",    KIT_CLASSIC, classic_error) \
    X("Threads and signals", KIT_CLASSIC, classic_thread) \
    X("Memory",              KIT_CLASSIC, classic_memory) \
    X("Connect",             KIT_ROUTED,  routed_connect) \
    X("Cancel",              KIT_ROUTED,  routed_cancel) \
    X("Queries and lists",   KIT_ROUTED,  routed_query) \
    X("Routing",             KIT_ROUTED,  routed_route) \
    X("Files",               KIT_ROUTED,  routed_file) \
    X("Threads and words",   KIT_ROUTED,  routed_thread) \
    X("Worker processes",    KIT_ROUTED,  routed_isolate)
/* clang-format on */

#define DECLARE(title, kind, name) extern const struct kit_check kit_checks_##name[];
FAMILIES(DECLARE)

#define LIST(title, kind, name) {title, kind, kit_checks_##name},
const struct kit_family kit_families[] = {FAMILIES(LIST){NULL, KIT_NATIVE, NULL}};
