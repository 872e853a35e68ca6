#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each outside library is used in one place, UTF-16 is made and read in one file,
# and the router knows no provider by name.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
set -f

for file in $(c_files $product_folders); do
    while read -r pattern rest; do
        case $pattern in '' | '#'*) continue ;; esac
        if grep -qE "^ *# *include *[<\"]($pattern)[>\"]" "$file" && ! matches "$file" $rest; then
            say "$file: $pattern belongs to $rest"
        fi
    done <tests/owners
    case $file in
    # JSON writes characters beyond U+FFFF as two escapes.
    router/mpr_utf.c | router/mpr_json_scan.c) ;;
    router/* | providers/* | service/*)
        if code_of "$file" | grep -niE '0xdc00|mbrtoc16|c16rtomb|mbstowcs|wcstombs'; then
            say "$file: conversion between UTF-8 and UTF-16 belongs to router/mpr_utf.c"
        fi
        ;;
    esac
    case $file in
    router/*)
        if code_with_literals_of "$file" | grep -nE '"[^"]*\b([Ss][Mm][Bb]|[Nn][Ff][Ss]|[Ss][Ff][Tt][Pp]|CIFS|[Ss]amba|libsmb[a-z]*|libnfs|libssh)\b[^"]*"|"memory"|"[^"]*(Memory Network|memory\.so)'; then
            say "$file: the router knows no provider by name"
        fi
        if grep -nE '^ *# *include *[<"](providers/|.*(smb|nfs|sftp|libssh))' "$file"; then
            say "$file: the router includes nothing of a provider"
        fi
        ;;
    esac
done
exit "$status"
