#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every file names its licence first, the C files are as clang-format 14 writes
# them, and text is ASCII without trailing blanks.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"

texts=$(
    find $product_folders include doc tests m4 -type f \
        ! -path '*/corpus/*' ! -name '*.o' ! -name '*.golden' ! -name '*~' 2>/dev/null \
        | grep -vE '^m4/(ax_|lt|libtool|pkg)|/\.(libs|deps)/|\.dirstamp$' | sort
    ls Makefile.am configure.ac mpr.pc.in bootstrap .clang-format .editorconfig 2>/dev/null || :
)
for file in $texts; do
    licence=$(head -n 3 "$file" | grep -o 'SPDX-License-Identifier: .*' | sed 's/^[^:]*: //; s/ .*//' || :)
    case $licence in
    LGPL-2.1-or-later | GPL-3.0-or-later) ;;
    # What authors copy to start from is theirs.
    0BSD) matches "$file" 'doc/template/*' || say "$file: licence $licence" ;;
    '') case $file in *.json | *.json.in | *.pc.in) ;; *) say "$file: no SPDX line at the top" ;; esac ;;
    *) say "$file: licence $licence" ;;
    esac
    if grep -nE '[[:blank:]]+$' "$file"; then
        say "$file: trailing blanks"
    fi
    case $file in
    tests/*) ;;
    *) if LC_ALL=C grep -n '[^ -~	]' "$file"; then
        say "$file: not ASCII"
    fi ;;
    esac
done

# What uses libsmbclient comes under the licence of libsmbclient.
for file in $(c_files providers/smb); do
    if grep -q 'include *<libsmbclient' "$file" && ! head -n 1 "$file" | grep -q GPL-3.0-or-later; then
        say "$file: uses libsmbclient, so it is GPL-3.0-or-later"
    fi
done

need "${CLANG_FORMAT:-clang-format-14}"
# shellcheck disable=SC2046
differ=$("${CLANG_FORMAT:-clang-format-14}" --dry-run $(c_files $all_folders) 2>&1 \
    | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: .*/\1/p' | sort | uniq -c)
[ -z "$differ" ] || say "make format would change so many places: $differ"
exit "$status"
