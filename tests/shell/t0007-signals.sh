# Signals, workers that die, and settings that are read again. All bounds in
# time are generous: a slow machine passes, a process that hangs does not.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi spawn-fcgi

# ends SIGNAL: it ends the service, soon, with exit code 0.
ends()
{
    kill "-$1" "$SERVICE" && soon has_ended "$SERVICE" &&
        exits 0 wait "$SERVICE" && SERVICE=
}

for mode in fcgi spawn; do
    for signal in TERM INT USR1; do
        new_world
        start $mode
        check "$mode: SIG$signal ends an idle service with 0" '
            issue && ends $signal && [ ! -s "$LOG" ]'
        [ -z "$SERVICE" ] || stop || :
    done
done
check 'fcgi: the socket file goes with its master' '
    new_world && start fcgi && issue && ends TERM && [ ! -e "$SOCK" ]'

# is_accepted: a connection to the socket, and not only begun: such a line of
# proc_net(5) has a socket of its own
is_accepted()
{
    grep -q " 0001 03 *[1-9][0-9]* $SOCK\$" /proc/net/unix
}

# The signal comes amid the body of a request.
for mode in fcgi spawn; do
    new_world
    start $mode
    check "$mode: the request under way is answered before the end" '
        issue && code=$(code_of "$pid") && body="pid=$pid&code=$code" &&
        rm -f slow && mkfifo slow && {
            send slow POST /verification/check "$FORM" ${#body} &
            SENDER=$!
        } && exec 8>slow && printf %s "pid=$pid" >&8 &&
        soon is_accepted && sleep 0.2 && kill -TERM $SERVICE && sleep 0.2 &&
        printf %s "&code=$code" >&8 && exec 8>&- && wait $SENDER &&
        has out "{\"success\":true}" && soon has_ended $SERVICE &&
        exits 0 wait $SERVICE && SERVICE='
    [ -z "$SERVICE" ] || stop || :
done

# Workers that die
new_world
start fcgi
check 'a worker that is killed is replaced' '
    issue && first=$(workers) && kill -KILL $first &&
    soon eval "[ -n \"\$(workers)\" ] && [ \"\$(workers)\" != $first ]" &&
    issue && has "$LOG" "event=worker-died" && has "$LOG" signal=9'
check 'workers do not outlive a master that is killed' '
    last=$(workers) && kill -KILL $SERVICE && { wait $SERVICE || :; } &&
    SERVICE= && soon has_ended $last'
check 'captchactl clean removes what dead workers left, once expired' '
    [ "$(n_rows)" -gt 0 ] && [ "$(n_files)" -gt 0 ] &&
    mkdir -p "$CACHE/tmp" && echo half >"$CACHE/tmp/0123456789abcdef" &&
    touch -d "2 hours ago" "$CACHE/tmp/0123456789abcdef" &&
    "$CTL" clean >out && [ "$(n_files)" -gt 0 ] &&
    [ -z "$(ls "$CACHE/tmp")" ] &&
    sql "UPDATE challenge SET expires_unix_ms = created_unix_ms" &&
    sleep 4 && # clean removes what is older than ttl_s + 5 s
    "$CTL" clean --set ttl_s=1 >out &&
    soon eval "\"$CTL\" clean --set ttl_s=1 >out; [ \$(n_files) = 0 ]" &&
    [ "$(n_rows)" = 0 ]'

# A core dump would have codes in it. The sandbox would forbid to write it here,
# so it is off.
dies_without_core()
{
    first=$(workers) && kill -$1 $first && soon has "$LOG" "pid=$first " &&
        ! find "$TRASH" -name '*core*' | grep .
}
new_world
if (ulimit -S -c unlimited) 2>/dev/null; then
    ulimit -S -c unlimited
fi
start fcgi --no-sandbox
check 'master and workers may write no core dump' '
    issue && for pid in $SERVICE $(workers); do
        grep -q "^Max core file size  *0  *0 " /proc/$pid/limits || return 1;
    done'
check 'and write none when they die of SIGSEGV or SIGABRT' '
    dies_without_core SEGV && soon issue && dies_without_core ABRT'
check 'nor may captchactl check, while it has the database open' '
    rm -f hold locked && mkfifo hold && { sqlite3 "$DB" <hold >/dev/null & } &&
    holder=$! && exec 9>hold &&
    printf ".timeout 60000\nBEGIN EXCLUSIVE;\n.shell touch locked\n" >&9 &&
    soon test -e locked && {
        "$CTL" check --set store_timeout_ms=30000 >out 9>&- &
    } && checker=$! && soon eval "ls -l /proc/$checker/fd | grep -F $DB" &&
    grep "^Max core file size  *0  *0 " /proc/$checker/limits
    rc=$?; exec 9>&-; kill $checker; wait $checker $holder; [ $rc = 0 ]'
stop || :

# SIGHUP
new_world
start fcgi
check 'SIGHUP: workers read the settings anew' '
    issue && first=$(workers) && echo "demo = no" >"$CAPTCHA_CONFIG" &&
    req GET /demo && status 200 && kill -HUP $SERVICE &&
    soon eval "req GET /demo && status 404" &&
    [ "$(workers)" != "$first" ] && req GET /healthz && status 200'
check 'SIGHUP: settings that are wrong change nothing and are logged' '
    first=$(workers) && echo "demo = perhaps" >"$CAPTCHA_CONFIG" &&
    kill -HUP $SERVICE && soon has "$LOG" event=reload-refused &&
    has "$LOG" "demo = " && [ "$(workers)" = "$first" ] &&
    req GET /healthz && status 200'
check 'SIGTERM still ends it' 'ends TERM'

# Clients that hang up
new_world
start fcgi
check 'clients that hang up do not end the service' '
    issue && first=$(workers) && for i in 1 2 3 4 5; do
        REQUEST_METHOD=GET PATH_INFO=/verification/get \
            GATEWAY_INTERFACE=CGI/1.1 timeout -s KILL 0.003 \
            cgi-fcgi -bind -connect "$SOCK" | head -c 1;
    done; issue && [ "$(workers)" = "$first" ]'
check 'cgi: a web server that hangs up is no error' '
    REQUEST_METHOD=GET PATH_INFO=/verification/get \
        GATEWAY_INTERFACE=CGI/1.1 "$CAPTCHA" </dev/null 2>>"$LOG" |
        head -c 5 | has /dev/stdin Statu'
check 'and SIGTERM ends it' 'ends TERM'

finish
