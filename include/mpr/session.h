/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session.h: what the connections of the user are doing. With the per-user
 * service these are the connections of all of his processes, else those of this
 * one.
 *
 * The whole of this header is our own design. The functions set the last error
 * as WNet functions do, and may be called from any thread. Strings are UTF-8,
 * never NULL unless that is said, and valid during the callback only. Structures
 * begin with their size; newer libraries add at the end. A callback must not
 * call WNet functions, and returns 0 to go on, anything else to stop.
 */
#ifndef MPR_SESSION_H
#define MPR_SESSION_H

#include <mpr/mprtypes.h>
#include <mpr/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a connection: mpr_connection_status.state. */
#define MPR_STATE_CONNECTED    1u /**< "OK" */
#define MPR_STATE_CONNECTING   2u /**< on its way */
#define MPR_STATE_CANCELLING   3u /**< on its way out */
#define MPR_STATE_RECONNECTING 4u /**< connected, but the server does not answer at present */
#define MPR_STATE_UNAVAILABLE  5u /**< remembered, and could not be restored; reason says why */
#define MPR_STATE_REMEMBERED   6u /**< remembered, and nobody has tried to restore it */

/** One connection, or a remembered one. */
struct mpr_connection_status {
    uint32_t size;
    uint32_t state;      /**< MPR_STATE_ */
    uint32_t type;       /**< RESOURCETYPE_ */
    uint32_t persistent; /**< 1: it is remembered */
    uint32_t open_files; /**< handles and print jobs; of a drive: of all processes */
    uint32_t latency_us; /**< of the last operations on the server, microseconds; 0 = unknown */
    uint32_t code;       /**< Win32: why it is not there; NO_ERROR if it is */
    uint32_t retry_s;    /**< seconds until it is tried again by itself; 0 = it is not */
    uint64_t bytes_read; /**< from the server, since it was connected */
    uint64_t bytes_written;
    uint64_t operations; /**< on the server, since it was connected */
    LPCSTR device;       /**< "Z:", or "" */
    LPCSTR remote;
    LPCSTR provider;  /**< lpProvider */
    LPCSTR user;      /**< "" = the default user */
    LPCSTR directory; /**< where the drive is mounted; "" = nowhere */
    LPCSTR reason;    /**< why it is not there or not mounted, in sentences; else "" */
    uint32_t age_ms;  /**< 0, or its drive does not answer, and has said this so long ago */
};

typedef int(MPRCALL *mpr_status_fn)(void *context, const struct mpr_connection_status *status);

/**
 * Tells the state of connections to fn: first those with a device, by device, then
 * the others; remembered ones that are not connected too.
 *
 * name  a device or a remote name; NULL: all.
 *
 * Returns NO_ERROR, also if fn stopped it; ERROR_INVALID_ADDRESS if fn is NULL;
 * ERROR_NOT_CONNECTED if name is neither connected nor remembered;
 * ERROR_BAD_PROFILE, ERROR_CANNOT_OPEN_PROFILE; ERROR_NO_UNICODE_TRANSLATION (name is no
 * UTF-8); ERROR_NO_NETWORK (a forked child, or a service that does not answer); ERROR_BUSY
 * from inside a provider or a prompt; ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprStatus(LPCSTR name, mpr_status_fn fn, void *context);

/* How a process holds a drive: mpr_holder.kind. */
#define MPR_HOLDER_FILE      1u /**< an open file or directory */
#define MPR_HOLDER_DIRECTORY 2u /**< its working or root directory */
#define MPR_HOLDER_MAPPING   3u /**< a mapped file */

/** A process that uses a drive. */
struct mpr_holder {
    uint32_t size;
    uint32_t kind; /**< MPR_HOLDER_ */
    int32_t pid;
    uint32_t more;  /**< how many more files of this kind it holds */
    LPCSTR command; /**< its name: "vi" */
    LPCSTR path;    /**< "Z:/dir/file", or below the remote name; "" if it cannot be told */
};

typedef int(MPRCALL *mpr_holder_fn)(void *context, const struct mpr_holder *holder);

/**
 * Tells to fn which processes use the connection called name, a device or a remote
 * name: those that this user may see.
 *
 * Returns as MprStatus does; ERROR_INVALID_ADDRESS if name or fn is NULL.
 */
MPRAPI DWORD MPRCALL MprHolders(LPCSTR name, mpr_holder_fn fn, void *context);

/* What a step came to: mpr_step.outcome. */
#define MPR_STEP_OK      1u
#define MPR_STEP_FAILED  2u
#define MPR_STEP_SKIPPED 3u /**< an earlier one failed, it does not apply, or nobody knows */

/** One step of the way to a resource. */
struct mpr_step {
    uint32_t size;
    uint32_t outcome;      /**< MPR_STEP_ */
    uint32_t milliseconds; /**< that it took */
    uint32_t code;         /**< Win32; NO_ERROR unless it failed */
    LPCSTR step;           /**< "provider", "name", "tcp", "protocol", "login" or "share" */
    LPCSTR words;          /**< what was tried and what came back, in sentences */
};

typedef int(MPRCALL *mpr_step_fn)(void *context, const struct mpr_step *step);

/**
 * Explains a failure: goes the way to a resource step by step, within the bound of a
 * connect, and says where it ends. Name and address are tried anew; what
 * protocol, login and share came to is taken from the failure, if it was this
 * user's last one on that name and nothing has been connected there since. Else, if
 * it is connected, that is told; if not, a connect without a device and with the
 * default user is tried and broken again.
 *
 * remote  a remote name, or a device that is remembered or connected; NULL: that of
 *         the last failed connect.
 *
 * Returns NO_ERROR if the steps were told, whatever they came to; ERROR_INVALID_ADDRESS
 * if fn is NULL; ERROR_NOT_FOUND if remote is NULL and nothing has failed;
 * ERROR_BAD_NET_NAME if no provider takes the name; ERROR_NOT_CONNECTED if it is a device
 * that is neither connected nor remembered; the codes of the profile; ERROR_NO_NETWORK,
 * ERROR_BUSY, ERROR_NO_UNICODE_TRANSLATION, ERROR_NOT_ENOUGH_MEMORY as MprStatus.
 */
MPRAPI DWORD MPRCALL MprExplain(LPCSTR remote, mpr_step_fn fn, void *context);

/* What happened: mpr_event.kind. */
#define MPR_EVENT_CONNECTED    1u
#define MPR_EVENT_DISCONNECTED 2u
#define MPR_EVENT_FAILED       3u /**< a connect, or a restore */
#define MPR_EVENT_LOST         4u /**< the server does not answer, or a process of ours ended */
#define MPR_EVENT_BACK         5u /**< and it does again */
#define MPR_EVENT_MOUNTED      6u
#define MPR_EVENT_UNMOUNTED    7u

/** One event. */
struct mpr_event {
    uint32_t size;
    uint32_t kind;    /**< MPR_EVENT_ */
    uint32_t code;    /**< Win32, of MPR_EVENT_FAILED and MPR_EVENT_LOST */
    uint32_t initial; /**< 1: no event, but the state when the subscription began */
    int64_t time_ns;  /**< CLOCK_REALTIME */
    LPCSTR device;    /**< "" = none */
    LPCSTR remote;
    LPCSTR provider;
    LPCSTR text; /**< in sentences; may be "" */
};

typedef int(MPRCALL *mpr_event_fn)(void *context, const struct mpr_event *event);

/**
 * Tells what connections there are, then each change, to fn in this thread, until fn
 * returns other than 0, cancel_fd becomes readable, or the service ends.
 *
 * cancel_fd  a descriptor, not read here; -1 = none.
 *
 * Returns NO_ERROR if fn or cancel_fd ended it; ERROR_NO_NETWORK if the service ended;
 * ERROR_NOT_SUPPORTED if this process has no service; ERROR_INVALID_ADDRESS if fn is
 * NULL; ERROR_BUSY; ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprSubscribe(mpr_event_fn fn, int cancel_fd, void *context);

/**
 * Has the drive of a connection serve a mount that the caller has made: for a namespace
 * of its own, where nobody else may mount.
 *
 * name     a device or a remote name.
 * fuse_fd  of /dev/fuse, already given to mount(2) as "fd="; stays the caller's, and may
 *          be closed afterwards.
 *
 * Returns NO_ERROR; ERROR_NOT_CONNECTED; ERROR_NOT_SUPPORTED if this process has no
 * service; ERROR_INVALID_HANDLE if fuse_fd is none; ERROR_INVALID_ADDRESS if name is NULL;
 * ERROR_NO_NETWORK, ERROR_BUSY, ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprServeDrive(LPCSTR name, int fuse_fd);

/* Where the password of a remembered connection comes from: MprSetCredentials. */
#define MPR_CREDENTIALS_NONE    0u /**< forget what was set */
#define MPR_CREDENTIALS_FILE    1u /**< a file of "password=" and so on, 0600 */
#define MPR_CREDENTIALS_COMMAND 2u /**< a command for /bin/sh; its first line of output */
#define MPR_CREDENTIALS_KEYRING 3u /**< the desktop's keyring; value is the password to put there */

/**
 * Says where the password of a remembered connection is to be taken from when it is
 * restored. The profile keeps the kind and the name of file or command, never a
 * password.
 *
 * device  a remembered device.
 * source  MPR_CREDENTIALS_.
 * value   an absolute path, a command, or a password; NULL for MPR_CREDENTIALS_NONE.
 *
 * Returns NO_ERROR; ERROR_INVALID_PARAMETER (device, source or value is none);
 * ERROR_NOT_CONNECTED if the device is not remembered; ERROR_ACCESS_DENIED if the file
 * may be read by others or is not this user's; ERROR_FILE_NOT_FOUND; ERROR_INVALID_DATA if
 * it has no password; ERROR_NOT_SUPPORTED if there is no keyring, ERROR_TIMEOUT if it does
 * not answer; ERROR_NO_UNICODE_TRANSLATION; the codes of the profile; ERROR_NO_NETWORK, ERROR_BUSY,
 * ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprSetCredentials(LPCSTR device, DWORD source, LPCSTR value);

#ifdef __cplusplus
}
#endif

#endif
