#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every public function is named in a test and described in exactly one manual page.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
LC_ALL=C
export LC_ALL

for file in $(files_of '*.[ch]' tests/unit tests/module tests/threads tests/integration); do
    code_with_literals_of "$file"
done | grep -oE '\b(WNet|Multinet|Mpr)[A-Za-z0-9]+' | sort -u >"$scratch/tested"
public_symbols >"$scratch/public"
join -v 1 "$scratch/public" "$scratch/tested" >"$scratch/found"
[ ! -s "$scratch/found" ] || say "no test names:" "$(tr '\n' ' ' <"$scratch/found")"

# A page describes the functions in its NAME section. WNetX stands for WNetXA and WNetXW too:
# whoever names these is told as if it had named WNetX.
for page in $(files_of '*.3' doc); do
    sed -n '/^\.S[Hh] *"*NAME/,/^\.S[Hh] *"*[^N]/p' "$page" | grep -oE '\b(WNet|Multinet|Mpr)[A-Za-z0-9]+' \
        | while read -r name; do
            case $name in
            *[AW]) ! grep -qx "${name%[AW]}" "$scratch/public" || name=${name%[AW]} ;;
            esac
            echo "$name"
        done | sort -u
done | sort >"$scratch/described"
if [ -s "$scratch/described" ]; then
    [ -z "$(uniq -d "$scratch/described")" ] || say "in two manual pages: $(uniq -d "$scratch/described")"
    while read -r name; do
        grep -qxE "$name" "$scratch/described" && continue
        case $name in
        *[AW]) grep -qx "${name%[AW]}" "$scratch/described" && continue ;;
        esac
        say "in no manual page: $name"
    done <"$scratch/public"
fi

# WNet.3 lists every function of the API, with the page that has it in its NAME section.
while read -r name; do
    case $name in
    WNet* | Multinet*) ;;
    *) continue ;;
    esac
    ! case $name in *[AW]) grep -qx "${name%[AW]}" "$scratch/public" ;; *) false ;; esac || continue
    page=$(sed -n "s/^$name|\([^|]*\)|.*/\1/p" doc/WNet.3)
    [ -n "$page" ] || { say "doc/WNet.3: does not list $name" && continue; }
    sed -n '/^\.SH NAME/{n;p;}' "doc/$page.3" 2>/dev/null | grep -qw "$name" \
        || say "doc/WNet.3: $page(3) does not describe $name"
done <"$scratch/public"
exit "$status"
