#!/bin/sh
# After WARM_UP requests of all kinds (bench/soak.c) to one process, REQUESTS
# more leave the same number of objects in the heap. Memory changes by at most
# 256 KiB, and the process stays below 16 MiB. REQUESTS=1000000 is the full
# length. Some hundred requests to a build with the old leak show that the test
# can fail.
. "$(dirname "$0")/lib.sh"

REQUESTS=${REQUESTS:-100000}
WARM_UP=${WARM_UP:-50000}
DIFFERENCE_MAX_KB=256
RESIDENT_MAX_KB=16384

export CAPTCHA_CONFIG="$work/captcha.conf"
printf '[profile sum]\nkind = arithmetic\nattempts = 3\n' >"$CAPTCHA_CONFIG"

cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12,13; }

# Wait until no challenge is left and the process is idle for three seconds.
rest() {
    still=0
    until [ $still -ge 3 ]; do
        ticks=$(cpu_ticks "$pid")
        sleep 1
        still=$((still + 1))
        [ "$ticks" = "$(cpu_ticks "$pid")" ] &&
            [ "$(field live_challenges \
                "$("$builddir/captchactl" stats --json)")" = 0 ] || still=0
    done
}

visit() {
    "$builddir/bench/soak" -c 16 -n "$1" -s "$2" "$port" /captcha \
        >"$work/visits" 2>"$work/complained" && return
    sed 's/^/# /' "$work/complained" "$work/visits"
    return 1
}

# hunt SERVICE TTL_S WARM_UP REQUESTS: $grown says which classes have more or
# fewer objects; $early, $late and $peak are kB.
hunt() {
    service=$1
    start_web 1 TTL_S="$2"
    pid=$(service_pids)
    code=0
    visit "$3" 1 || code=$?
    rest
    before=$(snapshot "$pid")
    early=$(own_kb "$pid")
    visit "$4" 2 || code=$?
    rest
    after=$(snapshot "$pid")
    late=$(own_kb "$pid")
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
    "$builddir/captchactl" heapdiff "$before" "$after" >"$work/diff"
    grown=$(awk 'NR > 1 && $3 != 0' "$work/diff")
    note "$(head -n 1 "$work/visits")"
    note "own memory $early kB, then $late kB, at most $peak kB"
    sed 's/^/# /' "$work/diff"
    rm -f "$before" "$after"
    stop_web
    return $code
}

difference() { echo $((late > early ? late - early : early - late)); }

ok "$REQUESTS requests have the right answers" \
    hunt "$builddir/captcha.fcgi" 30 "$WARM_UP" "$REQUESTS"
ok 'as many objects of each class as after the warm-up' [ -z "$grown" ]
ok "resident memory differs by at most $DIFFERENCE_MAX_KB KiB" \
    [ "$(difference)" -le $DIFFERENCE_MAX_KB ]
ok "below $RESIDENT_MAX_KB kB resident at all times" \
    [ "$peak" -lt $RESIDENT_MAX_KB ]

# some checks come too late here: challenges live for six seconds
hunt "$builddir/tests/load/old-leak.fcgi" 6 100 300 >/dev/null || :
has_generators() { printf '%s\n' "$grown" | grep -q ' generator$'; }
ok 'the old leak is noticed by its objects' has_generators
ok 'and by its memory' [ "$(difference)" -gt $DIFFERENCE_MAX_KB ]
plan
