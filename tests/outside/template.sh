#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# template.sh: the template provider, copied out of the tree, builds with its own
# Makefile and pkg-config alone, is loaded by its drop-in, connected and read, and
# passes mpr-conformance. Called with what is to be found where:
#   template  caller.c  directory of mpr.pc  directory of libmpr.so  mpr-conformance or ""
set -eu
: "${CC:?}"
folder=$1 caller=$2 pkgconfigdir=$3 libdir=$4 kit=$5
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case ${MPR_TEST_SANITIZER:-no} in no) sanitize= ;; *) sanitize=-fsanitize=$MPR_TEST_SANITIZER ;; esac
unset MAKEFLAGS MFLAGS MAKELEVEL MPR_ROOT MPR_PROVIDER_PATH
PKG_CONFIG_PATH=$pkgconfigdir
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

fail() {
    echo "$*"
    exit 1
}

lines=$(wc -l <"$folder/template.c")
[ "$lines" -lt 200 ] || fail "template.c has $lines lines: the manual promises fewer than 200"

mkdir "$scratch/mine"
for file in Makefile template.c 50-template.json lab.json.in; do
    cp "$folder/$file" "$scratch/mine"
done
cd "$scratch/mine"
make -s CC="$CC" CFLAGS='-O2 -Wall -Wextra -Werror' template.so lab.json
make -s CC="$CC" CFLAGS='-O2 -Wall -Wextra -Werror' DESTDIR="$scratch/dest" install
for name in "$(pkg-config --variable=providerdir mpr)/template.so" \
    "$(pkg-config --variable=providerconfdir mpr)/50-template.json"; do
    [ -f "$scratch/dest$name" ] || fail "make install did not install $name"
done

# Its drop-in, but for where things are before they are installed.
mkdir -p "$scratch/root/providers.d"
sed "s|\"template.so\"|\"$scratch/mine/template.so\"|; s|/srv/template|$scratch/mine/lab|" 50-template.json \
    >"$scratch/root/providers.d/50-template.json"
# shellcheck disable=SC2046,SC2086 # the compiler, and flags, are words
$CC $(pkg-config --cflags mpr) $sanitize -o "$scratch/caller" \
    "$caller" $(pkg-config --libs mpr)
"$scratch/caller" "$scratch/root" || fail "a program could not use the template provider"

[ -n "$kit" ] || exit 0
"$kit" ./template.so lab.json >"$scratch/report" || {
    cat "$scratch/report"
    fail "the template provider does not pass mpr-conformance"
}
grep -q '^ok ' "$scratch/report" || fail "mpr-conformance checked nothing"
grep -v '^ok ' "$scratch/report" || :
make -s clean
[ ! -e template.so ] && [ ! -e lab.json ] || fail "make clean left something"
