#!/bin/sh
# No two pictures have the same bytes, and all have as many: distinct.sh
# [PICTURES], 100,000 without an argument. They are compared by hashes of 64
# bits; "chance" says how likely two of these meet by themselves: 3 in 10^10,
# or 3 in 10^8 among a million. Repeated with one picture drawn twice, to show
# that it can fail.
. "$(dirname "$0")/lib.sh"

PICTURES=${1:-${PICTURES:-100000}}
distinct=$builddir/tests/load/distinct

all_differ() { [ "$(field same "$report")" = 0 ]; }
one_length() {
    [ "$(field bytes_min "$report")" = "$(field bytes_max "$report")" ]
}
a_repeat_is_found() {
    ! report=$("$distinct" -r 1000) && [ "$(field same "$report")" = 1 ]
}

report=$("$distinct" "$PICTURES" || :)
note "$report"
ok "$PICTURES pictures are drawn" [ "$(field pictures "$report")" = "$PICTURES" ]
ok "no two are the same" all_differ
ok "all have the same length" one_length
ok "one that is drawn twice is noticed" a_repeat_is_found
plan
