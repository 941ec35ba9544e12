#!/bin/sh
# Clients that send their bodies slowly hold up nobody else, also where the web
# server passes bodies on as they come: two workers, 24 slow clients.
. "$(dirname "$0")/lib.sh"

prepare
here=$(dirname "$0")

# slowly SERVER
slowly() {
	python3 "$here/slow.py" "$port" >"$T/faults" 2>"$T/slowest"
	is "$1: visitors are served beside slow clients" '' \
		"$(head -c 2000 "$T/faults")"
	sed 's/^#* */# /' "$T/slowest"
}

start_listening --workers 2
ship debian/conf/apache/captcha-fcgi.conf
start_apache "$shipped" proxy proxy_fcgi
slowly 'Apache, mod_proxy_fcgi'
stop_server

ship debian/conf/lighttpd/50-captcha-fcgi.conf
start_lighttpd "$shipped"
slowly lighttpd
stop_server

ship deploy/nginx/captcha-listen.conf
start_nginx "$shipped"
slowly nginx
stop_server
finish
