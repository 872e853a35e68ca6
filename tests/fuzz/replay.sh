#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Gives every input of corpus/TARGET to each fuzz target. MPR_FUZZ_TARGETS lists
# the targets, as paths below the build tree.
set -eu
: "${top_srcdir:?}" "${top_builddir:?}"
status=0
total=0
for target in ${MPR_FUZZ_TARGETS-}; do
    name=${target##*/}
    set -- "$top_srcdir/tests/fuzz/corpus/$name"/*
    if [ ! -e "$1" ]; then
        echo "$name: corpus/$name is empty"
        status=1
        continue
    fi
    if "$top_builddir/$target" "$@"; then
        echo "$name: $# inputs"
        total=$((total + $#))
    else
        echo "$name: failed"
        status=1
    fi
done
[ "$total" -gt 0 ] || {
    echo "no input was replayed"
    exit 1
}
exit "$status"
