/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_entry.c: describes what there is on a network.
 */
#include "config.h"

#include "providers/smb/smb_entry.h"

#include <string.h>
#include <strings.h>

#include <mpr/winnetwk.h>

static struct mpr_resource describe(const char *remote, uint32_t type, uint32_t display_type,
                                    uint32_t usage) {
    return (struct mpr_resource){
        .size = sizeof(struct mpr_resource),
        .scope = RESOURCE_GLOBALNET,
        .type = type,
        .display_type = display_type,
        .usage = usage,
        .remote = remote,
    };
}

struct mpr_resource smb_entry_of_server(const char *remote) {
    return describe(remote, RESOURCETYPE_ANY, RESOURCEDISPLAYTYPE_SERVER, RESOURCEUSAGE_CONTAINER);
}

struct mpr_resource smb_entry_of_share(const char *remote, const char *name, uint32_t type) {
    bool hidden = name[0] && name[strlen(name) - 1] == '$';
    bool pipes = strcasecmp(name, "IPC$") == 0;

    return describe(remote, pipes ? RESOURCETYPE_ANY : type,
                    hidden ? RESOURCEDISPLAYTYPE_SHAREADMIN : RESOURCEDISPLAYTYPE_SHARE,
                    RESOURCEUSAGE_CONNECTABLE | (pipes ? RESOURCEUSAGE_NOLOCALDEVICE : 0));
}

struct mpr_resource smb_entry_of_directory(const char *remote) {
    return describe(remote, RESOURCETYPE_DISK, RESOURCEDISPLAYTYPE_DIRECTORY,
                    RESOURCEUSAGE_CONNECTABLE);
}

bool smb_entry_is_wanted(const struct mpr_resource *entry, uint32_t type, uint32_t usage) {
    uint32_t types = type & (RESOURCETYPE_DISK | RESOURCETYPE_PRINT);

    if (usage && !(entry->usage & usage))
        return false;
    /* What is no resource by itself has none of the types. */
    return !types || entry->display_type == RESOURCEDISPLAYTYPE_SERVER || (entry->type & types);
}
