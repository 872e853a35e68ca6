#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The template provider builds outside the tree, serves, and passes the conformance
# kit: here with the headers and the library of the build; `make installcheck` does it
# with what is installed.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
need pkg-config
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# mpr.pc as it would be if this were installed.
source=$PWD
mkdir -p "$scratch/pkgconfig" "$scratch/include/mpr-1/mpr"
cp include/mpr/*.h "$build/include/mpr/"*.h "$scratch/include/mpr-1/mpr"
sed "s|^includedir=.*|includedir=$scratch/include|; s|^libdir=.*|libdir=$build/.libs|" "$build/mpr.pc" \
    >"$scratch/pkgconfig/mpr.pc"
MPR_CONFORMANCE_DECOY=$build/.libs/conformance-decoy.so
export MPR_CONFORMANCE_DECOY
sh tests/outside/template.sh "$source/doc/template" "$source/tests/outside/template_caller.c" \
    "$scratch/pkgconfig" "$build/.libs" "$build/mpr-conformance" || status=1
exit "$status"
