#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every function of the WNet API is called with bad input: its A and W forms, or its only one, are
# named in tests/module/test_wnet_input*.c.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for file in $(files_of 'test_wnet_input*.c' tests/module); do
    code_with_literals_of "$file"
done | grep -oE '\b(WNet|Multinet)[A-Za-z0-9]+' | sort -u >"$scratch/tested"
public_symbols | grep -E '^(WNet|Multinet)' >"$scratch/public"
[ "$(wc -l <"$scratch/public")" -gt 80 ] || say "few functions were found in the map"
while read -r name; do
    # The bare name is the A function.
    grep -qx "${name}A" "$scratch/public" && continue
    grep -qx "$name" "$scratch/tested" || say "no test gives bad input to $name"
done <"$scratch/public"
exit "$status"
