#!/bin/sh
# 24 clients send their bodies slowly to two workers. Other visitors are
# answered meanwhile, also if the web server passes bodies on as they come.
. "$(dirname "$0")/lib.sh"

prepare
here=$(dirname "$0")

# slowly FILE
slowly() {
	python3 "$here/slow.py" "$port" >"$T/faults" 2>"$T/slowest" ||
		echo "slow.py: exit code $?" >>"$T/faults"
	is "$1: visitors are served beside slow clients" '' \
		"$(head -c 2000 "$T/faults")"
	sed 's/^#* */# /' "$T/slowest"
}

start_listening --workers 2
through slowly debian/conf/apache/captcha-fcgi.conf \
	debian/conf/lighttpd/50-captcha-fcgi.conf \
	deploy/nginx/captcha-listen.conf
finish
