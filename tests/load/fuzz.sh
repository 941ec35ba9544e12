#!/bin/sh
# script/fuzz builds and runs each target, for SECONDS_OF_FUZZING (default 1),
# and finds nothing.
. "$(dirname "$0")/lib.sh"

fuzz() {
    "$here/script/fuzz" "${SECONDS_OF_FUZZING:-1}" >"$work/said" \
        2>"$work/complained" && return
    tail -n 40 "$work/said" "$work/complained" | sed 's/^/# /'
    return 1
}
# Executions, how many a second, edges, features, lines, and nothing found.
has_row() {
    grep -q -E "^\| $1 (\| [0-9]+ ){4}\| [0-9.]+% \| 0 \|$" "$work/said" &&
        return
    grep "^| $1 " "$work/said" | sed 's/^/# /'
    return 1
}

ok 'all targets run' fuzz
for target in "$here"/tests/fuzz/corpus/*; do
    target=${target##*/}
    ok "$target has its figures, and nothing was found" has_row "$target"
done
plan
