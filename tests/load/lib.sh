# Sourced by tests/load/*.sh and script/soak: lighttpd with N FastCGI processes
# of the service, in a temporary directory, which is removed at the end.
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
        # they still use the directory
        tries=0
        for child in $children; do
            while [ $tries -lt 1200 ] && kill -0 "$child" 2>/dev/null; do
                tries=$((tries + 1))
                sleep 0.05
            done
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

export CAPTCHA_STORE="sqlite:$work/captcha.db"
export CAPTCHA_CACHE_DIR="$work/cache"

# start_lighttpd: for the socket of the service; standard input has more options
# of mod_fastcgi.
start_lighttpd() {
    port=$("$here/tests/support/free-ports")
    {
        cat <<EOF
server.document-root = "$work"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$work/error.log"
server.max-keep-alive-requests = 10000000
server.modules = ("mod_fastcgi")
fastcgi.server = ("/captcha" => ((
    "socket" => "$work/captcha.sock", "check-local" => "disable",
EOF
        cat
        echo ')))'
    } >"$work/lighttpd.conf"
    lighttpd -D -f "$work/lighttpd.conf" >"$work/out.log" 2>&1 &
    web_pid=$!
    tries=0
    until curl -fs "http://127.0.0.1:$port/captcha/healthz" >/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 600 ]; then
            cat "$work/error.log" "$work/out.log" >&2
            echo "Bail out! the web server does not answer"
            exit 1
        fi
        sleep 0.1
    done
}

# start_web N [KEY=VALUE...]: lighttpd with N processes of the service. The
# settings are for them and for captchactl.
start_web() {
    n=$1
    shift
    for pair in "$@"; do
        export "CAPTCHA_${pair?}"
    done
    start_lighttpd <<EOF
    "bin-path" => "$service", "min-procs" => $n, "max-procs" => $n,
    "bin-environment" => (
$(env | sed -n 's/^\(CAPTCHA_[A-Z_]*\)=\(.*\)/        "\1" => "\2",/p')
    )
EOF
}

stop_web() {
    kill "$web_pid"
    wait "$web_pid" || :
    web_pid=
}

# The processes of the service under this lighttpd.
service_pids() { pgrep -P "$web_pid" -f "$service"; }

# bodies: a right answer for each challenge in the store, one form a line.
bodies() {
    sqlite3 "$work/captcha.db" \
        "SELECT 'pid=' || pid || '&code=' || code FROM challenge"
}

# ready_codes: digest and code of each ready picture, which its name says
ready_codes() {
    (cd "$CAPTCHA_CACHE_DIR" && find . -path '*/ready-*/*.png' -print0 |
        xargs -0 -r md5sum) |
        perl -ne 'm{^(\w+)\s.*-([0-9a-f]+)\.png$} or die;
            print "$1\t", pack("H*", $2), "\n"'
}

# own_kb PID: its anonymous memory: the kernel may load pages of the program and
# of libraries at any time. RssAnon of status may be wrong by 32 pages for each
# processor since Linux 6.2 (proc_pid_status(5): "inaccurate"), but only root may
# read smaps_rollup of the service.
own_kb() {
    { cat "/proc/$1/smaps_rollup" || cat "/proc/$1/status"; } 2>/dev/null |
        sed -n -e 's/^Anonymous:[^0-9]*\([0-9]*\).*/\1/p' \
            -e 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p'
}

# snapshots PID: the snapshots of a process, the oldest first.
snapshots() {
    find "$work" -maxdepth 1 \
        -name "captcha-$1-*.heapsnapshot" | sort
}

# snapshot PID: make the process write a snapshot, and print its name.
snapshot() {
    had=$(snapshots "$1" | wc -l)
    kill -USR2 "$1"
    tries=0
    while [ "$(snapshots "$1" | wc -l)" -eq "$had" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        sleep 0.1
    done
    snapshots "$1" | tail -n 1
}
