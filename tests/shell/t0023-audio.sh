# Sound, over CGI and FastCGI: the bytes and ranges of a WAV file, digits that
# pass once, sites with and without it, and limits.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi python3
needs_voices

# so short a life has no reserve: the newest row is the challenge handed out
export CAPTCHA_TTL_S=29 CAPTCHA_LOG_LEVEL=debug
S=s3cret-for-tests-0123456789_ABCDEFGHIJ-abcde
F=/recaptcha/api/fallback
SECRETS=$S

settings()
{
    cat >"$CAPTCHA_CONFIG" <<END
sites_dir = $TRASH/none
END
    for modes in 'picture audio' 'audio picture' picture audio; do
        key=$(echo "$modes" | tr ' ' -)
        cat >>"$CAPTCHA_CONFIG" <<END
[site $key]
sitekey = $key
secret = $S-$key
hostnames = forum.example.org
modes = $modes
END
    done
    chmod 600 "$CAPTCHA_CONFIG"
}

# header NAME: its value in the last answer
header()
{
    sed -n "1,/^.\$/s/^$1: \(.*\)\r\$/\1/p" out
}

# part RANGE FIRST N: this range of the sound, which is in whole.wav
part()
{
    with HTTP_RANGE="bytes=$1" -- req GET "/audio/$pid.wav" && status 206 &&
        [ "$(header Content-Range)" = "bytes $2-$(($2 + $3 - 1))/$size" ] &&
        [ "$(header Content-Length)" = "$3" ] && body_of_out >part &&
        tail -c +$(($2 + 1)) whole.wav | head -c "$3" | cmp - part
}

# answer CODE: to the challenge $pid
answer()
{
    req POST /verification/check "pid=$pid&code=$1" && status 200
}

bytes()
{
    check "$1: a challenge has the address of its sound" '
        req GET "/verification/get?img=url&audio=1" && status 200 &&
        pid=$(body_of_out | sed -n "s/^{\"pid\":\"\([0-9A-Za-z]*\)\".*/\1/p") &&
        has out "\"audio\":\"/captcha/audio/$pid.wav\",\"expires_in\":29" &&
        req GET "/verification/get?img=url" && has_not out audio'
    check "$1: it is a WAV file" 'req GET "/audio/$pid.wav" && status 200 &&
        body_of_out >whole.wav && size=$(wc -c <whole.wav) &&
        [ "$size" -ge 160044 ] && [ "$size" -le 320000 ] &&
        [ "$(header Content-Type)" = audio/wav ] &&
        [ "$(header Content-Length)" = "$size" ] &&
        [ "$(header Accept-Ranges)" = bytes ] &&
        etag=$(header ETag) && [ ${#etag} = 34 ] &&
        age=$(header Cache-Control) && left=${age#private, no-transform, max-age=} &&
        [ "$left" -le 29 ] && [ "$left" -ge 19 ]'
    # 30 requests may take longer than 29 s
    sql "UPDATE challenge SET expires_unix_ms = expires_unix_ms + 3600000"
    check "$1: its head is that of the specification" '
        little() { printf "%02x%02x%02x%02x" $(($1 & 255)) $(($1 >> 8 & 255)) \
            $(($1 >> 16 & 255)) $(($1 >> 24)); } &&
        [ "$(head -c 44 whole.wav | od -An -v -tx1 | tr -d " \n")" = \
        "52494646$(little $((size - 8)))57415645666d7420100000000100010080"$(
        )"3e0000007d00000200100064617461$(little $((size - 44)))" ]'
    check "$1: the same bytes each time, and others for another pid" '
        req GET "/audio/$pid.wav?hl=en" && body_of_out | cmp - whole.wav &&
        [ "$(header ETag)" = "$etag" ] && first=$pid && issue &&
        req GET "/audio/$pid.wav" && [ "$(header ETag)" != "$etag" ] &&
        [ "$(header Content-Length)" = "$size" ] &&
        ! body_of_out | cmp -s - whole.wav && pid=$first'
    check "$1: a bank of cache_dir is another language" '
        add_bank de && req GET "/audio/$pid.wav?hl=de-AT" && status 200 &&
        [ "$(header ETag)" != "$etag" ] &&
        ! body_of_out | cmp -s - whole.wav &&
        req GET "/audio/$pid.wav?language=de" && [ "$(header ETag)" != "$etag" ] &&
        req GET "/audio/$pid.wav?hl=fr" && [ "$(header ETag)" = "$etag" ]'
    check "$1: HEAD" 'req HEAD "/audio/$pid.wav" && status 200 &&
        [ "$(header Content-Length)" = "$size" ] &&
        [ "$(header ETag)" = "$etag" ] && [ "$(body_of_out | wc -c)" = 0 ]'
    check "$1: a range is a part of it" 'part 0-1 0 2 && part 0- 0 "$size" &&
        part 0-999999 0 "$size" && part -44 $((size - 44)) 44 &&
        part $((size - 44))- $((size - 44)) 44 && part 70000-139999 70000 70000'
    check "$1: a range of another form is none" '
        for range in items=0-1 bytes=5-2 bytes=x bytes=0-1,4-5; do
            with HTTP_RANGE="$range" -- req GET "/audio/$pid.wav" &&
            status 200 && [ -z "$(header Content-Range)" ] &&
            body_of_out | cmp - whole.wav || return; done'
    check "$1: If-Range is the ETag, or there is no range" '
        with HTTP_IF_RANGE="$etag" -- part 0-1 0 2 &&
        for other in "\"x\"" "W/$etag" "Sun, 29 Nov 2026 06:40:00 GMT"; do
            with HTTP_IF_RANGE="$other" HTTP_RANGE=bytes=0-1 -- \
                req GET "/audio/$pid.wav" && status 200 &&
            body_of_out | cmp - whole.wav || return; done'
    check "$1: 416 beyond its end" '
        for range in "$size-" -0; do
            with HTTP_RANGE="bytes=$range" -- req GET "/audio/$pid.wav" &&
            status 416 && [ "$(header Content-Range)" = "bytes */$size" ] ||
                return; done'
    check "$1: 304 where the browser has it" '
        with HTTP_IF_NONE_MATCH="$etag" -- req GET "/audio/$pid.wav" &&
        status 304 && [ "$(body_of_out | wc -c)" = 0 ] &&
        [ "$(header ETag)" = "$etag" ]'
    check "$1: pages of allow_origin may read it" '
        with CAPTCHA_ALLOW_ORIGIN=https://a.example \
            HTTP_ORIGIN=https://a.example -- req GET "/audio/$pid.wav" &&
        { [ $MODE != cgi ] ||
            [ "$(header Access-Control-Allow-Origin)" = https://a.example ]; }'
}

digits()
{
    check "$1: its digits pass, once, and so does the code" '
        code=$(code_of "$pid") && answer "$(said "$pid")" &&
        has out "{\"success\":true}" && has "$LOG" "verdict=pass" &&
        has "$LOG" "mode=audio" && for other in "$(said "$pid")" "$code"; do
            answer "$other" && has out "[\"expired-or-used\"]" || return; done
        req GET "/audio/$pid.wav" && status 404 &&
        issue && answer "$(code_of "$pid")" && has out "{\"success\":true}" &&
        answer "$(said "$pid")" && has out "[\"expired-or-used\"]"'
    check "$1: with spaces and hyphens, and in other digits" '
        for form in "s/.../& /" "s/.../&-/" "y/0123456789/٠١٢٣٤٥٦٧٨٩/" \
            "y/0123456789/०१२३४५६७८९/" "y/0123456789/０１２３４５６７８９/"; do
            issue && answer "$(said "$pid" | LC_ALL=C.UTF-8 sed "$form")" &&
            has out "{\"success\":true}" || return; done'
    check "$1: other digits are wrong" 'issue && other=$pid && issue &&
        answer "$(said "$other")" && has out "[\"wrong\"]"'
    check "$1: two answers at once, by picture and by sound: one passes" '
        for _ in 1 2 3 4; do
            issue && rm -rf race && racers= &&
            for way in "$(code_of "$pid")" "$(said "$pid")"; do
                mkdir -p "race/$way" && {
                    (cd "race/$way" && answer "$way" >said 2>&1 &&
                        has out "{\"success\":true}" >said && : >won) & } &&
                racers="$racers $!"
            done
            for racer in $racers; do wait "$racer" || :; done
            [ "$(find race -name won | wc -l)" = 1 ] || return
        done'
}

# box PATH BODY: ask as a page of https://forum.example.org
box()
{
    with HTTP_ORIGIN=https://forum.example.org -- req POST "$1" "$2"
}

# new SITEKEY [MORE]: a challenge of a site, $sealed; the address of its sound is
# $audio, and $said what it says
new()
{
    box /box/new "k=$1${2-}" && status 200 &&
        sealed=$(body_of_out | sed -n 's/^{"pid":"\([^"]*\)".*/\1/p') &&
        audio=$(body_of_out |
            sed -n 's/.*"audio":"\/captcha\([^"]*\)".*/\1/p') &&
        newest && said=$(said "$pid")
}

# solve SITEKEY CODE
solve()
{
    box /box/answer "k=$1&pid=$sealed&code=$2" && status 200
}

# page SITEKEY: the page without scripts
page()
{
    with HTTP_REFERER=https://forum.example.org/x -- req GET "$F?k=$1"
}

sites()
{
    check "$1: a challenge of a site can be heard, by the address it gives" '
        new picture-audio &&
        has out "\"mode\":\"picture\",\"img\":\"data:image/png;base64," &&
        has out "\"length\":6,\"expires_in\":29" &&
        [ ${#audio} = 86 ] && [ "$audio" != "/audio/$sealed.wav" ] &&
        with HTTP_ORIGIN=https://forum.example.org -- req GET "$audio" &&
        status 200 && body_of_out | head -c 4 | grep -q RIFF &&
        [ "$(header Access-Control-Allow-Origin)" = https://forum.example.org ] &&
        body_of_out >whole.wav && req GET "/audio/$pid.wav" &&
        body_of_out | cmp - whole.wav'
    check "$1: and by no other" '
        for other in "/audio/$sealed.wav" "/audio/$(echo "${audio#/audio/}" |
            tr A-Z B-ZA)"; do
            req GET "$other" && status 404 || return; done
        heard=${audio#/audio/} && heard=${heard%.wav} &&
        box /box/answer "k=picture-audio&pid=$heard&code=$said" &&
        has out "[\"bad-request\"]"'
    check "$1: its digits give a token, once" '
        solve picture-audio "$said" && has out "{\"success\":true,\"token\":\"C1_" &&
        token=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        [ "$(sql "SELECT substr(note, 1, 8) FROM challenge
            WHERE note LIKE '\''token%'\''")" = "token 1 " ] &&
        solve picture-audio "$right" && has out "[\"expired-or-used\"]" &&
        req POST /siteverify "secret=$S-picture-audio&response=$token" &&
        has out "{\"success\": true, " &&
        req POST /verification/check "pid=${token#C1_}&code=$said" &&
        has_not out "true"'
    check "$1: the first of modes is shown first, or as the page says" '
        new audio-picture && has out "\"mode\":\"audio\",\"img\":" &&
        new audio-picture "&mode=picture" && has out "\"mode\":\"picture\"" &&
        solve audio-picture "$right" && has out "{\"success\":true" &&
        new audio-picture "&hl=de" && [ "$audio" != "${audio%?hl=de}" ]'
    check "$1: a site without audio gives no sound, and no digits pass" '
        new picture && has_not out audio && [ -z "$audio" ] &&
        req GET "/audio/$sealed.wav" && status 404 &&
        solve picture "$said" && has out "[\"wrong\"]" && has_not out "\"audio\"" &&
        new picture && solve picture "$right" && has out "{\"success\":true"'
    check "$1: a site of audio alone gives no picture, and no code passes" '
        new audio && has_not out "\"img\"" && has out "\"mode\":\"audio\"" &&
        req GET "/image/$sealed.png" && status 404 &&
        solve audio "$right" && has out "[\"wrong\"]" && has out "\"next\":{" &&
        new audio && solve audio "$said" && has out "{\"success\":true"'
    check "$1: the page without scripts has it, too" '
        page picture-audio && status 200 && has out "media-src '\''self'\''" &&
        audio=$(body_of_out | sed -n "s/.*src=\"\.\.\/\.\.\([^\"]*\)\".*/\1/p" |
            sed "s/&amp;/\&/g") && has out "data:image/png" &&
        req GET "$audio" && status 200 &&
        page picture && has_not out "/audio/" && has out "data:image/png" &&
        page audio && has out "/audio/" && has_not out "data:image/png" &&
        sealed=$(body_of_out | sed -n "s/.*name=\"pid\" value=\"\([^\"]*\)\".*/\1/p") &&
        newest && req POST "$F?k=audio" \
            "pid=$sealed&o=https://forum.example.org&code=$(said "$pid")" &&
        has out ">C1_"'
}

for mode in cgi fcgi; do
    new_world
    settings
    exits 0 "$CTL" init >/dev/null 2>&1 || :
    start $mode
    bytes $mode
    digits $mode
    sites $mode
    check "$mode: no log has digits, and no body is left" '
        has_not "$LOG" "$said" && has_not "$LOG" RIFF'
    stop
done

# --- without sound --------------------------------------------------------------

export CAPTCHA_AUDIO=no
new_world
start fcgi
check 'audio = no: no address, no sound, and digits do not pass' '
    req GET "/verification/get?audio=1" && status 200 && has_not out audio &&
    issue && req GET "/audio/$pid.wav" && status 404 &&
    req HEAD "/audio/$pid.wav" && status 404 &&
    req GET "/image/$pid.png" && status 200 && sleep 0 &&
    answer "$(said "$pid")" && has out "[\"wrong\"]"'
stop
unset CAPTCHA_AUDIO

# --- limits ---------------------------------------------------------------------

export CAPTCHA_AUDIO_LIMIT=1/2 REMOTE_ADDR=192.0.2.1
new_world
start fcgi
check 'a limit of sounds: 429, and when to come again' 'issue &&
    for _ in 1 2 3; do
        req HEAD "/audio/$pid.wav" && status 200 &&
        with HTTP_RANGE=bytes=64044- -- req GET "/audio/$pid.wav" && status 206 &&
        req GET /audio/0123456789abcdef.wav && status 404 || return
    done
    for _ in 1 2; do req GET "/audio/$pid.wav" && status 200 || return; done
    req GET "/audio/$pid.wav" && status 429 &&
    [ "$(header Retry-After)" -le 60 ] && has "$LOG" "issue=0 failed=0 audio=1" &&
    with HTTP_RANGE=bytes=64044- -- req GET "/audio/$pid.wav" && status 206 &&
    req GET "/image/$pid.png" && status 200 &&
    export REMOTE_ADDR=192.0.2.2 && req GET "/audio/$pid.wav" && status 200'
unset REMOTE_ADDR
check 'and counters' 'with REMOTE_ADDR=127.0.0.1 -- req GET /metrics &&
    has out "captcha_limited_total{what=\"audio\"} 1" &&
    has out "captcha_audio_total 7" && has out "captcha_checks_by_audio_total 0"'
stop
unset CAPTCHA_AUDIO_LIMIT
finish
