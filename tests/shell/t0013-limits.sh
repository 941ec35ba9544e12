# What one address may do, over CGI, where each request is a process of its
# own, and over FastCGI. A credit takes a minute to come, so that no test is
# too slow for it. A /56 gets a credit each 7.5 s: its test allows for these.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

export CAPTCHA_ISSUE_LIMIT=1/3 CAPTCHA_FAILED_LIMIT=1/2
export CAPTCHA_TRUSTED_PROXIES='10.0.0.0/8 127.0.0.1'
GET=/verification/get?img=url
CHECK=/verification/check

# from ADDRESS [HEADER [VALUE]]: requests come from there from now on
from()
{
    export REMOTE_ADDR="$1"
    unset HTTP_X_FORWARDED_FOR HTTP_FORWARDED HTTP_VIA HTTP_X_REAL_IP
    case ${2-} in
    x) export HTTP_X_FORWARDED_FOR="$3" ;;
    f) export HTTP_FORWARDED="$3" ;;
    v) export HTTP_VIA="$3" ;;
    r) export HTTP_X_REAL_IP="$3" ;;
    esac
}

# n_get N: the address gets N challenges, and then 429
n_get()
{
    for _ in $(seq "$1"); do
        issue || return 1
    done
    before=$(n_rows)
    # fewer: what is recorded ahead is given back after a second
    req GET "$GET" && limited && [ "$(n_rows)" -le "$before" ]
}

limited()
{
    status 429 && has out 'Content-Type: application/problem+json' &&
        seconds=$(sed -n 's/^Retry-After: \([0-9]*\).$/\1/p' out) &&
        [ "$seconds" -ge 1 ] && [ "$seconds" -le 60 ]
}

for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: an address gets a burst" 'from 192.0.2.1 && n_get 3'
    check "$mode: another address gets its own" 'from 192.0.2.2 && n_get 3'
    check "$mode: a /64 is one address" '
        from 2001:db8::1 && issue && from 2001:db8::ffff && issue &&
        from 2001:db8::2:3:4:5 && n_get 1'
    check "$mode: a /56 gets eight times as many, and no more" '
        began=$(date +%s) && for i in 1 2 3 4 5 6 7 8; do
            from 2001:db8:0:100$i::1 && n_get 3 || return 1
        done
        from 2001:db8:0:1009::1 && n=0
        while [ $n -lt 3 ] && issue; do n=$((n + 1)); done
        [ $((n * 15)) -le $((($(date +%s) - began + 1) * 2)) ] &&
        from 2001:db8:0:1100::1 && n_get 3'
    check "$mode: this machine gets any number" '
        from 127.0.0.1 && for i in 1 2 3 4 5 6; do issue || return 1; done'
    check "$mode: a proxy names the visitor" '
        from 127.0.0.1 x 192.0.2.3 && n_get 3 &&
        from 10.1.2.3 x 192.0.2.3 && n_get 0 &&
        from 10.1.2.3 f "for=192.0.2.3;proto=https" && n_get 0 &&
        from 10.1.2.3 x 192.0.2.4 && issue'
    check "$mode: a proxy of this machine that is not trusted is one visitor" '
        from ::1 x 192.0.2.3 && issue && from ::1 f for=192.0.2.4 && issue &&
        from ::1 v "1.1 cache" && issue && from "" r 192.0.2.5 && n_get 0 &&
        from ::1 x 127.0.0.1 && n_get 0 && from ::1 && issue'
    check "$mode: the log says once to set trusted_proxies" '
        [ "$(grep -c "level=warn event=proxy " "$LOG")" = 1 ] &&
        has "$LOG" "not in trusted_proxies" && has "$LOG" "add 127.0.0.1 ::1"'

    check "$mode: failed checks of an address are limited" '
        from 192.0.2.10 && issue && code=$(code_of "$pid") &&
        for i in 1 2; do
            req POST $CHECK "pid=0000000000000000&code=x" && status 200 &&
            has out expired-or-used || return 1
        done
        req POST $CHECK "pid=$pid&code=$code" && limited &&
        has out "\"success\":false,\"error-codes\":[\"too-many-requests\"]" &&
        [ "$(code_of "$pid")" = "$code" ]'
    check "$mode: a refused check uses no attempt" '
        from 192.0.2.11 && req POST $CHECK "pid=$pid&code=$code" &&
        has out "{\"success\":true}"'
    check "$mode: limits are one file of a fixed size, private" '
        [ "$(stat -c %a:%s "$CACHE/limits")" = 600:9437312 ]'
    check "$mode: the log has one line a minute, and no address" '
        [ "$(grep -c event=limited "$LOG")" -le 3 ] &&
        has "$LOG" "level=warn event=limited issue=1 failed=0" &&
        has_not "$LOG" 192.0.2 && has_not "$LOG" 2001:db8'
    check "$mode: ends well" 'stop'
done

export CAPTCHA_MAX_LIVE=10
for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: past four fifths of max_live an address gets a tenth" '
        from 192.0.2.31 && issue && issue &&
        from 127.0.0.1 && for i in 1 2 3 4 5 6 7; do issue || return 1; done
        from 192.0.2.32 && n_get 1 && from 192.0.2.31 &&
        req GET "$GET" && status 429 && [ "$(n_rows)" = 10 ]'
    check "$mode: a flood at max_live fills no log, and is limited" '
        : >"$LOG" && from 127.0.0.1 && for i in $(seq 40); do
            req GET "$GET" && status 503 || return 1
        done
        from 192.0.2.30 && req GET "$GET" && status 503 &&
        req GET "$GET" && limited && [ "$(wc -l <"$LOG")" -le 3 ] &&
        has "$LOG" "event=request status=full errno=0 text=\"max_live = 10"'
    stop
done
unset CAPTCHA_MAX_LIVE

new_world
check 'workers share the limits' '
    launch env CAPTCHA_STORE_TIMEOUT_MS=10000 "$CAPTCHA" \
        --listen "unix:$SOCK" --workers 4 && MODE=fcgi &&
    soon is_listening "$SOCK" && from 192.0.2.20 &&
    { for i in $(seq 12); do
        env REQUEST_METHOD=GET PATH_INFO=/verification/get \
            cgi-fcgi -bind -connect "$SOCK" </dev/null >"got.$i" &
        all="${all-} $!"
    done; wait $all; } &&
    [ "$(head -qn 1 got.* | grep -c "^Status: 200")" = 3 ] &&
    [ "$(head -qn 1 got.* | grep -c "^Status: 429")" = 9 ] && stop'

new_world
check '0 turns limits off' '
    export CAPTCHA_ISSUE_LIMIT=0 CAPTCHA_FAILED_LIMIT=0 &&
    start fcgi && from 192.0.2.1 &&
    for i in 1 2 3 4 5 6; do
        issue && req POST $CHECK "pid=$pid&code=-" && status 200 || return 1
    done
    stop && [ ! -e "$CACHE/limits" ]'
export CAPTCHA_ISSUE_LIMIT=1/3 CAPTCHA_FAILED_LIMIT=1/2

new_world
check 'without a cache directory there are no limits, and the log says so once' '
    : >"$CACHE" && start fcgi && from 192.0.2.1 &&
    for i in 1 2 3 4 5 6; do issue || return 1; done
    stop && [ "$(grep -c event=no-limits "$LOG")" = 1 ]'

new_world
check 'a file of another kind is replaced' '
    mkdir -m 700 "$CACHE" && head -c 100 /dev/zero >"$CACHE/limits" &&
    start cgi && from 192.0.2.1 && n_get 3'
check 'captchactl clean leaves the file alone' '
    "$CTL" clean >/dev/null && from 192.0.2.1 && n_get 0'
check 'a wrong list of proxies stops the start' '
    exits 78 env CAPTCHA_TRUSTED_PROXIES="::1 nginx" "$CTL" config 2>said &&
    has said "trusted_proxies: \"nginx\" is no address: write 192.0.2.1"'

finish
