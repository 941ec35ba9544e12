# A database that is locked, damaged, newer, missing or no file: the service
# refuses challenges and says why, and goes on when the database is mended.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

# Hold the write lock by another process until release.
lock()
{
    rm -f locked hold
    mkfifo hold
    sqlite3 "$DB" <hold >/dev/null &
    LOCKER=$!
    exec 9>hold
    printf '.timeout 60000\nBEGIN EXCLUSIVE;\n.shell touch locked\n' >&9
    soon test -e locked
}

release()
{
    printf 'ROLLBACK;\n' >&9
    exec 9>&-
    wait "$LOCKER"
    rm -f hold
}

for mode in cgi fcgi; do
    new_world
    start $mode
    check "$mode: the service works" 'issue && code=$(code_of "$pid")'
    check "$mode: another process takes the lock" 'lock'
    check "$mode: an issue is 503 with Retry-After" '
        req GET /verification/get && status 503 &&
        has out "Retry-After: 1" && has_not out "$TRASH" &&
        has_not out database'
    check "$mode: a check is 503, never success" '
        req POST /verification/check "pid=$pid&code=$code" &&
        status 503 && has_not out "\"success\":true" &&
        has out "Retry-After: "'
    check "$mode: a check of an unknown pid needs no lock" '
        req POST /verification/check \
            "pid=0000000000000000&code=$code" && status 200'
    check "$mode: the picture is still shown" '
        req GET "/image/$pid.png" && status 200'
    check "$mode: health is 503 and says store" '
        req GET /healthz && status 503 && has out "\"store\":\"busy\""'
    check "$mode: the log says that a process holds the lock" '
        has "$LOG" "status=busy" && has "$LOG" "holds its lock"'
    check "$mode: the lock is released" 'release'
    check "$mode: all is well again, and the challenge unspent" '
        req GET /healthz && status 200 && issue_one=$pid &&
        req POST /verification/check "pid=$issue_one&code=$code" &&
        has out "{\"success\":true}" && issue'
    check "$mode: ends well" 'stop'
done

# As if a CGI process was stopped while it was alone in the database.
new_world
start cgi
check 'cgi: the service works' 'issue && code=$(code_of "$pid")'
check 'cgi: a check that has to queue for ever is 503, soon' '
    mkfifo hold && { flock "$DATA" cat hold >/dev/null & } && exec 9>hold &&
    soon sh -c "! flock -n \"$DATA\" true" &&
    req POST /verification/check "pid=$pid&code=$code" && status 503 &&
    has out "Retry-After: " && has "$LOG" "holds its lock on $DATA"'
check 'cgi: and passes when the queue moves' '
    exec 9>&- && wait && rm hold &&
    req POST /verification/check "pid=$pid&code=$code" &&
    has out "{\"success\":true}"'

# refuses TEXT: no program works with this database, and each says TEXT
refuses()
{
    "$CAPTCHA" --listen "unix:$SOCK" --workers 1 2>"$LOG" &&
        return 1
    has "$LOG" event=stopped && has "$LOG" "$1" && has "$LOG" "$DB" &&
        [ ! -e "$SOCK" ] && : >"$LOG" && MODE=cgi &&
        req GET /verification/get && status 503 &&
        has_not out "$TRASH" && has "$LOG" "$1" &&
        exits 1 "$CTL" stats 2>err && has err "$1"
}

new_world
echo 'this is not a database, though it is long enough to be one' >"$DB"
cp "$DB" was
check 'a file that is no database stops the start and is left alone' '
    refuses "not a database" && has "$LOG" "move it aside" &&
    cmp "$DB" was'

new_world
"$CTL" stats >/dev/null
sql 'PRAGMA user_version = 7' >/dev/null
check 'a newer database stops the start' '
    refuses "version 7" && has "$LOG" "knows up to 3"'

new_world
check 'a directory in its place stops the start' '
    mkdir "$DB" && "$CAPTCHA" --listen "unix:$SOCK" 2>"$LOG";
    [ $? = 78 ] && has "$LOG" "is not a file" && rmdir "$DB"'

new_world
rmdir "$DATA"
check 'a missing directory stops the start and is named' '
    refuses "the directory $DATA must exist"'

new_world
start fcgi
for i in $(seq 50); do
    req GET '/verification/get?img=url'
done
stop
sqlite3 "$DB" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
page=$(sqlite3 "$DB" 'PRAGMA page_size')
dd if=/dev/zero of="$DB" bs="$page" seek=1 conv=notrunc 2>/dev/null \
    count=$(($(wc -c <"$DB") / page - 1)) # all but the first
for mode in cgi fcgi; do
    : >"$LOG"
    start $mode
    check "$mode: a database with damaged pages is 503, and logged" '
        req GET /verification/get && status 503 &&
        has_not out malformed && has_not out "$TRASH" &&
        req POST /verification/check "pid=0000000000000000&code=x" &&
        status 503 && has_not out "\"success\":true" &&
        has "$LOG" status=corrupt && has "$LOG" "move it aside"'
    check "$mode: health says so" '
        req GET /healthz && status 503 &&
        has out "\"store\":\"corrupt\""'
    check "$mode: ends well" stop
done
rm -f "$DB" "$DB"-*
check 'moved aside, a new one is made' '
    start fcgi && issue && req GET /healthz && status 200 && stop'

finish
