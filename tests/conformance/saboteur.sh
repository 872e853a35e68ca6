#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who tests the tester: each fault of the saboteurs turns exactly the checks red
# that are meant for it, the honest providers none; and every family of checks
# has been turned red by something. The table is saboteur.table; after a change
# that is meant, "make saboteur-table" writes it anew, to be read and committed.
set -eu
: "${abs_top_srcdir:?}" "${abs_top_builddir:?}"
folder=$abs_top_srcdir/tests/conformance
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

# That a fault turns nothing else red is seen in a long run only: it takes all checks.
[ -n "${MPR_TEST_LONG-}" ] || set -- --known
"$BASH" "$folder/saboteur-table" "$@" >"$scratch/table"
grep -v '^#' "$folder/saboteur.table" >"$scratch/wanted" || true
[ "$(cut -d' ' -f1,2 "$scratch/wanted")" = "$(cut -d' ' -f1,2 "$scratch/table")" ] || {
    echo "The faults are others than those of saboteur.table:"
    diff <(cut -d' ' -f1,2 "$scratch/wanted") <(cut -d' ' -f1,2 "$scratch/table") || true
    status=1
}
while read -r kind fault found; do
    wanted=$(sed -n "s/^$kind $fault //p" "$scratch/wanted")
    firm=$wanted
    [ -n "${MPR_TEST_LONG-}" ] || firm=$("$BASH" "$folder/saboteur-table" --firm "$kind" "$fault")
    for id in $firm; do
        case " $found $id" in *"?" | *" $id "*) continue ;; esac
        echo "The $kind fault $fault is not found by $id."
        status=1
    done
    for id in $found; do
        case " $wanted " in *" $id "* | *" $id? "*) continue ;; esac
        echo "The $kind fault $fault turns $id red, which is not meant for it."
        status=1
    done
done <"$scratch/table"
if grep -E '^(native|classic) honest .' "$scratch/table"; then
    echo "Something is found in an honest provider."
    status=1
fi

# "Title (kind)", then the checks of the family, indented by two.
"$abs_top_builddir/mpr-conformance" --list >"$scratch/list"
while read -r family; do
    kind=${family##*(}
    kind=${kind%)}
    awk -v family="$family" '$0 == family {on = 1; next} /^[^ ]/ {on = 0} on && /^  [A-Z]/ {print $1}' \
        "$scratch/list" | sed "s|\$|/$kind|" >"$scratch/ids"
    if ! tr ' ' '\n' <"$scratch/wanted" | tr -d '?' | grep -qxFf "$scratch/ids"; then
        echo "No fault turns a check of the family $family red."
        status=1
    fi
done < <(sed -n 's/^\([A-Z].* ([a-z]*)\)$/\1/p' "$scratch/list")
exit "$status"
