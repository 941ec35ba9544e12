# Alphabets other than Latin: from the setting through picture and store to the
# check, over CGI and FastCGI, in every spelling an answer may have; and
# captchactl fonts.
. "$CF_SRCDIR/tests/shell/lib.sh"

FACE=$CF_SRCDIR/tests/data/alphabets.ttc

# spell HOW...: standard input, UTF-8, as an answer: wide for full-width,
# lookalike for Cyrillic, blanks for what cannot be seen in between, and then
# percent for a form or json for the inside of a JSON string.
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

# passes [HOW]: a new challenge, answered in that spelling, in a form and in
# JSON.
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

# n_characters: of standard input.
n_characters()
{
    PYTHONUTF8=1 python3 -c 'import sys; print(len(sys.stdin.read()))'
}

export CAPTCHA_FONTS="$FACE"
for mode in cgi fcgi; do
    for alphabet in latin digits cyrillic greek; do
        export CAPTCHA_ALPHABET=$alphabet
        new_world
        check "$mode, $alphabet: starts" 'start $mode'
        check "$mode, $alphabet: the code has five or six characters" '
            issue && n=$(code_of "$pid" | tr -d "\n" | n_characters) &&
            [ "$n" = 5 -o "$n" = 6 ]'
        check "$mode, $alphabet: the code passes" 'passes'
        check "$mode, $alphabet: full-width" 'passes wide'
        check "$mode, $alphabet: with what cannot be seen" 'passes blanks'
        check "$mode, $alphabet: another answer is wrong" '
            issue && req POST /verification/check "pid=$pid&code=%D0%96%D0%96" &&
            status 200 && has out "[\"wrong\"]"'
        check "$mode, $alphabet: stops" stop
    done

    export CAPTCHA_ALPHABET=ACEHKMPTX
    new_world
    check "$mode: starts" 'start $mode'
    check "$mode: Cyrillic letters that look like Latin ones" \
        'passes lookalike'
    check "$mode: bytes that are not UTF-8 are wrong" '
        for bytes in %ff %c3 %ed%a0%80 %c0%80 %f4%90%80%80; do
            issue && code=$(code_of "$pid") &&
            req POST /verification/check "pid=$pid&code=$code$bytes" &&
            status 200 && has out "\"success\":false" || return 1
        done'
    check "$mode: so is a flood of accents" '
        issue && code=$(code_of "$pid") &&
        req POST /verification/check \
            "pid=$pid&code=$code$(printf "%%CC%%81%.0s" $(seq 100))" &&
        status 200 && has out "\"success\":false"'
    check "$mode: JSON with half a pair of surrogates is refused" '
        issue &&
        req POST /verification/check \
            "{\"pid\":\"$pid\",\"code\":\"\\ud800\"}" "$JSON" && status 400'
    check "$mode: stops" stop
done

# --- the pool -----------------------------------------------------------------

export CAPTCHA_ALPHABET=greek
new_world
check 'pictures that were drawn ahead pass too' '
    MODE=cgi && "$CTL" fill --set pool_size=4 >out && has out "drew 4" &&
    export CAPTCHA_POOL_SIZE=4 && passes && passes wide;
    rc=$?; export CAPTCHA_POOL_SIZE=0; return $rc'

check 'a lost picture of letters that the alphabet had is not found' '
    issue && greek=$pid && find "$CACHE" -name "$pid.png" -delete &&
    export CAPTCHA_ALPHABET=digits && for mode in cgi fcgi; do
        start $mode && req GET "/image/$greek.png" && status 404 && stop ||
        return 1
    done'

# --- settings -----------------------------------------------------------------

export CAPTCHA_ALPHABET=latin
check 'characters of several scripts in a settings file' '
    echo "alphabet = AЖΩÉ3" >file.conf && unset CAPTCHA_ALPHABET &&
    "$CTL" render --config file.conf --count 20 --seed 1 --out mixed &&
    [ "$(cut -f 2 mixed/labels.tsv | tr -d "aжωé3\n" | wc -c)" = 0 ]
    rc=$?; export CAPTCHA_ALPHABET=latin; return $rc'
for bad in 'AЖA' 'A B' 'A,B' "$(printf 'AB\314\201')" "$(printf 'AB\377')" \
    "$(printf 'AB\327\220')" chinees Latin1l; do
    check "alphabet \"$bad\" is 78, with the place" '
        exits 78 "$CTL" config --set "alphabet=$bad" 2>err &&
        { has err "character " || has err "byte "; }'
done
check 'a text in any script is drawn and labelled' '
    "$CTL" render --set alphabet=cyrillic --text ЖУК --out r 2>err ||
    has err "character 2 of a text" &&
    "$CTL" render --set alphabet=cyrillic --text ЖАК --out r &&
    [ "$(cat r/labels.tsv)" = "00000.png	жак" ]'
check 'a text of 17 characters is 64' '
    exits 64 "$CTL" render --set alphabet=cyrillic \
        --text ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ --out r 2>err && has err "1 to 16"'

# --- captchactl fonts -----------------------------------------------------------

check 'fonts lists face, family and how much it has' '
    "$CTL" fonts --set alphabet=greek >out &&
    has out "ok      $FACE  DejaVu Sans Bold  17 of 17" &&
    [ "$(wc -l <out)" = 1 ]'
check 'fonts names the face that lacks a character, 1' '
    exits 1 "$CTL" fonts --set alphabet=AQЖЩ >out 2>err \
        --set "fonts=$FACE:$CF_SRCDIR/tests/data/serif-no-q.ttf" &&
    grep -q "^WRONG .*alphabets.ttc .* 3 of 4, lacks .Щ. (U+0429)$" out &&
    grep -q "^WRONG .*serif-no-q.ttf .* 1 of 4, lacks .Q. (U+0051), " out &&
    has out "2 of 2 cannot be used" && [ ! -s err ]'
check 'fonts names a file that is no font, 1' '
    exits 1 "$CTL" fonts --set "fonts=$FACE:$CF_SRCDIR/README.md" >out &&
    grep -q "^WRONG .*README.md cannot be read or is no font" out'
check 'fonts --json is one line of JSON with the same' '
    exits 1 "$CTL" fonts --json --set alphabet=AЖЩ >out 2>err &&
    [ "$(wc -l <out)" = 1 ] && python3 -c "
import json
face, = json.load(open(\"out\", encoding=\"utf-8\"))
assert face[\"path\"].endswith(\"alphabets.ttc\")
assert (face[\"has\"], face[\"of\"]) == (2, 3), face
assert face[\"lacks\"] == [\"\\u0429\"] and face[\"trouble\"] is None"'
check 'render with it is refused with the same names' '
    exits 1 "$CTL" render --set alphabet=AЖЩ --out r 2>err &&
    has err "$FACE has no character " && has err "U+0429" &&
    has err "out of \`fonts\`"'
# a digit of Gunjala Gondi
check 'no font that has it: what to do is said' '
    exits 1 "$CTL" fonts --set fonts= \
        --set "alphabet=A$(printf "\360\221\266\240")" >out 2>err &&
    [ ! -s out ] && has err "U+11DA0" && has err "set \`fonts\`"'

# --- Chinese, where a font is installed -----------------------------------------

unset CAPTCHA_FONTS
export CAPTCHA_ALPHABET=chinese
if "$CTL" fonts >fonts 2>/dev/null; then
    check 'only faces that have it are taken' '
        has fonts "192 of 192" && has_not fonts WRONG'
    for mode in cgi fcgi; do
        new_world
        check "$mode, chinese: starts" 'start $mode'
        check "$mode, chinese: a code is of Chinese characters" '
            issue && code_of "$pid" | tr -d "\n" | n_characters |
                grep -q "^[56]$" &&
            code_of "$pid" | grep -q "^[^ -~]*$"'
        check "$mode, chinese: its picture is a PNG of the size" '
            req GET "/image/$pid.png" && status 200 &&
            has out "Content-Type: image/png"'
        check "$mode, chinese: the code passes" 'passes'
        check "$mode, chinese: with what cannot be seen" 'passes blanks'
        check "$mode, chinese: another is wrong" '
            issue && req POST /verification/check \
                "pid=$pid&code=$(printf 一二三四五 | spell percent)" &&
            has out "[\"wrong\"]"'
        check "$mode, chinese: stops" stop
    done
    check 'with digits a full-width answer passes' '
        MODE=cgi && export CAPTCHA_ALPHABET=山水2345679 && passes wide'
else
    skip 'Chinese from picture to check' \
        'no Chinese font; install fonts-wqy-microhei'
fi

finish
