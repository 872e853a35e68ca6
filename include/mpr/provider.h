/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * provider.h: what a network provider is made of (the native SPI, our design).
 *
 * A provider is a shared object that exports one symbol, mpr_provider_query,
 * and a drop-in file NN-name.json that names it. It knows how to recognise its
 * names, connect, disconnect, list, serve files, and say in words what failed.
 * Devices, ownership, open-file counts, persistence and rollback are the
 * router's: a provider has no table of connections and stores nothing.
 *
 * Rules for every operation
 *
 *  1. It is synchronous and ends by call->deadline_ns, or at once when
 *     call->cancel_fd becomes readable, with ERROR_CANCELLED or -ECANCELED.
 *  2. Results are written on success only.
 *  3. Strings are UTF-8. A string that is passed in is valid during the call.
 *  4. Two error worlds: network operations answer (enum mpr_answer) and give a
 *     Win32 code; file operations return 0 or a count, or -errno. Neither ever
 *     gives a code of the other world.
 *  5. Where a network operation fails and has more to say than the code, it
 *     calls host->set_error first: the code of its own world (NTSTATUS,
 *     nfsstat, errno), and a sentence that says what was tried, on what, as
 *     whom, and what came back. Never a password.
 *  6. It never calls WNet functions (they would answer ERROR_BUSY), never ends
 *     the process, never changes signals, the locale or the working directory.
 *
 * Threads: a module with MPR_PROVIDER_THREADSAFE may be called from several
 * threads at a time, for one session too. Any other gets one call at a time in
 * the process; abort and recognise alone, which wait for nothing, may come from
 * other threads meanwhile.
 */
#ifndef MPR_PROVIDER_H
#define MPR_PROVIDER_H

#include <mpr/file.h>
#include <mpr/mprtypes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MPR_PROVIDER_MAGIC       0x3152504du /**< "MPR1", in mpr_provider.magic */
#define MPR_PROVIDER_ABI_MAJOR   1u          /**< another major version is refused */
#define MPR_PROVIDER_ABI_MINOR   2u          /**< a newer minor version only adds at the end */

/** The module may be called from several threads at a time. */
#define MPR_PROVIDER_THREADSAFE  0x1u
/** The module must not run in an application's process: use a worker process. */
#define MPR_PROVIDER_OWN_PROCESS 0x2u
/** It connects with user name and password: the router may ask the user for them. */
#define MPR_PROVIDER_CREDENTIALS 0x4u
/** It understands CONNECT_DEFERRED: restored connections connect at their first use. */
#define MPR_PROVIDER_DEFERS      0x8u
/**
 * Since 1.2: a session finds its lost server again by itself. Without it, a session that
 * answers -ENOTCONN is ended, and another connected for it, where sessions outlive their
 * servers: in drives, and where the module is isolated.
 */
#define MPR_PROVIDER_RECONNECTS  0x10u
/**
 * Since 1.2: its servers may take names that differ in the case of their letters for one
 * file. Drives then find out which are, by the server's numbers (MPR_STAT_INO).
 */
#define MPR_PROVIDER_ANY_CASE    0x20u

#define MPR_KEY_MAX              1024u      /**< bytes of a canonical key with its NUL */
#define MPR_SECRET_MAX           1024u      /**< bytes of a password with its NUL */
#define MPR_USER_MAX             320u       /**< bytes of a user name with its NUL */
#define MPR_MAX_IO               0x2000000u /**< 32 MiB: upper limit of mpr_provider.max_io */

/** What an operation says about the name it was given. */
enum mpr_answer {
    MPR_DONE = 0,        /**< carried out */
    MPR_NOT_MINE = 1,    /**< the name is, or may be, somebody else's: ask on */
    MPR_MINE_FAILED = 2, /**< the name is mine, and it failed: ask nobody else */
};

/** Levels of mpr_host.log. */
enum mpr_log_level {
    MPR_LOG_ERROR = 0,
    MPR_LOG_WARNING = 1,
    MPR_LOG_INFO = 2,
    MPR_LOG_DEBUG = 3,
};

/**
 * One call: who asks, until when, how to stop. Valid during the call only.
 */
struct mpr_call {
    uint32_t size;       /**< sizeof as the host compiled it */
    uint32_t uid;        /**< effective user of the caller */
    uint32_t gid;        /**< effective group of the caller */
    int32_t cancel_fd;   /**< readable = give up now; poll it beside the socket; -1 = none */
    int64_t deadline_ns; /**< CLOCK_MONOTONIC, nanoseconds; INT64_MAX never occurs */
    void *host_data;     /**< the host's own */
    const char *user;    /**< since 1.1: of list, information: as whom there is a connection,
                              whose password secret() gives; NULL = nobody in particular */
};

/**
 * What the host does for a provider. Valid as long as the module is loaded;
 * every function may be called from any thread.
 */
struct mpr_host {
    uint32_t size; /**< sizeof as the host compiled it */
    /**
     * Explains the failure that the operation is about to return: code is the
     * provider's own (NTSTATUS, nfsstat, errno), text one or more sentences,
     * which are copied. The last call before the return counts.
     */
    void (*set_error)(const struct mpr_call *call, uint32_t code, const char *text);
    /** Writes a line to the trace, if the user asked for one. Never a secret. */
    void (*log)(enum mpr_log_level level, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
    /**
     * The password of this connection, to buffer (size bytes, at least
     * MPR_SECRET_MAX), which the caller wipes. Returns 1 if there is one ("" is
     * one), 0 if none was given (the default: ticket or nothing), -1 on error.
     */
    int (*secret)(const struct mpr_call *call, char *buffer, size_t size);
    /**
     * Asks the user, on connect with CONNECT_INTERACTIVE only. echo is 0 for a
     * password, which the caller wipes. Returns NO_ERROR, ERROR_CANCELLED, or
     * ERROR_NOT_SUPPORTED when there is no way to ask.
     */
    uint32_t (*prompt)(const struct mpr_call *call, const char *question, int echo, char *buffer,
                       size_t size);
    /**
     * Says that a session was lost behind the router's back; may be called from
     * any thread. host_connection is mpr_connect.host_connection. The router
     * keeps the connection: later operations may find it working again.
     */
    void (*connection_lost)(void *host_connection, uint32_t code);
};

/** A key and its value from the drop-in's "options", the value as text: true, 5000, abc. */
struct mpr_option {
    const char *name;
    const char *value;
};

/** What recognise finds out about a remote name by syntax alone. */
struct mpr_recognised {
    uint32_t size;         /**< sizeof as the host compiled it */
    uint32_t type;         /**< RESOURCETYPE_ANY, _DISK or _PRINT, where the syntax tells */
    uint32_t depth;        /**< components of key that name the server and the share or export;
                                0 for a bare server */
    char key[MPR_KEY_MAX]; /**< canonical: two names with one key are one resource. The key of a
                                name with one more component is the key, '/', that component. */
};

/** Arguments of connect. */
struct mpr_connect {
    uint32_t size;           /**< sizeof as the host compiled it */
    uint32_t type;           /**< RESOURCETYPE_ANY, _DISK or _PRINT */
    uint32_t flags;          /**< CONNECT_ flags, only those for providers */
    const char *remote;      /**< a name that recognise took */
    const char *device;      /**< "Z:", "LPT1", or NULL: for texts only */
    const char *user;        /**< as the caller gave it, or NULL for the default user */
    void *host_connection;   /**< for host->connection_lost */
    const void *use_options; /**< since 1.1: what WNetAddConnection4 was given, or NULL */
    size_t use_options_size; /**< its bytes */
};

/** One entry of list, parent or information. Strings may be NULL. */
struct mpr_resource {
    uint32_t size;         /**< sizeof as the provider compiled it */
    uint32_t scope;        /**< RESOURCE_ */
    uint32_t type;         /**< RESOURCETYPE_ */
    uint32_t display_type; /**< RESOURCEDISPLAYTYPE_ */
    uint32_t usage;        /**< RESOURCEUSAGE_ */
    const char *remote;    /**< full name, fit for connect */
    const char *comment;
};

/** Speed of a connection, for MultinetGetConnectionPerformance. 0 = unknown. */
struct mpr_performance {
    uint32_t size;          /**< sizeof as the host compiled it */
    uint32_t flags;         /**< WNCON_ */
    uint32_t speed;         /**< units of 100 bit/s; 1 = faster than can be said */
    uint32_t delay_ms;      /**< measured round trip, rounded up */
    uint32_t opt_data_size; /**< bytes that are best moved at a time */
};

/** Takes one entry; returns 0 to go on, anything else to stop. */
typedef int (*mpr_resource_fn)(void *context, const struct mpr_resource *entry);
/** Takes one directory entry; returns 0 to go on, anything else to stop. */
typedef int (*mpr_dirent_fn)(void *context, const char *name, const struct mpr_stat *attributes);

/** Attributes that setattr of times leaves alone: pass as atime_ns or mtime_ns. */
#define MPR_TIME_OMIT INT64_MIN

/**
 * The provider's table. It is static: never freed, never changed after
 * mpr_provider_query returned it. A NULL operation is an absent capability;
 * what NPGetCaps would answer is computed from that. recognise, connect and
 * disconnect are required.
 *
 * state    what init returned.
 * session  what connect returned; used until disconnect returned.
 * file     what open or print returned; used until close returned. On every
 *          file path '/' separates; "" is the root of the connection; there is
 *          no leading or trailing '/', no empty, "." or ".." component.
 *
 * Operations that open, change or remove follow their POSIX namesakes.
 */
struct mpr_provider {
    uint32_t magic;          /**< MPR_PROVIDER_MAGIC */
    uint16_t abi_major;      /**< MPR_PROVIDER_ABI_MAJOR */
    uint16_t abi_minor;      /**< MPR_PROVIDER_ABI_MINOR */
    uint32_t size;           /**< sizeof as the provider compiled it; missing slots are NULL */
    uint32_t flags;          /**< MPR_PROVIDER_ bits */
    const char *name;        /**< NETRESOURCE.lpProvider, for people: "NFS Network" */
    uint32_t net_type;       /**< WNNC_NET_ number, as 0x00420000 */
    uint32_t driver_version; /**< own, free */
    uint32_t max_io;         /**< bytes of one pread or pwrite at most, up to MPR_MAX_IO */
    uint32_t reserved;       /**< 0 */

    /**
     * Once, before all else. No network, under 100 ms. options end with a NULL
     * name; unknown ones are ignored, a bad value is an error. Returns 0 or a
     * Win32 code, with text in error (error_size bytes); then the provider is
     * not used.
     */
    uint32_t (*init)(const struct mpr_host *host, const struct mpr_option *options, char *error,
                     size_t error_size, void **ret_state);
    /** After the last session is gone. May be NULL. */
    void (*fini)(void *state);

    /**
     * Is this text one of my names? By syntax alone, without I/O, under 1 us of
     * thought. Also with more components than a share has: \\server\share\dir.
     * Returns 1 and sets type, depth and key in *ret, all three; or 0, and
     * leaves *ret alone.
     */
    int (*recognise)(void *state, const char *remote, struct mpr_recognised *ret);

    /**
     * Connects, and proves that the resource is there. Never retries a failed
     * logon, never falls back to another identity.
     *
     * MPR_NOT_MINE with ERROR_BAD_NETPATH when no session of this protocol came
     * up (name not found, refused, silent): another provider may be asked.
     * MPR_MINE_FAILED with, among others, ERROR_ACCESS_DENIED, ERROR_BAD_NET_NAME
     * (no such share or export), ERROR_INVALID_PASSWORD, ERROR_LOGON_FAILURE,
     * ERROR_CANCELLED, ERROR_NOT_SUPPORTED, ERROR_EXTENDED_ERROR (no Win32 code
     * of its own).
     */
    enum mpr_answer (*connect)(void *state, const struct mpr_call *call,
                               const struct mpr_connect *args, void **ret_session,
                               uint32_t *ret_code);
    /**
     * Ends a session.
     *
     * force 0: returns 0, and the session is gone; a server that is silent or
     * dead is no reason to fail. Or a Win32 code, when ending was refused or
     * given up (ERROR_CANCELLED, cancel_fd became readable): then the session
     * and its files are as before.
     * force 1: does not wait for the server; the session and its files are gone
     * whatever is returned.
     */
    uint32_t (*disconnect)(void *session, const struct mpr_call *call, int force);
    /**
     * Makes every operation under way in the session end at once with -ENOTCONN
     * or -ECANCELED, and later ones fail so. From any thread; returns at once.
     */
    void (*abort)(void *session);

    /** The user of a session, fit for connect, to buffer. Returns 0 or a Win32 code. */
    uint32_t (*user)(void *session, const struct mpr_call *call, char *buffer, size_t size);
    /**
     * What is below container (NULL: the network, that is its servers). Gives entries
     * until stopped. type and usage are masks, 0 = all; with RESOURCEUSAGE_ATTACHED one
     * who can tell fails with ERROR_NOT_AUTHENTICATED rather than list as nobody.
     */
    enum mpr_answer (*list)(void *state, const struct mpr_call *call, const char *container,
                            uint32_t type, uint32_t usage, mpr_resource_fn fn, void *context,
                            uint32_t *ret_code);
    /** The container of remote, by syntax; an entry with NULL remote if there is none. */
    enum mpr_answer (*parent)(void *state, const struct mpr_call *call, const char *remote,
                              mpr_resource_fn fn, void *context, uint32_t *ret_code);
    /** The resource that remote begins with; *ret_rest is where the rest of it starts, in bytes. */
    enum mpr_answer (*information)(void *state, const struct mpr_call *call, const char *remote,
                                   uint32_t type, mpr_resource_fn fn, void *context,
                                   size_t *ret_rest, uint32_t *ret_code);
    /** Measured, not invented. Returns 0 or a Win32 code. */
    uint32_t (*performance)(void *session, const struct mpr_call *call,
                            struct mpr_performance *ret);

    /** flags as MprFileOpen, already checked; without O_APPEND. */
    int (*open)(void *session, const struct mpr_call *call, const char *path, int flags,
                uint32_t mode, void **ret_file);
    /** Gone afterwards whatever is returned; an error means that data may be lost. */
    int (*close)(void *session, const struct mpr_call *call, void *file);
    /** size is at most max_io. Less than size only at the end of the file. */
    int64_t (*pread)(void *session, const struct mpr_call *call, void *file, void *data,
                     size_t size, uint64_t offset);
    /** size is at most max_io. All, or -errno, or a part if an error came after it. */
    int64_t (*pwrite)(void *session, const struct mpr_call *call, void *file, const void *data,
                      size_t size, uint64_t offset);
    /** Everything written through file is stable, or the error says that it is not. */
    int (*fsync)(void *session, const struct mpr_call *call, void *file);
    /** Of file if that is not NULL, else of path. */
    int (*truncate)(void *session, const struct mpr_call *call, const char *path, void *file,
                    uint64_t size);
    int (*stat)(void *session, const struct mpr_call *call, const char *path, struct mpr_stat *ret);
    int (*fstat)(void *session, const struct mpr_call *call, void *file, struct mpr_stat *ret);
    /** All entries but "." and "..", with attributes. */
    int (*readdir)(void *session, const struct mpr_call *call, const char *path, mpr_dirent_fn fn,
                   void *context);
    int (*mkdir)(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
    int (*rmdir)(void *session, const struct mpr_call *call, const char *path);
    int (*unlink)(void *session, const struct mpr_call *call, const char *path);
    int (*rename)(void *session, const struct mpr_call *call, const char *from, const char *to);
    int (*link)(void *session, const struct mpr_call *call, const char *from, const char *to);
    int (*symlink)(void *session, const struct mpr_call *call, const char *target,
                   const char *path);
    /** The target with its NUL; -ERANGE if size is too small. */
    int (*readlink)(void *session, const struct mpr_call *call, const char *path, char *buffer,
                    size_t size);
    int (*chmod)(void *session, const struct mpr_call *call, const char *path, uint32_t mode);
    /** UINT32_MAX leaves the owner or the group. */
    int (*chown)(void *session, const struct mpr_call *call, const char *path, uint32_t uid,
                 uint32_t gid);
    int (*utimens)(void *session, const struct mpr_call *call, const char *path, int64_t atime_ns,
                   int64_t mtime_ns);
    int (*statvfs)(void *session, const struct mpr_call *call, const char *path,
                   struct mpr_statvfs *ret);
    /** Opens a print job: write with pwrite from offset 0 on, print with close. document is ""
     * if it has no name; -ENOTSUP if the session is no printer's. */
    int (*print)(void *session, const struct mpr_call *call, const char *document, void **ret_file);

    /* Since 1.1. */

    /**
     * The name of a file for other machines, without I/O: \\server\share\dir\file.
     * device is "Z:" or "LPT1", remote what it is connected to, path what follows the
     * device in the caller's name: "", or "\dir\file". Returns 0, ERROR_NOT_SUPPORTED
     * (there are no such names), ERROR_MORE_DATA (buffer is too small), or another
     * Win32 code. NULL: the router appends path to a remote name that begins with
     * two backslashes; others have none.
     */
    uint32_t (*universal)(void *state, const struct mpr_call *call, const char *device,
                          const char *remote, const char *path, char *buffer, size_t size);
    /**
     * A remote name as people are to see it: flags WNFMT_, width characters a line at
     * most (0 = any). Returns 0, ERROR_MORE_DATA, or another Win32 code. NULL: as it is.
     */
    uint32_t (*format)(void *state, const struct mpr_call *call, const char *remote, uint32_t flags,
                       uint32_t width, char *buffer, size_t size);

    /* Since 1.2. */

    /** As stat, but of a symbolic link itself. NULL: there are none, stat is asked. */
    int (*lstat)(void *session, const struct mpr_call *call, const char *path,
                 struct mpr_stat *ret);
    /**
     * The host, name or address, and the TCP port that connect would speak to first, by
     * syntax and options alone, without I/O. Returns 1 and sets both; 0: there is none.
     */
    int (*endpoint)(void *state, const char *remote, char *host, size_t size, uint16_t *ret_port);
};

/**
 * The one symbol of a provider, looked up by this name. host_abi is
 * (major << 16) | minor of the host; a module that cannot serve it returns
 * NULL and the host says so.
 */
typedef const struct mpr_provider *(*mpr_provider_query_fn)(uint32_t host_abi);
#define MPR_PROVIDER_QUERY "mpr_provider_query"

/** Defines the symbol: MPR_PROVIDER_DEFINE(&table). */
#define MPR_PROVIDER_DEFINE(table)                                                                 \
    MPRAPI const struct mpr_provider *mpr_provider_query(uint32_t host_abi);                       \
    const struct mpr_provider *mpr_provider_query(uint32_t host_abi) {                             \
        return (host_abi >> 16) == MPR_PROVIDER_ABI_MAJOR ? (table) : (const void *)0;             \
    }

#ifdef __cplusplus
}
#endif

#endif
