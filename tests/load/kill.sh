#!/bin/sh
# Processes are killed with SIGKILL while they issue and check: no picture is
# served to two pids, no pid is accepted twice, and only right answers are. The
# next clean removes what the processes left. doc/reliability.md has the figures
# of SECONDS_OF_KILLING=120.
. "$(dirname "$0")/lib.sh"

SECONDS_OF_KILLING=${SECONDS_OF_KILLING:-12}
TTL_S=20

export CAPTCHA_TTL_S=$TTL_S CAPTCHA_POOL_SIZE=3000
"$builddir/captchactl" fill --wait >/dev/null
"$builddir/captcha.fcgi" --listen "unix:$work/captcha.sock" --workers 4 \
    2>"$work/master.log" &
master=$!

# kill_for SECONDS: a random worker, about three times a second. It goes on until
# at least one a second was killed, and enough was issued and passed to tell: the
# master waits before it replaces a worker that lived for less than a second.
is_enough() {
    [ "$(wc -l <"$work/killed")" -ge "$1" ] &&
        [ "$(wc -l <"$work/issued")" -ge 1500 ] &&
        [ "$(wc -l <"$work/passed-right")" -ge 500 ]
}
kill_for() {
    end=$(($(date +%s) + $1))
    while now=$(date +%s) && [ "$now" -lt $((end + 120)) ] &&
        { [ "$now" -lt "$end" ] || ! is_enough "$1"; }; do
        victim=$(pgrep -P "$master" | shuf -n 1)
        if [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null; then
            echo "$victim" >>"$work/killed"
        fi
        sleep "0.$(shuf -i 10-50 -n 1)"
    done
}

start_lighttpd </dev/null
ready_codes >"$work/ready"

# issue_some: of each answer, the pid and the digest of the picture to ./issued;
# the pid and the code that the store has, to ./codes.
issue_some() {
    "$hammer" -c 16 -n 400 -o "$work/some" "$port" \
        /captcha/verification/get >>"$work/reports" || :
    perl -MMIME::Base64 -MDigest::MD5=md5_hex -ne 'my ($pid, $img) = split;
        print "$pid\t", md5_hex(decode_base64($img)), "\n"' \
        "$work/some" >"$work/new"
    cat "$work/new" >>"$work/issued"
    sqlite3 -cmd '.timeout 5000' "$work/captcha.db" -separator "$tab" \
        'SELECT pid, code FROM challenge' >"$work/live"
    awk -F "$tab" 'NR == FNR { is_new[$1]; next } $1 in is_new' \
        "$work/new" "$work/live" >"$work/new-codes"
    cat "$work/new-codes" >>"$work/codes"
}

# check_some: a wrong answer to every fourth of them and the right answer to the
# others, each four times at the same moment.
check_some() {
    awk -F "$tab" 'NR % 4 == 0 { print "pid=" $1 "&code=" $2 "X" }' \
        "$work/new-codes" >"$work/wrong"
    awk -F "$tab" 'NR % 4 { print "pid=" $1 "&code=" $2 }' \
        "$work/new-codes" >"$work/right"
    for answers in wrong right; do
        [ -s "$work/$answers" ] || continue
        "$hammer" -r 4 -b "$work/$answers" -o "$work/some" "$port" \
            /captcha/verification/check >>"$work/reports" || :
        cat "$work/some" >>"$work/passed-$answers"
    done
}

tab=$(printf '\t')
for name in killed issued codes passed-wrong passed-right reports; do
    : >"$work/$name"
done
kill_for "$SECONDS_OF_KILLING" &
killer=$!
while kill -0 $killer 2>/dev/null; do
    issue_some
    check_some
done
wait $killer || :
issued=$(wc -l <"$work/issued")
passed=$(wc -l <"$work/passed-right")
note "$(wc -l <"$work/killed") workers killed in $SECONDS_OF_KILLING s:" \
    "$issued challenges issued, $passed passed"
note "answers by status: $(sed 's/.*"status"://' "$work/reports" |
    tr -d '{}"' | tr ',' '\n' |
    awk -F: '{ n[$1] += $2 } END { for (s in n) printf "%s:%d ", s, n[s] }')"
ok "workers were killed all along" \
    [ "$(wc -l <"$work/killed")" -ge "$SECONDS_OF_KILLING" ]
ok "challenges were issued all along" [ "$issued" -ge 1000 ]
ok "checks succeeded all along" [ "$passed" -ge 500 ]
ok "all pids differ" \
    [ "$(cut -f1 "$work/issued" | sort -u | wc -l)" -eq "$issued" ]
ok "no picture was served to two pids" \
    [ "$(cut -f2 "$work/issued" | sort | uniq -d | wc -l)" -eq 0 ]
ok "no pid was accepted twice" \
    [ "$(sed 's/&.*//' "$work"/passed-* | sort | uniq -d | wc -l)" -eq 0 ]
ok "no wrong answer was accepted" [ ! -s "$work/passed-wrong" ]

# Of pictures that were ready at the start: the store has the code of the file.
awk -F "$tab" -v OFS="$tab" '
    FILENAME ~ /ready$/ { says[$1] = $2; next }
    FILENAME ~ /issued$/ { if ($2 in says) code[$1] = says[$2]; next }
    $1 in code { n++; if ($2 != code[$1]) bad++ }
    END { print n + 0, bad + 0 }' \
    "$work/ready" "$work/issued" "$work/codes" >"$work/compared"
read -r compared bad <"$work/compared"
note "$compared of the pictures were ready at the start"
ok "the code that is accepted is that of the picture" \
    [ "$compared" -ge 1000 -a "$bad" -eq 0 ]
ok "only answers that are right were accepted" \
    [ "$(awk -F "$tab" 'NR == FNR { is["pid=" $1 "&code=" $2]; next }
        !($0 in is)' "$work/codes" "$work/passed-right" | wc -l)" -eq 0 ]

kill "$master"
wait "$master" || :
sleep $((TTL_S + 6))
find "$CAPTCHA_CACHE_DIR/tmp" -type f -exec touch -d '5 minutes ago' {} +
note "$("$builddir/captchactl" clean)"
ok "the next clean takes every challenge" \
    [ "$(sqlite3 "$work/captcha.db" 'SELECT count(*) FROM challenge')" -eq 0 ]
left=$(cd "$CAPTCHA_CACHE_DIR" &&
    find . -type f \( -path './*/live/*' -o -path './tmp/*' \) | wc -l)
ok "and every picture of one, and every temporary file" [ "$left" -eq 0 ]
plan
