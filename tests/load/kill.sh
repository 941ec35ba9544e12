#!/bin/sh
# Processes killed with SIGKILL while they issue and check: no picture is
# served to two pids, no pid is accepted twice, and the next clean takes what
# was left behind.
. "$(dirname "$0")/lib.sh"

SECONDS_OF_KILLING=${SECONDS_OF_KILLING:-8}
TTL_S=20

export CAPTCHA_TTL_S=$TTL_S CAPTCHA_POOL_SIZE=3000
"$builddir/captchactl" fill --wait >/dev/null
"$builddir/captcha.fcgi" --listen "unix:$work/captcha.sock" --workers 4 \
    2>"$work/master.log" &
master=$!

# kill_for SECONDS: a random worker, about three times a second.
kill_for() {
    end=$(($(date +%s) + $1))
    while [ "$(date +%s)" -lt "$end" ]; do
        victim=$(pgrep -P "$master" | shuf -n 1)
        [ -z "$victim" ] || kill -9 "$victim" 2>/dev/null || :
        sleep 0.3
    done
}

port=$(free_port)
cat >"$work/lighttpd.conf" <<EOF
server.document-root = "$work"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$work/error.log"
server.max-keep-alive-requests = 10000000
server.modules = ("mod_fastcgi")
fastcgi.server = ("/captcha" => ((
    "socket" => "$work/captcha.sock", "check-local" => "disable")))
EOF
lighttpd -D -f "$work/lighttpd.conf" >"$work/out.log" 2>&1 &
web_pid=$!
tries=0
until curl -fs "http://127.0.0.1:$port/captcha/healthz" >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$work"/*.log >&2; exit 1; }
    sleep 0.1
done

kill_for "$SECONDS_OF_KILLING" &
killer=$!
: >"$work/issued"
n=0
while kill -0 $killer 2>/dev/null; do
    n=$((n + 1))
    "$hammer" -c 16 -n 1000 -o "$work/some" "$port" \
        /captcha/verification/get >>"$work/reports" || :
    cat "$work/some" >>"$work/issued"
done
wait $killer || :
issued=$(wc -l <"$work/issued")
note "$issued challenges issued while workers were killed"
sed -n 's/^/# /p' "$work/reports" | tail -n 2
ok "challenges were issued all along" [ "$issued" -ge 1000 ]
ok "all pids differ" \
    [ "$(cut -f1 "$work/issued" | sort -u | wc -l)" -eq "$issued" ]
ok "no picture was served to two pids" \
    [ "$(cut -f2 "$work/issued" | sort | uniq -d | wc -l)" -eq 0 ]

bodies | shuf -n 1500 >"$work/bodies"
kill_for 4 &
killer=$!
"$hammer" -r 16 -b "$work/bodies" -o "$work/passed" "$port" \
    /captcha/verification/check >"$work/check" || :
wait $killer || :
note "16 at once while workers were killed: $(cat "$work/check")"
passed=$(wc -l <"$work/passed")
ok "checks succeeded all along ($passed)" [ "$passed" -ge 1000 ]
ok "no pid was accepted twice" \
    [ "$(sort "$work/passed" | uniq -d | wc -l)" -eq 0 ]

kill "$master"
wait "$master" || :
sleep $((TTL_S + 6))
find "$CAPTCHA_CACHE_DIR/tmp" -type f -exec touch -d '5 minutes ago' {} +
note "$("$builddir/captchactl" clean)"
ok "the next clean takes every challenge" \
    [ "$(sqlite3 "$CAPTCHA_DATABASE" 'SELECT count(*) FROM challenge')" -eq 0 ]
left=$(cd "$CAPTCHA_CACHE_DIR" &&
    find . -type f \( -path './*/live/*' -o -path './tmp/*' \) | wc -l)
ok "and every picture of one, and every temporary file" [ "$left" -eq 0 ]
plan
