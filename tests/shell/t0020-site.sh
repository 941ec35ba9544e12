# captchactl site: what it writes, what it says, and that the service takes it.
. "$CF_SRCDIR/tests/shell/lib.sh"

R=/recaptcha/api/siteverify
SITES=$TRASH/sites.d
OLD=another-secret-of-another-site

site()
{
    "$CTL" site "$@" >out 2>err
}

# taken SECRET: the service knows the secret; not_taken: it does not
taken()
{
    req POST $R "secret=$1&response=x" && status 200 &&
        has out invalid-input-response
}

not_taken()
{
    req POST $R "secret=$1&response=x" && status 200 &&
        has out invalid-input-secret
}

# made: the secret and the sitekey of the last output
made()
{
    secret=$(sed -n 's/^secret  //p' "${1-out}")
    sitekey=$(sed -n 's/^sitekey //p' "${1-out}")
    [ ${#secret} = 43 ]
}

new_world
"$CTL" init >/dev/null
start cgi
echo "sites_dir = $SITES" >"$CAPTCHA_CONFIG"

# The service has replaced its worker.
has_other_workers()
{
    [ -n "$(workers)" ] && [ "$(workers)" != "$old" ]
}

# --- add ----------------------------------------------------------------------

check 'add writes a file for owner and group, and makes the directory' '
    site add forum --hostname forum.example.org --hostname "*.example.net" &&
    [ "$(stat -c %a sites.d/forum.conf)" = 640 ] &&
    [ "$(stat -c %a sites.d)" = 755 ] && [ "$(ls -A sites.d)" = forum.conf ] &&
    has sites.d/forum.conf "[site forum]" &&
    has sites.d/forum.conf "hostnames = forum.example.org *.example.net" &&
    has out "wrote   $SITES/forum.conf"'
check 'it shows sitekey and secret once, and keeps the SHA-256' '
    made && first=$secret && has_not sites.d/forum.conf "$secret" &&
    has sites.d/forum.conf "secret = sha256:$(printf %s "$secret" |
        sha256sum | cut -c 1-64)" && has sites.d/forum.conf "= $sitekey" &&
    [ "$(grep -c . err)" = 0 ]'
check 'it says what to write and to try, and when it counts' '
    has out "<captcha-box sitekey=\"$sitekey\" required></captcha-box>" &&
    has out "<script src=\"/captcha/widget.js\" defer></script>" &&
    has out "echo '\''secret=$secret&response=x'\'' |" &&
    has out "curl -d @- https://HOST/captcha/siteverify" &&
    has out "at its next start or reload" && has out "note: [site default]"'
check 'with public_url it names the address' '
    site add url --set public_url=https://c.example/p &&
    has out "src=\"https://c.example/p/widget.js\"" &&
    has out "curl -d @- https://c.example/p/siteverify" &&
    has_not out note:'
check 'the service takes the secret' 'taken "$first"'
check 'a sitekey and a secret of an application stay' '
    printf "%s\n" "$OLD" | site add shop --sitekey 0xAbC_9 --secret-stdin &&
    has sites.d/shop.conf "sitekey = 0xAbC_9" && has_not out "$OLD" &&
    has_not sites.d/shop.conf "$OLD" && taken "$OLD"'
check 'neither a hash nor two secrets are a secret: exit 64' '
    for bad in "sha256:$(printf %s "$OLD" | sha256sum | cut -c 1-64)" \
        "$OLD $OLD" " $OLD"; do
        printf "%s\n" "$bad" >secret.txt &&
        exits 64 site add more --secret-stdin <secret.txt &&
        has err "must be one secret, as the application sends it" &&
        [ ! -e sites.d/more.conf ] || return; done'
check 'a name that is taken: exit 1, and nothing changes' '
    cp sites.d/shop.conf before && exits 1 site add shop &&
    has err "[site shop] is there already, in $SITES/shop.conf" &&
    cmp before sites.d/shop.conf'
check 'a sitekey that is taken: exit 1' '
    exits 1 site add more --sitekey 0xAbC_9 &&
    has err "--sitekey 0xAbC_9 is that of [site shop]; each site needs its own" &&
    [ ! -e sites.d/more.conf ]'
check 'a file of that name that has another site: exit 1' '
    mv sites.d/url.conf sites.d/wiki.conf && exits 1 site add wiki &&
    has err "wiki.conf: File exists" && mv sites.d/wiki.conf sites.d/url.conf &&
    [ "$(ls -A sites.d | wc -l)" = 3 ]'
check 'wrong words are 64, with what is allowed' '
    exits 64 site && has err "no action: must be add, list, show" &&
    exits 64 site nonsense && has err "nonsense: must be add" &&
    exits 64 site add && has err "add: name the site" &&
    exits 64 site list x && has err "list takes no name" &&
    exits 64 site list --env && has err "list takes no option --env" &&
    exits 64 site add Forum &&
    has err "[site Forum]: a name has 1 to 32 of a-z, 0-9 and -" &&
    exits 64 site add n --hostname "A b" &&
    has err "site: [site n]: hostnames: \"A\" is no name in lower case" &&
    exits 64 site add n --profile x && has err "no section [profile x]" &&
    exits 64 site add n --sitekey "a b" && has err "sitekey = \"a b\"" &&
    set -- && for i in $(seq 17); do set -- "$@" --hostname h$i; done &&
    exits 64 site add n "$@" && has err "more than 16 times --hostname" &&
    echo short >text && exits 64 site add n --secret-stdin <text &&
    has err "secret has 5 characters" &&
    exits 64 site add n --secret-stdin </dev/null &&
    has err "standard input is empty" && [ ! -e sites.d/n.conf ]'
check 'a directory that cannot be made: exit 1, with its name' '
    : >nodir && exits 1 site add n --set sites_dir="$TRASH/nodir/x" &&
    has err "$TRASH/nodir" && exits 1 site add n --set sites_dir= &&
    has err "sites_dir is empty"'
check '--env prints variables that the service takes, and writes nothing' '
    site add news-en --hostname any --env && made err && has_not out "$secret" &&
    [ "$(ls -A sites.d | wc -l)" = 3 ] &&
    [ "$(grep -vc "^CAPTCHA_SITE_NEWS_EN_[A-Z]*=" out)" = 0 ] &&
    while IFS="=" read -r name value; do export "$name=$value"; done <out &&
    taken "$secret" && site list && grep -q "^news-en .*any  environment" out'

# --- list and show ------------------------------------------------------------

check 'list has a line for each site' '
    [ "$(wc -l <out)" = 4 ] &&
    grep -q "^forum .* forum.example.org \*.example.net  $SITES/forum.conf" out'
check_with python3 'list --json' 'site list --json && python3 -c "
import json
sites = {s[\"name\"]: s for s in json.load(open(\"out\"))}
assert sites[\"shop\"][\"sitekey\"] == \"0xAbC_9\"
assert sites[\"shop\"][\"secrets\"] == 1
assert sites[\"shop\"][\"hostnames\"] == \"same\"
assert sites[\"news-en\"][\"place\"] == \"environment\"
"'
check 'show prints the section without its secret' '
    site show shop && has out "[site shop]" && has out "secret = ***" &&
    has_not out sha256 && has out "sitekey=\"0xAbC_9\"" &&
    exits 1 site show x && has err "there is no [site x]" &&
    exits 1 site show shop --secret && has err "captchactl site rotate shop"'

# --- rotate -------------------------------------------------------------------

check 'rotate puts a new secret first, and the old one counts on' '
    site rotate shop && made && second=$secret &&
    has out "site rotate shop --finish" && taken "$second" && taken "$OLD" &&
    grep -q "^secret = sha256:$(printf %s "$second" | sha256sum |
        cut -c 1-64) sha256:$(printf %s "$OLD" | sha256sum | cut -c 1-64)$" \
        sites.d/shop.conf && [ "$(stat -c %a sites.d/shop.conf)" = 640 ]'
check 'four secrets count at once, and a fifth is refused' '
    site rotate shop && site rotate shop && made &&
    exits 1 site rotate shop && has err "--finish" && taken "$OLD" &&
    taken "$secret"'
check 'rotate --finish keeps the newest alone' '
    site rotate shop --finish && taken "$secret" && not_taken "$OLD" &&
    not_taken "$second"'
# waits PID: it has read the settings, and waits for the lock of sites.d
waits()
{
    for _ in 1 2 3; do
        ls -l "/proc/$1/fd" | grep -q "/sites.d$" && sleep 0.1 || return
    done
}

# meanwhile COMMAND CHANGE: run captchactl site COMMAND, and CHANGE before it
# writes: its exit code. `before` is the file after CHANGE.
meanwhile()
{
    rm -f held go
    flock sites.d sh -c ': >held; until [ -e go ]; do sleep 0.05; done' &
    holder=$!
    soon test -e held || return
    # shellcheck disable=SC2086
    "$CTL" site $1 >out 2>err & writer=$!
    soon waits $writer && $2 && cp sites.d/abc.conf before
    : >go
    wait $holder
    wait $writer
}

# abc [NAME]...: a file with these sites
abc()
{
    for s; do
        printf '[site %s]\nsitekey = %s\nsecret = %s-%s\n' $s $s "$OLD" $s
    done >sites.d/abc.conf
}

new_secret_of_b()
{
    sed -i "s/^secret = \($OLD-b\)/secret = new-$OLD \1/" sites.d/abc.conf
}

if command -v flock >/dev/null && [ -d /proc/self/fd ]; then
    check 'a secret that changed meanwhile: exit 75, and nothing changes' '
        abc a b c && exits 75 meanwhile "rotate b" new_secret_of_b &&
        has err "abc.conf has changed meanwhile" && ! made &&
        has before "= new-$OLD $OLD-b" && cmp before sites.d/abc.conf'
    check 'and a section that is elsewhere now' '
        for act in "rotate b" "remove b"; do
            abc a b c && exits 75 meanwhile "$act" "abc b c" &&
            has err "abc.conf has changed meanwhile" && ! made &&
            cmp before sites.d/abc.conf || return; done'
    check 'a change of another section stays' '
        abc a b c && exits 0 meanwhile "remove c" new_secret_of_b &&
        has sites.d/abc.conf "= new-$OLD $OLD-b" &&
        has_not sites.d/abc.conf "[site c]"'
    rm -f sites.d/abc.conf
else
    skip 'captchactl site and a change meanwhile' 'no flock, or no /proc'
fi
check 'a secret in the environment: exit 1, and --env prints the variable' '
    exits 1 site rotate news-en &&
    has err "\"captchactl site rotate news-en --env\" prints" &&
    site rotate news-en --env && made err &&
    grep -q "^CAPTCHA_SITE_NEWS_EN_SECRET=sha256:[0-9a-f]* sha256:" out &&
    export "$(cat out)" && taken "$secret" &&
    site rotate news-en --finish --env && export "$(cat out)" &&
    taken "$secret" && [ ${#CAPTCHA_SITE_NEWS_EN_SECRET} = 71 ]'
check 'the remedy of a short secret and of a missing one mends it' '
    printf "# mine\n[site b]\nsitekey = b ; comment\nsecret = short\nscore = 0.5\n" \
        >sites.d/b.conf && exits 78 "$CTL" config >out 2>err &&
    has err "\"captchactl site rotate b\" makes one" && site rotate b && made &&
    taken "$secret" && has sites.d/b.conf "# mine" &&
    has sites.d/b.conf "score = 0.5" && has_not sites.d/b.conf short &&
    printf "[site b]\nsitekey = b" >sites.d/b.conf && site rotate b && made &&
    taken "$secret" && rm sites.d/b.conf'
check 'a section of the settings file changes where it stands' '
    printf "sites_dir = $SITES\n[site main]\nsitekey = m\nsecret = $OLD$OLD\n\n[profile p]\nlength = 5\n" \
        >"$CAPTCHA_CONFIG" && chmod 604 "$CAPTCHA_CONFIG" && site rotate main &&
    made && taken "$secret" && taken "$OLD$OLD" &&
    [ "$(stat -c %a "$CAPTCHA_CONFIG")" = 604 ] &&
    has "$CAPTCHA_CONFIG" "[profile p]" && has_not "$CAPTCHA_CONFIG" "$OLD"'
check 'another fault of the settings is told, after the change' '
    echo "[site c]" >sites.d/c.conf && exits 78 site rotate main &&
    has err "done, but the settings have a fault" && has err "c.conf" &&
    made && exits 78 site add d && has err c.conf && [ ! -e sites.d/d.conf ] &&
    rm sites.d/c.conf && taken "$secret"'
check 'a symbolic link is left alone' '
    mv sites.d/url.conf elsewhere && ln -s ../elsewhere sites.d/url.conf &&
    exits 1 site rotate url && has err "is no regular file" &&
    rm sites.d/url.conf && mv elsewhere sites.d/url.conf'

# --- remove -------------------------------------------------------------------

check 'remove takes a section out of a file' '
    printf "\n[site second]\nsitekey = s2\nsecret = $OLD-second\n" \
        >>sites.d/url.conf && site remove url &&
    has sites.d/url.conf "[site second]" &&
    has_not sites.d/url.conf "[site url]" && taken "$OLD-second" &&
    site remove main && has_not "$CAPTCHA_CONFIG" "[site main]" &&
    has "$CAPTCHA_CONFIG" "[profile p]" && has "$CAPTCHA_CONFIG" sites_dir'
check 'and the file, when nothing but comments is left' '
    echo "# note" >>sites.d/url.conf && site remove second &&
    [ ! -e sites.d/url.conf ] && exits 1 site remove second &&
    has err "there is no [site second]"'
check 'a site of the environment cannot be removed' '
    exits 1 site remove news-en && has err "remove its variables"'
for name in $(env | sed -n 's/^\(CAPTCHA_SITE_[A-Z_]*\)=.*/\1/p'); do
    unset "$name"
done
check 'without any site there is the default again' '
    site remove forum && site remove shop && has out "[site default]" &&
    [ -z "$(ls -A sites.d)" ] && site list &&
    grep -q "^default  *default .*built-in" out && site show default &&
    has out "captchactl site show default --secret" &&
    site show default --secret && secret=$(cat out) && [ ${#secret} = 43 ] &&
    taken "$secret"'
check 'a site may have the name and the sitekey of the default' '
    exits 1 site rotate default && has err "[site default] is built in" &&
    exits 1 site remove default && has err "site add default" && site add default --sitekey default &&
    made && taken "$secret" && site remove default'

# --- rights -------------------------------------------------------------------

if [ "$(id -u)" = 0 ]; then
    check 'the file gets the group of cache_dir, or of --user' '
        chgrp 1 "$CACHE" && site add grouped &&
        [ "$(stat -c "%u:%g %a" sites.d/grouped.conf)" = "0:1 640" ] &&
        chgrp 0 "$CACHE" && site remove grouped &&
        site add grouped --user daemon &&
        [ "$(stat -c %u:%g sites.d/grouped.conf)" = "0:$(id -g daemon)" ] &&
        site rotate grouped &&
        [ "$(stat -c %u:%g sites.d/grouped.conf)" = "0:$(id -g daemon)" ] &&
        site remove grouped'
    check 'root writes nothing where another user could put a link' '
        chmod 711 . && install -d -o daemon own && ln -s "$SITES" own/link &&
        exits 78 site add grouped --set sites_dir="$TRASH/own/link" &&
        has err "others than root can change" &&
        exits 78 site add grouped --set sites_dir="$TRASH/own/sites.d" &&
        has err "give --user" && [ ! -e own/sites.d ] &&
        [ -z "$(ls -A sites.d)" ]'
    check 'there it writes as the user that --user names' '
        : >own.conf && chmod 644 own.conf && site add grouped -c own.conf \
            --user daemon --set sites_dir="$TRASH/own/sites.d" &&
        [ "$(stat -c %U own/sites.d/grouped.conf)" = daemon ] &&
        chmod 700 .'
    check 'without a cache_dir it asks for --user' '
        exits 1 site add grouped --set cache_dir="$TRASH/none" &&
        has err "give --user" && [ -z "$(ls -A sites.d)" ]'
fi

# --- reload -------------------------------------------------------------------

start fcgi
check_with cgi-fcgi 'a site that is added counts from a reload on' '
    req GET /healthz && status 200 && # the worker has read the settings
    site add late && made && not_taken "$secret" && old=$(workers) &&
    kill -HUP $SERVICE && soon has_other_workers && taken "$secret" &&
    site remove late'
stop

# --- warnings -----------------------------------------------------------------

printf '[site open]\nsitekey = o\nsecret = %s\nhostnames = a.example any\n' \
    "$OLD" >sites.d/open.conf
chmod 644 sites.d/open.conf
printf '[site closed]\nsitekey = c\nsecret = sha256:%064d\n' 1 \
    >sites.d/closed.conf
chmod 644 sites.d/closed.conf
start fcgi
check 'a start warns of a clear secret that others can read' '
    soon has "$LOG" "level=warn event=sites site=open text=\"$SITES/open.conf is readable by others" &&
    has_not "$LOG" "site=closed" && has_not "$LOG" "$OLD"'
check 'and of hostnames = any' '
    soon has "$LOG" "site=open text=\"hostnames = any: any page may use this sitekey\""'
stop
chmod 640 sites.d/open.conf
: >"$LOG"
CAPTCHA_TEST_KEYS=yes start fcgi
check 'and of test_keys = yes' '
    soon has "$LOG" "test_keys = yes: the public test keys" &&
    has_not "$LOG" "readable by others"'
stop
finish
