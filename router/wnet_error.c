/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_error.c: WNetGetLastError, WNetSetLastError.
 *
 * These two do not begin like the others: they must not touch the text that
 * they are about.
 */
#include "config.h"

#include <mpr/mpr.h>
#include <mpr/npapi.h>
#include <mpr/winerror.h>
#include <mpr/winnetwk.h>

#include "router/mpr_alloc.h"
#include "router/mpr_error.h"
#include "router/mpr_utf.h"
#include "router/wnet_text.h"

static DWORD get_last_error(bool is_wide, LPDWORD code, void *text, DWORD text_size, void *name,
                            DWORD name_size) {
    const char *last_text, *last_provider;

    if (!code || (!text && text_size) || (!name && name_size))
        return ERROR_INVALID_ADDRESS;
    mpr_error_get(code, &last_text, &last_provider);
    if (text_size)
        wnet_text_cut(is_wide, last_text, text, text_size);
    if (name_size)
        wnet_text_cut(is_wide, last_provider, name, name_size);
    return NO_ERROR;
}

DWORD WNetGetLastErrorA(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize, LPSTR lpNameBuf,
                        DWORD nNameBufSize) {
    DWORD rc = get_last_error(false, lpError, lpErrorBuf, nErrorBufSize, lpNameBuf, nNameBufSize);

    MprSetLastError(rc);
    return rc;
}

DWORD WNetGetLastErrorW(LPDWORD lpError, LPWSTR lpErrorBuf, DWORD nErrorBufSize, LPWSTR lpNameBuf,
                        DWORD nNameBufSize) {
    DWORD rc = get_last_error(true, lpError, lpErrorBuf, nErrorBufSize, lpNameBuf, nNameBufSize);

    MprSetLastError(rc);
    return rc;
}

void WNetSetLastErrorA(DWORD err, LPCSTR lpError, LPCSTR lpProvider) {
    mpr_error_set(err, lpError, lpProvider);
}

/* A text that is no UTF-16 is better lost than the code with it. */
void WNetSetLastErrorW(DWORD err, LPCWSTR lpError, LPCWSTR lpProvider) {
    MPR_AUTOFREE char *text = NULL;
    MPR_AUTOFREE char *provider = NULL;

    if (mpr_utf_from_wide(lpError, &text) != NO_ERROR)
        text = NULL;
    if (mpr_utf_from_wide(lpProvider, &provider) != NO_ERROR)
        provider = NULL;
    mpr_error_set(err, text, provider);
}

DWORD WNetGetLastError(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize, LPSTR lpNameBuf,
                       DWORD nNameBufSize) __attribute__((alias("WNetGetLastErrorA")));
void WNetSetLastError(DWORD err, LPCSTR lpError, LPCSTR lpProvider)
    __attribute__((alias("WNetSetLastErrorA")));
