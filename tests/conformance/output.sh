#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What mpr-conformance prints and how it ends: TAP, JSON, JUnit and the list are
# well-formed and agree; every requirement on a network provider is checked or held by a
# test that exists; what is selected runs; bad input is one sentence; nothing is left.
set -u
: "${top_srcdir:?}" "${abs_top_builddir:?}" "${MPR_TEST_MODULES:?}"
here=$top_srcdir/tests/conformance
kit=$abs_top_builddir/mpr-conformance
reader=$abs_top_builddir/report-reader
native=$MPR_TEST_MODULES/saboteur.so
lab=$here/memory.lab.json
mark=mpr-kit-output-$$
status=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"

say() {
    echo "$*"
    status=1
}

run() { # fault argument...
    local fault=$1
    shift
    env MARK="$mark" MPR_SABOTAGE="$fault" TMPDIR="$work/tmp" "$kit" --patience 20 "$@" \
        >"$work/out" 2>"$work/err"
}

expect() { # status fault argument...
    local wanted=$1 got
    shift
    run "$@"
    got=$?
    [ "$got" -eq "$wanted" ] || say "$*: status $got instead of $wanted: $(tail -n 3 "$work/out" "$work/err")"
}

# ---- TAP: a plan, so many lines in order, comments

# Writes "ID/KIND RESULT" to a file.
take_tap() { # file
    awk -v file="$1" '
        NR == 1 { if (!match($0, /^1\.\.[0-9]+$/)) bad = "plan: " $0; plan = substr($0, 4); next }
        /^#/ { next }
        /^(not )?ok [0-9]+ - [A-Z0-9]+-[0-9]+[a-z]? \((native|classic|routed)\): ./ {
            at = $1 == "not" ? 2 : 1
            if ($(at + 1) != ++count) bad = "number: " $0
            result = $1 == "not" ? "failed" : / # SKIP ./ ? "skipped" : "passed"
            kind = $(at + 4); gsub(/[():]/, "", kind)
            print $(at + 3) "/" kind, result >file
            next
        }
        { bad = "line: " $0 }
        END { if (count != plan) bad = "plan " plan ", lines " count; if (bad != "") { print bad; exit 1 } }' "$work/out" \
        || say "TAP: no good"
}

expect 0 '' --only NAM,ADD "$native" "$lab"
take_tap "$work/honest"
grep -q ' failed$' "$work/honest" && say "TAP: status 0, and something failed"
grep -q '^# Together ' "$work/out" || say "TAP: no table at the end"

expect 1 names-nothing --only NAM,ADD "$native" "$lab"
take_tap "$work/fault"
grep -q ' failed$' "$work/fault" || say "TAP: status 1, and nothing failed"
for word in called expected 'came back' because 'read on'; do
    grep -q "^#   $word: *[^ ]" "$work/out" || say "TAP: a finding without \"$word\""
done

# ---- JSON and JUnit say the same

as_json() { # file
    "$reader" json <"$work/out" >"$work/read" || say "JSON: $(tail -n 1 "$work/read")"
    sed -n 's/^checks \([^ ]*\) \([a-z]*\) [a-z]* not applicable$/\1\/\2 skipped/p
        s/^checks \([^ ]*\) \([a-z]*\) [a-z]* \([a-z]*\)$/\1\/\2 \3/p' "$work/read" >"$1"
}

as_junit() { # file of the TAP
    "$reader" xml <"$work/out" >"$work/read" || say "JUnit: $(tail -n 1 "$work/read")"
    [ "$(grep -c '^testcase$' "$work/read")" -eq "$(wc -l <"$1")" ] || say "JUnit: not every check"
    [ "$(grep -cE '^(failure|skipped)$' "$work/read")" -eq "$(grep -cE ' (failed|skipped)$' "$1")" ] \
        || say "JUnit: not every failure and skip"
}

for fault in '' names-nothing; do
    tap=$work/${fault:+fault}
    [ -n "$fault" ] || tap=$work/honest
    wanted=$([ -n "$fault" ] && echo 1 || echo 0)
    expect "$wanted" "$fault" --json --only NAM,ADD "$native" "$lab"
    as_json "$work/json"
    diff "$tap" "$work/json" || say "JSON says something else than TAP"
    expect "$wanted" "$fault" --junit --only NAM,ADD "$native" "$lab"
    as_junit "$tap"
done

# ---- the list

requirements() {
    local prefix number
    for prefix in LOAD:13 CAPS:12 ADD:30 AD3:10 CAN:31 GET:16 GT3:4 UNI:12 USR:3 PRF:4 ENU:32 RES:13 \
        FMT:6 ERR:11 THR:10 MEM:7 RTE:10 NOT:6 CRD:5 SES:4 IO:7 ABI:6; do
        for ((number = 1; number <= ${prefix#*:}; number++)); do
            printf '%s-%02d\n' "${prefix%:*}" "$number"
        done
    done
    echo ADD-12b
}

expect 0 '' --list
grep -q '^Held elsewhere$' "$work/out" || say "the list lacks what is held elsewhere"
expect 0 '' --list --json
"$reader" json <"$work/out" >"$work/list" || say "the list as JSON: $(tail -n 1 "$work/list")"
"$reader" test <"$work/out" >"$work/tests"
sed -n 's/^checks \([^ ]*\) .*/\1/p' "$work/list" | sort -u >"$work/checks"
sed -n 's/^elsewhere \([^ ]*\) .*/\1/p' "$work/list" | sort >"$work/elsewhere"
requirements | sort >"$work/requirements"
[ "$(wc -l <"$work/requirements")" -eq 253 ] || say "this test does not know the 253 requirements"
while read -r id; do
    say "neither checked nor held elsewhere: $id"
done < <(sort -u "$work/checks" "$work/elsewhere" | comm -23 "$work/requirements" -)
while read -r id; do
    say "checked, and held elsewhere too: $id"
done < <(comm -12 "$work/checks" "$work/elsewhere")
while read -r id; do
    say "held elsewhere twice, or no requirement: $id"
done < <(uniq -d "$work/elsewhere"; comm -13 "$work/requirements" "$work/elsewhere")
while read -r id; do
    say "two checks of one kind are called $id"
done < <(sed -n 's/^checks \([^ ]* [a-z]*\) .*/\1/p' "$work/list" | sort | uniq -d)
while read -r id test; do
    for file in "$top_srcdir/$test"{,.c,.sh,.tap,.int}; do
        [ ! -f "$file" ] || continue 2
    done
    say "$id is held by a test that is not there: $test"
done <"$work/tests"

# ---- what is selected

selected() { # pattern of "ID/KIND" that alone may run, argument...
    local pattern=$1
    shift
    run '' --json "$@" "$native" "$lab"
    as_json "$work/json"
    [ -s "$work/json" ] || say "$*: nothing runs"
    if grep -vE "$pattern" "$work/json"; then
        say "$*: runs what was not selected"
    fi
}

selected '^NAM-01/' --only nam-01
selected '^NAM-' --only NAM
selected '^(NAM-01|ADD-05)/' --only NAM-01,ADD-05
grep -q '^ADD-05/' "$work/json" || say "--only with two ids runs one"
selected '^NAM-0[2-9]|^NAM-[1-9]' --only NAM --skip NAM-01
run '' --json --level should "$native" "$lab"
"$reader" json <"$work/out" | grep -v '^checks [^ ]* [a-z]* should ' && say "--level should runs others"

# ---- bad input: status 2, nothing on standard output, one sentence

refuses() { # words argument...
    local words=$1 got
    shift
    run '' "$@"
    got=$?
    [ "$got" -eq 2 ] || say "$*: status $got instead of 2: $(tail -n 3 "$work/out" "$work/err")"
    [ ! -s "$work/out" ] || say "$*: printed $(head -n 2 "$work/out")"
    [ "$(wc -l <"$work/err")" -eq 1 ] || say "$*: not one sentence: $(cat "$work/err")"
    grep -q "^mpr-conformance: .*$words.*\.\$" "$work/err" || say "$*: without \"$words\": $(cat "$work/err")"
}

refuses_lab() { # words text
    printf '%s\n' "$2" >"$work/bad.json"
    refuses "$1" "$native" "$work/bad.json"
}

echo 'this is no library' >"$work/text.so"
: >"$work/empty.so"
refuses "$work/text.so" "$work/text.so" "$lab"
refuses "$work/empty.so" "$work/empty.so" "$lab"
refuses 'nowhere.so' "$work/nowhere.so" "$lab"
refuses "$work" "$work" "$lab"
refuses 'provider' "$(ldd "$kit" | awk '$1 ~ /^libc\.so/ {print $3}')" "$lab"
refuses 'nowhere.json' "$native" "$work/nowhere.json"
refuses 'nowhere.json' "$work/nowhere.json" "$lab"
refuses '"name"' "$lab" "$lab"
refuses 'ADD-99' --only ADD-99 "$native" "$lab"
refuses 'level' --level must,may "$native" "$lab"
refuses 'patience' --patience 0 "$native" "$lab"
refuses_lab 'there is nothing in it' ''
refuses_lab 'line 1, column' 'good: yes'
refuses_lab 'no JSON object' '["good"]'
refuses_lab '"good"' '{"foreign": ["x"]}'
refuses_lab '"good"' '{"good": [], "foreign": ["x"]}'
refuses_lab '"good"' '{"good": "memory://demo", "foreign": ["x"]}'
refuses_lab '"good"' '{"good": [1], "foreign": ["x"]}'
refuses_lab '"foreign"' '{"good": ["memory://demo"]}'
refuses_lab '"goood"' '{"goood": [], "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"user"' '{"user": 7, "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"ports"' '{"ports": ["smb"], "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"ports"' '{"ports": 445, "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"relay"' '{"relay": {"name": "x"}, "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"same"' '{"same": [["x"]], "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"options"' '{"options": [], "good": ["memory://demo"], "foreign": ["x"]}'
refuses_lab '"case_sensitive"' '{"case_sensitive": 1, "good": ["memory://demo"], "foreign": ["x"]}'
# The port that nobody listens on is TCP's "discard".
refuses_lab 'The server of memory://127.0.0.1/none is not there' \
    '{"ports": [9], "good": ["memory://127.0.0.1/none"], "foreign": ["x"]}'
run '' "$native"
[ $? -eq 2 ] || say "without a lab file: another status than 2"
run '' --no-such-option "$native" "$lab"
[ $? -eq 2 ] || say "an unknown option: another status than 2"

# ---- nothing is left: processes, files

left() {
    grep -lzx "MARK=$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

expect_nothing() { # after what
    local tries=0 file
    while { [ -n "$(left)" ] || [ -n "$(ls "$work/tmp")" ]; } && [ "$tries" -lt 400 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    [ -z "$(left)" ] || say "$1: left: $(left | tr '\n' ' ')"
    for file in "$work"/tmp/*; do
        [ ! -e "$file" ] || say "$1: left: $file"
    done
}

expect_nothing 'runs that end'

# Who waits, the kit, and the process of a check whose module hangs.
started=
for signal in TERM INT KILL; do
    for victim in first second; do
        [ "$signal:$victim" != INT:second ] || continue # a terminal sends it to both
        env --default-signal=INT MARK="$mark" MPR_TEST_STUCK=1 TMPDIR="$work/tmp" \
            "$kit" --bound 600 "$MPR_TEST_MODULES/../tests/module/providers/.libs/classic_stuck.so" "$lab" \
            >"$work/out" 2>"$work/err" &
        started=$!
        tries=0
        until [ "$(left | wc -l)" -ge 3 ] || [ "$tries" -gt 400 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
        [ "$tries" -le 400 ] || say "SIG$signal: no check hangs: $(cat "$work/out" "$work/err")"
        pid=$started
        [ "$victim" = first ] || pid=$(cat "/proc/$started/task/$started/children")
        # shellcheck disable=SC2086 # one number
        kill "-$signal" $pid
        wait "$started" 2>/dev/null
        expect_nothing "SIG$signal to the $victim process"
    done
done
exit "$status"
