# captchactl audio: banks that espeak-ng and flite make, which bank a challenge
# has, and sounds for people and measurements.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 python3 flock faketime espeak-ng flite
needs_voices
MODE=cgi

export TZ=UTC
TODAY=$(date +%F)
audio()
{
    "$CTL" audio "$@"
}

# only PROGRAM...: PATH has these, and what a script needs
only()
{
    rm -rf only && mkdir only
    for program in sh env "$@"; do
        ln -s "$(command -v "$program")" only/
    done
    path=$TRASH/only
}

# fact LANG NUMBER: of the header of today's bank: 2 from, 4 voices, 5 takes
fact()
{
    python3 -c '
import struct, sys
print(struct.unpack("<8sQq8sBBHI", open(sys.argv[1], "rb").read(40))[int(sys.argv[2])])
' "$CACHE/audio/$1/$TODAY/bank" "$2"
}

nights_of()
{
    ls "$CACHE/audio/$1" | xargs
}

# --- make ---------------------------------------------------------------------

new_world
"$CTL" init >out
check 'at first there is the bank of the program' '
    audio list >out && [ "$(wc -l <out)" = 1 ] && has out "en       built-in" &&
    audio list --json | python3 -c "
import json, sys
[bank] = json.load(sys.stdin)
assert bank[\"lang\"] == \"en\" and bank[\"built_in\"] and bank[\"takes\"] == 3
"'
check 'without a synthesiser: exit 1, and what to install' '
    only && exits 1 env PATH="$path" "$CTL" audio make >out 2>err &&
    has err "captchactl audio: en: no program says it: install espeak-ng or flite" &&
    exits 1 env PATH="$path" "$CTL" audio make --lang de 2>err &&
    has err "install espeak-ng"'
check '--if-installed: exit 0, and not a word' '
    rm -r "$CACHE/audio" && PATH="$path" audio make --if-installed >out 2>&1 &&
    [ ! -s out ] && [ ! -e "$CACHE/audio" ]'
check 'nor does it need the store' '
    PATH="$path" audio make --if-installed --set store=redis://127.0.0.1:1 \
        >out 2>&1 && [ ! -s out ]'
# what cron runs at two, with this installation
sed -n 's/^0 2 .*	www-data	//p' "$CF_SRCDIR/cron/captcha-fcgi" |
    sed "s,/usr/bin/captchactl,$CTL,g; s,--config [^ ;]*,,g" >nightly
check 'cron is quiet there' '
    grep -q "audio make" nightly && PATH="$path" sh -e nightly >out 2>&1 &&
    [ ! -s out ] && [ ! -e "$CACHE/audio" ]'
check 'a language that nobody says: which there are' '
    exits 64 audio make --lang sv 2>err && has err "--lang: no program says sv" &&
    has err "ar de en es fr it ja nl pl pt ru zh" &&
    exits 78 audio make --set "audio_languages=de sv" 2>err &&
    has err "audio_languages: no program says sv"'
check 'make writes a bank, for the user alone' '
    audio make --lang de >out && has out "de: 6 voices, 3 takes" &&
    [ "$(stat -c %a "$CACHE/audio" "$CACHE/audio/de/$TODAY/bank" | xargs)" = \
        "700 600" ] && [ "$(ls "$CACHE/audio/de/$TODAY")" = bank ] &&
    audio list >out && has out "de       $TODAY 6 voices, 3 takes"'
check 'the first bank of a language is used at once' '
    [ "$(fact de 2)" -le "$(date +%s)" ]'
check 'on the same day there is nothing to do' '
    cp "$CACHE/audio/de/$TODAY/bank" de.bank && audio make --lang de-AT >out &&
    has out "de: made already today" && cmp "$CACHE/audio/de/$TODAY/bank" de.bank'
# all but hash and time
same()
{
    cmp -s -i 24 "$@"
}
check 'a machine with the same store makes the same bank' '
    audio make --lang de --set cache_dir="$TRASH/second" >out &&
    same "second/audio/de/$TODAY/bank" de.bank'
check 'another installation makes another one' '
    CAPTCHA_STORE=sqlite:$TRASH/other.db audio make --lang de \
        --set cache_dir="$TRASH/third" >out &&
    ! same "third/audio/de/$TODAY/bank" de.bank'
rm -r "$CACHE/audio/de/$TODAY"
mv "$TRASH/third/audio/de/$TODAY" "$CACHE/audio/de/2026-02-01"
check 'the next begins at a quarter of an hour, five minutes ahead' '
    now=$(date +%s) && audio make --lang de >out && from=$(fact de 2) &&
    [ $((from % 900)) = 0 ] && [ "$from" -ge $((now + 300)) ] &&
    [ "$from" -le $((now + 1260)) ]'
check 'and visitors hear the one before until then' '
    audio render --seed 1 --lang de --out now &&
    audio render --seed 1 --bank "$CACHE/audio/de/2026-02-01/bank" --out then &&
    audio render --seed 1 --bank "$CACHE/audio/de/$TODAY/bank" --out next &&
    diff -r now then && ! diff -r now next'
# not a program with sanitizers
late=
! faketime -f +0 "$CTL" --version >out 2>&1 ||
    late="$(command -v faketime) '$TODAY 02:10:01'"
check 'English by flite alone, after the one of the program' '
    only flite date && eval "PATH=$path $late $CTL audio make" >out &&
    [ "$(fact en 4)" = 4 ] && { [ -z "$late" ] ||
        [ "$(fact en 2)" = "$(date -d "$TODAY 02:30" +%s)" ]; }'
check 'English by both programs' '
    audio make --set cache_dir="$TRASH/second" >out && has out "en: 8 voices"'
check 'another process that makes banks does the work' '
    flock "$CACHE/audio" "$CTL" audio make --lang fr >out &&
    has out "another process makes banks" && [ ! -e "$CACHE/audio/fr" ]'
check 'a killed process leaves nothing in the way' '
    mkdir -p "$CACHE/audio/fr/$TODAY" &&
    echo rest >"$CACHE/audio/fr/$TODAY/bank.new" && audio list >out &&
    has_not out "fr " && audio make --lang fr >out && has out "fr: 6 voices" &&
    [ "$(ls "$CACHE/audio/fr/$TODAY")" = bank ]'
check 'of each language three nights are kept' '
    for night in 2026-02-02 2026-02-03 2026-02-04 2099-01-01; do
        cp -r "$CACHE/audio/de/$TODAY" "$CACHE/audio/de/$night" || return
    done && audio make --set "audio_languages=en de" >out &&
    [ "$(nights_of de)" = "2026-02-03 2026-02-04 $TODAY" ]'
check 'a language that is no longer set goes after a day' '
    audio make >out && [ "$(nights_of de)" = "$TODAY" ] &&
    [ "$(nights_of fr)" = "$TODAY" ] &&
    mv "$CACHE/audio/fr/$TODAY" "$CACHE/audio/fr/2026-02-01" &&
    audio make >out && [ ! -e "$CACHE/audio/fr" ]'
check 'clean leaves banks alone' '
    "$CTL" clean >out && [ -s "$CACHE/audio/de/$TODAY/bank" ]'

# fake BODY: an espeak-ng that does this
fake()
{
    only cat yes sleep && rm only/espeak-ng 2>/dev/null
    printf '#!/bin/sh\n%s\n' "$1" >only/espeak-ng && chmod 755 only/espeak-ng
}
refuses()
{
    exits 1 env PATH="$path" "$CTL" audio make --lang nl >out 2>err &&
        has err "captchactl audio: nl: 0, said by voice 1: " &&
        has err "$1" && [ ! -e "$CACHE/audio/nl" ]
}
check 'a synthesiser that fails is told with its arguments' '
    fake "exit 7" && refuses "espeak-ng -v nl+m2 -s 1" &&
    has err "ended with exit code 7"'
check 'what is no sound is refused' '
    fake "echo no sound" && refuses "" && fake "" && refuses ""'
check 'output without end is refused' 'fake "exec yes" && refuses "more than"'
check 'it gets no variables and no input' '
    fake "{ cat; env; } >$TRASH/seen" && echo typed >typed &&
    exits 1 env PATH="$path" SECRET=x "$CTL" audio make --lang nl \
        <typed 2>err && has_not seen SECRET && has_not seen CAPTCHA &&
    has_not seen typed'
if [ "$(id -u)" = 0 ]; then
    check 'root makes banks as the owner of cache_dir' '
        chmod 755 "$TRASH" && only espeak-ng &&
        export CAPTCHA_STORE=sqlite:$TRASH/q/d/x.db &&
        "$CTL" init --set cache_dir="$TRASH/q/c" --user nobody >out &&
        audio make --lang zh --set cache_dir="$TRASH/q/c" >out &&
        [ -z "$(find q/c ! -user nobody)" ] &&
        [ -s "q/c/audio/zh/$TODAY/bank" ] && chmod 700 "$TRASH"'
    export CAPTCHA_STORE="sqlite:$DB"
else
    skip 'root makes banks as the owner of cache_dir' 'needs root'
fi

# --- check --------------------------------------------------------------------

check 'check names the newest night, and what has no bank' '
    "$CTL" check --set "audio_languages=en de ja sv" >out &&
    has out "ok      sound     en: bank of $TODAY" &&
    has out "ok      sound     de: bank of $TODAY" &&
    has out "WARN    sound     there is no bank of ja: visitors hear English" &&
    has out "→ captchactl audio make --set" && has out "no program says sv"'
check 'only the bank of the program: a hint, and how to have more' '
    rm -r "$CACHE/audio/en" && "$CTL" check >out && has_not out WARN &&
    has out "ok      sound     en: only the bank of the program" &&
    has out "hint: everybody has this bank" &&
    has out "→ captchactl audio make" &&
    PATH=/nowhere "$CTL" check >out && has out "→ apt-get install espeak-ng &&"'
check 'a damaged bank is told, and made again' '
    printf x | dd of="$CACHE/audio/de/$TODAY/bank" bs=1 seek=90000 \
        conv=notrunc 2>err && "$CTL" check --set audio_languages=de >out &&
    has out "WARN    sound     $CACHE/audio/de/$TODAY: " &&
    has out "→ rm -r $CACHE/audio/de/$TODAY && captchactl audio make" &&
    audio list >out && has out "de       $TODAY damaged: " &&
    audio make --lang de >out && has out "de: 6 voices" &&
    "$CTL" check --set audio_languages=de >out && has_not out WARN &&
    same "$CACHE/audio/de/$TODAY/bank" de.bank'
check 'a bank that is old: nothing makes one each night' '
    cp -r "$CACHE/audio/de" de.kept &&
    mv "$CACHE/audio/de/$TODAY" "$CACHE/audio/de/2026-02-01" &&
    "$CTL" check --set audio_languages=de >out &&
    has out "de: the newest bank is of 2026-02-01" &&
    rm -r "$CACHE/audio/de" && mv de.kept "$CACHE/audio/de"'
check 'with audio = no it looks at none' '
    "$CTL" check --set audio=no --set audio_languages=ja >out &&
    has out "ok      sound     audio = no" && has_not out WARN'
check 'a site for logging in without sound is told' '
    site="secret = 0123456789012345678901234567" &&
    printf "[site login]\nsitekey = a\n%s8\n[site my-signin]\nsitekey = b
%s9\nmodes = picture\n[site shop]\nsitekey = c\n%sx\nmodes = picture\n" \
        "$site" "$site" "$site" >sites.conf && chmod 600 sites.conf &&
    "$CTL" check --config sites.conf >out && has out "[site login] has sound" &&
    has out "hint: WCAG 2.2, 3.3.8" &&
    has out "WARN    sites     [site my-signin]: without sound and" &&
    has_not out "[site shop]"'

# --- play, render, listen -----------------------------------------------------

check 'play writes the sound that visitors hear' '
    audio play --lang de --text 012345 --seed 4 --out a.wav >out &&
    [ "$(cat out)" = 012345 ] &&
    audio play --lang de-AT --text 012345 --seed 4 --out b.wav >out &&
    cmp a.wav b.wav && audio play --lang de --seed 4 --out b.wav >out &&
    grep -qx "[0-9]\{6\}" out && ! cmp -s a.wav b.wav && python3 -c "
import wave
w = wave.open(\"a.wav\")
assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, 16000)
"'
# sound LANG FILE: what a visitor hears
sound()
{
    req GET "/audio/$pid.wav?hl=$1" && status 200 && body_of_out >"$2"
}
# two banks may have sounds of one length
check 'they are the sounds of the service: of one length, by language' '
    rm -rf "$CACHE/audio/en" && export CAPTCHA_AUDIO_LANGUAGES=de && issue &&
    sound de de.wav && [ "$(wc -c <de.wav)" = "$(wc -c <a.wav)" ] &&
    sound ja ja.wav && sound en en.wav && cmp ja.wav en.wav &&
    ! cmp -s de.wav en.wav && audio play --out b.wav >digits &&
    [ "$(wc -c <en.wav)" = "$(wc -c <b.wav)" ]'
check 'a language that the settings do not have: English, and make says so' '
    unset CAPTCHA_AUDIO_LANGUAGES && issue && sound de de.wav &&
    sound en en.wav && cmp de.wav en.wav && audio make --lang de >out &&
    has out "de: nobody hears it until audio_languages in the settings has it"'
check 'play runs a player, and says what there is without one' '
    only && exits 1 env PATH="$path" "$CTL" audio play >out 2>err &&
    has err "--out FILE.wav" && [ ! -s out ] && only cp &&
    printf "#!/bin/sh\nexec cp \"\$1\" \"$TRASH/played.wav\"\n" >only/aplay &&
    chmod 755 only/aplay && PATH="$path" audio play --seed 2 >digits &&
    audio play --seed 2 --out c.wav | cmp - digits && cmp c.wav played.wav &&
    [ -z "$(find /tmp -maxdepth 1 -name "captchactl-*" -newer c.wav)" ]'
check 'wrong options are 64' '
    for wrong in "play --text 12345" "play --text 12345x" "play --seed -1" \
        "play --lang de --lang en" "play --json" "render" "make extra" \
        "render --out r --count 0" "render --out r --snr-db 61" \
        "render --out r --snr-db -11" "render --out r --lang en --bank x" \
        "play --lang d*" "play --lang ../../etc" \
        "list --lang de" "nonsense" ""; do
        exits 64 audio $wrong 2>err && [ -s err ] || return
    done && [ ! -e r ]'
check 'a language without a bank: the command that makes one' '
    exits 1 audio play --lang ja --out x.wav 2>err &&
    has err "captchactl audio make --lang ja"'
check 'render writes sounds with their digits, the same for a seed' '
    audio render --out r1 --count 3 --seed 7 --lang de &&
    audio render --out r2 --count 3 --seed 7 \
        --bank "$CACHE/audio/de/$TODAY/bank" && diff -r r1 r2 &&
    [ "$(ls r1 | xargs)" = "00000.wav 00001.wav 00002.wav labels.tsv" ] &&
    [ "$(grep -c "^0000[012].wav	[0-9]\{6\}$" r1/labels.tsv)" = 3 ] &&
    audio render --out r3 --count 3 --seed 7 --lang de --snr-db 60 &&
    cmp r1/labels.tsv r3/labels.tsv && ! cmp -s r1/00000.wav r3/00000.wav'
check 'the setting gives the babble where no option does' '
    audio render --out r4 --count 3 --seed 7 --lang de \
        --set audio_snr_db=60 && diff -r r3 r4'
check 'a file that is no bank is refused' '
    exits 1 audio render --out r5 --bank /etc/passwd 2>err &&
    has err "--bank /etc/passwd: " && has err "no bank" &&
    exits 1 audio render --out r5 --bank /nowhere 2>err && has err "/nowhere: No such file" && [ ! -e r5 ]'
check 'listen writes a page with 20 of the same sounds' '
    audio listen --lang de --seed 7 --out page.html >out &&
    has out "wrote page.html" && python3 -c "
import base64, json, re
page = open(\"page.html\").read()
assert not re.search(r\"(src|href)=.https?:\", page)
data = json.loads(re.search(r\"id=.data.>(.*?)</script>\", page)[1])
labels = [line.split()[1] for line in open(\"r1/labels.tsv\")]
assert len(data[\"sounds\"]) == 20 and data[\"lang\"] == \"de\"
assert [s[\"digits\"] for s in data[\"sounds\"][:3]] == labels
assert base64.b64decode(data[\"sounds\"][0][\"wav\"]) == \
    open(\"r1/00000.wav\", \"rb\").read()
"'

# --- last, since banks are lost ---------------------------------------------------

check 'English is made for whoever asks for it, whatever the settings have' '
    rm -rf "$CACHE/audio" &&
    audio make --set audio_languages=de >out && [ -s "$CACHE/audio/en/$TODAY/bank" ] &&
    rm -r "$CACHE/audio/en" && "$CTL" check --set audio_languages=de >out &&
    has out "ok      sound     en: only the bank of the program"'
check 'a symbolic link in place of the directory is refused, and told' '
    rm -rf "$CACHE/audio" && mkdir elsewhere && ln -s ../elsewhere "$CACHE/audio" &&
    exits 1 audio make 2>err && has err "cache_dir $CACHE: " &&
    has err "no symbolic link" && "$CTL" check >out &&
    has out "WARN    sound     cache_dir $CACHE: " &&
    has out "→ rm -r $CACHE/audio && captchactl audio make"'
# root without the right to enter what is closed
meek()
{
    [ "$(id -u)" -ne 0 ] || set -- setpriv --inh-caps=-all --bounding-set=-all "$@"
    "$@"
}
check 'a directory that is closed is told, and is to be opened, not removed' '
    rm -rf "$CACHE/audio" elsewhere && mkdir -m 300 "$CACHE/audio" &&
    meek "$CTL" check >out; exits 1 meek "$CTL" audio make --lang it 2>err &&
    rmdir "$CACHE/audio" &&
    has out "WRONG   cache     $CACHE/audio belongs to $(id -un), which " &&
    has out "→ chmod u+rwX $CACHE/audio" &&
    has err "cannot open directory audio: Permission denied" &&
    ! grep "symbolic link" out err'
check 'with audio = no cron makes none' '
    rm -rf "$CACHE/audio" && audio make --if-installed --set audio=no >out &&
    [ ! -s out ] && [ ! -e "$CACHE/audio" ]'
check 'a parent that ignores its children is no trouble' '
    sh -c "trap \"\" CHLD; exec \"$CTL\" audio make --lang it" >out 2>&1 &&
    has out "it: 6 voices"'
check 'a night that was left empty goes, and so does a damaged bank' '
    mkdir -p "$CACHE/audio/it/2026-11-11" && echo x >"$CACHE/audio/it/2026-11-11/bank" &&
    audio make --lang it >out && [ ! -e "$CACHE/audio/it/2026-11-11" ] &&
    [ -s "$CACHE/audio/it/$TODAY/bank" ]'

finish
