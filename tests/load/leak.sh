#!/bin/sh
# The old leak cannot happen: bursts of 500 issues against one process, and
# generators built and freed over and over, leave its own memory level. Each
# test is repeated with a free() that forgets, to show that it can fail.
. "$(dirname "$0")/lib.sh"

BURSTS=${BURSTS:-40}
GENERATORS=${GENERATORS:-2000}
GROWTH_MAX_KB=32

# Run the bursts; the growth in kB from the sixth to the last to $growth. Before that,
# pages that the largest word or the fullest tree needs are touched for the first
# time: some 60 kB that do not come again, however many bursts follow.
bursts() {
    pid=$(service_pids)
    i=1
    while [ "$i" -le "$BURSTS" ]; do
        "$hammer" -c 16 -n 500 "$port" /captcha/verification/get >/dev/null
        [ "$i" -ne 6 ] || early=$(own_kb "$pid")
        i=$((i + 1))
    done
    late=$(own_kb "$pid")
    growth=$((late - early))
    note "$BURSTS bursts of 500: own memory $early kB, then $late kB"
}

start_web 1
bursts
ok "$BURSTS bursts grow one process by at most $GROWTH_MAX_KB KiB" \
    [ "$growth" -le $GROWTH_MAX_KB ]
kill "$web_pid"
wait "$web_pid" || :

service=$builddir/tests/load/forgetful.fcgi
start_web 1
bursts
ok "a free() that forgets is noticed" [ "$growth" -gt $GROWTH_MAX_KB ]

memory=$builddir/tests/load/generator-memory
ok "$GENERATORS generators, built, used and freed, leave memory level" \
    "$memory" "$GENERATORS"
forgetful_generators() { ! "$memory-forgetful" "$GENERATORS"; }
ok "a free() that forgets is noticed there too" forgetful_generators
plan
