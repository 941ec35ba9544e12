# Shared by the programs in tests/cluster: several machines on one. Each is a
# network namespace with an address of its own: three nodes with lighttpd and
# the service; `front`, with HAProxy and a bridge that connects all; a machine for
# Redis, and with sentinels one more for each server that has data.
#
#	. "$(dirname "$0")/lib.sh"
#	make_net                 namespaces, $T
#	start_redis              or start_sentinels, or start_redis_cluster
#	start_node N [KEY=VALUE]...
#	start_haproxy            returns when it sees all nodes
#	on NAME COMMAND...       run on that machine: front, node1 to node3, redis,
#	                         redis1 to redis3
#	finish                   the plan
#
# builddir has the programs (default build/). At the end all processes are killed
# and all namespaces removed. Needs root.
. "$(dirname "$0")/../servers/lib.sh"

cluster=$SRC/tests/cluster
hammer=$builddir/bench/hammer
machines='front node1 node2 node3 redis redis1 redis2 redis3'
net=198.18.0  # for measurements in closed networks: RFC 2544
NODE_PROCS=${NODE_PROCS:-2}
RATE=${RATE:-40} # visitors a second

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# --- machines ----------------------------------------------------------------

# A machine is a process that sleeps in a network namespace. It ends with this
# shell, and the namespace with it: nothing is mounted, so nothing can be left, and
# a chroot will do.

# sleeper NAME: its pid
sleeper() {
	eval "echo \$sleeper_$1"
}

# inside NAME: the command that runs another on that machine
inside() {
	echo "nsenter --net=/proc/$(sleeper "$1")/ns/net"
}

# on NAME COMMAND...
on() {
	on_name=$1
	shift
	# shellcheck disable=SC2046 # a command and its option
	$(inside "$on_name") "$@"
}

# start_on NAME LOG COMMAND...: $started
start_on() {
	start_on_name=$1
	start_on_log=$2
	shift 2
	# visitors end when the last copy of descriptor 7 is closed
	# shellcheck disable=SC2046 # a command and its option
	start "$start_on_log" $(inside "$start_on_name") "$@" 7>&-
}

# address NAME
address() {
	case $1 in
	front) echo $net.1 ;;
	node*) echo "$net.1${1#node}" ;;
	redis) echo $net.20 ;;
	redis*) echo "$net.2${1#redis}" ;;
	esac
}

make_net() {
	[ "$(id -u)" -eq 0 ] || bail 'network namespaces need root'
	for program in ip nsenter haproxy lighttpd redis-server python3; do
		command -v $program >/dev/null ||
			bail "no $program: run script/setup --test"
	done
	[ -x "$hammer" ] || bail "no $hammer: make bench-programs"
	T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-cluster.XXXXXX") || exit 1
	chmod 755 "$T"
	trap unmake_net EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	make_machines 2>"$T/net.log" ||
		bail "root may not connect network namespaces here:" \
			"$(cat "$T/net.log"). It takes CAP_SYS_ADMIN," \
			"CAP_NET_ADMIN and a /proc"
	cp "$builddir/captcha.fcgi" "$builddir/captchactl" "$T" ||
		bail "no programs in $builddir: run script/build"
}

make_machines() {
	for name in $machines; do
		make_machine $name || return 1
	done
	on front ip link add plugs type bridge &&
		on front ip address add "$net.1/24" dev plugs &&
		on front ip link set plugs up || return 1
	for name in $machines; do
		[ $name = front ] || plug_in $name || return 1
	done
}

# make_machine NAME: with a loopback
make_machine() {
	setpriv --pdeathsig KILL unshare --net sleep infinity 7>&- &
	eval "sleeper_$1=$!"
	wait_for is_apart "$1" && on "$1" ip link set lo up
}
is_apart() {
	[ "$(readlink "/proc/$(sleeper "$1")/ns/net")" != \
		"$(readlink /proc/self/ns/net)" ]
}

# plug_in NAME: into the bridge
plug_in() {
	on "$1" ip link add eth0 type veth peer name "$1" \
		netns "$(sleeper front)" &&
		on "$1" ip address add "$(address "$1")/24" dev eth0 &&
		on "$1" ip link set eth0 up &&
		on front ip link set "$1" master plugs up
}

# residents NAME: the processes there, but for the sleeper
residents() {
	# "net:[4026532264]", and -lname takes a pattern
	find /proc/[0-9]*/ns/net -maxdepth 0 \
		-lname "$(readlink "/proc/$(sleeper "$1")/ns/net" |
			sed 's/[][]/\\&/g')" \
		2>/dev/null | cut -d / -f 3 | grep -vx "$(sleeper "$1")"
}

# kill_machine NAME: all processes there
kill_machine() {
	while killed=$(residents "$1") && [ "$killed" ]; do
		# shellcheck disable=SC2086
		kill -KILL $killed 2>/dev/null
		sleep 0.02
	done
}

remove_machines() {
	for name in $machines; do
		[ "$(sleeper $name)" ] || continue
		kill_machine $name
		kill -KILL "$(sleeper $name)"
	done
}

unmake_net() {
	trap - EXIT
	trap '' HUP INT TERM
	remove_machines
	wait
	[ "${KEEP-}" ] || rm -rf "$T"
}

now() {
	date +%s.%N
}

# --- Redis -------------------------------------------------------------------

start_redis() {
	start_on redis "$T/redis.log" redis-server --bind "$(address redis)" \
		--port 6379 --protected-mode no --save '' --dir "$T"
	redis=$started
	REDIS_URL=redis://$(address redis):6379
	redis_servers=$(address redis):6379
	wait_for redis_answers || bail "Redis does not start"
}

redis_cli() {
	on front redis-cli -h "$(address redis)" "$@"
}

redis_answers() {
	[ "$(redis_cli PING)" = PONG ]
}

# start_topology KIND X...: by tests/redis/topology; servers X have data
start_topology() {
	on redis env HOST="$(address redis)" OWNER=$$ \
		"$SRC/tests/redis/topology" "$1" "$T/redis" \
		>"$T/topology.log" 2>&1 ||
		bail "Redis does not start: $(cat "$T/topology.log")"
	REDIS_URL=$(sed -n 's/^URL=//p' "$T/redis/env")
	shift
	redis_servers=
	for name in "$@"; do
		redis_servers=${redis_servers:+$redis_servers,}$(redis_setting \
			bind "$name"):$(redis_setting port "$name")
	done
}

start_sentinels() {
	for name in master replica1 replica2; do
		export "HOST_$name=$(address "$(redis_machine $name)")" \
			"ON_$name=$(inside "$(redis_machine $name)")"
	done
	start_topology sentinel master replica1 replica2
}

# redis_machine NAME: the machine of a server that has data
redis_machine() {
	case $1 in
	master) echo redis1 ;;
	replica1) echo redis2 ;;
	replica2) echo redis3 ;;
	esac
}

start_redis_cluster() {
	start_topology cluster node1 node2 node3 node4 node5 node6
}

# redis_setting bind|port NAME: of a server of the topology
redis_setting() {
	sed -n "s/^$1 //p" "$T/redis/$2.conf"
}

# redis_at NAME COMMAND...
redis_at() {
	redis_at_name=$1
	shift
	on front redis-cli -h "$(redis_setting bind "$redis_at_name")" \
		-p "$(redis_setting port "$redis_at_name")" "$@"
}

# redis_kill SIGNAL NAME...
redis_kill() {
	redis_kill_signal=$1
	shift
	for name in "$@"; do
		kill "-$redis_kill_signal" "$(cat "$T/redis/$name.pid")"
	done
}

# redis_start NAME: after it was killed
redis_start() {
	"$SRC/tests/redis/topology" start "$T/redis" "$1" >/dev/null
}

# The name of the master, as the sentinels say.
master_name() {
	master_address=$(redis_at sentinel1 --raw SENTINEL \
		get-master-addr-by-name captcha | head -n 1)
	for name in master replica1 replica2; do
		[ "$(redis_setting bind $name)" != "$master_address" ] ||
			echo $name
	done
}

# replicas_of NAME: the other two
replicas_of() {
	echo master replica1 replica2 | tr ' ' '\n' | grep -v -x "$1"
}

# rejoin NAME MASTER: start a server that was killed as a replica; returns when
# both replicas are in sync
rejoin() {
	sed -i '/^replicaof /d' "$T/redis/$1.conf"
	echo "replicaof $(redis_setting bind "$2") $(redis_setting port "$2")" \
		>>"$T/redis/$1.conf"
	redis_start "$1" && wait_for replicas_are_well "$2"
}

# is_replica NAME MASTER: in sync
is_replica() {
	redis_at "$1" INFO replication | tr -d '\r' >"$T/replication"
	grep -q -x "master_host:$(redis_setting bind "$2")" "$T/replication" &&
		grep -q -x master_link_status:up "$T/replication"
}

# replicas_are_well MASTER: both are in sync, and all sentinels see them
replicas_are_well() {
	for name in $(replicas_of "$1"); do
		is_replica "$name" "$1" || return 1
	done
	for name in sentinel1 sentinel2 sentinel3; do
		[ "$(redis_at $name --raw SENTINEL replicas captcha |
			sed -n '/^flags$/{n;p;}' | grep -c -x slave)" = 2 ] ||
			return 1
	done
}

# --- nodes -------------------------------------------------------------------

# start_node N [KEY=VALUE]...: with a disk of its own, $T/nodeN
start_node() {
	node=node$1
	node_dir=$T/$node
	shift
	mkdir -p "$node_dir/run" "$node_dir/htdocs"
	cat >"$node_dir/captcha.conf" <<-END
		store = $REDIS_URL
		cache_dir = $node_dir/cache
		pool_size = 200
		trusted_proxies = $(address front)
	END
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$node_dir/captcha.conf"
	on "$node" "$T/captchactl" init -c "$node_dir/captcha.conf" \
		--user "$user" >"$T/$node-init.log" 2>&1 ||
		bail "captchactl init: $(cat "$T/$node-init.log")"
	chown "$user:" "$node_dir/run"
	sed -e "s,/usr/lib/cgi-bin/captcha\.fcgi,$T/captcha.fcgi," \
		-e "s,/etc/captcha-fcgi/captcha\.conf,$node_dir/captcha.conf," \
		-e "s,/run/lighttpd/captcha\.sock,$node_dir/run/captcha.sock," \
		-e "s/^\(var.captcha_processes *= *\).*/\1$NODE_PROCS/" \
		"$SRC/deploy/lighttpd/captcha-fastcgi.conf" \
		>"$node_dir/shipped.conf"
	cat >"$node_dir/lighttpd.conf" <<-END
		server.modules = ()
		server.document-root = "$node_dir/htdocs"
		server.bind = "$(address "$node")"
		server.port = 80
		server.username = "$user"
		server.groupname = "$(id -gn "$user")"
		include "$node_dir/shipped.conf"
	END
	resume_node "$node"
}

# A site for tokens: lines for start_node, after all settings.
secret=secret-of-the-site-0123456789
site="[site s]
sitekey = s
secret = $secret"

# make_tokens PID N REDIS-CLI...: put tokens into Redis; $T/tokens has lines
# `tid proof token`. PID was issued just now.
make_tokens() {
	python3 "$SRC/tests/load/tokens.py" "$1" "$2" >"$T/tokens"
	shift 2
	awk -v now="$(date +%s)000" '{
		printf "SET %s \"%s 1 . token 0 %s . s h . .\" PX 300000\n",
			$1, $2, now }' "$T/tokens" | "$@" >"$T/set"
	[ "$(grep -c -x OK "$T/set")" -eq "$(wc -l <"$T/tokens")" ]
}

# redeem_at_once: each token of make_tokens, by 64 clients
redeem_at_once() {
	awk -v secret=$secret '{ print "secret=" secret "&response=" $3 }' \
		"$T/tokens" >"$T/bodies"
	report=$(on front "$hammer" -r 64 -b "$T/bodies" 80 \
		/captcha/recaptcha/api/siteverify)
	note "64 redeemers at once for each token: $report"
	n_tokens=$(wc -l <"$T/tokens")
	is "$n_tokens tokens, 64 redeemers each at once: as many successes" \
		"$n_tokens" "$(field success "$report")"
	is 'and no error' $((n_tokens * 64)) "$(field 200 "$report")"
}

# resume_node NAME: after its processes were killed
resume_node() {
	start_on "$1" "$T/$1.log" lighttpd -D -f "$T/$1/lighttpd.conf"
}

node_answers() {
	on front curl -fs -m 5 -o "$T/none" \
		"http://$(address "$1")/captcha/healthz"
}

# --- HAProxy -----------------------------------------------------------------

await_nodes() {
	for n in 1 2 3; do
		wait_for node_answers node$n || bail "node$n does not answer"
	done
}

# The shipped example, with these nodes.
start_haproxy() {
	await_nodes
	sed "s/192\.0\.2\.1\([1-3]\):/$net.1\1:/" \
		"$SRC/deploy/haproxy/captcha.cfg" >"$T/haproxy-captcha.cfg"
	cat >"$T/haproxy.cfg" <<-END
		global
			maxconn 2000
			log stdout format raw local0 info
			stats socket $T/haproxy.sock
	END
	start_on front "$T/haproxy.out" haproxy -db -f "$T/haproxy.cfg" \
		-f "$T/haproxy-captcha.cfg"
	url=http://127.0.0.1/captcha
	wait_for all_are_up ||
		bail "HAProxy does not see three nodes: $(tail -n 5 "$T/haproxy.out")"
}

# haproxy_says COMMAND: to its socket
haproxy_says() {
	on front python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
print(s.makefile().read())' "$T/haproxy.sock" "$1"
}

# How many nodes HAProxy sends requests to.
n_up() {
	haproxy_says 'show servers state captcha' |
		awk '/ node/ && $6 == 2' | wc -l
}

all_are_up() {
	[ "$(n_up)" = 3 ]
}

# --- visitors ----------------------------------------------------------------

visitors_go=127.0.0.1:80

# field NAME JSON: a number of hammer's report
field() {
	printf '%s\n' "$2" | sed -n "s/.*\"$1\":\\([0-9.]*\\).*/\\1/p"
}

# issue_many N [REDIS-CLI...]: through HAProxy; $T/bodies has the right answers,
# a form a line
issue_many() {
	issue_many_n=$1
	shift
	[ $# -gt 0 ] || set -- redis_cli
	on front "$hammer" -c 32 -n "$issue_many_n" -o "$T/issued" 80 \
		/captcha/verification/get >"$T/issue.out" || return 1
	cut -f1 "$T/issued" >"$T/pids"
	# in a cluster redis-cli says where it was redirected
	sed 's/^/GET /' "$T/pids" | "$@" | grep -v '^-> ' >"$T/codes"
	paste "$T/pids" "$T/codes" | awk 'NF == 2 {
		print "pid=" $1 "&code=" $2 }' >"$T/bodies"
	[ "$(wc -l <"$T/bodies")" -eq "$issue_many_n" ]
}

# start_visitors NAME: their log is $T/NAME.visits
start_visitors() {
	visits=$T/$1.visits
	rm -f "$T/stop" "$visits" && mkfifo "$T/stop"
	on front python3 "$cluster/visitors.py" visit $visitors_go "$RATE" \
		"$visits" "$redis_servers" <"$T/stop" >>"$T/visitors.log" 2>&1 &
	visitors=$!
	exec 7>"$T/stop"
	wait_for has_line ' check success '
}

has_line() {
	grep -q "$1" "$visits"
}

# n_lines PATTERN: in the log so far
n_lines() {
	grep -c "$1" "$visits"
}

# Whether there are so many more of these lines than n_before.
is_more() {
	[ "$(n_lines "$1")" -ge $((n_before + $2)) ]
}

# go_on N PATTERN: until the visitors have so many more such lines
go_on() {
	n_before=$(n_lines "$2")
	within 120 is_more "$2" "$1"
}

# stop_visitors: let them finish, then send all their answers again
stop_visitors() {
	exec 7>&-
	wait $visitors
	result $? 'the visitors come to an end'
	awk '$2 == "check" { print $5, $6 }' "$visits" | sort -u |
		on front python3 "$cluster/visitors.py" again $visitors_go \
			"$visits" >>"$T/visitors.log" 2>&1
	result $? 'and their answers were all sent again'
}

# report TITLE [NAME=MOMENT]...: figures as comments; $doubles
report() {
	report_title=$1
	shift
	count_doubles "$@"
	note "$report_title:"
	note "$(sed 's/^/  /' "$T/report")"
}

# Of $visits.
count_doubles() {
	python3 "$cluster/visitors.py" report "$visits" "$@" >"$T/report"
	doubles=$(sed -n 's/^double successes: //p' "$T/report")
}
