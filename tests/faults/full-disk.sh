#!/bin/sh
# A disk of 1 MiB that is full to its last byte: challenges that are live are
# still checked, new ones are 503, the log says why, and with room again all is
# well without a restart.
. "$(dirname "$0")/lib.sh"
small_disk
export CAPTCHA_POOL_SIZE=5

new_world
check 'pictures may have a quarter of a small file system' '
    "$CTL" stats --json >out && has out "\"cache_max_bytes\":262144,"'
check 'or what the settings say' '
    "$CTL" stats --json --set cache_max_bytes=700K >out &&
    has out "\"cache_max_bytes\":716800,"'
check 'in memory there is no hint to be so' '
    "$CTL" init >out && { "$CTL" check >out || :; } && has_not out hint:'

for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: works at first" goes_on
    check "$mode: challenges are live" issue_two
    check "$mode: the disk is full" fill_disk
    check "$mode: issuing is 503 before long, with a reason in the log" '
        tries=0
        while req GET "/verification/get?img=url" && grep -q "^Status: 200" out
        do
            tries=$((tries + 1))
            [ $tries -lt 5000 ] || return 1
        done
        status 503 && has out "Retry-After: 5" && has_not out "$DISK" &&
        has "$LOG" "status=full" && has "$LOG" "disk is full"'
    check "$mode: and no byte is left" fill_disk
    check "$mode: right answers are accepted, once only" '
        accepts "$pid" "$code" && refuses "$pid" "$code"'
    check "$mode: a wrong answer is refused" 'refuses "$pid2" "${code2}X"'
    check "$mode: a picture is shown" '
        sql "SELECT pid, code FROM challenge" >live && [ -s live ] &&
        req GET "/image/$(head -n 1 live | cut -d "|" -f 1).png" && status 200'
    # A process that serves one request gives the WAL back to the disk.
    check "$mode: all others are answered as well" '
        while IFS="|" read -r pid code <&3; do
            [ $mode = cgi ] || fill_disk
            accepts "$pid" "$code" || return 1
        done 3<live && [ "$(n_rows)" = 0 ]'
    # a pause may remove a picture between the two
    check "$mode: health is 503" '
        soon eval "fill_disk && req GET /healthz && status 503" &&
        has_not out "$DISK"'
    check "$mode: with room again all is well" 'free_disk && goes_on'
    check "$mode: the database is intact" intact
    check "$mode: ends well" stop
done

# few_files: a disk with 60 files.
few_files()
{
    umount "$DISK" && mount -t tmpfs -o nr_inodes=60,mode=700 none "$DISK"
}

# A pool that wants more files than there are, filled before anybody has come.
export CAPTCHA_POOL_SIZE=200
for mode in cgi fcgi; do
    few_files
    new_world
    "$CTL" fill >out 2>&1 || :
    start $mode
    check "$mode: the pool leaves files for the record of challenges" '
        soon eval "[ \$(n_files) -ge 10 ]" && { [ $mode = cgi ] ||
            soon has "$LOG" "half of what its disk"; } && goes_on && goes_on'
    check "$mode: health says so" 'req GET /healthz && status 200'
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
check 'without a file left health is that of the record as well' '
    req GET /healthz && status 503 && has out "\"store\":\"full\""'
check 'ends well' stop
finish
