# FastCGI processes shut themselves in, serve a whole visit all the same, and
# come upon nothing that is refused. What the kernel has not is not asked for.
. "$CF_SRCDIR/tests/shell/lib.sh"

# Whether the kernel has it and the build uses it, not asking the program.
filter=no
landlock=0
if ! nm "$CAPTCHA" 2>/dev/null | grep -q __asan_init; then
    ! grep -q errno /proc/sys/kernel/seccomp/actions_avail || filter=yes
    landlock=$(python3 -c '
import ctypes
version = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
print(version if version > 1 else 0)')
fi
case $filter in
yes) mode=2 says='system calls: filtered' ;;
no) mode=0 says='system calls: this kernel has no filter' ;;
esac

# The process that serves: the master's worker, or what spawn-fcgi became.
server()
{
    case $MODE in
    fcgi) ps -o pid= --ppid "$SERVICE" | tr -d ' ' ;;
    *) echo "$SERVICE" ;;
    esac
}

# is_shut_in PID SECCOMP: and in any case no program gives it other rights.
is_shut_in()
{
    grep -q "^Seccomp:.$2\$" "/proc/$1/status" &&
        grep -q '^NoNewPrivs:.1$' "/proc/$1/status"
}

# Of a visitor with an address, which limits are kept for.
export REMOTE_ADDR=203.0.113.7
visit()
{
    issue && req GET "/image/$pid.png" && status 200 &&
        has out 'Content-Type: image/png' && code=$(code_of "$pid") &&
        req POST /verification/check "pid=$pid&code=$code" &&
        has out '{"success":true}' && req GET /healthz && status 200
}

writes_snapshot()
{
    kill -USR2 $SERVICE && soon has_snapshot
}
has_snapshot()
{
    ls "$(dirname "$DB")"/captcha-*.heapsnapshot
}

check 'captchactl check says what the sandbox is here' '
    new_world && "$CTL" init >/dev/null && "$CTL" check >out &&
    grep "^ok *sandbox" out | grep -F "$says" &&
    if [ "$landlock" != 0 ]; then has out "files: Landlock $landlock"; fi'

for way in fcgi spawn; do
    new_world
    echo 'log_level = info' >"$CAPTCHA_CONFIG"
    start $way
    check "$way: the process that serves is shut in" '
        issue && is_shut_in "$(server)" $mode'
    check "$way: the log says how" '
        has "$LOG" "event=sandbox filter=$filter landlock=$landlock"'
    check "$way: a whole visit goes well" 'visit'
    check "$way: a heap snapshot, too" '
        writes_snapshot && visit'
    [ $way = spawn ] ||
        check "$way: the master is not, since it starts others" '
            is_shut_in $SERVICE 0'
    stop || :
    new_world
    start $way --no-sandbox
    check "$way: --no-sandbox leaves it open" '
        visit && is_shut_in "$(server)" 0'
    stop || :
done

# What it is refused it would not need: looked at from outside, from the filter
# on, over pictures drawn ahead, a visit, a snapshot and the end.
traced()
{
    new_world
    rm -f "$SOCK" trace
    MODE=spawn
    # leaks cannot be looked for in what is traced
    launch env CAPTCHA_POOL_SIZE=30 ASAN_OPTIONS=detect_leaks=0 \
        spawn-fcgi -n -s "$SOCK" -- \
        "$(command -v strace)" -D -f -o "$TRASH/trace" "$CAPTCHA"
    soon test -S "$SOCK" && visit && soon has_30 && visit &&
        writes_snapshot && visit && stop
}
has_30()
{
    [ "$(find "$CACHE" -path '*/ready-*/*.png' | wc -l)" -ge 30 ]
}
if strace -D -o trace true 2>/dev/null; then
    check 'nothing that it does is refused' '
        traced &&
        sed "1,/^[0-9 ]*seccomp(.*LOG|.*{len=/d" trace >after &&
        if [ $filter = yes ]; then [ -s after ]; fi &&
        ! grep -E "EPERM|EACCES|ENOSYS" after'
else
    skip 'nothing that it does is refused' 'no strace, or it may not trace'
fi

# The directories are those that were there: one that is made anew is another.
new_world
start fcgi
check 'a cache that is removed costs speed until SIGHUP' '
    visit && first=$(server) && rm -rf "$CACHE" && req GET /verification/get &&
    status 200 && has out image/png && kill -HUP $SERVICE &&
    soon eval "[ -n \"\$(server)\" ] && [ \"\$(server)\" != $first ]" &&
    soon visit && [ -d "$CACHE" ]'
stop || :

# Its database may be a link to elsewhere; what is beside it is there, too.
new_world
mkdir -p "$TRASH/elsewhere"
ln -s "$TRASH/elsewhere/captcha.db" "$DB"
start fcgi
check 'a database behind a symbolic link, also when it is opened again' '
    visit && rm "$TRASH/elsewhere/"* && soon visit &&
    [ -s "$TRASH/elsewhere/captcha.db" ]'
stop || :

finish
