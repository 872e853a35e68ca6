# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# in-lab.sh: what the runs of mpr-conformance with servers of their own have in
# common. To be sourced.
set -u
: "${top_srcdir:?}" "${abs_top_builddir:?}"
kit=$abs_top_builddir/mpr-conformance

# Skips the test where the machine cannot have such servers.
need_lab() { # option of with-servers
    local words
    words=$(bash "$top_srcdir/tools/lab/with-servers" "$1" true) && return
    [ $? -eq 77 ] || words="1..0 # the laboratory cannot be built: $words"
    echo "$words"
    case $words in *SKIP*) exit 77 ;; esac
    exit 99
}

# The provider of this name, against servers of its own: the kit's TAP is the test's.
pass_kit() { # kind option-of-with-servers [option-of-the-kit...]
    need_lab "$2"
    set -- "$1" "${@:3}"
    # A sanitizer makes everything slower.
    [ "${MPR_TEST_SANITIZER:-no}" = no ] || set -- "$@" --patience 4
    exec "$kit" --lab "$@"
}
