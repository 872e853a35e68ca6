/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_session_fields.h: what the structures of mpr_ops.h that stand in lists consist
 * of, and events, for the wire of the session. late is a u32 that came later.
 */
#ifndef MPR_SESSION_FIELDS_H
#define MPR_SESSION_FIELDS_H

#define MPR_SESSION_ITEM_FIELDS(F)                                                                 \
    F(u32, scope)                                                                                  \
    F(u32, type)                                                                                   \
    F(u32, display_type)                                                                           \
    F(u32, usage) F(str, local) F(str, remote) F(str, comment) F(str, provider)

#define MPR_SESSION_PROVIDER_FIELDS(F)                                                             \
    F(u32, state)                                                                                  \
    F(u32, order)                                                                                  \
    F(u32, net_type)                                                                               \
    F(u32, capabilities)                                                                           \
    F(u32, isolated)                                                                               \
    F(u32, version) F(str, name) F(str, provider) F(str, drop_in) F(str, module) F(str, error)

#define MPR_SESSION_REFUSAL_FIELDS(F) F(u32, code) F(u32, native) F(str, provider) F(str, words)

#define MPR_SESSION_RESTORED_FIELDS(F)                                                             \
    F(str, local) F(str, remote) F(str, user) F(flag, asks) F(refusal, refusal)

#define MPR_SESSION_STATUS_FIELDS(F)                                                               \
    F(u32, state)                                                                                  \
    F(u32, type)                                                                                   \
    F(u32, persistent)                                                                             \
    F(u32, open_files)                                                                             \
    F(u32, latency_us)                                                                             \
    F(u32, code)                                                                                   \
    F(u32, retry_s)                                                                                \
    F(u64, bytes_read)                                                                             \
    F(u64, bytes_written)                                                                          \
    F(u64, operations)                                                                             \
    F(str, device)                                                                                 \
    F(str, remote) F(str, provider) F(str, user) F(str, directory) F(str, reason) F(late, age_ms)

#define MPR_SESSION_HOLDER_FIELDS(F)                                                               \
    F(u32, kind) F(u32, pid) F(u32, more) F(str, command) F(str, path)

#define MPR_SESSION_STEP_FIELDS(F)                                                                 \
    F(u32, outcome) F(u32, milliseconds) F(u32, code) F(str, step) F(str, words)

/* As mpr_event has them; not in a list, but one in a reply. */
#define MPR_SESSION_EVENT_FIELDS(F)                                                                \
    F(u32, kind)                                                                                   \
    F(u32, code)                                                                                   \
    F(u32, initial)                                                                                \
    F(u64, time_ns) F(str, device) F(str, remote) F(str, provider) F(str, text)

/* S(name, structure, fields): each gets its functions from its fields. */
#define MPR_SESSION_STRUCTURES(S)                                                                  \
    S(refusal, refusal, MPR_SESSION_REFUSAL_FIELDS)                                                \
    S(item, item, MPR_SESSION_ITEM_FIELDS)                                                         \
    S(provider, provider_item, MPR_SESSION_PROVIDER_FIELDS)                                        \
    S(restored, restored, MPR_SESSION_RESTORED_FIELDS)                                             \
    S(status, status_item, MPR_SESSION_STATUS_FIELDS)                                              \
    S(holder, holder_item, MPR_SESSION_HOLDER_FIELDS)                                              \
    S(step, step_item, MPR_SESSION_STEP_FIELDS)

/* L(type of field, name of its entries, structure of the list) */
#define MPR_SESSION_LISTS(L)                                                                       \
    L(items, item, item_list)                                                                      \
    L(providers, provider, provider_list)                                                          \
    L(restored, restored, restored_list)                                                           \
    L(statuses, status, status_list)                                                               \
    L(holders, holder, holder_list)                                                                \
    L(steps, step, step_list)

#endif
