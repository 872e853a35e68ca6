#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Called by `make installcheck`: what is installed is what a program needs. One is
# compiled through mpr.pc and connects through the installed memory provider, and the
# steps of README are taken.
set -eu
: "${installed_pkgconfigdir:?}" "${installed_libdir:?}" "${installed_bindir:?}" "${CC:?}"
source=$(cd "${0%/*}/.." && pwd)
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

# The command, and what completes its words.
env -u MPR_ROOT HOME="$scratch/home" LD_LIBRARY_PATH="$installed_libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
    "$installed_bindir/wnet" --no-service providers >"$scratch/wnet" && grep -q '^memory ' "$scratch/wnet" || {
    echo "the installed wnet does not find the installed memory provider"
    exit 1
}

# The template for authors, as it is installed.
kit=$installed_bindir/mpr-conformance
[ -x "$kit" ] || kit=
MPR_TEST_SANITIZER=no sh "$source/tests/outside/template.sh" "$(pkg-config --variable=templatedir mpr)" \
    "$source/tests/outside/template_caller.c" "$installed_pkgconfigdir" "$installed_libdir" "$kit"

# README: a provider, from the sample in the manual, is compiled, tried without
# installing it, and tested.
mkdir "$scratch/try" "$scratch/lab"
cd "$scratch/try"
sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/p' "$source/doc/mpr-provider.7" | sed -n '/^\.nf/,/^\.fi/p' \
    | sed '/^\./d; s/\\-/-/g; s/\\e/\\/g' >void.c
cat >program.c <<'END'
#include <mpr/winnetwk.h>
int main(int argc, char **argv) {
    NETRESOURCEA r = {.lpRemoteName = argv[1]};
    return argc == 2 && WNetAddConnection2A(&r, 0, 0, 0) == NO_ERROR ? 0 : 1;
}
END
sed -n '/^## Test a provider/,/^## Beside/{/^```c$/,/^```$/{/^```/d; p;}}' "$source/README.md" >test.in
{
    echo '#undef NDEBUG'
    grep '^#include' test.in
    echo 'int main(int argc, char **argv) { const char *lab = argv[argc - 1];'
    grep -v '^#include' test.in
    echo 'return 0; }'
} >test.c
for program in program test; do
    # shellcheck disable=SC2046 # flags are words
    $CC $(pkg-config --cflags mpr) -o "$program" "$program.c" $(pkg-config --libs mpr)
done
cc() {
    $CC "$@"
}
HOME=$scratch/home
XDG_RUNTIME_DIR=$scratch/run
LD_LIBRARY_PATH=$installed_libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export HOME XDG_RUNTIME_DIR LD_LIBRARY_PATH
unset MPR_ROOT XDG_CONFIG_HOME XDG_STATE_HOME
sed -n '/^## Write a provider/,/^## Test/s/^    //p' "$source/README.md" >steps
[ "$(wc -l <steps)" -eq 4 ] || {
    echo "README.md has not the four steps of a provider"
    exit 1
}
. ./steps
chmod 700 "$scratch/lab"
mv drop-ins "$scratch/lab/providers.d"
./test "$scratch/lab"
echo "the installed library works"
