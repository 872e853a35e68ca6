/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr_wire_ops.h: what is said between this process and a worker process, each
 * thing once.
 *
 * From these lists come the structures, their coding, the host's stubs and the
 * worker's dispatch, so that the two sides cannot disagree. Both are of one
 * package and on one machine: numbers are in the machine's order, and another
 * MPR_WIRE_VERSION is refused.
 *
 * A field is F(type, name). Types:
 *   str      UTF-8, may be NULL; when read it points into the message
 *   bytes    any, with their number, NULL if there are none; likewise
 *   u32 u64 i64
 *   file     an open file: the number that the worker gave it, 0 = none
 *   bulk     how many bytes lie in the shared memory; never more than it has
 *   stat statvfs   the structures of mpr/file.h
 */
#ifndef MPR_WIRE_OPS_H
#define MPR_WIRE_OPS_H

/** Changes with these lists. */
#define MPR_WIRE_VERSION 4u

#define MPR_WIRE_NOTHING(F)

/*      operations: arguments and results */
#define MPR_WIRE_CONNECT_ARGS(F)                                                                   \
    F(str, remote)                                                                                 \
    F(str, device) F(str, user) F(u32, type) F(u32, flags) F(bytes, use_options)
#define MPR_WIRE_DISCONNECT_ARGS(F)  F(u32, force)
#define MPR_WIRE_USER_RET(F)         F(str, user)
#define MPR_WIRE_LIST_ARGS(F)        F(str, container) F(u32, type) F(u32, usage) F(str, user)
#define MPR_WIRE_PARENT_ARGS(F)      F(str, remote)
#define MPR_WIRE_INFORMATION_ARGS(F) F(str, remote) F(u32, type) F(str, user)
#define MPR_WIRE_INFORMATION_RET(F)  F(u64, rest)
#define MPR_WIRE_PERFORMANCE_RET(F)                                                                \
    F(u32, flags) F(u32, speed) F(u32, delay_ms) F(u32, opt_data_size)
#define MPR_WIRE_OPEN_ARGS(F)     F(str, path) F(u32, flags) F(u32, mode)
#define MPR_WIRE_OPEN_RET(F)      F(file, file)
#define MPR_WIRE_CLOSE_ARGS(F)    F(file, file)
#define MPR_WIRE_PREAD_ARGS(F)    F(file, file) F(bulk, size) F(u64, offset)
#define MPR_WIRE_PWRITE_ARGS(F)   F(file, file) F(bulk, size) F(u64, offset)
#define MPR_WIRE_FSYNC_ARGS(F)    F(file, file)
#define MPR_WIRE_TRUNCATE_ARGS(F) F(str, path) F(file, file) F(u64, size)
#define MPR_WIRE_STAT_ARGS(F)     F(str, path)
#define MPR_WIRE_STAT_RET(F)      F(stat, facts)
#define MPR_WIRE_FSTAT_ARGS(F)    F(file, file)
#define MPR_WIRE_FSTAT_RET(F)     F(stat, facts)
#define MPR_WIRE_READDIR_ARGS(F)  F(str, path)
#define MPR_WIRE_MKDIR_ARGS(F)    F(str, path) F(u32, mode)
#define MPR_WIRE_RMDIR_ARGS(F)    F(str, path)
#define MPR_WIRE_UNLINK_ARGS(F)   F(str, path)
#define MPR_WIRE_RENAME_ARGS(F)   F(str, from) F(str, to)
#define MPR_WIRE_LINK_ARGS(F)     F(str, from) F(str, to)
#define MPR_WIRE_SYMLINK_ARGS(F)  F(str, target) F(str, path)
#define MPR_WIRE_READLINK_ARGS(F) F(str, path) F(u32, size)
#define MPR_WIRE_READLINK_RET(F)  F(str, target)
#define MPR_WIRE_CHMOD_ARGS(F)    F(str, path) F(u32, mode)
#define MPR_WIRE_CHOWN_ARGS(F)    F(str, path) F(u32, uid) F(u32, gid)
#define MPR_WIRE_UTIMENS_ARGS(F)  F(str, path) F(i64, atime_ns) F(i64, mtime_ns)
#define MPR_WIRE_STATVFS_ARGS(F)  F(str, path)
#define MPR_WIRE_STATVFS_RET(F)   F(statvfs, facts)
#define MPR_WIRE_PRINT_ARGS(F)    F(str, document)
#define MPR_WIRE_PRINT_RET(F)     F(file, file)
#define MPR_WIRE_MOUNT_ARGS(F)    F(str, directory) F(str, device)
#define MPR_WIRE_ATTACH_ARGS(F)   F(u64, shared_size)
#define MPR_WIRE_FACTS_RET(F)                                                                      \
    F(u64, bytes_read)                                                                             \
    F(u64, bytes_written)                                                                          \
    F(u64, operations) F(u32, open_files) F(u32, latency_us) F(u32, lost) F(u32, mounted)

/*
 * OP(number, name, arguments, results). A number is a bit of mpr_wire_ready.slots
 * too. In the first list stub and dispatch are written by hand: the slot of
 * the provider's table has a buffer or a callback, or makes or ends something.
 */
#define MPR_WIRE_SPECIAL_OPS(OP)                                                                   \
    OP(1, connect, MPR_WIRE_CONNECT_ARGS, MPR_WIRE_NOTHING)                                        \
    OP(2, disconnect, MPR_WIRE_DISCONNECT_ARGS, MPR_WIRE_NOTHING)                                  \
    OP(3, user, MPR_WIRE_NOTHING, MPR_WIRE_USER_RET)                                               \
    OP(4, list, MPR_WIRE_LIST_ARGS, MPR_WIRE_NOTHING)                                              \
    OP(5, parent, MPR_WIRE_PARENT_ARGS, MPR_WIRE_NOTHING)                                          \
    OP(6, information, MPR_WIRE_INFORMATION_ARGS, MPR_WIRE_INFORMATION_RET)                        \
    OP(7, performance, MPR_WIRE_NOTHING, MPR_WIRE_PERFORMANCE_RET)                                 \
    OP(8, open, MPR_WIRE_OPEN_ARGS, MPR_WIRE_OPEN_RET)                                             \
    OP(9, close, MPR_WIRE_CLOSE_ARGS, MPR_WIRE_NOTHING)                                            \
    OP(10, pread, MPR_WIRE_PREAD_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(11, pwrite, MPR_WIRE_PWRITE_ARGS, MPR_WIRE_NOTHING)                                         \
    OP(12, readdir, MPR_WIRE_READDIR_ARGS, MPR_WIRE_NOTHING)                                       \
    OP(13, readlink, MPR_WIRE_READLINK_ARGS, MPR_WIRE_READLINK_RET)                                \
    OP(14, print, MPR_WIRE_PRINT_ARGS, MPR_WIRE_PRINT_RET)

/*
 * In this list both are generated: the slot takes the session, the call, the
 * arguments and where the results go, in this order, and returns 0 or -errno.
 */
#define MPR_WIRE_PLAIN_OPS(OP)                                                                     \
    OP(15, fsync, MPR_WIRE_FSYNC_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(16, truncate, MPR_WIRE_TRUNCATE_ARGS, MPR_WIRE_NOTHING)                                     \
    OP(17, stat, MPR_WIRE_STAT_ARGS, MPR_WIRE_STAT_RET)                                            \
    OP(18, fstat, MPR_WIRE_FSTAT_ARGS, MPR_WIRE_FSTAT_RET)                                         \
    OP(19, mkdir, MPR_WIRE_MKDIR_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(20, rmdir, MPR_WIRE_RMDIR_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(21, unlink, MPR_WIRE_UNLINK_ARGS, MPR_WIRE_NOTHING)                                         \
    OP(22, rename, MPR_WIRE_RENAME_ARGS, MPR_WIRE_NOTHING)                                         \
    OP(23, link, MPR_WIRE_LINK_ARGS, MPR_WIRE_NOTHING)                                             \
    OP(24, symlink, MPR_WIRE_SYMLINK_ARGS, MPR_WIRE_NOTHING)                                       \
    OP(25, chmod, MPR_WIRE_CHMOD_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(26, chown, MPR_WIRE_CHOWN_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(27, utimens, MPR_WIRE_UTIMENS_ARGS, MPR_WIRE_NOTHING)                                       \
    OP(28, statvfs, MPR_WIRE_STATVFS_ARGS, MPR_WIRE_STATVFS_RET)                                   \
    OP(29, lstat, MPR_WIRE_STAT_ARGS, MPR_WIRE_STAT_RET)

/*
 * Of a drive, beside the above: no slots of a provider's table. mount and hold answer
 * with a Win32 code and words, as network operations do; holders gives records
 * (holder). attach comes with three descriptors, those of a new channel that speaks all
 * of the above; serve with one of /dev/fuse, mounted elsewhere by whoever sent it.
 */
#define MPR_WIRE_DRIVE_OPS(OP)                                                                     \
    OP(40, mount, MPR_WIRE_MOUNT_ARGS, MPR_WIRE_NOTHING)                                           \
    OP(41, hold, MPR_WIRE_NOTHING, MPR_WIRE_NOTHING)                                               \
    OP(42, release, MPR_WIRE_NOTHING, MPR_WIRE_NOTHING)                                            \
    OP(43, attach, MPR_WIRE_ATTACH_ARGS, MPR_WIRE_NOTHING)                                         \
    OP(44, facts, MPR_WIRE_NOTHING, MPR_WIRE_FACTS_RET)                                            \
    OP(45, holders, MPR_WIRE_NOTHING, MPR_WIRE_NOTHING)                                            \
    OP(46, serve, MPR_WIRE_NOTHING, MPR_WIRE_NOTHING)

/* Of a provider's table; and all that there are. */
#define MPR_WIRE_OPS(OP)          MPR_WIRE_SPECIAL_OPS(OP) MPR_WIRE_PLAIN_OPS(OP)
#define MPR_WIRE_ALL_OPS(OP)      MPR_WIRE_OPS(OP) MPR_WIRE_DRIVE_OPS(OP)

/*      messages, and the records that follow some of them */
/* host to zygote: the first message, with a pidfd of the host; options follow it */
#define MPR_WIRE_SETUP_FIELDS(F)  F(u32, version) F(str, module) F(u32, options)
#define MPR_WIRE_OPTION_FIELDS(F) F(str, name) F(str, value)
/* zygote to host: the answer, with a pidfd of the zygote. code: Win32, 0 = ready */
#define MPR_WIRE_READY_FIELDS(F)                                                                   \
    F(u32, version) F(u32, code) F(u32, failure_code) F(str, text) F(u32, max_io) F(u64, slots)
/* in the zygote's place, before it has become one: errno of execve */
#define MPR_WIRE_NO_PROGRAM_FIELDS(F) F(u32, error)
/* host to zygote, with command socket, control socket and shared memory of the new worker */
#define MPR_WIRE_SPAWN_FIELDS(F)      F(u32, serial) F(u64, shared_size)
/* zygote to host: with a pidfd of the worker, or errno */
#define MPR_WIRE_SPAWNED_FIELDS(F)    F(u32, serial) F(u32, error) F(u32, pid)
/* host to zygote: how did the worker of that serial end? and the answer: a CLD_ number, 0 = unknown */
#define MPR_WIRE_ASK_FIELDS(F)        F(u32, serial) F(u32, worker)
#define MPR_WIRE_TOLD_FIELDS(F)       F(u32, serial) F(u32, how) F(u32, status)
/* worker to host: the first message, the outcome of init */
#define MPR_WIRE_HELLO_FIELDS(F)      F(u32, code) F(str, text)
/* host to worker: the arguments follow it. With connect, list and others comes the secret */
#define MPR_WIRE_COMMAND_FIELDS(F)                                                                 \
    F(u32, serial) F(u32, op) F(u32, uid) F(u32, gid) F(i64, deadline_ns) F(u32, progress)
/* worker to host: the results follow it. failed: host->set_error was called */
#define MPR_WIRE_REPLY_FIELDS(F)                                                                   \
    F(u32, serial)                                                                                 \
    F(u32, answer)                                                                                 \
    F(i64, result)                                                                                 \
    F(u32, broken)                                                                                 \
    F(u32, lost) F(u32, lost_code) F(u32, failed) F(u32, failure_code) F(str, failure_text)
/* worker to host: so many entries lie in the shared memory; and the answer: go on or stop */
#define MPR_WIRE_BATCH_FIELDS(F)  F(u32, serial) F(bulk, bytes) F(u32, count)
#define MPR_WIRE_GO_ON_FIELDS(F)  F(u32, serial) F(u32, stop)
#define MPR_WIRE_DIRENT_FIELDS(F) F(str, name) F(stat, attributes)
#define MPR_WIRE_RESOURCE_FIELDS(F)                                                                \
    F(str, remote) F(str, comment) F(u32, scope) F(u32, type) F(u32, display_type) F(u32, usage)
/* drive to service: a process that uses it; kind as MPR_HOLDER_ */
#define MPR_WIRE_HOLDER_FIELDS(F)   F(u32, kind) F(u32, pid) F(u32, more) F(str, command) F(str, path)
/* worker to host: the server is alive, wait on */
#define MPR_WIRE_PROGRESS_FIELDS(F) F(u32, serial)
/* host to worker, on the control socket: end this command */
#define MPR_WIRE_ABORT_FIELDS(F)    F(u32, serial)

#define MPR_WIRE_MESSAGES(M)                                                                       \
    M(setup, MPR_WIRE_SETUP_FIELDS)                                                                \
    M(option, MPR_WIRE_OPTION_FIELDS)                                                              \
    M(ready, MPR_WIRE_READY_FIELDS)                                                                \
    M(no_program, MPR_WIRE_NO_PROGRAM_FIELDS)                                                      \
    M(spawn, MPR_WIRE_SPAWN_FIELDS)                                                                \
    M(spawned, MPR_WIRE_SPAWNED_FIELDS)                                                            \
    M(ask, MPR_WIRE_ASK_FIELDS)                                                                    \
    M(told, MPR_WIRE_TOLD_FIELDS)                                                                  \
    M(hello, MPR_WIRE_HELLO_FIELDS)                                                                \
    M(command, MPR_WIRE_COMMAND_FIELDS)                                                            \
    M(reply, MPR_WIRE_REPLY_FIELDS)                                                                \
    M(batch, MPR_WIRE_BATCH_FIELDS)                                                                \
    M(go_on, MPR_WIRE_GO_ON_FIELDS)                                                                \
    M(dirent, MPR_WIRE_DIRENT_FIELDS)                                                              \
    M(resource, MPR_WIRE_RESOURCE_FIELDS)                                                          \
    M(holder, MPR_WIRE_HOLDER_FIELDS)                                                              \
    M(progress, MPR_WIRE_PROGRESS_FIELDS)                                                          \
    M(abort, MPR_WIRE_ABORT_FIELDS)

#endif
