/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory.h: the memory provider, a network that exists in this process only.
 *
 * It is here for two reasons. Programs that embed the library test against it:
 * it needs no server, and can be told to be slow, to hang, to fail and to
 * crash. And it is the sample for authors of providers: each file shows one of
 * the things that a provider has to do.
 *
 *   memory_provider.c  the table, init and fini
 *   memory_options.c   the drop-in's options
 *   memory_name.c      recognising names by syntax
 *   memory_session.c   connect, disconnect, abort, user, performance
 *   memory_browse.c    list, parent, information
 *   memory_path.c      operations on paths, from stat to statvfs
 *   memory_file.c      operations on open files and print jobs
 *   memory_fault.c     the switches that make operations slow, hang or fail
 *   memory_tree.c      what a server would do: shares, directories, links
 *   memory_data.c      what a server's disk would do: the bytes of files
 *
 * Locks: memory_state.lock guards the set of shares, memory_share.lock guards
 * everything in a share and the sessions on it. A thread holds one of them at
 * a time, and none while it waits.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mpr/provider.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#define MEMORY_NAME     "Memory Network"
#define MEMORY_NAME_MAX 255u         /**< bytes of one component, without a NUL */
#define MEMORY_PATH_MAX 4096u        /**< bytes of a path with its NUL */
#define MEMORY_BLOCK    4096u        /**< bytes of a file that are allocated at a time */
#define MEMORY_FILE_MAX (1ull << 34) /**< largest file: 16 GiB */
#define MEMORY_MAX_IO   (4u << 20)   /**< largest pread or pwrite */

/** The operations that the switches can name; memory_fault.c has their names. */
enum memory_op {
    MEMORY_CONNECT,
    MEMORY_DISCONNECT,
    MEMORY_USER,
    MEMORY_LIST,
    MEMORY_PARENT,
    MEMORY_INFORMATION,
    MEMORY_PERFORMANCE,
    MEMORY_OPEN, /* from here on: file operations, which answer -errno */
    MEMORY_CLOSE,
    MEMORY_PREAD,
    MEMORY_PWRITE,
    MEMORY_FSYNC,
    MEMORY_TRUNCATE,
    MEMORY_STAT,
    MEMORY_FSTAT,
    MEMORY_READDIR,
    MEMORY_MKDIR,
    MEMORY_RMDIR,
    MEMORY_UNLINK,
    MEMORY_RENAME,
    MEMORY_LINK,
    MEMORY_SYMLINK,
    MEMORY_READLINK,
    MEMORY_CHMOD,
    MEMORY_CHOWN,
    MEMORY_UTIMENS,
    MEMORY_STATVFS,
    MEMORY_PRINT,
    MEMORY_OPS, /* how many there are */
};

/** What a switch does to an operation. */
enum memory_effect {
    MEMORY_EFFECT_FAIL,      /**< return value at once */
    MEMORY_EFFECT_HANG,      /**< wait for the deadline, the cancel descriptor or abort */
    MEMORY_EFFECT_HANG_HARD, /**< wait for nothing, for ever: what no provider should do */
    MEMORY_EFFECT_CRASH,     /**< SIGSEGV */
    MEMORY_EFFECT_EXIT,      /**< the process ends with status 0 */
};

/** One switch. */
struct memory_fault {
    struct memory_fault *next;
    enum memory_op op;
    enum memory_effect effect;
    int64_t value; /**< of FAIL: a Win32 code, or -errno for a file operation */
    char share[];  /**< in small letters; "" = on every share */
};

/** An option's value for one share, or for all. */
struct memory_setting {
    struct memory_setting *next;
    uint64_t value;
    char share[]; /**< in small letters; "*" = all */
};

/** The drop-in's options, understood. */
struct memory_options {
    struct memory_setting *shares;     /**< value unused; "*" = any name is a share */
    struct memory_setting *printers;   /**< value unused */
    struct memory_setting *read_only;  /**< value unused */
    struct memory_setting *size_limit; /**< bytes */
    struct memory_fault *faults;
    uint32_t latency_ms; /**< that every operation takes */
    char *user;          /**< the only one who may connect, or NULL: anybody */
    char *password;      /**< or NULL: none is asked for */
};

/** A name of a directory. */
struct memory_entry {
    char *name;
    struct memory_node *node;
};

/** A file, directory or symbolic link. Guarded by the share's lock. */
struct memory_node {
    uint32_t references; /**< entries, open files and sessions that point here */
    uint32_t links;      /**< entries: 0 = removed, but still open */
    uint64_t ino;
    int64_t atime_ns, mtime_ns, ctime_ns;
    uint32_t mode; /**< type and permissions; the latter are kept, not enforced */
    uint32_t uid, gid;
    union {
        struct {
            struct memory_entry *entries; /**< sorted without regard to case */
            size_t count, room;
        } dir;
        struct {
            uint8_t **blocks; /**< NULL = a hole, which reads as zeros */
            size_t count;     /**< of the array, at most; what is beyond is a hole */
            uint64_t used;    /**< blocks that are there */
            uint64_t size;    /**< bytes */
        } file;
        char *target;
    } u;
};

/** A share or printer. */
struct memory_share {
    const char *name; /**< in small letters; the key of the set */
    bool printer, read_only;
    uint64_t block_limit; /**< blocks of MEMORY_BLOCK bytes */
    struct memory_state *state;
    pthread_mutex_t lock;
    uint64_t blocks_used;     /**< GUARDED_BY(lock), as the rest */
    uint64_t next_ino;        /**< file ids are never used twice */
    uint32_t jobs;            /**< printed so far */
    struct memory_node *root; /**< always there */
};

/** The module: what init returns. */
struct memory_state {
    const struct mpr_host *host;
    struct memory_options options;
    pthread_mutex_t lock;
    void *shares; /**< GUARDED_BY(lock): a tree of tsearch, by name */
};

/** A connection: what connect returns. There may be very many: keep it small. */
struct memory_session {
    struct memory_share *share;
    struct memory_node *root;  /**< of the connection: the share's, or a directory */
    struct memory_file *files; /**< GUARDED_BY(share->lock): the open ones */
    char *user;                /**< or NULL: the default user */
    uint32_t uid;              /**< the system's idea of the default user */
    _Atomic bool aborted;
    _Atomic int wake_fd; /**< an eventfd once somebody waits, before that -1 */
};

/** An open file or print job: what open and print return. */
struct memory_file {
    struct memory_file *next;
    struct memory_node *node;
    bool may_read, may_write;
    char *document; /**< of a print job: its name; else NULL */
};

/** A remote name, taken apart. */
struct memory_name {
    char key[MPR_KEY_MAX];           /**< memory/share/dir/dir, in small letters */
    char share[MEMORY_NAME_MAX + 1]; /**< "" = the server itself */
    const char *path;                /**< in key: what follows the share, or "" */
    uint32_t depth;                  /**< components of key up to the share; 0 = the server */
    size_t share_end;                /**< offset in the text where path's separator would be */
};

/* memory_options.c */
/** Returns 0 or a Win32 code with text in error; *ret is to be cleared in both cases. */
uint32_t memory_options_read(const struct mpr_option *options, char *error, size_t error_size,
                             struct memory_options *ret);
void memory_options_clear(struct memory_options *options);
/** The setting for a share, that for all shares, or NULL. */
const struct memory_setting *memory_setting_find(const struct memory_setting *list,
                                                 const char *share);

/* memory_name.c */
/** Returns 1 and fills *ret, or 0. */
int memory_name_parse(const char *remote, struct memory_name *ret);
int memory_recognise(void *state, const char *remote, struct mpr_recognised *ret);
/** ASCII letters compare without regard to case, whatever the locale. */
int memory_compare(const char *a, const char *b);
void memory_lower_text(char *text);

/* memory_fault.c */
/** Returns the operation of that name, or MEMORY_OPS. */
enum memory_op memory_op_find(const char *name, size_t length);
/**
 * Lets the switches work before a file operation. Returns 0, -ETIMEDOUT,
 * -ECANCELED, -ENOTCONN (aborted) or what the switch says.
 */
int memory_enter_file(struct memory_session *session, const struct mpr_call *call,
                      enum memory_op op);
/**
 * The same before a network operation. session is NULL before there is one,
 * remote is for the text only. Returns NO_ERROR or a Win32 code, explained.
 */
uint32_t memory_enter_network(struct memory_state *state, struct memory_session *session,
                              const struct mpr_call *call, enum memory_op op, const char *share);
/** Explains a failure: native code and text. */
void memory_explain(const struct memory_state *state, const struct mpr_call *call, uint32_t code,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* memory_session.c */
enum mpr_answer memory_connect(void *state, const struct mpr_call *call,
                               const struct mpr_connect *args, void **ret_session,
                               uint32_t *ret_code);
uint32_t memory_disconnect(void *session, const struct mpr_call *call, int force);
void memory_abort(void *session);
uint32_t memory_user(void *session, const struct mpr_call *call, char *buffer, size_t size);
uint32_t memory_performance(void *session, const struct mpr_call *call,
                            struct mpr_performance *ret);

/* memory_browse.c */
enum mpr_answer memory_list(void *state, const struct mpr_call *call, const char *container,
                            uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code);
enum mpr_answer memory_parent(void *state, const struct mpr_call *call, const char *remote,
                              mpr_resource_fn fn, void *context, uint32_t *ret_code);
enum mpr_answer memory_information(void *state, const struct mpr_call *call, const char *remote,
                                   uint32_t type, mpr_resource_fn fn, void *context,
                                   size_t *ret_rest, uint32_t *ret_code);

/* memory_file.c */
int memory_open(void *session, const struct mpr_call *call, const char *path, int flags,
                uint32_t mode, void **ret_file);
int memory_close(void *session, const struct mpr_call *call, void *file);
/** Lets a file go without printing it. REQUIRES(share->lock). */
void memory_file_drop(struct memory_session *session, struct memory_file *file);
int64_t memory_pread(void *session, const struct mpr_call *call, void *file, void *data,
                     size_t size, uint64_t offset);
int64_t memory_pwrite(void *session, const struct mpr_call *call, void *file, const void *data,
                      size_t size, uint64_t offset);
int memory_fsync(void *session, const struct mpr_call *call, void *file);
int memory_truncate(void *session, const struct mpr_call *call, const char *path, void *file,
                    uint64_t size);
int memory_fstat(void *session, const struct mpr_call *call, void *file, struct mpr_stat *ret);
int memory_print(void *session, const struct mpr_call *call, const char *document, void **ret_file);

/* memory_path.c */
int memory_stat(void *session, const struct mpr_call *call, const char *path, struct mpr_stat *ret);
int memory_readdir(void *session, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                   void *context);
int memory_mkdir(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
int memory_rmdir(void *session, const struct mpr_call *call, const char *path);
int memory_unlink(void *session, const struct mpr_call *call, const char *path);
int memory_rename(void *session, const struct mpr_call *call, const char *from, const char *to);
int memory_link(void *session, const struct mpr_call *call, const char *from, const char *to);
int memory_symlink(void *session, const struct mpr_call *call, const char *target,
                   const char *path);
int memory_readlink(void *session, const struct mpr_call *call, const char *path, char *buffer,
                    size_t size);
int memory_chmod(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
int memory_chown(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                 uint32_t gid);
int memory_utimens(void *session, const struct mpr_call *call, const char *path, int64_t atime_ns,
                   int64_t mtime_ns);
int memory_statvfs(void *session, const struct mpr_call *call, const char *path,
                   struct mpr_statvfs *ret);

/* memory_tree.c; everything that takes a node or a session REQUIRES(share->lock) */

/** Where a path leads. */
struct memory_place {
    struct memory_node *parent;     /**< directory of the last component; NULL for "" */
    char name[MEMORY_NAME_MAX + 1]; /**< the last component; "" for the root */
    struct memory_node *node;       /**< what is there, or NULL */
};

/** Returns the share of that name, which "shares": "*" may make on the spot, or NULL. */
struct memory_share *memory_share_get(struct memory_state *state, const char *name);
/** What free is to tsearch's tree; for fini. */
void memory_share_free(void *share);
struct memory_node *memory_node_new(struct memory_share *share, uint32_t mode, uint32_t uid,
                                    uint32_t gid);
struct memory_node *memory_node_ref(struct memory_node *node);
void memory_node_unref(struct memory_share *share, struct memory_node *node);
int64_t memory_now_ns(void);
void memory_node_stat(const struct memory_node *node, struct mpr_stat *ret);
/**
 * Walks path from root. Symbolic links on the way are followed, one at the end
 * if follow. Returns 0 (node may be NULL, parent then is there), or -errno.
 */
int memory_walk(struct memory_node *root, const char *path, bool follow, struct memory_place *ret);
/** Adds an entry that is not there; takes a reference of its own. Returns 0 or -ENOMEM. */
int memory_dir_add(struct memory_node *dir, const char *name, struct memory_node *node);
/** Removes an entry that is there, and its reference. */
void memory_dir_remove(struct memory_share *share, struct memory_node *dir, const char *name);
struct memory_entry *memory_dir_find(const struct memory_node *dir, const char *name);

/* memory_data.c; REQUIRES(share->lock) */
size_t memory_data_read(const struct memory_node *node, void *data, size_t size, uint64_t offset);
/** Returns what was written, or -errno if that is nothing. */
int64_t memory_data_write(struct memory_share *share, struct memory_node *node, const void *data,
                          size_t size, uint64_t offset);
int memory_data_resize(struct memory_share *share, struct memory_node *node, uint64_t size);

#endif
