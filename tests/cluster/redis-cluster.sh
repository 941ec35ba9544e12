#!/bin/sh
# Three nodes with Redis Cluster: a challenge passes once, whichever of the three
# masters has it; and what visitors see when a master dies. Checks wait for a
# replica (wait=1), so that none passes twice. The new master has no replica
# until the dead one comes back.
. "$(dirname "$0")/lib.sh"

PIDS=${PIDS:-300}
COPIES=16

# Whether Redis noticed that a master died, and has three again.
has_another_master() {
	redis_at node2 CLUSTER NODES | awk '
		$3 ~ /^(myself,)?master$/ { n++ }
		$3 == "master,fail" { dead++ }
		END { exit !(n == 3 && dead == 1) }'
}

has_come_back() {
	redis_at node1 INFO replication | tr -d '\r' |
		grep -q -x master_link_status:up
}

make_net
start_redis_cluster
for n in 1 2 3; do
	start_node $n store="$REDIS_URL?wait=1" store_timeout_ms=15000 "$site"
done
start_haproxy

issue_many "$PIDS" redis_at node1 -c
result $? "$PIDS challenges are issued"
for name in node1 node2 node3; do
	echo "$name $(redis_at $name DBSIZE)"
done >"$T/sizes"
note "keys: $(tr '\n' ' ' <"$T/sizes")"
is 'each master of Redis has some' 3 "$(awk '$2 > 0' "$T/sizes" | wc -l)"
report=$(on front "$hammer" -r $COPIES -b "$T/bodies" 80 \
	/captcha/verification/check)
note "$COPIES right answers at once for each: $report"
is "$PIDS pids, $COPIES right answers each at once: $PIDS successes" "$PIDS" \
	"$(field success "$report")"
is 'and no error' $((PIDS * COPIES)) "$(field 200 "$report")"

make_tokens "$(head -n 1 "$T/pids")" "$PIDS" redis_at node1 -c
redeem_at_once

start_visitors cluster
result $? 'visitors come and pass'
began=$(now)
redis_kill KILL node1
wait_for has_another_master
result $? 'a master dies, and its replica takes over'
note "after $(echo "$(now) $began" | awk '{ printf "%.2f", $1 - $2 }') s"
redis_start node1
wait_for has_come_back
result $? 'it comes back as a replica'
back=$(now)
go_on 50 ' check success '
result $? 'and visitors pass'
wait_for all_are_up
result $? 'all nodes are in use'
stop_visitors
report 'a master of the cluster dies' "since its death=$began" \
	"since the new one has a replica=$back"
is 'no challenge passed twice' 0 "$doubles"
is 'each error that says 503 says when to try again' 0 \
	"$(n_lines ' 503-bare ')"
finish
