#!/bin/sh
# Three nodes and one Redis behind HAProxy are one service: a challenge passes
# once, whichever node gets its answers, and limits hold for each visitor.
. "$(dirname "$0")/lib.sh"

PIDS=${PIDS:-1000}
COPIES=16
check=/captcha/verification/check

# requests_of NAME: how many requests HAProxy has sent to a node (`stot`)
requests_of() {
	haproxy_says 'show stat' | awk -F , -v name="$1" '$2 == name { print $8 }'
}

make_net
start_redis
for n in 1 2 3; do
	start_node $n store_timeout_ms=15000 "$site"
done
start_haproxy

issue_many "$PIDS"
result $? "$PIDS challenges are issued"
is 'each with a pid of its own' "$PIDS" "$(sort -u "$T/pids" | wc -l)"

before1=$(requests_of node1)
before2=$(requests_of node2)
before3=$(requests_of node3)
report=$(on front "$hammer" -r $COPIES -b "$T/bodies" 80 $check)
note "$COPIES right answers at once for each: $report"
is "$PIDS pids, $COPIES right answers each at once: $PIDS successes" "$PIDS" \
	"$(field success "$report")"
is 'and no error' $((PIDS * COPIES)) "$(field 200 "$report")"
shares="$(($(requests_of node1) - before1)) $(($(requests_of node2) - before2))"
shares="$shares $(($(requests_of node3) - before3))"
note "checks by node: $shares"
is 'each node gets a quarter of them at least' 3 \
	"$(echo "$shares" | tr ' ' '\n' | awk -v all=$((PIDS * COPIES)) \
		'$1 > all / 4' | wc -l)"
report=$(on front "$hammer" -c 32 -b "$T/bodies" 80 $check)
is 'none passes again' 0 "$(field success "$report")"

# By picture and by sound: the two answers of a challenge follow one another, so
# they are under way at once, at any two nodes.
issue_many "$PIDS"
# the key is made for the first answer that may be that of a sound
on front curl -s -o "$T/none" -d 'pid=0000000000000000&code=123456' \
	"$url/verification/check"
key=$(redis_cli GET captcha-fcgi:secret | head -c 32 | od -An -v -tx1 |
	tr -d ' \n')
python3 "$SRC/tests/support/said.py" "$key" <"$T/pids" | paste "$T/pids" - |
	awk '{ print "pid=" $1 "&code=" $2 }' >"$T/said"
paste -d '\n' "$T/bodies" "$T/said" >"$T/both"
report=$(on front "$hammer" -c 32 -b "$T/both" 80 $check)
is "$PIDS pids, answered by picture and by sound at once: $PIDS successes" \
	"$PIDS" "$(field success "$report")"
issue_many "$PIDS"
python3 "$SRC/tests/support/said.py" "$key" <"$T/pids" | paste "$T/pids" - |
	awk '{ print "pid=" $1 "&code=" $2 }' >"$T/said"
report=$(on front "$hammer" -r $COPIES -b "$T/said" 80 $check)
is "$PIDS pids, the digits of each $COPIES times at once: $PIDS successes" \
	"$PIDS" "$(field success "$report")"
report=$(on front "$hammer" -c 32 -b "$T/bodies" 80 $check)
is 'and no code passes afterwards' 0 "$(field success "$report")"

# Tokens: the node that is asked need not have issued it.
make_tokens "$(head -n 1 "$T/pids")" "$PIDS" redis_cli
result $? "$PIDS tokens are in Redis"
redeem_at_once

like 'HAProxy passes on a query' '*invalid-input-response*' \
	"$(on front curl -s "$url/siteverify?secret=$secret&response=x")"
for nearly in siteverify/ SiteVerify site%76erify; do
	on front curl -s -o "$T/none" "$url/$nearly?secret=$secret&response=x"
done
is 'and does not log it, nor for an address that nearly fits' 0 "$(grep -c "$secret" "$T/haproxy.out")"

for short in '' /; do
	is "/captcha$short leads to the demo page" '302 /captcha/demo' \
		"$(on front curl -s -o "$T/none" -D - "$url$short" | tr -d '\r' |
			sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p
				s/^[Ll]ocation: //p' | xargs)"
done

# A picture with an address: HAProxy may send the request to any node.
n_shown=0
n_same=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(on front curl -s "$url/verification/get?img=url" |
		sed -n 's/.*"pid":"\([A-Za-z0-9]*\)".*/\1/p')
	rm -f "$T"/picture*
	for n in 1 2 3; do
		shown=$(on front curl -s -o "$T/picture$n" \
			-w '%{http_code} %{content_type}' \
			"$url/image/$pid.png")
		[ "$shown" != '200 image/png' ] || n_shown=$((n_shown + 1))
	done
	cmp -s "$T/picture1" "$T/picture2" &&
		cmp -s "$T/picture1" "$T/picture3" && n_same=$((n_same + 1))
done
is 'any node shows the picture of any other' 30 "$n_shown"
is 'and it is the same picture' 10 "$n_same"

# A sound is made anew by each node.
n_same=0
for _ in 1 2 3; do
	pid=$(on front curl -s "$url/verification/get?img=url&audio=1" |
		sed -n 's/.*"audio":"[^"]*\/\([A-Za-z0-9]*\)\.wav".*/\1/p')
	for n in 1 2 3; do
		shown=$(on front curl -s -o "$T/sound$n" \
			-w '%{http_code} %{content_type}' \
			"$url/audio/$pid.wav")
		[ "$shown" = '200 audio/wav' ] &&
			cmp -s "$T/sound1" "$T/sound$n" && n_same=$((n_same + 1))
	done
done
is 'any node says the same sound' 9 "$n_same"

# Limits hold for a visitor, not for HAProxy. `front` is two visitors.
for n in 1 2 3; do
	kill_machine node$n
	start_node $n issue_limit=1/3
done
await_nodes
wait_for all_are_up
result $? 'all nodes are back after another start'
on front ip address add $net.101/24 dev plugs
on front ip address add $net.102/24 dev plugs

# statuses ADDRESS [CURL-OPTION]...: of 12 requests for a challenge
statuses() {
	statuses_from=$1
	shift
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		on front curl -s -m 20 -o "$T/none" -w '%{http_code} ' \
			--interface "$statuses_from" "$@" \
			"http://$net.1/captcha/verification/get?img=url"
	done
}

got=$(statuses $net.101)
note "a visitor: $got"
like 'a visitor gets three challenges of each node, and no more' '200 200 *429 ' "$got"
got=$(statuses $net.102)
note "another: $got"
like 'another visitor gets challenges of its own' '200 200 *429 ' "$got"
got=$(statuses $net.101 -H 'X-Forwarded-For: 203.0.113.7' \
	-H 'Forwarded: for=203.0.113.7')
like 'and forged headers get a visitor no more' '429 *429 ' "$got"
finish
