/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_ops.h: the operations of the router, each described once (seam 1: where
 * the router runs).
 *
 * From this list come the argument and result structures, the driver's table
 * and the functions that the public entry points call. There are no handles and
 * no callbacks in it, so that another process could carry an operation out. A
 * number, once released, is never used for anything else.
 *
 * Field types: str (UTF-8, may be NULL), secret (a password, may be NULL), bytes
 * (with their number; may be NULL), u32, u64, flag, fds (descriptors), refusal, and lists.
 */
#ifndef MPR_OPS_H
#define MPR_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <mpr/mprtypes.h>
#include <mpr/session.h>

/** Descriptors of a channel: commands, control, shared memory. */
#define MPR_OPS_FDS 3

/** A connection, or a remembered one. */
struct mpr_item {
    uint32_t scope, type, display_type, usage;
    char *local; /* or NULL */
    char *remote;
    char *comment;  /* or NULL */
    char *provider; /* lpProvider */
};

struct mpr_item_list {
    struct mpr_item *items;
    size_t count;
};

/** One provider, as mpr_provider_info has it. */
struct mpr_provider_item {
    uint32_t state, order, net_type, capabilities, isolated, version;
    char *name, *provider, *drop_in, *module, *error;
};

struct mpr_provider_list {
    struct mpr_provider_item *items;
    size_t count;
};

/** A failure that is a result, for whoever may ask the user and try again. */
struct mpr_refusal {
    uint32_t code;   /* Win32; NO_ERROR: nothing failed */
    uint32_t native; /* of the failing side's own world */
    char *provider;  /* name for WNetGetLastError, or NULL */
    char *words;     /* or NULL */
};

/** What became of a remembered connection. */
struct mpr_restored {
    char *local;
    char *remote;
    char *user; /* or NULL: the default user */
    bool asks;  /* another user name or password may help */
    struct mpr_refusal refusal;
};

struct mpr_restored_list {
    struct mpr_restored *items;
    size_t count;
};

/** As mpr_connection_status has it. */
struct mpr_status_item {
    uint32_t state, type, persistent, open_files, latency_us, code, retry_s, age_ms;
    uint64_t bytes_read, bytes_written, operations;
    char *device, *remote, *provider, *user, *directory, *reason; /* device may be NULL */
};

struct mpr_status_list {
    struct mpr_status_item *items;
    size_t count;
};

/** As mpr_holder has it. */
struct mpr_holder_item {
    uint32_t kind, pid, more;
    char *command, *path;
};

struct mpr_holder_list {
    struct mpr_holder_item *items;
    size_t count;
};

/** As mpr_step has it. */
struct mpr_step_item {
    uint32_t outcome, milliseconds, code;
    char *step, *words;
};

struct mpr_step_list {
    struct mpr_step_item *items;
    size_t count;
};

void mpr_status_list_clear(struct mpr_status_list *list);
void mpr_holder_list_clear(struct mpr_holder_list *list);
void mpr_step_list_clear(struct mpr_step_list *list);
void mpr_refusal_clear(struct mpr_refusal *refusal);
void mpr_restored_clear(struct mpr_restored *restored);
void mpr_restored_list_clear(struct mpr_restored_list *list);
void mpr_item_list_clear(struct mpr_item_list *list);
void mpr_provider_list_clear(struct mpr_provider_list *list);

/*
 * Connects. access_name: the device that was redirected, else the remote name;
 * no_room: the caller has no room for it, so nothing is to be connected; check_only:
 * the arguments are looked at, and that is all.
 * asks, with CONNECT_INTERACTIVE: nothing was connected, for the reason that
 * refusal has, but user name and password from the user may help; asked: he was.
 * Without asks, refusal says what could not be done besides: its code is NO_ERROR else.
 */
#define MPR_ADD_ARGS(F)                                                                            \
    F(str, local)                                                                                  \
    F(str, remote)                                                                                 \
    F(str, provider)                                                                               \
    F(str, user)                                                                                   \
    F(secret, password)                                                                            \
    F(bytes, use_options)                                                                          \
    F(u32, type)                                                                                   \
    F(u32, flags)                                                                                  \
    F(flag, no_room)                                                                               \
    F(flag, check_only)                                                                            \
    F(flag, asked)
#define MPR_ADD_RET(F)         F(str, access_name) F(flag, redirected) F(flag, asks) F(refusal, refusal)

/* Breaks connections: WNetCancelConnection2. provider: whose they were; NULL if none was. */
#define MPR_CANCEL_ARGS(F)     F(str, name) F(u32, flags) F(flag, force) F(flag, check_only)
#define MPR_CANCEL_RET(F)      F(str, provider)

/* What a device is connected to; remembered: it is not, but the profile has it. */
#define MPR_CONNECTION_ARGS(F) F(str, local)
#define MPR_CONNECTION_RET(F)  F(str, remote) F(str, provider) F(flag, remembered)

/* The user of a connection, or of the process. */
#define MPR_USER_ARGS(F)       F(str, name)
#define MPR_USER_RET(F)        F(str, user)

/*
 * All entries of a scope. With RESOURCE_GLOBALNET those below container, a remote
 * name; NULL: below the provider, or the network.
 */
#define MPR_ENUMERATE_ARGS(F)                                                                      \
    F(u32, scope) F(u32, type) F(u32, usage) F(str, provider) F(str, container)
#define MPR_ENUMERATE_RET(F) F(items, list)

/* The providers, failed ones too. */
#define MPR_PROVIDERS_ARGS(F)
#define MPR_PROVIDERS_RET(F)    F(providers, list)

/*
 * The name of a path on a device for other machines. universal NULL: it has none
 * (level UNIVERSAL_NAME_INFO_LEVEL: that is a failure).
 */
#define MPR_UNIVERSAL_ARGS(F)   F(str, path) F(u32, level)
#define MPR_UNIVERSAL_RET(F)    F(str, universal) F(str, connection) F(str, remaining)

/* The resource that a remote name begins with, one entry, and the rest of the name or NULL. */
#define MPR_INFORMATION_ARGS(F) F(str, remote) F(str, provider) F(u32, type)
#define MPR_INFORMATION_RET(F)  F(items, list) F(str, rest)

/* The container of a remote name: one entry, its remote NULL at the top. */
#define MPR_PARENT_ARGS(F)      F(str, remote) F(str, provider) F(u32, type)
#define MPR_PARENT_RET(F)       F(items, list)

/* How fast a connection is: of a device, or else of a remote name. */
#define MPR_PERFORMANCE_ARGS(F) F(str, local) F(str, remote) F(str, provider)
#define MPR_PERFORMANCE_RET(F)  F(u32, flags) F(u32, speed) F(u32, delay_ms) F(u32, opt_data_size)

/* A remote name as people are to see it. */
#define MPR_FORMAT_ARGS(F)      F(str, provider) F(str, remote) F(u32, flags) F(u32, width)
#define MPR_FORMAT_RET(F)       F(str, text)

/*
 * Connects what is remembered: a device, or NULL: all of them, each for itself.
 * What became of them is the result. asked: user and password count, not the user
 * that is remembered; flags: CONNECT_INTERACTIVE and its like, for one device.
 */
#define MPR_RESTORE_ARGS(F)                                                                        \
    F(str, local) F(str, user) F(secret, password) F(u32, flags) F(flag, asked)
#define MPR_RESTORE_RET(F)         F(restored, list)

/* Remembers a connection that there is, or forgets it without breaking it. */
#define MPR_SET_PERSISTENT_ARGS(F) F(str, name) F(flag, persistent)
#define MPR_SET_PERSISTENT_RET(F)

/* Breaks every connection by force. */
#define MPR_BREAK_ALL_ARGS(F)
#define MPR_BREAK_ALL_RET(F)

/* The modules that want to be told of connections, in the order of registration. */
#define MPR_NOTIFYEES_ARGS(F)
#define MPR_NOTIFYEES_RET(F)    F(providers, list)

/* The connections and remembered ones, or that of a name: MprStatus. */
#define MPR_STATUS_ARGS(F)      F(str, name)
#define MPR_STATUS_RET(F)       F(statuses, list)

/* Who uses a connection: MprHolders. */
#define MPR_HOLDERS_ARGS(F)     F(str, name)
#define MPR_HOLDERS_RET(F)      F(holders, list)

/* The way to a resource, and where it ends: MprExplain. */
#define MPR_EXPLAIN_ARGS(F)     F(str, remote)
#define MPR_EXPLAIN_RET(F)      F(steps, list)

/* Where a remembered connection has its password from: MprSetCredentials. */
#define MPR_CREDENTIALS_ARGS(F) F(str, device) F(u32, source) F(secret, value)
#define MPR_CREDENTIALS_RET(F)

/*
 * The connection that a path, or with exact a name, leads to: its number, good as long
 * as it is there, and the rest of the path as mpr_name_inner_path has it. What a channel
 * to it needs to know.
 */
#define MPR_LOCATE_ARGS(F) F(str, path) F(flag, exact)
#define MPR_LOCATE_RET(F)                                                                          \
    F(u64, number) F(str, rest) F(str, provider) F(u32, io_timeout_ms) F(u32, max_io) F(u64, slots)

/*
 * Gives the three descriptors of a channel to the drive of a connection, which serves
 * them. None (-1): only whether the connection is still there.
 */
#define MPR_CHANNEL_ARGS(F) F(u64, number) F(u64, shared_size) F(fds, fds)
#define MPR_CHANNEL_RET(F)

/* Serves a mount that the caller has made: fds[0] is of /dev/fuse, the others are -1. */
#define MPR_SERVE_ARGS(F) F(str, name) F(fds, fds)
#define MPR_SERVE_RET(F)

/* In three parts, of which the second is called by what is behind file.h only. */
#define MPR_FIRST_OPS(OP)                                                                          \
    OP(1, add, MPR_ADD_ARGS, MPR_ADD_RET)                                                          \
    OP(2, cancel, MPR_CANCEL_ARGS, MPR_CANCEL_RET)                                                 \
    OP(3, connection, MPR_CONNECTION_ARGS, MPR_CONNECTION_RET)                                     \
    OP(4, user, MPR_USER_ARGS, MPR_USER_RET)                                                       \
    OP(5, enumerate, MPR_ENUMERATE_ARGS, MPR_ENUMERATE_RET)                                        \
    OP(6, providers, MPR_PROVIDERS_ARGS, MPR_PROVIDERS_RET)                                        \
    OP(7, universal, MPR_UNIVERSAL_ARGS, MPR_UNIVERSAL_RET)                                        \
    OP(8, information, MPR_INFORMATION_ARGS, MPR_INFORMATION_RET)                                  \
    OP(9, parent, MPR_PARENT_ARGS, MPR_PARENT_RET)                                                 \
    OP(10, performance, MPR_PERFORMANCE_ARGS, MPR_PERFORMANCE_RET)                                 \
    OP(11, format, MPR_FORMAT_ARGS, MPR_FORMAT_RET)                                                \
    OP(12, restore, MPR_RESTORE_ARGS, MPR_RESTORE_RET)                                             \
    OP(13, set_persistent, MPR_SET_PERSISTENT_ARGS, MPR_SET_PERSISTENT_RET)                        \
    OP(14, break_all, MPR_BREAK_ALL_ARGS, MPR_BREAK_ALL_RET)                                       \
    OP(15, notifyees, MPR_NOTIFYEES_ARGS, MPR_NOTIFYEES_RET)                                       \
    OP(16, status, MPR_STATUS_ARGS, MPR_STATUS_RET)                                                \
    OP(17, holders, MPR_HOLDERS_ARGS, MPR_HOLDERS_RET)                                             \
    OP(18, explain, MPR_EXPLAIN_ARGS, MPR_EXPLAIN_RET)                                             \
    OP(19, credentials, MPR_CREDENTIALS_ARGS, MPR_CREDENTIALS_RET)
#define MPR_CHANNEL_OPS(OP)                                                                        \
    OP(20, locate, MPR_LOCATE_ARGS, MPR_LOCATE_RET)                                                \
    OP(21, channel, MPR_CHANNEL_ARGS, MPR_CHANNEL_RET)
#define MPR_LATER_OPS(OP)    OP(22, serve, MPR_SERVE_ARGS, MPR_SERVE_RET)
#define MPR_OPS(OP)          MPR_FIRST_OPS(OP) MPR_CHANNEL_OPS(OP) MPR_LATER_OPS(OP)

#define MPR_ARG_str(name)    const char *name;
#define MPR_ARG_secret(name) const char *name;
#define MPR_ARG_bytes(name)                                                                        \
    const void *name;                                                                              \
    size_t name##_size;
#define MPR_ARG_u32(name)       uint32_t name;
#define MPR_ARG_u64(name)       uint64_t name;
#define MPR_ARG_fds(name)       int name[MPR_OPS_FDS]; /* the caller's, who closes them */
#define MPR_ARG_flag(name)      bool name;
#define MPR_ARG(type, name)     MPR_ARG_##type(name)

#define MPR_RET_str(name)       char *name;
#define MPR_RET_u32(name)       uint32_t name;
#define MPR_RET_u64(name)       uint64_t name;
#define MPR_RET_flag(name)      bool name;
#define MPR_RET_refusal(name)   struct mpr_refusal name;
#define MPR_RET_restored(name)  struct mpr_restored_list name;
#define MPR_RET_statuses(name)  struct mpr_status_list name;
#define MPR_RET_holders(name)   struct mpr_holder_list name;
#define MPR_RET_steps(name)     struct mpr_step_list name;
#define MPR_RET_items(name)     struct mpr_item_list name;
#define MPR_RET_providers(name) struct mpr_provider_list name;
#define MPR_RET(type, name)     MPR_RET_##type(name)

#define MPR_CLEAR_str(name)     free(ret->name);
#define MPR_CLEAR_u32(name)
#define MPR_CLEAR_u64(name)
#define MPR_CLEAR_flag(name)
#define MPR_CLEAR_refusal(name)   mpr_refusal_clear(&ret->name);
#define MPR_CLEAR_restored(name)  mpr_restored_list_clear(&ret->name);
#define MPR_CLEAR_statuses(name)  mpr_status_list_clear(&ret->name);
#define MPR_CLEAR_holders(name)   mpr_holder_list_clear(&ret->name);
#define MPR_CLEAR_steps(name)     mpr_step_list_clear(&ret->name);
#define MPR_CLEAR_items(name)     mpr_item_list_clear(&ret->name);
#define MPR_CLEAR_providers(name) mpr_provider_list_clear(&ret->name);
#define MPR_CLEAR(type, name)     MPR_CLEAR_##type(name)

/* end_ keeps a structure without fields from being empty, which C has not. */
#define MPR_DECLARE(id, op, ARGS, RET)                                                             \
    struct mpr_##op##_args {                                                                       \
        ARGS(MPR_ARG) char end_;                                                                   \
    };                                                                                             \
    struct mpr_##op##_ret {                                                                        \
        RET(MPR_RET) char end_;                                                                    \
    };                                                                                             \
    /** Frees what an operation gave. */                                                           \
    static inline void mpr_##op##_ret_clear(struct mpr_##op##_ret *ret) {                          \
        RET(MPR_CLEAR)                                                                             \
        memset(ret, 0, sizeof *ret);                                                               \
    }
MPR_OPS(MPR_DECLARE)
#undef MPR_DECLARE

enum mpr_op {
#define MPR_NUMBER(id, op, ARGS, RET) MPR_OP_##op = (id),
    MPR_OPS(MPR_NUMBER)
#undef MPR_NUMBER
};

/**
 * What carries the operations out. An operation returns a Win32 code and, with
 * any failure that it can explain, sets the calling thread's text. ret is
 * untouched on failure.
 */
struct mpr_driver {
    const char *name;
    /** root as MprInitialize has it. */
    DWORD (*open)(const char *root, void **ret_state);
    /** Breaks its connections by force; connecting: also those on their way. */
    void (*clear)(void *state, bool connecting);
    /** Ends; state is gone afterwards. */
    void (*close)(void *state);
    /** The child of a fork: forget all without touching it; state may be closed already. */
    void (*forget)(void *state);
    /** Tells events until it is told to stop, as MprSubscribe; NULL: there are none here. */
    DWORD (*subscribe)(void *state, mpr_event_fn fn, int cancel_fd, void *context);
#define MPR_SLOT(id, op, ARGS, RET)                                                                \
    DWORD (*op)(void *state, const struct mpr_##op##_args *args, struct mpr_##op##_ret *ret);
    MPR_OPS(MPR_SLOT)
#undef MPR_SLOT
};

/** The router in this process. */
extern const struct mpr_driver mpr_local_driver;

#endif
