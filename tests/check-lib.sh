# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2034
# check-lib.sh: what the checks share. Read by them with "."; they then stand in
# the source tree, and $build is the build tree.
set -eu
: "${top_srcdir:?}" "${top_builddir:?}"
build=$(cd "$top_builddir" && pwd)
cd "$top_srcdir"
status=0

# Says what is wrong; the check goes on and fails at its end.
say() {
    echo "$*"
    status=1
}

# Skips the check where a tool is not installed.
need() { # tool...
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "$tool is not installed"
            exit 77
        }
    done
}

# The project's own files of some kind, one a line.
files_of() { # name-pattern folder...
    pattern=$1
    shift
    # shellcheck disable=SC2046 # folders that exist
    find $(for folder in "$@"; do [ ! -d "$folder" ] || echo "$folder"; done) -type f \
        -name "$pattern" | sort
}

product_folders="router providers service tools"
all_folders="include $product_folders doc tests"

c_files() { # folder...
    files_of '*.[ch]' "$@"
}

# What the library exports for the public, by the version script.
public_symbols() {
    sed -n 's/^ *\([A-Za-z][A-Za-z0-9_]*\);.*/\1/p' router/libmpr.map | LC_ALL=C sort
}

# A file's code without comments, and without what stands in literals, line by line.
code_of() { # file
    perl -0777 -pe 's{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)}
        {my ($c, $s) = ($1, $2); defined $s ? substr($s, 0, 1) x 2 : ($c =~ s/[^\n]//gr)}gsex' "$1"
}

# The same, with literals.
code_with_literals_of() { # file
    perl -0777 -pe 's{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*"|\x27(?:\\.|[^\x27\\\n])*\x27)}
        {my ($c, $s) = ($1, $2); defined $s ? $s : ($c =~ s/[^\n]//gr)}gsex' "$1"
}

matches() { # text pattern...
    text=$1
    shift
    for shape in "$@"; do
        # shellcheck disable=SC2254 # it is to be a pattern
        case $text in $shape) return 0 ;; esac
    done
    return 1
}
