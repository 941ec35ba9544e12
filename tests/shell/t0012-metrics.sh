# /metrics counts over all processes, also dead processes; and `stats --watch`.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi python3

# is VALUE SAMPLE: /metrics has this sample with this value.
is()
{
    req GET /metrics && status 200 && body_of_out >metrics || return 1
    grep -qxF -e "$2 $1" metrics || {
        grep -F -e "$2" metrics
        echo "is not $1"
        return 1
    }
}

# checks N [CODE]: answer N new challenges by CODE, or by their own codes.
checks()
{
    for _ in $(seq "$1"); do
        issue || return 1
        code=${2:-$(code_of "$pid")}
        req POST /verification/check "pid=$pid&code=$code" || return 1
    done
}

new_world
export CAPTCHA_ISSUE_LIMIT=1/2
MODE=fcgi
rm -f "$SOCK"
launch env CAPTCHA_STORE_TIMEOUT_MS=10000 "$CAPTCHA" \
    --listen "unix:$SOCK" --workers 3
soon is_listening "$SOCK"
check 'the service answers' '
    checks 1 && req GET /metrics && status 200 && body_of_out >metrics'
check_with promtool 'promtool reads /metrics' '
    promtool check metrics <metrics >promtool.log 2>&1 || {
        cat promtool.log
        return 1
    }
    [ ! -s promtool.log ]'
check 'counters are of three processes together' '
    checks 9 && checks 4 nonsense &&
    is 14 captcha_challenges_issued_total &&
    is 10 "captcha_checks_total{verdict=\"pass\"}" &&
    is 4 "captcha_checks_total{verdict=\"wrong\"}" &&
    is 14 "captcha_pool_pictures_total{result=\"miss\"}" &&
    soon is 3 captcha_process_starts_total && soon is 3 captcha_processes'
check 'the same answer used twice is unknown the second time' '
    req POST /verification/check "pid=$pid&code=nonsense" &&
    is 1 "captcha_checks_total{verdict=\"unknown\"}"'
check 'buckets of a histogram rise up to its count' '
    is 14 captcha_draw_duration_seconds_count &&
    awk "/^captcha_draw_duration_seconds_bucket/ {
            if (\$2 < last) exit 1
            last = \$2
            n++
        }
        END { exit !(n == 16 && last == 14) }" metrics'
check 'the counts of a dead process stay, and starts are counted' '
    kill -KILL $(workers | head -n 1) &&
    soon is 4 captcha_process_starts_total &&
    soon is 3 captcha_processes &&
    is 14 captcha_challenges_issued_total'
check 'counts outlive a restart of the service' '
    stop && launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 &&
    soon is 5 captcha_process_starts_total &&
    is 1 captcha_processes && is 14 captcha_challenges_issued_total'
check 'CGI processes add to the same counts' '
    MODE=cgi && checks 2 && MODE=fcgi &&
    is 16 captcha_challenges_issued_total &&
    is 12 "captcha_checks_total{verdict=\"pass\"}"'
check 'requests over a limit are counted' '
    for _ in 1 2 3; do
        REMOTE_ADDR=192.0.2.7 req GET /verification/get?img=url || return 1
    done
    status 429 && is 1 "captcha_limited_total{what=\"issue\"}" &&
    is 0 "captcha_limited_total{what=\"check\"}"'
# a check, by a visitor at ADDRESS
check_by()
{
    REMOTE_ADDR=$1 req POST /verification/check "pid=$pid&code=nonsense"
}

check 'checks are counted by whether a limit counts them' '
    before=$(sed -n "s/.*{limit=.exempt.} //p" metrics) &&
    is 0 "captcha_check_requests_total{limit=\"counted\"}" &&
    check_by 192.0.2.8 && check_by 127.0.0.1 &&
    HTTP_X_FORWARDED_FOR=192.0.2.9 check_by 127.0.0.1 &&
    is 2 "captcha_check_requests_total{limit=\"counted\"}" &&
    is $((before + 1)) "captcha_check_requests_total{limit=\"exempt\"}"'
check 'a check that a limit refuses is in neither count' '
    MODE=cgi && for _ in 1 2 3; do
        CAPTCHA_FAILED_LIMIT=1/1 check_by 192.0.2.10 || return 1
    done; MODE=fcgi; status 429 &&
    is 3 "captcha_check_requests_total{limit=\"counted\"}"'
check 'memory is shown by class' '
    is 0 "captcha_memory_bytes{class=\"freetype\"}" &&
    [ "$(sed -n "s/^captcha_memory_bytes{class=\"generator\"} //p" metrics)" \
        -gt 100000 ]'
check 'waiting pictures and live challenges are shown' '
    is 0 "captcha_pool_ready{profile=\"default\"}" &&
    grep -q "^captcha_challenges_live [0-9]" metrics'
check_with promtool 'alerts and the dashboard use samples that /metrics has' '
    promtool check rules "$CF_SRCDIR/deploy/prometheus"/*-alerts.yml \
        >promtool.log 2>&1 &&
    promtool check config "$CF_SRCDIR/deploy/prometheus/captcha-fcgi.yml" \
        >>promtool.log 2>&1 &&
    python3 -c "import json, sys; json.load(open(sys.argv[1]))" \
        "$CF_SRCDIR/deploy/grafana/captcha-fcgi.json" &&
    grep -ohE "captcha_[a-z_]+" "$CF_SRCDIR"/deploy/grafana/*.json \
        "$CF_SRCDIR"/deploy/prometheus/*-alerts.yml | sort -u >asked &&
    [ "$(wc -l <asked)" -gt 10 ] &&
    while read -r name; do
        grep -q "^$name[ {]" metrics || { echo "no $name"; return 1; }
    done <asked'
check_with promtool 'alerts on Redis go off when it is lost, and not for plain CGI' '
    promtool test rules "$CF_SRCDIR/tests/shell/alerts.yml" \
        >promtool.log 2>&1 || {
        cat promtool.log
        return 1
    }'
check 'other addresses may not read /metrics' '
    REMOTE_ADDR=192.0.2.1 req GET /metrics && status 403 &&
    has_not out captcha_ &&
    REMOTE_ADDR=127.0.0.1 HTTP_X_FORWARDED_FOR=192.0.2.1 req GET /metrics &&
    status 403'
check 'stats --watch shows issues and checks' '
    "$CTL" stats --watch --count 3 >watched &
    watcher=$!
    soon test -e watched && checks 3 && wait $watcher &&
    [ "$(wc -l <watched)" = 4 ] && has watched "p99ms" &&
    awk "NR > 1 { issued += \$1; passed += \$3 }
        END { exit !(issued <= 3 && passed <= 3) }" watched &&
    "$CTL" stats --watch --count 1 --json | python3 -c "
import json, sys
row = json.loads(sys.stdin.read())
assert row[\"processes\"] == 1 and row[\"issued\"] == 0, row
"'
check 'without a usable cache_dir a process counts for itself' '
    stop && rm -rf "$CACHE" && : >"$CACHE" &&
    launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 &&
    soon is 1 captcha_process_starts_total && has "$LOG" "event=metrics" &&
    issue && is 1 captcha_challenges_issued_total'
stop || :
rm -f "$CACHE"

# --- sites ----------------------------------------------------------------------

new_world
R=/recaptcha/api/siteverify
NEW=new-secret-0123456789_ABCDEFGHIJ
OLD=old-secret-0123456789_ABCDEFGHIJ
export CAPTCHA_SITE_S_SITEKEY=s CAPTCHA_SITE_S_HOSTNAMES=any
export CAPTCHA_SITE_S_SECRET="$NEW $OLD" CAPTCHA_LOG_LEVEL=debug
export CAPTCHA_TTL_S=29 # without a reserve: the newest row is the challenge
start fcgi
check 'tokens are counted' '
    HTTP_HOST=h req POST /box/new k=s && status 200 &&
    sealed=$(body_of_out | sed -n "s/^{\"pid\":\"\([^\"]*\)\".*/\1/p") &&
    code=$(sql "SELECT code FROM challenge") &&
    HTTP_HOST=h req POST /box/answer "k=s&pid=$sealed&code=$code" &&
    token=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
    [ ${#token} = 63 ] && is 1 captcha_tokens_total'
check 'answers of siteverify are counted by verdict' '
    req POST $R "secret=$OLD&response=$token" && has out "true" &&
    req POST $R "secret=$NEW&response=$token" &&
    req POST $R "secret=$NEW&response=x" &&
    req POST $R "secret=$NEW&response=C1_1uUJxBsnThsgS6jB${token#???????????????????}" &&
    has out timeout-or-duplicate &&
    req POST $R "secret=wrong&response=x" && req POST $R "secret=$NEW" &&
    req POST $R "[]" application/json && status 200 &&
    for row in pass=1 used=1 invalid=1 expired=1 secret=1 malformed=2 error=0; do
        is ${row#*=} "captcha_siteverify_total{verdict=\"${row%=*}\"}" ||
            return
    done'
check 'uses of secrets are counted by their place' '
    is 3 "captcha_secret_uses_total{place=\"1\"}" &&
    is 1 "captcha_secret_uses_total{place=\"2\"}" &&
    is 0 "captcha_secret_uses_total{place=\"4\"}"'
check 'but none of these calls is a check that a visitor made' '
    is 1 "captcha_check_requests_total{limit=\"exempt\"}" &&
    is 0 "captcha_check_requests_total{limit=\"counted\"}"'
check 'the line of a request has its verdict, and nothing that was sent' '
    for verdict in pass "used store=sqlite" invalid expired secret malformed; do
        soon has "$LOG" "route=$R status=200 took_ms=" &&
        grep -q " verdict=$verdict\$" "$LOG" || return
    done
    for text in "$NEW" "$OLD" "$token" wrong secret= response; do
        has_not "$LOG" "$text" || return
    done'
check_with promtool 'promtool reads these, too' '
    promtool check metrics <metrics >promtool.log 2>&1 &&
    [ ! -s promtool.log ]'
stop

finish
