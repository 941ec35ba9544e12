#!/bin/sh
# The service as its own master (--listen) with three workers: workers die,
# settings change, and the master ends, is killed and leaves its socket.
. "$(dirname "$0")/lib.sh"

prepare
socket=$T/run/captcha.sock

# ask PATH: the answer of the service, without a web server
ask() {
	as_user env REQUEST_METHOD=GET PATH_INFO="$1" SCRIPT_NAME=/captcha \
		SERVER_PROTOCOL=HTTP/1.1 CONTENT_LENGTH=0 \
		timeout 60 cgi-fcgi -bind -connect "$socket" 2>/dev/null
}
serves() {
	ask /healthz | grep -q '^Status: 200'
}
workers() {
	cat "/proc/$service/task/$service/children" | tr ' ' '\n' | grep .
}
has_workers() { # N
	[ "$(workers | wc -l)" -eq "$1" ]
}
# all_serve N: N workers have read their settings: they catch SIGTERM (proc(5))
all_serve() {
	has_workers "$1" && for pid in $(workers); do
		grep -q '^SigCgt:.*[4-7c-f]...$' "/proc/$pid/status" || return 1
	done
}

# --- a worker dies ---

start_listening --workers 3
succeeds 'the service answers' wait_for serves
succeeds 'with three workers' wait_for all_serve 3
# The file belongs to the user if the user may read the memory, as in a build
# with sanitizers.
nm "$T/captcha.fcgi" 2>/dev/null | grep -q __asan_init ||
	for pid in "$service" $(workers); do
		is 'nobody but root may look into its memory' 0 \
			"$(stat -c %u "/proc/$pid/mem")"
	done
is 'the socket is for user and group' 660 "$(stat -c %a "$socket")"
sleep 1.1 # a life of less than a second calls for a pause
victim=$(workers | head -n 1)
kill -KILL "$victim"
n_served=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	! serves || n_served=$((n_served + 1))
done
is 'a worker is killed, and all requests are answered' 10 "$n_served"
succeeds 'it is replaced' wait_for has_workers 3
is 'by another process' '' "$(workers | grep -x "$victim")"
for worker in $(workers); do
	kill -KILL "$worker"
done
succeeds 'all workers are killed, and the service answers again' wait_for serves
succeeds 'with three workers' wait_for all_serve 3

# --- settings ---

before=$(workers)
cp "$T/captcha.conf" "$T/good.conf"
echo 'ttl_s = soon' >>"$T/captcha.conf"
kill -HUP "$service"
succeeds 'wrong settings are refused' \
	wait_for grep -q 'event=reload-refused' "$T/service.log"
like 'with file, line, key and range' \
	"*$T/captcha.conf:*ttl_s*1 to 86400*" \
	"$(grep 'event=reload-refused' "$T/service.log")"
is 'and the workers stay' "$before" "$(workers)"
succeeds 'and serve' serves
{
	cat "$T/good.conf"
	echo 'demo = no'
} >"$T/captcha.conf"
is 'with the settings of before' 'Status: 200 OK' \
	"$(ask /demo | head -n 1 | tr -d '\r')"
kill -HUP "$service"
has_changed() {
	ask /demo | grep -q '^Status: 404'
}
are_new() {
	has_workers 3 && [ -z "$(workers | grep -x "$before")" ]
}
succeeds 'right settings come into force' wait_for has_changed
succeeds 'in all workers' wait_for are_new

# The second of two reloads comes while the first is under way.
echo 'demo = yes' >>"$T/captcha.conf"
kill -HUP "$service"
sleep 0.05
before=$(workers)
# a new worker of the first reload must not read half a file
cp "$T/good.conf" "$T/next.conf"
mv "$T/next.conf" "$T/captcha.conf"
kill -HUP "$service"
succeeds 'of two reloads at once the second is in force in all workers' \
	wait_for are_new
is 'and no worker died' '' \
	"$(grep event=worker-died "$T/service.log" | grep -v signal=9)"

# --- the end ---

kill -TERM "$service"
wait "$service"
is 'SIGTERM ends the master, exit code 0' 0 $?
succeeds 'no process is left' is_stopped "$service"
succeeds 'nor is the socket' test ! -e "$socket"

start_listening --workers 3
succeeds 'it starts again' wait_for serves
kill -KILL "$service"
succeeds 'the master is killed, and the workers leave' \
	wait_for is_stopped "$service"
succeeds 'the socket is left behind' test -S "$socket"

finish
