#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The library and the modules: complete, bound at load, never unloaded, without
# run path and text relocations; and who needs libsmbclient.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
: "${READELF:?}"
seen=0

for file in "$build"/.libs/*.so "$build"/mpr-worker "$build"/mpr-password "$build"/mpr-conformance; do
    case $file in *saboteur.so) continue ;; esac # is not installed
    [ -e "$file" ] || continue
    seen=$((seen + 1))
    name=${file##*/}
    dynamic=$($READELF -dW "$file")
    segments=$($READELF -lW "$file")
    echo "$dynamic" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || say "$name: is bound lazily"
    case $name in
    *.so) echo "$dynamic" | grep -q NODELETE || say "$name: can be unloaded" ;;
    *) $READELF -hW "$file" | grep -q 'Type: *DYN' || say "$name: is no PIE" ;;
    esac
    if echo "$dynamic" | grep -E 'RPATH|RUNPATH|TEXTREL'; then
        say "$name: has a run path or text relocations"
    fi
    echo "$segments" | grep -q GNU_RELRO || say "$name: without RELRO"
    if echo "$segments" | grep 'GNU_STACK.*E'; then
        say "$name: wants an executable stack"
    fi
    case $name in
    smb-worker.so) ;;
    *)
        if ldd "$file" | grep -iE 'smbclient|samba'; then
            say "$name: brings libsmbclient into the process that loads it"
        fi
        ;;
    esac
    # In a sanitized build the program brings the sanitizer's symbols.
    if [ "${MPR_TEST_SANITIZER:-no}" = no ] && ldd -r "$file" 2>&1 | grep 'undefined symbol'; then
        say "$name: is incomplete"
    fi
done
[ "$seen" -gt 0 ] || say "nothing was built"
exit "$status"
