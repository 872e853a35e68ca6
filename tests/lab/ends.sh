#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# However a test in a laboratory ends, and however its wrapper does: no process
# of the laboratory is left, no mount, and no file outside it.
set -u
: "${top_srcdir:?}"
mark=mpr-lab-ends-$$
status=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mounts=$(cat /proc/self/mounts)

# Processes that carry the mark in their environment: all that with-servers made.
left() {
    for environ in /proc/[0-9]*/environ; do
        pid=${environ#/proc/}
        pid=${pid%/environ}
        { tr '\0' '\n' <"$environ"; } 2>/dev/null | grep -qx "MARK=$mark" && echo "$pid"
    done
}

expect_nothing() { # what happened
    tries=0
    while [ -n "$(left)" ] && [ "$tries" -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    for pid in $(left); do
        echo "$1: left: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
        status=1
    done
    if [ "$(cat /proc/self/mounts)" != "$mounts" ]; then
        echo "$1: mounts are not as before"
        status=1
    fi
    for file in "$work"/tmp/* /tmp/mpr-lab.*; do
        [ ! -e "$file" ] || {
            echo "$1: left: $file"
            status=1
        }
    done
}

laboratory() { # argument...
    env MARK="$mark" TMPDIR="$work/tmp" bash "$top_srcdir/tools/lab/with-servers" "$@" >"$work/out" 2>&1
}

expect_status() { # wanted got what
    [ "$1" -eq "$2" ] || {
        echo "$3: status $2 instead of $1"
        cat "$work/out"
        status=1
    }
}

mkdir "$work/tmp"
# shellcheck disable=SC2016 # expanded inside
fill='touch "$TMPDIR/file"; (setsid sleep 1000 &)'

laboratory bash -c "$fill; exit 0"
got=$?
if [ "$got" -eq 77 ]; then
    cat "$work/out"
    exit 77
fi
expect_status 0 "$got" 'a test that succeeds'
expect_nothing 'a test that succeeds'
laboratory bash -c "$fill; exit 3"
expect_status 3 $? 'a test that fails'
expect_nothing 'a test that fails'
laboratory --time 1 bash -c "$fill; trap '' TERM; sleep 1000"
expect_status 137 $? 'a test that hangs'
expect_nothing 'a test that hangs'
for signal in TERM KILL; do
    MARK=$mark TMPDIR=$work/tmp bash "$top_srcdir/tools/lab/with-servers" \
        bash -c "$fill; touch '$work/runs'; sleep 1000" >"$work/out" 2>&1 &
    wrapper=$!
    tries=0
    until [ -e "$work/runs" ] || [ "$tries" -gt 400 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    [ -e "$work/runs" ] || {
        cat "$work/out"
        status=1
    }
    [ "$(left | wc -l)" -gt 5 ] || {
        echo "the servers cannot be seen: this test sees nothing"
        status=1
    }
    kill "-$signal" "$wrapper"
    wait "$wrapper" 2>/dev/null
    rm -f "$work/runs"
    expect_nothing "the wrapper gets SIG$signal"
done
exit "$status"
