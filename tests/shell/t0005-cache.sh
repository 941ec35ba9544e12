# Without a usable cache the service is slower, and serves.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi
export CAPTCHA_POOL_SIZE=5

# Issue, show and verify a challenge.
goes_on()
{
    req GET /verification/get && status 200 && has out image/png &&
        issue && req GET "/image/$pid.png" && status 200 &&
        has out "Content-Type: image/png" && code=$(code_of "$pid") &&
        req POST /verification/check "pid=$pid&code=$code" &&
        has out '{"success":true}'
}

for mode in cgi fcgi; do
    new_world
    : >"$CACHE"
    start $mode
    check "$mode: with a file in place of the cache visits work" 'goes_on'
    check "$mode: the log names the cache" '
        has "$LOG" "event=pool" && has "$LOG" "$CACHE"'
    check "$mode: health is 503 and says cache" '
        req GET /healthz && status 503 &&
        has out "\"store\":\"ok\"" && has out "\"cache\":\"io\"" &&
        has_not out "$TRASH"'
    rm "$CACHE"
    check "$mode: without that file all is well" '
        req GET /healthz && status 200 && goes_on'
    check "$mode: a cache that was removed is made again" '
        soon rm -rf "$CACHE" && goes_on && req GET /healthz && status 200'
    stop
done

for mode in cgi fcgi; do
    new_world
    mkdir "$CACHE"
    if ! mount -t tmpfs -o size=64k,mode=700 none "$CACHE" 2>/dev/null; then
        skip "$mode: a full file system" 'mounting a tmpfs needs root'
        continue
    fi
    head -c 70000 /dev/zero >"$CACHE/ballast" 2>/dev/null || :
    start $mode
    check "$mode: on a full file system visits work" 'goes_on'
    check "$mode: the log says it is full" 'has "$LOG" "status=full"'
    check "$mode: health is 503" '
        req GET /healthz && status 503 && has out "\"cache\":\"full\""'
    check "$mode: no half file is left" '
        [ -z "$(find "$CACHE" -type f -size -1 ! -name "*.lock")" ]'
    check "$mode: captchactl fill fails and names the cache" '
        exits 1 "$CTL" fill --wait 2>err >/dev/null && has err "$CACHE"'
    rm "$CACHE/ballast"
    check "$mode: with room again all is well" '
        req GET /healthz && status 200 && goes_on'
    stop
    umount "$CACHE"
done

# A process without rights to the cache, as another user: needs root. That user
# may not reach the build directory, and the trash may be mounted noexec. So the
# program is a copy with rights for all, and run by its descriptor.
new_world
"$CTL" fill >/dev/null
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 711 "$TRASH"
    chmod 777 "$DATA"
    "$CTL" stats --user root >/dev/null
    chmod 666 "$DB" "$DB"-* 2>/dev/null
    cp "$CAPTCHA" "$CF_BUILDDIR/captcha.$$"
    chmod 755 "$CF_BUILDDIR/captcha.$$"
    exec 9<"$CF_BUILDDIR/captcha.$$"
    rm "$CF_BUILDDIR/captcha.$$"
    chmod 555 "$CACHE"
    : >"$CAPTCHA_CONFIG"
    chmod 644 "$CAPTCHA_CONFIG"
    check 'cgi: the service works with a cache of another user' '
        env REQUEST_METHOD=GET PATH_INFO=/verification/get \
            GATEWAY_INTERFACE=CGI/1.1 \
            setpriv --reuid 65534 --regid 65534 --clear-groups \
            /proc/self/fd/9 >out 2>>"$LOG" </dev/null &&
        status 200 && has out image/png && has "$LOG" event=pool &&
        has "$LOG" "Permission denied"'
    exec 9<&-
    chmod 700 "$CACHE"
    chmod 700 "$TRASH"
else
    skip 'cgi: the service works with a cache of another user' 'needs root'
fi

finish
