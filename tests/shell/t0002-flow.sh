# Issue, show, verify and replay: over CGI, over FastCGI with a process manager
# of its own, and with the listening socket as standard input.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi spawn-fcgi python3

is_png()
{
    [ "$(head -c 8 "$1" | od -An -t x1 | tr -d ' \n')" = 89504e470d0a1a0a ]
}

# The picture in the data: address of ./out.
picture_of_out()
{
    body_of_out | sed 's/.*data:image\/png;base64,\([^"]*\)".*/\1/' |
        base64 -d
}

# The bytes after the empty line; sed might change them.
bytes_of_out()
{
    n=$(sed '/^.$/q' out | wc -c)
    tail -c +$((n + 1)) out
}

# change COLUMNS: of the challenge $pid. SQL has text in single quotes, and so are
# the checks.
change()
{
    sql "UPDATE challenge SET $1 WHERE pid = '$pid'"
}

for mode in cgi fcgi spawn; do
    new_world
    check "$mode: starts" 'start $mode'

    check "$mode: the answer has a pid and a picture" '
        req GET /verification/get && status 200 &&
        has out "Content-Type: application/json" &&
        has out "Cache-Control: no-store" &&
        body_of_out | python3 -m json.tool >/dev/null &&
        picture_of_out >first.png && is_png first.png &&
        pid=$(body_of_out | sed "s/.*\"pid\":\"\([^\"]*\)\".*/\1/") &&
        [ "$(n_rows)" = 1 ] && [ "$(n_files)" = 0 ]'

    check "$mode: each request shows the same picture" '
        for i in 1 2 3; do
            req GET "/image/$pid.png" && status 200 &&
            has out "Content-Type: image/png" &&
            bytes_of_out >again.png && cmp first.png again.png ||
            return 1
        done'

    check "$mode: HEAD has the length and no body" '
        req HEAD "/image/$pid.png" && status 200 &&
        has out "Content-Length: $(wc -c <first.png | tr -d " ")" &&
        [ -z "$(bytes_of_out)" ]'

    check "$mode: the right answer passes once" '
        code=$(code_of "$pid") &&
        req POST /verification/check "pid=$pid&code=$code" &&
        status 200 && has out "{\"success\":true}" &&
        req POST /verification/check "pid=$pid&code=$code" &&
        status 200 && has out "\"success\":false" &&
        has out "expired-or-used" &&
        [ "$(n_rows)" = 0 ] && [ "$(n_files)" = 0 ]'

    check "$mode: and removes its picture" '
        req GET "/image/$pid.png" && status 404'

    check "$mode: a wrong answer uses the challenge up" '
        issue && code=$(code_of "$pid") &&
        req POST /verification/check "pid=$pid&code=nonsense" &&
        status 200 && has out "[\"wrong\"]" &&
        req POST /verification/check "pid=$pid&code=$code" &&
        has out "expired-or-used"'

    check "$mode: case and blanks do not count" '
        issue && code=$(code_of "$pid" | tr a-z A-Z) &&
        req POST /verification/check "code=++$code%20&pid=$pid" &&
        has out "{\"success\":true}"'

    check "$mode: an answer may come as JSON" '
        issue && code=$(code_of "$pid") &&
        req POST /verification/check \
            "{\"pid\":\"$pid\",\"code\":\"$code\"}" "$JSON" &&
        status 200 && has out "{\"success\":true}"'

    check "$mode: a number in JSON is its digits" '
        issue && change "code = 123" &&
        req POST /verification/check "{\"pid\":\"$pid\",\"code\":123.0}" \
            "$JSON" && status 400 && has out "may be a whole number" &&
        req POST /verification/check "{\"pid\":\"$pid\",\"code\":123}" \
            "$JSON" && status 200 && has out "{\"success\":true}"'

    check "$mode: an answer may come as multipart/form-data, as curl -F sends it" '
        issue && code=$(code_of "$pid") && for f in pid code; do
            printf -- "--xYz\r\nContent-Disposition: form-data; name=\"%s\"\r\n" $f
            eval "printf \"\\r\\n%s\\r\\n\" \"\$$f\""
        done >parts && printf -- "--xYz--\r\n" >>parts &&
        send parts POST /verification/check \
            "multipart/form-data; boundary=xYz" &&
        status 200 && has out "{\"success\":true}" &&
        send parts POST /verification/check \
            "multipart/form-data; boundary=xY" && status 400'

    check "$mode: ?img=url gives the address of a picture" '
        issue && has out "\"img\":\"/captcha/image/$pid.png\",\"expires_in\":300,\"width\":240,\"height\":80,\"kind\":\"text\"}"'

    check "$mode: the short address leads to the demo page" '
        for p in / ""; do
            req GET "$p" && status 302 && has out "Location: /captcha/demo" ||
            return 1
        done'

    check "$mode: an expired challenge does not pass" '
        issue && code=$(code_of "$pid") &&
        change "expires_unix_ms = created_unix_ms" &&
        req GET "/image/$pid.png" && status 404 &&
        req POST /verification/check "pid=$pid&code=$code" &&
        status 200 && has out "expired-or-used"'

    check "$mode: a lost picture is drawn again" '
        issue && req GET "/image/$pid.png" && bytes_of_out >a.png &&
        find "$CACHE" -name "$pid.png" -exec rm {} + &&
        req GET "/image/$pid.png" && status 200 &&
        bytes_of_out >b.png && is_png b.png && cmp a.png b.png'

    check "$mode: a picture is the same in colours for a dark page" '
        issue && req GET "/image/$pid.png" && bytes_of_out >a.png &&
        req GET "/image/$pid.png?theme=dark" && bytes_of_out >b.png &&
        is_png b.png && req GET "/image/$pid.png?theme=light" &&
        bytes_of_out >c.png && cmp a.png c.png && ! cmp a.png b.png &&
        [ "$(wc -c <a.png)" = "$(wc -c <b.png)" ] &&
        tail -c +100 a.png >a && tail -c +100 b.png >b && cmp a b'

    check "$mode: answers show no internal details" '
        for p in /image/0000000000000000.png /nothing; do
            req GET $p && status 404 && has_not out "$TRASH" ||
            return 1
        done'

    check "$mode: health is 200" '
        req GET /healthz && status 200 &&
        has out "{\"ok\":true,\"store\":\"ok\",\"cache\":\"ok\"}" &&
        REMOTE_ADDR=192.0.2.1 req GET /healthz && status 200 &&
        has out "{\"ok\":true}"'

    check "$mode: only the owner can read the files" '
        [ -z "$(find "$DATA" "$CACHE" -type f ! -perm 600)" ] &&
        [ -z "$(find "$CACHE" -type d ! -perm 700)" ]'

    check "$mode: nothing was logged" '[ ! -s "$LOG" ]'
    check "$mode: SIGTERM ends it well" 'stop'
done

# CGI hands out ready pictures without a font.
new_world
start cgi
export CAPTCHA_POOL_SIZE=4
# A broken font of the same size and time: only reading it finds out.
check 'cgi: a filled pool needs no font' '
    cp "$CF_SRCDIR/tests/data/sans.ttf" font.ttf && cp -p font.ttf good.ttf &&
    export CAPTCHA_FONTS="$TRASH/font.ttf" && "$CTL" fill >/dev/null &&
    [ "$(n_files)" = 4 ] &&
    head -c "$(wc -c <good.ttf)" /dev/zero >font.ttf &&
    touch -r good.ttf font.ttf && ! "$CTL" render --out drawn 2>/dev/null &&
    issue && unset CAPTCHA_FONTS && code=$(code_of "$pid") &&
    [ "$(find "$CACHE" -path "*/live/$pid.png" | wc -l)" = 1 ] &&
    [ "$(find "$CACHE" -path "*/ready-*/*" -name "*.png" | wc -l)" = 3 ] &&
    req POST /verification/check "pid=$pid&code=$code" &&
    has out "{\"success\":true}"'

new_world
check 'fcgi: the service fills the pool by itself' '
    start fcgi && soon eval "[ \$(n_files) = 4 ]" && issue &&
    soon eval "[ \$(find $CACHE -path \"*/ready-*/*.png\" | wc -l) = 4 ]" &&
    stop'

# CGI and FastCGI share the store.
new_world
check 'a challenge of FastCGI passes over CGI, once' '
    start fcgi && issue && code=$(code_of "$pid") && MODE=cgi &&
    req POST /verification/check "pid=$pid&code=$code" &&
    has out "{\"success\":true}" && MODE=fcgi &&
    req POST /verification/check "pid=$pid&code=$code" &&
    has out "expired-or-used" && stop'

finish
