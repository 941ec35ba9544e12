#!/bin/sh
# A process is stopped (SIGSTOP) while it holds a lock: the service answers 503
# after store_timeout_ms, and goes on when the process does.
. "$(dirname "$0")/lib.sh"

# Start a process that locks the database until ./held is closed; stop it.
hold_database()
{
    rm -f held locked && mkfifo held &&
        { sqlite3 "$DB" <held >/dev/null & } && HOLDER=$! && exec 9>held &&
        printf '.timeout 60000\nBEGIN IMMEDIATE;\n.shell touch locked\n' >&9 &&
        soon test -e locked && stop_holder
}

# Likewise a process with the lock of the queue of CGI processes.
hold_queue()
{
    rm -f held && mkfifo held &&
        { flock "$DATA" sh -c 'touch locked; read -r end || :' <held & } &&
        HOLDER=$! && exec 9>held && soon test -e locked && stop_holder
}

stop_holder()
{
    kill -STOP "$HOLDER" && soon grep -q '^State:.T' "/proc/$HOLDER/status"
}

let_go()
{
    kill -CONT "$HOLDER" && exec 9>&- && wait "$HOLDER" && rm -f held locked
}

for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: challenges are live" issue_two
    check "$mode: a process with the write lock is stopped" hold_database
    check "$mode: issuing is 503" '
        issuing_stops && has out "Retry-After: 1" &&
        has "$LOG" "status=busy"'
    check "$mode: a right answer is 503" '
        req POST /verification/check "pid=$pid&code=$code" && status 503 &&
        has_not out "\"success\":true"'
    check "$mode: when the process goes on the answer is accepted, once" '
        let_go && accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: and all is well" 'refuses "$pid2" "${code2}X" && goes_on'
    check "$mode: ends well" stop
done

new_world
start cgi
check 'cgi: challenges are live' issue_two
check 'cgi: the first process of the queue is stopped' hold_queue
check 'cgi: issuing is 503' '
    req GET /verification/get && status 503 && has out "Retry-After: 1" &&
    has "$LOG" "holds its lock on $DATA"'
check 'cgi: a right answer is 503' '
    req POST /verification/check "pid=$pid&code=$code" && status 503'
check 'cgi: when the process goes on the answer is accepted, once' '
    let_go && accepts "$pid" "$code" && refuses "$pid" "$code" && goes_on'

# A worker that is stopped while it serves does not block the others.
new_world
rm -f "$SOCK"
launch "$CAPTCHA" --listen "unix:$SOCK" --workers 3
check 'fcgi: three workers' 'MODE=fcgi && soon is_listening "$SOCK" && goes_on'
# others_serve WORKER: while it is stopped. A worker that holds the lock of the
# database just then is stopped once more.
others_serve()
{
    for _ in 1 2 3 4 5; do
        ! goes_on || return 0
        kill -CONT "$1" && sleep 0.1 && kill -STOP "$1" &&
            soon grep -q '^State:.T' "/proc/$1/status" || return
    done
    return 1
}
check 'fcgi: each in turn is stopped, and the others serve' '
    for worker in $(workers); do
        # requests that it has accepted wait
        (for _ in $(seq 20); do
            timeout 1 sh -c "printf x | REQUEST_METHOD=GET \
                PATH_INFO=/verification/get CONTENT_LENGTH=0 \
                cgi-fcgi -bind -connect $SOCK" >/dev/null 2>&1
        done) &
        load=$!
        kill -STOP "$worker" && wait $load
        others_serve "$worker" || return 1
        kill -CONT "$worker"
    done'
check 'fcgi: all is well' 'goes_on && intact'

# The master kills it after a minute. The others, without a request for so long,
# are idle and live.
check 'fcgi: a worker that stays stopped is killed' '
    : >"$LOG" && before=$(workers) &&
    hung=$(echo "$before" | head -n 1) && kill -STOP "$hung" && {
        soon has "$LOG" "event=worker-hangs pid=$hung " ||
            soon has "$LOG" "event=worker-hangs pid=$hung "
    }'
check 'fcgi: and replaced, and the others stay' '
    soon eval "[ \$(workers | wc -l) = 3 ]" &&
    [ "$(workers | grep -c -x -F "$before")" = 2 ] &&
    ! workers | grep -x "$hung" &&
    [ "$(grep -c event=worker-hangs "$LOG")" = 1 ] && goes_on'
check 'fcgi: ends well' stop
finish
