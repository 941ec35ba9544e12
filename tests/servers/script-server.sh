#!/bin/sh
# script/server with each web server: it prints the address of the demo page,
# serves, passes settings on, and leaves no process and no directory.
. "$(dirname "$0")/lib.sh"

prepare # script/server makes its own installation

# serve WEB SIGNAL [DATA]
serve() {
	data=${3-$T/$1}
	free_port
	url=http://127.0.0.1:$port/captcha
	: >"$T/said"
	WEB=$1 PORT=$port PROCS=3 DATA=$data CAPTCHA_ALPHABET=XYZ \
		CAPTCHA_ALLOW_ORIGIN='https://a.example https://b.example' \
		run_script "$T/script.log"
	wait_for test -s "$T/said"
	is "$1: it says where the demo page is" "$url/demo" "$(cat "$T/said")"
	request /demo
	is "$1: there it is" '200 text/html; charset=utf-8' \
		"$status $(header content-type)"
	is "$1: / leads to it" "302 $url/demo" "$(curl -s -o "$T/none" \
		-w '%{http_code} %{redirect_url}' "http://127.0.0.1:$port/")"
	request /verification/get -H 'Origin: https://b.example'
	is "$1: a setting of two words reaches the service" \
		'200 https://b.example' \
		"$status $(header access-control-allow-origin)"
	pid=$(sed -n 's/.*"pid":"\([A-Za-z0-9]\{16\}\)".*/\1/p' "$T/body")
	code=$(sqlite3 "$data/captcha.db" \
		"SELECT code FROM challenge WHERE pid = '$pid'")
	like "$1: the database is DATA/captcha.db" '[xyz]*[xyz]' "$code"
	verify "$pid" "$code"
	is "$1: an answer passes" "200 $pass" "$status $(body)"
	chain=$(sed -n '/^    url=http/,/^    curl/s/^    //p' \
		"$SRC/doc/operating.md" | sed "s|127.0.0.1:8080|127.0.0.1:$port|
		s|build/captchactl|$SRC/build/captchactl|")
	is "$1: the visit of doc/operating.md passes" "$pass" \
		"$(CAPTCHA_CONFIG=$data/captcha.conf sh -c "$chain" 2>&1)"
	succeeds "$1: captchactl knows the place by its settings" \
		"$SRC/build/captchactl" stats -c "$data/captcha.conf"
	succeeds "$1: the cache is DATA/cache" test -d "$data/cache"
	kill "-$2" "$server"
	wait "$server"
	is "$1: SIG$2 ends it" 0 $?
	is "$1: no process is left" '' "$(left "$data")"
	is "$1: nor a directory" '' \
		"$(find "$T" -maxdepth 1 -name 'captcha-server.*')"
	curl -s -m 20 -o "$T/none" "http://127.0.0.1:$port/"
	is "$1: nor does the port answer" 7 $?
}

# Without a terminal and without input; setsid resets SIGINT.
run_script() {
	TMPDIR=$T setsid "$SRC/script/server" </dev/null >"$T/said" 2>>"$1" &
	server=$!
	leaders="$server $leaders"
}

# left PATH: processes, other than this shell, that have PATH in their environment
# or command line.
left() {
	for process in /proc/[0-9]*; do
		[ "${process#/proc/}" != $$ ] || continue
		if cat "$process/cmdline" "$process/environ" 2>/dev/null |
			tr '\0' '\n' | grep -q "$1"; then
			tr '\0' ' ' <"$process/cmdline"
		fi
	done
}

serve lighttpd TERM
serve apache INT
serve nginx TERM
serve lighttpd INT # with the database of the first time
# below a directory of root alone, such as /root, root serves and asks
mkdir -m 700 "$T/closed"
serve lighttpd TERM "$T/closed/data"

# a port that is taken
free_port
start "$T/python.log" python3 -m http.server --bind 127.0.0.1 "$port"
taken() {
	curl -s -o "$T/none" "http://127.0.0.1:$port/"
}
wait_for taken
# a copy with nothing else in script/, which so can neither install nor build
mkdir -p "$T/bare/script"
cp "$SRC/script/server" "$T/bare/script"
said=$(PORT=$port DATA=$T/taken "$T/bare/script/server" 2>&1 </dev/null)
is 'a port in use is refused' 1 $?
is 'before all else, and the port is named' \
	"server: port $port is in use: choose another by PORT=" "$said"
said=$(CAPTCHA_TLL=1 DATA=$T/tll "$SRC/script/server" 2>&1 </dev/null)
is 'an unknown setting is refused' 1 $?
is 'and named once' 1 "$(echo "$said" | grep -c CAPTCHA_TLL)"
said=$(WEB=iis "$SRC/script/server" 2>&1 </dev/null)
is 'another web server is refused' 1 $?
like 'and the three are named' '*lighttpd, apache or nginx*' "$said"
finish
