#!/bin/sh
# A body that no route reads is never read as FastCGI records: through each web
# server with the file that is shipped for it, to each route, at each of eight
# alignments. No worker dies, and each visitor gets an answer of its own.
# FLOOD_S: seconds of many attacks at once (default 5).
. "$(dirname "$0")/lib.sh"

prepare
here=$(dirname "$0")
export PYTHONDONTWRITEBYTECODE=1

# The processes of the service, whatever started them.
processes() {
	for exe in /proc/[0-9]*/exe; do
		[ "$(readlink "$exe" 2>/dev/null)" != "$T/captcha.fcgi" ] ||
			echo "${exe%/exe}"
	done
}

# attack FILE
attack() {
	before=$(processes)
	like "$1: there are processes to attack" '/proc/*' "$before"
	python3 "$here/smuggle.py" "$port" >"$T/faults" 2>&1
	is "$1: each visitor gets an answer of its own" '' "$(head -c 2000 "$T/faults")"
	python3 "$here/smuggle.py" "$port" "${FLOOD_S:-5}" >"$T/faults" \
		2>"$T/flood" || echo "smuggle.py: exit code $?" >>"$T/faults"
	is "$1: and in a flood of attacks" '' "$(head -c 2000 "$T/faults")"
	sed 's/^/# /' "$T/flood"
	for process in $before; do
		[ -d "$process" ] || echo "$process"
	done >"$T/dead"
	is "$1: no process has died" '' "$(cat "$T/dead")"
}

start_listening --workers 4
through attack deploy/nginx/captcha-listen.conf \
	debian/conf/nginx/captcha-fcgi.conf \
	debian/conf/apache/captcha-fcgi.conf \
	debian/conf/lighttpd/50-captcha-fcgi.conf
is 'the master saw no worker die' '' "$(grep worker-died "$T/service.log")"
stop "$service"
through attack deploy/apache/captcha-fcgid.conf
finish
