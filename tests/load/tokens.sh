#!/bin/sh
# Tokens: of 64 that redeem one at the same moment one succeeds, with four FastCGI
# processes; and a process that is killed between a challenge and its token loses
# the answer, and doubles none.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_STORE_TIMEOUT_MS=20000 # the machine may stop for a while

TOKENS=${TOKENS:-1000}
COPIES=64
verify=/captcha/recaptcha/api/siteverify
secret=secret-of-the-site-0123456789
export CAPTCHA_SITE_S_SITEKEY=s CAPTCHA_SITE_S_HOSTNAMES=any
export CAPTCHA_SITE_S_SECRET=$secret
export MORTAL_MARK="$work/die"
# so short a life has no reserve: the newest row is the challenge handed out
export CAPTCHA_TTL_S=29

sql() {
    sqlite3 -cmd '.timeout 5000' "$work/captcha.db" "$1"
}

start_web 4 POOL_SIZE=10

# --- once -----------------------------------------------------------------------

pid=$(curl -s "http://127.0.0.1:$port/captcha/verification/get" |
    sed -n 's/.*"pid":"\([0-9A-Za-z]*\)".*/\1/p')
python3 "$here/tests/load/tokens.py" "$pid" "$TOKENS" >"$work/tokens"
now_ms=$(($(date +%s) * 1000))
awk -v now=$now_ms 'BEGIN { print "BEGIN;" }
    { printf "INSERT INTO challenge VALUES (\047%s\047, \047%s\047, 1, %s, " \
        "%s + 300000, \047\047, \047token 0 %s . s h . .\047);\n",
        $1, $2, now, now, now }
    END { print "COMMIT;" }' "$work/tokens" | sqlite3 -cmd '.timeout 5000' \
    "$work/captcha.db"
awk -v secret=$secret '{ print "secret=" secret "&response=" $3 }' \
    "$work/tokens" >"$work/bodies"
report=$("$hammer" -r $COPIES -b "$work/bodies" -o "$work/passed" "$port" $verify)
note "$COPIES at once: $report"
ok "$TOKENS tokens, $COPIES redeemers each at once: $TOKENS successes" \
    [ "$(field success "$report")" -eq "$TOKENS" ]
ok "each of another token" \
    [ "$(sort -u "$work/passed" | wc -l)" -eq "$TOKENS" ]
ok "each answer has status 200" \
    [ "$(field 200 "$report")" -eq $((TOKENS * COPIES)) ]
report=$("$hammer" -c 32 -b "$work/bodies" "$port" $verify)
ok "none is accepted again" [ "$(field success "$report")" -eq 0 ]
ok "and none is left in the store" \
    [ "$(sql "SELECT count(*) FROM challenge WHERE note LIKE 'token %'")" -eq 0 ]
stop_web

# --- killed between challenge and token -----------------------------------------

service=$builddir/tests/load/mortal.fcgi
start_web 2 POOL_SIZE=0
box="http://127.0.0.1:$port/captcha/box"

# new: a challenge for a page, the only one in the store: $sealed, $code
new() {
    sql 'DELETE FROM challenge'
    sealed=$(curl -s -d k=s "$box/new" |
        sed -n 's/^{"pid":"\([^"]*\)".*/\1/p')
    code=$(sql 'SELECT code FROM challenge')
}

# answer: the challenge rightly, as a page does: $said
answer() {
    said=$(curl -s -d k=s -d "pid=$sealed" -d "code=$code" "$box/answer" || :)
}

: >"$work/wrong"
n=0
while [ $n -lt 5 ]; do
    n=$((n + 1))
    new
    : >"$MORTAL_MARK"
    answer
    rm "$MORTAL_MARK"
    case $said in
    *success*) echo "got an answer: $said" ;;
    esac | cut -c 1-200 >>"$work/wrong"
    # lighttpd starts another process
    until curl -fs "http://127.0.0.1:$port/captcha/healthz" >/dev/null; do
        sleep 0.1
    done
    answer
    case $said in
    '{"success":false,"error-codes":["expired-or-used"]'*) ;;
    *) echo "the challenge was not ended: $said" ;;
    esac | cut -c 1-200 >>"$work/wrong"
done
sed "s/^/# /" "$work/wrong"
ok "5 processes die between a challenge and its token: 5 answers are lost" \
    [ ! -s "$work/wrong" ]
ok "and no token was made" \
    [ "$(sql "SELECT count(*) FROM challenge WHERE note LIKE 'token %'")" -eq 0 ]
new
answer
ok "the next answer gets a token" [ "${said#*C1_}" != "$said" ]
plan
