#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What shellcheck has to say about the shell scripts: nothing.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
need shellcheck

scripts=$(
    grep -rlE '^#!/bin/(ba)?sh' tests tools service doc 2>/dev/null | grep -v '/corpus/' | sort
    echo bootstrap
)
shellcheck -x --severity=warning $scripts || say "shellcheck found something"
exit "$status"
