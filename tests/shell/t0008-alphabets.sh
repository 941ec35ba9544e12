# Alphabets other than Latin, from the setting to the check, over CGI and
# FastCGI, in all spellings of an answer; and captchactl fonts.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi python3

FACE=$CF_SRCDIR/tests/data/alphabets.ttc

# spell HOW...: print standard input in another spelling: wide (full-width),
# lookalike (Cyrillic), blanks (with invisible characters); then percent for a
# form or json for the inside of a JSON string.
spell()
{
    PYTHONUTF8=1 python3 -c '
import json, sys, urllib.parse
text = sys.stdin.read().strip()
for how in sys.argv[1:]:
    if how == "percent":
        text = urllib.parse.quote(text)
    elif how == "json":
        text = json.dumps(text)[1:-1]
    elif how == "wide":
        text = "".join(chr(ord(c) + 0xfee0) if c.isascii() else c
                       for c in text.upper())
    elif how == "lookalike":
        text = text.upper().translate(str.maketrans("ACEHKMPTX", "АСЕНКМРТХ"))
    elif how == "blanks":
        text = "\ufeff" + "\u3000\u200b".join(text) + "\u00ad\u200f"
sys.stdout.write(text)' "$@"
}

# passes [HOW]: new challenges, answered in that spelling in a form and in JSON.
passes()
{
    issue && answer=$(code_of "$pid" | spell "$@" percent) &&
        req POST /verification/check "pid=$pid&code=$answer" &&
        status 200 && has out '{"success":true}' &&
        issue && answer=$(code_of "$pid" | spell "$@" json) &&
        req POST /verification/check \
            "{\"pid\":\"$pid\",\"code\":\"$answer\"}" "$JSON" &&
        status 200 && has out '{"success":true}'
}

# fails SUFFIX: a new challenge, answered in a form with its code and SUFFIX.
fails()
{
    issue && answer=$(code_of "$pid" | spell percent) &&
        req POST /verification/check "pid=$pid&code=$answer$1" &&
        status 200 && has out '["wrong"]'
}

# n_characters: of standard input.
n_characters()
{
    PYTHONUTF8=1 python3 -c 'import sys; print(len(sys.stdin.read().strip()))'
}

export CAPTCHA_FONTS="$FACE"
for mode in cgi fcgi; do
    for alphabet in latin digits cyrillic greek; do
        export CAPTCHA_ALPHABET=$alphabet
        new_world
        check "$mode, $alphabet: a code has five or six characters" '
            start $mode && issue && code_of "$pid" | n_characters |
                grep -q "^[56]$"'
        check "$mode, $alphabet: the code passes" 'passes'
        check "$mode, $alphabet: the code passes full-width" 'passes wide'
        check "$mode, $alphabet: so it does with invisible characters" \
            'passes blanks'
        check "$mode, $alphabet: another answer is wrong" 'fails %D0%96 && stop'
    done

    export CAPTCHA_ALPHABET=ACEHKMPTX
    new_world
    check "$mode: Cyrillic letters pass for Latin letters of the same look" \
        'start $mode && passes lookalike'
    check "$mode: bytes that are not UTF-8 are wrong" '
        for bytes in %ff %c3 %ed%a0%80 %c0%80 %f4%90%80%80; do
            fails "$bytes" || return 1
        done'
    check "$mode: so is a flood of accents" '
        fails "$(printf "%%CC%%81%.0s" $(seq 100))"'
    check "$mode: JSON with half a pair of surrogates is refused" '
        issue &&
        req POST /verification/check \
            "{\"pid\":\"$pid\",\"code\":\"\\ud800\"}" "$JSON" &&
        status 400 && stop'
done

# --- the pool -----------------------------------------------------------------

export CAPTCHA_ALPHABET=greek
new_world
check 'the code of a picture drawn ahead passes' '
    MODE=cgi && "$CTL" fill --set pool_size=4 >out && has out "drew 4" &&
    export CAPTCHA_POOL_SIZE=4 && passes && passes wide;
    rc=$?; export CAPTCHA_POOL_SIZE=0; return $rc'

check 'a lost picture with letters of another alphabet is not found' '
    issue && greek=$pid && find "$CACHE" -name "$pid.png" -delete &&
    export CAPTCHA_ALPHABET=digits && for mode in cgi fcgi; do
        start $mode && req GET "/image/$greek.png" && status 404 && stop ||
        return 1
    done'

# --- settings -----------------------------------------------------------------

export CAPTCHA_ALPHABET=latin
check 'a settings file with characters of several scripts' '
    echo "alphabet = AЖΩÉ3" >file.conf && unset CAPTCHA_ALPHABET &&
    "$CTL" render --config file.conf --count 20 --seed 1 --out mixed &&
    [ "$(cut -f 2 mixed/labels.tsv | tr -d "aжωé3\n" | wc -c)" = 0 ]
    rc=$?; export CAPTCHA_ALPHABET=latin; return $rc'
for bad in 'AЖA' 'A B' 'A,B' "$(printf 'AB\314\201')" "$(printf 'AB\377')" \
    "$(printf 'AB\327\220')" chinees Latin1l; do
    check "alphabet \"$bad\" is refused with the place, 78" '
        exits 78 "$CTL" config --set "alphabet=$bad" 2>err &&
        { has err "character " || has err "byte "; }'
done
check 'a text in another script is drawn and labelled' '
    "$CTL" render --set alphabet=cyrillic --text ЖУХ --out r 2>err ||
    has err "character 2 of a text" &&
    "$CTL" render --set alphabet=cyrillic --text ЖАХ --out r &&
    [ "$(cat r/labels.tsv)" = "00000.png	жах" ]'
check 'a text of 17 characters is refused, 64' '
    exits 64 "$CTL" render --set alphabet=cyrillic \
        --text ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ --out r 2>err && has err "1 to 16"'

# --- captchactl fonts -----------------------------------------------------------

check 'fonts lists faces, families and the share of the alphabet' '
    "$CTL" fonts --set alphabet=greek >out &&
    has out "ok      $FACE  DejaVu Sans Bold  14 of 14" &&
    [ "$(wc -l <out)" = 1 ]'
check 'fonts names faces without a character, 1' '
    exits 1 "$CTL" fonts --set alphabet=AQЖЩ >out 2>err \
        --set "fonts=$FACE:$CF_SRCDIR/tests/data/serif-no-q.ttf" &&
    grep -q "^WRONG .*alphabets.ttc .* 3 of 4, lacks .Щ. (U+0429)$" out &&
    grep -q "^WRONG .*serif-no-q.ttf .* 1 of 4, lacks .Q. (U+0051), " out &&
    has out "2 of 2 cannot be used" && [ ! -s err ]'
check 'fonts names a file that is no font, 1' '
    exits 1 "$CTL" fonts --set "fonts=$FACE:$CF_SRCDIR/README.md" >out &&
    grep -q "^WRONG .*README.md cannot be read or is no font" out'
check 'fonts --json is one line of JSON' '
    exits 1 "$CTL" fonts --json --set alphabet=AЖЩ >out 2>err &&
    [ "$(wc -l <out)" = 1 ] && python3 -c "
import json
face, = json.load(open(\"out\", encoding=\"utf-8\"))
assert face[\"path\"].endswith(\"alphabets.ttc\")
assert (face[\"has\"], face[\"of\"]) == (2, 3), face
assert face[\"lacks\"] == [\"\\u0429\"] and face[\"trouble\"] is None"'
check 'render refuses the same face' '
    exits 1 "$CTL" render --set alphabet=AЖЩ --out r 2>err &&
    has err "$FACE has no character " && has err "U+0429" &&
    has err "out of \`fonts\`"'
# a digit of Gunjala Gondi
check 'without a font fonts says what to do, 1' '
    exits 1 "$CTL" fonts --set fonts= \
        --set "alphabet=A$(printf "\360\221\266\240")" >out 2>err &&
    [ ! -s out ] && has err "U+11DA0" && has err "set \`fonts\`"'

# --- Chinese, where a font is installed -----------------------------------------

unset CAPTCHA_FONTS
export CAPTCHA_ALPHABET=chinese
if "$CTL" fonts >fonts 2>/dev/null; then
    check 'only faces with all characters are used' '
        has fonts "192 of 192" && has_not fonts WRONG'
    for mode in cgi fcgi; do
        new_world
        check "$mode, chinese: a code has Chinese characters" '
            start $mode && issue && code_of "$pid" >code &&
            n_characters <code | grep -q "^[56]$" && grep -q "^[^ -~]*$" code'
        check "$mode, chinese: it has a picture" '
            req GET "/image/$pid.png" && status 200 &&
            has out "Content-Type: image/png"'
        check "$mode, chinese: the code passes" 'passes && passes blanks'
        check "$mode, chinese: another answer is wrong" '
            fails "$(echo 一 | spell percent)" && stop'
    done
    check 'among Chinese characters full-width digits pass' '
        MODE=cgi && export CAPTCHA_ALPHABET=山水2345679 && passes wide'
else
    skip 'Chinese from picture to check' \
        'no Chinese font; install fonts-wqy-microhei'
fi

finish
