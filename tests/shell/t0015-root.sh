# Root and the directories of a user whom an attacker may control: the owner of
# a directory can put a link in the place of any name in it. Here this user is
# `nobody`, and the link leads to "victim", a directory of root.
. "$CF_SRCDIR/tests/shell/lib.sh"

VICTIM=$TRASH/victim
OWN=$TRASH/own
export CAPTCHA_STORE="sqlite:$OWN/captcha.db" CAPTCHA_CACHE_DIR="$OWN/cache"
: >"$CAPTCHA_CONFIG"

check 'init for an unknown user is 64' '
    exits 64 "$CTL" init --user no-such-user 2>err &&
    has err "no-such-user: there is no such user"'
if [ "$(id -u)" != 0 ]; then
    check 'a user other than root cannot act as another user' '
        exits 64 "$CTL" init --user root 2>err && has err "only root" &&
        exits 64 "$CTL" fill --user root 2>err && has err "only root"'
    check 'a user may name itself' '
        "$CTL" init --user "$(id -un)" >out && has out "made $OWN/cache" &&
        "$CTL" fill --user "$(id -un)" >out'
    check 'a user other than root follows links' '
        mkdir elsewhere && rm -rf "$OWN/cache" &&
        ln -s ../elsewhere "$OWN/cache" && "$CTL" init >out &&
        CAPTCHA_POOL_SIZE=2 "$CTL" fill >out &&
        find elsewhere -name "*.png" | grep -q .'
    finish
    exit
fi

# A new victim, and a directory of nobody with an installation in it.
new_scene()
{
    rm -rf "$VICTIM" "$OWN"
    mkdir "$VICTIM" "$OWN" && chmod 755 "$TRASH" "$VICTIM" "$OWN" &&
        chown nobody "$OWN"
}

# The victim is as it was.
is_whole()
{
    [ "$(stat -c '%U %a' "$VICTIM")" = 'root 755' ] &&
        [ -z "$(ls -A "$VICTIM")" ]
}

AS_NOBODY="setpriv --reuid=nobody --regid=$(id -gn nobody) --clear-groups"
as_nobody()
{
    $AS_NOBODY "$@"
}

check 'init for a user, in a directory of that user' '
    new_scene && "$CTL" init --user nobody >out &&
    has out "made $OWN/cache" && [ "$(stat -c %a "$OWN/cache")" = 700 ] &&
    [ -z "$(find "$OWN" ! -user nobody)" ]'
check 'init can be repeated' '"$CTL" init --user nobody >out && has_not out made'
check 'init without --user says whose the directories are' '
    "$CTL" init >out && has out "$OWN/cache is ready, and belongs to nobody" &&
    has out "$OWN/captcha.db is ready, and belongs to nobody" &&
    has_not out root && [ -z "$(find "$OWN" ! -user nobody)" ]'
check 'init without --user makes what is missing for the owner of the rest' '
    rm -rf "$OWN/cache" && "$CTL" init >out && has out "made $OWN/cache" &&
    [ -z "$(find "$OWN" ! -user nobody)" ]'
check 'commands of root act as the owner of the cache' '
    CAPTCHA_POOL_SIZE=2 "$CTL" fill >out && "$CTL" clean >out &&
    "$CTL" stats >out && "$CTL" check >out &&
    [ -z "$(find "$OWN" ! -user nobody)" ]'
check 'a pipe of the user in the place of a stamp does not hold them' '
    rm "$OWN/cache/last-fill" && as_nobody mkfifo "$OWN/cache/last-fill" &&
    timeout 30 "$CTL" fill >out && rm "$OWN/cache/last-fill"'
check 'check does not wait at a pipe that a process of the user names' '
    as_nobody mkfifo "$OWN/pipe" && {
        launch $AS_NOBODY env CAPTCHA_CONFIG="$OWN/pipe" "$CAPTCHA" \
            --listen "unix:$OWN/socket"
    } && soon grep -qx captcha.fcgi "/proc/$SERVICE/comm" &&
    timeout 30 "$CTL" check >out; code=$?
    kill -KILL $SERVICE; rm "$OWN/pipe"; [ $code = 0 ]'

# plant: nobody makes the cache a link to the victim.
plant()
{
    rm -rf "$OWN/cache" && as_nobody ln -s "$VICTIM" "$OWN/cache"
}
check 'init follows no link of the user' '
    plant && exits 78 "$CTL" init --user nobody 2>err &&
    has err "$OWN/cache is a symbolic link" && has err "remove it" && is_whole'
for command in fill clean stats check; do
    check "$command follows no link of the user, and does not go on as root" '
        exits 78 "$CTL" $command >out 2>err &&
        has err "$OWN/cache is a symbolic link" && is_whole &&
        [ -z "$(find "$OWN" ! -user nobody)" ]'
done
check 'with --user fill acts as that user, who may not write there' '
    ! "$CTL" fill --user nobody >out 2>err && is_whole'

# a directory above it is a link
check 'a link above the cache is not followed to a directory of root' '
    new_scene && mkdir "$VICTIM/cache" && as_nobody ln -s "$VICTIM" "$OWN/up" &&
    export CAPTCHA_CACHE_DIR="$OWN/up/cache" &&
    exits 78 "$CTL" init --user nobody 2>err && has err "$OWN/up is a symb" &&
    exits 78 "$CTL" fill 2>err && has err "$OWN/up is a symb" &&
    [ -z "$(ls -A "$VICTIM/cache")" ]'
check 'a link above the cache is not followed to another user' '
    mkdir -m 700 victim/other && chown daemon victim/other &&
    export CAPTCHA_CACHE_DIR="$OWN/up/other" &&
    exits 78 "$CTL" fill 2>err && [ -z "$(ls -A "$VICTIM/other")" ]'
export CAPTCHA_CACHE_DIR="$OWN/cache"

# the database is where the user can put a link
check 'root opens no database in a directory of the user' '
    new_scene && mkdir -m 700 cache && as_nobody ln -s "$VICTIM/file" \
        "$OWN/captcha.db" &&
    ! CAPTCHA_CACHE_DIR=$TRASH/cache "$CTL" fill 2>err && is_whole &&
    [ -z "$(ls -A cache)" ]'
check 'directories of two users need --user' '
    new_scene && mkdir cache2 && chown daemon cache2 &&
    exits 78 env CAPTCHA_CACHE_DIR="$TRASH/cache2" "$CTL" fill 2>err &&
    has err "give --user"'

# what root alone can change
check 'a link of the operator is followed' '
    new_scene && "$CTL" init --user nobody >out && ln -s own linked &&
    export CAPTCHA_CACHE_DIR="$TRASH/linked/cache" CAPTCHA_POOL_SIZE=1 &&
    export CAPTCHA_STORE="sqlite:$TRASH/linked/captcha.db" &&
    "$CTL" fill >out && "$CTL" init --user nobody >out &&
    [ -z "$(find "$OWN" ! -user nobody)" ]'
export CAPTCHA_STORE="sqlite:$TRASH/mine/captcha.db"
export CAPTCHA_CACHE_DIR="$TRASH/mine/deep/cache"
check 'root stays root where root owns all directories' '
    "$CTL" init >out && has out "mine/captcha.db is ready, and belongs to root" &&
    has out "note: a service that does not run as root" && "$CTL" fill >out &&
    [ -z "$(find mine ! -user root)" ] &&
    [ "$(stat -c %a mine/deep mine/deep/cache | tr "\n" " ")" = "755 700 " ]'
check 'root stops where others can write to a parent' '
    chmod 777 mine/deep && exits 78 "$CTL" fill 2>err &&
    has err "can change $TRASH/mine/deep: give --user" &&
    exits 78 "$CTL" init 2>err && has err "give --user"'
check 'with --user root it goes on as root' '
    "$CTL" fill --user root >out && "$CTL" init --user root >out'

# what the user may not use
check 'init for a user, in directories of root: the error names the remedy' '
    new_scene && chown root "$OWN" &&
    export CAPTCHA_STORE="sqlite:$OWN/captcha.db" &&
    export CAPTCHA_CACHE_DIR="$OWN/cache" && "$CTL" init >out &&
    exits 1 "$CTL" init --user nobody --config "$CAPTCHA_CONFIG" 2>err &&
    has err "$OWN/captcha.db: " && has err ", as nobody → captchactl check \
--user nobody --config $CAPTCHA_CONFIG" && has_not err "--user root" &&
    sed -n "s/.*→ captchactl //p" err >todo && [ -s todo ] &&
    exits 1 "$CTL" $(cat todo) >out && sed -n "s/^ *→ //p" out >todo &&
    sh -ex todo && "$CTL" init --user nobody >out'
check 'a directory above is shut for the owner: --user root goes on as root' '
    mkdir -m 755 shut && mkdir shut/own && chown nobody shut/own &&
    export CAPTCHA_STORE="sqlite:$TRASH/shut/own/captcha.db" &&
    export CAPTCHA_CACHE_DIR="$TRASH/shut/own/cache" &&
    "$CTL" init >out && chmod 700 shut && for command in fill clean stats init \
        "answer 0123456789abcdef"; do
        exits 1 "$CTL" $command 2>err &&
            has err "as nobody, the owner of cache_dir; give --user root" &&
            has_not err "run this as root" || return 1
    done && "$CTL" stats --user root >out'
check 'check names --user root, too' '
    exits 1 "$CTL" check >out &&
    has out "→ captchactl check --user root, if the service runs as root; \
else chmod o+x $TRASH/shut" && "$CTL" check --user root >out'

# supplementary groups
check 'init takes on the groups of the user, and keeps none of root' '
    new_scene && mkdir -m 770 "$OWN/group" && chgrp daemon "$OWN/group" &&
    chown root "$OWN" &&
    export CAPTCHA_STORE="sqlite:$OWN/group/captcha.db" &&
    export CAPTCHA_CACHE_DIR="$OWN/cache" &&
    ! setpriv --groups daemon "$CTL" init --user nobody 2>err &&
    [ ! -e "$OWN/group/captcha.db" ]'

finish
