#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# check-headers: every public header compiles alone, as C11 and C++17, pedantic,
# with each compiler there is, with and without UNICODE; twice, and all together
# in both orders; before and after WinPR's and Wine's headers, where these are
# installed; and does not compile after another winnetwk.h.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
rc=0
cases=0
strict="-pedantic-errors -Wall -Wextra -Wundef -Wstrict-prototypes -Wredundant-decls -Werror"
ours="-I$top_srcdir/include -I$top_builddir/include"
winpr=$(pkg-config --cflags winpr2 winpr3 2>/dev/null || pkg-config --cflags winpr2 2>/dev/null)
[ -n "$winpr" ] || [ ! -e /usr/include/winpr2/winpr/wtypes.h ] || winpr=-I/usr/include/winpr2
winpr=$(echo "$winpr" | sed 's/-I/-isystem /g')
wine=
for folder in /usr/include/wine/wine/windows /usr/include/wine/windows; do
    [ ! -e "$folder/windef.h" ] || { wine="-isystem $folder" && break; }
done
headers=$(cd "$top_srcdir/include" && echo mpr/*.h)
# What the compilers are asked to take; a declaration, as C wants one in a file.
body='int mpr_check_headers(void);'

# say EXPECTED DIALECT OPTIONS INCLUDES...: compiles a file of these includes
say() {
    expected=$1 dialect=$2 options=$3
    shift 3
    {
        for name in "$@"; do echo "#include <$name>"; done
        echo "$body"
    } >"$scratch/case.${dialect%%[0-9]*}"
    case $dialect in c1*) language="c -std=$dialect" ;; *) language="c++ -std=$dialect" ;; esac
    for compiler in gcc clang; do
        command -v "$compiler" >/dev/null || continue
        cases=$((cases + 1))
        warnings=$strict
        # C++ does not know this warning.
        case $dialect in c++*) warnings=$(echo "$strict" | sed 's/-Wstrict-prototypes//') ;; esac
        # shellcheck disable=SC2086 # the options are lists
        if $compiler -x $language $warnings $ours $options -fsyntax-only \
            "$scratch/case.${dialect%%[0-9]*}" 2>"$scratch/words"; then
            got=compiles
        else
            got=fails
        fi
        # It is to fail by the guard's own words.
        [ "$expected/$got" != fails/fails ] || grep -q 'came first' "$scratch/words" || got="fails otherwise"
        [ "$got" = "$expected" ] && continue
        echo "$compiler -std=$dialect $options, including $*: $got, and should not"
        cat "$scratch/words"
        rc=1
    done
}

for dialect in c11 c++17; do
    for unicode in "" -DUNICODE; do
        for header in $headers; do
            say compiles "$dialect" "$unicode" "$header" "$header"
        done
        # shellcheck disable=SC2086
        say compiles "$dialect" "$unicode" $headers
        # shellcheck disable=SC2046,SC2086
        say compiles "$dialect" "$unicode" $(echo $headers | tr ' ' '\n' | sort -r)
    done
done

for dialect in c11 c++17; do
    say compiles "$dialect" "" mpr/mprversion.h mpr/mprversion.h
done

# By the names they have on Windows; also where somebody named the folder of ours itself.
for shims in "-I$top_srcdir/include/win" "-I$top_srcdir/include/mpr -I$top_srcdir/include/win"; do
    for dialect in c11 c++17; do
        for unicode in "" -DUNICODE; do
            for header in winnetwk.h npapi.h winerror.h wnnc.h; do
                say compiles "$dialect" "$shims $unicode" "$header" "$header"
                say compiles "$dialect" "$shims $unicode" "$header" mpr/npapi.h mpr/mpr.h
            done
            say compiles "$dialect" "$shims $unicode" wnnc.h winerror.h npapi.h winnetwk.h
            say compiles "$dialect" "$shims $unicode" winnetwk.h npapi.h winerror.h wnnc.h
        done
    done
done

# Beside others' headers. In C++ WinPR's WCHAR is no char16_t: it must come first.
# Where the others come last, GetLastError and Wine's HWND must be left to them.
if [ -n "$winpr" ]; then
    for header in $headers; do
        say compiles c11 "$winpr" winpr/wtypes.h winpr/error.h "$header"
        say compiles c11 "$winpr -DMPR_NO_GETLASTERROR" "$header" winpr/wtypes.h winpr/error.h
        say compiles c++17 "$winpr" winpr/wtypes.h winpr/error.h "$header"
    done
fi
if [ -n "$wine" ]; then
    for header in $headers; do
        for dialect in c11 c++17; do
            say compiles "$dialect" "$wine" windef.h winbase.h "$header"
            say compiles "$dialect" "$wine -DMPR_NO_GETLASTERROR -DMPR_NO_HWND" \
                "$header" windef.h winbase.h
        done
    done
    # Wine's WINAPI must not have become the calling convention of ours.
    body='_Static_assert(__builtin_types_compatible_p(__typeof__(&WNetCancelConnection2A),
        unsigned int (*)(const char *, unsigned int, int)), "the platform'"'"'s own convention");'
    say compiles c11 "$wine" windef.h winbase.h mpr/winnetwk.h
    body='int mpr_check_headers(void);'
    say fails c11 "$wine" windef.h winnetwk.h mpr/winnetwk.h
    say fails c11 "$wine" windef.h npapi.h mpr/npapi.h
fi

# Every constant of ours that WinPR has is spelled as there, so that its unguarded
# definitions may come after; every one that Wine has means the same number.
constants() { # OPTIONS INCLUDES...: "NAME value" of every macro without parameters
    options=$1
    shift
    for name in "$@"; do echo "#include <$name>"; done >"$scratch/constants.c"
    # shellcheck disable=SC2086
    gcc $ours $options -E -dM "$scratch/constants.c" 2>/dev/null \
        | sed -n 's/^#define \([A-Z][A-Za-z0-9_]*\) \(.*[^ ]\) *$/\1 \2/p' | sort
}
constants "" mpr/winerror.h mpr/npapi.h \
    | grep -E '^(NO_ERROR|ERROR|WN|RESOURCE|CONNECT|CONNDLG|DISC|NETINFO|NOTIFY|UNIVERSAL|REMOTE)' \
    >"$scratch/ours"
if [ -n "$winpr" ]; then
    constants "$winpr" winpr/wtypes.h winpr/error.h >"$scratch/theirs"
    join "$scratch/ours" "$scratch/theirs" | awk '$2 "" != $3 "" { print "WinPR spells it otherwise: " $0; bad = 1 }
        END { if (NR < 50) print "only " NR " codes found in WinPR"; exit bad || NR < 50 }' || rc=1
fi
if [ -n "$wine" ]; then
    constants "$wine" windef.h winbase.h winnetwk.h npapi.h >"$scratch/theirs"
    body=$(awk 'NR == FNR { theirs[$1] = substr($0, length($1) + 2); next }
        $1 in theirs && theirs[$1] !~ /__/ {
            printf "_Static_assert((DWORD)(%s) == (DWORD)(%s), \"%s\");\n", theirs[$1], $1, $1 }' \
        "$scratch/theirs" "$scratch/ours")
    [ "$(echo "$body" | wc -l)" -gt 150 ] || { echo "few constants found in Wine" && rc=1; }
    say compiles c11 "" mpr/npapi.h
    body='int mpr_check_headers(void);'
fi

# The guard against another header of the name, where Wine's is not there to try.
say fails c11 -D_WINNETWK_H_ mpr/winnetwk.h
say fails c11 -D_WINNETWK_ mpr/npapi.h

# What is used as on Windows means the same: types, bare names, the last error.
body='
DWORD use(LPNETRESOURCE r, HANDLE h, LPVOID p, DWORD n, DWORD *e);
DWORD use(LPNETRESOURCE r, HANDLE h, LPVOID p, DWORD n, DWORD *e) {
    DWORD (*cancel)(LPCSTR, DWORD, BOOL) = WNetCancelConnection2;
    r->lpLocalName = r->lpRemoteName;
    SetLastError(cancel("Z:", CONNECT_UPDATE_PROFILE, TRUE));
    if (WNetAddConnection2(r, "", "user", CONNECT_TEMPORARY) == WN_EXTENDED_ERROR)
        return WNetGetLastError(e, (LPSTR)p, n, (LPSTR)p, n);
    WNetSetLastError(1, "text", "provider");
    return GetLastError() + WNetEnumResource(h, e, p, &n) + WNetCloseEnum(h);
}'
say compiles c11 "" mpr/npapi.h mpr/mpr.h
say compiles c++17 "" mpr/npapi.h mpr/mpr.h
say compiles c11 "-I$top_srcdir/include/win" winnetwk.h npapi.h
say compiles c++17 "-I$top_srcdir/include/win" npapi.h winnetwk.h
body=$(echo "$body" | sed 's/LPCSTR/LPCWSTR/g; s/LPSTR/LPWSTR/g; s/"\([^"]*\)"/u&/g')
say compiles c11 "-DUNICODE -include uchar.h" mpr/npapi.h mpr/mpr.h
say compiles c++17 -DUNICODE mpr/npapi.h mpr/mpr.h

# GetLastError is WinPR's and Wine's own where they came first.
body='
#ifdef GetLastError
#error "GetLastError was taken from its owner"
#endif
int mpr_check_headers(void);'
[ -z "$winpr" ] || say compiles c11 "$winpr" winpr/wtypes.h winpr/error.h mpr/mpr.h
[ -z "$wine" ] || say compiles c11 "$wine" windef.h winbase.h mpr/mpr.h
say compiles c11 -DMPR_NO_GETLASTERROR mpr/mpr.h

# A provider's entry is exported though its module hides what it does not name.
printf '%s\n' '#include <mpr/npapi.h>' 'DWORD NPGetCaps(DWORD nIndex) { return nIndex; }' \
    >"$scratch/classic.c"
# shellcheck disable=SC2086 # the options are lists, NM too
if ! gcc $ours -fvisibility=hidden -fPIC -shared "$scratch/classic.c" -o "$scratch/classic.so" \
    || ! ${NM:-nm} -D --defined-only "$scratch/classic.so" | grep -q ' T NPGetCaps$'; then
    echo "npapi.h: NPGetCaps is not exported under -fvisibility=hidden"
    rc=1
fi

# An installed header may use no quoted include, and nothing of the build's.
for header in $headers; do
    if grep -nE '#include "|config\.h|HAVE_|wchar_t' "$top_srcdir/include/$header"; then
        echo "$header: not fit to be installed"
        rc=1
    fi
done

echo "$cases cases; WinPR: ${winpr:-not installed}; Wine: ${wine:-not installed}"
exit "$rc"
