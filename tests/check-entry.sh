#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every public function of router/wnet_*.c begins with MPR_ENTER, except those
# that only read or set the thread's last error.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
public_symbols | grep -vE '^(WNet|Mpr)(Get|Set)LastError[AW]?$' >"$scratch/names" \
    || say "router/libmpr.map names no function"

for file in $(files_of 'wnet_*.c' router); do
    code_of "$file" | awk -v names="$scratch/names" -v file="$file" '
        BEGIN { while ((getline name < names) > 0) public[name] = 1 }
        /^[A-Za-z].*\(/ { head = $0; sub(/\(.*/, "", head); sub(/.*[ *]/, "", head); entered = 0 }
        /MPR_ENTER/ { entered = 1 }
        /^}/ && head in public {
            if (!entered) { print file ": " head " does not begin with MPR_ENTER" }
            head = ""
        }' >"$scratch/found"
    [ ! -s "$scratch/found" ] || say "$(cat "$scratch/found")"
done
exit "$status"
