#!/bin/sh
# distinct.sh [PICTURES]: no two of so many pictures (default 100,000) have the
# same bytes, and all have the same length. They are compared by hashes of 64
# bits; "chance" says how likely two hashes are equal by chance: 3 in 10^10, or
# 3 in 10^8 among a million. A run with one picture drawn twice shows that the
# test can fail.
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
ok "a picture that is drawn twice is noticed" a_repeat_is_found
plan
