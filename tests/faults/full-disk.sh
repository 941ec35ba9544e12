#!/bin/sh
# A disk of 1 MiB, full to its last byte: live challenges are checked, issuing
# is 503 with a reason in the log. With room again the service goes on without a
# restart.
. "$(dirname "$0")/lib.sh"
small_disk
export CAPTCHA_POOL_SIZE=5

new_world
check 'the pool may fill a quarter of a small file system' '
    "$CTL" stats --json >out && has out "\"cache_max_bytes\":262144,"'
check 'or as much as the settings say' '
    "$CTL" stats --json --set cache_max_bytes=700K >out &&
    has out "\"cache_max_bytes\":716800,"'
check 'no hint to put the cache on a tmpfs, where it is' '
    "$CTL" init >out && { "$CTL" check >out || :; } && has_not out "hint: on a disk"'

for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: works at first" goes_on
    check "$mode: challenges are live" issue_two
    # the service may remove a picture amid the command
    check "$mode: the disk is full" "soon fill_disk"
    check "$mode: issuing is 503 before long, with a reason in the log" '
        tries=0
        while req GET "/verification/get?img=url" && grep -q "^Status: 200" out
        do
            tries=$((tries + 1))
            [ $tries -lt 5000 ] || return 1
        done
        status 503 && has out "Retry-After: 5" && has_not out "$DISK" &&
        has "$LOG" "status=full" && has "$LOG" "disk is full"'
    check "$mode: the disk is full to its last byte" "soon fill_disk"
    check "$mode: right answers are accepted, once only" '
        accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: a wrong answer is refused" 'refuses "$pid2" "${code2}X"'
    check "$mode: a picture is shown" '
        sql "SELECT pid, code FROM challenge" >live && [ -s live ] &&
        req GET "/image/$(head -n 1 live | cut -d "|" -f 1).png" && status 200'
    # A CGI process removes the WAL at its end, which makes room.
    check "$mode: all other right answers are accepted" '
        while IFS="|" read -r pid code <&3; do
            [ $mode = cgi ] || fill_disk
            accepts "$pid" "$code" || return 1
        done 3<live && [ "$(n_rows)" = 0 ]'
    check "$mode: health is 503" '
        soon eval "fill_disk && req GET /healthz && status 503" &&
        has_not out "$DISK"'
    check "$mode: with room again all is well" 'free_disk && goes_on'
    check "$mode: the database is intact" intact
    check "$mode: ends well" stop
done

# few_files: mount a disk for 60 files.
few_files()
{
    umount "$DISK" && mount -t tmpfs -o nr_inodes=60,mode=700 none "$DISK"
}

# A pool_size of more files than the disk has, filled before the first visit.
export CAPTCHA_POOL_SIZE=200
for mode in cgi fcgi; do
    few_files
    new_world
    "$CTL" fill >out 2>&1 || :
    start $mode
    check "$mode: the pool leaves files for the database" '
        soon eval "[ \$(n_files) -ge 10 ]" && { [ $mode = cgi ] ||
            soon has "$LOG" "half of what its disk"; } && goes_on && goes_on'
    check "$mode: health says so" 'healthy'
    check "$mode: ends well" stop
done
export CAPTCHA_POOL_SIZE=0
few_files
new_world
start fcgi
check 'few files: works at first' goes_on
rm -f "$DB-spare"
i=0
while touch "$DISK/$i" 2>/dev/null; do
    i=$((i + 1))
done
check 'without a file left the database is ill, too' '
    req GET /healthz && status 503 && has out "\"store\":\"full\""'
check 'ends well' stop
finish
