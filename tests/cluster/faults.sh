#!/bin/sh
# A node is dead or unplugged, or Redis is silent, out of reach or dead. Visitors
# get errors that say so, no challenge passes twice, and the service recovers by
# itself. RATE visitors come each second (default 40), and each
# fault lasts AWAY seconds (default 10). At the end nodes are killed while
# CHALLENGES (default 12000) are checked at full speed.
. "$(dirname "$0")/lib.sh"

AWAY=${AWAY:-10}
CHALLENGES=${CHALLENGES:-12000}

# fault NAME BEGIN END: two commands
fault() {
	start_visitors "$1"
	result $? "$1: visitors come and pass"
	began=$(now)
	$2
	sleep "$AWAY"
	ended=$(now)
	$3
	go_on 50 ' check success '
	result $? "$1: visitors pass when it is over"
	wait_for all_are_up
	result $? "$1: all nodes are in use again"
	stop_visitors
	report "$1" "since it began=$began" "since it was over=$ended"
	is "$1: no challenge passed twice" 0 "$doubles"
	is "$1: each error that says 503 says when to try again" 0 \
		"$(n_lines ' 503-bare ')"
	is "$1: HAProxy answers all requests" 0 \
		"$(n_lines ' \(refused\|closed\|silent\) ')"
}

on_front_link() {
	on front ip link set "$@"
}

# Kill nodes in turn while 32 connections are busy. A killed node loses the
# answers to requests that it has accepted.
full_load() {
	issue_many "$CHALLENGES"
	result $? 'many challenges are issued'
	on front "$hammer" -c 32 -b "$T/bodies" -o "$T/passed" 80 \
		/captcha/verification/check >"$T/hammer" 2>>"$T/hammer.log" &
	load=$!
	n_killed=0
	while kill -0 $load 2>/dev/null; do
		node=node$((n_killed % 3 + 1))
		kill_machine $node
		n_killed=$((n_killed + 1))
		resume_node $node
		wait_for node_answers $node
		sleep 0.2
	done
	wait $load
	wait_for all_are_up
	result $? 'nodes are killed at full load, and all are in use again'
	report=$(cat "$T/hammer")
	note "$n_killed nodes killed: $report"
	is 'HAProxy sent no check to a second node' \
		"$(field success "$report")" "$(field 200 "$report")"
	on front "$hammer" -c 32 -b "$T/bodies" -o "$T/passed-later" 80 \
		/captcha/verification/check >"$T/hammer-later"
	n_passed=$(sort -u "$T/passed" "$T/passed-later" | wc -l)
	note "$(wc -l <"$T/passed") challenges passed then," \
		"$(wc -l <"$T/passed-later") later, and of" \
		"$((CHALLENGES - n_passed)) the answer was lost"
	is 'most pass' yes "$([ "$n_passed" -ge $((CHALLENGES * 9 / 10)) ] &&
		echo yes)"
	is 'and none twice' 0 \
		"$(sort "$T/passed" "$T/passed-later" | uniq -d | wc -l)"
}

make_net
start_redis
for n in 1 2 3; do
	start_node $n
done
start_haproxy
fault 'a node is killed' 'kill_machine node1' 'resume_node node1'
fault 'a node is unplugged' 'on_front_link node1 down' 'on_front_link node1 up'
fault 'Redis does not answer' "kill -STOP $redis" "kill -CONT $redis"
fault 'Redis is unplugged' 'on_front_link redis down' 'on_front_link redis up'
fault 'Redis is killed' 'kill_machine redis' start_redis
full_load
finish
