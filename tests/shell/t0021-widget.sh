# What browsers load, over CGI and FastCGI: the element and its texts, the page
# without scripts, and the demo page with a token.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

# so short a life has no reserve: the newest row is the challenge handed out
export CAPTCHA_TTL_S=29 CAPTCHA_LOG_LEVEL=debug
S=s3cret-for-tests-0123456789_ABCDEFGHIJ-abcde
F=/recaptcha/api/fallback

settings()
{
    cat >"$CAPTCHA_CONFIG" <<END
sites_dir = $TRASH/none
[site forum]
sitekey = forum-key
secret = $S
hostnames = forum.example.org *.example.net
[site many]
sitekey = many-key
secret = $S-many
hostnames = $(for i in $(seq 330); do printf 'h%s ' $((i % 10)); done)x.example
[site own]
sitekey = own-key
secret = $S-own
[site german]
sitekey = german-key
secret = $S-german
hostnames = any
flavours = turnstile
language = de
theme = dark
END
    chmod 600 "$CAPTCHA_CONFIG"
}

files()
{
    check "$1: the element, and pages of any site may load it" '
        req GET /widget.js && status 200 &&
        has out "Content-Type: text/javascript; charset=utf-8" &&
        has out "Cache-Control: public, max-age=300, stale-while-revalidate=86400" &&
        has out "Access-Control-Allow-Origin: *" &&
        has out "Cross-Origin-Resource-Policy: cross-origin" &&
        has out "X-Content-Type-Options: nosniff" &&
        has out "Vary: Accept-Encoding" && has_not out "Cache-Control: no-store" &&
        has_not out Content-Encoding && has out "customElements.define(" &&
        has_not out "@HASH@" && has_not out "@TAGS@" &&
        has_not out "@ENGLISH@" && body_of_out >plain.js &&
        etag=$(sed -n "s/^ETag: \(.*\)\r$/\1/p" out) && [ ${#etag} = 10 ]'
    check "$1: it builds no code or HTML from text" '
        has_not plain.js innerHTML && has_not plain.js "eval(" &&
        has_not plain.js "new Function" && has_not plain.js "http://1"'
    check "$1: gzip, where the browser takes it, with an ETag of its own" '
        for yes in gzip "deflate, GZIP;q=0.5" "br,gzip;q=1.000"; do
            with HTTP_ACCEPT_ENCODING="$yes" -- req GET /widget.js &&
            status 200 && has out "Content-Encoding: gzip" &&
            has out "ETag: ${etag%?}-gzip\"" && body_of_out >zip.js.gz &&
            gzip -dc zip.js.gz | cmp - plain.js || return; done
        for no in br "gzip;q=0" "gzip; q=0.00" ""; do
            with HTTP_ACCEPT_ENCODING="$no" -- req GET /widget.js &&
            has_not out Content-Encoding || return; done'
    check "$1: it has at most 10 kB" '[ $(wc -c <zip.js.gz) -le 10000 ] &&
        echo "# widget.js: $(wc -c <zip.js.gz) bytes"'
    check "$1: 304 where the browser has it" '
        for known in "$etag" "W/$etag" "\"x\", $etag" "*"; do
            with HTTP_IF_NONE_MATCH="$known" -- req GET /widget.js &&
            status 304 && has out "ETag: $etag" &&
            has out "Cache-Control: public" && has_not out Content-Length &&
            ! grep -q ^Content-Type out && [ "$(body_of_out | wc -c)" = 0 ] ||
                return; done
        for other in "\"x\"" "${etag%?}-gzip\"" "${etag#?}"; do
            with HTTP_IF_NONE_MATCH="$other" -- req GET /widget.js &&
            status 200 || return; done'
    check "$1: HEAD" 'req HEAD /widget.js && status 200 &&
        has out "Content-Length: $(wc -c <plain.js)" &&
        [ "$(body_of_out | wc -c)" = 0 ] && req POST /widget.js && status 405'
    check "$1: texts, at an address that changes with them" '
        texts=/$(sed -n "s/.*\"\(assets\/[0-9a-f]*\/\)\".*/\1/p" plain.js) &&
        for tag in de ar zh-CN; do
            req GET "$texts$tag.json" && status 200 &&
            has out "Content-Type: application/json; charset=utf-8" &&
            has out "Cache-Control: public, max-age=31536000, immutable" &&
            has out "Access-Control-Allow-Origin: *" &&
            has out "\"dir\":\"" || return; done
        for none in "${texts}xx.json" /assets/00000000/de.json /assets/ \
            /assets "$texts" "$texts../widget.js" "/assets/$(printf %0300d 0)"
        do
            req GET "$none" && status 404 && has out no-store || return; done'
    check "$1: texts have at most 3 kB" '
        for tag in de ar ru ja; do
            with HTTP_ACCEPT_ENCODING=gzip -- req GET "$texts$tag.json" &&
            [ $(body_of_out | wc -c) -le 3000 ] || return; done'
}

apis()
{
    check "$1: api.js at each of its addresses: the same bytes for all" '
        for path in /recaptcha/api.js /recaptcha/enterprise.js /1/api.js \
            /hcaptcha/1/api.js /turnstile/v0/api.js; do
            req GET "$path" && status 200 && body_of_out >plain.js &&
            has out "Content-Type: text/javascript; charset=utf-8" &&
            has out "Cache-Control: public, max-age=300, stale-while-revalidate=86400" &&
            has out "Access-Control-Allow-Origin: *" &&
            has out "Cross-Origin-Resource-Policy: cross-origin" &&
            has_not plain.js "@FLAVOUR@" && has_not plain.js innerHTML &&
            with HTTP_HOST=x.example HTTP_ACCEPT_LANGUAGE=de -- \
                req GET "$path?onload=x&render=explicit&hl=de" &&
            body_of_out | cmp - plain.js &&
            with HTTP_ACCEPT_ENCODING=gzip -- req GET "$path" &&
            body_of_out >zip.js.gz && gzip -dc zip.js.gz | cmp - plain.js &&
            [ $(wc -c <zip.js.gz) -le 6000 ] || return; done'
    check "$1: a flavour is not another" '
        req GET /1/api.js && has out h-captcha && has_not out cf-turnstile'
}

frame()
{
    check "$1: a box for a page of the site: no challenge, and 3 kB" '
        sql "DELETE FROM challenge" && req GET \
            "/frame?part=box&k=forum-key&o=https://forum.example.org&hl=de" &&
        status 200 && has out "frame-ancestors https://forum.example.org" &&
        has out "Ich bin ein Mensch" && has_not out Set-Cookie &&
        [ -z "$(sql "SELECT 1 FROM challenge")" ] &&
        for part in box challenge; do for hl in ar ru ja; do
            req GET "/frame?part=$part&k=forum-key&o=https://forum.example.org&hl=$hl" &&
            [ $(body_of_out | gzip -9 | wc -c) -le 3000 ] || return
        done; done'
    check "$1: its script and style are there" '
        for file in $(body_of_out | grep -o "assets/[0-9a-f]*/frame\.[a-z]*"); do
            req GET "/$file" && status 200 && has out immutable || return
        done && req GET /frame?part=box && status 403'
    check "$1: a frame asks in the name of the page around" '
        sql "DELETE FROM challenge" &&
        with HTTP_HOST=c.example HTTP_ORIGIN=https://c.example -- req POST \
            /box/new "k=forum-key&o=https://forum.example.org" && status 200 &&
        sealed=$(body_of_out | sed -n "s/^{\"pid\":\"\([0-9A-Za-z_-]*\)\".*/\1/p") &&
        newest && with HTTP_HOST=c.example HTTP_ORIGIN=https://c.example -- \
            req POST /box/answer "k=forum-key&pid=$sealed&code=$right&o=https://forum.example.org" &&
        token=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        req POST /siteverify "secret=$S&response=$token" &&
        has out "\"hostname\": \"forum.example.org\""'
}

# page SITEKEY [LANGUAGE]: what a frame gets, in a page of $REFERER
page()
{
    with HTTP_REFERER="${REFERER-https://forum.example.org/thread?x=1}" -- \
        req GET "$F?k=$1${2:+&hl=$2}"
}

# field NAME: its value in the page
field()
{
    body_of_out | sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" |
        head -n 1
}

fallback()
{
    check "$1: without scripts: a form for a frame of the page" '
        sql "DELETE FROM challenge" && page forum-key && status 200 &&
        has out "Content-Type: text/html; charset=utf-8" &&
        has out "Cache-Control: no-store" && has_not out Set-Cookie &&
        has_not out "<script" && has out "<html lang=\"en\" dir=\"ltr\">" &&
        has out "default-src '\''none'\''; img-src data:; media-src '\''self'\''; style-src '\''nonce-" &&
        has out "frame-ancestors https://forum.example.org" &&
        has out "src=\"data:image/png;base64," &&
        has out "<source media=\"(prefers-color-scheme: dark)\" srcset=\"data:" &&
        sealed=$(field pid) && [ ${#sealed} = 75 ] &&
        [ "$(field o)" = https://forum.example.org ] && newest'
    check "$1: a right answer shows a token, which a copy with blanks passes" '
        req POST "$F?k=forum-key" "pid=$sealed&o=https://forum.example.org&code=$right" &&
        status 200 && token=$(body_of_out |
            sed -n "s/.*<textarea[^>]*>\(C1_[^<]*\)<.*/\1/p") &&
        [ ${#token} = 63 ] && req POST /siteverify "secret=$S&response=%20%0A%20$token%0A" &&
        has out "{\"success\": true, " &&
        has out "\"hostname\": \"forum.example.org\"" &&
        req POST /siteverify "secret=$S&response=%20%0A%20" &&
        has out "missing-input-response"'
    check "$1: a wrong answer shows another picture, and keeps the page" '
        page forum-key && sealed=$(field pid) && newest &&
        req POST "$F?k=forum-key" "pid=$sealed&o=https://forum.example.org&code=zzz" &&
        status 200 && has out "Not right." && has out "aria-invalid=\"true\"" &&
        [ "$(field o)" = https://forum.example.org ] &&
        [ "$(field pid)" != "$sealed" ] &&
        has out "frame-ancestors https://forum.example.org"'
    check "$1: the button for another picture blames nobody" '
        req POST "$F?k=forum-key" "o=https://forum.example.org" && status 200 &&
        has out "aria-invalid=\"false\"" && has out "<p id=\"error\" class=\"bad\"></p>"'
    check "$1: its language is that of hl, or of the browser" '
        page forum-key ar && has out "<html lang=\"ar\" dir=\"rtl\">" &&
        with HTTP_ACCEPT_LANGUAGE="xx, de;q=0.5" -- page forum-key &&
        has out "<html lang=\"de\" dir=\"ltr\">" && has out "Neue Aufgabe" &&
        page forum-key %22%3E && has out "<html lang=\"en\""'
    check "$1: a page of another host is refused, in words for its owner" '
        REFERER=https://evil.example/ page forum-key && status 403 &&
        has out "not for pages of evil.example" && has_not out "data:image/png" &&
        req POST "$F?k=forum-key" "pid=x&code=x&o=https://evil.example" &&
        status 403 && page nobody && status 403 && has out "nobody" &&
        req GET "$F" && status 403'
    check "$1: without Referer the browser decides by frame-ancestors" '
        req GET "$F?k=forum-key" && status 200 && [ -z "$(field o)" ] &&
        has out "frame-ancestors http://forum.example.org:* https://forum.example.org:* http://*.example.net:* https://*.example.net:*" &&
        sealed=$(field pid) && newest &&
        req POST "$F?k=forum-key" "pid=$sealed&o=&code=$right" &&
        token=$(body_of_out | sed -n "s/.*<textarea[^>]*>\(C1_[^<]*\)<.*/\1/p") &&
        req POST /siteverify "secret=$S&response=$token" &&
        has out "{\"success\": true, " && has_not out hostname &&
        req GET "$F?k=own-key" && has out "frame-ancestors '\''self'\''"'
    check "$1: the longest list of hosts fits into the policy" '
        req GET "$F?k=many-key" && status 200 &&
        has out " h0:* x.example:*"'
    check "$1: a page of the host itself needs no Referer" '
        with HTTP_SEC_FETCH_SITE=same-origin HTTP_HOST=localhost -- \
            req GET "$F?k=own-key" && has out "frame-ancestors '\''self'\''" &&
        [ "$(field o)" = same ] && sealed=$(field pid) && newest &&
        with HTTP_HOST=localhost -- req POST "$F?k=own-key" \
            "pid=$sealed&o=same&code=$right" &&
        token=$(body_of_out | sed -n "s/.*<textarea[^>]*>\(C1_[^<]*\)<.*/\1/p") &&
        req POST /siteverify "secret=$S-own&response=$token" &&
        has out "\"hostname\": \"localhost\"" &&
        with HTTP_SEC_FETCH_SITE=same-origin HTTP_HOST=localhost -- \
            req GET "$F?k=forum-key" && [ -z "$(field o)" ]'
    check "$1: no Referer gets other words into the policy" '
        for bad in "https://forum.example.org;x/" "https://forum.example.org x/" \
            "javascript://forum.example.org/" "ftp://forum.example.org/"; do
            REFERER="$bad" page forum-key &&
            has out "frame-ancestors http://forum" || return; done'
    check "$1: the challenge of a frame is answered for its site alone" '
        page forum-key && sealed=$(field pid) && newest &&
        with HTTP_HOST=localhost -- req POST "$F?k=own-key" \
            "pid=$sealed&o=http://localhost&code=$right" && status 200 &&
        has_not out ">C1_" &&
        req POST "$F?k=forum-key" "pid=$sealed&o=https://forum.example.org&code=$right" &&
        has out "C1_"'
}

# What a site says where a page says nothing: german, dark, and not hCaptcha's.
own_ways()
{
    G="part=box&k=german-key&o=https://a.example"
    check "$1: a site has a language and a theme" '
        with HTTP_ACCEPT_LANGUAGE=fr -- req GET "/frame?$G" && status 200 &&
        has out "<html lang=\"de\" dir=\"ltr\" class=\"dark\"" &&
        with HTTP_ACCEPT_LANGUAGE=fr -- page german-key && status 200 &&
        has out "<html lang=\"de\" dir=\"ltr\">" &&
        has out "color-scheme: dark;" && has out "@media all {" &&
        has_not out "<source"'
    check "$1: a page may say another" '
        req GET "/frame?$G&hl=fr&theme=light" && status 200 &&
        has out "<html lang=\"fr\" dir=\"ltr\" class=\"light\"" &&
        page german-key ar && has out "<html lang=\"ar\"" &&
        page forum-key && has out "color-scheme: light dark;" &&
        has out "@media (prefers-color-scheme: dark) {"'
    check "$1: a flavour that the site lacks does not know its keys" '
        req GET "/frame?$G&f=turnstile" && status 200 &&
        req GET "/frame?$G&f=hcaptcha" && status 403 && has out german-key &&
        req GET "/checksiteconfig?sitekey=german-key&host=a.example" &&
        has out "Invalid sitekey." &&
        req POST /box/new "k=german-key&o=https://a.example" && status 200 &&
        sealed=$(body_of_out | sed -n "s/^{\"pid\":\"\([0-9A-Za-z_-]*\)\".*/\1/p") &&
        newest && req POST /box/answer "k=german-key&pid=$sealed&code=$right&o=https://a.example" &&
        token=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        req POST /siteverify "secret=$S-german&response=$token" &&
        has out "[\"sitekey-secret-mismatch\"]" &&
        req POST /turnstile/v0/siteverify "secret=$S-german&response=$token" &&
        has out "{\"success\": true, "'
}

demo()
{
    check "$1: the demo page has the element of a site for this host" '
        with HTTP_HOST=localhost:8080 -- req GET /demo && status 200 &&
        has out "<captcha-box sitekey=\"own-key\" required>" &&
        has_not out "k=forum-key" && with HTTP_HOST=a.example.net -- \
            req GET "/demo?k=forum-key" &&
        has out "<captcha-box sitekey=\"forum-key\" required>" &&
        has out "action=\"?k=forum-key\"" &&
        with HTTP_HOST=other.example HTTP_ORIGIN=x -- req GET "/demo?profile=default" &&
        has_not out "<captcha-box sitekey="'
    check "$1: and redeems its token, once" '
        with HTTP_HOST=localhost HTTP_ORIGIN=http://localhost -- \
            req POST /box/new k=own-key && status 200 &&
        sealed=$(body_of_out | sed -n "s/^{\"pid\":\"\([0-9A-Za-z_-]*\)\".*/\1/p") &&
        newest && with HTTP_HOST=localhost HTTP_ORIGIN=http://localhost -- \
            req POST /box/answer "k=own-key&pid=$sealed&code=$right" &&
        token=$(body_of_out | sed -n "s/.*\"token\":\"\([^\"]*\)\".*/\1/p") &&
        for says in "class=\"good\" role=\"status\">That is right." \
            "class=\"bad\" role=\"status\">That picture has expired or was answered"; do
            with HTTP_HOST=localhost -- req POST /demo \
                "captcha-response=$token&pid=x&code=" && status 200 &&
            has out "$says" || return; done
        with HTTP_HOST=localhost -- req POST /demo "captcha-response=x" &&
        status 200 && has out "class=\"bad\""'
}

new_world
check 'captchactl assets prints the hashes for integrity' '
    "$CTL" assets >list && [ $(wc -l <list) = 55 ] &&
    grep -q "^/widget.js	sha256-[0-9A-Za-z+/]\{43\}=$" list'
for mode in cgi fcgi; do
    new_world
    settings
    exits 0 "$CTL" init >/dev/null 2>&1 || :
    start $mode
    files $mode
    check "$mode: the hash is that of the file" 'req GET /widget.js && body_of_out | sha256sum |
        cut -d " " -f 1 >wanted &&
        sed -n "s/^\/widget.js	sha256-//p" list | base64 -d | od -An -v -tx1 |
        tr -d " \n" | cmp -n 64 - wanted'
    apis $mode
    frame $mode
    fallback $mode
    own_ways $mode
    demo $mode
    check "$mode: no log has a token or a query" 'has_not "$LOG" C1_ &&
        has_not "$LOG" forum-key && has_not "$LOG" hl='
    stop
done

# --- limits ---------------------------------------------------------------------

export CAPTCHA_ISSUE_LIMIT=1/1 CAPTCHA_FAILED_LIMIT=1/1 REMOTE_ADDR=192.0.2.1
new_world
settings
start fcgi
check 'a page that is refused costs no challenge' '
    for _ in 1 2; do
        REFERER=https://evil.example/ page forum-key && status 403 || return
    done'
check 'a limit of challenges, and one of answers: the page says so' '
    page forum-key && status 200 && page forum-key && status 429 &&
    has out "Retry-After: " && has out "Too many tries. Wait 60 seconds." &&
    has out "Content-Type: text/html" && has_not out "data:image/png" &&
    has out "frame-ancestors https://forum.example.org" &&
    for _ in 1 2; do
        req POST "$F?k=forum-key" "pid=x&code=x&o=https://forum.example.org" &&
        status 429 && has out "Too many tries." || return; done'
# cross MODE COMMAND...: as a page of another site has the browser ask
cross()
{
    (
        export HTTP_SEC_FETCH_SITE=cross-site HTTP_SEC_FETCH_MODE="$1"
        shift
        "$@"
    )
}
check 'a page of another site uses up nothing of its visitor' '
    export REMOTE_ADDR=192.0.2.2 && for _ in 1 2; do
        cross no-cors req GET "$F?k=forum-key" && status 403 &&
        REFERER=https://evil.example/ cross navigate page forum-key &&
        status 403 && cross navigate req POST "$F?k=forum-key" \
            "pid=x&code=x&o=https://forum.example.org" && status 403 &&
        cross navigate req POST "$F?k=forum-key" \
            "o=https://forum.example.org" && status 403 &&
        cross navigate req GET "$F?k=forum-key" && status 200 &&
        has_not out "data:image/png" || return; done'
check 'an unknown one gets a picture by the button' '
    has out "class=\"new again\"" && [ -z "$(field o)" ] &&
    has out "frame-ancestors http://forum.example.org:*" &&
    with HTTP_SEC_FETCH_SITE=same-origin -- req POST "$F?k=forum-key" "o=" &&
    status 200 && has out "data:image/png"'
check 'a page of the site gets one at once, and who follows a link' '
    export REMOTE_ADDR=192.0.2.3 && cross navigate page forum-key &&
    status 200 && has out "data:image/png" && export REMOTE_ADDR=192.0.2.4 &&
    with HTTP_SEC_FETCH_DEST=document HTTP_SEC_FETCH_USER="?1" -- \
        cross navigate req GET "$F?k=forum-key" && status 200 &&
    has out "data:image/png" && export REMOTE_ADDR=192.0.2.1'
check 'files have no limit' 'for _ in 1 2 3; do
    req GET /widget.js && status 200 || return; done'
stop

finish
