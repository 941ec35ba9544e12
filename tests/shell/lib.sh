# Sourced by the shell tests: a trash directory, TAP, and requests over CGI and
# FastCGI. CF_BUILDDIR is the build tree. By hand, from the build tree:
# CF_SRCDIR=.. CF_BUILDDIR=$PWD sh ../tests/shell/t0002-flow.sh
#
#	needs sqlite3 cgi-fcgi
#	check 'name' 'commands && chained'
#	finish
#
# A case fails when its commands fail, and their output is then shown. Commands
# run in the script's own shell, so a case can use variables of the case before.
set -eu
LC_ALL=C
export LC_ALL
: "${CF_SRCDIR:?}" "${CF_BUILDDIR:?}"

# processes_of FIELD NUMBER: the processes that have NUMBER in that field of
# /proc/PID/stat, which are no zombies. A name may have blanks and brackets.
processes_of()
{
    cat /proc/[0-9]*/stat 2>/dev/null |
        sed -n 's/^\([0-9]*\) (.*) \([^ZX] .*\)/\1 - \2/p' |
        awk -v field="$1" -v number="$2" '$field == number { print $1 }'
}
PARENT=4 SESSION=6

# End all that the test has started, also when it was killed: nothing else is in
# its session, and nothing else is mounted below its trash.
clear_away()
{
    trap '' HUP INT PIPE TERM
    kill -KILL "$session" 2>/dev/null || :
    while pids=$(processes_of $SESSION "$session") && [ -n "$pids" ]; do
        kill -KILL $pids 2>/dev/null || :
        sleep 0.05
    done
    awk -v trash="$TRASH/" 'index($2, trash) == 1 { print $2 }' /proc/mounts |
        while read -r mounted; do
            umount "$mounted" || :
        done
    rm -rf --one-file-system "$TRASH"
}

# The test itself runs in a session of its own, below this shell.
if [ -z "${CF_TRASH-}" ]; then
    TRASH=$(mktemp -d "${TMPDIR:-/tmp}/captcha-shell-XXXXXX")
    # a shell starts background commands with SIGINT ignored
    CF_TRASH=$TRASH env --default-signal=INT,QUIT,PIPE setsid \
        "$(readlink /proc/$$/exe)" "$0" <&0 &
    session=$!
    trap clear_away EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    code=0
    wait $session || code=$?
    exit $code
fi
TRASH=$CF_TRASH
unset CF_TRASH

CAPTCHA=$CF_BUILDDIR/captcha.fcgi
CTL=$CF_BUILDDIR/captchactl
DATA=$TRASH/data
CACHE=$TRASH/cache
DB=$DATA/captcha.db
SOCK=$TRASH/socket
LOG=$TRASH/service.log
FORM=application/x-www-form-urlencoded
JSON=application/json
SERVICE=
n_cases=0
n_failed=0

# Ignore settings of the machine.
for name in $(env | sed -n 's/^\(CAPTCHA_[A-Za-z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
unset REQUEST_METHOD 2>/dev/null || :
export CAPTCHA_CONFIG="$TRASH/captcha.conf"
export CAPTCHA_STORE="sqlite:$DB" CAPTCHA_CACHE_DIR="$CACHE"
export CAPTCHA_POOL_SIZE=0 CAPTCHA_STORE_TIMEOUT_MS=100
umask 077
cd "$TRASH"

# --- TAP ----------------------------------------------------------------------

# A function, so that `return` in a case ends only the case.
run_case()
{
    eval "$1"
}

check()
{
    n_cases=$((n_cases + 1))
    if run_case "$2" >"$TRASH/case.log" 2>&1; then
        echo "ok $n_cases - $1"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $n_cases - $1"
        {
            printf '%s\n' "$2"
            tail -c 2000 "$TRASH/case.log"
            echo "service log:"
            tail -n 5 "$LOG" 2>/dev/null || :
        } | tr -d '\000' | sed 's/^/# /'
    fi
}

skip()
{
    n_cases=$((n_cases + 1))
    echo "ok $n_cases - $1 # SKIP $2"
}

skip_all()
{
    echo "1..0 # SKIP $1"
    exit 0
}

# with NAME=VALUE... -- COMMAND...: the command, with these variables
with()
{
    (
        while [ "$1" != -- ]; do
            export "${1?}"
            shift
        done
        shift
        "$@"
    )
}

# needs PROGRAM...: without them the test is skipped.
needs()
{
    for program; do
        command -v "$program" >/dev/null || skip_all "$(lacks "$program")"
    done
}

lacks()
{
    echo "no $1: script/setup --test installs it"
}

# check_with PROGRAM 'name' 'commands': a case that needs a program.
check_with()
{
    if command -v "$1" >/dev/null; then
        check "$2" "$3"
    else
        skip "$2" "$(lacks "$1")"
    fi
}

# Whatever a test did, no log of the service may have a token, a secret or a
# query. SECRETS: those of the test, one a line.
finish()
{
    check 'no log has a token, a secret or a query' '
        cat "$LOG" old.log >logs 2>/dev/null || :
        ! grep -aE "C1_[0-9A-Za-z]{16}_|(secret|response|remoteip)=" logs &&
        { [ ! "${SECRETS-}" ] || ! grep -aF -e "$SECRETS" logs; }'
    echo "1..$n_cases"
    [ "$n_failed" = 0 ]
}

# has FILE TEXT: FILE contains TEXT.
has()
{
    grep -aqF -e "$2" "$1" || {
        echo "\"$2\" is not in $1:"
        tail -c 1500 "$1"
        return 1
    }
}

has_not()
{
    ! grep -aqF -e "$2" "$1" || {
        echo "\"$2\" is in $1:"
        tail -c 1500 "$1"
        return 1
    }
}

# exits CODE COMMAND...: the command ends with that exit code.
exits()
{
    wanted=$1
    shift
    code=0
    "$@" || code=$?
    [ "$code" = "$wanted" ] || {
        echo "exit code $code, not $wanted: $*"
        return 1
    }
}

# soon COMMAND...: it succeeds within a minute; the machine may be busy.
soon()
{
    for _ in $(seq 1200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "did not succeed: $*"
    return 1
}

# --- the service ----------------------------------------------------------------

# Begin with an empty installation.
new_world()
{
    rm -rf "$DATA" "$CACHE"
    mkdir "$DATA"
    : >"$CAPTCHA_CONFIG"
    cat "$LOG" >>old.log 2>/dev/null || :
    : >"$LOG"
}

# launch COMMAND...: in the background, as the service.
launch()
{
    "$@" >/dev/null 2>>"$LOG" &
    SERVICE=$!
}

# is_listening SOCKET: a socket file is there a moment before
is_listening()
{
    grep -q " 00010000 .* $1\$" /proc/net/unix
}

# start MODE: cgi needs no process; fcgi is its own process manager; spawn has
# the listening socket as its standard input, as lighttpd and Apache give it.
start()
{
    MODE=$1
    rm -f "$SOCK"
    case $MODE in
    cgi) return 0 ;;
    fcgi) launch "$CAPTCHA" --listen "unix:$SOCK" --workers 1 ${2-} ;;
    spawn) launch spawn-fcgi -n -s "$SOCK" -- "$CAPTCHA" ${2-} ;;
    esac
    soon is_listening "$SOCK"
}

# The workers of a service that is its own process manager.
workers()
{
    processes_of $PARENT "$SERVICE"
}

# has_ended PID; a zombie has.
has_ended()
{
    ! grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

# End the service; the result is its exit code.
stop()
{
    [ -n "$SERVICE" ] || return 0
    kill -TERM $SERVICE
    code=0
    wait $SERVICE || code=$?
    SERVICE=
    return $code
}

# send FILE METHOD PATH[?QUERY] [TYPE [LENGTH]]: a request with FILE as its body.
# The answer goes to ./out. LENGTH is the file's by default.
send()
{
    file=$1
    method=$2
    path=${3%%\?*}
    query=
    case $3 in
    *\?*) query=${3#*\?} ;;
    esac
    type=${4-}
    length=${5-$(wc -c <"$file" | tr -d ' ')}
    case $MODE in
    cgi) set -- "$CAPTCHA" ;;
    *) set -- cgi-fcgi -bind -connect "$SOCK" ;;
    esac
    env REQUEST_METHOD="$method" PATH_INFO="$path" QUERY_STRING="$query" \
        CONTENT_TYPE="$type" CONTENT_LENGTH="$length" \
        SCRIPT_NAME=/captcha GATEWAY_INTERFACE=CGI/1.1 \
        SERVER_PROTOCOL=HTTP/1.1 \
        "$@" <"$file" >out 2>>"$LOG"
}

# req METHOD PATH[?QUERY] [BODY [TYPE]]
req()
{
    printf %s "${3-}" >body
    send body "$1" "$2" "${4-$FORM}"
}

# status CODE: of the answer in ./out.
status()
{
    head -n 1 out | grep -q "^Status: $1 " || {
        echo "status is not $1:"
        head -c 600 out
        return 1
    }
}

# The body of the answer, without its head.
body_of_out()
{
    sed '1,/^.$/d' out
}

# issue: a new challenge; its pid is in $pid.
issue()
{
    req GET '/verification/get?img=url' && status 200 &&
        pid=$(body_of_out | sed -n 's/^{"pid":"\([0-9A-Za-z]*\)".*/\1/p') &&
        [ ${#pid} = 16 ]
}

# As sqlite3(1) since 3.53: text in double quotes is an error.
sql()
{
    sqlite3 -cmd '.timeout 5000' -cmd '.output /dev/null' \
        -cmd '.dbconfig dqs_dml off' -cmd '.output' "$DB" "$1"
}

code_of()
{
    sql "SELECT code FROM challenge WHERE pid = '$1'"
}

# newest: the newest challenge that is no reserve: $pid, and its answer $right
newest()
{
    pid=$(sql "SELECT pid FROM challenge WHERE note = ''
        ORDER BY created_unix_ms DESC, pid DESC LIMIT 1")
    right=$(code_of "$pid")
}

# The English voices of the build; empty without flite.
VOICES=$CF_BUILDDIR/voices/bank_en

needs_voices()
{
    [ -s "$VOICES" ] || skip_all 'a build without voices: configure finds flite'
}

# add_bank LANG: another bank, by its name, in cache_dir
add_bank()
{
    mkdir -p "$CACHE/audio/$1/2026-01-01" &&
        cp "$VOICES" "$CACHE/audio/$1/2026-01-01/bank" &&
        printf another1 | dd of="$CACHE/audio/$1/2026-01-01/bank" bs=1 seek=8 \
            conv=notrunc 2>/dev/null
}

# The secret of the installation, in hexadecimal.
key_of_world()
{
    sql 'SELECT hex(value) FROM secret'
}

# said PID: the digits that its sound says
said()
{
    echo "$1" | python3 "$CF_SRCDIR/tests/support/said.py" "$(key_of_world)"
}

n_rows()
{
    sql 'SELECT count(*) FROM challenge'
}

n_files()
{
    find "$CACHE" -name '*.png' | wc -l | tr -d ' '
}

# All that a request can change, but for the log.
state_of_world()
{
    sql 'SELECT * FROM challenge ORDER BY pid' &&
        find "$CACHE" -name '*.png' | sort
}
