#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Holds every #include "" against tests/layers.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
set -f

# Prints the patterns that a file may include; nothing if no layer names it.
allowed_for() { # file
    in_part=no
    above=
    while read -r first rest; do
        case $first in
        '' | '#'*) ;;
        part)
            [ "$in_part" = no ] || return 0
            patterns=${rest%%:*}
            if matches "$1" $patterns; then
                in_part=yes
                case $rest in *:*) above=${rest#*:} ;; esac
            fi
            ;;
        *)
            [ "$in_part" = yes ] || continue
            above="$above $first $rest"
            if matches "$1" $first $rest; then
                echo "$above"
                return 0
            fi
            ;;
        esac
    done <tests/layers
}

for file in $(c_files $product_folders); do
    allowed=$(allowed_for "$file")
    [ -n "$allowed" ] || { say "$file: no layer in tests/layers" && continue; }
    for header in $(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file"); do
        case $header in
        config.h) continue ;;
        */*) ;;
        *) header=${file%/*}/$header ;;
        esac
        matches "$header" $allowed || say "$file: may not include \"$header\""
    done
done
exit "$status"
