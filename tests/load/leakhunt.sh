#!/bin/sh
# script/leakhunt names the class that the old service leaked, in a build that
# leaks as it did, and finds nothing in this service.
. "$(dirname "$0")/lib.sh"

# KEEP=DIR copies the snapshots of the old leak there; LEAK_ONLY=1 ends then.
RUNS=${RUNS:-1}
VISITS=${VISITS:-60}
BURSTS=${BURSTS:-3}

# hunt SERVICE: its verdict to $work/said, its exit code is leakhunt's.
hunt() {
    service=$1
    start_web 1
    code=0
    CAPTCHACTL=$builddir/captchactl "$here/script/leakhunt" \
        "http://127.0.0.1:$port/captcha" "$(service_pids)" \
        "$work" "$BURSTS" "$VISITS" >"$work/said" 2>&1 || code=$?
    stop_web
    n_snapshots=$(find "$work" -name '*.heapsnapshot' | wc -l)
    tail -n 3 "$work/said" | sed 's/^/# /'
    [ -z "${KEEP-}" ] || [ -d "$KEEP" ] || {
        mkdir "$KEEP" && cp "$work"/*.heapsnapshot "$KEEP"
    }
    rm -f "$work"/*.heapsnapshot
    return "$code"
}

# The last line names the generator alone.
finds_generator() {
    ! hunt "$builddir/tests/load/old-leak.fcgi" &&
        grep -q '^generator grows: +[0-9.]* objects' "$work/said" &&
        [ "$(grep -c ' grows: ' "$work/said")" = 1 ]
}
finds_nothing() {
    hunt "$builddir/captcha.fcgi" &&
        grep -q "^nothing grows in all of $BURSTS bursts" "$work/said"
}
wrote_all() { [ "$n_snapshots" = $((BURSTS + 1)) ]; }

for run in $(seq "$RUNS"); do
    ok "run $run: the old leak is found, and named" finds_generator
    ok "a snapshot after each burst" wrote_all
    [ -z "${LEAK_ONLY-}" ] || break
    ok "run $run: nothing is found in the real service" finds_nothing
done

if [ -n "${LEAK_ONLY-}" ]; then
    plan
    exit
fi

# leakhunt must not kill another process.
sleep 60 &
sleeper=$!
refuses() {
    ! "$here/script/leakhunt" http://127.0.0.1:1/captcha $sleeper "$work" \
        >"$work/said" 2>&1 && kill -0 $sleeper
}
ok "a process that does not catch SIGUSR2 is not signalled" refuses
kill $sleeper
plan
