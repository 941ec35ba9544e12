# Sourced by tests/faults/*.sh, in place of tests/shell/lib.sh. To run a test:
#
#	builddir=$PWD/build sh tests/faults/full-disk.sh
CF_SRCDIR=${CF_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
CF_BUILDDIR=${CF_BUILDDIR:-$(cd "${builddir:-$CF_SRCDIR/build}" && pwd)}
. "$CF_SRCDIR/tests/shell/lib.sh"

# Mount a file system of 1 MiB, and put the database and the cache there.
small_disk()
{
    DISK=$TRASH/disk
    mkdir -p "$DISK"
    mount -t tmpfs -o size=1m,mode=700 none "$DISK" ||
        skip_all 'mounting a tmpfs needs root'
    DATA=$DISK/data CACHE=$DISK/cache DB=$DISK/data/captcha.db
    export CAPTCHA_STORE="sqlite:$DB" CAPTCHA_CACHE_DIR="$CACHE"
}

# Fill the small disk to its last byte, also after a file was removed.
fill_disk()
{
    dd if=/dev/zero bs=4096 2>/dev/null >>"$DISK/ballast" || :
    [ "$(stat -f -c %a "$DISK")" = 0 ]
}
free_disk() { rm "$DISK/ballast"; }

# issue_two: new challenges: $pid and $code, $pid2 and $code2.
issue_two()
{
    issue && pid2=$pid && code2=$(code_of "$pid2") && issue &&
        code=$(code_of "$pid")
}

# accepts PID CODE, refuses PID CODE
accepts()
{
    req POST /verification/check "pid=$1&code=$2" && status 200 &&
        has out '{"success":true}'
}

refuses()
{
    req POST /verification/check "pid=$1&code=$2" && status 200 &&
        has out '"success":false'
}

# Issuing is 503 when the challenges that were recorded ahead are used up.
issuing_stops()
{
    n_issued=0
    until req GET /verification/get && status 503 >/dev/null; do
        n_issued=$((n_issued + 1))
        [ $n_issued -lt 200 ] || return 1
    done
}

healthy() { req GET /healthz && status 200; }

# legal: the last response is 200 or 503.
legal() { grep -q '^Status: \(200\|503\) ' out; }

# A whole visit: a picture inline, a picture by its address, its code accepted
# once and not twice.
goes_on()
{
    req GET /verification/get && status 200 && has out image/png &&
        issue && req GET "/image/$pid.png" && status 200 &&
        code=$(code_of "$pid") && accepts "$pid" "$code" &&
        refuses "$pid" "$code" && healthy
}

intact() { [ "$(sql 'PRAGMA integrity_check')" = ok ]; }
