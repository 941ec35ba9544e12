# Sites, tokens and siteverify, over CGI and FastCGI: the bytes of each answer,
# what a token outlives, and the way from a page of a site to a token.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

# so short a life has no reserve: the newest row is the challenge handed out
export CAPTCHA_TTL_S=29
export CAPTCHA_LOG_LEVEL=debug
. "$CF_SRCDIR/tests/support/golden.sh"

record()
{
    sql "DELETE FROM challenge WHERE pid = '$TID';
        INSERT INTO challenge VALUES ('$TID', '$PROOF', 1, $SOLVED_MS,
            $((SOLVED_MS + 1000000000000)), '', '$1')"
}

expire()
{
    sql "UPDATE challenge SET expires_unix_ms = $SOLVED_MS + 1
        WHERE pid = '$TID'"
}

without_store()
{
    check "$1: g17: without the store, and the token counts afterwards" '
        token && : >hold && {
            sqlite3 "$DB" ".timeout 60000" "BEGIN EXCLUSIVE;" ".system touch locked" \
                ".system while test -e hold; do sleep 0.1; done" & } &&
        locker=$! && soon test -e locked && rm -f locked &&
        req POST $R "$FORM_T" && failed "\"internal-error\""; code=$?
        rm -f hold; wait $locker
        [ $code = 0 ] && req POST $R "$FORM_T" && answer "$G1"'
}

# box PATH BODY: ask as a page of https://forum.example.org
box()
{
    export HTTP_ORIGIN="${ORIGIN-https://forum.example.org}"
    box_code=0
    req POST "$1" "$2" || box_code=$?
    unset HTTP_ORIGIN
    return $box_code
}

# new: a challenge for a page: $sealed, and the answer $right
new()
{
    box /box/new k=7f0c2a54-forum && status 200 &&
        sealed=$(body_of_out | sed -n 's/^{"pid":"\([0-9A-Za-z_-]*\)".*/\1/p') &&
        [ ${#sealed} = 75 ] && newest
}

boxes()
{
    check "$1: a page of a site gets a challenge" 'sql "DELETE FROM challenge" &&
        new && has out "\"mode\":\"picture\",\"img\":\"data:image/png;base64," &&
        has out "\"expires_in\":29,\"width\":240" &&
        has out "Access-Control-Allow-Origin: https://forum.example.org"'
    check "$1: its answer gives a token, which passes once" '
        box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=$right&action=a/b&cdata=c" &&
        status 200 && has out "{\"success\":true,\"token\":\"C1_" &&
        has out "\"expires_in\":300}" &&
        got=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        req POST $V "secret=$S&response=$got" && status 200 &&
        has out "{\"success\": true, \"error-codes\": [], " &&
        has out "\"hostname\": \"forum.example.org\", \"action\": \"a/b\", \"cdata\": \"c\"" &&
        req POST $V "secret=$S&response=$got" &&
        failed "\"timeout-or-duplicate\""'
    check "$1: the answer passes once" '
        box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=$right" &&
        status 200 && has out "{\"success\":false,\"error-codes\":[\"expired-or-used\"],\"next\":{\"pid\":\""'
    check "$1: a wrong answer gives another challenge" 'sql "DELETE FROM challenge" &&
        new && box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=zzz" &&
        status 200 &&
        has out "{\"success\":false,\"error-codes\":[\"wrong\"],\"next\":{\"pid\":\"" &&
        body_of_out | grep -q "}}$" &&
        sealed=$(body_of_out | sed -n "s/.*\"next\":{\"pid\":\"\([0-9A-Za-z_-]*\)\".*/\1/p") &&
        newest &&
        box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=$right" &&
        has out "{\"success\":true,"'
    check "$1: a challenge of a site is answered there alone" '
        sql "DELETE FROM challenge" && new &&
        box /box/answer "k=shop&pid=$sealed&code=$right" && status 200 &&
        has out "[\"bad-request\"]" &&
        req POST /verification/check "pid=$sealed&code=$right" && status 200 &&
        has out "[\"bad-request\"]" && sql "DELETE FROM challenge
            WHERE pid <> '\''$pid'\''" && ! has out "$pid" >/dev/null &&
        box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=$right" &&
        has out "{\"success\":true,"'
    check "$1: a challenge of /verification/get is no challenge of a site" '
        sql "DELETE FROM challenge" && issue && right=$(code_of $pid) &&
        box /box/answer "k=7f0c2a54-forum&pid=$pid&code=$right" && status 200 &&
        has out "[\"bad-request\"]" &&
        req POST /verification/check "pid=$pid&code=$right" &&
        has out "{\"success\":true}"'
    check "$1: an unknown sitekey or host is refused" '
        box /box/new k=x && status 400 && has out "unknown-sitekey" &&
        ORIGIN=https://evil.example box /box/new k=7f0c2a54-forum &&
        status 400 && has out "unknown-host" &&
        has_not out Access-Control-Allow-Origin &&
        ORIGIN=null box /box/new k=7f0c2a54-forum && status 400 &&
        ORIGIN=https://sub.example.net:8443 box /box/new k=7f0c2a54-forum &&
        status 200 &&
        ORIGIN=https://sub.port.example:8443 box /box/new k=7f0c2a54-forum &&
        status 200 &&
        ORIGIN=https://sub.port.example box /box/new k=7f0c2a54-forum &&
        status 400 && ORIGIN=https://port.example:8443 box /box/new \
            k=7f0c2a54-forum && status 400'
    check "$1: check_remoteip compares the networks of visitor and remoteip" '
        export REMOTE_ADDR=203.0.113.7 ORIGIN=http://any.example &&
        box /box/new k=net &&
        sealed=$(body_of_out | sed -n "s/^{\"pid\":\"\([^\"]*\)\".*/\1/p") &&
        newest && box /box/answer "k=net&pid=$sealed&code=$right" &&
        got=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        net="secret=$OTHER-net&response=$got" &&
        req POST $H "$net&remoteip=203.0.112.7" &&
        failed "\"invalid-remoteip\"" && for none in "" "&remoteip=" \
            "&remoteip=unknown" "&remoteip=203.0.113.7, 203.0.113.8"; do
            req POST $H "$net$none" && failed "\"missing-remoteip\"" || return
        done && req POST $R "$net" && failed "\"invalid-input-response\"" &&
        req POST $V "$net&remoteip=2001:db8::1" &&
        failed "\"invalid-input-response\"" &&
        req POST $H "$net&remoteip=203.0.113.200" && has out "{\"success\": true"
        code=$?; unset REMOTE_ADDR ORIGIN; return $code'
    check "$1: action and cdata have their letters" 'new && for bad in \
            "action=a%20b" "action=$(printf %033d 0)" "cdata=a/b" \
            "cdata=$(printf %0256d 0)" "action=%00"; do
            box /box/answer "k=7f0c2a54-forum&pid=$sealed&code=$right&$bad" &&
            status 400 || return; done'
    check "$1: no log has an answer" 'has_not "$LOG" "$right"'
}

# --- settings -------------------------------------------------------------------

new_world
settings
check 'captchactl config hides secrets' 'exits 0 "$CTL" config >out &&
    has out "[site shop]" && has out "secret = ***" && has_not out "$OTHER" &&
    has_not out 28bd81dd'
# refused NAME SETTINGS TEXT [VARIABLE=VALUE]
refused()
{
    printf '%b' "$2" >sites.d/zz.conf
    check "refused: $1" "exits 78 env ${4-} \"\$CTL\" config >out 2>&1; has out '$3'"
    rm -f sites.d/zz.conf
}
refused 'one sitekey twice' \
    "[site z]\nsitekey = shop\nsecret = $S\n" \
    'zz.conf:2: [site z]: sitekey is that of [site shop] too; each site needs its own'
refused 'one secret twice' \
    "[site z]\nsitekey = z\nsecret = $S-z $OTHER\n" \
    'secret is that of [site shop] too; each site needs its own'
refused 'a short secret' '[site z]\nsitekey = z\nsecret = short\n' \
    'zz.conf:3: [site z]: secret has 5 characters, 20 or more are needed; "captchactl site rotate z" makes one'
refused 'no secret' '[site z]\nsitekey = z\n' '[site z]: secret is missing'
refused 'a public test key' \
    '[site z]\nsitekey = z\nsecret = 1x0000000000000000000000000000000AA\n' \
    'this key pair passes everybody; it is for test_keys = yes'
refused 'a profile that is not there' \
    "[site z]\nsitekey = z\nsecret = $S\nprofile = x\n" \
    'there is no section [profile x]'
for bad in portal.example 'https://' 'https://a.example/' 'https://A.example' \
    'https://a.example;x' 'https://b.example *'; do
    refused "embedders = $bad" \
        "[site z]\nsitekey = z\nsecret = $S\nembedders = $bad\n" \
        'embedders: "'
done
for bad in 'modes = |picture, audio or both' \
    'modes = picture picture|picture, audio or both' \
    'modes = picture video|picture, audio or both' \
    'flavours = recaptcha altcha|words of recaptcha, hcaptcha' \
    'flavours = hcaptcha hcaptcha|words of recaptcha, hcaptcha' \
    'language = de_AT|auto, or the tag of a language' \
    'language = |auto, or the tag of a language' \
    'theme = black|auto, light or dark' \
    'theme = |auto, light or dark'; do
    value=${bad%%|*}
    refused "$value" "[site z]\nsitekey = z\nsecret = $S-z\n$value\n" \
        "zz.conf:4: [site z]: ${value%% =*} = \"${value#*= }\": must be ${bad#*|}"
done
refused 'a mode that is not there yet' \
    "[site z]\nsitekey = z\nsecret = $S-z\nmodes = picture pow\n" \
    'modes = picture pow: pow is not there yet; picture and audio are'
refused 'sound alone, where there is none' \
    "[site z]\nsitekey = z\nsecret = $S-z\nmodes = audio\n" \
    'audio = no: nobody could pass' CAPTCHA_AUDIO=no
refused 'a bad name' '[site Z]\n' '[site Z]: a name has 1 to 32 of a-z, 0-9 and -'
refused 'a site twice' "[site shop]\n" '[site shop] stands in'
refused 'a key of the service' 'demo = no\n' 'zz.conf:1: unknown key'
refused 'a profile in sites_dir' '[profile x]\n' 'sections [site NAME] only'
refused 'a bad hash' '[site z]\nsitekey = z\nsecret = sha256:12\n' \
    '64 hexadecimal digits'
for score in 1.1 1.01 2 00 01 0. 1. .5 0.5. 0..5 -0.5 0,5 1e0 0.5x; do
    refused "a score of $score" \
        "[site z]\nsitekey = z\nsecret = $S-z\nscore = $score\n" \
        'must be 0.0 to 1.0'
done
for score in 0 1 0.0 1.0 1.00 0.7 0.05 0.999; do
    printf '[site z]\nsitekey = z\nsecret = %s\nscore = %s\n' "$S-z" "$score" \
        >sites.d/zz.conf
    check "a score of $score counts" '"$CTL" config >out 2>&1 &&
        has out "score = $score"'
    rm -f sites.d/zz.conf
done
check 'refused: a FIFO, which nobody writes to' '
    mkfifo sites.d/zz.conf && exits 78 timeout 60 "$CTL" config >out 2>&1
    code=$?; rm -f sites.d/zz.conf
    [ $code = 0 ] && has out "zz.conf: a file of sites_dir must be a regular"'
check 'the environment makes a site' '
    CAPTCHA_SITE_NEW_ONE_SITEKEY=new CAPTCHA_SITE_NEW_ONE_SECRET=$S$S \
        exits 0 "$CTL" config >out && has out "[site new-one]" &&
    echo "$S-q" >secret.txt && CAPTCHA_SITE_Q_SITEKEY=q \
        CAPTCHA_SITE_Q_SECRET_FILE=secret.txt exits 0 "$CTL" config >out &&
    has out "[site q]"'
check 'a variable that no site can have says what is wrong' '
    export CAPTCHA_SITE_Q_SITEKEY=q && : >empty &&
    for file in none:No.such.file empty:has.no.secret .:has.no.secret; do
        CAPTCHA_SITE_Q_SECRET_FILE=${file%%:*} exits 78 "$CTL" config >out 2>&1
        grep -q "secret file ${file%%:*}: ${file#*:}" out || return
    done
    unset CAPTCHA_SITE_Q_SITEKEY
    CAPTCHA_SITE_Q_SECRTE=x exits 78 "$CTL" config >out 2>&1
    has out "CAPTCHA_SITE_Q_SECRTE: must be CAPTCHA_SITE_<NAME>_<KEY>; captcha.conf(5)"'

# --- visits ---------------------------------------------------------------------

for mode in cgi fcgi; do
    new_world
    settings
    exits 0 "$CTL" init >/dev/null 2>&1 || :
    start $mode
    make_token
    golden $mode
    without_store $mode
    boxes $mode
    stop
done

# --- limits ---------------------------------------------------------------------

# wrong CODE: siteverify with a wrong secret gives this status
wrong()
{
    req POST $R "secret=wrong&response=x" && status "$1"
}

export CAPTCHA_FAILED_LIMIT=1/2
export CAPTCHA_TRUSTED_PROXIES='10.0.0.0/8 127.0.0.1'
for mode in cgi fcgi; do
    new_world
    settings
    start $mode
    make_token
    check "$mode: wrong secrets alone count for the limit" '
        export REMOTE_ADDR=203.0.113.9 && for _ in 1 2 3; do
            req POST $R "secret=$S&response=x" && status 200 &&
            req POST $R "secret=$S" && status 200 &&
            HTTP_SEC_FETCH_SITE=cross-site req POST $R \
                "secret=wrong&response=x" && failed "\"bad-request\"" &&
            req POST $R "[1]" $JSON && failed "\"bad-request\"" &&
            req GET "$R?secret=$S&secret=$S" && failed "\"bad-request\"" &&
            req POST $R "secret=$S&response=x&idempotency_key=%00" &&
            failed "\"bad-request\"" || return
        done; wrong 200 && wrong 200'
    check "$mode: beyond it: 429, and no word of the secret" 'wrong 429 &&
        has out "Retry-After: " && body_of_out >got &&
        [ "$(cat got)" = "{\"success\": false, \"error-codes\": [\"internal-error\"]}" ]'
    check "$mode: a right secret of that address counts on" '
        token && req POST $R "$FORM_T" && answer "$G1"'
    check "$mode: and after failed checks of visitors, too" '
        export REMOTE_ADDR=192.0.2.2 && for i in 1 2; do
            req POST /verification/check "pid=$pid&code=no" && status 200 ||
            return; done
        req POST /verification/check "pid=$pid&code=no" && status 429 &&
        token && req POST $R "$FORM_T" && answer "$G1"'
    check "$mode: an application on a trusted proxy has no limit" '
        export REMOTE_ADDR=10.0.0.1 && wrong 200 && wrong 200 && wrong 200'
    unset REMOTE_ADDR
    stop
done
unset CAPTCHA_FAILED_LIMIT CAPTCHA_TRUSTED_PROXIES

# --- the default site -----------------------------------------------------------

export CAPTCHA_SITES_DIR="$TRASH/none"
new_world
start cgi
check 'without a section there is the site "default"' 'new_world &&
    req POST /box/new k=default && status 400 && has out unknown-host &&
    export HTTP_HOST=localhost:8080 && req POST /box/new k=default &&
    unset HTTP_HOST && status 200'
check 'with the secret derived from the key of the installation' '
    sql "UPDATE secret SET value = x'\''000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\''" &&
    req POST $R "secret=71xP_epMDqs6znunzvbz0JF_qmgsEsl859EXe5sNpdk&response=x" &&
    failed "\"invalid-input-response\"" &&
    req POST $R "secret=71xP_epMDqs6znunzvbz0JF_qmgsEsl859EXe5sNpdj&response=x" &&
    failed "\"invalid-input-secret\""'

# --- test keys ------------------------------------------------------------------

check 'public test keys are unknown' '
    req POST $R "secret=1x0000000000000000000000000000000AA&response=XXXX.DUMMY.TOKEN.XXXX" &&
    failed "\"invalid-input-secret\""'
export CAPTCHA_TEST_KEYS=yes
check 'with test_keys = yes they do as their vendors say' '
    req POST $R "secret=6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe&response=any" &&
    has out "{\"success\": true, " && has out "\"hostname\": \"testkey.google.com\"}" &&
    req POST $H "secret=0x0000000000000000000000000000000000000000&response=10000000-aaaa-bbbb-cccc-000000000001" &&
    has out "{\"success\": true, " &&
    req POST $V "secret=1x0000000000000000000000000000000AA&response=XXXX.DUMMY.TOKEN.XXXX" &&
    has out "{\"success\": true, " &&
    req POST $V "secret=2x0000000000000000000000000000000AA&response=x" &&
    failed "\"invalid-input-response\"" &&
    req POST $V "secret=3x0000000000000000000000000000000AA&response=x" &&
    failed "\"timeout-or-duplicate\""'
check 'a test token with a real secret' '
    secret=71xP_epMDqs6znunzvbz0JF_qmgsEsl859EXe5sNpdk &&
    req POST $H "secret=$secret&response=10000000-aaaa-bbbb-cccc-000000000001" &&
    failed "\"not-using-dummy-passcode\""'
finish
