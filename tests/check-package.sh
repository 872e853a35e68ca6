#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the package says about itself: versions agree, README begins with the two
# commands, texts name only documents that are here and no place outside.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"

for part in MAJOR MINOR; do
    header=$(sed -n "s/^#define MPR_PROVIDER_ABI_$part *\([0-9]*\)u.*/\1/p" include/mpr/provider.h)
    version=$(sed -n "s/^#define MPR_SPI_$part *\([0-9]*\)u.*/\1/p" "$build/include/mpr/mprversion.h")
    [ -n "$header" ] && [ "$header" = "$version" ] \
        || say "the provider interface's $part is '$header' in provider.h and '$version' in mprversion.h"
done

if [ -f README.md ]; then
    for command in './bootstrap demo' './bootstrap check'; do
        head -n 40 README.md | grep -qF "$command" || say "README.md does not open with $command"
    done
else
    say "README.md is missing"
fi

for file in $(find $all_folders -type f \( -name '*.[ch157]' -o -name '*.in' -o -name '*.am' -o -name '*.sh' \
    -o -name '*.map' -o -name '*.md' -o -name '*.int' -o -name '*.json' \)) \
    README.md Makefile.am configure.ac bootstrap; do
    [ -f "$file" ] || continue
    for document in $(grep -oE '\b[A-Za-z]+\.md\b' "$file" | sort -u); do
        [ -e "$document" ] || say "$file: names $document, which is not here"
    done
    if grep -nE '(^|[^A-Za-z0-9_.])/(work|tmp/[a-z])/|\b([Ii]ssue|ISSUE) #?[0-9]|\b(T[O]DO|F[I]XME|X[X]X)\b' "$file"; then
        say "$file: speaks of what is not in the package"
    fi
done
exit "$status"
