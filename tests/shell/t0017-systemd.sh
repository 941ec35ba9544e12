# What a master tells systemd, read from a socket of the test; and signals that
# come while the service starts. The settings file is a pipe where a process has
# to wait at a place of its start.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi python3

# listen NAME: each message to NOTIFY_SOCKET=NAME is a line of ./messages, its
# own lines joined by "|".
listen()
{
    rm -f messages
    export NOTIFY_SOCKET="$1"
    python3 -c '
import socket, sys
name = sys.argv[1]
fd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
fd.bind("\0" + name[1:] if name[0] == "@" else name)
with open("messages", "a", buffering=1) as out:
    while True:
        print(fd.recv(4096).decode().rstrip("\n").replace("\n", "|"), file=out)
' "$1" &
    LISTENER=$!
    soon test -e messages
}

stop_listening()
{
    kill $LISTENER && { wait $LISTENER || :; } 2>/dev/null
    unset NOTIFY_SOCKET
    LISTENER=
}

# heard TEXT: a message since the last forget begins with TEXT.
heard()
{
    grep -q "^$1" messages
}
forget()
{
    : >messages
}

# Make the settings file a pipe, on which a process waits that reads it.
wait_at_settings()
{
    rm -f "$CAPTCHA_CONFIG" && mkfifo "$CAPTCHA_CONFIG"
}

# Let the process go on that waits there; with ARGUMENT after it has been run.
feed()
{
    timeout 60 sh -c 'exec 8>"$1" && eval "$2"' sh "$CAPTCHA_CONFIG" "${1-:}"
}

new_world
MODE=fcgi
check 'READY comes when a worker has read its settings, and not before' '
    listen "$TRASH/notify" && wait_at_settings &&
    launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 &&
    feed && soon is_listening "$SOCK" && feed && soon eval "[ -n \"\$(workers)\" ]" &&
    feed "! grep READY messages" && soon heard READY=1 && issue'
check 'with the number of workers that serve' '
    soon heard "READY=1|STATUS=1 of 1 workers serve$"'
check 'at SIGHUP comes RELOADING, and READY when the settings are in force' '
    rm -f "$CAPTCHA_CONFIG" && echo "demo = no" >"$CAPTCHA_CONFIG" && forget &&
    kill -HUP $SERVICE && soon heard READY=1 &&
    [ "$(head -n 1 messages | cut -d "|" -f 1)" = RELOADING=1 ] &&
    heard "RELOADING=1|MONOTONIC_USEC=[0-9][0-9]*|STATUS=" &&
    req GET /demo && status 404'
check 'wrong settings: READY, and the status says why they are not in force' '
    forget && echo "demo = perhaps" >"$CAPTCHA_CONFIG" &&
    kill -HUP $SERVICE && soon heard "READY=1|STATUS=1 of 1 workers serve, " &&
    heard RELOADING=1 && has messages "with older settings: $CAPTCHA_CONFIG:1" &&
    req GET /demo && status 404'
check 'right settings: the status is as before' '
    forget && echo "demo = yes" >"$CAPTCHA_CONFIG" && kill -HUP $SERVICE &&
    soon heard "READY=1|STATUS=1 of 1 workers serve$"'
check 'a worker that dies is seen in the status' '
    forget && kill -KILL $(workers) && soon heard "STATUS=0 of 1 workers" &&
    soon heard "STATUS=1 of 1 workers serve$" && ! heard READY=1'
check 'at SIGTERM comes STOPPING' '
    forget && stop && soon heard "STOPPING=1|STATUS=$"'
check 'without a watchdog there is no message for it' '
    ! grep -q WATCHDOG messages'

check 'wrong settings at the start: 78, the status says why, and no READY' '
    forget && echo "demo = perhaps" >"$CAPTCHA_CONFIG" &&
    exits 78 timeout 60 "$CAPTCHA" --listen "unix:$SOCK" 2>>"$LOG" &&
    soon heard "STATUS=$CAPTCHA_CONFIG:1: demo" &&
    ! grep -q READY messages'
check 'a fault of a part: 1, the status says why, and no READY' '
    forget && : >"$CAPTCHA_CONFIG" && exits 1 timeout 60 "$CAPTCHA" \
        --listen "unix:$SOCK" --set fonts=/nowhere 2>>"$LOG" &&
    soon heard "STATUS=.*/nowhere" && ! grep -q READY messages'
check 'the watchdog hears that the master lives' '
    forget && export WATCHDOG_USEC=200000 && start fcgi &&
    soon eval "[ \$(grep -c -x WATCHDOG=1 messages) -gt 3 ]" &&
    unset WATCHDOG_USEC && issue && stop && soon heard STOPPING=1'
check 'and not from another process' '
    forget && export WATCHDOG_USEC=200000 WATCHDOG_PID=1 && start fcgi &&
    soon heard READY=1 && unset WATCHDOG_USEC WATCHDOG_PID && stop &&
    soon heard STOPPING=1 && ! grep -q WATCHDOG messages'
check 'a process without a master tells nothing' '
    forget && start spawn && issue && stop && start cgi && issue &&
    [ ! -s messages ]'
stop_listening
check 'a socket without a file will do' '
    listen "@captcha-test-$$" && start fcgi && soon heard READY=1 && stop &&
    soon heard STOPPING=1'
stop_listening
check 'a socket that is gone stops nothing' '
    export NOTIFY_SOCKET="$TRASH/notify" && start fcgi && issue && stop &&
    unset NOTIFY_SOCKET'

# A signal comes while a process reads its settings.
for mode in fcgi spawn; do
    for signal in HUP USR2; do
        new_world
        check "$mode: SIG$signal at the start does not kill" '
            MODE=fcgi && wait_at_settings && {
                case $mode in
                fcgi) launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 ;;
                spawn) launch spawn-fcgi -n -s "$SOCK" -- "$CAPTCHA" ;;
                esac
            } && feed "kill -$signal $SERVICE; rm \"\$1\"; : >\"\$1\"" &&
            soon issue && stop && rm -f "$SOCK"'
        [ -z "$SERVICE" ] || stop || :
    done
done
check 'SIGHUP at the start: settings that changed meanwhile come into force' '
    wait_at_settings && launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 &&
    feed "echo demo = yes >&8; kill -HUP $SERVICE" && soon is_listening "$SOCK" &&
    feed "echo demo = no >\"\$1.new\"; mv \"\$1.new\" \"\$1\"" &&
    soon eval "req GET /demo && status 404" && stop'
[ -z "$SERVICE" ] || stop || :

# --check
new_world
check '--check: the settings are right, 0, and nothing is printed' '
    "$CAPTCHA" --check >out 2>&1 && [ ! -s out ]'
check '--check: wrong settings, 78, with file, line, key and range' '
    echo "ttl_s = soon" >"$CAPTCHA_CONFIG" &&
    exits 78 "$CAPTCHA" --check 2>err && has err "$CAPTCHA_CONFIG:1: ttl_s" &&
    has err "1 to 86400" && : >"$CAPTCHA_CONFIG"'
check '--check: a fault of a part, 1; printed, wherever the log goes' '
    exits 1 "$CAPTCHA" --check --set log=syslog --set fonts=/nowhere 2>err &&
    has err "captcha.fcgi: " && has err /nowhere'
check '--check with --listen opens no socket' '
    "$CAPTCHA" --check --listen "unix:$SOCK" --workers 1 && [ ! -e "$SOCK" ]'
if [ "$(id -u)" = 0 ]; then
    check '--check by root, where a directory is of another user, makes nothing' '
        chmod 755 "$TRASH" && chmod 644 "$CAPTCHA_CONFIG" &&
        mkdir data2 cache2 && chown nobody data2 &&
        try="$CAPTCHA --check --set store=sqlite:$TRASH/data2/captcha.db
            --set cache_dir=$TRASH/cache2" &&
        exits 1 $try 2>err && has err "data2 belongs to uid $(id -u nobody)" &&
        chown root data2 && chown nobody cache2 && exits 1 $try 2>err &&
        has err "cache2 belongs" && [ -z "$(ls data2 cache2 | grep -v :)" ] &&
        chown nobody data2 && setpriv --reuid=nobody --clear-groups $try'
else
    skip '--check by root' 'needs root'
fi

finish
