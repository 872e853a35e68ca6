#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# mpr-conformance --lab: what it says when it cannot start, what it passes on, and
# that nothing of it is left, however it ends.
# shellcheck source=tests/conformance/in-lab.sh
. "${top_srcdir:?}/tests/conformance/in-lab.sh"
mark=mpr-kit-lab-$$
status=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mounts=$(cat /proc/self/mounts)
mkdir "$work/tmp"

say() {
    echo "$*"
    status=1
}

run() { # argument...
    env MARK="$mark" TMPDIR="$work/tmp" "$kit" "$@" >"$work/out" 2>"$work/err"
}

# Status 2, nothing on standard output, and one sentence that has these words.
refuses() { # words argument...
    local words=$1 got
    shift
    run "$@"
    got=$?
    [ "$got" -eq 2 ] || say "$*: status $got instead of 2: $(cat "$work/out" "$work/err")"
    [ ! -s "$work/out" ] || say "$*: printed $(cat "$work/out")"
    [ "$(wc -l <"$work/err")" -eq 1 ] || say "$*: not one sentence: $(cat "$work/err")"
    grep -q "^mpr-conformance: .*$words.*\.\$" "$work/err" || say "$*: without \"$words\": $(cat "$work/err")"
}

left() {
    local environ pid
    for environ in /proc/[0-9]*/environ; do
        pid=${environ#/proc/}
        pid=${pid%/environ}
        { tr '\0' '\n' <"$environ"; } 2>/dev/null | grep -qx "MARK=$mark" && echo "$pid"
    done
}

expect_nothing() { # after what
    local tries=0 file pid
    while [ -n "$(left)" ] && [ "$tries" -lt 400 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    for pid in $(left); do
        say "$1: left: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    done
    [ "$(cat /proc/self/mounts)" = "$mounts" ] || say "$1: mounts are not as before"
    for file in "$work"/tmp/*; do
        [ ! -e "$file" ] || say "$1: left: $file"
    done
}

# A program that is not there, by an unreadable file in its place that only one call sees.
without() { # program argument...
    local program
    program=$(PATH=$PATH:/usr/sbin:/sbin command -v "$1")
    shift
    # shellcheck disable=SC2016 # expanded inside
    env MARK="$mark" TMPDIR="$work/tmp" unshare --mount bash -c \
        'mount --bind /dev/null "$1" && shift && exec "$@"' - "$program" "$kit" "$@" >"$work/out" 2>"$work/err"
}

refuses 'knows smb, nfs, sftp and memory, not "floppy"' --lab floppy
refuses 'knows smb, nfs, sftp and memory, not ""' --lab ''
refuses 'not lab.json too' --lab memory module.so lab.json
refuses 'cannot be found' --lab memory /nowhere/module.so
refuses 'ADD-99' --lab memory --only ADD-99
refuses 'knows smb, nfs, sftp and memory, not "floppy"' --print-lab floppy

# What is printed is a lab file, and the options but --lab go on.
run --print-lab memory || say "--print-lab: $(cat "$work/err")"
cp "$work/out" "$work/lab.json"
run --only NAM "$abs_top_builddir/.libs/memory.so" "$work/lab.json" || say "a printed lab: $(cat "$work/err")"
run --only NAM --lab memory --json || say "--lab with options: $(cat "$work/out" "$work/err")"
grep -q '^{' "$work/out" || say "--json did not reach the kit: $(head -n 1 "$work/out")"
MPR_SABOTAGE=names-everything run "$abs_top_builddir/.libs/saboteur.so" --only NAM --lab=memory
[ $? -eq 1 ] || say "a module with a fault passes, or the status is lost: $(cat "$work/err")"
expect_nothing 'runs that end'

need_lab --smb >"$work/out" || exit $?
if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
    for pair in smbd:samba ip:iproute2; do
        without "${pair%:*}" --lab smb
        [ $? -eq 2 ] || say "without ${pair%:*}: $(cat "$work/out" "$work/err")"
        grep -q "^mpr-conformance: .*Debian: ${pair#*:})\.\$" "$work/err" \
            || say "without ${pair%:*}: $(cat "$work/err")"
    done
    expect_nothing 'a machine that lacks a server'
fi

# The kit, who waits for it, and the process of a check that hangs.
in_the_middle() {
    local pid count=0
    for pid in $(left); do
        [ "$(readlink "/proc/$pid/exe")" != "$kit" ] || count=$((count + 1))
    done
    [ "$count" -ge 3 ]
}

# Killed in the middle: the module is one that never says what it can.
for signal in TERM INT KILL; do
    env --default-signal=INT MARK="$mark" MPR_TEST_STUCK=1 TMPDIR="$work/tmp" \
        "$kit" --lab smb --bound 600 "$abs_top_builddir/tests/module/providers/.libs/classic_stuck.so" \
        >"$work/out" 2>"$work/err" &
    started=$!
    tries=0
    until in_the_middle || [ "$tries" -gt 2400 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    [ "$tries" -le 2400 ] || say "SIG$signal: no check hangs: $(cat "$work/out" "$work/err")"
    [ "$(left | wc -l)" -gt 8 ] || say "SIG$signal: the servers cannot be seen: this test sees nothing"
    kill "-$signal" "$started"
    wait "$started" 2>/dev/null
    expect_nothing "SIG$signal"
done
exit "$status"
