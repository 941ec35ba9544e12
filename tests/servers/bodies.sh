#!/bin/sh
# Bodies that no route takes, of 5 kB to 100 MB, through each web server with
# the file that is shipped for it: the client gets an answer of the service or
# of the web server, never a 502, and the next request gets its own answer.
. "$(dirname "$0")/lib.sh"

prepare
for size in 5000 65536 1000000 100000000; do
	head -c "$size" /dev/zero | tr '\0' a >"$T/body-$size"
done

# send METHOD PATH SIZE: the body, and then GET /healthz by the same client:
# "STATUS STATUS"
send() {
	curl -s -m 60 -o "$T/first" -w '%{http_code} ' -X "$1" -H 'Expect:' \
		-H 'Content-Type: application/x-www-form-urlencoded' \
		--data-binary "@$T/body-$3" "$url$2" \
		--next -s -m 20 -o "$T/second" -w '%{http_code}' \
		"$url/healthz" 2>>"$T/curl.log"
}

# bodies FILE: what each route answers to each body
bodies() {
	: >"$T/wrong"
	while read -r method path wanted; do
		for size in 5000 65536 1000000 100000000; do
			got=$(send "$method" "$path" "$size")
			case $got in
			"413 200" | "$wanted 200") ;;
			*) echo "$method $path, $size bytes: $got" ;;
			esac
			grep -q '"ok":true' "$T/second" ||
				echo "$method $path, $size bytes: then $(
					head -c 80 "$T/second")"
		done >>"$T/wrong"
	done <<-END
		POST /verification/check 413
		POST /demo 413
		POST /verification/get 405
		POST /healthz 405
		POST /metrics 405
		DELETE /image/0000000000000000.png 405
		PUT /no/such/thing 404
		OPTIONS /verification/check 405
	END
	[ ! -s "$T/wrong" ]
	result $? "$1: every body and the request after it are answered" \
		"$(cat "$T/wrong")"
}

start_listening --workers 2
through bodies deploy/nginx/captcha-listen.conf \
	deploy/nginx/captcha-spawn-fcgi.conf \
	debian/conf/apache/captcha-fcgi.conf \
	debian/conf/lighttpd/50-captcha-fcgi.conf
through visit_secret debian/conf/apache/captcha-fcgi.conf \
	debian/conf/lighttpd/50-captcha-fcgi.conf \
	debian/conf/nginx/captcha-fcgi.conf
stop "$service"
through bodies deploy/lighttpd/captcha-fastcgi.conf \
	deploy/lighttpd/captcha-cgi.conf \
	deploy/apache/captcha-fcgid.conf deploy/apache/captcha-cgi.conf
finish
