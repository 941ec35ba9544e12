# Sourced by tests/load/*.sh and script/soak: a lighttpd with N FastCGI
# processes of the service, in a temporary directory, gone at the end.
#
#   here       the sources (default: two above the program)
#   builddir   where captcha.fcgi, captchactl and bench/ are (default: build
#              beside the sources)
#   SERVICE    another program in place of captcha.fcgi
set -eu
LC_ALL=C
export LC_ALL
here=${here:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=$(cd "${builddir:-$here/build}" && pwd)
hammer=$builddir/bench/hammer
service=${SERVICE:-$builddir/captcha.fcgi}
work=$(mktemp -d "${TMPDIR:-/tmp}/captcha-load.XXXXXX")
n_test=0
web_pid=

finish() {
    if [ -n "$web_pid" ]; then
        children=$(pgrep -P "$web_pid" || :)
        kill "$web_pid" 2>/dev/null || :
        wait "$web_pid" 2>/dev/null || :
        # they finish what they are at, in the directory that goes
        for _ in $(seq 100); do
            # shellcheck disable=SC2086
            [ -n "$children" ] && kill -0 $children 2>/dev/null || break
            sleep 0.05
        done
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# ok TEXT COMMAND...: one test, passed when the command succeeds.
ok() {
    text=$1
    shift
    n_test=$((n_test + 1))
    if "$@"; then
        echo "ok $n_test - $text"
    else
        echo "not ok $n_test - $text"
    fi
}

plan() { echo "1..$n_test"; }
note() { echo "# $*"; }

# field NAME JSON: a number of hammer's report.
field() {
    printf '%s\n' "$2" | sed -n "s/.*\"$1\":\\([0-9.]*\\).*/\\1/p"
}

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
        LocalAddr => "127.0.0.1")->sockport'
}

export CAPTCHA_STORE="sqlite:$work/captcha.db"
export CAPTCHA_CACHE_DIR="$work/cache"

# start_web N [KEY=VALUE...]: lighttpd with N processes; settings are given
# to them and to captchactl.
start_web() {
    n=$1
    shift
    for pair in "$@"; do
        export "CAPTCHA_${pair?}"
    done
    port=$(free_port)
    {
        cat <<EOF
server.document-root = "$work"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$work/error.log"
server.max-keep-alive-requests = 10000000
server.modules = ("mod_fastcgi")
fastcgi.server = ("/captcha" => ((
    "socket" => "$work/captcha.sock",
    "bin-path" => "$service",
    "check-local" => "disable",
    "min-procs" => $n, "max-procs" => $n,
    "bin-environment" => (
EOF
        env | sed -n 's/^\(CAPTCHA_[A-Z_]*\)=\(.*\)/        "\1" => "\2",/p'
        echo '    ))))'
    } >"$work/lighttpd.conf"
    lighttpd -D -f "$work/lighttpd.conf" >"$work/out.log" 2>&1 &
    web_pid=$!
    tries=0
    until curl -fs "http://127.0.0.1:$port/captcha/healthz" >/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ]; then
            cat "$work/error.log" "$work/out.log" >&2
            echo "Bail out! the web server does not answer"
            exit 1
        fi
        sleep 0.1
    done
}

# The pids of the service's processes under this lighttpd.
service_pids() { pgrep -P "$web_pid" -f "$service"; }

# bodies: a right answer for each challenge in the store, one form a line.
bodies() {
    sqlite3 "$work/captcha.db" \
        "SELECT 'pid=' || pid || '&code=' || code FROM challenge"
}

# The anonymous memory of a process: generator-memory.c says why this measure.
# Without root there is only status, since the service lets nobody look into it.
own_kb() {
    { cat "/proc/$1/smaps_rollup" || cat "/proc/$1/status"; } 2>/dev/null |
        sed -n -e 's/^Anonymous:[^0-9]*\([0-9]*\).*/\1/p' \
            -e 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p'
}

# snapshots PID: those of a process, the oldest first.
snapshots() {
    find "$work" -maxdepth 1 \
        -name "captcha-$1-*.heapsnapshot" | sort
}

# snapshot PID: have one written; its name to standard output.
snapshot() {
    had=$(snapshots "$1" | wc -l)
    kill -USR2 "$1"
    tries=0
    while [ "$(snapshots "$1" | wc -l)" -eq "$had" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || return 1
        sleep 0.1
    done
    snapshots "$1" | tail -n 1
}
