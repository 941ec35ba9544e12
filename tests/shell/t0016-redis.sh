# store = redis: a whole visit, another program that reads and writes the same
# keys, one winner, and trouble. Over CGI and FastCGI, with a server of its own.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs redis-server redis-cli cgi-fcgi spawn-fcgi perl
new_world
case $("$CTL" stats --set store=redis://127.0.0.1:1 2>&1 || :) in
*--with-redis*) skip_all 'built --without-redis' ;;
esac

REDIS_SOCK=$TRASH/redis.sock
REDIS=
export CAPTCHA_STORE="unix://$REDIS_SOCK?db=3"
export CAPTCHA_STORE_TIMEOUT_MS=20000

end_redis()
{
    for server in $REDIS; do
        kill -KILL "$server" && wait "$server" || :
    done 2>/dev/null
    REDIS=
}

# begin MODE: the service in a new world, with nothing in Redis and no directory
# for a database
begin()
{
    new_world
    rm -rf "$DATA" "$TRASH/other-cache"
    cli FLUSHALL >/dev/null
    start "$1"
}

# cli ARG...: another program
cli()
{
    redis-cli -s "$REDIS_SOCK" -n 3 "$@"
}

is_up()
{
    [ "$(cli PING)" = PONG ]
}

# start_redis [PORT]
start_redis()
{
    rm -f "$REDIS_SOCK"
    redis-server --port "${1:-0}" --unixsocket "$REDIS_SOCK" --save '' \
        --dir "$TRASH" --logfile "$TRASH/redis.log" &
    REDIS=$!
    soon is_up
}

code_of()
{
    cli GET "$1"
}

key_of_world()
{
    cli GET captcha-fcgi:secret | head -c 32 | od -An -v -tx1 | tr -d ' \n'
}

# answer CODE: to the challenge $pid
answer()
{
    req POST /verification/check "pid=$pid&code=$1"
}

passes()
{
    answer "$1" && status 200 && has out '{"success":true}'
}

is_used()
{
    answer "$1" && status 200 && has out '["expired-or-used"]'
}

is_healthy()
{
    req GET /healthz && status 200 && has out '"store":"ok"'
}

is_out_of_order()
{
    req GET '/verification/get?img=url' && status 503 &&
        has out 'Retry-After: ' && has_not out redis
}

# n_winners CODE [OTHER]: how many of 16 checks of one challenge at once pass,
# each second one by the other code
n_winners()
{
    for i in $(seq 16); do
        mkdir -p "race/$i"
        (cd "race/$i" && passes "$1" >/dev/null && : >won) &
        [ $# = 1 ] || set -- "$2" "$1"
        racers="${racers-} $!"
    done
    for racer in $racers; do
        wait "$racer" || :
    done
    find race -name won | wc -l
    rm -rf race
}

# Tokens. T is of this moment, and PROOF is of its random part.
R=/recaptcha/api/siteverify
S=secret-of-the-site-0123456789
PROOF=ea866a757e4c38babfa8127cbe9a409d
export CAPTCHA_SITE_S_SITEKEY=s CAPTCHA_SITE_S_SECRET=$S
token()
{
    issue && tid=${pid%???????????}BsnThsgS6jB &&
        T=C1_${tid}_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 &&
        cli SET "$tid" "$PROOF 1 . token 0 1795934400123 . s h . ." \
            PX 300000 >/dev/null
}

# verify [MORE]: $got, the body
verify()
{
    req POST $R "secret=$S&response=$T${1-}" && status 200 &&
        got=$(body_of_out)
}

GOOD='{"success": true, "challenge_ts": "2026-11-29T06:40:00Z", "hostname": "h"}'
USED='{"success": false, "error-codes": ["timeout-or-duplicate"]}'

rm -rf "$DATA"
start_redis
check 'captchactl init, check, stats and clean work, and make no database' '
    "$CTL" init >out && has out "store unix://$REDIS_SOCK?db=3 is ready" &&
    "$CTL" check >out && has out "store" && has out "takes writes; 0 keys" &&
    "$CTL" stats >out && has out "challenges in the store" &&
    "$CTL" clean && [ ! -e "$DATA" ] && [ ! -e /nowhere ]'

# finds TEXT STORE: check finds a fault of Redis, and prints this remedy
finds()
{
    exits 1 "$CTL" check --set store="$2" >out && has out "WRONG   store" &&
        has out "→ $1"
}

url="unix://$REDIS_SOCK"
check 'each fault of Redis has its own remedy in check, which mends it' '
    cli CONFIG SET requirepass secret >/dev/null &&
    finds "give the password" "$url" &&
    finds "correct the user and the password" "unix://:wrong@$REDIS_SOCK" &&
    "$CTL" check --set store="unix://:secret@$REDIS_SOCK" >out &&
    redis-cli -s "$REDIS_SOCK" -a secret CONFIG SET requirepass "" \
        >/dev/null 2>&1 && "$CTL" check >out &&
    cli ACL SETUSER weak on ">weak" "+select" "+ping" >/dev/null &&
    finds "let this user of Redis run GET SET" "unix://weak:weak@$REDIS_SOCK" &&
    cli ACL SETUSER weak "~*" +get +set +getdel +del +dbsize >/dev/null &&
    "$CTL" check --set store="unix://weak:weak@$REDIS_SOCK" >out &&
    cli CONFIG SET maxmemory 1 >/dev/null && finds "raise maxmemory" "$url" &&
    cli CONFIG SET maxmemory 0 >/dev/null && "$CTL" check >out &&
    cli REPLICAOF 127.0.0.1 1 >/dev/null && finds "name the master" "$url" &&
    cli REPLICAOF no one >/dev/null && "$CTL" check >out &&
    finds "correct the name of the host" redis://nowhere.invalid/ &&
    finds "start Redis" redis://127.0.0.1:1/ &&
    finds "start Redis" "unix://$TRASH/nowhere.sock"'
check 'captchactl answer reads Redis' '
    MODE=cgi && issue && [ "$("$CTL" answer "$pid")" = "$(code_of "$pid")" ] &&
    passes "$("$CTL" answer "$pid")" && exits 1 "$CTL" answer "$pid" 2>err &&
    has err "no such challenge"'

for mode in cgi fcgi; do
    begin $mode
    check "$mode: a whole visit, and nothing is left of it" '
        issue && [ "$(cli KEYS "$pid")" = "$pid" ] && code=$(code_of "$pid") &&
        echo "$code" | grep -qxE "[a-z0-9]{6}" &&
        [ "$(cli TTL "$pid")" -gt 200 ] &&
        req GET "/image/$pid.png" && status 200 && has out image/png &&
        passes "$(echo "$code" | tr a-z A-Z)" && is_used "$code" &&
        [ "$(cli EXISTS "$pid")" = 0 ]'
    check "$mode: a wrong answer uses it up" '
        issue && code=$(code_of "$pid") && answer nonsense &&
        has out "[\"wrong\"]" && is_used "$code"'
    check "$mode: a code that another program put there passes once" '
        pid=Zz09aBcDeFgHiJkL && cli SETEX $pid 600 k7mq3x &&
        passes k7mq3x && is_used k7mq3x'
    check "$mode: a challenge that another program took is used" '
        issue && code=$(cli GETDEL "$pid") && is_used "$code"'
    check "$mode: one of 16 checks at once passes" '
        issue && [ "$(n_winners "$(code_of "$pid")")" = 1 ]'
    check "$mode: the digits pass, once, and by picture and sound at once" '
        issue && code=$(code_of "$pid") && passes "$(said "$pid")" &&
        is_used "$code" && is_used "$(said "$pid")" &&
        [ "$(cli EXISTS "$pid")" = 0 ] && issue &&
        [ "$(n_winners "$(code_of "$pid")" "$(said "$pid")")" = 1 ]'
    check "$mode: a token passes once, and is gone" '
        token && verify && [ "$got" = "$GOOD" ] &&
        [ "$(cli EXISTS "$tid")" = 0 ] && verify && [ "$got" = "$USED" ]'
    check "$mode: a token passes again by its idempotency key alone" '
        token && verify "&idempotency_key=a" && [ "$got" = "$GOOD" ] &&
        verify "&idempotency_key=a" && [ "$got" = "$GOOD" ] &&
        verify "&idempotency_key=b" && [ "$got" = "$USED" ] &&
        verify && [ "$got" = "$USED" ] && [ "$(cli TTL "$tid")" -gt 200 ]'
    check "$mode: a wrong secret uses no token up" '
        token && req POST $R "secret=wrong&response=$T" &&
        has out invalid-input-secret && verify && [ "$got" = "$GOOD" ]'
    check "$mode: health says ok" is_healthy
    stop || :
done

echo 'attempts = 3' >"$CAPTCHA_CONFIG"
start fcgi
check 'three attempts, and the value says how many are left' '
    issue && code=$(code_of "$pid") && [ "${code#* }" = 3 ] &&
    answer nonsense && answer nonsense && [ "$(code_of "$pid")" = "${code% *} 1" ] &&
    passes "${code% *}" && is_used "${code% *}"'
check 'with attempts, too, one of 16 checks at once passes' '
    issue && code=$(code_of "$pid") && [ "$(n_winners "${code% *}")" = 1 ]'
has_snapshot()
{
    ls "$CACHE"/captcha-*.heapsnapshot
}
check 'heap snapshots go to cache_dir, and cleaning leaves them' '
    kill -USR2 $SERVICE && soon has_snapshot && "$CTL" clean && has_snapshot &&
    is_healthy'
stop || :

# Two machines share pictures by Redis.
at_other_machine()
{
    CAPTCHA_CACHE_DIR=$TRASH/other-cache "$@"
}
for mode in cgi fcgi; do
    begin $mode
    check "$mode: a picture issued by its address is shown by another machine" '
        req GET "/verification/get?img=url" && status 200 &&
        pid=$(sed -n "s/.*\"pid\":\"\([0-9A-Za-z]*\)\".*/\1/p" out) &&
        [ "$(cli EXISTS "$pid" "{$pid}.png")" = 2 ] &&
        req GET "/image/$pid.png" && status 200 && cp out here &&
        stop; at_other_machine start $mode;
        at_other_machine req GET "/image/$pid.png" && status 200 &&
        cmp out here && [ ! -e "$TRASH/other-cache/$(date -u +%F)/live/$pid.png" ] &&
        code=$(code_of "$pid") && at_other_machine passes "$code" &&
        [ "$(cli EXISTS "$pid" "{$pid}.png")" = 0 ] &&
        at_other_machine req GET "/image/$pid.png" && status 404'
    stop || :
    if [ -s "$VOICES" ]; then
        begin $mode
        check "$mode: another machine says the same sound, and takes its digits" '
            issue && req GET "/audio/$pid.wav" && status 200 && cp out here &&
            age=$(sed -n "s/^Cache-Control: .*max-age=\([0-9]*\).*/\1/p" out) &&
            [ "$age" -gt 280 ] && [ "$age" -le 300 ] &&
            stop; at_other_machine start $mode;
            at_other_machine req GET "/audio/$pid.wav" && status 200 &&
            sed "/^Cache-Control/d" here >a && sed "/^Cache-Control/d" out >b &&
            cmp a b && code=$(code_of "$pid") &&
            at_other_machine passes "$(said "$pid")" &&
            at_other_machine is_used "$code" &&
            at_other_machine req GET "/audio/$pid.wav" && status 404'
        stop || :
    fi
done

# All processes know what one finds out, the process of a CGI request, too.
for mode in cgi fcgi; do
    begin $mode
    check "$mode: without a server it is 503, and health and log say why" '
        issue && code=$(code_of "$pid") && kept=$pid && end_redis &&
        is_out_of_order && answer "$code" && status 503 &&
        has out "Retry-After: " && has_not out success\":true &&
        req GET /healthz && status 503 && has out "\"store\":\"io\"" &&
        has "$LOG" "unix://$REDIS_SOCK"'
    # Not by the log: one text in 64 shares its line a minute with "refused".
    check "$mode: not each request tries the server" '
        for _ in 1 2 3 4 5 6 7 8; do is_out_of_order || return 1; done &&
        req GET /metrics &&
        grep -E "^captcha_store_untried_total [1-9]" out'
    check "$mode: once the server is back all is well" '
        start_redis && soon is_healthy && issue && passes "$(code_of "$pid")" &&
        pid=$kept && is_used "$code"'
    stop || :
done

export CAPTCHA_STORE_TIMEOUT_MS=3000
for mode in cgi fcgi; do
    begin $mode
    check "$mode: a server that pauses is 503, and no answer passes twice" '
        issue && code=$(code_of "$pid") && cli CLIENT PAUSE 600000 WRITE &&
        answer "$code" && status 503 && has "$LOG" "no answer within" &&
        cli CLIENT UNPAUSE && soon is_healthy && answer "$code" && status 200 &&
        if has out "{\"success\":true}"; then is_used "$code"; fi'
    stop || :
done
export CAPTCHA_STORE_TIMEOUT_MS=20000

cli CONFIG SET requirepass hush >/dev/null
REDISCLI_AUTH=hush
export REDISCLI_AUTH
check 'a wrong password stops the start and is shown to nobody' '
    CAPTCHA_STORE="unix://:wrong1@$REDIS_SOCK?db=3" exits 78 \
        "$CTL" stats >out 2>&1 &&
    has out WRONGPASS && has out ":***@" && has_not out wrong1 &&
    CAPTCHA_STORE="unix://:wrong1@$REDIS_SOCK?db=3" \
        "$CTL" config >out && has out "store = unix://:***@$REDIS_SOCK" &&
    has_not out wrong1'
check 'a missing password is named' '
    exits 1 "$CTL" check >out && has out "give a password in store"'
check 'the right password lets in' '
    export CAPTCHA_STORE="unix://:hush@$REDIS_SOCK?db=3" &&
    MODE=cgi && issue && passes "$(code_of "$pid")"'
cli CONFIG SET requirepass '' >/dev/null
unset REDISCLI_AUTH

# The process looks the name up before it shuts itself in, and connects to the
# address again and again afterwards.
end_redis
port=$("$CF_SRCDIR/tests/support/free-ports")
start_redis "$port"
export CAPTCHA_STORE="redis://localhost:$port/3"
for mode in cgi fcgi; do
    begin $mode
    check "$mode: over TCP, too, and after the server has come back" '
        issue && passes "$(code_of "$pid")" && end_redis && is_out_of_order &&
        start_redis "$port" && soon is_healthy && issue &&
        passes "$(code_of "$pid")"'
    check "$mode: without the server: internal-error" '
        token && end_redis && verify &&
        [ "$got" = "{\"success\": false, \"error-codes\": [\"internal-error\"]}" ] &&
        start_redis "$port" && soon is_healthy'
    stop || :
done

# As in t0014-sandbox.sh: system calls after the filter was set, with a
# connection that is made again.
traced()
{
    new_world
    rm -rf "$DATA"
    rm -f "$SOCK"
    MODE=spawn
    launch env ASAN_OPTIONS=detect_leaks=0 spawn-fcgi -n -s "$SOCK" -- \
        "$(command -v strace)" -D -f -o "$TRASH/trace" "$CAPTCHA"
    soon is_listening "$SOCK" && issue && passes "$(code_of "$pid")" &&
        end_redis && is_out_of_order && start_redis "$port" &&
        soon is_healthy && issue && passes "$(code_of "$pid")" && stop
}
if strace -D -o trace true 2>/dev/null; then
    check 'the filter refuses no system call that Redis needs' '
        traced && sed "1,/^[0-9 ]*seccomp(.*LOG|.*{len=/d" trace >after &&
        if grep -q "seccomp(.*LOG|.*{len=" trace; then
            grep -q "connect(.*htons($port)" after
        fi &&
        ! grep -E "EPERM|EACCES|ENOSYS" after'
else
    skip 'the filter refuses no system call that Redis needs' 'no strace'
fi

is_replica()
{
    redis-cli -s "$TRASH/replica.sock" INFO replication |
        grep -q "^master_link_status:up"
}
redis-server --port 0 --unixsocket "$TRASH/replica.sock" --save '' \
    --dir "$TRASH" --logfile "$TRASH/replica.log" --dbfilename replica.rdb \
    --replicaof 127.0.0.1 "$port" &
REPLICA=$!
REDIS="$REDIS $REPLICA"
cli CONFIG SET repl-diskless-sync-delay 0 >/dev/null
export CAPTCHA_STORE_TIMEOUT_MS=6000
export CAPTCHA_STORE="$CAPTCHA_STORE?wait=1"
check 'a check counts when the replica knows, and not when there is none' '
    soon is_replica && MODE=cgi && issue && passes "$(code_of "$pid")" &&
    [ "$(redis-cli -s "$TRASH/replica.sock" -n 3 EXISTS "$pid")" = 0 ] &&
    issue && code=$(code_of "$pid") && kill -KILL $REPLICA &&
    answer "$code" && status 503 && has "$LOG" wait=1 &&
    CAPTCHA_STORE=${CAPTCHA_STORE%\?*} is_used "$code"'

finish
