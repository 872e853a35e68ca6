#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks can fail: each is given a copy of the tree with something wrong in it,
# and has to say what.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
need pmccabe shellcheck "${CLANG_FORMAT:?}" "${CC:?}"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/router" "$copy/providers/common" "$copy/providers/memory" "$copy/providers/nfs" \
    "$copy/providers/smb" "$copy/tests" "$copy/tools/conformance" "$copy/tools/lab"
cp -R doc include README.md Makefile.am configure.ac bootstrap .clang-format .editorconfig "$copy"
cp router/mpr_error.[ch] router/libmpr.map "$copy/router"
cp -R tests/check-*.sh tests/layers tests/owners tests/outside "$copy/tests"
cp tools/conformance/mpr_conformance.c tools/conformance/kit_lab.c "$copy/tools/conformance"
cp tools/lab/write-lab "$copy/tools/lab"
chmod -R u+w "$copy"
mkdir -p "$copy/build/.libs" "$copy/build/router" "$copy/build/include/mpr"
cp "$build/include/mpr/mprversion.h" "$copy/build/include/mpr"
spdx='/* SPDX-License-Identifier: LGPL-2.1-or-later */'

# Runs a check on the copy; it has to fail and its words to hold the text.
fails() { # check text
    if (cd "$copy" && env top_srcdir="$copy" top_builddir="$copy/build" sh "tests/check-$1.sh") \
        >"$copy/words" 2>&1; then
        say "check-$1 did not mind: $2"
    elif ! grep -qF -- "$2" "$copy/words"; then
        say "check-$1 did not say: $2"
        cat "$copy/words"
    fi
}

# Puts lines of code into a file of the copy for the time of one check.
wrong() { # check text file line...
    check=$1 text=$2 file=$3
    shift 3
    [ ! -e "$copy/$file" ] || cp "$copy/$file" "$copy/saved"
    case $file in *.[ch]) [ -e "$copy/saved" ] || echo "$spdx" >"$copy/$file" ;; esac
    printf '%s\n' "$@" >>"$copy/$file"
    fails "$check" "$text"
    rm -f "$copy/$file"
    [ ! -e "$copy/saved" ] || mv "$copy/saved" "$copy/$file"
}

wrong layers 'mpr_error.c: may not include "router/wnet_zz.h"' router/mpr_error.c '#include "router/wnet_zz.h"'
wrong layers 'may not include' providers/memory/zz.c '#include "router/mpr_error.h"'
wrong layers 'no layer' router/zz.c 'int a;'
wrong owners 'ltdl' router/mpr_error.c '#include <ltdl.h>'
wrong owners 'cJSON' router/mpr_error.c '#include <cjson/cJSON.h>'
wrong owners 'libsmbclient' providers/nfs/zz.c '#include <libsmbclient.h>'
wrong owners 'nfsc' providers/smb/zz.c '#include <nfsc/libnfs.h>'
wrong owners 'libssh' providers/nfs/zz.c '#include <libssh/libssh.h>'
wrong owners 'by name' router/mpr_error.c 'static const char *z = "an smb share";'
wrong owners 'by name' router/mpr_error.c 'static const char *z = "Memory Network";'
wrong owners 'conversion' router/mpr_error.c 'static int z = 0xDC00;'
wrong words 'not used here' router/mpr_error.c 'void z(void) { strcpy(a, b); }'
wrong words 'secure_getenv' router/mpr_error.c 'void z(void) { getenv("A"); }'
wrong words 'wide' router/mpr_error.c 'static wchar_t z;'
wrong words 'ends the process' providers/common/zz.c 'void z(void) { exit(1); }'
wrong words 'prints nothing' providers/common/zz.c 'void z(void) { printf("a"); }'
wrong words 'borders' router/mpr_error.c 'static WCHAR z;'
wrong words 'CLOEXEC' router/mpr_error.c 'void z(void) { open("a", O_RDONLY); }'
wrong words 'CLOEXEC' router/mpr_error.c 'void z(void) { socket(AF_UNIX,' '    SOCK_STREAM, 0); }'
wrong words 'CLOEXEC' router/mpr_error.c 'void z(void) { fopen("a", "r"); }'
wrong words 'variant' router/mpr_error.c 'void z(void) { pipe(p); }'
wrong words 'calling convention' include/mpr/zz.h 'int WINAPI z(void);'
wrong headers 'should not' include/mpr/mpr.h 'wchar_t mpr_zz(void);'
wrong man 'names another page' doc/zz.7 '.\" zz'
wrong man 'is not in doc/local.am' doc/zz.7 '.TH zz 7 2026-11-22 mpr zz'
wrong man 'mpr-zz(5), which is not there' doc/mpr.7 '.BR mpr\-zz (5)'
wrong man 'ERROR_ZZ, which no header has' doc/mpr.7 'ERROR_ZZ'
wrong man 'the prototype of MprZz' include/mpr/mpr.h 'MPRAPI int MPRCALL MprZz(void);'
wrong man 'unrecognised format' doc/mpr.7 '.TS' 'zz' '.TE'
wrong man 'does not describe zz_option' providers/smb/zz_option.c 'static int z[] = {{"zz_option", 1}};'
wrong man 'does not compile' doc/mpr-provider.7 '.SH EXAMPLES' '.nf' 'zz' '.fi'
wrong man 'WNetOpenEnum.3: the example does not compile' doc/WNetOpenEnum.3 '.SH EXAMPLES' '.nf' 'zz' '.fi'
wrong man 'a piece of C does not compile' doc/mpr-provider-guide.7 '.\" C' '.nf' 'zz' '.fi'
wrong man 'does not name zz_host' include/mpr/provider.h 'struct mpr_host {' 'void (*zz_host)(void);' '};'
wrong man '> --zz' doc/mpr-conformance.1 '.TP' '.B \-\-zz'
wrong man '> zz' doc/mpr-lab.5 '.TP' '.B zz'
wrong man 'the example does not compile' README.md '```c' 'zz' '```'
wrong limits '71 lines' router/zz.c 'void z(void) {' "$(yes 'a();' | head -n 69)" '}'
wrong limits 'complexity 16' router/zz.c 'void z(int a) {' "$(yes 'if (a) b();' | head -n 15)" '}'
wrong limits '601 lines' router/zz.c "$(yes '//' | head -n 600)"
wrong format 'trailing' router/zz.c 'int a; '
wrong format 'not ASCII' router/zz.c "/* $(printf '\303\244') */"
wrong format 'make format' router/zz.c 'int   a;'
wrong format 'no SPDX' router/zz.sh 'true'
wrong format 'licence MIT' router/zz.sh '# SPDX-License-Identifier: MIT'
wrong format 'licence 0BSD' router/zz.sh '# SPDX-License-Identifier: 0BSD'
wrong format 'so it is GPL' providers/smb/zz.c '#include <libsmbclient.h>'
wrong named 'no test names' router/libmpr.map '        MprZzz;'
wrong named 'in no manual page: MprZzz' router/libmpr.map '        MprZzz;'
wrong named 'does not list WNetZzz' router/libmpr.map '        WNetZzzA;' '        WNetZzz;'
wrong input 'no test gives bad input to WNetZzzA' router/libmpr.map '        WNetZzzA;' '        WNetZzz;'
wrong named 'in two manual pages: WNetOpenEnum' doc/zz.3 '.SH NAME' 'WNetOpenEnumA \- zz' '.SH SYNOPSIS'
wrong package 'which is not here' router/zz.c "/* see ELSEWHERE.m""d */"
wrong package 'not in the package' router/zz.c "/* see /wo""rk/me */"
wrong package 'MAJOR' include/mpr/provider.h '#define MPR_PROVIDER_ABI_MAJOR 7u'
wrong shell 'found something' tests/zz.sh '#!/bin/sh' 'cd "$a"; rm $b/*'
printf '%s\n' '        WNetZzz;' >>"$copy/router/libmpr.map"
wrong entry 'WNetZzz does not begin' router/wnet_zz.c 'DWORD WNetZzz(int a) {' '    return b(a);' '}'

# The layout of the public structures, which a test by itself compares.
if [ -e "${MINGW_INCLUDE:-/usr/share/mingw-w64/include}/winnetwk.h" ] && command -v clang >/dev/null; then
    sed -i 's/^    DWORD dwDelay;/    WORD dwDelay;/' "$copy/include/mpr/wnet_types.h"
    top_srcdir=$copy perl tests/callers/layout.tap | grep -q '^not ok .*NETCONNECTINFOSTRUCT' \
        || say "layout.tap did not mind a field of another size"
fi

# What is built: a library with a symbol too many, a module with two and bound lazily, a lonely function.
cat >"$copy/zz.c" <<'END'
__attribute__((visibility("default"))) int mpr_provider_query(void) { return 0; }
__attribute__((visibility("default"))) int zz_lonely(void) { return 0; }
END
$CC -shared -fPIC -Wl,-z,lazy -Wl,-rpath,/nowhere -o "$copy/build/.libs/zz.so" "$copy/zz.c"
$CC -shared -fPIC -o "$copy/build/.libs/libmpr.so" "$copy/zz.c"
$CC -c -fPIC -o "$copy/build/router/zz.o" "$copy/zz.c"
fails symbols 'zz_lonely'
fails symbols 'zz.so (<)'
fails hardening 'zz.so: is bound lazily'
fails hardening 'zz.so: can be unloaded'
fails hardening 'zz.so: has a run path'
fails singleuse 'zz_lonely'
exit "$status"
