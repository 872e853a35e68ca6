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
[ "$(readlink "$installed_libdir/libmpr.dll.so")" != "" ] && [ -e "$installed_libdir/libmpr.dll.so" ] || {
    echo "libmpr.dll.so does not lead to the library"
    exit 1
}
[ -e "$(pkg-config --variable=providerdir mpr)/memory.so" ] || {
    echo "no memory provider is installed: nothing to load"
    exit 0
}
env -u MPR_ROOT -u MPR_PROVIDER_PATH HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home/.config" \
    XDG_STATE_HOME="$scratch/home/.state" XDG_DATA_HOME="$scratch/home/.data" XDG_RUNTIME_DIR="$scratch/run" \
    LD_LIBRARY_PATH="$installed_libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" MPR_DEBUG="${MPR_DEBUG:-}" \
    "$scratch/program" || {
    echo "the installed library did not connect to the installed memory provider"
    exit 1
}
echo "the installed library works"
