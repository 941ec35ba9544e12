#!/bin/sh
# A virtual host of each web server, with TLS: the service at the root of a host,
# tokens and siteverify in all dialects, and logs without secrets.
. "$(dirname "$0")/lib.sh"

HOST=captcha.example.org
failed='{"success": false, "error-codes": ['

# verdict NAME WANTED PATH [CURL-OPTION]...: WANTED is how the body begins
verdict() {
	verdict_name=$1
	wanted=$2
	shift 2
	request "$@"
	case "$status $(body)" in
	"200 $wanted"*) result 0 "$verdict_name" ;;
	*) result 1 "$verdict_name" "wanted: 200 $wanted" \
		"got:    $status $(body)" ;;
	esac
}

pages() {
	request /demo
	is 'the demo page is at the root' '200 text/html; charset=utf-8' \
		"$status $(header content-type)"
	request /
	is 'and / leads to it' "302 $url/demo" \
		"$status $url/$(header location | sed 's,.*/,,')"
	get '?img=url'
	request "/image/$pid.png"
	is 'a picture is at the root' '200 image/png' \
		"$status $(header content-type)"
	get
	verify "$pid" "$code"
	is 'a check passes' "200 $pass" "$status $(body)"
	request /no/such/thing
	is 'another address is not found' '404 application/problem+json' \
		"$status $(header content-type)"
}

dialects() {
	passed='{"success": true, '
	solve forum
	like 'a page of the site gets a token' 'C1_*' "$token"
	verdict 'reCAPTCHA: a form' "$passed" /recaptcha/api/siteverify \
		-d "secret=$secret" -d "response=$token"
	like 'with the host of the page' "*\"hostname\": \"$HOST\"*" "$(body)"
	is 'of this type and length' \
		"application/json; charset=utf-8 $(wc -c <"$T/body")" \
		"$(header content-type) $(header content-length)"
	verdict 'once' "$failed\"timeout-or-duplicate\"" \
		/recaptcha/api/siteverify \
		-d "secret=$secret" -d "response=$token"
	solve forum
	verdict 'GET' "$passed" \
		"/recaptcha/api/siteverify?secret=$secret&response=$token"
	solve forum
	verdict 'POST of a query, without body and type' "$passed" \
		"/recaptcha/api/siteverify?secret=$secret&response=$token" \
		-d '' -H 'Content-Type:'
	for path in /siteverify /hcaptcha/siteverify; do
		solve forum
		verdict "hCaptcha: $path" "$passed" $path \
			-d "secret=$secret" -d "response=$token" -d sitekey=forum
	done
	solve forum
	verdict 'Turnstile: JSON' "$passed" /turnstile/v0/siteverify \
		-H 'Content-Type: application/json' \
		-d "{\"secret\":\"$secret\",\"response\":\"$token\"}"
	solve forum
	verdict 'multipart/form-data' "$passed" /turnstile/v0/siteverify \
		-F "secret=$secret" -F "response=$token"
	long=$(printf %03800d 0)
	solve forum
	verdict 'a long query with fields that nobody knows' "$passed" \
		"/recaptcha/api/siteverify?secret=$secret&response=$token&x=$long&y=$long"
	verdict 'a wrong secret' "$failed\"invalid-input-secret\"" \
		/recaptcha/api/siteverify -d secret=wrong -d "response=$token"
	verdict 'checksiteconfig' '{"pass": true' \
		"/checksiteconfig?host=$HOST&sitekey=forum" -d ''
	request /siteverify -X PUT
	is 'another method is refused' '405 GET, POST' \
		"$status $(header allow)"
}

# Requests that a web server refuses itself, by what a visitor gives the
# application as a token, and addresses that nearly fit.
odd_requests() {
	ask="secret=$secret&response"
	long=$(printf %09000d 0)
	for odd in "siteverify?$ask=$long" "siteverify?$ask=%00" \
		"siteverify?$ask=%0a" "siteverify/?$ask=x" "siteverify;?$ask=x" \
		"SiteVerify?$ask=x" "site%76erify?$ask=x" "siteverify%0a?$ask=x"; do
		request "/recaptcha/api/$odd"
	done
	request "/siteverify?$ask=x" -H 'Host:'
	request "/siteverify?$ask=x" -H "X-Long: $long$long$long$long"
	request "/siteverify?$ask=x" -X POST -H 'Content-Length: x'
	# by http, where https is spoken
	curl -s -m 5 -o "$T/none" "http://127.0.0.1:$port/siteverify?$ask=x"
	# by HTTP/1.1 lighttpd takes no body of unknown length
	request "/siteverify?$ask=x" --http1.1 -X POST -d a=b \
		-H 'Transfer-Encoding: chunked'
	request "/siteverify?$ask=x" --http1.1 -X POST
}

# No log of web server and service has a secret or a token, and the access log
# has other requests.
logs() {
	succeeds 'the access log has the demo page' grep -q '/demo' \
		"$T/access.log" "$T/captcha.log"
	for text in "$secret" C1_ secret=; do
		is "no log has $text" '' \
			"$(grep -rlF -e "$text" "$T"/*.log)"
	done
}

# A service that does not answer: what the web server says, and logs.
stopped() {
	"$@"
	request "/siteverify?secret=$secret&response=$token"
	like 'without the service: 5xx' '50[0234]' "$status"
}

# The processes of the service that a web server started, as $processes
find_processes() {
	processes=$(for stat in /proc/[0-9]*/exe; do
		[ "$(readlink "$stat")" != "$T/captcha.fcgi" ] ||
			echo "${stat%/exe}" | tr -dc 0-9 | sed 's/$/ /'
	done)
}

# hold_service: end its processes, and those that are started anew
hold_service() {
	find_processes
	mv "$T/captcha.fcgi" "$T/held"
	printf '#!/bin/sh\nexit 1\n' >"$T/captcha.fcgi"
	chmod 755 "$T/captcha.fcgi"
	# shellcheck disable=SC2086
	kill -KILL $processes
}

prepare 'ttl_s = 29'
echo "sites_dir = $T/sites.d" >>"$T/captcha.conf"
touch "$T/access.log" "$T/captcha.log"
secret=$("$T/captchactl" site add forum --sitekey forum -c "$T/captcha.conf" \
	--user "$user" | sed -n 's/^secret  //p')
is 'captchactl site add prints a secret' 43 ${#secret}
make_certificate $HOST

start_listening --workers 2
start_web deploy/nginx/captcha-vhost.conf
pages
dialects
odd_requests
stopped stop "$service"
stop_server
logs

for file in deploy/apache/captcha-vhost.conf deploy/lighttpd/captcha-vhost.conf; do
	start_web $file
	pages
	dialects
	odd_requests
	stopped hold_service
	mv "$T/held" "$T/captcha.fcgi"
	stop_server
	logs # lighttpd writes its access log when it ends
done
finish
