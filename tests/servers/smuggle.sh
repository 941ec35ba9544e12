#!/bin/sh
# A body that no route reads is never taken for FastCGI records: through each
# web server as its file is shipped, to each route, at each of eight
# alignments. No worker dies, and each visitor gets an answer of its own.
# FLOOD_S: how long attacks come in a row (default 5).
. "$(dirname "$0")/lib.sh"

prepare
here=$(dirname "$0")

# The processes of the service, wherever they hang.
processes() {
	for exe in /proc/[0-9]*/exe; do
		[ "$(readlink "$exe" 2>/dev/null)" != "$T/captcha.fcgi" ] ||
			echo "${exe%/exe}"
	done
}

# attack SERVER
attack() {
	before=$(processes)
	like "$1: there are processes to attack" '/proc/*' "$before"
	python3 "$here/smuggle.py" "$port" >"$T/faults" 2>&1
	is "$1: each visitor gets an answer of its own" '' "$(head -c 2000 "$T/faults")"
	python3 "$here/smuggle.py" "$port" "${FLOOD_S:-5}" >"$T/faults" 2>"$T/flood"
	is "$1: and in a flood of attacks" '' "$(head -c 2000 "$T/faults")"
	sed 's/^/# /' "$T/flood"
	for process in $before; do
		[ -d "$process" ] || echo "$process"
	done >"$T/dead"
	is "$1: no process has died" '' "$(cat "$T/dead")"
}

ship deploy/nginx/captcha-listen.conf
start_listening --workers 4
start_nginx "$shipped"
attack 'nginx, connections kept'
stop_server

ship debian/conf/nginx/captcha-fcgi.conf
{
	echo "server { listen 127.0.0.1:$port;"
	sed 's,include fastcgi_params,include /etc/nginx/fastcgi_params,' "$shipped"
	echo '}'
} >"$T/nginx-site.conf"
start_nginx "$T/nginx-site.conf"
attack 'nginx'
stop_server

ship debian/conf/apache/captcha-fcgi.conf
start_apache "$shipped" proxy proxy_fcgi
attack 'Apache, mod_proxy_fcgi'
stop_server

ship debian/conf/lighttpd/50-captcha-fcgi.conf
start_lighttpd "$shipped"
attack 'lighttpd'
stop_server
is 'the master saw no worker die' '' "$(grep worker-died "$T/service.log")"
stop "$service"

ship deploy/apache/captcha-fcgid.conf
set_var "$shipped" captcha_processes 4
start_apache "$shipped" fcgid
attack 'Apache, mod_fcgid'
stop_server
finish
