#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Called by `make installcheck`: what is installed is what a program needs. One is
# compiled through mpr.pc and connects through the installed memory provider.
set -eu
: "${installed_pkgconfigdir:?}" "${installed_libdir:?}" "${CC:?}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -m 700 "$scratch/home" "$scratch/run"

cat >"$scratch/program.c" <<'END'
#include <mpr/winnetwk.h>
int main(void) {
    NETRESOURCEA r = {.dwType = RESOURCETYPE_DISK, .lpLocalName = (char[]){"Z:"}, .lpRemoteName = (char[]){"\\\\memory\\demo"}};
    DWORD code = WNetAddConnection2A(&r, 0, 0, 0);
    return code == NO_ERROR && WNetCancelConnection2A("Z:", 0, FALSE) == NO_ERROR ? 0 : 1;
}
END
export PKG_CONFIG_PATH="$installed_pkgconfigdir"
# shellcheck disable=SC2046 # flags are words
$CC $(pkg-config --cflags mpr) -o "$scratch/program" "$scratch/program.c" $(pkg-config --libs mpr)
# A source that knows only the names that the headers have on Windows.
cat >"$scratch/windows.c" <<'END'
#ifdef _WIN32
#include <windows.h>
#endif
#include <winerror.h>
#include <winnetwk.h>
#include <npapi.h>
#include <wnnc.h>
int main(void) {
    return WNetCancelConnection2A("Q:", 0, FALSE) == ERROR_NOT_CONNECTED && GetLastError() == WN_NOT_CONNECTED
        && WNNC_NET_SMB == 0x20000 ? 0 : 1;
}
END
win=$(pkg-config --variable=winincludedir mpr)
[ "$(cd "$win" && echo *)" = "npapi.h winerror.h winnetwk.h wnnc.h" ] || {
    echo "$win does not hold the four headers of Windows' names"
    exit 1
}
# shellcheck disable=SC2046 # flags are words
$CC "-I$win" $(pkg-config --cflags mpr) -o "$scratch/windows" "$scratch/windows.c" $(pkg-config --libs mpr)
[ "$(readlink "$installed_libdir/libmpr.dll.so")" != "" ] && [ -e "$installed_libdir/libmpr.dll.so" ] || {
    echo "libmpr.dll.so does not lead to the library"
    exit 1
}
[ -e "$(pkg-config --variable=providerdir mpr)/memory.so" ] || {
    echo "no memory provider is installed: nothing to load"
    exit 0
}
for program in program windows; do
    env -u MPR_ROOT -u MPR_PROVIDER_PATH HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home/.config" \
        XDG_STATE_HOME="$scratch/home/.state" XDG_DATA_HOME="$scratch/home/.data" \
        XDG_RUNTIME_DIR="$scratch/run" MPR_DEBUG="${MPR_DEBUG:-}" \
        LD_LIBRARY_PATH="$installed_libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$scratch/$program" || {
        echo "$program: the installed library did not do with the installed memory provider what it should"
        exit 1
    }
done
echo "the installed library works"
