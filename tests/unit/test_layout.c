/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_layout.c: public structures lie in memory as on 64-bit Windows, and our
 * own ones as the first version of their interface laid them out.
 *
 * The numbers are written out: computed ones would follow every mistake.
 */
#include "config.h"

#include <criterion/criterion.h>

#include <mpr/file.h>
#include <mpr/mpr.h>
#include <mpr/npapi.h>
#include <mpr/provider.h>

TestSuite(layout, .timeout = 60);

#define SIZE(type, bytes) cr_expect_eq(sizeof(type), bytes, #type " has %zu bytes", sizeof(type))
#define AT(type, member, bytes)                                                                    \
    cr_expect_eq(offsetof(type, member), bytes, #type "." #member " is at %zu",                    \
                 offsetof(type, member))

Test(layout, base_types_have_the_sizes_of_windows) {
    SIZE(WORD, 2);
    SIZE(DWORD, 4);
    SIZE(BOOL, 4);
    SIZE(BYTE, 1);
    SIZE(WCHAR, 2);
    SIZE(HANDLE, 8);
    SIZE(MPR_HWND, 8);
    SIZE(LPWSTR, 8);
    cr_expect((BOOL)-1 < 0, "BOOL is signed");
    cr_expect((DWORD)-1 > 0, "DWORD is not");
}

#define NETRESOURCE_LAYOUT(type)                                                                   \
    do {                                                                                           \
        SIZE(type, 48);                                                                            \
        AT(type, dwScope, 0);                                                                      \
        AT(type, dwType, 4);                                                                       \
        AT(type, dwDisplayType, 8);                                                                \
        AT(type, dwUsage, 12);                                                                     \
        AT(type, lpLocalName, 16);                                                                 \
        AT(type, lpRemoteName, 24);                                                                \
        AT(type, lpComment, 32);                                                                   \
        AT(type, lpProvider, 40);                                                                  \
    } while (0)

Test(layout, netresource) {
    NETRESOURCE_LAYOUT(NETRESOURCEA);
    NETRESOURCE_LAYOUT(NETRESOURCEW);
    NETRESOURCE_LAYOUT(NETRESOURCE);
}

#define DIALOG_LAYOUT(connect, disconnect)                                                         \
    do {                                                                                           \
        SIZE(connect, 32);                                                                         \
        AT(connect, cbStructure, 0);                                                               \
        AT(connect, hwndOwner, 8);                                                                 \
        AT(connect, lpConnRes, 16);                                                                \
        AT(connect, dwFlags, 24);                                                                  \
        AT(connect, dwDevNum, 28);                                                                 \
        SIZE(disconnect, 40);                                                                      \
        AT(disconnect, cbStructure, 0);                                                            \
        AT(disconnect, hwndOwner, 8);                                                              \
        AT(disconnect, lpLocalName, 16);                                                           \
        AT(disconnect, lpRemoteName, 24);                                                          \
        AT(disconnect, dwFlags, 32);                                                               \
    } while (0)

Test(layout, dialogs) {
    DIALOG_LAYOUT(CONNECTDLGSTRUCTA, DISCDLGSTRUCTA);
    DIALOG_LAYOUT(CONNECTDLGSTRUCTW, DISCDLGSTRUCTW);
}

#define NAME_LAYOUT(universal, remote)                                                             \
    do {                                                                                           \
        SIZE(universal, 8);                                                                        \
        SIZE(remote, 24);                                                                          \
        AT(remote, lpUniversalName, 0);                                                            \
        AT(remote, lpConnectionName, 8);                                                           \
        AT(remote, lpRemainingPath, 16);                                                           \
    } while (0)

Test(layout, universal_names) {
    NAME_LAYOUT(UNIVERSAL_NAME_INFOA, REMOTE_NAME_INFOA);
    NAME_LAYOUT(UNIVERSAL_NAME_INFOW, REMOTE_NAME_INFOW);
}

/* Windows has it in no header of its own: the two pointers that its callers know. */
Test(layout, connections) {
    SIZE(WNET_CONNECTIONINFOA, 16);
    AT(WNET_CONNECTIONINFOA, lpRemoteName, 0);
    AT(WNET_CONNECTIONINFOA, lpProvider, 8);
    SIZE(WNET_CONNECTIONINFOW, 16);
    AT(WNET_CONNECTIONINFOW, lpRemoteName, 0);
    AT(WNET_CONNECTIONINFOW, lpProvider, 8);
}

Test(layout, facts_about_networks) {
    SIZE(NETINFOSTRUCT, 40);
    AT(NETINFOSTRUCT, cbStructure, 0);
    AT(NETINFOSTRUCT, dwProviderVersion, 4);
    AT(NETINFOSTRUCT, dwStatus, 8);
    AT(NETINFOSTRUCT, dwCharacteristics, 12);
    AT(NETINFOSTRUCT, dwHandle, 16);
    AT(NETINFOSTRUCT, wNetType, 24);
    AT(NETINFOSTRUCT, dwPrinters, 28);
    AT(NETINFOSTRUCT, dwDrives, 32);
    SIZE(NETCONNECTINFOSTRUCT, 20);
    AT(NETCONNECTINFOSTRUCT, dwSpeed, 8);
    AT(NETCONNECTINFOSTRUCT, dwDelay, 12);
    AT(NETCONNECTINFOSTRUCT, dwOptDataSize, 16);
}

Test(layout, notifications) {
    SIZE(NOTIFYINFO, 16);
    AT(NOTIFYINFO, dwOperationStatus, 4);
    AT(NOTIFYINFO, lpContext, 8);
    SIZE(NOTIFYADD, 64);
    AT(NOTIFYADD, NetResource, 8);
    AT(NOTIFYADD, dwAddFlags, 56);
    SIZE(NOTIFYCANCEL, 24);
    AT(NOTIFYCANCEL, lpProvider, 8);
    AT(NOTIFYCANCEL, dwFlags, 16);
    AT(NOTIFYCANCEL, fForce, 20);
}

Test(layout, files) {
    SIZE(struct mpr_stat, 72);
    AT(struct mpr_stat, size, 8);
    AT(struct mpr_stat, atime_ns, 24);
    AT(struct mpr_stat, mode, 48);
    AT(struct mpr_stat, rdev, 68);
    SIZE(struct mpr_statvfs, 56);
    AT(struct mpr_statvfs, files, 32);
    AT(struct mpr_statvfs, name_max, 48);
    AT(struct mpr_statvfs, read_only, 52);
}

/* Members may be added at the end only; those of today stay where they are. */
Test(layout, provider_interface_1_2) {
    SIZE(struct mpr_call, 40); /* 32 in 1.0 */
    AT(struct mpr_call, cancel_fd, 12);
    AT(struct mpr_call, deadline_ns, 16);
    AT(struct mpr_call, host_data, 24);
    AT(struct mpr_call, user, 32);
    SIZE(struct mpr_host, 48);
    AT(struct mpr_host, set_error, 8);
    AT(struct mpr_host, connection_lost, 40);
    SIZE(struct mpr_recognised, 1036);
    AT(struct mpr_recognised, key, 12);
    SIZE(struct mpr_connect, 64); /* 48 in 1.0 */
    AT(struct mpr_connect, remote, 16);
    AT(struct mpr_connect, host_connection, 40);
    AT(struct mpr_connect, use_options, 48);
    SIZE(struct mpr_resource, 40);
    AT(struct mpr_resource, remote, 24);
    SIZE(struct mpr_performance, 20);
    AT(struct mpr_provider, magic, 0);
    AT(struct mpr_provider, abi_major, 4);
    AT(struct mpr_provider, abi_minor, 6);
    AT(struct mpr_provider, size, 8);
    AT(struct mpr_provider, flags, 12);
    AT(struct mpr_provider, name, 16);
    AT(struct mpr_provider, net_type, 24);
    AT(struct mpr_provider, max_io, 32);
    AT(struct mpr_provider, init, 40);
    AT(struct mpr_provider, connect, 64);
    AT(struct mpr_provider, disconnect, 72);
    AT(struct mpr_provider, abort, 80);
    AT(struct mpr_provider, open, 128);
    AT(struct mpr_provider, pread, 144);
    AT(struct mpr_provider, readdir, 192);
    AT(struct mpr_provider, statvfs, 280);
    AT(struct mpr_provider, print, 288);
    AT(struct mpr_provider, universal, 296); /* the end in 1.0 */
    AT(struct mpr_provider, format, 304);
    AT(struct mpr_provider, lstat, 312); /* the end in 1.1 */
    AT(struct mpr_provider, endpoint, 320);
    SIZE(struct mpr_provider, 328);
}

Test(layout, of_mpr_provider_info) {
    SIZE(struct mpr_provider_info, 64);
    AT(struct mpr_provider_info, state, 4);
    AT(struct mpr_provider_info, capabilities, 16);
    AT(struct mpr_provider_info, name, 24);
    AT(struct mpr_provider_info, error, 56);
}
