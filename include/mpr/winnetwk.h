/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winnetwk.h: the WNet API for applications, source-compatible with Windows.
 *
 * Rules for every function
 *
 *  1. The returned code is what MprGetLastError gives to the same thread.
 *  2. Every failure leaves code and words for WNetGetLastError in its thread,
 *     whatever the code; success and entering a function clear nothing. Only
 *     WNetGetLastError itself leaves them alone when it is called wrongly.
 *  3. A failure changes nothing, or its words say what could not be undone.
 *  4. A functions take UTF-8, W functions UTF-16 in native byte order with a
 *     16-bit WCHAR (u"Z:" in C). The name without a suffix is the A function,
 *     or with UNICODE defined the W function. Sizes of strings count units of
 *     the function's own (bytes in A, WCHARs in W) with the NUL; sizes of
 *     structures with strings count bytes. Text that is not valid UTF-8 or
 *     UTF-16 is ERROR_NO_UNICODE_TRANSLATION.
 *  5. A buffer that is too small is ERROR_MORE_DATA, and its size is set to what
 *     is needed. On success and any other failure the size is left alone.
 *  6. The caller owns what it passes; nothing is kept after the return but the
 *     handle of WNetOpenEnum. The router wipes a password from every copy that
 *     it makes; a provider's library may keep its own, in a worker process.
 *  7. Any function may be called from any thread. None waits without a bound.
 *     From inside a provider, a notification module or a prompt those that need the
 *     router are ERROR_BUSY, once their pointers were looked at.
 *  8. Every function may also return ERROR_NOT_ENOUGH_MEMORY, ERROR_NO_NETWORK
 *     (no provider is there, or this process is a forked child without
 *     MprInitialize of its own) and ERROR_INVALID_ADDRESS (NULL for a pointer
 *     that must be there).
 *
 * A device is "A:" to "Z:" or "LPT1" to "LPT9", with or without colon after the
 * latter, in capitals or not. Any other text is a remote name.
 */
#ifndef MPR_WINNETWK_H
#define MPR_WINNETWK_H

#include <mpr/wnet_connect.h>
#include <mpr/wnet_dialog.h>
#include <mpr/wnet_enum.h>
#include <mpr/wnet_error.h>
#include <mpr/wnet_names.h>
#include <mpr/wnet_types.h>

#endif
