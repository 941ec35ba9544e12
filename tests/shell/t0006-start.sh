# Starting: the service does not start with a fault, names it, and says what to
# do.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs cgi-fcgi spawn-fcgi

# serve ARGUMENT...: start with --listen; the process has to end at once.
serve()
{
    timeout 60 "$CAPTCHA" --listen "unix:$SOCK" --workers 1 "$@" \
        2>"$LOG"
}

new_world
check 'started by hand it explains itself, exit 64' '
    exits 64 "$CAPTCHA" 2>err </dev/null && has err --listen &&
    has err captchactl'
check '--help and --version' '
    "$CAPTCHA" --help >out && has out "Usage: captcha.fcgi" &&
    has out "Exit codes: 0 ended" && "$CAPTCHA" --version >out && grep -q "^captcha-fcgi [0-9]" out'
check 'an unknown option is 64' '
    exits 64 "$CAPTCHA" --nonsense 2>err && has err --help'
check 'an argument is 64' 'exits 64 "$CAPTCHA" nonsense 2>err'
for w in 0 257 x ''; do
    check "--workers \"$w\": exit 64, with the range" '
        exits 64 serve --workers "$w" && has "$LOG" "1 to 256"'
done
check 'under CGI words of a query are no options' '
    env REQUEST_METHOD=GET PATH_INFO=/healthz "$CAPTCHA" --help \
        --config /nowhere >out 2>>"$LOG" </dev/null && status 200'

check 'a missing font stops the start, and is named' '
    exits 1 serve --set fonts=/nowhere/font.ttf &&
    has "$LOG" event=stopped && has "$LOG" status=font &&
    has "$LOG" /nowhere/font.ttf && [ ! -e "$SOCK" ]'
check 'an empty directory of fonts stops the start' '
    mkdir -p fonts && exits 1 serve --set fonts="$TRASH/fonts" &&
    has "$LOG" "$TRASH/fonts"'
check 'a file that is no font stops the start' '
    echo nonsense >fonts/broken.ttf &&
    exits 1 serve --set fonts="$TRASH/fonts/broken.ttf" &&
    has "$LOG" broken.ttf'

check 'an unknown key: 78, with file and line' '
    printf "\n\nttl = 5\n" >"$CAPTCHA_CONFIG" && exits 78 serve &&
    has "$LOG" "$CAPTCHA_CONFIG:3: unknown key" && : >"$CAPTCHA_CONFIG"'
check 'a value out of range: 78, with key, value and range' '
    exits 78 serve --set ttl_s=0 &&
    has "$LOG" "ttl_s = " && has "$LOG" ": must be 1 to 86400 seconds"'
check 'an unknown variable: 78' '
    CAPTCHA_TTL=5 exits 78 serve && has "$LOG" CAPTCHA_TTL'
check 'a missing settings file: 78' '
    exits 78 serve --config /nowhere.conf && has "$LOG" /nowhere.conf'
check 'under CGI a bad setting is 503 for the visitor, and logged' '
    start cgi && CAPTCHA_TTL_S=0 req GET /verification/get;
    status 503 && has_not out ttl_s && has "$LOG" ttl_s'

# FastCGI 1.0, 3.2: who may connect by TCP
for address in 0.0.0.0:9 "[::]:9" 192.0.2.1:9; do
    check "--listen $address without a list of web servers: 78" '
        exits 78 timeout 60 "$CAPTCHA" --listen "$address" 2>"$LOG" &&
        has "$LOG" "$address" && has "$LOG" FCGI_WEB_SERVER_ADDRS'
done
for list in nonsense "" " , " 127.0.0.1,10.0.0.1/8 127.0.0.1:9; do
    check "FCGI_WEB_SERVER_ADDRS=\"$list\": 78" '
        FCGI_WEB_SERVER_ADDRS=$list exits 78 serve &&
        has "$LOG" "environment, FCGI_WEB_SERVER_ADDRS"'
done
check 'a wrong list: 78 also on a socket of the web server' '
    MODE=spawn && : >"$LOG" && export FCGI_WEB_SERVER_ADDRS=nonsense &&
    launch spawn-fcgi -n -s "$SOCK" -- "$CAPTCHA"; unset FCGI_WEB_SERVER_ADDRS
    exits 78 wait "$SERVICE" && SERVICE= && rm -f "$SOCK" &&
    has "$LOG" "environment, FCGI_WEB_SERVER_ADDRS"'
check_with perl 'with the list it listens there, and serves the listed addresses' '
    port=$("$CF_SRCDIR/tests/support/free-ports") &&
    FCGI_WEB_SERVER_ADDRS=192.0.2.1,127.0.0.0/8 launch "$CAPTCHA" \
        --listen "0.0.0.0:$port" --workers 1 && MODE=fcgi &&
    unix_socket=$SOCK && SOCK=127.0.0.1:$port && soon req GET /healthz &&
    soon eval "req GET /healthz && status 200" && SOCK=$unix_socket && stop'

# the socket
check 'a socket in use stays: 78' '
    start fcgi && exits 78 serve && has "$LOG" "another process listens" &&
    req GET /healthz && status 200 && stop && [ ! -e "$SOCK" ]'
check 'a socket left by a killed process is replaced' '
    start fcgi && issue && last=$(workers) && kill -KILL $SERVICE &&
    { wait $SERVICE || :; } && SERVICE= && soon has_ended $last &&
    [ -S "$SOCK" ] &&
    launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 &&
    soon eval "req GET /healthz && status 200" && stop'
check 'a file in place of the socket stays: 78' '
    echo precious >"$SOCK" && exits 78 serve && has "$SOCK" precious &&
    rm "$SOCK"'
for a in '' unix: /path 127.0.0.1 127.0.0.1:x 127.0.0.1:99999 nonsense:80 \
    systemd; do
    check "--listen \"$a\" is refused" '
        exits 78 timeout 60 "$CAPTCHA" --listen "$a" 2>"$LOG" &&
        has "$LOG" listen'
done
check '--listen-mode is the mode of the socket' '
    launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 --listen-mode 0622 &&
    soon eval "[ \"\$(stat -c %a $SOCK)\" = 622 ]" && MODE=fcgi &&
    soon eval "req GET /healthz && status 200" && stop'

finish
