# Sourced by lints. A rule is a function that prints what breaks it.
set -eu
LC_ALL=C
export LC_ALL
: "${CF_SRCDIR:?}"

TRASH=$(mktemp -d "${TMPDIR:-/tmp}/captcha-lint-XXXXXX")
trap 'rm -rf "$TRASH"' EXIT
trap 'exit 1' HUP INT TERM
n=0
n_failed=0

# result STATUS NAME: one test; $TRASH/found is shown when it fails
result()
{
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $n - $2"
        head -n 20 "$TRASH/found" | sed 's/^/# /'
    fi
}

# holds NAME RULE [ARGUMENT]...: the rule prints nothing
holds()
{
    holds_name=$1
    shift
    "$@" >"$TRASH/found" 2>&1 || :
    rc=0
    [ ! -s "$TRASH/found" ] || rc=1
    result $rc "$holds_name"
}

# prints TEXT NAME RULE [ARGUMENT]...: the rule prints TEXT
prints()
{
    prints_text=$1
    prints_name=$2
    shift 2
    "$@" >"$TRASH/found" 2>&1 || :
    rc=0
    grep -qF -e "$prints_text" "$TRASH/found" || rc=1
    result $rc "$prints_name"
}

plan()
{
    echo "1..$n"
    [ "$n_failed" = 0 ]
}
