# tests/shell/lib.sh itself: a test ends all that it has started, however it ends,
# and is skipped when it lacks a program.
. "$CF_SRCDIR/tests/shell/lib.sh"
LIB=$CF_SRCDIR/tests/shell/lib.sh

# A test with two services, each with a worker, and a process in a group of its
# own, which ignores signals. It names its session, and ends as $END says.
cat >"$TRASH/two-services" <<-\OUTER
	. "$LIB"
	new_world
	start fcgi
	SOCK=$TRASH/other
	start fcgi
	timeout 60 sh -c 'trap "" HUP INT PIPE TERM; sleep 60; :' &
	soon eval '[ "$(processes_of $SESSION $$ | wc -l)" -ge 7 ]'
	printf '%s\n' $$ "$TRASH" >"$TOLD.part"
	mv "$TOLD.part" "$TOLD"
	eval "$END"
OUTER
export LIB TOLD="$TRASH/told" END

# run_two: the test of that name, below another shell; $runner
run_two()
{
    END=$1
    rm -f "$TOLD"
    env --default-signal=HUP,INT,PIPE,TERM sh "$TRASH/two-services" >two.log 2>&1 &
    runner=$!
}

# left_nothing: neither processes nor trash
left_nothing()
{
    { read -r session && read -r trash; } <"$TOLD" && [ ! -e "$trash" ] &&
        [ -z "$(processes_of $SESSION "$session")" ]
}

check 'a test that ends well leaves nothing' '
    run_two finish && exits 0 wait $runner && left_nothing'
check 'nor does a command that is missing' '
    run_two no-such-command && exits 127 wait $runner && left_nothing'
check 'nor a test that is killed itself' '
    run_two "kill -KILL \$\$" && exits 137 wait $runner && left_nothing'
for end in HUP=129 INT=130 PIPE=141 TERM=143; do
    check "nor SIG${end%=*}" '
        run_two "sleep 60" && soon test -e "$TOLD" &&
        kill -${end%=*} $runner && exits ${end#*=} wait $runner &&
        left_nothing'
done

cat >"$TRASH/two-needs" <<-\OUTER
	. "$LIB"
	needs sh no-such-program cgi-fcgi
	check 'never' false
OUTER
check 'a test without a program is skipped, and names it' '
    sh "$TRASH/two-needs" >out &&
    [ "$(cat out)" = "1..0 # SKIP no no-such-program: script/setup --test\
 installs it" ]'
finish
