#!/bin/sh
# A process without free descriptors (EMFILE): each response is right or 503.
# With descriptors again it serves, without a restart.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_POOL_SIZE=5

# limit N: leave N free descriptors below the limit.
limit()
{
    number=0 room=$1
    while [ -e "/proc/$worker/fd/$number" ] || [ $((room -= 1)) -ge 0 ]; do
        number=$((number + 1))
    done
    prlimit --pid "$worker" --nofile=$number:
}
free() { prlimit --pid "$worker" --nofile=1024:; }

# visits PID CODE: each request of a visit, with a wrong code, is legal.
visits()
{
    req GET /verification/get && legal &&
        req GET '/verification/get?img=url' && legal &&
        req GET "/image/$1.png" && legal && req GET /healthz && legal &&
        req POST /verification/check "pid=$1&code=$2" && legal &&
        has_not out '"success":true'
}

new_world
start fcgi
check 'works at first' 'goes_on'
worker=$(workers)

for n in 1 2 3 4; do
    check "with $n free: 200 or 503" '
        issue_two && limit $n && visits "$pid2" "${code2}X"'
    check "with $n free: a right code is accepted once" '
        req POST /verification/check "pid=$pid&code=$code" && legal &&
        { has out "\"success\":true" || { free && accepts "$pid" "$code"; }; } &&
        refuses "$pid" "$code"'
    check "all is well again" 'free && goes_on && intact'
done

# Without one for the connection, the client waits and the process sleeps.
# The process may have closed one between the look and the limit: once more.
check 'with none free: the client waits' '
    limit 0 && sleep 0.5 && limit 0 && printf "" >body &&
    { MODE=fcgi send body GET /healthz & } && waiting=$! &&
    soon has "$LOG" "event=accept"'
check 'with descriptors again the client is served' '
    free && wait "$waiting" && status 200 && goes_on'
check 'the log says so once' '[ "$(grep -c event=accept "$LOG")" = 1 ]'
check 'ends well' stop

# A new process: loading shared libraries takes one.
new_world
start cgi
check 'cgi: with few descriptors 200 or 503' '
    issue && code=$(code_of "$pid") && for n in 4 5 6 7 8 9 10; do
        printf "" | env REQUEST_METHOD=GET PATH_INFO=/verification/get \
            prlimit --nofile=$n:$n "$CAPTCHA" >out 2>>"$LOG"
        legal || return 1
    done && goes_on'
finish
