# Kinds of challenge and profiles: each is issued, shown and answered over CGI
# and FastCGI. The operator's commands work on each.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi python3

# 1000 words of six letters.
make_words()
{
    awk 'BEGIN { for (i = 0; i < 1000; i++)
        printf "%c%ce%cno\n", 97 + i % 10, 97 + i / 10 % 10, 97 + i / 100 }'
}

settings()
{
    make_words >words
    printf 'eno\n# a comment\n' >blocked
    {
        echo 'width = 200'
        echo 'scale = 1'
        echo "words = $TRASH/words"
        echo '[profile sum]'
        echo 'kind = arithmetic'
        echo 'attempts = 2'
        echo 'ttl_s = 120'
        echo 'width = 150'
        echo '[profile spell]'
        echo 'kind = words'
        echo '[profile pair]'
        echo 'kind = words'
        echo 'word_count = 2'
        echo 'scale = 2'
    } >"$CAPTCHA_CONFIG"
}

# issue_as PROFILE: a new challenge, its pid in $pid and code in $code.
issue_as()
{
    profile=$1
    req GET "/verification/get?img=url&profile=$1" && status 200 &&
        pid=$(body_of_out | sed -n 's/^{"pid":"\([0-9A-Za-z]*\)".*/\1/p') &&
        [ ${#pid} = 16 ] && code=$(code_of "$pid")
}

# width_of PID: the width of its picture, from the header of the PNG.
width_of()
{
    req GET "/image/$1.png" && status 200 || return 1
    n=$(sed '/^.$/q' out | wc -c)
    tail -c +$((n + 19)) out | head -c 2 | od -An -t u1 |
        awk '{ print $1 * 256 + $2 }'
}

# n_waiting [PROFILE-]: pictures in the pool of the base or of a profile.
n_waiting()
{
    find "$CACHE" -path "*/ready-${1:-}??????/*.png" | wc -l
}

# passes [FIELD]: $code passes, and the answer names $profile
profile=default
passes()
{
    req POST /verification/check "pid=$pid&code=$code${1-}" && status 200 &&
        has out "{\"success\":true,\"profile\":\"$profile\"}"
}

for mode in cgi fcgi; do
    new_world
    settings
    check "$mode: starts" 'start $mode'

    check "$mode: a request without a profile gets the base" '
        issue && profile=default && code=$(code_of "$pid") &&
        expr "$code" : "[a-z0-9]\{5,6\}$" &&
        [ "$(width_of "$pid")" = 200 ] && passes'

    check "$mode: each answer tells size and kind of its picture" '
        while read -r name width kind; do
            issue_as $name && has out \
                "\"width\":$width,\"height\":80,\"kind\":\"$kind\"}" ||
            return 1
        done <<-END
		default 200 text
		sum 150 arithmetic
		spell 200 words
		pair 200 words
	END'

    check "$mode: the base has the name default" '
        issue_as default && [ "$(width_of "$pid")" = 200 ] && passes'

    check "$mode: the result of a sum passes" '
        issue_as sum && expr "$code" : "[1-9][0-9]\{0,1\}$" &&
        has out "\"expires_in\":120," &&
        [ "$(width_of "$pid")" = 150 ] &&
        req POST /verification/check "pid=$pid&code=0$code" &&
        has out "[\"wrong\"],\"profile\":\"sum\"}" && passes'

    check "$mode: a word of the list passes" '
        issue_as spell && grep -qx "$code" words && passes'

    check "$mode: two joined words pass with a space between" '
        issue_as pair && [ ${#code} = 12 ] &&
        grep -qx "$(echo "$code" | cut -c 1-6)" words &&
        grep -qx "$(echo "$code" | cut -c 7-12)" words &&
        [ "$(width_of "$pid")" = 400 ] &&
        code=$(echo "$code" | sed "s/....../&+/") && passes'

    check "$mode: a lost picture is drawn again with the same bytes" '
        issue_as sum && find "$CACHE" -name "$pid.png" -exec cp {} was ";" &&
        find "$CACHE" -name "$pid.png" -delete &&
        req GET "/image/$pid.png" && status 200 &&
        n=$(sed "/^.\$/q" out | wc -c) &&
        tail -c +$((n + 1)) out | cmp - was'

    check "$mode: an unknown profile is 400, and its name is not repeated" '
        for p in Sum sumx %3Cb%3E sum%00; do
            req GET "/verification/get?profile=$p" && status 400 &&
            has out application/problem+json &&
            has out "no profile of this name" && has_not out "<b>" || return 1
        done'

    check "$mode: a check for another profile is wrong" '
        issue_as spell && passes "&profile=spell" &&
        issue_as default && passes "&profile=default" &&
        issue_as pair &&
        req POST /verification/check "pid=$pid&code=$code&profile=spell" &&
        status 200 && has out "{\"success\":false,\"error-codes\":[\"wrong\"]" &&
        has out ",\"profile\":\"pair\"}" &&
        req POST /verification/check "pid=$pid&code=$code" &&
        has out "[\"expired-or-used\"]}" &&
        issue && code=$(code_of "$pid") &&
        req POST /demo?profile=spell "pid=$pid&code=$code&profile=spell" &&
        has out "class=\"bad\"" && has out ">That is not what the picture said."'

    check "$mode: a check for an unknown profile uses no attempt" '
        issue_as spell &&
        req POST /verification/check "pid=$pid&code=$code&profile=spel" &&
        status 400 && has out "no profile of this name" &&
        has out "\"success\":false,\"error-codes\":[\"bad-request\"]}" &&
        req POST /demo "pid=$pid&code=$code&profile=spel" && status 400 &&
        passes'

    check "$mode: the demo page keeps its profile" '
        req GET "/demo?profile=pair" && status 200 &&
        has out "width=\"200\"" && has out "action=\"?profile=pair\"" &&
        req POST "/demo?profile=pair" "pid=$pid&code=x" && status 200 &&
        has out "action=\"?profile=pair\"" &&
        req GET "/demo?profile=sum" && has out "Work out the sum" &&
        req GET /demo && has out "Type the characters in the picture." &&
        req GET "/demo?profile=other" && status 400'

    check "$mode: ends well" stop
done

new_world
settings
export CAPTCHA_POOL_SIZE=3
check 'fill fills the pool of every profile' '
    "$CTL" fill >out && has out "drew 12 pictures" &&
    for d in "" sum- spell- pair-; do
        [ "$(n_waiting "$d")" = 3 ] || return 1
    done &&
    "$CTL" stats --json >out && has out "\"ready_pictures\":12" &&
    has out "\"pool_size\":12"'

check 'a request takes from the pool of its profile' '
    start cgi && issue_as sum && [ "$(width_of "$pid")" = 150 ] && passes &&
    [ "$(n_waiting sum-)" = 2 ] && [ "$(n_waiting)" = 3 ]'

# Ready pictures after a change of settings
for mode in cgi fcgi; do
    check "$mode: pictures of other settings are not handed out" '
        "$CTL" fill >out && sed -i "s/^width = 200/width = 180/" \
            "$CAPTCHA_CONFIG" && start $mode && issue &&
        [ "$(width_of "$pid")" = 180 ] && issue_as pair &&
        [ "$(width_of "$pid")" = 360 ] && issue_as sum &&
        [ "$(width_of "$pid")" = 150 ] && stop &&
        "$CTL" stats --json >out'
    check "$mode: and are removed; pictures of other profiles stay" '
        "$CTL" clean >out && "$CTL" fill >out && [ "$(n_waiting)" = 3 ] &&
        [ "$(ls -d "$CACHE"/*/ready-* | wc -l)" = 4 ]'
    sed -i "s/^width = 180/width = 200/" "$CAPTCHA_CONFIG"
done
export CAPTCHA_WORDS_BLOCKED="$TRASH/blocked" CAPTCHA_CONFIG=/dev/null
check 'pictures from before a new blocked word are not handed out' '
    "$CTL" fill >out && "$CTL" clean >out && [ "$(n_waiting)" = 3 ] &&
    ls -d "$CACHE"/*/ready-?????? >before && echo abcdef >>blocked &&
    "$CTL" clean >out && [ "$(n_waiting)" = 0 ] && "$CTL" fill >out &&
    ls -d "$CACHE"/*/ready-?????? >after && ! cmp -s before after &&
    [ "$(wc -l <after)" = 1 ]'
unset CAPTCHA_WORDS_BLOCKED
export CAPTCHA_CONFIG="$TRASH/captcha.conf"
"$CTL" fill >out
start cgi

# A list of the same size and time without words: only reading it finds out.
mv words good && tr a-z '#' <good >words && touch -r good words
check 'a CGI request reads no word list of other profiles, or to take a picture' '
    issue && issue_as spell && code=$(code_of "$pid") && passes'
rm words
check 'FastCGI does not start without words, and names the profile' '
    exits 78 "$CAPTCHA" --listen "unix:$SOCK" 2>err &&
    has err "[profile spell]" && has err "$TRASH/words"'
check 'captchactl check names the profile, too' '
    exits 1 "$CTL" check >out && has out "[profile spell]: cannot open" &&
    has out "[profile sum]: "'
make_words | head -n 999 >words
check 'too few words are refused with the number that is needed' '
    exits 78 "$CAPTCHA" --listen "unix:$SOCK" 2>err &&
    has err "999 are words" && has err "1000"'

settings
check 'config prints the settings of each profile' '
    "$CTL" config >out && has out "[profile sum]" &&
    grep -q "^kind = arithmetic	# $CAPTCHA_CONFIG" out &&
    [ "$(grep -c "^width = " out)" = 2 ]'
check 'a bad section stops the start, with its line' '
    echo "[profile sum]" >>"$CAPTCHA_CONFIG" &&
    exits 78 "$CTL" config 2>err && has err "stands on line 4 already" &&
    settings && echo "demo = no" >>"$CAPTCHA_CONFIG" &&
    exits 78 "$CTL" config 2>err && has err "the same for all profiles" &&
    settings'

check 'render draws sums, and the labels are their answers' '
    "$CTL" render --profile sum --count 30 --seed 5 --out r >/dev/null &&
    [ "$(cut -f 2 r/labels.tsv | grep -cx "[1-9][0-9]\{0,1\}")" = 30 ] &&
    "$CTL" render --profile sum --count 30 --seed 5 --out r2 &&
    cmp r/labels.tsv r2/labels.tsv && cmp r/00029.png r2/00029.png &&
    exits 64 "$CTL" render --profile none --out r3 2>err &&
    has err "--profile none"'
check 'render keeps blocked spellings out' '
    "$CTL" render -s words_blocked="$TRASH/blocked" -s alphabet=ENO \
        -s length=4 --count 200 --seed 5 --out r4 &&
    ! cut -f 2 r4/labels.tsv | grep eno'

# --- alphabets and fonts of profiles --------------------------------------------

{
    echo "fonts = $CF_SRCDIR/tests/data/alphabets.ttc"
    echo '[profile zh]'
    echo 'alphabet = ЖДБ'
    echo '[profile gamma]'
    echo 'alphabet = greek'
    echo 'length = 12'
} >"$CAPTCHA_CONFIG"
unset CAPTCHA_FONTS
check 'each profile has an alphabet of its own' '
    "$CTL" render --profile zh --count 9 --seed 1 --out r5 &&
    [ -z "$(cut -f 2 r5/labels.tsv | tr -d "ждб\n")" ] &&
    "$CTL" render --profile gamma --text ΨΩΔ --out r6 &&
    [ "$(cut -f 2 r6/labels.tsv)" = ψωδ ] &&
    exits 64 "$CTL" render --profile zh --text ΨΩΔ --out r6 2>err &&
    has err "[profile zh]: character 1 of a text"'
check 'a Greek code passes, with a ready picture and without' '
    start cgi && for size in 0 1; do
        export CAPTCHA_POOL_SIZE=$size && "$CTL" fill >out &&
        issue_as gamma && [ "$(printf %s "$code" | wc -c)" = 24 ] &&
        req GET "/image/$pid.png" && status 200 &&
        req POST /verification/check "{\"pid\":\"$pid\",\"code\":\"$code\"}" \
            "$JSON" && status 200 &&
        has out "{\"success\":true,\"profile\":\"gamma\"}" || return 1
    done'
check 'fonts lists the faces and the characters of each profile' '
    "$CTL" fonts >out && [ "$(wc -l <out)" = 3 ] &&
    grep -q "^ok      /.* 14 of 14$" out &&
    grep -q "^ok      .profile zh. /.* 3 of 3$" out &&
    grep -q "^ok      .profile gamma. /.* 14 of 14$" out &&
    "$CTL" fonts --json >out && python3 -c "
import json
faces = json.load(open(\"out\", encoding=\"utf-8\"))
assert [f[\"profile\"] for f in faces] == [\"default\", \"zh\", \"gamma\"]"'
make_words >words
{
    echo '[profile sum]'
    echo 'kind = arithmetic'
    echo '[profile spell]'
    echo 'kind = words'
    echo "words = $TRASH/words"
} >>"$CAPTCHA_CONFIG"
check 'fonts finds missing signs of sums and letters of words' '
    exits 1 "$CTL" fonts -s alphabet=AB -s \
        "fonts=$CF_SRCDIR/tests/data/serif-no-q.ttf" >out &&
    grep -q "^ok      /.* 2 of 2$" out &&
    grep "^WRONG   .profile sum. " out |
        grep -q "10 of 14, lacks .+. (U+002B), .-. " &&
    grep "^WRONG   .profile spell. " out | grep -q "25 of 26, lacks .Q."'
check 'FastCGI does not start without these letters, and names the profile' '
    exits 1 "$CAPTCHA" --listen "unix:$SOCK" 2>err &&
    has err "[profile sum]" && has err "U+003F"'

finish
