/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprtypes.h: the Win32 base types that these headers need, and nothing else.
 *
 * They stand beside WinPR's and Wine's: a typedef may be repeated in C11 when
 * it names the same type. In C++, include WinPR's headers first.
 */
#ifndef MPR_MPRTYPES_H
#define MPR_MPRTYPES_H

#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <uchar.h>
#endif

/**
 * Visibility of every function that these headers declare.
 */
#define MPRAPI __attribute__((visibility("default")))

/**
 * Calling convention of every function that these headers declare: the
 * platform's own. Never WINAPI, which Wine's headers make ms_abi on x86-64.
 */
#define MPRCALL

typedef uint16_t WORD;
typedef uint32_t DWORD, *LPDWORD;
typedef int32_t BOOL, *LPBOOL;
typedef uint8_t BYTE, *LPBYTE;
typedef char *LPSTR;
typedef const char *LPCSTR;
/* No LPHANDLE: WinPR 2 has it as void *, so prototypes say HANDLE *. */
typedef void *LPVOID, *HANDLE;

/**
 * One UTF-16 unit, as on Windows; never the platform's 32-bit wide character.
 * In C++ it is char16_t, except after WinPR's headers, which have uint16_t.
 */
#if defined(__cplusplus) && !defined(WINPR_WTYPES_H)
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef WCHAR *LPWSTR;
typedef const WCHAR *LPCWSTR;

/**
 * A window handle in our prototypes, which any HWND fits: Wine's own HWND is a
 * pointer to a structure. Define MPR_NO_HWND where Wine's headers come later.
 */
typedef void *MPR_HWND;
#if !defined(_WINDEF_) && !defined(MPR_NO_HWND)
typedef void *HWND;
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#ifdef __cplusplus
static_assert(sizeof(WCHAR) == 2, "WCHAR is one UTF-16 unit");
#else
_Static_assert(sizeof(WCHAR) == sizeof(char16_t), "WCHAR is one UTF-16 unit");
#endif

#endif
