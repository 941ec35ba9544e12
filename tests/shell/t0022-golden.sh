# The golden examples of siteverify over Redis: one server, sentinels, a cluster.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs redis-server redis-cli cgi-fcgi
new_world
case $("$CTL" stats --set store=redis://127.0.0.1:1 2>&1 || :) in
*--with-redis*) skip_all 'built --without-redis' ;;
esac
export CAPTCHA_STORE_TIMEOUT_MS=20000 CAPTCHA_LOG_LEVEL=debug
export DOWN_AFTER_MS=60000 # no master is replaced here
. "$CF_SRCDIR/tests/support/golden.sh"

topology()
{
    "$CF_SRCDIR/tests/redis/topology" "$@"
}

cli()
{
    redis-cli -c -p "$port" "$@" >/dev/null
}

record()
{
    cli SET "$TID" "$PROOF 1 . $1" PX 300000
}

# Redis forgets a token whose life is over: so T is an old one.
expire()
{
    cli DEL "$TID" && set_token "0${TID#?}"
}

for servers in single sentinel cluster; do
    mkdir "$servers"
    check "$servers: the servers start" \
        'topology "$servers" "$TRASH/$servers" >out && has out ready'
    . "$TRASH/$servers/env"
    case $servers in
    single) port=$SERVER_PORT ;;
    sentinel) port=$MASTER_PORT ;;
    cluster) port=$NODE1_PORT ;;
    esac
    export CAPTCHA_STORE="$URL"
    for mode in cgi fcgi; do
        new_world
        settings
        start $mode
        make_token
        golden "$servers, $mode"
        stop
    done
    topology stop "$TRASH/$servers"
done
finish
