#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions of at most 70 lines and complexity 15, files of at most 600 lines.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
need pmccabe

for file in $(c_files $all_folders) $(files_of '*.sh' tests) $(files_of '*.am' $all_folders) bootstrap; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || say "$file: $lines lines, 600 are allowed"
done
# Without what a macro expands to on a line of its own: pmccabe stops there.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for file in $(files_of '*.c' $product_folders tests); do
    mkdir -p "$scratch/${file%/*}"
    sed 's/^[A-Z][A-Z0-9_]*(.*)[;]*$//' "$file" >"$scratch/$file"
done
# Columns: complexity, traditional complexity, statements, first line, lines, file(line): function
# shellcheck disable=SC2046
found=$(cd "$scratch" && pmccabe $(files_of '*.c' $product_folders tests) 2>"$scratch/words" | awk -F '\t' '
    $5 > 70 {print $6 ": " $5 " lines, 70 are allowed"}
    $1 > 15 {print $6 ": complexity " $1 ", 15 is allowed"}')
[ -z "$found" ] || say "$found"
[ ! -s "$scratch/words" ] || say "pmccabe did not understand: $(cat "$scratch/words")"
exit "$status"
