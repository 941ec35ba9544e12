#!/bin/sh
# Directories are removed and created again. The sandbox of a process allows the
# old ones only: the process ends, and a new one serves.
# rm -r is repeated: the service may write a file while the directory is emptied.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_POOL_SIZE=5

new_world
start fcgi
check 'works at first' goes_on
check 'without the cache pictures are drawn' '
    soon rm -rf "$CACHE" && req GET /verification/get && status 200 &&
    has out image/png'
check 'with a new cache all is well' '
    mkdir "$CACHE" && soon healthy && goes_on &&
    soon eval "[ \$(n_files) -ge 5 ]"'
check 'without the database 503' '
    soon rm -rf "$DATA" && soon eval "! healthy" && status 503'
check 'with a new directory all is well' '
    mkdir "$DATA" && soon goes_on && intact'
check 'only the processes of the old directories ended' '
    has_not "$LOG" worker-died &&
    [ "$(grep -c event=moved "$LOG")" -le 2 ]'
check 'ends well' stop
finish
