# Heap snapshots: SIGUSR2 writes them, heapdiff compares them.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs sqlite3 cgi-fcgi spawn-fcgi python3

# The snapshots of a directory, the oldest first.
snapshots()
{
    find "$1" -maxdepth 1 -name 'captcha-*.heapsnapshot' | sort
}
has_snapshots()
{
    [ "$(snapshots "$1" | wc -l)" = "$2" ]
}

for mode in fcgi spawn; do
    new_world
    start $mode
    mkdir -p "$TRASH/$mode"
    check "$mode: SIGUSR2 writes a snapshot beside the database" '
        dir=$(dirname "$DB") && issue &&
        kill -USR2 $SERVICE && soon has_snapshots "$dir" 1 &&
        soon has "$LOG" "event=snapshot file=\"$(snapshots "$dir")\"" &&
        python3 -c "import json, sys; json.load(open(sys.argv[1]))" \
            "$(snapshots "$dir")" &&
        [ "$(stat -c %a "$(snapshots "$dir")")" = 600 ]'
    check "$mode: the service goes on" 'issue'
    check "$mode: and writes another" '
        kill -USR2 $SERVICE && soon has_snapshots "$dir" 2 && issue'
    check "$mode: a snapshot has no pid and no code" '
        code=$(code_of "$pid") && kill -USR2 $SERVICE &&
        soon has_snapshots "$dir" 3 &&
        has_not "$(snapshots "$dir" | tail -n 1)" "$pid" &&
        has_not "$(snapshots "$dir" | tail -n 1)" "$code"'
    stop || :
done

new_world
start fcgi
dir=$(dirname "$DB")
check 'a directory that is missing is logged, and the service goes on' '
    issue && first=$(workers) && mv "$dir" "$dir.gone" &&
    kill -USR2 $SERVICE && soon has "$LOG" "event=snapshot" &&
    has "$LOG" "$dir" && mv "$dir.gone" "$dir" && issue &&
    [ "$(workers)" = "$first" ]'
stop || :

# Two snapshots of one idle service
new_world
start fcgi
dir=$(dirname "$DB")
# Whether one more snapshot is like the one before. At first it is not: a service
# sweeps in its first pauses, and SQLite allocates memory for that.
comes_to_rest()
{
    n=$(snapshots "$dir" | wc -l)
    kill -USR2 $SERVICE && soon has_snapshots "$dir" $((n + 1)) &&
        set -- $(snapshots "$dir" | tail -n 2) && [ $# = 2 ] &&
        "$CTL" heapdiff "$1" "$2" >out && [ "$(cat out)" = "nothing differs" ]
}
check 'heapdiff: two snapshots of an idle service are the same' '
    issue && soon comes_to_rest &&
    set -- $(snapshots "$dir" | tail -n 2) &&
    "$CTL" heapdiff "$1" "$2" --fail-on-growth generator,sqlite font'
check 'heapdiff: --json is JSON' '
    set -- $(snapshots "$dir" | tail -n 2) && "$CTL" heapdiff --json "$1" "$2" >out &&
    python3 -c "
import json
classes = {c[\"class\"]: c for c in json.load(open(\"out\"))[\"classes\"]}
assert classes[\"generator\"][\"delta\"] == 0, classes
assert {\"new\", \"deleted\", \"delta\", \"bytes\"} <= set(classes[\"sqlite\"])
"'
# The second snapshot has one more object of the class font.
check 'heapdiff: growth fails, by name' '
    set -- $(snapshots "$dir") && python3 - "$1" grown <<-END &&
	import json, sys
	heap = json.load(open(sys.argv[1]))
	nodes, strings = heap["nodes"], heap["strings"]
	width = len(heap["snapshot"]["meta"]["node_fields"])
	nodes += [3, strings.index("font"), 4000000001, 64, 0, 0, 0]
	json.dump(heap, open(sys.argv[2], "w"))
	END
    exits 1 "$CTL" heapdiff "$1" grown --fail-on-growth font >out 2>err &&
    has out "class" && has out "own" &&
    has err "font has grown by 1" &&
    exits 1 "$CTL" heapdiff "$1" grown --fail-on-growth store font &&
    exits 1 "$CTL" heapdiff --fail-on-growth store,font "$1" grown &&
    "$CTL" heapdiff "$1" grown --fail-on-growth generator &&
    "$CTL" heapdiff grown "$1" --fail-on-growth font'
check 'heapdiff: wrong arguments and files are refused' '
    exits 64 "$CTL" heapdiff 2>err && has err "two heap snapshots" &&
    exits 64 "$CTL" heapdiff a b c 2>err && has err "c: two" &&
    exits 1 "$CTL" heapdiff nowhere.a nowhere.b 2>err &&
    has err nowhere.a && echo "{}" >empty.json &&
    exits 64 "$CTL" heapdiff empty.json empty.json 2>err &&
    has err "empty.json is no heap snapshot"'
stop || :
finish
