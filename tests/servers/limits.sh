#!/bin/sh
# Limits by address behind each web server, and behind a proxy before one. The
# limit grows by one in a minute, so that no machine is too slow for the test.
. "$(dirname "$0")/lib.sh"

# begin: a new installation
begin() {
	prepare issue_limit=1/3 failed_limit=1/2 \
		trusted_proxies=127.0.0.1
}

# statuses N [CURL-OPTION]...: of N requests for a challenge
statuses() {
	statuses_n=$1
	shift
	got=
	while [ "$statuses_n" -gt 0 ]; do
		request '/verification/get?img=url' "$@"
		got="$got $status"
		statuses_n=$((statuses_n - 1))
	done
}

# limits FILE: curl is the proxy, and names the visitor in a header
limits() {
	statuses 5
	is "$1: this machine gets any number" ' 200 200 200 200 200' "$got"
	statuses 4 -H 'X-Forwarded-For: 198.51.100.1'
	is "$1: a visitor gets three challenges, then 429" ' 200 200 200 429' "$got"
	seconds=$(header retry-after)
	[ "${seconds:-0}" -ge 1 ] && [ "$seconds" -le 60 ]
	result $? "$1: with Retry-After" "$(cat "$T/head")"
	is "$1: as application/problem+json" 'application/problem+json no-store' \
		"$(header content-type) $(header cache-control)"
	statuses 1 -H 'X-Forwarded-For: 198.51.100.2'
	is "$1: another visitor gets a challenge" ' 200' "$got"
	statuses 1 -H 'X-Forwarded-For: 198.51.100.3, 198.51.100.1'
	is "$1: a forged beginning of X-Forwarded-For changes nothing" ' 429' "$got"
	# A second header line, or a header whose name gives the same variable.
	# Some servers join or drop it; behind others the proxy itself counts.
	statuses 4 -H 'X-Forwarded-For: 198.51.100.6' \
		-H 'X-Forwarded-For: 198.51.100.1'
	like "$1: nor does a second header line" '* 429' "$got"
	for name in X_Forwarded_For X.Forwarded.For; do
		statuses 4 -H "$name: 198.51.100.6" \
			-H 'X-Forwarded-For: 198.51.100.1'
		like "$1: nor does $name" '* 429' "$got"
		statuses 1 -H 'X-Forwarded-For: 198.51.100.1' \
			-H "$name: 198.51.100.6"
		is "$1: nor in another order" ' 429' "$got"
	done
	statuses 1 -H 'Forwarded: for=198.51.100.1;proto=https'
	is "$1: Forwarded names the same visitor" ' 429' "$got"
	statuses 1 -H 'Forwarded: for="[2001:db8::1]:4711"'
	is "$1: and other visitors" ' 200' "$got"
	get
	for _ in 1 2; do
		verify 0000000000000000 x -H 'X-Forwarded-For: 198.51.100.4'
	done
	is "$1: a check fails" "200 $used" "$status $(body)"
	verify "$pid" "$code" -H 'X-Forwarded-For: 198.51.100.4'
	like "$1: further checks are refused" \
		'429 *"success":false,"error-codes":?"too-many-requests"??' \
		"$status $(body)"
	verify "$pid" "$code" -H 'X-Forwarded-For: 198.51.100.5'
	is "$1: unread, so that the right answer still passes" "200 $pass" \
		"$status $(body)"
	is "$1: no address is in a log of the service" '' \
		"$(grep -h 'event=.*198\.51\.100' "$T"/*.log)"
}

for file in deploy/nginx/captcha-listen.conf deploy/lighttpd/captcha-cgi.conf \
	deploy/apache/captcha-fcgid.conf; do
	begin
	start_listening --workers 3 # for nginx
	start_web "$file"
	limits "$file"
	clear_away
done

# Behind a proxy. X-Test-Client tells it the address of the client, since all
# clients of a test have the address of this machine.
begin
start_web deploy/lighttpd/captcha-fastcgi.conf
behind=$port
free_port
url=http://127.0.0.1:$port/captcha
cat >"$T/proxy.conf" <<END
server {
	listen 127.0.0.1:$port;
	set_real_ip_from 127.0.0.1;
	real_ip_header X-Test-Client;
	location / {
		proxy_pass http://127.0.0.1:$behind;
		proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
	}
}
END
start_nginx "$T/proxy.conf"
client='X-Test-Client: 203.0.113.7'
statuses 5 -H "$client" -H 'X-Forwarded-For: 198.51.100.1'
is 'a visitor behind a proxy gets three challenges, then 429' ' 200 200 200 429 429' "$got"
statuses 1 -H "$client" -H 'X-Forwarded-For: 127.0.0.1'
is 'a forged X-Forwarded-For changes nothing' ' 429' "$got"
statuses 1 -H "$client" -H 'Forwarded: for=198.51.100.9'
is 'with a forged Forwarded the proxy counts as the visitor' ' 200' "$got"
statuses 3 -H "$client" -H 'Forwarded: for=198.51.100.8'
is 'all such visitors share one limit' ' 200 200 429' "$got"
statuses 5
is 'and this machine gets any number' ' 200 200 200 200 200' "$got"
finish
