#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# libmpr.so exports just what libmpr.map lists, and the map just what the headers
# declare; a provider module exports mpr_provider_query only.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
: "${NM:?}"
LC_ALL=C
export LC_ALL

exports_of() { # file
    $NM -D --defined-only "$1" | awk '$2 ~ /[TDBRVWi]/ {sub(/@.*/, "", $3); print $3}' \
        | grep -v '^MPR_[0-9.]*$' | sort
}

compare() { # what-a list-a what-b list-b
    [ "$2" = "$4" ] && return
    a=$(mktemp) b=$(mktemp)
    echo "$2" >"$a"
    echo "$4" >"$b"
    say "$1 (<) and $3 (>) differ:"
    diff "$a" "$b" | grep '^[<>]' || :
    rm -f "$a" "$b"
}

library=$(exports_of "$build/.libs/libmpr.so")
declared=$(cat include/mpr/*.h | tr '\n' ' ' | grep -oE 'MPRAPI [A-Za-z0-9_ *]* MPRCALL \*?[A-Za-z0-9_]+ *\(' \
    | sed 's/.*MPRCALL \**//; s/ *(//' | sort)
map=$(public_symbols)
[ -n "$declared" ] || say "no declaration was found in include/mpr"
compare router/libmpr.map "$map" libmpr.so "$library"
compare router/libmpr.map "$map" "the headers" "$declared"
if echo "$library" | grep '^NP'; then
    say "libmpr.so exports an entry of a provider"
fi

for module in "$build"/.libs/*.so; do
    case $module in */libmpr.so | */classic-saboteur.so | */conformance-names.so) continue ;; esac
    [ -e "$module" ] || continue
    compare "${module##*/}" "$(exports_of "$module")" "what a provider exports" mpr_provider_query
done
exit "$status"
