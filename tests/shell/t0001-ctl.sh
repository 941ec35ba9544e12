# captchactl: every command, what it prints, and its exit codes.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 python3
MODE=cgi

check 'without a command: exit 64, and the commands are shown' '
    exits 64 "$CTL" >out && has out "Usage: captchactl COMMAND"'
for option in --help -h help; do
    check "$option shows the commands, exit 0" '
        "$CTL" $option >out 2>err && has out "Usage:" && [ ! -s err ]'
done
check '--version' '"$CTL" --version >out && grep -q "^captcha-fcgi [0-9]" out'
commands=$("$CTL" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
check 'there are commands' '[ $(echo $commands | wc -w) -ge 7 ]'
new_world
for c in $commands; do
    check "$c --help and --version: exit 0, and nothing is made" '
        "$CTL" $c --help >out 2>err && has out "Usage: captchactl $c" &&
        has out "--config FILE" && has out "Exit codes: 0 done" &&
        "$CTL" $c --version >out && has out captcha-fcgi &&
        [ ! -s err ] && [ ! -e "$DB" ] && [ ! -e "$CACHE" ]'
    check "$c with an unknown option is 64" '
        exits 64 "$CTL" $c --nonsense 2>err && has err "$c --help" &&
        has err "captchactl $c: unrecognized option"'
    check "$c with an argument is 64" '
        exits 64 "$CTL" $c -- nonsense 2>err'
    check "$c with a bad setting: exit 78, with key and range" '
        exits 78 "$CTL" $c --set ttl_s=0 >out 2>err &&
        has err "ttl_s" && has err "1 to 86400" && [ ! -s out ]'
    check "$c with a missing settings file is 78" '
        exits 78 "$CTL" $c --config /nowhere.conf 2>err &&
        has err /nowhere.conf'
    check "$c for an unknown user: exit 64, with the name" '
        exits 64 "$CTL" $c --user no-such-user 2>err &&
        has err "--user no-such-user"'
done
check 'an unknown command is 64 and named' '
    exits 64 "$CTL" nonsense 2>err && has err "nonsense: no such command"'
check '64 times --set work, 65 times are exit 64' '
    set -- && for i in $(seq 64); do set -- "$@" --set ttl_s=$i; done &&
    "$CTL" config "$@" >out && has out "ttl_s = 64" &&
    exits 64 "$CTL" config "$@" --set ttl_s=65 2>err && has err "64 times"'
check 'an option of another command is 64' '
    exits 64 "$CTL" clean --json 2>err && exits 64 "$CTL" stats --seed 1 \
        2>err'
check 'none of these commands made a file' '[ ! -e "$DB" ] && [ ! -e "$CACHE" ]'

# --- init and check -----------------------------------------------------------

rm -rf "$DATA"
check 'check without an installation: exit 1, with a remedy' '
    exits 1 "$CTL" check >out && has out "WRONG   data" &&
    has out "captchactl init" && [ ! -e "$DB" ] && [ ! -e "$CACHE" ]'
check 'init makes database and cache, readable for the user alone' '
    "$CTL" init >out && has out "made $DATA" && has out "made $CACHE" &&
    [ "$(stat -c %a "$CACHE")" = 700 ] && [ "$(stat -c %a "$DB")" = 600 ]'
check 'check finds nothing wrong after init' '
    "$CTL" check >out && has out "ok      database" && has_not out WRONG'
check 'check gives a hint where the cache is on a disk' '
    case $(stat -f -c %T "$CACHE") in
    tmpfs | ramfs) has_not out "hint: on a disk" ;;
    *) has out "hint: on a disk; in memory" ;;
    esac'
check 'init again changes nothing' '
    "$CTL" stats >/dev/null && sql "CREATE TABLE kept (x)" &&
    "$CTL" init >out && has_not out "made " && sql "SELECT * FROM kept" &&
    sql "DROP TABLE kept"'
check 'check finds a missing font' '
    exits 1 "$CTL" check --set fonts=/nowhere >out &&
    has out "WRONG   fonts" && has out /nowhere'
check 'check finds ink and paper of too little contrast' '
    exits 1 "$CTL" check --set ink=#777777 --set paper=#888888 >out &&
    has out "WRONG   pictures" && has out "#777777 on paper #888888" &&
    has out "contrast of 1.26: at least 3" && has_not out fonts-dejavu'
check 'check finds a cache that other users may read' '
    chmod 755 "$CACHE" && exits 1 "$CTL" check >out &&
    has out "mode 0755" && has out "chmod 700 $CACHE" && chmod 700 "$CACHE"'
cp "$DB" saved
check 'check finds a file that is no database' '
    rm -f "$DB"-* && echo "this is no database at all, not in the least" \
        >"$DB" && exits 1 "$CTL" check >out &&
    has out "WRONG   database" && has out "rm -f $DB"'
rm -f "$DB"-*
mv saved "$DB"
check 'init for an unknown user is 64' '
    exits 64 "$CTL" init --user no-such-user 2>err &&
    has err "no-such-user: there is no such user"'
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$TRASH"
    check 'init by root for another user' '
        CAPTCHA_STORE=sqlite:$TRASH/p/d2/x.db CAPTCHA_CACHE_DIR=$TRASH/q/r/c2 \
            "$CTL" init --user nobody >out &&
        [ "$(stat -c %U p/d2 p/d2/x.db q/r/c2 | sort -u)" = nobody ] &&
        [ "$(stat -c %a p p/d2 q/r q/r/c2 | tr "\n" " ")" = "755 700 755 700 " ]'
    check 'fill by root acts as the owner of the cache' '
        CAPTCHA_STORE=sqlite:$TRASH/p/d2/x.db CAPTCHA_CACHE_DIR=$TRASH/q/r/c2 \
            CAPTCHA_POOL_SIZE=2 "$CTL" fill >out &&
        [ -z "$(find q/r/c2 p/d2 ! -user nobody)" ]'
    chmod 700 "$TRASH"
else
    skip 'init by root for another user' 'needs root'
    skip 'fill by root acts as the owner of the cache' 'needs root'
fi

# --- config -------------------------------------------------------------------

check 'config shows values and their origin' '
    echo "ttl_s = 77" >"$CAPTCHA_CONFIG" &&
    "$CTL" config --set length=4 >out &&
    has out "ttl_s = 77	# $CAPTCHA_CONFIG" &&
    has out "length = 4	# command line" &&
    has out "store = sqlite:$DB	# environment" &&
    has out "attempts = 1	# default"'
: >"$CAPTCHA_CONFIG"
check 'a full disk behind standard output is told' '
    for args in config assets "config --man" "site list --json" stats; do
        exits 1 "$CTL" $args >/dev/full 2>err || return
        has err "cannot write all to standard output" || return
    done'
check 'the sample is a settings file with all defaults' '
    "$CTL" config --sample >sample.conf &&
    "$CTL" config --config sample.conf >a && "$CTL" config >b &&
    sed "s/	#.*//" a >a1 && sed "s/	#.*//" b >b1 && cmp a1 b1 &&
    sed "s/^#\([a-z]\)/\1/" sample.conf >active.conf &&
    grep -v "^database\|^cache_dir" active.conf >active2.conf &&
    CAPTCHA_POOL_SIZE=1000 CAPTCHA_STORE_TIMEOUT_MS=1500 \
        "$CTL" config --config active.conf >c'
check 'config reads what it has printed' '
    sed "s/	#.*//" b >again.conf &&
    "$CTL" config --config again.conf >d && sed "s/	#.*//" d | cmp - b1'

# --- fill, stats, clean ---------------------------------------------------------

new_world
export CAPTCHA_POOL_SIZE=6
check 'fill draws the missing pictures; a second fill draws none' '
    "$CTL" fill >out 2>err && has out "drew 6 pictures" && [ ! -s err ] &&
    [ "$(n_files)" = 6 ] && "$CTL" fill >out && has out "drew 0 pictures"'
check 'fill while another process fills draws nothing, exit 0' '
    flock "$CACHE/fill.lock" "$CTL" fill >out &&
    has out "another process is filling"'
check 'fill --wait waits for that process' '
    rm "$(find "$CACHE" -path "*/ready-*/*.png" | head -n 1)" &&
    { flock "$CACHE/fill.lock" sleep 0.3 & } && sleep 0.1 &&
    "$CTL" fill --wait >out && has out "drew 1 pictures"; wait'
# The room is estimated from the average size of a picture, so near the limit
# fill may draw one more, a few times.
check 'fill stops at cache_max_bytes, exit 1, and names the setting' '
    code=0 && for i in $(seq 20); do
        "$CTL" fill --set cache_max_bytes=64k --set pool_size=1000 \
            >out 2>err || { code=$? && break; }
    done && [ $code = 1 ] && has err cache_max_bytes &&
    bytes=$(find "$CACHE" -name "*.png" -printf "%s\n" |
        awk "{ n += \$1 } END { print n }") &&
    [ "$bytes" -gt 50000 ] && [ "$bytes" -lt 80000 ]'
new_world
check 'stats counts' '
    "$CTL" fill >/dev/null && issue && issue && "$CTL" stats >out &&
    grep -q "^live_challenges  *2 " out && grep -q "^ready_pictures  *4 " out &&
    grep -q "^live_pictures  *2 " out && grep -q "^cache_days  *1 " out'
check 'stats --json is one line of JSON with the same' '
    "$CTL" stats --json >out && [ "$(wc -l <out)" = 1 ] &&
    python3 -m json.tool out >/dev/null &&
    has out "\"live_challenges\":2," && has out "\"ready_pictures\":4," &&
    [ "$(python3 -c "import json; print(len(json.load(open(\"out\"))))")" \
        = "$("$CTL" stats | wc -l)" ]'
check 'clean leaves what is live' '
    "$CTL" clean >out && has out "removed 0 expired challenges" &&
    [ "$(n_rows)" = 2 ] && [ "$(n_files)" = 6 ] && [ "$(wc -l <out)" = 1 ]'
# SQL has text in single quotes, and so are the checks.
expire_all()
{
    sql "UPDATE challenge SET pid = '00000' || substr(pid, 6),
         expires_unix_ms = created_unix_ms"
}
check 'clean removes what has expired, and old days' '
    expire_all &&
    mkdir -p "$CACHE/2026-01-01/live" "$CACHE/2026-01-01/ready-1a2b3c" &&
    echo x >"$CACHE/2026-01-01/live/0000012345678901.png" &&
    echo x >"$CACHE/2026-01-01/ready-1a2b3c/0123456789abcdef-61.png" &&
    touch -d 2026-01-01 "$CACHE/2026-01-01/ready-1a2b3c/0123456789abcdef-61.png" &&
    "$CTL" clean >out && has out "removed 2 expired challenges, 1 of their" &&
    has out "1 stale ready" && has out "1 day director" &&
    [ "$(n_rows)" = 0 ] && [ ! -e "$CACHE/2026-01-01" ]'
check 'a trouble beside the work is told in plain words' '
    rm "$CACHE/metrics" && mkdir "$CACHE/metrics" && "$CTL" clean >out 2>err &&
    grep -q "^captchactl: metrics: $CACHE: cannot open metrics: " err &&
    has_not err =; rc=$?; rmdir "$CACHE/metrics"; return $rc'
check 'two processes that clean at once both succeed' '
    { "$CTL" clean --set store_timeout_ms=5000 >o1 & } && one=$! &&
    "$CTL" clean --set store_timeout_ms=5000 >o2 && wait $one'
check 'clean with the database locked is 75' '
    rm -f hold locked && mkfifo hold && { sqlite3 "$DB" <hold >/dev/null & } &&
    exec 9>hold &&
    printf "BEGIN EXCLUSIVE;\n.shell touch locked\n" >&9 &&
    soon test -e locked && exits 75 "$CTL" clean >out 2>err;
    rc=$?; printf "ROLLBACK;\n" >&9; exec 9>&-; wait
    [ $rc = 0 ] && has err "holds its lock" && [ ! -s out ] &&
    "$CTL" clean >out'

# --- answer -------------------------------------------------------------------

new_world
check 'answer prints the right answer, and leaves the challenge as it is' '
    issue && "$CTL" answer "$pid" >out 2>err && [ ! -s err ] &&
    [ "$(cat out)" = "$(code_of "$pid")" ] && code=$(cat out) &&
    "$CTL" answer "$pid" >out && [ "$(cat out)" = "$code" ] &&
    req POST /verification/check "pid=$pid&code=$code" &&
    has out "{\"success\":true}"'
check 'answer for a used challenge is 1, and prints nothing' '
    exits 1 "$CTL" answer "$pid" >out 2>err && [ ! -s out ] &&
    has err "$pid: there is no such challenge"'
check 'answer for an expired challenge is 1, and says so' '
    issue && sql "UPDATE challenge SET expires_unix_ms = created_unix_ms" &&
    exits 1 "$CTL" answer "$pid" >out 2>err && [ ! -s out ] &&
    has err "$pid: the challenge has expired" && [ "$(n_rows)" = 1 ]'
check 'answer without PID, or with what is no pid, is 64' '
    exits 64 "$CTL" answer 2>err && has err "PID is missing" &&
    exits 64 "$CTL" answer short 2>err && has err "short is no pid" &&
    exits 64 "$CTL" answer "$pid" "$pid" 2>err'
check 'answer makes no store' '
    exits 1 "$CTL" answer "$pid" --set store="sqlite:$TRASH/none/captcha.db" \
        >out 2>err && has err "$TRASH/none/captcha.db: No such file" &&
    has err "captchactl check" && [ ! -e none ]'
check 'no log has the answer' '
    issue && code=$("$CTL" answer "$pid" --set log_level=debug 2>err) &&
    [ "$code" ] && ! grep -i "$code" err && ! grep -i "$code" "$LOG"'
if [ "$(id -u)" = 0 ]; then
    check 'answer by another user is 1, and prints nothing' '
        mkdir -m 755 open && cp "$CTL" open && chmod 755 "$TRASH" open/* &&
        chmod 644 "$CAPTCHA_CONFIG" &&
        exits 1 setpriv --reuid=nobody --clear-groups open/captchactl answer \
            "$pid" --set store="sqlite:$DB" >out 2>err &&
        [ ! -s out ] && has err "$DB: Permission denied: run this as root"; rc=$?; chmod 700 "$TRASH"; return $rc'
    check 'answer by root acts for the owner' '
        chmod 755 "$TRASH" && chown -R nobody "$DATA" "$CACHE" &&
        code=$("$CTL" answer "$pid") && [ "$code" = "$(code_of "$pid")" ] &&
        [ -z "$(find "$DATA" "$CACHE" ! -user nobody)" ]
        rc=$?; chmod 700 "$TRASH"; return $rc'
else
    skip 'answer by another user is 1, and prints nothing' 'needs root'
    skip 'answer by root acts for the owner' 'needs root'
fi
new_world

# --- render -------------------------------------------------------------------

check 'render draws --count pictures and lists their codes' '
    "$CTL" render --count 12 --seed 7 --out r1 >out 2>err &&
    [ ! -s out ] && [ ! -s err ] && [ "$(ls r1/*.png | wc -l)" = 12 ] &&
    [ "$(wc -l <r1/labels.tsv)" = 12 ] &&
    [ "$(grep -c "^[0-9]\{5\}\.png	[a-z0-9]\{5,6\}$" r1/labels.tsv)" = 12 ] &&
    cut -f1 r1/labels.tsv | while read -r f; do [ -s "r1/$f" ] || exit 1; done'
check 'render writes a page with each picture on light and on dark' '
    [ "$(grep -c "<img src=\"000[01][0-9].png\" width=\"[0-9]*\"" \
        r1/index.html)" = 24 ] && cut -f2 r1/labels.tsv | while read -r code; do
        grep -q "<figcaption>$code<" r1/index.html || exit 1; done'
check 'the same seed gives the same bytes' '
    "$CTL" render --count 12 --seed 7 --out r2 && diff -r r1 r2'
# draws SUM OPTION...: a change of the look changes it. Look at the pictures before
# you replace it.
draws()
{
    sum=$1
    shift
    rm -rf drawn
    "$CTL" render --count 200 --seed 4711 --out drawn "$@" &&
        cat drawn/labels.tsv drawn/*.png | sha256sum >got &&
        has got "$sum"
}
while read -r sum options; do
    # shellcheck disable=SC2086 # options without spaces
    check "render ${options:-without settings}: these bytes on any processor" '
        draws $sum $options'
done <<'END'
e99b693ffcd2c762b8d299d2fe60b30e5e3ac2bc7cc75f1a6694e20988e3d25d
7cfb92550b76799647d0c567a97a29fe98e2569ce481f3d697859f9f7dc54bb0 --set difficulty=easy
cc7f30701f8f6bd69843c2b252554994efcf0a37d0673b1bec7f4855a1c49c7a --set difficulty=hard --set scale=1
3bcc9fb723708ef650e7d2509ab07d3239a7e9fed0302803e6c8ad6e2c6b9b5f --set width=400 --set height=150
aa8facd628b3b52661f12f1cb2ba62c67933eac11c60a36ee57c8bc48f21b506 --set alphabet=cyrillic
425f57deef302b7c75c1109f8d3b5c71f69d09e6d99ca5a9b5d032b5d65f6781 --set paper=#463c28
END
check 'another seed gives other pictures and codes' '
    "$CTL" render --count 12 --seed 8 --out r3 &&
    ! cmp r1/00000.png r3/00000.png && ! cmp r1/labels.tsv r3/labels.tsv'
check 'without a seed each run gives other codes' '
    "$CTL" render --count 3 --out r4 && "$CTL" render --count 3 --out r5 &&
    ! cmp r4/labels.tsv r5/labels.tsv'
check 'a repeated run replaces its files' '
    "$CTL" render --count 2 --seed 9 --out r1 &&
    [ "$(wc -l <r1/labels.tsv)" = 2 ] &&
    "$CTL" render --count 2 --seed 9 --out r6 && cmp r1/00001.png r6/00001.png'
check '--text is drawn and labelled' '
    "$CTL" render --text WPM --seed 1 --out r7 &&
    [ "$(cat r7/labels.tsv)" = "00000.png	wpm" ]'
check 'render without --out is 64' '
    exits 64 "$CTL" render 2>err && has err "--out"'
for n in 0 -1 x 1.5 '' 10000001; do
    check "render --count \"$n\" is 64, with the range" '
        exits 64 "$CTL" render --count "$n" --out r8 2>err &&
        has err "--count" && has err "1 to" && [ ! -e r8 ]'
done
check 'render --seed nonsense is 64' '
    exits 64 "$CTL" render --seed x --out r8 2>err && has err "--seed"'
check '--text with a space, empty or too long is 64' '
    exits 64 "$CTL" render --text "a b" --out r8 2>err && [ -s err ] &&
    exits 64 "$CTL" render --text "" --out r8 2>err && [ -s err ] &&
    exits 64 "$CTL" render --text ABCDEFGHIJKLMNOPQ --out r8 2>err'
check 'a directory that cannot be made: exit 1, with its name' '
    echo x >file && exits 1 "$CTL" render --out file/below 2>err &&
    has err file/below'

if [ "$(id -u)" = 0 ]; then
    check 'with --user, render names the user who cannot write' '
        mkdir -m 700 mine && exits 1 "$CTL" render --user nobody \
            --out "$TRASH/mine/look" 2>err && has err "(as nobody)" &&
        "$CTL" render --out "$TRASH/mine/look"'
else
    skip 'with --user, render names the user who cannot write' 'needs root'
fi

# --- progress -----------------------------------------------------------------

check 'progress is shown on a terminal' '
    script -qec "\"$CTL\" render --count 200 --seed 1 --out r9" /dev/null \
        </dev/null >tty && has tty "drawing: 200 of 200 (100 %)"'
check 'progress is not shown in a pipe' '
    "$CTL" render --count 200 --seed 1 --out r9 2>&1 | cat >out &&
    [ ! -s out ]'

finish
