#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# check-man: the manual's pages are well formed, all installed, refer to pages
# that exist, show the prototypes that the headers have, and name no constant
# that they have not. The samples in them and in README compile.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
need man perl
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

pages=$(files_of '*.[1-8]' doc)
[ -n "$pages" ] || say "there are no pages"
cat include/mpr/*.h >"$scratch/headers"

for page in $pages; do
    base=${page##*/}
    man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>"$scratch/words" >/dev/null || say "$page: man fails"
    [ ! -s "$scratch/words" ] || say "$page: $(cat "$scratch/words")"
    grep -q "^\.TH ${base%.*} ${base##*.} " "$page" || say "$page: .TH names another page"
    # A line of the list ends with a backslash, or with nothing.
    grep -qE "%D%/$base( |$)" doc/local.am || say "$page: is not in doc/local.am"

    # References to our own pages. "\-" is a hyphen.
    sed 's/\\-/-/g' "$page" | grep -oE '\b(WNet|Multinet|Mpr|mpr)[A-Za-z0-9.-]* \([1-8]\)' | sort -u | tr -d ' ()' \
        | sed 's/\(.\)$/ \1/' >"$scratch/references"
    while read -r name section; do
        [ -e "doc/$name.$section" ] && continue
        # shellcheck disable=SC2086
        grep -lE "^${name},|, ${name}[, ]|^${name} " $pages | grep -q "\.$section$" \
            || say "$page: refers to $name($section), which is not there"
    done <"$scratch/references"

    for word in $(grep -oE '\b(ERROR|CONNECT|RESOURCE|RESOURCETYPE|RESOURCEUSAGE|WN|WNNC|MPR_STAT|MPR_PROVIDER|MPR_CAN|MPR_LOG)_[A-Z_0-9]+\b' \
        "$page" | sort -u); do
        # The environment's is no constant.
        [ "$word" = MPR_PROVIDER_PATH ] || grep -qw "$word" "$scratch/headers" \
            || say "$page: names $word, which no header has"
    done
done

# Every prototype stands in a synopsis as the headers have it; for functions with
# A and W forms as the bare name, with the types that have neither.
for page in $(files_of '*.3' doc); do
    sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$page" | sed 's/^\.[A-Z]* *//; s/"//g' | tr -d ' \n'
done >"$scratch/synopses"
perl -0777 -ne '
    s{/\*.*?\*/}{}gs;
    my %function;
    while (/MPRAPI ([^;()]*?)MPRCALL (\w+)\(([^;]*)\);/gs) { $function{$2} = [$1, $3] }
    for my $name (sort keys %function) {
        next if $name =~ /^(.*)[AW]$/ && $function{$1};
        my ($type, $arguments) = @{$function{$name}};
        if ($function{$name . "A"}) {
            $arguments =~ s/\b(LPNETRESOURCE|LPCONNECTDLGSTRUCT|LPDISCDLGSTRUCT)A\b/$1/g;
            $arguments =~ s/LPCSTR/LPCTSTR/g;
            $arguments =~ s/LPSTR/LPTSTR/g;
        }
        my $all = "$type$name($arguments);";
        $all =~ s/\s+//g;
        print "$name $all\n";
    }' "$scratch/headers" >"$scratch/prototypes"
[ "$(wc -l <"$scratch/prototypes")" -gt 30 ] || say "few prototypes were found in the headers"
while read -r name prototype; do
    grep -qF "$prototype" "$scratch/synopses" || say "no page has the prototype of $name: $prototype"
done <"$scratch/prototypes"

# A page shows every structure that programs get, with all of its fields.
for header in include/mpr/file.h include/mpr/mpr.h include/mpr/session.h; do
    sed -n '/^struct mpr_[a-z_]* {/,/^};/{s,/\*.*,,; s/^struct \(.*\) {.*/\1 {/; s/.*[ *]\([a-z_]*\);.*/\1/; /^[a-z_]/p;}' "$header"
done >"$scratch/fields"
[ "$(wc -l <"$scratch/fields")" -gt 60 ] || say "few fields were found in the headers"
while read -r name brace; do
    [ -z "$brace" ] || structure=$name
    # shellcheck disable=SC2046 # names of pages
    sed -n "/^struct $structure {/,/^};/p" $(files_of '*.3' doc) | grep -qw "$name" \
        || say "no page shows $name of struct $structure"
done <"$scratch/fields"

# Every option and every key of the configuration is described.
{
    find providers -name '*option*.c' -exec grep -hoE '(strcmp\((name|option->name), |\{)"[a-z_]+"[,)]' {} +
    grep -hsoE '\(([a-z]+, )+"[a-z_]+"' router/mpr_config.c router/mpr_registry_parse.c
} | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u >"$scratch/keys"
[ "$(wc -l <"$scratch/keys")" -gt 20 ] || say "few options were found in the sources"
while read -r key; do
    sed 's/\\(dq/"/g' doc/mpr-providers.d.5 | grep -qw "$key" || say "doc/mpr-providers.d.5: does not describe $key"
done <"$scratch/keys"

# The areas of the trace are those of the page.
grep -rhoE '\bmpr_trace(_enabled)?\("[a-z]+"' router service tools providers \
    | grep -oE '"[a-z]+"' | tr -d '"' | sort -u >"$scratch/areas"
sed -n '/^\.B MPR_DEBUG/,/^\.TP/p' doc/mpr.7 | tr '\n' ' ' | grep -oE 'them \([a-z, ]+\)' \
    | grep -oE '[a-z]+' | sed 1d | sort -u | diff "$scratch/areas" - >"$scratch/differ" \
    || say "doc/mpr.7: MPR_DEBUG: the sources have (<), and the page has (>):" "$(grep '^[<>]' "$scratch/differ")"

# The manual of the kit has the options that it takes, and the fields of its lab file.
agree() { # of what is in $scratch/known
    sed 's/\\-/-/g' "$page" | grep -A 1 '^\.TP$' | grep -oE -- "$what" | sort -u >"$scratch/described"
    sort -u "$scratch/known" | diff - "$scratch/described" >"$scratch/differ" \
        || say "$page: the program has (<), and the page describes (>):" "$(grep '^[<>]' "$scratch/differ")"
    [ "$(wc -l <"$scratch/known")" -gt 10 ] || say "$page: few words were found in the program"
}
if [ -e tools/conformance/kit_lab.c ]; then
    sed -n '/ long_options\[\]/,/^};/s/^ *{"\([a-z-]*\)".*/--\1/p' tools/conformance/mpr_conformance.c >"$scratch/known"
    page=doc/mpr-conformance.1 what='--[a-z-]+'
    agree
    for kind in $(sed -n 's/^\([a-z]*\)) servers=.*/\1/p' tools/lab/write-lab); do
        sed -n '/lab " kind"$/,/^\.TP/p' "$page" | grep -qw "$kind" || say "$page: --lab has no $kind"
    done
    sed -n '/ known\[\] =/,/;/s/[^"]*"\([^"]*\)".*/\1/p' tools/conformance/kit_lab.c | tr -s ' ' '\n' | grep . \
        >"$scratch/known"
    page=doc/mpr-lab.5 what='\b[a-z_0-9]+\b'
    agree
    # Its examples are JSON, as the kit reads it.
    awk -v folder="$scratch" '/^\.nf/ { inside = 1; number++; next } /^\.fi/ { inside = 0 }
        inside { gsub(/\\-/, "-"); gsub(/\\e/, "\\"); print >(folder "/lab" number ".json") }' doc/mpr-lab.5
    for file in "$scratch"/lab*.json; do
        perl -MJSON::PP -0777 -ne 'decode_json($_)' "$file" || say "doc/mpr-lab.5: an example is no JSON"
    done
fi

# The reference of providers names every function of both tables, and every flag.
{
    sed -n '/^struct mpr_provider {/,/^};/p; /^struct mpr_host {/,/^};/p' include/mpr/provider.h | grep -oE '\(\*[a-z_]+\)' \
        | tr -d '(*)'
    sed -n 's/^#define \(MPR_PROVIDER_[A-Z_]*\) *0x[0-9a-f]u$/\1/p' include/mpr/provider.h
} >"$scratch/known"
[ "$(wc -l <"$scratch/known")" -gt 40 ] || say "few functions were found in provider.h"
while read -r name; do
    grep -qw "$name" doc/mpr-provider.7 || say "doc/mpr-provider.7: does not name $name"
done <"$scratch/known"

# The pieces of C in the guide are one source, which compiles and does what it says.
awk '/^\.\\" C$/ { piece = 1; next } /^\.nf/ && piece { inside = 1; next } /^\.fi/ { inside = piece = 0 }
    inside' doc/mpr-provider-guide.7 | sed 's/\\-/-/g; s/\\e/\\/g' >"$scratch/guide.c"
cat tests/outside/guide_pieces.c >>"$scratch/guide.c"
# shellcheck disable=SC2086 # the compiler may be words
if ${CC:-cc} -D_GNU_SOURCE -std=c11 -Wall -Wextra -Werror -Wno-unused -Iinclude "$scratch/guide.c" -o "$scratch/guide"; then
    "$scratch/guide" || say "doc/mpr-provider-guide.7: a piece of C does not do what the page says"
else
    say "doc/mpr-provider-guide.7: a piece of C does not compile"
fi

# The sample provider is one that compiles.
sed -n '/^\.SH EXAMPLES/,/^\.SH SEE/p' doc/mpr-provider.7 | sed -n '/^\.nf/,/^\.fi/p' \
    | sed '/^\./d; s/\\-/-/g; s/\\e/\\/g' >"$scratch/sample.c"
${CC:-cc} -std=c11 -Wall -Wextra -Werror -fPIC -shared -Iinclude -Wl,-z,defs "$scratch/sample.c" \
    -o "$scratch/sample.so" || say "doc/mpr-provider.7: the sample does not compile"

# So do the examples of functions, in a function if they have none of their own. What they
# leave to the reader is there.
for page in $(files_of '*.3' doc); do
    sed -n '/^\.SH EXAMPLES/,/^\.SH [^E]/p' "$page" | sed -n '/^\.nf/,/^\.fi/p' \
        | sed '/^\./d; s/\\-/-/g; s/\\e/\\/g' >"$scratch/body"
    [ -s "$scratch/body" ] || continue
    {
        for header in fcntl.h stdio.h stdlib.h mpr/file.h mpr/mpr.h mpr/npapi.h; do
            echo "#include <$header>"
        done
        echo 'int user_agrees(void); int use(NETRESOURCE, char *, char *);'
        if grep -q '^int main' "$scratch/body"; then
            cat "$scratch/body"
        else
            echo 'int use(NETRESOURCE nr, char *password, char *user) { (void)nr, (void)password, (void)user; {'
            cat "$scratch/body"
            echo '} return 0; }'
        fi
    } >"$scratch/example.c"
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -Wno-unused -Iinclude -fsyntax-only "$scratch/example.c" \
        || say "$page: the example does not compile"
done

# And those of README, each by itself.
awk -v folder="$scratch" '/^```/ { inside = /^```c$/; number += inside; next }
    inside { print >(folder "/readme" number ".in") }' README.md
for block in "$scratch"/readme*.in; do
    {
        echo '#include <stdio.h>'
        grep '^#include' "$block" || :
        echo 'static DWORD code; static char text[512], name[128]; int use(const char *, const char *);'
        echo 'int use(const char *password, const char *lab) {'
        echo '(void)password, (void)lab, (void)code, (void)text, (void)name;'
        grep -v '^#include' "$block" || :
        echo 'return 0; }'
    } >"$scratch/example.c"
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -Wno-unused -Iinclude -fsyntax-only "$scratch/example.c" \
        || say "README.md: the example does not compile"
done
[ -e "$scratch/readme3.in" ] || say "README.md: an example in C is missing"
exit "$status"
