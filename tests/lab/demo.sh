#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# demo.sh BUILD_DIR: shows the main job on real servers, started for it alone,
# and looks whether anything of them is left afterwards.
set -eu
build=$(cd "${1:?usage: demo.sh BUILD_DIR}" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mark=$$-$RANDOM
mounts=$(cat /proc/self/mounts)

export abs_top_builddir=$build MPR_TEST_MODULES=$build/.libs
export MPR_WORKER_PROGRAM=$build/mpr-worker MPR_LAB_MARK=$mark LC_ALL=C.UTF-8
unset MPR_ROOT MPR_PROVIDER_PATH MPR_DEBUG MPR_SESSION

# Processes that inherited the mark, without this script and what it runs to look.
left() {
    local environ pid
    for environ in /proc/[0-9]*/environ; do
        pid=${environ#/proc/}
        pid=${pid%/environ}
        [ "$pid" != "$$" ] && [ "$pid" != "$BASHPID" ] \
            && { tr '\0' '\n' <"$environ"; } 2>/dev/null | grep -qx "MPR_LAB_MARK=$mark" \
            && echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
    done
    return 0
}

files_of_ours() {
    ls -d /tmp/mpr-lab.* /tmp/mpr-stage.* 2>/dev/null || true
}

files=$(files_of_ours)
status=0
bash "$here/../../tools/lab/with-servers" --smb --nfs "$build/tests/lab/demo" || status=$?
[ "$status" -ne 77 ] || echo "Run it as root, or as a user who may use sudo."
for _ in $(seq 100); do
    [ -n "$(left)" ] || break
    sleep 0.05
done
if [ -n "$(left)" ]; then
    echo "These processes are left:"
    left
    status=1
elif [ "$(cat /proc/self/mounts)" != "$mounts" ]; then
    echo "The mounts are not as before."
    status=1
elif [ "$(files_of_ours)" != "$files" ]; then
    echo "These files are new: $(files_of_ours)"
    status=1
elif [ "$status" -ne 77 ]; then
    echo "The servers are gone; no process, mount or file is left of them."
fi
exit "$status"
