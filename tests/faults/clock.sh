#!/bin/sh
# A wall clock that jumps a day forward and back, by faketime(1): challenges
# expire early or late, never pass twice or for a wrong answer, and new ones
# work at once.
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
    check "$mode: a day back what is live is accepted, once" '
        tell +0d && req GET "/image/$pid.png" && status 200 &&
        accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: and new ones work" 'goes_on && issue && issued_on 0'
    check "$mode: before the day of its start as well" '
        issue_two && tell -1d && accepts "$pid" "$code" && goes_on &&
        issue && issued_on -1'
    check "$mode: back in time nothing passes a second time" '
        tell +0d && refuses "$pid2" "${code2}X" && refuses "$pid2" "$code2" &&
        goes_on && intact'
    check "$mode: ends well" stop
done
finish
