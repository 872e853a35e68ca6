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

# The provider of this name, against servers of its own: the checks that apply are
# the tests, and one more: what does not apply is what NAME.not-applicable lists,
# with the same reasons. Limits are those of a machine that does much besides.
pass_kit() { # kind option-of-with-servers [option-of-the-kit...]
    local kind=$1 status=0 scratch red
    need_lab "$2"
    shift 2
    [ -n "${MPR_TEST_LONG-}" ] || set -- --quick "$@"
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # this directory
    trap "rm -rf '$scratch'" EXIT
    "$kit" --lab "$kind" --patience 10 "$@" >"$scratch/tap" || status=$?
    [ "$status" -lt 2 ] || {
        echo "Bail out! $(cat "$scratch/tap")"
        exit 99
    }
    # A machine that stands still for seconds breaks connections: what fails is tried once
    # more, by itself, and what fails again is broken.
    : >"$scratch/again"
    red=$(sed -n 's/^not ok [0-9]* - \([A-Za-z0-9-]*\) .*/\1/p' "$scratch/tap" | sort -u | paste -sd ,)
    [ -z "$red" ] || "$kit" --lab "$kind" --patience 10 "$@" --only "$red" >"$scratch/again" || true
    awk -v others="$scratch/found" '
        FILENAME ~ /again$/ {
            if (/^ok /)
                held[$4 $5] = 1
            next
        }
        /^1\.\./ {next}
        /^not ok / && held[$5 $6] {
            sub(/^not ok/, "ok")
            $0 = $0 " (at the second try)"
        }
        /^ok [0-9]+ .* # SKIP / {
            reason = $0
            sub(/.* # SKIP /, "", reason)
            if (reason ~ /sanitizer/)
                print $4, $5 >(others ".spared")
            else
                print $4, $5, reason >others
            next
        }
        /^not ok / {sub(/ # T[O]DO a should$/, "")} # which our providers keep, too
        /^(not )?ok [0-9]+ / {sub(/ok [0-9]+/, "ok " ++count)}
        {print}
        END {print count > others ".count"}' "$scratch/again" "$scratch/tap"
    touch "$scratch/found" "$scratch/found.spared"
    status=$(($(cat "$scratch/found.count") + 1))
    if diff <(grep -v "^#" "$top_srcdir/tests/conformance/$kind.not-applicable" \
        | grep -vFf "$scratch/found.spared") "$scratch/found" >"$scratch/diff"; then
        echo "ok $status - what does not apply to $kind is known"
    else
        echo "not ok $status - what does not apply to $kind is known"
        sed 's/^/# /' "$scratch/diff"
    fi
    echo "1..$status"
}
