#!/bin/sh
# The wall clock jumps a day or a year forward and back, by faketime(1):
# challenges expire early, never pass twice or for a wrong answer, and new
# challenges work at once. Challenges that a fast clock issued are removed when
# the clock is right again.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_POOL_SIZE=5

ldd "$CAPTCHA" 2>/dev/null | grep -q 'libc\.so' ||
    skip_all 'faketime needs a program with shared libraries'
# faketime leaves files that disturb a later process with the same number.
for left in /dev/shm/faketime_shm_* /dev/shm/sem.faketime_sem_*; do
    kill -0 "${left##*_}" 2>/dev/null || rm -f "$left"
done
PRELOAD=$(faketime -f +0 env | sed -n 's/^LD_PRELOAD=//p')
# in a directory that the sandbox leaves readable
export FAKETIME_TIMESTAMP_FILE="$DATA/clock" FAKETIME_NO_CACHE=1
export FAKETIME_DONT_FAKE_MONOTONIC=1
set_clock() { echo "$1" >"$DATA/clock"; }

# Only the service has the fake clock, whichever program starts it.
cat >"$TRASH/captcha.sh" <<END
#!/bin/sh
LD_PRELOAD='$PRELOAD' exec "$CAPTCHA" "\$@"
END
chmod 755 "$TRASH/captcha.sh"
CAPTCHA=$TRASH/captcha.sh

# issued_on DAYS: the last challenge was issued this many days from now. So the
# service has the fake clock.
issued_on()
{
    [ "$(sql "SELECT round((created_unix_ms / 1000.0 - $(date +%s)) / 86400)
        FROM challenge WHERE pid = '$pid'")" = "$1.0" ]
}

for mode in cgi fcgi; do
    new_world
    set_clock +0d
    start $mode
    check "$mode: works at first" 'goes_on && issue_two && issued_on 0'
    check "$mode: a day later live challenges have expired" '
        set_clock +1d && refuses "$pid" "$code" && req GET "/image/$pid2.png" &&
        status 404 && refuses "$pid2" "$code2"'
    check "$mode: and new challenges work" '
        goes_on && issue_two && issued_on 1 && accepts "$pid2" "$code2"'
    check "$mode: a day back challenges of the next day have expired" '
        set_clock +0d && req GET "/image/$pid.png" && status 404 &&
        refuses "$pid" "$code"'
    check "$mode: and new challenges work" 'goes_on && issue && issued_on 0'
    check "$mode: likewise before the day of its start" '
        issue_two && set_clock -1d && refuses "$pid" "$code" && goes_on &&
        issue && issued_on -1'
    check "$mode: back in time nothing passes a second time" '
        set_clock +0d && refuses "$pid2" "${code2}X" && refuses "$pid2" "$code2" &&
        goes_on && intact'
    check "$mode: minutes back a live challenge is accepted, once" '
        issue_two && set_clock -4m && req GET "/image/$pid.png" && status 200 &&
        accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: ends well" stop
done

# A clock that was a year ahead issued most of max_live.
export CAPTCHA_MAX_LIVE=60
issue_forty()
{
    for i in 0 1 2 3 4 5 6 7 8 9; do
        issue && issue && issue && issue || return 1
    done
}
for mode in cgi fcgi; do
    new_world
    set_clock +365d
    start $mode
    check "$mode: a year ahead it works" 'issue_forty && issued_on 365'
    set_clock +0d
    # FastCGI sweeps in its pauses; CGI needs a clean
    [ $mode = fcgi ] || LD_PRELOAD="$PRELOAD" "$CTL" clean >out
    check "$mode: set right nothing of that day is left" '
        soon eval "[ \$(n_rows) = 0 ]" &&
        soon eval "[ ! -d $CACHE/$(date -d +365days +%Y-)* ]"'
    check "$mode: and max_live are issued again" '
        issue_forty && issued_on 0 && goes_on && intact'
    check "$mode: ends well" stop
done
finish
