#!/bin/sh
# The short examples, each of at most twelve lines: a right code passes once, and
# nothing else does, also while the service is away or is another program.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/node-modules.sh"

fetch_modules tests/examples
prepare trusted_proxies=127.0.0.1 failed_limit=1/60 issue_limit=0
ship deploy/lighttpd/captcha-fastcgi.conf
start_lighttpd "$shipped"
start_fake

# begin SERVICE-URL: the example, at $page
begin() {
	free_port
	set -- "$1" "$program" "$port"
	[ "$runner" != php ] || set -- "$1" -S "127.0.0.1:$port" "$program"
	export SERVICE_URL="$1"
	shift
	start "$T/example.log" "$runner" "$@"
	example=$started
	page=http://127.0.0.1:$port/contact
	wait_for 10 curl -s -o "$T/none" "$page" ||
		bail "$program does not answer"
}

# submit PID CODE: $said is status and text
submit() {
	said="$(curl -s -m 20 -w ' %{http_code}' -H "X-Forwarded-For: $visitor" \
		--data-urlencode "pid=$1" --data-urlencode "code=$2" "$page")"
}

issue() {
	pid=$(curl -s "$url/verification/get?img=url" |
		sed -n 's/^{"pid":"\([^"]*\)".*/\1/p')
	code=$(code_of "$pid")
}

yes='Sent. 200'
no='Not sent: the code was wrong, too old, or could not be checked. 422'

# try VISITOR RUNNER PROGRAM: each visitor has limits of its own
try() {
	visitor=$1
	runner=$2
	program=$SRC/examples/$3
	shift
	lines=$(sed -n '/^\(express()\|def app\|\$visitor\)/,$p' "$program" |
		sed '/^make_server/d' | grep -c .)
	is "$2: at most twelve lines" yes "$([ "$lines" -le 12 ] && echo yes)"
	begin "$url"
	issue
	submit "$pid" "$code"
	is "$2: a right code passes" "$yes" "$said"
	submit "$pid" "$code"
	is "$2: once" "$no" "$said"
	issue
	submit "$pid" "no$code"
	is "$2: a wrong code does not" "$no" "$said"
	submit '' ''
	is "$2: nor no code" "$no" "$said"
	for i in $(seq 70); do
		submit "$pid" guess
	done
	issue
	submit "$pid" "$code"
	is "$2: nor a right code of a visitor that has guessed too often" \
		"$no" "$said"
	stop "$example"
	for answer in string number list html empty yes-503; do
		begin "$fake/$answer"
		submit 0123456789abcdef abcde
		is "$2: nor an answer without success: $answer" "$no" "$said"
		stop "$example"
	done
	begin http://127.0.0.1:9
	submit 0123456789abcdef abcde
	is "$2: nor with the service away" "$no" "$said"
	stop "$example"
}

try 192.0.2.1 node node/short.js
try 192.0.2.2 php php/short.php
try 192.0.2.3 python3 python/short.py
finish
