#!/bin/sh
# Bursts of 500 issues by one process do not grow its memory. A build that leaks
# shows that the test can fail.
. "$(dirname "$0")/lib.sh"

BURSTS=${BURSTS:-40}
GROWTH_MAX_KB=32

# Run the bursts: $growth is the growth in kB after the sixth. The first bursts
# touch pages that are used only by the longest word or the fullest tree: about
# 60 kB, once.
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
stop_web

service=$builddir/tests/load/forgetful.fcgi
start_web 1
bursts
ok "a leak is noticed" [ "$growth" -gt $GROWTH_MAX_KB ]

plan
