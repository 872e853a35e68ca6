#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every function and object with external linkage is used outside its file, by
# the product or by a test; if not, it is static or dead.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
: "${NM:?}"
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

objects=$(cd "$build" && find . -path ./build-aux -prune -o -name '*.o' -print | sed 's,^\./,,' | grep -E '^(router|providers|service|tools|tests)/' || :)
[ -n "$objects" ] || say "nothing was built"
public_symbols >"$scratch/public"
# kit_watch.c's functions are called by modules, kit_names.c's by nobody.
printf '%s\n' main mpr_provider_query gethostbyname sendto conformance_name_called LLVMFuzzerTestOneInput LLVMFuzzerInitialize >>"$scratch/public"
(
    cd "$build" || exit
    for object in $objects; do
        $NM -A -g "$object"
    done
) >"$scratch/symbols"
awk '$(NF - 1) == "U" || $(NF - 1) == "w" {print $NF}' "$scratch/symbols" | sort -u >"$scratch/used"
awk '$(NF - 1) ~ /^[TDBRCVW]$/ && $1 !~ /^tests\// && $NF !~ /^NP[A-Z]/ {sub(/:.*/, "", $1); print $NF, $1}' "$scratch/symbols" \
    | grep -vE '^(__|_?\.|gcov|asan|ubsan)' | sort -u >"$scratch/defined"
sort -u "$scratch/public" "$scratch/used" >"$scratch/known"
join -v 1 "$scratch/defined" "$scratch/known" >"$scratch/found"
[ ! -s "$scratch/found" ] || say "used nowhere else: $(cat "$scratch/found")"
exit "$status"
