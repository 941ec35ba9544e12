#!/bin/sh
# Bursts of 500 issues by one process do not grow its memory. A build that leaks
# shows that the test can fail.
. "$(dirname "$0")/lib.sh"

PARTS=${PARTS:-5}
BURSTS=${BURSTS:-8} # of each part
GROWTH_MAX_KB=4

# Run the parts, and measure behind each: $growth is the least growth of a part,
# in kB, but for the first part. A leak grows in each part. A page that only the
# longest word or the fullest tree uses is touched once, at any time.
bursts() {
    pid=$(service_pids)
    growth=
    sizes=
    for part in $(seq "$PARTS"); do
        for _ in $(seq "$BURSTS"); do
            "$hammer" -c 16 -n 500 "$port" /captcha/verification/get \
                >/dev/null
        done
        size=$(own_kb "$pid")
        if [ "$part" -gt 1 ]; then
            more=$((size - last))
            [ "${growth:-$more}" -lt "$more" ] || growth=$more
        fi
        last=$size
        sizes="$sizes $size"
    done
    note "$BURSTS bursts of 500 a part: own memory$sizes kB"
}

start_web 1
bursts
ok "a part grows one process by at most $GROWTH_MAX_KB KiB" \
    [ "$growth" -le $GROWTH_MAX_KB ]
stop_web

service=$builddir/tests/load/forgetful.fcgi
start_web 1
bursts
ok "a leak is noticed" [ "$growth" -gt $GROWTH_MAX_KB ]

plan
