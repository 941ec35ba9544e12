# The shape of the tree: the stem of a public function's name belongs to one
# folder of src, there are at most 40 settings, and make check runs each test.
. "$(dirname "$0")/lib.sh"

# public_functions: each function that is not static, as "folder name file:line"
public_functions()
{
    find src -name '*.c' | sort | while read -r f; do
        awk -v file="$f" '
        BEGIN { split(file, part, "/") }
        /^(static|typedef|extern|return|else)([^a-zA-Z0-9_]|$)/ { next }
        /^[a-z][A-Za-z0-9_ *]*[ *][a-z0-9_]+\(/ && !/;[ \t]*$/ {
            name = $0
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
            print part[2], name, file ":" FNR
        }' "$f"
    done
}

# The stem is the name up to its first underscore: pool_take is of "pool". A
# reader who sees it knows the folder.
stem_in_two_folders()
{
    public_functions | awk '
    {
        stem = $2
        sub(/_.*/, "", stem)
        if (!(stem in folder)) {
            folder[stem] = $1
            first[stem] = $2 " in " $3
        } else if (folder[stem] != $1 && !((stem, $1) in told)) {
            told[stem, $1] = 1
            print "the stem " stem " is in src/" folder[stem] \
                " and in src/" $1 ": " first[stem] ", " $2 " in " $3
        }
    }'
}

# Each setting has to earn its place.
too_many_settings()
{
    n_settings=$(grep -c '^#[a-z_]* = ' doc/captcha.conf.sample)
    [ "$n_settings" -le 40 ] ||
        echo "doc/captcha.conf.sample: $n_settings settings, at most 40"
}

# Tests that make check would not run.
unlisted_tests()
{
    find tests/lint tests/shell tests/unit tests/fuzz -type f \
        \( -name '*.sh' ! -name lib.sh -o -name 'test_*.c' -o \
        -name 'fuzz_*.c' \) | sed 's/\.c$//' | while read -r test; do
        grep -qE "(^	|= )$test( |\$)" tests/tests.mk ||
            echo "tests/tests.mk does not list $test"
    done
}

# A script that has changed its directory finds itself only by its name from
# there: "$0" may be relative to the directory before.
lost_names()
{
    for file in script/*; do
        awk -v f="$file" '/^cd "\$\(dirname "\$0"\)/ { moved = 1; next }
            moved && /"\$0"/ { print f ":" NR ": $0 after cd" }' "$file"
    done
}

cd "$CF_SRCDIR"
for rule in stem_in_two_folders too_many_settings unlisted_tests \
    lost_names; do
    holds "$rule: none" $rule
done
public_functions >"$TRASH/found"
rc=0
[ "$(wc -l <"$TRASH/found")" -gt 300 ] || rc=1
result $rc 'the functions of the tree were found'

# Each rule finds what it is for, in a made-up tree.
finds()
{
    rm -rf "$TRASH/tree"
    for folder in src/pool src/store doc script tests/lint tests/shell \
        tests/unit tests/fuzz; do
        mkdir -p "$TRASH/tree/$folder"
    done
    cd "$TRASH/tree"
    printf '\ttests/unit/test_pool \\\n' >tests/tests.mk
    printf 'int pool_take(struct pool *pool)\n{\n}\n' >src/pool/pool.c
    echo '#ttl_s = 300' >doc/captcha.conf.sample
    : >script/y
    printf "$3" >"$2"
    if [ "${4-}" ]; then
        prints "$4" "$1 finds it" "$1"
    else
        holds "$1 allows it" "$1"
    fi
}
finds stem_in_two_folders src/store/x.c 'char *pool_name(int a,\n\tint b)\n{\n' \
    'pool_name in src/store/x.c:1'
finds stem_in_two_folders src/store/x.c 'static int pool_x(void)\n{\n}\n'
finds stem_in_two_folders src/store/x.c 'int store_x(void)\n{\n}\n'
finds stem_in_two_folders src/pool/x.c 'int pool_x(void)\n{\n}\n'
finds too_many_settings doc/captcha.conf.sample \
    "$(seq 41 | sed 's/.*/#a = &\\n/' | tr -d '\n')" '41 settings'
finds too_many_settings doc/captcha.conf.sample \
    "$(seq 40 | sed 's/.*/#a = &\\n/' | tr -d '\n')"
finds lost_names script/x 'cd "$(dirname "$0")/.."\nsetsid "$0" a &\n' \
    'script/x:2'
finds lost_names script/x 'here=$(cd "$(dirname "$0")/.." && pwd)\nsed 1q "$0"\n'
finds unlisted_tests tests/unit/test_poo.c '' 'list tests/unit/test_poo'
finds unlisted_tests tests/unit/test_pool.c ''
finds unlisted_tests tests/shell/t0001-x.sh '' 'list tests/shell/t0001-x.sh'

plan
