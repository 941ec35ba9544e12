# What the programs in tests/faults share: tests/shell/lib.sh, and a file system
# of 1 MiB for all that the service writes.
#
#	builddir=$PWD/build sh tests/faults/full-disk.sh
CF_SRCDIR=${CF_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
CF_BUILDDIR=${CF_BUILDDIR:-$(cd "${builddir:-$CF_SRCDIR/build}" && pwd)}
. "$CF_SRCDIR/tests/shell/lib.sh"

# small_disk: mounted, with the database and the cache on it.
small_disk()
{
    DISK=$TRASH/disk
    mkdir -p "$DISK"
    mount -t tmpfs -o size=1m,mode=700 none "$DISK" ||
        skip_all 'mounting a tmpfs needs root'
    MOUNTED=$DISK
    DATA=$DISK/data CACHE=$DISK/cache DB=$DISK/data/captcha.db
    export CAPTCHA_STORE="sqlite:$DB" CAPTCHA_CACHE_DIR="$CACHE"
}

# The last byte of it is taken, also after some was given back; all is free.
fill_disk()
{
    dd if=/dev/zero bs=4096 2>/dev/null >>"$DISK/ballast" || :
    [ "$(stat -f -c %a "$DISK")" = 0 ]
}
free_disk() { rm "$DISK/ballast"; }

# issue_two: challenges whose codes are known: $pid and $code, $pid2 and $code2.
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

# Issuing is 503 once the challenges that were recorded ahead are handed out.
issuing_stops()
{
    n_issued=0
    until req GET /verification/get && status 503 >/dev/null; do
        n_issued=$((n_issued + 1))
        [ $n_issued -lt 200 ] || return 1
    done
}

# A picture, an address, its picture, its code once and not twice.
goes_on()
{
    req GET /verification/get && status 200 && has out image/png &&
        issue && req GET "/image/$pid.png" && status 200 &&
        code=$(code_of "$pid") && accepts "$pid" "$code" &&
        refuses "$pid" "$code" && req GET /healthz && status 200
}

intact() { [ "$(sql 'PRAGMA integrity_check')" = ok ]; }
