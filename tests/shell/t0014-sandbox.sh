# FastCGI processes enter the sandbox and serve a whole visit without a refused
# system call, with the features that this kernel has.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi spawn-fcgi python3

# What the kernel has and the build uses, without the program. The fifth byte of
# a program is 1 for 32 bits, for which there is no list.
filter=no
landlock=0
no_filter='a build with sanitizers has no filter'
if ! nm "$CAPTCHA" 2>/dev/null | grep -q __asan_init; then
    if [ "$(od -An -t u1 -j 4 -N 1 "$CAPTCHA")" -eq 1 ]; then
        no_filter='the program has no list for '
    elif grep -q errno /proc/sys/kernel/seccomp/actions_avail; then
        filter=yes
    else
        no_filter='this kernel has no filter'
    fi
    landlock=$(python3 -c '
import ctypes
version = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
print(version if version > 1 else 0)')
fi
case $filter in
yes) mode=2 says='system calls: filtered' ;;
no) mode=0 says="system calls: $no_filter" ;;
esac

# The process that serves: the worker of the master, or that of spawn-fcgi.
server()
{
    case $MODE in
    fcgi) workers ;;
    *) echo "$SERVICE" ;;
    esac
}

# is_confined PID SECCOMP: the mode of its filter, and it gets no new rights.
is_confined()
{
    grep -q "^Seccomp:.$2\$" "/proc/$1/status" &&
        grep -q '^NoNewPrivs:.1$' "/proc/$1/status"
}

# A visitor with an address, so that limits are used.
export REMOTE_ADDR=203.0.113.7
visit()
{
    issue && req GET "/image/$pid.png" && status 200 &&
        has out 'Content-Type: image/png' && code=$(code_of "$pid") &&
        req POST /verification/check "pid=$pid&code=$code" &&
        has out '{"success":true}' && req GET /healthz && status 200
}

# hears LANG: the digits of a challenge in this language; $etag
hears()
{
    req GET "/audio/$pid.wav?hl=$1" && status 200 &&
        etag=$(sed -n 's/^ETag: //p' out) && [ -n "$etag" ]
}
# a bank that is mapped says other bytes than that of the program
hears_both()
{
    issue && hears en && english=$etag && hears de && [ "$etag" != "$english" ]
}

writes_snapshot()
{
    kill -USR2 $SERVICE && soon has_snapshot
}
has_snapshot()
{
    ls "$(dirname "$DB")"/captcha-*.heapsnapshot
}

check 'captchactl check reports the sandbox' '
    new_world && "$CTL" init >/dev/null && "$CTL" check >out &&
    grep "^ok *sandbox" out | grep -F "$says" &&
    if [ "$landlock" != 0 ]; then has out "files: Landlock $landlock"; fi'

for way in fcgi spawn; do
    new_world
    echo 'log_level = info' >"$CAPTCHA_CONFIG"
    start $way
    check "$way: the process that serves is in the sandbox" '
        issue && is_confined "$(server)" $mode'
    check "$way: the log reports the sandbox" '
        has "$LOG" "event=sandbox filter=$filter landlock=$landlock" &&
        if [ $filter = no ]; then has "$LOG" "text=\"$no_filter"; fi'
    check "$way: a whole visit works" 'visit'
    if [ -s "$VOICES" ]; then
        check "$way: so does a bank of sounds, made meanwhile" '
            add_bank de && hears_both'
    else
        skip "$way: a bank of sounds" 'a build without voices'
    fi
    check "$way: so does a heap snapshot" '
        writes_snapshot && visit'
    [ $way = spawn ] ||
        check "$way: the master is not in it, since it starts programs" '
            is_confined $SERVICE 0'
    stop || :
    new_world
    start $way --no-sandbox
    check "$way: --no-sandbox starts without" '
        visit && is_confined "$(server)" 0'
    stop || :
done

# Under strace: filling the pool, visits, a snapshot and the end.
traced()
{
    new_world
    rm -f "$SOCK" trace
    MODE=spawn
    # the leak sanitizer does not run under strace
    launch env CAPTCHA_POOL_SIZE=30 ASAN_OPTIONS=detect_leaks=0 \
        spawn-fcgi -n -s "$SOCK" -- \
        "$(command -v strace)" -D -f -o "$TRASH/trace" "$CAPTCHA"
    soon is_listening "$SOCK" && visit && soon has_30 && visit &&
        { [ ! -s "$VOICES" ] || { add_bank de && hears_both; }; } &&
        writes_snapshot && visit && stop
}
has_30()
{
    [ "$(find "$CACHE" -path '*/ready-*/*.png' | wc -l)" -ge 30 ]
}
if strace -D -o trace true 2>/dev/null; then
    check 'no system call is refused' '
        traced &&
        sed "1,/^[0-9 ]*seccomp(.*LOG|.*{len=/d" trace >after &&
        if [ $filter = yes ]; then [ -s after ]; fi &&
        ! grep -E "EPERM|EACCES|ENOSYS" after'
else
    skip 'no system call is refused' 'no strace, or it may not trace'
fi

# The sandbox holds the directories of the start, not new ones of that name.
new_world
start fcgi
check 'without its cache it draws pictures, until SIGHUP' '
    visit && first=$(server) && soon rm -rf "$CACHE" &&
    req GET /verification/get && status 200 && has out image/png &&
    kill -HUP $SERVICE &&
    soon eval "[ -n \"\$(server)\" ] && [ \"\$(server)\" != $first ]" &&
    soon visit && [ -d "$CACHE" ]'
stop || :

# The database may be a link; its WAL is beside the target.
new_world
mkdir -p "$TRASH/elsewhere"
ln -s "$TRASH/elsewhere/captcha.db" "$DB"
start fcgi
check 'a database behind a link works, also opened again' '
    visit && rm "$TRASH/elsewhere/"* && soon visit &&
    [ -s "$TRASH/elsewhere/captcha.db" ]'
stop || :

finish
