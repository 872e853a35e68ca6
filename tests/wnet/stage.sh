# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# stage.sh: what the tests of wnet share: a directory of their own with the memory
# provider, and TAP. Read by them with ".".
set -u
: "${abs_top_srcdir:?}" "${abs_top_builddir:?}" "${MPR_TEST_MODULES:?}"

make_stage() {
    stage=$(mktemp -d) || exit 99
    trap 'rm -rf "$stage"' EXIT
    mkdir "$stage/root" "$stage/root/config" "$stage/root/providers.d" "$stage/home" "$stage/bin" || exit 99
    export MPR_ROOT=$stage/root MPR_SESSION=0 HOME=$stage/home
    unset XDG_RUNTIME_DIR XDG_STATE_HOME XDG_CONFIG_HOME NO_COLOR
    # The program itself where libtool has a script before it: hundreds of them are run.
    program=$abs_top_builddir/wnet
    if [ -x "$abs_top_builddir/.libs/wnet" ]; then
        program=$abs_top_builddir/.libs/wnet
        export LD_LIBRARY_PATH=$abs_top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    fi
    ln -s "$program" "$stage/bin/wnet"
    PATH=$stage/bin:$PATH
    provider ''
}

# For tests with a service and drives: a mount and a process namespace, with which all of it
# ends, whatever ends the test. Only root gets them; others go without.
in_namespaces() { # script
    [ -z "${WNET_TEST_INSIDE-}" ] || return 0
    [ -e /dev/fuse ] || { echo '1..0 # SKIP no /dev/fuse' && exit 77; }
    if [ "$(id -u)" -ne 0 ]; then
        [ -w /dev/fuse ] || { echo '1..0 # SKIP /dev/fuse may not be opened' && exit 77; }
        return 0
    fi
    exec env WNET_TEST_INSIDE=yes unshare --mount --propagation private --pid --fork --kill-child \
        --mount-proc bash "$1"
}

number=0
failed=0

result() { # status description
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

finish() {
    echo "1..$number"
    exit "$failed"
}

# The provider, with further options as JSON members.
provider() { # members
    cat >"$MPR_ROOT/providers.d/90-memory.json" <<EOF
{"name": "memory", "module": "$MPR_TEST_MODULES/memory.so", "order": 90,
 "options": {"shares": "pub, docs", "printers": "lp"${1:+, $1}}}
EOF
}

# The processes of this stage that are named so; else those of its service.
running() { # [name]
    local process
    for process in /proc/[0-9]*; do
        [ "$(cat "$process/comm")" = "${1:-mprd}" ] \
            && grep -aqF "MPR_ROOT=$MPR_ROOT" "$process/environ" && echo "${process#/proc/}"
    done 2>/dev/null
}

# Ends it, with its mounts.
end_service() {
    # shellcheck disable=SC2046 # numbers
    [ -z "$(running)" ] || kill $(running)
    for _ in $(seq 60); do
        [ -n "$(running)" ] || return 0
        sleep 0.05
    done
    # shellcheck disable=SC2046 # numbers
    kill -9 $(running)
}

# Does wnet end so, and say that?
says() { # status text description argument-of-wnet...
    local wanted=$1 text=$2 description=$3
    shift 3
    wnet "$@" >out 2>&1
    local status=$?
    if [ "$status" -eq "$wanted" ] && { [ -z "$text" ] || grep -qF -- "$text" out; }; then
        result 0 "$description"
    else
        sed "s/^/# $status: /" out
        result 1 "$description"
    fi
}
