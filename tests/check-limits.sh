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
# Columns: complexity, traditional complexity, statements, first line, lines, file(line): function
# shellcheck disable=SC2046
found=$(pmccabe $(files_of '*.c' $product_folders tests) | awk -F '\t' '
    $5 > 70 {print $6 ": " $5 " lines, 70 are allowed"}
    $1 > 15 {print $6 ": complexity " $1 ", 15 is allowed"}')
[ -z "$found" ] || say "$found"
exit "$status"
