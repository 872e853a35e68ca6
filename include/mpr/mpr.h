/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mpr.h: the router as a library inside your program: where its files are,
 * how it asks for passwords, which providers it has, and the last error.
 *
 * The whole of this header is our own design; Windows has no counterpart but
 * GetLastError and SetLastError. Nothing here needs to be called: the first
 * WNet call initialises the router with its defaults. But for the last two, these
 * functions set the last error as WNet functions do.
 *
 * Every function may be called from any thread unless it says otherwise.
 * Strings are UTF-8.
 */
#ifndef MPR_MPR_H
#define MPR_MPR_H

#include <mpr/mprtypes.h>
#include <mpr/winerror.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Starts the router.
 *
 * root  directory under which config, state, run and providers.d are looked
 *       for and made (an absolute path, copied), or NULL for the defaults: the
 *       environment's MPR_ROOT, else the directories of system and user. It
 *       moves data only, never code.
 *
 * Needed with a root, and in a process that was forked from one which used the
 * router: the child has no connections, and every call there is
 * ERROR_NO_NETWORK until this one.
 *
 * Returns NO_ERROR; ERROR_ALREADY_INITIALIZED if the router runs, which nothing
 * changes; ERROR_INVALID_PARAMETER if root is no absolute path;
 * ERROR_PATH_NOT_FOUND or ERROR_ACCESS_DENIED if it is no directory or cannot be
 * reached; ERROR_BUSY from inside a provider or a prompt; ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprInitialize(LPCSTR root);

/**
 * Ends the router in this process: every connection is broken as by a forced
 * cancel, within the bound, remembered ones stay remembered, worker processes
 * end. Files that were open answer -ENOTCONN and can still be closed. Calls of
 * other threads that are under way end as their connections are broken, and are
 * waited for, at most 5 seconds. Modules stay loaded. The router may be started
 * again, and any later call that needs it does so with its defaults.
 *
 * Returns NO_ERROR, also if it did not run; ERROR_BUSY from inside a provider
 * or a prompt.
 */
MPRAPI DWORD MPRCALL MprShutdown(void);

/**
 * Asks the user one question; called in the thread of a WNet function that may
 * ask: one that got CONNECT_INTERACTIVE, WNetRestoreConnection, or
 * WNetDisconnectDialog1. It may take its time, and must not call WNet functions.
 *
 * context   what MprSetPrompt was given.
 * question  what to show: "Password for alice on \\server\share: ". Lines
 *           before the last say why it is asked.
 * echo      FALSE for a password.
 * buffer    receives the answer with its NUL, at most size bytes; whoever asked
 *           wipes it. What is not valid UTF-8 counts as ERROR_CANCELLED.
 *
 * Returns NO_ERROR, or ERROR_CANCELLED; any other value counts as that.
 */
typedef DWORD(MPRCALL *mpr_prompt_fn)(void *context, LPCSTR question, BOOL echo, LPSTR buffer,
                                      size_t size);

/**
 * Sets how this process asks its user, for all threads.
 *
 * prompt   the function, or NULL, as at the start: nobody can be asked, but for
 *          WNet functions that got CONNECT_INTERACTIVE and CONNECT_COMMANDLINE.
 *          They ask on the controlling terminal, if the process is in its
 *          foreground: without echo for a password, ^C or ^D gives up.
 * context  passed to it; must stay valid until another prompt is set and no
 *          call that may ask is under way.
 *
 * Returns NO_ERROR.
 */
MPRAPI DWORD MPRCALL MprSetPrompt(mpr_prompt_fn prompt, void *context);

/* What became of a provider: mpr_provider_info.state. */
#define MPR_PROVIDER_LOADED 1u /**< in use */
#define MPR_PROVIDER_FAILED 2u /**< skipped; error says why */

/* What a provider can do: mpr_provider_info.capabilities, computed from its table. */
#define MPR_CAN_USER        0x01u /**< tells the user of a connection */
#define MPR_CAN_LIST        0x02u /**< lists servers or shares */
#define MPR_CAN_PARENT      0x04u /**< names the container of a name */
#define MPR_CAN_INFORMATION 0x08u /**< tells what a name is */
#define MPR_CAN_PERFORMANCE 0x10u /**< measures a connection */
#define MPR_CAN_READ        0x20u /**< serves files */
#define MPR_CAN_WRITE       0x40u /**< and changes them */
#define MPR_CAN_PRINT       0x80u /**< takes print jobs */

/**
 * One provider. Strings are never NULL, and valid during the callback only.
 */
struct mpr_provider_info {
    uint32_t size;         /**< sizeof as the library was compiled; newer ones add at the end */
    uint32_t state;        /**< MPR_PROVIDER_LOADED or MPR_PROVIDER_FAILED */
    uint32_t order;        /**< small numbers are asked first */
    uint32_t net_type;     /**< WNNC_NET_ number, or 0 */
    uint32_t capabilities; /**< MPR_CAN_ bits */
    uint32_t isolated;     /**< 1 if it runs in worker processes */
    LPCSTR name;           /**< of its drop-in: "smb" */
    LPCSTR provider;       /**< as in NETRESOURCE.lpProvider: "SMB Network"; "" if failed */
    LPCSTR drop_in;        /**< path of the drop-in file */
    LPCSTR module;         /**< path of the module; "" if not known */
    LPCSTR error;          /**< why it failed, in words; else "" */
};

/** Takes one provider; returns 0 to go on, anything else to stop. */
typedef int(MPRCALL *mpr_provider_info_fn)(void *context, const struct mpr_provider_info *info);

/**
 * Tells every provider to fn, in the order in which they are asked, those that
 * failed to load too. fn must not call WNet functions.
 *
 * Returns NO_ERROR, also if fn stopped it; ERROR_INVALID_ADDRESS if fn is NULL;
 * ERROR_NO_NETWORK in a forked child; ERROR_BUSY from inside a provider or a
 * prompt; ERROR_NOT_ENOUGH_MEMORY.
 */
MPRAPI DWORD MPRCALL MprListProviders(mpr_provider_info_fn fn, void *context);

/**
 * The code that the last WNet function of this thread returned, or that
 * MprSetLastError set since; NO_ERROR in a thread that called neither.
 */
MPRAPI DWORD MPRCALL MprGetLastError(void);

/** Sets what MprGetLastError gives to this thread. */
MPRAPI void MPRCALL MprSetLastError(DWORD code);

/**
 * The standard sentence of a code, in English, as FormatMessage has one on Windows. What
 * happened in particular is WNetGetLastError's. All codes that are not known here have the
 * one sentence that 0xFFFFFFFF has.
 *
 * Never NULL, and never to be freed. Sets no last error.
 */
MPRAPI LPCSTR MPRCALL MprErrorText(DWORD code);

/*
 * GetLastError and SetLastError, for sources written for Windows. Left out where
 * WinPR's or Wine's headers came before and brought their own. Define
 * MPR_NO_GETLASTERROR where those come after this header, or nobody needs them.
 */
#if !defined(MPR_NO_GETLASTERROR) && !defined(WINPR_ERROR_H) && !defined(__WINE_WINBASE_H)         \
    && !defined(_WINBASE_) && !defined(GetLastError)
#define GetLastError()     MprGetLastError()
#define SetLastError(code) MprSetLastError(code)
#endif

#ifdef __cplusplus
}
#endif

#endif
