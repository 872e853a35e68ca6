/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_error.h: why the last function failed, in words.
 * Include <mpr/winnetwk.h>, whose rules hold for every function.
 */
#ifndef MPR_WNET_ERROR_H
#define MPR_WNET_ERROR_H

#include <mpr/wnet_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Why the last WNet function of this thread failed, in words. Reading clears
 * nothing.
 *
 * lpError        receives the code of the failing side's own world (NTSTATUS,
 *                nfsstat, errno), or the Win32 code where there is no other; 0 if
 *                nothing failed yet in this thread.
 * lpErrorBuf     receives the text; nErrorBufSize in units, 512 is enough for most.
 * lpNameBuf      receives the provider's name; nNameBufSize in units.
 *
 * Both texts are cut at a character's border if need be, and always ended. A
 * buffer may be NULL if its size is 0.
 *
 * Returns NO_ERROR or ERROR_INVALID_ADDRESS (lpError NULL, or a buffer NULL
 * though it has a size).
 *
 * Source: Windows; that every failure has words, and NULL buffers: our choice.
 */
MPRAPI DWORD MPRCALL WNetGetLastErrorA(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize,
                                       LPSTR lpNameBuf, DWORD nNameBufSize);
MPRAPI DWORD MPRCALL WNetGetLastErrorW(LPDWORD lpError, LPWSTR lpErrorBuf, DWORD nErrorBufSize,
                                       LPWSTR lpNameBuf, DWORD nNameBufSize);

/**
 * Would give the text of an error of several networks. WNetGetLastError does that
 * for every failure.
 *
 * lpErrorBuf, lpNameBuf  would receive text and provider; not looked at
 * lpnErrorBufSize, lpnNameBufSize  their sizes in units, left alone
 *
 * Returns ERROR_NOT_SUPPORTED; ERROR_INVALID_ADDRESS (a size pointer NULL). The
 * text of the failure before is replaced by the one that says so.
 *
 * Source: exported by Windows and documented nowhere; the parameters are our
 * choice, after WNetGetLastError.
 */
MPRAPI DWORD MPRCALL MultinetGetErrorTextA(LPSTR lpErrorBuf, LPDWORD lpnErrorBufSize,
                                           LPSTR lpNameBuf, LPDWORD lpnNameBufSize);
MPRAPI DWORD MPRCALL MultinetGetErrorTextW(LPWSTR lpErrorBuf, LPDWORD lpnErrorBufSize,
                                           LPWSTR lpNameBuf, LPDWORD lpnNameBufSize);

/* The bare names: exported as the A functions; here the W functions with UNICODE. */
#ifdef UNICODE
#define WNetGetLastError     WNetGetLastErrorW
#define MultinetGetErrorText MultinetGetErrorTextW
#else
MPRAPI DWORD MPRCALL MultinetGetErrorText(LPSTR lpErrorBuf, LPDWORD lpnErrorBufSize,
                                          LPSTR lpNameBuf, LPDWORD lpnNameBufSize);
MPRAPI DWORD MPRCALL WNetGetLastError(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize,
                                      LPSTR lpNameBuf, DWORD nNameBufSize);
#endif

#ifdef __cplusplus
}
#endif

#endif
