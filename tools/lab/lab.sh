# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# lab.sh: what the servers' scripts have in common. To be sourced.
#
# LAB is the laboratory's own directory: configurations, logs, process ids and
# the directories that are served. LAB_MODE says how far it is apart from the
# machine around it:
#   root   namespaces made by root: everything
#   user   namespaces made without being root, with the user ids of /etc/subuid
#   none   no namespaces: loopback ports of the machine, one laboratory at a time
set -u

# A test that cannot run bails out; a person gets a sentence and status 2.
lab_fail() { # words
    [ -z "${LAB_FOR-}" ] || {
        echo "$LAB_FOR: $*" >&2
        exit 2
    }
    echo "Bail out! $*" >&2
    exit 99
}

# Until a TCP port answers, or the process that should serve it has ended.
lab_wait_port() { # pid host port log...
    local pid=$1 host=$2 port=$3 tries=0
    shift 3
    until (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 1000 ] || ! kill -0 "$pid" 2>/dev/null; then
            tail -n 20 "$@" >&2
            lab_fail "nobody serves port $port of $host"
        fi
        sleep 0.01
    done
}

# A server is a session of its own, so that its children can be signalled with it.
lab_start() { # name command...
    local name=$1
    shift
    setsid "$@" </dev/null >"$LAB/$name.out" 2>&1 &
    echo $! >"$LAB/$name.pid"
    disown # no words about its end
}

lab_pid() { # name
    cat "$LAB/$1.pid" 2>/dev/null
}

lab_signal() { # name signal
    local pid tries=0
    pid=$(lab_pid "$1") || return 0
    kill -"$2" -- "-$pid" 2>/dev/null || true
    while [ "$2" = STOP ] && lab_group_runs "$pid" && [ "$tries" -lt 500 ]; do
        tries=$((tries + 1))
        sleep 0.01
    done
}

# Does a process group have a thread whose state is none of these letters? Of
# each process all threads count: a process stops when one of them gets to look
# at the signal, and lives, with its files and locks, until the last has ended,
# though its first may be a zombie before.
lab_group_has_thread_not() { # letters, process group
    local line
    while read -r line; do
        # pid (name) state parent group ...; a name may hold blanks
        # shellcheck disable=SC2086
        set -- "$1" "$2" ${line##*) }
        [ "$5" != "$2" ] || [[ $1 == *"$3"* ]] || return 0
    done < <(cat /proc/[0-9]*/task/[0-9]*/stat 2>/dev/null)
    return 1
}

lab_group_runs() { # process group
    lab_group_has_thread_not TZ "$1"
}

lab_group_lives() { # process group
    lab_group_has_thread_not Z "$1"
}

# Ends a server and its children, and waits until they are gone.
lab_kill() { # name
    local pid tries=0
    pid=$(lab_pid "$1") || return 0
    kill -KILL -- "-$pid" 2>/dev/null || true
    while lab_group_lives "$pid" && [ "$tries" -lt 500 ]; do
        tries=$((tries + 1))
        sleep 0.01
    done
    rm -f "$LAB/$1.pid"
}

# Kills the processes whose command line or environment holds a text.
lab_kill_all() { # cmdline|environ text
    local file pid
    for file in /proc/[0-9]*/"$1"; do
        pid=${file#/proc/}
        pid=${pid%%/*}
        if [ "$pid" != "$$" ] && [ "$pid" != "$BASHPID" ] \
            && { tr '\0' '\n' <"$file"; } 2>/dev/null | grep -qxF -- "$2"; then
            kill -KILL "$pid" 2>/dev/null || true
        fi
    done
}
