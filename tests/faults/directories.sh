#!/bin/sh
# Directories that are removed and made anew under the service, which has shut
# itself in with the old ones: its processes end, others follow and go on.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_POOL_SIZE=5

# in_time COMMAND...: within the time in which a process looks for it
in_time()
{
    for _ in 1 2 3 4 5; do
        soon "$@" && return 0
    done
    return 1
}

healthy() { req GET /healthz && status 200; }

new_world
start fcgi
check 'works at first' goes_on
check 'the cache was removed: pictures are drawn' '
    rm -rf "$CACHE" && req GET /verification/get && status 200 &&
    has out image/png'
check 'the cache was made anew: all is well' '
    mkdir "$CACHE" && in_time healthy && goes_on &&
    soon eval "[ \$(n_files) -ge 5 ]"'
check 'the database went with its directory: 503' '
    rm -rf "$DATA" && in_time eval "! healthy" && status 503'
check 'the directory was made anew: all is well' '
    mkdir "$DATA" && in_time goes_on && intact'
check 'no process ended but for these' '
    has_not "$LOG" worker-died &&
    [ "$(grep -c event=moved "$LOG")" -le 2 ]'
check 'ends well' stop
finish
