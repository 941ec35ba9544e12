#!/bin/sh
# The master of Redis dies, and Sentinel makes a replica the next master. Count
# the errors that visitors get, and the challenges that pass twice because the new
# master did not know that they were used.
#
# COUNT failovers (default 5), of five kinds in turn:
#
#	both    both replicas are cut off before the checks, then the master dies
#	one     one of them is, and Sentinel may choose it
#	none    the master dies amid checks
#	tokens  as both, with tokens in the place of challenges
#	apart   the master lives on within reach of the nodes, cut off from
#	        replicas and sentinels: there will be two masters
#
# Each time node1 has wait=0, node2 wait=1, and node3 wait=2, which is all
# replicas. With wait=2 no challenge may pass twice; with wait=1 only when Sentinel
# chooses the replica that was cut off.
. "$(dirname "$0")/lib.sh"

COUNT=${COUNT:-5}
CHECKS=${CHECKS:-10} # challenges of each node, where replicas are cut off
BURST=${BURST:-400}  # likewise, where none is
export DOWN_AFTER_MS="${DOWN_AFTER_MS:-1000}" # 400 for many failovers

# --- under load --------------------------------------------------------------

# under_load TITLE BEGIN END: two functions; between them the master changes
under_load() {
	old=$(master_name)
	start_visitors failover
	result $? "$1: visitors come and pass"
	began=$(now)
	$2
	wait_for is_replaced "$old"
	result $? "$1: another master takes over"
	note "$1: another master after $(echo "$(now) $began" |
		awk '{ printf "%.2f", $1 - $2 }') s"
	sleep 5
	ended=$(now)
	$3
	result $? "$1: the old master becomes a replica"
	go_on 50 ' check success '
	result $? "$1: and visitors pass"
	wait_for all_are_up
	result $? "$1: all nodes are in use"
	stop_visitors
	report "$1" "since it began=$began" "since it was over=$ended"
	is "$1: no challenge passed twice" 0 "$doubles"
	is "$1: each error that says 503 says when to try again" 0 \
		"$(n_lines ' 503-bare ')"
}

kill_master() {
	redis_kill KILL "$old"
}
bring_back() {
	rejoin "$old" "$(master_name)"
}

# Cut the old master off from Redis and sentinels, but not from nodes.
others_than_old() {
	for machine in redis redis1 redis2 redis3; do
		[ $machine = "$(redis_machine "$old")" ] || echo $machine
	done
}
cut_off_master() {
	for machine in $(others_than_old); do
		on "$(redis_machine "$old")" ip route add blackhole \
			"$(address "$machine")"
	done
}
# Sentinel would need ten seconds more.
join_again() {
	new=$(master_name)
	for machine in $(others_than_old); do
		on "$(redis_machine "$old")" ip route del blackhole \
			"$(address "$machine")"
	done
	redis_at "$old" REPLICAOF "$(redis_setting bind "$new")" \
		"$(redis_setting port "$new")" >/dev/null
	wait_for replicas_are_well "$new"
}

is_replaced() {
	[ "$(master_name)" != "$1" ]
}

# --- one failover ------------------------------------------------------------

nodes='node1 node2 node3'

# Lines `tid token` in the place of challenges.
issue_tokens() {
	for node in $nodes; do
		make_tokens "$(on front python3 "$cluster/visitors.py" issue \
			"$(address "$node"):80" 1)" "$1" redis_at "$old" ||
			return 1
		cut -d ' ' -f 1 "$T/tokens" >"$T/$node.pids"
		cut -d ' ' -f 1,3 "$T/tokens" >"$T/$node.answers"
	done
}

# issue N: challenges of each node; $T/NODE.answers has lines `pid code`
issue() {
	for node in $nodes; do
		on front python3 "$cluster/visitors.py" issue \
			"$(address "$node"):80" "$1" >"$T/$node.pids" || return 1
		sed 's/^/GET /' "$T/$node.pids" | redis_at "$old" \
			>"$T/$node.codes"
		paste -d ' ' "$T/$node.pids" "$T/$node.codes" \
			>"$T/$node.answers"
		[ "$(grep -c '^[A-Za-z0-9]* [a-z0-9]*$' "$T/$node.answers")" \
			= "$1" ] || return 1
	done
}

replicas_know() {
	for name in $(replicas_of "$old"); do
		wait_for has_all "$name" || return 1
	done
}

# has_all NAME: whether a replica knows all these challenges
has_all() {
	[ "$(cat "$T"/node[123].pids | sed 's/^/EXISTS /' | redis_at "$1" |
		grep -c -x 1)" = "$(cat "$T"/node[123].pids | wc -l)" ]
}

# send check|again [N]: all answers to their nodes, N at a time for each
send() {
	senders=
	for node in $nodes; do
		on front env AT_ONCE="${2:-32}" \
			python3 "$cluster/visitors.py" "$1" \
			"$(address "$node"):80" "$T/$node.visits" \
			<"$T/$node.answers" >>"$T/visitors.log" 2>&1 &
		senders="$senders $!"
	done
}

await_senders() {
	send_code=0
	for sender in $senders; do
		wait "$sender" || send_code=1
	done
	return $send_code
}

# cut_off NAME...: cut replicas off, send checks, and kill the master. A replica
# that was only stopped would later read what was sent to it: kill its connection.
cut_off() {
	redis_kill STOP "$@"
	redis_at "$old" CLIENT KILL TYPE replica >/dev/null
	"$between" "$@"
	send check
	await_senders
	began=$(now)
	redis_kill KILL "$old"
	redis_kill CONT "$@"
}

both() {
	between=true
	# shellcheck disable=SC2046
	cut_off $(replicas_of "$old")
}

tokens() {
	both
}

one() {
	between=await_other
	cut_off "$(replicas_of "$old" | shuf -n 1)"
}

# await_other NAME: until the other replica, whose connection died too, is back
await_other() {
	wait_for is_replica "$(replicas_of "$old" | grep -v -x "$1")" "$old"
}

none() {
	send check 8
	wait_for has_begun
	sleep "$(shuf -n 1 -e 0 0.02 0.05 0.1 0.2)"
	began=$(now)
	redis_kill KILL "$old"
	await_senders
}

# Nodes send checks to the old master, or to the new one once they know it. Then
# nodes restart, ask the sentinels, and send all again to the new one.
apart() {
	began=$(now)
	cut_off_master
	send check
	await_senders
	wait_for is_replaced "$old"
	for node in $nodes; do
		kill_machine $node
		resume_node $node
	done
	await_nodes
}

has_begun() {
	cat "$T"/node[123].visits 2>/dev/null | grep -q ' success '
}

# fail_over KIND N
fail_over() {
	old=$(master_name)
	rm -f "$T"/node[123].visits
	if [ "$1" = tokens ]; then
		issue_tokens "$2" || return 1
	else
		issue "$2" || return 1
	fi
	replicas_know || return 1
	"$1"
	wait_for is_replaced "$old" || return 1
	head -n 1 "$T/node1.answers" | on front python3 "$cluster/visitors.py" \
		again "$(address node1):80" "$T/node1.visits" || return 1
	echo "$(now) $began" | awk '{ printf "%.2f\n", $1 - $2 }' \
		>>"$T/seconds"
	if [ "$1" = apart ]; then
		join_again
	else
		bring_back
	fi || return 1
	send again
	await_senders || return 1
	for node in $nodes; do
		visits=$T/$node.visits
		count_doubles
		passed=$(grep -c ' check success ' "$visits")
		# kind, node, checks that passed, checks that got an error,
		# and challenges that passed twice
		echo "$1 $node $passed $(($2 - passed)) $doubles" \
			>>"$T/failovers"
	done
}

# figures KIND NODE WAIT: of all failovers, as a comment
figures() {
	note "$(awk -v kind="$1" -v node="$2" -v wait="$3" '
		$1 == kind && $2 == node {
			n++; passed += $3; failed += $4; doubles += $5
			with += $5 > 0
		}
		END {
			printf "%s, wait=%d: %d failovers, " \
				"%d checks passed and %d got an error; " \
				"%d passed twice, in %d failovers", kind, wait,
				n, passed, failed, doubles, with
		}' "$T/failovers")"
}

# --- all ---------------------------------------------------------------------

make_net
start_sentinels
# Half of the time goes to waiting for replicas.
for n in 1 2 3; do
	start_node $n store="$REDIS_URL?wait=1" store_timeout_ms=400
done
start_haproxy
under_load 'the master dies' kill_master bring_back
under_load 'the master is cut off from Sentinel and replicas' \
	cut_off_master join_again

for n in 1 2 3; do
	kill_machine node$n
	start_node $n store="$REDIS_URL?wait=$((n - 1))" store_timeout_ms=400 \
		issue_limit=0 failed_limit=0 "$site"
done
await_nodes
: >"$T/failovers"
n_done=0
while [ $n_done -lt "$COUNT" ]; do
	case $((n_done % 5)) in
	0) fail_over both "$CHECKS" ;;
	1) fail_over tokens "$CHECKS" ;;
	2) fail_over one "$CHECKS" ;;
	3) fail_over none "$BURST" ;;
	4) fail_over apart "$CHECKS" ;;
	esac || break
	n_done=$((n_done + 1))
done
is "$COUNT failovers" "$COUNT" "$n_done"
for kind in both tokens one none apart; do
	for n in 1 2 3; do
		figures $kind node$n $((n - 1))
	done
done
note "seconds until the next verdict: $(
	sort -n "$T/seconds" | awk '{ s[NR] = $1 }
	END { print "median", s[int((NR + 1) / 2)] ", most", s[NR] }')"

# sum COLUMN KINDS NODE
sum() {
	awk -v kinds="$2" -v node="$3" -v column="$1" '
		$1 ~ kinds && $2 == node { n += $column } END { print n + 0 }' \
		"$T/failovers"
}
is 'with wait=2 no challenge passed twice' 0 \
	"$(sum 5 . node3)"
is 'nor with wait=1, unless just one replica was cut off' 0 \
	"$(sum 5 '^(both|tokens|none|apart)$' node2)"
is 'with both replicas cut off nothing passed with wait=1 or 2' '0 0' \
	"$(sum 3 '^(both|tokens)$' node2) $(sum 3 '^(both|tokens)$' node3)"
[ "$(sum 5 '^(both|apart)$' node1)" -gt 0 ]
result $? 'with wait=0 some passed twice: the test would see it'
[ "$COUNT" -lt 2 ] || [ "$(sum 5 '^tokens$' node1)" -gt 0 ]
result $? 'and some tokens'
finish
