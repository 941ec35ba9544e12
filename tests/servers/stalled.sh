#!/bin/sh
# Clients that ask for sounds, and take none of their bytes, keep no visitor
# waiting. In a network namespace with the MTU of Ethernet: with that of a usual
# loopback the kernel takes a whole sound. Needs root.
[ "${STALLED-}" ] || exec unshare -n env STALLED=yes sh -c \
	'ip link set lo up mtu 1500 && exec "$0"' "$0"
. "$(dirname "$0")/lib.sh"

prepare
here=$(dirname "$0")

stalled() {
	python3 "$here/stalled.py" "$port" >"$T/faults" ||
		echo "stalled.py: exit code $?" >>"$T/faults"
	is "$1: visitors are served beside stalled listeners" '' \
		"$(head -c 2000 "$T/faults")"
}

through stalled deploy/apache/captcha-fcgid.conf \
	deploy/lighttpd/captcha-fastcgi.conf
start_listening --workers 2
through stalled debian/conf/apache/captcha-fcgi.conf \
	deploy/nginx/captcha-listen.conf
is 'nginx writes no sound into a temporary file' '' \
	"$(grep -h 'temporary file' "$T"/*.log)"
finish
