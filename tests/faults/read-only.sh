#!/bin/sh
# A read-only disk, and directories without rights: no success, 503 with a
# reason, and all is well when it is repaired.
. "$(dirname "$0")/lib.sh"
small_disk

new_world
start cgi
check 'cgi: challenges are live' issue_two
check 'cgi: the disk is read-only' 'mount -o remount,ro "$DISK"'
check 'cgi: issuing is 503, with a reason in the log' '
    req GET /verification/get && status 503 && has_not out "$DISK" &&
    has "$LOG" "$DB"'
check 'cgi: a right answer is 503' '
    req POST /verification/check "pid=$pid&code=$code" && status 503 &&
    has_not out "\"success\":true"'
check 'cgi: health is 503' 'req GET /healthz && status 503'
check 'fcgi: a start fails with a reason' '
    "$CAPTCHA" --listen "unix:$SOCK" --workers 1 2>>"$LOG"; [ $? = 1 ] &&
    has "$LOG" event=stopped'
check 'cgi: writable again, all is well' '
    mount -o remount,rw "$DISK" && accepts "$pid" "$code" &&
    refuses "$pid" "$code" && refuses "$pid2" "${code2}X" && goes_on'
check 'cgi: the database is intact' intact

# As the unit of systemd makes directories that it does not list.
for dir in "$DATA" "$CACHE"; do
    check "--check refuses a ${dir##*/} that is read-only here alone" '
        "$CAPTCHA" --check && unshare --mount sh -c "
            mount --bind \"$dir\" \"$dir\" &&
            mount -o remount,bind,ro \"$dir\" && \"$CAPTCHA\" --check" \
            2>said; [ $? = 1 ] && cat said && grep -qi "read-\?only" said'
done

# As a user with limited rights, from a copy that this user may execute.
chmod 711 "$TRASH" "$DISK"
cp "$CAPTCHA" "$TRASH/captcha.fcgi"
printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups \\\n"%s" "$@"\n' \
    "$TRASH/captcha.fcgi" >"$TRASH/captcha.sh"
chmod 755 "$TRASH/captcha.fcgi" "$TRASH/captcha.sh"
CAPTCHA=$TRASH/captcha.sh
chmod 644 "$CAPTCHA_CONFIG"

for mode in cgi spawn; do
    new_world
    chmod 644 "$CAPTCHA_CONFIG"
    mkdir -p "$CACHE"
    chown 65534:65534 "$DATA" "$CACHE"
    start $mode
    check "$mode: works at first" '
        issue_two && accepts "$pid2" "$code2"'
    check "$mode: the directories have no rights" '
        chmod 000 "$DATA" "$CACHE"'
    check "$mode: never a wrong success, always 200 or 503" '
        for _ in 1 2 3; do
            req GET /verification/get && legal &&
            req POST /verification/check "pid=$pid&code=${code}X" &&
            legal && has_not out "success\":true" || return 1
        done'
    check "$mode: health is 503" '
        soon eval "req GET /healthz && status 503" && has_not out "$DISK"'
    check "$mode: with rights again all is well" '
        chmod 700 "$DATA" "$CACHE" &&
        soon healthy && goes_on && intact'
    check "$mode: ends" 'stop || :'
done
finish
