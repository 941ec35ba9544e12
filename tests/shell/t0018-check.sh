# captchactl check: each cause of a fault has its own remedy. A test makes the
# fault, runs the command that check prints, and then check finds nothing wrong.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi

# Another user runs the program, too, and remedies name it without a path.
mkdir -m 755 "$TRASH/bin" && cp "$CTL" "$TRASH/bin/captchactl" &&
    cp "$CAPTCHA" "$TRASH/bin"
chmod 755 "$TRASH" "$TRASH"/bin/*
PATH=$TRASH/bin:$PATH
CTL=captchactl

# remedies [N]: run what the last check printed for N faults, or for all. Some of
# it is for root to run.
remedies()
{
    sed -n '/^WRONG/{ n; s/^ *→ \(as root: \)\{0,1\}//p; }' out |
        head -n "${1-100}" >todo
    [ -s todo ] || { echo "no remedy"; cat out; return 1; }
    sh -ex todo
}

# is_mended [CHECK...]: check finds a fault, its remedy mends it.
is_mended()
{
    [ $# -gt 0 ] || set -- captchactl check
    exits 1 "$@" >out || { cat out; return 1; }
    cat out && remedies && "$@" >out || { cat out; return 1; }
    has_not out WRONG
}

# --- as any user ----------------------------------------------------------------

new_world
check 'a directory that others can read' '
    "$CTL" init >out && chmod 755 "$CACHE" && is_mended'
check 'a database of garbage' '
    rm -f "$DB"-* && echo "this is no database at all, not in the least" \
        >"$DB" && is_mended && has_not "$DB" garbage'
check 'a database of a later version' '
    sql "PRAGMA user_version = 99" && exits 1 "$CTL" check >out &&
    has out "has version 99" && is_mended'
check 'a database that another process holds: the remedy ends that process' '
    rm -f hold locked && mkfifo hold && { sqlite3 "$DB" <hold >/dev/null & } &&
    holder=$! && exec 9>hold &&
    printf "BEGIN EXCLUSIVE;\n.shell touch locked\n" >&9 &&
    soon test -e locked && exits 1 "$CTL" check >out && cp out before &&
    sed -n "s/^ *→ \(kill\)/\1/p" out >todo && [ -s todo ] && sh -ex todo
    rc=$?; exec 9>&-; wait $holder
    [ $rc = 0 ] && has before "process $holder (sqlite3)" &&
    "$CTL" check >out'
check 'a database that a process of another container holds: fuser names it' '
    rm -f hold locked && mkfifo hold && { sqlite3 "$DB" <hold >/dev/null & } &&
    holder=$! && exec 9>hold &&
    printf "BEGIN EXCLUSIVE;\n.shell touch locked\n" >&9 &&
    soon test -e locked && if unshare -rpf true 2>/dev/null; then
        exits 1 unshare -rpf captchactl check >out && has out "fuser -v $DB" &&
            { ! command -v fuser ||
                fuser -v "$DB" 2>&1 | grep -q " $holder "; }
    fi
    rc=$?; exec 9>&-; kill $holder; wait $holder; return $rc'
check 'a full pool: the remedy names the setting' '
    CAPTCHA_POOL_SIZE=40 "$CTL" fill >out &&
    exits 1 "$CTL" check --set cache_max_bytes=64k >out &&
    has out "raise cache_max_bytes" && "$CTL" check >out'
check 'test keys: a warning, and a fault for --production' '
    "$CTL" check --set test_keys=yes >out && has out "WARN    sites" &&
    exits 1 "$CTL" check --production --set test_keys=yes >out &&
    has out "WRONG   sites" && has out "→ set test_keys = no" &&
    "$CTL" check --production >out && has_not out sites'
check 'a font that is not there: the remedy names the setting' '
    exits 1 "$CTL" check --set fonts=/nowhere >out &&
    has out "the setting fonts" && "$CTL" check >out'
check 'a list of words that is not there: the remedy names the setting' '
    exits 1 "$CTL" check --set words_blocked=/nowhere >out &&
    has out "cannot open /nowhere" &&
    has out "→ correct words, words_blocked, ink or paper in $CAPTCHA_CONFIG"'
check 'a database that is a directory' '
    rm -f "$DB"* && mkdir "$DB" && exits 1 "$CTL" check >out &&
    has out "$DB is not a file" && has out "name another" && rmdir "$DB" &&
    "$CTL" check >out'
check 'remedies repeat the options of check, quoted' '
    rm -rf "$DATA" && exits 1 "$CTL" check --set "ink=#000000" \
        --config "$CAPTCHA_CONFIG" >out &&
    has out " --config $CAPTCHA_CONFIG --set '\''ink=#000000'\''"' \
    2>/dev/null


# --- a form whose program does not name its visitors ------------------------------

# checks N [ADDRESS]: by a program of this machine, for a visitor at the address
checks()
{
    MODE=cgi
    for i in $(seq "$1"); do
        HTTP_X_FORWARDED_FOR=${2-} REMOTE_ADDR=127.0.0.1 \
            req POST /verification/check "pid=0123456789abcdef&code=x" || return 1
    done
}

new_world
check 'few checks tell nothing' '
    "$CTL" init >out && checks 99 && "$CTL" check >out &&
    has out "ok      limits    99 of 99 checks since cache_dir was made" && has_not out WARN'
check 'all checks by this machine: a warning, and no fault' '
    checks 1 && "$CTL" check >out && has out "WARN    limits    100 of 100" &&
    has out "checks since cache_dir was made came from this machine" &&
    has out "let the form'\''s program send X-Forwarded-For" &&
    has out "nginx: proxy_set_header X-Forwarded-For \$proxy_add_x_forw" &&
    has out "trusted_proxies = 127.0.0.1 ::1 in $CAPTCHA_CONFIG"'
check 'with the setting of the remedy only the header is left to mend' '
    sed -n "s/.*\(trusted_proxies = [0-9.]* [0-9:]*\) .*/\1/p" out \
        >>"$CAPTCHA_CONFIG" && [ -s "$CAPTCHA_CONFIG" ] &&
    "$CTL" check >out && has out "WARN    limits" &&
    has out X-Forwarded-For && has_not out trusted_proxies'
check 'a try that names a visitor, as the remedy says, has a limit' '
    sed -n "s/.*curl -H .X-Forwarded-For: \([0-9.]*\).*/\1/p" out >visitor &&
    [ -s visitor ] && checks 6 "$(cat visitor)" && "$CTL" check >out &&
    has_not out WARN && has out "100 of 106 checks"'

check 'without a limit there is nothing to warn of' '
    rm "$CACHE/metrics" && : >"$CAPTCHA_CONFIG" && checks 100 &&
    "$CTL" check >out && has out WARN &&
    "$CTL" check --set failed_limit=0/1 >out && has_not out WARN'

if [ "$(id -u)" != 0 ]; then
    for name in 'no directories' 'a file in the place of a directory' \
        'directories of root' 'files of root in directories of the service' \
        'directories of a third user' 'a directory without the right to write' \
        'a shut directory above' 'another user' \
        'directories that the running service cannot use' \
        'what check says of cron' 'something in the way of the pool' \
                'the service itself' 'a path that leads nowhere' 'a read-only file system' \
        'a full file system'; do
        skip "$name" 'needs root'
    done
    finish
    exit
fi

# --- as root --------------------------------------------------------------------

as_nobody()
{
    setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups "$@"
}

# new_install: an installation of nobody
new_install()
{
    rm -rf "$DATA" "$CACHE"
    : >"$CAPTCHA_CONFIG"
    chmod 644 "$CAPTCHA_CONFIG"
    "$CTL" init --user nobody >out
}

check 'no directories' '
    rm -rf "$DATA" "$CACHE" && exits 1 "$CTL" check --user nobody >out &&
    has out "captchactl init --user nobody" && remedies 1 && "$CTL" check --user nobody >out &&
    [ "$(stat -c %U "$DATA" "$CACHE" | sort -u)" = nobody ]'
check 'no directories, and no user given: a user of the system is named' '
    rm -rf "$DATA" "$CACHE" && exits 1 "$CTL" check >out &&
    grep -q "→ captchactl init --user [a-z_-]*$" out && remedies 1 && "$CTL" check >out &&
    [ "$(stat -c %U "$DATA" "$CACHE" | sort -u)" != root ]'
check 'a file in the place of a directory' '
    new_install && rm -rf "$CACHE" && : >"$CACHE" &&
    is_mended "$CTL" check --user nobody && [ -f "$CACHE.aside" ]'
rm -f "$CACHE.aside"
check 'directories of root, where the service is another user' '
    new_install && chown -R root: "$DATA" "$CACHE" && "$CTL" check >out &&
    has out "hint: a service that does not run as root" &&
    has out "→ captchactl check --user " &&
    is_mended "$CTL" check --user nobody &&
    [ -z "$(find "$DATA" "$CACHE" ! -user nobody)" ] && "$CTL" check >out'
check 'one directory of root: the owner of the other one is named' '
    chown root: "$DATA" && is_mended && has_not out root'
check 'files of root in directories of the service' '
    CAPTCHA_POOL_SIZE=4 "$CTL" fill >out && chown root: "$DB"* "$CACHE/metrics" &&
    is_mended && [ -z "$(find "$DATA" "$CACHE" ! -user nobody)" ]'
check 'files of root, and a link of the user: what it leads to stays of root' '
    : >victim && as_nobody ln -sf "$TRASH/victim" "$DB-spare" &&
    chown root: "$DB" && is_mended && as_nobody rm "$DB-spare" &&
    [ "$(stat -c %U victim)" = root ]'
check 'a picture of root deep in the cache' '
    chown root: "$(find "$CACHE" -name "*.png" | head -n 1)" && is_mended'
check 'lost+found of a file system is no fault' '
    mkdir -m 700 "$CACHE/lost+found" && "$CTL" check >out &&
    rmdir "$CACHE/lost+found"'
check 'other files beside the database keep their owner' '
    : >"$DATA/other" && chown root: "$DATA" "$DB" && is_mended &&
    [ "$(stat -c %U "$DATA/other")" = root ] && rm "$DATA/other"'
check 'something in the way of the pool' '
    rm -rf "$CACHE/tmp" && as_nobody touch "$CACHE/tmp" &&
    exits 1 "$CTL" check --user nobody >out && has out "WRONG   pool" &&
    is_mended "$CTL" check --user nobody && rm -r "$CACHE.aside"'
check 'directories of two users: the error names both' '
    chown -R daemon: "$CACHE" && exits 78 "$CTL" check >out 2>err &&
    has err "belongs to nobody, the other directory to daemon: give --user" &&
    is_mended "$CTL" check --user nobody && "$CTL" check >out'
check 'a name of a user with line ends makes no finding and no remedy' '
    name=$(printf "x\nWRONG   data      x\n                  → touch y\033[2J") &&
    as_nobody mkdir -m 0 "$CACHE/$name" && exits 1 "$CTL" check >out &&
    [ "$(grep -c ^WRONG out)" = 1 ] && has out "$CACHE/x?WRONG " &&
    has out "→ rename it" && ! grep "^ *→ touch" out &&
    ! tr -d "\n" <out | grep "[[:cntrl:]]" && rmdir "$CACHE/$name"'
check 'a directory without the right to write' '
    chmod 500 "$DATA" && is_mended && chmod 500 "$CACHE" && is_mended'
check 'a shut directory above' '
    mkdir -m 700 shut && mkdir shut/data && chown nobody: shut/data &&
    is_mended env CAPTCHA_STORE="sqlite:$TRASH/shut/data/captcha.db" \
        captchactl check --user nobody'
check 'another user is sent to root or the owner, by name' '
    exits 1 setpriv --reuid=daemon --clear-groups captchactl check >out &&
    has out "belongs to nobody, and you are daemon: run this as root or as nobody" &&
    has out "→ as root: captchactl check" && remedies 1'
check 'the service itself, where directories are of root, asks for its own' '
    chown -R root: "$DATA" "$CACHE" &&
    exits 1 as_nobody captchactl check >out && has out "as root: chown -h nobody" &&
    remedies && is_mended as_nobody captchactl check'

# launch_as_nobody [OPTION...]: until a worker serves. The service runs as one
# user, and the directories belong to another.
launch_as_nobody()
{
    rm -rf "$TRASH/run" && mkdir "$TRASH/run" && chown nobody: "$TRASH/run" &&
        launch setpriv --reuid=nobody --regid="$(id -gn nobody)" \
            --clear-groups "$TRASH/bin/captcha.fcgi" --listen \
            "unix:$TRASH/run/socket" --workers 1 "$@" &&
        soon is_listening "$TRASH/run/socket" &&
        (MODE=fcgi SOCK=$TRASH/run/socket && req GET /healthz)
}
check 'a running service: check looks as its user does' '
    new_install && launch_as_nobody && "$CTL" check >out &&
    chown -R root: "$DATA" "$CACHE" && exits 1 "$CTL" check >out &&
    has out "belongs to root, so the service cannot write there as nobody" &&
    is_mended && [ -z "$(find "$DATA" "$CACHE" ! -user nobody)" ]'
check 'directories of another user than that of the running service' '
    chown -R daemon: "$DATA" "$CACHE" && exits 1 "$CTL" check >out &&
    has out "belongs to daemon, so the service cannot write there as nobody" &&
    is_mended && [ -z "$(find "$DATA" "$CACHE" ! -user nobody)" ]'
check '--user wins over the user of the running service' '
    chown -R daemon: "$DATA" "$CACHE" && "$CTL" check --user daemon >out'
stop
check 'a service that runs with other directories tells nothing' '
    launch_as_nobody --set "cache_dir=$TRASH/run/cache" \
        --set="store=sqlite:$TRASH/run/captcha.db" && "$CTL" check >out &&
    has out "$CACHE belongs to daemon"'
stop
check 'a service whose options name these directories is found' '
    new_install && launch_as_nobody --config=/dev/null \
        --set "cache_dir=$CACHE" && chown -R daemon: "$DATA" "$CACHE" &&
    exits 1 "$CTL" check >out && has out "as nobody" && is_mended'
stop
# Any user can start a process with the name and the settings of the service.
mkdir -m 755 "$TRASH/other" && cp "$(command -v sleep)" "$TRASH/other/captcha.fcgi" &&
    chmod 755 "$TRASH/other/captcha.fcgi"
check 'where processes of several users have the directories none decides' '
    new_install && launch_as_nobody && chown -R root: "$DATA" "$CACHE" &&
    { setpriv --reuid=daemon --clear-groups "$TRASH/other/captcha.fcgi" 60 &
        other=$!; } && soon grep -qx captcha.fcgi /proc/$other/comm &&
    "$CTL" check >out
    rc=$?; kill $other; wait $other; return $rc'
stop
check 'a path that leads nowhere: the remedy names the settings' '
    ln -s loop loop && exits 1 as_nobody env CAPTCHA_CACHE_DIR="$TRASH/loop" \
        captchactl check >out && has out "$TRASH/loop: Too many levels" &&
    has out "→ name another directory in $CAPTCHA_CONFIG"'

for what in data cache; do
    path=$TRASH/mount/$what
    rm -rf mount && mkdir -p "$path"
    chmod 755 mount
    if ! mount -t tmpfs -o size=64m none "$path" 2>/dev/null; then
        skip "$what: a read-only file system" 'mounting a tmpfs needs root'
        skip "$what: full file systems, and small ones" 'mounting a tmpfs needs root'
        continue
    fi
    MOUNTED=$path
    mkdir "$path/in" && chown -R nobody: "$path"
    chmod 700 "$path/in"
    new_install
    case $what in
    data) look="env CAPTCHA_STORE=sqlite:$path/in/captcha.db captchactl check" ;;
    *) look="env CAPTCHA_CACHE_DIR=$path/in captchactl check" ;;
    esac
    check "$what: a read-only file system" '
        $look >out && mount -o remount,ro "$path" &&
        exits 1 $look >out && has out "read-only" &&
        has out "→ mount -o remount,rw $path" && is_mended $look'
    check "$what: a full file system" '
        { cat /dev/zero >"$path/ballast" || :; } 2>/dev/null &&
        exits 1 $look >out && has out "WRONG   $what" && has out "is full" &&
        has out "remove files below $path, or" && rm "$path/ballast" &&
        $look >out && has_not out WARN'
    check "$what: little room is a warning, and the other lines follow" '
        head -c 60M /dev/zero >"$path/ballast" && $look >out &&
        has out "WARN    $what" && has out " kB are left of the " &&
        has out "→ make $path larger" && has out "ok      database" &&
        has out "ok      pool" && has out "ok      cron" &&
        rm "$path/ballast"'
    umount "$path"
    mount -t tmpfs -o size=20m none "$path"
    mkdir -m 700 "$path/in" && chown -R nobody: "$path"
    check "$what: an empty file system of 20 MB has room" '
        $look >out && has_not out WARN && has out "ok      $what"'
    [ $what = data ] || check "$what: cache_max_bytes given: so much is needed" '
        $look --set cache_max_bytes=16M >out && has out "WARN    cache" &&
        has out "lower cache_max_bytes in $CAPTCHA_CONFIG" &&
        $look --set cache_max_bytes=8M >out && has_not out WARN'
    umount "$path"
    MOUNTED=
done

# --- cron -----------------------------------------------------------------------

# A machine whose /etc, /usr/sbin, processes and sockets are of this test.
cat >machine <<'END'
set -e
mount --bind "$TRASH/etc" /etc
mount --bind "$TRASH/sbin" /usr/sbin
. "$TRASH/do"
END
on_machine()
{
    printf '%s\n' "$1" >do
    TRASH=$TRASH unshare -mpnf --mount-proc sh machine
}

# A remedy of cron starts this daemon, which fills as cron would in a minute.
mkdir etc sbin etc/cron.d
cp /etc/passwd /etc/group etc/
chmod 755 etc && chmod 644 etc/passwd etc/group
grep 'captchactl fill' "$CF_SRCDIR/cron/captcha-fcgi" >etc/cron.d/captcha-fcgi
cp "$(command -v sleep)" bin/cron
for name in apt-get service; do
    cat >bin/$name <<'END'
#!/bin/sh
echo "${0##*/} $*" >>started
cron 60 &
captchactl fill
END
    chmod 755 bin/$name
done
# look: what check says before and after its remedy
look="captchactl check >out && cp out before && sed -n 's/^ *→ \(apt\|serv\)/\1/p' \
    out >todo && sh -e todo >do.log && captchactl check >out"
new_world
export CAPTCHA_POOL_SIZE=2
"$CTL" init >out
if on_machine : 2>/dev/null; then
    check 'no process of the service: only a hint' '
        on_machine "captchactl check >out" && has_not out WARN &&
        has out "no process of the service runs" &&
        has out "hint: /etc/cron.d/captcha-fcgi is there, but no cron daemon" &&
        has out "→ apt-get install cron"'
    MODE=cgi
    check 'cron is not installed' '
        issue && on_machine "$look" && cat before out &&
        has before "WARN    cron      plain CGI draws" &&
        has before "no cron daemon runs in this container" &&
        has before "last filled: not since cache_dir was made" &&
        has started "apt-get install cron" &&
        has out "ok      cron      pool last filled: "'
    check 'cron is stopped' '
        : >sbin/cron && touch -d "3 hours ago" "$CACHE/last-fill" &&
        on_machine "$look" && cat before out &&
        has before "pool last filled: 3 hours ago" &&
        has started "service cron start" && has out "ok      cron"'
    check 'cron runs, and nothing fills' '
        touch -d "3 days ago" "$CACHE/last-fill" &&
        on_machine "cron 60 & while ! grep -qx cron /proc/[0-9]*/comm 2>/dev/null; do :; done
            captchactl check >out" &&
        has out "last filled: 3 days ago; cron runs, and" &&
        has out "→ run the line of fill"'
    # as hidepid of proc(5) hides it
    check 'where /proc hides processes it is not known whether cron runs' '
        on_machine "mount -t tmpfs none /proc/1 && captchactl check >out" &&
        has out "cannot be seen without /proc"'
    check 'a timer is enabled: its journal tells more' '
        mkdir -p etc/systemd/system/timers.target.wants &&
        ln -s /nowhere \
            etc/systemd/system/timers.target.wants/captcha-fill.timer &&
        on_machine "mount -t tmpfs none /run && mkdir -p /run/systemd/system &&
            captchactl check >out" && has out "journalctl -u captcha-fill"'
    check 'a crontab that only cleans: cron would not help' '
        rm "$CACHE/metrics" etc/systemd/system/timers.target.wants/* &&
        cp "$CF_SRCDIR/debian/captcha-fcgi.cron.d" etc/cron.d/captcha-fcgi &&
        on_machine "captchactl check >out" && has_not out "etc/cron.d" &&
        has_not out enable'
    check 'the process of a user who logged in tells nothing of the service' '
        on_machine "setpriv --reuid=daemon --clear-groups \\
                $TRASH/other/captcha.fcgi 60 &
            for i in \$(seq 1200); do
                ! grep -qx captcha.fcgi /proc/\$!/comm || break; sleep 0.05
            done
            captchactl check >before && exit 1
            id -u daemon >loginuid && mount --bind loginuid /proc/\$!/loginuid
            captchactl check >out" &&
        has before "so the service cannot write there as daemon"'
    # A stand-in for systemctl, which starts the service.
    cat >bin/systemctl <<'END'
#!/bin/sh
echo "$*" >>started
rm -f "$TRASH/socket" # of an earlier service
captcha.fcgi --listen "unix:$TRASH/socket" --workers 1 2>>"$TRASH/log" &
for i in $(seq 1200); do
    [ ! -S "$TRASH/socket" ] || exit 0
    sleep 0.05
done
exit 1
END
    chmod 755 bin/systemctl
    with_systemd='unset CAPTCHA_CONFIG; mount -t tmpfs none /run
        mkdir -p /run/systemd/system /run/captcha-fcgi'
    start_it="captchactl check >out && exit 1; cp out before
        sed -n 's/^ *→ \(systemctl\)/\1/p' out >todo
        sh -e todo && captchactl check >out"
    check 'systemd runs, and none of its units is enabled: no fault' '
        on_machine "$with_systemd; captchactl check >out"'
    for unit in service socket; do
        check "captcha-fcgi.$unit is enabled and does not run" '
            mkdir -p etc/systemd/system/some.target.wants &&
            ln -sf /nowhere etc/systemd/system/some.target.wants/captcha-fcgi.$unit &&
            : >started && on_machine "$with_systemd; $start_it || cat out" &&
            has before "WRONG   service   captcha-fcgi.$unit is enabled and" &&
            has before "ok      cron" && has_not before "etc/cron.d" &&
            has started "start captcha-fcgi" && has_not out WRONG &&
            rm etc/systemd/system/some.target.wants/*'
    done
    ln -sf /nowhere etc/systemd/system/some.target.wants/captcha-fcgi.service
    check 'a directory that is missing under systemd: a restart comes last' '
        mv "$CACHE" aside &&
        on_machine "$with_systemd; captchactl check >out || :" &&
        mv aside "$CACHE" &&
        grep -q "captchactl init .* && systemctl restart captcha-fcgi" out'
    check 'where /proc hides processes it is not known whether they run' '
        on_machine "$with_systemd; mount -t tmpfs none /proc/1
            captchactl check >out"'
    check 'without systemd the links of its units tell nothing' '
        on_machine "unset CAPTCHA_CONFIG; captchactl check >out"'
    check 'check of other settings tells nothing of the units' '
        on_machine "$with_systemd; captchactl check \
            --config $TRASH/captcha.conf >out"'
    check_with spawn-fcgi 'a socket that systemd holds starts the service' '
        on_machine "$with_systemd
            spawn-fcgi -s /run/captcha-fcgi/captcha.sock -- \
                $(command -v sleep) 60 >&2 && captchactl check >out"'
    # a process that was killed in another PID namespace seems to live
    rm -r etc/systemd "$CACHE/metrics"
    check 'nothing runs fill' '
        issue &&
        rm etc/cron.d/captcha-fcgi && on_machine "captchactl check >out" &&
        has out "neither /etc/cron.d/captcha-fcgi nor captcha-fill.timer" &&
        has out "→ systemctl enable --now captcha-fill.timer"'
else
    skip 'what check says of cron' 'needs namespaces of mounts and processes'
fi
check 'the last cleaning is told' '
    "$CTL" fill >out && "$CTL" clean >out &&
    touch -d "2 days ago" "$CACHE/last-clean" &&
    "$CTL" check >out && has out "last cleaned: 2 days ago"'
check 'FastCGI needs no cron' '
    touch -d "3 days ago" "$CACHE/last-fill" && start fcgi &&
    req GET /metrics && "$CTL" check >out &&
    has out "FastCGI fills the pool and cleans, processes: 1" && has_not out WARN'
stop

finish
