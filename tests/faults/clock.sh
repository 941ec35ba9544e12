#!/bin/sh
# A wall clock that jumps a day or a year forward and back, by faketime(1):
# challenges expire early, never pass twice or for a wrong answer, and new ones
# work at once. What a clock has issued that was ahead neither lives on nor
# takes the place of new ones.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_POOL_SIZE=5

ldd "$CAPTCHA" >/dev/null 2>&1 ||
    skip_all 'a program with static libraries sees the clock as it is'
# What faketime leaves of each process is in the way of the next of that number.
for left in /dev/shm/faketime_shm_* /dev/shm/sem.faketime_sem_*; do
    kill -0 "${left##*_}" 2>/dev/null || rm -f "$left"
done
PRELOAD=$(faketime -f +0 env | sed -n 's/^LD_PRELOAD=//p')
# where a process that has shut itself in may still look
export FAKETIME_TIMESTAMP_FILE="$DATA/clock" FAKETIME_NO_CACHE=1
export FAKETIME_DONT_FAKE_MONOTONIC=1
tell() { echo "$1" >"$DATA/clock"; }

# The service alone, also where it is started by somebody else.
cat >"$TRASH/captcha.sh" <<END
#!/bin/sh
LD_PRELOAD='$PRELOAD' exec "$CAPTCHA" "\$@"
END
chmod 755 "$TRASH/captcha.sh"
CAPTCHA=$TRASH/captcha.sh

# issued_on DAYS: that the last challenge was issued so many days from now, which
# also tells whether the service sees that clock.
issued_on()
{
    [ "$(sql "SELECT round((created_unix_ms / 1000.0 - $(date +%s)) / 86400)
        FROM challenge WHERE pid = '$pid'")" = "$1.0" ]
}

for mode in cgi fcgi; do
    new_world
    tell +0d
    start $mode
    check "$mode: works at first" 'goes_on && issue_two && issued_on 0'
    check "$mode: a day later what is live has expired" '
        tell +1d && refuses "$pid" "$code" && req GET "/image/$pid2.png" &&
        status 404 && refuses "$pid2" "$code2"'
    check "$mode: and new ones work" '
        goes_on && issue_two && issued_on 1 && accepts "$pid2" "$code2"'
    check "$mode: a day back what is a day ahead has expired" '
        tell +0d && req GET "/image/$pid.png" && status 404 &&
        refuses "$pid" "$code"'
    check "$mode: and new ones work" 'goes_on && issue && issued_on 0'
    check "$mode: before the day of its start as well" '
        issue_two && tell -1d && refuses "$pid" "$code" && goes_on &&
        issue && issued_on -1'
    check "$mode: back in time nothing passes a second time" '
        tell +0d && refuses "$pid2" "${code2}X" && refuses "$pid2" "$code2" &&
        goes_on && intact'
    check "$mode: minutes back what is live is accepted, once" '
        issue_two && tell -4m && req GET "/image/$pid.png" && status 200 &&
        accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: ends well" stop
done

# A clock that was a year ahead has issued most of max_live.
export CAPTCHA_MAX_LIVE=60
# in_time COMMAND...: within the time that the service takes to sweep all
in_time()
{
    for _ in $(seq 12); do
        soon "$@" && return 0
    done
    return 1
}
issue_forty()
{
    for i in 0 1 2 3 4 5 6 7 8 9; do
        issue && issue && issue && issue || return 1
    done
}
for mode in cgi fcgi; do
    new_world
    tell +365d
    start $mode
    check "$mode: a year ahead it works" 'issue_forty && issued_on 365'
    tell +0d
    # FastCGI sweeps by itself; for CGI there is clean
    [ $mode = fcgi ] || LD_PRELOAD="$PRELOAD" "$CTL" clean >out
    check "$mode: set right nothing of that is left" '
        in_time eval "[ \$(n_rows) = 0 ]" &&
        in_time eval "[ ! -d $CACHE/$(date -d +365days +%Y-)* ]"'
    check "$mode: and as many are issued as ever" '
        issue_forty && issued_on 0 && goes_on && intact'
    check "$mode: ends well" stop
done
finish
