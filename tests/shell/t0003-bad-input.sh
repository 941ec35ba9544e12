# Wrong requests: each gets its status, and none changes the store or the cache.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

# same STATUS TEXT: the answer in ./out has both, and nothing has changed.
same()
{
    status "$1" && has out "${2-}" && has_not out "$TRASH" &&
        has_not out SELECT && state_of_world >after &&
        cmp before after
}

# bad WHAT STATUS TEXT METHOD PATH [BODY [TYPE]]
bad()
{
    what=$1 want=$2 text=$3
    shift 3
    arg_method=$1 arg_path=$2 arg_body=${3-} arg_type=${4-$FORM}
    check "$mode: $what is $want" '
        req "$arg_method" "$arg_path" "$arg_body" "$arg_type" &&
        same "$want" "$text"'
}

CHECK=/verification/check
for mode in cgi fcgi; do
    new_world
    start $mode
    issue
    code=$(code_of "$pid")
    state_of_world >before
    good="pid=$pid&code=$code"

    # routes and methods
    bad 'an unknown route' 404 problem+json GET /nothing
    bad 'POST to the short address' 405 'Allow: GET, HEAD' POST ''
    bad 'a route with a slash too many' 404 '' GET /verification/get/
    bad 'a route in another case' 404 '' GET /Verification/Get
    bad 'a path upwards' 404 '' GET /image/../../../etc/passwd
    bad 'a path upwards to a picture' 404 '' GET "/image/../$pid.png"
    bad 'an escaped path' 404 '' GET /image/%2e%2e%2fpasswd.png
    bad 'an unknown method' 405 'Allow: GET' BREW /verification/get
    bad 'POST where GET is meant' 405 'Allow: GET' POST /verification/get
    bad 'GET where POST is meant' 405 'Allow: POST' GET $CHECK
    bad 'PUT of a picture' 405 'Allow: GET, HEAD' PUT "/image/$pid.png"
    bad 'DELETE of a picture' 405 '' DELETE "/image/$pid.png"

    # pids
    for p in '' x 0000000000000000 000000000000000 00000000000000000 \
        '../../etc/passwd' '0000000000000%00' "$(printf '\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251')" \
        "0000000'OR'1'='1" '$(reboot)0000000'; do
        bad "a picture of pid \"$p\"" 404 '' GET "/image/$p.png"
    done
    bad 'a pid of 5000 bytes in the path' 404 '' GET \
        "/image/$(head -c 5000 /dev/zero | tr '\000' a).png"
    for p in x 000000000000000 00000000000000000 ../../etc/passwd \
        '%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9' \
        '000000000000000%0A' "$pid%00" "$pid." "%00$pid"; do
        bad "a check of pid \"$p\"" 200 bad-request POST $CHECK \
            "pid=$p&code=$code"
    done
    bad 'a check of an unknown pid' 200 expired-or-used POST $CHECK \
        "pid=0000000000000000&code=$code"

    # fields
    bad 'no pid' 200 '["missing-pid"]' POST $CHECK "code=$code"
    bad 'no code' 200 '["missing-code"]' POST $CHECK "pid=$pid"
    bad 'an empty code' 200 '["missing-code"]' POST $CHECK "pid=$pid&code="
    bad 'neither' 200 '["missing-pid","missing-code"]' POST $CHECK ''
    bad 'a pid twice' 400 bad-request POST $CHECK "$good&pid=$pid"
    bad 'a code twice' 400 bad-request POST $CHECK "$good&code=$code"
    bad 'a bad escape' 400 bad-request POST $CHECK "$good&x=%zz"
    bad 'half an escape' 400 bad-request POST $CHECK "$good&x=%4"
    bad 'a field that is too long' 400 bad-request POST $CHECK \
        "$good&x=$(head -c 300 /dev/zero | tr '\000' a)"
    bad 'a query that is too long' 400 '' GET \
        "/verification/get?x=$(head -c 2000 /dev/zero | tr '\000' a)"
    bad 'an unknown kind of picture' 400 '' GET '/verification/get?img=gif'

    # JSON
    for j in '' '{' '[]' 'null' '"x"' "{\"pid\":\"$pid\"" '{"pid":}' \
        "{\"pid\":\"$pid\",\"code\":\"$code\"} x" \
        "{\"pid\":\"$pid\",\"pid\":\"$pid\",\"code\":\"$code\"}" \
        "{\"pid\":[\"$pid\"],\"code\":\"$code\"}" \
        "{\"pid\":\"$pid\",\"code\":7.5}" \
        "{\"pid\":\"$pid\",\"code\":{\"x\":\"$code\"}}" \
        "$(printf '{"pid":"\377","code":"x"}')"; do
        [ -n "$j" ] || continue
        bad "the JSON $(printf %s "$j" | head -c 40 | tr -dc ' -~')" 400 \
            bad-request POST $CHECK "$j" "$JSON"
    done
    bad 'JSON of 1500 levels' 400 bad-request POST $CHECK \
        "{\"pid\":$(head -c 1500 /dev/zero | tr '\000' '[')$(
            head -c 1500 /dev/zero | tr '\000' ']')}" "$JSON"

    # content types
    for t in text/plain multipart/mixed application/xml \
        'application/json2' 'x' ''; do
        bad "the type \"$t\"" 415 problem+json POST $CHECK "$good" "$t"
    done

    # lengths
    printf %s "$good" >body
    check "$mode: a body shorter than it says is 400" '
        send body POST $CHECK "$FORM" $(($(wc -c <body) + 10)) &&
        same 400 bad-request'
    check "$mode: a length that is no number is 400" '
        send body POST $CHECK "$FORM" -5 && same 400 bad-request'
    check "$mode: a length past 64 bits is 413" '
        send body POST $CHECK "$FORM" 99999999999999999999 &&
        same 413'
    head -c 5000 /dev/zero | tr '\000' a >large
    check "$mode: a body past the limit is 413" '
        send large POST $CHECK "$FORM" && same 413 problem+json'
    head -c 1048576 /dev/zero | tr '\000' a >large
    check "$mode: a body of 1 MB is 413" '
        { send large POST $CHECK "$FORM" || :; } && same 413'
    check "$mode: a body of zeros is 400 or missing, never taken" '
        head -c 1000 /dev/zero >zeros &&
        send zeros POST $CHECK "$FORM" && state_of_world >after &&
        cmp before after && has_not out "\"success\":true"'
    if [ $mode = cgi ]; then
        # over FastCGI the web server ends the body where it says
        check "$mode: a body longer than it says is 400" '
            send body POST $CHECK "$FORM" \
                $(($(wc -c <body) - 1)) && same 400 bad-request'
    fi

    # none of these requests used the challenge
    check "$mode: the challenge still passes" '
        req POST $CHECK "$good" && status 200 &&
        has out "{\"success\":true}"'
    check "$mode: the log has no code and no pid" '
        has_not "$LOG" "$code" && has_not "$LOG" "$pid"'
    check "$mode: ends well" 'stop'
done

# The log at its most detailed level.
new_world
check 'the log escapes what clients send, and has no code' '
    export CAPTCHA_LOG_LEVEL=debug && start cgi && issue &&
    code=$(code_of "$pid") &&
    req POST $CHECK "pid=$pid&code=$code" &&
    req POST $CHECK "pid=$pid&code=$code&x=%zz" &&
    req GET "$(printf "/x\nts=1 level=error event=forged")" &&
    [ "$(grep -cv "^ts=20" "$LOG")" = 0 ] && has "$LOG" event=request &&
    has_not "$LOG" "=$code" && has_not "$LOG" "ts=1 "'

finish
