# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# callers.sh: what the tests of callers share, read by them with ".": a router of
# their own with the memory provider, and the words of TAP, one line a thing.
set -u
: "${top_srcdir:?}" "${abs_top_builddir:?}" "${MPR_TEST_MODULES:?}"
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
number=0

# A test that ends without its plan has failed, whatever it said.
plan() {
    echo "1..$number"
}

# Says whether the last command went well, and why not.
ok() { # status what file-with-the-reason
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$3"
    fi
}

# A router's directory with the memory provider, and nothing of the user's.
make_world() { # options
    MPR_ROOT=$scratch/root
    export MPR_ROOT
    rm -rf "$MPR_ROOT"
    mkdir -m 700 "$MPR_ROOT"
    mkdir -m 700 "$MPR_ROOT/providers.d"
    printf '{"name": "memory", "module": "%s/memory.so", "options": {%s}}\n' "$MPR_TEST_MODULES" "$1" \
        >"$MPR_ROOT/providers.d/90-memory.json"
    chmod 600 "$MPR_ROOT/providers.d/90-memory.json"
}

# Runs a program; its output, with its exit status last, has to be that of standard input.
says() { # what command...
    what=$1
    shift
    cat >"$scratch/expected"
    "$@" >"$scratch/said" 2>"$scratch/words" </dev/null
    echo "exit $?" >>"$scratch/said"
    diff -u "$scratch/expected" "$scratch/said" >"$scratch/reason"
    status=$?
    cat "$scratch/words" >>"$scratch/reason"
    ok "$status" "$what" "$scratch/reason"
}

# Runs a program that loads the library by the names that are installed, under a sanitizer if the
# library needs one: its part of the process has to be there first. The program's own leaks are its own.
with_library() { # command...
    preload=
    case ${MPR_TEST_SANITIZER:-} in
    *address*)
        preload=$(${CC:-cc} -print-file-name=libasan.so)
        ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:handle_segv=0
        export ASAN_OPTIONS
        ;;
    esac
    mkdir "$scratch/lib" "$scratch/home"
    ln -s "$MPR_TEST_MODULES/libmpr.so.0" "$scratch/lib/libmpr.so.0"
    ln -s libmpr.so.0 "$scratch/lib/libmpr.dll.so"
    HOME=$scratch/home LD_LIBRARY_PATH=$scratch/lib LD_PRELOAD=$preload "$@"
}
