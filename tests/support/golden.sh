# Sourced by tests of siteverify, after lib.sh: two sites, a token of each
# moment, and golden examples, which hold to the byte for every store. A test has
# the functions
#
#	record NOTE  put T into the store with this note, to live on
#	expire       T is past its life

S=s3cret-for-tests-0123456789_ABCDEFGHIJ-abcde
OTHER=another-secret-of-another-site
SECRETS="$S
$OTHER"
PROOF=ea866a757e4c38babfa8127cbe9a409d
SOLVED_MS=1795934400123 # 2026-11-29T06:40:00.123Z
R=/recaptcha/api/siteverify
H=/siteverify
V=/turnstile/v0/siteverify
FORUM='secret=sha256:28bd81dd90e32ffe8c670211d85a04d2f24cb69361b2002d312b78cbef142ad6'

settings()
{
    cat >"$CAPTCHA_CONFIG" <<END
sites_dir = $TRASH/sites.d
[site forum]
sitekey = 7f0c2a54-forum
${FORUM%%=*} = ${FORUM#*=}
hostnames = forum.example.org *.example.net *.port.example:8443
END
    mkdir -p sites.d
    cat >sites.d/shop.conf <<END
[site shop]
sitekey = shop
secret = $OTHER
hostnames = any
score = 0.9
END
    cat >sites.d/net.conf <<END
[site net]
sitekey = net
secret = $OTHER-net
hostnames = port.example:8443 *.ports.example:8443 [::1] any.example
check_remoteip = yes
END
    chmod 600 sites.d/*.conf
}

# token [ACTION CDATA]: record T, as if it had been solved at SOLVED_MS.
token()
{
    record "token 0 $SOLVED_MS . forum forum.example.org ${1-.} ${2-.}"
}

# answer BODY: the last answer has this body, to the byte, and status 200
answer()
{
    status 200 && printf '%s\n' "$1" >wanted && body_of_out >got &&
        cmp wanted got || {
        cat got
        return 1
    }
}

failed()
{
    answer "{\"success\": false, \"error-codes\": [$1]}"
}

G1='{"success": true, "challenge_ts": "2026-11-29T06:40:00Z", "hostname": "forum.example.org"}'
G5='{"success": true, "challenge_ts": "2026-11-29T06:40:00.123000Z", "hostname": "forum.example.org", "sitekey": "7f0c2a54-forum"}'
G9='{"success": true, "error-codes": [], "challenge_ts": "2026-11-29T06:40:00.123Z", "hostname": "forum.example.org", "action": "login", "cdata": "c-1", "metadata": {"interactive": true}}'
# set_token TID: T, and how it is sent
set_token()
{
    TID=$1
    T=C1_${TID}_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
    FORM_T="secret=$S&response=$T"
    HFORM="$FORM_T&sitekey=7f0c2a54-forum"
    JSON_T="{\"secret\":\"$S\",\"response\":\"$T\"}"
}

# T is of this moment
make_token()
{
    issue && set_token "${pid%???????????}BsnThsgS6jB"
}

# zeros N: as many zeros
zeros()
{
    printf "%0$1d" 0
}

golden()
{
    check "$1: g1, g2: once" 'token &&
        req POST $R "$FORM_T&remoteip=203.0.113.9" && answer "$G1" &&
        has out "Content-Type: application/json; charset=utf-8" &&
        has out "Cache-Control: no-store" && has out "Content-Length:" &&
        req POST $R "$FORM_T&remoteip=203.0.113.9" &&
        failed "\"timeout-or-duplicate\""'
    check "$1: g3: GET" 'token && req GET "$R?$FORM_T&remoteip=" &&
        answer "$G1"'
    check "$1: g4: POST of a query, without body and type" 'token &&
        req POST "$R?$FORM_T" "" "" && answer "$G1"'
    check "$1: g5, g6: hCaptcha" 'token && req POST $H "$HFORM" &&
        answer "$G5" && req POST $H "$HFORM" &&
        failed "\"already-seen-response\""'
    check "$1: g5 at the other path" 'token &&
        req POST /hcaptcha/siteverify "$HFORM" && answer "$G5"'
    check "$1: g7: expired" 'token && expire && req POST $H "$HFORM" &&
        failed "\"expired-input-response\"" && token && expire &&
        req POST $R "$FORM_T" && failed "\"timeout-or-duplicate\""'
    check "$1: g8: the sitekey of another site uses nothing up" 'token &&
        req POST $H "$FORM_T&sitekey=shop" &&
        failed "\"sitekey-secret-mismatch\"" &&
        req POST $R "$FORM_T&sitekey=shop" &&
        failed "\"invalid-input-response\"" &&
        req POST $H "$HFORM" && answer "$G5"'
    check "$1: g9: Turnstile, JSON" 'token login c-1 &&
        req POST $V "$JSON_T" $JSON && answer "$G9"'
    check "$1: g10: an idempotency key" 'token login c-1 &&
        req POST $V "${JSON_T%?},\"idempotency_key\":\"8d4-uuid\"}" $JSON &&
        answer "$G9" &&
        req POST $V "${JSON_T%?},\"idempotency_key\":\"8d4-uuid\"}" $JSON &&
        answer "$G9" && req POST $V "$JSON_T" $JSON &&
        failed "\"timeout-or-duplicate\""'
    check "$1: g11: multipart" 'token login c-1 && printf %s\\r\\n \
        --B "Content-Disposition: form-data; name=\"secret\"" "" "$S" \
        --B "Content-Disposition: form-data; name=\"response\"" "" "$T" \
        --B-- >parts && send parts POST $V "multipart/form-data; boundary=B" &&
        answer "$G9"'
    check "$1: g12: nothing" 'req POST $R "" && failed \
        "\"missing-input-secret\", \"missing-input-response\"" &&
        req POST $R "secret=$S&response=" &&
        failed "\"missing-input-response\"" && req POST $R "response=$T" &&
        failed "\"missing-input-secret\""'
    check "$1: blanks around the response are no part of it" 'token &&
        req POST $R "secret=$S&response=%0A%20$T%20" && answer "$G1" &&
        req POST $R "secret=$S&response=%20%0A" &&
        failed "\"missing-input-response\""'
    check "$1: g13: a wrong secret uses nothing up" 'token &&
        req POST $R "secret=wrong&response=$T" &&
        failed "\"invalid-input-secret\"" && req POST $R "$FORM_T" &&
        answer "$G1"'
    check "$1: g14: no token" 'for x in abc "${T}x" "$(printf %02049d 0)"; do
            req POST $H "secret=$S&response=$x" &&
            failed "\"invalid-input-response\"" || return; done'
    check "$1: g15: the secret of another site uses nothing up" 'token &&
        req POST $R "secret=$OTHER&response=$T" &&
        failed "\"invalid-input-response\"" && req POST $R "$FORM_T" &&
        answer "$G1"'
    check "$1: g16: what cannot be read" 'token &&
        req POST $R "secret=$S&$FORM_T" && failed "\"bad-request\"" &&
        req POST $R "[1]" $JSON && failed "\"bad-request\"" &&
        req POST $R "{\"secret\":1,\"response\":\"$T\"}" $JSON &&
        failed "\"bad-request\"" &&
        req POST $R "$FORM_T" text/plain && failed "\"bad-request\"" &&
        req GET "$R?$FORM_T&x=$(printf %09000d 0)" &&
        failed "\"bad-request\"" &&
        req POST $R "$FORM_T&x=$(printf %017000d 0)" &&
        failed "\"bad-request\"" && req POST $R "$FORM_T" && answer "$G1"'
    check "$1: each limit of these routes, and one byte more" '
        q="$FORM_T&x=$(zeros 4096)&y=" && p="$q$(zeros 4096)&z=$(zeros 4096)&a=" &&
        token && req GET "$R?$q$(zeros $((8192 - ${#q})))" && answer "$G1" &&
        token && req POST $R "$p$(zeros $((16384 - ${#p})))" && answer "$G1" &&
        token && req GET "$R?$q$(zeros $((8193 - ${#q})))" &&
        failed "\"bad-request\"" &&
        req POST $R "$p$(zeros $((16385 - ${#p})))" &&
        failed "\"bad-request\"" && req POST $R "${q%&y=}0" &&
        failed "\"bad-request\"" &&
        req POST $R "$FORM_T&idempotency_key=$(zeros 129)" &&
        failed "\"bad-request\"" &&
        req POST $R "$FORM_T&idempotency_key=$(zeros 128)" && answer "$G1"'
    check "$1: other methods are refused" 'req HEAD $R && status 405 &&
        req OPTIONS $R && status 405 && req PUT $R && status 405'
    check "$1: a score is sent if the site has one" '
        record "token 0 $SOLVED_MS . shop forum.example.org . ." &&
        req POST $R "secret=$OTHER&response=$T" && status 200 &&
        has out "\"hostname\": \"forum.example.org\", \"score\": 0.9}"'
    check "$1: checksiteconfig" '
        req POST "/checksiteconfig?host=forum.example.org&sitekey=7f0c2a54-forum" &&
        answer "{\"pass\": true, \"features\": {}}" &&
        req GET "/checksiteconfig?host=A.B.example.net:8080&sitekey=7f0c2a54-forum" &&
        answer "{\"pass\": true, \"features\": {}}" &&
        req GET "/checksiteconfig?host=example.net&sitekey=7f0c2a54-forum" &&
        answer "{\"pass\": false, \"error\": \"Invalid hostname.\"}" &&
        for host in port.example:8443 a.ports.example:8443 "[::1]" "[::1]:80" \
            any.example any.example:1; do
            req GET "/checksiteconfig?host=$host&sitekey=net" &&
            answer "{\"pass\": true, \"features\": {}}" || return; done &&
        for host in "" port.example port.example:844 a.ports.example \
            ports.example:8443 "[::2]" x-any.example; do
            req GET "/checksiteconfig?host=$host&sitekey=net" &&
            answer "{\"pass\": false, \"error\": \"Invalid hostname.\"}" ||
                return; done &&
        req GET "/checksiteconfig?host=example.net&sitekey=x" &&
        answer "{\"pass\": false, \"error\": \"Invalid sitekey.\"}"'
}
