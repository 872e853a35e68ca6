/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drive.h: mpr-drive, the process of one connection of the service. It has the
 * provider's session, serves files to the kernel (FUSE) if the connection has a
 * device, and to other processes of the user through channels.
 *
 *   drive_main.c      main; the rest of its life is worker_zygote.c and worker_serve.c
 *   drive_table.c     what the service may ask: connect, disconnect, mount, hold, ...
 *   drive_provider.c  the provider of its drop-in
 *   drive_remote*.c   operations on the server, bounded, over one to four sessions
 *   drive_channel.c   channels: the worker protocol for other processes
 *   drive_count.c     who has files open, and who is not to have more
 *   drive_mount.c     mount point, mounting, unmounting, what a dead drive left behind
 *   drive_holders.c   who uses the drive
 *   drive_node.c      the tree of known files: paths, inode numbers, life times
 *   drive_hash.c      tables of it
 *   drive_fold.c      names without the case of their letters
 *   drive_absent.c    names that are not there, where their spelling is not all
 *   drive_attr.c      attributes and what is known not to be there
 *   drive_dir.c       directories as they were listed
 *   drive_dir_ahead.c listing one whose names are asked for one after the other
 *   drive_name.c      looking names up, and making them
 *   drive_remove.c    removing and renaming names
 *   drive_hidden.c    names of what was removed while it was open
 *   drive_data*.c     contents: read-ahead, write-behind
 *   drive_fuse*.c     between the kernel and all that: the one place that knows libfuse
 */
#ifndef DRIVE_H
#define DRIVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <mpr/file.h>
#include <mpr/provider.h>

#include "router/mpr_providers.h"
#include "service/drive_hash.h"

/** How the drive behaves; from mpr.json and the drop-in's options. */
struct drive_options {
    uint32_t io_timeout_ms; /* bound of every operation, without progress */
    uint32_t connect_timeout_ms;
    uint32_t attribute_ms; /* how long attributes and names are believed; default 1000 */
    uint32_t sessions;     /* at most, to the server; 1 to 4 */
};

struct drive_tree;   /* drive_node.c */
struct drive_remote; /* drive_remote.c */

/** The one drive of this process. */
struct drive {
    struct mpr_np *np; /* what serves it */
    struct drive_options options;
    bool any_case; /* names that differ in their letters' case may be one file of the server */
    struct drive_remote *remote;
    struct drive_tree *tree;     /* NULL until it is mounted */
    struct drive_data *data;     /* drive_data.c; NULL until a file was opened */
    char *device;                /* "Z:"; NULL: it has none */
    char *name;                  /* the remote name, for texts */
    char *directory;             /* the mount point; NULL: not mounted */
    int over;                    /* the dead drive's mount that it is mounted over; 0: none */
    _Atomic unsigned open_files; /* handles of FUSE and of channels, print jobs */
    _Atomic unsigned under_way;  /* operations of channels */
    _Atomic bool held;           /* a cancel looks at it: opens answer -EBUSY */
    _Atomic bool ended;          /* cancelled: everything answers -ENOTCONN */
    _Atomic uint64_t bytes_read, bytes_written, operations; /* on the server */
    _Atomic uint32_t latency_us;                            /* smoothed, of small operations */
    _Atomic bool lost;                                      /* the last operations got no answer */
    _Atomic int64_t lost_until_ns; /* nobody waits for it any longer; 0: it is not lost */
};

/* ---- drive_count.c: open files, and a cancel that looks at them. */

/**
 * One more file, print job or directory is open: counts it in drive->open_files. While a
 * cancel holds the drive it waits, as long as a cancel may take. 0, -EBUSY (it is still
 * held), -ENOTCONN (it is cancelled).
 */
int drive_count_open(struct drive *drive);
/** One is closed; also when the open failed. */
void drive_count_close(struct drive *drive);

/* ---- drive_table.c */

/** Explains a failure to the service, in words; call is what the service's command came with. */
void drive_explain(const struct mpr_call *call, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- drive_remote*.c: the server. All return 0, a count, or -errno, within the bound.
 * Everything may be called from any thread. Paths begin at the root of the connection:
 * "/" or "", "/dir/file" or "dir/file".
 *
 * What a failure means: -ETIMEDOUT, the server has not answered in time; -EHOSTUNREACH, it
 * is known to be gone, or the connection was broken; -EIO, it is unknown whether the
 * operation was done, or a file that was open is lost; -ENOTCONN, the drive is cancelled;
 * -ENOTSUP, the provider has no such operation. */

/** An open file at the server, with the session that it is open in. */
struct drive_file;

/** Connects the first session. As mpr_provider.connect; words go to call. */
enum mpr_answer drive_remote_connect(struct drive *drive, const struct mpr_call *call,
                                     const struct mpr_connect *args, uint32_t *ret_code);
/**
 * Ends all sessions; force: without waiting for the server. Unforced a provider may refuse:
 * a Win32 code, explained, and everything is as before.
 */
uint32_t drive_remote_disconnect(struct drive *drive, const struct mpr_call *call, bool force);
/** Makes everything under way end at once with -ENOTCONN, and all that comes later. */
void drive_remote_abort(struct drive *drive);

int drive_remote_open(struct drive *drive, const char *path, int flags, uint32_t mode,
                      struct drive_file **ret_file);
/** A print job, written from offset 0 on and printed by its close. */
int drive_remote_print(struct drive *drive, const char *document, struct drive_file **ret_file);
/** It is gone afterwards, whatever is returned. */
int drive_remote_close(struct drive *drive, struct drive_file *file);
int64_t drive_remote_pread(struct drive *drive, struct drive_file *file, void *data, size_t size,
                           uint64_t offset);
int64_t drive_remote_pwrite(struct drive *drive, struct drive_file *file, const void *data,
                            size_t size, uint64_t offset);
int drive_remote_fsync(struct drive *drive, struct drive_file *file);
int drive_remote_ftruncate(struct drive *drive, struct drive_file *file, uint64_t size);
int drive_remote_fstat(struct drive *drive, struct drive_file *file, struct mpr_stat *ret);
/** lstat where the provider has it, else stat. */
int drive_remote_stat(struct drive *drive, const char *path, struct mpr_stat *ret);
/** Of what a symbolic link leads to, as the server sees that. */
int drive_remote_stat_target(struct drive *drive, const char *path, struct mpr_stat *ret);
int drive_remote_truncate(struct drive *drive, const char *path, uint64_t size);
int drive_remote_readdir(struct drive *drive, const char *path, mpr_dirent_fn fn, void *context);
int drive_remote_mkdir(struct drive *drive, const char *path, uint32_t mode);
int drive_remote_rmdir(struct drive *drive, const char *path);
int drive_remote_unlink(struct drive *drive, const char *path);
int drive_remote_rename(struct drive *drive, const char *from, const char *to);
int drive_remote_link(struct drive *drive, const char *from, const char *to);
int drive_remote_symlink(struct drive *drive, const char *target, const char *path);
int drive_remote_readlink(struct drive *drive, const char *path, char *buffer, size_t size);
int drive_remote_chmod(struct drive *drive, const char *path, uint32_t mode);
int drive_remote_chown(struct drive *drive, const char *path, uint32_t uid, uint32_t gid);
int drive_remote_utimens(struct drive *drive, const char *path, int64_t atime_ns, int64_t mtime_ns);
int drive_remote_statvfs(struct drive *drive, const char *path, struct mpr_statvfs *ret);

/* ---- drive_node.c: files that the kernel, or a cache, knows of.
 *
 * A node is a file; its number is never used twice, and it lives as long as lookups or pins
 * are not 0. It has one name, several (hard links), or none any more. Its fields are under
 * the tree's lock (drive_tree.h), which is held for moments only, never during a call to
 * the server. */

#define DRIVE_ROOT 1u

/** An entry for the kernel: node, attributes, how long both hold. */
struct drive_entry {
    uint64_t number;            /* 0: known not to be there */
    struct mpr_stat attributes; /* with the size that unwritten data give it */
    uint32_t valid_ms;
    bool any_case; /* what was looked up is known by other spellings, too */
};

struct drive_content; /* drive_data.c: an open file's data */
struct drive_name;    /* drive_tree.h */

/** A state of a file's data at the server. */
struct drive_seen {
    int64_t mtime_ns, ctime_ns;
    uint64_t size, ino;
    bool known;
};

struct drive_node {
    uint64_t number;
    struct drive_name *names;      /* NULL: the root, or it has no name any more */
    uint64_t lookups;              /* by the kernel */
    unsigned pins;                 /* by us: operations under way, open handles, children */
    struct mpr_stat attributes;    /* as the server said last */
    int64_t attributes_until_ns;   /* believed until then; 0: not known */
    uint64_t changed;              /* the tree's clock at the last change by ourselves */
    struct drive_content *content; /* while it is open; drive_data.c's, under its lock */
    struct drive_seen seen;        /* what the kernel's pages are of; drive_data.c's, likewise */
    unsigned closing;              /* contents on their way to be closed at the server; likewise */
    struct drive_listing *listing; /* of a directory, or NULL */
    struct drive_link by_number, by_file; /* by_file: by the server's ino, if it has more names */
    bool in_files;
    bool removed; /* while it was open: its only name is a hidden one, and goes with the last pin */
};

/** Makes the tree with its root, for a drive that is connected. 0 or -errno. */
int drive_tree_new(struct drive *drive);
/** Removes files that were removed while they were open, unless the drive has ended. */
void drive_tree_free(struct drive *drive);

/** The node of a number, pinned; or NULL. */
struct drive_node *drive_node_pin(struct drive *drive, uint64_t number);
/** The node of a path if it is known, in whatever spelling where that may be the same, pinned; or
 * NULL. */
struct drive_node *drive_node_find(struct drive *drive, const char *path);
void drive_node_unpin(struct drive *drive, struct drive_node *node);
/** Its path as the provider has it, to be freed. 0, -ENOMEM, -ESTALE (it has no name). */
int drive_node_path(struct drive *drive, struct drive_node *node, char **ret_path);
/**
 * Calls the server with the path of node, or of a name in it (NULL: itself); once more if
 * that was not found and a rename came in between.
 */
typedef int (*drive_path_fn)(struct drive *drive, const char *path, void *context);
int drive_node_call(struct drive *drive, struct drive_node *node, const char *name,
                    drive_path_fn fn, void *context);

/* For drive_data.c. */
/** The path of a name below a directory, as drive_node_path. */
int drive_node_child_path(struct drive *drive, uint64_t parent, const char *name, char **ret_path);
/**
 * A file that is now at the server under this name, made or opened: its entry, with a
 * lookup of the kernel counted, and its node, pinned. With made, the directory has changed.
 */
int drive_node_made(struct drive *drive, uint64_t parent, const char *name, bool made,
                    const struct mpr_stat *attributes, struct drive_entry *ret,
                    struct drive_node **ret_node);
/** What the server says of it at this moment: believed from now on. */
void drive_node_attributes(struct drive *drive, struct drive_node *node,
                           const struct mpr_stat *attributes);
/** Its data were changed by us: the server is asked for its attributes when they are wanted. */
void drive_node_written(struct drive *drive, struct drive_node *node);
/** Somebody else changed it: attributes, names and, of a directory, its listing are asked anew. */
void drive_node_forget(struct drive *drive, struct drive_node *node);

/* ---- what drive_fuse.c calls, by inode number. 0 or -errno. */

int drive_lookup(struct drive *drive, uint64_t parent, const char *name, struct drive_entry *ret);
void drive_forget(struct drive *drive, uint64_t number, uint64_t lookups);
int drive_getattr(struct drive *drive, uint64_t number, struct drive_entry *ret);

/* What drive_setattr changes. */
#define DRIVE_SET_SIZE  0x1u
#define DRIVE_SET_MODE  0x2u
#define DRIVE_SET_OWNER 0x4u
#define DRIVE_SET_TIMES 0x8u
struct drive_change {
    uint32_t what;
    uint32_t mode, uid, gid; /* UINT32_MAX leaves owner or group */
    uint64_t size;
    int64_t atime_ns, mtime_ns; /* MPR_TIME_OMIT leaves one */
};
int drive_setattr(struct drive *drive, uint64_t number, const struct drive_change *change,
                  struct drive_entry *ret);

int drive_mkdir(struct drive *drive, uint64_t parent, const char *name, uint32_t mode,
                struct drive_entry *ret);
int drive_rmdir(struct drive *drive, uint64_t parent, const char *name);
/** An open file keeps its data: it is renamed away, and removed with its last handle. */
int drive_unlink(struct drive *drive, uint64_t parent, const char *name);
/** flags as renameat2(2): other than 0 is -ENOSYS, with which the kernel asks no more. */
int drive_rename(struct drive *drive, uint64_t from_parent, const char *from, uint64_t to_parent,
                 const char *to, unsigned flags);
int drive_link(struct drive *drive, uint64_t number, uint64_t parent, const char *name,
               struct drive_entry *ret);
int drive_symlink(struct drive *drive, const char *target, uint64_t parent, const char *name,
                  struct drive_entry *ret);
/** To be freed. */
int drive_readlink(struct drive *drive, uint64_t number, char **ret_target);
/** From a cache of five seconds. */
int drive_statvfs(struct drive *drive, struct mpr_statvfs *ret);

/** An open directory, as it is at this moment. */
struct drive_dir;
int drive_opendir(struct drive *drive, uint64_t number, struct drive_dir **ret_dir);
/** Entry number index, from 0 on; false: there is none. name "": it is gone by now. With plus it
 * is looked up, too, unless that is not possible without the server: then ret->number is 0. */
bool drive_dir_get(struct drive *drive, struct drive_dir *dir, size_t index, bool plus,
                   const char **ret_name, struct drive_entry *ret);
void drive_releasedir(struct drive *drive, struct drive_dir *dir);

/* ---- drive_data.c: contents. */

/** An open file of a process. */
struct drive_handle;

/** flags as open(2): access mode, O_TRUNC. */
int drive_open(struct drive *drive, uint64_t number, int flags, struct drive_handle **ret_handle);
/** Makes and opens; O_EXCL is in flags. */
int drive_create(struct drive *drive, uint64_t parent, const char *name, int flags, uint32_t mode,
                 struct drive_entry *ret, struct drive_handle **ret_handle);
/** Gives what was read, once, to reply, which sends it before it returns. */
typedef void (*drive_reply_fn)(void *context, const void *data, size_t size);
int drive_read(struct drive_handle *handle, size_t size, uint64_t offset, drive_reply_fn reply,
               void *context);
int64_t drive_write(struct drive_handle *handle, const void *data, size_t size, uint64_t offset);
/** Writes at the end; the kernel, which takes expected for it, is told if it is another one. */
int64_t drive_append(struct drive_handle *handle, const void *data, size_t size, uint64_t expected);
/** At each close(2): everything is written; an error that nobody was told yet. */
int drive_flush(struct drive_handle *handle);
/** Everything written is stable, or the error says that it is not. */
int drive_fsync(struct drive_handle *handle);
/** Has its file bytes that the server has not? */
bool drive_handle_is_unwritten(const struct drive_handle *handle);
/** At the last close. An error can be told to nobody any more. */
void drive_release(struct drive_handle *handle);
/** After drive_open: the pages that the kernel has of the file are still right. */
bool drive_handle_keeps_pages(const struct drive_handle *handle);

/* For the other parts; node is pinned. */
/** What of a file's attributes the server does not know yet. */
struct drive_news {
    uint64_t size;  /* with what is not yet written */
    bool unwritten; /* there is something, so that times will change */
    bool unclosed;  /* what was written is open there, whose close may change them once more */
};
/** False: everything is as the server says. */
bool drive_content_news(struct drive *drive, struct drive_node *node, struct drive_news *ret);
/** Does anybody have it open? */
bool drive_content_is_open(struct drive *drive, struct drive_node *node);
/** Writes what is not yet written. 0 or -errno, which its handles are told as well. */
int drive_content_flush(struct drive *drive, struct drive_node *node);
/**
 * Before times are set by name at a server that sets the time of writing when a file is
 * closed: what was written to is closed there, and what is being closed is waited for. The
 * next write opens it again.
 */
void drive_content_settle(struct drive *drive, struct drive_node *node);
/**
 * Waits, within the bound, until what processes have closed is closed at the server, too, as
 * that of drive_content_settle is: only then its times are the last.
 */
void drive_content_await_close(struct drive *drive, struct drive_node *node);
/** Sets the size, through an open file if there is one that can. */
int drive_content_truncate(struct drive *drive, struct drive_node *node, uint64_t size);
/**
 * Before the file gets another name, or loses it: everything is written, and nothing opens the
 * file by its name until drive_content_unhold. NULL: it is not open.
 */
struct drive_content *drive_content_hold(struct drive *drive, struct drive_node *node);
/** Takes NULL. */
void drive_content_unhold(struct drive_content *content);
/**
 * Closes what is open of it at the server: some servers neither rename nor remove what is
 * open. The next operation opens it again.
 */
void drive_content_release(struct drive *drive, struct drive_node *node);
/** Somebody else has changed the file: forgets what was read. */
void drive_content_forget(struct drive *drive, struct drive_node *node);
/** Writes everything of every file, within deadline_ns: before a drive ends. */
int drive_content_flush_all(struct drive *drive, int64_t deadline_ns);
/** Ends its threads, and frees what it has. After the last handle is released. */
void drive_data_stop(struct drive *drive);

/* ---- coherence between channels and the mount */

/** Before a channel looks at path: what the mount has not yet written is written. */
void drive_path_sync(struct drive *drive, const char *path);
/** Before the server is asked again to rename or remove what it said is busy. */
void drive_path_release(struct drive *drive, const char *path);
/** After a channel changed path: caches, and the kernel's, forget it. */
void drive_path_changed(struct drive *drive, const char *path);

/* ---- drive_fuse.c */

/**
 * Mounts at directory and serves it in threads of its own; "/dev/fd/N": serves what is
 * mounted already, besides any other mount of this drive. 0, or -errno with words in error.
 */
int drive_fuse_start(struct drive *drive, const char *directory, char *error, size_t error_size);
/** Answers everything with ENOTCONN from now on, and lets the threads end. */
void drive_fuse_stop(struct drive *drive);
struct mpr_mount;
/** Is this mount one of drive_fuse_start, which is served? */
bool drive_fuse_is(struct drive *drive, const struct mpr_mount *mount);
/** The kernel forgets data and attributes of a node; its attributes; and the name of an entry. */
void drive_fuse_changed(struct drive *drive, uint64_t number);
void drive_fuse_attributes_changed(struct drive *drive, uint64_t number);
void drive_fuse_entry_changed(struct drive *drive, uint64_t parent, const char *name);
/** The same, once the request is answered that is being served: the kernel has locked its
 * directory. Returns at once. */
void drive_fuse_entry_later(struct drive *drive, uint64_t parent, const char *name);

/* ---- drive_mount.c: 0 or a Win32 code; words go to call's set_error. */

/** Once more, if somebody has unmounted it. */
uint32_t drive_mount(struct drive *drive, const struct mpr_call *call, const char *directory);
/** Is it mounted, and has nobody else taken that away? */
bool drive_is_mounted(struct drive *drive);
/** Unforced: ERROR_DEVICE_IN_USE or ERROR_OPEN_FILES if the kernel says that it is busy. */
uint32_t drive_unmount(struct drive *drive, const struct mpr_call *call, bool force);
/** For cancel: may it be broken? Holds it against new opens if so. */
uint32_t drive_hold(struct drive *drive, const struct mpr_call *call);
void drive_hold_release(struct drive *drive);

/* ---- drive_holders.c */

struct drive_holder {
    uint32_t kind; /* MPR_HOLDER_ */
    int pid;
    unsigned more;
    char command[32];
    char path[256];
};
/**
 * Processes that use the drive: its mount, as /proc tells, or channels. Returns how many; at
 * most max of them are given.
 */
size_t drive_holders_find(const struct drive *drive, struct drive_holder *ret, size_t max);

/* ---- drive_channel.c */

/** A channel with open files. */
struct drive_channel_user {
    int pid;        /* who has it; 0: a process that cannot be seen from here */
    unsigned files; /* one at least */
    char path[256]; /* of one of them below the drive; "" = a print job */
};
/** Returns how many channels have files open; at most max of them are given. */
size_t drive_channel_users(struct drive_channel_user *ret, size_t max);

/** Serves a channel in threads of its own, until it is closed. Takes the descriptors. */
int drive_channel_start(struct drive *drive, const int fds[3], size_t shared_size);
/** Ends all channels, for whose files -ENOTCONN is the answer, and takes no more. */
void drive_channel_stop_all(void);
/** Takes channels again. */
void drive_channel_allow(void);

#endif
